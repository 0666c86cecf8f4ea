//! What readers ask beyond pages: whole events, counts, cursors. Every function is one look at the
//! committed state through a read-only connection.

use std::collections::HashMap;

use rusqlite::{
    Connection, OptionalExtension as _, Row as SqlRow, Rows, params, params_from_iter,
    types::{FromSql, FromSqlError, ValueRef},
};

use crate::{
    ipc::{EventDetail, Millis, PageRequest, Row},
    model::{Decision, Delivery, EventId, Notification, RowId, SourceId, Why},
    rules::Trace,
};

use super::{
    event::{
        Bound, Outage, Selection, SourceUnread, StoredEvent, Unread, delivery, delivery_number,
        json_or_default, severity, time, verdict,
    },
    line,
    page::Search,
    query::Expr,
    quoted,
};

/// Most rows `undelivered` answers at once.
const UNDELIVERED: i64 = 1000;
/// Once this much is gathered, an answer ends: events may be large. Bytes.
pub(super) const GATHERED: usize = 8 * 1024 * 1024;

/// Rows of a source that is being deleted are hidden by the join. CROSS JOIN keeps the order:
/// the rows lead, through whichever index fits, and nothing is sorted.
const FROM: &str = "FROM event e CROSS JOIN source s ON s.key = e.source AND s.id IS NOT NULL";

pub(super) const WHOLE: &str = "e.row, s.id, s.name, e.event, e.own_id, e.data, e.title,
    e.body, e.severity, e.url, e.received_at, e.read, e.pinned, e.replayed,
    e.truncated, e.verdict, e.delivery, e.delivery_detail, e.tags, e.ring, e.rule, e.trace";

pub(super) fn get(connection: &Connection, id: RowId) -> rusqlite::Result<Option<EventDetail>> {
    let stored = connection
        .prepare_cached(&format!(
            "SELECT {WHOLE} {FROM} WHERE e.row = ? AND e.trashed = 0"
        ))?
        .query_row([id.0], stored)
        .optional()?;
    let Some(event) = stored else { return Ok(None) };
    let why = event.delivery_detail.as_deref().and_then(Why::parse);
    Ok(Some(EventDetail {
        row: Row {
            row: event.row,
            source: event.source,
            event: event.event,
            title: line::title(&event.notification.title),
            preview: line::preview(&event.notification.body),
            severity: event.notification.severity,
            received_at: Millis::from(event.received_at),
            read: event.read,
            pinned: event.pinned,
            delivery: event.delivery,
            marks: None,
        },
        full_title: event.notification.title,
        body: event.notification.body,
        data: event.data,
        own_id: event.own_id.map(|id| id.as_str().to_owned()),
        url: event.notification.url,
        // Whose host it is, the settings know.
        link: None,
        tags: event.notification.tags,
        rule: event.decision.rule,
        trace: Trace::read(event.decision.trace.as_deref()),
        replayed: event.replayed,
        truncated: event.truncated,
        delivery_cause: why.as_ref().map(|why| why.cause),
        delivery_detail: why.and_then(|why| why.said),
    }))
}

/// What is wrong with the file, in the database's own words.
pub(super) fn findings(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let found: Vec<String> = connection
        .prepare("PRAGMA quick_check(5)")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(found.into_iter().filter(|one| one != "ok").collect())
}

pub(super) fn query(
    connection: &Connection,
    selection: &Selection,
    query: &Expr,
) -> rusqlite::Result<Vec<StoredEvent>> {
    let search = search(connection, selection, query)?;
    let comparison = if selection.oldest_first { ">" } else { "<" };
    let resume = selection.resume.map(|row| (comparison, row));
    let (sql, values) = search.select(WHOLE, resume, selection.oldest_first, selection.limit);
    gather(
        connection
            .prepare_cached(&sql)?
            .query(params_from_iter(values))?,
    )
}

/// Whole events, until there is enough of them.
fn gather(mut rows: Rows<'_>) -> rusqlite::Result<Vec<StoredEvent>> {
    let mut events = Vec::new();
    let mut gathered = 0;
    while gathered < GATHERED
        && let Some(row) = rows.next()?
    {
        let event = stored(row)?;
        let shown = &event.notification;
        gathered += size_of::<StoredEvent>()
            + event.data.len()
            + shown.title.len()
            + shown.body.len()
            + event.decision.trace.as_ref().map_or(0, String::len);
        events.push(event);
    }
    Ok(events)
}

/// What a selection asks for, wherever its answer begins.
pub(super) fn search(
    connection: &Connection,
    selection: &Selection,
    query: &Expr,
) -> rusqlite::Result<Search> {
    let request = PageRequest {
        source: selection.source,
        unread: selection.unread,
        quiet: selection.quiet,
        pinned: selection.pinned,
        ..PageRequest::default()
    };
    let mut search = Search::new(connection, &request, query)?;
    if let Some(event) = &selection.event {
        search.also("e.event = ?", event.clone());
    }
    for (bound, row, time) in [
        (selection.before, "e.row < ?", "e.received_at < ?"),
        (selection.after, "e.row > ?", "e.received_at >= ?"),
    ] {
        match bound {
            Some(Bound::Row(id)) => search.also(row, id.0),
            Some(Bound::Time(moment)) => search.also(time, moment.as_millisecond()),
            None => {}
        }
    }
    Ok(search)
}

pub(super) fn undelivered(
    connection: &Connection,
    delivery: Delivery,
    after: RowId,
    until: RowId,
) -> rusqlite::Result<Vec<StoredEvent>> {
    gather(
        connection
            .prepare_cached(&undelivered_query(delivery))?
            .query(params![after.0, until.0, UNDELIVERED])?,
    )
}

/// The number is written out so that the partial index of pending or of held rows applies.
pub(super) fn undelivered_query(delivery: Delivery) -> String {
    let number = delivery_number(delivery);
    format!(
        "SELECT {WHOLE} {FROM} WHERE e.delivery = {number} AND e.trashed = 0 AND e.row > ? AND e.row <= ? ORDER BY e.row LIMIT ?"
    )
}

pub(super) fn stored(row: &SqlRow<'_>) -> rusqlite::Result<StoredEvent> {
    let data = row.get_ref(5)?;
    let text =
        |column| Ok::<_, rusqlite::Error>(quoted::text(row.get_ref(column)?, data)?.to_owned());
    Ok(StoredEvent {
        row: RowId(row.get(0)?),
        source: row.get::<_, Source>(1)?.0,
        source_name: row.get(2)?,
        event: row.get(3)?,
        own_id: row.get::<_, Option<String>>(4)?.map(EventId::from),
        data: row.get(5)?,
        notification: Notification {
            title: text(6)?,
            body: text(7)?,
            severity: severity(row.get(8)?),
            url: row.get(9)?,
            tags: json_or_default(row.get::<_, Option<String>>(18)?.as_deref()),
        },
        received_at: time(row.get(10)?),
        read: row.get(11)?,
        pinned: row.get(12)?,
        replayed: row.get(13)?,
        truncated: row.get(14)?,
        decision: Decision {
            verdict: verdict(row.get(15)?),
            ring: json_or_default(row.get::<_, Option<String>>(19)?.as_deref()),
            rule: row.get(20)?,
            trace: row.get(21)?,
        },
        delivery: delivery(row.get(16)?),
        delivery_detail: row.get(17)?,
    })
}

pub(super) fn cursor(
    connection: &Connection,
    source: SourceId,
) -> rusqlite::Result<Option<EventId>> {
    connection
        .prepare_cached(
            "SELECT c.id FROM cursor c JOIN source s ON s.key = c.source WHERE s.id = ?",
        )?
        .query_row([source.to_string()], |row| row.get::<_, String>(0))
        .optional()
        .map(|id| id.map(EventId::from))
}

pub(super) fn unread(connection: &Connection) -> rusqlite::Result<Unread> {
    let mut statement = connection.prepare_cached(
        "SELECT id, name, unread, last_event_at, stored, quiet, pinned FROM source
         WHERE id IS NOT NULL",
    )?;
    let rows = statement.query_map([], |row| {
        let last: Option<i64> = row.get(3)?;
        let unread = SourceUnread {
            name: row.get(1)?,
            unread: count(row.get(2)?),
            stored: count(row.get(4)?),
            quiet: count(row.get(5)?),
            pinned: count(row.get(6)?),
            last_event_at: last.map(time),
        };
        Ok((row.get::<_, Source>(0)?.0, unread))
    })?;
    let sources = rows.collect::<rusqlite::Result<HashMap<_, _>>>()?;
    Ok(Unread {
        total: sources.values().map(|source| source.unread).sum(),
        sources,
    })
}

/// When the oldest event arrived.
pub(super) fn oldest(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT received_at FROM event WHERE trashed = 0 ORDER BY row LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()
}

/// The oldest and the newest row there is.
pub(super) fn span(connection: &Connection) -> rusqlite::Result<Option<(RowId, RowId)>> {
    let (oldest, newest): (Option<i64>, Option<i64>) = connection
        .prepare_cached("SELECT (SELECT min(row) FROM event), (SELECT max(row) FROM event)")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(oldest
        .zip(newest)
        .map(|(oldest, newest)| (RowId(oldest), RowId(newest))))
}

pub(super) fn outages(
    connection: &Connection,
    source: Option<SourceId>,
    from: RowId,
    to: RowId,
) -> rusqlite::Result<Vec<Outage>> {
    connection
        .prepare_cached(
            "SELECT s.id, o.started_at, o.ended_at, o.replayed, o.first_row
             FROM outage o JOIN source s ON s.key = o.source AND s.id IS NOT NULL
             WHERE o.first_row BETWEEN ?1 AND ?2 AND (?3 IS NULL OR s.id = ?3)
             ORDER BY o.first_row, o.started_at",
        )?
        .query_map(
            params![from.0, to.0, source.map(|source| source.to_string())],
            |row| {
                Ok(Outage {
                    source: row.get::<_, Source>(0)?.0,
                    started_at: time(row.get(1)?),
                    ended_at: time(row.get(2)?),
                    replayed: count(row.get(3)?),
                    first_row: RowId(row.get(4)?),
                })
            },
        )?
        .collect()
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A source's identity as its column holds it.
pub(super) struct Source(pub(super) SourceId);

impl FromSql for Source {
    fn column_result(value: ValueRef<'_>) -> Result<Self, FromSqlError> {
        value
            .as_str()?
            .parse()
            .map(Self)
            .map_err(FromSqlError::other)
    }
}
