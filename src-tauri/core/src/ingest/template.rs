//! Text with holes: `{event}`, `{data}` and `{$.path}` stand for what an event holds there. Pure.

use serde_json::Value;

use crate::json_path::Path;

/// Longest template. Bytes.
const LENGTH_MAX: usize = 1000;
/// Most bytes one hole brings in; titles and bodies are cut further.
const VALUE_MAX: usize = 16 * 1024;

/// A template, parsed once.
#[derive(Debug, Clone)]
pub(super) struct Template {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    /// The first that finds something.
    Hole(Vec<Finder>),
}

#[derive(Debug, Clone)]
enum Finder {
    Event,
    Data,
    Path(Path),
}

impl Template {
    /// Reads a template.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LENGTH_MAX {
            return Err(format!(
                "a template has at most {LENGTH_MAX} bytes; shorten it"
            ));
        }
        if text.starts_with('$') && !text.contains('{') {
            return Err(format!("a path stands in braces: write {{{text}}}"));
        }
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            if let Some(after) = from.strip_prefix("{{") {
                plain.push('{');
                rest = after;
            } else if let Some(after) = from.strip_prefix("}}") {
                plain.push('}');
                rest = after;
            } else if let Some(inner) = from.strip_prefix('{') {
                let parts = hole(inner).ok_or("a brace is never closed; a brace itself is {{")?;
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                let finders = parts.0.into_iter().map(finder).collect::<Result<_, _>>()?;
                pieces.push(Piece::Hole(finders));
                rest = parts.1;
            } else {
                return Err("a brace is closed that was never opened; write }}".to_owned());
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self { pieces })
    }

    /// What it says of an event. Blank holes leave nothing behind, at the ends not even dividers.
    pub(super) fn render(&self, event: &str, data: &str, json: Option<&Value>) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Hole(finders) => {
                    let found = finders
                        .iter()
                        .map(|finder| finder.find(event, data, json))
                        .find(|found| !found.trim().is_empty());
                    text.push_str(found.unwrap_or_default().trim());
                }
            }
        }
        text.trim_matches(|c: char| c.is_whitespace() || c == '·' || c == '→')
            .to_owned()
    }
}

impl Finder {
    fn find(&self, event: &str, data: &str, json: Option<&Value>) -> String {
        match self {
            Self::Event => event.to_owned(),
            Self::Data => cut(data).to_owned(),
            Self::Path(path) => {
                let Some(json) = json else {
                    return String::new();
                };
                let mut text = String::new();
                for value in path.find(json).values() {
                    append(&mut text, value);
                }
                text
            }
        }
    }
}

/// What stands between braces, divided at `|`, and what follows. Quotes and brackets of a path
/// may hold either.
fn hole(inner: &str) -> Option<(Vec<&str>, &str)> {
    let mut parts = Vec::new();
    let mut from = 0;
    let mut quote = None;
    let mut open = 0_usize;
    let mut escaped = false;
    for (at, c) in inner.char_indices() {
        if let Some(end) = quote {
            if !escaped && c == end {
                quote = None;
            }
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '\'' | '"' => quote = Some(c),
            '[' => open += 1,
            ']' => open = open.saturating_sub(1),
            '|' if open == 0 => {
                parts.push(inner.get(from..at)?);
                from = at + 1;
            }
            '}' if open == 0 => {
                parts.push(inner.get(from..at)?);
                return Some((parts, inner.get(at + 1..)?));
            }
            _ => {}
        }
    }
    None
}

fn finder(text: &str) -> Result<Finder, String> {
    match text.trim() {
        "event" => Ok(Finder::Event),
        "data" => Ok(Finder::Data),
        path if path.starts_with('$') => Path::parse(path).map(Finder::Path),
        other => Err(format!(
            "{{{other}}} is unknown; use {{event}}, {{data}} or a path such as {{$.title}}"
        )),
    }
}

/// Adds a value as a person writes it; several are divided by commas.
fn append(text: &mut String, value: &Value) {
    let comma = |text: &mut String| {
        if !text.is_empty() {
            text.push_str(", ");
        }
    };
    if text.len() > VALUE_MAX {
        return;
    }
    match value {
        Value::Null => {}
        Value::String(string) => {
            comma(text);
            text.push_str(cut(string));
        }
        Value::Array(list) => list.iter().for_each(|one| append(text, one)),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            comma(text);
            text.push_str(cut(&value.to_string()));
        }
    }
}

fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(VALUE_MAX))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn holes_are_filled_with_what_the_event_holds() {
        let json = json!({
            "a": "A", "n": 1.5, "yes": true, "list": ["x", 2, null, ["y"]], "o": {"k": "v"}, "no": null,
            "b}": "brace", "blank": "  "
        });
        for (template, text) in [
            ("plain", "plain"),
            ("{event}: {data}", "deploy: raw"),
            ("{$.a}", "A"),
            ("<{$.a}/{$.n}/{$.yes}>", "<A/1.5/true>"),
            ("{$.list}", "x, 2, y"),
            ("{$.list[0:2]}", "x, 2"),
            ("{$.o}", r#"{"k":"v"}"#),
            ("{$.no|$.blank|$.a}", "A"),
            ("{$.x|event}", "deploy"),
            ("{ $.x | $.a }", "A"),
            ("{$.x} · {$.a} · {$.x}", "A"),
            ("{{{$.a}}}", "{A}"),
            ("{$['b}']}", "brace"),
            ("{$[?@ == 'A' || @ == 1.5]}", "A, 1.5"),
            ("{$.x}", ""),
            ("", ""),
        ] {
            let parsed = Template::parse(template).unwrap();
            assert_eq!(
                parsed.render("deploy", "raw", Some(&json)),
                text,
                "{template}"
            );
        }
        let parsed = Template::parse("{$.a|data}").unwrap();
        assert_eq!(parsed.render("deploy", "raw", None), "raw");
    }

    #[test]
    fn templates_that_mean_nothing_are_refused_in_words() {
        for (template, word) in [
            ("{", "never closed"),
            ("{$.a", "never closed"),
            ("}", "never opened"),
            ("{title}", "unknown"),
            ("{}", "unknown"),
            ("{$.}", "no path"),
            ("$.title", "write {$.title}"),
            (&"x".repeat(2000), "shorten"),
        ] {
            let error = Template::parse(template).unwrap_err();
            assert!(error.contains(word), "{template}: {error}");
        }
    }
}
