//! What sources did lately, for charts: events of each hour, and each minute of the last hour.

use super::Handle;
use crate::{
    error::Result,
    history::{HOURS, MINUTES},
    ipc::{Attempt, Health, Millis, SourceActivity},
};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 3_600_000;

impl Handle {
    /// What every source did in the last 7 days, and how its connection was in the last hour.
    ///
    /// # Errors
    /// `HistoryUnavailable`.
    pub async fn activity(&self) -> Result<Vec<SourceActivity>> {
        let now = (self.clock)();
        let mut hours = self.history.hours(now).await?;
        let now = now.as_millisecond();
        let activity = |id| SourceActivity {
            source: id,
            hour: Millis(now.div_euclid(HOUR) * HOUR),
            hours: hours.remove(&id).unwrap_or_else(|| vec![0; HOURS]),
            minutes: minutes(&self.logs.of(id).snapshot().timeline, now),
        };
        let settings = self.settings.current();
        Ok(settings
            .sources
            .iter()
            .map(|one| one.id)
            .map(activity)
            .collect())
    }

    /// How many events of all sources came in each of the last 60 minutes, the one that runs last.
    ///
    /// # Errors
    /// `HistoryUnavailable`.
    pub async fn pulse(&self) -> Result<Vec<u32>> {
        self.history.pulse((self.clock)()).await
    }
}

/// How each of the last minutes was, oldest first. A connection that broke is missed until the
/// next one is live; one that a person ended is not.
fn minutes(timeline: &[Attempt], now: i64) -> Vec<Health> {
    let mut minutes = vec![Health::Off; MINUTES];
    let first = now - MINUTES.cast_signed() as i64 * MINUTE;
    let mut mark = |from: i64, until: i64, health: Health| {
        for (minute, start) in minutes.iter_mut().zip((first..).step_by(60_000)) {
            let overlaps = from < start + MINUTE && until >= start;
            if overlaps && *minute != Health::Trouble {
                *minute = health;
            }
        }
    };
    let mut missed_since = None;
    for attempt in timeline {
        if let Some(live) = attempt.live {
            if let Some(since) = missed_since.take() {
                mark(since, live.0, Health::Trouble);
            }
            mark(
                live.0,
                attempt.ended.map_or(now, |ended| ended.0),
                Health::Live,
            );
        }
        match (attempt.ended, &attempt.cause) {
            (Some(ended), Some(_)) => missed_since = missed_since.or(Some(ended.0)),
            (Some(_), None) => missed_since = None,
            (None, _) => {}
        }
    }
    if let Some(since) = missed_since {
        mark(since, now, Health::Trouble);
    }
    minutes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Cause, CauseCode};

    const NOW: i64 = 100 * HOUR;

    fn attempt(started: i64, live: Option<i64>, ended: Option<i64>, broke: bool) -> Attempt {
        let at = |minute: i64| Millis(NOW - (60 - minute) * MINUTE);
        Attempt {
            started: at(started),
            live: live.map(at),
            ended: ended.map(at),
            cause: broke.then(|| Cause::new(CauseCode::Closed, "closed")),
            bytes: 0,
            events: 0,
        }
    }

    fn drawn(timeline: &[Attempt]) -> String {
        let sign = |health: Health| match health {
            Health::Off => ' ',
            Health::Live => '-',
            Health::Trouble => '#',
        };
        minutes(timeline, NOW).into_iter().map(sign).collect()
    }

    #[test]
    fn a_connection_is_missed_from_its_break_to_the_next_one_that_is_live() {
        let timeline = [
            attempt(-90, Some(-90), Some(20), true),
            attempt(21, None, Some(22), true),
            attempt(30, Some(30), None, false),
        ];
        let whole = drawn(&timeline);
        assert_eq!(whole.len(), 60);
        assert_eq!(whole.trim_matches('-').len(), 11, "{whole}");
        assert_eq!(whole.find('#'), Some(20));
    }

    #[test]
    fn a_source_that_cannot_connect_is_in_trouble_until_now() {
        assert!(drawn(&[attempt(50, None, Some(51), true)]).ends_with("#########"));
        assert_eq!(
            drawn(&[attempt(50, None, Some(51), true)])
                .trim_start()
                .len(),
            9
        );
    }

    #[test]
    fn what_a_person_switched_off_is_not_missed() {
        let ended = [attempt(10, Some(10), Some(20), false)];
        assert_eq!(drawn(&ended).trim(), "-".repeat(11));
        assert_eq!(drawn(&[]), " ".repeat(60));
    }
}
