//! What a person takes away from a running engine: for a while, for good, and by limits.
#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod support;

use std::time::Duration;

use support::{
    rig::{LONG, Rig, source},
    server::{Answer, Server, Then},
};
use tidings_core::{
    error::Code,
    ipc::{Counts, PageRequest, SourceInput},
    model::{RowId, SourceId},
    settings::Retention,
};
use tokio::time::{Instant, sleep, timeout};

async fn filled() -> (Rig, Server, SourceId) {
    let events = (1..=5).map(|n| format!("id: {n}\ndata: number {n}\n\n"));
    let server = Server::start([Answer::stream(events, Then::Hold)]).await;
    let one = source("one", server.url("/events").parse().unwrap());
    let id = one.id;
    let rig = Rig::start([one]).await;
    rig.await_data(id, 5).await;
    (rig, server, id)
}

/// Waits until the file holds this many rows, those in the trash included.
async fn await_rows(rig: &Rig, wanted: i64) {
    let file = rig.dir.path().join(tidings_core::history::FILE);
    let file = rusqlite::Connection::open(file).unwrap();
    let rows = || file.query_row("SELECT count(*) FROM event", [], |row| row.get::<_, i64>(0));
    let gone = async {
        while rows().unwrap() != wanted {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(LONG, gone).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_can_be_taken_back_for_eight_seconds_and_no_longer() {
    let (rig, _server, id) = filled().await;
    let started = Instant::now();
    let lost = rig.handle.delete(vec![RowId(2)]).await.unwrap();
    let kept = rig.handle.delete(vec![RowId(4)]).await.unwrap();
    assert_eq!(rig.data(id).await, ["number 1", "number 3", "number 5"]);

    rig.handle.undo(kept.undo.unwrap()).await.unwrap();
    assert_eq!(rig.data(id).await.len(), 4);
    await_rows(&rig, 4).await;

    assert!(started.elapsed() >= Duration::from_secs(8));
    let late = rig.handle.undo(lost.undo.unwrap()).await.unwrap_err();
    assert_eq!(late.code, Code::UndoExpired);
    assert_eq!(rig.data(id).await.len(), 4);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deleting_all_data_leaves_the_sources_where_they_are() {
    let (rig, server, id) = filled().await;
    let deleted = rig.handle.delete(vec![RowId(2)]).await.unwrap();

    rig.handle.clear_history().await.unwrap();

    let request = PageRequest {
        limit: 10,
        ..PageRequest::default()
    };
    assert!(rig.handle.page(&request).await.unwrap().rows.is_empty());
    let figures = rig.handle.figures().await.unwrap();
    assert_eq!((figures.counts, figures.oldest), (Counts::default(), None));
    let undone = rig.handle.undo(deleted.undo.unwrap()).await.unwrap_err();
    assert_eq!(undone.code, Code::UndoExpired);
    let cursor = rig.handle.history.cursor(id).await.unwrap().unwrap();
    assert_eq!(cursor.as_str(), "5");
    assert_eq!(rig.handle.source(id).await.unwrap().stored, 0);
    rig.await_live(id).await;
    assert_eq!(server.seen().len(), 1, "the connection goes on");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_of_a_source_hold_at_once_and_need_no_new_connection() {
    let (rig, server, id) = filled().await;
    rig.handle.pin(vec![RowId(1)], true).await.unwrap();
    let retention = Retention {
        events: Some(3),
        ..Retention::default()
    };
    let input = |retention| SourceInput {
        url: server.url("/events"),
        retention,
        ..SourceInput::default()
    };

    let edited = rig.handle.edit_source(id, input(Some(retention))).await;
    assert_eq!(edited.unwrap().retention, retention);
    await_rows(&rig, 3).await;

    assert_eq!(rig.data(id).await, ["number 1", "number 4", "number 5"]);
    let unchanged = rig.handle.edit_source(id, input(None)).await.unwrap();
    assert_eq!(unchanged.retention, retention);
    assert_eq!(unchanged.stored, 3);
    rig.await_live(id).await;
    assert_eq!(server.seen().len(), 1, "the connection goes on");
    rig.stop().await;
}
