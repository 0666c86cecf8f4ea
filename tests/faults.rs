//! The fault matrix, by number: what the network and the server do wrong, and what a source makes
//! of it. Time is paused wherever it would be long. F1 is in `faults_kill.rs`, F2 in
//! `faults_power.rs`, F4 with a real link in `faults_network.rs`, F3 in `chaos.rs`, F8 in
//! `faults_tls.rs`, F11 and F15 in `hostile_answers.rs`, F14 and F17 in `faults_memory.rs`, F27 in
//! `spine.rs`.

mod support;

use std::time::Duration;

use support::{
    chaos::Chaos,
    link::{self, Link},
    rig::{Rig, numbers, source},
    server::{Answer, Server, Then},
};
use tidings_core::source::{CauseCode, SourceConfig, SourceState};
use tokio::time::{Instant, sleep};
use url::Url;

const HOUR: Duration = Duration::from_hours(1);

fn config(url: Url) -> SourceConfig {
    SourceConfig::new("one", url)
}

#[tokio::test(start_paused = true)]
async fn f04_no_route_waits_ever_longer_never_spins_and_comes_back() {
    let mut chaos = Chaos::start().await;
    chaos.publish("1");
    let url = chaos.url("/events?all");
    chaos.stop().await;
    let mut link = Link::start(config(url));

    link.watch_for(HOUR).await;
    let tries = link.causes().len();
    assert!((10..=25).contains(&tries), "{tries} tries in an hour");
    assert!(link.codes().iter().all(|code| *code == CauseCode::Refused));

    chaos.resume().await;
    link.watch(Duration::from_mins(8), |link| !link.data().is_empty())
        .await;
    assert_eq!(link.data(), ["1"]);
}

#[tokio::test(start_paused = true)]
async fn f05_a_clock_set_back_two_days_or_ten_years_ahead_moves_no_try() {
    let mut chaos = Chaos::start().await;
    let url = chaos.url("/events");
    chaos.stop().await;
    for seconds in [-172_800, 315_360_000] {
        let mut link = Link::start(config(url.clone()));
        link.watch(HOUR, |link| link.causes().len() == 3).await;
        let wait = link.waits()[2];
        let before = Instant::now();

        link::set_clock_by(seconds);
        link.watch(HOUR, |link| link.causes().len() == 4).await;

        let waited = before.elapsed();
        assert!(waited >= wait && waited < wait + Duration::from_millis(100));
    }
}

#[tokio::test(start_paused = true)]
async fn f05_a_clock_that_is_set_neither_makes_an_outage_nor_hides_one() {
    for set_by in [-172_800, 20, 315_360_000] {
        // While it is live: the next connection follows at once.
        let mut chaos = Chaos::start().await;
        let mut link = Link::start(config(chaos.url("/events")));
        link.watch(HOUR, Link::is_live).await;
        link::set_clock_by(set_by);
        link.reconnect.notify_one();
        link.watch_for(Duration::from_secs(3)).await;
        assert_eq!(chaos.asked().len(), 2);
        assert_eq!(link.outages(), []);

        // While it waits: the server is back after two minutes.
        chaos.stop().await;
        let gone = Instant::now();
        link.watch_for(Duration::from_mins(2)).await;
        link::set_clock_by(set_by);
        chaos.resume().await;
        link.watch(HOUR, Link::is_live).await;
        let lasted = gone.elapsed();
        link.watch_for(Duration::from_secs(3)).await;

        let [(from, until, _)] = link.outages()[..] else {
            panic!("{:?}", link.outages())
        };
        let told = until.duration_since(from).as_secs_f64();
        assert!((told - lasted.as_secs_f64()).abs() < 1.0, "{told} s");
        assert!(link::clock().duration_since(until).as_secs().abs() <= 4);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f06_fifty_dead_host_names_do_not_delay_a_living_source() {
    let chaos = Chaos::start().await;
    let live = source("live", chaos.url("/events?all"));
    let id = live.id;
    let mut sources: Vec<SourceConfig> = (0..50)
        .map(|number| {
            let url = format!("http://dead-{number}.invalid/").parse().unwrap();
            source(&format!("dead {number}"), url)
        })
        .collect();
    let dead = sources[0].id;
    sources.push(live);
    let rig = Rig::start(sources).await;
    rig.await_live(id).await;

    let sent = Instant::now();
    chaos.publish("1");
    rig.await_data(id, 1).await;

    assert!(sent.elapsed() < Duration::from_secs(1));
    let state = rig
        .await_state(dead, |state| matches!(state, SourceState::Waiting { .. }))
        .await;
    // A resolver that is too busy to say so within 10 s counts as no connection.
    let SourceState::Waiting { cause, .. } = state else {
        unreachable!()
    };
    assert!(
        [CauseCode::Dns, CauseCode::Unreachable].contains(&cause.code),
        "{cause:?}"
    );
    rig.stop().await;
}

#[tokio::test(start_paused = true)]
async fn f07_b45_a_captive_portal_is_never_parsed_is_asked_slowly_and_goes_away() {
    let portal = Answer::stream(["data: <html>\n\n"], Then::Eof);
    let server = Server::start([
        portal.clone().header("Content-Type", "text/html"),
        portal.header("Content-Type", "text/html"),
        Answer::stream(["data: real\n\n"], Then::Hold),
    ])
    .await;
    let mut link = Link::start(config(server.url("/").parse().unwrap()));

    link.watch(HOUR, |link| !link.data().is_empty()).await;

    assert_eq!(link.data(), ["real"]);
    assert_eq!(link.codes(), [CauseCode::NotEventStream; 2]);
    assert!(link.causes()[0].message.contains("login page"));
    assert!(link.waits().iter().all(|wait| wait.as_secs() >= 29));
}

#[tokio::test]
async fn f09_half_open_is_found_within_the_idle_timeout() {
    let chaos = Chaos::start().await;
    let mut one = config(chaos.url("/half-open"));
    one.idle_timeout_s = Some(1.0);
    let mut link = Link::start(one);
    link.watch(Duration::from_secs(5), |link| !link.data().is_empty())
        .await;
    let last_byte = Instant::now();

    link.watch(Duration::from_secs(5), |link| !link.causes().is_empty())
        .await;

    let found = last_byte.elapsed();
    assert_eq!(link.codes(), [CauseCode::Idle]);
    assert!(found >= Duration::from_millis(900) && found < Duration::from_secs(2));
    chaos.asked_times(2).await;
    assert_eq!(chaos.asked()[1].cursor(), Some("1"));
}

#[tokio::test(start_paused = true)]
async fn f09_a_learned_heartbeat_finds_it_in_three_of_its_silences() {
    let beats: Vec<&str> = std::iter::repeat_n(":\n", 12).collect();
    let server =
        Server::start([Answer::stream(&beats, Then::Hold).pausing(Duration::from_secs(30))]).await;
    let mut link = Link::start(config(server.url("/").parse().unwrap()));

    link.watch_for(Duration::from_mins(6)).await;
    assert_eq!(link.causes(), [], "no false alarm while it beats");
    let last_beat = Instant::now();
    link.watch(HOUR, |link| !link.causes().is_empty()).await;

    assert_eq!(link.codes(), [CauseCode::Idle]);
    assert_eq!(last_beat.elapsed().as_secs(), 90);
    assert_eq!(link.outages(), [], "found by the watchdog: no outage");
}

#[tokio::test(start_paused = true)]
async fn f09_the_silence_of_a_dead_stream_does_not_delay_the_next_alarm() {
    let beats: Vec<&str> = std::iter::repeat_n(":\n", 12).collect();
    let beating = Answer::stream(&beats, Then::Hold).pausing(Duration::from_secs(30));
    let server = Server::start([beating.clone(), beating.clone(), beating]).await;
    let mut link = Link::start(config(server.url("/").parse().unwrap()));

    for alarms in 1..=3 {
        // A pause before each beat, and then it is half open.
        let began = Instant::now();
        link.watch(HOUR, |link| link.causes().len() == alarms).await;
        let silence = began.elapsed().as_secs() - 12 * 30;
        assert!((88..=93).contains(&silence), "alarm {alarms}: {silence} s");
    }
    assert_eq!(link.codes(), [CauseCode::Idle; 3]);
}

#[tokio::test(start_paused = true)]
async fn f09_an_outage_found_by_the_watchdog_begins_at_the_last_byte() {
    let server = Server::start([
        Answer::stream([": here\n"], Then::Hold),
        Answer::status(503).header("Retry-After", "20"),
        Answer::stream([": here\n"], Then::Hold),
    ])
    .await;
    let mut link = Link::start(config(server.url("/").parse().unwrap()));

    link.watch(HOUR, |link| !link.outages().is_empty()).await;

    let (from, until, _) = link.outages()[0];
    let lasted = until.duration_since(from).as_secs();
    assert!((321..335).contains(&lasted), "{lasted} s");
}

#[tokio::test(start_paused = true)]
async fn f09_our_own_full_queue_is_not_the_servers_silence() {
    let flood = "data: x\n\n".repeat(20_000);
    let chunks = ["data: first\n\n", &flood];
    let server =
        Server::start([Answer::stream(chunks, Then::Hold).pausing(Duration::from_secs(1))]).await;
    let mut one = config(server.url("/").parse().unwrap());
    one.idle_timeout_s = Some(2.0);
    let mut link = Link::start(one);

    // Nobody takes anything, as when the disk is full.
    sleep(Duration::from_mins(1)).await;
    link.watch(HOUR, |link| link.taken == 20_001).await;

    assert_eq!(link.taken, 20_001);
    assert_eq!(server.seen().len(), 1, "it never gave the connection up");
}

#[tokio::test(start_paused = true)]
async fn f18_a_source_that_breaks_while_nothing_is_stored_says_so_and_then_connects_once() {
    let server = Server::start([
        Answer::stream(["data: a\n\n"], Then::Eof),
        Answer::stream(["data: b\n\n"], Then::Hold),
    ])
    .await;
    let mut link = Link::start(config(server.url("/").parse().unwrap()));
    let shown = |link: &Link| match &*link.state.borrow() {
        SourceState::Waiting { until, cause, .. } if cause.code == CauseCode::NotStored => {
            until.0 - link::clock().as_millisecond()
        }
        other => panic!("{other:?}"),
    };

    sleep(Duration::from_mins(2)).await;
    assert!((0..=10_000).contains(&shown(&link)));
    // Asked to try again, it does not seem dead.
    sleep(Duration::from_secs(5)).await;
    link.reconnect.notify_one();
    sleep(Duration::from_millis(50)).await;
    assert!((9_900..=10_000).contains(&shown(&link)));
    assert_eq!(server.seen().len(), 1, "nothing more is asked for");
    // A wake-up at the very moment it goes on calls for no further connection.
    link.reconnect.notify_one();
    link.watch_for(Duration::from_mins(4)).await;

    assert_eq!(link.data(), ["a", "b"]);
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn f10_a_thousand_sources_never_come_back_at_once() {
    let mut chaos = Chaos::start().await;
    let url = chaos.url("/events");
    chaos.stop().await;
    let count: usize = match std::env::var_os("TIDINGS_FULL") {
        Some(_) => 1000,
        None => 200,
    };
    let mut links: Vec<Link> = (0..count)
        .map(|_| Link::start(config(url.clone())))
        .collect();
    // The fourth wait ends 15 s to 22.5 s after the start.
    let mut ends = Vec::new();
    for link in &mut links {
        link.watch(HOUR, |link| link.causes().len() == 4).await;
        let until = link
            .states()
            .into_iter()
            .rev()
            .find_map(|state| match state {
                SourceState::Waiting { until, .. } => Some(until.0),
                _ => None,
            });
        ends.push(until.unwrap());
    }

    ends.sort_unstable();
    let spread = ends.last().unwrap() - ends.first().unwrap();
    let crowd = ends
        .iter()
        .enumerate()
        .map(|(at, end)| {
            ends[at..]
                .iter()
                .filter(|other| **other < end + 500)
                .count()
        })
        .max();
    assert!(spread > 5000, "all within {spread} ms");
    assert!(
        crowd < Some(count / 4),
        "{crowd:?} of {count} within half a second"
    );
}

#[tokio::test(start_paused = true)]
async fn f12_a_server_that_accepts_and_closes_is_asked_ever_more_slowly() {
    let chaos = Chaos::start().await;
    for target in ["/accept-then-close", "/rst-after?n=0"] {
        let mut link = Link::start(config(chaos.url(target)));

        link.watch(100 * HOUR, |link| link.causes().len() == 100)
            .await;

        let waits = link.waits();
        assert_eq!(waits.len(), 100, "{target}");
        assert!(waits[0].as_millis() <= 1501);
        assert!(
            waits[20..]
                .iter()
                .all(|wait| (299..=451).contains(&wait.as_secs()))
        );
    }
    // An event makes the stream a good one.
    let mut link = Link::start(config(chaos.url("/rst-after?n=1")));
    link.watch(HOUR, |link| link.causes().len() == 10).await;
    assert!(link.waits().iter().all(|wait| wait.as_millis() <= 1501));
}

#[tokio::test(start_paused = true)]
async fn a_reset_inside_an_event_brings_no_half_of_it_and_the_whole_one_later() {
    let chaos = Chaos::start().await;
    // One event has 15 bytes: the cut is at each of its places, and between two.
    for bytes in 15..=45 {
        let url = chaos.url(&format!("/rst-within?n=9&bytes={bytes}"));
        let mut link = Link::start(config(url));

        link.watch(HOUR, |link| link.data().len() >= 9).await;
        link.watch_for(Duration::from_secs(30)).await;

        assert_eq!(link.data(), numbers(1, 9), "cut after {bytes} bytes");
        let causes = link.codes();
        assert!(
            causes.iter().all(|code| *code == CauseCode::Broken),
            "{causes:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn f13_a_dripping_head_is_given_up_and_a_dripping_body_is_not() {
    let chaos = Chaos::start().await;
    let started = Instant::now();
    let mut head = Link::start(config(chaos.url("/drip-head")));
    head.watch(HOUR, |link| !link.causes().is_empty()).await;
    assert_eq!(head.codes(), [CauseCode::HeaderTimeout]);
    assert_eq!(started.elapsed().as_secs(), 30);

    let mut hang = Link::start(config(chaos.url("/hang")));
    hang.watch(HOUR, |link| !link.causes().is_empty()).await;
    assert_eq!(hang.codes(), [CauseCode::HeaderTimeout]);

    let mut body = Link::start(config(chaos.url("/drip?bps=1")));
    body.watch_for(HOUR).await;
    assert_eq!(body.data(), ["first"]);
    assert_eq!(body.causes(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f16_an_event_of_many_lines_or_bytes_is_stored_cut_and_marked() {
    let chaos = Chaos::start().await;
    let lines = source("lines", chaos.url("/big?lines=100000"));
    let bytes = source("bytes", chaos.url("/big?lines=10485760&line=data:%20x%0A"));
    let empty = source("empty", chaos.url("/big?lines=1000000&line=data%0A"));
    let ids = [lines.id, bytes.id, empty.id];
    let rig = Rig::start([lines, bytes, empty]).await;

    for id in ids {
        rig.await_data(id, 2).await;
        let stored = rig.stored(id).await;
        let size = stored[0].data.len();
        let is_empty = id == ids[2];
        assert!(size <= 1024 * 1024, "{size}");
        assert!(is_empty || size > 1024 * 1024 - 20, "{size}");
        assert_eq!(stored[0].truncated, !is_empty);
        assert_eq!(stored[1].data, "after");
        assert!(!stored[1].truncated);
    }
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f30_ids_that_repeat_go_back_or_are_cleared_lose_nothing() {
    let server = Server::start([
        Answer::stream(
            [
                "id: 5\ndata: a\n\n",
                "id: 5\ndata: a\n\n",
                "id: 3\ndata: b\n\n",
                "id\ndata: c\n\n",
            ],
            Then::Reset,
        )
        .pausing(Duration::from_millis(550)),
        Answer::stream(["id: 5\ndata: d\n\n"], Then::Hold),
    ])
    .await;
    let one = source("one", server.url("/").parse().unwrap());
    let id = one.id;
    let rig = Rig::start([one]).await;

    let data = rig.await_data(id, 5).await;

    assert_eq!(data, ["a", "a", "b", "c", "d"]);
    assert_eq!(server.seen()[1].header("last-event-id"), None);
    assert_eq!(
        rig.handle.history.cursor(id).await.unwrap(),
        Some("5".into())
    );
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_are_no_utf_8_cost_their_characters_and_nothing_else() {
    let chaos = Chaos::start().await;
    let one = source("one", chaos.url("/bad-utf8"));
    let id = one.id;
    let rig = Rig::start([one]).await;

    let data = rig.await_data(id, 2).await;

    assert_eq!(data, ["a\u{fffd}", "after"]);
    assert_eq!(rig.stored(id).await[0].event, "\u{fffd}(");
    assert_eq!(chaos.asked().len(), 1);
    rig.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_outage_tells_what_was_replayed_even_if_the_stream_ends_in_its_burst() {
    let server = Server::start([
        Answer::stream(["id: 1\ndata: 1\n\n"], Then::Eof),
        Answer::status(503).header("Retry-After", "20"),
        Answer::stream(["id: 2\ndata: 2\n\nid: 3\ndata: 3\n\n"], Then::Eof),
        Answer::stream([": here\n"], Then::Hold),
    ])
    .await;
    let mut link = Link::start(config(server.url("/").parse().unwrap()));

    link.watch_for(Duration::from_mins(1)).await;

    let told = link.outages();
    assert_eq!(told.iter().map(|one| one.2).collect::<Vec<_>>(), [0, 2]);
    assert!(told[0].1.duration_since(told[0].0).as_secs() >= 20);
}

#[tokio::test(start_paused = true)]
async fn f03_the_divider_of_a_sleep_begins_where_the_sleep_did() {
    let chaos = Chaos::start().await;
    let mut link = Link::start(config(chaos.url("/events")));
    link.watch(HOUR, Link::is_live).await;
    link.watch_for(Duration::from_secs(3)).await;

    // What the supervisor does after a sleep of two hours.
    link::sleep_through(2 * HOUR);
    link.reconnect.notify_one();
    link.watch_for(Duration::from_secs(3)).await;

    let outages = link.outages();
    assert_eq!(outages.len(), 1);
    let lasted = outages[0].1.duration_since(outages[0].0);
    assert!((lasted.as_secs_f64() - 7200.0).abs() < 1.0);
    assert_eq!(chaos.asked().len(), 2);
}
