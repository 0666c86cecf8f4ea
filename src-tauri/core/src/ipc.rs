//! What crosses the border to the window, and to scripts as `--json`. Plain data: no secret is
//! ever in it. `ui/wire.d.ts` is generated from here.

#[cfg(all(test, feature = "bindings"))]
mod bindings;
mod transfer;

pub use transfer::{Exported, ImportPlan, ImportRequest, ImportedSource, Reach};
mod history;
mod rules;
mod source;

pub use source::{PastedCommand, PastedHeader, SourceOptions, SourcePulse};

use serde::{Deserialize, Serialize};

pub use rules::{
    EventTypeSeen, FieldSeen, JudgedRow, MappedEvent, MappingPreviewRequest, PreviewDay, RuleCount,
    RuleDraftRequest, RuleHits, RuleList, RulePreview, RulePreviewRequest,
};

use crate::{
    error::{Code, Error, OptionField},
    ingest::mapping::Mapping,
    model::{Delivery, DeliveryCause, RowId, Severity, SourceId, Timestamp},
    quiet::QuietReason,
    rules::Trace,
    settings::Preferences,
    source::{Cause, CauseCode, EventFilter, SourceState, SourceToasts},
};

pub use history::{
    Counts, ExportFormat, ExportProgress, ExportRequest, HistoryFigures, Marks, OutageView,
    Undoable,
};

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

/// A source as the window shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct SourceView {
    /// Identity.
    pub id: SourceId,
    /// What a person calls it.
    pub name: String,
    /// Without userinfo; `tidings:demo` for the built-in stream.
    pub url: String,
    /// Whether it is meant to be connected.
    pub enabled: bool,
    /// Which event types it keeps.
    pub events: EventFilter,
    /// How its events are read.
    pub mapping: Box<Mapping>,
    /// Names of the headers it sends; their values never leave the secrets store.
    pub header_names: Vec<String>,
    /// Whether a token or other secret may travel over cleartext http (asked per source).
    pub allow_cleartext_secrets: bool,
    /// How it connects beyond that.
    pub options: SourceOptions,
    /// How its toasts look and ring.
    pub toast: SourceToasts,
    /// Its connection now.
    pub state: SourceState,
    /// Events not read yet.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub unread: u64,
    /// Events stored.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub stored: u64,
    /// Events kept quiet by a rule.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub quiet: u64,
    /// When the last event arrived.
    pub last_event_at: Option<Millis>,
    /// Since when no event came, once that is longer than its silence alarm allows.
    pub silent_since: Option<Millis>,
}

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

/// The steps of testing a connection, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// The host has an address.
    Resolve,
    /// Somebody listens there.
    Connect,
    /// The connection is encrypted, and the certificate is right; for https only.
    Tls,
    /// The server answers with 200.
    Response,
    /// The answer is an event stream.
    MediaType,
    /// Something came on it.
    FirstBytes,
}

/// How one step of testing a connection went. After the first failure no further step follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Step {
    /// Which.
    pub step: StepName,
    /// Whether the next one can follow.
    pub ok: bool,
    /// How long it took. Milliseconds.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub ms: u64,
    /// What was found, or why it failed: lower-case, no full stop, no secret.
    pub detail: String,
    /// What to do, where it failed.
    pub fix: Option<String>,
    /// Why it failed, as what a program switches on.
    pub cause: Option<CauseCode>,
}

/// One try to connect, from its request to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Attempt {
    /// When the request was made.
    pub started: Millis,
    /// When the answer turned out to be a stream, if it did.
    pub live: Option<Millis>,
    /// When it ended; none while it lasts.
    pub ended: Option<Millis>,
    /// Why it ended; none where a person ended it.
    pub cause: Option<Cause>,
    /// Bytes of its body so far.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub bytes: u64,
    /// Events so far, those of unwanted types included.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub events: u64,
}

/// What a block of a stream was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum FrameKind {
    /// An event.
    Event,
    /// No data: it moved the last event ID only.
    Id,
    /// A comment, usually a heartbeat.
    Comment,
}

/// One block of a stream as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct RawFrame {
    /// When it was read.
    pub at: Millis,
    /// What it was.
    pub kind: FrameKind,
    /// Event type, cut to 256 bytes.
    pub event: Option<String>,
    /// The ID of the block itself, cut to 256 bytes.
    pub id: Option<String>,
    /// The reconnection time the server sent with it or since the block before. Milliseconds.
    #[cfg_attr(feature = "bindings", ts(type = "number | null"))]
    pub retry_ms: Option<u64>,
    /// Bytes of its data or comment.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub size: u64,
    /// The first 2 KiB of them.
    pub data: String,
}

/// What a source lived through lately. In memory only: it starts anew with the program.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Diagnosis {
    /// The last 100 tries, oldest first.
    pub timeline: Vec<Attempt>,
    /// The last 200 blocks, oldest first; fewer where they are large.
    pub frames: Vec<RawFrame>,
    /// Tries in all.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub attempts: u64,
    /// Bytes in all.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub bytes: u64,
    /// Events in all.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub events: u64,
    /// Events that were cut at the source's limit.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub truncated: u64,
    /// Events that were stored already and came again.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub duplicates: u64,
    /// The longest silence between two bytes of a live stream. Milliseconds.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub longest_silence_ms: u64,
    /// How long silence may last now before the stream counts as dead. Milliseconds.
    #[cfg_attr(feature = "bindings", ts(type = "number | null"))]
    pub patience_ms: Option<u64>,
    /// The server's reconnection time. Milliseconds.
    #[cfg_attr(feature = "bindings", ts(type = "number | null"))]
    pub retry_ms: Option<u64>,
}

/// A header of a new or edited source. `value: None` keeps the stored value.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct HeaderInput {
    /// Field name (RFC 9110, section 5.1).
    pub name: String,
    /// Its value; goes into the secrets store and never comes back.
    #[serde(default)]
    pub value: Option<String>,
}

impl std::fmt::Debug for HeaderInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HeaderInput")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What the window sends to add a source, or to edit one.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct SourceInput {
    /// What to call it; empty: the host of the URL.
    #[serde(default)]
    pub name: String,
    /// Where to connect, or a `curl` command: its method, body and headers are taken over.
    /// Userinfo is moved to the secrets store.
    pub url: String,
    /// Every header it sends beyond the standard ones; one left out is removed.
    #[serde(default)]
    pub headers: Vec<HeaderInput>,
    /// Which event types to keep.
    #[serde(default)]
    pub events: EventFilter,
    /// How to read its events; left out: as before.
    #[serde(default)]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub mapping: Option<Mapping>,
    /// Consent to send secrets over cleartext http.
    #[serde(default)]
    pub allow_cleartext_secrets: bool,
    /// How it connects beyond that, all of it; none keeps what there is.
    #[serde(default)]
    pub options: Option<SourceOptions>,
    /// How its toasts look and ring; none: as before.
    #[serde(default)]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub toast: Option<SourceToasts>,
}
