//! The system's keychain, one entry for each source: the Secret Service, Apple's Keychain or
//! Windows' Credential Manager. Every call may open a dialog and so has a time limit.

use std::{
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use keyring::Entry;
use zeroize::Zeroizing;

use crate::{
    data_dir::APP_ID,
    error::{Code, Error, Result},
    model::SourceId,
    secrets::{Headers, Secret},
};

/// How long the keychain may take; a dialog that asks for its password counts.
const PATIENCE: Duration = Duration::from_secs(10);
/// The entry of the round trip.
const PROBE: &str = "probe";

/// Whether a call runs that was given up: while its dialog is open, no second one is opened.
static STUCK: AtomicBool = AtomicBool::new(false);

/// Writes an entry, reads it back and removes it. A keychain that is locked may answer a read with
/// "no entry", which looks like "no secret": only a round trip tells.
///
/// # Errors
/// `ReadOnly` with the reason in words.
pub(super) fn probe() -> Result<()> {
    in_time(|| {
        let entry = Entry::new(APP_ID, PROBE)?;
        entry.set_password(PROBE)?;
        let back = entry.get_password()?;
        entry.delete_credential()?;
        if back == PROBE {
            Ok(())
        } else {
            Err(keyring::Error::NoEntry)
        }
    })
}

/// The headers of a source; empty where the keychain has no entry for it.
///
/// # Errors
/// As [`probe`].
pub(super) fn get(source: SourceId) -> Result<Headers> {
    let text = in_time(
        move || match Entry::new(APP_ID, &source.to_string())?.get_password() {
            Ok(text) => Ok(Zeroizing::new(text)),
            Err(keyring::Error::NoEntry) => Ok(Zeroizing::new("[]".to_owned())),
            Err(error) => Err(error),
        },
    )?;
    let pairs: Vec<(String, String)> = serde_json::from_str(&text).map_err(|_| {
        Error::new(
            Code::ReadOnly,
            "what the keychain holds for this source was not written by Tidings; remove the entry",
        )
    })?;
    let pairs = pairs.into_iter();
    Ok(pairs
        .map(|(name, value)| (name, Secret::new(value)))
        .collect())
}

/// Replaces the headers of a source; an empty list removes its entry.
///
/// # Errors
/// `NotSaved` with the reason in words.
pub(super) fn set(source: SourceId, headers: &Headers) -> Result<()> {
    let pairs: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.expose()))
        .collect();
    let text = serde_json::to_string(&pairs).map(Zeroizing::new);
    let text =
        text.map_err(|error| Error::new(Code::Internal, "the headers are no JSON").because(error))?;
    let removes = headers.is_empty();
    in_time(move || {
        let entry = Entry::new(APP_ID, &source.to_string())?;
        if !removes {
            return entry.set_password(&text);
        }
        match entry.delete_credential() {
            Err(keyring::Error::NoEntry) | Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    })
    .map_err(|error| Error {
        code: Code::NotSaved,
        ..error
    })
}

/// Runs a call on a thread of its own and gives it up after [`PATIENCE`].
fn in_time<T: Send + 'static>(
    call: impl FnOnce() -> keyring::Result<T> + Send + 'static,
) -> Result<T> {
    if STUCK.load(Ordering::Acquire) {
        return Err(silent());
    }
    let (answer, answered) = mpsc::sync_channel(1);
    thread::Builder::new()
        .name("keychain".to_owned())
        .spawn(move || {
            let _ = answer.send(call());
            STUCK.store(false, Ordering::Release);
        })
        .map_err(|error| Error::new(Code::Internal, "no thread can be started").because(error))?;
    match answered.recv_timeout(PATIENCE) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(words(&error)),
        Err(_) => {
            STUCK.store(true, Ordering::Release);
            // It may have answered in between.
            match answered.try_recv() {
                Ok(late) => {
                    STUCK.store(false, Ordering::Release);
                    late.map_err(|error| words(&error))
                }
                Err(_) => Err(silent()),
            }
        }
    }
}

fn silent() -> Error {
    Error::new(
        Code::ReadOnly,
        "the system's keychain does not answer; unlock it and try again",
    )
}

fn words(error: &keyring::Error) -> Error {
    let message = match error {
        keyring::Error::NoDefaultStore => "there is no keychain on this system".to_owned(),
        keyring::Error::NoStorageAccess(_) => {
            "the system's keychain is locked; unlock it and try again".to_owned()
        }
        keyring::Error::TooLong(_, limit) => {
            format!("the header values are longer than the {limit} bytes the keychain takes")
        }
        // Its own words may hold what was to be stored.
        _ => "the system's keychain refused; look into its own settings".to_owned(),
    };
    Error::new(Code::ReadOnly, message)
}
