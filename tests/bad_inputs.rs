//! What hostile servers send, B1 to B30, from the wire to the toast: each with what is expected of
//! it. Real parts all the way: an HTTP server, the engine, a message bus.
#![cfg(all(unix, not(target_os = "macos")))]
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "what supports a test fails it"
)]

#[path = "support/notification_daemon.rs"]
#[expect(dead_code, reason = "this test needs a part of it")]
mod notification_daemon;
mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use notification_daemon::{Bus, Call, Daemon};
use serde_json::{Value, json};
use support::{
    chaos::Chaos,
    rig::{Rig, source},
    server::{Answer, Server, Then},
};
use tempfile::TempDir;
use tidings_core::{
    delivery::{Options, storm::Limits},
    model::{Severity, SourceId},
    settings::Settings,
    source::SourceToasts,
};
use tokio::{net::TcpListener, time::sleep};

#[expect(clippy::disallowed_methods, reason = "a test is its own engine")]
fn spawn(future: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(future);
}

/// What one event must look like as a toast, where it matters.
#[derive(Default)]
struct Expected {
    summary: Option<String>,
    body: Option<String>,
    /// Label of the button that opens its link; empty: there is none.
    link: Option<&'static str>,
    urgency: Option<u8>,
}

/// No button opens its link.
fn opens_nothing() -> Expected {
    opens("")
}

fn title(summary: impl Into<String>) -> Expected {
    Expected {
        summary: Some(summary.into()),
        ..Expected::default()
    }
}

fn body(body: impl Into<String>) -> Expected {
    Expected {
        body: Some(body.into()),
        ..Expected::default()
    }
}

fn opens(label: &'static str) -> Expected {
    Expected {
        link: Some(label),
        ..Expected::default()
    }
}

/// An event with a title of its own, so that none repeats another.
fn says(number: usize, more: &Value) -> Value {
    let mut event = json!({"title": format!("event {number}")});
    let fields = event.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    event
}

/// The table of bad inputs; `port` is where somebody listens.
#[expect(clippy::too_many_lines, reason = "a table is as long as it is")]
fn table(port: u16) -> Vec<(&'static str, Value, Expected)> {
    let image = format!("<img src=http://127.0.0.1:{port}/x>");
    let escaped = format!("&lt;img src=http://127.0.0.1:{port}/x&gt;");
    let family = "👨\u{200d}👩\u{200d}👧\u{200d}👦";
    let long_url = format!("https://h/{}", "a".repeat(100_000));
    let many: Vec<Value> = (0..50)
        .map(|_| json!({"action": "default", "label": "L".repeat(10_000), "url": "https://evil/"}))
        .collect();
    let mut table = vec![
        (
            "B1",
            json!({"title": "<script>alert(1)</script>"}),
            title("<script>alert(1)</script>"),
        ),
        ("B2", json!({"body": image}), body(escaped)),
        (
            "B3",
            json!({"body": "<a href=\"http://evil\">Re-login</a>"}),
            body("&lt;a href=&quot;http://evil&quot;&gt;Re-login&lt;/a&gt;"),
        ),
        (
            "B4",
            json!({"body": "& &amp; &lt; <"}),
            body("&amp; &amp;amp; &amp;lt; &lt;"),
        ),
        ("B5", json!({"title": "a\0b"}), title("ab")),
        ("B6", json!({"title": "\u{202e}gpj.exe"}), title("gpj.exe")),
        (
            "B7",
            json!({"title": "A".repeat(1 << 19)}),
            title(format!("{}…", "A".repeat(120))),
        ),
        // The stored title is cut in characters first, the toast's between graphemes.
        (
            "B8",
            json!({"title": family.repeat(500)}),
            title(family.repeat(300 / 7)),
        ),
        ("B9", json!({"title": ""}), title("message")),
        ("B9", json!({"title": "\u{200b}"}), title("hostile")),
        (
            "B10",
            json!({"body": format!("a{}b", "\n".repeat(10_000))}),
            body("a"),
        ),
        ("B12", json!({"body": "a\rb\r\nc\nd"}), body("a\nb\nc\nd")),
        ("B13", json!({"body": "\u{1b}]0;x\u{7}done"}), body("done")),
        (
            "B14",
            json!({"url": "javascript:alert(1)"}),
            opens_nothing(),
        ),
        (
            "B18",
            json!({"url": "data:text/html,<script>"}),
            opens_nothing(),
        ),
        ("B18", json!({"url": "blob:https://h/1"}), opens_nothing()),
        ("B18", json!({"url": "about:blank"}), opens_nothing()),
        (
            "B19",
            json!({"url": "https://user:pass@bank.com@evil.com/"}),
            opens_nothing(),
        ),
        (
            "B20",
            json!({"url": "https://\u{430}pple.com"}),
            opens("Open xn--pple-43d.com…"),
        ),
        (
            "B21",
            json!({"url": "https://evil.com\\.bank.com"}),
            opens_nothing(),
        ),
        ("B21", json!({"url": "https:///evil"}), opens("Open evil…")),
        ("B21", json!({"url": "https://"}), opens_nothing()),
        (
            "B22",
            json!({"url": "https://h/%0d%0aX:1"}),
            opens("Open h…"),
        ),
        ("B22", json!({"url": long_url}), opens_nothing()),
        ("B23", json!({"url": "--help"}), opens_nothing()),
        ("B23", json!({"url": "-oProxyCommand=x"}), opens_nothing()),
        ("B24", json!({"url": "/x"}), opens_nothing()),
        (
            "B27",
            json!({"actions": many, "action": "default"}),
            opens_nothing(),
        ),
        (
            "B28",
            json!({"level": "critical"}),
            Expected {
                urgency: Some(1),
                ..Expected::default()
            },
        ),
        (
            "B30",
            json!({"tag": "t".repeat(1 << 19), "tags": ["\0", "x"]}),
            Expected::default(),
        ),
    ];
    for url in [
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
    ] {
        table.push(("B15", json!({"url": url}), opens_nothing()));
    }
    for url in ["file:///etc/passwd", "file://host/share"] {
        table.push(("B16", json!({"url": url}), opens_nothing()));
    }
    for url in [
        "smb://h/s",
        "\\\\h\\s",
        "//h/s",
        "nfs://h/x",
        "ms-msdt:/id",
        "search-ms:x",
        "vscode://x",
        "steam://run/1",
        "tel:1",
        "mailto:a@b",
    ] {
        table.push(("B17", json!({"url": url}), opens_nothing()));
    }
    for icon in [
        "/etc/shadow".to_owned(),
        "file:///etc/shadow".to_owned(),
        format!("http://127.0.0.1:{port}/i"),
    ] {
        table.push((
            "B25",
            json!({"icon": icon, "image": icon, "image-path": icon}),
            Expected::default(),
        ));
    }
    for sound in ["../../x.wav", "/dev/zero"] {
        table.push((
            "B26",
            json!({"sound": sound, "sound-file": sound}),
            Expected::default(),
        ));
    }
    for expire in [
        json!(-1),
        json!(0),
        json!(4_294_967_295_u64),
        json!(1e99),
        json!("abc"),
    ] {
        table.push((
            "B29",
            json!({"expire": expire, "timeout": expire}),
            Expected::default(),
        ));
    }
    table
}

fn check(id: &str, call: &Call, expected: &Expected) {
    if let Some(summary) = &expected.summary {
        assert_eq!(&call.summary, summary, "{id}");
    }
    if let Some(body) = &expected.body {
        assert_eq!(&call.body, body, "{id}");
    }
    if let Some(label) = expected.link {
        let at = call.actions.iter().position(|word| word == "open");
        let shown = at.and_then(|at| call.actions.get(at + 1));
        assert_eq!(shown.map_or("", String::as_str), label, "{id}");
    }
    if let Some(urgency) = expected.urgency {
        assert_eq!(call.urgency, Some(urgency), "{id}");
    }
    // Of every toast, whatever the server sent: no picture, sound, lifetime or verb of its own.
    assert_eq!(
        (call.app_name.as_str(), call.icon.as_str()),
        ("Tidings", "tidings"),
        "{id}"
    );
    let mut hints = call.hints.clone();
    hints.sort();
    assert_eq!(hints, ["category", "desktop-entry", "urgency"], "{id}");
    assert_eq!((call.timeout, call.replaces), (-1, 0), "{id}");
    let keys: Vec<&str> = call.actions.iter().step_by(2).map(String::as_str).collect();
    assert!(
        keys == ["default", "snooze", "read"] || keys == ["default", "open", "snooze", "read"],
        "{id}: {keys:?}"
    );
    assert!(
        call.actions.iter().all(|label| label.chars().count() < 60),
        "{id}"
    );
    assert!(
        call.summary.chars().count() <= 1000 && call.body.lines().count() <= 12,
        "{id}"
    );
}

async fn count_visitors() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let visitors = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&visitors);
    spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    (port, visitors)
}

async fn rig(chaos: &Chaos, bus: &Bus) -> (Rig, SourceId) {
    let mut hostile = source("hostile", chaos.url("/events?all"));
    hostile.toast = SourceToasts {
        max_urgency: Severity::Normal,
        ..SourceToasts::default()
    };
    let id = hostile.id;
    let settings = Settings {
        sources: vec![hostile],
        ..Settings::default()
    };
    let toasts = Options {
        limits: Limits::lifted(),
        bus: Some(bus.address.clone()),
        ..Options::default()
    };
    let rig = Rig::start_with_toasts(settings, toasts).await;
    rig.await_live(id).await;
    // Past the opening burst: these are no replay.
    sleep(Duration::from_millis(700)).await;
    (rig, id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b1_to_b30_each_becomes_what_is_expected_and_no_request_ever_leaves() {
    let home = TempDir::new().unwrap();
    let bus = Bus::start(home.path());
    let daemon = Daemon::start(&bus, &["actions", "body", "body-markup"]).await;
    let chaos = Chaos::start().await;
    let (rig, id) = rig(&chaos, &bus).await;
    let (port, visitors) = count_visitors().await;

    let table = table(port);
    for (number, (name, event, expected)) in table.iter().enumerate() {
        chaos.publish(says(number, event).to_string());
        let calls = daemon.calls(number + 1).await;
        check(name, calls.last().unwrap(), expected);
        assert_eq!(calls.len(), number + 1, "{name}");
        assert_eq!(
            calls.last().unwrap().sender,
            calls[0].sender,
            "{name} cost the connection"
        );
    }
    assert_eq!(rig.data(id).await.len(), table.len());
    // B11: what is no UTF-8 arrives as U+FFFD, and the event is kept.
    let bytes = b"data: {\"title\":\"\xff\xfe!\"}\n\n".as_slice();
    let server = Server::start([Answer::stream([bytes], Then::Hold)]).await;
    let other = source("other", server.url("/").parse().unwrap());
    rig.handle.add_configured(other, Vec::new()).await.unwrap();
    let calls = daemon.calls(table.len() + 1).await;
    check("B11", calls.last().unwrap(), &title("\u{fffd}\u{fffd}!"));

    assert_eq!(
        visitors.load(Ordering::SeqCst),
        0,
        "somebody asked for a picture"
    );
    rig.stop().await;
}
