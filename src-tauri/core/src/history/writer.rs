//! The one writer: an OS thread that owns the only writing connection and takes one job after
//! the other from a bounded queue.

use std::sync::Arc;

use rusqlite::{Connection, Transaction, params};
use tokio::sync::{
    mpsc::{Receiver, error::TryRecvError},
    oneshot,
};

use crate::model::{Delivery, RowId, SourceId, Timestamp};

use super::{
    append::{append, find_source, source_key},
    change,
    duplicates::Duplicates,
    event::{Appended, Arrival, delivery_number},
    log,
    undo::{Runs, Undo, Undos},
};

/// Something to do with the connection; it answers for itself.
pub(super) type Job = Box<dyn FnOnce(&mut Writer) + Send>;

/// Who waits until a removed source's rows are gone; several may share one failure.
pub(super) type Purged = oneshot::Sender<Result<(), Arc<rusqlite::Error>>>;

/// What the thread owns.
pub(super) struct Writer {
    pub(super) connection: Connection,
    duplicates: Duplicates,
    undos: Undos,
    /// Deletions up to this number cannot be undone.
    settled: i64,
    /// Whether rows of removed sources or settled deletions may be left to delete.
    purging: bool,
    /// Who waits for that to be done.
    purged: Vec<Purged>,
    /// Who waits for the thread to end.
    closed: Option<oneshot::Sender<()>>,
}

impl Writer {
    pub(super) fn new(connection: Connection) -> Self {
        // What an earlier run deleted can no longer be had back.
        let settled = connection
            .query_row(
                "SELECT coalesce(max(trashed), 0) FROM event WHERE trashed > 0",
                [],
                |row| row.get(0),
            )
            .unwrap_or(0);
        let mut undos = Undos::default();
        undos.start_after(u64::try_from(settled).unwrap_or(0));
        Self {
            connection,
            duplicates: Duplicates::default(),
            undos,
            settled,
            // The last process may have ended in the middle of it.
            purging: true,
            purged: Vec::new(),
            closed: None,
        }
    }

    /// Works until it is told to close or nobody can send jobs any more.
    pub(super) fn run(mut self, mut jobs: Receiver<Job>) {
        log::watch(&self.connection);
        while self.closed.is_none() {
            if self.purging {
                match jobs.try_recv() {
                    Ok(job) => job(&mut self),
                    Err(TryRecvError::Empty) => {}
                    Err(TryRecvError::Disconnected) => break,
                }
                self.purge_some();
                continue;
            }
            if jobs.is_empty() {
                log::fold(&self.connection);
            }
            match jobs.blocking_recv() {
                Some(job) => job(&mut self),
                None => break,
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
    ) -> rusqlite::Result<RowId> {
        let tx = self.begin()?;
        let key = source_key(&tx, source)?;
        let first_row = tx
            .prepare_cached(
                "INSERT INTO outage (source, started_at, ended_at, replayed, first_row)
             VALUES (?1, ?2, ?3, ?4,
                1 + coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0))
             ON CONFLICT (source, started_at) DO UPDATE
             SET ended_at = excluded.ended_at, replayed = excluded.replayed
             RETURNING first_row",
            )?
            .query_row(
                params![
                    key,
                    started_at.as_millisecond(),
                    ended_at.as_millisecond(),
                    replayed,
                ],
                |row| row.get(0).map(RowId),
            )?;
        tx.commit()?;
        Ok(first_row)
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
            "UPDATE source SET id = NULL, stored = 0, unread = 0, quiet = 0, pinned = 0, bytes = 0
             WHERE key = ?1",
            [key],
        )?;
        self.duplicates.forget(key);
        Ok(())
    }

    /// One chunk of what removed sources and settled deletions left behind.
    fn purge_some(&mut self) {
        let outcome = match change::purge(&mut self.connection, self.settled) {
            Ok(true) => return,
            Ok(false) => Ok(()),
            Err(error) => {
                tracing::warn!(%error, "deleting rows for good has to wait");
                Err(Arc::new(error))
            }
        };
        // After a failure the next start, or the next deletion, goes on.
        self.purging = false;
        for waiting in self.purged.drain(..) {
            let _ = waiting.send(outcome.clone());
        }
    }

    /// Puts rows into the trash: the first call of a deletion gets its number.
    pub(super) fn trash(
        &mut self,
        rows: &[RowId],
        deletion: Option<u64>,
    ) -> rusqlite::Result<(u64, Vec<RowId>)> {
        let number = deletion.unwrap_or_else(|| self.undos.number());
        let gone = change::trash(&mut self.connection, rows, number.cast_signed())?;
        self.undos.remember(number, Undo::Trashed);
        Ok((number, gone))
    }

    /// Remembers how to take a marking back; none where it is in too many pieces.
    pub(super) fn remember_marked(&mut self, rows: Runs, read: bool) -> Option<u64> {
        let number = self.undos.number();
        let remembered = self.undos.remember(number, Undo::Marked { rows, read });
        remembered.then_some(number)
    }

    /// Deletes every event for good. The file is written anew, so that nothing of them is left.
    pub(super) fn clear(&mut self) -> rusqlite::Result<()> {
        let tx = self.begin()?;
        tx.execute_batch(
            "INSERT INTO event_text (event_text) VALUES ('delete-all');
             DELETE FROM event;
             DELETE FROM block;
             DELETE FROM outage;
             DELETE FROM hour;
             DELETE FROM minute;
             DELETE FROM cursor WHERE source IN (SELECT key FROM source WHERE id IS NULL);
             DELETE FROM source WHERE id IS NULL;
             UPDATE source SET stored = 0, unread = 0, quiet = 0, pinned = 0, bytes = 0;",
        )?;
        tx.commit()?;
        self.duplicates = Duplicates::default();
        self.undos.settle(u64::MAX - 1);
        self.connection.execute_batch("VACUUM")?;
        self.connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }

    pub(super) fn take_undo(&mut self, number: u64) -> Option<Undo> {
        self.undos.take(number)
    }

    /// Changes up to this number cannot be taken back any more: deleted rows are purged.
    pub(super) fn settle(&mut self, number: u64) {
        self.undos.settle(number);
        self.settled = self.settled.max(number.cast_signed());
        self.purging = true;
    }

    pub(super) fn begin(&mut self) -> rusqlite::Result<Transaction<'_>> {
        change::begin(&mut self.connection)
    }
}
