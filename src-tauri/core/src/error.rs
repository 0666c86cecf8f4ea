//! What can go wrong for a caller. A reader switches on [`Code`]; the words are for people.
//!
//! Trouble of a connection is not here: it is state (`source::state`), not an error.

use serde::Serialize;

/// The reason of a failed command, as one word the window and scripts can switch on.
///
/// Every code has words in `ui/i18n` in each language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The URL is not one Tidings can connect to.
    InvalidUrl,
    /// A name is empty, too long, or not allowed.
    InvalidName,
    /// Another source already has this name.
    DuplicateName,
    /// A header's name or value is not allowed.
    InvalidHeader,
    /// An option is out of range or contradicts another.
    InvalidOption,
    /// A rule contradicts itself or cannot be understood.
    InvalidRule,
    /// The mapping of a source cannot be understood.
    InvalidMapping,
    /// What was to be changed was changed meanwhile by somebody else.
    Outdated,
    /// A secret would travel over cleartext http to another machine.
    CleartextSecret,
    /// A quote in the query is never closed.
    QueryQuote,
    /// The query asks by a key there is none of, such as `colour:`.
    QueryKey,
    /// A key of the query has a value it does not take.
    QueryValue,
    /// The query names no date or time that can be understood.
    QueryTime,
    /// The query's path into JSON data cannot be understood.
    QueryPath,
    /// Something is missing beside OR, `-` or `*`, or there is nothing to look for.
    QueryOperand,
    /// The query is longer than the program is made for.
    QueryLong,
    /// Too late to take it back.
    UndoExpired,
    /// Another export is running.
    ExportBusy,
    /// The file cannot be written.
    ExportFailed,
    /// No source, event or file of that name.
    NotFound,
    /// More than the program is made for (sources, sizes).
    TooMany,
    /// Another process holds the data directory.
    Locked,
    /// The change could not be written to disk; what was saved before is untouched.
    NotSaved,
    /// The data come from a newer version, or the directory cannot be written.
    ReadOnly,
    /// The history cannot be read or written now.
    HistoryUnavailable,
    /// The history is damaged; the next start looks into it.
    HistoryDamaged,
    /// The disk is full.
    DiskFull,
    /// No notification service answers.
    ToastsUnavailable,
    /// A link is none that may be opened, or has to be confirmed first.
    LinkRefused,
    /// A defect in Tidings; the message is for a report.
    Internal,
}

impl Code {
    /// Every code, for the test that each has its words.
    pub const ALL: [Self; 30] = [
        Self::InvalidUrl,
        Self::InvalidName,
        Self::DuplicateName,
        Self::InvalidHeader,
        Self::InvalidOption,
        Self::InvalidRule,
        Self::InvalidMapping,
        Self::Outdated,
        Self::CleartextSecret,
        Self::QueryQuote,
        Self::QueryKey,
        Self::QueryValue,
        Self::QueryTime,
        Self::QueryPath,
        Self::QueryOperand,
        Self::QueryLong,
        Self::UndoExpired,
        Self::ExportBusy,
        Self::ExportFailed,
        Self::NotFound,
        Self::TooMany,
        Self::Locked,
        Self::NotSaved,
        Self::ReadOnly,
        Self::HistoryUnavailable,
        Self::HistoryDamaged,
        Self::DiskFull,
        Self::ToastsUnavailable,
        Self::LinkRefused,
        Self::Internal,
    ];
}

/// The option of a source that an error is about, so that a form can say it there.
///
/// Every one has words in `ui/i18n` in each language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum OptionField {
    /// A pasted `curl` command.
    Command,
    /// HTTP method.
    Method,
    /// Request body.
    Body,
    /// Name of the query parameter that carries the cursor.
    ResumeQuery,
    /// Longest silence of the stream.
    IdleTimeout,
    /// Largest event.
    MaxEventBytes,
    /// File with the certificate authority.
    CaCert,
    /// Files with client certificate and key.
    ClientCert,
    /// Proxy.
    Proxy,
    /// Time without an event before a person is told.
    SilenceAfter,
    /// How much history is kept.
    Retention,
}

/// A failed command: what, why, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What a program switches on.
    pub code: Code,
    /// One English sentence for people: lower-case, no full stop, no secret.
    pub message: String,
    /// The option at fault, where it is one.
    pub field: Option<OptionField>,
    /// What lies beneath, if anything does.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
    /// Which part of a query it is about: start and end in UTF-16 units.
    pub range: Option<(u32, u32)>,
    /// Which part of rules or of a mapping it is about: `rules[2].when.all[1]`, `title`.
    pub place: Option<String>,
}

impl Error {
    /// An error of this code with these words.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            field: None,
            source: None,
            range: None,
            place: None,
        }
    }

    /// Names the part of a query it is about.
    #[must_use]
    pub fn within(mut self, range: (u32, u32)) -> Self {
        self.range = Some(range);
        self
    }

    /// Names the part of rules or of a mapping it is about.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// An option of a source that cannot be used, with these words.
    pub fn option(field: OptionField, message: impl Into<String>) -> Self {
        Self {
            field: Some(field),
            ..Self::new(Code::InvalidOption, message)
        }
    }

    /// Keeps what lies beneath.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

/// The result of a command.
pub type Result<T, E = Error> = std::result::Result<T, E>;
