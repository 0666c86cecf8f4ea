//! One connection task without an engine: what it asks, shows and hands over. Works under paused
//! time: the wall clock follows tokio's.

use std::{
    cell::Cell,
    future,
    sync::{Arc, OnceLock},
    time::Duration,
};

use jiff::SignedDuration;
use tidings_core::{
    model::{EventId, Frame, Timestamp},
    secrets::{Headers, Secret},
    source::{
        Cause, CauseCode, SourceConfig, SourceState,
        absence::Absence,
        connection::Connection,
        queue::{Item, Queued, queue},
        state::StateCell,
    },
    update::{self, Fact},
};
use tokio::{
    sync::{Notify, broadcast, mpsc, watch},
    task::JoinHandle,
    time::{Instant, sleep},
};

thread_local! {
    static SET: Cell<i64> = const { Cell::new(0) };
    static SLEPT: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Sets the wall clock of this test by so many seconds; the monotonic one does not notice.
pub fn set_clock_by(seconds: i64) {
    SET.set(SET.get() + seconds);
}

/// The computer of this test slept: the wall clock went on, the monotonic one did not.
pub fn sleep_through(time: Duration) {
    set_clock_by(i64::try_from(time.as_secs()).unwrap());
    SLEPT.set(SLEPT.get() + time);
}

/// Follows tokio's clock, paused or not, of a runtime with this thread alone.
pub fn clock() -> Timestamp {
    static ZERO: OnceLock<Instant> = OnceLock::new();
    let start: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
    // Another runtime's paused clock may stand before the first one's.
    let passed = Instant::now().saturating_duration_since(*ZERO.get_or_init(Instant::now));
    start + passed + SignedDuration::from_secs(SET.get())
}

/// Everything that happened to a connection, in its order.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    State(SourceState),
    Item(Item),
}

pub struct Link {
    pub state: watch::Receiver<SourceState>,
    pub reconnect: Arc<Notify>,
    facts: broadcast::Receiver<Fact>,
    queued: mpsc::Receiver<Queued>,
    task: JoinHandle<()>,
    pub seen: Vec<(Instant, Seen)>,
    /// How many items were taken.
    pub taken: usize,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Link {
    pub fn start(config: SourceConfig) -> Self {
        Self::start_with(config, &[], "")
    }

    pub fn start_with(config: SourceConfig, headers: &[(&str, &str)], cursor: &str) -> Self {
        let (facts_in, facts) = broadcast::channel(update::BACKLOG);
        let (producer, queued) = queue(EventId::from(cursor));
        let cell = StateCell::new(config.id, facts_in);
        let state = cell.reader();
        let reconnect = Arc::new(Notify::new());
        let headers: Headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Secret::new((*value).to_owned())))
            .collect();
        let connection = Connection {
            url: config.url.clone(),
            config,
            headers: Arc::new(move || Box::pin(future::ready(Ok(headers.clone())))),
            queue: producer,
            absence: Absence::new(|| SLEPT.get()),
            state: cell,
            reconnect: Arc::clone(&reconnect),
            clock,
            once: false,
        };
        #[expect(clippy::disallowed_methods, reason = "a test is its own supervisor")]
        let task = tokio::spawn(async move {
            connection.keep().await;
        });
        Self {
            state,
            reconnect,
            facts,
            queued,
            task,
            seen: Vec::new(),
            taken: 0,
        }
    }

    /// Takes and commits what comes until `enough` or for this long; whether it was enough.
    pub async fn watch(&mut self, time: Duration, enough: impl Fn(&Self) -> bool) -> bool {
        let end = sleep(time);
        tokio::pin!(end);
        while !enough(self) {
            let seen = tokio::select! {
                biased;
                Ok(fact) = self.facts.recv() => match fact {
                    Fact::State(_, state) => Seen::State(state),
                    _ => continue,
                },
                Some(queued) = self.queued.recv() => {
                    let item = queued.inbound.item.clone();
                    queued.commit();
                    self.taken += 1;
                    Seen::Item(item)
                }
                () = &mut end => return false,
            };
            self.seen.push((Instant::now(), seen));
        }
        true
    }

    /// Takes and commits what comes for this long.
    pub async fn watch_for(&mut self, time: Duration) {
        self.watch(time, |_| false).await;
    }

    pub fn frames(&self) -> Vec<Frame> {
        let items = self.seen.iter().filter_map(|(_, seen)| match seen {
            Seen::Item(Item::Event(frame)) => Some(frame.clone()),
            _ => None,
        });
        items.collect()
    }

    pub fn data(&self) -> Vec<String> {
        self.frames().into_iter().map(|frame| frame.data).collect()
    }

    pub fn states(&self) -> Vec<SourceState> {
        let states = self.seen.iter().filter_map(|(_, seen)| match seen {
            Seen::State(state) => Some(state.clone()),
            Seen::Item(_) => None,
        });
        states.collect()
    }

    /// Why its connections ended, in order.
    pub fn causes(&self) -> Vec<Cause> {
        let causes = self.states().into_iter().filter_map(|state| match state {
            SourceState::Waiting { cause, .. } | SourceState::Stopped { cause, .. } => Some(cause),
            _ => None,
        });
        causes.collect()
    }

    /// The kinds of why its connections ended, in order.
    pub fn codes(&self) -> Vec<CauseCode> {
        self.causes().iter().map(|cause| cause.code).collect()
    }

    /// How long each wait was shown to last.
    pub fn waits(&self) -> Vec<Duration> {
        let waits = self.seen.iter().filter_map(|(at, seen)| match seen {
            Seen::State(SourceState::Waiting { until, .. }) => Some((*at, until.0)),
            _ => None,
        });
        let now = (Instant::now(), clock().as_millisecond());
        waits
            .map(|(at, until)| {
                let ago = i64::try_from((now.0 - at).as_millis()).unwrap();
                Duration::from_millis(u64::try_from(until - (now.1 - ago)).unwrap_or_default())
            })
            .collect()
    }

    /// The times without connection it told of.
    pub fn outages(&self) -> Vec<(Timestamp, Timestamp, u64)> {
        let outages = self.seen.iter().filter_map(|(_, seen)| match seen {
            Seen::Item(Item::Outage {
                from,
                until,
                replayed,
            }) => Some((*from, *until, *replayed)),
            _ => None,
        });
        outages.collect()
    }

    pub fn is_stopped(&self) -> bool {
        matches!(*self.state.borrow(), SourceState::Stopped { .. })
    }

    pub fn is_live(&self) -> bool {
        matches!(*self.state.borrow(), SourceState::Live { .. })
    }
}
