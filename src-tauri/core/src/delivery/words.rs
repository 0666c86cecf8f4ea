//! The sentences of digests, notices and of the test toast: templates with `{count}`, `{source}`,
//! `{title}`, `{time}` and `{host}`, so that each language orders them as it likes.

/// What toasts say beyond the events themselves. `{title}` is the latest event's title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Body of the digest of a source: `{count}`, `{source}`, `{title}`.
    pub more: String,
    /// Body of the summary of what a source replayed: `{count}` (at least 3), `{title}`.
    pub away: String,
    /// Body of the summary of what an earlier run did not show: `{count}`, `{title}`.
    pub backlog: String,
    /// Body of the summary of what no service took: `{count}`, `{title}`.
    pub missed: String,
    /// Notice of a source without events: `{source}`, `{time}`.
    pub silent: String,
    /// A span of seconds: `{count}`.
    pub seconds: String,
    /// A span of minutes: `{count}`.
    pub minutes: String,
    /// A span of hours: `{count}`.
    pub hours: String,
    /// A span of days: `{count}`.
    pub days: String,
    /// Body of the summary of what waited for the end of quiet time: `{count}`, `{title}`.
    pub held: String,
    /// Summary of a toast that keeps to itself what its event says: `{source}`.
    pub private: String,
    /// Name of the action a click takes.
    pub open: String,
    /// Button that opens a link: `{host}`.
    pub open_link: String,
    /// Button that puts toasts off for an hour.
    pub snooze: String,
    /// Button that marks an event read.
    pub read: String,
    /// Summary of the test toast.
    pub test_summary: String,
    /// Body of the test toast.
    pub test_body: String,
}

impl Default for Words {
    /// English.
    fn default() -> Self {
        Self {
            more: "{count} more from {source}\n{title}".to_owned(),
            away: "{count} events while you were away\n{title}".to_owned(),
            backlog: "Not shown before: {count}\n{title}".to_owned(),
            missed: "Missed while notifications were unavailable: {count}\n{title}".to_owned(),
            silent: "No event from {source} for {time}".to_owned(),
            seconds: "{count} s".to_owned(),
            minutes: "{count} min".to_owned(),
            hours: "{count} h".to_owned(),
            days: "{count} d".to_owned(),
            held: "Held back in quiet time: {count}\n{title}".to_owned(),
            private: "New event from {source}".to_owned(),
            open: "Open".to_owned(),
            open_link: "Open {host}".to_owned(),
            snooze: "Snooze 1 h".to_owned(),
            read: "Mark read".to_owned(),
            test_summary: "Tidings can reach you".to_owned(),
            test_body: "This is a test notification.".to_owned(),
        }
    }
}
