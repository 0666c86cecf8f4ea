//! What can be asked of the history, as the handle offers it: each a look at the committed state.

use std::{collections::HashMap, fs};

use jiff::ZonedDateTime;

use crate::{
    error::Result,
    ipc::{EventDetail, HistoryFigures, Millis, Page, PageRequest},
    model::{Delivery, EventId, RowId, SourceId, Timestamp},
};

use super::{History, Outage, Selection, StoredEvent, Unread, hours, page, query, read};

impl History {
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

    /// How many events of each source came in each of the last [`HOURS`](super::HOURS), oldest
    /// first, the hour of `now` last. Sources without any are left out.
    ///
    /// # Errors
    /// `HistoryUnavailable`.
    pub async fn hours(&self, now: Timestamp) -> Result<HashMap<SourceId, Vec<u32>>> {
        self.read(move |connection| hours::read(connection, now))
            .await
    }

    /// How many events of all sources came in each of the last [`MINUTES`](super::MINUTES), oldest
    /// first, the minute of `now` last.
    ///
    /// # Errors
    /// `HistoryUnavailable`.
    pub async fn pulse(&self, now: Timestamp) -> Result<Vec<u32>> {
        self.read(move |connection| hours::pulse(connection, now))
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
    /// `now`, in its zone; the order is that of rows. Large ones come a few at a time: resume
    /// after the last until there is none.
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
    /// oldest first, at most 1,000, and fewer where they are large: ask again after the last of them until there
    /// is none.
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

    /// How many events a selection's query looks into, where it looks into JSON data and there
    /// are more that match the rest of it.
    ///
    /// # Errors
    /// Those of a query; `HistoryUnavailable`.
    pub async fn bounded(&self, selection: &Selection, now: &ZonedDateTime) -> Result<Option<u32>> {
        let query = query::parse(selection.query.as_deref().unwrap_or_default(), now)?;
        let selection = selection.clone();
        self.read(move |connection| {
            read::search(connection, &selection, &query)?.bounded(connection)
        })
        .await
    }

    /// How large the history is and when it begins.
    ///
    /// # Errors
    /// `HistoryUnavailable`.
    pub async fn figures(&self) -> Result<HistoryFigures> {
        let oldest = self.read(read::oldest).await?;
        let bytes = ["", "-wal", "-shm"]
            .iter()
            .filter_map(|ending| {
                let mut path = self.shared.path.as_os_str().to_owned();
                path.push(ending);
                fs::metadata(path).ok()
            })
            .map(|file| file.len())
            .sum();
        Ok(HistoryFigures {
            bytes,
            counts: self.unread().await?.counts(),
            oldest: oldest.map(Millis),
        })
    }

    /// Looks at every page of the file, which takes a while where it is large.
    ///
    /// # Errors
    /// `HistoryUnavailable` where it cannot even be looked at.
    pub async fn check(&self) -> Result<Vec<String>> {
        let findings = self.read(read::findings).await?;
        if !findings.is_empty() && !self.in_memory() {
            super::open::suspect(&self.shared.path);
        }
        Ok(findings)
    }
}
