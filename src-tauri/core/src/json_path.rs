//! A path into JSON data (RFC 9535), parsed once. Pure. Plain paths such as `$.a.b[0]` are walked
//! directly; all others are left to the query engine.

use std::fmt::Write as _;

use serde_json::Value;
use serde_json_path::JsonPath;

/// Longest path. Bytes.
const LENGTH_MAX: usize = 512;
/// Deepest nesting of brackets and parentheses.
const DEPTH_MAX: usize = 12;
/// How often a path may lead to the same value: its selectors, multiplied over its brackets.
const WAYS_MAX: usize = 16;
/// Most of its signs that may each walk over all of the data.
const WALKS_MAX: usize = 12;

/// A path that can be looked up.
#[derive(Debug, Clone)]
pub struct Path {
    text: String,
    form: Form,
}

#[derive(Debug, Clone)]
enum Form {
    /// Names and indices: finds one value or none.
    Plain(Vec<Key>),
    Query(JsonPath),
}

#[derive(Debug, Clone)]
enum Key {
    Name(String),
    Index(usize),
}

/// What a path found.
#[derive(Debug, Clone)]
pub enum Found<'a> {
    /// At most one value.
    One(Option<&'a Value>),
    /// Several, in document order.
    Many(Vec<&'a Value>),
}

impl<'a> Found<'a> {
    /// The values.
    pub fn values(&self) -> &[&'a Value] {
        match self {
            Self::One(value) => value.as_slice(),
            Self::Many(values) => values,
        }
    }
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// What is wrong with it, in words. A path that could take for ever on large data is refused,
    /// too: each value is looked at a few times, however the path is written.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LENGTH_MAX {
            return Err(format!("a path has at most {LENGTH_MAX} bytes; shorten it"));
        }
        let bare = without_quoted(text);
        if bare.matches("..").count() > 1 {
            return Err(format!(
                "the path {text} has more than one `..`, which may take for ever on a large \
                 event; name the way down instead"
            ));
        }
        if bare.matches('$').count() > 1 {
            return Err(format!(
                "the path {text} begins again at `$` in a condition, which may take for ever on \
                 a large event; ask only what `@` leads to"
            ));
        }
        let walks = bare.matches(['*', ':', '?', '@']).count();
        if walks > WALKS_MAX {
            return Err(format!(
                "the path {text} has {walks} of `*`, `:`, `?` and `@`, which may take for ever on \
                 a large event; {WALKS_MAX} are the most: use several paths instead"
            ));
        }
        let (depth, ways) = shape(&bare);
        if depth > DEPTH_MAX {
            return Err(format!(
                "the path is nested deeper than {DEPTH_MAX} brackets; simplify it"
            ));
        }
        if ways > WAYS_MAX {
            return Err(format!(
                "the path {text} branches {ways} times, which may take for ever on a large event; \
                 {WAYS_MAX} is the most: use several paths instead"
            ));
        }
        let query = JsonPath::parse(text).map_err(|error| {
            format!("{text} is no path: {error}; write one such as $.host or $['a b'][0]")
        })?;
        let form = plain(text).map_or(Form::Query(query), Form::Plain);
        Ok(Self {
            text: text.to_owned(),
            form,
        })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Looks it up.
    pub fn find<'a>(&self, json: &'a Value) -> Found<'a> {
        match &self.form {
            Form::Plain(keys) => {
                let mut at = Some(json);
                for key in keys {
                    at = match (key, at) {
                        (Key::Name(name), Some(Value::Object(object))) => object.get(name),
                        (Key::Index(index), Some(Value::Array(list))) => list.get(*index),
                        _ => None,
                    };
                }
                Found::One(at)
            }
            Form::Query(query) => Found::Many(query.query(json).all()),
        }
    }
}

/// The path with what stands in quotes left out.
fn without_quoted(text: &str) -> String {
    let mut quote = None;
    let mut escaped = false;
    text.chars()
        .filter(|&c| {
            if let Some(end) = quote {
                if !escaped && c == end {
                    quote = None;
                }
                escaped = !escaped && c == '\\';
                return false;
            }
            if c == '\'' || c == '"' {
                quote = Some(c);
            }
            true
        })
        .collect()
}

/// How deep its brackets are nested, and its selectors multiplied over them.
fn shape(bare: &str) -> (usize, usize) {
    let mut open: Vec<usize> = Vec::new();
    let (mut depth, mut nots, mut ways) = (0, 0, 1_usize);
    for c in bare.chars() {
        match c {
            '[' | '(' => open.push(1),
            '!' => nots += 1,
            ',' => open.last_mut().into_iter().for_each(|one| *one += 1),
            ']' | ')' => ways = ways.saturating_mul(open.pop().unwrap_or(1)),
            _ => {}
        }
        depth = depth.max(open.len() + nots);
    }
    (depth, ways)
}

/// The keys of a path that is valid already, if it has nothing but names and indices.
fn plain(text: &str) -> Option<Vec<Key>> {
    let mut rest = text.strip_prefix('$')?;
    let mut keys = Vec::new();
    while !rest.is_empty() {
        if let Some(named) = rest.strip_prefix('.') {
            let end = named.find(['.', '[']).unwrap_or(named.len());
            let (name, after) = named.split_at_checked(end)?;
            if name.is_empty() || !name.chars().all(is_name) {
                return None;
            }
            keys.push(Key::Name(name.to_owned()));
            rest = after;
        } else {
            let inner = rest.strip_prefix('[')?;
            let quote = inner.chars().next()?;
            if quote == '\'' || quote == '"' {
                let (name, after) = inner.get(1..)?.split_once(quote)?;
                if name.contains('\\') {
                    return None;
                }
                keys.push(Key::Name(name.to_owned()));
                rest = after.strip_prefix(']')?;
            } else {
                let (index, after) = inner.split_once(']')?;
                if !index.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                keys.push(Key::Index(index.parse().ok()?));
                rest = after;
            }
        }
    }
    Some(keys)
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii()
}

/// The path to a member of what `parent` leads to.
pub fn child(parent: &str, name: &str) -> String {
    let simple = !name.is_empty()
        && name.chars().all(is_name)
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if simple {
        return format!("{parent}.{name}");
    }
    let mut quoted = String::new();
    for c in name.chars() {
        match c {
            '\'' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    format!("{parent}['{quoted}']")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(path: &str, json: &Value) -> Vec<Value> {
        let path = Path::parse(path).unwrap();
        path.find(json).values().iter().copied().cloned().collect()
    }

    #[test]
    fn plain_paths_find_what_the_query_engine_finds() {
        let json = json!({
            "a": {"b": [10, {"c d": "x"}], "ü": 1, "": 2}, "0": "zero", "n": null, "q\"'": 3
        });
        for path in [
            "$",
            "$.a",
            "$.a.b",
            "$.a.b[0]",
            "$.a.b[1]['c d']",
            "$[\"a\"].b[7]",
            "$.a.ü",
            "$['a']['']",
            "$.n",
            "$.x.y",
            "$['0']",
            "$.a[0]",
            "$.a.b.c",
            "$['q\"\\'']",
        ] {
            let wanted: Vec<Value> = JsonPath::parse(path)
                .unwrap()
                .query(&json)
                .all()
                .into_iter()
                .cloned()
                .collect();
            assert_eq!(found(path, &json), wanted, "{path}");
        }
        assert_eq!(found("$.a.b[*]", &json).len(), 2);
        assert_eq!(found("$..['c d']", &json), [json!("x")]);
    }

    #[test]
    fn paths_that_are_none_or_may_take_for_ever_are_refused_in_words() {
        let long = format!("$.{}", "a".repeat(600));
        let deep = format!("$[?{}@.a{}]", "(".repeat(100), ")".repeat(100));
        let branching = format!("${}", "[0,0]".repeat(20));
        let walking = format!("$..a{}", "[*]".repeat(20));
        let shouting = format!("$[?{}@.a]", "!".repeat(100));
        for (path, word) in [
            ("", "is no path"),
            ("host", "is no path"),
            ("$.", "is no path"),
            ("$.a b", "is no path"),
            ("$[?match(@.a, @.b)]", "is no path"),
            ("$..a..b", "more than one"),
            (&walking, "20 of"),
            (&branching, "branches 1048576 times"),
            ("$[0,1,2,3,4,5,6,7,?!@.a][0,1]", "branches 18 times"),
            ("$[?@[*,*][*,*][*,*][0,0][0,0]]", "branches 32 times"),
            ("$[?count($[*]) > 1]", "begins again"),
            ("$[?$..x]", "begins again"),
            ("$[?$[?$[*]]]", "begins again"),
            ("$[?$.a == $.b]", "begins again"),
            (&long, "shorten"),
            (&deep, "nested"),
            (&shouting, "nested"),
        ] {
            let error = Path::parse(path).unwrap_err();
            assert!(error.contains(word), "{path}: {error}");
        }
        assert!(Path::parse("$['..']['..']['$,,,,,,,,,,,,,,,,,,']..a").is_ok());
        assert!(Path::parse("$['a','b'][0,1,2]..c[?@.d != 'e' && @.f[0,1]]").is_ok());
    }

    #[test]
    fn a_path_built_from_any_name_leads_back_to_it() {
        for name in [
            "a",
            "a b",
            "it's",
            "ba\\ck",
            "0x",
            "ü",
            "",
            "new\nline",
            "$",
            "q\"q",
            "\u{7f}",
        ] {
            let json = json!({ name: 1 });
            assert_eq!(found(&child("$", name), &json), [json!(1)], "{name:?}");
        }
    }
}
