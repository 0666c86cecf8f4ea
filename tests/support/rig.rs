//! A whole engine on a data directory of its own: real history, secrets of the session, settings
//! in memory, toasts to a bus that is not there.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use tempfile::TempDir;
use tidings_core::{
    delivery,
    engine::{Engine, Handle, Parts},
    history::{History, Outage, Selection, StoredEvent},
    model::{RowId, SourceId, Timestamp},
    secrets::{SecretStore, SessionSecrets},
    settings::{MemoryStore, Settings, SettingsOwner},
    source::{SourceConfig, SourceState},
};
use tokio::time::{sleep, timeout};
use url::Url;

/// How long anything may take before a test gives up.
pub const LONG: Duration = Duration::from_secs(90);

static AHEAD: AtomicI64 = AtomicI64::new(0);

/// The wall clock of every rig of this process.
pub fn clock() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "the test's edge")]
    let now = Timestamp::now();
    now + Duration::from_secs(AHEAD.load(Ordering::Relaxed).unsigned_abs())
}

/// How long it slept.
fn asleep() -> Duration {
    Duration::from_secs(AHEAD.load(Ordering::Relaxed).unsigned_abs())
}

/// Sets the wall clock forward and leaves the monotonic one, as a sleep does.
pub fn sleep_through(seconds: i64) {
    AHEAD.fetch_add(seconds, Ordering::Relaxed);
}

pub struct Rig {
    pub dir: TempDir,
    pub handle: Handle,
    engine: Engine,
    secrets: Arc<dyn SecretStore>,
    toasts: Option<delivery::Options>,
}

impl Rig {
    pub async fn start(sources: impl IntoIterator<Item = SourceConfig>) -> Self {
        Self::start_with(sources, Arc::new(SessionSecrets::default())).await
    }

    pub async fn start_with(
        sources: impl IntoIterator<Item = SourceConfig>,
        secrets: Arc<dyn SecretStore>,
    ) -> Self {
        let settings = Settings {
            sources: sources.into_iter().collect(),
            ..Settings::default()
        };
        Self::open(TempDir::new().unwrap(), settings, secrets, None).await
    }

    /// With a notification service on this bus.
    pub async fn start_on_bus(
        sources: impl IntoIterator<Item = SourceConfig>,
        address: &str,
    ) -> Self {
        let settings = Settings {
            sources: sources.into_iter().collect(),
            ..Settings::default()
        };
        let secrets = Arc::new(SessionSecrets::default());
        let toasts = delivery::Options {
            bus: Some(address.to_owned()),
            ..delivery::Options::default()
        };
        Self::open(TempDir::new().unwrap(), settings, secrets, Some(toasts)).await
    }

    /// With settings and toasts as the test wants them.
    pub async fn start_with_toasts(settings: Settings, toasts: delivery::Options) -> Self {
        let secrets = Arc::new(SessionSecrets::default());
        Self::open(TempDir::new().unwrap(), settings, secrets, Some(toasts)).await
    }

    async fn open(
        dir: TempDir,
        settings: Settings,
        secrets: Arc<dyn SecretStore>,
        toasts: Option<delivery::Options>,
    ) -> Self {
        let nowhere = format!("unix:path={}", dir.path().join("no-bus").display());
        let engine = Engine::start(Parts {
            settings: SettingsOwner::new(settings, Arc::new(MemoryStore)),
            secrets: Arc::clone(&secrets),
            history: History::open(dir.path()).unwrap(),
            toasts: toasts.clone().unwrap_or_else(|| delivery::Options {
                bus: Some(nowhere),
                ..delivery::Options::default()
            }),
            words: |_| delivery::Words::default(),
            clock,
            asleep,
            troubles: Vec::new(),
        })
        .await
        .unwrap();
        Self {
            dir,
            handle: engine.handle(),
            engine,
            secrets,
            toasts,
        }
    }

    /// Stops in order; the directory stays until the answer is dropped.
    pub async fn stop(self) -> TempDir {
        timeout(LONG, self.engine.stop()).await.unwrap();
        self.dir
    }

    /// Stops in order and starts again on what was stored.
    pub async fn restart(self) -> Self {
        self.restart_after(|| ()).await
    }

    /// Stops in order and starts again once something happened in between.
    pub async fn restart_after(self, meanwhile: impl FnOnce()) -> Self {
        let settings = Settings::clone(&self.handle.settings.current());
        let (secrets, toasts) = (Arc::clone(&self.secrets), self.toasts.clone());
        let dir = self.stop().await;
        meanwhile();
        Self::open(dir, settings, secrets, toasts).await
    }

    /// Everything stored of a source, oldest first.
    pub async fn stored(&self, source: SourceId) -> Vec<StoredEvent> {
        stored(&self.handle.history, source).await
    }

    pub async fn data(&self, source: SourceId) -> Vec<String> {
        let stored = self.stored(source).await;
        stored.into_iter().map(|event| event.data).collect()
    }

    /// Waits for this many events of a source and returns the data of all there are.
    pub async fn await_data(&self, source: SourceId, at_least: usize) -> Vec<String> {
        let enough = async {
            loop {
                let data = self.data(source).await;
                if data.len() >= at_least {
                    return data;
                }
                sleep(Duration::from_millis(10)).await;
            }
        };
        match timeout(LONG, enough).await {
            Ok(data) => data,
            Err(error) => panic!(
                "{at_least} events never came ({error}), only {:?}; the source is {:?}",
                self.data(source).await,
                self.state(source).await
            ),
        }
    }

    pub async fn state(&self, source: SourceId) -> SourceState {
        self.handle.source(source).await.unwrap().state
    }

    /// Waits until the source's state is one the test wants.
    pub async fn await_state(
        &self,
        source: SourceId,
        wanted: impl Fn(&SourceState) -> bool,
    ) -> SourceState {
        let reached = async {
            loop {
                let state = self.state(source).await;
                if wanted(&state) {
                    return state;
                }
                sleep(Duration::from_millis(5)).await;
            }
        };
        match timeout(LONG, reached).await {
            Ok(state) => state,
            Err(error) => panic!("it stays {:?} ({error})", self.state(source).await),
        }
    }

    pub async fn await_live(&self, source: SourceId) {
        self.await_state(source, |state| matches!(state, SourceState::Live { .. }))
            .await;
    }

    /// Waits until the first divider says that this many events were replayed.
    pub async fn await_replayed(&self, source: SourceId, replayed: u64) -> Vec<Outage> {
        let told = async {
            loop {
                let outages = self.outages(source).await;
                if outages.first().is_some_and(|one| one.replayed == replayed) {
                    return outages;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        match timeout(LONG, told).await {
            Ok(outages) => outages,
            Err(error) => panic!("it says {:?} ({error})", self.outages(source).await),
        }
    }

    pub async fn outages(&self, source: SourceId) -> Vec<Outage> {
        let history = &self.handle.history;
        let outages = history.outages(Some(source), RowId(0), RowId(i64::MAX));
        outages.await.unwrap()
    }
}

pub async fn stored(history: &History, source: SourceId) -> Vec<StoredEvent> {
    let mut selection = Selection {
        source: Some(source),
        limit: u32::MAX,
        oldest_first: true,
        ..Selection::default()
    };
    let now = jiff::ZonedDateTime::default();
    let mut all = Vec::new();
    loop {
        let some = history.query(&selection, &now).await.unwrap();
        let Some(last) = some.last() else { return all };
        selection.resume = Some(last.row);
        all.extend(some);
    }
}

pub fn source(name: &str, url: Url) -> SourceConfig {
    SourceConfig::new(name, url)
}

/// The numbers from one to another as the data of events.
pub fn numbers(from: usize, to: usize) -> Vec<String> {
    (from..=to).map(|number| number.to_string()).collect()
}

/// So many bytes of text whose pieces differ from each other: what is lost, doubled or swapped in
/// it shows.
pub fn numbered(bytes: usize) -> String {
    let text = (0_usize..).flat_map(|number| format!("{number} ").into_bytes());
    String::from_utf8(text.take(bytes).collect()).unwrap()
}
