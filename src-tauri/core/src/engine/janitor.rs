//! Keeps the history as small as a person wants it, and settles what can no longer be undone.
//! In small steps, between which events are stored.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    time::{Instant, MissedTickBehavior, interval_at, sleep_until},
};

use crate::{
    history::{History, Limits},
    model::Timestamp,
    settings::Settings,
    update::{Fact, Facts},
};

/// How long a change can be taken back.
const UNDO: Duration = Duration::from_secs(9);
/// How long after the start the history is first looked through; later every hour.
const FIRST: Duration = Duration::from_secs(60);
const EVERY: Duration = Duration::from_secs(3600);
/// Between two steps: the writer is there for events first.
const BREATH: Duration = Duration::from_millis(20);

/// What the janitor needs.
#[derive(Debug)]
pub(super) struct Janitor {
    pub(super) history: History,
    pub(super) settings: watch::Receiver<Arc<Settings>>,
    pub(super) facts: Facts,
    pub(super) clock: fn() -> Timestamp,
    /// Changes that can be taken back from now on.
    pub(super) undoable: mpsc::Receiver<u64>,
}

impl Janitor {
    pub(super) async fn run(mut self) {
        let mut due: VecDeque<(Instant, u64)> = VecDeque::new();
        let mut hours = interval_at(Instant::now() + FIRST, EVERY);
        hours.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut limits = self.limits();
        let mut looked = Instant::now();
        loop {
            let next = due.front().map(|(at, _)| *at);
            tokio::select! {
                Some(number) = self.undoable.recv() => {
                    due.push_back((Instant::now() + UNDO, number));
                }
                () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                    if let Some((_, number)) = due.pop_front() {
                        self.settle(number).await;
                    }
                }
                _ = hours.tick() => self.prune(&limits, &mut looked).await,
                Ok(()) = self.settings.changed() => {
                    // Fewer days or events: at once, as whoever set them expects.
                    let now = self.limits();
                    if now != limits {
                        limits = now;
                        self.prune(&limits, &mut looked).await;
                    }
                }
            }
        }
    }

    fn limits(&mut self) -> Limits {
        Limits::of(&self.settings.borrow_and_update())
    }

    async fn settle(&self, number: u64) {
        if let Err(error) = self.history.settle(number).await {
            tracing::warn!(%error, "deleted events are purged at the next start");
        }
    }

    async fn prune(&self, limits: &Limits, looked: &mut Instant) {
        let mut pruned = false;
        let ran = looked.elapsed();
        *looked += ran;
        let mut step = match self
            .history
            .begin_pruning(limits.clone(), (self.clock)(), ran)
            .await
        {
            Ok(step) => step,
            Err(error) => return tracing::warn!(%error, "old events could not be looked for"),
        };
        while let Some(next) = step {
            step = match self.history.prune(next).await {
                Ok(progress) => {
                    pruned |= progress.deleted > 0;
                    progress.next
                }
                Err(error) => {
                    tracing::warn!(%error, "old events could not be deleted; in an hour again");
                    None
                }
            };
            tokio::time::sleep(BREATH).await;
        }
        if pruned {
            let _ = self.facts.send(Fact::Deleted(None));
            for source in &self.settings.borrow().sources {
                let _ = self.facts.send(Fact::Source(source.id));
            }
        }
    }
}
