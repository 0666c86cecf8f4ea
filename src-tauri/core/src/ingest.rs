//! A frame becomes a notification: plain text and unknown JSON read well by themselves, and a
//! mapping says more where it is needed. Pure; never fails: what cannot be understood is shown as
//! it came.
//!
//! * [`mapping`]: how the events of a source are read, as the settings keep it.
//! * `detect`: what an event says by itself.
//! * `template`: text with holes for what an event holds.

mod detect;
pub mod mapping;
mod template;

use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use serde::Deserialize;
use serde_json::Value;
use unicode_segmentation::GraphemeCursor;

use crate::{
    error::{Code, Error, Result},
    json_path::{Found, Path},
    model::{Frame, Notification, Severity},
};
use detect::{Detected, detect, severity_word, web_link};
use mapping::{Mapping, Preset};
use template::Template;

/// Longest title kept, in characters; the whole data stay in history.
const TITLE_MAX: usize = 300;
/// Longest body kept, in characters.
const BODY_MAX: usize = 4000;
/// Most tags kept.
const TAGS_MAX: usize = 20;
/// Longest tag kept, in characters.
const TAG_MAX: usize = 60;
/// Most words of severity of its own that a mapping has.
const LEVELS_MAX: usize = 200;

/// What a preset adds to the mapping of a source. Data, not code: `presets.json`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct PresetData {
    /// JSON is shown as the text it is.
    text_only: bool,
    /// Tags that name an emoji stand before the title.
    emoji: bool,
    /// Where the payload is, in services that pass on what others sent.
    inside: Option<String>,
    leave_out: LeftOut,
    mapping: Mapping,
}

/// Events that say nothing to anybody.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct LeftOut {
    /// By their type.
    events: Vec<String>,
    /// By the whole of their data.
    data: Vec<String>,
}

static PRESETS: LazyLock<HashMap<Preset, PresetData>> =
    LazyLock::new(|| serde_json::from_str(include_str!("ingest/presets.json")).unwrap_or_default());

/// What became of a frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Ingested {
    /// What it says to a person.
    pub notification: Notification,
    /// Its data, where they are JSON: parsed once, for the rules too.
    pub json: Option<Value>,
    /// False where the preset leaves such events out: they are not kept.
    pub kept: bool,
}

/// A mapping, ready to read with: templates and paths are parsed.
#[derive(Debug, Clone, Default)]
pub struct Reader {
    preset: PresetData,
    inside: Option<Path>,
    title: Option<Template>,
    body: Option<Template>,
    severity: Option<Template>,
    levels: BTreeMap<String, Severity>,
    url: Option<Template>,
    tags: Option<Template>,
}

impl Reader {
    /// Reads the mapping itself.
    ///
    /// # Errors
    /// `InvalidMapping`, with the field at fault.
    pub fn new(mapping: &Mapping) -> Result<Self> {
        let preset = PRESETS.get(&mapping.preset).cloned().unwrap_or_default();
        if mapping.levels.len() > LEVELS_MAX {
            return Err(Error::new(
                Code::InvalidMapping,
                format!("mapping levels: there can be at most {LEVELS_MAX}; leave some out"),
            ));
        }
        let template = |field: &str, own: &Option<String>, preset: &Option<String>| {
            own.as_ref()
                .or(preset.as_ref())
                .map(|text| Template::parse(text))
                .transpose()
                .map_err(|why| {
                    Error::new(Code::InvalidMapping, format!("mapping {field}: {why}")).at(field)
                })
        };
        let inside = preset.inside.as_deref().map(Path::parse);
        let theirs = &preset.mapping;
        let levels = theirs.levels.iter().chain(&mapping.levels);
        Ok(Self {
            inside: inside.and_then(std::result::Result::ok),
            title: template("title", &mapping.title, &theirs.title)?,
            body: template("body", &mapping.body, &theirs.body)?,
            severity: template("severity", &mapping.severity, &theirs.severity)?,
            levels: levels
                .map(|(word, severity)| (word.to_lowercase(), *severity))
                .collect(),
            url: template("url", &mapping.url, &theirs.url)?,
            tags: template("tags", &mapping.tags, &theirs.tags)?,
            preset,
        })
    }

    /// Reads an event.
    pub fn read(&self, event: &str, data: &str) -> Ingested {
        let json: Option<Value> = serde_json::from_str(data).ok();
        let shown = json.as_ref().filter(|_| !self.preset.text_only);
        let shown = shown.map(|whole| self.payload(whole));
        let found = detect(data, shown);
        let fill = |template: &Option<Template>| {
            let text = template
                .as_ref()?
                .render(event, data, shown.or(json.as_ref()));
            (!is_blank(&text)).then_some(text)
        };
        let severity = fill(&self.severity).and_then(|word| self.level(&word));
        let url = fill(&self.url).and_then(|url| web_link(&url));
        let tags = fill(&self.tags).map(|tags| tags.split(',').map(str::to_owned).collect());
        let mut notification = Notification {
            severity: severity.or(found.severity).unwrap_or_default(),
            url: url.or_else(|| found.url.clone()),
            tags: tidy(tags.unwrap_or_else(|| found.tags.clone())),
            ..told(found, fill(&self.title), fill(&self.body))
        };
        name_untitled(&mut notification, event);
        if self.preset.emoji {
            show_emoji(&mut notification);
        }
        Ingested {
            notification,
            json,
            kept: !self.leaves_out(event, data),
        }
    }

    fn payload<'a>(&self, whole: &'a Value) -> &'a Value {
        let found = self.inside.as_ref().map(|path| path.find(whole));
        match found.as_ref().map(Found::values) {
            Some([inner @ Value::Object(_)]) => inner,
            _ => whole,
        }
    }

    fn level(&self, word: &str) -> Option<Severity> {
        let own = self.levels.get(&word.trim().to_lowercase()).copied();
        own.or_else(|| severity_word(word))
    }

    fn leaves_out(&self, event: &str, data: &str) -> bool {
        let LeftOut { events, data: all } = &self.preset.leave_out;
        events.iter().any(|one| one == event) || all.iter().any(|one| one == data.trim())
    }
}

/// What a frame says by itself.
pub fn ingest(frame: &Frame) -> Notification {
    Reader::default()
        .read(&frame.event, &frame.data)
        .notification
}

/// Title and text out of what was found and what the mapping says.
fn told(found: Detected, title_given: Option<String>, body_given: Option<String>) -> Notification {
    let titled = title_given.is_some() || found.title.is_some();
    let text = body_given.or(found.text);
    let (line, body) = match (title_given.or(found.title), text) {
        (Some(line), text) => (line, text.unwrap_or(found.rest)),
        // A text alone is the line that matters.
        (None, Some(text)) => first_line(&text),
        (None, None) => (String::new(), found.rest),
    };
    let line = title(&line);
    // What the line says already is not said again.
    let body = if titled && body.trim() == line {
        ""
    } else {
        body.trim()
    };
    Notification {
        body: clip(body, BODY_MAX),
        title: line,
        ..Notification::default()
    }
}

/// A title is never blank: the event type stands in for it.
fn name_untitled(notification: &mut Notification, event: &str) {
    if is_blank(&notification.title) {
        notification.title = title(event);
    }
    if is_blank(&notification.title) {
        "message".clone_into(&mut notification.title);
    }
}

/// Whether nobody would see anything of it.
fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control())
}

/// One line of bounded length.
fn title(text: &str) -> String {
    clip(text, TITLE_MAX).replace(['\r', '\n'], " ")
}

fn first_line(text: &str) -> (String, String) {
    let text = text.trim();
    let (first, rest) = text.split_once(['\r', '\n']).unwrap_or((text, ""));
    (first.trim_end().to_owned(), rest.to_owned())
}

/// Tags without blanks and repetitions, few and short.
fn tidy(tags: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for tag in tags {
        let tag = clip(tag.trim(), TAG_MAX);
        if !is_blank(&tag) && !kept.contains(&tag) && kept.len() < TAGS_MAX {
            kept.push(tag);
        }
    }
    kept
}

/// ntfy shows tags that name an emoji before the title.
fn show_emoji(notification: &mut Notification) {
    let shown: String = notification
        .tags
        .iter()
        .filter_map(|tag| emojis::get_by_shortcode(tag))
        .map(emojis::Emoji::as_str)
        .collect();
    if !shown.is_empty() {
        notification.title = title(&format!("{shown} {}", notification.title));
    }
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
