//! The settings on disk: `settings.json` and the copy written ahead of it, `settings.bak.json`.
//!
//! # Design
//! The desktop app keeps its settings through tauri-plugin-store, which writes `settings.json` in
//! place: a crash in the middle leaves it torn. So each save first replaces the copy, whole and
//! synced, and that moment is the save; `settings.json` is a cache of it. The plugin's two hooks
//! end in [`SettingsFiles::serialize`] and [`SettingsFiles::deserialize`]; the command line has no
//! plugin and uses [`FileStore`]. At the start the newer of the two files that is intact wins, and
//! a bad one is kept aside.

use std::{
    collections::HashMap,
    error::Error as StdError,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::{Map, Value};

use crate::{
    data_dir::{
        DataDir, DataLock,
        file::{self, Content},
        sealed,
    },
    error::{Code, Error, Result},
    ipc::Trouble,
    model::Timestamp,
    settings::{
        document::{SCHEMA, Settings},
        migrations::{Understood, understand},
        owner::SettingsStore,
    },
};

/// The name of the settings file, which the plugin writes too.
pub const MAIN_FILE: &str = "settings.json";
/// The name of the copy that is written first.
pub const COPY_FILE: &str = "settings.bak.json";

/// What a start found.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// The document to go on with: the newest intact one, or the defaults.
    pub settings: Settings,
    /// What the person must know, if anything.
    pub trouble: Option<Trouble>,
}

/// Whether and why settings can be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// They are saved.
    ReadWrite,
    /// A newer version's files are there: this one leaves them alone.
    Newer,
    /// The files cannot be read or written: what changes lasts until the program ends.
    Memory,
}

/// The two files of one data directory, and what was last saved in them.
///
/// In the desktop app it lives in a static, because the plugin's hooks are plain functions.
#[derive(Debug)]
pub struct SettingsFiles {
    main: PathBuf,
    copy: PathBuf,
    mode: Mode,
    saved: Mutex<Saved>,
    /// While this lives, nobody else writes here.
    lock: Option<DataLock>,
}

#[derive(Debug)]
struct Saved {
    document: Settings,
    /// Whether the copy on disk holds it.
    in_copy: bool,
}

/// What one of the two files turned out to be.
#[derive(Debug)]
enum Found {
    Valid(Box<Settings>),
    Newer,
    Corrupt(&'static str),
    Missing,
    Unreadable(io::Error),
}

impl SettingsFiles {
    /// Reads, repairs and from now on keeps the settings of a locked directory. Never fails: what
    /// cannot be read is trouble to show, and the app runs all the same. Blocking.
    pub fn open(lock: &DataLock, now: Timestamp) -> (Self, Opened) {
        let mut files = Self::at(Some(lock.path()));
        file::sweep(&files.main);
        file::sweep(&files.copy);
        let found = [examine(&files.main), examine(&files.copy)];
        let (mut opened, mode) = judge(&found);
        files.mode = mode;
        let mut in_copy = false;
        if mode == Mode::ReadWrite {
            match files.repair(lock.path(), &found, &opened.settings, now) {
                Ok((copies, copied)) => {
                    in_copy = copied;
                    if !copies.is_empty() && !found.iter().any(is_valid) {
                        opened.trouble = Some(Trouble::SettingsLost { copies });
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "a bad settings file could not be set aside");
                    files.mode = Mode::Memory;
                    opened.trouble = Some(Trouble::SettingsReadOnly);
                }
            }
        }
        files.saved = Mutex::new(Saved {
            document: opened.settings.clone(),
            in_copy,
        });
        files.lock = Some(lock.clone());
        (files, opened)
    }

    /// Settings that are never written: for a start in which there is no directory, or none that
    /// can be locked for writing. Reads what is there. Blocking.
    pub fn in_memory(dir: Option<&DataDir>) -> (Self, Opened) {
        let mut files = Self::at(dir.map(DataDir::path));
        let mut opened = dir.map_or_else(
            || Opened {
                settings: Settings::default(),
                trouble: None,
            },
            Self::read,
        );
        opened.trouble = Some(Trouble::SettingsReadOnly);
        files.saved = Mutex::new(Saved {
            document: opened.settings.clone(),
            in_copy: false,
        });
        (files, opened)
    }

    /// Reads the settings and touches nothing: for a program beside the one that holds the lock.
    /// Trouble only says that there is nothing to read; copies are made by the holder. Blocking.
    pub fn read(dir: &DataDir) -> Opened {
        let files = Self::at(Some(dir.path()));
        let found = [examine(&files.main), examine(&files.copy)];
        let (mut opened, _) = judge(&found);
        if !found.iter().any(is_valid) && found.iter().any(|one| matches!(one, Found::Corrupt(_))) {
            opened.trouble = Some(Trouble::SettingsLost { copies: Vec::new() });
        }
        opened
    }

    fn at(dir: Option<&Path>) -> Self {
        let dir = dir.unwrap_or(Path::new(""));
        Self {
            main: dir.join(MAIN_FILE),
            copy: dir.join(COPY_FILE),
            mode: Mode::Memory,
            saved: Mutex::new(Saved {
                document: Settings::default(),
                in_copy: false,
            }),
            lock: None,
        }
    }

    /// The absolute path of `settings.json`, for the plugin.
    pub fn main_path(&self) -> &Path {
        &self.main
    }

    /// Whether settings can be saved.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether this very document is safe on disk. After a failed save it tells the two cases
    /// apart: the copy could not be written (not saved), or only the plugin's own write failed
    /// (saved; the next start reads the copy).
    pub fn holds(&self, document: &Settings) -> bool {
        let saved = self.saved();
        saved.in_copy && saved.document == *document
    }

    /// The saved document as the plugin keeps it: for its defaults, so that its cache is never
    /// empty.
    pub fn members(&self) -> HashMap<String, Value> {
        members(&self.saved().document).into_iter().collect()
    }

    /// The body of the plugin's `serialize` hook: saves the document in the copy and returns the
    /// bytes for `settings.json`. An error keeps the plugin from writing at all, at exit too.
    ///
    /// # Errors
    /// Where the cache is no valid document (as after a `clear`), its generation goes back, it
    /// differs from the saved one without being newer, nothing may be written, or the copy cannot.
    pub fn serialize(
        &self,
        cache: &HashMap<String, Value>,
    ) -> Result<Vec<u8>, Box<dyn StdError + Send + Sync>> {
        let cached: Map<String, Value> = cache.clone().into_iter().collect();
        let document = serde_json::from_value(Value::Object(cached))?;
        let bytes = self.commit(&document)?;
        // The plugin would make a file everybody may read; it keeps the mode of one that is there.
        if !self.main.exists()
            && let Err(error) = file::replace(&self.main, &bytes)
        {
            tracing::warn!(%error, "only the copy of the settings was written");
        }
        Ok(bytes)
    }

    /// The body of the plugin's `deserialize` hook: the members of `settings.json`, or those of
    /// the saved document where the file is not at least as new.
    ///
    /// # Errors
    /// None today; the plugin's signature has one.
    pub fn deserialize(
        &self,
        bytes: &[u8],
    ) -> Result<HashMap<String, Value>, Box<dyn StdError + Send + Sync>> {
        let saved = self.saved();
        let document = match decode(bytes) {
            Found::Valid(read) if read.generation >= saved.document.generation => *read,
            _ => saved.document.clone(),
        };
        Ok(members(&document).into_iter().collect())
    }

    /// Saves a document in the copy and returns the bytes `settings.json` is to have. Blocking.
    ///
    /// # Errors
    /// `ReadOnly`, `NotSaved`, `Internal` for a document that is older than the saved one, and
    /// what [`Settings::validate`] finds. Nothing on disk has changed then.
    pub fn commit(&self, document: &Settings) -> Result<Vec<u8>> {
        refuse(self.mode)?;
        document.validate()?;
        let mut saved = self.saved();
        let same = saved.document == *document;
        if document.schema != SCHEMA
            || document.generation < saved.document.generation
            || (document.generation == saved.document.generation && !same)
        {
            return Err(Error::new(
                Code::Internal,
                format!(
                    "a document of generation {} does not follow generation {}; nothing was saved",
                    document.generation, saved.document.generation
                ),
            ));
        }
        let bytes = sealed::seal(document)?;
        if !(same && saved.in_copy) {
            file::replace(&self.copy, &bytes).map_err(|error| not_saved(&error))?;
            *saved = Saved {
                document: document.clone(),
                in_copy: true,
            };
        }
        Ok(bytes)
    }

    /// Sets bad files aside and makes both files hold the document, if there was one. Says where
    /// the bad ones are and whether the copy holds the document.
    fn repair(
        &self,
        dir: &Path,
        found: &[Found; 2],
        document: &Settings,
        now: Timestamp,
    ) -> io::Result<(Vec<String>, bool)> {
        let paths = [self.main.as_path(), self.copy.as_path()];
        let mut bad = Vec::new();
        for (path, one) in paths.iter().zip(found) {
            if let Found::Corrupt(reason) = one {
                tracing::warn!(path = %path.display(), reason, "a bad settings file is set aside");
                bad.push(path.to_path_buf());
            }
        }
        let copies = match bad.as_slice() {
            [] => Vec::new(),
            bad => file::set_aside(dir, "settings", bad, now)?,
        };
        let mut holding = [false, false];
        if found.iter().any(is_valid)
            && let Ok(bytes) = sealed::seal(document)
        {
            for ((path, one), holds) in paths.iter().zip(found).zip(&mut holding) {
                let current = matches!(one, Found::Valid(read) if **read == *document);
                // A full disk must not end the start: the other file is whole.
                let written = || {
                    file::replace(path, &bytes)
                        .inspect_err(|error| tracing::warn!(%error, "settings not repaired"))
                        .is_ok()
                };
                *holds = current || written();
            }
        }
        let copies = copies
            .iter()
            .map(|copy| copy.display().to_string())
            .collect();
        Ok((copies, holding[1]))
    }

    fn saved(&self) -> MutexGuard<'_, Saved> {
        // The guarded value is replaced whole, so a panic elsewhere leaves it good.
        self.saved.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Saves without the plugin: for the command line and for tests.
#[derive(Debug, Clone)]
pub struct FileStore(Arc<SettingsFiles>);

impl FileStore {
    /// A store over the files of a locked directory.
    pub fn new(files: Arc<SettingsFiles>) -> Self {
        Self(files)
    }
}

impl SettingsStore for FileStore {
    fn save(&self, document: &Settings) -> Result<()> {
        let bytes = self.0.commit(document)?;
        // The copy holds the document now, so it is saved whatever becomes of the cache.
        if let Err(error) = file::replace(&self.0.main, &bytes) {
            tracing::warn!(%error, "only the copy of the settings was written");
        }
        Ok(())
    }
}

fn refuse(mode: Mode) -> Result<()> {
    match mode {
        Mode::ReadWrite => Ok(()),
        Mode::Newer => Err(Error::new(
            Code::ReadOnly,
            "the settings come from a newer version of Tidings, so this one changes nothing; \
             install the newer version again",
        )),
        Mode::Memory => Err(Error::new(
            Code::ReadOnly,
            "the settings cannot be read or written, so nothing is saved; make the data directory \
             writable and start again",
        )),
    }
}

fn not_saved(error: &io::Error) -> Error {
    Error::new(
        Code::NotSaved,
        format!(
            "the change was not saved: {}; what was saved before is untouched",
            file::words(error)
        ),
    )
    .because(error.to_string())
}

fn members(document: &Settings) -> Map<String, Value> {
    match serde_json::to_value(document) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

fn examine(path: &Path) -> Found {
    match file::read(path) {
        Ok(Content::Bytes(bytes)) => decode(&bytes),
        Ok(Content::Bad(reason)) => Found::Corrupt(reason),
        Ok(Content::Missing) => Found::Missing,
        Err(error) => Found::Unreadable(error),
    }
}

fn decode(bytes: &[u8]) -> Found {
    match sealed::unseal(bytes).map(understand) {
        Ok(Understood::Document(document)) => Found::Valid(document),
        Ok(Understood::Newer) => Found::Newer,
        Ok(Understood::Nothing(reason)) | Err(reason) => Found::Corrupt(reason),
    }
}

fn is_valid(found: &Found) -> bool {
    matches!(found, Found::Valid(_))
}

/// The document to go on with, and whether the files may be written.
fn judge(found: &[Found; 2]) -> (Opened, Mode) {
    let [main, copy] = found;
    let settings = match (main, copy) {
        (Found::Valid(main), Found::Valid(copy)) if copy.generation > main.generation => copy,
        (Found::Valid(main), _) => main,
        (_, Found::Valid(copy)) => copy,
        _ => &Box::default(),
    };
    let mut mode = Mode::ReadWrite;
    for one in found {
        match one {
            Found::Newer => mode = Mode::Newer,
            Found::Unreadable(error) if mode == Mode::ReadWrite => {
                tracing::warn!(%error, "a settings file cannot be read");
                mode = Mode::Memory;
            }
            _ => {}
        }
    }
    let opened = Opened {
        settings: Settings::clone(settings),
        trouble: (mode != Mode::ReadWrite).then_some(Trouble::SettingsReadOnly),
    };
    (opened, mode)
}
