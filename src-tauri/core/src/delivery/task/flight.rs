//! An event on its way to the screen: alone, heaped up for a digest, or riding on a toast whose
//! answer is still out.

use std::{sync::Arc, time::Instant};

use tokio::sync::oneshot;

use crate::{
    delivery::{
        Deliver, Notice, ToastHealth,
        storm::Pile,
        text,
        toast::{Failure, Target},
    },
    error::{Code, Error, Result},
    model::{RowId, Severity, SourceId},
};

/// Who waits for the answer to a test toast.
pub(super) type Answer = oneshot::Sender<Result<(String, String)>>;

/// An event as its toast shows it: clean, and bounded whatever the server sent.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) row: RowId,
    pub(super) source: SourceId,
    pub(super) source_name: Arc<str>,
    pub(super) title: String,
    pub(super) body: String,
    pub(super) severity: Severity,
}

/// What a digest will tell.
#[derive(Debug)]
pub(super) struct Heap {
    /// Counted since the digest was last shown.
    pub(super) rows: Vec<RowId>,
    /// Since when there are any.
    pub(super) since: Instant,
    pub(super) severity: Severity,
    pub(super) latest: Event,
    /// The first events of a replay: two of them still ring one by one.
    pub(super) first: Vec<Event>,
}

/// A toast on its way, and what rides on it.
#[derive(Debug)]
pub(super) enum Flight {
    Event(Event),
    Digest {
        pile: Pile,
        rows: Vec<RowId>,
        latest: Event,
    },
    Missed(Vec<Event>),
    /// And since when it waits.
    Notice(Notice, Instant),
    Test(Answer),
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
    pub(super) fn target(&self) -> Target {
        Target {
            row: Some(self.row),
            source: Some(self.source),
        }
    }
}

impl From<Deliver> for Event {
    fn from(deliver: Deliver) -> Self {
        let notification = deliver.notification;
        Self {
            row: deliver.row,
            source: deliver.source,
            title: text::summary(&notification.title, &deliver.source_name),
            body: text::body(&notification.body, false),
            source_name: deliver.source_name,
            severity: notification.severity,
        }
    }
}

impl Heap {
    pub(super) fn new(latest: &Event, now: Instant) -> Self {
        Self {
            rows: Vec::new(),
            since: now,
            severity: latest.severity,
            latest: latest.clone(),
            first: Vec::new(),
        }
    }
}

impl Flight {
    pub(super) fn into_rows(self) -> Vec<RowId> {
        match self {
            Self::Event(event) => vec![event.row],
            Self::Digest { rows, .. } => rows,
            Self::Missed(events) => rows_of(&events),
            Self::Notice(..) | Self::Test(_) => Vec::new(),
        }
    }
}

pub(super) fn rows_of(events: &[Event]) -> Vec<RowId> {
    events.iter().map(|event| event.row).collect()
}

/// What a person who asked for a test toast is told.
pub(super) fn answer_to(
    result: Result<(), Failure>,
    health: &ToastHealth,
) -> Result<(String, String)> {
    let unavailable =
        |why: String| Err(Error::new(Code::ToastsUnavailable, why.clone()).because(why));
    match (result, health) {
        (Ok(()), ToastHealth::Ready { server, version }) => Ok((server.clone(), version.clone())),
        (Ok(()), _) => Ok(("the notification service".to_owned(), String::new())),
        (Err(Failure::Lost { message, .. }), _) => unavailable(message),
        (Err(Failure::Refused(why)), _) => {
            unavailable(format!("the notification service refused the toast: {why}"))
        }
        (Err(Failure::Excess), _) => unavailable(
            "the notification service wants fewer toasts: try again in a moment".to_owned(),
        ),
    }
}
