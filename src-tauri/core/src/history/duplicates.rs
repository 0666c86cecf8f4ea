//! Which events are the same one come again. An event ID is no key: servers number every
//! connection anew, restart their counters, or send none. So an event is only ever taken for a
//! duplicate of a stored one with the same own ID, type and data, and unless the source asks for
//! more only while a new connection's opening burst lasts.

use std::collections::{BTreeSet, HashMap, VecDeque, hash_map::Entry};

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::{model::EventId, source::config::Dedupe};

use super::event::NewEvent;
use crate::model::Opening;

/// How many of a source's newest events are compared.
const REACH: usize = 10_000;
/// How long before the break an event without own ID can have been received, in ms.
const BARE_REACH_MS: i64 = 120_000;
/// Rows of the same hash to look at: more than one needs a hash collision.
const COLLISIONS: usize = 8;

/// A stored event in memory: its identity hash and its row.
type Known = (i64, i64);

/// The writer's memory of stored events, per source key. What a transaction did to it is undone
/// with the transaction.
#[derive(Debug, Default)]
pub(super) struct Duplicates {
    openings: HashMap<i64, Left>,
    windows: HashMap<i64, Window>,
    undo: Vec<Undo>,
}

/// What was stored before a connection opened and has not come again on it: a multiset, so that
/// two equal events answer for two replayed ones and not for three.
#[derive(Debug)]
struct Left {
    connection: u64,
    known: BTreeSet<Known>,
}

/// The newest events of a source that compares always.
#[derive(Debug, Default)]
struct Window {
    known: BTreeSet<Known>,
    order: VecDeque<Known>,
}

#[derive(Debug)]
enum Undo {
    Taken { source: i64, known: Known },
    Replaced { source: i64, left: Option<Left> },
}

impl Duplicates {
    /// The transaction is durable.
    pub(super) fn keep(&mut self) {
        self.undo.clear();
    }

    /// The transaction was rolled back.
    pub(super) fn undo(&mut self) {
        // May hold rows that are gone; loaded again when needed.
        self.windows.clear();
        while let Some(step) = self.undo.pop() {
            match step {
                Undo::Taken { source, known } => {
                    if let Some(left) = self.openings.get_mut(&source) {
                        left.known.insert(known);
                    }
                }
                Undo::Replaced { source, left } => self.set(source, left),
            }
        }
    }

    /// The source is gone.
    pub(super) fn forget(&mut self, source: i64) {
        self.openings.remove(&source);
        self.windows.remove(&source);
    }

    /// Whether the event is stored already. Reads through the open transaction.
    pub(super) fn holds(
        &mut self,
        tx: &Connection,
        source: i64,
        event: &NewEvent,
        identity: i64,
    ) -> rusqlite::Result<bool> {
        match (event.dedupe, event.opening) {
            (Dedupe::Always, _) => {
                self.replace(source, None);
                let window = match self.windows.entry(source) {
                    Entry::Occupied(window) => window.into_mut(),
                    Entry::Vacant(vacant) => vacant.insert(Window::load(tx, source)?),
                };
                Ok(find(tx, &window.known, event, identity)?.is_some())
            }
            (Dedupe::Auto, Some(opening)) => self.take(tx, source, opening, event, identity),
            (Dedupe::Auto, None) | (Dedupe::Never, _) => {
                self.replace(source, None);
                Ok(false)
            }
        }
    }

    /// The event was stored as `row`.
    pub(super) fn stored(&mut self, source: i64, event: &NewEvent, identity: i64, row: i64) {
        if event.dedupe != Dedupe::Always {
            self.windows.remove(&source);
        } else if let Some(window) = self.windows.get_mut(&source) {
            window.push((identity, row));
        }
    }

    fn take(
        &mut self,
        tx: &Connection,
        source: i64,
        opening: Opening,
        event: &NewEvent,
        identity: i64,
    ) -> rusqlite::Result<bool> {
        let current = self.openings.get(&source).map(|left| left.connection);
        if current != Some(opening.connection) {
            let known = known_before(tx, source, opening, event)?;
            let connection = opening.connection;
            self.replace(source, Some(Left { connection, known }));
        }
        let Some(left) = self.openings.get_mut(&source) else {
            return Ok(false);
        };
        let Some(known) = find(tx, &left.known, event, identity)? else {
            return Ok(false);
        };
        left.known.remove(&known);
        self.undo.push(Undo::Taken { source, known });
        Ok(true)
    }

    fn replace(&mut self, source: i64, left: Option<Left>) {
        if left.is_none() && !self.openings.contains_key(&source) {
            return;
        }
        let old = self.openings.remove(&source);
        self.set(source, left);
        self.undo.push(Undo::Replaced { source, left: old });
    }

    fn set(&mut self, source: i64, left: Option<Left>) {
        match left {
            Some(left) => self.openings.insert(source, left),
            None => self.openings.remove(&source),
        };
    }
}

impl Window {
    fn load(tx: &Connection, source: i64) -> rusqlite::Result<Self> {
        let mut window = Self::default();
        let mut statement = tx.prepare_cached(
            "SELECT identity, row FROM (
                SELECT identity, row FROM event WHERE source = ?1 ORDER BY row DESC LIMIT ?2
             ) ORDER BY row",
        )?;
        let rows = statement.query_map(params![source, limit()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        for known in rows {
            window.push(known?);
        }
        Ok(window)
    }

    fn push(&mut self, known: Known) {
        self.known.insert(known);
        self.order.push_back(known);
        if self.order.len() > REACH
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

fn limit() -> i64 {
    i64::try_from(REACH).unwrap_or(i64::MAX)
}

/// Everything the connection may send again: stored events with an own ID, and those without one
/// that arrived shortly before the break. Nothing stored can have arrived after `event`, unless
/// the clock was set back; then its time says nothing.
fn known_before(
    tx: &Connection,
    source: i64,
    opening: Opening,
    event: &NewEvent,
) -> rusqlite::Result<BTreeSet<Known>> {
    let broke_at = match opening.broke_at {
        Some(time) => Some(time.as_millisecond()),
        None => tx
            .prepare_cached(
                "SELECT received_at FROM event WHERE source = ?1 ORDER BY row DESC LIMIT 1",
            )?
            .query_row([source], |row| row.get(0))
            .optional()?,
    };
    let Some(broke_at) = broke_at else {
        return Ok(BTreeSet::new());
    };
    tx.prepare_cached(
        "SELECT identity, row FROM (
            SELECT identity, row, own_id IS NULL AS bare, received_at FROM event
            WHERE source = ?1 ORDER BY row DESC LIMIT ?2
         ) WHERE NOT bare OR received_at BETWEEN ?3 AND ?4",
    )?
    .query_map(
        params![
            source,
            limit(),
            broke_at.saturating_sub(BARE_REACH_MS),
            event.received_at.as_millisecond(),
        ],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?
    .collect()
}

/// A known event that equals this one by its hash and then column by column.
fn find(
    tx: &Connection,
    known: &BTreeSet<Known>,
    event: &NewEvent,
    identity: i64,
) -> rusqlite::Result<Option<Known>> {
    let mut same = tx.prepare_cached(
        "SELECT 1 FROM event WHERE row = ?1 AND own_id IS ?2 AND event = ?3 AND data = ?4",
    )?;
    let own_id = event.own_id.as_ref().map(EventId::as_str);
    for &candidate in known
        .range((identity, i64::MIN)..=(identity, i64::MAX))
        .take(COLLISIONS)
    {
        if same.exists(params![candidate.1, own_id, event.event, event.data])? {
            return Ok(Some(candidate));
        }
    }
    Ok(None)
}

/// A hash of own ID, type and data that is the same in every version (FNV-1a, 64 bits): it is
/// stored. It only finds candidates; the columns decide.
pub(super) fn identity(event: &NewEvent) -> i64 {
    let own_id = event.own_id.as_ref().map(|id| id.as_str().as_bytes());
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |bytes: &[u8]| {
        for &byte in bytes {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    };
    add(&[u8::from(own_id.is_some())]);
    for part in [
        own_id.unwrap_or_default(),
        event.event.as_bytes(),
        event.data.as_bytes(),
    ] {
        add(&part.len().to_le_bytes());
        add(part);
    }
    hash.cast_signed()
}
