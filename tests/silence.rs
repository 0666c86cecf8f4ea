//! The silence alarm over a whole engine: one toast for each silence, and the state of the source.
#![cfg(all(unix, not(target_os = "macos")))]
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "what supports a test fails it"
)]

#[path = "support/notification_daemon.rs"]
#[expect(dead_code, reason = "this service has nothing but good moods")]
mod notification_daemon;
mod support;

use std::time::Duration;

use notification_daemon::{Bus, Daemon};
use support::{
    chaos::Chaos,
    rig::{LONG, Rig, source},
};
use tempfile::TempDir;
use tidings_core::{ipc::Millis, model::SourceId, source::SourceState};
use tokio::time::{sleep, timeout};

#[expect(clippy::disallowed_methods, reason = "a test is its own engine")]
fn spawn(future: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(future);
}

/// Waits until the source is shown as silent, or as not.
async fn shown_silent(rig: &Rig, id: SourceId, silent: bool) -> Option<Millis> {
    let shown = async {
        loop {
            let since = rig.handle.source(id).await.unwrap().silent_since;
            if since.is_some() == silent {
                return since;
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(LONG, shown).await.expect("it stays as it is")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_silence_rings_once_is_shown_and_leaves_no_row() {
    let home = TempDir::new().unwrap();
    let bus = Bus::start(home.path());
    let daemon = Daemon::start(&bus, &["actions", "body"]).await;
    let chaos = Chaos::start().await;
    // Heartbeats are no events.
    let mut one = source("one", chaos.url("/events?all&heartbeat=100"));
    one.silence_after_s = Some(2.0);
    let id = one.id;
    let rig = Rig::start_on_bus([one, source("two", chaos.url("/events"))], &bus.address).await;
    rig.await_live(id).await;
    assert_eq!(rig.handle.source(id).await.unwrap().silent_since, None);

    shown_silent(&rig, id, true).await;
    let calls = daemon.calls(1).await;
    sleep(Duration::from_secs(3)).await;

    assert_eq!(calls[0].summary, "No event from one for 2 s");
    assert_eq!(daemon.calls(1).await.len(), 1, "one silence is told once");
    assert!(rig.stored(id).await.is_empty());

    chaos.publish("1");
    shown_silent(&rig, id, false).await;
    let since = shown_silent(&rig, id, true).await.unwrap();
    // The event of either source, and the second silence.
    let calls = daemon.calls(4).await;
    let silences = calls
        .iter()
        .filter(|call| call.summary.contains("No event"));
    assert_eq!(silences.count(), 2);
    let event = rig.handle.source(id).await.unwrap().last_event_at.unwrap();
    assert!(
        (since.0 - event.0).abs() < 500,
        "{since:?} is not {event:?}"
    );
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_toasts_are_paused_a_silence_is_shown_and_does_not_ring() {
    let home = TempDir::new().unwrap();
    let bus = Bus::start(home.path());
    let daemon = Daemon::start(&bus, &["actions", "body"]).await;
    let chaos = Chaos::start().await;
    let mut one = source("one", chaos.url("/events"));
    one.silence_after_s = Some(1.0);
    let id = one.id;
    let rig = Rig::start_on_bus([one], &bus.address).await;
    let paused = rig.handle.edit_preferences(|now| now.toasts_paused = true);
    paused.await.unwrap();

    shown_silent(&rig, id, true).await;
    let resumed = rig.handle.edit_preferences(|now| now.toasts_paused = false);
    resumed.await.unwrap();
    sleep(Duration::from_secs(2)).await;
    assert_eq!(daemon.calls(0).await.len(), 0);

    rig.handle.enable_source(id, false).await.unwrap();
    shown_silent(&rig, id, false).await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_stopped_or_was_stopped_does_not_ring_for_its_silence() {
    let home = TempDir::new().unwrap();
    let bus = Bus::start(home.path());
    let daemon = Daemon::start(&bus, &["actions", "body"]).await;
    let chaos = Chaos::start().await;
    let silent = |name: &str, target: &str| {
        let mut source = source(name, chaos.url(target));
        source.silence_after_s = Some(2.0);
        source
    };
    let (gone, off, live) = (
        silent("gone", "/status/204"),
        silent("off", "/events"),
        silent("live", "/events"),
    );
    let (gone_id, off_id, live_id) = (gone.id, off.id, live.id);
    let rig = Rig::start_on_bus([gone, off, live], &bus.address).await;
    rig.handle.enable_source(off_id, false).await.unwrap();
    rig.await_state(gone_id, |state| {
        matches!(state, SourceState::Stopped { .. })
    })
    .await;

    shown_silent(&rig, live_id, true).await;
    sleep(Duration::from_secs(2)).await;

    let told = daemon.calls(1).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].summary, "No event from live for 2 s");
    for id in [gone_id, off_id] {
        assert_eq!(rig.handle.source(id).await.unwrap().silent_since, None);
    }
    rig.stop().await;
}
