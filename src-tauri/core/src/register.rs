//! The sources and their secrets: added, changed and removed together or not at all. The engine
//! and the command line change sources through this alone.

use std::{fmt, panic::resume_unwind, sync::Arc};

use tokio::{sync::RwLock, task::JoinError};

use crate::{
    error::{Code, Error, Result},
    ipc::Trouble,
    model::SourceId,
    rules::rule::rename_sources,
    secrets::{Headers, SecretStore, SecretsAt},
    settings::SettingsOwner,
    source::SourceConfig,
};

/// The settings' sources with their header values. Cheap to clone.
#[derive(Clone)]
pub struct Register {
    settings: SettingsOwner,
    secrets: Arc<dyn SecretStore>,
    /// Written to while a source and its secrets do not belong together.
    changing: Arc<RwLock<()>>,
}

impl fmt::Debug for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Register").finish_non_exhaustive()
    }
}

impl Register {
    /// The register over these two.
    pub fn new(settings: SettingsOwner, secrets: Arc<dyn SecretStore>) -> Self {
        Self {
            settings,
            secrets,
            changing: Arc::default(),
        }
    }

    /// The description of a source.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn config(&self, id: SourceId) -> Result<SourceConfig> {
        let settings = self.settings.current();
        settings
            .sources
            .iter()
            .find(|one| one.id == id)
            .cloned()
            .ok_or_else(unknown)
    }

    /// The secret headers of a source, to be sent or kept, never shown.
    ///
    /// # Errors
    /// `ReadOnly`.
    pub async fn headers(&self, id: SourceId) -> Result<Headers> {
        self.with_secrets(move |secrets| secrets.get(id)).await
    }

    /// The secret headers for a connection to what `config` describes, once the source and its
    /// secrets belong together. Never ends for a connection that an edit is about to replace: the
    /// new token must not go to the old URL.
    ///
    /// # Errors
    /// `ReadOnly`.
    ///
    /// # Panics
    /// If the store of secrets does.
    pub async fn headers_to_send(&self, config: &SourceConfig) -> Result<Headers> {
        let _whole = self.changing.read().await;
        let current = self.config(config.id);
        if !current.is_ok_and(|current| current.connects_like(config)) {
            std::future::pending::<()>().await;
        }
        let (secrets, id) = (Arc::clone(&self.secrets), config.id);
        match tokio::task::spawn_blocking(move || secrets.get(id)).await {
            Ok(headers) => headers,
            // A defect of the store is one of the source's task, whose supervisor knows what to do.
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(error) => Err(unread(error)),
            },
        }
    }

    /// The names of a source's secret headers.
    ///
    /// # Errors
    /// `ReadOnly`.
    pub async fn header_names(&self, id: SourceId) -> Result<Vec<String>> {
        self.with_secrets(move |secrets| secrets.header_names(id))
            .await
    }

    /// Brings the secrets where they belong: to `wanted`, or to a keychain that has appeared. The
    /// settings remember the new place before the old one is emptied.
    ///
    /// # Errors
    /// `NotSaved` or `ReadOnly`; no secret is lost.
    pub async fn settle_secrets(&self, wanted: Option<SecretsAt>) -> Result<()> {
        self.with_secrets(move |secrets| secrets.move_to(wanted))
            .await?;
        self.remember().await?;
        self.with_secrets(|secrets| secrets.clear_elsewhere())
            .await?;
        self.remember().await
    }

    /// Stops relying on a keychain that does not answer: the next secret goes to where one goes
    /// without a keychain. Answers whose headers are lost with it.
    ///
    /// # Errors
    /// `NotSaved` or `ReadOnly`.
    pub async fn give_up_keychain(&self) -> Result<Vec<SourceId>> {
        let _changing = self.changing.write().await;
        let lost = self
            .with_secrets(|secrets| secrets.give_up_keychain())
            .await?;
        self.remember().await?;
        Ok(lost)
    }

    /// The settings learn what there is to know about where the secrets are.
    async fn remember(&self) -> Result<()> {
        match self.secrets.note() {
            Some(note) if note != self.settings.current().secrets => {
                self.settings
                    .update(|settings| {
                        settings.secrets = note;
                        Ok(())
                    })
                    .await
            }
            _ => Ok(()),
        }
    }

    /// What a person must know about where the secrets are. Never waits.
    pub fn secrets_trouble(&self) -> Option<Trouble> {
        self.secrets.trouble()
    }

    /// Adds a source.
    ///
    /// # Errors
    /// What is wrong with it, `CleartextSecret`, or `NotSaved`; nothing has changed then.
    pub async fn add(&self, config: SourceConfig, headers: Headers) -> Result<()> {
        self.put(config, headers, false).await.map(drop)
    }

    /// Puts a changed description in the place of the source with the same identity. Answers
    /// whether its headers changed.
    ///
    /// # Errors
    /// As [`Register::add`], or `NotFound`.
    pub async fn replace(&self, config: SourceConfig, headers: Headers) -> Result<bool> {
        self.put(config, headers, true).await
    }

    async fn put(&self, config: SourceConfig, headers: Headers, known: bool) -> Result<bool> {
        config.validate()?;
        refuse_cleartext(&config, &headers)?;
        let id = config.id;
        let _changing = self.changing.write().await;
        let before = self.headers(id).await?;
        let changed = before != headers;
        // Secrets first: a source must never connect without them.
        if changed {
            self.set_headers(id, headers).await?;
        }
        let note = self.secrets.note();
        let saved = self
            .settings
            .update(|settings| {
                if let Some(note) = note {
                    settings.secrets = note;
                }
                match settings.sources.iter_mut().find(|one| one.id == id) {
                    Some(source) => {
                        if source.name != config.name {
                            let renamed = (source.name.clone(), config.name.clone());
                            rename_sources(&mut settings.rules, &[renamed]);
                        }
                        *source = config;
                    }
                    None if known => return Err(unknown()),
                    None => settings.sources.push(config),
                }
                Ok(())
            })
            .await;
        if let Err(error) = saved {
            if changed {
                let _ = self.set_headers(id, before).await;
            }
            return Err(error);
        }
        Ok(changed)
    }

    /// Connects a source, or leaves it unconnected.
    ///
    /// # Errors
    /// `NotFound` or `NotSaved`.
    pub async fn enable(&self, id: SourceId, enabled: bool) -> Result<()> {
        self.settings
            .update(|settings| {
                let source = settings.sources.iter_mut().find(|one| one.id == id);
                source.ok_or_else(unknown)?.enabled = enabled;
                Ok(())
            })
            .await
    }

    /// Removes a source; its secrets stay until [`Register::forget_headers`], for a connection
    /// that has not ended yet.
    ///
    /// # Errors
    /// `NotFound` or `NotSaved`.
    pub async fn remove(&self, id: SourceId) -> Result<()> {
        self.config(id)?;
        self.settings
            .update(|settings| {
                settings.sources.retain(|one| one.id != id);
                Ok(())
            })
            .await
    }

    /// Forgets the secrets of a source.
    ///
    /// # Errors
    /// `NotSaved` or `ReadOnly`.
    pub async fn forget_headers(&self, id: SourceId) -> Result<()> {
        self.with_secrets(move |secrets| secrets.remove(id)).await?;
        self.remember().await
    }

    async fn set_headers(&self, id: SourceId, headers: Headers) -> Result<()> {
        self.with_secrets(move |secrets| secrets.set(id, headers))
            .await
    }

    /// Stores of secrets block.
    async fn with_secrets<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn SecretStore) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let secrets = Arc::clone(&self.secrets);
        tokio::task::spawn_blocking(move || work(&*secrets))
            .await
            .map_err(unread)?
    }
}

fn unread(error: JoinError) -> Error {
    Error::new(Code::Internal, "the secrets could not be looked at").because(error)
}

fn unknown() -> Error {
    Error::new(Code::NotFound, "there is no such source any more")
}

/// Refuses to let secrets travel unencrypted to another machine without consent.
///
/// # Errors
/// `CleartextSecret`.
pub fn refuse_cleartext(config: &SourceConfig, headers: &Headers) -> Result<()> {
    if headers.is_empty() || !config.is_cleartext() || config.allow_cleartext_secrets {
        return Ok(());
    }
    Err(Error::new(
        Code::CleartextSecret,
        "secrets would travel unencrypted over http; use https, or allow it for this source",
    ))
}
