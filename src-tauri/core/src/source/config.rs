//! What a source is, as the settings keep it: everything but its secrets.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::{Host, Url};

use crate::{
    error::{Code, Error, OptionField, Result},
    ingest::{Reader, mapping::Mapping},
    model::{Loudness, Severity, SourceId},
    settings::Retention,
};

/// The URL of the built-in demo stream; the engine knows the port behind it.
pub const DEMO_URL: &str = "tidings:demo";

/// Most characters of a name.
pub const NAME_MAX: usize = 80;
/// Most bytes of a URL.
pub const URL_MAX: usize = 8 * 1024;
/// Data of one event beyond this is cut, unless the source says otherwise.
pub const EVENT_BYTES_DEFAULT: usize = 1024 * 1024;
/// No source may ask for larger events.
pub const EVENT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The longest silence a source can be told to report: 30 days. Seconds.
pub const SILENCE_MAX_S: f64 = 30.0 * 86_400.0;

/// Which event types of a source are kept; the others advance the cursor and leave no row.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "mode", content = "types", rename_all = "snake_case")]
pub enum EventFilter {
    /// All of them.
    #[default]
    All,
    /// Only these types.
    Only(Vec<String>),
    /// All but these types.
    Not(Vec<String>),
}

impl EventFilter {
    /// Whether an event of this type is kept.
    pub fn keeps(&self, event: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(types) => types.iter().any(|kept| kept == event),
            Self::Not(types) => !types.iter().any(|dropped| dropped == event),
        }
    }
}

/// How a connection tells the server where to go on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resume {
    /// The `Last-Event-ID` header (WHATWG HTML 9.2.4).
    #[default]
    Header,
    /// A query parameter of this name, for servers that want one (`lastEventID`, `since`).
    Query(String),
}

/// Which events count as the same one come again (design: an event ID is no key).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Dedupe {
    /// Only in the opening burst of a connection that sent a cursor.
    #[default]
    Auto,
    /// Whenever an event equals a recent one.
    Always,
    /// No event is ever taken for a duplicate.
    Never,
}

/// How the toasts of one source look and ring, whatever its server says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(default)]
pub struct SourceToasts {
    /// They say only that there is a new event, not what it says.
    pub privacy: bool,
    /// None is more urgent than this.
    pub max_urgency: Severity,
    /// Whether they make a sound, unless a rule names one.
    pub sound: bool,
    /// Which of its events have one.
    pub loudness: Loudness,
}

impl Default for SourceToasts {
    fn default() -> Self {
        Self {
            privacy: false,
            max_urgency: Severity::Critical,
            sound: true,
            loudness: Loudness::Rules,
        }
    }
}

/// A source as the settings keep it. Header values and passwords live in the secrets store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceConfig {
    /// Identity.
    pub id: SourceId,
    /// What a person calls it; unique, 1 to 80 characters.
    pub name: String,
    /// `http`, `https` or [`DEMO_URL`], without userinfo.
    pub url: Url,
    /// Whether it is meant to be connected.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Which event types it keeps.
    #[serde(default)]
    pub events: EventFilter,
    /// How its events are read.
    #[serde(default, skip_serializing_if = "is_automatic")]
    pub mapping: Mapping,
    /// HTTP method; GET unless the server wants another.
    #[serde(default = "get")]
    pub method: String,
    /// Request body, sent again at every reconnect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// How the cursor is sent.
    #[serde(default)]
    pub resume: Resume,
    /// Reconnect after this long without a byte; learned from the stream when absent. Seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_timeout_s: Option<f64>,
    /// Tell a person after this long without an event; never when absent. Seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence_after_s: Option<f64>,
    /// Data of one event beyond this many bytes is cut.
    #[serde(default = "event_bytes")]
    pub max_event_bytes: usize,
    /// Which events count as duplicates.
    #[serde(default)]
    pub dedupe: Dedupe,
    /// A PEM file with the certificate authority of this source alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_cert: Option<String>,
    /// A PEM file with a client certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_cert: Option<String>,
    /// A PEM file with its key (PKCS #8).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_key: Option<String>,
    /// A proxy for this source alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Url>,
    /// Consent to send secrets over cleartext http.
    #[serde(default)]
    pub allow_cleartext_secrets: bool,
    /// How its toasts look and ring.
    #[serde(default)]
    pub toast: SourceToasts,
    /// How much of its history is kept.
    #[serde(default, skip_serializing_if = "Retention::is_unlimited")]
    pub retention: Retention,
    /// What a newer version wrote here; kept as it is.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

fn yes() -> bool {
    true
}

fn is_automatic(mapping: &Mapping) -> bool {
    *mapping == Mapping::default()
}

fn get() -> String {
    "GET".to_owned()
}

fn event_bytes() -> usize {
    EVENT_BYTES_DEFAULT
}

impl SourceConfig {
    /// A source with this name and URL and everything else at its default.
    pub fn new(name: impl Into<String>, url: Url) -> Self {
        Self {
            id: SourceId::random(),
            name: name.into(),
            url,
            enabled: true,
            events: EventFilter::All,
            mapping: Mapping::default(),
            method: get(),
            body: None,
            resume: Resume::Header,
            idle_timeout_s: None,
            silence_after_s: None,
            max_event_bytes: EVENT_BYTES_DEFAULT,
            dedupe: Dedupe::Auto,
            ca_cert: None,
            client_cert: None,
            client_key: None,
            proxy: None,
            allow_cleartext_secrets: false,
            toast: SourceToasts::default(),
            retention: Retention::default(),
            unknown: Map::new(),
        }
    }

    /// Whether this is the built-in demo stream.
    pub fn is_demo(&self) -> bool {
        self.url.as_str() == DEMO_URL
    }

    /// Whether a connection to `other` is one to this source, too: only what is done with what
    /// came differs.
    pub fn connects_like(&self, other: &Self) -> bool {
        let mut other = other.clone();
        other.name.clone_from(&self.name);
        other.events.clone_from(&self.events);
        other.mapping.clone_from(&self.mapping);
        other.toast = self.toast;
        other.retention.clone_from(&self.retention);
        other.dedupe = self.dedupe;
        other.silence_after_s = self.silence_after_s;
        other.retention = self.retention;
        other == *self
    }

    /// The idle timeout the source sets for itself.
    pub fn idle_timeout(&self) -> Option<Duration> {
        self.idle_timeout_s
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
    }

    /// How long it may bring no event before that is said, if it ever is.
    pub fn silence_after(&self) -> Option<Duration> {
        self.silence_after_s
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
    }

    /// Refuses what can never work, in words that say what to do.
    ///
    /// # Errors
    /// `InvalidName`, `InvalidUrl`, `InvalidMapping` or `InvalidOption` with the field at fault.
    pub fn validate(&self) -> Result<()> {
        validate_name(&self.name)?;
        validate_url(&self.url)?;
        Reader::new(&self.mapping)?;
        self.retention.validate()?;
        if !["GET", "POST", "REPORT"].contains(&self.method.as_str()) {
            return Err(Error::option(
                OptionField::Method,
                format!("method {}: use GET, POST or REPORT", self.method),
            ));
        }
        if self.body.is_some() && self.method == "GET" {
            return Err(Error::option(
                OptionField::Body,
                "a GET request carries no body: set the method to POST or REPORT",
            ));
        }
        if !(1..=EVENT_BYTES_MAX).contains(&self.max_event_bytes) {
            return Err(Error::option(
                OptionField::MaxEventBytes,
                format!("the largest event must lie between 1 byte and {EVENT_BYTES_MAX} bytes"),
            ));
        }
        if let Some(seconds) = self.idle_timeout_s
            && !(0.1..=86_400.0).contains(&seconds)
        {
            return Err(Error::option(
                OptionField::IdleTimeout,
                "the idle timeout must lie between 0.1 seconds and one day",
            ));
        }
        if let Resume::Query(name) = &self.resume
            && (name.is_empty() || name.len() > 64 || name.chars().any(char::is_control))
        {
            return Err(Error::option(
                OptionField::ResumeQuery,
                "the query parameter of the cursor needs a name of at most 64 characters",
            ));
        }
        if self.client_cert.is_some() != self.client_key.is_some() {
            return Err(Error::option(
                OptionField::ClientCert,
                "a client certificate needs its key, and a key its certificate",
            ));
        }
        if let Some(seconds) = self.silence_after_s
            && !(1.0..=SILENCE_MAX_S).contains(&seconds)
        {
            return Err(Error::option(
                OptionField::SilenceAfter,
                "the silence to be told of must lie between 1 second and 30 days",
            ));
        }
        if let Some(proxy) = &self.proxy {
            if !["http", "https", "socks5", "socks5h"].contains(&proxy.scheme()) {
                return Err(Error::option(
                    OptionField::Proxy,
                    "the proxy must be an http, https or socks5 URL",
                ));
            }
            if !proxy.username().is_empty() || proxy.password().is_some() {
                return Err(Error::option(
                    OptionField::Proxy,
                    "a user or password in the proxy URL would be saved in the clear; \
                     use a proxy without one",
                ));
            }
        }
        Ok(())
    }

    /// Whether secrets would travel unencrypted to another machine.
    pub fn is_cleartext(&self) -> bool {
        self.url.scheme() == "http" && !is_loopback(&self.url)
    }
}

/// Whether the URL's host is this machine by its name or address.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Reads a URL a person typed: a missing scheme means `https`, or `http` for this machine.
///
/// # Errors
/// `InvalidUrl`, with what is wrong and an example.
pub fn parse_url(text: &str) -> Result<Url> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::new(
            Code::InvalidUrl,
            "the URL is empty; write one such as https://example.com/events",
        ));
    }
    if text.len() > URL_MAX {
        return Err(Error::new(
            Code::InvalidUrl,
            format!("the URL is longer than {URL_MAX} bytes"),
        ));
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Error::new(
            Code::InvalidUrl,
            "the URL has a space or a control character in it; remove it or write it as %20",
        ));
    }
    let url = if text == DEMO_URL || text.contains("://") {
        Url::parse(text)
    } else if is_bare_host(text) {
        match Url::parse(&format!("http://{text}")) {
            Ok(url) if is_loopback(&url) => Ok(url),
            _ => Url::parse(&format!("https://{text}")),
        }
    } else {
        Url::parse(text)
    }
    .map_err(|error| {
        Error::new(
            Code::InvalidUrl,
            format!("this is no URL ({error}); write one such as https://example.com/events"),
        )
    })?;
    validate_url(&url)?;
    Ok(url)
}

/// `host`, `host:port` or either with a path: what people paste without a scheme.
fn is_bare_host(text: &str) -> bool {
    match text.split_once(':') {
        None => true,
        Some((_, rest)) => rest.starts_with(|c: char| c.is_ascii_digit()),
    }
}

fn validate_name(name: &str) -> Result<()> {
    if name.trim().is_empty() {
        return Err(Error::new(
            Code::InvalidName,
            "the name is empty; give the source one",
        ));
    }
    if name.trim() != name || name.chars().any(char::is_control) {
        return Err(Error::new(
            Code::InvalidName,
            "the name has a space at its end or a control character in it; remove it",
        ));
    }
    if name.chars().count() > NAME_MAX {
        return Err(Error::new(
            Code::InvalidName,
            format!("the name is longer than {NAME_MAX} characters"),
        ));
    }
    Ok(())
}

fn validate_url(url: &Url) -> Result<()> {
    if url.as_str() == DEMO_URL {
        return Ok(());
    }
    if !["http", "https"].contains(&url.scheme()) {
        return Err(Error::new(
            Code::InvalidUrl,
            format!("a stream is read over http or https, not {}:", url.scheme()),
        ));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(Error::new(Code::InvalidUrl, "the URL names no host"));
    }
    if url.as_str().len() > URL_MAX {
        return Err(Error::new(
            Code::InvalidUrl,
            format!("the URL is longer than {URL_MAX} bytes"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_without_scheme_is_read_as_a_person_means_it() {
        for (typed, meant) in [
            ("localhost:3000/events", "http://localhost:3000/events"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080/"),
            ("example.com/events", "https://example.com/events"),
            ("example.com:8443", "https://example.com:8443/"),
            (
                " HTTP://EXAMPLE.com:80/../a?b=c ",
                "http://example.com/a?b=c",
            ),
            ("tidings:demo", "tidings:demo"),
        ] {
            assert_eq!(parse_url(typed).unwrap().as_str(), meant);
        }
    }

    #[test]
    fn b61_urls_that_can_never_stream_are_refused_with_a_reason() {
        let long = format!("https://h/{}", "a".repeat(URL_MAX));
        for bad in [
            "",
            "  ",
            "ftp://h/x",
            "unix:/run/x",
            "http://",
            "https://a b/",
            "http://h/\0",
            "javascript:alert(1)",
            "file:///etc/passwd",
            &long,
        ] {
            assert_eq!(parse_url(bad).unwrap_err().code, Code::InvalidUrl, "{bad}");
        }
    }

    #[test]
    fn an_event_filter_keeps_what_it_names() {
        let only = EventFilter::Only(vec!["a".to_owned()]);
        let not = EventFilter::Not(vec!["a".to_owned()]);

        assert!(EventFilter::All.keeps("a"));
        assert!(only.keeps("a") && !only.keeps("b"));
        assert!(not.keeps("b") && !not.keeps("a"));
    }
}
