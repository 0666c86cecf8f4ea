//! The engine and a real message bus in a flood: toasts never hold up history, and stay few.
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
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use notification_daemon::{Bus, Daemon, Mood};
use support::{
    chaos::Chaos,
    rig::{Rig, numbers, source},
};
use tempfile::TempDir;
use tidings_core::model::{Delivery, RowId};
use tokio::time::{Instant, sleep};

const MINUTE: Duration = Duration::from_secs(60);

#[expect(clippy::disallowed_methods, reason = "a test is its own engine")]
fn spawn(future: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(future);
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f17_a_flood_raises_at_most_thirty_calls_a_minute_and_loses_nothing() {
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        before(panic);
    }));
    let files = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let full = std::env::var_os("TIDINGS_FULL").is_some();
    let events: u64 = if full { 1_000_000 } else { 50_000 };
    let home = TempDir::new().unwrap();
    let bus = Bus::start(home.path());
    let daemon = Daemon::start(&bus, &["actions", "body"]).await;
    let chaos = Chaos::start().await;
    let rig = Rig::start_on_bus([], &bus.address).await;
    let opened = files();
    let loud = source("loud", chaos.url(&format!("/flood?n={events}")));
    let id = loud.id;
    rig.handle.add_configured(loud, Vec::new()).await.unwrap();
    let stored = async || rig.handle.history.stored().await.unwrap().get(&id).copied();
    let flooded = async {
        while stored().await < Some(events) {
            sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(20 * MINUTE, flooded).await.unwrap();
    assert_eq!(stored().await, Some(events));
    // Every event gets its fate.
    let newest = RowId(i64::MAX);
    let pending = async || {
        let history = &rig.handle.history;
        let some = history
            .undelivered(Delivery::Pending, RowId(0), newest)
            .await
            .unwrap();
        some.len()
    };
    let decided = async {
        while pending().await > 0 {
            sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(5 * MINUTE, decided).await.unwrap();
    let at: Vec<_> = daemon.state().calls.iter().map(|call| call.at).collect();
    println!("{events} events, {} calls", at.len());
    assert!(!at.is_empty());
    for window in at.windows(31) {
        assert!(window[30] - window[0] >= Duration::from_secs(59));
    }
    assert!(files() < opened + 50, "{opened} files became {}", files());
    assert_eq!(PANICS.load(Ordering::SeqCst), 0);
    rig.stop().await;
}
