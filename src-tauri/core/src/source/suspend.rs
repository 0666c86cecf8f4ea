//! Whether the computer slept: the wall clock went on and the monotonic clock did not. Pure.

use std::time::{Duration, Instant};

use jiff::SignedDuration;

use crate::model::Timestamp;

/// How often the clocks are compared, and the network.
pub const LOOK: Duration = Duration::from_secs(5);
/// A smaller difference is a busy machine or a clock being set right.
const JUMP: Duration = Duration::from_secs(15);

/// How long the computer slept while the clocks went on by `wall` and `monotonic`, if it did.
///
/// A wall clock set forward by more than 15 s looks the same; it costs one reconnect.
pub fn slept(wall: SignedDuration, monotonic: Duration) -> Option<Duration> {
    let jump = Duration::try_from(wall).ok()?.checked_sub(monotonic)?;
    (jump > JUMP).then_some(jump)
}

/// The clocks when they were last compared.
#[derive(Debug, Clone, Copy)]
pub struct Clocks {
    wall: Timestamp,
    monotonic: Instant,
}

impl Clocks {
    /// The clocks as they are now.
    pub fn new(wall: Timestamp, monotonic: Instant) -> Self {
        Self { wall, monotonic }
    }

    /// Whether the computer slept since the last look, and for how long.
    pub fn look(&mut self, now: Self) -> Option<Duration> {
        let before = std::mem::replace(self, now);
        slept(
            now.wall.duration_since(before.wall),
            now.monotonic.duration_since(before.monotonic),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_wall_clock_that_ran_ahead_by_more_than_fifteen_seconds_is_a_sleep() {
        let seconds = |wall: i64, monotonic: u64| {
            slept(
                SignedDuration::from_secs(wall),
                Duration::from_secs(monotonic),
            )
        };

        assert_eq!(seconds(5, 5), None);
        assert_eq!(seconds(20, 5), None);
        assert_eq!(seconds(3605, 5), Some(Duration::from_hours(1)));
        assert_eq!(seconds(60, 60), None);
        assert_eq!(seconds(-172_800, 5), None);
    }
}
