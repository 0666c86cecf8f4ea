//! When the opening burst of a connection is over, in which a server may replay. Pure: how long
//! the server let us wait before each item is a parameter.

use std::time::Duration;

/// A pause of the server this long ends the burst.
pub const PAUSE: Duration = Duration::from_millis(500);
/// A replay brings at least this many items in each [`PAUSE`] of waiting; fewer are live.
const DENSE: u32 = 50;
/// No burst takes longer than this much waiting.
const LONGEST: Duration = Duration::from_secs(10);

/// The opening burst (R2), from the response head on. It ends with the first of these:
///
/// * the server pauses for 500 ms;
/// * 500 ms of waiting brought fewer than 50 items: that is the pace of live events, not of a
///   replay. Without this a stream of a few equal events a second whose server numbers every
///   connection anew would be one endless replay, and each of its events a duplicate;
/// * 10 s were waited in all.
///
/// Only the waiting for the server counts, never the time we take to store what came: a slow disk
/// makes no replay look live. A first event that is no duplicate ends nothing: servers greet
/// before they replay, and interleave what was replayed with what is new.
///
/// What it costs: of a stream with equal payloads and IDs numbered anew, at most the events of
/// the first 500 ms after a reconnect (of 10 s, where it brings over 100 a second) count as
/// replayed. What a server replays more slowly than 100 a second after its first 500 ms is stored
/// twice rather than not at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct Burst {
    /// Waited since the present count began.
    waited: Duration,
    items: u32,
    total: Duration,
}

impl Burst {
    /// Adds an item for which the server let us wait this long; false when it is no longer part
    /// of the burst.
    pub fn goes_on(&mut self, wait: Duration) -> bool {
        self.waited = self.waited.saturating_add(wait);
        self.total = self.total.saturating_add(wait);
        if wait >= PAUSE || self.total >= LONGEST {
            return false;
        }
        if self.waited >= PAUSE {
            if self.items < DENSE {
                return false;
            }
            self.waited = Duration::ZERO;
            self.items = 0;
        }
        self.items = self.items.saturating_add(1);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many items still belong to the burst when they come with these waits.
    fn length(waits: impl IntoIterator<Item = u64>) -> usize {
        let mut burst = Burst::default();
        waits
            .into_iter()
            .take_while(|wait| burst.goes_on(Duration::from_millis(*wait)))
            .count()
    }

    #[test]
    fn a_pause_ends_it_and_nothing_shorter_does_while_it_is_dense() {
        assert_eq!(length([499, 0, 0]), 3);
        assert_eq!(length([0, 0, 500, 0]), 2);
        assert_eq!(length(std::iter::repeat_n(0, 10_000)), 10_000);
        // Four thousand events of a far server, a round trip after every hundredth.
        assert_eq!(
            length((0..4000).map(|n| if n % 100 == 0 { 200 } else { 0 })),
            4000
        );
    }

    #[test]
    fn the_pace_of_live_events_ends_it_within_half_a_second() {
        for every in [10, 50, 100, 499] {
            let lasted = length(std::iter::repeat_n(every, 1000)) as u64 * every;
            assert!(lasted < 500, "{lasted} ms at one event in {every} ms");
        }
        // A short replay, then twenty live events a second.
        let waits = std::iter::repeat_n(0, 30).chain(std::iter::repeat_n(50, 1000));
        assert_eq!(length(waits), 30 + 9);
    }

    #[test]
    fn ten_seconds_end_it_however_dense_it_is() {
        assert_eq!(length(std::iter::repeat_n(5, 10_000)), 1999);
    }
}
