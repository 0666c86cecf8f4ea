//! How many events a source has: kept with every change of its rows, so that nobody counts them.

use std::collections::HashMap;

use rusqlite::{Connection, Row, params};

use super::{event::NewEvent, quoted};
use crate::model::Verdict;

/// What a row weighs beyond its texts: numbers, indices. An estimate. Bytes.
const ROW: i64 = 64;

/// Numbers of one source, or a change of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) stored: i64,
    pub(super) unread: i64,
    pub(super) quiet: i64,
    pub(super) pinned: i64,
    pub(super) bytes: i64,
}

impl Tally {
    /// What a new event adds.
    pub(super) fn of_new(event: &NewEvent) -> Self {
        let body = &event.notification.body;
        let body = if *body == event.data { 0 } else { body.len() };
        let bytes = event.data.len() + event.notification.title.len() + body;
        Self {
            stored: 1,
            unread: i64::from(!event.is_read()),
            quiet: i64::from(event.decision.verdict == Verdict::Quiet),
            pinned: 0,
            bytes: i64::try_from(bytes).unwrap_or(i64::MAX).saturating_add(ROW),
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.stored += other.stored;
        self.unread += other.unread;
        self.quiet += other.quiet;
        self.pinned += other.pinned;
        self.bytes = self.bytes.saturating_add(other.bytes);
    }

    /// Adds this to a source, or with `sign` -1 takes it away.
    pub(super) fn apply(&self, tx: &Connection, source: i64, sign: i64) -> rusqlite::Result<()> {
        tx.prepare_cached(
            "UPDATE source SET stored = stored + ?2, unread = unread + ?3, quiet = quiet + ?4,
                pinned = pinned + ?5, bytes = bytes + ?6 WHERE key = ?1",
        )?
        .execute(params![
            source,
            sign * self.stored,
            sign * self.unread,
            sign * self.quiet,
            sign * self.pinned,
            sign * self.bytes,
        ])?;
        Ok(())
    }
}

/// Changes by source key.
#[derive(Debug, Default)]
pub(super) struct Tallies(HashMap<i64, Tally>);

impl Tallies {
    /// The columns [`Tallies::add_row`] reads, from the table `event`.
    pub(super) fn columns() -> String {
        let (title, body) = (quoted::bytes("title"), quoted::bytes("body"));
        format!("source, read = 0, verdict = 1, pinned, octet_length(data) + {title} + {body}")
    }

    /// Adds a row by the columns named in [`Tallies::columns`].
    pub(super) fn add_row(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        self.of(row.get(0)?).add(&Tally {
            stored: 1,
            unread: row.get(1)?,
            quiet: row.get(2)?,
            pinned: row.get(3)?,
            bytes: row.get::<_, i64>(4)?.saturating_add(ROW),
        });
        Ok(())
    }

    pub(super) fn of(&mut self, source: i64) -> &mut Tally {
        self.0.entry(source).or_default()
    }

    pub(super) fn apply(&self, tx: &Connection, sign: i64) -> rusqlite::Result<()> {
        for (source, tally) in &self.0 {
            tally.apply(tx, *source, sign)?;
        }
        Ok(())
    }
}
