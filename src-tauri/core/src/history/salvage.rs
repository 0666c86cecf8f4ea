//! What becomes of a damaged history: it is moved aside whole, and what SQLite can still read of
//! it goes into a fresh one. Row numbers, cursors and marks stay as they were.

use std::{
    collections::HashMap,
    fs::{self, OpenOptions},
    io::{self, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use rusqlite::{
    Connection, OpenFlags, Transaction, params_from_iter,
    types::{Value, ValueRef},
};

use super::{
    append::BLOCK_BITS,
    change::{CHUNK, begin},
    indexed::IndexedTexts,
    quoted,
    read::GATHERED,
    schema::FILE,
    tally::Tallies,
};
use crate::model::{SourceId, Timestamp};

/// The files SQLite keeps for one database, by their endings.
const COMPANIONS: [&str; 3] = ["", "-wal", "-shm"];
/// After damage the next row is looked for this far on, at most.
const LEAP: i64 = 4096;
/// In how many steps of that the end of the rows is believed.
const PATIENCE: u32 = 300;

/// Columns of `event` in the order of the table, `row` first.
const EVENT: &str = "row, source, received_at, identity, severity, verdict, delivery, read, pinned,
    trashed, replayed, truncated, own_id, event, title, url, tags, ring, rule, trace,
    delivery_detail, preview, body, data";
const EVENT_COLUMNS: usize = 24;
const DATA: usize = 23;
const BODY: usize = 22;
const TITLE: usize = 14;
const TRASHED: usize = 9;

/// What was done about a damaged history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salvaged {
    /// Where the damaged file is now.
    pub copy: PathBuf,
    /// How many events could be saved.
    pub events: u64,
}

/// Moves the database and its companions aside, together; where to.
pub(super) fn move_aside(dir: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let time = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut copy = dir.join(format!("history-damaged-{time}.db"));
    let mut number = 1;
    while copy.exists() {
        number += 1;
        copy = dir.join(format!("history-damaged-{time}-{number}.db"));
    }
    for companion in COMPANIONS {
        let from = with_ending(&dir.join(FILE), companion);
        match fs::rename(&from, with_ending(&copy, companion)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(copy)
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Copies what can be read of the damaged file into the fresh database; how many events.
pub(super) fn salvage(damaged: &Path, fresh: &mut Connection) -> u64 {
    match read_into(damaged, fresh) {
        Ok(events) => events,
        Err(error) => {
            tracing::warn!(%error, "the damaged history is not readable as it is");
            mended(damaged, fresh).unwrap_or_else(|error| {
                tracing::warn!(%error, "nothing of the damaged history could be read");
                0
            })
        }
    }
}

/// Tries once more with a copy whose header is as it must be: there SQLite refuses the whole file
/// for one wrong bit. The fields that differ from file to file are left alone.
fn mended(damaged: &Path, fresh: &mut Connection) -> Result<u64, Box<dyn std::error::Error>> {
    let copy = with_ending(damaged, ".mending");
    fs::copy(damaged, &copy)?;
    let outcome = (|| {
        let mut file = OpenOptions::new().write(true).open(&copy)?;
        // File format, section 1.3: magic, page size 4096, WAL, no reserved bytes, fractions.
        let head = b"SQLite format 3\0\x10\x00\x02\x02\x00\x40\x20\x20";
        file.write_all(head)?;
        // As many pages as there are; schema format 4; text encoding UTF-8.
        let pages = u32::try_from(file.metadata()?.len() / 4096)?;
        for (at, value) in [(28, pages), (44, 4), (56, 1)] {
            file.seek(SeekFrom::Start(at))?;
            file.write_all(&value.to_be_bytes())?;
        }
        drop(file);
        Ok(read_into(&copy, fresh)?)
    })();
    for companion in COMPANIONS {
        let _ = fs::remove_file(with_ending(&copy, companion));
    }
    outcome
}

fn read_into(damaged: &Path, fresh: &mut Connection) -> rusqlite::Result<u64> {
    let old = Connection::open_with_flags(
        damaged,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    old.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;")?;
    // Fails where not even the schema can be read, or it is not ours.
    old.prepare(&format!("SELECT {EVENT} FROM event"))?;
    let tx = begin(fresh)?;
    for (table, columns) in [
        ("source", "key, id, name, last_event_at"),
        ("cursor", "source, id"),
        (
            "outage",
            "source, started_at, ended_at, replayed, first_row",
        ),
        ("note", "key, value"),
        ("hour", "source, hour, events"),
    ] {
        let copied = copy(&old, &tx, table, columns);
        if let Err(error) = copied {
            tracing::warn!(%error, table, "not all of a damaged table could be read");
        }
    }
    tx.commit()?;
    let events = copy_events(&old, fresh)?;
    keep_sequence(&old, fresh);
    Ok(events)
}

/// Row by row, until one cannot be read.
fn copy(
    old: &Connection,
    tx: &Transaction<'_>,
    table: &str,
    columns: &str,
) -> rusqlite::Result<()> {
    let count = columns.split(',').count();
    let holes = vec!["?"; count].join(", ");
    let mut insert = tx.prepare(&format!(
        "INSERT OR IGNORE INTO {table} ({columns}) VALUES ({holes})"
    ))?;
    let mut select = old.prepare(&format!("SELECT {columns} FROM {table}"))?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let values: Vec<Value> = (0..count).map(|at| row.get(at)).collect::<Result<_, _>>()?;
        // A value that a damaged page made up may break a rule of the table.
        let _ = insert.execute(params_from_iter(values));
    }
    Ok(())
}

fn copy_events(old: &Connection, fresh: &mut Connection) -> rusqlite::Result<u64> {
    let mut select = old.prepare(&format!(
        "SELECT {EVENT} FROM event NOT INDEXED WHERE row > ? ORDER BY row"
    ))?;
    let mut after = 0;
    let mut leap = 1;
    let mut misses = 0;
    let mut saved = 0;
    while misses < PATIENCE {
        let mut batch = Vec::new();
        let mut whole = false;
        let mut gathered = 0;
        let read = (|| {
            let mut rows = select.query([after])?;
            while batch.len() < CHUNK && gathered < GATHERED {
                let Some(row) = rows.next()? else {
                    whole = true;
                    break;
                };
                let values: Vec<Value> = (0..EVENT_COLUMNS)
                    .map(|at| row.get(at))
                    .collect::<Result<_, _>>()?;
                for value in &values {
                    if let Value::Text(text) = value {
                        gathered += text.len();
                    }
                }
                batch.push(values);
            }
            Ok::<_, rusqlite::Error>(())
        })();
        if let Some(Value::Integer(row)) = batch.last().and_then(|values| values.first()) {
            after = *row;
            leap = 1;
            misses = 0;
        }
        saved += store(fresh, &batch)?;
        if whole {
            break;
        }
        if read.is_err() {
            // Beyond the page that cannot be read.
            after = after.saturating_add(leap);
            leap = (leap * 2).min(LEAP);
            misses += 1;
        }
    }
    Ok(saved)
}

fn store(fresh: &mut Connection, batch: &[Vec<Value>]) -> rusqlite::Result<u64> {
    let tx = begin(fresh)?;
    let mut saved = 0;
    {
        let holes = vec!["?"; EVENT_COLUMNS].join(", ");
        let mut insert = tx.prepare_cached(&format!(
            "INSERT INTO event ({EVENT}) VALUES ({holes}) RETURNING {}",
            Tallies::columns()
        ))?;
        let mut text = tx.prepare_cached(
            "INSERT INTO event_text (rowid, data, title, body) VALUES (?1, ?2, ?3, ?4)",
        )?;
        let mut block = tx.prepare_cached(
            "INSERT INTO block (block, first_at, last_at) VALUES (?1, ?2, ?2)
             ON CONFLICT (block) DO UPDATE SET first_at = min(first_at, excluded.first_at),
                last_at = max(last_at, excluded.last_at)",
        )?;
        // Of a source whose own row is lost the events are kept, under a name that says so.
        let mut source = tx.prepare_cached(
            "INSERT OR IGNORE INTO source (key, id, name) VALUES (?1, ?2, 'unknown')",
        )?;
        let mut tallies = Tallies::default();
        for values in batch {
            // What was deleted and can no longer be had back: nobody counts it.
            if matches!(values.get(TRASHED), Some(Value::Integer(number)) if *number > 0) {
                continue;
            }
            if let Some(Value::Integer(key)) = values.get(1) {
                source.execute(rusqlite::params![key, SourceId::random().to_string()])?;
            }
            let stored = insert.query_row(params_from_iter(values), |row| tallies.add_row(row));
            // Strict types and foreign keys refuse what a damaged page made up.
            let (Ok(()), Some(Value::Integer(row)), Some(Value::Integer(at))) =
                (stored, values.first(), values.get(2))
            else {
                continue;
            };
            let value = |at| values.get(at).map_or(ValueRef::Null, ValueRef::from);
            let shown = |at| quoted::text(value(at), value(DATA)).unwrap_or_default();
            let texts = IndexedTexts::new(shown(DATA), shown(TITLE), shown(BODY));
            text.execute(rusqlite::params![row, texts.data, texts.title, texts.body])?;
            block.execute([row >> BLOCK_BITS, *at])?;
            saved += 1;
        }
        tallies.apply(&tx, 1)?;
    }
    tx.commit()?;
    Ok(saved)
}

/// A row number is never used again, whatever was lost.
fn keep_sequence(old: &Connection, fresh: &Connection) {
    let known: HashMap<String, i64> = old
        .prepare("SELECT name, seq FROM sqlite_sequence")
        .and_then(|mut all| {
            all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
        .unwrap_or_default();
    for (name, seq) in known {
        let kept = fresh.execute(
            "UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1",
            rusqlite::params![name, seq],
        );
        if let Err(error) = kept {
            tracing::warn!(%error, "row numbers may begin anew");
        }
    }
}
