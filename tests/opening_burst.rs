//! What counts as replayed after a reconnect, and what is only a fast stream: R2 over real
//! sockets and a real history.

mod support;

use std::time::Duration;

use support::{
    chaos::{Chaos, Cut},
    rig::{Rig, numbers, source},
};
use tokio::time::sleep;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fast_stream_of_equal_payloads_numbered_anew_loses_half_a_second_at_most() {
    let chaos = Chaos::start().await;
    // Twenty events a second that never pause, 40 for each connection.
    let one = source("one", chaos.url("/nest?every=50&count=40"));
    let id = one.id;
    let rig = Rig::start([one]).await;

    chaos.asked_times(4).await;
    // The fourth connection is past its opening burst once it brought as many as that can take.
    let least = 3 * 40 - 2 * 10 + 15;
    let data = rig.await_data(id, least).await;

    assert!(data.iter().all(|data| data == "{\"ok\":true}"));
    let duplicates = rig.handle.diagnosis(id).unwrap().duplicates;
    assert!(duplicates <= 3 * 10, "{duplicates} taken for replayed");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_events_replayed_with_what_is_new_are_stored_once() {
    let chaos = Chaos::start().await;
    for number in numbers(1, 10_000) {
        chaos.publish(number);
    }
    let one = source("one", chaos.url("/events?all&overlap=10000"));
    let id = one.id;
    let rig = Rig::start([one]).await;
    rig.await_data(id, 10_000).await;

    chaos.cut(Cut::Clean);
    for number in numbers(10_001, 10_020) {
        chaos.publish(number);
    }
    rig.await_data(id, 10_020).await;
    sleep(Duration::from_millis(200)).await;

    assert!(rig.data(id).await == numbers(1, 10_020));
    assert_eq!(rig.handle.diagnosis(id).unwrap().duplicates, 10_000);
    rig.stop().await;
}
