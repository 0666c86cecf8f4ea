//! The one writer: an OS thread that owns the only writing connection and takes one job after
//! the other from a bounded queue.

use std::{collections::HashMap, sync::Arc};

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use tokio::sync::{
    mpsc::{Receiver, error::TryRecvError},
    oneshot,
};

use crate::model::{Delivery, RowId, SourceId, Timestamp};

use super::{
    append::{append, find_source, source_key},
    duplicates::Duplicates,
    event::{Appended, Arrival, delivery_number},
};

/// Something to do with the connection; it answers for itself.
pub(super) type Job = Box<dyn FnOnce(&mut Writer) + Send>;

/// Who waits until a removed source's rows are gone; several may share one failure.
pub(super) type Purged = oneshot::Sender<Result<(), Arc<rusqlite::Error>>>;

/// How many rows one transaction deletes or marks, so that events never wait long behind it.
pub(super) const CHUNK: usize = 500;

/// What the thread owns.
pub(super) struct Writer {
    connection: Connection,
    duplicates: Duplicates,
    /// Whether rows of removed sources may be left to delete.
    purging: bool,
    /// Who waits for that to be done.
    purged: Vec<Purged>,
    /// Who waits for the thread to end.
    closed: Option<oneshot::Sender<()>>,
}

impl Writer {
    pub(super) fn new(connection: Connection) -> Self {
        Self {
            connection,
            duplicates: Duplicates::default(),
            // The last process may have ended in the middle of it.
            purging: true,
            purged: Vec::new(),
            closed: None,
        }
    }

    /// Works until it is told to close or nobody can send jobs any more.
    pub(super) fn run(mut self, mut jobs: Receiver<Job>) {
        while self.closed.is_none() {
            if self.purging {
                match jobs.try_recv() {
                    Ok(job) => job(&mut self),
                    Err(TryRecvError::Empty) => {}
                    Err(TryRecvError::Disconnected) => break,
                }
                self.purge_some();
            } else {
                match jobs.blocking_recv() {
                    Some(job) => job(&mut self),
                    None => break,
                }
            }
        }
        // Closing the last connection folds the log into the file.
        if let Err((_, error)) = self.connection.close() {
            tracing::warn!(%error, "the history did not close cleanly; nothing is lost");
        }
        if let Some(closed) = self.closed {
            let _ = closed.send(());
        }
    }

    pub(super) fn close(&mut self, closed: oneshot::Sender<()>) {
        self.closed = Some(closed);
    }

    pub(super) fn append(&mut self, arrivals: &[Arrival]) -> rusqlite::Result<Vec<Appended>> {
        append(&mut self.connection, &mut self.duplicates, arrivals)
    }

    pub(super) fn name_source(&mut self, source: SourceId, name: &str) -> rusqlite::Result<()> {
        let tx = self.begin()?;
        let key = source_key(&tx, source)?;
        tx.prepare_cached("UPDATE source SET name = ?2 WHERE key = ?1")?
            .execute(params![key, name])?;
        tx.commit()
    }

    pub(super) fn record_outage(
        &mut self,
        source: SourceId,
        started_at: Timestamp,
        ended_at: Timestamp,
        replayed: i64,
    ) -> rusqlite::Result<()> {
        let tx = self.begin()?;
        let key = source_key(&tx, source)?;
        tx.prepare_cached(
            "INSERT INTO outage (source, started_at, ended_at, replayed, first_row)
             VALUES (?1, ?2, ?3, ?4,
                1 + coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0))
             ON CONFLICT (source, started_at) DO UPDATE
             SET ended_at = excluded.ended_at, replayed = excluded.replayed",
        )?
        .execute(params![
            key,
            started_at.as_millisecond(),
            ended_at.as_millisecond(),
            replayed,
        ])?;
        tx.commit()
    }

    /// Not synced on its own: a power cut that takes this note takes the toasts too, and the next
    /// append syncs it. So a toast costs no second wait for the disk.
    pub(super) fn set_delivery(
        &mut self,
        fates: &[(RowId, Delivery, Option<String>)],
    ) -> rusqlite::Result<()> {
        self.connection
            .execute_batch("PRAGMA synchronous = NORMAL")?;
        let outcome = self.write_delivery(fates);
        self.connection.execute_batch("PRAGMA synchronous = FULL")?;
        outcome
    }

    fn write_delivery(
        &mut self,
        fates: &[(RowId, Delivery, Option<String>)],
    ) -> rusqlite::Result<()> {
        let tx = self.begin()?;
        {
            let mut update = tx.prepare_cached(
                "UPDATE event SET delivery = ?2, delivery_detail = ?3 WHERE row = ?1",
            )?;
            for (row, delivery, detail) in fates {
                update.execute(params![row.0, delivery_number(*delivery), detail])?;
            }
        }
        tx.commit()
    }

    /// Marks these rows; answers how many changed.
    pub(super) fn mark_rows(
        &mut self,
        rows: &[RowId],
        source: Option<SourceId>,
        read: bool,
    ) -> rusqlite::Result<usize> {
        let id = source.map(|source| source.to_string());
        let tx = self.begin()?;
        let mut marked = Marked::default();
        {
            let mut update = tx.prepare_cached(
                "UPDATE event SET read = ?2 WHERE row = ?1 AND read <> ?2
                 AND (?3 IS NULL OR source = (SELECT key FROM source WHERE id = ?3))
                 RETURNING source",
            )?;
            for row in rows {
                let mut changed = update.query(params![row.0, read, id])?;
                while let Some(row) = changed.next()? {
                    marked.add(row.get(0)?);
                }
            }
        }
        marked.apply(&tx, read)?;
        tx.commit()?;
        Ok(marked.count)
    }

    /// Marks the oldest rows that are not, up to a chunk of them; answers how many changed.
    pub(super) fn mark_some(
        &mut self,
        up_to: i64,
        source: Option<SourceId>,
        read: bool,
    ) -> rusqlite::Result<usize> {
        let tx = self.begin()?;
        let key = match source {
            None => None,
            Some(source) => match find_source(&tx, &source.to_string())? {
                None => return Ok(0),
                key => key,
            },
        };
        // Literals, so that the partial indices apply.
        let stale = if read { "read = 0" } else { "read = 1" };
        let of = if key.is_some() {
            "AND source = ?3"
        } else {
            "AND ?3 IS NULL"
        };
        let mut marked = Marked::default();
        {
            let mut update = tx.prepare_cached(&format!(
                "UPDATE event SET read = ?1 WHERE row IN (
                    SELECT row FROM event WHERE {stale} {of} AND row <= ?2 ORDER BY row LIMIT ?4
                 ) RETURNING source"
            ))?;
            let mut changed = update.query(params![read, up_to, key, chunk()])?;
            while let Some(row) = changed.next()? {
                marked.add(row.get(0)?);
            }
        }
        marked.apply(&tx, read)?;
        tx.commit()?;
        Ok(marked.count)
    }

    /// The number of the newest row ever stored.
    pub(super) fn newest_row(&self) -> rusqlite::Result<i64> {
        self.connection
            .query_row("SELECT coalesce(max(row), 0) FROM event", [], |row| {
                row.get(0)
            })
    }

    /// Forgets a source's cursor; its rows stay and keep its name.
    pub(super) fn retire_source(&mut self, source: SourceId) -> rusqlite::Result<()> {
        self.connection.execute(
            "DELETE FROM cursor WHERE source = (SELECT key FROM source WHERE id = ?1)",
            [source.to_string()],
        )?;
        Ok(())
    }

    /// Hides a source and its rows at once and starts to delete them; answers when none is left.
    pub(super) fn purge_source(&mut self, source: SourceId, purged: Purged) {
        match self.detach(source) {
            Ok(()) => {
                self.purging = true;
                self.purged.push(purged);
            }
            Err(error) => {
                let _ = purged.send(Err(Arc::new(error)));
            }
        }
    }

    fn detach(&mut self, source: SourceId) -> rusqlite::Result<()> {
        let Some(key) = find_source(&self.connection, &source.to_string())? else {
            return Ok(());
        };
        self.connection.execute(
            "UPDATE source SET id = NULL, unread = 0 WHERE key = ?1",
            [key],
        )?;
        self.duplicates.forget(key);
        Ok(())
    }

    /// One chunk of what removed sources left behind.
    fn purge_some(&mut self) {
        let outcome = match purge_chunk(&mut self.connection) {
            Ok(true) => return,
            Ok(false) => Ok(()),
            Err(error) => {
                tracing::warn!(%error, "deleting the history of a removed source has to wait");
                Err(Arc::new(error))
            }
        };
        // After a failure the next start, or the next removal, goes on.
        self.purging = false;
        for waiting in self.purged.drain(..) {
            let _ = waiting.send(outcome.clone());
        }
    }

    fn begin(&mut self) -> rusqlite::Result<Transaction<'_>> {
        self.connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
    }
}

/// Deletes up to a chunk of rows of removed sources; whether there may be more.
fn purge_chunk(connection: &mut Connection) -> rusqlite::Result<bool> {
    let gone = "SELECT key FROM source WHERE id IS NULL";
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let deleted = tx.execute(
        &format!(
            "DELETE FROM event WHERE row IN (
                SELECT row FROM event WHERE source IN ({gone}) LIMIT ?1)"
        ),
        [chunk()],
    )?;
    if deleted == 0 {
        tx.execute_batch(&format!(
            "DELETE FROM cursor WHERE source IN ({gone});
             DELETE FROM outage WHERE source IN ({gone});
             DELETE FROM source WHERE id IS NULL;"
        ))?;
    }
    tx.commit()?;
    Ok(deleted > 0)
}

fn chunk() -> i64 {
    i64::try_from(CHUNK).unwrap_or(i64::MAX)
}

/// Rows whose mark changed, by source key: keeps the unread counts without counting rows.
#[derive(Default)]
struct Marked {
    count: usize,
    sources: HashMap<i64, i64>,
}

impl Marked {
    fn add(&mut self, source: i64) {
        self.count += 1;
        *self.sources.entry(source).or_default() += 1;
    }

    fn apply(&self, tx: &Transaction<'_>, read: bool) -> rusqlite::Result<()> {
        let mut update =
            tx.prepare_cached("UPDATE source SET unread = unread + ?2 WHERE key = ?1")?;
        for (source, count) in &self.sources {
            update.execute(params![source, if read { -count } else { *count }])?;
        }
        Ok(())
    }
}
