//! What is printed, and where: results on stdout, states and errors on stderr; one JSON object
//! for each line with `--json`, flushed at once.

use std::io::{self, IsTerminal as _, Write as _};

use serde_json::{Value, json};
use tidings_core::{
    error::{Code, Error},
    ipc::Millis,
    model::Frame,
    model::Timestamp,
    source::SourceState,
};

/// How to print.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    pub json: bool,
    colour: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            json,
            colour: !json && !plain && io::stdout().is_terminal(),
        }
    }

    /// A result. False when nobody reads any more.
    #[expect(
        clippy::unused_self,
        reason = "one way to print, whatever it needs to know"
    )]
    pub(crate) fn line(self, text: &str) -> bool {
        let mut out = io::stdout().lock();
        writeln!(out, "{text}").and_then(|()| out.flush()).is_ok()
    }

    /// A state or an error.
    #[expect(
        clippy::unused_self,
        reason = "one way to print, whatever it needs to know"
    )]
    pub(crate) fn note(self, text: &str) {
        let mut err = io::stderr().lock();
        let _ = writeln!(err, "{text}").and_then(|()| err.flush());
    }

    /// Something worth knowing that is neither.
    pub(crate) fn hint(self, text: &str) {
        if self.json {
            self.note(&json!({ "hint": text }).to_string());
        } else {
            self.note(&format!("-- {text}"));
        }
    }

    /// How far something is, on a line that the next one overwrites.
    #[expect(
        clippy::unused_self,
        reason = "one way to print, whatever it needs to know"
    )]
    pub(crate) fn progress(self, text: &str) {
        let mut err = io::stderr().lock();
        let _ = write!(err, "\r{text}\x1b[K\r").and_then(|()| err.flush());
    }

    pub(crate) fn error(self, error: &Error) {
        if self.json {
            let code = serde_json::to_value(error.code).unwrap_or_default();
            let mut object = json!({ "code": code, "message": error.message });
            if let (Some(range), Some(object)) = (error.range, object.as_object_mut()) {
                object.insert("range".to_owned(), json!(range));
            }
            self.note(&json!({ "error": object }).to_string());
        } else {
            let option = match error.code {
                Code::CleartextSecret => " (--allow-cleartext-secrets)",
                _ => "",
            };
            self.note(&format!("tidings-cli: {}{option}", error.message));
        }
    }

    /// An event of `tail`.
    pub(crate) fn event(self, source: &str, frame: &Frame, replayed: bool, at: Timestamp) -> bool {
        if self.json {
            return self.line(
                &json!({
                    "source": source,
                    "event": frame.event,
                    "data": frame.data,
                    "id": frame.last_event_id.as_str(),
                    "own_id": frame.own_id.as_ref().map(tidings_core::model::EventId::as_str),
                    "replayed": replayed,
                    "received_at": at.to_string(),
                    "truncated": frame.truncated,
                })
                .to_string(),
            );
        }
        let time = self.dim(&local_time(at));
        let event = self.bold(&printable(&frame.event));
        let id = frame
            .own_id
            .as_ref()
            .filter(|id| !id.is_empty())
            .map(|id| self.dim(&format!(" #{}", printable(id.as_str()))))
            .unwrap_or_default();
        let cut = if frame.truncated { " (cut)" } else { "" };
        let mut lines = frame.data.lines().map(printable);
        let first = lines.next().unwrap_or_default();
        let mut text = format!("{time} {event}{id}{cut}  {first}");
        for line in lines {
            text.push_str("\n         ");
            text.push_str(&line);
        }
        self.line(&text)
    }

    /// A state of a connection.
    pub(crate) fn state(self, state: &SourceState, now: Millis) {
        if self.json {
            self.note(&state_json(state, now).to_string());
            return;
        }
        self.note(&format!("-- {}", state_words(state, now)));
    }

    fn dim(self, text: &str) -> String {
        if self.colour {
            format!("\x1b[2m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    fn bold(self, text: &str) -> String {
        if self.colour {
            format!("\x1b[1m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// A state in words.
pub(crate) fn state_words(state: &SourceState, now: Millis) -> String {
    match state {
        SourceState::Paused => "paused".to_owned(),
        SourceState::Connecting { attempt: 1 } => "connecting".to_owned(),
        SourceState::Connecting { attempt } => format!("connecting, try {attempt}"),
        SourceState::Live { .. } => "live".to_owned(),
        SourceState::Waiting { until, cause, .. } => {
            let tenths = (until.0 - now.0).max(0) / 100;
            format!(
                "{}; next try in {}.{} s",
                cause.message,
                tenths / 10,
                tenths % 10
            )
        }
        SourceState::Stopped { cause, .. } => format!("stopped: {}", cause.message),
    }
}

/// A state as JSON, the same in `tail` and `source list`.
pub(crate) fn state_json(state: &SourceState, now: Millis) -> Value {
    let mut object = match state {
        SourceState::Paused => json!({ "state": "idle" }),
        SourceState::Connecting { attempt } => json!({ "state": "connecting", "attempt": attempt }),
        SourceState::Live { .. } => json!({ "state": "live" }),
        SourceState::Waiting {
            attempt,
            until,
            cause,
        } => json!({
            "state": "waiting",
            "attempt": attempt,
            "retry_in_ms": (until.0 - now.0).max(0),
            "cause": { "code": cause.code, "message": cause.message },
        }),
        SourceState::Stopped { cause, .. } => json!({
            "state": "stopped",
            "cause": { "code": cause.code, "message": cause.message },
        }),
    };
    let status = match state {
        SourceState::Waiting { cause, .. } | SourceState::Stopped { cause, .. } => cause.status,
        _ => None,
    };
    if let (Some(status), Some(object)) = (status, object.as_object_mut()) {
        object.insert("status".to_owned(), status.into());
    }
    object
}

pub(crate) fn local_time(at: Timestamp) -> String {
    at.to_zoned_datetime(jiff::tz::TimeZone::system())
        .strftime("%H:%M:%S")
        .to_string()
}

/// Text a terminal only shows: control characters would let a server steer it.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() && c != '\t' {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}
