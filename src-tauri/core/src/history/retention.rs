//! What the history may hold: by age, by number, by size; of everything and of each source.
//! Pinned events stay. The oldest go first, a chunk in each transaction.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, params, types::Value};

use crate::{
    model::{SourceId, Timestamp},
    settings::{Retention, Settings},
};

use super::{
    append::{BLOCK_BITS, find_source},
    change::{CHUNK, begin, chunk, delete_where},
};

const DAY_MS: i64 = 86_400_000;
/// While the program runs, a clock that is ahead of what is believed is caught up with this many
/// times as fast as time passes.
const CATCH_UP: i64 = 4;
/// What a history in memory holds at most.
const IN_MEMORY: u64 = 100_000;

/// How much history is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits {
    everything: Retention,
    sources: Vec<(SourceId, Retention)>,
}

impl Limits {
    /// As the settings say.
    pub fn of(settings: &Settings) -> Self {
        Self {
            everything: settings.preferences.retention,
            sources: settings
                .sources
                .iter()
                .map(|source| (source.id, source.retention))
                .filter(|(_, retention)| *retention != Retention::default())
                .collect(),
        }
    }

    /// No more than memory should hold.
    pub(super) fn in_memory(mut self) -> Self {
        let events = self.everything.events.unwrap_or(IN_MEMORY);
        self.everything.events = Some(events.min(IN_MEMORY));
        self
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Where pruning goes on.
#[derive(Debug, Clone)]
pub struct Step {
    limits: Limits,
    /// What the age of events is reckoned from.
    now: i64,
    /// Which limit is looked at: everything's, then each source's.
    limit: usize,
    /// By age, the rows up to here were looked at.
    after: i64,
}

/// What a step of pruning did.
#[derive(Debug)]
pub struct Progress {
    /// How many events it deleted.
    pub deleted: usize,
    /// What is left to do.
    pub next: Option<Step>,
}

/// Looks at the clock first: a wrong one must not make everything old. The time that is believed
/// never goes back, and is ahead of the clock never used. It advances by a day at most for a
/// time nobody ran, and else no faster than [`CATCH_UP`] times what `ran` since the last look.
/// Nothing to do without limits.
pub(super) fn begin_pruning(
    connection: &mut Connection,
    limits: Limits,
    now: Timestamp,
    ran: Duration,
) -> rusqlite::Result<Option<Step>> {
    let now = now.as_millisecond();
    let ran = i64::try_from(ran.as_millis()).unwrap_or(i64::MAX);
    let tx = begin(connection)?;
    let noted = |key: &str| {
        tx.prepare_cached("SELECT value FROM note WHERE key = ?1")?
            .query_row([key], |row| row.get::<_, i64>(0))
            .optional()
    };
    let note = |key: &str, value: i64| {
        tx.prepare_cached(
            "INSERT INTO note (key, value) VALUES (?1, ?2)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )?
        .execute(params![key, value])
    };
    let looked_at = noted("looked_at")?.unwrap_or(now);
    let believed = noted("believed")?.unwrap_or(looked_at);
    let away = now.saturating_sub(looked_at).saturating_sub(ran);
    let most = away
        .clamp(0, DAY_MS)
        .saturating_add(ran.saturating_mul(CATCH_UP));
    let believed = believed.max(now.min(believed.saturating_add(most)));
    note("looked_at", now)?;
    note("believed", believed)?;
    tx.commit()?;
    if now.saturating_sub(believed) > DAY_MS {
        tracing::info!("the clock went far ahead: events get old more slowly for a while");
    }
    Ok((!limits.is_empty()).then_some(Step {
        limits,
        now: now.min(believed),
        limit: 0,
        after: 0,
    }))
}

/// Deletes up to a chunk of rows.
pub(super) fn prune(connection: &mut Connection, mut step: Step) -> rusqlite::Result<Progress> {
    let (source, retention) = match step.limit.checked_sub(1) {
        None => (None, step.limits.everything),
        Some(place) => {
            let Some((source, retention)) = step.limits.sources.get(place) else {
                give_back(connection)?;
                return Ok(Progress {
                    deleted: 0,
                    next: None,
                });
            };
            (find_source(connection, &source.to_string())?, *retention)
        }
    };
    // A source that never stored anything has nothing to delete.
    let mut deleted = 0;
    if step.limit == 0 || source.is_some() {
        deleted = by_age(connection, &mut step, source, retention)?;
        if deleted == 0 {
            deleted = by_number(connection, source, retention)?;
        }
        if deleted < CHUNK {
            deleted = deleted.max(by_size(connection, source, retention)?);
        }
    }
    // Less than a chunk: what comes in meanwhile is not chased, it waits for the next time.
    if deleted < CHUNK {
        step.limit += 1;
        step.after = 0;
    }
    Ok(Progress {
        deleted,
        next: Some(step),
    })
}

const PRUNABLE: &str = "pinned = 0 AND trashed = 0";

fn of(source: Option<i64>) -> String {
    source.map_or_else(String::new, |key| format!("source = {key} AND "))
}

fn by_age(
    connection: &mut Connection,
    step: &mut Step,
    source: Option<i64>,
    retention: Retention,
) -> rusqlite::Result<usize> {
    let Some(days) = retention.days else {
        return Ok(0);
    };
    let cutoff = step
        .now
        .saturating_sub(i64::from(days).saturating_mul(DAY_MS));
    let tx = begin(connection)?;
    let last: Option<i64> = tx
        .prepare_cached("SELECT max(block) FROM block WHERE first_at < ?1")?
        .query_row([cutoff], |row| row.get(0))?;
    let Some(last) = last else { return Ok(0) };
    let bound = (last + 1) << BLOCK_BITS;
    let condition = format!(
        "{}row > ? AND row < ? AND received_at < ? AND {PRUNABLE} ORDER BY row LIMIT ?",
        of(source)
    );
    let values: Vec<Value> = vec![
        step.after.into(),
        bound.into(),
        cutoff.into(),
        chunk().into(),
    ];
    // What was looked at and stays is not looked at again.
    let newest: Option<i64> = tx
        .prepare_cached(&format!(
            "SELECT max(row) FROM (SELECT row FROM event WHERE {condition})"
        ))?
        .query_row(rusqlite::params_from_iter(&values), |row| row.get(0))?;
    let deleted = delete_where(&tx, &condition, &values)?;
    tx.commit()?;
    step.after = newest.unwrap_or(step.after);
    Ok(deleted)
}

fn by_number(
    connection: &mut Connection,
    source: Option<i64>,
    retention: Retention,
) -> rusqlite::Result<usize> {
    let Some(most) = retention.events else {
        return Ok(0);
    };
    let (stored, _) = held(connection, source)?;
    let excess = stored.saturating_sub(i64::try_from(most).unwrap_or(i64::MAX));
    oldest(connection, source, excess.min(chunk()))
}

fn by_size(
    connection: &mut Connection,
    source: Option<i64>,
    retention: Retention,
) -> rusqlite::Result<usize> {
    let Some(megabytes) = retention.megabytes else {
        return Ok(0);
    };
    let most = i64::from(megabytes).saturating_mul(1_000_000);
    let used = used_bytes(connection)?;
    let (_, all) = held(connection, None)?;
    let (stored, bytes) = held(connection, source)?;
    // A source's share of the file is that of its texts.
    let share = i128::from(used) * i128::from(bytes) / i128::from(all.max(1));
    let excess = share - i128::from(most);
    if excess <= 0 || stored == 0 {
        return Ok(0);
    }
    let each = (share / i128::from(stored)).max(1);
    let rows = i64::try_from(excess / each + 1).unwrap_or(i64::MAX);
    oldest(connection, source, rows.min(chunk()))
}

fn held(connection: &Connection, source: Option<i64>) -> rusqlite::Result<(i64, i64)> {
    connection
        .prepare_cached(
            "SELECT coalesce(sum(stored), 0), coalesce(sum(bytes), 0) FROM source
             WHERE ?1 IS NULL OR key = ?1",
        )?
        .query_row([source], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Bytes of the file that hold something.
fn used_bytes(connection: &Connection) -> rusqlite::Result<i64> {
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    Ok((number("page_count")? - number("freelist_count")?) * number("page_size")?)
}

fn oldest(connection: &mut Connection, source: Option<i64>, rows: i64) -> rusqlite::Result<usize> {
    if rows <= 0 {
        return Ok(0);
    }
    let tx = begin(connection)?;
    let condition = format!("{}{PRUNABLE} ORDER BY row LIMIT ?", of(source));
    let deleted = delete_where(&tx, &condition, &[rows.into()])?;
    tx.commit()?;
    Ok(deleted)
}

/// Gives pages that hold nothing back to the file system, and forgets blocks without rows.
fn give_back(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.execute(
        &format!(
            "DELETE FROM block WHERE block < (SELECT coalesce(min(row), 0) >> {BLOCK_BITS} FROM event)"
        ),
        [],
    )?;
    let mut statement = connection.prepare_cached("PRAGMA incremental_vacuum(4000)")?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}
