//! What the delivery task decides, without the waiting: which event becomes a toast, which is
//! counted, and what becomes of each. The time is a parameter.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::flight::{Answer, Event, Flight, Heap, Missed, answer_to, rows_of};
use crate::{
    delivery::{
        Deliver, Notice, Outcome, ToastHealth, Words,
        storm::{Decision, Due, Limits, Pile, REPLAYED_SINGLY, Storm},
        text,
        toast::{Failure, Target, Toast},
    },
    error::{Code, Error, Result},
    model::{Delivery, RowId, Severity, SourceId},
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
    paused: bool,
    health: ToastHealth,
    heaps: HashMap<Pile, Heap>,
    held_rows: usize,
    missed: VecDeque<Missed>,
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
            paused: false,
            health: ToastHealth::Unknown,
            heaps: HashMap::new(),
            held_rows: 0,
            missed: VecDeque::new(),
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

    /// From now on toasts are paused or not. What only waits to be shown is paused, too; what
    /// is on its way goes out.
    pub(super) fn pause(&mut self, paused: bool) {
        self.paused = paused;
        if !paused {
            return;
        }
        for (pile, heap) in std::mem::take(&mut self.heaps) {
            self.storm.drop_pile(pile);
            self.settle(heap.rows, Delivery::Paused, None);
        }
        self.held_rows = 0;
        self.notices.clear();
        let missed = std::mem::take(&mut self.missed);
        let rows = missed.into_iter().map(|missed| missed.event.row).collect();
        self.settle(rows, Delivery::Paused, None);
    }

    pub(super) fn set_health(&mut self, health: ToastHealth) {
        self.health = health;
    }

    /// Whether another event may come.
    pub(super) fn has_room(&self) -> bool {
        self.outcomes.len() < OUTCOMES
    }

    pub(super) fn take(&mut self, event: Deliver, now: Instant) {
        if self.paused {
            return self.settle(vec![event.row], Delivery::Paused, None);
        }
        let (backlog, replayed) = (event.backlog, event.replayed);
        let event = Event::from(event);
        if backlog || replayed {
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

    pub(super) fn test(&mut self, answer: Answer, now: Instant) {
        if !self.storm.grant(true, now) {
            let words = "too many toasts in the last minute: try again in a moment";
            let _ = answer.send(Err(Error::new(Code::TooMany, words)));
            return;
        }
        let toast = Toast {
            digest: None,
            summary: text::summary(&self.words.test_summary, ""),
            body: self.words.test_body.clone(),
            severity: Severity::Normal,
            target: Target::default(),
            open: self.words.open.clone(),
            asked: true,
        };
        self.launch(toast, Flight::Test(answer));
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
            (Flight::Test(answer), result) => {
                let _ = answer.send(answer_to(result, &self.health));
            }
            (Flight::Event(event), Ok(())) => {
                self.settle(vec![event.row], Delivery::Shown, None);
            }
            (Flight::Digest { rows, .. }, Ok(())) => {
                self.settle(rows, Delivery::Digest, None);
            }
            (Flight::Missed(events), Ok(())) => {
                self.settle(rows_of(&events), Delivery::Digest, None);
            }
            (flight, Err(Failure::Refused(why))) => {
                self.settle(flight.into_rows(), Delivery::Refused, Some(why));
            }
            (flight, Err(_)) if self.paused => {
                self.settle(flight.into_rows(), Delivery::Paused, None);
            }
            (Flight::Digest { pile, rows, latest }, Err(_)) => {
                self.storm.fold_back(pile, rows.len() as u64, now);
                self.heap_back(pile, rows, &latest, now);
            }
            (Flight::Event(event), Err(Failure::Lost { uncertain, .. })) => {
                self.miss(event, uncertain, now);
            }
            (Flight::Missed(events), Err(Failure::Lost { .. })) => {
                for event in events {
                    self.miss(event, true, now);
                }
            }
            (Flight::Event(event), Err(Failure::Excess)) => self.count(event, now),
            (Flight::Missed(events), Err(Failure::Excess)) => {
                for event in events {
                    self.count(event, now);
                }
            }
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
        let why = "stopped before the notification service answered".to_owned();
        self.settle(rows, Delivery::Refused, Some(why));
    }

    fn is_available(&self) -> bool {
        !matches!(self.health, ToastHealth::Unavailable { .. })
    }

    fn take_live(&mut self, event: Event, now: Instant) {
        if !self.is_available() {
            return self.miss(event, false, now);
        }
        let critical = event.severity == Severity::Critical;
        match self.storm.offer(event.source, critical, now) {
            Decision::Fold => self.heap_up(Pile::More(event.source), event, now),
            Decision::Show if self.outbox.len() >= OUTBOX => {
                self.storm.released();
                self.count(event, now);
            }
            Decision::Show => {
                let toast = Toast {
                    digest: None,
                    summary: event.title.clone(),
                    body: event.body.clone(),
                    severity: event.severity,
                    target: event.target(),
                    open: self.words.open.clone(),
                    asked: false,
                };
                self.launch(toast, Flight::Event(event));
            }
        }
    }

    /// Counts an event that got no toast of its own.
    fn count(&mut self, event: Event, now: Instant) {
        let pile = Pile::More(event.source);
        self.storm.fold(pile, now);
        self.heap_up(pile, event, now);
    }

    fn heap_up(&mut self, pile: Pile, event: Event, now: Instant) {
        let row = event.row;
        let kept = self.held_rows < HELD_ROWS;
        let heap = self
            .heaps
            .entry(pile)
            .or_insert_with(|| Heap::new(&event, now));
        if heap.rows.is_empty() {
            heap.since = now;
            heap.severity = event.severity;
        }
        heap.severity = heap.severity.max(event.severity);
        if kept && matches!(pile, Pile::Away(_)) && (heap.first.len() as u64) < REPLAYED_SINGLY {
            heap.first.push(event.clone());
        }
        heap.latest = event;
        if kept {
            heap.rows.push(row);
            self.held_rows += 1;
        } else {
            self.settle(vec![row], Delivery::RateCapped, None);
        }
    }

    /// What a digest carried counts again.
    fn heap_back(&mut self, pile: Pile, mut rows: Vec<RowId>, latest: &Event, now: Instant) {
        self.held_rows += rows.len();
        let heap = self
            .heaps
            .entry(pile)
            .or_insert_with(|| Heap::new(latest, now));
        if heap.rows.is_empty() {
            heap.since = now;
            heap.severity = latest.severity;
        }
        rows.append(&mut heap.rows);
        heap.rows = rows;
    }

    fn remove_heap(&mut self, pile: Pile) -> Option<Heap> {
        let heap = self.heaps.remove(&pile)?;
        self.held_rows = self.held_rows.saturating_sub(heap.rows.len());
        Some(heap)
    }

    fn show_digest(&mut self, pile: Pile, digest: u64, total: u64) {
        let Some(heap) = self.heaps.get_mut(&pile) else {
            return self.storm.released();
        };
        let rows = std::mem::take(&mut heap.rows);
        heap.first.clear();
        self.held_rows = self.held_rows.saturating_sub(rows.len());
        let mut latest = heap.latest.clone();
        latest.severity = heap.severity;
        let (template, source) = match pile {
            Pile::More(source) => (&self.words.more, Some(source)),
            Pile::Away(source) => (&self.words.away, Some(source)),
            Pile::Backlog => (&self.words.backlog, None),
        };
        let toast = self.summary_toast(Some(digest), template, total, source, &latest);
        self.launch(toast, Flight::Digest { pile, rows, latest });
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
        let total = events.len() as u64;
        let toast = self.summary_toast(None, &self.words.missed, total, None, &latest);
        self.launch(toast, Flight::Missed(events));
    }

    /// A toast that counts, about one source or about several.
    fn summary_toast(
        &self,
        digest: Option<u64>,
        template: &str,
        total: u64,
        source: Option<SourceId>,
        latest: &Event,
    ) -> Toast {
        let name = text::line(&latest.source_name);
        let count = total.to_string();
        let values = [
            ("count", count.as_str()),
            ("source", name.as_str()),
            ("title", latest.title.as_str()),
        ];
        Toast {
            digest,
            summary: text::summary(if source.is_some() { &name } else { "" }, ""),
            body: text::fill(template, &values),
            severity: latest.severity,
            target: Target {
                row: Some(latest.row),
                source,
            },
            open: self.words.open.clone(),
            asked: false,
        }
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
        let why = match &self.health {
            ToastHealth::Unavailable { message } => message.clone(),
            _ => "the notification service was away for too long".to_owned(),
        };
        self.settle(rows, Delivery::Refused, Some(why));
    }

    fn settle(&mut self, rows: Vec<RowId>, delivery: Delivery, detail: Option<String>) {
        if rows.is_empty() {
            return;
        }
        if let Some(last) = self.outcomes.back_mut()
            && last.delivery == delivery
            && last.detail == detail
            && last.rows.len() + rows.len() <= OUTCOME_ROWS
        {
            last.rows.extend(rows);
            return;
        }
        self.outcomes.push_back(Outcome {
            rows,
            delivery,
            detail,
        });
    }
}

mod notice;
#[cfg(test)]
mod tests;
