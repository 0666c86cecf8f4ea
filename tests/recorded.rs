//! What a real engine answers the window, kept as `tests/ui/recorded.json`: the fake core of the
//! window's tests is held against it, so that it cannot drift. `TIDINGS_WIRE=write` writes it anew.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
    time::Duration,
};

use serde_json::{Value, json};
use support::{
    rig::{Rig, source},
    server::{Answer, Server, Then},
};
use tidings_core::{
    engine::{Handle, feed::Feed},
    ingest::mapping::Mapping,
    ipc::{
        CommandError, ExportFormat, ExportRequest, ImportRequest, MappingPreviewRequest,
        PageRequest, RuleDraftRequest, RulePreviewRequest,
    },
    model::{RowId, SourceId},
    rules::{Outcome, Rule},
};

const EVENTS: [&str; 1] = [concat!(
    "id: 1\nevent: deploy\ndata: {\"title\":\"Deploy failed\",\"level\":\"error\",",
    "\"url\":\"https://ci.example.com/4818\",\"tags\":[\"web-3\"]}\n\n",
    "id: 2\ndata: <script>alert(1)</script>\n\n",
    "id: 3\ndata: {\"title\":\"새 주문\",\"body\":\"₩120,000\"}\n\n",
)];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_fake_core_of_the_window_speaks_as_the_real_one_does() {
    let server = Server::start([Answer::stream(EVENTS, Then::Hold)]).await;
    let one = source("prod-api", server.url("/events").parse().unwrap());
    let id = one.id;
    let rig = Rig::start([one]).await;
    rig.await_data(id, 3).await;
    rig.await_live(id).await;
    let (snapshot, mut feed) = rig.handle.attach("en-GB".into(), "1.0.0").await.unwrap();
    let row = snapshot.page.rows.last().unwrap().row;
    let ask = |query: &str| PageRequest {
        query: Some(query.to_owned()),
        limit: 10,
        ..PageRequest::default()
    };
    let found = rig.handle.page(&ask("deploy")).await.unwrap();
    let refused = rig
        .handle
        .page(&ask("deploy colour:red"))
        .await
        .unwrap_err();
    let rule = |when: Value, name: &str| json!({ "name": name, "when": when, "then": "quiet" });
    let list = json!({
        "generation": rig.handle.rules().generation,
        "rules": [
            rule(json!({ "field": "event", "op": "is", "value": "deploy" }), "deploys"),
            rule(json!({ "all": [{ "field": "title", "op": "contains", "value": "주문" }] }), "주문"),
        ],
    });
    let saved = rig
        .handle
        .set_rules(serde_json::from_value(list).unwrap())
        .await
        .unwrap();
    let try_out = |rules: Vec<Rule>| RulePreviewRequest {
        rule: rules.first().map(|rule| rule.id),
        rules,
        last: 1000,
        source: None,
    };
    let mut draft = saved.rules.clone();
    draft.reverse();
    draft.pop();
    let preview = rig.handle.preview_rules(&try_out(draft)).await.unwrap();
    let pattern = rule(
        json!({ "any": [{ "not": { "field": "title", "op": "matches", "value": "(" } }] }),
        "brackets",
    );
    let pattern = vec![serde_json::from_value(pattern).unwrap()];
    let unreadable = rig.handle.preview_rules(&try_out(pattern)).await;
    let drafted = RuleDraftRequest {
        row,
        field: None,
        then: Outcome::Quiet,
    };
    let mapping = |title: &str| MappingPreviewRequest {
        source: id,
        mapping: Mapping {
            title: Some(title.to_owned()),
            ..Mapping::default()
        },
        last: 5,
    };
    let unmappable = rig.handle.preview_mapping(&mapping("{$.title")).await;
    let changed = changed(&rig.handle, &mut feed, row).await;
    let mut recorded = connected(&rig.handle, id, ask("deploy")).await;
    let rest = json!({
        "updates": changed,
        "rules_get": saved,
        "rules_preview": preview,
        "rules_preview_refused": CommandError::from(unreadable.unwrap_err()),
        "rule_hits": rig.handle.rule_hits().await.unwrap(),
        "rule_draft": rig.handle.draft_rule(&drafted).await.unwrap(),
        "mapping_preview": rig.handle.preview_mapping(&mapping("{event}: {$.title}")).await.unwrap(),
        "mapping_preview_refused": CommandError::from(unmappable.unwrap_err()),
        "event_types": rig.handle.event_types(id).await.unwrap(),
        "fields_seen": rig.handle.fields(None).await.unwrap(),
        "attach": snapshot,
        "history_page": found,
        "history_page_refused": CommandError::from(refused),
        "history_get": rig.handle.event(row).await.unwrap(),
        "history_delete": rig.handle.history.delete(vec![row]).await.unwrap(),
    });
    recorded
        .as_object_mut()
        .unwrap()
        .extend(rest.as_object().unwrap().clone());
    let recorded = format!("{:#}\n", settled(recorded, &mut HashMap::new()));
    rig.stop().await;

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/ui/recorded.json");
    if std::env::var_os("TIDINGS_WIRE").is_some_and(|mode| mode == "write") {
        fs::write(&path, &recorded).unwrap();
    }
    assert_eq!(
        recorded,
        fs::read_to_string(&path).unwrap(),
        "the core answers otherwise; run: scripts/bindings"
    );
}

/// What is told of connections, files and the program itself.
async fn connected(handle: &Handle, id: SourceId, select: PageRequest) -> Value {
    let mut steps = Vec::new();
    let unreachable = json!({
        "name": "",
        "url": "http://127.0.0.1:1/events",
        "headers": [],
        "events": { "mode": "all" },
        "allow_cleartext_secrets": false,
        "options": null,
    });
    let unreachable = serde_json::from_value(unreachable).unwrap();
    let patience = Duration::from_secs(5);
    let tested = handle.probe(None, unreachable, patience, |step| {
        steps.push(step);
    });
    assert!(!tested.await.unwrap());
    let import = ImportRequest {
        text: json!({
            "tidings": "settings",
            "schema": 1,
            "sources": [{ "id": id, "name": "prod-api", "url": "https://api.example.com/events" }],
        })
        .to_string(),
        apply: false,
    };
    let written = tempfile::tempdir().unwrap();
    let export = ExportRequest {
        format: ExportFormat::Jsonl,
        select,
        path: Some(written.path().join("tidings.jsonl").display().to_string()),
    };
    json!({
        "source_pulses": handle.pulses(),
        "source_activity": handle.activity().await.unwrap(),
        "pulse": handle.pulse().await.unwrap(),
        "source_diagnosis": handle.diagnosis(id).unwrap(),
        "source_probe": steps,
        "settings_import": handle.import_settings(import).await.unwrap(),
        "history_export": handle.export(export, |_| {}).await.unwrap(),
        "history_figures": handle.figures().await.unwrap(),
        "about": handle.about(Some("2.50.6".into())),
    })
}

/// Changes a row in every way; the updates about that by their kind. The others tell what a
/// snapshot tells.
async fn changed(handle: &Handle, feed: &mut Feed, row: RowId) -> BTreeMap<String, Value> {
    handle.mark_read(Some(vec![row]), None, true).await.unwrap();
    handle.pin(vec![row], true).await.unwrap();
    let undo = handle.delete(vec![row]).await.unwrap().undo.unwrap();
    handle.undo(undo).await.unwrap();
    let kinds = ["read", "pinned", "deleted", "restored"];
    let mut told = BTreeMap::new();
    while told.len() < kinds.len() {
        for update in feed.next().await.unwrap() {
            let update = serde_json::to_value(update).unwrap();
            let kind = update.get("kind").and_then(Value::as_str).unwrap();
            if kinds.contains(&kind) {
                told.entry(kind.to_owned()).or_insert(update);
            }
        }
    }
    told
}

/// The same without what differs from run to run: identities, moments, ports, fates of toasts.
fn settled(value: Value, ids: &mut HashMap<String, String>) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, field)| {
                let field = match key.as_str() {
                    // The toasts of this engine reach no service, sooner or later.
                    "delivery" => json!("refused"),
                    "delivery_cause" | "delivery_detail" => Value::Null,
                    "troubles" => json!([]),
                    // The last seven days are others every day.
                    "date" => json!("2026-11-23"),
                    "generation" | "bytes" | "longest_silence_ms" | "ms" => json!(1),
                    "hours" if field.is_array() => json!([1]),
                    "minutes" if field.is_array() => json!(["live"]),
                    "path"
                        if field
                            .as_str()
                            .is_some_and(|path| path.ends_with("/tidings.jsonl")) =>
                    {
                        json!("/home/me/Downloads/tidings.jsonl")
                    }
                    "system" => json!("linux x86_64"),
                    "version" => json!("1.0.0"),
                    _ => settled(field, ids),
                };
                (key, field)
            })
            .collect(),
        Value::Array(items) => items.into_iter().map(|item| settled(item, ids)).collect(),
        Value::Number(number) if number.as_i64().is_some_and(|n| n > 1_500_000_000_000) => {
            json!(1_790_000_000_000_i64)
        }
        Value::String(text) if uuid::Uuid::parse_str(&text).is_ok() => {
            let next = format!("00000000-0000-4000-8000-{:012}", ids.len() + 1);
            Value::String(ids.entry(text).or_insert(next).clone())
        }
        Value::String(text) if text.starts_with("http://127.0.0.1:") => {
            json!("http://127.0.0.1/events")
        }
        other => other,
    }
}
