//! What a person can do to the sources: add, edit, remove, pause, try again. Secrets and settings
//! change together or not at all.

use std::{path::Path, time::Duration};

use tokio::time::timeout;

use crate::{
    engine::Handle,
    error::{Code, Error, OptionField, Result},
    ipc::{HeaderInput, PastedCommand, SourceInput, SourceView, Step},
    model::SourceId,
    secrets::{Headers, Secret, take_secrets},
    settings::Settings,
    source::{
        SourceConfig, SourceState,
        config::{DEMO_URL, parse_url},
        curl,
        probe::Probe,
        supervisor::Kept,
    },
    sse::transport,
    update::Fact,
};

/// What the built-in stream is called.
const DEMO_NAME: &str = "Demo";
/// How long the removal of a source waits for its last events to be stored.
const SETTLE: Duration = Duration::from_secs(2);

impl Handle {
    /// Adds a source and connects it. Its URL may be a `curl` command.
    ///
    /// # Errors
    /// What is wrong with the input, or `NotSaved`; nothing has changed then.
    pub async fn add_source(&self, input: SourceInput) -> Result<SourceView> {
        let settings = self.settings.current();
        let (mut config, headers) = describe(input, None, &Headers::new())?;
        if config.name.is_empty() {
            let host = config.url.host_str().unwrap_or(DEMO_NAME);
            config.name = free_name(&settings, host);
        }
        self.add_configured(config, headers).await
    }

    /// Adds a source that is described in full, with its secret headers.
    ///
    /// # Errors
    /// As [`Handle::add_source`].
    pub async fn add_configured(
        &self,
        config: SourceConfig,
        headers: Headers,
    ) -> Result<SourceView> {
        let id = config.id;
        self.register.add(config, headers).await?;
        self.source(id).await
    }

    /// Adds the built-in demo stream, or enables the one that is there.
    ///
    /// # Errors
    /// `NotSaved`.
    pub async fn add_demo(&self) -> Result<SourceView> {
        let known = self
            .settings
            .current()
            .sources
            .iter()
            .find(|one| one.is_demo())
            .map(|one| one.id);
        match known {
            Some(id) => self.enable_source(id, true).await,
            None => {
                self.add_source(SourceInput {
                    name: free_name(&self.settings.current(), DEMO_NAME),
                    url: DEMO_URL.to_owned(),
                    ..SourceInput::default()
                })
                .await
            }
        }
    }

    /// Changes a source; it reconnects where that makes a difference.
    ///
    /// # Errors
    /// As [`Handle::add_source`], or `NotFound`.
    pub async fn edit_source(&self, id: SourceId, input: SourceInput) -> Result<SourceView> {
        let stored = self.headers(id).await?;
        let (config, headers) = describe(input, Some(self.config(id)?), &stored)?;
        self.replace_source(config, headers).await
    }

    /// Puts a changed description in the place of the source with the same identity.
    ///
    /// # Errors
    /// As [`Handle::edit_source`].
    pub async fn replace_source(
        &self,
        config: SourceConfig,
        headers: Headers,
    ) -> Result<SourceView> {
        let id = config.id;
        if self.register.replace(config, headers).await? {
            self.reconnect(id);
        }
        self.source(id).await
    }

    /// Connects a source, or leaves it unconnected. Its toasts and history are not touched.
    ///
    /// # Errors
    /// `NotFound` or `NotSaved`.
    pub async fn enable_source(&self, id: SourceId, enabled: bool) -> Result<SourceView> {
        self.register.enable(id, enabled).await?;
        self.source(id).await
    }

    /// Tries again now: ends a wait or a stop. Where it waits because nothing can be stored, that
    /// is tried again.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn retry_source(&self, id: SourceId) -> Result<SourceView> {
        self.config(id)?;
        let live = self.roster.borrow().get(&id).is_some_and(|kept| {
            matches!(
                *kept.state.borrow(),
                SourceState::Live { .. } | SourceState::Connecting { .. }
            )
        });
        if !live {
            self.store_again.notify_waiters();
            self.reconnect(id);
        }
        self.source(id).await
    }

    /// Removes a source with its secrets; its events stay unless `keep_history` is false. Once it is
    /// out of the settings, what fails is passed over, so that as much as possible goes.
    ///
    /// # Errors
    /// `NotFound` or `NotSaved`; nothing has changed then. Else the first of what failed:
    /// `NotSaved`, `ReadOnly` or `HistoryUnavailable`.
    pub async fn remove_source(&self, id: SourceId, keep_history: bool) -> Result<()> {
        let kept = self.roster.borrow().get(&id).cloned();
        self.register.remove(id).await?;
        if let Some(kept) = kept {
            self.wait_until_ended(id, &kept).await;
        }
        let forgotten = self.register.forget_headers(id).await;
        let removed = self.history.remove_source(id, keep_history).await;
        self.logs.forget(id);
        let _ = self.facts.send(Fact::SourceRemoved(id));
        forgotten.and(removed)
    }

    /// Tests what the input describes, each step told as it ends; `id` names the source being
    /// edited, whose stored header values then count. Nothing is stored. False when a step failed.
    ///
    /// # Errors
    /// What is wrong with the input.
    pub async fn probe(
        &self,
        id: Option<SourceId>,
        input: SourceInput,
        patience: Duration,
        tell: impl FnMut(Step) + Send,
    ) -> Result<bool> {
        let (before, stored) = match id {
            Some(id) => (Some(self.config(id)?), self.headers(id).await?),
            None => (None, Headers::new()),
        };
        let (config, headers) = describe(input, before, &stored)?;
        let url = if config.is_demo() {
            let no_demo = |error| Error::new(Code::Internal, format!("no demo stream ({error})"));
            self.demo.url().await.map_err(no_demo)?
        } else {
            config.url.clone()
        };
        let probe = Probe::new(&config, url, &headers, patience, self.clock)?;
        Ok(probe.run(tell).await.is_ok())
    }

    /// A source as a `curl` command to copy: no header value is in it.
    ///
    /// # Errors
    /// `NotFound`, or `ReadOnly` where the secrets cannot be read.
    pub async fn curl(&self, id: SourceId) -> Result<String> {
        let config = self.config(id)?;
        let headers = self.headers(id).await?;
        let names: Vec<String> = headers.into_iter().map(|(name, _)| name).collect();
        Ok(curl::as_curl(&config, &names))
    }

    /// What a pasted `curl` command says, for a form to be filled in with. Nothing is stored.
    ///
    /// # Errors
    /// Why it cannot be taken over; no message holds a value of the command.
    pub fn read_curl(&self, text: &str) -> Result<PastedCommand> {
        curl::parse(text).map(PastedCommand::from)
    }

    /// The description of a source.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn config(&self, id: SourceId) -> Result<SourceConfig> {
        self.register.config(id)
    }

    /// Waits until the connection is gone and what it brought is stored: it must not go out once
    /// more without its headers, nor store anything after its history is gone.
    pub(super) async fn wait_until_ended(&self, id: SourceId, kept: &Kept) {
        let mut roster = self.roster.clone();
        let ended = async {
            let _ = roster.wait_for(|roster| !roster.contains_key(&id)).await;
            kept.stored.settled().await
        };
        if timeout(SETTLE, ended).await.is_err() {
            tracing::warn!("a removed source could not store all it received");
        }
    }

    pub(super) fn reconnect(&self, id: SourceId) {
        if let Some(kept) = self.roster.borrow().get(&id) {
            kept.reconnect.notify_one();
        }
    }

    /// The secret headers of a source, to be sent or kept, never shown.
    ///
    /// # Errors
    /// `ReadOnly`.
    pub async fn headers(&self, id: SourceId) -> Result<Headers> {
        self.register.headers(id).await
    }
}

/// What the input says, over what the source was before. A `curl` command in the place of the URL
/// brings its method, body and headers along.
fn describe(
    input: SourceInput,
    before: Option<SourceConfig>,
    stored: &Headers,
) -> Result<(SourceConfig, Headers)> {
    let command = curl::is_command(&input.url)
        .then(|| curl::parse(&input.url))
        .transpose()?;
    let mut url = parse_url(command.as_ref().map_or(&*input.url, |one| &*one.url))?;
    let secrets = take_secrets(&mut url);
    let mut config = match before {
        Some(before) => SourceConfig { url, ..before },
        None => SourceConfig::new("", url),
    };
    if let Some(options) = input.options {
        options.apply(&mut config)?;
        refuse_unusable_files(&config)?;
    }
    let mut carried = Headers::new();
    if let Some(command) = command {
        for left_out in &command.warnings {
            tracing::info!("a curl command became a source: {left_out}");
        }
        config.method = command.method;
        config.body = command.body;
        carried = command.headers;
    }
    carried.extend(secrets);
    if !input.name.trim().is_empty() {
        input.name.trim().clone_into(&mut config.name);
    }
    config.events = input.events;
    if let Some(mapping) = input.mapping {
        config.mapping = mapping;
    }
    config.allow_cleartext_secrets = input.allow_cleartext_secrets;
    config.toast = input.toast.unwrap_or(config.toast);
    config.retention = input.retention.unwrap_or(config.retention);
    let headers = merge_headers(input.headers, stored, carried)?;
    Ok((config, headers))
}

/// Refuses a file that is missing or holds no certificate, at the field that names it.
fn refuse_unusable_files(config: &SourceConfig) -> Result<()> {
    let paths = [
        (OptionField::CaCert, &config.ca_cert),
        (OptionField::ClientCert, &config.client_cert),
        (OptionField::ClientCert, &config.client_key),
    ];
    for (field, path) in paths {
        if let Some(path) = path
            && !Path::new(path).is_absolute()
        {
            return Err(Error::option(
                field,
                format!("{path} is no full path; write it from the root on"),
            ));
        }
    }
    let without_client = SourceConfig {
        client_cert: None,
        client_key: None,
        ..config.clone()
    };
    for (field, config) in [
        (OptionField::CaCert, &without_client),
        (OptionField::ClientCert, config),
    ] {
        drop(transport::builder(config).map_err(|cause| Error::option(field, cause.message))?);
    }
    Ok(())
}

/// Headers as given, with stored values where none was given, and what the URL or the command carried.
fn merge_headers(given: Vec<HeaderInput>, stored: &Headers, carried: Headers) -> Result<Headers> {
    let mut headers = Headers::new();
    for header in given {
        let name = header.name.trim().to_owned();
        let value = match header.value {
            Some(value) => Secret::new(value),
            None => stored
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(&name))
                .map(|(_, value)| value.clone())
                .ok_or_else(|| {
                    Error::new(
                        Code::InvalidHeader,
                        format!("the header {name} has no value"),
                    )
                })?,
        };
        headers.push((name, value));
    }
    for (name, value) in carried {
        headers.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
        headers.push((name, value));
    }
    Ok(headers)
}

fn free_name(settings: &Settings, wanted: &str) -> String {
    let taken = |name: &str| {
        let name = name.to_lowercase();
        settings
            .sources
            .iter()
            .any(|one| one.name.to_lowercase() == name)
    };
    let numbered = (2..).map(|number| format!("{wanted} {number}"));
    std::iter::once(wanted.to_owned())
        .chain(numbered)
        .find(|name| !taken(name))
        .unwrap_or_default()
}
