//! What passes between the delivery task and a backend, and how a toast becomes
//! `notify_rust::Notification`, the model every backend sends.

use super::{ToastHealth, text};
use crate::{
    ipc::Link,
    model::{DeliveryCause, RowId, Severity, Sound, SourceId},
};

/// Longest name of a sound.
const SOUND_MAX: usize = 64;

/// One toast, in plain text. Jobs are answered in their order, each by one [`Report::Done`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Toast {
    /// Toasts of the same slot replace each other in place.
    pub(super) slot: Option<Slot>,
    pub(super) summary: String,
    pub(super) body: String,
    pub(super) severity: Severity,
    pub(super) sound: Sound,
    /// Stays until a person takes it away.
    pub(super) sticky: bool,
    /// What a person can do with it; the labels differ.
    pub(super) actions: Vec<(Verb, String)>,
    pub(super) target: Target,
    /// A person waits for the answer: ask the service again now, whatever it said before.
    pub(super) asked: bool,
}

impl Toast {
    /// Offers nothing that a window would have to answer.
    pub(super) fn leave_the_window_out(&mut self) {
        let asks = self.target.link.as_ref().is_some_and(|link| link.foreign);
        self.actions.retain(|(verb, _)| match verb {
            Verb::Show => false,
            Verb::Open => !asks,
            Verb::Snooze | Verb::Read => true,
        });
    }
}

/// One place on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Slot {
    /// Of a digest.
    Digest(u64),
    /// Of an event and those that repeat it.
    Event(u64),
}

/// What a person can do with a toast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Show the window, at the event.
    Show,
    /// Open the link of the event.
    Open,
    /// Put toasts off for an hour.
    Snooze,
    /// Mark what it is about read.
    Read,
}

impl Verb {
    /// Its key on the bus; never made of what a server sent.
    pub(super) fn key(self) -> &'static str {
        match self {
            // The specification's key of a click on the toast itself.
            Self::Show => "default",
            Self::Open => "open",
            Self::Snooze => "snooze",
            Self::Read => "read",
        }
    }
}

/// What an action is about. It stays here: a signal only names the toast.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Target {
    pub(super) row: Option<RowId>,
    pub(super) source: Option<SourceId>,
    /// All events the toast stands for, where they are few.
    pub(super) rows: Vec<RowId>,
    pub(super) link: Option<Link>,
}

/// What a backend tells the task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Report {
    /// The oldest unanswered job has ended.
    Done(Result<(), Failure>),
    /// A toast was clicked.
    Activated {
        verb: Verb,
        target: Target,
        token: Option<String>,
    },
    /// What was shown in a slot is gone from the screen.
    Closed(Slot),
    /// Whether the service answers changed, or another one answers: nothing of before is shown.
    Health(ToastHealth),
}

/// Why a toast was not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// No service answers; a [`ToastHealth::Unavailable`] came before this.
    Lost {
        cause: DeliveryCause,
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

/// Whether this may name a sound: a name of the freedesktop sound naming specification, never a
/// file.
pub(super) fn is_sound_name(name: &str) -> bool {
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    starts_well && name.len() <= SOUND_MAX && name.chars().all(allowed) && !name.contains("..")
}

/// The toast as notify-rust's model; `None` where notify-rust could not name the program (it
/// insists on the file name of the executable, in Unicode).
pub(super) fn model(toast: &Toast, caps: Caps) -> Option<notify_rust::Notification> {
    std::env::current_exe().ok()?.file_name()?.to_str()?;
    let mut model = notify_rust::Notification::new();
    model
        .appname("Tidings")
        .summary(&text::summary(&toast.summary, ""))
        .body(&text::body(&toast.body, caps.markup));
    if caps.actions {
        for (verb, label) in &toast.actions {
            model.action(verb.key(), &text::line(label));
        }
    }
    if toast.sticky {
        model.timeout(notify_rust::Timeout::Never);
    }
    #[cfg(all(unix, not(target_os = "macos")))]
    {
        use notify_rust::{Hint, Urgency};
        // As packages install them: hicolor/*/apps/tidings.png and Tidings.desktop.
        model
            .icon("tidings")
            .hint(Hint::DesktopEntry("Tidings".to_owned()))
            .hint(Hint::Category("im.received".to_owned()))
            .urgency(match toast.severity {
                Severity::Low => Urgency::Low,
                Severity::Normal | Severity::High => Urgency::Normal,
                Severity::Critical => Urgency::Critical,
            });
        if toast.sticky {
            model.hint(Hint::Resident(true));
        } else if toast.severity == Severity::Low {
            // What matters little leaves nothing behind in a list of notifications.
            model.hint(Hint::Transient(true));
        }
        match &toast.sound {
            Sound::Default => {}
            Sound::Silent => {
                model.hint(Hint::SuppressSound(true));
            }
            Sound::Named(name) => {
                model.hint(Hint::SoundName(name.clone()));
            }
        }
    }
    #[cfg(windows)]
    {
        // The name that the installer's shortcut carries. Windows shows nothing of a name it does
        // not know: a build that was not installed goes without.
        if !std::env::current_exe().is_ok_and(|exe| exe.iter().any(|part| part == "target")) {
            model.app_id("dev.tidings.desktop");
        }
        if toast.severity == Severity::Critical {
            model.urgency(notify_rust::Urgency::Critical);
        }
        // Without a name a toast makes no sound there.
        if toast.sound != Sound::Silent {
            model.sound_name("Default");
        }
    }
    Some(model)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_is_a_name_of_a_theme_and_never_a_file() {
        for name in ["bell", "message-new-instant", "x-vendor_alarm", "phone.2"] {
            assert!(is_sound_name(name), "{name}");
        }
        // B26
        let long = "a".repeat(SOUND_MAX + 1);
        for name in [
            "",
            "../../x.wav",
            "/dev/zero",
            "a/b",
            "a..b",
            ".hidden",
            "a b",
            "a\0",
            &long,
        ] {
            assert!(!is_sound_name(name), "{name:?}");
        }
    }

    #[test]
    fn without_a_window_a_toast_offers_only_what_works_without_one() {
        for (foreign, expected) in [
            (false, vec![Verb::Open, Verb::Snooze, Verb::Read]),
            (true, vec![Verb::Snooze, Verb::Read]),
        ] {
            let link = Link {
                url: "https://h/".to_owned(),
                host: "h".to_owned(),
                foreign,
            };
            let mut toast = Toast {
                slot: None,
                summary: String::new(),
                body: String::new(),
                severity: Severity::Normal,
                sound: Sound::Default,
                sticky: false,
                actions: [Verb::Show, Verb::Open, Verb::Snooze, Verb::Read]
                    .map(|verb| (verb, String::new()))
                    .to_vec(),
                target: Target {
                    link: Some(link),
                    ..Target::default()
                },
                asked: false,
            };

            toast.leave_the_window_out();

            let left: Vec<Verb> = toast.actions.iter().map(|(verb, _)| *verb).collect();
            assert_eq!(left, expected);
        }
    }
}
