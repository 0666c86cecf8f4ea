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

    /// Something worth knowing that is neither a state nor an error.
    pub(crate) fn hint(self, text: &str) {
        if self.json {
            note(&json!({ "hint": text }).to_string());
        } else {
            note(&format!("-- {text}"));
        }
    }

    /// Something wrong that ends nothing.
    pub(crate) fn trouble(self, text: &str) {
        if self.json {
            note(&json!({ "trouble": text }).to_string());
        } else {
            note(&format!("tidings-cli: {text}"));
        }
    }

    /// How far something is, on a line that the next one overwrites: for who looks at a terminal.
    pub(crate) fn progress(self, text: &str) {
        if self.json || !io::stderr().is_terminal() {
            return;
        }
        let mut err = io::stderr().lock();
        let _ = write!(err, "\r{text}\x1b[K\r").and_then(|()| err.flush());
    }

    /// An error, and where it is in the query that was asked.
    pub(crate) fn error(self, error: &Error, query: Option<&str>) {
        if self.json {
            let code = serde_json::to_value(error.code).unwrap_or_default();
            let mut object = json!({ "code": code, "message": error.message });
            if let (Some(range), Some(object)) = (error.range, object.as_object_mut()) {
                object.insert("range".to_owned(), json!(range));
            }
            note(&json!({ "error": object }).to_string());
        } else {
            let option = match error.code {
                Code::CleartextSecret => " (--allow-cleartext-secrets)",
                _ => "",
            };
            note(&format!("tidings-cli: {}{option}", error.message));
            if let (Some(query), Some(range)) = (query, error.range) {
                note(&marked(query, range));
            }
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

    /// A state of a connection; of which source, where there are several.
    pub(crate) fn state(self, source: Option<&str>, state: &SourceState, now: Millis) {
        if self.json {
            let mut object = state_json(state, now);
            if let (Some(source), Some(object)) = (source, object.as_object_mut()) {
                object.insert("source".to_owned(), source.into());
            }
            note(&object.to_string());
        } else {
            let source = source.map(|name| format!("{}: ", printable(name)));
            let words = state_words(state, now);
            note(&format!("-- {}{words}", source.unwrap_or_default()));
        }
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

fn note(text: &str) {
    let mut err = io::stderr().lock();
    let _ = writeln!(err, "{text}").and_then(|()| err.flush());
}

/// A query with a mark under the part from one UTF-16 unit to another, at least one sign wide.
fn marked(query: &str, (start, end): (u32, u32)) -> String {
    let (mut before, mut mark, mut at) = (String::new(), String::new(), 0);
    for sign in query.chars() {
        if at < start {
            before.push_str(blank(sign));
        } else if at < end {
            mark.push_str(if blank(sign).len() > 1 { "^^" } else { "^" });
        }
        at += u32::try_from(sign.len_utf16()).unwrap_or(1);
    }
    if mark.is_empty() {
        mark.push('^');
    }
    format!(
        "  {}\n  {before}{mark}",
        printable(query).replace('\t', " ")
    )
}

/// As much space as a sign takes in a terminal: those of East Asia and emoji take two columns.
fn blank(sign: char) -> &'static str {
    match sign {
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{1f300}'..='\u{1faff}' => "  ",
        _ => " ",
    }
}

/// What the core logs on its way to stderr: with `--json` one object for each line, too.
pub(crate) struct LoggedAsJson;

impl io::Write for LoggedAsJson {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        note(&json!({ "log": text.trim_end() }).to_string());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_stands_under_the_part_of_the_query_that_is_wrong() {
        for (query, range, expected) in [
            (
                "a level:loud b",
                (2, 12),
                "  a level:loud b\n    ^^^^^^^^^^",
            ),
            ("a (b", (4, 4), "  a (b\n      ^"),
            ("", (0, 0), "  \n  ^"),
            ("결제 level:x", (3, 10), "  결제 level:x\n       ^^^^^^^"),
            ("🚀 \"실패", (3, 6), "  🚀 \"실패\n     ^^^^^"),
            ("\u{1b}[31m \"", (6, 7), "  \u{fffd}[31m \"\n        ^"),
        ] {
            assert_eq!(marked(query, range), expected, "{query}");
        }
    }
}
