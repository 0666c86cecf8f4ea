//! The present, as the window and the command line see it, and what a person does to it beyond
//! the sources.

use jiff::{ZonedDateTime, tz::TimeZone};

use super::Handle;
use crate::{
    delivery::ToastHealth,
    error::Result,
    history::Unread,
    ipc::{Page, PageRequest, SourceView, Trouble},
    model::SourceId,
    settings::Preferences,
    source::{SourceConfig, SourceState},
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
        let header_names: Vec<String> = self
            .headers(config.id)
            .await?
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        Ok(SourceView {
            id: config.id,
            name: config.name.clone(),
            url: config.url.to_string(),
            enabled: config.enabled,
            events: config.events.clone(),
            header_names,
            allow_cleartext_secrets: config.allow_cleartext_secrets,
            state,
            unread: counts.unread,
            stored: counts.stored,
            quiet: counts.quiet,
            last_event_at: counts.last_event_at.map(Into::into),
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
            ToastHealth::Unavailable { message } => Some(Trouble::ToastsUnavailable {
                message: message.clone(),
            }),
            ToastHealth::Unknown | ToastHealth::Ready { .. } => None,
        };
        storing
            .into_iter()
            .chain(self.started_with.iter().cloned())
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

    /// Shows a test toast; the name of the service that took it.
    ///
    /// # Errors
    /// `ToastsUnavailable` in the service's words.
    pub async fn test_toast(&self) -> Result<String> {
        self.toasts.send_test().await
    }
}
