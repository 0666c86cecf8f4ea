//! The settings over tauri-plugin-store: the only code that touches the plugin. Its write is not
//! atomic and its load hides errors, so the core's file logic hangs in both of its hooks.

use std::{
    collections::HashMap,
    error::Error as StdError,
    sync::{Arc, OnceLock},
};

use serde_json::Value;
use tauri::{AppHandle, Runtime};
use tauri_plugin_store::{Store, StoreBuilder};
use tidings_core::{
    error::{Code, Error, Result},
    settings::{Settings, SettingsFiles, SettingsStore},
};

#[cfg(test)]
mod tests;

type HookError = Box<dyn StdError + Send + Sync>;

/// The member that says which of two documents is the newer one.
const GENERATION: &str = "generation";

/// The plugin's hooks are plain functions: this is how they find the files.
static FILES: OnceLock<Arc<SettingsFiles>> = OnceLock::new();

/// A settings store over the plugin.
pub(crate) struct PluginStore<R: Runtime> {
    files: Arc<SettingsFiles>,
    store: Arc<Store<R>>,
}

impl<R: Runtime> PluginStore<R> {
    /// Opens the plugin's store on the files; once for each process.
    pub(crate) fn open(app: &AppHandle<R>, files: Arc<SettingsFiles>) -> Result<Self> {
        let unavailable = |error| {
            Error::new(Code::Internal, "the settings store cannot be opened").because(error)
        };
        FILES
            .set(Arc::clone(&files))
            .map_err(|_| Error::new(Code::Internal, "the settings store is open already"))?;
        let store = StoreBuilder::new(app, files.main_path())
            .defaults(files.members())
            .serialize(serialize)
            .deserialize(deserialize)
            .disable_auto_save()
            .build()
            .map_err(|error| unavailable(Box::new(error)))?;
        Ok(Self { files, store })
    }
}

impl<R: Runtime> SettingsStore for PluginStore<R> {
    fn save(&self, document: &Settings) -> Result<()> {
        let not_saved = |why: String| Error::new(Code::NotSaved, format!("not saved: {why}"));
        let Ok(Value::Object(members)) = serde_json::to_value(document) else {
            return Err(not_saved(
                "the settings cannot be written as JSON".to_owned(),
            ));
        };
        let before = self.store.entries();
        for (key, _) in &before {
            if !members.contains_key(key) {
                self.store.delete(key);
            }
        }
        // The plugin saves by itself when the app ends, perhaps in between: until the generation is
        // the new one, what changed is refused.
        let generation = members.get(GENERATION).cloned();
        for (key, value) in members {
            if key != GENERATION {
                self.store.set(key, value);
            }
        }
        self.store.set(GENERATION, generation);
        if let Err(error) = self.store.save() {
            // The copy is written before the plugin's own file: then it is saved all the same.
            if self.files.holds(document) {
                tracing::warn!(%error, "only the copy of the settings was written");
                return Ok(());
            }
            let (generation, others): (Vec<_>, Vec<_>) =
                before.into_iter().partition(|(key, _)| key == GENERATION);
            for (key, value) in generation.into_iter().chain(others) {
                self.store.set(key, value);
            }
            return Err(not_saved(error.to_string()));
        }
        Ok(())
    }
}

fn serialize(cache: &HashMap<String, Value>) -> Result<Vec<u8>, HookError> {
    files()?.serialize(cache)
}

fn deserialize(bytes: &[u8]) -> Result<HashMap<String, Value>, HookError> {
    files()?.deserialize(bytes)
}

fn files() -> Result<&'static Arc<SettingsFiles>, HookError> {
    FILES
        .get()
        .ok_or_else(|| "the settings are not open".into())
}
