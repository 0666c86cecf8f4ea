//! The engine and a real message bus: what becomes of toasts over ends and starts, and what their
//! buttons do.
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

use std::{sync::Mutex, time::Duration};

use notification_daemon::{Bus, Daemon, Mood};
use support::{
    chaos::Chaos,
    rig::{Rig, clock, numbers, sleep_through, source, stored},
};
use tempfile::TempDir;
use tidings_core::{
    delivery::{Options, storm::Limits},
    error::Code,
    history::{FILE, History},
    model::{Delivery, DeliveryCause, RowId},
    quiet::{QuietReason, Snooze},
    settings::Settings,
    source::{SourceConfig, SourceState},
};
use tokio::time::sleep;

#[expect(clippy::disallowed_methods, reason = "a test is its own engine")]
fn spawn(future: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(future);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_toast_under_way_at_the_end_is_never_left_pending_to_ring_again() {
    for _ in 0..5 {
        let home = TempDir::new().unwrap();
        let bus = Bus::start(home.path());
        let daemon = Daemon::start(&bus, &["actions", "body"]).await;
        daemon.be(Mood::Slow(Duration::from_millis(200)));
        let chaos = Chaos::start().await;
        let one = source("one", chaos.url("/events?all"));
        let id = one.id;
        let rig = Rig::start_on_bus([one], &bus.address).await;
        chaos.publish("1");
        daemon.calls(1).await;

        let dir = rig.stop().await;

        let history = History::open(dir.path()).unwrap();
        let events = stored(&history, id).await;
        assert_eq!(events[0].delivery, Delivery::Shown);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_fate_of_a_toast_that_cannot_be_stored_is_stored_later() {
    let home = TempDir::new().unwrap();
    let bus = Bus::start(home.path());
    let daemon = Daemon::start(&bus, &["actions", "body"]).await;
    let chaos = Chaos::start().await;
    let one = source("one", chaos.url("/events?all"));
    let id = one.id;
    let rig = Rig::start_on_bus([one], &bus.address).await;
    rig.await_live(id).await;
    let database = rusqlite::Connection::open(rig.dir.path().join("history.db")).unwrap();
    let refuse = "CREATE TRIGGER refuse BEFORE UPDATE OF delivery ON event \
                  BEGIN SELECT RAISE(ABORT, 'not now'); END";
    database.execute_batch(refuse).unwrap();
    for number in numbers(1, 2) {
        chaos.publish(&*number);
        daemon.calls(number.parse().unwrap()).await;
    }
    sleep(Duration::from_millis(500)).await;
    for event in rig.stored(id).await {
        assert_eq!(event.delivery, Delivery::Pending);
    }

    database.execute_batch("DROP TRIGGER refuse").unwrap();

    until(async || {
        let mut stored = rig.stored(id).await.into_iter();
        stored.all(|event| event.delivery == Delivery::Shown)
    })
    .await;
    rig.stop().await;
}

const MINUTE: Duration = Duration::from_secs(60);

/// What was handed to the browser, by all tests of this process.
static OPENED: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn options(bus: &Bus, limits: Limits) -> Options {
    Options {
        limits,
        bus: Some(bus.address.clone()),
        open: |url| {
            OPENED.lock().unwrap().push(url.to_owned());
            Ok(())
        },
        ..Options::default()
    }
}

fn settings(source: SourceConfig) -> Settings {
    Settings {
        sources: vec![source],
        ..Settings::default()
    }
}

async fn until(so: impl AsyncFn() -> bool) {
    let wait = async {
        while !so().await {
            sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = tokio::time::timeout(MINUTE, wait).await;
    waited.expect("it never became so");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_quiet_time_held_survives_a_restart_and_is_one_digest_at_its_end() {
    let home = TempDir::new().unwrap();
    let bus = Bus::start(home.path());
    let daemon = Daemon::start(&bus, &["actions", "body"]).await;
    let chaos = Chaos::start().await;
    let one = source("one", chaos.url("/events?all"));
    let id = one.id;
    let rig = Rig::start_with_toasts(settings(one), options(&bus, Limits::default())).await;
    rig.await_live(id).await;
    sleep(Duration::from_millis(600)).await;
    let minutes = 30;
    let state = rig
        .handle
        .snooze(Snooze::Minutes { minutes })
        .await
        .unwrap();
    assert_eq!(state.reason, Some(QuietReason::Snoozed));
    for number in numbers(1, 3) {
        chaos.publish(number);
    }
    let held = async |rig: &Rig| {
        let stored = rig.stored(id).await;
        stored
            .iter()
            .filter(|event| event.delivery == Delivery::Held)
            .count()
    };
    until(async || held(&rig).await == 3).await;
    until(async || rig.handle.quiet().held == 3).await;
    let detail = rig.handle.event(RowId(1)).await.unwrap();
    assert_eq!(detail.delivery_cause, Some(DeliveryCause::Snoozed));

    // Still quiet at the next start; what comes before it is held, too.
    let rig = rig
        .restart_after(|| {
            chaos.publish("4");
        })
        .await;
    until(async || rig.handle.quiet().held == 4).await;
    assert!(daemon.state().calls.is_empty());

    let rig = rig.restart_after(|| sleep_through(31 * 60)).await;
    let calls = daemon.calls(1).await;
    assert!(
        calls[0].body.starts_with("Not shown before: 4\n"),
        "{:?}",
        calls[0].body
    );
    until(async || held(&rig).await == 0).await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(daemon.state().calls.len(), 1, "one digest and nothing else");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_servers_replay_at_the_start_is_one_summary_over_all_sources() {
    let home = TempDir::new().unwrap();
    let bus = Bus::start(home.path());
    let daemon = Daemon::start(&bus, &["actions", "body"]).await;
    let chaos = [
        Chaos::start().await,
        Chaos::start().await,
        Chaos::start().await,
    ];
    let sources: Vec<_> = chaos
        .iter()
        .enumerate()
        .map(|(number, chaos)| source(&format!("s{number}"), chaos.url("/events?all")))
        .collect();
    let ids: Vec<_> = sources.iter().map(|source| source.id).collect();
    let all = Settings {
        sources,
        ..Settings::default()
    };
    let rig = Rig::start_with_toasts(all, options(&bus, Limits::default())).await;
    for (id, chaos) in ids.iter().zip(&chaos) {
        chaos.publish("first");
        rig.await_data(*id, 1).await;
    }
    daemon.calls(3).await;
    sleep(Duration::from_secs(1)).await;
    let before = daemon.state().calls.len();

    let rig = rig
        .restart_after(|| {
            for chaos in &chaos {
                for number in numbers(1, 20) {
                    chaos.publish(number);
                }
            }
        })
        .await;
    for id in &ids {
        rig.await_data(*id, 21).await;
    }
    daemon.calls(before + 1).await;
    sleep(Duration::from_secs(4)).await;
    let bodies: Vec<String> = daemon
        .state()
        .calls
        .iter()
        .skip(before)
        .map(|call| call.body.clone())
        .collect();
    assert!(
        bodies[0].starts_with("Not shown before: 60\n"),
        "{bodies:?}"
    );
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sources_that_connect_one_after_the_other_at_the_start_raise_one_toast() {
    let home = TempDir::new().unwrap();
    let bus = Bus::start(home.path());
    let daemon = Daemon::start(&bus, &["actions", "body"]).await;
    let mut chaos = [
        Chaos::start().await,
        Chaos::start().await,
        Chaos::start().await,
    ];
    let sources = ["zero", "one", "two"].into_iter().zip(&chaos);
    let sources: Vec<_> = sources
        .map(|(name, chaos)| source(name, chaos.url("/events?all")))
        .collect();
    let ids: Vec<_> = sources.iter().map(|source| source.id).collect();
    let all = Settings {
        sources,
        ..Settings::default()
    };
    let rig = Rig::start_with_toasts(all, options(&bus, Limits::default())).await;
    for (id, chaos) in ids.iter().zip(&chaos) {
        rig.await_live(*id).await;
        chaos.publish("first");
        rig.await_data(*id, 1).await;
    }
    let before = daemon.calls(3).await.len();

    chaos[1].stop().await;
    chaos[2].stop().await;
    let rig = rig
        .restart_after(|| {
            chaos[0].publish("early");
        })
        .await;
    rig.await_data(ids[0], 2).await;
    let alone = daemon.calls(before + 1).await.pop().unwrap();
    assert_eq!(alone.summary, "early");
    for late in [1, 2] {
        chaos[late].publish(format!("late {late}"));
        chaos[late].resume().await;
        rig.await_data(ids[late], 2).await;
    }
    let told = async || {
        let last = daemon.state().calls.last().cloned().unwrap();
        last.body.starts_with("Not shown before: 3\n")
    };
    until(told).await;
    for call in &daemon.state().calls[before + 1..] {
        assert_eq!(call.replaces, alone.id, "{:?}", call.body);
    }

    // Once the start is over, a person who resumes a source reads what it brings as itself.
    let before = daemon.state().calls.len();
    rig.handle.enable_source(ids[0], false).await.unwrap();
    rig.await_state(ids[0], |state| *state == SourceState::Paused)
        .await;
    chaos[0].publish("resumed");
    rig.handle.enable_source(ids[0], true).await.unwrap();
    rig.await_data(ids[0], 3).await;
    let resumed = daemon.calls(before + 1).await.pop().unwrap();
    assert_eq!((&*resumed.summary, resumed.replaces), ("resumed", 0));
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_buttons_of_a_toast_open_mark_read_and_snooze_and_ask_before_they_lead_elsewhere() {
    let home = TempDir::new().unwrap();
    let bus = Bus::start(home.path());
    let daemon = Daemon::start(&bus, &["actions", "body"]).await;
    let chaos = Chaos::start().await;
    let one = source("one", chaos.url("/events?all"));
    let id = one.id;
    let rig = Rig::start_with_toasts(settings(one), options(&bus, Limits::lifted())).await;
    rig.await_live(id).await;
    sleep(Duration::from_millis(600)).await;
    let mut wanted = rig.handle.wanted.subscribe();
    let own = chaos.url("/runs/1").to_string();
    for url in [own.as_str(), "https://elsewhere.example/x"] {
        chaos.publish(format!("{{\"title\": \"{url}\", \"url\": \"{url}\"}}"));
    }
    for title in ["read", "snooze", "snooze again"] {
        chaos.publish(title);
    }
    let calls = daemon.calls(5).await;
    let press = async |number: usize, key: &str| {
        let call = &calls[number];
        daemon
            .signal(&call.sender, "ActionInvoked", &(call.id, key))
            .await;
    };

    press(0, "open").await;
    until(async || OPENED.lock().unwrap().contains(&own)).await;

    press(1, "open").await;
    wanted.changed().await.unwrap();
    let shown = wanted.borrow().clone();
    assert_eq!((shown.row, shown.link), (Some(RowId(2)), true));
    let link = rig.handle.event(RowId(2)).await.unwrap().link.unwrap();
    assert_eq!(
        (link.host.as_str(), link.foreign),
        ("elsewhere.example", true)
    );
    for unconfirmed in [None, Some("127.0.0.1"), Some("elsewhere.example.evil")] {
        let refused = rig
            .handle
            .open_link(RowId(2), unconfirmed)
            .await
            .unwrap_err();
        assert_eq!(refused.code, Code::LinkRefused);
    }
    assert!(!OPENED.lock().unwrap().contains(&link.url));
    rig.handle
        .open_link(RowId(2), Some("elsewhere.example"))
        .await
        .unwrap();
    assert!(OPENED.lock().unwrap().contains(&link.url));

    press(2, "read").await;
    until(async || rig.stored(id).await[2].read).await;
    assert!(!rig.stored(id).await[1].read);

    press(3, "snooze").await;
    until(async || rig.handle.quiet().reason == Some(QuietReason::Snoozed)).await;
    let until_then = rig
        .handle
        .settings
        .current()
        .preferences
        .snoozed_until
        .unwrap();
    let left = until_then.duration_since(clock()).as_secs();
    // Another test of this process may have set the clock forward meanwhile.
    assert!((3500 - 31 * 60..=3600).contains(&left), "{left}");

    // A longer snooze stays as long as it was.
    let minutes = 300;
    let long = Snooze::Minutes { minutes };
    let until_then = rig.handle.snooze(long).await.unwrap().until;
    press(4, "snooze").await;
    until(async || daemon.state().closed.contains(&calls[4].id)).await;
    sleep(Duration::from_millis(300)).await;
    assert_eq!(rig.handle.quiet().until, until_then);
    rig.handle.snooze(Snooze::Off).await.unwrap();
    assert_eq!(rig.handle.quiet().reason, None);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f31_what_a_newer_history_left_unshown_does_not_ring_at_every_start() {
    let home = TempDir::new().unwrap();
    let bus = Bus::start(home.path());
    let daemon = Daemon::start(&bus, &["actions", "body"]).await;
    let chaos = Chaos::start().await;
    let one = source("one", chaos.url("/events?all"));
    let id = one.id;
    let rig = Rig::start_on_bus([one], &bus.address).await;
    chaos.publish("1");
    daemon.calls(1).await;
    let file = rig.dir.path().join(FILE);
    let unshown = |version: &str| {
        let file = rusqlite::Connection::open(&file).unwrap();
        let all = "UPDATE event SET delivery = 0;";
        file.execute_batch(&format!("{all} {version}")).unwrap();
    };
    // Of one that can be written it rings once.
    let rig = rig.restart_after(|| unshown("")).await;
    daemon.calls(2).await;
    let shown = async || rig.stored(id).await[0].delivery != Delivery::Pending;
    until(shown).await;

    let rig = rig
        .restart_after(|| unshown("PRAGMA user_version = 999"))
        .await;
    rig.await_live(id).await;
    chaos.publish("2");
    sleep(Duration::from_secs(2)).await;

    assert_eq!(daemon.state().calls.len(), 2);
    assert_eq!(rig.handle.troubles(), []);
    assert_eq!(rig.data(id).await, ["1"]);
    rig.stop().await;
}
