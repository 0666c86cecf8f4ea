//! What a person changes about stored rows, as the handle offers it: in steps, so that events get
//! in between.

use std::time::Duration;

use crate::{
    error::{Code, Error, Result},
    ipc::Undoable,
    model::{RowId, SourceId, Timestamp},
};

use super::{
    Ballast, History, Undone,
    change::{self, CHUNK},
    retention::{self, Limits, Progress, Step},
    undo::{Runs, Undo},
};

impl History {
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
                .write_freeing(move |writer| writer.trash(&some, deletion))
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

    /// Deletes every event and outage for good, those in the trash, too: nothing of them is left
    /// in the file or its log. Sources, their cursors and row numbers go on.
    ///
    /// # Errors
    /// `HistoryUnavailable`, `ReadOnly`.
    pub async fn clear(&self) -> Result<()> {
        self.write_freeing(super::writer::Writer::clear).await
    }

    /// Begins to delete what is beyond the limits; the first step, if there is one. To be called
    /// now and then: it watches the clock, too, beside how long this process `ran` since it was
    /// last called.
    ///
    /// # Errors
    /// `HistoryUnavailable`, `ReadOnly`.
    pub async fn begin_pruning(
        &self,
        limits: Limits,
        now: Timestamp,
        ran: Duration,
    ) -> Result<Option<Step>> {
        if let Some(ballast) = &self.shared.ballast {
            ballast.take();
        }
        let limits = if self.in_memory() {
            limits.in_memory()
        } else {
            limits
        };
        self.write_freeing(move |writer| {
            retention::begin_pruning(&mut writer.connection, limits.clone(), now, ran)
        })
        .await
    }

    /// Takes one step: at most 500 rows in one transaction.
    ///
    /// # Errors
    /// `HistoryUnavailable`, `ReadOnly`.
    pub async fn prune(&self, step: Step) -> Result<Progress> {
        let progress = self
            .write_freeing(move |writer| retention::prune(&mut writer.connection, step.clone()))
            .await;
        if let (Some(ballast), Ok(Progress { next: None, .. })) = (&self.shared.ballast, &progress)
        {
            Ballast::take(ballast);
        }
        progress
    }
}
