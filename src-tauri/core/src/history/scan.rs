//! Many events looked at as they came, in chunks, without copies: for previews.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{History, append::BLOCK_BITS, event::time, read::Source};
use crate::{
    error::Result,
    model::{RowId, SourceId, Timestamp},
    rules::RuleId,
};

/// Rows looked at before the connection is given back.
const CHUNK: usize = 10_000;
/// Rows that tell which event types a source sends.
const TYPES_FROM: i64 = 1000;

/// A stored event, as it came.
#[derive(Debug, Clone, Copy)]
pub struct Scanned<'a> {
    /// Its number.
    pub row: RowId,
    /// Where it came from.
    pub source: SourceId,
    /// What that source is or was called.
    pub source_name: &'a str,
    /// Event type.
    pub event: &'a str,
    /// Data, as sent.
    pub data: &'a str,
    /// When it arrived.
    pub received_at: Timestamp,
}

impl History {
    /// Shows the newest `last` events (of this source, if one is given) to `look`, oldest first,
    /// off the async threads; answers what `look` was made of. The rows are those of the
    /// beginning: what is stored meanwhile is not shown.
    ///
    /// # Errors
    /// `HistoryUnavailable`.
    pub async fn scan<L>(&self, source: Option<SourceId>, last: u32, look: L) -> Result<L>
    where
        L: FnScanned,
    {
        let source = source.map(|source| source.to_string());
        let of = source.clone();
        let range = self.read(move |connection| range(connection, of.as_deref(), last));
        let Some((mut from, until)) = range.await? else {
            return Ok(look);
        };
        let mut look = look;
        loop {
            let of = source.clone();
            let (back, next) = self
                .read(move |connection| {
                    let next = chunk(connection, of.as_deref(), from, until, &mut look)?;
                    Ok((look, next))
                })
                .await?;
            look = back;
            match next {
                Some(next) => from = next,
                None => return Ok(look),
            }
        }
    }

    /// The event types of the newest 1,000 events of a source: how many each has, and when the
    /// newest came.
    ///
    /// # Errors
    /// `HistoryUnavailable`.
    pub async fn event_types(&self, source: SourceId) -> Result<Vec<(String, u32, Timestamp)>> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT event, count(*), max(received_at) FROM (
                         SELECT event, received_at FROM event
                         WHERE source = (SELECT key FROM source WHERE id = ?)
                         ORDER BY row DESC LIMIT ?
                     ) GROUP BY event",
                )?
                .query_map(params![source.to_string(), TYPES_FROM], |row| {
                    Ok((row.get(0)?, row.get(1)?, time(row.get(2)?)))
                })?
                .collect()
        })
        .await
    }

    /// How many stored events each rule decided about since then, whatever it was called.
    ///
    /// # Errors
    /// `HistoryUnavailable`.
    pub async fn ruled_since(&self, since: Timestamp) -> Result<Vec<(RuleId, u32)>> {
        self.read(move |connection| {
            let mut counted = Vec::new();
            let mut statement = connection.prepare_cached(&format!(
                "SELECT iif(json_valid(trace), trace ->> '$.rule.id', NULL), count(*)
                     FROM event
                     WHERE rule IS NOT NULL AND received_at >= ?1 AND trashed = 0 AND row >= (
                         SELECT coalesce(min(block) << {BLOCK_BITS}, 9223372036854775807)
                         FROM block WHERE last_at >= ?1
                     ) GROUP BY 1"
            ))?;
            let mut rows = statement.query([since.as_millisecond()])?;
            while let Some(row) = rows.next()? {
                let id: Option<String> = row.get(0)?;
                if let Some(id) = id.and_then(|id| id.parse().ok()) {
                    counted.push((id, row.get(1)?));
                }
            }
            Ok(counted)
        })
        .await
    }
}

/// What looks at scanned events.
pub trait FnScanned: Send + 'static {
    /// Looks at one.
    fn look(&mut self, event: Scanned<'_>);
}

/// The oldest and the newest row of the newest so many.
fn range(
    connection: &Connection,
    source: Option<&str>,
    last: u32,
) -> rusqlite::Result<Option<(i64, i64)>> {
    let rows = match source {
        Some(_) => {
            "SELECT min(row), max(row) FROM (
                 SELECT row FROM event WHERE source = (SELECT key FROM source WHERE id = ?1)
                 ORDER BY row DESC LIMIT ?2)"
        }
        None => {
            "SELECT min(row), max(row) FROM (
                 SELECT row FROM event WHERE ?1 IS NULL ORDER BY row DESC LIMIT ?2)"
        }
    };
    connection
        .prepare_cached(rows)?
        .query_row(params![source, last], |row| {
            let ends: (Option<i64>, Option<i64>) = (row.get(0)?, row.get(1)?);
            Ok(ends.0.zip(ends.1))
        })
        .optional()
        .map(Option::flatten)
}

/// Shows a chunk; answers the row to go on from, if there may be more.
fn chunk(
    connection: &Connection,
    source: Option<&str>,
    from: i64,
    until: i64,
    look: &mut impl FnScanned,
) -> rusqlite::Result<Option<i64>> {
    let of = if source.is_some() {
        "e.source = (SELECT key FROM source WHERE id = ?3)"
    } else {
        "?3 IS NULL"
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT e.row, s.id, s.name, e.event, e.data, e.received_at
         FROM event e CROSS JOIN source s ON s.key = e.source AND s.id IS NOT NULL
         WHERE e.row BETWEEN ?1 AND ?2 AND {of} ORDER BY e.row LIMIT {CHUNK}"
    ))?;
    let mut rows = statement.query(params![from, until, source])?;
    let mut seen = 0;
    let mut last = from;
    while let Some(row) = rows.next()? {
        last = row.get(0)?;
        seen += 1;
        look.look(Scanned {
            row: RowId(last),
            source: row.get::<_, Source>(1)?.0,
            source_name: row.get_ref(2)?.as_str()?,
            event: row.get_ref(3)?.as_str()?,
            data: row.get_ref(4)?.as_str()?,
            received_at: time(row.get(5)?),
        });
    }
    Ok((seen == CHUNK && last < until).then_some(last + 1))
}
