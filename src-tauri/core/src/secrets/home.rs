//! Which of the stores is in use: the keychain, the file, or memory. One at a time; which one is
//! remembered in the settings.
//!
//! # Design
//! Nothing asks the keychain before there is a secret to keep: its first use may open a dialog.
//! The settings remember the place and the *names* of the headers kept in a keychain. So a locked
//! keychain stops only the sources whose headers it holds, and a list needs no dialog. Values read
//! once are kept in memory, as those of the file are.
//!
//! An entry that is to go while the keychain is silent is remembered by its source and removed as
//! soon as the keychain answers. So a source can always be removed, and a keychain given up.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};

use crate::{
    data_dir::{DataDir, DataLock},
    error::{Code, Error, Result},
    ipc::Trouble,
    model::{SourceId, Timestamp},
    secrets::{
        BySource, FileSecrets, Headers, SecretStore, SessionSecrets, keychain, put, validate,
    },
};

/// A keychain that did not answer is asked again after this long. Seconds.
const ASK_AGAIN_S: i64 = 30;

/// Where header values may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum SecretsAt {
    /// The system's keychain.
    Keychain,
    /// `secrets.json`, mode 0600.
    File,
    /// Memory: gone when the program ends. Never remembered.
    Session,
}

/// Where they are kept in the absence of a keychain, as long as nobody has chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// In the file: for the command line, which says so.
    File,
    /// In memory: for the window, which asks.
    Session,
}

/// What the settings remember about secrets; no secret.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SecretsNote {
    /// Where they are; none as long as there are none.
    #[serde(default)]
    at: Option<SecretsAt>,
    /// Whether a person chose the file: then a keychain that appears changes nothing.
    #[serde(default)]
    chosen: bool,
    /// The header names of each source in the keychain.
    #[serde(default)]
    names: BTreeMap<SourceId, Vec<String>>,
    /// The sources whose entries are to be removed from the keychain; never one of `names`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    forget: BTreeSet<SourceId>,
}

impl SecretsNote {
    /// Whether there is nothing to remember.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Where they are; none as long as there are none.
    pub fn at(&self) -> Option<SecretsAt> {
        self.at
    }
}

/// The secrets of a data directory, wherever they are kept.
#[derive(Debug)]
pub struct Secrets {
    file: FileSecrets,
    session: SessionSecrets,
    asked: Option<SecretsAt>,
    fallback: Fallback,
    clock: fn() -> Timestamp,
    /// Held while the keychain is asked, which may take seconds.
    turn: Mutex<()>,
    now: Mutex<Now>,
}

#[derive(Debug)]
struct Now {
    note: SecretsNote,
    keychain: Keychain,
    /// What the keychain holds, once it was read.
    held: BySource,
}

#[derive(Debug)]
enum Keychain {
    NotAsked,
    Open,
    Silent { since: Timestamp, why: String },
}

impl Secrets {
    /// Opens the secrets of a locked directory. `asked` is what a person demands for this run;
    /// `note` is what the settings remember. Never fails; trouble is about the file.
    pub fn open(
        lock: &DataLock,
        note: &SecretsNote,
        asked: Option<SecretsAt>,
        fallback: Fallback,
        clock: fn() -> Timestamp,
    ) -> (Self, Option<Trouble>) {
        let (file, trouble) = FileSecrets::open(lock, clock());
        (Self::over(file, note, asked, fallback, clock), trouble)
    }

    /// The same for a program beside the one that holds the lock: it changes nothing.
    pub fn read(
        dir: &DataDir,
        note: &SecretsNote,
        asked: Option<SecretsAt>,
        clock: fn() -> Timestamp,
    ) -> Self {
        let file = FileSecrets::read(dir);
        let asked = asked.filter(|at| *at == SecretsAt::Session);
        Self::over(file, note, asked, Fallback::File, clock)
    }

    fn over(
        file: FileSecrets,
        note: &SecretsNote,
        asked: Option<SecretsAt>,
        fallback: Fallback,
        clock: fn() -> Timestamp,
    ) -> Self {
        let mut note = note.clone();
        if asked == Some(SecretsAt::Session) {
            note.at = Some(SecretsAt::Session);
        } else if note.at.is_none() && !file.is_empty() {
            // Written before there was a note, or not readable: it is where they are.
            note.at = Some(SecretsAt::File);
        }
        Self {
            file,
            session: SessionSecrets::default(),
            asked,
            fallback,
            clock,
            turn: Mutex::default(),
            now: Mutex::new(Now {
                note,
                keychain: Keychain::NotAsked,
                held: BySource::new(),
            }),
        }
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        // Every change is a few assignments that cannot panic.
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn at(&self) -> Option<SecretsAt> {
        self.now().note.at
    }

    /// Makes the keychain answer: the first time by a round trip, by reading all it should hold and
    /// by removing what it should not. To be called in turn.
    fn unlock(&self) -> Result<()> {
        let (names, forget) = {
            let now = self.now();
            match &now.keychain {
                Keychain::Open => return Ok(()),
                Keychain::Silent { since, why }
                    if (self.clock)().duration_since(*since).as_secs().abs() < ASK_AGAIN_S =>
                {
                    return Err(Error::new(Code::ReadOnly, why.clone()));
                }
                Keychain::Silent { .. } | Keychain::NotAsked => {}
            }
            let names: Vec<SourceId> = now.note.names.keys().copied().collect();
            (names, now.note.forget.clone())
        };
        let read = keychain::probe().and_then(|()| {
            let read = names.into_iter().map(|id| Ok((id, keychain::get(id)?)));
            read.collect::<Result<BySource>>()
        });
        let left = if read.is_ok() {
            let stays = |id: &SourceId| keychain::set(*id, &Headers::new()).is_err();
            forget.into_iter().filter(stays).collect()
        } else {
            forget
        };
        let mut now = self.now();
        now.note.forget = left;
        match read {
            Ok(held) => {
                now.held = held;
                now.keychain = Keychain::Open;
                Ok(())
            }
            Err(error) => {
                tracing::warn!(why = error.message, "the keychain cannot be used");
                now.keychain = Keychain::Silent {
                    since: (self.clock)(),
                    why: error.message.clone(),
                };
                Err(error)
            }
        }
    }

    /// Where a first secret goes.
    fn decide(&self) -> Result<SecretsAt> {
        if let Some(at) = self.at() {
            return Ok(at);
        }
        match self.asked {
            Some(SecretsAt::Keychain) => self.unlock().map(|()| SecretsAt::Keychain),
            Some(at) => Ok(at),
            None => Ok(match (self.unlock(), self.fallback) {
                (Ok(()), _) => SecretsAt::Keychain,
                (Err(_), Fallback::File) => SecretsAt::File,
                (Err(_), Fallback::Session) => SecretsAt::Session,
            }),
        }
    }

    /// All secrets of the place they are in now.
    fn all(&self) -> Result<BySource> {
        match self.at() {
            Some(SecretsAt::File) => self.file.all(),
            Some(SecretsAt::Session) | None => Ok(self.session.held().clone()),
            Some(SecretsAt::Keychain) => {
                self.unlock()?;
                Ok(self.now().held.clone())
            }
        }
    }

    fn store(&self, at: SecretsAt, source: SourceId, headers: Headers) -> Result<()> {
        match at {
            SecretsAt::File => self.file.set(source, headers)?,
            SecretsAt::Session => self.session.set(source, headers)?,
            SecretsAt::Keychain => {
                self.unlock().map_err(|error| Error {
                    code: Code::NotSaved,
                    ..error
                })?;
                keychain::set(source, &headers)?;
                let mut now = self.now();
                put(&mut now.held, source, headers);
                now.note.forget.remove(&source);
            }
        }
        let mut now = self.now();
        now.note.at = Some(at);
        now.note.chosen |= at == SecretsAt::File && self.asked == Some(SecretsAt::File);
        now.note.names = if at == SecretsAt::Keychain {
            names(&now.held)
        } else {
            BTreeMap::new()
        };
        Ok(())
    }
}

impl SecretStore for Secrets {
    fn get(&self, source: SourceId) -> Result<Headers> {
        match self.at() {
            Some(SecretsAt::File) => self.file.get(source),
            Some(SecretsAt::Session) | None => self.session.get(source),
            Some(SecretsAt::Keychain) => {
                if !self.now().note.names.contains_key(&source) {
                    return Ok(Headers::new());
                }
                let _turn = self.turn();
                self.unlock()?;
                Ok(self.now().held.get(&source).cloned().unwrap_or_default())
            }
        }
    }

    fn set(&self, source: SourceId, headers: Headers) -> Result<()> {
        validate(&headers)?;
        let _turn = self.turn();
        if headers.is_empty() && self.at().is_none() {
            return Ok(());
        }
        self.store(self.decide()?, source, headers)
    }

    fn remove(&self, source: SourceId) -> Result<()> {
        if self.at() != Some(SecretsAt::Keychain) {
            return self.set(source, Headers::new());
        }
        let _turn = self.turn();
        if self.now().note.names.contains_key(&source)
            && let Err(error) = self.store(SecretsAt::Keychain, source, Headers::new())
        {
            tracing::warn!(why = error.message, "an entry of the keychain goes later");
            let mut now = self.now();
            now.held.remove(&source);
            now.note.names.remove(&source);
            now.note.forget.insert(source);
        }
        Ok(())
    }

    fn header_names(&self, source: SourceId) -> Result<Vec<String>> {
        if self.at() == Some(SecretsAt::Keychain) {
            let names = self.now().note.names.get(&source).cloned();
            return Ok(names.unwrap_or_default());
        }
        let headers = self.get(source)?;
        Ok(headers.into_iter().map(|(name, _)| name).collect())
    }

    fn note(&self) -> Option<SecretsNote> {
        if self.asked == Some(SecretsAt::Session) {
            return None;
        }
        let mut note = self.now().note.clone();
        note.at = note.at.filter(|at| *at != SecretsAt::Session);
        Some(note)
    }

    fn move_to(&self, wanted: Option<SecretsAt>) -> Result<()> {
        let _turn = self.turn();
        let (at, chosen) = {
            let now = self.now();
            (now.note.at, now.note.chosen)
        };
        let demanded = wanted.or(self.asked);
        let to = match (at, demanded) {
            (Some(at), Some(to)) if at != to => to,
            (Some(SecretsAt::File), None) if !chosen && self.unlock().is_ok() => {
                SecretsAt::Keychain
            }
            _ => return Ok(()),
        };
        if at == Some(SecretsAt::Session) && wanted.is_none() {
            return Ok(());
        }
        let all = self.all()?;
        if to == SecretsAt::Keychain {
            self.unlock()?;
        }
        for (source, headers) in all {
            match to {
                SecretsAt::File => self.file.set(source, headers)?,
                SecretsAt::Session => self.session.set(source, headers)?,
                SecretsAt::Keychain => {
                    keychain::set(source, &headers)?;
                    let mut now = self.now();
                    put(&mut now.held, source, headers);
                    now.note.forget.remove(&source);
                }
            }
        }
        let mut now = self.now();
        now.note = SecretsNote {
            forget: std::mem::take(&mut now.note.forget),
            at: Some(to),
            chosen: to == SecretsAt::File && demanded.is_some(),
            names: if to == SecretsAt::Keychain {
                names(&now.held)
            } else {
                BTreeMap::new()
            },
        };
        Ok(())
    }

    fn give_up_keychain(&self) -> Result<Vec<SourceId>> {
        let _turn = self.turn();
        if self.at() != Some(SecretsAt::Keychain) {
            return Ok(Vec::new());
        }
        // What it said a moment ago does not count: a person may just have unlocked it.
        if !matches!(self.now().keychain, Keychain::Open) {
            self.now().keychain = Keychain::NotAsked;
        }
        if self.unlock().is_ok() {
            return Ok(Vec::new());
        }
        let mut now = self.now();
        let lost: Vec<SourceId> = std::mem::take(&mut now.note.names).into_keys().collect();
        now.note.forget.extend(&lost);
        now.note.at = None;
        Ok(lost)
    }

    fn clear_elsewhere(&self) -> Result<()> {
        let _turn = self.turn();
        match self.at() {
            Some(SecretsAt::Keychain) => {
                if !self.now().note.forget.is_empty() {
                    let _ = self.unlock();
                }
                // A crash may have come between the note and here: the file goes then.
                for source in self.file.all()?.into_keys() {
                    if self.now().note.names.contains_key(&source) {
                        self.file.remove(source)?;
                    }
                }
            }
            Some(SecretsAt::File) => {
                let left: Vec<SourceId> = self.now().held.keys().copied().collect();
                for source in left {
                    keychain::set(source, &Headers::new())?;
                    self.now().held.remove(&source);
                }
                let passed: Vec<SourceId> = self.session.held().keys().copied().collect();
                for source in passed {
                    self.session.remove(source)?;
                }
            }
            Some(SecretsAt::Session) | None => {}
        }
        Ok(())
    }

    fn trouble(&self) -> Option<Trouble> {
        let now = self.now();
        match (now.note.at, &now.keychain) {
            (Some(SecretsAt::Keychain), Keychain::Silent { why, .. }) => {
                Some(Trouble::KeychainUnavailable {
                    message: why.clone(),
                })
            }
            (Some(SecretsAt::Session), _)
                if self.asked.is_none() && !self.session.held().is_empty() =>
            {
                Some(Trouble::SecretsForSession)
            }
            _ => None,
        }
    }
}

fn names(held: &BySource) -> BTreeMap<SourceId, Vec<String>> {
    let names = |headers: &Headers| headers.iter().map(|(name, _)| name.clone()).collect();
    held.iter()
        .map(|(source, headers)| (*source, names(headers)))
        .collect()
}
