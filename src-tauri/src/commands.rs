//! What the window may ask: each command borrows the engine, calls the core once and maps the
//! error. One request struct each; what it does not know is refused.

use serde::{Deserialize, Serialize};
use tauri::{State, ipc::Channel};
use tidings_core::{
    engine::Handle,
    error::{Code, Error},
    ipc::{
        CommandError, EventDetail, ExportProgress, ExportRequest, HistoryFigures, Page,
        PageRequest, Snapshot, SourceInput, SourceView, Undoable, Update,
    },
    model::{RowId, SourceId},
    settings::{Language, Preferences, Retention, Theme},
};

use crate::{feed::Window, words::system_language};

type Answer<T> = Result<T, CommandError>;

#[tauri::command]
pub(crate) async fn attach(
    engine: State<'_, Handle>,
    window: State<'_, Window>,
    channel: Channel<Vec<Update>>,
) -> Answer<Snapshot> {
    let (snapshot, feed) = engine
        .attach(system_language(), env!("CARGO_PKG_VERSION"))
        .await?;
    window.start(feed, channel);
    Ok(snapshot)
}

#[tauri::command]
pub(crate) async fn history_page(engine: State<'_, Handle>, request: PageRequest) -> Answer<Page> {
    Ok(engine.page(&request).await?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OneRow {
    row: RowId,
}

#[tauri::command]
pub(crate) async fn history_get(engine: State<'_, Handle>, request: OneRow) -> Answer<EventDetail> {
    let found = engine.history.get(request.row).await?;
    Ok(found.ok_or_else(|| Error::new(Code::NotFound, "this event was deleted"))?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarkRead {
    rows: Option<Vec<RowId>>,
    source: Option<SourceId>,
    read: bool,
}

#[tauri::command]
pub(crate) async fn history_mark_read(
    engine: State<'_, Handle>,
    request: MarkRead,
) -> Answer<Undoable> {
    Ok(engine
        .mark_read(request.rows, request.source, request.read)
        .await?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pin {
    rows: Vec<RowId>,
    pinned: bool,
}

#[tauri::command]
pub(crate) async fn history_pin(engine: State<'_, Handle>, request: Pin) -> Answer<()> {
    Ok(engine.pin(request.rows, request.pinned).await?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SomeRows {
    rows: Vec<RowId>,
}

#[tauri::command]
pub(crate) async fn history_delete(
    engine: State<'_, Handle>,
    request: SomeRows,
) -> Answer<Undoable> {
    Ok(engine.delete(request.rows).await?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TakeBack {
    undo: u64,
}

#[tauri::command]
pub(crate) async fn history_undo(engine: State<'_, Handle>, request: TakeBack) -> Answer<()> {
    Ok(engine.undo(request.undo).await?)
}

#[tauri::command]
pub(crate) async fn history_clear(engine: State<'_, Handle>) -> Answer<()> {
    Ok(engine.clear_history().await?)
}

#[tauri::command]
pub(crate) async fn history_figures(engine: State<'_, Handle>) -> Answer<HistoryFigures> {
    Ok(engine.figures().await?)
}

#[tauri::command]
pub(crate) async fn history_export(
    engine: State<'_, Handle>,
    request: ExportRequest,
    channel: Channel<ExportProgress>,
) -> Answer<ExportProgress> {
    let tell = |progress: &ExportProgress| {
        // A window that is gone does not stop an export.
        let _ = channel.send(progress.clone());
    };
    Ok(engine.export(request, tell).await?)
}

#[tauri::command]
pub(crate) async fn history_export_cancel(engine: State<'_, Handle>) -> Answer<()> {
    engine.cancel_export();
    Ok(())
}

#[tauri::command]
pub(crate) async fn source_add(
    engine: State<'_, Handle>,
    request: SourceInput,
) -> Answer<SourceView> {
    Ok(engine.add_source(request).await?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditSource {
    id: SourceId,
    source: SourceInput,
}

#[tauri::command]
pub(crate) async fn source_edit(
    engine: State<'_, Handle>,
    request: EditSource,
) -> Answer<SourceView> {
    Ok(engine.edit_source(request.id, request.source).await?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemoveSource {
    id: SourceId,
    keep_history: bool,
}

#[tauri::command]
pub(crate) async fn source_remove(engine: State<'_, Handle>, request: RemoveSource) -> Answer<()> {
    Ok(engine
        .remove_source(request.id, request.keep_history)
        .await?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnableSource {
    id: SourceId,
    enabled: bool,
}

#[tauri::command]
pub(crate) async fn source_enable(
    engine: State<'_, Handle>,
    request: EnableSource,
) -> Answer<SourceView> {
    Ok(engine.enable_source(request.id, request.enabled).await?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OneSource {
    id: SourceId,
}

#[tauri::command]
pub(crate) async fn source_retry(
    engine: State<'_, Handle>,
    request: OneSource,
) -> Answer<SourceView> {
    Ok(engine.retry_source(request.id).await?)
}

#[tauri::command]
pub(crate) async fn demo_start(engine: State<'_, Handle>) -> Answer<SourceView> {
    Ok(engine.add_demo().await?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetPreferences {
    language: Option<Language>,
    theme: Option<Theme>,
    toasts_paused: Option<bool>,
    retention: Option<Retention>,
}

#[tauri::command]
pub(crate) async fn preferences_set(
    engine: State<'_, Handle>,
    request: SetPreferences,
) -> Answer<Preferences> {
    let edited = engine.edit_preferences(|preferences| {
        preferences.language = request.language.unwrap_or(preferences.language);
        preferences.theme = request.theme.unwrap_or(preferences.theme);
        preferences.toasts_paused = request.toasts_paused.unwrap_or(preferences.toasts_paused);
        preferences.retention = request.retention.unwrap_or(preferences.retention);
    });
    Ok(edited.await?)
}

#[derive(Debug, Serialize)]
pub(crate) struct ToastServer {
    server: String,
}

#[tauri::command]
pub(crate) async fn toast_test(engine: State<'_, Handle>) -> Answer<ToastServer> {
    Ok(ToastServer {
        server: engine.test_toast().await?,
    })
}
