//! A source on the wire: as it is shown, added and edited, how it does, and a command pasted for
//! it.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Diagnosis, Millis};
use crate::{
    error::{Error, OptionField, Result},
    ingest::mapping::Mapping,
    model::SourceId,
    settings::Retention,
    source::{
        Dedupe, EventFilter, Resume, SourceConfig, SourceState, SourceToasts, curl::CurlCommand,
    },
};

/// A source as the window shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct SourceView {
    /// Identity.
    pub id: SourceId,
    /// What a person calls it.
    pub name: String,
    /// Without userinfo; `tidings:demo` for the built-in stream.
    pub url: String,
    /// Whether it is meant to be connected.
    pub enabled: bool,
    /// Which event types it keeps.
    pub events: EventFilter,
    /// How its events are read.
    pub mapping: Box<Mapping>,
    /// Names of the headers it sends; their values never leave the secrets store.
    pub header_names: Vec<String>,
    /// Whether a token or other secret may travel over cleartext http (asked per source).
    pub allow_cleartext_secrets: bool,
    /// How it connects beyond that.
    pub options: SourceOptions,
    /// How its toasts look and ring.
    pub toast: SourceToasts,
    /// How much of its history is kept.
    pub retention: Retention,
    /// Its connection now.
    pub state: SourceState,
    /// Events not read yet.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub unread: u64,
    /// Events stored.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub stored: u64,
    /// Events kept quiet by a rule.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub quiet: u64,
    /// When the last event arrived.
    pub last_event_at: Option<Millis>,
    /// Since when no event came, once that is longer than its silence alarm allows.
    pub silent_since: Option<Millis>,
}

/// A header of a new or edited source. `value: None` keeps the stored value.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct HeaderInput {
    /// Field name (RFC 9110, section 5.1).
    pub name: String,
    /// Its value; goes into the secrets store and never comes back.
    #[serde(default)]
    pub value: Option<String>,
}

impl std::fmt::Debug for HeaderInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HeaderInput")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What the window sends to add a source, or to edit one.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct SourceInput {
    /// What to call it; empty: the host of the URL.
    #[serde(default)]
    pub name: String,
    /// Where to connect, or a `curl` command: its method, body and headers are taken over.
    /// Userinfo and parameters that sound secret are moved to the secrets store.
    pub url: String,
    /// Every header it sends beyond the standard ones; one left out is removed.
    #[serde(default)]
    pub headers: Vec<HeaderInput>,
    /// Which event types to keep.
    #[serde(default)]
    pub events: EventFilter,
    /// How to read its events; left out: as before.
    #[serde(default)]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub mapping: Option<Mapping>,
    /// Consent to send secrets over cleartext http.
    #[serde(default)]
    pub allow_cleartext_secrets: bool,
    /// How it connects beyond that, all of it; none keeps what there is.
    #[serde(default)]
    pub options: Option<SourceOptions>,
    /// How its toasts look and ring; none: as before.
    #[serde(default)]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub toast: Option<SourceToasts>,
    /// How much of its history is kept, all of it; none: as before.
    #[serde(default)]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub retention: Option<Retention>,
}

/// How a source connects beyond its URL and headers: the same going in and coming back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(default, deny_unknown_fields)]
pub struct SourceOptions {
    /// GET, POST or REPORT.
    pub method: String,
    /// Request body, sent again at every reconnect.
    pub body: Option<String>,
    /// Send the cursor as this query parameter instead of the `Last-Event-ID` header.
    pub resume_query: Option<String>,
    /// Reconnect after this long without a byte; learned from the stream when absent. Seconds.
    pub idle_timeout_s: Option<f64>,
    /// Tell a person after this long without an event; never when absent. Seconds.
    pub silence_after_s: Option<f64>,
    /// Data of one event beyond this many bytes is cut.
    pub max_event_bytes: u32,
    /// Which events count as duplicates.
    pub dedupe: Dedupe,
    /// Absolute path of a PEM file with the certificate authority of this source.
    pub ca_cert: Option<String>,
    /// Absolute path of a PEM file with a client certificate.
    pub client_cert: Option<String>,
    /// Absolute path of a PEM file with its key.
    pub client_key: Option<String>,
    /// URL of a proxy for this source.
    pub proxy: Option<String>,
}

impl Default for SourceOptions {
    fn default() -> Self {
        Self {
            method: "GET".to_owned(),
            body: None,
            resume_query: None,
            idle_timeout_s: None,
            silence_after_s: None,
            max_event_bytes: 1024 * 1024,
            dedupe: Dedupe::Auto,
            ca_cert: None,
            client_cert: None,
            client_key: None,
            proxy: None,
        }
    }
}

impl From<&SourceConfig> for SourceOptions {
    fn from(config: &SourceConfig) -> Self {
        Self {
            method: config.method.clone(),
            body: config.body.clone(),
            resume_query: match &config.resume {
                Resume::Header => None,
                Resume::Query(name) => Some(name.clone()),
            },
            idle_timeout_s: config.idle_timeout_s,
            silence_after_s: config.silence_after_s,
            max_event_bytes: u32::try_from(config.max_event_bytes).unwrap_or(u32::MAX),
            dedupe: config.dedupe,
            ca_cert: config.ca_cert.clone(),
            client_cert: config.client_cert.clone(),
            client_key: config.client_key.clone(),
            proxy: config.proxy.as_ref().map(Url::to_string),
        }
    }
}

impl SourceOptions {
    /// Puts all of them into the description of a source.
    ///
    /// # Errors
    /// `InvalidOption` for a proxy that is no URL; what is out of range is for
    /// [`SourceConfig::validate`] to say.
    pub fn apply(self, config: &mut SourceConfig) -> Result<()> {
        let no_url = |error| {
            Error::option(
                OptionField::Proxy,
                format!("the proxy is no URL ({error}); write one such as http://proxy:3128"),
            )
        };
        config.proxy = self
            .proxy
            .map(|proxy| Url::parse(&proxy).map_err(no_url))
            .transpose()?;
        config.method = self.method.trim().to_ascii_uppercase();
        config.body = self.body;
        config.resume = self.resume_query.map_or(Resume::Header, Resume::Query);
        config.idle_timeout_s = self.idle_timeout_s;
        config.silence_after_s = self.silence_after_s;
        config.max_event_bytes = usize::try_from(self.max_event_bytes).unwrap_or(usize::MAX);
        config.dedupe = self.dedupe;
        config.ca_cert = self.ca_cert;
        config.client_cert = self.client_cert;
        config.client_key = self.client_key;
        Ok(())
    }
}

/// How a source does, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct SourcePulse {
    /// Which.
    pub source: SourceId,
    /// When the last byte came on the stream there is now.
    pub last_byte: Option<Millis>,
    /// Its counts; timeline and frames are left empty.
    pub sums: Diagnosis,
}

/// What came from a source lately, and how its connection was: for charts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct SourceActivity {
    /// Which.
    pub source: SourceId,
    /// When the last of the hours began.
    pub hour: Millis,
    /// Events that came in each hour of the last 7 days, oldest first; the last one runs.
    pub hours: Vec<u32>,
    /// Each minute of the last hour, oldest first.
    pub minutes: Vec<Health>,
}

/// How a connection was for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Nobody wanted one, or the program did not run.
    Off,
    /// Live all the time that one was wanted.
    Live,
    /// It was missing at least for a moment.
    Trouble,
}

/// What a pasted `curl` command says, for a form to be filled in with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct PastedCommand {
    /// Where to connect, as written.
    pub url: String,
    /// GET, POST or REPORT, or what else the command says.
    pub method: String,
    /// Its headers.
    pub headers: Vec<PastedHeader>,
    /// Request body.
    pub body: Option<String>,
    /// What was not taken over, one English sentence each.
    pub warnings: Vec<String>,
}

/// A header of a pasted command. Its value was in the window a moment ago and is stored nowhere
/// yet: what the secrets store holds never comes back.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct PastedHeader {
    /// Field name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl std::fmt::Debug for PastedHeader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PastedHeader")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl From<CurlCommand> for PastedCommand {
    fn from(command: CurlCommand) -> Self {
        let headers = command.headers.into_iter().map(|(name, value)| {
            let value = value.expose().to_owned();
            PastedHeader { name, value }
        });
        Self {
            url: command.url,
            method: command.method,
            headers: headers.collect(),
            body: command.body,
            warnings: command.warnings,
        }
    }
}
