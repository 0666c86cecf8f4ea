//! The eight ways in which notification clients lose events, each run against this one:
//! `cargo test -p tidings-core --test chaos -- --nocapture` prints the matrix.
#![cfg(all(unix, not(target_os = "macos")))]
#![expect(
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "what supports a test fails it, and this one prints what it proved"
)]

#[path = "support/notification_daemon.rs"]
#[expect(dead_code, reason = "this service has nothing but good moods")]
mod notification_daemon;
mod support;

use std::time::Duration;

use notification_daemon::{Bus, Daemon};
use support::{
    chaos::{Chaos, Cut},
    rig::{self, Rig, numbers, source},
    server::{Answer, Server, Then},
};
use tempfile::TempDir;
use tidings_core::model::SourceId;
use tokio::time::{Instant, sleep};

#[expect(clippy::disallowed_methods, reason = "a test is its own engine")]
fn spawn(future: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(future);
}

/// A server, an engine and one source that has received event 1.
async fn begun() -> (Chaos, Rig, SourceId) {
    let chaos = Chaos::start().await;
    let one = source("one", chaos.url("/events?all"));
    let id = one.id;
    let rig = Rig::start([one]).await;
    rig.await_live(id).await;
    chaos.publish("1");
    rig.await_data(id, 1).await;
    (chaos, rig, id)
}

/// The connection ends in this way, an event is missed, and both are there afterwards.
async fn cut(how: Cut) -> String {
    let (chaos, rig, id) = begun().await;
    let started = Instant::now();

    chaos.cut(how);
    chaos.publish("2");
    let data = rig.await_data(id, 2).await;

    assert_eq!(data, ["1", "2"]);
    assert_eq!(chaos.asked_times(2).await[1].cursor(), Some("1"));
    assert_eq!(rig.outages(id).await, []);
    let took = started.elapsed();
    assert!(took < Duration::from_secs(4), "{took:?}");
    rig.stop().await;
    format!("missed event there after {took:.1?}")
}

async fn half_open() -> String {
    let chaos = Chaos::start().await;
    let mut one = source("one", chaos.url("/events?all&heartbeat=100000"));
    one.idle_timeout_s = Some(1.0);
    let id = one.id;
    let rig = Rig::start([one]).await;
    rig.await_live(id).await;
    chaos.publish("1");
    rig.await_data(id, 1).await;
    let started = Instant::now();

    chaos.cut(Cut::Silent);
    chaos.publish("2");
    let data = rig.await_data(id, 2).await;

    let took = started.elapsed();
    assert_eq!(data, ["1", "2"]);
    assert_eq!(chaos.asked().len(), 2);
    assert!(took < Duration::from_secs(5), "{took:?}");
    rig.stop().await;
    format!("found by an idle timeout of 1 s, missed event there after {took:.1?}")
}

async fn resume_from_sleep() -> String {
    let (chaos, rig, id) = begun().await;
    // The connection died in the sleep and nobody says so; the idle timeout is five minutes.
    chaos.cut(Cut::Silent);
    chaos.publish("2");
    sleep(Duration::from_millis(300)).await;
    assert_eq!(rig.data(id).await, ["1"]);
    let woken = Instant::now();

    rig::sleep_through(7200);
    let data = rig.await_data(id, 2).await;

    let took = woken.elapsed();
    assert_eq!(data, ["1", "2"]);
    assert!(took < Duration::from_secs(6), "{took:?}");
    let outages = rig.outages(id).await;
    let lasted = outages[0].ended_at.duration_since(outages[0].started_at);
    assert!((7190..7210).contains(&lasted.as_secs()), "{lasted:?}");
    rig.stop().await;
    format!("reconnected {took:.1?} after waking; divider over the 2 h")
}

async fn app_restart() -> String {
    let (chaos, rig, id) = begun().await;

    let rig = rig
        .restart_after(|| {
            for number in numbers(2, 20) {
                chaos.publish(number);
            }
        })
        .await;
    let data = rig.await_data(id, 20).await;

    assert_eq!(data, numbers(1, 20));
    assert_eq!(chaos.asked().last().unwrap().cursor(), Some("1"));
    rig.stop().await;
    "19 events sent while it was not running: all there, once".to_owned()
}

async fn aged_out_id() -> String {
    let (mut chaos, rig, id) = begun().await;

    chaos.stop();
    for number in numbers(2, 20) {
        chaos.publish(number);
    }
    chaos.forget_all_but(5);
    sleep(Duration::from_millis(10_200)).await;
    chaos.resume().await;
    rig.handle.retry_source(id).await.unwrap();
    rig.await_data(id, 6).await;
    sleep(Duration::from_millis(800)).await;

    let mut expected = vec!["1".to_owned()];
    expected.extend(numbers(16, 20));
    assert_eq!(rig.data(id).await, expected);
    let outages = rig.outages(id).await;
    assert_eq!(outages.len(), 1);
    assert_eq!(outages[0].replayed, 5);
    rig.stop().await;
    "what the server still has is there; a divider says when it was away and that 5 came".to_owned()
}

async fn poison_event() -> String {
    let deep = format!("data: {}\n\n", "[".repeat(100_000));
    let long = format!("id: long\ndata: {}\n\n", "x".repeat(3 << 20));
    let poison: [&[u8]; 8] = [
        b"id: a\0b\ndata: nul in the id\n\n",
        b"id: a\tb\ndata: \xff\xfe control in the id\n\n",
        b"data: nul \0 in the data\n\n",
        b"event: \xc3(\nretry: nonsense\ndata: {\"title\": null, \"body\": [1e999]}\n\n",
        deep.as_bytes(),
        long.as_bytes(),
        b"data\nevent\nid\n\n",
        b"id: last\ndata: after\n\n",
    ];
    let server = Server::start([
        Answer::stream(poison, Then::Hold),
        Answer::stream(["data: again\n\n"], Then::Hold),
    ])
    .await;
    let one = source("one", server.url("/").parse().unwrap());
    let id = one.id;
    let rig = Rig::start([one]).await;

    let data = rig.await_data(id, 8).await;

    assert_eq!(data.last().unwrap(), "after");
    assert_eq!(server.seen().len(), 1, "it never dropped the connection");
    let truncated = rig
        .stored(id)
        .await
        .iter()
        .filter(|one| one.truncated)
        .count();
    assert_eq!(truncated, 1);
    let rig = rig.restart().await;
    rig.await_data(id, 9).await;
    assert_eq!(server.seen()[1].header("last-event-id"), Some("last"));
    rig.stop().await;
    "seven of them stored, connection kept, none served again".to_owned()
}

async fn backlog() -> String {
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(dir.path());
    let daemon = Daemon::start(&bus, &["actions", "body"]).await;
    let chaos = Chaos::start().await;
    let one = source("one", chaos.url("/events?all"));
    let id = one.id;
    let rig = Rig::start_on_bus([one], &bus.address).await;
    rig.await_live(id).await;
    chaos.publish("1");
    daemon.calls(1).await;
    rig.handle.enable_source(id, false).await.unwrap();
    for number in numbers(2, 1001) {
        chaos.publish(number);
    }

    let started = Instant::now();
    rig.handle.enable_source(id, true).await.unwrap();
    let data = rig.await_data(id, 1001).await;
    let took = started.elapsed();
    // Summaries come when their time has.
    sleep(Duration::from_secs(6)).await;

    assert_eq!(data, numbers(1, 1001));
    let calls = daemon.calls(2).await;
    let toasts = calls.iter().filter(|call| call.replaces == 0).count();
    assert!(toasts <= 5, "{toasts} toasts for 1,000 events");
    let words = calls.last().map(|call| call.body.clone()).unwrap();
    assert!(words.contains("1,000") || words.contains("1000"), "{words}");
    rig.stop().await;
    format!("1,000 events in {took:.1?}, {toasts} toasts in all, the last: {words:?}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn none_of_the_eight_ways_to_lose_events_loses_one() {
    let started = Instant::now();
    let rows = [
        ("clean close", cut(Cut::Clean).await),
        ("abort", cut(Cut::Abort).await),
        ("half-open", half_open().await),
        ("resume from sleep", resume_from_sleep().await),
        ("app restart", app_restart().await),
        ("aged-out id", aged_out_id().await),
        ("poison event", poison_event().await),
        ("backlog", backlog().await),
    ];

    println!("\n| case | Tidings | how it was seen |\n|---|---|---|");
    for (case, proof) in &rows {
        println!("| {case} | passed | {proof} |");
    }
    println!(
        "\n{} of 8 passed in {:.0?}\n",
        rows.len(),
        started.elapsed()
    );
}
