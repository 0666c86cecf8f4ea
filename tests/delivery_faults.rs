//! A notification service that hangs, complains, dies, comes back or was never there.

use super::*;

#[tokio::test]
async fn f23_a_service_that_hangs_holds_up_nobody_and_loses_nothing() {
    let mut desk = desktop(ALL, Limits::default()).await;
    desk.daemon.be(Mood::Hang);
    desk.daemon.state().deaf = true;
    let began = tokio::time::Instant::now();
    for number in 0..40 {
        desk.rig.deliver(&format!("event {number}"), "").await;
    }
    assert!(
        began.elapsed() < Duration::from_secs(1),
        "the pipeline waited"
    );
    let health = desk.rig.health(is_unavailable).await;
    assert!(
        format!("{health:?}").contains("does not answer"),
        "{health:?}"
    );
    assert!(began.elapsed() < Duration::from_secs(8));

    desk.daemon.be(Mood::Fine);
    desk.daemon.state().deaf = false;
    desk.rig.health(is_ready).await;
    let fates = desk.rig.fates(40).await;
    assert_eq!(count(&fates, Delivery::Digest), 40);
    // One call hung; then what no service took, and what storm control had counted.
    let calls = desk.daemon.calls(3).await;
    assert_eq!(
        bodies(&calls),
        [
            "",
            "Missed while notifications were unavailable: 3\nevent 2",
            "37 more from Builds\nevent 39",
        ]
    );
}

#[tokio::test]
async fn a_slow_service_shows_everything() {
    let mut desk = desktop(ALL, Limits::default()).await;
    desk.daemon.be(Mood::Slow(Duration::from_secs(1)));
    desk.rig.deliver("one", "").await;
    desk.rig.deliver("two", "").await;
    assert_eq!(count(&desk.rig.fates(2).await, Delivery::Shown), 2);
}

#[tokio::test]
async fn an_event_the_service_finds_too_many_is_counted_instead() {
    let mut desk = desktop(ALL, Limits::default()).await;
    desk.daemon.be(Mood::Excess);
    desk.rig.deliver("too many", "").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    desk.daemon.be(Mood::Fine);
    assert_eq!(desk.rig.fate().await.delivery, Delivery::Digest);
    let calls = desk.daemon.calls(1).await;
    assert_eq!(bodies(&calls), ["1 more from Builds\ntoo many"]);
    assert!(is_ready(&desk.rig.handle.health().borrow()));
}

#[tokio::test]
async fn f23_a_new_daemon_never_gets_an_old_ones_ids() {
    let mut desk = desktop(ALL, Limits::default()).await;
    // A burst leaves a digest with an id of this daemon.
    for number in 0..5 {
        desk.rig.deliver(&format!("event {number}"), "").await;
    }
    desk.rig.fates(5).await;
    let old = desk.daemon.calls(4).await;
    assert_eq!(old[3].id, 4);

    drop(desk.daemon);
    let health = desk.rig.health(is_unavailable).await;
    assert!(
        format!("{health:?}").contains("no notification service"),
        "{health:?}"
    );
    let lost = desk.rig.deliver("while it was away", "").await;
    let daemon = Daemon::start(&desk.bus, ALL).await;
    desk.rig.health(is_ready).await;
    // Its source's digest still runs, so it is counted there: in a new toast, not over id 4.
    let fate = desk.rig.fates(1).await;
    assert!(fate.contains_key(&lost));
    let calls = daemon.calls(1).await;
    assert_eq!((calls[0].id, calls[0].replaces), (1, 0));
    assert_eq!(calls[0].sender, old[0].sender, "the connection is the same");

    // Id 1 means the new toast now, and the old daemon's successor may say so.
    daemon
        .signal(&calls[0].sender, "ActionInvoked", &(1_u32, "default"))
        .await;
    let click = desk.rig.outputs.clicks.recv().await.unwrap();
    assert_eq!(click.row, Some(lost));
}

#[tokio::test]
async fn f23_a_service_that_dies_in_the_middle_of_a_flood_costs_no_event_its_fate() {
    let mut desk = desktop(ALL, Limits::lifted()).await;
    desk.daemon.be(Mood::DieAfter(5));
    for number in 0..10 {
        desk.rig.deliver(&format!("event {number}"), "").await;
    }
    desk.rig.health(is_unavailable).await;
    assert_eq!(desk.daemon.state().calls.len(), 5);
    let daemon = Daemon::start(&desk.bus, ALL).await;
    let fates = desk.rig.fates(10).await;
    assert_eq!(count(&fates, Delivery::Shown), 5);
    assert_eq!(count(&fates, Delivery::Digest), 5);
    // Its ids start from 1 again and replace nothing.
    let calls = daemon.calls(1).await;
    assert_eq!((calls[0].id, calls[0].replaces), (1, 0));
    let missed = "Missed while notifications were unavailable: 5\nevent 9";
    assert_eq!(bodies(&calls), [missed]);
}

#[tokio::test]
async fn signals_that_everybody_gets_open_only_our_own_toasts() {
    let mut desk = desktop(ALL, Limits::default()).await;
    let row = desk.rig.deliver("ours", "").await;
    let call = desk.daemon.calls(1).await[0].clone();
    desk.rig.fates(1).await;
    // Toasts of other applications have other ids.
    for id in [call.id + 1, call.id + 7, call.id] {
        desk.daemon
            .broadcast("ActivationToken", &(id, "token"))
            .await;
        desk.daemon
            .broadcast("ActionInvoked", &(id, "default"))
            .await;
        desk.daemon
            .broadcast("NotificationClosed", &(id, 2_u32))
            .await;
    }
    let click = desk.rig.outputs.clicks.recv().await.unwrap();
    assert_eq!(
        (click.row, click.activation_token.as_deref()),
        (Some(row), Some("token"))
    );
    assert!(desk.rig.outputs.clicks.try_recv().is_err());
}

#[tokio::test]
async fn several_events_without_a_service_come_back_as_one_digest() {
    let mut desk = desktop(ALL, Limits::default()).await;
    drop(desk.daemon);
    desk.rig.health(is_unavailable).await;
    for number in 0..60 {
        desk.rig.deliver(&format!("event {number}"), "").await;
    }
    // Fifty are kept, the ten oldest are refused in words.
    let refused = desk.rig.fates(10).await;
    assert_eq!(count(&refused, Delivery::Refused), 10);
    assert_eq!(
        refused[&RowId(1)].why,
        Some(DeliveryCause::NoService.into())
    );
    let daemon = Daemon::start(&desk.bus, ALL).await;
    assert_eq!(count(&desk.rig.fates(50).await, Delivery::Digest), 50);
    let calls = daemon.calls(1).await;
    let missed = "Missed while notifications were unavailable: 50\nevent 59";
    assert_eq!(bodies(&calls), [missed]);
}

#[tokio::test]
async fn f24_without_a_bus_it_says_so_and_finds_one_that_comes_later() {
    let dir = tempfile::tempdir().unwrap();
    let address = format!("unix:path={}", dir.path().join("bus").display());
    let mut rig = Rig::start(&address, Limits::default());
    let health = rig.health(is_unavailable).await;
    assert!(
        format!("{health:?}").contains("no message bus"),
        "{health:?}"
    );
    let error = rig.handle.send_test().await.unwrap_err();
    assert!(error.message.contains("no message bus"), "{error}");
    rig.deliver("early", "").await;

    let bus = Bus::start(dir.path());
    let daemon = Daemon::start(&bus, ALL).await;
    rig.health(is_ready).await;
    assert_eq!(rig.fate().await.delivery, Delivery::Shown);
    assert_eq!(daemon.calls(1).await[0].summary, "early");

    // The bus dies and comes back: so do toasts.
    drop(daemon);
    drop(bus);
    rig.health(is_unavailable).await;
    let bus = Bus::start(dir.path());
    let daemon = Daemon::start(&bus, ALL).await;
    rig.health(is_ready).await;
    rig.deliver("again", "").await;
    assert_eq!(daemon.calls(1).await[0].summary, "again");
}

#[tokio::test]
async fn f24_a_bus_that_dies_in_the_middle_of_a_call_mixes_up_no_outcomes() {
    let mut desk = desktop(ALL, Limits::default()).await;
    desk.daemon.be(Mood::Hang);
    let hung = desk.rig.deliver("on its way", "").await;
    let behind = desk.rig.deliver("behind it", "").await;
    desk.daemon.calls(1).await;
    drop(desk.bus);
    let health = desk.rig.health(is_unavailable).await;
    assert!(
        format!("{health:?}").contains("message bus broke"),
        "{health:?}"
    );
    let bus = Bus::start(desk.dir.path());
    let daemon = Daemon::start(&bus, ALL).await;
    desk.rig.health(is_ready).await;
    let missed = desk.rig.fates(2).await;
    assert_eq!(missed[&hung].delivery, Delivery::Digest);
    assert_eq!(missed[&behind].delivery, Delivery::Digest);
    let after = desk.rig.deliver("after", "").await;
    let fate = desk.rig.fate().await;
    assert_eq!((fate.rows, fate.delivery), (vec![after], Delivery::Shown));
    let calls = daemon.calls(2).await;
    let missed = "Missed while notifications were unavailable: 2\nbehind it";
    assert_eq!(bodies(&calls), [missed, ""]);
}

#[tokio::test]
async fn a_stop_in_the_middle_of_a_call_lets_no_toast_ring_twice() {
    let mut desk = desktop(ALL, Limits::default()).await;
    desk.daemon.be(Mood::Hang);
    let row = desk.rig.deliver("on its way", "").await;
    desk.daemon.calls(1).await;
    desk.rig.stop.cancel();
    let fate = desk.rig.fate().await;
    assert_eq!((fate.rows, fate.delivery), (vec![row], Delivery::Refused));
    // Then the task is over.
    assert_eq!(desk.rig.outputs.outcomes.recv().await, None);
}

#[tokio::test]
async fn more_than_thirty_calls_a_minute_never_reach_the_service() {
    let mut desk = desktop(ALL, Limits::default()).await;
    for _ in 0..200 {
        desk.rig.source = SourceId::random();
        let mut event = desk.rig.event("from somewhere", "");
        event.notification.severity = Severity::Critical;
        desk.rig.handle.deliver(event).await.unwrap();
    }
    until(|| desk.daemon.state().calls.len() >= 30).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(desk.daemon.state().calls.len(), 30);
}

#[tokio::test]
async fn a_toast_taken_away_before_the_answer_is_never_replaced() {
    let mut desk = desktop(ALL, Limits::lifted()).await;
    desk.daemon.be(Mood::ClosedFirst);
    for _ in 0..2 {
        desk.rig.deliver("quick", "").await;
        assert_eq!(desk.rig.fate().await.delivery, Delivery::Shown);
    }
    let calls = desk.daemon.calls(2).await;
    assert_eq!((calls[0].replaces, calls[1].replaces), (0, 0));
}
