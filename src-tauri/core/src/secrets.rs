//! Header values and passwords, never in the settings. They go in and come out only to be sent.
//!
//! All stores block: call them from a blocking thread or before the runtime starts.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use zeroize::Zeroizing;

use crate::{
    error::{Code, Error, Result},
    ipc::Trouble,
    model::SourceId,
};

mod file;
mod header;
mod home;
mod keychain;
mod redact;

pub use file::{FileSecrets, SECRETS_FILE};
pub use header::{
    HEADER_VALUE_MAX, HEADERS_MAX, basic, query_name, set_parameter, take_secrets, validate_header,
};
pub use home::{Fallback, Secrets, SecretsAt, SecretsNote};
pub use redact::{redact, redact_panics, sounds_secret};

/// A value nobody may see: wiped when dropped, hidden from `Debug`, and neither `Display` nor
/// `Serialize`, so that it cannot slip into a log or onto the wire.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the value over.
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value, to be sent and never to be shown.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// Header names and values of one source, in the order they are sent. A name with `?` before it is
/// that of a query parameter.
pub type Headers = Vec<(String, Secret)>;

/// Where secrets are kept: one ordered list of headers per source. Blocking.
pub trait SecretStore: Send + Sync {
    /// The headers of a source; empty where it has none.
    ///
    /// # Errors
    /// `ReadOnly` where the store cannot be read: a connection must not go out without them then.
    fn get(&self, source: SourceId) -> Result<Headers>;

    /// Replaces all headers of a source; an empty list removes it.
    ///
    /// # Errors
    /// `InvalidHeader`, `TooMany`, `ReadOnly` or `NotSaved`; what was stored before is untouched.
    fn set(&self, source: SourceId, headers: Headers) -> Result<()>;

    /// Forgets a source. What a locked keychain holds of it goes once it is unlocked.
    ///
    /// # Errors
    /// `ReadOnly` or `NotSaved`.
    fn remove(&self, source: SourceId) -> Result<()> {
        self.set(source, Vec::new())
    }

    /// The names of a source's headers, in order.
    ///
    /// # Errors
    /// Those of [`SecretStore::get`].
    fn header_names(&self, source: SourceId) -> Result<Vec<String>> {
        let headers = self.get(source)?;
        Ok(headers.into_iter().map(|(name, _)| name).collect())
    }

    /// What the settings are to remember about this store; none where there is nothing.
    fn note(&self) -> Option<SecretsNote> {
        None
    }

    /// Copies all secrets to where they belong: to `wanted`, or from the file to a keychain that
    /// has appeared. Once [`SecretStore::note`] is saved, [`SecretStore::clear_elsewhere`] removes
    /// what is left in the old place.
    ///
    /// # Errors
    /// `NotSaved` or `ReadOnly`; everything is where it was then.
    fn move_to(&self, wanted: Option<SecretsAt>) -> Result<()> {
        let _ = wanted;
        Ok(())
    }

    /// Stops relying on a keychain that does not answer. Answers whose headers are lost with it:
    /// none where it answers after all, or is not in use.
    ///
    /// # Errors
    /// `ReadOnly`.
    fn give_up_keychain(&self) -> Result<Vec<SourceId>> {
        Ok(Vec::new())
    }

    /// Removes secrets from wherever they do not belong.
    ///
    /// # Errors
    /// `NotSaved` or `ReadOnly`.
    fn clear_elsewhere(&self) -> Result<()> {
        Ok(())
    }

    /// What a person must know about it now. Never waits.
    fn trouble(&self) -> Option<Trouble> {
        None
    }
}

type BySource = BTreeMap<SourceId, Headers>;

/// Secrets that end with the program.
#[derive(Debug, Default)]
pub struct SessionSecrets(Mutex<BySource>);

impl SessionSecrets {
    fn held(&self) -> MutexGuard<'_, BySource> {
        // Every change is one insert or remove, so a panic elsewhere leaves the map good.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SecretStore for SessionSecrets {
    fn get(&self, source: SourceId) -> Result<Headers> {
        Ok(self.held().get(&source).cloned().unwrap_or_default())
    }

    fn set(&self, source: SourceId, headers: Headers) -> Result<()> {
        validate(&headers)?;
        put(&mut self.held(), source, headers);
        Ok(())
    }
}

fn put(all: &mut BySource, source: SourceId, headers: Headers) {
    if headers.is_empty() {
        all.remove(&source);
    } else {
        all.insert(source, headers);
    }
}

fn validate(headers: &Headers) -> Result<()> {
    if headers.len() > HEADERS_MAX {
        return Err(Error::new(
            Code::TooMany,
            format!("a source sends at most {HEADERS_MAX} headers of its own; remove one first"),
        ));
    }
    let mut names: Vec<String> = Vec::new();
    for (name, value) in headers {
        validate_header(name, value.expose())?;
        let name = name.to_ascii_lowercase();
        if names.contains(&name) {
            return Err(Error::new(
                Code::InvalidHeader,
                format!("the header {name} is there twice; write both values into one"),
            ));
        }
        names.push(name);
    }
    Ok(())
}
