//! Everything a person has put in, deleted for good.

use std::sync::Arc;

use super::Handle;
use crate::{error::Result, settings::Preferences, update::Fact};

impl Handle {
    /// Deletes all sources with their header values, all rules, all preferences and every event.
    /// What fails is passed over, so that as much as possible goes.
    ///
    /// # Errors
    /// The first of what failed: `NotSaved`, `ReadOnly`, `HistoryUnavailable`.
    pub async fn delete_all(&self) -> Result<()> {
        let connected = Arc::clone(&self.roster.borrow());
        let cleared = self.settings.update(|settings| {
            settings.rules.clear();
            settings.preferences = Preferences::default();
            Ok(std::mem::take(&mut settings.sources))
        });
        let sources = cleared.await?;
        let mut first = Ok(());
        for source in &sources {
            if let Some(kept) = connected.get(&source.id) {
                self.wait_until_ended(source.id, kept).await;
            }
            first = first.and(self.register.forget_headers(source.id).await);
            self.logs.forget(source.id);
        }
        // The rows at once, before each source on its own would delete them bit by bit.
        first = first.and(self.history.clear().await);
        let known = self.history.unread().await.map(|unread| unread.sources);
        let gone = known.unwrap_or_default().into_keys();
        for id in gone.chain(sources.iter().map(|source| source.id)) {
            first = first.and(self.history.remove_source(id, false).await);
            let _ = self.facts.send(Fact::SourceRemoved(id));
        }
        // Once more, now that it takes no time: of the names, too, nothing is left in the file.
        first = first.and(self.history.clear().await);
        let _ = self.facts.send(Fact::Deleted(None));
        let _ = self.facts.send(Fact::Troubles);
        first
    }
}
