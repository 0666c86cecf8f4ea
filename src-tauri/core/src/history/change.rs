//! What a person changes about stored rows: read, pinned, deleted, and all of that taken back.
//! A deleted row goes to the trash, where nothing finds it, and is purged once the deletion can
//! no longer be undone. Every function is one transaction of at most a chunk of rows.

use rusqlite::{
    Connection, Transaction, TransactionBehavior, params, params_from_iter, types::Value,
};

use crate::model::{RowId, SourceId};

use super::{
    append::find_source,
    tally::{Tallies, Tally},
};

/// How many rows one transaction deletes or marks, so that events never wait long behind it.
pub(super) const CHUNK: usize = 500;

pub(super) fn chunk() -> i64 {
    i64::try_from(CHUNK).unwrap_or(i64::MAX)
}

pub(super) fn begin(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

/// Marks these rows; those that changed.
pub(super) fn mark_rows(
    connection: &mut Connection,
    rows: &[RowId],
    source: Option<SourceId>,
    read: bool,
) -> rusqlite::Result<Vec<RowId>> {
    let id = source.map(|source| source.to_string());
    let tx = begin(connection)?;
    let mut changed = Marked::default();
    {
        let mut update = tx.prepare_cached(
            "UPDATE event SET read = ?2 WHERE row = ?1 AND read <> ?2 AND trashed = 0
             AND (?3 IS NULL OR source = (SELECT key FROM source WHERE id = ?3))
             RETURNING row, source",
        )?;
        for row in rows {
            changed.take(update.query(params![row.0, read, id])?, |tally| {
                tally.unread += if read { -1 } else { 1 };
            })?;
        }
    }
    changed.apply(&tx)?;
    tx.commit()?;
    Ok(changed.rows)
}

/// Marks the oldest rows that are not, up to a chunk of them; those that changed.
pub(super) fn mark_some(
    connection: &mut Connection,
    up_to: i64,
    source: Option<SourceId>,
    read: bool,
) -> rusqlite::Result<Vec<RowId>> {
    let tx = begin(connection)?;
    let key = match source {
        None => None,
        Some(source) => match find_source(&tx, &source.to_string())? {
            None => return Ok(Vec::new()),
            key => key,
        },
    };
    // Literals, so that the partial indices apply.
    let stale = if read { "read = 0" } else { "read = 1" };
    let of = if key.is_some() {
        "AND source = ?3"
    } else {
        "AND ?3 IS NULL"
    };
    let mut changed = Marked::default();
    {
        let mut update = tx.prepare_cached(&format!(
            "UPDATE event SET read = ?1 WHERE row IN (
                SELECT row FROM event WHERE {stale} {of} AND row <= ?2 AND trashed = 0
                ORDER BY row LIMIT ?4
             ) RETURNING row, source"
        ))?;
        changed.take(update.query(params![read, up_to, key, chunk()])?, |tally| {
            tally.unread += if read { -1 } else { 1 };
        })?;
    }
    changed.apply(&tx)?;
    tx.commit()?;
    Ok(changed.rows)
}

/// Pins these rows or lets them go; those that changed.
pub(super) fn pin(
    connection: &mut Connection,
    rows: &[RowId],
    pinned: bool,
) -> rusqlite::Result<Vec<RowId>> {
    let tx = begin(connection)?;
    let mut changed = Marked::default();
    {
        let mut update = tx.prepare_cached(
            "UPDATE event SET pinned = ?2 WHERE row = ?1 AND pinned <> ?2 AND trashed = 0
             RETURNING row, source",
        )?;
        for row in rows {
            changed.take(update.query(params![row.0, pinned])?, |tally| {
                tally.pinned += if pinned { 1 } else { -1 };
            })?;
        }
    }
    changed.apply(&tx)?;
    tx.commit()?;
    Ok(changed.rows)
}

/// Puts these rows into the trash, under the number of their deletion; those that were not there.
pub(super) fn trash(
    connection: &mut Connection,
    rows: &[RowId],
    deletion: i64,
) -> rusqlite::Result<Vec<RowId>> {
    let tx = begin(connection)?;
    let mut tallies = Tallies::default();
    let mut gone = Vec::new();
    {
        let mut update = tx.prepare_cached(&format!(
            "UPDATE event SET trashed = ?2 WHERE row = ?1 AND trashed = 0 RETURNING {}",
            Tallies::columns()
        ))?;
        for row in rows {
            let mut changed = update.query(params![row.0, deletion])?;
            while let Some(columns) = changed.next()? {
                tallies.add_row(columns)?;
                gone.push(*row);
            }
        }
    }
    tallies.apply(&tx, -1)?;
    tx.commit()?;
    Ok(gone)
}

/// Takes up to a chunk of a deletion's rows out of the trash; how many.
pub(super) fn restore(connection: &mut Connection, deletion: i64) -> rusqlite::Result<usize> {
    let tx = begin(connection)?;
    let mut tallies = Tallies::default();
    let mut count = 0;
    {
        let mut update = tx.prepare_cached(&format!(
            "UPDATE event SET trashed = 0 WHERE row IN (
                SELECT row FROM event WHERE trashed > 0 AND trashed = ?1 LIMIT ?2
             ) RETURNING {}",
            Tallies::columns()
        ))?;
        let mut changed = update.query(params![deletion, chunk()])?;
        while let Some(columns) = changed.next()? {
            tallies.add_row(columns)?;
            count += 1;
        }
    }
    tallies.apply(&tx, 1)?;
    tx.commit()?;
    Ok(count)
}

/// Purges up to a chunk of rows of removed sources and of deletions up to this number; whether
/// there may be more.
pub(super) fn purge(connection: &mut Connection, settled: i64) -> rusqlite::Result<bool> {
    const GONE: &str = "SELECT key FROM source WHERE id IS NULL";
    let tx = begin(connection)?;
    let mut deleted = delete_where(
        &tx,
        &format!("source IN ({GONE}) LIMIT ?"),
        &[chunk().into()],
    )?;
    if deleted == 0 {
        deleted = delete_where(
            &tx,
            "trashed > 0 AND trashed <= ? LIMIT ?",
            &[settled.into(), chunk().into()],
        )?;
    }
    if deleted == 0 {
        tx.execute_batch(&format!(
            "DELETE FROM cursor WHERE source IN ({GONE});
             DELETE FROM hour WHERE source IN ({GONE});
             DELETE FROM outage WHERE source IN ({GONE});
             DELETE FROM source WHERE id IS NULL;"
        ))?;
    }
    tx.commit()?;
    Ok(deleted > 0)
}

/// Deletes the rows this condition selects, and what the index knows of them; how many. What they
/// counted is taken off, unless they were in the trash. Their texts leave no trace in the file; of
/// pages that only change places, as the index does all the time, nothing is overwritten.
pub(super) fn delete_where(
    tx: &Transaction<'_>,
    condition: &str,
    values: &[Value],
) -> rusqlite::Result<usize> {
    let mut tallies = Tallies::default();
    let mut rows: Vec<i64> = Vec::new();
    {
        let mut select = tx.prepare_cached(&format!(
            "SELECT {}, row, trashed FROM event WHERE {condition}",
            Tallies::columns()
        ))?;
        let mut found = select.query(params_from_iter(values))?;
        while let Some(columns) = found.next()? {
            rows.push(columns.get(5)?);
            if columns.get::<_, i64>(6)? == 0 {
                tallies.add_row(columns)?;
            }
        }
    }
    tx.execute_batch("PRAGMA secure_delete = ON")?;
    let mut text = tx.prepare_cached("DELETE FROM event_text WHERE rowid = ?1")?;
    let mut event = tx.prepare_cached("DELETE FROM event WHERE row = ?1")?;
    for row in &rows {
        text.execute([row])?;
        event.execute([row])?;
    }
    tx.execute_batch("PRAGMA secure_delete = FAST")?;
    tallies.apply(tx, -1)?;
    Ok(rows.len())
}

/// Rows whose mark changed, and what that does to the counts of their sources.
#[derive(Default)]
struct Marked {
    rows: Vec<RowId>,
    tallies: Tallies,
}

impl Marked {
    fn take(
        &mut self,
        mut changed: rusqlite::Rows<'_>,
        count: impl Fn(&mut Tally),
    ) -> rusqlite::Result<()> {
        while let Some(row) = changed.next()? {
            self.rows.push(RowId(row.get(0)?));
            count(self.tallies.of(row.get(1)?));
        }
        Ok(())
    }

    fn apply(&self, tx: &Transaction<'_>) -> rusqlite::Result<()> {
        self.tallies.apply(tx, 1)
    }
}
