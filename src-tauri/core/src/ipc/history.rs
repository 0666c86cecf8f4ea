//! What the window asks of the history, and what it is told.

use serde::{Deserialize, Serialize};

use super::Millis;
use crate::{
    model::{Delivery, DeliveryCause, RowId, Severity, SourceId},
    rules::Trace,
};

/// One line of the list: at most about 300 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Row {
    /// Its number: larger is newer.
    pub row: RowId,
    /// Where it came from.
    pub source: SourceId,
    /// Event type.
    pub event: String,
    /// At most 120 characters.
    pub title: String,
    /// The start of the body on one line, at most 160 characters.
    pub preview: String,
    /// How much it matters.
    pub severity: Severity,
    /// When it arrived.
    pub received_at: Millis,
    /// Whether a person has read it.
    pub read: bool,
    /// Whether a person wants it kept.
    pub pinned: bool,
    /// What became of its toast.
    pub delivery: Delivery,
    /// Where the page's query matched; none where it has no words, and in the feed.
    pub marks: Option<Marks>,
}

/// All of one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct EventDetail {
    /// Its line in the list.
    #[serde(flatten)]
    pub row: Row,
    /// The whole title.
    pub full_title: String,
    /// The whole body.
    pub body: String,
    /// Data as the server sent it.
    pub data: String,
    /// The ID of its own block.
    pub own_id: Option<String>,
    /// A link it carries, as sent.
    pub url: Option<String>,
    /// That link, if it may be opened.
    pub link: Option<Link>,
    /// Words the server filed it under.
    pub tags: Vec<String>,
    /// Name of the rule that decided, as it was called then.
    pub rule: Option<String>,
    /// Why it rang or did not; none where there were no rules.
    pub trace: Option<Trace>,
    /// Whether it came again after a reconnect.
    pub replayed: bool,
    /// Whether data beyond the limit was cut off.
    pub truncated: bool,
    /// Why it got no toast of its own.
    pub delivery_cause: Option<DeliveryCause>,
    /// What the notification service said to that.
    pub delivery_detail: Option<String>,
}

/// A link that may be opened, with a person's consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Link {
    /// In its normal form; what a browser gets.
    pub url: String,
    /// Its host in ASCII: letters of other scripts show as `xn--…`.
    pub host: String,
    /// Whether that is not the source's host: a person is asked before it is opened.
    pub foreign: bool,
}

/// A page of the list, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Page {
    /// Rows, newest first.
    pub rows: Vec<Row>,
    /// Whether there are older ones.
    pub more: bool,
    /// Whether there are newer ones.
    pub newer: bool,
    /// Dividers that belong to these rows, in the order of their `first_row`.
    pub outages: Vec<OutageView>,
    /// The query looks into JSON data, and only this many events that match the rest of it, the
    /// newest, were looked into.
    pub bounded: Option<u32>,
    /// The oldest and the newest row of the whole history, whatever the page selects: a place
    /// between them as `before` jumps there. None where there are no rows.
    pub span: Option<(RowId, RowId)>,
}

/// Which rows a page holds. Of `before`, `after` and `at` one at most.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct PageRequest {
    /// Only of this source.
    #[serde(default)]
    pub source: Option<SourceId>,
    /// Only rows older than this one: the newest of them.
    #[serde(default)]
    pub before: Option<RowId>,
    /// Only rows newer than this one: the oldest of them, still listed newest first.
    #[serde(default)]
    #[cfg_attr(feature = "bindings", ts(optional = nullable))]
    pub after: Option<RowId>,
    /// Jump to a time: rows received by then, the newest first.
    #[serde(default)]
    #[cfg_attr(feature = "bindings", ts(optional = nullable))]
    pub at: Option<Millis>,
    /// Only unread ones.
    #[serde(default)]
    pub unread: bool,
    /// Only events kept quiet.
    #[serde(default)]
    pub quiet: bool,
    /// Only pinned ones.
    #[serde(default)]
    #[cfg_attr(feature = "bindings", ts(as = "Option<bool>", optional))]
    pub pinned: bool,
    /// What to look for, in the query language.
    #[serde(default)]
    pub query: Option<String>,
    /// At most this many, up to 200.
    pub limit: u32,
}

/// Where a query matched, for marking: pairs of start and end in UTF-16 units, as JavaScript
/// slices strings, in rising order, none overlapping.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Marks {
    /// In the row's title.
    pub title: Vec<(u32, u32)>,
    /// In the row's preview.
    pub preview: Vec<(u32, u32)>,
}

/// A time without connection: a divider in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct OutageView {
    /// Whose connection.
    pub source: SourceId,
    /// When it broke.
    pub started_at: Millis,
    /// When the next one was live.
    pub ended_at: Millis,
    /// How many events the server sent again; with none, events may be missing.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub replayed: u64,
    /// The divider stands just before the first row with this number or a larger one: in a list
    /// with the newest on top, below that row.
    pub first_row: RowId,
}

/// How many events there are, kept and not counted: cheap at any size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Counts {
    /// All of them.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub stored: u64,
    /// Not read yet.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub unread: u64,
    /// Kept quiet by a rule.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub quiet: u64,
    /// Pinned by a person.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub pinned: u64,
}

/// A change that can be taken back for 8 seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Undoable {
    /// How many events changed.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub count: u64,
    /// What `history_undo` takes; none where nothing changed or it cannot be taken back.
    #[cfg_attr(feature = "bindings", ts(type = "number | null"))]
    pub undo: Option<u64>,
}

/// How large the history is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct HistoryFigures {
    /// Bytes on disk, the log included.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub bytes: u64,
    /// How many events there are.
    pub counts: Counts,
    /// When the oldest one arrived; none where there is none.
    pub oldest: Option<Millis>,
}

/// What looking at every page of the history's file found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct HistoryCheck {
    /// What is wrong, at most 5 sentences of the database; none: it is sound.
    pub findings: Vec<String>,
    /// How long that took. Milliseconds.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub ms: u64,
}

/// What an export is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// One JSON object for each line.
    Jsonl,
    /// Comma-separated values (RFC 4180) with a header line.
    Csv,
}

/// Which events to export, and where to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct ExportRequest {
    /// What to write.
    pub format: ExportFormat,
    /// Which events: its source, unread, quiet, pinned and query; all that match are written,
    /// oldest first, whatever its limit and place.
    pub select: PageRequest,
    /// The file to write; none: a new one in the person's folder for downloads.
    #[serde(default)]
    #[cfg_attr(feature = "bindings", ts(optional = nullable))]
    pub path: Option<String>,
}

/// How far an export is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ExportProgress {
    /// Where it goes.
    pub path: String,
    /// Events written so far.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub events: u64,
    /// How much of the history was looked through: 0 to 100.
    pub percent: u8,
    /// Whether it is at its end.
    pub done: bool,
    /// Whether it was cancelled: then no file is left.
    pub cancelled: bool,
}
