//! What the settings and diagnostics pages ask beyond preferences: files, figures, the end of all
//! data.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use serde::Deserialize;
use tauri::{Manager as _, State, WebviewWindow};
use tidings_core::{
    engine::Handle,
    error::{Code, Error, Result},
    ipc::{About, Exported, HistoryCheck, ImportPlan, ImportRequest, SettingsExport},
};

use super::Answer;
use crate::app::Directory;

#[tauri::command]
pub(crate) async fn about(engine: State<'_, Handle>) -> Answer<About> {
    Ok(engine.about(tauri::webview_version().ok()))
}

#[tauri::command]
pub(crate) async fn history_check(engine: State<'_, Handle>) -> Answer<HistoryCheck> {
    Ok(engine.check_history().await?)
}

/// The file a person chose last in the system's dialog: the only one beside the downloads that the
/// window can have written, and once.
#[derive(Debug, Default)]
pub(crate) struct Chosen(Mutex<Option<PathBuf>>);

impl Chosen {
    fn put(&self, path: Option<PathBuf>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = path;
    }

    /// # Errors
    /// `ExportFailed` for a path that was not chosen.
    pub(crate) fn permit(&self, path: Option<&str>) -> Result<()> {
        let Some(path) = path else {
            return Ok(());
        };
        let chosen = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if chosen.is_some_and(|chosen| chosen.to_string_lossy() == path) {
            return Ok(());
        }
        let words = "a file is written where a person chose it: choose again";
        Err(Error::new(Code::ExportFailed, words))
    }
}

#[tauri::command]
pub(crate) async fn settings_export(
    engine: State<'_, Handle>,
    chosen: State<'_, Chosen>,
    request: SettingsExport,
) -> Answer<Exported> {
    chosen.permit(request.path.as_deref())?;
    Ok(engine.export_settings(request.path.map(Into::into)).await?)
}

#[tauri::command]
pub(crate) async fn settings_import(
    engine: State<'_, Handle>,
    request: ImportRequest,
) -> Answer<ImportPlan> {
    Ok(engine.import_settings(request).await?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChoosePath {
    /// A name to begin with; its ending says what kind of file it is.
    name: String,
}

/// Asks in the system's own dialog where to save a file; nothing where that was cancelled.
#[tauri::command]
pub(crate) async fn path_choose(
    window: WebviewWindow,
    state: State<'_, Chosen>,
    request: ChoosePath,
) -> Answer<Option<String>> {
    let mut dialog = rfd::AsyncFileDialog::new()
        .set_parent(&window)
        .set_file_name(&request.name);
    let paths = window.path();
    if let Ok(folder) = paths.download_dir().or_else(|_| paths.home_dir()) {
        dialog = dialog.set_directory(folder);
    }
    if let Some((_, ending)) = request.name.rsplit_once('.') {
        dialog = dialog.add_filter(ending, &[ending]);
    }
    let chosen = dialog.save_file().await;
    let path = chosen.map(|file| file.path().to_owned());
    let told = path
        .as_ref()
        .map(|path| path.to_string_lossy().into_owned());
    state.put(path);
    Ok(told)
}

/// Deletes sources, credentials, rules, preferences and history, and the copies of damaged files.
#[tauri::command]
pub(crate) async fn data_delete(
    engine: State<'_, Handle>,
    directory: State<'_, Directory>,
) -> Answer<()> {
    engine.delete_all().await?;
    if let Some(dir) = &directory.0 {
        dir.remove_set_aside();
    }
    Ok(())
}
