//! How long the computer slept. Pure but for the reading itself.

use std::time::Duration;

/// A shorter sleep breaks no stream.
pub const NAP: Duration = Duration::from_secs(15);

/// Says how long the computer has slept in all, counted from any moment that stays the same.
pub type Asleep = fn() -> Duration;

/// How long the computer has slept since it was started: the clock that counts sleep against the
/// one that does not. No clock that can be set takes part.
#[cfg(target_os = "linux")]
pub fn asleep() -> Duration {
    use rustix::time::{ClockId, clock_gettime};

    let read = |clock| Duration::try_from(clock_gettime(clock)).unwrap_or_default();
    let with_sleep = read(ClockId::Boottime);
    with_sleep.saturating_sub(read(ClockId::Monotonic))
}

/// How far the wall clock is ahead of the monotonic one. A wall clock set forward looks like a
/// sleep; that costs a reconnect.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::disallowed_methods, reason = "what it reads are the clocks")]
pub fn asleep() -> Duration {
    use std::{sync::LazyLock, time::Instant};

    static ZERO: LazyLock<Instant> = LazyLock::new(Instant::now);
    let wall = crate::model::Timestamp::now().as_duration();
    Duration::try_from(wall)
        .unwrap_or_default()
        .saturating_sub(ZERO.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn while_the_computer_is_awake_no_sleep_is_added() {
        let before = asleep();

        std::thread::sleep(Duration::from_millis(50));

        assert!(asleep().abs_diff(before) < Duration::from_millis(25));
    }
}
