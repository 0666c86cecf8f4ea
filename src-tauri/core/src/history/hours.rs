//! How many events of a source came in each hour of the last week, and of all in each minute of the
//! last hour: counted as they arrive, so that nobody counts rows, and whatever becomes of the rows.

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;

use crate::model::{SourceId, Timestamp};

use super::read::Source;

/// Hours that are told: 7 days, the one that runs included.
pub const HOURS: usize = 7 * 24;

/// Minutes that are told, the one that runs included.
pub const MINUTES: usize = 60;

const HOUR: i64 = 3_600_000;
const MINUTE: i64 = 60_000;

/// Events of a batch by the hour they came in.
#[derive(Debug, Default)]
pub(super) struct Hours(BTreeMap<i64, i64>);

impl Hours {
    /// Counts an event that came at this time. Milliseconds since 1970.
    pub(super) fn count(&mut self, at: i64) {
        *self.0.entry(at.div_euclid(HOUR)).or_default() += 1;
    }

    /// Adds them to a source, and forgets hours that nobody is told any more.
    pub(super) fn apply(&self, tx: &Connection, source: i64) -> rusqlite::Result<()> {
        for (hour, events) in &self.0 {
            tx.prepare_cached(
                "INSERT INTO hour (source, hour, events) VALUES (?1, ?2, ?3)
                 ON CONFLICT (source, hour) DO UPDATE SET events = events + excluded.events",
            )?
            .execute([source, *hour, *events])?;
            tx.prepare_cached("DELETE FROM hour WHERE source = ?1 AND hour < ?2")?
                .execute([source, hour.saturating_sub(HOURS.cast_signed() as i64)])?;
        }
        Ok(())
    }
}

/// Events of a batch, of all sources, by the minute they came in.
#[derive(Debug, Default)]
pub(super) struct Minutes(BTreeMap<i64, i64>);

impl Minutes {
    /// Counts an event that came at this time. Milliseconds since 1970.
    pub(super) fn count(&mut self, at: i64) {
        *self.0.entry(at.div_euclid(MINUTE)).or_default() += 1;
    }

    /// Adds them, and forgets minutes that nobody is told any more.
    pub(super) fn apply(&self, tx: &Connection) -> rusqlite::Result<()> {
        for (minute, events) in &self.0 {
            tx.prepare_cached(
                "INSERT INTO minute (minute, events) VALUES (?1, ?2)
                 ON CONFLICT (minute) DO UPDATE SET events = events + excluded.events",
            )?
            .execute([*minute, *events])?;
            tx.prepare_cached("DELETE FROM minute WHERE minute <= ?1")?
                .execute([minute.saturating_sub(MINUTES.cast_signed() as i64)])?;
        }
        Ok(())
    }
}

/// Events of all sources in the last [`MINUTES`] up to the one that runs, oldest first.
pub(super) fn pulse(connection: &Connection, now: Timestamp) -> rusqlite::Result<Vec<u32>> {
    let last = now.as_millisecond().div_euclid(MINUTE);
    let mut minutes = vec![0; MINUTES];
    let mut select = connection.prepare_cached(
        "SELECT ?1 - minute, events FROM minute WHERE minute BETWEEN ?1 - 59 AND ?1",
    )?;
    let mut found = select.query([last])?;
    while let Some(row) = found.next()? {
        let age = usize::try_from(row.get::<_, i64>(0)?).unwrap_or(MINUTES);
        if let Some(minute) = minutes.iter_mut().rev().nth(age) {
            *minute = u32::try_from(row.get::<_, i64>(1)?).unwrap_or(u32::MAX);
        }
    }
    Ok(minutes)
}

/// Of each source that had any, the last [`HOURS`] up to the one that runs, oldest first.
pub(super) fn read(
    connection: &Connection,
    now: Timestamp,
) -> rusqlite::Result<HashMap<SourceId, Vec<u32>>> {
    let last = now.as_millisecond().div_euclid(HOUR);
    let mut sources: HashMap<SourceId, Vec<u32>> = HashMap::new();
    let mut select = connection.prepare_cached(
        "SELECT s.id, h.hour, h.events FROM hour h JOIN source s ON s.key = h.source
         WHERE s.id IS NOT NULL AND h.hour <= ?1",
    )?;
    let mut found = select.query([last])?;
    while let Some(row) = found.next()? {
        let age = usize::try_from(last - row.get::<_, i64>(1)?).unwrap_or(HOURS);
        let hours = sources
            .entry(row.get::<_, Source>(0)?.0)
            .or_insert_with(|| vec![0; HOURS]);
        if let Some(hour) = hours.iter_mut().rev().nth(age) {
            *hour = u32::try_from(row.get::<_, i64>(2)?).unwrap_or(u32::MAX);
        }
    }
    Ok(sources)
}
