//! What a person does to stored events: read, pin, delete, take back, clear, export.

use std::{path::PathBuf, sync::Arc};

use super::Handle;
use crate::{
    error::{Code, Error, Result},
    history::{Selection, Undone, export},
    ipc::{ExportFormat, ExportProgress, ExportRequest, HistoryCheck, HistoryFigures, Undoable},
    model::{RowId, SourceId},
    update::Fact,
};

impl Handle {
    /// Marks rows read or unread; no rows means all of them, or all of one source.
    ///
    /// # Errors
    /// `HistoryUnavailable`, `ReadOnly`.
    pub async fn mark_read(
        &self,
        rows: Option<Vec<RowId>>,
        source: Option<SourceId>,
        read: bool,
    ) -> Result<Undoable> {
        let done = self.history.mark_read(rows.clone(), source, read).await?;
        let rows = rows.map(Into::into);
        self.changed(Fact::Read { rows, read });
        self.for_a_while(done).await;
        Ok(done)
    }

    /// Pins rows or lets them go.
    ///
    /// # Errors
    /// `HistoryUnavailable`, `ReadOnly`.
    pub async fn pin(&self, rows: Vec<RowId>, pinned: bool) -> Result<()> {
        let rows = self.history.pin(rows, pinned).await?.into();
        self.changed(Fact::Pinned { rows, pinned });
        Ok(())
    }

    /// Deletes rows; that can be taken back for 8 seconds.
    ///
    /// # Errors
    /// `HistoryUnavailable`, `ReadOnly`.
    pub async fn delete(&self, rows: Vec<RowId>) -> Result<Undoable> {
        let done = self.history.delete(rows.clone()).await?;
        self.changed(Fact::Deleted(Some(rows.into())));
        self.for_a_while(done).await;
        Ok(done)
    }

    /// Takes a deletion or a marking back.
    ///
    /// # Errors
    /// `UndoExpired`, `HistoryUnavailable`, `ReadOnly`.
    pub async fn undo(&self, number: u64) -> Result<()> {
        let fact = match self.history.undo(number).await? {
            Undone::Restored => Fact::Restored,
            Undone::Marked { read } => Fact::Read { rows: None, read },
        };
        self.changed(fact);
        Ok(())
    }

    /// Deletes every event for good. Sources stay, and go on where they are.
    ///
    /// # Errors
    /// `HistoryUnavailable`, `ReadOnly`.
    pub async fn clear_history(&self) -> Result<()> {
        self.history.clear().await?;
        self.changed(Fact::Deleted(None));
        Ok(())
    }

    /// How large the history is and when it begins.
    ///
    /// # Errors
    /// `HistoryUnavailable`.
    pub async fn figures(&self) -> Result<HistoryFigures> {
        self.history.figures().await
    }

    /// Looks at every page of the history's file; what is found is looked into at the next start.
    ///
    /// # Errors
    /// `HistoryUnavailable`.
    pub async fn check_history(&self) -> Result<HistoryCheck> {
        let started = tokio::time::Instant::now();
        let findings = self.history.check().await?;
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(HistoryCheck { findings, ms })
    }

    /// Exports to a file, one export at a time. The last progress says how it ended; a cancelled
    /// one leaves no file.
    ///
    /// # Errors
    /// `ExportBusy`, `ExportFailed`, those of a query, `HistoryUnavailable`.
    pub async fn export(
        &self,
        request: ExportRequest,
        mut tell: impl FnMut(&ExportProgress) + Send,
    ) -> Result<ExportProgress> {
        let turn = Arc::clone(&self.exporting.turn);
        let Ok(_turn) = turn.try_lock() else {
            return Err(Error::new(
                Code::ExportBusy,
                "another export is running; wait for its end or cancel it",
            ));
        };
        let cancel = self.exporting.renew();
        let path = match &request.path {
            Some(path) => PathBuf::from(path),
            None => self.download(request.format)?,
        };
        let select = &request.select;
        let selection = Selection {
            source: select.source,
            unread: select.unread,
            quiet: select.quiet,
            pinned: select.pinned,
            query: select.query.clone(),
            ..Selection::default()
        };
        let mut progress = ExportProgress {
            path: path.to_string_lossy().into_owned(),
            events: 0,
            percent: 0,
            done: false,
            cancelled: false,
        };
        let on_the_way = |events, percent| {
            progress.events = events;
            progress.percent = percent;
            tell(&progress);
        };
        let events = export::to_file(
            &self.history,
            &selection,
            request.format,
            &path,
            &self.now(),
            &cancel,
            on_the_way,
        )
        .await?;
        progress.events = events;
        progress.done = true;
        progress.cancelled = cancel.is_cancelled();
        if !progress.cancelled {
            progress.percent = 100;
        }
        tell(&progress);
        Ok(progress)
    }

    /// Ends the export that runs, if one does.
    pub fn cancel_export(&self) {
        self.exporting.cancel();
    }

    /// A file in the person's folder for downloads.
    fn download(&self, format: ExportFormat) -> Result<PathBuf> {
        let folder = dirs::download_dir()
            .or_else(dirs::home_dir)
            .ok_or_else(|| {
                Error::new(
                    Code::ExportFailed,
                    "there is no folder for downloads; name a file to write",
                )
            })?;
        let ending = match format {
            ExportFormat::Jsonl => "jsonl",
            ExportFormat::Csv => "csv",
        };
        let time = self.now().strftime("%Y-%m-%d-%H%M%S");
        Ok(folder.join(format!("tidings-{time}.{ending}")))
    }

    fn changed(&self, fact: Fact) {
        let _ = self.facts.send(fact);
        for source in &self.settings.current().sources {
            let _ = self.facts.send(Fact::Source(source.id));
        }
    }

    /// The janitor settles it when its time is over.
    async fn for_a_while(&self, done: Undoable) {
        if let Some(number) = done.undo {
            let _ = self.undoable.send(number).await;
        }
    }
}
