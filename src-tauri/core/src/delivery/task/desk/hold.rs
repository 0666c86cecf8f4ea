//! While toasts have to wait: a pause gives events up, quiet hours and snoozes keep them for one
//! digest at the end.

use std::time::Instant;

use super::{Desk, HELD_ROWS, Heap};
use crate::{
    delivery::{
        storm::Pile,
        task::flight::{Event, Missed},
    },
    model::{Delivery, DeliveryCause, RowId, Severity},
    quiet::QuietReason,
};

impl Desk {
    /// From now on toasts wait for this reason, or not at all. What only waits to be shown waits
    /// on or is given up; what is on its way goes out.
    pub(in crate::delivery::task) fn stand(
        &mut self,
        reason: Option<QuietReason>,
        critical_through: bool,
        now: Instant,
    ) {
        self.critical_through = critical_through;
        if self.reason == reason {
            return;
        }
        self.reason = reason;
        match reason {
            Some(QuietReason::Paused) => self.give_up_waiting(),
            Some(QuietReason::Snoozed | QuietReason::Hours) => self.hold_waiting(now),
            None => self.release(now),
        }
    }

    /// How many events wait for the end of quiet time.
    pub(in crate::delivery::task) fn held(&self) -> u64 {
        self.held.as_ref().map_or(0, |heap| heap.count)
    }

    pub(super) fn is_paused(&self) -> bool {
        self.reason == Some(QuietReason::Paused)
    }

    /// Whether an event may ring now.
    pub(super) fn may_ring(&self, event: &Event) -> bool {
        match self.reason {
            None => true,
            Some(QuietReason::Paused) => false,
            Some(QuietReason::Snoozed | QuietReason::Hours) => {
                let critical = event.severity == Severity::Critical;
                event.break_through || (critical && self.critical_through)
            }
        }
    }

    /// Keeps events for the digest at the end, or gives them up in a pause. `count` may be more
    /// than there are rows: some had their outcome before.
    pub(super) fn hold(&mut self, rows: Vec<RowId>, count: u64, latest: Event, now: Instant) {
        let cause = match self.reason {
            Some(QuietReason::Paused) => return self.settle(rows, Delivery::Paused, None),
            Some(QuietReason::Snoozed) => DeliveryCause::Snoozed,
            Some(QuietReason::Hours) | None => DeliveryCause::QuietHours,
        };
        let room = self.held_rows + rows.len() <= HELD_ROWS;
        let heap = self.held.get_or_insert_with(|| Heap::new(&latest, now));
        heap.count = heap.count.saturating_add(count);
        heap.severity = heap.severity.max(latest.severity);
        heap.sticky |= latest.sticky;
        heap.latest = latest;
        if room {
            heap.rows.extend(&rows);
            self.held_rows += rows.len();
            self.settle(rows, Delivery::Held, Some(cause.into()));
        } else {
            self.settle(rows, Delivery::RateCapped, None);
        }
    }

    fn give_up_waiting(&mut self) {
        let heaps = std::mem::take(&mut self.heaps);
        for (pile, heap) in heaps {
            self.storm.drop_pile(pile);
            self.settle(heap.rows, Delivery::Paused, None);
        }
        if let Some(heap) = self.held.take() {
            self.settle(heap.rows, Delivery::Paused, None);
        }
        self.held_rows = 0;
        self.notices.clear();
        let missed = std::mem::take(&mut self.missed);
        let rows = missed.into_iter().map(|missed| missed.event.row).collect();
        self.settle(rows, Delivery::Paused, None);
    }

    fn hold_waiting(&mut self, now: Instant) {
        let piles: Vec<Pile> = self.heaps.keys().copied().collect();
        for pile in piles {
            let loud = self.heaps.get(&pile).is_some_and(|heap| {
                let mut loudest = heap.latest.clone();
                loudest.severity = heap.severity;
                self.may_ring(&loudest)
            });
            if loud {
                continue;
            }
            self.storm.drop_pile(pile);
            if let Some(heap) = self.remove_heap(pile)
                && heap.count > 0
            {
                let mut latest = heap.latest;
                latest.severity = heap.severity;
                latest.sticky = heap.sticky;
                self.hold(heap.rows, heap.count, latest, now);
            }
        }
        for missed in std::mem::take(&mut self.missed) {
            if self.may_ring(&missed.event) {
                self.missed.push_back(missed);
            } else {
                let Missed { event, .. } = missed;
                self.hold(vec![event.row], 1, event, now);
            }
        }
    }

    fn release(&mut self, now: Instant) {
        let Some(held) = self.held.take() else { return };
        self.storm.fold_many(Pile::Held, held.count, now);
        let heap = self
            .heaps
            .entry(Pile::Held)
            .or_insert_with(|| Heap::new(&held.latest, now));
        heap.since = now;
        heap.count = heap.count.saturating_add(held.count);
        heap.severity = held.severity;
        heap.sticky |= held.sticky;
        heap.rows.extend(held.rows);
        heap.latest = held.latest;
    }
}
