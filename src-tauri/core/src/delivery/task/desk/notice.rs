//! Notices on the desk: toasts that are no event. Each takes a call of the storm's window, waits
//! for one where there is none, and is dropped while toasts are paused.

use std::time::{Duration, Instant};

use super::{Desk, MISSED_FOR};
use crate::delivery::{Notice, Words, task::flight::Flight, text, toast::Failure};

/// Most notices that wait; further ones are dropped.
const NOTICES: usize = 16;

impl Desk {
    /// Takes a notice; [`tick`](Desk::tick) shows it.
    pub(in crate::delivery::task) fn notice(&mut self, notice: Notice, now: Instant) {
        if !self.is_paused() && self.notices.len() < NOTICES {
            self.notices.push_back((notice, now));
        }
    }

    /// When a waiting notice can be shown or is given up.
    pub(in crate::delivery::task) fn notices_due(&mut self, now: Instant) -> Option<Instant> {
        let (_, since) = self.notices.front()?;
        if self.reason.is_some() {
            return None;
        }
        let too_late = *since + MISSED_FOR;
        if self.is_available() {
            self.storm.room_at(now)
        } else {
            Some(too_late)
        }
    }

    pub(super) fn show_notices(&mut self, now: Instant) {
        if !self.is_available() {
            self.notices.retain(|(_, since)| *since + MISSED_FOR > now);
            return;
        }
        // In quiet time they wait for its end.
        while self.reason.is_none() && !self.notices.is_empty() && self.storm.grant(false, now) {
            let Some((notice, since)) = self.notices.pop_front() else {
                return self.storm.released();
            };
            let says = sentence(&notice, &self.words);
            let summary = text::summary(&says, &notice.source_name);
            let mut toast = self.plain_toast(summary, String::new());
            toast.target.source = Some(notice.source);
            self.launch(toast, Flight::Notice(notice, since));
        }
    }

    /// One that certainly reached nobody tries again.
    pub(super) fn notice_done(
        &mut self,
        notice: Notice,
        since: Instant,
        result: &Result<(), Failure>,
    ) {
        let unseen = match result {
            Ok(()) | Err(Failure::Refused(_)) => false,
            Err(Failure::Lost { uncertain, .. }) => !uncertain,
            Err(Failure::Excess) => true,
        };
        if unseen && !self.is_paused() {
            self.notices.push_front((notice, since));
        }
    }
}

fn sentence(notice: &Notice, words: &Words) -> String {
    let (source, time) = (text::line(&notice.source_name), span(notice.silent, words));
    let values = [("source", source.as_str()), ("time", time.as_str())];
    text::fill(&words.silent, &values)
}

/// A span in the largest unit that says it exactly.
fn span(time: Duration, words: &Words) -> String {
    let seconds = time.as_secs_f64().round().max(1.0);
    let units = [
        (86_400.0, &words.days),
        (3_600.0, &words.hours),
        (60.0, &words.minutes),
        (1.0, &words.seconds),
    ];
    let exact = units.iter().find(|(unit, _)| seconds % unit == 0.0);
    exact.map_or_else(String::new, |(unit, template)| {
        text::fill(template, &[("count", &format!("{:.0}", seconds / unit))])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        delivery::{ToastHealth, storm::Limits},
        model::{DeliveryCause, SourceId},
        quiet::QuietReason,
    };

    fn start() -> Instant {
        tokio::time::Instant::now().into_std()
    }

    fn notice(name: &str) -> Notice {
        Notice {
            source: SourceId::random(),
            source_name: name.into(),
            silent: Duration::from_mins(5),
        }
    }

    fn shown(desk: &mut Desk, now: Instant) -> Vec<String> {
        desk.tick(now);
        std::iter::from_fn(|| desk.hand_over())
            .map(|toast| toast.summary)
            .collect()
    }

    #[test]
    fn notices_count_in_the_storms_window_and_wait_for_room_in_it() {
        let now = start();
        let limits = Limits {
            per_minute: 2,
            reserved_for_critical: 1,
            ..Limits::default()
        };
        let mut desk = Desk::new(limits, now);
        desk.notice(notice("one"), now);
        desk.notice(notice("two"), now);

        assert_eq!(shown(&mut desk, now), ["No event from one for 5 min"]);
        desk.done(Ok(()), now);
        assert!(shown(&mut desk, now + Duration::from_secs(59)).is_empty());
        let room = desk.notices_due(now).unwrap();
        assert_eq!(room, now + Duration::from_mins(1));
        assert_eq!(shown(&mut desk, room), ["No event from two for 5 min"]);
    }

    #[test]
    fn a_pause_drops_them_and_a_service_that_is_away_is_waited_for_a_minute() {
        let now = start();
        let mut desk = Desk::new(Limits::default(), now);
        desk.stand(Some(QuietReason::Paused), true, now);
        desk.notice(notice("paused"), now);
        desk.stand(None, true, now);
        let message = "nobody there".to_owned();
        desk.notice(notice("late"), now);
        assert_eq!(shown(&mut desk, now).len(), 1);
        let uncertain = false;
        desk.set_health(ToastHealth::Unavailable {
            cause: DeliveryCause::NoService,
            message: message.clone(),
        });
        let cause = DeliveryCause::NoService;
        desk.done(
            Err(Failure::Lost {
                cause,
                message,
                uncertain,
            }),
            now,
        );

        assert!(shown(&mut desk, now + Duration::from_secs(30)).is_empty());
        desk.set_health(ToastHealth::Unknown);
        assert_eq!(shown(&mut desk, now + Duration::from_secs(31)).len(), 1);
        assert!(!desk.has_outcome(), "a notice is no event");
    }

    #[test]
    fn a_span_is_told_in_the_largest_unit_that_says_it_exactly() {
        let words = Words::default();
        for (seconds, told) in [
            (1.4, "1 s"),
            (90.0, "90 s"),
            (300.0, "5 min"),
            (3600.0, "1 h"),
            (5400.0, "90 min"),
            (90_000.0, "25 h"),
            (2_592_000.0, "30 d"),
        ] {
            assert_eq!(span(Duration::from_secs_f64(seconds), &words), told);
        }
    }
}
