//! What calls sources to connect anew: the computer slept, or the network is another.

use std::{net::IpAddr, time::Duration};

use tokio::time::{Interval, MissedTickBehavior, interval};

use super::{
    SourceState,
    network::Network,
    suspend::{Asleep, NAP},
};

/// How often it looks.
const LOOK: Duration = Duration::from_secs(5);

/// Compares the present with the last look.
#[derive(Debug)]
pub struct Lookout {
    asleep: Asleep,
    slept: Duration,
    network: Option<Network>,
    due: Interval,
}

/// What happened.
#[derive(Debug)]
pub enum Call {
    /// The computer slept.
    Woke,
    /// The network changed.
    Network {
        /// What it was.
        before: Network,
        /// What it is.
        now: Network,
    },
}

impl Lookout {
    /// Starts from how things are now.
    pub fn new(asleep: Asleep) -> Self {
        let mut due = interval(LOOK);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            asleep,
            slept: asleep(),
            network: Network::look(),
            due,
        }
    }

    /// Waits until something happens. Dropped while it waits, it misses nothing.
    pub async fn call(&mut self) -> Call {
        loop {
            self.due.tick().await;
            if let Some(call) = self.look() {
                return call;
            }
        }
    }

    fn look(&mut self) -> Option<Call> {
        let slept = (self.asleep)();
        let slept = slept.saturating_sub(std::mem::replace(&mut self.slept, slept));
        let now = Network::look();
        let before = std::mem::replace(&mut self.network, now.clone());
        if slept > NAP {
            tracing::info!(seconds = slept.as_secs(), "the computer slept");
            return Some(Call::Woke);
        }
        let (before, now) = (before?, now?);
        if before == now {
            return None;
        }
        tracing::info!("the network changed");
        Some(Call::Network { before, now })
    }
}

impl Call {
    /// Whether a source in this state, connected from `local`, connects anew: after a sleep every
    /// one that has not stopped, after a change of the network who has to.
    pub fn is_for(&self, state: &SourceState, local: Option<IpAddr>) -> bool {
        match self {
            Self::Woke => !matches!(state, SourceState::Stopped { .. }),
            Self::Network { before, now } => now.calls_for(before, state, local),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use tokio::time::{Instant, timeout};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_sleep_of_more_than_fifteen_seconds_calls_once_within_five_of_waking() {
        static SLEPT: AtomicU64 = AtomicU64::new(100);
        let mut lookout = Lookout::new(|| Duration::from_secs(SLEPT.load(Ordering::Relaxed)));
        let minute = Duration::from_mins(1);
        let woke = |call| matches!(call, Ok(Call::Woke));

        assert!(!woke(timeout(minute, lookout.call()).await));
        SLEPT.fetch_add(15, Ordering::Relaxed);
        assert!(!woke(timeout(minute, lookout.call()).await));
        SLEPT.fetch_add(16, Ordering::Relaxed);
        let woken = Instant::now();
        assert!(woke(timeout(minute, lookout.call()).await));
        assert!(woken.elapsed() <= LOOK);
        assert!(!woke(timeout(minute, lookout.call()).await));
    }
}
