//! What the window may ask about rules and mappings.

use serde::Deserialize;
use tauri::State;
use tidings_core::{
    engine::Handle,
    ipc::{
        EventTypeSeen, FieldSeen, MappedEvent, MappingPreviewRequest, RuleCount, RuleDraftRequest,
        RuleList, RulePreview, RulePreviewRequest,
    },
    model::SourceId,
    rules::Rule,
};

use super::{Answer, OneSource};

#[tauri::command]
pub(crate) async fn rules_get(engine: State<'_, Handle>) -> Answer<RuleList> {
    Ok(engine.rules())
}

#[tauri::command]
pub(crate) async fn rules_set(engine: State<'_, Handle>, request: RuleList) -> Answer<RuleList> {
    Ok(engine.set_rules(request).await?)
}

#[tauri::command]
pub(crate) async fn rule_hits(engine: State<'_, Handle>) -> Answer<Vec<RuleCount>> {
    Ok(engine.rule_hits().await?)
}

#[tauri::command]
pub(crate) async fn rules_preview(
    engine: State<'_, Handle>,
    request: RulePreviewRequest,
) -> Answer<RulePreview> {
    Ok(engine.preview_rules(&request).await?)
}

#[tauri::command]
pub(crate) async fn rule_draft(
    engine: State<'_, Handle>,
    request: RuleDraftRequest,
) -> Answer<Rule> {
    Ok(engine.draft_rule(&request).await?)
}

#[tauri::command]
pub(crate) async fn mapping_preview(
    engine: State<'_, Handle>,
    request: MappingPreviewRequest,
) -> Answer<Vec<MappedEvent>> {
    Ok(engine.preview_mapping(&request).await?)
}

#[tauri::command]
pub(crate) async fn event_types(
    engine: State<'_, Handle>,
    request: OneSource,
) -> Answer<Vec<EventTypeSeen>> {
    Ok(engine.event_types(request.id).await?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldsOf {
    source: Option<SourceId>,
}

#[tauri::command]
pub(crate) async fn fields_seen(
    engine: State<'_, Handle>,
    request: FieldsOf,
) -> Answer<Vec<FieldSeen>> {
    Ok(engine.fields(request.source).await?)
}
