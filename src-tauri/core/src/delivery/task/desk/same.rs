//! Events that repeat each other share one toast: it is replaced in place and says how many.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::model::{RowId, SourceId};

/// A toast is replaced by events that come within this time of the last one.
pub(super) const SAME_FOR: Duration = Duration::from_mins(10);
/// Toasts remembered at a time; more than the service shows of us.
const TOASTS: usize = 128;
/// Rows remembered of one toast: those its button marks read.
const ROWS: usize = 256;

/// The toasts that may still be on the screen.
#[derive(Debug, Default)]
pub(super) struct Same {
    toasts: HashMap<(SourceId, u64), Repeated>,
    slots: u64,
}

/// One toast and the events it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Repeated {
    pub(super) slot: u64,
    pub(super) count: u64,
    /// The latest of them.
    pub(super) rows: Vec<RowId>,
    last: Instant,
}

impl Same {
    /// The toast that an event would count in.
    pub(super) fn slot(&self, key: (SourceId, u64), now: Instant) -> Option<u64> {
        let toast = self.toasts.get(&key);
        let toast = toast.filter(|toast| now < toast.last + SAME_FOR);
        toast.map(|toast| toast.slot)
    }

    /// What counts in this toast, if it is still on the screen.
    pub(super) fn of(&self, slot: u64) -> Option<&Repeated> {
        self.toasts.values().find(|toast| toast.slot == slot)
    }

    /// Counts an event in the toast of those like it, or in a new one.
    pub(super) fn join(&mut self, key: (SourceId, u64), row: RowId, now: Instant) -> &Repeated {
        self.toasts.retain(|_, toast| now < toast.last + SAME_FOR);
        if self.toasts.len() >= TOASTS && !self.toasts.contains_key(&key) {
            let oldest = self.toasts.iter().min_by_key(|(_, toast)| toast.last);
            if let Some(oldest) = oldest.map(|(key, _)| *key) {
                self.toasts.remove(&oldest);
            }
        }
        let slots = &mut self.slots;
        let toast = self.toasts.entry(key).or_insert_with(|| {
            *slots += 1;
            Repeated {
                slot: *slots,
                count: 0,
                rows: Vec::new(),
                last: now,
            }
        });
        toast.count += 1;
        toast.last = now;
        if toast.rows.len() == ROWS {
            toast.rows.remove(0);
        }
        toast.rows.push(row);
        toast
    }

    /// This toast is not on the screen: the next event like it is a new one.
    pub(super) fn forget(&mut self, slot: u64) {
        self.toasts.retain(|_, toast| toast.slot != slot);
    }

    /// None is.
    pub(super) fn clear(&mut self) {
        self.toasts.clear();
    }
}
