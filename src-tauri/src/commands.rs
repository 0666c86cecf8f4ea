//! What the window may ask: each command borrows the engine, calls the core once and maps the
//! error. One request struct each; what it does not know is refused.

pub(crate) mod rules;
pub(crate) mod settings;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tauri::{AppHandle, State, WebviewWindow, ipc::Channel};
use tidings_core::{
    delivery::TestAnswer,
    engine::Handle,
    ipc::{
        CommandError, Diagnosis, EventDetail, ExportProgress, ExportRequest, HistoryFigures, Page,
        PageRequest, PastedCommand, QuietState, Snapshot, SourceActivity, SourceInput, SourcePulse,
        SourceView, Step, Undoable, Update,
    },
    model::{RowId, SourceId},
    quiet::{QuietHours, Snooze},
    settings::{Language, Preferences, Retention, Theme},
};

use crate::{
    autostart,
    feed::Window,
    words::system_language,
    zoom::{self, Zoom},
};

type Answer<T> = Result<T, CommandError>;

#[tauri::command]
pub(crate) async fn attach(
    engine: State<'_, Handle>,
    window: State<'_, Window>,
    channel: Channel<Vec<Update>>,
) -> Answer<Snapshot> {
    window.detach();
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
    Ok(engine.event(request.row).await?)
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
    chosen: State<'_, settings::Chosen>,
    request: ExportRequest,
    channel: Channel<ExportProgress>,
) -> Answer<ExportProgress> {
    chosen.permit(request.path.as_deref())?;
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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProbeSource {
    id: Option<SourceId>,
    source: SourceInput,
    patience_ms: u32,
}

/// Answers when the test has ended: whether it passed, or nothing where it was ended early.
#[tauri::command]
pub(crate) async fn source_probe(
    engine: State<'_, Handle>,
    window: State<'_, Window>,
    request: ProbeSource,
    channel: Channel<Step>,
) -> Answer<Option<bool>> {
    let ended_early = window.begin_test();
    let patience = Duration::from_millis(request.patience_ms.into());
    let test = engine.probe(request.id, request.source, patience, |step| {
        // A window that is gone ends the test anyway.
        let _ = channel.send(step);
    });
    Ok(ended_early.run_until_cancelled(test).await.transpose()?)
}

#[tauri::command]
pub(crate) async fn source_probe_end(window: State<'_, Window>) -> Answer<()> {
    window.end_test();
    Ok(())
}

#[tauri::command]
pub(crate) async fn source_pulses(engine: State<'_, Handle>) -> Answer<Vec<SourcePulse>> {
    Ok(engine.pulses())
}

#[tauri::command]
pub(crate) async fn source_activity(engine: State<'_, Handle>) -> Answer<Vec<SourceActivity>> {
    Ok(engine.activity().await?)
}

#[tauri::command]
pub(crate) async fn source_diagnosis(
    engine: State<'_, Handle>,
    request: OneSource,
) -> Answer<Diagnosis> {
    Ok(engine.diagnosis(request.id)?)
}

#[tauri::command]
pub(crate) async fn source_curl(engine: State<'_, Handle>, request: OneSource) -> Answer<String> {
    Ok(engine.curl(request.id).await?)
}

/// No `Debug`: the text may hold a token.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Command {
    text: String,
}

#[tauri::command]
pub(crate) async fn curl_read(
    engine: State<'_, Handle>,
    request: Command,
) -> Answer<PastedCommand> {
    Ok(engine.read_curl(&request.text)?)
}

#[tauri::command]
pub(crate) async fn report(engine: State<'_, Handle>) -> Answer<String> {
    Ok(engine.report(tauri::webview_version().ok()).await)
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
    compact: Option<bool>,
    single_keys_off: Option<bool>,
    side_width: Option<u32>,
    list_width: Option<u32>,
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
        preferences.compact = request.compact.unwrap_or(preferences.compact);
        preferences.single_keys_off = request
            .single_keys_off
            .unwrap_or(preferences.single_keys_off);
        preferences.side_width = request.side_width.or(preferences.side_width);
        preferences.list_width = request.list_width.or(preferences.list_width);
        preferences.retention = request.retention.unwrap_or(preferences.retention);
    });
    Ok(edited.await?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetQuietHours {
    quiet_hours: QuietHours,
}

#[tauri::command]
pub(crate) async fn quiet_hours_set(
    engine: State<'_, Handle>,
    request: SetQuietHours,
) -> Answer<Preferences> {
    Ok(engine.set_quiet_hours(request.quiet_hours).await?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetSnooze {
    snooze: Snooze,
}

#[tauri::command]
pub(crate) async fn snooze(engine: State<'_, Handle>, request: SetSnooze) -> Answer<QuietState> {
    Ok(engine.snooze(request.snooze).await?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpenAddress {
    url: String,
    /// The host the person was asked about.
    confirmed_host: String,
}

#[tauri::command]
pub(crate) async fn address_open(engine: State<'_, Handle>, request: OpenAddress) -> Answer<()> {
    Ok(engine.open_address(&request.url, &request.confirmed_host)?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpenLink {
    row: RowId,
    /// The host the person was asked about.
    confirmed_host: Option<String>,
}

#[tauri::command]
pub(crate) async fn link_open(engine: State<'_, Handle>, request: OpenLink) -> Answer<()> {
    let confirmed = request.confirmed_host.as_deref();
    Ok(engine.open_link(request.row, confirmed).await?)
}

#[tauri::command]
pub(crate) async fn toast_test(engine: State<'_, Handle>) -> Answer<TestAnswer> {
    Ok(engine.test_toast().await?)
}

#[tauri::command]
pub(crate) async fn pulse(engine: State<'_, Handle>) -> Answer<Vec<u32>> {
    Ok(engine.pulse().await?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetZoom {
    step: zoom::Step,
}

#[tauri::command]
pub(crate) async fn zoom(
    zoom: State<'_, Zoom>,
    window: WebviewWindow,
    request: SetZoom,
) -> Answer<()> {
    zoom.go(request.step);
    zoom.apply(&window);
    Ok(())
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Autostart {
    enabled: bool,
}

#[tauri::command]
pub(crate) async fn autostart_get(app: AppHandle) -> Answer<Autostart> {
    Ok(Autostart {
        enabled: autostart::is_on(&app),
    })
}

#[tauri::command]
pub(crate) async fn autostart_set(app: AppHandle, request: Autostart) -> Answer<Autostart> {
    autostart::set(&app, request.enabled)?;
    autostart_get(app).await
}

#[tauri::command]
pub(crate) async fn secrets_keep_in_file(engine: State<'_, Handle>) -> Answer<()> {
    Ok(engine.keep_secrets_in_file().await?)
}

#[tauri::command]
pub(crate) async fn keychain_give_up(engine: State<'_, Handle>) -> Answer<()> {
    Ok(engine.give_up_keychain().await?)
}
