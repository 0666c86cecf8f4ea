//! The words every room uses, as types. No room's logic lives here.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A moment in UTC. For display, quiet hours and retention only: order is the row number.
pub type Timestamp = jiff::Timestamp;

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of days")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl From<jiff::civil::Weekday> for Weekday {
    fn from(day: jiff::civil::Weekday) -> Self {
        use jiff::civil::Weekday as Day;
        match day {
            Day::Monday => Self::Mon,
            Day::Tuesday => Self::Tue,
            Day::Wednesday => Self::Wed,
            Day::Thursday => Self::Thu,
            Day::Friday => Self::Fri,
            Day::Saturday => Self::Sat,
            Day::Sunday => Self::Sun,
        }
    }
}

/// Identity of a source; never changes, whatever is renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[cfg_attr(feature = "bindings", ts(type = "string"))]
#[serde(transparent)]
pub struct SourceId(Uuid);

impl SourceId {
    /// A new random identity.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for SourceId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// A server's event ID: an opaque cursor, not a key (servers reuse them). The empty ID means
/// "no cursor" (WHATWG HTML 9.2.6).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct EventId(Arc<str>);

impl EventId {
    /// The ID as the server wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the empty ID, which clears the cursor.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for EventId {
    fn from(id: &str) -> Self {
        Self(id.into())
    }
}

impl From<String> for EventId {
    fn from(id: String) -> Self {
        Self(id.into())
    }
}

/// Number of a row in history: dense, rising, the only order there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[cfg_attr(feature = "bindings", ts(type = "number"))]
#[serde(transparent)]
pub struct RowId(pub i64);

/// How much an event matters.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Background noise.
    Low,
    /// What an event is unless it says more.
    #[default]
    Normal,
    /// Wants a look soon.
    High,
    /// Wants a look now.
    Critical,
}

/// One event as the server dispatched it (WHATWG HTML 9.2.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Event type; `message` where the server names none.
    pub event: String,
    /// Data, lines joined by LF.
    pub data: String,
    /// The ID of this event's own block, if it carries one (it may be empty).
    pub own_id: Option<EventId>,
    /// The last event ID string after this event.
    pub last_event_id: EventId,
    /// Whether data beyond the source's limit was cut off.
    pub truncated: bool,
}

/// What an event says to a person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notification {
    /// One line; never empty once ingested.
    pub title: String,
    /// Plain text, may be empty or have several lines.
    pub body: String,
    /// How much it matters.
    pub severity: Severity,
    /// A link the event carries, as sent; checked before it is opened.
    pub url: Option<String>,
    /// Words the server filed it under.
    pub tags: Vec<String>,
}

/// What the rules decided about an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Raise a toast.
    #[default]
    Notify,
    /// Keep it in history only.
    Quiet,
}

/// Which events of a source ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Loudness {
    /// Every one that is kept, those the rules would keep quiet too.
    All,
    /// Those the rules let ring.
    #[default]
    Rules,
    /// None; they are kept all the same.
    Muted,
}

/// How a toast rings, where a rule says more than that it does. Stored with its event, so that a
/// toast raised after a restart rings the same.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(default)]
pub struct Ring {
    /// Its sound.
    pub sound: Sound,
    /// Whether it stays until a person takes it away.
    pub sticky: bool,
    /// Whether it comes in quiet hours and snoozes too.
    pub break_through: bool,
}

/// The sound of a toast.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Sound {
    /// What the source says, else the desktop.
    #[default]
    Default,
    /// None.
    Silent,
    /// A name of the freedesktop sound naming specification.
    Named(String),
}

/// What the rules decided about an event, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// Whether it may ring.
    pub verdict: Verdict,
    /// How, if it does.
    pub ring: Ring,
    /// Name of the rule that decided; none where no rule matched.
    pub rule: Option<String>,
    /// What was looked at, as JSON; none where there were no rules.
    pub trace: Option<String>,
}

impl From<Verdict> for Decision {
    fn from(verdict: Verdict) -> Self {
        Self {
            verdict,
            ..Self::default()
        }
    }
}

/// What became of an event's toast: the proof of delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Stored, its toast not decided yet.
    Pending,
    /// The notification service took it.
    Shown,
    /// Counted in a summary toast.
    Digest,
    /// Kept back until quiet hours or a snooze end.
    Held,
    /// A rule keeps it in history only.
    Quiet,
    /// Too many at once; counted, not shown.
    RateCapped,
    /// The notification service refused it, or there is none.
    Refused,
    /// Toasts were paused.
    Paused,
}

/// Why an event got no toast of its own: what a program switches on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryCause {
    /// It came in quiet hours.
    QuietHours,
    /// Toasts were put off for a while.
    Snoozed,
    /// There is no message bus.
    NoBus,
    /// The connection to the message bus broke.
    BusBroke,
    /// No notification service runs.
    NoService,
    /// The notification service does not answer.
    NoAnswer,
    /// The notification service refused it; the detail has its words.
    Rejected,
    /// The notification service was away for too long.
    TooLate,
    /// The program ended before the notification service answered.
    Ended,
}

impl DeliveryCause {
    /// Every cause, for the test that each has its words.
    pub const ALL: [Self; 9] = [
        Self::QuietHours,
        Self::Snoozed,
        Self::NoBus,
        Self::BusBroke,
        Self::NoService,
        Self::NoAnswer,
        Self::Rejected,
        Self::TooLate,
        Self::Ended,
    ];

    /// Its word in JSON and in the history.
    pub fn word(self) -> &'static str {
        match self {
            Self::QuietHours => "quiet_hours",
            Self::Snoozed => "snoozed",
            Self::NoBus => "no_bus",
            Self::BusBroke => "bus_broke",
            Self::NoService => "no_service",
            Self::NoAnswer => "no_answer",
            Self::Rejected => "rejected",
            Self::TooLate => "too_late",
            Self::Ended => "ended",
        }
    }

    /// The cause of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.word() == word)
    }
}

/// Why an event got no toast of its own, and what the notification service said to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// What a program switches on.
    pub cause: DeliveryCause,
    /// The service's words, if it said any.
    pub said: Option<String>,
}

impl From<DeliveryCause> for Why {
    fn from(cause: DeliveryCause) -> Self {
        Self { cause, said: None }
    }
}

/// As the history keeps it: `no_service`, or `rejected: what it said`.
impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.cause.word())?;
        match &self.said {
            Some(said) => write!(f, ": {said}"),
            None => Ok(()),
        }
    }
}

impl Why {
    /// Reads what [`Display`](fmt::Display) wrote; none of anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (word, said) = match text.split_once(": ") {
            Some((word, said)) => (word, Some(said.to_owned())),
            None => (text, None),
        };
        let cause = DeliveryCause::of_word(word)?;
        Some(Self { cause, said })
    }
}

/// The opening burst of a connection ([`crate::source::burst`]): a server may replay in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// Number of the connection; never used twice while the process lives.
    pub connection: u64,
    /// When the source's connection before this one ended, if this process saw it.
    pub broke_at: Option<Timestamp>,
}
