//! How many toasts a person gets: a sliding window over everything, token buckets for single
//! toasts, and the clocks of the digests that count what did not get one. Pure: the time is a
//! parameter, the text of a digest is not here.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use crate::model::SourceId;

/// The limits of storm control. They are values, so that a measurement of latency can lift them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Most calls in any 60 s, digests and critical ones included.
    pub per_minute: usize,
    /// How many of them only critical events get.
    pub reserved_for_critical: usize,
    /// Single toasts at once over all sources.
    pub burst: u32,
    /// How long one of them takes to come back.
    pub refill: Duration,
    /// Single toasts at once from one source.
    pub source_burst: u32,
    /// How long one of them takes to come back.
    pub source_refill: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_minute: 30,
            reserved_for_critical: 6,
            burst: 5,
            refill: Duration::from_millis(2_500),
            source_burst: 3,
            source_refill: Duration::from_secs(5),
        }
    }
}

impl Limits {
    /// No limit at all: every event gets its toast. For measurements only.
    pub fn lifted() -> Self {
        Self {
            per_minute: usize::MAX,
            reserved_for_critical: 0,
            burst: u32::MAX,
            source_burst: u32::MAX,
            ..Self::default()
        }
    }
}

/// The window `per_minute` is counted in.
pub const WINDOW: Duration = Duration::from_mins(1);
/// A digest is replaced at most this often.
pub const DIGEST_EVERY: Duration = Duration::from_secs(10);
/// A digest ends after this long without an event; the next one is a new toast.
pub const CALM: Duration = Duration::from_secs(10);
/// The digest of the start takes longer to end: sources connect one after the other, some only
/// when the network has come.
pub const START_CALM: Duration = Duration::from_mins(1);
/// A digest first shows once its events pause for this long: its count then means something.
pub const SETTLE: Duration = Duration::from_millis(500);
/// It waits for such a pause at most this long.
pub const SETTLE_MAX: Duration = Duration::from_secs(3);
/// So many replayed events of one reconnect still ring one by one.
pub const REPLAYED_SINGLY: u64 = 2;
/// How long refills take twice as long after the service complained.
pub const SLOW_DOWN: Duration = Duration::from_mins(1);

/// What a digest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pile {
    /// Events of a source beyond its bucket.
    More(SourceId),
    /// Events that repeat one whose toast, of this number, is on the screen.
    Same(u64),
    /// Events a source replayed after a reconnect.
    Away(SourceId),
    /// Events an earlier run stored and never showed, or servers replayed at the start.
    Backlog,
    /// Events that came while toasts had to wait.
    Held,
}

/// What to do with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It gets its own toast; a call of the window is taken until [`Storm::settled`].
    Show,
    /// It is counted in a digest, or in the toast it repeats.
    Fold,
}

/// What the clock of a pile asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Show `total` in one toast; a call of the window is taken until [`Storm::settled`].
    Digest {
        /// Which pile.
        pile: Pile,
        /// Numbers the digests: one number is one toast, replaced in place.
        digest: u64,
        /// How many events it counts by now.
        total: u64,
    },
    /// Too few events for a summary: offer each on its own.
    Dissolve(Pile),
    /// Calm: the digest stays as it is, the next one is a new toast.
    Close(Pile),
}

/// Storm control. Every event given to [`offer`](Storm::offer) or [`fold`](Storm::fold) is
/// shown on its own or counted in exactly one digest.
#[derive(Debug)]
pub struct Storm {
    limits: Limits,
    /// Calls granted whose end nobody has reported.
    running: usize,
    /// When the calls of the last minute ended, oldest first.
    ended: VecDeque<Instant>,
    bucket: Bucket,
    sources: HashMap<SourceId, Bucket>,
    clocks: HashMap<Pile, Clock>,
    digests: u64,
    slow_until: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

#[derive(Debug)]
struct Clock {
    digest: u64,
    total: u64,
    first: Instant,
    last: Instant,
    shown: Option<Instant>,
    /// Whether events came since it was last shown.
    dirty: bool,
}

impl Storm {
    /// Nothing shown yet, all buckets full.
    pub fn new(limits: Limits, now: Instant) -> Self {
        Self {
            limits,
            running: 0,
            ended: VecDeque::new(),
            bucket: Bucket::full(limits.burst, now),
            sources: HashMap::new(),
            clocks: HashMap::new(),
            digests: 0,
            slow_until: None,
        }
    }

    /// Decides about one live event; a folded one is counted before this returns: in the toast
    /// of this number where it repeats what that shows, else in its source's digest.
    pub fn offer(
        &mut self,
        source: SourceId,
        same: Option<u64>,
        critical: bool,
        now: Instant,
    ) -> Decision {
        let pile = same.map_or(Pile::More(source), Pile::Same);
        // While a digest runs its source stays in it: toasts between two of its updates would
        // be the storm again. A critical event may still ring.
        let apart = critical || !self.clocks.contains_key(&pile);
        if apart && self.take_tokens(source, critical, now) {
            return Decision::Show;
        }
        self.fold(pile, now);
        Decision::Fold
    }

    /// Counts one event in a digest.
    pub fn fold(&mut self, pile: Pile, now: Instant) {
        self.fold_many(pile, 1, now);
    }

    /// Counts again what a digest carried that could not be shown; it tries again in its pace,
    /// in a new toast where the digest has ended meanwhile.
    pub fn fold_back(&mut self, pile: Pile, events: u64, now: Instant) {
        if !self.clocks.contains_key(&pile) {
            self.fold_many(pile, events, now);
        }
        if let Some(clock) = self.clocks.get_mut(&pile) {
            clock.dirty = true;
            // Never as if it were new: two replayed events would be asked back one by one.
            clock.shown = Some(now);
        }
    }

    /// Takes a call of the window for a toast that is neither an event nor a pile.
    pub fn grant(&mut self, critical: bool, now: Instant) -> bool {
        let free = self.free(critical, now);
        if free {
            self.running += 1;
        }
        free
    }

    /// A granted call has ended. Counting from the end, not from the grant, keeps the limit true
    /// at the service even when calls take seconds.
    pub fn settled(&mut self, now: Instant) {
        self.running = self.running.saturating_sub(1);
        if self.limits.per_minute != usize::MAX {
            self.ended.push_back(now);
        }
    }

    /// A granted call was never made.
    pub fn released(&mut self) {
        self.running = self.running.saturating_sub(1);
    }

    /// The service said it is too much: refills take twice as long for a minute.
    pub fn slow_down(&mut self, now: Instant) {
        self.slow_until = Some(now + SLOW_DOWN);
    }

    /// The next thing a pile asks for. Call it until it returns `None`.
    pub fn due(&mut self, now: Instant) -> Option<Due> {
        let passed = |at: &Instant| *at <= now;
        let find = |wanted: &dyn Fn(Pile, &Clock) -> bool| {
            let mut clocks = self.clocks.iter();
            clocks
                .find(|(pile, clock)| wanted(**pile, clock))
                .map(|(pile, _)| *pile)
        };
        if let Some(pile) = find(&|pile, clock| clock.rests_at(pile).is_some_and(|at| passed(&at)))
        {
            self.clocks.remove(&pile);
            return Some(Due::Close(pile));
        }
        let due = |clock: &Clock| clock.due_at().filter(passed);
        if let Some(pile) = find(&|pile, clock| clock.dissolves(pile) && due(clock).is_some()) {
            self.clocks.remove(&pile);
            return Some(Due::Dissolve(pile));
        }
        // The one that waits longest first, so that no source waits for ever.
        let (_, pile) = self
            .clocks
            .iter()
            .filter_map(|(pile, clock)| Some((due(clock)?, *pile)))
            .min_by_key(|(at, _)| *at)?;
        if !self.grant(false, now) {
            return None;
        }
        let clock = self.clocks.get_mut(&pile)?;
        clock.dirty = false;
        clock.shown = Some(now);
        Some(Due::Digest {
            pile,
            digest: clock.digest,
            total: clock.total,
        })
    }

    /// When [`due`](Self::due) is worth asking again, if nothing else happens before.
    pub fn wake(&mut self, now: Instant) -> Option<Instant> {
        let clocks = self.clocks.iter();
        let due = clocks
            .filter_map(|(pile, clock)| clock.due_at().or_else(|| clock.rests_at(*pile)))
            .min()?;
        let room = self.room_at(now)?;
        Some(if room > now { due.max(room) } else { due })
    }

    /// When a call is free. None where only the end of a running one, which wakes the caller
    /// anyway, makes room.
    pub fn room_at(&mut self, now: Instant) -> Option<Instant> {
        if self.free(false, now) {
            return Some(now);
        }
        self.ended.front().map(|at| *at + WINDOW)
    }

    /// Forgets a pile: its events got another fate.
    pub fn drop_pile(&mut self, pile: Pile) {
        self.clocks.remove(&pile);
    }

    /// Counts several events in a digest.
    pub fn fold_many(&mut self, pile: Pile, events: u64, now: Instant) {
        let digests = &mut self.digests;
        let clock = self.clocks.entry(pile).or_insert_with(|| {
            *digests += 1;
            Clock {
                digest: *digests,
                total: 0,
                first: now,
                last: now,
                shown: None,
                dirty: true,
            }
        });
        clock.total = clock.total.saturating_add(events);
        clock.last = now;
        clock.dirty = true;
    }

    fn take_tokens(&mut self, source: SourceId, critical: bool, now: Instant) -> bool {
        let slow = if self.slow_until.is_some_and(|until| now < until) {
            2
        } else {
            1
        };
        let limits = self.limits;
        self.bucket.refill(limits.burst, limits.refill * slow, now);
        let bucket = self
            .sources
            .entry(source)
            .or_insert_with(|| Bucket::full(limits.source_burst, now));
        bucket.refill(limits.source_burst, limits.source_refill * slow, now);
        // One loud source must not keep another's critical event from ringing, so that asks
        // its own bucket only.
        if bucket.tokens < 1.0 || (!critical && self.bucket.tokens < 1.0) {
            return false;
        }
        if !self.grant(critical, now) {
            return false;
        }
        if let Some(bucket) = self.sources.get_mut(&source) {
            bucket.tokens -= 1.0;
        }
        self.bucket.tokens = (self.bucket.tokens - 1.0).max(0.0);
        true
    }

    fn free(&mut self, critical: bool, now: Instant) -> bool {
        while self.ended.front().is_some_and(|at| *at + WINDOW <= now) {
            self.ended.pop_front();
        }
        let kept = if critical {
            0
        } else {
            self.limits.reserved_for_critical
        };
        self.running + self.ended.len() < self.limits.per_minute.saturating_sub(kept)
    }
}

impl Bucket {
    fn full(burst: u32, now: Instant) -> Self {
        Self {
            tokens: f64::from(burst),
            at: now,
        }
    }

    fn refill(&mut self, burst: u32, every: Duration, now: Instant) {
        let gained = now.saturating_duration_since(self.at).as_secs_f64() / every.as_secs_f64();
        self.tokens = (self.tokens + gained).min(f64::from(burst));
        self.at = now;
    }
}

impl Clock {
    /// When it is to be shown, if there is anything new to show.
    fn due_at(&self) -> Option<Instant> {
        self.dirty.then(|| match self.shown {
            Some(shown) => shown + DIGEST_EVERY,
            None => (self.last + SETTLE).min(self.first + SETTLE_MAX),
        })
    }

    /// When it ends.
    fn rests_at(&self, pile: Pile) -> Option<Instant> {
        let calm = match pile {
            Pile::Backlog => START_CALM,
            Pile::More(_) | Pile::Same(_) | Pile::Away(_) | Pile::Held => CALM,
        };
        (!self.dirty).then(|| self.last + calm)
    }

    fn dissolves(&self, pile: Pile) -> bool {
        let may = matches!(pile, Pile::Away(_));
        may && self.total <= REPLAYED_SINGLY && self.shown.is_none()
    }
}

#[cfg(test)]
mod tests;
