//! Events that are counted: heaps, one for each digest.

use std::time::Instant;

use super::{Desk, HELD_ROWS, Heap};
use crate::{
    delivery::{
        storm::{Pile, REPLAYED_SINGLY},
        task::flight::{Event, Flight},
        toast::Slot,
    },
    model::{Delivery, RowId},
};

impl Desk {
    /// Counts an event that got no toast of its own.
    pub(super) fn count(&mut self, event: Event, now: Instant) {
        let pile = Pile::More(event.source);
        self.storm.fold(pile, now);
        self.heap_up(pile, event, now);
    }

    pub(super) fn heap_up(&mut self, pile: Pile, event: Event, now: Instant) {
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
        heap.sticky |= event.sticky;
        let may_be_few = matches!(pile, Pile::Away(_) | Pile::Backlog);
        if kept && may_be_few && (heap.first.len() as u64) < REPLAYED_SINGLY {
            heap.first.push(event.clone());
        }
        heap.latest = event;
        heap.count += 1;
        if kept {
            heap.rows.push(row);
            self.held_rows += 1;
        } else {
            self.settle(vec![row], Delivery::RateCapped, None);
        }
    }

    /// What a digest carried counts again.
    pub(super) fn heap_back(
        &mut self,
        pile: Pile,
        mut rows: Vec<RowId>,
        latest: &Event,
        now: Instant,
    ) {
        self.held_rows += rows.len();
        let heap = self
            .heaps
            .entry(pile)
            .or_insert_with(|| Heap::new(latest, now));
        if heap.rows.is_empty() {
            heap.since = now;
            heap.severity = latest.severity;
        }
        heap.sticky |= latest.sticky;
        heap.count += rows.len() as u64;
        rows.append(&mut heap.rows);
        heap.rows = rows;
    }

    pub(super) fn remove_heap(&mut self, pile: Pile) -> Option<Heap> {
        let heap = self.heaps.remove(&pile)?;
        self.held_rows = self.held_rows.saturating_sub(heap.rows.len());
        Some(heap)
    }

    pub(super) fn show_digest(&mut self, pile: Pile, digest: u64, total: u64) {
        let Some(heap) = self.heaps.get_mut(&pile) else {
            return self.storm.released();
        };
        let rows = std::mem::take(&mut heap.rows);
        let first = std::mem::take(&mut heap.first);
        let new = std::mem::take(&mut heap.count);
        self.held_rows = self.held_rows.saturating_sub(rows.len());
        let Some(heap) = self.heaps.get(&pile) else {
            return self.storm.released();
        };
        let mut latest = heap.latest.clone();
        latest.severity = heap.severity;
        latest.sticky = heap.sticky;
        let (toast, told) = match (pile, first.as_slice()) {
            // The only event of the start rings as itself, in the place of those that may follow.
            (Pile::Backlog, [_]) if total == 1 => {
                let slot = Slot::Digest(digest);
                let toast = self.event_toast(&latest, slot, total, rows.clone());
                (toast, Delivery::Shown)
            }
            (Pile::Same(slot), _) => {
                // Where a person took it away, those that came since are what there is to show.
                let (count, all) = match self.same.of(slot) {
                    Some(repeated) => (repeated.count, repeated.rows.clone()),
                    None => (new, rows.clone()),
                };
                let toast = self.event_toast(&latest, Slot::Event(slot), count, all);
                let told = if new == 1 {
                    Delivery::Shown
                } else {
                    Delivery::Digest
                };
                (toast, told)
            }
            _ => (
                self.digest_toast(pile, digest, total, heap),
                Delivery::Digest,
            ),
        };
        let flight = Flight::Digest {
            pile,
            rows,
            latest,
            told,
        };
        self.launch(toast, flight);
    }
}
