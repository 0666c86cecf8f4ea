//! What crosses the border to the window, and to scripts as `--json`. Plain data: no secret is
//! ever in it. `ui/wire.d.ts` is generated from here.
//!
//! Here is what concerns the whole app: errors, the snapshot and the feed.
//!
//! * `source`: sources as they are shown, added and edited.
//! * `history`: rows, pages, events, exports.
//! * `rules`: rules and their previews.
//! * `diagnosis`: tests of a connection, and what a source lived through.
//! * `about`: versions of what is at work.
//! * `transfer`: what an import would do.

mod about;
#[cfg(all(test, feature = "bindings"))]
mod bindings;
mod diagnosis;
mod history;
mod rules;
mod source;
mod transfer;

use serde::{Deserialize, Serialize};

use crate::{
    error::{Code, Error, OptionField},
    model::{Delivery, RowId, SourceId, Timestamp},
    quiet::QuietReason,
    settings::Preferences,
};

pub use about::About;
pub use diagnosis::{Attempt, Diagnosis, FrameKind, RawFrame, Step, StepName};
pub use history::{
    Counts, EventDetail, ExportFormat, ExportProgress, ExportRequest, HistoryCheck, HistoryFigures,
    Link, Marks, OutageView, Page, PageRequest, Row, Undoable,
};
pub use rules::{
    EventTypeSeen, FieldSeen, JudgedRow, MappedEvent, MappingPreviewRequest, PreviewDay, RuleCount,
    RuleDraftRequest, RuleHits, RuleList, RulePreview, RulePreviewRequest,
};
pub use source::{
    HeaderInput, Health, PastedCommand, PastedHeader, SourceActivity, SourceInput, SourceOptions,
    SourcePulse, SourceView,
};
pub use transfer::{Exported, ImportPlan, ImportRequest, ImportedSource, Reach, SettingsExport};

/// A failed command, as the window sees it. It switches on `code` only.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct CommandError {
    /// What a program switches on.
    pub code: Code,
    /// One English sentence.
    pub message: String,
    /// The option at fault, where it is one.
    pub field: Option<OptionField>,
    /// What lies beneath, for a report.
    pub detail: Option<String>,
    /// Which part of the text it is about, where it is about a query: start and end in UTF-16
    /// units, as JavaScript slices strings.
    pub range: Option<(u32, u32)>,
    /// Which part of rules or of a mapping it is about: `rules[2].when.all[1]`, `title`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub place: Option<String>,
}

impl From<Error> for CommandError {
    fn from(error: Error) -> Self {
        let detail = error.source.as_ref().map(ToString::to_string);
        Self {
            code: error.code,
            message: error.message,
            field: error.field,
            detail,
            range: error.range,
            place: error.place,
        }
    }
}

/// A moment on the wire: milliseconds since 1970 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[cfg_attr(feature = "bindings", ts(type = "number"))]
#[serde(transparent)]
pub struct Millis(pub i64);

impl From<Timestamp> for Millis {
    fn from(time: Timestamp) -> Self {
        Self(time.as_millisecond())
    }
}

/// Whether toasts wait now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct QuietState {
    /// Why they wait; none: they do not.
    pub reason: Option<QuietReason>,
    /// When they come again, where that is known.
    pub until: Option<Millis>,
    /// Events held back for the digest at the end.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub held: u64,
}

/// A trouble that concerns the whole app; the window shows one banner, the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Trouble {
    /// The settings could not be read; copies of the bad files are kept here.
    SettingsLost {
        /// Where the copies are.
        copies: Vec<String>,
    },
    /// The settings come from a newer version or cannot be written: nothing is saved.
    SettingsReadOnly,
    /// The history cannot be written; events wait at the server.
    HistoryUnavailable {
        /// The cause in words.
        message: String,
    },
    /// The history turned out to be damaged: events wait at the server until the next start.
    HistoryDamaged {
        /// The cause in words.
        message: String,
    },
    /// The disk is full: events wait at the server until there is space.
    DiskFull,
    /// The history was damaged. It was moved aside and what could be read is in a new one.
    HistorySalvaged {
        /// Where the damaged file is.
        copy: String,
        /// How many events were saved.
        #[cfg_attr(feature = "bindings", ts(type = "number"))]
        events: u64,
    },
    /// Nothing can be kept: the history lives in memory until the program ends.
    HistoryInMemory {
        /// The cause in words.
        message: String,
    },
    /// The history comes from a newer version: it is shown, and nothing new is stored.
    HistoryReadOnly {
        /// The cause in words.
        message: String,
    },
    /// The history's files may not be written: it is shown, and nothing new is stored.
    HistoryProtected {
        /// The cause in words.
        message: String,
    },
    /// No notification service answers: toasts are not shown.
    ToastsUnavailable {
        /// The cause in words.
        message: String,
    },
    /// The keychain that holds header values does not answer: their sources wait.
    KeychainUnavailable {
        /// The cause in words.
        message: String,
    },
    /// There is no keychain: header values last until the program ends, unless a person lets them
    /// be kept in a file.
    SecretsForSession,
}

/// Everything the window needs to draw itself, taken at the same moment its feed starts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Snapshot {
    /// All sources in their order.
    pub sources: Vec<SourceView>,
    /// Language, theme, pause.
    pub preferences: Preferences,
    /// Language of the system: a BCP 47 tag.
    pub system_language: String,
    /// What is wrong now.
    pub troubles: Vec<Trouble>,
    /// Whether toasts wait.
    pub quiet: QuietState,
    /// The newest rows of the history.
    pub page: Page,
    /// Unread events over all sources.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub unread: u64,
    /// Events over all sources, for the names of the views.
    pub counts: Counts,
    /// Version of the app.
    pub version: String,
}

/// One message of the window's feed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Update {
    /// New rows, oldest first.
    Rows {
        /// The rows.
        rows: Vec<Row>,
    },
    /// A time without connection, before the rows that follow it, and again once it is known how
    /// many of them were replayed.
    Outage {
        /// The divider.
        outage: OutageView,
    },
    /// What became of a toast.
    Delivered {
        /// The row.
        row: RowId,
        /// Its fate.
        delivery: Delivery,
    },
    /// Rows were read or unread, here or elsewhere.
    Read {
        /// Which; none means more than can be named: look again.
        rows: Option<Vec<RowId>>,
        /// Their new state.
        read: bool,
    },
    /// Rows were pinned or are not any more.
    Pinned {
        /// Which.
        rows: Vec<RowId>,
        /// Their new state.
        pinned: bool,
    },
    /// Rows were deleted.
    Deleted {
        /// Which; none means more than can be named: look again.
        rows: Option<Vec<RowId>>,
    },
    /// Deleted rows came back: look again.
    Restored,
    /// How many events there are over all sources changed.
    Counts {
        /// As they are now.
        counts: Counts,
    },
    /// A source changed in any way: state, name, counts.
    Source {
        /// The source as it is now.
        source: Box<SourceView>,
    },
    /// A source is gone.
    SourceRemoved {
        /// Which.
        id: SourceId,
    },
    /// Preferences changed.
    Preferences {
        /// As they are now.
        preferences: Preferences,
    },
    /// What is wrong now changed.
    Troubles {
        /// All of it.
        troubles: Vec<Trouble>,
    },
    /// Whether toasts wait changed.
    Quiet {
        /// As it is now.
        quiet: QuietState,
    },
    /// Show this event: its toast was clicked.
    Open {
        /// The row.
        row: RowId,
        /// Whether the person wants its link opened, which leads elsewhere: ask first.
        link: bool,
    },
    /// The feed lost messages: attach again.
    Resync,
}
