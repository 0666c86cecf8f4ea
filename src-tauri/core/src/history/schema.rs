//! The database file: its tables, its migrations, and how every connection is opened.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags};
use rusqlite_migration::{M, Migrations};

use crate::error::{Code, Error};

/// Name of the database in the data directory.
pub const FILE: &str = "history.db";

/// Marks the file as ours (`PRAGMA application_id`): "Tdng".
const APPLICATION_ID: i64 = 0x5464_6E67;

/// The file ends in the middle of a page (`SQLITE_IOERR_SHORT_READ`).
const SHORT_READ: i32 = 522;
/// No database is shorter, unless it is empty. Bytes.
const SHORTEST: u64 = 512;

/// How long a connection waits for a lock; in WAL only recovery and schema changes take one.
const BUSY: Duration = Duration::from_secs(5);

/// Steps of the schema. Never edit one that was released: append the next.
const STEPS: &[M<'_>] = &[M::up(
    "PRAGMA application_id = 0x54646E67;

    CREATE TABLE source (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        -- uuid; NULL once the source was removed with its history: its rows are being deleted
        id TEXT UNIQUE,
        -- kept when the source is removed, so that its rows keep a name
        name TEXT NOT NULL DEFAULT '',
        -- always what a count of its rows would give, those in the trash left out
        stored INTEGER NOT NULL DEFAULT 0,
        unread INTEGER NOT NULL DEFAULT 0,
        quiet INTEGER NOT NULL DEFAULT 0,
        pinned INTEGER NOT NULL DEFAULT 0,
        -- of their texts, and a little for each row: what shares of the file are reckoned by
        bytes INTEGER NOT NULL DEFAULT 0,
        -- received_at of its newest row, even after that row was deleted
        last_event_at INTEGER
    ) STRICT;

    -- Small columns first: a row whose data spills into overflow pages is listed without them.
    CREATE TABLE event (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        source INTEGER NOT NULL REFERENCES source (key),
        received_at INTEGER NOT NULL, -- ms since 1970 in UTC, of the wall clock: never an order
        identity INTEGER NOT NULL, -- 64-bit hash of own id, type and data
        severity INTEGER NOT NULL,
        verdict INTEGER NOT NULL,
        delivery INTEGER NOT NULL,
        read INTEGER NOT NULL DEFAULT 0,
        pinned INTEGER NOT NULL DEFAULT 0,
        trashed INTEGER NOT NULL DEFAULT 0, -- number of its deletion, while that can be undone
        replayed INTEGER NOT NULL,
        truncated INTEGER NOT NULL,
        own_id TEXT, -- the ID of its own block; no key: servers reuse them
        event TEXT NOT NULL,
        -- of title and body alike: where they stand in data, if they do (quoted.rs), or the text
        title ANY NOT NULL CHECK (typeof(title) IN ('integer', 'text')),
        url TEXT,
        tags TEXT, -- JSON array of strings; NULL: none
        ring TEXT, -- JSON object; NULL: as the source rings
        rule TEXT, -- name of the rule that decided, as it was called then
        trace TEXT, -- JSON: why it rang or did not
        delivery_detail TEXT,
        preview TEXT, -- one line of the body, where the body is long
        -- NULL: the same as data
        body ANY CHECK (typeof(body) IN ('integer', 'text', 'null')),
        data TEXT NOT NULL
    ) STRICT;
    CREATE INDEX event_by_source ON event (source);
    CREATE INDEX event_unread ON event (read) WHERE read = 0;
    CREATE INDEX event_unread_by_source ON event (source) WHERE read = 0;
    CREATE INDEX event_quiet ON event (verdict) WHERE verdict = 1;
    CREATE INDEX event_quiet_by_source ON event (source) WHERE verdict = 1;
    CREATE INDEX event_pending ON event (delivery) WHERE delivery = 0;
    -- what waits for the end of quiet time is found at the next start
    CREATE INDEX event_held ON event (delivery) WHERE delivery = 3;
    CREATE INDEX event_pinned ON event (pinned) WHERE pinned = 1;
    CREATE INDEX event_trashed ON event (trashed) WHERE trashed > 0;
    -- Few rows have these, so looking for them must not walk all. In the order of pages.
    CREATE INDEX event_severe ON event (row) WHERE severity >= 2;
    CREATE INDEX event_ruled ON event (row) WHERE rule IS NOT NULL;

    -- The words of each event, folded by the program (words.rs): it holds no copy of the texts.
    -- Title and body are left empty where data has them word for word. A deleted row is found no
    -- more at once; its words leave the index when their segment is merged, which FTS5 does on
    -- its own, at the latest with the events that come once a tenth of it is deleted.
    CREATE VIRTUAL TABLE event_text USING fts5 (
        data, title, body,
        content = '', contentless_delete = 1, prefix = '2 3', tokenize = 'ascii'
    );
    -- Twice as many segments before they are merged: a quarter more events in a second, and
    -- finding takes as long.
    INSERT INTO event_text (event_text, rank) VALUES ('automerge', 8);
    -- A page of the index takes a page of the file.
    INSERT INTO event_text (event_text, rank) VALUES ('pgsz', 4050);

    -- When the rows of each block of 1,024 numbers arrived: how a time is found without an index
    -- over all rows, though the clock may have jumped. Deleting rows leaves it too wide, never
    -- too narrow.
    CREATE TABLE block (
        block INTEGER PRIMARY KEY, -- row >> 10
        first_at INTEGER NOT NULL,
        last_at INTEGER NOT NULL
    ) STRICT;

    -- The committed last event ID; apart from the rows, so that deleting rows never rewinds it.
    CREATE TABLE cursor (
        source INTEGER PRIMARY KEY REFERENCES source (key),
        id TEXT NOT NULL
    ) STRICT;

    -- Numbers the program keeps for itself.
    CREATE TABLE note (
        key TEXT PRIMARY KEY,
        value INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE outage (
        source INTEGER NOT NULL REFERENCES source (key),
        started_at INTEGER NOT NULL,
        ended_at INTEGER NOT NULL,
        replayed INTEGER NOT NULL,
        first_row INTEGER NOT NULL, -- the divider stands before the first row from here on
        PRIMARY KEY (source, started_at)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX outage_by_row ON outage (first_row);",
),
M::up(
    "-- How many events came in an hour, whatever became of their rows; for a little over a week.
    CREATE TABLE hour (
        source INTEGER NOT NULL REFERENCES source (key),
        hour INTEGER NOT NULL, -- hours since 1970 in UTC
        events INTEGER NOT NULL,
        PRIMARY KEY (source, hour)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO hour SELECT source, received_at / 3600000, count(*) FROM event
        WHERE received_at > (SELECT max(received_at) FROM event) - 7 * 86400000 GROUP BY 1, 2;

    -- What is kept quiet counts as read from the start.
    UPDATE event SET read = 1 WHERE verdict = 1 AND read = 0;
    UPDATE source SET unread = (
        SELECT count(*) FROM event WHERE source = key AND read = 0 AND trashed = 0
    );",
),
M::up(
    "-- How many events came in a minute, of all sources, whatever became of their rows; for an hour.
    CREATE TABLE minute (
        minute INTEGER PRIMARY KEY, -- minutes since 1970
        events INTEGER NOT NULL
    ) STRICT;",
)];

const MIGRATIONS: Migrations<'_> = Migrations::from_slice(STEPS);

/// Why the history could not be opened. Nothing was changed or deleted.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is none yet.
    #[error("there is no history in {} yet; start Tidings once to create it", .0.display())]
    Missing(PathBuf),
    /// The file is no database, not ours, or broken. It can be moved aside and salvaged.
    #[error("the history {} is damaged or not a file of Tidings; move it away and start again", path.display())]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file cannot be reached now.
    #[error("the history {} cannot be opened: {source}", path.display())]
    Unavailable {
        /// The database file.
        path: PathBuf,
        /// What the system or SQLite says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl OpenError {
    /// Whether the disk failed, which it may not do again; not where it refused.
    pub(super) fn may_pass(&self) -> bool {
        let Self::Unavailable { source, .. } = self else {
            return false;
        };
        let failed = source.downcast_ref::<rusqlite::Error>();
        failed.and_then(rusqlite::Error::sqlite_error_code) == Some(ErrorCode::SystemIoFailure)
    }

    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::Unavailable {
            path: path.to_owned(),
            source: source.into(),
        }
    }

    pub(super) fn sqlite(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        let short = matches!(&source, rusqlite::Error::SqliteFailure(error, _)
            if error.extended_code == SHORT_READ);
        match source.sqlite_error_code() {
            Some(
                ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::ReadOnly
                | ErrorCode::SystemIoFailure
                | ErrorCode::DiskFull
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::OutOfMemory
                | ErrorCode::NoLargeFileSupport,
            ) if !short => Self::Unavailable {
                path,
                source: source.into(),
            },
            // A format it does not support is one wrong bit, too: no other program wrote this.
            _ => Self::Damaged {
                path,
                source: source.into(),
            },
        }
    }
}

impl From<OpenError> for Error {
    fn from(error: OpenError) -> Self {
        let code = match error {
            OpenError::Missing(_) => Code::NotFound,
            OpenError::Damaged { .. } => Code::HistoryDamaged,
            OpenError::Unavailable { .. } => Code::HistoryUnavailable,
        };
        Self::new(code, error.to_string()).because(error)
    }
}

/// What opening for writing found.
pub(super) enum Opened {
    /// Ours, at the newest schema.
    Writable(Connection),
    /// Readable at most.
    ReadOnly(ReadOnly),
}

/// Why a history is only read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadOnly {
    /// A newer version wrote it.
    Newer,
    /// Its files may not be written.
    Protected,
    /// Another process may be writing it; this one only looks.
    Beside,
}

impl ReadOnly {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Newer => {
                "the history was written by a newer version of Tidings; install that version"
            }
            Self::Protected => "the history may not be written; check who owns its files",
            Self::Beside => "the history was opened for reading",
        }
    }
}

/// Opens the database for writing; creates it (for its owner alone) and migrates it as needed.
/// With `check` it looks at every page first; a damaged file is not written to.
pub(super) fn open_writer(path: &Path, check: bool) -> Result<Opened, OpenError> {
    if !is_memory(path) {
        create(path).map_err(|error| OpenError::io(path, error))?;
        let length = fs::metadata(path)
            .map_err(|error| OpenError::io(path, error))?
            .len();
        if (1..SHORTEST).contains(&length) {
            return Err(OpenError::Damaged {
                path: path.to_owned(),
                source: "it is too short for a database".into(),
            });
        }
    }
    let sqlite = |error| OpenError::sqlite(path, error);
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(sqlite)?;
    let version = version(&connection).map_err(sqlite)?;
    if version > STEPS.len() {
        return Ok(Opened::ReadOnly(ReadOnly::Newer));
    }
    if connection.is_readonly(MAIN_DB).map_err(sqlite)? {
        // One wrong bit in its header says so, too.
        if fs::OpenOptions::new().write(true).open(path).is_err() {
            return Ok(Opened::ReadOnly(ReadOnly::Protected));
        }
        return Err(OpenError::Damaged {
            path: path.to_owned(),
            source: "its header forbids writing".into(),
        });
    }
    if !is_ours(&connection, version).map_err(sqlite)? {
        return Err(OpenError::Damaged {
            path: path.to_owned(),
            source: "it is a database of another program".into(),
        });
    }
    if check {
        check_whole(&connection, path)?;
    }
    if version == 0 {
        // Pages that hold nothing can be given back; it has to be said before there is a table.
        connection
            .execute_batch("PRAGMA auto_vacuum = INCREMENTAL")
            .map_err(sqlite)?;
    }
    // FULL: an append is answered only once it would survive a power cut. The size limit gives
    // back what a burst made the log grow to. Deleted events leave no trace in the file (change.rs).
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             PRAGMA secure_delete = FAST;
             PRAGMA journal_size_limit = 16777216;",
        )
        .map_err(sqlite)?;
    MIGRATIONS.to_latest(&mut connection).map_err(|error| {
        if let rusqlite_migration::Error::RusqliteError { err, .. } = error {
            OpenError::sqlite(path, err)
        } else {
            OpenError::Unavailable {
                path: path.to_owned(),
                source: error.into(),
            }
        }
    })?;
    Ok(Opened::Writable(connection))
}

/// Opens the database for reading, beside whoever writes it.
pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.execute_batch("PRAGMA cache_size = -512")?;
    Ok(connection)
}

/// Whether the file holds a history that can be read at all.
pub(super) fn check_readable(path: &Path) -> Result<(), OpenError> {
    let missing = || OpenError::Missing(path.parent().unwrap_or(path).to_owned());
    if !fs::exists(path).map_err(|error| OpenError::io(path, error))? {
        return Err(missing());
    }
    let sqlite = |error| OpenError::sqlite(path, error);
    let connection = open_reader(path).map_err(sqlite)?;
    let version = version(&connection).map_err(sqlite)?;
    if !is_ours(&connection, version).map_err(sqlite)? {
        return Err(OpenError::Damaged {
            path: path.to_owned(),
            source: "it is a database of another program".into(),
        });
    }
    if version == 0 { Err(missing()) } else { Ok(()) }
}

/// Whether this is the name of a database in memory rather than a file.
pub(super) fn is_memory(path: &Path) -> bool {
    path.starts_with("file:")
}

/// Looks at every page.
fn check_whole(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let verdict = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    match verdict {
        Ok(verdict) if verdict == "ok" => Ok(()),
        Ok(verdict) => Err(OpenError::Damaged {
            path: path.to_owned(),
            source: verdict.into(),
        }),
        Err(error) => Err(OpenError::sqlite(path, error)),
    }
}

fn connect(path: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    let (mut access, mut flags) = (access, OpenFlags::SQLITE_OPEN_NO_MUTEX);
    if is_memory(path) {
        flags |= OpenFlags::SQLITE_OPEN_URI;
        // It comes into being with the first connection, and every one may look.
        access = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    }
    let connection = Connection::open_with_flags(path, access | flags)?;
    connection.busy_timeout(BUSY)?;
    // A file from elsewhere may carry a schema that calls functions: it shall get none.
    connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;")?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

fn version(connection: &Connection) -> rusqlite::Result<usize> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    // A negative number is none we ever wrote: as unreadable as one from the future.
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

/// Ours, or empty and about to become ours.
fn is_ours(connection: &Connection, version: usize) -> rusqlite::Result<bool> {
    let id: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if id == APPLICATION_ID {
        return Ok(true);
    }
    let objects: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(version == 0 && id == 0 && objects == 0)
}

/// Makes an empty file only its owner may read; SQLite gives its companions the same mode.
fn create(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists && !path.exists() => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_migration_is_valid() {
        MIGRATIONS.validate().unwrap();
    }
}
