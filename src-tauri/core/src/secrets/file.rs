//! Secrets in a file of the data directory that only its owner may read.
//!
//! There is no second copy as the settings have one: the file is only ever replaced whole, and a
//! copy would keep what a person has removed.

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    data_dir::{
        DataDir, DataLock,
        file::{self, Content},
        sealed,
    },
    error::{Code, Error, Result},
    ipc::Trouble,
    model::{SourceId, Timestamp},
    secrets::{BySource, Headers, Secret, SecretStore, put, validate},
};

/// The name of the secrets file.
pub const SECRETS_FILE: &str = "secrets.json";

const SCHEMA: u32 = 1;

/// Secrets in `secrets.json`, mode 0600, replaced whole with every change.
#[derive(Debug)]
pub struct FileSecrets {
    path: PathBuf,
    held: Mutex<BySource>,
    access: Access,
    /// While this lives, nobody else writes here.
    lock: Option<DataLock>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    ReadWrite,
    ReadOnly,
    /// What is in the file is unknown, so nothing may be sent without it nor written over it.
    Unreadable,
    /// A newer version wrote it.
    Newer,
}

#[derive(Serialize, Deserialize)]
struct Document {
    schema: u32,
    sources: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    source: SourceId,
    headers: Vec<(String, String)>,
}

enum Found {
    Valid(BySource),
    Newer,
    Corrupt(&'static str),
}

impl FileSecrets {
    /// Reads the secrets of a locked directory and keeps them from now on. Never fails: a bad file
    /// is set aside and reported, never silently emptied; one that cannot be read refuses every
    /// `get`.
    pub fn open(lock: &DataLock, now: Timestamp) -> (Self, Option<Trouble>) {
        let mut secrets = Self::at(lock.dir());
        file::sweep(&secrets.path);
        secrets.lock = Some(lock.clone());
        secrets.access = Access::ReadWrite;
        let trouble = match secrets.load() {
            Ok(None) => None,
            Ok(Some(reason)) => {
                tracing::warn!(reason, "a bad secrets file is set aside");
                let bad = [secrets.path.clone()];
                match file::set_aside(lock.path(), "secrets", &bad, now) {
                    Ok(copies) => Some(Trouble::SettingsLost {
                        copies: copies
                            .iter()
                            .map(|copy| copy.display().to_string())
                            .collect(),
                    }),
                    Err(error) => {
                        tracing::warn!(%error, "the bad secrets file could not be set aside");
                        secrets.access = Access::Unreadable;
                        Some(Trouble::SettingsReadOnly)
                    }
                }
            }
            Err(access) => {
                secrets.access = access;
                Some(Trouble::SettingsReadOnly)
            }
        };
        (secrets, trouble)
    }

    /// Reads the secrets and touches nothing: for a program beside the one that holds the lock.
    /// Every `set` is refused, and every `get` where the file is bad.
    pub fn read(dir: &DataDir) -> Self {
        let mut secrets = Self::at(dir);
        secrets.access = match secrets.load() {
            Ok(None) => Access::ReadOnly,
            Ok(Some(_)) => Access::Unreadable,
            Err(access) => access,
        };
        secrets
    }

    /// Whether there is nothing in it for sure.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self.access, Access::ReadWrite | Access::ReadOnly) && self.held().is_empty()
    }

    /// Everything in it.
    ///
    /// # Errors
    /// As [`SecretStore::get`].
    pub(crate) fn all(&self) -> Result<BySource> {
        match self.access {
            Access::ReadWrite | Access::ReadOnly => Ok(self.held().clone()),
            Access::Unreadable | Access::Newer => Err(closed(self.access)),
        }
    }

    fn at(dir: &DataDir) -> Self {
        Self {
            path: dir.path().join(SECRETS_FILE),
            held: Mutex::default(),
            access: Access::Unreadable,
            lock: None,
        }
    }

    /// Fills the map. Says why the file is bad, or why it must be left alone.
    fn load(&mut self) -> Result<Option<&'static str>, Access> {
        let bytes = match file::read(&self.path) {
            Ok(Content::Bytes(bytes)) => Zeroizing::new(bytes),
            Ok(Content::Bad(reason)) => return Ok(Some(reason)),
            Ok(Content::Missing) => return Ok(None),
            Err(error) => {
                tracing::warn!(%error, "the secrets cannot be read");
                return Err(Access::Unreadable);
            }
        };
        match decode(&bytes) {
            Found::Valid(all) => {
                self.held = Mutex::new(all);
                Ok(None)
            }
            Found::Newer => Err(Access::Newer),
            Found::Corrupt(reason) => Ok(Some(reason)),
        }
    }

    fn held(&self) -> MutexGuard<'_, BySource> {
        // The map is replaced whole, so a panic elsewhere leaves it good.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SecretStore for FileSecrets {
    fn get(&self, source: SourceId) -> Result<Headers> {
        match self.access {
            Access::ReadWrite | Access::ReadOnly => {
                Ok(self.held().get(&source).cloned().unwrap_or_default())
            }
            Access::Unreadable | Access::Newer => Err(closed(self.access)),
        }
    }

    fn set(&self, source: SourceId, headers: Headers) -> Result<()> {
        if self.access != Access::ReadWrite {
            return Err(closed(self.access));
        }
        validate(&headers)?;
        let mut held = self.held();
        let mut after = held.clone();
        put(&mut after, source, headers);
        if after == *held {
            return Ok(());
        }
        file::replace(&self.path, &encode(&after)?).map_err(|error| {
            Error::new(
                Code::NotSaved,
                format!(
                    "the secrets were not saved: {}; what was saved before is untouched",
                    file::words(&error)
                ),
            )
            .because(error)
        })?;
        *held = after;
        Ok(())
    }
}

fn closed(access: Access) -> Error {
    Error::new(
        Code::ReadOnly,
        match access {
            Access::ReadWrite | Access::ReadOnly => {
                "another process keeps the secrets; quit it to change them here"
            }
            Access::Unreadable => {
                "secrets.json cannot be read, so nothing is sent without it; make it readable and \
                 start again"
            }
            Access::Newer => {
                "secrets.json comes from a newer version of Tidings; install that version again"
            }
        },
    )
}

fn encode(all: &BySource) -> Result<Zeroizing<Vec<u8>>> {
    let sources = all
        .iter()
        .map(|(source, headers)| Entry {
            source: *source,
            headers: headers
                .iter()
                .map(|(name, value)| (name.clone(), value.expose().to_owned()))
                .collect(),
        })
        .collect();
    let document = Document {
        schema: SCHEMA,
        sources,
    };
    sealed::seal(&document).map(Zeroizing::new)
}

fn decode(bytes: &[u8]) -> Found {
    let members = match sealed::unseal(bytes) {
        Ok(members) => members,
        Err(reason) => return Found::Corrupt(reason),
    };
    // Intact but not understood is a newer version's, as with the settings.
    let Ok(document) = serde_json::from_value::<Document>(members.into()) else {
        return Found::Newer;
    };
    if document.schema != SCHEMA {
        return Found::Newer;
    }
    let headers = |entry: Entry| {
        let list = entry.headers.into_iter();
        let list = list.map(|(name, value)| (name, Secret::new(value)));
        (entry.source, list.collect())
    };
    Found::Valid(document.sources.into_iter().map(headers).collect())
}
