//! The query language, the same in the window and on the command line.
//!
//! * `parse`: text to conditions, or where and why it cannot be.
//! * `time`: what `after:` and `before:` take.
//! * `path`: what `$.path:` takes.
//! * `sql`: conditions to SQL.
//! * `marks`: where a row's texts match.

pub(super) mod marks;
mod parse;
mod path;
pub(super) mod sql;
pub(super) mod time;

pub(super) use parse::{Expr, parse};

use crate::model::{Severity, Timestamp};

/// One condition of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Leaf {
    /// Words that follow each other.
    Text {
        /// As they were written.
        text: String,
        /// Whether the last one may go on.
        prefix: bool,
    },
    /// The name of a source.
    Source(Name),
    /// An event type.
    Event(Name),
    /// The name of the rule that decided.
    Rule(Name),
    /// From this severity up to that one.
    Level(Severity, Severity),
    Is(Is),
    /// Received in this millisecond or later.
    After(Timestamp),
    /// Received before this millisecond.
    Before(Timestamp),
    /// A value in JSON data.
    Path {
        /// In SQLite's notation, every key quoted.
        path: String,
        value: Name,
    },
}

/// A name to compare with, in either case; its start only, if it was written with `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) prefix: bool,
}

/// A mark of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Is {
    Unread,
    Read,
    Pinned,
    Quiet,
    Replayed,
    Truncated,
}
