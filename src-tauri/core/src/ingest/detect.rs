//! What an event says by itself: keys and words that servers commonly use. Pure.

use serde_json::{Map, Value};

use super::is_blank;
use crate::model::Severity;

/// Keys under which servers write the line that matters, most telling first.
const TITLE: [&str; 5] = ["title", "summary", "subject", "headline", "name"];
/// A key that names what happened, or merely the kind of message: the title if nothing else is.
const WHAT: [&str; 1] = ["event"];
/// Keys of the text beneath it.
const BODY: [&str; 7] = [
    "body",
    "message",
    "text",
    "description",
    "detail",
    "content",
    "msg",
];
/// Keys of a link.
const URL: [&str; 5] = ["url", "link", "click", "href", "html_url"];
/// Keys of how much it matters.
const LEVEL: [&str; 5] = ["level", "severity", "priority", "urgency", "status"];
/// Keys of what it is filed under.
const TAGS: [&str; 2] = ["tags", "labels"];

/// What was found, before anything is made of it.
#[derive(Debug, Default)]
pub(super) struct Detected {
    /// The line that matters, where it is named.
    pub(super) title: Option<String>,
    /// The text.
    pub(super) text: Option<String>,
    /// All there is on one line, where neither was found.
    pub(super) rest: String,
    pub(super) severity: Option<Severity>,
    pub(super) url: Option<String>,
    pub(super) tags: Vec<String>,
}

/// Looks for what is known in an event's data.
pub(super) fn detect(data: &str, json: Option<&Value>) -> Detected {
    match json {
        Some(Value::Object(object)) => {
            let text = first_text(object, &BODY);
            let title = first_text(object, &TITLE);
            let title = title.or_else(|| match text {
                Some(_) => None,
                None => first_text(object, &WHAT),
            });
            let rest = if title.is_none() && text.is_none() {
                fields(object)
            } else {
                String::new()
            };
            Detected {
                title,
                text,
                rest,
                severity: LEVEL.iter().find_map(|key| severity(object.get(*key)?)),
                url: URL
                    .iter()
                    .find_map(|key| web_link(object.get(*key)?.as_str()?)),
                tags: TAGS
                    .iter()
                    .find_map(|key| list(object.get(*key)?))
                    .unwrap_or_default(),
            }
        }
        Some(Value::String(text)) => Detected {
            text: Some(text.clone()),
            ..Detected::default()
        },
        _ => Detected {
            text: Some(data.to_owned()),
            ..Detected::default()
        },
    }
}

fn first_text(object: &Map<String, Value>, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| match object.get(*key)? {
        Value::String(text) if !is_blank(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

fn list(value: &Value) -> Option<Vec<String>> {
    let Value::Array(list) = value else {
        return None;
    };
    let words: Vec<String> = list
        .iter()
        .filter_map(|one| one.as_str().map(str::to_owned))
        .collect();
    (!words.is_empty()).then_some(words)
}

/// A link that leads to the web; any other is none.
pub(super) fn web_link(url: &str) -> Option<String> {
    (url.starts_with("https://") || url.starts_with("http://")).then(|| url.to_owned())
}

fn severity(value: &Value) -> Option<Severity> {
    match value {
        Value::String(word) => severity_word(word),
        Value::Number(number) => severity_number(number.as_u64()?),
        _ => None,
    }
}

/// The words servers use for how much something matters.
pub(super) fn severity_word(word: &str) -> Option<Severity> {
    match word.trim().to_ascii_lowercase().as_str() {
        "critical" | "fatal" | "emergency" | "emerg" | "alert" | "panic" | "urgent" | "max" => {
            Some(Severity::Critical)
        }
        "high" | "error" | "err" | "warning" | "warn" | "failed" | "failure" => {
            Some(Severity::High)
        }
        "normal" | "info" | "notice" | "default" | "ok" | "success" => Some(Severity::Normal),
        "low" | "debug" | "trace" | "min" => Some(Severity::Low),
        number => severity_number(number.parse().ok()?),
    }
}

/// ntfy and Gotify-like servers count from 1, the least, to 5.
fn severity_number(number: u64) -> Option<Severity> {
    match number {
        1 | 2 => Some(Severity::Low),
        3 => Some(Severity::Normal),
        4 => Some(Severity::High),
        5 => Some(Severity::Critical),
        _ => None,
    }
}

/// Unknown JSON as a line a person can read: `host: web-3 · used: 0.94`.
fn fields(object: &Map<String, Value>) -> String {
    let line = |(key, value): (&String, &Value)| match value {
        Value::String(text) => format!("{key}: {text}"),
        other => format!("{key}: {other}"),
    };
    object.iter().map(line).collect::<Vec<_>>().join(" · ")
}
