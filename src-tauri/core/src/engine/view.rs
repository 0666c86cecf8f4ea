//! The present, as the window and the command line see it, and what a person does to it beyond
//! the sources.

use std::path::PathBuf;

use jiff::{ZonedDateTime, tz::TimeZone};

use super::Handle;
use crate::{
    delivery::{TestAnswer, ToastHealth},
    error::{Code, Error, Result},
    history::Unread,
    ipc::{About, Exported, ImportPlan, ImportRequest, Page, PageRequest, SourceView, Trouble},
    model::SourceId,
    secrets::SecretsAt,
    settings::{
        Preferences,
        transfer::{self, Import},
    },
    source::{SourceConfig, SourceState},
    update::Fact,
};

impl Handle {
    /// All sources in their order.
    ///
    /// # Errors
    /// `HistoryUnavailable`, or `ReadOnly` where the secrets cannot be read.
    pub async fn sources(&self) -> Result<Vec<SourceView>> {
        let settings = self.settings.current();
        let unread = self.history.unread().await?;
        let mut views = Vec::with_capacity(settings.sources.len());
        for config in &settings.sources {
            views.push(self.view(config, &unread).await?);
        }
        Ok(views)
    }

    /// One source.
    ///
    /// # Errors
    /// `NotFound`, and those of [`Handle::sources`].
    pub async fn source(&self, id: SourceId) -> Result<SourceView> {
        self.view(&self.config(id)?, &self.history.unread().await?)
            .await
    }

    async fn view(&self, config: &SourceConfig, unread: &Unread) -> Result<SourceView> {
        let state = self
            .roster
            .borrow()
            .get(&config.id)
            .map_or(SourceState::Paused, |kept| kept.state.borrow().clone());
        let counts = unread.sources.get(&config.id).cloned().unwrap_or_default();
        let header_names = self.register.header_names(config.id).await?;
        Ok(SourceView {
            id: config.id,
            name: config.name.clone(),
            url: config.url.to_string(),
            enabled: config.enabled,
            events: config.events.clone(),
            mapping: Box::new(config.mapping.clone()),
            header_names,
            allow_cleartext_secrets: config.allow_cleartext_secrets,
            options: config.into(),
            toast: config.toast,
            retention: config.retention,
            state,
            unread: counts.unread,
            stored: counts.stored,
            quiet: counts.quiet,
            last_event_at: counts.last_event_at.map(Into::into),
            silent_since: self.silent.borrow().get(&config.id).copied(),
        })
    }

    /// A page of the list; times in its query are those of this machine's zone.
    ///
    /// # Errors
    /// Those of a query, or `HistoryUnavailable`.
    pub async fn page(&self, request: &PageRequest) -> Result<Page> {
        self.history.page(request, &self.now()).await
    }

    /// The present, in this machine's time zone.
    pub(super) fn now(&self) -> ZonedDateTime {
        (self.clock)().to_zoned_datetime(TimeZone::system())
    }

    /// What is wrong now, most severe first.
    pub fn troubles(&self) -> Vec<Trouble> {
        let storing = self.storing.borrow().clone();
        let toasts = match &*self.toasts.health().borrow() {
            ToastHealth::Unavailable { message, .. } => Some(Trouble::ToastsUnavailable {
                message: message.clone(),
            }),
            ToastHealth::Unknown | ToastHealth::Ready { .. } => None,
        };
        storing
            .into_iter()
            .chain(self.started_with.iter().cloned())
            .chain(self.register.secrets_trouble())
            .chain(toasts)
            .collect()
    }

    /// Changes preferences.
    ///
    /// # Errors
    /// `NotSaved` or `ReadOnly`.
    pub async fn edit_preferences(
        &self,
        edit: impl FnOnce(&mut Preferences),
    ) -> Result<Preferences> {
        self.settings
            .update(|settings| {
                edit(&mut settings.preferences);
                Ok(settings.preferences.clone())
            })
            .await
    }

    /// Writes the settings, without secrets, into the given file, or a new one of the person's
    /// downloads.
    ///
    /// # Errors
    /// `NotSaved`.
    pub async fn export_settings(&self, path: Option<PathBuf>) -> Result<Exported> {
        let (text, left_out) = transfer::export(&self.settings.current())?;
        let written = tokio::task::spawn_blocking(move || {
            let path = path.map_or_else(transfer::free_path, Ok)?;
            transfer::write_file(&path, &text)?;
            Ok::<_, Error>(path)
        });
        let path = written.await.map_err(|error| {
            Error::new(Code::Internal, "the export ended early").because(error)
        })??;
        Ok(Exported {
            path: path.display().to_string(),
            secrets_left_out: u32::try_from(left_out).unwrap_or(u32::MAX),
        })
    }

    /// Says what importing this text would do, or does it. Its sources arrive disabled.
    ///
    /// # Errors
    /// Those of [`Import::plan`], and `NotSaved`.
    pub async fn import_settings(&self, request: ImportRequest) -> Result<ImportPlan> {
        let current = self.settings.current();
        let import = Import::plan(request.text.as_bytes(), &current)?;
        let plan = import.plan.clone();
        if request.apply {
            self.settings
                .update(|settings| import.apply(settings, &current))
                .await?;
            for source in &self.settings.current().sources {
                let _ = self.facts.send(Fact::Source(source.id));
            }
        }
        Ok(plan)
    }

    /// Keeps header values in a file from now on: the consent of a person without a keychain.
    ///
    /// # Errors
    /// `NotSaved` or `ReadOnly`; they stay where they are then.
    pub async fn keep_secrets_in_file(&self) -> Result<()> {
        self.register.settle_secrets(Some(SecretsAt::File)).await?;
        let _ = self.facts.send(Fact::Troubles);
        Ok(())
    }

    /// Stops relying on a keychain that does not answer. The sources whose header values it held
    /// connect without them, until they are entered again.
    ///
    /// # Errors
    /// `NotSaved` or `ReadOnly`.
    pub async fn give_up_keychain(&self) -> Result<()> {
        for id in self.register.give_up_keychain().await? {
            self.reconnect(id);
            let _ = self.facts.send(Fact::Source(id));
        }
        let _ = self.facts.send(Fact::Troubles);
        Ok(())
    }

    /// What is at work here; `webview` is the version of what draws the window.
    pub fn about(&self, webview: Option<String>) -> About {
        let notifications = match &*self.toasts.health().borrow() {
            ToastHealth::Ready { server, version } => Some(TestAnswer {
                server: server.clone(),
                version: version.clone(),
            }),
            ToastHealth::Unknown | ToastHealth::Unavailable { .. } => None,
        };
        About {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            webview,
            notifications,
            secrets: self.settings.current().secrets.at(),
        }
    }

    /// Shows a test toast; the name and the version of the service that took it.
    ///
    /// # Errors
    /// `ToastsUnavailable` in the service's words.
    pub async fn test_toast(&self) -> Result<TestAnswer> {
        self.toasts.send_test().await
    }

    /// Says something to the person in a toast, paused or not: what they did has a consequence.
    ///
    /// # Errors
    /// `ToastsUnavailable` in the service's words, `TooMany`.
    pub async fn say(&self, summary: String, body: String) -> Result<TestAnswer> {
        self.toasts.say(summary, body).await
    }
}
