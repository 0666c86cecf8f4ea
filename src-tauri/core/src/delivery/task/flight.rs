//! An event on its way to the screen: alone, heaped up for a digest, or riding on a toast whose
//! answer is still out.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
    time::Instant,
};

use tokio::sync::oneshot;
use url::Url;

use crate::{
    delivery::{
        Deliver, Notice, TestAnswer, ToastHealth,
        storm::Pile,
        text,
        toast::{Failure, Target, is_sound_name},
    },
    error::{Code, Error, Result},
    link::LINK_MAX,
    model::{Delivery, Notification, RowId, Severity, Sound, SourceId},
    source::SourceToasts,
};

/// Who waits for the answer to a test toast.
pub(super) type Answer = oneshot::Sender<Result<TestAnswer>>;

/// What the settings say about the toasts of a source.
#[derive(Debug, Clone, Default)]
pub(super) struct Look {
    pub(super) toasts: SourceToasts,
    /// Where the source is: a link to the same host needs no question.
    pub(super) url: Option<Arc<Url>>,
}

/// An event as its toast shows it: clean, and bounded whatever the server sent.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) row: RowId,
    pub(super) source: SourceId,
    pub(super) source_name: Arc<str>,
    pub(super) title: String,
    pub(super) body: String,
    /// Never above what its source may have.
    pub(super) severity: Severity,
    /// As sent; checked when its toast is made.
    pub(super) url: Option<String>,
    pub(super) sound: Sound,
    pub(super) sticky: bool,
    pub(super) break_through: bool,
    /// Equal for events of a source that repeat each other.
    pub(super) key: u64,
    pub(super) look: Look,
}

/// What a digest will tell.
#[derive(Debug)]
pub(super) struct Heap {
    /// Counted since the digest was last shown.
    pub(super) rows: Vec<RowId>,
    /// How many that are, those with an outcome of their own included.
    pub(super) count: u64,
    /// Since when there are any.
    pub(super) since: Instant,
    pub(super) severity: Severity,
    /// Whether one of those the digest stands for stays until a person takes it away.
    pub(super) sticky: bool,
    pub(super) latest: Event,
    /// The first events of a replay or of the backlog: few of them still ring as themselves.
    pub(super) first: Vec<Event>,
}

/// A toast on its way, and what rides on it.
#[derive(Debug)]
pub(super) enum Flight {
    Event {
        event: Event,
        slot: u64,
    },
    Digest {
        pile: Pile,
        rows: Vec<RowId>,
        latest: Event,
        /// What becomes of them when it is shown.
        told: Delivery,
    },
    Missed(Vec<Event>),
    Notice(Notice, Instant),
    Asked(Answer),
}

/// An event no service took.
#[derive(Debug)]
pub(super) struct Missed {
    pub(super) event: Event,
    pub(super) since: Instant,
    /// The service may have shown it.
    pub(super) uncertain: bool,
}

impl Event {
    pub(super) fn new(deliver: Deliver, look: Look) -> Self {
        let (notification, ring) = (deliver.notification, deliver.ring);
        let loud = if look.toasts.sound {
            Sound::Default
        } else {
            Sound::Silent
        };
        Self {
            row: deliver.row,
            source: deliver.source,
            title: text::summary(&notification.title, &deliver.source_name),
            body: text::body(&notification.body, false),
            source_name: deliver.source_name,
            severity: notification.severity.min(look.toasts.max_urgency),
            sound: match ring.sound {
                Sound::Silent => Sound::Silent,
                Sound::Named(name) if is_sound_name(&name) => Sound::Named(name),
                Sound::Default | Sound::Named(_) => loud,
            },
            sticky: ring.sticky,
            break_through: ring.break_through,
            // Toasts that keep to themselves what they are about repeat each other all.
            key: if look.toasts.privacy {
                0
            } else {
                key(deliver.rule.as_deref(), &notification)
            },
            url: notification.url.filter(|url| url.len() <= LINK_MAX),
            look,
        }
    }

    /// The line a digest shows of it.
    pub(super) fn headline(&self) -> &str {
        if self.look.toasts.privacy {
            ""
        } else {
            &self.title
        }
    }

    pub(super) fn target(&self) -> Target {
        Target {
            row: Some(self.row),
            source: Some(self.source),
            ..Target::default()
        }
    }
}

/// A hash, so that a megabyte of tag costs no more than a letter.
fn key(rule: Option<&str>, notification: &Notification) -> u64 {
    let mut hasher = DefaultHasher::new();
    rule.hash(&mut hasher);
    notification.title.hash(&mut hasher);
    notification.tags.hash(&mut hasher);
    hasher.finish()
}

impl Heap {
    pub(super) fn new(latest: &Event, now: Instant) -> Self {
        Self {
            rows: Vec::new(),
            count: 0,
            since: now,
            severity: latest.severity,
            sticky: latest.sticky,
            latest: latest.clone(),
            first: Vec::new(),
        }
    }
}

impl Flight {
    pub(super) fn into_rows(self) -> Vec<RowId> {
        match self {
            Self::Event { event, .. } => vec![event.row],
            Self::Digest { rows, .. } => rows,
            Self::Missed(events) => rows_of(&events),
            Self::Notice(..) | Self::Asked(_) => Vec::new(),
        }
    }
}

pub(super) fn rows_of(events: &[Event]) -> Vec<RowId> {
    events.iter().map(|event| event.row).collect()
}

/// What a person who waits for a toast is told.
pub(super) fn answer_to(result: Result<(), Failure>, health: &ToastHealth) -> Result<TestAnswer> {
    let unavailable =
        |why: String| Err(Error::new(Code::ToastsUnavailable, why.clone()).because(why));
    match (result, health) {
        (Ok(()), ToastHealth::Ready { server, version }) => Ok(TestAnswer {
            server: server.clone(),
            version: version.clone(),
        }),
        (Ok(()), _) => Ok(TestAnswer {
            server: "the notification service".to_owned(),
            version: String::new(),
        }),
        (Err(Failure::Lost { message, .. }), _) => unavailable(message),
        (Err(Failure::Refused(why)), _) => {
            unavailable(format!("the notification service refused the toast: {why}"))
        }
        (Err(Failure::Excess), _) => unavailable(
            "the notification service wants fewer toasts: try again in a moment".to_owned(),
        ),
    }
}
