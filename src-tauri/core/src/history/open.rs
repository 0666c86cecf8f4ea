//! A history whatever is on disk: opened; salvaged, where the file is damaged; in memory, where
//! the disk cannot be used.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::sync::{Semaphore, mpsc};

use crate::{
    error::{Error, Result},
    ipc::Trouble,
    model::Timestamp,
};

use super::{
    Access, Ballast, FILE, History, OpenError, QUEUE, READERS, ReadOnly, Salvaged, Shared, Writer,
    salvage::{move_aside, salvage},
    schema::{self, Opened},
};

/// There where damage turned up: the whole file is checked at the next start.
const SUSPECT: &str = "history.suspect";
/// A file up to this size is checked at every start: that takes no time. Bytes.
const CHECKED: u64 = 8 * 1024 * 1024;
/// A disk that fails to read or write is tried so often, with this pause in between: what it
/// does once must not cost a whole run its history.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(250);
/// Numbers the histories of a process that live in memory.
static MEMORIES: AtomicU64 = AtomicU64::new(0);

/// A history to work with, and what a person should know about it.
#[derive(Debug)]
pub struct Started {
    /// Open, and writable unless [`History::read_only`] says why not.
    pub history: History,
    /// What went wrong, if anything did.
    pub troubles: Vec<Trouble>,
}

impl History {
    /// Opens the history in this directory for writing; creates it as needed. Blocks while it
    /// migrates. A history of a newer version is opened for reading: see [`History::read_only`].
    ///
    /// # Errors
    /// When the file is damaged or cannot be reached. It is never changed then, nor deleted.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        let path = dir.join(FILE);
        Self::with(path.clone(), schema::open_writer(&path, false)?)
    }

    /// Opens the history in this directory for reading, beside a process that writes it.
    ///
    /// # Errors
    /// When there is none, or as [`History::open`].
    pub fn open_readonly(dir: &Path) -> Result<Self, OpenError> {
        let path = dir.join(FILE);
        schema::check_readable(&path)?;
        Ok(Self::reading(path, ReadOnly::Beside))
    }

    /// A history to work with, come what may: a damaged file is moved aside and salvaged, and
    /// where the disk cannot be used it lives in memory. Nothing is deleted.
    ///
    /// # Errors
    /// `HistoryUnavailable` when there is not even memory.
    pub fn start(dir: &Path, now: Timestamp) -> Result<Started> {
        match Self::open_patiently(dir) {
            Ok(history) => {
                let _ = fs::remove_file(dir.join(SUSPECT));
                let troubles = history.read_only().map(|reason| {
                    let message = reason.words().to_owned();
                    match reason {
                        ReadOnly::Newer => Trouble::HistoryReadOnly { message },
                        ReadOnly::Protected | ReadOnly::Beside => {
                            Trouble::HistoryProtected { message }
                        }
                    }
                });
                Ok(Started {
                    troubles: troubles.into_iter().collect(),
                    history,
                })
            }
            Err(error @ OpenError::Damaged { .. }) => {
                tracing::error!(%error, "the history is moved aside and salvaged");
                match Self::salvaged(dir, now) {
                    Ok((history, salvaged)) => Ok(Started {
                        history,
                        troubles: vec![Trouble::HistorySalvaged {
                            copy: salvaged.copy.display().to_string(),
                            events: salvaged.events,
                        }],
                    }),
                    Err(error) => Self::start_in_memory(&error.to_string()),
                }
            }
            Err(error) => Self::start_in_memory(&error.to_string()),
        }
    }

    /// A history in memory, and the trouble that says why.
    ///
    /// # Errors
    /// `HistoryUnavailable` when there is not even memory.
    pub fn start_in_memory(why: &str) -> Result<Started> {
        tracing::error!(why, "the history is kept in memory");
        let number = MEMORIES.fetch_add(1, Ordering::Relaxed);
        let path = PathBuf::from(format!("file:/tidings-{number}?vfs=memdb"));
        let history = schema::open_writer(&path, false)
            .and_then(|opened| Self::with(path, opened))
            .map_err(Error::from)?;
        Ok(Started {
            history,
            troubles: vec![Trouble::HistoryInMemory {
                message: why.to_owned(),
            }],
        })
    }

    /// Blocks for up to a second where the disk fails.
    fn open_patiently(dir: &Path) -> Result<Self, OpenError> {
        for _ in 1..TRIES {
            match Self::open_sound(dir) {
                Err(error) if error.may_pass() => {
                    tracing::warn!(%error, "the history is tried again");
                    thread::sleep(PAUSE);
                }
                other => return other,
            }
        }
        Self::open_sound(dir)
    }

    /// Opens it and, where there is reason to or it costs nothing, checks it whole.
    fn open_sound(dir: &Path) -> Result<Self, OpenError> {
        let path = dir.join(FILE);
        let small = fs::metadata(&path).is_ok_and(|file| file.len() <= CHECKED);
        let check = small || dir.join(SUSPECT).exists();
        let opened = schema::open_writer(&path, check)?;
        Self::with(path, opened)
    }

    fn salvaged(dir: &Path, now: Timestamp) -> Result<(Self, Salvaged), OpenError> {
        let path = dir.join(FILE);
        let copy = move_aside(dir, now).map_err(|error| OpenError::io(&path, error))?;
        let mut opened = schema::open_writer(&path, false)?;
        let events = match &mut opened {
            Opened::Writable(connection) => salvage(&copy, connection),
            Opened::ReadOnly(_) => 0,
        };
        let _ = fs::remove_file(dir.join(SUSPECT));
        Ok((Self::with(path, opened)?, Salvaged { copy, events }))
    }

    fn with(path: PathBuf, opened: Opened) -> Result<Self, OpenError> {
        let connection = match opened {
            Opened::Writable(connection) => connection,
            Opened::ReadOnly(reason) => return Ok(Self::reading(path, reason)),
        };
        let (jobs, queue) = mpsc::channel(QUEUE);
        thread::Builder::new()
            .name("history-writer".to_owned())
            .spawn(move || Writer::new(connection).run(queue))
            .map_err(|error| OpenError::io(&path, error))?;
        Ok(Self::new(path, Access::Write(jobs)))
    }

    fn reading(path: PathBuf, reason: ReadOnly) -> Self {
        Self::new(path, Access::Read(reason))
    }

    fn new(path: PathBuf, access: Access) -> Self {
        let dir = path.parent().filter(|_| !schema::is_memory(&path));
        let writes = matches!(access, Access::Write(_));
        Self {
            shared: Arc::new(Shared {
                ballast: dir.filter(|_| writes).map(Ballast::new),
                path,
                access,
                idle: Mutex::new(Vec::new()),
                permits: Arc::new(Semaphore::new(READERS)),
            }),
        }
    }
}

/// Leaves word for the next start.
pub(super) fn suspect(database: &Path) {
    if let Some(dir) = database.parent()
        && let Err(error) = fs::write(dir.join(SUSPECT), [])
    {
        tracing::warn!(%error, "the damage could not be noted");
    }
}
