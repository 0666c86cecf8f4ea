//! What a person changes: deleted, taken back, pinned, cleared; and how much is kept.

use std::time::Duration;

use tidings_core::{
    history::{Limits, Step},
    ipc::Counts,
    settings::{Retention, Settings},
    source::SourceConfig,
};

use super::*;

async fn filled(count: usize) -> (Fixture, SourceId) {
    let fixture = Fixture::new();
    let source = SourceId::random();
    for n in 0..count {
        let mut event = numbered(&n.to_string(), &format!("event {n}"));
        event.received_at = at(i64::try_from(n).unwrap() * 86_400);
        fixture.append(vec![arrival(source, event)]).await;
    }
    (fixture, source)
}

fn ids(stored: &[StoredEvent]) -> Vec<i64> {
    stored.iter().map(|event| event.row.0).collect()
}

async fn find(fixture: &Fixture, query: &str) -> Vec<i64> {
    let selection = Selection {
        query: Some(query.to_owned()),
        ..everything()
    };
    ids(&fixture.history.query(&selection, &now()).await.unwrap())
}

#[tokio::test]
async fn a_deleted_event_is_gone_at_once_and_comes_back_when_asked() {
    let (fixture, _) = filled(5).await;

    let done = fixture
        .history
        .delete(vec![RowId(2), RowId(4), RowId(99)])
        .await
        .unwrap();

    assert_eq!(done.count, 2);
    assert_eq!(ids(&fixture.all().await), [1, 3, 5]);
    assert!(fixture.history.get(RowId(2)).await.unwrap().is_none());
    assert!(find(&fixture, "\"event 1\"").await.is_empty());
    assert_eq!(fixture.history.unread().await.unwrap().counts().stored, 3);

    fixture.history.undo(done.undo.unwrap()).await.unwrap();

    assert_eq!(ids(&fixture.all().await), [1, 2, 3, 4, 5]);
    assert_eq!(find(&fixture, "\"event 1\"").await, [2]);
    assert_eq!(fixture.history.unread().await.unwrap().counts().stored, 5);
    let late = fixture.history.undo(done.undo.unwrap()).await.unwrap_err();
    assert_eq!(late.code, tidings_core::error::Code::UndoExpired);
}

#[tokio::test]
async fn a_settled_deletion_is_purged_with_its_words() {
    let (fixture, _) = filled(5).await;
    let done = fixture.history.delete(vec![RowId(2)]).await.unwrap();

    fixture.history.settle(done.undo.unwrap()).await.unwrap();

    let late = fixture.history.undo(done.undo.unwrap()).await.unwrap_err();
    assert_eq!(late.code, tidings_core::error::Code::UndoExpired);
    let left = async || -> (i64, i64) {
        fixture
            .sql()
            .query_row(
                "SELECT (SELECT count(*) FROM event),
                    (SELECT count(*) FROM event_text WHERE event_text MATCH 'event')",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .unwrap()
    };
    for _ in 0..500 {
        if left().await == (4, 4) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(left().await, (4, 4));
}

#[tokio::test]
async fn what_was_deleted_before_a_restart_is_purged_after_it() {
    let (fixture, _) = filled(3).await;
    fixture.history.delete(vec![RowId(1)]).await.unwrap();
    fixture.history.close().await.unwrap();

    let history = History::open(fixture.dir.path()).unwrap();
    // Waits behind the purge.
    history
        .remove_source(SourceId::random(), false)
        .await
        .unwrap();

    let rows: i64 = fixture
        .sql()
        .query_row("SELECT count(*) FROM event", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 2);
}

#[tokio::test]
async fn marking_all_read_is_taken_back_for_exactly_those_it_marked() {
    let (fixture, source) = filled(9).await;
    fixture
        .history
        .mark_read(Some(vec![RowId(3), RowId(4)]), None, true)
        .await
        .unwrap();

    let done = fixture.history.mark_read(None, None, true).await.unwrap();
    assert_eq!(done.count, 7);
    assert_eq!(fixture.history.unread().await.unwrap().total, 0);
    fixture.append(vec![arrival(source, event("new"))]).await;
    fixture.history.undo(done.undo.unwrap()).await.unwrap();

    assert_eq!(find(&fixture, "is:read").await, [3, 4]);
    assert_eq!(fixture.history.unread().await.unwrap().total, 8);
}

#[tokio::test]
async fn clearing_leaves_nothing_in_the_files_and_keeps_cursors_and_numbers() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    fixture.history.name_source(source, "Kept").await.unwrap();
    fixture
        .append(vec![arrival(source, numbered("7", "a telltale payload"))])
        .await;

    fixture.history.clear().await.unwrap();

    for file in std::fs::read_dir(fixture.dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(8).any(|part| part == b"telltale"));
    }
    assert!(fixture.all().await.is_empty());
    assert!(find(&fixture, "telltale").await.is_empty());
    assert_eq!(
        fixture.history.unread().await.unwrap().counts(),
        Counts::default()
    );
    assert_eq!(fixture.cursor(source).await.as_deref(), Some("7"));
    let outcome = fixture.append(vec![arrival(source, event("next"))]).await;
    assert_eq!(rows(&outcome), [RowId(2)]);
    assert_eq!(find(&fixture, "next").await, [2]);
}

async fn prune(fixture: &Fixture, settings: &Settings, now: Timestamp) -> usize {
    prune_after(fixture, settings, now, 0).await
}

/// Prunes after the process ran for so many hours since it last did.
async fn prune_after(fixture: &Fixture, settings: &Settings, now: Timestamp, ran: u64) -> usize {
    let limits = Limits::of(settings);
    let ran = Duration::from_secs(ran * 3600);
    let begun = fixture.history.begin_pruning(limits, now, ran).await;
    let mut step: Option<Step> = begun.unwrap();
    let mut deleted = 0;
    while let Some(next) = step {
        let progress = fixture.history.prune(next).await.unwrap();
        assert!(progress.deleted <= 500);
        deleted += progress.deleted;
        step = progress.next;
    }
    deleted
}

fn keeping(retention: Retention) -> Settings {
    let mut settings = Settings::default();
    settings.preferences.retention = retention;
    settings
}

#[tokio::test]
async fn events_beyond_the_limits_go_and_pinned_ones_stay() {
    let (fixture, source) = filled(40).await;
    fixture
        .history
        .pin(vec![RowId(2), RowId(30)], true)
        .await
        .unwrap();
    let by_age = keeping(Retention {
        days: Some(30),
        ..Retention::default()
    });

    assert_eq!(prune(&fixture, &by_age, at(40 * 86_400 - 1)).await, 9);
    assert_eq!(ids(&fixture.all().await)[..3], [2, 11, 12]);

    let mut by_number = Settings::default();
    let mut config = SourceConfig::new("one", "https://example.com/".parse().unwrap());
    config.id = source;
    config.retention.events = Some(5);
    by_number.sources.push(config);
    assert_eq!(prune(&fixture, &by_number, at(40 * 86_400)).await, 26);
    assert_eq!(ids(&fixture.all().await), [2, 30, 38, 39, 40]);
    assert_eq!(fixture.history.unread().await.unwrap().counts().stored, 5);
    assert!(find(&fixture, "\"event 20\"").await.is_empty());
}

#[tokio::test]
async fn a_history_beyond_its_size_shrinks_to_it() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    for n in 0..60 {
        let batch = (0..50).map(|m| {
            let text = format!("{n} {m} {}", "word and more ".repeat(60));
            arrival(source, numbered(&format!("{n}-{m}"), &text))
        });
        fixture.append(batch.collect()).await;
    }
    let limit = keeping(Retention {
        megabytes: Some(2),
        ..Retention::default()
    });

    assert!(prune(&fixture, &limit, at(0)).await > 500);

    let left = fixture.all().await;
    assert!(left.len() > 300, "{}", left.len());
    assert_eq!(left.last().unwrap().row, RowId(3000));
    fixture.history.close().await.unwrap();
    let size = std::fs::metadata(fixture.dir.path().join(FILE))
        .unwrap()
        .len();
    assert!(size < 3_000_000, "{size}");
}

#[tokio::test]
async fn f5_a_clock_that_jumps_never_wipes() {
    let (fixture, _) = filled(40).await;
    let by_age = keeping(Retention {
        days: Some(30),
        ..Retention::default()
    });
    let hour = |n: i64| at(39 * 86_400 + n * 3600);
    assert_eq!(prune(&fixture, &by_age, hour(0)).await, 9);

    // Ten years ahead for two days: a day for the jump, four for each of the two.
    let decade = 3650 * 24;
    assert_eq!(prune(&fixture, &by_age, hour(decade)).await, 1);
    let mut deleted = 0;
    for n in 1..=48 {
        deleted += prune_after(&fixture, &by_age, hour(decade + n), 1).await;
    }
    assert_eq!(deleted, 8);
    // Set right again: what counts is the clock.
    assert_eq!(prune_after(&fixture, &by_age, hour(50), 1).await, 0);
    // Back before the first event, and right again.
    assert_eq!(prune_after(&fixture, &by_age, at(0), 1).await, 0);
    assert_eq!(prune_after(&fixture, &by_age, hour(51), 1).await, 0);
    assert_eq!(fixture.all().await.len(), 22);
}

#[tokio::test]
async fn events_get_old_though_the_program_runs_every_third_day_for_a_working_day_only() {
    let (fixture, _) = filled(40).await;
    let by_age = keeping(Retention {
        days: Some(30),
        ..Retention::default()
    });
    let hour = |n: i64| at(20 * 86_400 + n * 3600);
    prune(&fixture, &by_age, hour(0)).await;

    for day in 1..=40_i64 {
        let start = day * 56;
        prune(&fixture, &by_age, hour(start - 8)).await;
        for n in -7..=0 {
            prune_after(&fixture, &by_age, hour(start + n), 1).await;
        }
        let days = usize::try_from((20 * 24 + start) / 24 - 30).unwrap_or(0);
        let wanted = 40_usize.saturating_sub(days);
        let left = fixture.all().await.len();
        assert!(left.abs_diff(wanted) <= 1, "{day}: {left}, not {wanted}");
    }
    assert!(fixture.all().await.is_empty());
}
