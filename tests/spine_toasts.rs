//! The engine and a real message bus: toasts never hold up history, and none rings twice because
//! the program ended.
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

use std::time::Duration;

use notification_daemon::{Bus, Daemon, Mood};
use support::{
    chaos::Chaos,
    rig::{Rig, numbers, source, stored},
};
use tempfile::TempDir;
use tidings_core::{history::History, model::Delivery};
use tokio::time::{Instant, sleep};

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
async fn f23_a_notification_service_that_hangs_never_holds_up_history() {
    let home = TempDir::new().unwrap();
    let bus = Bus::start(home.path());
    let daemon = Daemon::start(&bus, &["actions", "body"]).await;
    daemon.be(Mood::Hang);
    let chaos = Chaos::start().await;
    let one = source("one", chaos.url("/events?all"));
    let id = one.id;
    let rig = Rig::start_on_bus([one], &bus.address).await;
    rig.await_live(id).await;
    // Past the opening burst: these are no replay.
    sleep(Duration::from_millis(600)).await;
    let started = Instant::now();
    for number in numbers(1, 3000) {
        chaos.publish(number);
    }

    let data = rig.await_data(id, 3000).await;

    let took = started.elapsed();
    assert_eq!(data, numbers(1, 3000));
    assert!(took < Duration::from_secs(5), "{took:?}");
    let stopping = Instant::now();
    rig.stop().await;
    let took = stopping.elapsed();
    assert!(took < Duration::from_secs(3), "{took:?}");
}
