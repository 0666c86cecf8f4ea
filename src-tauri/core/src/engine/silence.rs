//! Listens for sources that fall silent: one notice for each silence, and the state the window
//! shows.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::{
    sync::{
        broadcast::{Receiver, error::RecvError},
        watch,
    },
    time::{Instant, sleep_until},
};

use crate::{
    delivery::{self, Notice},
    history::History,
    ipc::Millis,
    model::{SourceId, Timestamp},
    settings::Settings,
    source::{SourceState, silence::Silences, supervisor::Roster},
    update::{Fact, Facts},
};

/// Since when each source that is silent for too long is so.
pub(super) type Silent = Arc<BTreeMap<SourceId, Millis>>;

/// The listener.
pub(super) struct Watchman {
    pub(super) settings: watch::Receiver<Arc<Settings>>,
    pub(super) heard: Receiver<Fact>,
    pub(super) facts: Facts,
    pub(super) roster: watch::Receiver<Arc<Roster>>,
    pub(super) history: History,
    pub(super) toasts: delivery::Handle,
    pub(super) silent: watch::Sender<Silent>,
    pub(super) clock: fn() -> Timestamp,
}

impl Watchman {
    /// Listens until the engine stops.
    pub(super) async fn run(mut self) {
        let mut silences = Silences::default();
        self.follow(&mut silences);
        loop {
            let next = silences.next();
            tokio::select! {
                changed = self.settings.changed() => match changed {
                    Ok(()) => self.follow(&mut silences),
                    Err(_) => return,
                },
                fact = self.heard.recv() => match fact {
                    Ok(Fact::Rows(rows)) => for row in rows.iter() {
                        silences.hear(row.source, now(), row.received_at, true);
                    },
                    Ok(Fact::State(id, state)) => {
                        silences.stand_still(id, is_stopped(&state), now());
                    }
                    Ok(_) => continue,
                    Err(RecvError::Lagged(_)) => self.look_up(&mut silences).await,
                    Err(RecvError::Closed) => return,
                },
                () = sleep_until(next.map_or_else(Instant::now, Into::into)), if next.is_some() => {
                    for (source, silent) in silences.due(now()) {
                        self.ring(source, silent).await;
                    }
                }
            }
            self.publish(&silences);
        }
    }

    fn follow(&mut self, silences: &mut Silences) {
        let settings = Arc::clone(&self.settings.borrow_and_update());
        silences.follow(&settings.sources, now(), (self.clock)().into());
    }

    /// What was told and missed here is in the history and in the sources' states.
    async fn look_up(&self, silences: &mut Silences) {
        for (id, kept) in self.roster.borrow().iter() {
            silences.stand_still(*id, is_stopped(&kept.state.borrow()), now());
        }
        match self.history.unread().await {
            Ok(counts) => {
                for (source, counts) in counts.sources {
                    if let Some(last) = counts.last_event_at {
                        silences.hear(source, now(), last.into(), false);
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "last events could not be looked up"),
        }
    }

    async fn ring(&self, id: SourceId, silent: Duration) {
        let settings = self.settings.borrow().clone();
        let Some(source) = settings.sources.iter().find(|source| source.id == id) else {
            return;
        };
        tracing::info!(source = %source.name, seconds = silent.as_secs(), "no event for too long");
        let notice = Notice {
            source: id,
            source_name: source.name.as_str().into(),
            silent,
        };
        // After the end of delivery nobody hears it.
        let _ = self.toasts.notice(notice).await;
    }

    /// The window shows who is silent, and who is no more.
    fn publish(&self, silences: &Silences) {
        let (now, wall) = (now(), (self.clock)());
        let before = Arc::clone(&self.silent.borrow());
        let silent: BTreeMap<SourceId, Millis> = silences
            .silent()
            .into_iter()
            .map(|(id, since)| {
                let since = wall - now.saturating_duration_since(since);
                (id, before.get(&id).copied().unwrap_or(since.into()))
            })
            .collect();
        if *before == silent {
            return;
        }
        let changed: Vec<SourceId> = before
            .keys()
            .chain(silent.keys())
            .filter(|id| before.get(id) != silent.get(id))
            .copied()
            .collect();
        self.silent.send_replace(Arc::new(silent));
        for id in changed {
            let _ = self.facts.send(Fact::Source(id));
        }
    }
}

fn is_stopped(state: &SourceState) -> bool {
    matches!(state, SourceState::Stopped { .. })
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}
