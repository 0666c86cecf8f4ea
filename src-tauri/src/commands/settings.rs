//! What the settings and diagnostics pages ask beyond preferences: files, figures, the end of all
//! data.

use serde::Deserialize;
use tauri::{Manager as _, State, WebviewWindow};
use tidings_core::{
    engine::Handle,
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

#[tauri::command]
pub(crate) async fn settings_export(
    engine: State<'_, Handle>,
    request: SettingsExport,
) -> Answer<Exported> {
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
    Ok(chosen.map(|file| file.path().to_string_lossy().into_owned()))
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
