//! The whole engine against real servers on loopback: what a server sends is in history once and
//! in order, whatever happens to the connection, the settings or the program in between.

mod support;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use rusqlite::Connection as Database;
use support::{
    chaos::{Chaos, Cut},
    rig::{LONG, Rig, numbered, numbers, source, stored},
    server::{Answer, Server, Then},
};
use tidings_core::{
    error::Result,
    history::{self, History},
    ipc::{HeaderInput, SourceInput, Update},
    model::SourceId,
    secrets::{Headers, SecretStore, SessionSecrets},
    source::{CauseCode, EventFilter, SourceState},
};
use tokio::time::{Instant, sleep, timeout};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_is_in_history_once_and_in_order() {
    let chaos = Chaos::start().await;
    let one = source("one", chaos.url("/events?all"));
    let id = one.id;
    chaos.publish("1");
    let rig = Rig::start([one]).await;
    rig.await_data(id, 1).await;
    for number in numbers(2, 200) {
        chaos.publish(number);
    }

    let data = rig.await_data(id, 200).await;
    let stored = rig.stored(id).await;

    assert_eq!(data, numbers(1, 200));
    assert!(stored.is_sorted_by_key(|event| event.row));
    assert_eq!(
        rig.handle.history.cursor(id).await.unwrap(),
        Some("200".into())
    );
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filtered_events_and_bare_ids_advance_the_cursor_and_leave_no_row() {
    let server = Server::start([
        Answer::stream(
            ["id: 1\ndata: kept\n\nid: 2\nevent: noise\ndata: dropped\n\n"],
            Then::Reset,
        ),
        Answer::stream(["id: 3\n\n"], Then::Eof),
        Answer::stream(["data: end\n\n"], Then::Hold),
    ])
    .await;
    let mut one = source("one", server.url("/").parse().unwrap());
    one.events = EventFilter::Not(vec!["noise".to_owned()]);
    let id = one.id;
    let rig = Rig::start([one]).await;

    let data = rig.await_data(id, 2).await;

    let seen = server.seen();
    let cursors: Vec<_> = seen
        .iter()
        .map(|seen| seen.header("last-event-id"))
        .collect();
    assert_eq!(data, ["kept", "end"]);
    assert_eq!(cursors, [None, Some("2"), Some("3")]);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sources_come_change_pause_and_go_while_others_receive() {
    let (chaos, other) = (Chaos::start().await, Chaos::start().await);
    let steady = source("steady", chaos.url("/events?all"));
    let steady_id = steady.id;
    let rig = Rig::start([steady]).await;
    rig.await_live(steady_id).await;

    // Comes.
    let added = rig
        .handle
        .add_source(SourceInput {
            name: "added".to_owned(),
            url: other.url("/events?all").to_string(),
            ..SourceInput::default()
        })
        .await
        .unwrap()
        .id;
    other.publish("1");
    rig.await_data(added, 1).await;
    // Pauses: the server goes on, nobody is connected.
    let paused = rig.handle.enable_source(added, false).await.unwrap();
    rig.await_state(added, |state| *state == SourceState::Paused)
        .await;
    other.publish("2");
    chaos.publish("1");
    rig.await_data(steady_id, 1).await;
    assert!(!paused.enabled);
    assert_eq!(rig.data(added).await, ["1"]);
    // Goes on where it was.
    rig.handle.enable_source(added, true).await.unwrap();
    assert_eq!(rig.await_data(added, 2).await, ["1", "2"]);
    // Changes: another URL, the same cursor.
    rig.handle
        .edit_source(
            added,
            SourceInput {
                url: other.url("/events?all&moved").to_string(),
                ..SourceInput::default()
            },
        )
        .await
        .unwrap();
    let asked = other.asked_times(3).await;
    assert!(asked[2].target.ends_with("moved"));
    assert_eq!(asked[2].cursor(), Some("2"));
    other.publish("3");
    assert_eq!(rig.await_data(added, 3).await, ["1", "2", "3"]);
    // Goes.
    rig.handle.remove_source(added, false).await.unwrap();
    other.publish("4");
    chaos.publish("2");

    assert_eq!(rig.await_data(steady_id, 2).await, ["1", "2"]);
    assert_eq!(rig.data(added).await, Vec::<String>::new());
    assert_eq!(
        chaos.asked().len(),
        1,
        "the steady source was never disturbed"
    );
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_secret_reconnects_with_the_new_value_and_nothing_is_lost() {
    let chaos = Chaos::start().await;
    let input = |value: &str| SourceInput {
        name: "one".to_owned(),
        url: chaos.url("/events?all").to_string(),
        headers: vec![HeaderInput {
            name: "X-Token".to_owned(),
            value: Some(value.to_owned()),
        }],
        ..SourceInput::default()
    };
    let rig = Rig::start([]).await;
    let id = rig.handle.add_source(input("old")).await.unwrap().id;
    rig.await_live(id).await;
    chaos.publish("1");
    rig.await_data(id, 1).await;

    rig.handle.edit_source(id, input("new")).await.unwrap();
    let asked = chaos.asked_times(2).await;
    chaos.publish("2");

    assert_eq!(rig.await_data(id, 2).await, ["1", "2"]);
    let tokens: Vec<_> = asked
        .iter()
        .map(|asked| &asked.headers["x-token"])
        .collect();
    assert_eq!(tokens, ["old", "new"]);
    assert_eq!(asked[1].cursor(), Some("1"));
    rig.stop().await;
}

/// Panics when the headers of a victim are asked for the first time, which its connection task
/// does.
struct Trap {
    inner: SessionSecrets,
    victims: Mutex<BTreeSet<SourceId>>,
}

impl SecretStore for Trap {
    fn get(&self, source: SourceId) -> Result<Headers> {
        let victims = self.victims.lock();
        let is_victim = victims.is_ok_and(|mut victims| victims.remove(&source));
        assert!(!is_victim, "a defect on purpose");
        self.inner.get(source)
    }

    fn set(&self, source: SourceId, headers: Headers) -> Result<()> {
        self.inner.set(source, headers)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f27_a_panic_in_one_source_costs_it_a_wait_it_can_end_and_the_others_nothing() {
    let chaos = Chaos::start().await;
    let (bad, retried, good) = (
        source("bad", chaos.url("/events?all&bad")),
        source("retried", chaos.url("/events?all&retried")),
        source("good", chaos.url("/events?all")),
    );
    let (bad_id, retried_id, good_id) = (bad.id, retried.id, good.id);
    let trap = Arc::new(Trap {
        inner: SessionSecrets::default(),
        victims: Mutex::new([bad_id, retried_id].into()),
    });
    let started = Instant::now();
    let rig = Rig::start_with([bad, retried, good], trap.clone()).await;
    while !trap.victims.lock().unwrap().is_empty() {
        sleep(Duration::from_millis(5)).await;
    }

    for id in [bad_id, retried_id] {
        rig.await_state(id, |state| {
            matches!(state, SourceState::Waiting { cause, .. } if cause.code == CauseCode::Internal)
        })
        .await;
    }
    chaos.publish("1");
    rig.handle.retry_source(retried_id).await.unwrap();
    rig.await_data(good_id, 1).await;
    rig.await_data(retried_id, 1).await;
    let before_restart = started.elapsed();
    let data = rig.await_data(bad_id, 1).await;

    assert!(before_restart < Duration::from_secs(4));
    assert!(started.elapsed() >= Duration::from_secs(5));
    assert_eq!(data, ["1"]);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_in_the_middle_of_a_flood_stores_what_it_read_and_the_next_start_goes_on() {
    let chaos = Chaos::start().await;
    let one = source("one", chaos.url("/flood?n=20000"));
    let id = one.id;
    let rig = Rig::start([one]).await;
    rig.await_data(id, 1).await;

    let rig = rig.restart().await;
    let between = rig.stored(id).await.len();
    let rig = rig.restart().await;
    let data = rig.await_data(id, 20_000).await;

    let expected: Vec<String> = (1..=20_000).map(|number| format!("e{number}")).collect();
    assert!(between > 0);
    assert!(
        data == expected,
        "{} events, not in order or not all",
        data.len()
    );
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_received_before_a_stop_is_stored_by_it() {
    let chaos = Chaos::start().await;
    let one = source("one", chaos.url("/flood?n=3000"));
    let id = one.id;
    let rig = Rig::start([one]).await;
    rig.await_data(id, 1).await;
    let history = rig.handle.history.clone();

    let dir = rig.stop().await;
    drop(history);

    let history = History::open(dir.path()).unwrap();
    let rows = stored(&history, id).await.len();
    assert_eq!(
        history.cursor(id).await.unwrap(),
        Some(rows.to_string().as_str().into()),
        "the cursor stands exactly after the last row"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stock_nestjs_handler_loses_nothing_over_three_reconnects() {
    let chaos = Chaos::start().await;
    let one = source("one", chaos.url("/nest?every=700&count=2"));
    let id = one.id;
    let rig = Rig::start([one]).await;

    let data = rig.await_data(id, 8).await;

    assert_eq!(data, ["{\"ok\":true}"; 8]);
    let ids: Vec<_> = rig
        .stored(id)
        .await
        .into_iter()
        .map(|event| event.own_id.unwrap().as_str().to_owned())
        .collect();
    assert_eq!(ids, ["1", "2", "1", "2", "1", "2", "1", "2"]);
    assert_eq!(chaos.asked().len(), 4);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_server_replays_twice_is_stored_once() {
    let chaos = Chaos::start().await;
    let one = source("one", chaos.url("/events?all&overlap=3"));
    let id = one.id;
    let rig = Rig::start([one]).await;
    rig.await_live(id).await;
    for number in numbers(1, 5) {
        chaos.publish(number);
    }
    rig.await_data(id, 5).await;

    chaos.cut(Cut::Clean);
    chaos.asked_times(2).await;
    chaos.publish("6");
    let data = rig.await_data(id, 6).await;
    sleep(Duration::from_millis(200)).await;

    assert_eq!(data, numbers(1, 6));
    assert_eq!(rig.data(id).await, numbers(1, 6));
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_of_ten_seconds_leaves_a_divider_that_counts_the_replayed_and_a_blink_none() {
    let mut chaos = Chaos::start().await;
    let (one, nest) = (
        source("one", chaos.url("/events?all")),
        source("nest", chaos.url("/nest?every=300")),
    );
    let (id, nest_id) = (one.id, nest.id);
    let rig = Rig::start([one, nest]).await;
    let (_, mut feed) = rig.handle.attach("en".into(), "1.0.0").await.unwrap();
    rig.await_live(id).await;
    rig.await_data(nest_id, 1).await;
    chaos.publish("1");
    rig.await_data(id, 1).await;
    chaos.cut(Cut::Clean);
    chaos.asked_times(3).await;
    rig.await_live(id).await;
    assert_eq!(rig.outages(id).await, [], "a blink leaves none");

    chaos.stop().await;
    for number in numbers(2, 4) {
        chaos.publish(number);
    }
    sleep(Duration::from_millis(10_500)).await;
    chaos.resume().await;
    for id in [id, nest_id] {
        rig.handle.retry_source(id).await.unwrap();
    }
    rig.await_data(id, 4).await;
    rig.await_live(nest_id).await;

    // The end of the opening burst tells how many were replayed.
    let outages = rig.await_replayed(id, 3).await;
    let rows = rig.stored(id).await;
    assert_eq!(outages.len(), 1);
    assert!(
        outages[0]
            .ended_at
            .duration_since(outages[0].started_at)
            .as_secs()
            >= 10
    );
    assert!(rows[0].row < outages[0].first_row && outages[0].first_row <= rows[1].row);
    assert!(rows[1..].iter().all(|event| event.replayed));

    let mut told = Vec::new();
    while told.last() != Some(&(3, outages[0].first_row)) {
        for update in feed.next().await.unwrap() {
            if let Update::Outage { outage } = update
                && outage.source == id
            {
                told.push((outage.replayed, outage.first_row));
            }
        }
    }
    assert_eq!(told[0], (0, outages[0].first_row), "at once, and again");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pausing_and_editing_in_the_middle_of_a_flood_neither_loses_nor_doubles() {
    let chaos = Chaos::start().await;
    let one = source("one", chaos.url("/flood?n=30000"));
    let id = one.id;
    let rig = Rig::start([one]).await;
    // However slow the machine is: the flood has begun before it is broken off.
    rig.await_data(id, 1).await;
    for turn in 0..6_u32 {
        sleep(Duration::from_millis(40)).await;
        rig.handle.enable_source(id, false).await.unwrap();
        if turn % 2 == 0 {
            sleep(Duration::from_millis(5)).await;
        }
        rig.handle.enable_source(id, true).await.unwrap();
    }

    let data = rig.await_data(id, 30_000).await;

    let expected: Vec<String> = (1..=30_000).map(|number| format!("e{number}")).collect();
    assert!(
        data == expected,
        "{} events, not in order or not all",
        data.len()
    );
    chaos.asked_times(2).await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_removed_in_the_middle_of_a_flood_leaves_no_row_behind() {
    let chaos = Chaos::start().await;
    let rig = Rig::start([]).await;
    for _ in 0..5 {
        let one = source("one", chaos.url("/flood?n=100000"));
        let id = one.id;
        rig.handle.add_configured(one, Vec::new()).await.unwrap();
        rig.await_data(id, 1).await;

        rig.handle.remove_source(id, false).await.unwrap();

        sleep(Duration::from_millis(50)).await;
        assert_eq!(rig.data(id).await, Vec::<String>::new());
    }
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_whose_cursor_cannot_be_read_waits_instead_of_losing_its_place() {
    let chaos = Chaos::start().await;
    let mut one = source("one", chaos.url("/events"));
    let id = one.id;
    let rig = Rig::start([one.clone()]).await;
    rig.await_live(id).await;
    chaos.publish("1");
    rig.await_data(id, 1).await;
    one.enabled = false;
    rig.handle.replace_source(one, Vec::new()).await.unwrap();
    let rig = rig.restart().await;
    chaos.publish("2");
    let database = Database::open(rig.dir.path().join("history.db")).unwrap();

    database
        .execute_batch("ALTER TABLE cursor RENAME TO away")
        .unwrap();
    rig.handle.enable_source(id, true).await.unwrap();
    sleep(Duration::from_millis(500)).await;
    let asked_meanwhile = chaos.asked().len();
    database
        .execute_batch("ALTER TABLE away RENAME TO cursor")
        .unwrap();

    assert_eq!(rig.await_data(id, 2).await, ["1", "2"]);
    assert_eq!(asked_meanwhile, 1);
    assert_eq!(chaos.asked()[1].cursor(), Some("1"));
    rig.stop().await;
}

/// The two generated cases of the fixtures: data of 7 and of 14 MiB, the second in two pieces and
/// larger than the source's whole queue.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_of_fourteen_mebibytes_is_stored_whole() {
    let half = numbered(6_990_508);
    let server = Server::start([Answer::stream(
        [
            format!("data: {half}\n\n"),
            format!("data: {half}"),
            format!("{half}\n\n"),
            "data: after\n\n".to_owned(),
        ],
        Then::Hold,
    )])
    .await;
    let mut one = source("one", server.url("/").parse().unwrap());
    one.max_event_bytes = 16 * 1024 * 1024;
    let id = one.id;
    let rig = Rig::start([one]).await;

    let data = rig.await_data(id, 3).await;

    assert!(data == [half.clone(), half.repeat(2), "after".to_owned()]);
    assert!(rig.stored(id).await.iter().all(|event| !event.truncated));
    timeout(LONG, rig.stop()).await.unwrap();
}

#[test]
fn the_database_is_where_the_tests_look_for_it() {
    assert_eq!(history::FILE, "history.db");
}
