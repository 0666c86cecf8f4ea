//! When the wishes of a person have to be looked at again: at the moments they name, after the
//! wall clock jumped, and when they changed.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::{
    model::Timestamp,
    quiet::{Standing, Wishes},
};

/// Where something may change by itself the wall clock is looked at this often: it jumps, the
/// machine sleeps, the time zone changes.
const LOOK: Duration = Duration::from_secs(30);

/// How it stands, and since when that is known.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) standing: Standing,
    looked: Timestamp,
    stale: bool,
}

impl Gate {
    /// Not looked at yet.
    pub(super) fn new(wall: Timestamp) -> Self {
        Self {
            standing: Standing::default(),
            looked: wall,
            stale: true,
        }
    }

    /// The wishes changed.
    pub(super) fn forget(&mut self) {
        self.stale = true;
    }

    /// Whether to look again.
    pub(super) fn is_stale(&self, wall: Timestamp) -> bool {
        self.stale || wall < self.looked || self.wait(wall).is_some_and(|wait| wait.is_zero())
    }

    pub(super) fn look(&mut self, wishes: &Wishes, wall: Timestamp, zone: &TimeZone) {
        self.standing = wishes.at(wall, zone);
        self.looked = wall;
        self.stale = false;
    }

    /// How long until it has to be looked at again, if time alone may change it.
    pub(super) fn wait(&self, wall: Timestamp) -> Option<Duration> {
        let changes = self.standing.changes?;
        let until = changes.min(self.looked + LOOK);
        Some(Duration::try_from(until.duration_since(wall)).unwrap_or_default())
    }
}
