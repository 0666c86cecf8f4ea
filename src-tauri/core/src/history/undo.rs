//! What can be taken back, for as long as it can: in memory, so a restart settles everything.

use std::collections::BTreeMap;

use crate::model::RowId;

/// Most runs of rows one change is remembered by; a change in more pieces cannot be taken back.
const RUNS: usize = 100_000;

/// Rows as runs of neighbours: a million of them in a row take no more room than two.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Runs(Vec<(i64, i64)>);

impl Runs {
    pub(super) fn add(&mut self, rows: &[RowId]) {
        for row in rows {
            match self.0.last_mut() {
                Some((_, last)) if *last + 1 == row.0 => *last = row.0,
                _ => self.0.push((row.0, row.0)),
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rows in chunks of this size.
    pub(super) fn chunks(&self, size: usize) -> Vec<Vec<RowId>> {
        let rows: Vec<RowId> = self
            .0
            .iter()
            .flat_map(|&(first, last)| (first..=last).map(RowId))
            .collect();
        rows.chunks(size).map(<[RowId]>::to_vec).collect()
    }
}

/// How a change is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Undo {
    /// These rows were marked: mark them the other way.
    Marked {
        /// Which.
        rows: Runs,
        /// How they were marked.
        read: bool,
    },
    /// The rows of this number are in the trash.
    Trashed,
}

/// Changes that can be taken back, by rising number.
#[derive(Debug, Default)]
pub(super) struct Undos {
    last: u64,
    open: BTreeMap<u64, Undo>,
}

impl Undos {
    /// The next number, above every one in the file.
    pub(super) fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    pub(super) fn start_after(&mut self, last: u64) {
        self.last = self.last.max(last);
    }

    /// Remembers a change; false where it is in too many pieces.
    pub(super) fn remember(&mut self, number: u64, undo: Undo) -> bool {
        let small = !matches!(&undo, Undo::Marked { rows, .. } if rows.0.len() > RUNS);
        if small {
            self.open.insert(number, undo);
        }
        small
    }

    pub(super) fn take(&mut self, number: u64) -> Option<Undo> {
        self.open.remove(&number)
    }

    /// Forgets changes up to this number.
    pub(super) fn settle(&mut self, number: u64) {
        self.open = self.open.split_off(&(number + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_give_back_the_rows_they_were_given() {
        let rows: Vec<RowId> = [1, 2, 3, 7, 9, 10].map(RowId).to_vec();
        let mut runs = Runs::default();
        runs.add(&rows);

        assert_eq!(runs.0.len(), 3);
        assert_eq!(runs.chunks(4).concat(), rows);
        assert!(!runs.is_empty() && Runs::default().is_empty());
    }

    #[test]
    fn a_settled_change_is_forgotten_and_a_later_one_is_not() {
        let mut undos = Undos::default();
        undos.start_after(40);
        let (first, second) = (undos.number(), undos.number());
        undos.remember(first, Undo::Trashed);
        undos.remember(second, Undo::Trashed);

        undos.settle(first);

        assert_eq!(first, 41);
        assert_eq!(undos.take(first), None);
        assert_eq!(undos.take(second), Some(Undo::Trashed));
        assert_eq!(undos.take(second), None);
    }
}
