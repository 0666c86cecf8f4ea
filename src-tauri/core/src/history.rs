//! The history: SQLite, one writer thread, readers on their own connections, pages. It holds
//! events, resume cursors and outages; full-text search, retention and export are not here.
//!
//! * `schema`: tables, migrations, how the file is opened.
//! * `event`: what goes in and what comes out, as types.
//! * `writer`: the thread with the only writing connection.
//! * `append`: rows, cursors and counts in one transaction.
//! * `duplicates`: which events are the same one come again.
//! * `read`: pages, whole events, counts.
//! * `scan`: many events as they came, for previews.
//! * `line`: one line of the list out of long texts.

mod append;
mod change;
mod duplicates;
mod event;
mod line;
mod page;
mod query;
mod read;
mod scan;
mod schema;
mod tally;
mod undo;
mod words;
mod writer;

use std::{
    collections::HashMap,
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use jiff::ZonedDateTime;
use rusqlite::{Connection, ErrorCode};
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::{
    error::{Code, Error, Result},
    ipc::{EventDetail, Page, PageRequest, Undoable},
    model::{Delivery, EventId, RowId, SourceId, Timestamp},
};

use change::CHUNK;
pub use event::{
    Appended, Arrival, Bound, NewEvent, Outage, Selection, SourceUnread, StoredEvent, Undone,
    Unread,
};
pub use scan::{FnScanned, Scanned};
pub use schema::{FILE, OpenError};
use undo::{Runs, Undo};
use writer::{Job, Writer};

/// Jobs waiting for the writer; a full queue holds the callers back.
const QUEUE: usize = 64;
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
    /// Connections nobody reads through now.
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

enum Access {
    Write(mpsc::Sender<Job>),
    /// Why nothing can be written.
    Read(&'static str),
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
    /// Opens the history in this directory for writing; creates it as needed. Blocks while it
    /// migrates. A history of a newer version is opened for reading: see [`History::read_only`].
    ///
    /// # Errors
    /// When the file is damaged or cannot be reached. It is never changed then, nor deleted.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        let path = dir.join(FILE);
        let connection = match schema::open_writer(&path)? {
            schema::Opened::Writable(connection) => connection,
            schema::Opened::ReadOnly(reason) => return Ok(Self::reading(path, reason)),
        };
        let (jobs, queue) = mpsc::channel(QUEUE);
        thread::Builder::new()
            .name("history-writer".to_owned())
            .spawn(move || Writer::new(connection).run(queue))
            .map_err(|error| OpenError::io(&path, error))?;
        Ok(Self::new(path, Access::Write(jobs)))
    }

    /// Opens the history in this directory for reading, beside a process that writes it.
    ///
    /// # Errors
    /// When there is none, or as [`History::open`].
    pub fn open_readonly(dir: &Path) -> Result<Self, OpenError> {
        let path = dir.join(FILE);
        schema::check_readable(&path)?;
        Ok(Self::reading(path, "the history was opened for reading"))
    }

    fn reading(path: PathBuf, reason: &'static str) -> Self {
        Self::new(path, Access::Read(reason))
    }

    fn new(path: PathBuf, access: Access) -> Self {
        Self {
            shared: Arc::new(Shared {
                path,
                access,
                idle: Mutex::new(Vec::new()),
                permits: Arc::new(Semaphore::new(READERS)),
            }),
        }
    }

    /// Why nothing can be written, in words; none if it can.
    pub fn read_only(&self) -> Option<&'static str> {
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
    ) -> Result<()> {
        let replayed = i64::try_from(replayed).unwrap_or(i64::MAX);
        self.write(move |writer| writer.record_outage(source, started_at, ended_at, replayed))
            .await
    }

    /// Notes what became of toasts. Rows that are gone are passed over.
    ///
    /// # Errors
    /// `HistoryUnavailable`, `ReadOnly`.
    pub async fn set_delivery(&self, fates: Vec<(RowId, Delivery, Option<String>)>) -> Result<()> {
        self.write(move |writer| writer.set_delivery(&fates)).await
    }

    /// Marks these rows, or without rows every row stored until now; only of this source, if one
    /// is given. Every row is marked in steps, so that events get in between. It can be taken
    /// back until it is settled.
    ///
    /// # Errors
    /// `HistoryUnavailable`, `ReadOnly`.
    pub async fn mark_read(
        &self,
        rows: Option<Vec<RowId>>,
        source: Option<SourceId>,
        read: bool,
    ) -> Result<Undoable> {
        let mut runs = Runs::default();
        let mut count = 0;
        if let Some(rows) = rows {
            for some in rows.chunks(CHUNK).map(<[RowId]>::to_vec) {
                let marked = self
                    .write(move |w| change::mark_rows(&mut w.connection, &some, source, read))
                    .await?;
                count += marked.len();
                runs.add(&marked);
            }
        } else {
            let newest = self.write(|writer| writer.newest_row()).await?;
            loop {
                let mut marked = self
                    .write(move |w| change::mark_some(&mut w.connection, newest, source, read))
                    .await?;
                marked.sort_unstable();
                count += marked.len();
                runs.add(&marked);
                if marked.len() < CHUNK {
                    break;
                }
            }
        }
        let undo = if runs.is_empty() {
            None
        } else {
            self.write(move |writer| Ok(writer.remember_marked(runs, read)))
                .await?
        };
        Ok(Undoable {
            count: count as u64,
            undo,
        })
    }

    /// Pins rows or lets them go; those that changed.
    ///
    /// # Errors
    /// `HistoryUnavailable`, `ReadOnly`.
    pub async fn pin(&self, rows: Vec<RowId>, pinned: bool) -> Result<Vec<RowId>> {
        self.write(move |writer| change::pin(&mut writer.connection, &rows, pinned))
            .await
    }

    /// Deletes rows: nothing finds them any more. They are purged once the deletion is settled;
    /// until then it can be taken back.
    ///
    /// # Errors
    /// `HistoryUnavailable`: some may be deleted. `ReadOnly`.
    pub async fn delete(&self, rows: Vec<RowId>) -> Result<Undoable> {
        let mut deletion = None;
        let mut count = 0;
        for some in rows.chunks(CHUNK).map(<[RowId]>::to_vec) {
            let (number, gone) = self
                .write(move |writer| writer.trash(&some, deletion))
                .await?;
            deletion = Some(number);
            count += gone.len();
        }
        Ok(Undoable {
            count: count as u64,
            undo: deletion.filter(|_| count > 0),
        })
    }

    /// Takes a deletion or a marking back.
    ///
    /// # Errors
    /// `UndoExpired` once it is settled or taken back; `HistoryUnavailable`, `ReadOnly`.
    pub async fn undo(&self, number: u64) -> Result<Undone> {
        let undo = self
            .write(move |writer| Ok(writer.take_undo(number)))
            .await?;
        match undo {
            None => Err(Error::new(
                Code::UndoExpired,
                "it is too late to take this back; it was settled already",
            )),
            Some(Undo::Trashed) => {
                let deletion = number.cast_signed();
                while self
                    .write(move |w| change::restore(&mut w.connection, deletion))
                    .await?
                    == CHUNK
                {}
                Ok(Undone::Restored)
            }
            Some(Undo::Marked { rows, read }) => {
                for some in rows.chunks(CHUNK) {
                    self.write(move |w| change::mark_rows(&mut w.connection, &some, None, !read))
                        .await?;
                }
                Ok(Undone::Marked { read: !read })
            }
        }
    }

    /// Changes up to this number can no longer be taken back: their deleted rows are purged, in
    /// steps.
    ///
    /// # Errors
    /// `HistoryUnavailable`, `ReadOnly`.
    pub async fn settle(&self, number: u64) -> Result<()> {
        self.write(move |writer| {
            writer.settle(number);
            Ok(())
        })
        .await
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

    /// The committed last event ID of a source: what a reconnect sends.
    ///
    /// # Errors
    /// `HistoryUnavailable`.
    pub async fn cursor(&self, source: SourceId) -> Result<Option<EventId>> {
        self.read(move |connection| read::cursor(connection, source))
            .await
    }

    /// A page of the list, newest first. Its query's times are seen from `now`, in its zone.
    ///
    /// # Errors
    /// Those of a query, with the range they are about; `HistoryUnavailable`.
    pub async fn page(&self, request: &PageRequest, now: &ZonedDateTime) -> Result<Page> {
        let query = query::parse(request.query.as_deref().unwrap_or_default(), now)?;
        let request = request.clone();
        self.read(move |connection| page::page(connection, &request, &query))
            .await
    }

    /// The oldest and the newest row there is.
    ///
    /// # Errors
    /// `HistoryUnavailable`.
    pub async fn span(&self) -> Result<Option<(RowId, RowId)>> {
        self.read(read::span).await
    }

    /// All of one event, if it is stored.
    ///
    /// # Errors
    /// `HistoryUnavailable`.
    pub async fn get(&self, row: RowId) -> Result<Option<EventDetail>> {
        self.read(move |connection| read::get(connection, row))
            .await
    }

    /// Whole events. Times are compared with when an event arrived, and a query's are seen from
    /// `now`, in its zone; the order is that of rows.
    ///
    /// # Errors
    /// Those of a query, with the range they are about; `HistoryUnavailable`.
    pub async fn query(
        &self,
        selection: &Selection,
        now: &ZonedDateTime,
    ) -> Result<Vec<StoredEvent>> {
        let query = query::parse(selection.query.as_deref().unwrap_or_default(), now)?;
        let selection = selection.clone();
        self.read(move |connection| read::query(connection, &selection, &query))
            .await
    }

    /// Events from the rows after `after` up to `until` whose toast is pending or held, as asked,
    /// oldest first, at most 1,000: ask again after the last of them.
    ///
    /// # Errors
    /// `HistoryUnavailable`.
    pub async fn undelivered(
        &self,
        delivery: Delivery,
        after: RowId,
        until: RowId,
    ) -> Result<Vec<StoredEvent>> {
        self.read(move |connection| read::undelivered(connection, delivery, after, until))
            .await
    }

    /// Unread counts, kept and not counted: cheap at any size.
    ///
    /// # Errors
    /// `HistoryUnavailable`.
    pub async fn unread(&self) -> Result<Unread> {
        self.read(read::unread).await
    }

    /// How many events are stored of each source, kept and not counted.
    ///
    /// # Errors
    /// `HistoryUnavailable`.
    pub async fn stored(&self) -> Result<HashMap<SourceId, u64>> {
        let unread = self.unread().await?;
        Ok(unread
            .sources
            .into_iter()
            .map(|(id, source)| (id, source.stored))
            .collect())
    }

    /// Outages whose divider stands before one of the rows from `from` to `to`, both included,
    /// in that order. Pass the row after the newest to get an outage nothing has followed yet.
    ///
    /// # Errors
    /// `HistoryUnavailable`.
    pub async fn outages(
        &self,
        source: Option<SourceId>,
        from: RowId,
        to: RowId,
    ) -> Result<Vec<Outage>> {
        self.read(move |connection| read::outages(connection, source, from, to))
            .await
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
            Ok(outcome) => outcome.map_err(|error| unavailable(&error).because(error)),
            Err(_) => Err(closed()),
        }
    }

    async fn send(&self, job: Job) -> Result<()> {
        match &self.shared.access {
            Access::Write(jobs) => jobs.send(job).await.map_err(|_| closed()),
            Access::Read(reason) => Err(Error::new(Code::ReadOnly, *reason)),
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
            Ok(outcome) => outcome.map_err(|error| unavailable(&error).because(error)),
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

fn unavailable(error: &rusqlite::Error) -> Error {
    let message = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            "the disk of the history is full; free some space and it goes on".to_owned()
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "the history is damaged; restart Tidings to have it looked at".to_owned()
        }
        Some(code) => format!(
            "the history cannot be read or written ({code:?}); check its disk and who owns it"
        ),
        None => "the history gave an answer of an unknown shape; please report this".to_owned(),
    };
    Error::new(Code::HistoryUnavailable, message)
}

fn closed() -> Error {
    Error::new(
        Code::HistoryUnavailable,
        "the history is closed; restart Tidings",
    )
}
