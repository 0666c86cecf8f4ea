//! Starts the tasks, owns their handles, stops them in order.
//!
//! * [`toasts`]: what a person can do to the toasts: snooze, quiet hours, open a link.
//! * [`sources`]: what a person can do to the sources.
//! * [`rules`]: what a person can do to the rules.
//! * [`view`]: the present, as the window sees it.
//! * [`report`]: what happened lately, for who asks why.
//! * [`states`]: where each source stands, for another program to read.
//! * `silence`: who listens for sources that fall silent.
//! * [`rows`]: what a person does to stored events.
//! * `janitor`: how much history is kept.
//! * [`forget`]: all of it, deleted.
//! * [`feed`]: a snapshot and the updates that follow it.

mod activity;
mod aftermath;
pub mod feed;
pub mod forget;
mod janitor;
pub mod report;
pub mod rows;
pub mod rules;
mod silence;
pub mod sources;
pub mod states;
pub mod toasts;
pub mod view;

use std::{collections::HashMap, future::Future, sync::Arc, time::Duration};

use jiff::tz::TimeZone;
use tokio::{
    sync::{Notify, broadcast, mpsc, watch},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use self::aftermath::Aftermath;
use crate::{
    delivery::{self, Deliver, Words},
    demo::Demo,
    diagnose::Logs,
    error::Result,
    history::History,
    history::export::Exporting,
    ipc::Trouble,
    model::{Delivery, RowId, SourceId, Timestamp},
    pipeline::Pipeline,
    register::Register,
    secrets::SecretStore,
    settings::{Language, Settings, SettingsOwner},
    source::{
        supervisor::{Roster, Supervisor},
        suspend::Asleep,
    },
    update::{self, Fact, Facts, Wanted},
};

use janitor::Janitor;

/// How long received events may take to be stored when the program ends.
const DRAIN: Duration = Duration::from_secs(2);

/// What the engine is made of.
pub struct Parts {
    /// The settings, open.
    pub settings: SettingsOwner,
    /// Where header values are.
    pub secrets: Arc<dyn SecretStore>,
    /// The history, open.
    pub history: History,
    /// How toasts look.
    pub toasts: delivery::Options,
    /// The words of toasts in each language.
    pub words: fn(Language) -> Words,
    /// Reads the wall clock.
    pub clock: fn() -> Timestamp,
    /// Says how long the computer slept.
    pub asleep: Asleep,
    /// What went wrong before the start and stays so.
    pub troubles: Vec<Trouble>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts")
            .field("troubles", &self.troubles)
            .finish_non_exhaustive()
    }
}

/// The way to a running engine; cheap to clone.
#[derive(Clone)]
pub struct Handle {
    /// The settings and their one owner.
    pub settings: SettingsOwner,
    /// The history, to be read.
    pub history: History,
    /// What happens, as it happens.
    pub facts: Facts,
    /// What a person asks the window for, as they ask.
    pub wanted: watch::Sender<Wanted>,
    register: Register,
    demo: Arc<Demo>,
    logs: Arc<Logs>,
    clock: fn() -> Timestamp,
    zone: fn() -> TimeZone,
    open: fn(&str) -> std::io::Result<()>,
    roster: watch::Receiver<Arc<Roster>>,
    toasts: delivery::Handle,
    started_with: Arc<[Trouble]>,
    storing: watch::Receiver<Option<Trouble>>,
    store_again: Arc<Notify>,
    silent: watch::Receiver<silence::Silent>,
    undoable: mpsc::Sender<u64>,
    exporting: Arc<Exporting>,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

/// The running tasks.
#[derive(Debug)]
pub struct Engine {
    handle: Handle,
    connections: CancellationToken,
    others: CancellationToken,
    supervisor: JoinHandle<()>,
    pipeline: JoinHandle<()>,
    rest: Vec<JoinHandle<()>>,
}

impl Engine {
    /// Starts everything.
    ///
    /// # Errors
    /// `HistoryUnavailable` when the history cannot even be read.
    #[expect(
        clippy::too_many_lines,
        reason = "a list of what is made, in one place"
    )]
    pub async fn start(parts: Parts) -> Result<Self> {
        let Parts {
            settings,
            secrets,
            history,
            toasts,
            words,
            clock,
            asleep,
            troubles,
        } = parts;
        // Before anything new is stored: what is unshown now was left by an earlier run.
        let newest = history.span().await?.map_or(RowId(0), |(_, newest)| newest);
        let connections = CancellationToken::new();
        let others = CancellationToken::new();
        let (facts, _) = broadcast::channel(update::BACKLOG);
        let (roster, roster_reader) = watch::channel(Arc::default());
        let (intake, intake_reader) = mpsc::channel(16);
        let (storing, storing_reader) = watch::channel(None);
        let store_again = Arc::new(Notify::new());
        let (silent, silent_reader) = watch::channel(silence::Silent::default());
        let now = settings.current();
        let (words_now, words_reader) = watch::channel(words(now.preferences.language));
        let (zone, open) = (toasts.zone, toasts.open);
        let (toasts, outputs, delivery) =
            delivery::delivery(toasts, words_reader, settings.subscribe(), clock);

        let demo = Arc::new(Demo::new(clock));
        let logs = Arc::new(Logs::new(clock));
        let register = Register::new(settings.clone(), secrets);
        let supervisor = Supervisor {
            settings: settings.subscribe(),
            register: register.clone(),
            history: history.clone(),
            intake,
            roster,
            facts: facts.clone(),
            demo: Arc::clone(&demo),
            logs: Arc::clone(&logs),
            clock,
            asleep,
        };
        let pipeline = Pipeline {
            intake: intake_reader,
            settings: settings.subscribe(),
            history: history.clone(),
            toasts: toasts.clone(),
            facts: facts.clone(),
            logs: Arc::clone(&logs),
            storing,
            store_again: Arc::clone(&store_again),
        };
        let watchman = silence::Watchman {
            settings: settings.subscribe(),
            heard: facts.subscribe(),
            facts: facts.clone(),
            roster: roster_reader.clone(),
            history: history.clone(),
            toasts: toasts.clone(),
            silent,
            clock,
        };
        let (undoable, undoable_reader) = mpsc::channel(64);
        let janitor = Janitor {
            history: history.clone(),
            settings: settings.subscribe(),
            facts: facts.clone(),
            clock,
            undoable: undoable_reader,
        };
        let (toasts_in, history_in) = (toasts.clone(), history.clone());
        let handle = Handle {
            settings,
            history,
            facts,
            wanted: watch::Sender::default(),
            register,
            demo,
            logs,
            clock,
            zone,
            open,
            roster: roster_reader,
            toasts,
            started_with: troubles.into(),
            storing: storing_reader,
            store_again,
            silent: silent_reader,
            undoable,
            exporting: Arc::default(),
        };
        let aftermath = Aftermath {
            outputs,
            health: handle.toasts.health(),
            quiet: handle.toasts.quiet(),
            handle: handle.clone(),
        };
        let rest = vec![
            spawn(&CancellationToken::new(), delivery.run(others.clone())),
            // It ends with delivery: the fate of every toast is written down.
            spawn(&CancellationToken::new(), aftermath.run()),
            spawn(&others, watchman.run()),
            spawn(&others, follow(handle.clone(), words_now, words)),
            spawn(&others, deliver_unshown(toasts_in, history_in, newest)),
            spawn(&others, settle_secrets(handle.clone())),
            spawn(&others, janitor.run()),
        ];
        Ok(Self {
            supervisor: spawn(&connections, supervisor.run()),
            // It ends by itself once the connections have and all they brought is stored.
            pipeline: spawn(&CancellationToken::new(), pipeline.run()),
            handle,
            connections,
            others,
            rest,
        })
    }

    /// The way to it.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Ends the connections, stores what they brought (for at most 2 s), ends the rest, closes the
    /// history. What could not be stored in time is asked for again at the next start.
    pub async fn stop(self) {
        self.connections.cancel();
        let _ = self.supervisor.await;
        let aborted = self.pipeline.abort_handle();
        if timeout(DRAIN, self.pipeline).await.is_err() {
            aborted.abort();
            tracing::warn!("not everything received could be stored before the end");
        }
        self.others.cancel();
        for task in self.rest {
            let _ = timeout(DRAIN, task).await;
        }
        if let Err(error) = self.handle.history.close().await {
            tracing::warn!(%error, "the history did not close well");
        }
    }
}

/// The one place where the engine's own tasks start.
fn spawn(
    stop: &CancellationToken,
    task: impl Future<Output = ()> + Send + 'static,
) -> JoinHandle<()> {
    let stop = stop.clone();
    #[expect(clippy::disallowed_methods, reason = "the engine starts the tasks")]
    tokio::spawn(async move {
        stop.run_until_cancelled(task).await;
    })
}

/// The language reaches the toasts, and names the history, as they are set.
async fn follow(handle: Handle, words_now: watch::Sender<Words>, words: fn(Language) -> Words) {
    let mut settings = handle.settings.subscribe();
    let mut language = settings.borrow().preferences.language;
    let mut before = settings.borrow().preferences.clone();
    let mut names = HashMap::new();
    loop {
        let now = Arc::clone(&settings.borrow_and_update());
        name_sources(&handle.history, &now, &mut names).await;
        let preferences = now.preferences.clone();
        if language != preferences.language {
            language = preferences.language;
            words_now.send_replace(words(language));
        }
        if preferences != before {
            before = preferences;
            let _ = handle.facts.send(Fact::Preferences);
        }
        if settings.changed().await.is_err() {
            return;
        }
    }
}

/// A keychain that has appeared since the last run takes the secrets over.
async fn settle_secrets(handle: Handle) {
    if let Err(error) = handle.register.settle_secrets(None).await {
        tracing::warn!(%error, "the header values stay where they are");
    }
}

/// The history keeps the names of sources, for the rows of those that are gone.
async fn name_sources(
    history: &History,
    settings: &Settings,
    names: &mut HashMap<SourceId, String>,
) {
    for source in &settings.sources {
        if names.get(&source.id) != Some(&source.name)
            && history.name_source(source.id, &source.name).await.is_ok()
        {
            names.insert(source.id, source.name.clone());
        }
    }
}

/// What an earlier run stored and did not show, and what it held back: one digest. Not where it
/// cannot be written down that it was shown: it would ring at every start.
async fn deliver_unshown(toasts: delivery::Handle, history: History, newest: RowId) {
    if history.read_only().is_some() {
        return;
    }
    for delivery in [Delivery::Held, Delivery::Pending] {
        let mut last = RowId(0);
        loop {
            let unshown = match history.undelivered(delivery, last, newest).await {
                Ok(unshown) => unshown,
                Err(error) => {
                    return tracing::warn!(%error, "unshown events could not be looked up");
                }
            };
            let Some(end) = unshown.last() else { break };
            last = end.row;
            for event in unshown {
                let deliver = Deliver {
                    row: event.row,
                    source: event.source,
                    source_name: event.source_name.into(),
                    notification: event.notification,
                    ring: event.decision.ring,
                    rule: event.decision.rule,
                    replayed: event.replayed,
                    backlog: true,
                };
                if toasts.deliver(deliver).await.is_err() {
                    return;
                }
            }
        }
    }
}
