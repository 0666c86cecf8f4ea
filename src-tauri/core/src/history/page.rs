//! Pages of the list: what is listed, in which order, and what stands beside it.

use rusqlite::{Connection, Row as SqlRow, params_from_iter, types::Value};

use crate::{
    ipc::{Millis, OutageView, Page, PageRequest, Row},
    model::{RowId, SourceId},
};

use super::{
    append::BLOCK_BITS,
    event::{delivery, severity},
    line,
    query::{
        Expr,
        marks::{Term, marks, terms},
        sql::{Compiled, Conditions, compile},
    },
    quoted,
    read::{self, Source},
};

/// Most rows of a page.
const PAGE: u32 = 200;
/// How many events a query into JSON data looks into: the newest that match the rest of it.
const LOOKED_INTO: u32 = 100_000;

/// The row as it is listed; of a long body the stored preview is read instead, and data only where
/// a text stands there.
const SUMMARY: &str = "e.row, s.id, e.event, e.title,
    CASE WHEN e.preview IS NULL THEN e.body ELSE e.preview END,
    e.severity, e.received_at, e.read, e.pinned, e.delivery,
    CASE WHEN typeof(e.title) = 'integer' OR (e.preview IS NULL AND typeof(e.body) <> 'text')
        THEN e.data END";

/// Which rows are asked for, wherever the page begins.
#[derive(Debug)]
pub(super) struct Search {
    text: Option<String>,
    rows: Conditions,
    json: Conditions,
    /// How many events a query into JSON data looks into.
    looked_into: u32,
}

impl Search {
    /// The marks and the query of a page, an export or a selection.
    pub(super) fn new(
        connection: &Connection,
        request: &PageRequest,
        query: &Expr,
    ) -> rusqlite::Result<Self> {
        let Compiled { text, rows, json } = compile(query, &names(connection)?);
        let mut search = Self {
            text,
            rows,
            json,
            looked_into: LOOKED_INTO,
        };
        // Rows in the trash and those of a source that is being deleted are not there.
        search.rows.and("e.trashed = 0");
        if let Some(source) = request.source {
            search.rows.bind(
                "e.source = (SELECT key FROM source WHERE id = ?)",
                source.to_string(),
            );
        }
        for (wanted, sql) in [
            (request.unread, "e.read = 0"),
            (request.quiet, "e.verdict = 1"),
            (request.pinned, "e.pinned = 1"),
        ] {
            if wanted {
                search.rows.and(sql);
            }
        }
        Ok(search)
    }

    pub(super) fn also(&mut self, sql: &str, value: impl Into<Value>) {
        self.rows.bind(sql, value);
    }

    /// Where rows come from and which: the rows lead, through whichever index fits, or the
    /// full-text index does; CROSS JOIN keeps that order, and nothing is sorted.
    fn from(&self, values: &mut Vec<Value>) -> (String, &'static str) {
        let mut conditions = String::new();
        let (lead, row) = match &self.text {
            Some(text) => {
                values.push(text.clone().into());
                conditions.push_str("t.event_text MATCH ? AND ");
                (
                    "event_text t CROSS JOIN event e ON e.row = t.rowid",
                    "t.rowid",
                )
            }
            None => ("event e", "e.row"),
        };
        conditions.push_str(&self.rows.sql);
        values.extend(self.rows.values.iter().cloned());
        (
            format!(
                "FROM {lead} CROSS JOIN source s ON s.key = e.source AND s.id IS NOT NULL
                 WHERE {}",
                // Bounds on the row number are for whatever leads.
                conditions.replace("e.row ", &format!("{row} "))
            ),
            row,
        )
    }

    /// The columns of the rows that match, in their order or against it, with one more condition
    /// on `e.row`.
    pub(super) fn select(
        &self,
        columns: &str,
        bound: Option<(&str, RowId)>,
        ascending: bool,
        limit: u32,
    ) -> (String, Vec<Value>) {
        let order = if ascending { "ASC" } else { "DESC" };
        let mut values = Vec::new();
        if self.json.sql.is_empty() {
            let (mut from, row) = self.from(&mut values);
            if let Some((comparison, bound)) = bound {
                from.extend([" AND ", row, " ", comparison, " ?"]);
                values.push(bound.0.into());
            }
            values.push(limit.into());
            let sql = format!("SELECT {columns} {from} ORDER BY {row} {order} LIMIT ?");
            return (sql, values);
        }
        let (from, row) = self.from(&mut values);
        let mut outer = String::new();
        if let Some((comparison, bound)) = bound {
            outer = format!("c.row {comparison} ? AND ");
            values.push(bound.0.into());
        }
        values.extend(self.json.values.iter().cloned());
        values.push(limit.into());
        let sql = format!(
            "SELECT {columns} FROM (
                SELECT {row} AS row {from} ORDER BY {row} DESC LIMIT {}
             ) c CROSS JOIN event e ON e.row = c.row
             CROSS JOIN source s ON s.key = e.source
             WHERE {outer}{} ORDER BY c.row {order} LIMIT ?",
            self.looked_into, self.json.sql
        );
        (sql, values)
    }

    /// How many events it looks into, if it does and there are more that match the rest.
    pub(super) fn bounded(&self, connection: &Connection) -> rusqlite::Result<Option<u32>> {
        if self.json.sql.is_empty() {
            return Ok(None);
        }
        let mut values = Vec::new();
        let (from, row) = self.from(&mut values);
        let more = connection
            .prepare(&format!(
                "SELECT 1 {from} ORDER BY {row} DESC LIMIT 1 OFFSET {}",
                self.looked_into
            ))?
            .exists(params_from_iter(values))?;
        Ok(more.then_some(self.looked_into))
    }
}

fn names(connection: &Connection) -> rusqlite::Result<Vec<(i64, String)>> {
    connection
        .prepare_cached("SELECT key, name FROM source WHERE id IS NOT NULL")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// A page; `query` is that of the request, read.
pub(super) fn page(
    connection: &Connection,
    request: &PageRequest,
    query: &Expr,
) -> rusqlite::Result<Page> {
    let search = Search::new(connection, request, query)?;
    let terms = terms(query);
    let limit = request.limit.clamp(1, PAGE);
    let before = match request.at {
        Some(at) => Some(row_after(connection, at)?),
        None => request.before,
    };
    let list = |bound: Option<(&str, RowId)>, ascending, limit| {
        let (sql, values) = search.select(SUMMARY, bound, ascending, limit);
        connection
            .prepare_cached(&sql)?
            .query_map(params_from_iter(values), |row| summary(row, &terms))?
            .collect::<rusqlite::Result<Vec<_>>>()
    };
    let (mut rows, beyond, more, newer);
    if let (Some(after), None) = (request.after, before) {
        rows = list(Some((">", after)), true, limit + 1)?;
        newer = cut(&mut rows, limit).is_some();
        rows.reverse();
        let oldest = rows.last().map_or(RowId(after.0 + 1), |row| row.row);
        beyond = list(Some(("<", oldest)), false, 1)?
            .pop()
            .map(|row| row.row);
        more = beyond.is_some();
    } else {
        rows = list(before.map(|row| ("<", row)), false, limit + 1)?;
        beyond = cut(&mut rows, limit);
        more = beyond.is_some();
        newer = match before {
            Some(before) => !list(Some((">=", before)), true, 1)?.is_empty(),
            None => false,
        };
    }
    let plain = request.query.is_none() && !request.unread && !request.quiet && !request.pinned;
    let outages = if plain {
        let from = beyond.map_or(0, |row| row.0 + 1);
        let to = match rows.first() {
            Some(first) if newer => first.row.0,
            _ => i64::MAX,
        };
        dividers(connection, request.source, RowId(from), RowId(to))?
    } else {
        Vec::new()
    };
    Ok(Page {
        rows,
        more,
        newer,
        outages,
        bounded: search.bounded(connection)?,
        span: read::span(connection)?,
    })
}

/// Cuts what is beyond the limit off; the first row of that.
fn cut(rows: &mut Vec<Row>, limit: u32) -> Option<RowId> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let beyond = rows.get(limit).map(|row| row.row);
    rows.truncate(limit);
    beyond
}

fn dividers(
    connection: &Connection,
    source: Option<SourceId>,
    from: RowId,
    to: RowId,
) -> rusqlite::Result<Vec<OutageView>> {
    let outages = read::outages(connection, source, from, to)?;
    Ok(outages.into_iter().map(OutageView::from).collect())
}

/// The number just above the newest row received by then.
fn row_after(connection: &Connection, at: Millis) -> rusqlite::Result<RowId> {
    let row: i64 = connection
        .prepare_cached(&format!(
            "SELECT coalesce((SELECT row FROM event WHERE received_at <= ?1 AND row < 1 + (
                SELECT ((block + 1) << {BLOCK_BITS}) - 1 FROM block WHERE first_at <= ?1
                ORDER BY block DESC LIMIT 1
             ) ORDER BY row DESC LIMIT 1), 0)"
        ))?
        .query_row([at.0], |row| row.get(0))?;
    Ok(RowId(row + 1))
}

fn summary(row: &SqlRow<'_>, terms: &[Term]) -> rusqlite::Result<Row> {
    let data = row.get_ref(10)?;
    let text = |column| Ok::<_, rusqlite::Error>(quoted::text(row.get_ref(column)?, data)?);
    let title = line::title(text(3)?);
    let preview = line::preview(text(4)?);
    Ok(Row {
        row: RowId(row.get(0)?),
        source: row.get::<_, Source>(1)?.0,
        event: line::event(row.get_ref(2)?.as_str()?),
        marks: marks(terms, &title, &preview),
        title,
        preview,
        severity: severity(row.get(5)?),
        received_at: Millis(row.get(6)?),
        read: row.get(7)?,
        pinned: row.get(8)?,
        delivery: delivery(row.get(9)?),
    })
}

#[cfg(test)]
mod tests;
