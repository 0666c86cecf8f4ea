//! What the desk owes every event, by example and whatever the service answers.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{
    delivery::{storm::WINDOW, toast::Verb},
    model::Notification,
};

const SECOND: Duration = Duration::from_secs(1);

fn start() -> Instant {
    tokio::time::Instant::now().into_std()
}

fn desk(now: Instant) -> Desk {
    Desk::new(Limits::default(), now)
}

fn event(row: i64, source: SourceId) -> Deliver {
    Deliver {
        row: RowId(row),
        source,
        source_name: "Builds".into(),
        notification: Notification {
            title: format!("event {row}"),
            ..Notification::default()
        },
        ring: crate::model::Ring::default(),
        rule: None,
        replayed: false,
        backlog: false,
    }
}

fn ready() -> ToastHealth {
    ToastHealth::Ready {
        server: "mock".to_owned(),
        version: "1".to_owned(),
    }
}

fn gone() -> ToastHealth {
    ToastHealth::Unavailable {
        cause: DeliveryCause::NoService,
        message: "nobody there".to_owned(),
    }
}

fn lost(uncertain: bool) -> Result<(), Failure> {
    let message = "nobody there".to_owned();
    let cause = DeliveryCause::NoService;
    Err(Failure::Lost {
        cause,
        message,
        uncertain,
    })
}

fn outcomes(desk: &mut Desk) -> Vec<Outcome> {
    std::iter::from_fn(|| desk.next_outcome()).collect()
}

#[test]
fn a_toast_that_may_have_been_seen_comes_back_only_as_a_count() {
    let now = start();
    let mut desk = desk(now);
    desk.take(event(1, SourceId::random()), now);
    assert_eq!(
        desk.hand_over().map(|toast| toast.summary),
        Some("event 1".to_owned())
    );
    desk.set_health(gone());
    desk.done(lost(true), now);
    desk.set_health(ready());
    desk.tick(now);
    let toast = desk.hand_over().unwrap();
    assert_eq!(
        toast.body,
        "Missed while notifications were unavailable: 1\nevent 1"
    );
    desk.done(Ok(()), now);
    let fate = &outcomes(&mut desk)[0];
    assert_eq!(
        (&fate.rows[..], fate.delivery),
        (&[RowId(1)][..], Delivery::Digest)
    );
}

#[test]
fn a_toast_that_reached_nobody_is_shown_when_somebody_comes() {
    let now = start();
    let mut desk = desk(now);
    desk.set_health(gone());
    desk.take(event(1, SourceId::random()), now);
    desk.tick(now + SECOND);
    assert!(!desk.has_toast());
    desk.set_health(ready());
    desk.tick(now + 2 * SECOND);
    assert_eq!(
        desk.hand_over().map(|toast| toast.summary),
        Some("event 1".to_owned())
    );
}

/// The stickiness of each toast that is due.
fn sticky(desk: &mut Desk, now: Instant) -> Vec<bool> {
    desk.tick(now);
    let toasts: Vec<bool> = std::iter::from_fn(|| desk.hand_over())
        .map(|toast| toast.sticky)
        .collect();
    for _ in &toasts {
        desk.done(Ok(()), now);
    }
    toasts
}

#[test]
fn a_digest_stays_as_long_as_one_of_those_it_counts_would_have() {
    let now = start();
    let source = SourceId::random();
    let stays = |row: i64, stays: bool| {
        let mut event = event(row, source);
        event.ring.sticky = stays;
        event
    };

    let mut burst = desk(now);
    for row in 1..=5 {
        burst.take(stays(row, row == 4), now);
    }
    assert_eq!(sticky(&mut burst, now), [false; 3]);
    let shown = now + SECOND;
    assert_eq!(sticky(&mut burst, shown), [true], "the fourth is counted");
    for row in 6..=8 {
        burst.take(stays(row, false), shown + SECOND);
    }
    let replaced = sticky(&mut burst, shown + 10 * SECOND);
    assert_eq!(replaced, [true], "it replaces what stays");

    let mut quiet = desk(now);
    quiet.stand(Some(QuietReason::Snoozed), true, now);
    for row in 1..=3 {
        quiet.take(stays(row, row == 1), now);
    }
    quiet.stand(None, true, now);
    assert_eq!(sticky(&mut quiet, now + SECOND), [true]);

    let mut missing = desk(now);
    missing.set_health(gone());
    for row in 1..=3 {
        missing.take(stays(row, row == 1), now);
    }
    missing.set_health(ready());
    assert_eq!(sticky(&mut missing, now + SECOND), [true]);
}

#[test]
fn a_minute_without_a_service_ends_the_wait_with_its_words() {
    let now = start();
    let mut desk = desk(now);
    let source = SourceId::random();
    for row in 1..=10 {
        desk.take(event(row, source), now);
    }
    // Three had a toast on its way, seven are counted; none is shown.
    desk.set_health(gone());
    for _ in 0..3 {
        desk.hand_over();
        desk.done(lost(false), now);
    }
    desk.tick(now + 59 * SECOND);
    assert!(!desk.has_outcome());
    assert_eq!(desk.wake(now + 59 * SECOND), Some(now + MISSED_FOR));
    desk.tick(now + MISSED_FOR);
    let fates = outcomes(&mut desk);
    assert_eq!(fates.iter().map(|fate| fate.rows.len()).sum::<usize>(), 10);
    for fate in &fates {
        assert_eq!(fate.delivery, Delivery::Refused);
        assert_eq!(fate.why, Some(DeliveryCause::NoService.into()));
    }
    desk.set_health(ready());
    desk.tick(now + 2 * MISSED_FOR);
    assert!(!desk.has_toast(), "what was given up rang after all");
}

#[test]
fn a_flood_within_an_outage_does_not_spend_the_minutes_calls() {
    let now = start();
    let mut desk = desk(now);
    for _ in 0..5 {
        desk.take(event(1, SourceId::random()), now);
        desk.hand_over();
        desk.done(lost(false), now);
    }
    let granted = (0..30).filter(|_| desk.storm.grant(true, now)).count();
    assert_eq!(granted, 30);
}

#[test]
fn a_critical_event_in_a_digest_keeps_its_urgency() {
    let now = start();
    let mut desk = desk(now);
    let source = SourceId::random();
    for row in 1..=9 {
        let mut event = event(row, source);
        if row == 8 {
            event.replayed = true;
            event.notification.severity = Severity::Critical;
        }
        event.replayed = true;
        desk.take(event, now);
    }
    desk.tick(now + SECOND);
    assert_eq!(
        desk.hand_over().map(|toast| toast.severity),
        Some(Severity::Critical)
    );
}

#[test]
fn a_name_that_looks_like_a_template_stays_a_name() {
    let now = start();
    let mut desk = desk(now);
    let source = SourceId::random();
    for row in 1..=4 {
        let mut event = event(row, source);
        event.source_name = "{title}\0\n{count}".into();
        event.replayed = true;
        event.notification.title = "{source}".to_owned();
        desk.take(event, now);
    }
    desk.tick(now + SECOND);
    let toast = desk.hand_over().unwrap();
    assert_eq!(toast.summary, "{title} {count}");
    assert_eq!(toast.body, "4 events while you were away\n{source}");
}

#[test]
fn a_backlog_of_one_rings_as_itself_and_keeps_its_place_for_those_that_follow() {
    let now = start();
    let mut desk = desk(now);
    let old = |row: i64| Deliver {
        backlog: true,
        ..event(row, SourceId::random())
    };
    desk.take(old(1), now);
    desk.tick(now + SECOND);
    let alone = desk.hand_over().unwrap();
    assert_eq!(alone.summary, "event 1");
    assert!(alone.actions.iter().any(|(verb, _)| *verb == Verb::Read));
    assert_eq!(alone.target.rows, [RowId(1)]);
    desk.done(Ok(()), now + SECOND);
    assert_eq!(outcomes(&mut desk)[0].delivery, Delivery::Shown);

    for row in 2..=3 {
        desk.take(old(row), now + 2 * SECOND);
    }
    desk.tick(now + 12 * SECOND);
    let more = desk.hand_over().unwrap();
    assert_eq!(more.body, "Not shown before: 3\nevent 3");
    assert_eq!(more.slot, alone.slot);
    desk.done(Ok(()), now + 12 * SECOND);
    assert_eq!(outcomes(&mut desk)[0].delivery, Delivery::Digest);
}

#[test]
fn a_backlog_of_one_that_may_have_been_seen_comes_back_only_as_a_count() {
    let now = start();
    let mut desk = desk(now);
    let backlog = true;
    desk.take(
        Deliver {
            backlog,
            ..event(1, SourceId::random())
        },
        now,
    );
    desk.tick(now + SECOND);
    desk.hand_over().unwrap();
    desk.set_health(gone());
    desk.done(lost(true), now + SECOND);
    desk.set_health(ready());
    desk.tick(now + 20 * SECOND);
    let again = desk.hand_over().unwrap();
    assert_eq!(again.body, "Not shown before: 1\nevent 1");
}

#[test]
fn what_repeats_a_toast_on_the_screen_is_counted_in_it_and_in_no_digest() {
    let now = start();
    let mut desk = desk(now);
    let source = SourceId::random();
    let repeat = |desk: &mut Desk, rows: std::ops::RangeInclusive<i64>, now: Instant| {
        for row in rows {
            let mut event = event(row, source);
            event.notification.title = "Disk full".to_owned();
            desk.take(event, now);
        }
    };
    let shown = |desk: &mut Desk, now: Instant| -> Vec<Toast> {
        desk.tick(now);
        let toasts: Vec<Toast> = std::iter::from_fn(|| desk.hand_over()).collect();
        for _ in &toasts {
            desk.done(Ok(()), now);
        }
        toasts
    };

    repeat(&mut desk, 1..=10, now);
    let first = shown(&mut desk, now);
    let told: Vec<&str> = first.iter().map(|toast| &*toast.summary).collect();
    assert_eq!(told, ["Disk full", "Disk full (×2)", "Disk full (×3)"]);
    let all = shown(&mut desk, now + SECOND);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].summary, "Disk full (×10)");
    assert_eq!((all[0].slot, all[0].target.rows.len()), (first[0].slot, 10));

    // In the pace of a digest; taken away meanwhile, only what came since comes back.
    repeat(&mut desk, 11..=12, now + 2 * SECOND);
    assert!(shown(&mut desk, now + 3 * SECOND).is_empty());
    if let Some(Slot::Event(slot)) = first[0].slot {
        desk.closed(Slot::Event(slot));
    }
    let late = shown(&mut desk, now + 12 * SECOND);
    assert_eq!(late.len(), 1);
    assert_eq!(late[0].summary, "Disk full (×2)");
    let fates = outcomes(&mut desk);
    assert_eq!(fates.iter().map(|fate| fate.rows.len()).sum::<usize>(), 12);
}

/// The summaries of what "Disk full" showed: each time by a rule.
fn disk_full(events: &[(&str, Instant)]) -> Vec<String> {
    let mut desk = desk(start());
    let source = SourceId::random();
    let mut told = Vec::new();
    for (row, (rule, at)) in (1..).zip(events) {
        let mut event = event(row, source);
        event.notification.title = "Disk full".to_owned();
        event.rule = Some((*rule).to_owned());
        desk.take(event, *at);
        told.extend(desk.hand_over().map(|toast| toast.summary));
        desk.done(Ok(()), *at);
    }
    told
}

#[test]
fn a_toast_is_repeated_for_ten_minutes_by_what_its_rule_rings_for() {
    let at = |minutes| start() + Duration::from_mins(minutes);
    let told = disk_full(&[("disks", at(0)), ("disks", at(9)), ("disks", at(20))]);
    assert_eq!(told, ["Disk full", "Disk full (×2)", "Disk full"]);
    let told = disk_full(&[("disks", at(0)), ("night", at(1)), ("disks", at(2))]);
    assert_eq!(told, ["Disk full", "Disk full", "Disk full (×2)"]);
}

#[test]
fn f17_forty_floods_for_three_minutes_reach_thirty_calls_a_minute_and_no_more() {
    let begin = start();
    let mut desk = desk(begin);
    let sources: Vec<SourceId> = (0..40).map(|_| SourceId::random()).collect();
    let mut calls: Vec<Instant> = Vec::new();
    let mut row = 0;
    for beat in 0..900 {
        let now = begin + Duration::from_millis(200) * beat;
        for (number, source) in sources.iter().enumerate() {
            row += 1;
            let mut event = event(row, *source);
            if number % 10 == 0 {
                event.notification.severity = Severity::Critical;
            }
            desk.take(event, now);
        }
        desk.tick(now);
        while desk.hand_over().is_some() {
            calls.push(now);
            desk.done(Ok(()), now);
        }
        desk.outcomes.clear();
    }
    let within = |end: &Instant| {
        let before = calls.iter().filter(|at| *at <= end);
        before.filter(|at| *end < **at + WINDOW).count()
    };
    assert_eq!(calls.iter().map(within).max(), Some(30));
    assert!(calls.len() >= 80, "{}", calls.len());
}

#[derive(Debug, Clone)]
enum Step {
    Live(usize, bool),
    Replayed(usize),
    Backlog,
    Wait(u64),
    Answer(u8),
    Gone,
    Ready,
    Stand(Option<QuietReason>),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0_usize..4, any::<bool>()).prop_map(|(source, critical)| Step::Live(source, critical)),
        3 => (0_usize..4).prop_map(Step::Replayed),
        1 => Just(Step::Backlog),
        4 => (0_u64..20_000).prop_map(Step::Wait),
        6 => (0_u8..6).prop_map(Step::Answer),
        1 => Just(Step::Gone),
        2 => Just(Step::Ready),
        1 => prop_oneof![
            3 => Just(None),
            1 => Just(Some(QuietReason::Paused)),
            1 => Just(Some(QuietReason::Snoozed)),
            1 => Just(Some(QuietReason::Hours)),
        ]
        .prop_map(Step::Stand),
    ]
}

proptest! {
    #[test]
    fn every_event_has_exactly_one_outcome(steps in proptest::collection::vec(step(), 1..300)) {
        let mut now = start();
        let mut desk = desk(now);
        let sources: Vec<SourceId> = (0..4).map(|_| SourceId::random()).collect();
        let mut row = 0;
        let mut fates: BTreeMap<RowId, Delivery> = BTreeMap::new();
        let mut take = |desk: &mut Desk| {
            for outcome in outcomes(desk) {
                for row in outcome.rows {
                    let before = fates.insert(row, outcome.delivery);
                    // Only what was held has another one.
                    assert!(matches!(before, None | Some(Delivery::Held)), "two outcomes");
                }
            }
        };
        for step in steps {
            match step {
                Step::Live(source, critical) => {
                    row += 1;
                    let mut event = event(row, sources[source]);
                    event.notification.title = format!("event {}", row % 3);
                    if critical {
                        event.notification.severity = Severity::Critical;
                    }
                    desk.take(event, now);
                }
                Step::Replayed(source) => {
                    row += 1;
                    let replayed = true;
                    desk.take(Deliver { replayed, ..event(row, sources[source]) }, now);
                }
                Step::Backlog => {
                    row += 1;
                    desk.take(Deliver { backlog: true, ..event(row, sources[0]) }, now);
                }
                Step::Wait(ms) => now += Duration::from_millis(ms),
                Step::Answer(answer) if desk.hand_over().is_some() => {
                    if matches!(answer, 3 | 4) {
                        desk.set_health(gone());
                    }
                    desk.done(
                        match answer {
                            0 => Err(Failure::Excess),
                            1 => Err(Failure::Refused("no".to_owned())),
                            3 => lost(false),
                            4 => lost(true),
                            _ => Ok(()),
                        },
                        now,
                    );
                }
                Step::Answer(_) => {}
                Step::Gone => desk.set_health(gone()),
                Step::Ready => desk.set_health(ready()),
                Step::Stand(reason) => desk.stand(reason, true, now),
            }
            desk.tick(now);
            take(&mut desk);
        }
        desk.set_health(ready());
        desk.stand(None, true, now);
        loop {
            desk.tick(now);
            while desk.hand_over().is_some() {
                desk.done(Ok(()), now);
            }
            take(&mut desk);
            let Some(wake) = desk.wake(now) else { break };
            now = now.max(wake);
        }
        prop_assert!(desk.flights.is_empty());
        prop_assert_eq!(desk.held_rows, 0);
        prop_assert!(!fates.values().any(|fate| *fate == Delivery::Held));
        prop_assert_eq!(i64::try_from(fates.len()).unwrap(), row);
    }
}
