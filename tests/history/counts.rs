//! Unread counts are kept, not counted: they must equal a count of rows whatever happens.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Append(Vec<(usize, u8, bool)>),
    Refused(Vec<(usize, u8, bool)>),
    MarkRows(Vec<i64>, Option<usize>, bool),
    MarkAll(Option<usize>, bool),
    Remove(usize, bool),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let source = 0..3_usize;
    let some_source = proptest::option::of(source.clone());
    let events = proptest::collection::vec((source.clone(), 0..4_u8, any::<bool>()), 0..8);
    prop_oneof![
        6 => events.clone().prop_map(Step::Append),
        1 => events.prop_map(Step::Refused),
        3 => (proptest::collection::vec(0..60_i64, 0..9), some_source.clone(), any::<bool>())
            .prop_map(|(rows, source, read)| Step::MarkRows(rows, source, read)),
        2 => (some_source, any::<bool>()).prop_map(|(source, read)| Step::MarkAll(source, read)),
        1 => (source, any::<bool>()).prop_map(|(source, keep)| Step::Remove(source, keep)),
        1 => Just(Step::Reopen),
    ]
}

fn batch(sources: &[SourceId], events: &[(usize, u8, bool)]) -> Vec<Arrival> {
    events
        .iter()
        .map(|&(source, data, opening)| {
            let mut event = numbered("1", &data.to_string());
            event.opening = opening.then_some(tidings_core::model::Opening {
                connection: u64::from(data / 2),
                broke_at: None,
            });
            arrival(sources[source], event)
        })
        .collect()
}

async fn check(steps: Vec<Step>) {
    let mut fixture = Fixture::new();
    let sources = [(); 3].map(|()| SourceId::random());
    for step in steps {
        match step {
            Step::Append(events) => {
                fixture.append(batch(&sources, &events)).await;
            }
            Step::Refused(events) => {
                fixture
                    .sql()
                    .execute_batch(
                        "CREATE TRIGGER refuse BEFORE INSERT ON event
                         WHEN NEW.data = 'refused' BEGIN SELECT RAISE(ABORT, 'no'); END",
                    )
                    .unwrap();
                let mut arrivals = batch(&sources, &events);
                arrivals.push(arrival(sources[0], event("refused")));
                fixture.history.append(arrivals).await.unwrap_err();
                fixture.sql().execute_batch("DROP TRIGGER refuse").unwrap();
            }
            Step::MarkRows(rows, source, read) => {
                let rows = rows.into_iter().map(RowId).collect();
                let source = source.map(|source| sources[source]);
                fixture
                    .history
                    .mark_read(Some(rows), source, read)
                    .await
                    .unwrap();
            }
            Step::MarkAll(source, read) => {
                let source = source.map(|source| sources[source]);
                fixture.history.mark_read(None, source, read).await.unwrap();
            }
            Step::Remove(source, keep) => {
                fixture
                    .history
                    .remove_source(sources[source], keep)
                    .await
                    .unwrap();
            }
            Step::Reopen => {
                fixture.history.close().await.unwrap();
                fixture.history = History::open(fixture.dir.path()).unwrap();
            }
        }
        assert_counts(&fixture).await;
    }
}

async fn assert_counts(fixture: &Fixture) {
    let kept = fixture.history.unread().await.unwrap();
    let mut counted: HashMap<SourceId, (u64, Option<Timestamp>)> = HashMap::new();
    for event in fixture.all().await {
        let entry = counted.entry(event.source).or_default();
        entry.0 += u64::from(!event.read);
        entry.1 = Some(event.received_at);
    }
    let total: u64 = counted.values().map(|count| count.0).sum();
    assert_eq!(kept.total, total);
    for (source, kept) in kept.sources {
        let counted = counted.remove(&source).unwrap_or_default();
        assert_eq!((kept.unread, kept.last_event_at), counted);
    }
    assert!(counted.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn unread_counts_always_equal_a_count_of_rows(
        steps in proptest::collection::vec(step(), 1..25)
    ) {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(check(steps));
    }
}

#[tokio::test]
async fn marking_everything_leaves_later_events_unread() {
    let fixture = Fixture::new();
    let (one, other) = (SourceId::random(), SourceId::random());
    let batch = (0..1300).map(|n| arrival(one, numbered(&n.to_string(), "x")));
    fixture.append(batch.collect()).await;
    fixture.append(vec![arrival(other, event("y"))]).await;

    // The first polled is the first in the writer's queue: the event comes in between.
    let (marked, _) = tokio::join!(
        fixture.history.mark_read(None, Some(one), true),
        fixture.append(vec![arrival(one, event("later"))]),
    );

    let unread = fixture.history.unread().await.unwrap();
    assert_eq!(marked.unwrap().count, 1300);
    assert_eq!(unread.sources[&one].unread, 1);
    assert_eq!(unread.sources[&other].unread, 1);
    assert_eq!(unread.total, 2);
}

#[tokio::test]
async fn what_a_rule_keeps_quiet_is_never_unread() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    let mut quiet = event("quiet");
    quiet.decision = Verdict::Quiet.into();
    let told = quiet.row(RowId(1), source);
    fixture
        .append(vec![arrival(source, quiet), arrival(source, event("loud"))])
        .await;

    let unread = fixture.history.unread().await.unwrap();
    assert_eq!(unread.total, 1);
    assert_eq!(unread.counts().quiet, 1);
    let stored = fixture.all().await;
    assert_eq!(
        stored.iter().map(|event| event.read).collect::<Vec<_>>(),
        [true, false]
    );
    assert!(told.read, "the feed says what a page says");
}

#[tokio::test]
async fn events_are_counted_by_the_hour_they_came_in_whatever_becomes_of_their_rows() {
    const HOUR: i64 = 3_600_000;
    let fixture = Fixture::new();
    let source = SourceId::random();
    let start = 500_000 * HOUR;
    let at = |hours: i64, text: &str| {
        let mut event = event(text);
        event.received_at = Timestamp::from_millisecond(start + hours * HOUR).unwrap();
        arrival(source, event)
    };
    fixture
        .append(vec![at(0, "a"), at(0, "b"), at(1, "c")])
        .await;
    fixture.append(vec![at(1, "d")]).await;
    let hours = async |late: i64| {
        let now = Timestamp::from_millisecond(start + late * HOUR + 59_000).unwrap();
        fixture.history.hours(now).await.unwrap().remove(&source)
    };

    let told = hours(2).await.unwrap();
    assert_eq!(told.len(), 168);
    assert_eq!(told[164..], [0, 2, 2, 0]);
    fixture.history.delete(vec![RowId(1)]).await.unwrap();
    assert_eq!(hours(2).await.unwrap()[164..], [0, 2, 2, 0]);
    fixture.append(vec![at(169, "much later")]).await;
    let told = hours(169).await.unwrap();
    assert_eq!((told[0], told[167]), (0, 1));
    let kept: i64 = fixture
        .sql()
        .query_row("SELECT count(*) FROM hour", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 2, "hours nobody is told any more are gone");
    fixture.history.clear().await.unwrap();
    assert_eq!(hours(169).await, None);
}

#[tokio::test]
async fn the_minutes_of_the_last_hour_are_counted_over_all_sources_as_events_come() {
    const MINUTE: i64 = 60_000;
    let fixture = Fixture::new();
    let start = 30_000_000 * MINUTE;
    let at = |minutes: i64, text: &str| {
        let mut event = event(text);
        event.received_at = Timestamp::from_millisecond(start + minutes * MINUTE).unwrap();
        arrival(SourceId::random(), event)
    };
    fixture.append(vec![at(0, "a"), at(0, "b")]).await;
    fixture.append(vec![at(0, "c"), at(58, "d")]).await;
    let pulse = async |late: i64| {
        let now = Timestamp::from_millisecond(start + late * MINUTE + 59_000).unwrap();
        fixture.history.pulse(now).await.unwrap()
    };

    let told = pulse(59).await;
    assert_eq!((told.len(), told[0], told[58], told[59]), (60, 3, 1, 0));
    assert_eq!(told.iter().sum::<u32>(), 4);
    assert_eq!(pulse(60).await.iter().sum::<u32>(), 1);
    fixture.append(vec![at(60, "e")]).await;
    let kept: i64 = fixture
        .sql()
        .query_row("SELECT count(*) FROM minute", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 2, "a minute nobody is told any more is gone");
    fixture.history.clear().await.unwrap();
    assert_eq!(pulse(60).await, [0; 60]);
}
