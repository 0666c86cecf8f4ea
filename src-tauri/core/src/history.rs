//! The history: SQLite, one writer thread, readers on their own connections. It holds events,
//! resume cursors and outages, and finds them.
//!
//! * `open`: a history whatever is on disk: opened, salvaged, or in memory.
//! * `schema`: tables, migrations, how the file is opened.
//! * `salvage`: what is saved of a damaged file.
//! * `ballast`: space held back for deleting on a full disk.
//! * `event`: what goes in and what comes out, as types.
//! * `writer`: the thread with the only writing connection.
//! * `log`: when its log is folded into the file.
//! * `append`: rows, cursors and counts in one transaction.
//! * `indexed`: which texts of an event its index gets.
//! * `quoted`: which of them its row keeps.
//! * `duplicates`: which events are the same one come again.
//! * `scan`: many events as they came, for previews.
//! * `change`, `rows`, `undo`: read, pinned, deleted, and taken back.
//! * `tally`: counts, kept and not counted.
//! * `retention`: how much is kept.
//! * `words`: texts as they are indexed, looked for and marked.
//! * `query`: the query language.
//! * `ask`, `page`, `read`: pages, whole events, counts.
//! * [`export`]: JSON Lines and CSV.
//! * `line`: one line of the list out of long texts.

mod append;
mod ask;
mod ballast;
mod change;
mod duplicates;
mod event;
pub mod export;
mod hours;
mod indexed;
mod line;
mod log;
mod open;
mod page;
mod query;
mod quoted;
mod read;
mod retention;
mod rows;
mod salvage;
mod scan;
mod schema;
mod tally;
mod undo;
mod words;
mod writer;

use std::{
    borrow::Borrow,
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, ErrorCode};
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::{
    error::{Code, Error, Result},
    model::{Delivery, RowId, SourceId, Timestamp},
};

use ballast::Ballast;
pub use event::{
    Appended, Arrival, Bound, NewEvent, Outage, Selection, SourceUnread, StoredEvent, Undone,
    Unread,
};
pub use hours::{HOURS, MINUTES};
pub use open::Started;
pub use query::time::moment;
pub use retention::{Limits, Progress, Step};
pub use salvage::Salvaged;
pub use scan::{FnScanned, Scanned};
pub use schema::{FILE, OpenError, ReadOnly};
use writer::{Job, Writer};

/// Jobs waiting for the writer; a full queue holds the callers back.
const QUEUE: usize = 64;
/// What an error is caused by.
type BoxedError = Box<dyn std::error::Error + Send + Sync>;

/// Connections that read at the same time.
const READERS: usize = 4;

/// A handle to the history; clones share it. Works inside a tokio runtime.
///
/// One process at a time may hold it open for writing (the data directory's lock sees to that);
/// any number may read meanwhile. The writer ends with [`History::close`], or with the last
/// handle.
#[derive(Clone)]
pub struct History {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    access: Access,
    /// Space held back for deleting on a full disk; none in memory and where nothing is written.
    ballast: Option<Ballast>,
    /// Connections nobody reads through now.
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

enum Access {
    Write(mpsc::Sender<Job>),
    Read(ReadOnly),
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History")
            .field("path", &self.shared.path)
            .field("read_only", &self.read_only())
            .finish_non_exhaustive()
    }
}

impl History {
    /// Why nothing can be written; none if it can.
    pub fn read_only(&self) -> Option<ReadOnly> {
        match self.shared.access {
            Access::Write(_) => None,
            Access::Read(reason) => Some(reason),
        }
    }

    /// Stores arrivals in their order, with their cursors, in one transaction. It is durable when
    /// this returns; the answers are in the order of the arrivals. The caller batches what is
    /// waiting, up to 256.
    ///
    /// # Errors
    /// `HistoryUnavailable`: nothing of the batch is stored, no cursor moved, and the same batch
    /// may be appended again. `ReadOnly`.
    pub async fn append(&self, arrivals: impl Into<Arc<[Arrival]>>) -> Result<Vec<Appended>> {
        let arrivals = arrivals.into();
        self.write(move |writer| writer.append(&arrivals)).await
    }

    /// Remembers what a source is called.
    ///
    /// # Errors
    /// `HistoryUnavailable`, `ReadOnly`.
    pub async fn name_source(&self, source: SourceId, name: &str) -> Result<()> {
        let name = name.to_owned();
        self.write(move |writer| writer.name_source(source, &name))
            .await
    }

    /// Remembers a time without connection. The divider stands before the source's first row
    /// stored after the first call with this source and start; a later call updates the end and
    /// the number of replayed events. So call it when the new connection is live, before its
    /// events, and again when their number is known.
    ///
    /// # Errors
    /// `HistoryUnavailable`, `ReadOnly`.
    pub async fn record_outage(
        &self,
        source: SourceId,
        started_at: Timestamp,
        ended_at: Timestamp,
        replayed: u64,
    ) -> Result<Outage> {
        let sent_again = i64::try_from(replayed).unwrap_or(i64::MAX);
        let first_row = self
            .write(move |writer| writer.record_outage(source, started_at, ended_at, sent_again))
            .await?;
        Ok(Outage {
            source,
            started_at,
            ended_at,
            replayed,
            first_row,
        })
    }

    /// Notes what became of toasts. Rows that are gone are passed over.
    ///
    /// # Errors
    /// `HistoryUnavailable`, `ReadOnly`.
    pub async fn set_delivery(&self, fates: Vec<(RowId, Delivery, Option<String>)>) -> Result<()> {
        self.write(move |writer| writer.set_delivery(&fates)).await
    }

    /// Forgets a source's cursor and, unless its history is kept, hides its rows at once and
    /// deletes them; returns when they are gone.
    ///
    /// # Errors
    /// `HistoryUnavailable`: rows already hidden are deleted at the next start. `ReadOnly`.
    pub async fn remove_source(&self, source: SourceId, keep_history: bool) -> Result<()> {
        if keep_history {
            return self.write(move |writer| writer.retire_source(source)).await;
        }
        let (answer, answered) = oneshot::channel();
        self.send(Box::new(move |writer| writer.purge_source(source, answer)))
            .await?;
        match answered.await {
            Ok(outcome) => outcome.map_err(|error| unavailable(&error).because(error)),
            Err(_) => Err(closed()),
        }
    }

    /// Finishes what is queued, folds the log into the file and ends the writer. Later writes
    /// fail. Does nothing on a history opened for reading.
    ///
    /// # Errors
    /// `HistoryUnavailable` when it is closed already.
    pub async fn close(&self) -> Result<()> {
        self.idle().clear();
        if self.read_only().is_some() {
            return Ok(());
        }
        let (answer, answered) = oneshot::channel();
        self.send(Box::new(move |writer| writer.close(answer)))
            .await?;
        answered.await.map_err(|_| closed())
    }

    /// Whether it lives in memory only.
    pub fn in_memory(&self) -> bool {
        schema::is_memory(&self.shared.path)
    }

    /// Has the writer do what frees space: on a full disk the ballast goes first.
    async fn write_freeing<T: Send + 'static>(
        &self,
        job: impl Fn(&mut Writer) -> rusqlite::Result<T> + Clone + Send + 'static,
    ) -> Result<T> {
        match self.write(job.clone()).await {
            Err(error) if error.code == Code::DiskFull => {
                let freed = self.shared.ballast.as_ref().is_some_and(Ballast::give_up);
                if freed {
                    self.write(job).await
                } else {
                    Err(error)
                }
            }
            other => other,
        }
    }

    /// Has the writer do something; its answer comes when that is durable.
    async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Writer) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        self.send(Box::new(move |writer| {
            let _ = answer.send(job(writer));
        }))
        .await?;
        match answered.await {
            Ok(outcome) => outcome.map_err(|error| self.refused(error)),
            Err(_) => Err(closed()),
        }
    }

    /// Damage that turns up is looked into at the next start.
    fn refused(&self, error: impl Borrow<rusqlite::Error> + Into<BoxedError>) -> Error {
        let found = unavailable(error.borrow());
        if is_damage(error.borrow()) && !self.in_memory() {
            open::suspect(&self.shared.path);
        }
        found.because(error)
    }

    async fn send(&self, job: Job) -> Result<()> {
        match &self.shared.access {
            Access::Write(jobs) => jobs.send(job).await.map_err(|_| closed()),
            Access::Read(reason) => Err(Error::new(Code::ReadOnly, reason.words())),
        }
    }

    async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let permits = Arc::clone(&self.shared.permits);
        let permit = permits.acquire_owned().await.map_err(|_| closed())?;
        let history = self.clone();
        let looked = tokio::task::spawn_blocking(move || {
            let outcome = history.look(look);
            drop(permit);
            outcome
        });
        match looked.await {
            Ok(outcome) => outcome.map_err(|error| self.refused(error)),
            Err(error) => Err(Error::new(
                Code::Internal,
                "reading the history failed; please report this",
            )
            .because(error)),
        }
    }

    /// Blocks. A connection that met an error is not used again.
    fn look<T>(
        &self,
        look: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => schema::open_reader(&self.shared.path)?,
        };
        let outcome = look(&connection)?;
        self.idle().push(connection);
        Ok(outcome)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.shared
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

fn unavailable(error: &rusqlite::Error) -> Error {
    let (code, message) = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => (
            Code::DiskFull,
            "the disk of the history is full; free some space and it goes on".to_owned(),
        ),
        _ if is_damage(error) => (
            Code::HistoryDamaged,
            "the history is damaged; restart Tidings to have it looked at".to_owned(),
        ),
        Some(code) => (
            Code::HistoryUnavailable,
            format!("the history cannot be read or written: {}", cause(code)),
        ),
        None => (
            Code::HistoryUnavailable,
            "the history gave an answer of an unknown shape; please report this".to_owned(),
        ),
    };
    Error::new(code, message)
}

/// What a person can do about it.
fn cause(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::SystemIoFailure => "its disk reports an error; check the disk",
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
            "this user may not write there; check who owns the data directory"
        }
        ErrorCode::CannotOpen => "its file cannot be opened; check who owns the data directory",
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            "another program holds it; end that program"
        }
        ErrorCode::OutOfMemory => "there is no memory left; end other programs",
        _ => "SQLite refuses it; please report this",
    }
}

fn closed() -> Error {
    Error::new(
        Code::HistoryUnavailable,
        "the history is closed; restart Tidings",
    )
}
