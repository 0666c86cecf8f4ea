//! What the outside world may learn: facts, broadcast to whoever listens. A listener that is too
//! slow loses facts, never the truth: that is in the history and the settings.

use std::sync::Arc;

use tokio::sync::broadcast;

use crate::{
    ipc::{OutageView, Row},
    model::{Delivery, RowId, SourceId},
    source::SourceState,
};

/// How many facts a slow listener may be behind before it has to look at the truth again.
pub const BACKLOG: usize = 1024;

/// Something happened.
#[derive(Debug, Clone)]
pub enum Fact {
    /// New rows in history, oldest first.
    Rows(Arc<[Row]>),
    /// A time without connection, before the rows that follow it, and again once it is known how
    /// many of them were replayed.
    Outage(OutageView),
    /// What became of toasts.
    Delivered(Arc<[(RowId, Delivery)]>),
    /// Rows were read or unread; none means more than can be named.
    Read {
        /// Which.
        rows: Option<Arc<[RowId]>>,
        /// Their new state.
        read: bool,
    },
    /// Rows were pinned or are not any more.
    Pinned {
        /// Which.
        rows: Arc<[RowId]>,
        /// Their new state.
        pinned: bool,
    },
    /// Rows were deleted; none means more than can be named.
    Deleted(Option<Arc<[RowId]>>),
    /// Deleted rows are there again.
    Restored,
    /// A connection entered a state; every one is told, also those that pass in no time.
    State(SourceId, SourceState),
    /// A source's settings or counts changed.
    Source(SourceId),
    /// A source is gone, and perhaps its rows.
    SourceRemoved(SourceId),
    /// Preferences changed.
    Preferences,
    /// What is wrong now changed.
    Troubles,
    /// Whether toasts wait changed.
    Quiet,
}

/// What a person wants to see: they clicked a toast, or chose it in the tray. It is no fact, so that
/// no flood of them pushes it out; of two wishes the later one holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// The event; none: just the window.
    pub row: Option<RowId>,
    /// Whether its link is wanted, which has to be confirmed.
    pub link: bool,
    /// What a Wayland compositor wants to see before it gives the window focus.
    pub token: Option<String>,
}

/// Where facts are told.
pub type Facts = broadcast::Sender<Fact>;
