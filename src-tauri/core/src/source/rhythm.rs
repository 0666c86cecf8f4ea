//! How long a stream may be silent before it counts as dead: three times the longest silence it
//! showed, once it was watched long enough. Pure.

use std::time::Duration;

/// Until the rhythm is known, and how long it takes to know it.
const UNKNOWN: Duration = Duration::from_mins(5);
const MIN: Duration = Duration::from_mins(1);
const MAX: Duration = Duration::from_mins(10);

/// What is known of a source's silences, over all its connections.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rhythm {
    largest_gap: Duration,
    watched: Duration,
}

impl Rhythm {
    /// Adds what a connection showed: how long it was watched and its longest silence, the one
    /// that ended it included.
    pub fn learn(&mut self, watched: Duration, largest_gap: Duration) {
        self.watched = self.watched.saturating_add(watched);
        self.largest_gap = self.largest_gap.max(largest_gap);
    }

    /// How long the stream may be silent now, given what the present connection shows so far.
    pub fn patience(&self, watched: Duration, largest_gap: Duration) -> Duration {
        if self.watched.saturating_add(watched) < UNKNOWN {
            return UNKNOWN;
        }
        self.largest_gap
            .max(largest_gap)
            .saturating_mul(3)
            .clamp(MIN, MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_is_three_heartbeats_between_one_and_ten_minutes_once_known() {
        let seconds = Duration::from_secs;
        let mut rhythm = Rhythm::default();

        assert_eq!(rhythm.patience(seconds(299), seconds(30)), seconds(300));
        assert_eq!(rhythm.patience(seconds(301), seconds(30)), seconds(90));
        assert_eq!(rhythm.patience(seconds(301), seconds(1)), seconds(60));
        rhythm.learn(seconds(400), seconds(300));
        assert_eq!(rhythm.patience(seconds(0), seconds(1)), seconds(600));
    }
}
