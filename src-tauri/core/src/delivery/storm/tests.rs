//! What storm control promises, by example and for arbitrary arrivals.

use proptest::prelude::*;

use super::*;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

fn start() -> Instant {
    tokio::time::Instant::now().into_std()
}

fn storm(now: Instant) -> Storm {
    Storm::new(Limits::default(), now)
}

/// Offers `count` normal events at once; how many of them show.
fn burst(storm: &mut Storm, source: SourceId, count: usize, now: Instant) -> usize {
    let shown = (0..count)
        .filter(|_| storm.offer(source, None, false, now) == Decision::Show)
        .count();
    for _ in 0..shown {
        storm.settled(now);
    }
    shown
}

#[test]
fn a_burst_shows_three_toasts_and_one_digest_replaced_every_ten_seconds() {
    let now = start();
    let mut storm = storm(now);
    let source = SourceId::random();
    assert_eq!(burst(&mut storm, source, 10, now), 3);
    assert_eq!(storm.due(now), None);
    let (pile, digest) = (Pile::More(source), 1);
    assert_eq!(storm.wake(now), Some(now + SETTLE));
    assert_eq!(
        storm.due(now + SETTLE),
        Some(Due::Digest {
            pile,
            digest,
            total: 7
        })
    );
    storm.settled(now + SETTLE);

    // The same toast again, not before ten seconds, though the bucket has refilled.
    let later = now + 9 * SECOND;
    assert_eq!(burst(&mut storm, source, 5, later), 0);
    let next = now + SETTLE + DIGEST_EVERY;
    assert_eq!(storm.due(later), None);
    assert_eq!(
        storm.due(next),
        Some(Due::Digest {
            pile,
            digest,
            total: 12
        })
    );
    storm.settled(next);

    // Calm ends it; then the source rings again.
    assert_eq!(storm.due(later + CALM), Some(Due::Close(pile)));
    assert_eq!(storm.wake(later + CALM), None);
    assert_eq!(burst(&mut storm, source, 1, later + CALM), 1);
}

#[test]
fn one_loud_source_leaves_toasts_for_a_quiet_one() {
    let now = start();
    let mut storm = storm(now);
    assert_eq!(burst(&mut storm, SourceId::random(), 10_000, now), 3);
    assert_eq!(burst(&mut storm, SourceId::random(), 1, now), 1);
}

#[test]
fn many_sources_share_one_burst() {
    let now = start();
    let mut storm = storm(now);
    let shown: usize = (0..50)
        .map(|_| burst(&mut storm, SourceId::random(), 1, now))
        .sum();
    assert_eq!(shown, 5);
}

#[test]
fn the_last_calls_of_a_minute_are_for_critical_events() {
    let now = start();
    let mut storm = storm(now);
    let granted = (0..40).filter(|_| storm.grant(false, now)).count();
    assert_eq!(granted, 24);
    let source = SourceId::random();
    assert_eq!(storm.offer(source, None, false, now), Decision::Fold);
    let critical: Vec<Decision> = (0..4)
        .map(|_| storm.offer(source, None, true, now))
        .collect();
    // Even those have the bucket of their source, which no severity opens wider.
    assert_eq!(
        critical,
        [
            Decision::Show,
            Decision::Show,
            Decision::Show,
            Decision::Fold
        ]
    );
}

#[test]
fn a_call_that_takes_long_counts_from_its_end() {
    let now = start();
    let mut storm = storm(now);
    while storm.grant(true, now) {}
    assert!(
        !storm.grant(true, now + 10 * WINDOW),
        "running calls never expire"
    );
    for _ in 0..30 {
        storm.settled(now + 3 * SECOND);
    }
    assert!(!storm.grant(true, now + WINDOW));
    assert!(storm.grant(true, now + WINDOW + 3 * SECOND));
}

#[test]
fn two_replayed_events_ring_and_more_become_one_summary() {
    let now = start();
    let mut storm = storm(now);
    let pile = Pile::Away(SourceId::random());
    storm.fold(pile, now);
    storm.fold(pile, now);
    assert_eq!(storm.due(now + SETTLE), Some(Due::Dissolve(pile)));
    for _ in 0..37 {
        storm.fold(pile, now + SECOND);
    }
    let at = now + SECOND + SETTLE;
    assert_eq!(
        storm.due(at),
        Some(Due::Digest {
            pile,
            digest: 2,
            total: 37
        })
    );
}

#[test]
fn a_digest_that_failed_after_its_end_is_never_asked_back_one_by_one() {
    let now = start();
    let mut storm = storm(now);
    let pile = Pile::Away(SourceId::random());
    storm.fold_back(pile, 2, now);
    assert_eq!(storm.due(now + SETTLE), None);
    let due = storm.due(now + DIGEST_EVERY);
    assert!(matches!(due, Some(Due::Digest { total: 2, .. })), "{due:?}");
}

#[test]
fn the_backlog_has_one_digest_until_a_minute_brought_nothing_more() {
    let now = start();
    let mut storm = storm(now);
    let pile = Pile::Backlog;
    let due = |digest, total| {
        let due = Due::Digest {
            pile,
            digest,
            total,
        };
        Some(due)
    };
    storm.fold(pile, now);
    assert_eq!(storm.due(now + SETTLE), due(1, 1));
    storm.fold(pile, now + SECOND);
    let last = now + 40 * SECOND;
    assert_eq!(storm.due(last), due(1, 2));
    storm.fold_many(pile, 2, last);
    assert_eq!(storm.due(last + DIGEST_EVERY), due(1, 4));

    assert_eq!(storm.due(last + START_CALM), Some(Due::Close(pile)));
    let hours_later = now + 7_200 * SECOND;
    storm.fold(pile, hours_later);
    assert_eq!(storm.due(hours_later + SETTLE), due(2, 1));
}

#[test]
fn a_complaint_halves_the_refill_for_a_minute() {
    let now = start();
    let mut storm = storm(now);
    let source = SourceId::random();
    storm.slow_down(now);
    assert_eq!(burst(&mut storm, source, 3, now), 3);
    assert_eq!(burst(&mut storm, source, 1, now + 6 * SECOND), 0);
}

#[test]
fn lifted_limits_show_everything() {
    let now = start();
    let mut storm = Storm::new(Limits::lifted(), now);
    assert_eq!(burst(&mut storm, SourceId::random(), 100_000, now), 100_000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn thirty_calls_a_minute_and_every_event_counted_once(
        arrivals in proptest::collection::vec(
            (0_u64..4_000, 0_usize..8, 0_u8..10, 1_usize..40, 0_u64..3_000), 1..120),
    ) {
        let mut now = start();
        let mut storm = storm(now);
        let sources: Vec<SourceId> = (0..8).map(|_| SourceId::random()).collect();
        let mut calls: Vec<Instant> = Vec::new();
        let (mut offered, mut singly) = (0_u64, 0_u64);
        let mut digests: HashMap<u64, u64> = HashMap::new();

        for (gap, source, kind, count, slow) in arrivals {
            let until = now + MS * u32::try_from(gap).unwrap();
            run(&mut storm, &mut now, until, &sources, &mut calls, &mut singly, &mut digests);
            let source = sources[source];
            for _ in 0..count {
                offered += 1;
                if kind == 0 {
                    storm.fold(Pile::Backlog, now);
                } else if kind == 1 {
                    storm.fold(Pile::Away(source), now);
                } else if storm.offer(source, None, kind == 2, now) == Decision::Show {
                    singly += 1;
                    // Calls of arbitrary length: made now, known to have ended later.
                    now += MS * u32::try_from(slow / 100).unwrap();
                    calls.push(now);
                    storm.settled(now);
                }
            }
        }
        let until = now + 3_600 * SECOND;
        run(&mut storm, &mut now, until, &sources, &mut calls, &mut singly, &mut digests);
        prop_assert_eq!(storm.wake(now), None);
        prop_assert_eq!(offered, singly + digests.values().sum::<u64>());
        for window in calls.windows(31) {
            prop_assert!(window[30] - window[0] >= WINDOW);
        }
    }
}

/// Lives through the time until `until`, doing what is due. A dissolved pile of replayed
/// events is offered again, as the task does it.
fn run(
    storm: &mut Storm,
    now: &mut Instant,
    until: Instant,
    sources: &[SourceId],
    calls: &mut Vec<Instant>,
    singly: &mut u64,
    digests: &mut HashMap<u64, u64>,
) {
    let mut away: HashMap<Pile, u64> = HashMap::new();
    for source in sources {
        let pile = Pile::Away(*source);
        if let Some(clock) = storm.clocks.get(&pile) {
            away.insert(pile, clock.total);
        }
    }
    while let Some(at) = storm.wake(*now).filter(|at| *at <= until) {
        *now = at.max(*now);
        while let Some(due) = storm.due(*now) {
            match due {
                Due::Digest { digest, total, .. } => {
                    digests.insert(digest, total);
                    calls.push(*now);
                    storm.settled(*now);
                }
                Due::Dissolve(pile @ Pile::Away(source)) => {
                    for _ in 0..away[&pile] {
                        if storm.offer(source, None, false, *now) == Decision::Show {
                            *singly += 1;
                            calls.push(*now);
                            storm.settled(*now);
                        }
                    }
                }
                Due::Dissolve(pile) => panic!("{pile:?} dissolves"),
                Due::Close(_) => {}
            }
        }
    }
    *now = until.max(*now);
}
