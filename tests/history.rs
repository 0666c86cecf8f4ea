//! The history as its callers see it: a real database in a directory of its own.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a step that fails is a test that fails"
)]

#[path = "history/asking.rs"]
mod asking;
#[path = "history/changing.rs"]
mod changing;
#[path = "history/counts.rs"]
mod counts;
#[path = "history/crash.rs"]
mod crash;
#[path = "history/duplicates.rs"]
mod duplicates;
#[path = "history/file.rs"]
mod file;
#[path = "history/reading.rs"]
mod reading;
#[path = "history/searching.rs"]
mod searching;
#[path = "history/storing.rs"]
mod storing;

use rusqlite::Connection;
use tempfile::TempDir;
use tidings_core::{
    history::{Appended, Arrival, FILE, History, NewEvent, Selection, StoredEvent},
    ipc::{Page, PageRequest},
    model::{EventId, Notification, RowId, SourceId, Timestamp, Verdict},
    source::config::Dedupe,
};

/// A history in a directory that goes with it.
struct Fixture {
    history: History,
    dir: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let history = History::open(dir.path()).unwrap();
        Self { history, dir }
    }

    /// A second connection, as another program would have it.
    fn sql(&self) -> Connection {
        Connection::open(self.dir.path().join(FILE)).unwrap()
    }

    async fn append(&self, arrivals: Vec<Arrival>) -> Vec<Appended> {
        self.history.append(arrivals).await.unwrap()
    }

    /// Appends one event and says whether it got a row.
    async fn is_new(&self, source: SourceId, event: NewEvent) -> bool {
        let outcome = self.append(vec![arrival(source, event)]).await;
        match outcome.as_slice() {
            [Appended::New(_)] => true,
            [Appended::Duplicate] => false,
            other => panic!("{other:?}"),
        }
    }

    async fn all(&self) -> Vec<StoredEvent> {
        self.history.query(&everything(), &now()).await.unwrap()
    }

    async fn page(&self, request: PageRequest) -> Page {
        self.history.page(&request, &now()).await.unwrap()
    }

    async fn cursor(&self, source: SourceId) -> Option<String> {
        let cursor = self.history.cursor(source).await.unwrap();
        cursor.map(|id| id.as_str().to_owned())
    }
}

fn everything() -> Selection {
    Selection {
        limit: u32::MAX,
        oldest_first: true,
        ..Selection::default()
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

/// When queries are asked, and where.
fn now() -> jiff::ZonedDateTime {
    at(1_000_000).to_zoned_datetime(jiff::tz::TimeZone::UTC)
}

fn event(data: &str) -> NewEvent {
    NewEvent {
        event: "message".to_owned(),
        own_id: None,
        data: data.to_owned(),
        notification: Notification {
            title: format!("title of {data}"),
            body: data.to_owned(),
            ..Notification::default()
        },
        received_at: at(0),
        decision: Verdict::Notify.into(),
        replayed: false,
        truncated: false,
        opening: None,
        dedupe: Dedupe::Auto,
    }
}

fn titled(title: &str, body: &str, data: &str) -> NewEvent {
    let mut event = event(data);
    title.clone_into(&mut event.notification.title);
    body.clone_into(&mut event.notification.body);
    event
}

fn arrival(source: SourceId, event: NewEvent) -> Arrival {
    Arrival {
        source,
        cursor: event.own_id.clone(),
        event: Some(event),
    }
}

fn cursor(source: SourceId, id: &str) -> Arrival {
    Arrival {
        source,
        cursor: Some(EventId::from(id)),
        event: None,
    }
}

fn numbered(id: &str, data: &str) -> NewEvent {
    NewEvent {
        own_id: Some(EventId::from(id)),
        ..event(data)
    }
}

fn rows(outcome: &[Appended]) -> Vec<RowId> {
    outcome
        .iter()
        .filter_map(|appended| match appended {
            Appended::New(row) => Some(*row),
            Appended::Duplicate | Appended::Cursor => None,
        })
        .collect()
}
