//! How long a stream may be silent before it counts as dead: three times the longest silence
//! between two of its bytes, once it was watched long enough. Pure.

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
    /// The silence that ended a connection last: of a stream that is merely quiet, or of one that
    /// was dead. Which of them, the connections after it show.
    alarm: Duration,
}

/// What a connection shows so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heard {
    /// How long it has lived.
    pub watched: Duration,
    /// How long it lived until its last byte.
    pub alive: Duration,
    /// Its longest silence between two bytes.
    pub largest_gap: Duration,
}

impl Rhythm {
    /// Adds what a connection showed, and whether its last silence ended it.
    pub fn learn(&mut self, heard: Heard, ended_silent: bool) {
        self.alarm = self.alarm_after(heard);
        self.watched = self.watched.saturating_add(heard.watched);
        self.largest_gap = self.largest_gap.max(heard.largest_gap);
        if ended_silent {
            let silence = heard.watched.saturating_sub(heard.alive);
            self.alarm = self.alarm.max(silence);
        }
    }

    /// How long the stream may be silent now, given what the present connection shows.
    pub fn patience(&self, heard: Heard) -> Duration {
        if self.watched.saturating_add(heard.watched) < UNKNOWN {
            return UNKNOWN;
        }
        self.largest_gap
            .max(heard.largest_gap)
            .max(self.alarm_after(heard))
            .saturating_mul(3)
            .clamp(MIN, MAX)
    }

    /// A connection that goes on for as long as the silence did, and is never that silent, shows
    /// that the stream was dead then: that silence was none of its own.
    fn alarm_after(&self, heard: Heard) -> Duration {
        if heard.alive >= self.alarm && heard.largest_gap < self.alarm {
            Duration::ZERO
        } else {
            self.alarm
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(watched: u64, alive: u64, largest_gap: u64) -> Heard {
        Heard {
            watched: Duration::from_secs(watched),
            alive: Duration::from_secs(alive),
            largest_gap: Duration::from_secs(largest_gap),
        }
    }

    #[test]
    fn patience_is_three_heartbeats_between_one_and_ten_minutes_once_known() {
        let seconds = Duration::from_secs;
        let mut rhythm = Rhythm::default();

        assert_eq!(rhythm.patience(heard(299, 299, 30)), seconds(300));
        assert_eq!(rhythm.patience(heard(301, 301, 30)), seconds(90));
        assert_eq!(rhythm.patience(heard(301, 301, 1)), seconds(60));
        rhythm.learn(heard(400, 400, 300), false);
        assert_eq!(rhythm.patience(heard(0, 0, 1)), seconds(600));
    }

    #[test]
    fn a_quiet_stream_is_given_up_ever_more_rarely() {
        let mut rhythm = Rhythm::default();
        let mut waits = Vec::new();
        for _ in 0..5 {
            // One byte, and nothing more.
            let silent = (1..=MAX.as_secs()).find(|silent| {
                rhythm.patience(heard(*silent, 0, 0)) <= Duration::from_secs(*silent)
            });
            let silent = silent.unwrap();
            waits.push(silent);
            rhythm.learn(heard(silent, 0, 0), true);
        }

        assert_eq!(waits, [300, 600, 600, 600, 600]);
    }

    #[test]
    fn the_silence_of_a_dead_stream_is_forgotten_once_the_next_beats_for_as_long() {
        let seconds = Duration::from_secs;
        let mut rhythm = Rhythm::default();
        rhythm.learn(heard(390, 300, 30), true);

        assert_eq!(rhythm.patience(heard(60, 60, 30)), seconds(270));
        assert_eq!(rhythm.patience(heard(95, 90, 30)), seconds(90));
        rhythm.learn(heard(180, 90, 30), true);
        assert_eq!(rhythm.patience(heard(10, 10, 10)), seconds(270));
        rhythm.learn(heard(100, 90, 30), false);
        assert_eq!(rhythm.patience(heard(0, 0, 0)), seconds(90));
    }
}
