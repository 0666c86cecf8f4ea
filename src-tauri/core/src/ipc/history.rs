//! What the window asks of the history beyond pages, and what it is told.

use serde::{Deserialize, Serialize};

use crate::model::SourceId;

use super::{Millis, PageRequest};
use crate::model::RowId;

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
