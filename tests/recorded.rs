//! What a real engine answers the window, kept as `tests/ui/recorded.json`: the fake core of the
//! window's tests is held against it, so that it cannot drift. `TIDINGS_WIRE=write` writes it anew.

mod support;

use std::{collections::HashMap, fs, path::Path};

use serde_json::{Value, json};
use support::{
    rig::{Rig, source},
    server::{Answer, Server, Then},
};
use tidings_core::ipc::{CommandError, PageRequest};

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
    let (snapshot, _feed) = rig.handle.attach("en-GB".into(), "1.0.0").await.unwrap();
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
    let recorded = json!({
        "attach": snapshot,
        "history_page": found,
        "history_page_refused": CommandError::from(refused),
        "history_get": rig.handle.event(row).await.unwrap(),
        "history_delete": rig.handle.history.delete(vec![row]).await.unwrap(),
    });
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
