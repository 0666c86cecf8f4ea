//! The silence alarm: which sources have brought no event for longer than a person allows. Pure:
//! the time is a parameter.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use super::SourceConfig;
use crate::{ipc::Millis, model::SourceId};

/// The silences of all enabled sources that have an alarm.
#[derive(Debug, Default)]
pub struct Silences {
    watched: BTreeMap<SourceId, Watched>,
    /// Sources that gave up: whoever is to know has been told why nothing comes from them.
    stopped: BTreeSet<SourceId>,
}

#[derive(Debug)]
struct Watched {
    after: Duration,
    since: Instant,
    /// The wall clock's time of the last event known.
    last: Millis,
    /// The alarm was raised for this silence.
    told: bool,
}

impl Silences {
    /// Takes the settings over. A source that is new here, or enabled again, is silent from now
    /// on only; a changed limit counts from the same moment as the one before.
    pub fn follow(&mut self, sources: &[SourceConfig], now: Instant, wall: Millis) {
        let wanted: BTreeMap<SourceId, Duration> = sources
            .iter()
            .filter(|source| source.enabled)
            .filter_map(|source| Some((source.id, source.silence_after()?)))
            .collect();
        self.watched.retain(|id, _| wanted.contains_key(id));
        self.stopped.retain(|id| {
            let mut sources = sources.iter();
            sources.any(|source| source.id == *id && source.enabled)
        });
        for (id, after) in wanted {
            let one = self.watched.entry(id).or_insert(Watched {
                after,
                since: now,
                last: wall,
                told: false,
            });
            one.told &= one.after == after;
            one.after = after;
        }
    }

    /// A source brought an event that arrived at `wall`. One that is known already says nothing.
    pub fn hear(&mut self, source: SourceId, now: Instant, wall: Millis, is_new: bool) {
        if let Some(one) = self.watched.get_mut(&source)
            && (is_new || wall > one.last)
        {
            one.since = now;
            one.last = wall;
            one.told = false;
        }
    }

    /// A source gave up, or goes on: while it stands still its silence is no news, and after that
    /// it is silent from now on only.
    pub fn stand_still(&mut self, source: SourceId, stopped: bool, now: Instant) {
        if stopped {
            self.stopped.insert(source);
        } else if self.stopped.remove(&source)
            && let Some(one) = self.watched.get_mut(&source)
        {
            one.since = now;
            one.told = false;
        }
    }

    /// The sources whose alarm is due now, with the silence they are allowed: each once until it
    /// brings an event.
    pub fn due(&mut self, now: Instant) -> Vec<(SourceId, Duration)> {
        let mut due = Vec::new();
        for (id, one) in &mut self.watched {
            if !one.told && !self.stopped.contains(id) && one.since + one.after <= now {
                one.told = true;
                due.push((*id, one.after));
            }
        }
        due
    }

    /// When the next alarm is due, if no event comes.
    pub fn next(&self) -> Option<Instant> {
        let watched = self.watched.iter();
        let quiet = watched.filter(|(id, one)| !one.told && !self.stopped.contains(id));
        quiet.map(|(_, one)| one.since + one.after).min()
    }

    /// The sources that are silent for too long, and since when.
    pub fn silent(&self) -> BTreeMap<SourceId, Instant> {
        let watched = self.watched.iter();
        let told = watched.filter(|(id, one)| one.told && !self.stopped.contains(id));
        told.map(|(id, one)| (*id, one.since)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn source(after_s: Option<f64>) -> SourceConfig {
        let mut source = SourceConfig::new("one", "http://h/".parse().unwrap());
        source.silence_after_s = after_s;
        source
    }

    fn start() -> Instant {
        tokio::time::Instant::now().into_std()
    }

    #[test]
    fn one_silence_is_told_once_and_the_next_one_only_after_an_event() {
        let (mut silences, now) = (Silences::default(), start());
        let one = source(Some(60.0));
        silences.follow(std::slice::from_ref(&one), now, Millis(0));

        assert_eq!(silences.next(), Some(now + MINUTE));
        assert_eq!(silences.due(now + MINUTE / 2), []);
        assert_eq!(silences.due(now + MINUTE), [(one.id, MINUTE)]);
        assert_eq!(silences.due(now + 60 * MINUTE), []);
        assert_eq!(silences.silent()[&one.id], now);
        assert_eq!(silences.next(), None);

        let heard = now + 61 * MINUTE;
        silences.hear(one.id, heard, Millis(1), true);
        assert_eq!(silences.silent().len(), 0);
        assert_eq!(silences.due(heard + MINUTE), [(one.id, MINUTE)]);
    }

    #[test]
    fn without_an_alarm_or_disabled_nobody_is_watched_and_enabled_again_it_starts_anew() {
        let (mut silences, now) = (Silences::default(), start());
        let mut one = source(Some(60.0));
        silences.follow(&[one.clone(), source(None)], now, Millis(0));
        assert_eq!(silences.due(now + MINUTE).len(), 1);

        one.enabled = false;
        silences.follow(std::slice::from_ref(&one), now + MINUTE, Millis(0));
        assert!(silences.silent().is_empty() && silences.next().is_none());

        one.enabled = true;
        silences.follow(&[one], now + 5 * MINUTE, Millis(0));
        assert_eq!(silences.next(), Some(now + 6 * MINUTE));
    }

    #[test]
    fn a_source_that_gave_up_does_not_ring_and_is_silent_anew_when_it_goes_on() {
        let (mut silences, now) = (Silences::default(), start());
        let one = source(Some(60.0));
        // It may stop before its settings are looked at.
        silences.stand_still(one.id, true, now);
        silences.follow(std::slice::from_ref(&one), now, Millis(0));

        assert_eq!(silences.next(), None);
        assert_eq!(silences.due(now + 2 * MINUTE), []);
        silences.stand_still(one.id, false, now + 3 * MINUTE);
        assert_eq!(silences.next(), Some(now + 4 * MINUTE));
        assert_eq!(silences.due(now + 4 * MINUTE), [(one.id, MINUTE)]);
        assert_eq!(silences.silent().len(), 1);
        // Each try of one that waits is no standing still.
        silences.stand_still(one.id, false, now + 5 * MINUTE);
        assert_eq!(silences.due(now + 9 * MINUTE), []);

        silences.stand_still(one.id, true, now + 9 * MINUTE);
        assert!(silences.silent().is_empty(), "why it stopped says more");
        silences.follow(&[], now, Millis(0));
        silences.follow(&[one], now, Millis(0));
        assert!(silences.next().is_some(), "enabled again, it runs");
    }

    #[test]
    fn an_event_read_of_late_counts_only_if_it_is_newer_than_what_is_known() {
        let (mut silences, now) = (Silences::default(), start());
        let one = source(Some(60.0));
        silences.follow(std::slice::from_ref(&one), now, Millis(1000));

        silences.hear(one.id, now + MINUTE / 2, Millis(1000), false);
        assert_eq!(silences.next(), Some(now + MINUTE));
        silences.hear(one.id, now + MINUTE / 2, Millis(1001), false);
        assert_eq!(silences.next(), Some(now + MINUTE + MINUTE / 2));
    }
}
