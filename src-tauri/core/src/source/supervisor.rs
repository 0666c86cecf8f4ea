//! One connection task for each enabled source: started, restarted and ended as the settings
//! change. A task that panics costs its own source a delay, nothing else.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, mpsc, watch},
    task::{AbortHandle, JoinError, JoinSet},
    time::{Instant, sleep, sleep_until, timeout},
};
use tracing::Instrument as _;
use url::Url;

use super::{
    SourceConfig,
    absence::Absence,
    connection::{Connection, HeaderSource},
    lookout::{Call, Lookout},
    queue::{Producer, Queued, Stored, queue},
    state::{Cause, CauseCode, SourceState, StateCell},
    suspend::Asleep,
};
use crate::{
    demo::Demo,
    diagnose::Logs,
    history::History,
    model::{SourceId, Timestamp},
    register::Register,
    settings::Settings,
    update::{Fact, Facts},
};

/// A task that panicked starts again after this long; twice as long after each further panic...
const RESTART: Duration = Duration::from_secs(5);
/// ...up to this...
const RESTART_MAX: Duration = Duration::from_mins(5);
/// ...and it starts from 5 s again once it ran for this long.
const SOUND_AFTER: Duration = Duration::from_mins(1);

/// What others may know and do about a running connection.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its present state.
    pub state: watch::Receiver<SourceState>,
    /// The address of this machine it is, or was last, connected from.
    pub local: watch::Receiver<Option<IpAddr>>,
    /// Ends a wait or a stop, or breaks a live stream, to connect anew.
    pub reconnect: Arc<Notify>,
    /// Says when everything it received is stored.
    pub stored: Stored,
}

/// The running connections.
pub type Roster = BTreeMap<SourceId, Kept>;

/// What the supervisor needs.
pub struct Supervisor {
    /// The settings it follows.
    pub settings: watch::Receiver<Arc<Settings>>,
    /// Header values.
    pub register: Register,
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
    /// Says how long the computer slept.
    pub asleep: Asleep,
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
    started: Instant,
    /// How often its task panicked, one after the other.
    panics: u32,
}

/// What outlives the tasks of a source.
#[derive(Clone)]
struct Lasting {
    queue: Producer,
    absence: Absence,
}

/// Everything the supervisor looks after.
#[derive(Default)]
struct Floor {
    running: BTreeMap<SourceId, Running>,
    tasks: JoinSet<SourceId>,
    /// Of every known source that ever ran, paused or not.
    lasting: BTreeMap<SourceId, Lasting>,
    /// When to try again what could not be started.
    try_again_at: Option<Instant>,
}

impl Supervisor {
    /// Follows the settings until the future is dropped; every connection ends with it.
    pub async fn run(mut self) {
        let mut floor = Floor::default();
        let mut lookout = Lookout::new(self.asleep);
        loop {
            self.reconcile(&mut floor).await;
            // Until something has to change.
            loop {
                let due = floor.try_again_at;
                tokio::select! {
                    changed = self.settings.changed() => match changed {
                        Ok(()) => break,
                        Err(_) => return,
                    },
                    Some(ended) = floor.tasks.join_next_with_id() => {
                        self.note_panic(ended, &mut floor);
                    }
                    () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => break,
                    call = lookout.call() => floor.wake(&call),
                }
            }
        }
    }

    /// Makes what runs what the settings say.
    async fn reconcile(&mut self, floor: &mut Floor) {
        let settings = Arc::clone(&self.settings.borrow_and_update());
        let known = |id: &SourceId| settings.sources.iter().find(|source| source.id == *id);
        floor.try_again_at = None;
        let mut panics: BTreeMap<SourceId, u32> = BTreeMap::new();
        let over: Vec<SourceId> = floor
            .running
            .iter()
            .filter(|(id, one)| {
                !known(id).is_some_and(|config| config.enabled && config.connects_like(&one.config))
            })
            .map(|(id, _)| *id)
            .collect();
        for id in over {
            if let Some(one) = floor.running.remove(&id) {
                end(&one.task).await;
                self.logs.of(id).enter(&SourceState::Paused);
                panics.insert(id, one.panics);
            }
        }
        floor.lasting.retain(|id, _| known(id).is_some());
        for paused in settings.sources.iter().filter(|source| !source.enabled) {
            if let Some(lasting) = floor.lasting.get(&paused.id) {
                lasting.absence.forget();
            }
        }
        for config in settings.sources.iter().filter(|source| source.enabled) {
            if floor.running.contains_key(&config.id) {
                continue;
            }
            let panics = panics.get(&config.id).copied().unwrap_or_default();
            if !self.start(config.clone(), panics, floor).await {
                floor.try_again_at = Some(Instant::now() + RESTART);
            }
        }
        self.publish(floor);
        for source in &settings.sources {
            let _ = self.facts.send(Fact::Source(source.id));
        }
    }

    fn publish(&self, floor: &Floor) {
        let running = floor.running.iter();
        let roster = running.map(|(id, one)| (*id, one.kept.clone())).collect();
        self.roster.send_replace(Arc::new(roster));
    }

    /// Starts the task of a source. False when nobody can say now where it has to go on: to
    /// connect without its cursor would lose what the server would have replayed.
    async fn start(&self, config: SourceConfig, panics: u32, floor: &mut Floor) -> bool {
        let id = config.id;
        let lasting = match floor.lasting.get(&id) {
            Some(lasting) => lasting.clone(),
            None => match self.open_queue(id).await {
                Some(queue) => Lasting {
                    queue,
                    absence: Absence::new(self.asleep),
                },
                None => return false,
            },
        };
        floor.lasting.insert(id, lasting.clone());
        self.spawn(config, lasting, panics, None, floor);
        true
    }

    /// Starts the task of a source, which connects after a delay where there is one to be shown.
    fn spawn(
        &self,
        config: SourceConfig,
        lasting: Lasting,
        panics: u32,
        delay: Option<Duration>,
        floor: &mut Floor,
    ) {
        let id = config.id;
        let state = StateCell::new(id, self.facts.clone()).logged(self.logs.of(id));
        let kept = Kept {
            state: state.reader(),
            local: state.local_reader(),
            reconnect: Arc::new(Notify::new()),
            stored: lasting.queue.stored(),
        };
        let (register, described) = (self.register.clone(), config.clone());
        let headers: HeaderSource = Arc::new(move || {
            let (register, described) = (register.clone(), described.clone());
            Box::pin(async move { register.headers_to_send(&described).await })
        });
        let demo = Arc::clone(&self.demo);
        let reconnect = Arc::clone(&kept.reconnect);
        let clock = self.clock;
        if let Some(delay) = delay {
            state.set(SourceState::Waiting {
                attempt: panics,
                until: (clock() + delay).into(),
                cause: Cause::new(
                    CauseCode::Internal,
                    "Tidings made a mistake here and starts again",
                ),
            });
        }
        let span = tracing::info_span!("source", name = config.name);
        let connecting = keep(
            config.clone(),
            demo,
            lasting,
            headers,
            state,
            Arc::clone(&reconnect),
            clock,
        );
        let waiting = async move {
            if let Some(delay) = delay {
                // Woken early or not: the next try is due.
                let _ = timeout(delay, reconnect.notified()).await;
            }
            connecting.await
        };
        let one = Running {
            config,
            task: floor.tasks.spawn(waiting.instrument(span)),
            kept,
            started: Instant::now() + delay.unwrap_or_default(),
            panics,
        };
        floor.running.insert(id, one);
    }

    /// One queue for as long as the source is known: whatever connects next goes on after what
    /// the one before it received.
    async fn open_queue(&self, id: SourceId) -> Option<Producer> {
        let cursor = match self.history.cursor(id).await {
            Ok(cursor) => cursor.unwrap_or_default(),
            Err(error) => {
                tracing::error!(%error, "where a source has to go on cannot be read; it waits");
                return None;
            }
        };
        let (producer, receiver) = queue(cursor);
        self.intake.send(receiver).await.ok()?;
        Some(producer)
    }

    /// A task that ended by a panic is followed by one that waits first and shows why.
    fn note_panic(&self, ended: Result<(tokio::task::Id, SourceId), JoinError>, floor: &mut Floor) {
        let Err(error) = ended else { return };
        if !error.is_panic() {
            return;
        }
        let ended = |(_, one): &(&SourceId, &Running)| one.task.id() == error.id();
        let Some(id) = floor.running.iter().find(ended).map(|(id, _)| *id) else {
            return;
        };
        let (Some(one), Some(lasting)) = (floor.running.remove(&id), floor.lasting.get(&id)) else {
            return;
        };
        let before = match one.started.elapsed() {
            sound if sound >= SOUND_AFTER => 0,
            _ => one.panics,
        };
        let delay = RESTART.saturating_mul(1 << before.min(16)).min(RESTART_MAX);
        let panics = before.saturating_add(1);
        tracing::error!(source = %one.config.name, panics,
            "a connection task panicked; it starts again");
        self.spawn(one.config, lasting.clone(), panics, Some(delay), floor);
        self.publish(floor);
    }
}

impl Floor {
    /// Has those connect at once whom the call is for.
    fn wake(&self, call: &Call) {
        for one in self.running.values().map(|one| &one.kept) {
            if call.is_for(&one.state.borrow(), *one.local.borrow()) {
                one.reconnect.notify_one();
            }
        }
    }
}

/// Ends a task and waits until it has: after that it hands nothing over any more.
async fn end(task: &AbortHandle) {
    task.abort();
    while !task.is_finished() {
        sleep(Duration::from_millis(1)).await;
    }
}

async fn keep(
    config: SourceConfig,
    demo: Arc<Demo>,
    lasting: Lasting,
    headers: HeaderSource,
    state: StateCell,
    reconnect: Arc<Notify>,
    clock: fn() -> Timestamp,
) -> SourceId {
    let id = config.id;
    let url: Url = if config.is_demo() {
        loop {
            match demo.url().await {
                Ok(url) => break url,
                Err(error) => {
                    let words = format!("no demo stream ({error})");
                    state.set(SourceState::Stopped {
                        since: clock().into(),
                        cause: Cause::new(CauseCode::Internal, words),
                    });
                    reconnect.notified().await;
                }
            }
        }
    } else {
        config.url.clone()
    };
    Connection {
        config,
        url,
        headers,
        queue: lasting.queue,
        absence: lasting.absence,
        state,
        reconnect,
        clock,
        once: false,
    }
    .keep()
    .await;
    id
}
