//! One connection task for each enabled source: started, restarted and ended as the settings
//! change. A task that panics costs its own source a delay, nothing else.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, mpsc, watch},
    task::{AbortHandle, JoinError, JoinSet},
    time::Instant,
};
use tracing::Instrument as _;
use url::Url;

use super::{
    SourceConfig,
    connection::{Connection, HeaderSource},
    queue::{Producer, Queued, queue},
    state::{Cause, CauseCode, SourceState, StateCell},
};
use crate::{
    demo::Demo,
    diagnose::Logs,
    history::History,
    model::{SourceId, Timestamp},
    secrets::SecretStore,
    settings::Settings,
    update::Facts,
};

/// A task that panicked is started again after this long.
const RESTART: Duration = Duration::from_secs(5);
/// How long a changed source waits for its old events to be stored.
const SETTLE: Duration = Duration::from_secs(2);

/// What others may know and do about a running connection.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its present state.
    pub state: watch::Receiver<SourceState>,
    /// Ends a wait or a stop, or breaks a live stream, to connect anew.
    pub reconnect: Arc<Notify>,
}

/// The running connections.
pub type Roster = BTreeMap<SourceId, Kept>;

/// What the supervisor needs.
pub struct Supervisor {
    /// The settings it follows.
    pub settings: watch::Receiver<Arc<Settings>>,
    /// Header values.
    pub secrets: Arc<dyn SecretStore>,
    /// Where cursors are.
    pub history: History,
    /// Where each new queue is announced.
    pub intake: mpsc::Sender<mpsc::Receiver<Queued>>,
    /// Who runs.
    pub roster: watch::Sender<Arc<Roster>>,
    /// Where changes are told.
    pub facts: Facts,
    /// Where what happens is kept for diagnosis.
    pub logs: Arc<Logs>,
    /// The demo stream.
    pub demo: Arc<Demo>,
    /// Reads the wall clock.
    pub clock: fn() -> Timestamp,
}

impl std::fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Supervisor").finish_non_exhaustive()
    }
}

/// One source as it runs now.
struct Running {
    config: SourceConfig,
    task: AbortHandle,
    kept: Kept,
    /// Says when everything it received is stored.
    queue: Producer,
}

impl Supervisor {
    /// Follows the settings until the future is dropped; every connection ends with it.
    pub async fn run(mut self) {
        let mut running: BTreeMap<SourceId, Running> = BTreeMap::new();
        let mut tasks: JoinSet<SourceId> = JoinSet::new();
        let mut restart_at: Option<Instant> = None;
        loop {
            self.reconcile(&mut running, &mut tasks).await;
            let due = restart_at.unwrap_or_else(|| Instant::now() + Duration::from_hours(1));
            tokio::select! {
                changed = self.settings.changed() => if changed.is_err() { return },
                Some(ended) = tasks.join_next_with_id() => {
                    if self.note_panic(ended, &mut running) {
                        restart_at = Some(Instant::now() + RESTART);
                    }
                }
                () = tokio::time::sleep_until(due) => {
                    restart_at = None;
                    running.retain(|_, one| !one.task.is_finished());
                }
            }
        }
    }

    /// Makes what runs what the settings say.
    async fn reconcile(
        &mut self,
        running: &mut BTreeMap<SourceId, Running>,
        tasks: &mut JoinSet<SourceId>,
    ) {
        let settings = Arc::clone(&self.settings.borrow_and_update());
        let wanted = |id: &SourceId| {
            settings
                .sources
                .iter()
                .find(|source| source.id == *id && source.enabled)
        };
        let gone: Vec<SourceId> = running
            .iter()
            .filter(|(id, one)| {
                !wanted(id).is_some_and(|config| connects_alike(config, &one.config))
            })
            .map(|(id, _)| *id)
            .collect();
        for (id, one) in gone.iter().filter_map(|id| running.remove_entry(id)) {
            one.task.abort();
            self.logs.of(id).enter(&SourceState::Paused);
            // A new task must go on after what the old one received; a history that cannot be
            // written now must not hold up the other sources.
            let _ = tokio::time::timeout(SETTLE, one.queue.settled()).await;
        }
        for config in settings.sources.iter().filter(|source| source.enabled) {
            if !running.contains_key(&config.id)
                && let Some(one) = self.start(config.clone(), tasks).await
            {
                running.insert(config.id, one);
            }
        }
        let roster = running
            .iter()
            .map(|(id, one)| (*id, one.kept.clone()))
            .collect();
        self.roster.send_replace(Arc::new(roster));
        for source in &settings.sources {
            let _ = self.facts.send(crate::update::Fact::Source(source.id));
        }
    }

    async fn start(&self, config: SourceConfig, tasks: &mut JoinSet<SourceId>) -> Option<Running> {
        let id = config.id;
        let cursor = self
            .history
            .cursor(id)
            .await
            .ok()
            .flatten()
            .unwrap_or_default();
        let (producer, receiver) = queue(cursor);
        self.intake.send(receiver).await.ok()?;
        let state = StateCell::new(id, self.facts.clone()).logged(self.logs.of(id));
        let kept = Kept {
            state: state.reader(),
            reconnect: Arc::new(Notify::new()),
        };
        let secrets = Arc::clone(&self.secrets);
        let headers: HeaderSource = Arc::new(move || secrets.get(id));
        let demo = Arc::clone(&self.demo);
        let reconnect = Arc::clone(&kept.reconnect);
        let clock = self.clock;
        let span = tracing::info_span!("source", name = config.name);
        let task = tasks.spawn(
            keep(
                config.clone(),
                demo,
                producer.clone(),
                headers,
                state,
                reconnect,
                clock,
            )
            .instrument(span),
        );
        Some(Running {
            config,
            task,
            kept,
            queue: producer,
        })
    }

    /// Whether a task ended by a panic; its source then shows why it waits.
    fn note_panic(
        &self,
        ended: Result<(tokio::task::Id, SourceId), JoinError>,
        running: &mut BTreeMap<SourceId, Running>,
    ) -> bool {
        let Err(error) = ended else { return false };
        if !error.is_panic() {
            return false;
        }
        let Some((id, one)) = running
            .iter_mut()
            .find(|(_, one)| one.task.id() == error.id())
        else {
            return false;
        };
        tracing::error!(source = %one.config.name, "a connection task panicked; it starts again");
        let state = StateCell::new(*id, self.facts.clone()).logged(self.logs.of(*id));
        one.kept.state = state.reader();
        let until = (self.clock)() + RESTART;
        state.set(SourceState::Waiting {
            attempt: 1,
            until: until.into(),
            cause: Cause::new(
                CauseCode::Internal,
                "Tidings made a mistake here and starts again",
            ),
        });
        let mut roster = Roster::clone(&self.roster.borrow());
        roster.insert(*id, one.kept.clone());
        self.roster.send_replace(Arc::new(roster));
        true
    }
}

async fn keep(
    config: SourceConfig,
    demo: Arc<Demo>,
    queue: Producer,
    headers: HeaderSource,
    state: StateCell,
    reconnect: Arc<Notify>,
    clock: fn() -> Timestamp,
) -> SourceId {
    let id = config.id;
    let url: Url = if config.is_demo() {
        match demo.url().await {
            Ok(url) => url,
            Err(error) => {
                let cause = Cause::new(CauseCode::Internal, format!("no demo stream ({error})"));
                state.set(SourceState::Stopped {
                    since: clock().into(),
                    cause,
                });
                return id;
            }
        }
    } else {
        config.url.clone()
    };
    Connection {
        config,
        url,
        headers,
        queue,
        state,
        reconnect,
        clock,
        once: false,
    }
    .keep()
    .await;
    id
}

/// Whether a change of settings leaves the connection as it is: names and filters do.
fn connects_alike(new: &SourceConfig, old: &SourceConfig) -> bool {
    let mut old = old.clone();
    old.name.clone_from(&new.name);
    old.events.clone_from(&new.events);
    old.dedupe = new.dedupe;
    old == *new
}
