//! The database file: who may read it, and what a strange one does.

use std::{fs, time::Duration};

use tidings_core::{
    error::{Code, Error},
    history::{OpenError, ReadOnly},
};

use super::*;

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_may_read_the_history() {
    use std::os::unix::fs::PermissionsExt as _;

    let fixture = Fixture::new();
    fixture
        .append(vec![arrival(SourceId::random(), event("a"))])
        .await;

    let mut files = 0;
    for entry in fs::read_dir(fixture.dir.path()).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        files += 1;
    }
    assert_eq!(files, 3);
}

#[tokio::test]
async fn closing_leaves_one_file_and_refuses_later_writes() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    let history = fixture.history.clone();
    let late = history.append(vec![arrival(source, event("queued"))]);
    late.await.unwrap();

    fixture.history.close().await.unwrap();

    assert_eq!(fs::read_dir(fixture.dir.path()).unwrap().count(), 1);
    let error = history.append(vec![cursor(source, "x")]).await.unwrap_err();
    assert_eq!(error.code, Code::HistoryUnavailable);
    let reader = History::open_readonly(fixture.dir.path()).unwrap();
    assert_eq!(reader.query(&everything(), &now()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_deleted_leaves_no_trace_in_the_file() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    let events =
        (0..600).map(|n| arrival(source, event(&format!("Secret {n}. {}", "x".repeat(300)))));
    let stored = rows(&fixture.append(events.collect()).await);

    let gone = stored.iter().copied().filter(|row| row.0 > 100);
    let deleted = fixture.history.delete(gone.collect()).await.unwrap();
    fixture.history.settle(deleted.undo.unwrap()).await.unwrap();
    let file = fixture.sql();
    let left = || file.query_row("SELECT count(*) FROM event", [], |row| row.get::<_, i64>(0));
    while left().unwrap() > 100 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(file);
    fixture.history.close().await.unwrap();

    let file = fs::read(fixture.dir.path().join(FILE)).unwrap();
    let holds = |n: usize| memchr::memmem::find(&file, format!("Secret {n}.").as_bytes()).is_some();
    assert!((0..100).all(holds));
    let traces: Vec<usize> = (100..600).filter(|n| holds(*n)).collect();
    assert!(traces.is_empty(), "{traces:?}");
}

#[tokio::test]
async fn a_history_of_a_newer_version_is_read_and_never_written() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    fixture.append(vec![arrival(source, event("kept"))]).await;
    fixture.history.close().await.unwrap();
    fixture
        .sql()
        .execute_batch("PRAGMA user_version = 999")
        .unwrap();
    let before = fs::read(fixture.dir.path().join(FILE)).unwrap();

    let history = History::open(fixture.dir.path()).unwrap();

    assert_eq!(history.read_only(), Some(ReadOnly::Newer));
    assert_eq!(history.query(&everything(), &now()).await.unwrap().len(), 1);
    let error = history
        .append(vec![arrival(source, event("new"))])
        .await
        .unwrap_err();
    assert_eq!(error.code, Code::ReadOnly);
    history.close().await.unwrap();
    assert_eq!(fs::read(fixture.dir.path().join(FILE)).unwrap(), before);
}

#[tokio::test]
async fn a_damaged_or_foreign_file_is_reported_and_left_alone() {
    let foreign = tempfile::tempdir().unwrap();
    Connection::open(foreign.path().join(FILE))
        .unwrap()
        .execute_batch("CREATE TABLE source (something TEXT)")
        .unwrap();
    let text = tempfile::tempdir().unwrap();
    fs::write(text.path().join(FILE), "dear diary ".repeat(1000)).unwrap();
    let smashed = Fixture::new();
    smashed
        .append(vec![arrival(SourceId::random(), event("a"))])
        .await;
    smashed.history.close().await.unwrap();
    let path = smashed.dir.path().join(FILE);
    let mut bytes = fs::read(&path).unwrap();
    bytes[100..600].fill(0xff);
    fs::write(&path, bytes).unwrap();

    for dir in [foreign.path(), text.path(), smashed.dir.path()] {
        let before = fs::read(dir.join(FILE)).unwrap();
        for error in [
            History::open(dir).unwrap_err(),
            History::open_readonly(dir).unwrap_err(),
        ] {
            assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
            assert_eq!(Error::from(error).code, Code::HistoryDamaged);
        }
        assert_eq!(fs::read(dir.join(FILE)).unwrap(), before);
    }
}

#[test]
fn reading_where_nothing_was_written_yet_says_so_and_creates_nothing() {
    let dir = tempfile::tempdir().unwrap();

    let error = History::open_readonly(dir.path()).unwrap_err();

    assert!(matches!(error, OpenError::Missing(_)));
    assert_eq!(Error::from(error).code, Code::NotFound);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    let nowhere = History::open(&dir.path().join("missing")).unwrap_err();
    assert!(matches!(nowhere, OpenError::Unavailable { .. }));
}

#[tokio::test]
async fn rows_of_a_removal_cut_short_are_hidden_and_then_deleted() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    let batch = (0..1200).map(|n| arrival(source, numbered(&n.to_string(), "x")));
    fixture.append(batch.collect()).await;
    fixture.history.close().await.unwrap();
    fixture
        .sql()
        .execute_batch("UPDATE source SET id = NULL, unread = 0")
        .unwrap();

    let reader = History::open_readonly(fixture.dir.path()).unwrap();
    assert!(
        reader
            .query(&everything(), &now())
            .await
            .unwrap()
            .is_empty()
    );

    let history = History::open(fixture.dir.path()).unwrap();
    history.remove_source(source, false).await.unwrap();
    let left: i64 = fixture
        .sql()
        .query_row("SELECT count(*) FROM event", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_history_of_the_first_schema_learns_its_hours_and_counts_quiet_events_as_read() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    let mut quiet = event("quiet");
    quiet.decision = Verdict::Quiet.into();
    fixture
        .append(vec![arrival(source, event("loud")), arrival(source, quiet)])
        .await;
    fixture.history.close().await.unwrap();
    fixture
        .sql()
        .execute_batch(
            "DROP TABLE hour; DROP TABLE minute; UPDATE event SET read = 0; UPDATE source SET unread = 2;
             PRAGMA user_version = 1;",
        )
        .unwrap();

    let history = History::open(fixture.dir.path()).unwrap();

    let unread = history.unread().await.unwrap();
    assert_eq!((unread.total, unread.counts().quiet), (1, 1));
    let at = history.query(&everything(), &now()).await.unwrap()[0].received_at;
    let hours = history.hours(at).await.unwrap();
    assert_eq!(hours[&source].iter().sum::<u32>(), 2);
    history.close().await.unwrap();
}

#[tokio::test]
async fn the_log_stays_small_while_events_come_one_by_one() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    for number in 0..500 {
        let event = event(&format!("event {number}"));
        fixture.append(vec![arrival(source, event)]).await;
    }
    let log = fixture.dir.path().join(format!("{FILE}-wal"));
    let pages = fs::metadata(log).unwrap().len() / 4096;
    assert!(pages < 2000, "{pages} pages");
}
