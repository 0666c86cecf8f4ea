//! What is really new becomes a toast: pause, storm control, digests, and the notification
//! service of the system behind one actor.
//!
//! * [`text`]: what a server wrote becomes text a service can show without harm.
//! * [`storm`]: how many toasts a person gets, and what is counted instead.
//! * [`words`]: the sentences of digests, in the person's language.
//! * `task`: the delivery task: each event in, exactly one outcome out.
//! * `toast`: what passes between the task and a backend.
//! * `fdo`, `native`: the backends.

#[cfg(all(unix, not(target_os = "macos")))]
mod fdo;
#[cfg(not(all(unix, not(target_os = "macos"))))]
mod native;
pub mod storm;
mod task;
pub mod text;
mod toast;
pub mod words;

use std::{sync::Arc, time::Duration};

use jiff::tz::TimeZone;
use serde::Serialize;
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    error::{Code, Error, Result},
    ipc::{Link, QuietState},
    model::{Delivery, DeliveryCause, Notification, Ring, RowId, SourceId, Timestamp, Why},
    settings::Settings,
};

pub use self::{task::Task, toast::Verb, words::Words};

/// A stored event whose verdict is to notify.
#[derive(Debug, Clone)]
pub struct Deliver {
    /// Its number in history.
    pub row: RowId,
    /// Where it came from.
    pub source: SourceId,
    /// What a person calls the source.
    pub source_name: Arc<str>,
    /// What it says.
    pub notification: Notification,
    /// How it rings.
    pub ring: Ring,
    /// Name of the rule that decided.
    pub rule: Option<String>,
    /// Whether the server replayed it after a reconnect.
    pub replayed: bool,
    /// Whether it is old at the start of the program: an earlier run stored it and never showed
    /// it, or its server replayed it to the first connection.
    pub backlog: bool,
}

/// Something to say that is no event and leaves no row: a source fell silent. It becomes one toast
/// within the storm's limits, or none while toasts are paused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Which source.
    pub source: SourceId,
    /// What a person calls it.
    pub source_name: Arc<str>,
    /// For how long it brought no event.
    pub silent: Duration,
}

/// What became of events. Every row given to [`Handle::deliver`] is in exactly one, unless the
/// program stops first: those stay [`Delivery::Pending`] in history for the next start. Those that
/// were [`Delivery::Held`] are in one more when quiet time ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The events.
    pub rows: Vec<RowId>,
    /// Their fate.
    pub delivery: Delivery,
    /// Why, where there is more to say.
    pub why: Option<Why>,
}

/// A person clicked a toast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clicked {
    /// What they want.
    pub verb: Verb,
    /// The event it showed; for a digest the latest of it, for a test toast none.
    pub row: Option<RowId>,
    /// The source, if it was about one.
    pub source: Option<SourceId>,
    /// All events it stood for, where they are few.
    pub rows: Vec<RowId>,
    /// The link it offered.
    pub link: Option<Link>,
    /// What a Wayland compositor wants to see before it gives the window focus.
    pub activation_token: Option<String>,
}

/// Whether toasts can be shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ToastHealth {
    /// Nobody has been asked yet.
    #[default]
    Unknown,
    /// A notification service answers.
    Ready {
        /// Its name.
        server: String,
        /// Its version.
        version: String,
    },
    /// None does; it is tried again on its own.
    Unavailable {
        /// Why, as what a program switches on.
        cause: DeliveryCause,
        /// Why, and what to do: lower-case, no full stop.
        message: String,
    },
}

/// How toasts look to the system and how many there are.
#[derive(Debug, Clone)]
pub struct Options {
    /// Limits of storm control.
    pub limits: storm::Limits,
    /// D-Bus address of the session bus; none: the session's own.
    pub bus: Option<String>,
    /// The time zone quiet hours are meant in, as it is now.
    pub zone: fn() -> TimeZone,
    /// Whether there is a window for a click to open. Without one a toast offers neither itself
    /// nor a link that has to be asked about first.
    pub has_window: bool,
    /// Hands a link to the browser: checked, and meant to be opened. Returns at once.
    pub open: fn(&str) -> std::io::Result<()>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            limits: storm::Limits::default(),
            bus: None,
            zone: TimeZone::system,
            has_window: true,
            open: |url| open::that_detached(url),
        }
    }
}

/// What took a test toast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct TestAnswer {
    /// Name of the notification service.
    pub server: String,
    /// Its version; may be empty.
    pub version: String,
}

/// What the delivery task tells others. Both channels are bounded: take from them steadily,
/// from a task that never waits for delivery itself.
#[derive(Debug)]
pub struct Outputs {
    /// What became of events. While it is full no further event is taken in.
    pub outcomes: mpsc::Receiver<Outcome>,
    /// Clicks; those that find it full are lost.
    pub clicks: mpsc::Receiver<Clicked>,
}

/// A toast a person waits for.
#[derive(Debug)]
struct Asked {
    /// Summary and body; none: those of the test toast.
    words: Option<(String, String)>,
    answer: oneshot::Sender<Result<TestAnswer>>,
}

/// The way into the delivery task.
#[derive(Debug, Clone)]
pub struct Handle {
    events: mpsc::Sender<Deliver>,
    notices: mpsc::Sender<Notice>,
    asked: mpsc::Sender<Asked>,
    quiet: watch::Receiver<QuietState>,
    health: watch::Receiver<ToastHealth>,
}

impl Handle {
    /// Hands over one event; waits while the task has enough to do.
    ///
    /// # Errors
    /// [`Code::Internal`] once the task has ended.
    pub async fn deliver(&self, event: Deliver) -> Result<()> {
        let sent = self.events.send(event).await;
        sent.map_err(|_| Error::new(Code::Internal, "the delivery task has ended"))
    }

    /// Hands over a notice; waits while the task has enough to do.
    ///
    /// # Errors
    /// [`Code::Internal`] once the task has ended.
    pub async fn notice(&self, notice: Notice) -> Result<()> {
        let sent = self.notices.send(notice).await;
        sent.map_err(|_| Error::new(Code::Internal, "the delivery task has ended"))
    }

    /// Shows a test toast, paused or not, and returns the name and the version of the service that
    /// took it.
    ///
    /// # Errors
    /// [`Code::ToastsUnavailable`] with what the service answered, or why there is none;
    /// [`Code::TooMany`].
    pub async fn send_test(&self) -> Result<TestAnswer> {
        self.ask(None).await
    }

    /// The same with words of its own: what the program says to something a person did.
    ///
    /// # Errors
    /// As [`send_test`](Self::send_test).
    pub async fn say(&self, summary: String, body: String) -> Result<TestAnswer> {
        self.ask(Some((summary, body))).await
    }

    async fn ask(&self, words: Option<(String, String)>) -> Result<TestAnswer> {
        let ended = || Error::new(Code::Internal, "the delivery task has ended");
        let (answer, answered) = oneshot::channel();
        let sent = self.asked.send(Asked { words, answer }).await;
        sent.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }

    /// Whether toasts wait, as it changes.
    pub fn quiet(&self) -> watch::Receiver<QuietState> {
        self.quiet.clone()
    }

    /// Whether toasts can be shown, as it changes.
    pub fn health(&self) -> watch::Receiver<ToastHealth> {
        self.health.clone()
    }
}

/// The delivery task, not running yet: spawn [`Task::run`]. `clock` reads the wall clock.
pub fn delivery(
    options: Options,
    words: watch::Receiver<Words>,
    settings: watch::Receiver<Arc<Settings>>,
    clock: fn() -> Timestamp,
) -> (Handle, Outputs, Task) {
    let (events, events_in) = mpsc::channel(256);
    let (notices, notices_in) = mpsc::channel(4);
    let (asked, asked_in) = mpsc::channel(4);
    let (outcomes_out, outcomes) = mpsc::channel(64);
    let (clicks_out, clicks) = mpsc::channel(16);
    let (quiet_out, quiet) = watch::channel(QuietState::default());
    let (health_out, health) = watch::channel(ToastHealth::default());
    let handle = Handle {
        events,
        notices,
        asked,
        quiet,
        health,
    };
    let task = Task {
        options,
        words,
        settings,
        clock,
        events: events_in,
        notices: notices_in,
        asked: asked_in,
        outcomes: outcomes_out,
        clicks: clicks_out,
        quiet: quiet_out,
        health: health_out,
    };
    (handle, Outputs { outcomes, clicks }, task)
}
