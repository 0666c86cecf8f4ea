//! What readers ask: pages, whole events, counts, cursors. Every function is one look at the
//! committed state through a read-only connection.

use std::collections::HashMap;

use rusqlite::{
    Connection, OptionalExtension as _, Row as SqlRow, params, params_from_iter,
    types::{FromSql, FromSqlError, Value, ValueRef},
};

use crate::{
    ipc::{EventDetail, Millis, Page, PageRequest, Row},
    model::{Decision, EventId, Notification, RowId, SourceId, Why},
};

use super::{
    event::{
        Bound, Outage, Selection, SourceUnread, StoredEvent, Unread, delivery, json_or_default,
        severity, time, verdict,
    },
    line,
};

/// Most rows of a page.
const PAGE: u32 = 200;
/// Most rows `undelivered` answers at once.
const UNDELIVERED: i64 = 1000;

/// Rows of a source that is being deleted are hidden by the join. CROSS JOIN keeps the order:
/// the rows lead, through whichever index fits, and nothing is sorted.
const FROM: &str = "FROM event e CROSS JOIN source s ON s.key = e.source AND s.id IS NOT NULL";

/// The row as it is listed; of a long body the stored preview is read instead.
const SUMMARY: &str = "e.row, s.id, e.event, e.title,
    CASE WHEN e.preview IS NULL THEN coalesce(e.body, e.data) ELSE e.preview END,
    e.severity, e.received_at, e.read, e.pinned, e.delivery";

const WHOLE: &str = "e.row, s.id, s.name, e.event, e.own_id, e.data, e.title,
    coalesce(e.body, e.data), e.severity, e.url, e.received_at, e.read, e.pinned, e.replayed,
    e.truncated, e.verdict, e.delivery, e.delivery_detail, e.tags, e.ring, e.rule, e.trace";

/// A WHERE clause under construction; values are only ever bound.
struct Conditions {
    sql: String,
    values: Vec<Value>,
}

impl Conditions {
    fn none() -> Self {
        Self {
            sql: "WHERE 1".to_owned(),
            values: Vec::new(),
        }
    }

    fn and(&mut self, sql: &str) {
        self.sql.push_str(" AND ");
        self.sql.push_str(sql);
    }

    fn bind(&mut self, sql: &str, value: impl Into<Value>) {
        self.and(sql);
        self.values.push(value.into());
    }

    fn source(&mut self, source: Option<SourceId>) {
        if let Some(source) = source {
            self.bind(
                "e.source = (SELECT key FROM source WHERE id = ?)",
                source.to_string(),
            );
        }
    }

    /// Every word must occur in the title, the body or the data. Letters A to Z match in either
    /// case, all others as they are. `instr` takes a word literally where LIKE has wildcards.
    fn words(&mut self, query: Option<&str>) {
        for word in query.unwrap_or_default().split_whitespace() {
            self.bind(
                "instr(lower(e.title || char(10) || coalesce(e.body || char(10), '') || e.data), ?)",
                word.to_ascii_lowercase(),
            );
        }
    }

    fn bound(&mut self, bound: Option<Bound>, row: &str, time: &str) {
        match bound {
            Some(Bound::Row(id)) => self.bind(row, id.0),
            Some(Bound::Time(moment)) => self.bind(time, moment.as_millisecond()),
            None => {}
        }
    }
}

pub(super) fn page(connection: &Connection, request: &PageRequest) -> rusqlite::Result<Page> {
    let limit = request.limit.clamp(1, PAGE);
    let (sql, values) = page_query(request, limit + 1);
    let mut rows = connection
        .prepare_cached(&sql)?
        .query_map(params_from_iter(values), summary)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    Ok(Page {
        rows,
        more,
        ..Page::default()
    })
}

fn page_query(request: &PageRequest, limit: u32) -> (String, Vec<Value>) {
    let mut conditions = Conditions::none();
    conditions.source(request.source);
    if request.unread {
        conditions.and("e.read = 0");
    }
    if request.quiet {
        conditions.and("e.verdict = 1");
    }
    if let Some(row) = request.before {
        conditions.bind("e.row < ?", row.0);
    }
    conditions.words(request.query.as_deref());
    conditions.values.push(i64::from(limit).into());
    let sql = format!(
        "SELECT {SUMMARY} {FROM} {} ORDER BY e.row DESC LIMIT ?",
        conditions.sql
    );
    (sql, conditions.values)
}

fn summary(row: &SqlRow<'_>) -> rusqlite::Result<Row> {
    let text = |column| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_str()?);
    Ok(Row {
        row: RowId(row.get(0)?),
        source: row.get::<_, Source>(1)?.0,
        event: line::event(text(2)?),
        title: line::title(text(3)?),
        preview: line::preview(text(4)?),
        severity: severity(row.get(5)?),
        received_at: Millis(row.get(6)?),
        read: row.get(7)?,
        pinned: row.get(8)?,
        delivery: delivery(row.get(9)?),
        marks: None,
    })
}

pub(super) fn get(connection: &Connection, id: RowId) -> rusqlite::Result<Option<EventDetail>> {
    let stored = connection
        .prepare_cached(&format!("SELECT {WHOLE} {FROM} WHERE e.row = ?"))?
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
        trace: event.decision.trace,
        replayed: event.replayed,
        truncated: event.truncated,
        delivery_cause: why.as_ref().map(|why| why.cause),
        delivery_detail: why.and_then(|why| why.said),
    }))
}

pub(super) fn query(
    connection: &Connection,
    selection: &Selection,
) -> rusqlite::Result<Vec<StoredEvent>> {
    let mut conditions = Conditions::none();
    conditions.source(selection.source);
    if let Some(event) = &selection.event {
        conditions.bind("e.event = ?", event.clone());
    }
    if selection.unread {
        conditions.and("e.read = 0");
    }
    conditions.bound(selection.before, "e.row < ?", "e.received_at < ?");
    conditions.bound(selection.after, "e.row > ?", "e.received_at >= ?");
    conditions.words(selection.query.as_deref());
    let order = if selection.oldest_first {
        "ASC"
    } else {
        "DESC"
    };
    conditions.values.push(i64::from(selection.limit).into());
    let sql = format!(
        "SELECT {WHOLE} {FROM} {} ORDER BY e.row {order} LIMIT ?",
        conditions.sql
    );
    connection
        .prepare_cached(&sql)?
        .query_map(params_from_iter(conditions.values), stored)?
        .collect()
}

pub(super) fn undelivered(
    connection: &Connection,
    after: RowId,
    until: RowId,
) -> rusqlite::Result<Vec<StoredEvent>> {
    connection
        .prepare_cached(&undelivered_query())?
        .query_map(params![after.0, until.0, UNDELIVERED], stored)?
        .collect()
}

/// 0 is `Delivery::Pending`, written out so that the partial index applies.
fn undelivered_query() -> String {
    format!(
        "SELECT {WHOLE} {FROM} WHERE e.delivery = 0 AND e.row > ? AND e.row <= ? ORDER BY e.row LIMIT ?"
    )
}

fn stored(row: &SqlRow<'_>) -> rusqlite::Result<StoredEvent> {
    Ok(StoredEvent {
        row: RowId(row.get(0)?),
        source: row.get::<_, Source>(1)?.0,
        source_name: row.get(2)?,
        event: row.get(3)?,
        own_id: row.get::<_, Option<String>>(4)?.map(EventId::from),
        data: row.get(5)?,
        notification: Notification {
            title: row.get(6)?,
            body: row.get(7)?,
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
        "SELECT id, name, unread, last_event_at FROM source WHERE id IS NOT NULL",
    )?;
    let rows = statement.query_map([], |row| {
        let last: Option<i64> = row.get(3)?;
        let unread = SourceUnread {
            name: row.get(1)?,
            unread: count(row.get(2)?),
            last_event_at: last.map(time),
            ..SourceUnread::default()
        };
        Ok((row.get::<_, Source>(0)?.0, unread))
    })?;
    let sources = rows.collect::<rusqlite::Result<HashMap<_, _>>>()?;
    Ok(Unread {
        total: sources.values().map(|source| source.unread).sum(),
        sources,
    })
}

/// Walks an index of the whole table: for a person who asks once, not for a hot path.
pub(super) fn stored_counts(connection: &Connection) -> rusqlite::Result<HashMap<SourceId, u64>> {
    connection
        .prepare_cached(
            "SELECT id, (SELECT count(*) FROM event WHERE source = key)
             FROM source WHERE id IS NOT NULL",
        )?
        .query_map([], |row| {
            Ok((row.get::<_, Source>(0)?.0, count(row.get(1)?)))
        })?
        .collect()
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
struct Source(SourceId);

impl FromSql for Source {
    fn column_result(value: ValueRef<'_>) -> Result<Self, FromSqlError> {
        value
            .as_str()?
            .parse()
            .map(Self)
            .map_err(FromSqlError::other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::schema::{FILE, Opened, open_writer};

    #[test]
    fn pages_never_sort_and_never_walk_rows_they_do_not_show() {
        let dir = tempfile::tempdir().unwrap();
        let Ok(Opened::Writable(connection)) = open_writer(&dir.path().join(FILE)) else {
            panic!("not writable");
        };
        let mut queries = vec![(
            undelivered_query(),
            "event_pending (delivery=? AND rowid>? AND rowid<?)",
        )];
        for (source, unread, quiet, index) in [
            (false, false, false, "INTEGER PRIMARY KEY (rowid<?)"),
            (true, false, false, "event_by_source (source=? AND rowid<?)"),
            (false, true, false, "event_unread (read=? AND rowid<?)"),
            (
                true,
                true,
                false,
                "event_unread_by_source (source=? AND rowid<?)",
            ),
            (false, false, true, "event_quiet (verdict=? AND rowid<?)"),
            (
                true,
                false,
                true,
                "event_quiet_by_source (source=? AND rowid<?)",
            ),
        ] {
            let request = PageRequest {
                source: source.then(SourceId::random),
                before: Some(RowId(100)),
                unread,
                quiet,
                ..PageRequest::default()
            };
            queries.push((page_query(&request, 10).0, index));
        }
        for (sql, index) in queries {
            let mut statement = connection
                .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
                .unwrap();
            let unbound = vec![Value::Null; statement.parameter_count()];
            let plan = statement
                .query_map(params_from_iter(unbound), |row| row.get::<_, String>(3))
                .unwrap()
                .collect::<Result<Vec<_>, _>>()
                .unwrap()
                .join("\n");

            assert!(plan.contains(index), "{sql}\n{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{sql}\n{plan}");
            assert!(!plan.contains("SCAN"), "{sql}\n{plan}");
        }
    }
}
