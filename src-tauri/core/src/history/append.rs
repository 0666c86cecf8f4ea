//! The writer's transaction for arrivals: rows, cursors and counts together or not at all.

use std::collections::{HashMap, hash_map::Entry};

use rusqlite::{
    CachedStatement, Connection, OptionalExtension as _, Transaction, TransactionBehavior, params,
};

use crate::model::{EventId, RowId, SourceId};

use super::{
    duplicates::{Duplicates, identity},
    event::{
        Appended, Arrival, NewEvent, delivery_number, json_unless_default, severity_number,
        verdict_number,
    },
    hours::{Hours, Minutes},
    indexed::IndexedTexts,
    line,
    quoted::Kept,
    tally::Tally,
};

/// Rows of a block share the low bits of their numbers.
pub(super) const BLOCK_BITS: u32 = 10;

/// Stores the arrivals in their order. On an error nothing has changed, in memory either.
pub(super) fn append(
    connection: &mut Connection,
    duplicates: &mut Duplicates,
    arrivals: &[Arrival],
) -> rusqlite::Result<Vec<Appended>> {
    let outcome = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .and_then(|tx| {
            let outcome = store(&tx, duplicates, arrivals)?;
            tx.commit()?;
            Ok(outcome)
        });
    match outcome {
        Ok(_) => duplicates.keep(),
        Err(_) => duplicates.undo(),
    }
    outcome
}

/// What a batch changes about one source beyond its rows.
struct Change<'a> {
    source: i64,
    cursor: Option<&'a EventId>,
    tally: Tally,
    last_event_at: Option<i64>,
    hours: Hours,
}

/// When the rows of a block arrived: the first and the last moment.
type Blocks = HashMap<i64, (i64, i64)>;

fn store(
    tx: &Transaction<'_>,
    duplicates: &mut Duplicates,
    arrivals: &[Arrival],
) -> rusqlite::Result<Vec<Appended>> {
    let mut changes: HashMap<SourceId, Change<'_>> = HashMap::new();
    let mut blocks = Blocks::new();
    let mut minutes = Minutes::default();
    let mut inserts = Inserts::new(tx)?;
    let mut outcome = Vec::with_capacity(arrivals.len());
    for arrival in arrivals {
        let change = match changes.entry(arrival.source) {
            Entry::Occupied(change) => change.into_mut(),
            Entry::Vacant(vacant) => vacant.insert(Change {
                source: source_key(tx, arrival.source)?,
                cursor: None,
                tally: Tally::default(),
                last_event_at: None,
                hours: Hours::default(),
            }),
        };
        if let Some(id) = &arrival.cursor {
            change.cursor = Some(id);
        }
        let Some(event) = &arrival.event else {
            outcome.push(Appended::Cursor);
            continue;
        };
        let identity = identity(event);
        if duplicates.holds(tx, change.source, event, identity)? {
            outcome.push(Appended::Duplicate);
            continue;
        }
        let row = inserts.insert(change.source, event, identity)?;
        duplicates.stored(change.source, event, identity, row);
        let at = event.received_at.as_millisecond();
        change.tally.add(&Tally::of_new(event));
        change.last_event_at = Some(at);
        change.hours.count(at);
        minutes.count(at);
        let block = blocks.entry(row >> BLOCK_BITS).or_insert((at, at));
        *block = (block.0.min(at), block.1.max(at));
        outcome.push(Appended::New(RowId(row)));
    }
    for change in changes.values() {
        apply(tx, change)?;
    }
    minutes.apply(tx)?;
    for (block, (first, last)) in blocks {
        tx.prepare_cached(
            "INSERT INTO block (block, first_at, last_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (block) DO UPDATE SET first_at = min(first_at, excluded.first_at),
                last_at = max(last_at, excluded.last_at)",
        )?
        .execute([block, first, last])?;
    }
    Ok(outcome)
}

fn apply(tx: &Transaction<'_>, change: &Change<'_>) -> rusqlite::Result<()> {
    if let Some(at) = change.last_event_at {
        change.tally.apply(tx, change.source, 1)?;
        change.hours.apply(tx, change.source)?;
        tx.prepare_cached("UPDATE source SET last_event_at = ?2 WHERE key = ?1")?
            .execute([change.source, at])?;
    }
    match change.cursor {
        Some(id) if id.is_empty() => {
            tx.prepare_cached("DELETE FROM cursor WHERE source = ?1")?
                .execute([change.source])?;
        }
        Some(id) => {
            tx.prepare_cached(
                "INSERT INTO cursor (source, id) VALUES (?1, ?2)
                 ON CONFLICT (source) DO UPDATE SET id = excluded.id",
            )?
            .execute(params![change.source, id.as_str()])?;
        }
        None => {}
    }
    Ok(())
}

/// What every event of a batch goes through.
struct Inserts<'a> {
    event: CachedStatement<'a>,
    text: CachedStatement<'a>,
}

impl<'a> Inserts<'a> {
    fn new(tx: &'a Transaction<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            event: tx.prepare_cached(
                "INSERT INTO event (
                    source, received_at, identity, severity, verdict, delivery, replayed,
                    truncated, own_id, event, title, url, preview, body, data, tags, ring, rule,
                    trace, read
                 ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
                    ?17, ?18, ?19, ?20)",
            )?,
            text: tx.prepare_cached(
                "INSERT INTO event_text (rowid, data, title, body) VALUES (?1, ?2, ?3, ?4)",
            )?,
        })
    }

    fn insert(&mut self, source: i64, event: &NewEvent, identity: i64) -> rusqlite::Result<i64> {
        let shown = &event.notification;
        let preview = (shown.body.len() > line::LONG_BODY).then(|| line::preview(&shown.body));
        let body = (shown.body != event.data).then(|| Kept::new(&shown.body, &event.data));
        let row = self.event.insert(params![
            source,
            event.received_at.as_millisecond(),
            identity,
            severity_number(shown.severity),
            verdict_number(event.decision.verdict),
            delivery_number(event.delivery()),
            event.replayed,
            event.truncated,
            event.own_id.as_ref().map(EventId::as_str),
            event.event,
            Kept::new(&shown.title, &event.data),
            shown.url,
            preview,
            body,
            event.data,
            json_unless_default(&shown.tags),
            json_unless_default(&event.decision.ring),
            event.decision.rule,
            event.decision.trace,
            event.is_read(),
        ])?;
        let texts = IndexedTexts::new(&event.data, &shown.title, &shown.body);
        self.text
            .execute(params![row, texts.data, texts.title, texts.body])?;
        Ok(row)
    }
}

/// The small number that stands for a source in rows; a new one is made as needed.
pub(super) fn source_key(tx: &Connection, source: SourceId) -> rusqlite::Result<i64> {
    let id = source.to_string();
    let known = find_source(tx, &id)?;
    match known {
        Some(key) => Ok(key),
        None => tx
            .prepare_cached("INSERT INTO source (id) VALUES (?1)")?
            .insert([id]),
    }
}

/// The key of a source the history knows.
pub(super) fn find_source(connection: &Connection, id: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT key FROM source WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()
}
