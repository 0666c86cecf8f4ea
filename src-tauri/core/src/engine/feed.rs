//! What the window is told: a snapshot and, from the same moment on, batches of updates. A feed
//! that falls behind says so once; the truth is in history.

use std::{collections::BTreeSet, time::Duration};

use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::{Instant, timeout_at},
};

use super::Handle;
use crate::{
    error::Result,
    ipc::{PageRequest, Snapshot, Trouble, Update},
    model::{RowId, SourceId},
    update::Fact,
};

/// A batch is sent after this long...
const FLUSH: Duration = Duration::from_millis(50);
/// ...or with this many rows.
const ROWS_MAX: usize = 100;
/// Rows of the first page.
const PAGE: u32 = 100;

/// The updates of one window.
#[derive(Debug)]
pub struct Feed {
    handle: Handle,
    facts: broadcast::Receiver<Fact>,
    /// Rows up to here were in the snapshot.
    seen: RowId,
    /// What was wrong with the secrets when the window was last told.
    secrets: Option<Trouble>,
}

/// What came since the last batch.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "what to look at again")]
struct Batch {
    updates: Vec<Update>,
    rows: usize,
    sources: BTreeSet<SourceId>,
    preferences: bool,
    troubles: bool,
    counts: bool,
    quiet: bool,
}

impl Handle {
    /// The present, and the feed that goes on from it without a gap.
    ///
    /// # Errors
    /// `HistoryUnavailable`.
    pub async fn attach(&self, system_language: String, version: &str) -> Result<(Snapshot, Feed)> {
        // Listening starts before looking: what comes in between is in both, and told once.
        let facts = self.facts.subscribe();
        let page = self
            .page(&PageRequest {
                limit: PAGE,
                ..PageRequest::default()
            })
            .await?;
        let seen = page.rows.first().map_or(RowId(0), |row| row.row);
        let sources = self.sources().await?;
        let unread = self.history.unread().await?;
        let secrets = self.register.secrets_trouble();
        let snapshot = Snapshot {
            unread: unread.total,
            counts: unread.counts(),
            sources,
            preferences: self.settings.current().preferences.clone(),
            system_language,
            troubles: self.troubles(),
            quiet: self.quiet(),
            page,
            version: version.to_owned(),
        };
        Ok((
            snapshot,
            Feed {
                handle: self.clone(),
                facts,
                seen,
                secrets,
            },
        ))
    }
}

impl Feed {
    /// Waits for the next batch, never empty; none when the engine has stopped.
    pub async fn next(&mut self) -> Option<Vec<Update>> {
        loop {
            let mut batch = Batch::default();
            match self.facts.recv().await {
                Ok(fact) => self.add(fact, &mut batch),
                Err(RecvError::Lagged(_)) => return Some(vec![Update::Resync]),
                Err(RecvError::Closed) => return None,
            }
            let flush = Instant::now() + FLUSH;
            while batch.rows < ROWS_MAX {
                match timeout_at(flush, self.facts.recv()).await {
                    Ok(Ok(fact)) => self.add(fact, &mut batch),
                    Ok(Err(RecvError::Lagged(_))) => return Some(vec![Update::Resync]),
                    Ok(Err(RecvError::Closed)) | Err(_) => break,
                }
            }
            let updates = self.finish(batch).await;
            if !updates.is_empty() {
                return Some(updates);
            }
        }
    }

    fn add(&mut self, fact: Fact, batch: &mut Batch) {
        batch.counts |= !matches!(
            fact,
            Fact::Outage(_)
                | Fact::Delivered(_)
                | Fact::State(..)
                | Fact::Preferences
                | Fact::Troubles
        );
        match fact {
            Fact::Rows(rows) => {
                let new: Vec<_> = rows
                    .iter()
                    .filter(|row| row.row > self.seen)
                    .cloned()
                    .collect();
                if let Some(last) = new.last() {
                    self.seen = last.row;
                }
                batch.rows += new.len();
                // One message for all rows that follow each other.
                match batch.updates.last_mut() {
                    _ if new.is_empty() => {}
                    Some(Update::Rows { rows }) => rows.extend(new),
                    _ => batch.updates.push(Update::Rows { rows: new }),
                }
            }
            Fact::Outage(outage) => batch.updates.push(Update::Outage { outage }),
            Fact::Delivered(fates) => batch.updates.extend(
                fates
                    .iter()
                    .map(|&(row, delivery)| Update::Delivered { row, delivery }),
            ),
            Fact::Read { rows, read } => {
                let rows = rows.map(|rows| rows.to_vec());
                batch.updates.push(Update::Read { rows, read });
            }
            Fact::Pinned { rows, pinned } => {
                let rows = rows.to_vec();
                batch.updates.push(Update::Pinned { rows, pinned });
            }
            Fact::Deleted(rows) => {
                let rows = rows.map(|rows| rows.to_vec());
                batch.updates.push(Update::Deleted { rows });
            }
            Fact::Restored => batch.updates.push(Update::Restored),
            Fact::State(source, _) | Fact::Source(source) => {
                batch.sources.insert(source);
                // A try of a source is what asks the keychain.
                let secrets = self.handle.register.secrets_trouble();
                if secrets != self.secrets {
                    self.secrets = secrets;
                    batch.troubles = true;
                }
            }
            Fact::SourceRemoved(id) => batch.updates.push(Update::SourceRemoved { id }),
            Fact::Preferences => batch.preferences = true,
            Fact::Troubles => batch.troubles = true,
            Fact::Quiet => batch.quiet = true,
        }
    }

    async fn finish(&self, batch: Batch) -> Vec<Update> {
        let mut updates = batch.updates;
        for id in batch.sources {
            // One that is gone meanwhile has its own message.
            if let Ok(source) = self.handle.source(id).await {
                updates.push(Update::Source {
                    source: Box::new(source),
                });
            }
        }
        if batch.counts
            && let Ok(unread) = self.handle.history.unread().await
        {
            let counts = unread.counts();
            updates.push(Update::Counts { counts });
        }
        if batch.preferences {
            let preferences = self.handle.settings.current().preferences.clone();
            updates.push(Update::Preferences { preferences });
        }
        if batch.troubles {
            updates.push(Update::Troubles {
                troubles: self.handle.troubles(),
            });
        }
        if batch.quiet {
            let quiet = self.handle.quiet();
            updates.push(Update::Quiet { quiet });
        }
        updates
    }
}
