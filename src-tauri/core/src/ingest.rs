//! A frame becomes a notification: plain text and unknown JSON read well by themselves. Pure;
//! never fails: what cannot be understood is shown as it came.

use serde_json::{Map, Value};
use unicode_segmentation::GraphemeCursor;

use crate::model::{Frame, Notification, Severity};

/// Keys under which servers write the line that matters, most telling first.
const TITLE: [&str; 6] = ["title", "summary", "subject", "headline", "name", "event"];
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
/// Longest title kept, in characters; the whole data stay in history.
const TITLE_MAX: usize = 300;
/// Longest body kept, in characters.
const BODY_MAX: usize = 4000;

/// What a frame says to a person.
pub fn ingest(frame: &Frame) -> Notification {
    let notification = match serde_json::from_str(&frame.data) {
        Ok(Value::Object(object)) => from_object(&object),
        Ok(Value::String(text)) => from_text(&text),
        _ => from_text(&frame.data),
    };
    name_untitled(notification, frame)
}

/// A title is never blank: the event type stands in for it.
fn name_untitled(mut notification: Notification, frame: &Frame) -> Notification {
    if is_blank(&notification.title) {
        notification.title = title(&frame.event);
    }
    if is_blank(&notification.title) {
        "message".clone_into(&mut notification.title);
    }
    notification
}

/// Whether nobody would see anything of it.
fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control())
}

/// One line of bounded length.
fn title(text: &str) -> String {
    clip(text, TITLE_MAX).replace(['\r', '\n'], " ")
}

fn from_text(text: &str) -> Notification {
    let text = text.trim();
    let (first, body) = text.split_once(['\r', '\n']).unwrap_or((text, ""));
    Notification {
        title: title(first.trim_end()),
        body: clip(body.trim(), BODY_MAX),
        ..Notification::default()
    }
}

fn from_object(object: &Map<String, Value>) -> Notification {
    let named = first_text(object, &TITLE);
    let body = first_text(object, &BODY);
    let (named, body) = match (named, body) {
        (Some(named), body) => (named, body.unwrap_or_default()),
        // A message alone is the line that matters.
        (None, Some(body)) => {
            let told = from_text(&body);
            (told.title, told.body)
        }
        (None, None) => (String::new(), fields(object)),
    };
    Notification {
        title: title(&named),
        body: clip(&body, BODY_MAX),
        severity: LEVEL
            .iter()
            .find_map(|key| severity(object.get(*key)?))
            .unwrap_or_default(),
        url: URL.iter().find_map(|key| {
            let url = object.get(*key)?.as_str()?;
            (url.starts_with("https://") || url.starts_with("http://")).then(|| url.to_owned())
        }),
        tags: Vec::new(),
    }
}

fn first_text(object: &Map<String, Value>, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| match object.get(*key)? {
        Value::String(text) if !is_blank(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// The words and numbers servers use for how much something matters.
fn severity(value: &Value) -> Option<Severity> {
    match value {
        Value::String(word) => match word.trim().to_ascii_lowercase().as_str() {
            "critical" | "fatal" | "emergency" | "emerg" | "alert" | "panic" | "urgent" | "max" => {
                Some(Severity::Critical)
            }
            "high" | "error" | "err" | "warning" | "warn" | "failed" | "failure" => {
                Some(Severity::High)
            }
            "normal" | "info" | "notice" | "default" | "ok" | "success" => Some(Severity::Normal),
            "low" | "debug" | "trace" | "min" => Some(Severity::Low),
            _ => None,
        },
        // ntfy and Gotify-like servers count from 1, the least, to 5.
        Value::Number(number) => match number.as_u64()? {
            1 | 2 => Some(Severity::Low),
            3 => Some(Severity::Normal),
            4 => Some(Severity::High),
            5 => Some(Severity::Critical),
            _ => None,
        },
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

fn clip(text: &str, characters: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(characters) else {
        return text.to_owned();
    };
    // Not inside what a person sees as one character, unless that is all there is.
    let mut cursor = GraphemeCursor::new(end, text.len(), true);
    let whole = match cursor.is_boundary(text, 0) {
        Ok(false) => cursor.prev_boundary(text, 0).ok().flatten(),
        Ok(true) | Err(_) => None,
    };
    let end = whole.filter(|whole| *whole > 0).unwrap_or(end);
    text.get(..end).unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(data: &str) -> Notification {
        ingest(&Frame {
            event: "deploy".to_owned(),
            data: data.to_owned(),
            own_id: None,
            last_event_id: "".into(),
            truncated: false,
        })
    }

    #[test]
    fn plain_text_and_unknown_json_read_well_by_themselves() {
        for (data, title, body) in [
            ("hello", "hello", ""),
            ("first\nsecond\nthird", "first", "second\nthird"),
            (r#""quoted""#, "quoted", ""),
            (r#"{"title":"T","body":"B"}"#, "T", "B"),
            (r#"{"message":"only this"}"#, "only this", ""),
            (
                r#"{"hello":"world","n":2}"#,
                "deploy",
                "hello: world · n: 2",
            ),
            ("[1,2]", "[1,2]", ""),
            ("null", "null", ""),
            ("", "deploy", ""),
            ("   ", "deploy", ""),
            (r#""one\rtwo""#, "one", "two"),
            (r#"{"title":"\u0000","message":"M"}"#, "M", ""),
            (
                r#"{"__proto__":{"x":1}}"#,
                "deploy",
                r#"__proto__: {"x":1}"#,
            ),
        ] {
            let notification = told(data);
            assert_eq!(
                (notification.title.as_str(), notification.body.as_str()),
                (title, body)
            );
        }
    }

    #[test]
    fn severity_is_read_from_words_and_numbers() {
        for (data, severity) in [
            (r#"{"title":"t","level":"ERROR"}"#, Severity::High),
            (r#"{"title":"t","priority":5}"#, Severity::Critical),
            (r#"{"title":"t","severity":"low"}"#, Severity::Low),
            (
                r#"{"title":"t","status":"done","level":1e400}"#,
                Severity::Normal,
            ),
            (r#"{"title":"t"}"#, Severity::Normal),
        ] {
            assert_eq!(told(data).severity, severity, "{data}");
        }
    }

    #[test]
    fn hostile_data_degrades_and_never_fails() {
        let deep = "[".repeat(10_000);
        let deep_object = r#"{"a":"#.repeat(10_000);
        for data in [
            &deep,
            &deep_object,
            "\u{0}",
            r#"{"title":"\ud800"}"#,
            "{\"title\":1e999}",
        ] {
            assert!(!told(data).title.is_empty());
        }
    }

    #[test]
    fn only_web_links_count_as_links() {
        assert_eq!(
            told(r#"{"title":"t","url":"javascript:alert(1)"}"#).url,
            None
        );
        assert_eq!(
            told(r#"{"title":"t","link":"https://h/x"}"#).url.as_deref(),
            Some("https://h/x")
        );
    }
}
