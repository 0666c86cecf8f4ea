//! Quiet hours, snoozes and pauses: what rings, what is held, and the one digest at the end.

use super::*;

const NIGHT: Duration = Duration::from_secs(11 * 3600);

fn nights(set: &mut Preferences) {
    set.quiet_hours = serde_json::from_value(serde_json::json!({
        "enabled": true,
        "rows": [{
            "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
            "from": "22:00",
            "to": "07:00",
        }],
    }))
    .unwrap();
}

#[tokio::test]
async fn quiet_hours_hold_events_and_end_with_one_digest() {
    let mut desk = desktop(ALL, Limits::default()).await;
    WALL.set(NOON + NIGHT);
    desk.rig.set(nights);
    let quiet = desk.rig.stands(Some(QuietReason::Hours)).await;
    let until = NOON + Duration::from_secs(19 * 3600);
    assert_eq!(quiet.until, Some(until.into()));
    for number in 1..=4 {
        if number == 3 {
            desk.rig.source = SourceId::random();
        }
        desk.rig.deliver(&format!("event {number}"), "").await;
    }
    let held = desk.rig.fates(4).await;
    assert_eq!(count(&held, Delivery::Held), 4);
    assert_eq!(held[&RowId(1)].why, Some(DeliveryCause::QuietHours.into()));
    assert_eq!(desk.rig.handle.quiet().borrow().held, 4);

    // What is critical rings all the same.
    let mut critical = desk.rig.event("on fire", "");
    critical.notification.severity = Severity::Critical;
    desk.rig.handle.deliver(critical).await.unwrap();
    assert_eq!(desk.rig.fate().await.delivery, Delivery::Shown);
    assert_eq!(desk.daemon.calls(1).await[0].summary, "on fire");

    WALL.set(until);
    // Any wish makes it look at the clock now; by itself it does so every 30 s.
    desk.rig.set(|set| set.close_explained = true);
    assert_eq!(count(&desk.rig.fates(4).await, Delivery::Digest), 4);
    let calls = desk.daemon.calls(2).await;
    assert_eq!(calls[1].body, "Held back in quiet time: 4\nevent 4");
    assert_eq!(calls.len(), 2);
    assert_eq!(desk.rig.stands(None).await.held, 0);
}

#[tokio::test]
async fn a_critical_event_waits_where_it_was_not_let_through_and_a_rule_may_let_any_through() {
    let mut desk = desktop(ALL, Limits::default()).await;
    WALL.set(NOON + NIGHT);
    desk.rig.set(|set| {
        nights(set);
        set.quiet_hours.critical_through = false;
    });
    desk.rig.stands(Some(QuietReason::Hours)).await;
    let mut critical = desk.rig.event("on fire", "");
    critical.notification.severity = Severity::Critical;
    desk.rig.handle.deliver(critical).await.unwrap();
    assert_eq!(desk.rig.fate().await.delivery, Delivery::Held);
    let mut through = desk.rig.event("the door bell", "");
    through.ring.break_through = true;
    desk.rig.handle.deliver(through).await.unwrap();
    assert_eq!(desk.rig.fate().await.delivery, Delivery::Shown);
    assert_eq!(desk.daemon.calls(1).await[0].summary, "the door bell");
}

#[tokio::test]
async fn b28_a_source_that_may_not_be_critical_never_breaks_through() {
    let mut desk = desktop(ALL, Limits::default()).await;
    desk.rig.toasts(SourceToasts {
        max_urgency: Severity::Normal,
        ..SourceToasts::default()
    });
    desk.rig
        .set(|set| set.snoozed_until = Some(NOON + Duration::from_secs(60)));
    desk.rig.stands(Some(QuietReason::Snoozed)).await;
    let mut loud = desk.rig.event("URGENT", "");
    loud.notification.severity = Severity::Critical;
    desk.rig.handle.deliver(loud).await.unwrap();
    let fate = desk.rig.fate().await;
    assert_eq!(fate.delivery, Delivery::Held);
    assert_eq!(fate.why, Some(DeliveryCause::Snoozed.into()));
}

#[tokio::test]
async fn a_snooze_ends_by_itself_with_one_digest() {
    let mut desk = desktop(ALL, Limits::default()).await;
    desk.rig
        .set(|set| set.snoozed_until = Some(NOON + Duration::from_secs(60)));
    let quiet = desk.rig.stands(Some(QuietReason::Snoozed)).await;
    assert_eq!(quiet.until, Some((NOON + Duration::from_secs(60)).into()));
    desk.rig.deliver("one", "").await;
    desk.rig.deliver("two", "").await;
    assert_eq!(count(&desk.rig.fates(2).await, Delivery::Held), 2);
    // A service that goes meanwhile takes nothing with it.
    drop(desk.daemon);
    desk.rig.health(is_unavailable).await;
    let daemon = Daemon::start(&desk.bus, ALL).await;
    desk.rig.health(is_ready).await;
    WALL.set(NOON + Duration::from_secs(61));
    desk.rig.deliver("after", "").await;
    let fates = desk.rig.fates(3).await;
    assert_eq!(fates[&RowId(3)].delivery, Delivery::Shown);
    assert_eq!(count(&fates, Delivery::Digest), 2);
    let calls = daemon.calls(2).await;
    let digests = calls
        .iter()
        .filter(|call| call.body.contains("quiet time: 2"));
    assert_eq!(digests.count(), 1);
}

#[tokio::test]
async fn what_waits_when_quiet_time_begins_is_held_and_a_pause_gives_it_up() {
    let mut desk = desktop(ALL, Limits::default()).await;
    // Three toasts, then a digest that is not shown for half a second.
    for number in 0..10 {
        desk.rig.deliver(&format!("event {number}"), "").await;
    }
    desk.daemon.calls(3).await;
    desk.rig
        .set(|set| set.snoozed_until = Some(NOON + Duration::from_secs(60)));
    let fates = desk.rig.fates(10).await;
    assert_eq!(count(&fates, Delivery::Shown), 3);
    assert_eq!(count(&fates, Delivery::Held), 7);
    desk.rig.set(|set| set.toasts_paused = true);
    assert_eq!(count(&desk.rig.fates(7).await, Delivery::Paused), 7);
    assert_eq!(desk.rig.stands(Some(QuietReason::Paused)).await.held, 0);
    assert_eq!(desk.daemon.state().calls.len(), 3);
}
