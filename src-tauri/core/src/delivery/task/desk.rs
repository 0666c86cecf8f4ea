//! What the delivery task decides, without the waiting: which event becomes a toast, which is
//! counted, and what becomes of each. The time is a parameter.

mod face;
mod heaps;
mod hold;
mod notice;
mod same;

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::watch;

use self::same::Same;
use super::flight::{Event, Flight, Heap, Look, Missed, answer_to, rows_of};
use crate::{
    delivery::{
        Asked, Deliver, Notice, Outcome, ToastHealth, Words,
        storm::{Decision, Due, Limits, Pile, Storm},
        text,
        toast::{Failure, Slot, Toast},
    },
    error::{Code, Error, Result},
    model::{Delivery, DeliveryCause, RowId, Severity, SourceId, Why},
    quiet::QuietReason,
    settings::Settings,
    source::SourceConfig,
};

/// Toasts that wait for the backend; what finds it full is counted in a digest.
const OUTBOX: usize = 256;
/// Events kept while no service answers, and for how long.
const MISSED: usize = 50;
const MISSED_FOR: Duration = Duration::from_mins(1);
/// Events whose digest is not shown yet; what finds it full is counted, but has its outcome at
/// once.
const HELD_ROWS: usize = 65_536;
/// Outcomes that wait for their taker before no further event is taken in.
const OUTCOMES: usize = 256;
/// Events told of in one outcome.
const OUTCOME_ROWS: usize = 512;

#[derive(Debug)]
pub(super) struct Desk {
    storm: Storm,
    words: Words,
    looks: HashMap<SourceId, Look>,
    /// Why toasts wait, if they do.
    reason: Option<QuietReason>,
    critical_through: bool,
    health: ToastHealth,
    heaps: HashMap<Pile, Heap>,
    /// What waits for the end of quiet time.
    held: Option<Heap>,
    /// Rows of all heaps.
    held_rows: usize,
    missed: VecDeque<Missed>,
    same: Same,
    notices: VecDeque<(Notice, Instant)>,
    outbox: VecDeque<Toast>,
    /// Those the backend has, in its order, then those of the outbox.
    flights: VecDeque<Flight>,
    outcomes: VecDeque<Outcome>,
}

impl Desk {
    pub(super) fn new(limits: Limits, now: Instant) -> Self {
        Self {
            storm: Storm::new(limits, now),
            words: Words::default(),
            looks: HashMap::new(),
            reason: None,
            critical_through: true,
            health: ToastHealth::Unknown,
            heaps: HashMap::new(),
            held: None,
            held_rows: 0,
            missed: VecDeque::new(),
            same: Same::default(),
            notices: VecDeque::new(),
            outbox: VecDeque::new(),
            flights: VecDeque::new(),
            outcomes: VecDeque::new(),
        }
    }

    pub(super) fn set_words(&mut self, words: &watch::Receiver<Words>) {
        let words = words.borrow();
        if self.words != *words {
            self.words = words.clone();
        }
    }

    /// Takes over what the settings say about the sources.
    pub(super) fn set_looks(&mut self, settings: &Settings) {
        let look = |source: &SourceConfig| Look {
            toasts: source.toast,
            url: Some(Arc::new(source.url.clone())),
        };
        let sources = settings.sources.iter();
        self.looks = sources.map(|source| (source.id, look(source))).collect();
    }

    pub(super) fn set_health(&mut self, health: ToastHealth) {
        self.health = health;
        // Told when a service comes or goes: what the one before showed is gone.
        self.same.clear();
    }

    /// Whether another event may come.
    pub(super) fn has_room(&self) -> bool {
        self.outcomes.len() < OUTCOMES
    }

    pub(super) fn take(&mut self, event: Deliver, now: Instant) {
        let (backlog, replayed) = (event.backlog, event.replayed);
        let look = self.looks.get(&event.source).cloned().unwrap_or_default();
        let event = Event::new(event, look);
        if !self.may_ring(&event) {
            self.hold(vec![event.row], 1, event, now);
        } else if backlog || replayed {
            let pile = if backlog {
                Pile::Backlog
            } else {
                Pile::Away(event.source)
            };
            self.storm.fold(pile, now);
            self.heap_up(pile, event, now);
        } else {
            self.take_live(event, now);
        }
    }

    /// Shows what a person waits for, whether toasts wait or not.
    pub(super) fn say(&mut self, asked: Asked, now: Instant) {
        let Asked { words, answer } = asked;
        if !self.storm.grant(true, now) {
            let words = "too many toasts in the last minute: try again in a moment";
            let _ = answer.send(Err(Error::new(Code::TooMany, words)));
            return;
        }
        let of_test = || {
            (
                self.words.test_summary.clone(),
                self.words.test_body.clone(),
            )
        };
        let (summary, body) = words.unwrap_or_else(of_test);
        let toast = Toast {
            asked: true,
            ..self.plain_toast(text::summary(&summary, ""), body)
        };
        self.launch(toast, Flight::Asked(answer));
    }

    /// Does what is due.
    pub(super) fn tick(&mut self, now: Instant) {
        self.show_notices(now);
        if !self.is_available() {
            return self.expire(now);
        }
        self.show_missed(now);
        while let Some(due) = self.storm.due(now) {
            match due {
                Due::Digest {
                    pile,
                    digest,
                    total,
                } => self.show_digest(pile, digest, total),
                Due::Dissolve(pile) => {
                    let first = self.remove_heap(pile).map(|heap| heap.first);
                    for event in first.into_iter().flatten() {
                        self.take_live(event, now);
                    }
                }
                Due::Close(pile) => {
                    self.remove_heap(pile);
                }
            }
        }
    }

    /// When [`tick`](Self::tick) has something to do, if nothing happens before.
    pub(super) fn wake(&mut self, now: Instant) -> Option<Instant> {
        if self.is_available() {
            let missed = (!self.missed.is_empty()).then(|| self.storm.room_at(now));
            return self
                .storm
                .wake(now)
                .into_iter()
                .chain(missed.flatten())
                .min();
        }
        let heaps = self.heaps.values().filter(|heap| !heap.rows.is_empty());
        let since = heaps.map(|heap| heap.since);
        let since = since.chain(self.missed.iter().map(|missed| missed.since));
        since.min().map(|since| since + MISSED_FOR)
    }

    pub(super) fn has_toast(&self) -> bool {
        !self.outbox.is_empty()
    }

    /// The next toast for the backend, which answers in this order.
    pub(super) fn hand_over(&mut self) -> Option<Toast> {
        self.outbox.pop_front()
    }

    /// The backend is done with the toast it had longest.
    pub(super) fn done(&mut self, result: Result<(), Failure>, now: Instant) {
        let unsent = matches!(&result, Err(Failure::Lost { uncertain, .. }) if !uncertain);
        if unsent {
            self.storm.released();
        } else {
            self.storm.settled(now);
        }
        if result == Err(Failure::Excess) {
            self.storm.slow_down(now);
        }
        let Some(flight) = self.flights.pop_front() else {
            return;
        };
        match (flight, result) {
            (Flight::Notice(notice, since), result) => self.notice_done(notice, since, &result),
            (Flight::Asked(answer), result) => {
                let _ = answer.send(answer_to(result, &self.health));
            }
            (Flight::Event { event, .. }, Ok(())) => {
                self.settle(vec![event.row], Delivery::Shown, None);
            }
            (Flight::Digest { rows, told, .. }, Ok(())) => self.settle(rows, told, None),
            (Flight::Missed(events), Ok(())) => {
                self.settle(rows_of(&events), Delivery::Digest, None);
            }
            (flight, Err(failure)) => self.failed(flight, failure, now),
        }
    }

    fn failed(&mut self, flight: Flight, failure: Failure, now: Instant) {
        if let Flight::Event { slot, .. } = &flight {
            self.same.forget(*slot);
        }
        if let Failure::Refused(said) = failure {
            let said = Some(text::line(&said));
            let cause = DeliveryCause::Rejected;
            return self.settle(
                flight.into_rows(),
                Delivery::Refused,
                Some(Why { cause, said }),
            );
        }
        let uncertain = match failure {
            Failure::Lost { uncertain, .. } => Some(uncertain),
            Failure::Excess | Failure::Refused(_) => None,
        };
        match flight {
            Flight::Digest { rows, latest, .. } if !self.may_ring(&latest) => {
                let count = rows.len() as u64;
                self.hold(rows, count, latest, now);
            }
            Flight::Digest {
                pile, rows, latest, ..
            } => {
                self.storm.fold_back(pile, rows.len() as u64, now);
                self.heap_back(pile, rows, &latest, now);
            }
            Flight::Event { event, .. } => self.again(event, uncertain, now),
            Flight::Missed(events) => {
                for event in events {
                    self.again(event, uncertain.map(|_| true), now);
                }
            }
            Flight::Notice(..) | Flight::Asked(_) => {}
        }
    }

    /// An event whose toast failed waits for a service (`uncertain`: one may have shown it), or
    /// is counted where one wants fewer.
    fn again(&mut self, event: Event, uncertain: Option<bool>, now: Instant) {
        if !self.may_ring(&event) {
            return self.hold(vec![event.row], 1, event, now);
        }
        match uncertain {
            Some(uncertain) => self.miss(event, uncertain, now),
            None => self.count(event, now),
        }
    }

    /// What was shown in a slot is gone from the screen.
    pub(super) fn closed(&mut self, slot: Slot) {
        if let Slot::Event(slot) = slot {
            self.same.forget(slot);
        }
    }

    pub(super) fn has_outcome(&self) -> bool {
        !self.outcomes.is_empty()
    }

    pub(super) fn next_outcome(&mut self) -> Option<Outcome> {
        self.outcomes.pop_front()
    }

    /// Keeps only what the backend has already.
    pub(super) fn stop(&mut self) {
        let handed = self.flights.len().saturating_sub(self.outbox.len());
        self.flights.truncate(handed);
        self.outbox.clear();
        self.heaps.clear();
    }

    pub(super) fn is_awaiting(&self) -> bool {
        !self.flights.is_empty()
    }

    /// No further answer comes: what may be on the screen must not ring again.
    pub(super) fn give_up(&mut self) {
        let flights = std::mem::take(&mut self.flights);
        let mut rows: Vec<RowId> = flights.into_iter().flat_map(Flight::into_rows).collect();
        let missed = std::mem::take(&mut self.missed).into_iter();
        rows.extend(missed.filter(|one| one.uncertain).map(|one| one.event.row));
        self.settle(rows, Delivery::Refused, Some(DeliveryCause::Ended.into()));
    }

    fn is_available(&self) -> bool {
        !matches!(self.health, ToastHealth::Unavailable { .. })
    }

    fn take_live(&mut self, event: Event, now: Instant) {
        if !self.is_available() {
            return self.miss(event, false, now);
        }
        let critical = event.severity == Severity::Critical;
        let key = (event.source, event.key);
        // What repeats a toast on the screen counts there, and in no digest beside it.
        let same = self.same.slot(key, now);
        match self.storm.offer(event.source, same, critical, now) {
            Decision::Fold => {
                if same.is_some() {
                    self.same.join(key, event.row, now);
                }
                let pile = same.map_or(Pile::More(event.source), Pile::Same);
                self.heap_up(pile, event, now);
            }
            Decision::Show if self.outbox.len() >= OUTBOX => {
                self.storm.released();
                self.count(event, now);
            }
            Decision::Show => {
                let repeated = self.same.join(key, event.row, now).clone();
                let (slot, count) = (repeated.slot, repeated.count);
                let toast = self.event_toast(&event, Slot::Event(slot), count, repeated.rows);
                self.launch(toast, Flight::Event { event, slot });
            }
        }
    }

    /// Shows what no service took. A single event that certainly reached none is shown as it
    /// is; all else is one summary, so that a service that comes back is not flooded.
    fn show_missed(&mut self, now: Instant) {
        if self.missed.len() == 1 && self.missed.iter().all(|missed| !missed.uncertain) {
            if let Some(missed) = self.missed.pop_front() {
                self.take_live(missed.event, now);
            }
            return;
        }
        if self.missed.is_empty() || !self.storm.grant(false, now) {
            return;
        }
        let missed = std::mem::take(&mut self.missed).into_iter();
        let events: Vec<Event> = missed.map(|missed| missed.event).collect();
        let Some(mut latest) = events.last().cloned() else {
            return self.storm.released();
        };
        let severities = events.iter().map(|event| event.severity);
        latest.severity = severities.max().unwrap_or_default();
        latest.sticky = events.iter().any(|event| event.sticky);
        let total = events.len() as u64;
        let toast = self.summary_toast(&self.words.missed, total, false, &latest);
        self.launch(toast, Flight::Missed(events));
    }

    fn launch(&mut self, toast: Toast, flight: Flight) {
        self.outbox.push_back(toast);
        self.flights.push_back(flight);
    }

    fn miss(&mut self, event: Event, uncertain: bool, now: Instant) {
        self.missed.push_back(Missed {
            event,
            since: now,
            uncertain,
        });
        if self.missed.len() > MISSED
            && let Some(oldest) = self.missed.pop_front()
        {
            self.refuse(vec![oldest.event.row]);
        }
    }

    /// Gives up what waited too long for a service.
    fn expire(&mut self, now: Instant) {
        let old = |since: Instant| since + MISSED_FOR <= now;
        let mut rows = Vec::new();
        while let Some(missed) = self.missed.pop_front_if(|missed| old(missed.since)) {
            rows.push(missed.event.row);
        }
        let heaps = self.heaps.iter();
        let piles: Vec<Pile> = heaps
            .filter(|(_, heap)| !heap.rows.is_empty() && old(heap.since))
            .map(|(pile, _)| *pile)
            .collect();
        for pile in piles {
            self.storm.drop_pile(pile);
            let heap = self.remove_heap(pile).into_iter();
            rows.extend(heap.flat_map(|heap| heap.rows));
        }
        self.refuse(rows);
    }

    fn refuse(&mut self, rows: Vec<RowId>) {
        let cause = match &self.health {
            ToastHealth::Unavailable { cause, .. } => *cause,
            _ => DeliveryCause::TooLate,
        };
        self.settle(rows, Delivery::Refused, Some(cause.into()));
    }

    fn settle(&mut self, rows: Vec<RowId>, delivery: Delivery, why: Option<Why>) {
        if rows.is_empty() {
            return;
        }
        if let Some(last) = self.outcomes.back_mut()
            && last.delivery == delivery
            && last.why == why
            && last.rows.len() + rows.len() <= OUTCOME_ROWS
        {
            last.rows.extend(rows);
            return;
        }
        self.outcomes.push_back(Outcome {
            rows,
            delivery,
            why,
        });
    }
}

#[cfg(test)]
mod tests;
