//! What goes into the history and what comes out of it, as types.

use std::collections::HashMap;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    ipc::{Counts, Millis, OutageView, Row},
    model::{
        Decision, Delivery, EventId, Notification, Opening, RowId, Severity, SourceId, Timestamp,
        Verdict,
    },
    source::config::Dedupe,
};

use super::line;

/// What one block of a stream leaves behind. Blocks that are filtered, or carry an ID only,
/// have no event: they move the cursor and leave no row.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Where it came from.
    pub source: SourceId,
    /// The last event ID after this block: the new cursor. The empty ID clears it.
    pub cursor: Option<EventId>,
    /// What to store.
    pub event: Option<NewEvent>,
}

/// An event to store.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Event type.
    pub event: String,
    /// The ID of its own block.
    pub own_id: Option<EventId>,
    /// Data, as sent.
    pub data: String,
    /// What it says to a person.
    pub notification: Notification,
    /// When it arrived.
    pub received_at: Timestamp,
    /// What the rules decided: `Notify` is stored as pending, `Quiet` as quiet.
    pub decision: Decision,
    /// Whether it came again after a reconnect.
    pub replayed: bool,
    /// Whether data beyond the limit was cut off.
    pub truncated: bool,
    /// Present while in the opening burst of a connection.
    pub opening: Option<Opening>,
    /// Which events of its source count as duplicates.
    pub dedupe: Dedupe,
}

impl NewEvent {
    /// Its line in the list once it is stored as `row`, the same as a page would show.
    pub fn row(&self, row: RowId, source: SourceId) -> Row {
        Row {
            row,
            source,
            event: line::event(&self.event),
            title: line::title(&self.notification.title),
            preview: line::preview(&self.notification.body),
            severity: self.notification.severity,
            received_at: Millis::from(self.received_at),
            read: self.is_read(),
            pinned: false,
            delivery: self.delivery(),
            marks: None,
        }
    }

    /// Nobody has to look at what is kept quiet: it counts as read from the start.
    pub(super) fn is_read(&self) -> bool {
        self.decision.verdict == Verdict::Quiet
    }

    pub(super) fn delivery(&self) -> Delivery {
        match self.decision.verdict {
            Verdict::Notify => Delivery::Pending,
            Verdict::Quiet => Delivery::Quiet,
        }
    }
}

/// What became of an arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// A new row.
    New(RowId),
    /// The same event is stored already.
    Duplicate,
    /// It had no event; at most the cursor moved.
    Cursor,
}

/// A stored event, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent marks of a row"
)]
pub struct StoredEvent {
    /// Its number: larger is newer.
    pub row: RowId,
    /// Where it came from.
    pub source: SourceId,
    /// What that source is or was called.
    pub source_name: String,
    /// Event type.
    pub event: String,
    /// The ID of its own block.
    pub own_id: Option<EventId>,
    /// Data, as sent.
    pub data: String,
    /// What it says to a person.
    pub notification: Notification,
    /// When it arrived.
    pub received_at: Timestamp,
    /// Whether a person has read it.
    pub read: bool,
    /// Whether a person wants it kept.
    pub pinned: bool,
    /// Whether it came again after a reconnect.
    pub replayed: bool,
    /// Whether data beyond the limit was cut off.
    pub truncated: bool,
    /// What the rules decided.
    pub decision: Decision,
    /// What became of its toast.
    pub delivery: Delivery,
    /// Why the toast was not shown, in the service's words.
    pub delivery_detail: Option<String>,
}

/// A time without connection, for the divider between rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// Whose connection.
    pub source: SourceId,
    /// When it broke.
    pub started_at: Timestamp,
    /// When the next one was live.
    pub ended_at: Timestamp,
    /// How many events the server sent again.
    pub replayed: u64,
    /// The divider stands before the source's first row from this number on.
    pub first_row: RowId,
}

impl From<Outage> for OutageView {
    fn from(outage: Outage) -> Self {
        Self {
            source: outage.source,
            started_at: outage.started_at.into(),
            ended_at: outage.ended_at.into(),
            replayed: outage.replayed,
            first_row: outage.first_row,
        }
    }
}

/// Which events a query returns, whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent marks of a row, and an order"
)]
pub struct Selection {
    /// Only of this source.
    pub source: Option<SourceId>,
    /// Only of this event type.
    pub event: Option<String>,
    /// Only unread ones.
    pub unread: bool,
    /// Only those a rule kept quiet.
    pub quiet: bool,
    /// Only those a person pinned.
    pub pinned: bool,
    /// What to look for, in the query language.
    pub query: Option<String>,
    /// Only the ones that follow this row, in the order of the answer: to go on after its last.
    pub resume: Option<RowId>,
    /// Only older ones.
    pub before: Option<Bound>,
    /// Only newer ones.
    pub after: Option<Bound>,
    /// At most this many; fewer at once where they are large.
    pub limit: u32,
    /// Oldest first instead of newest first.
    pub oldest_first: bool,
}

/// One end of a selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// This row, itself excluded.
    Row(RowId),
    /// This moment; events received in its millisecond count as after it.
    Time(Timestamp),
}

/// What taking something back did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undone {
    /// Deleted rows are there again.
    Restored,
    /// Rows are marked as they were.
    Marked {
        /// How they are marked now.
        read: bool,
    },
}

/// What is unread and when sources last spoke.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unread {
    /// Unread events over all sources, removed ones with kept rows included.
    pub total: u64,
    /// By source.
    pub sources: HashMap<SourceId, SourceUnread>,
}

impl Unread {
    /// Over all sources.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for source in self.sources.values() {
            counts.stored += source.stored;
            counts.unread += source.unread;
            counts.quiet += source.quiet;
            counts.pinned += source.pinned;
        }
        counts
    }
}

/// What is unread of one source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceUnread {
    /// What the source is or was called.
    pub name: String,
    /// Its unread events.
    pub unread: u64,
    /// All its events.
    pub stored: u64,
    /// Those a rule kept quiet.
    pub quiet: u64,
    /// Those a person pinned.
    pub pinned: u64,
    /// When its newest event arrived.
    pub last_event_at: Option<Timestamp>,
}

/// A time as the database keeps it, back as a type; one out of range becomes 1970.
pub(super) fn time(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

// The numbers below are the file's format: never reuse one.

pub(super) fn severity_number(severity: Severity) -> i64 {
    match severity {
        Severity::Low => 0,
        Severity::Normal => 1,
        Severity::High => 2,
        Severity::Critical => 3,
    }
}

pub(super) fn severity(number: i64) -> Severity {
    match number {
        0 => Severity::Low,
        2 => Severity::High,
        3 => Severity::Critical,
        _ => Severity::Normal,
    }
}

pub(super) fn verdict_number(verdict: Verdict) -> i64 {
    match verdict {
        Verdict::Notify => 0,
        Verdict::Quiet => 1,
    }
}

pub(super) fn verdict(number: i64) -> Verdict {
    match number {
        1 => Verdict::Quiet,
        _ => Verdict::Notify,
    }
}

pub(super) fn delivery_number(delivery: Delivery) -> i64 {
    match delivery {
        Delivery::Pending => 0,
        Delivery::Shown => 1,
        Delivery::Digest => 2,
        Delivery::Held => 3,
        Delivery::Quiet => 4,
        Delivery::RateCapped => 5,
        Delivery::Refused => 6,
        Delivery::Paused => 7,
    }
}

pub(super) fn delivery(number: i64) -> Delivery {
    match number {
        1 => Delivery::Shown,
        2 => Delivery::Digest,
        3 => Delivery::Held,
        4 => Delivery::Quiet,
        5 => Delivery::RateCapped,
        6 => Delivery::Refused,
        7 => Delivery::Paused,
        _ => Delivery::Pending,
    }
}

/// What a column of JSON holds; nothing where a reader would take the default anyway.
pub(super) fn json_unless_default<T: Serialize + Default + PartialEq>(value: &T) -> Option<String> {
    (*value != T::default())
        .then(|| serde_json::to_string(value).ok())
        .flatten()
}

/// Back as a type; what cannot be understood reads as the default.
pub(super) fn json_or_default<T: DeserializeOwned + Default>(column: Option<&str>) -> T {
    column
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_survives_its_number() {
        for word in [
            Severity::Low,
            Severity::Normal,
            Severity::High,
            Severity::Critical,
        ] {
            assert_eq!(severity(severity_number(word)), word);
        }
        for word in [Verdict::Notify, Verdict::Quiet] {
            assert_eq!(verdict(verdict_number(word)), word);
        }
        for word in [
            Delivery::Pending,
            Delivery::Shown,
            Delivery::Digest,
            Delivery::Held,
            Delivery::Quiet,
            Delivery::RateCapped,
            Delivery::Refused,
            Delivery::Paused,
        ] {
            assert_eq!(delivery(delivery_number(word)), word);
        }
    }
}
