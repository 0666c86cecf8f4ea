//! The one owner of the settings: everybody else watches, and asks it for changes.

use std::sync::Arc;

use tokio::sync::{Mutex, watch};

use crate::{
    error::{Code, Error, Result},
    settings::document::{SCHEMA, Settings},
};

/// Where settings are kept. [`FileStore`](crate::settings::FileStore) writes the files itself; the
/// desktop app has one over tauri-plugin-store.
pub trait SettingsStore: Send + Sync {
    /// Makes the document outlast the program. Blocking.
    ///
    /// # Errors
    /// `NotSaved` or `ReadOnly` with the cause in words; what was saved before is untouched then.
    fn save(&self, document: &Settings) -> Result<()>;
}

/// Keeps nothing: for a session whose directory cannot be written and which says so in a banner.
#[derive(Debug, Clone, Copy, Default)]
pub struct MemoryStore;

impl SettingsStore for MemoryStore {
    fn save(&self, _: &Settings) -> Result<()> {
        Ok(())
    }
}

/// Holds the settings in force. Cheap to clone; all clones are the same owner.
#[derive(Clone)]
pub struct SettingsOwner {
    store: Arc<dyn SettingsStore>,
    current: Arc<watch::Sender<Arc<Settings>>>,
    /// Held from reading the current document to publishing its successor.
    turn: Arc<Mutex<()>>,
}

impl std::fmt::Debug for SettingsOwner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SettingsOwner")
            .field("generation", &self.current.borrow().generation)
            .finish_non_exhaustive()
    }
}

impl SettingsOwner {
    /// Starts with a document as it was opened.
    pub fn new(settings: Settings, store: Arc<dyn SettingsStore>) -> Self {
        Self {
            store,
            current: Arc::new(watch::Sender::new(Arc::new(settings))),
            turn: Arc::new(Mutex::new(())),
        }
    }

    /// The settings in force now.
    pub fn current(&self) -> Arc<Settings> {
        Arc::clone(&self.current.borrow())
    }

    /// The settings in force now and after every change.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Settings>> {
        self.current.subscribe()
    }

    /// Edits the settings: they are validated, saved and only then in force, one edit after the
    /// other. An edit that changes nothing saves nothing. Once saving has begun it is finished,
    /// even if the caller stops waiting.
    ///
    /// # Errors
    /// Those of `edit`, of [`Settings::validate`] and of [`SettingsStore::save`]. Nothing has
    /// changed then, for nobody.
    pub async fn update<T, F>(&self, edit: F) -> Result<T>
    where
        F: FnOnce(&mut Settings) -> Result<T>,
    {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let before = self.current();
        let mut after = Settings::clone(&before);
        let answer = edit(&mut after)?;
        after.schema = SCHEMA;
        after.generation = before.generation;
        if after == *before {
            return Ok(answer);
        }
        after.generation = before.generation.saturating_add(1);
        after.validate()?;
        let store = Arc::clone(&self.store);
        let current = Arc::clone(&self.current);
        // A caller that goes away must not leave a document on disk that nobody sees: saving and
        // publishing are one piece of work, and the turn ends with it.
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            store.save(&after)?;
            current.send_replace(Arc::new(after));
            Ok::<(), Error>(())
        })
        .await
        .map_err(|error| {
            Error::new(Code::Internal, "saving the settings ended early").because(error)
        })??;
        Ok(answer)
    }
}
