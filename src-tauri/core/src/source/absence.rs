//! For how long a source has been without its stream, by clocks that nobody sets: the monotonic
//! one and the sleep of the computer. It outlives the tasks that connect.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::suspend::{Asleep, NAP};

/// A shorter break that cost no byte is no outage.
const OUTAGE_MIN: Duration = Duration::from_secs(10);

/// The end of a source's last stream.
#[derive(Debug, Clone)]
pub struct Absence {
    asleep: Asleep,
    since: Arc<Mutex<Option<Since>>>,
}

#[derive(Debug, Clone, Copy)]
struct Since {
    /// When it last showed life.
    began: Instant,
    /// When that was known to be its end.
    noticed: Instant,
    /// How long the computer had slept by then.
    slept: Duration,
}

/// What an absence is so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lasted {
    /// Since the last sign of life.
    pub time: Duration,
    /// Whether events may be missing: a stream that is merely quiet is given up now and then, and
    /// back in no time.
    pub is_outage: bool,
}

impl Absence {
    /// Of a source that had no stream yet.
    pub fn new(asleep: Asleep) -> Self {
        Self {
            asleep,
            since: Arc::default(),
        }
    }

    /// What it is so far; none where there was no stream yet.
    pub fn lasted(&self) -> Option<Lasted> {
        let since = (*self.since.lock().unwrap_or_else(PoisonError::into_inner))?;
        let slept = (self.asleep)().saturating_sub(since.slept);
        Some(Lasted {
            time: since.began.elapsed() + slept,
            is_outage: since.noticed.elapsed() + slept >= OUTAGE_MIN,
        })
    }

    /// A stream lives.
    pub fn end(&self) -> Presence {
        Presence {
            absence: self.clone(),
            slept: (self.asleep)(),
            silent_since: None,
        }
    }

    /// The time that nobody wanted the stream counts for nothing.
    pub fn forget(&self) {
        self.set(None);
    }

    fn set(&self, since: Option<Since>) {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }
}

/// A stream that lives: however it ends, also by a panic, the absence begins when this is dropped.
#[derive(Debug)]
pub struct Presence {
    absence: Absence,
    /// How long the computer had slept when something was last received.
    slept: Duration,
    silent_since: Option<Instant>,
}

impl Presence {
    /// Something was received. A stream outlives a nap; nothing counts as received after a real
    /// sleep, for it may have waited here since before.
    pub fn note(&mut self) {
        let slept = (self.absence.asleep)();
        if slept.saturating_sub(self.slept) <= NAP {
            self.slept = slept;
        }
    }

    /// It ends because it has been silent for too long.
    pub fn is_silent_since(&mut self, last_byte: Instant) {
        self.silent_since = Some(last_byte);
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.note();
        let now = Instant::now();
        self.absence.set(Some(Since {
            began: self.silent_since.unwrap_or(now),
            noticed: now,
            slept: self.slept,
        }));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_lasts_from_the_end_or_the_last_byte_and_through_every_sleep() {
        static SLEPT: AtomicU64 = AtomicU64::new(0);
        let seconds = Duration::from_secs;
        let absence = Absence::new(|| Duration::from_secs(SLEPT.load(Ordering::Relaxed)));
        let lasted = |time, is_outage| {
            let time = seconds(time);
            Some(Lasted { time, is_outage })
        };
        assert_eq!(absence.lasted(), None);

        drop(absence.end());
        advance(seconds(9)).await;
        assert_eq!(absence.lasted(), lasted(9, false));
        SLEPT.fetch_add(1, Ordering::Relaxed);
        assert_eq!(absence.lasted(), lasted(10, true));

        let mut quiet = absence.end();
        quiet.is_silent_since(Instant::now());
        advance(seconds(90)).await;
        drop(quiet);
        assert_eq!(absence.lasted(), lasted(90, false));
        advance(seconds(10)).await;
        assert_eq!(absence.lasted(), lasted(100, true));

        let broken_by_a_sleep = absence.end();
        SLEPT.fetch_add(7200, Ordering::Relaxed);
        advance(seconds(5)).await;
        drop(broken_by_a_sleep);
        assert_eq!(absence.lasted(), lasted(7200, true));

        let mut outlived_naps = absence.end();
        for _ in 0..3 {
            SLEPT.fetch_add(15, Ordering::Relaxed);
            outlived_naps.note();
        }
        drop(outlived_naps);
        assert_eq!(absence.lasted(), lasted(0, false));
        absence.forget();
        assert_eq!(absence.lasted(), None);
    }
}
