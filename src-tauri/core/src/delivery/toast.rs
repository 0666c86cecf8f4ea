//! What passes between the delivery task and a backend, and how a toast becomes
//! `notify_rust::Notification`, the model every backend sends.

use super::{ToastHealth, text};
use crate::model::{RowId, Severity, SourceId};

/// One toast, in plain text. Jobs are answered in their order, each by one [`Report::Done`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Toast {
    /// Toasts with the same number replace each other in place.
    pub(super) digest: Option<u64>,
    pub(super) summary: String,
    pub(super) body: String,
    pub(super) severity: Severity,
    pub(super) target: Target,
    /// Label of the action a click takes.
    pub(super) open: String,
    /// A person waits for the answer: ask the service again now, whatever it said before.
    pub(super) asked: bool,
}

/// What a click leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Target {
    pub(super) row: Option<RowId>,
    pub(super) source: Option<SourceId>,
}

/// What a backend tells the task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Report {
    /// The oldest unanswered job has ended.
    Done(Result<(), Failure>),
    /// A toast was clicked.
    Activated {
        target: Target,
        token: Option<String>,
    },
    /// Whether the service answers changed.
    Health(ToastHealth),
}

/// Why a toast was not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// No service answers; a [`ToastHealth::Unavailable`] came before this.
    Lost {
        message: String,
        /// The service may have shown it all the same.
        uncertain: bool,
    },
    /// The service wants fewer.
    Excess,
    /// The service will not have this one.
    Refused(String),
}

/// What the service can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Caps {
    /// It reads bodies as markup.
    pub(super) markup: bool,
    /// It reports clicks.
    pub(super) actions: bool,
}

impl Caps {
    /// Of a service that does not say: escaping harms less than markup that is alive.
    pub(super) const UNKNOWN: Self = Self {
        markup: true,
        actions: false,
    };
}

/// The toast as notify-rust's model; `None` where notify-rust could not name the program (it
/// insists on the file name of the executable, in Unicode).
pub(super) fn model(
    toast: &Toast,
    caps: Caps,
    desktop_entry: &str,
) -> Option<notify_rust::Notification> {
    std::env::current_exe().ok()?.file_name()?.to_str()?;
    let mut model = notify_rust::Notification::new();
    model
        .appname("Tidings")
        .summary(&text::summary(&toast.summary, ""))
        .body(&text::body(&toast.body, caps.markup));
    if caps.actions {
        model.action("default", &text::line(&toast.open));
    }
    #[cfg(all(unix, not(target_os = "macos")))]
    {
        use notify_rust::{Hint, Urgency};
        model
            .icon(desktop_entry)
            .hint(Hint::DesktopEntry(desktop_entry.to_owned()))
            .hint(Hint::Category("im.received".to_owned()))
            .urgency(match toast.severity {
                Severity::Low => Urgency::Low,
                Severity::Normal | Severity::High => Urgency::Normal,
                Severity::Critical => Urgency::Critical,
            });
    }
    #[cfg(not(all(unix, not(target_os = "macos"))))]
    let _ = desktop_entry;
    Some(model)
}
