//! What servers really send, read by the preset made for it: from the bytes of the stream to the
//! row in history and the toast on the bus.
#![cfg(all(unix, not(target_os = "macos")))]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what supports a test fails it"
)]

#[path = "support/notification_daemon.rs"]
#[expect(dead_code, reason = "this test needs a part of it")]
mod notification_daemon;
mod support;

use std::fs;

use notification_daemon::{Bus, Daemon};
use serde_json::{Value, json};
use support::{
    rig::{Rig, source},
    server::{Answer, Server, Then},
};
use tempfile::TempDir;
use tidings_core::{ingest::mapping::Preset, source::SourceConfig};

#[expect(clippy::disallowed_methods, reason = "a test is its own engine")]
fn spawn(future: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(future);
}

/// What stands in history and on the bus after a server has sent the fixture.
async fn shown(preset: Preset, name: &str, expected: usize) -> Value {
    let stream = fs::read(format!("../../tests/fixtures/presets/{name}.sse")).unwrap();
    let server = Server::start([Answer::stream([stream], Then::Hold)]).await;
    let home = TempDir::new().unwrap();
    let bus = Bus::start(home.path());
    let daemon = Daemon::start(&bus, &["actions", "body"]).await;
    let mut config: SourceConfig = source(name, server.url("/events").parse().unwrap());
    config.mapping.preset = preset;
    let id = config.id;
    let rig = Rig::start_on_bus([config], &bus.address).await;
    rig.await_data(id, expected).await;
    let calls = daemon.calls(expected).await;
    let stored = rig.stored(id).await;
    rig.stop().await;
    let events = stored.iter().map(|event| {
        let mut shown = json!({
            "event": event.event,
            "title": event.notification.title,
            "severity": event.notification.severity,
        });
        let toast = calls.iter().find(|call| {
            call.summary == event.notification.title
                || event.notification.title.starts_with(&call.summary)
        });
        if let Some(toast) = toast {
            shown["toast"] = json!({
                "summary": toast.summary, "body": toast.body, "urgency": toast.urgency
            });
        }
        if let Some(url) = &event.notification.url {
            shown["url"] = json!(url);
        }
        if !event.notification.tags.is_empty() {
            shown["tags"] = json!(event.notification.tags);
        }
        shown
    });
    events.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn real_payloads_make_the_toasts_a_person_expects() {
    let mut wrong = Vec::new();
    for preset in Preset::ALL {
        let name = serde_json::to_value(preset).unwrap();
        let name = name.as_str().unwrap();
        let path = format!("../../tests/fixtures/presets/{name}.json");
        let expected: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let count = expected.as_array().unwrap().len();

        let shown = shown(preset, name, count).await;

        if shown != expected {
            wrong.push(format!("{name}: {shown:#}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
