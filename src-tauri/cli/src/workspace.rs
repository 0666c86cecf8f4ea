//! The settings, secrets and history of a data directory: to read beside whoever holds it, or to
//! hold and change.

use std::sync::Arc;

use tidings_core::{
    data_dir::{DataDir, DataLock},
    delivery,
    engine::{Engine, Parts},
    error::{Code, Error, Result},
    history::{History, OpenError},
    ipc::Trouble,
    model::SourceId,
    register::Register,
    secrets::{Fallback, Headers, SecretStore, Secrets, SessionSecrets},
    settings::{FileStore, MemoryStore, Settings, SettingsFiles, SettingsOwner},
    source::suspend::asleep,
};

use crate::{args::Cli, now, output::Output};

/// What a command that changes something holds.
pub(crate) struct Held {
    pub settings: SettingsOwner,
    secrets: Arc<dyn SecretStore>,
    troubles: Vec<Trouble>,
    /// None where nothing can be kept.
    lock: Option<DataLock>,
}

/// Holds the data directory or, where it cannot be used, goes on in memory and says so.
pub(crate) fn hold_or_remember(cli: &Cli, output: Output) -> Result<Held> {
    match hold(cli, output) {
        Err(error) if error.code == Code::ReadOnly => {
            let dir = DataDir::existing(cli.data_dir.as_deref()).ok();
            let (_, opened) = SettingsFiles::in_memory(dir.as_ref());
            let secrets: Arc<dyn SecretStore> = match &dir {
                Some(dir) => Arc::new(secrets_beside(cli, dir, &opened.settings)),
                None => Arc::new(SessionSecrets::default()),
            };
            output.trouble(&format!(
                "nothing can be kept, events are forgotten at the end: {error}"
            ));
            Ok(Held {
                settings: SettingsOwner::new(opened.settings, Arc::new(MemoryStore)),
                secrets,
                troubles: opened.trouble.into_iter().collect(),
                lock: None,
            })
        }
        other => other,
    }
}

/// Holds the data directory, or says who does.
pub(crate) fn hold(cli: &Cli, output: Output) -> Result<Held> {
    let lock = DataDir::open(cli.data_dir.as_deref())?.lock("tidings-cli")?;
    let (files, opened) = SettingsFiles::open(&lock, now());
    let remembered = &opened.settings.secrets;
    let asked = cli.secrets.map(Into::into);
    let (secrets, lost) = Secrets::open(&lock, remembered, asked, Fallback::File, now);
    let secrets: Arc<dyn SecretStore> = Arc::new(secrets);
    let troubles: Vec<_> = opened.trouble.into_iter().chain(lost).collect();
    for trouble in &troubles {
        output.trouble(&words(trouble));
    }
    let settings = SettingsOwner::new(opened.settings, Arc::new(FileStore::new(Arc::new(files))));
    Ok(Held {
        settings,
        secrets,
        troubles,
        lock: Some(lock),
    })
}

impl Held {
    /// Changes sources together with their secrets.
    pub(crate) fn register(&self) -> Register {
        Register::new(self.settings.clone(), Arc::clone(&self.secrets))
    }

    /// Says what helps where a failure may come from a keychain that does not answer.
    pub(crate) fn advise<T>(&self, result: Result<T>, output: Output) -> Result<T> {
        let silent = matches!(
            self.secrets.trouble(),
            Some(Trouble::KeychainUnavailable { .. })
        );
        if result.is_err() && silent {
            output.hint(
                "if the keychain is gone for good: tidings-cli settings give-up-keychain, and enter its header values again",
            );
        }
        result
    }

    /// The directory; none where nothing can be kept.
    pub(crate) fn dir(&self) -> Option<DataDir> {
        self.lock.as_ref().map(|lock| lock.dir().clone())
    }

    /// Opens the history for writing, come what may.
    pub(crate) fn history(&mut self, output: Output) -> Result<History> {
        let started = match &self.lock {
            Some(lock) => History::start(lock.path(), now())?,
            None => History::start_in_memory("the data directory cannot be used")?,
        };
        if self.lock.is_some() {
            for trouble in &started.troubles {
                output.trouble(&words(trouble));
            }
        }
        self.troubles.extend(started.troubles);
        Ok(started.history)
    }

    /// Starts every task.
    pub(crate) async fn start(mut self, output: Output) -> Result<Engine> {
        let history = self.history(output)?;
        let Self {
            settings,
            secrets,
            troubles,
            ..
        } = self;
        Engine::start(Parts {
            settings,
            secrets,
            history,
            toasts: delivery::Options {
                has_window: false,
                ..delivery::Options::default()
            },
            words: |_| delivery::Words::default(),
            clock: now,
            asleep,
            troubles,
        })
        .await
    }
}

/// What a command that only reads sees, whoever holds the directory.
pub(crate) struct Seen {
    pub settings: Settings,
    /// None where nothing was ever stored.
    pub history: Option<History>,
    /// None where there is none yet.
    pub dir: Option<DataDir>,
}

/// The settings alone, whoever holds the directory.
pub(crate) fn look_at_settings(cli: &Cli) -> Result<Settings> {
    let dir = DataDir::existing(cli.data_dir.as_deref())?;
    Ok(SettingsFiles::read(&dir).settings)
}

/// Looks without holding. Where nothing was ever kept there is nothing to see: that is said, and
/// is no failure.
pub(crate) fn look(cli: &Cli, output: Output) -> Result<Seen> {
    let dir = match DataDir::existing(cli.data_dir.as_deref()) {
        Ok(dir) => dir,
        Err(error) if error.code == Code::NotFound => {
            output.hint(&error.message);
            return Ok(Seen {
                settings: Settings::default(),
                history: None,
                dir: None,
            });
        }
        Err(error) => return Err(error),
    };
    let settings = SettingsFiles::read(&dir).settings;
    let history = match History::open_readonly(dir.path()) {
        Ok(history) => Some(history),
        // Whoever holds the directory may be about to make it.
        Err(OpenError::Missing(_)) => None,
        Err(error) => {
            return Err(Error::new(
                Code::HistoryUnavailable,
                format!("the history cannot be read: {error}"),
            ));
        }
    };
    Ok(Seen {
        settings,
        history,
        dir: Some(dir),
    })
}

/// The secrets of a directory somebody else may hold.
pub(crate) fn secrets_beside(cli: &Cli, dir: &DataDir, settings: &Settings) -> Secrets {
    Secrets::read(dir, &settings.secrets, cli.secrets.map(Into::into), now)
}

/// The secret headers of a source. The keychain may take its time.
pub(crate) async fn stored_headers(
    cli: &Cli,
    dir: &DataDir,
    settings: &Settings,
    source: SourceId,
) -> Result<Headers> {
    let secrets = secrets_beside(cli, dir, settings);
    let read = tokio::task::spawn_blocking(move || secrets.get(source));
    read.await.map_err(|error| {
        Error::new(Code::Internal, "the secrets could not be looked at").because(error)
    })?
}

fn words(trouble: &Trouble) -> String {
    match trouble {
        Trouble::SettingsLost { copies } => {
            format!(
                "a settings file could not be read; a copy is kept: {}",
                copies.join(", ")
            )
        }
        Trouble::SettingsReadOnly => {
            "the settings cannot be written or come from a newer version; nothing is saved"
                .to_owned()
        }
        Trouble::DiskFull => "the disk is full; events wait at the server".to_owned(),
        Trouble::HistorySalvaged { copy, events } => format!(
            "the history was damaged; {events} events could be read, the damaged file is kept: \
             {copy}"
        ),
        Trouble::HistoryUnavailable { message }
        | Trouble::HistoryDamaged { message }
        | Trouble::HistoryProtected { message }
        | Trouble::HistoryInMemory { message }
        | Trouble::HistoryReadOnly { message }
        | Trouble::ToastsUnavailable { message }
        | Trouble::KeychainUnavailable { message } => message.clone(),
        Trouble::SecretsForSession => {
            "header values are forgotten when the program ends".to_owned()
        }
    }
}
