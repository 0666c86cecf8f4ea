//! Where everything lives, and who may write it: one process at a time.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use crate::error::{Code, Error, Result};

pub(crate) mod file;
pub(crate) mod sealed;

/// The app's identifier: the name of its own directory below the system's data directory.
pub const APP_ID: &str = "dev.tidings.desktop";

const LOCK_FILE: &str = "tidings.lock";

/// Where the sources of the process that holds the directory stand ([`crate::engine::states`]).
pub(crate) const STATES_FILE: &str = "states.json";

/// A lock is tried this often: who asks whether it is held has it for a moment.
const LOCK_TRIES: u32 = 5;
const LOCK_WAIT: Duration = Duration::from_millis(10);

/// How the names of files begin that were set aside because they were damaged.
const SET_ASIDE: [&str; 3] = ["settings.corrupt-", "secrets.corrupt-", "history-damaged-"];

/// The directory that holds settings, secrets and history. It exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataDir {
    path: PathBuf,
}

impl DataDir {
    /// Opens the given directory, or the app's own; creates it with mode 0700 if it is missing.
    ///
    /// # Errors
    /// `ReadOnly` where there is no home directory, the directory cannot be made, or it is a link
    /// in which another user has a hand.
    pub fn open(given: Option<&Path>) -> Result<Self> {
        let path = locate(given)?;
        refuse_foreign_link(&path)?;
        create(&path).map_err(|error| refused(&path, "cannot be made", &error))?;
        if given.is_none() {
            close_to_others(&path);
        }
        Ok(Self { path })
    }

    /// The given directory, or the app's own, if it is there: for a program that only reads.
    ///
    /// # Errors
    /// `NotFound` where nothing was ever kept; otherwise as [`DataDir::open`].
    pub fn existing(given: Option<&Path>) -> Result<Self> {
        let path = locate(given)?;
        if path.exists() && !path.is_dir() {
            let words = format!("{} is no directory; name another one", path.display());
            return Err(Error::new(Code::ReadOnly, words));
        }
        if !path.is_dir() {
            return Err(Error::new(
                Code::NotFound,
                format!("there is nothing at {}; add a source first", path.display()),
            ));
        }
        refuse_foreign_link(&path)?;
        Ok(Self { path })
    }

    /// Its absolute path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Deletes the damaged files that were set aside; how many. What cannot be deleted stays.
    pub fn remove_set_aside(&self) -> usize {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        entries
            .filter(|entry| {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                SET_ASIDE.iter().any(|start| name.starts_with(start))
            })
            .filter(|entry| fs::remove_file(entry.path()).is_ok())
            .count()
    }

    /// Whether a process holds it now.
    pub fn is_held(&self) -> bool {
        File::open(self.path.join(LOCK_FILE))
            .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Becomes the one process that may write here, until the lock and all its clones are gone.
    /// `program` is how another process will name this one, such as `the desktop app`.
    ///
    /// # Errors
    /// `Locked` names the process that holds it; `ReadOnly` where the directory takes no lock.
    pub fn lock(&self, program: &str) -> Result<DataLock> {
        let path = self.path.join(LOCK_FILE);
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        file::private(&mut options);
        let mut file = options
            .open(&path)
            .map_err(|error| refused(&self.path, "cannot be written", &error))?;
        let mut locked = file.try_lock();
        for _ in 1..LOCK_TRIES {
            if !matches!(locked, Err(TryLockError::WouldBlock)) {
                break;
            }
            thread::sleep(LOCK_WAIT);
            locked = file.try_lock();
        }
        match locked {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::new(
                    Code::Locked,
                    format!(
                        "{} holds {}; quit it or use another data directory",
                        holder(&mut file),
                        self.path.display()
                    ),
                ));
            }
            Err(TryLockError::Error(error)) => {
                return Err(refused(&self.path, "cannot be locked", &error));
            }
        }
        sign(&mut file, program)
            .map_err(|error| refused(&self.path, "cannot be written", &error))?;
        let _ = fs::remove_file(self.path.join(STATES_FILE));
        Ok(DataLock {
            dir: self.clone(),
            held: Arc::new(file),
        })
    }
}

/// The right to write a data directory. The operating system takes it back when the process ends
/// in whatever way, so a lock left behind by a crash does not exist.
#[derive(Debug, Clone)]
pub struct DataLock {
    dir: DataDir,
    /// The lock is the open file's; whoever writes keeps a clone.
    #[expect(dead_code, reason = "held, not read")]
    held: Arc<File>,
}

impl DataLock {
    /// The directory it is for.
    pub fn dir(&self) -> &DataDir {
        &self.dir
    }

    /// The directory's path.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }
}

/// The absolute path of a data directory, there or not.
fn locate(given: Option<&Path>) -> Result<PathBuf> {
    let path = match given {
        Some(path) => {
            std::path::absolute(path).map_err(|error| refused(path, "cannot be used", &error))?
        }
        None => dirs::data_dir()
            .ok_or_else(|| {
                Error::new(
                    Code::ReadOnly,
                    "this user has no home directory, so there is no place for data; \
                         set HOME or name a directory with --data-dir",
                )
            })?
            .join(APP_ID),
    };
    Ok(path)
}

fn sign(file: &mut File, program: &str) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{} {program}", std::process::id())
}

/// Who holds the lock, in words. Windows lets nobody read a locked file, and a holder may not
/// have signed yet: then it is only "another process".
fn holder(file: &mut File) -> String {
    let mut text = String::new();
    if file.take(256).read_to_string(&mut text).is_err() {
        text.clear();
    }
    let line = text.lines().next().unwrap_or_default();
    match line.split_once(' ') {
        Some((pid, program)) if pid.parse::<u32>().is_ok() => {
            let program: String = program.chars().filter(|c| !c.is_control()).collect();
            format!("{program} (pid {pid})")
        }
        _ => "another process".to_owned(),
    }
}

fn refused(path: &Path, what: &str, error: &io::Error) -> Error {
    Error::new(
        Code::ReadOnly,
        format!(
            "the data directory {} {what}: {}; name another with --data-dir",
            path.display(),
            file::words(error)
        ),
    )
}

fn create(path: &Path) -> io::Result<()> {
    // A directory on a read-only file system is fine to read: nothing is made if it is there.
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Takes the rights of group and others away from the app's own directory. A directory a person
/// names is left as it is: it may be one they share on purpose.
fn close_to_others(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let open = fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0);
        if open && let Err(error) = fs::set_permissions(path, fs::Permissions::from_mode(0o700)) {
            tracing::warn!(%error, "the data directory stays readable by others");
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// A link another user made, or one to another user's directory, would let them choose what this
/// process reads and writes. Root is no other user: it can do all that anyway.
fn refuse_foreign_link(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let mine = [0, rustix::process::geteuid().as_raw()];
        if let Ok(link) = fs::symlink_metadata(path)
            && link.is_symlink()
        {
            let target = fs::metadata(path).map(|target| target.uid());
            if !mine.contains(&link.uid()) || target.is_ok_and(|uid| !mine.contains(&uid)) {
                return Err(Error::new(
                    Code::ReadOnly,
                    format!(
                        "the data directory {} is a link that belongs or leads to another user; \
                         remove it or name another with --data-dir",
                        path.display()
                    ),
                ));
            }
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
