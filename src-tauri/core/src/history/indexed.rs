//! What the full-text index gets of an event: the words of its data and, where they are others,
//! those of its title and body. Pure.
//!
//! Data that are JSON are read as what they mean: `\uacb0` is the syllable, and the n of `\n` is
//! no letter of the next word. The stored data stay as they came.

use std::{borrow::Cow, str::Chars};

use serde::de::IgnoredAny;

use super::{quoted::places, words};

/// Texts of more bytes are worth preparing to look.
const SHORT: usize = 2048;

/// What the full-text index gets of an event.
pub(super) struct IndexedTexts {
    pub(super) data: String,
    /// None where the data have it.
    pub(super) title: Option<String>,
    pub(super) body: Option<String>,
}

impl IndexedTexts {
    pub(super) fn new(data: &str, title: &str, body: &str) -> Self {
        let data = meant(data);
        let data = words::head(&data);
        let indexed = words::index(data);
        let beyond = |text: &str| {
            if text.is_empty() || stands_in(data, text) {
                return None;
            }
            let words = words::index(text);
            (!words.is_empty() && !holds(&indexed, &words)).then_some(words)
        };
        Self {
            title: beyond(title),
            body: beyond(body),
            data: indexed,
        }
    }
}

/// Whether the text stands there between separators: then its words do, too. Spares most events
/// a second look at every letter.
fn stands_in(data: &str, text: &str) -> bool {
    let separates = |byte: Option<&u8>| {
        byte.is_none_or(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric())
    };
    find(data.as_bytes(), text.as_bytes(), separates)
}

/// Whether these tokens stand in that text of tokens one after the other.
fn holds(text: &str, tokens: &str) -> bool {
    let tokens = tokens.trim_end();
    let ends = |byte: Option<&u8>| byte.is_none_or(|byte| *byte == b' ');
    find(text.as_bytes(), tokens.as_bytes(), ends)
}

/// Whether the bytes stand there with such bytes, or an end, on both sides.
fn find(bytes: &[u8], wanted: &[u8], side: impl Fn(Option<&u8>) -> bool) -> bool {
    let fits = |start: usize| {
        side(start.checked_sub(1).and_then(|at| bytes.get(at)))
            && side(bytes.get(start + wanted.len()))
    };
    if bytes.len() <= SHORT {
        places(bytes, wanted).any(fits)
    } else {
        memchr::memmem::find_iter(bytes, wanted).any(fits)
    }
}

/// The data with the escapes of JSON strings resolved (RFC 8259, section 7), if they are JSON.
fn meant(data: &str) -> Cow<'_, str> {
    let escaped = memchr::memchr(b'\\', data.as_bytes()).is_some();
    if !escaped || serde_json::from_str::<IgnoredAny>(data).is_err() {
        return Cow::Borrowed(data);
    }
    let mut out = String::with_capacity(data.len());
    let mut rest = data.chars();
    while let Some(c) = rest.next() {
        // In JSON a backslash stands in strings alone.
        out.push(match c {
            '\\' => match rest.next() {
                Some('u') => unit(&mut rest),
                Some(c @ ('"' | '\\' | '/')) => c,
                // A line break, a tab: what separates words.
                _ => ' ',
            },
            c => c,
        });
    }
    Cow::Owned(out)
}

/// The character of `\uXXXX`, or of two of them in a row (a surrogate pair).
fn unit(rest: &mut Chars<'_>) -> char {
    let Some(first) = hex(rest) else {
        return char::REPLACEMENT_CHARACTER;
    };
    let mut after = rest.clone();
    if (0xD800..0xDC00).contains(&first)
        && (after.next(), after.next()) == (Some('\\'), Some('u'))
        && let Some(second) = hex(&mut after).filter(|unit| (0xDC00..0xE000).contains(unit))
    {
        *rest = after;
        let both = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        return char::from_u32(both).unwrap_or(char::REPLACEMENT_CHARACTER);
    }
    char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn hex(rest: &mut Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |number, _| {
        Some((number << 4) | rest.next()?.to_digit(16)?)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_of_json_are_read_as_what_they_mean() {
        for (data, words) in [
            (r#"{"t":"\uACB0\uc81c \ud83c\udf89"}"#, "t 결제 제 🎉"),
            (
                r#"["one\ntwo\tthree\"four\\five\/six"]"#,
                "one two three four five six ",
            ),
            (r#"{"a":"\ud83c lone"}"#, "a lone "),
            (r"C:\new is no \u0041 JSON", "c new is no u0041 json "),
        ] {
            assert_eq!(IndexedTexts::new(data, "", "").data, words, "{data}");
        }
    }

    #[test]
    fn a_title_is_indexed_apart_only_where_the_data_have_other_words() {
        let data = r#"{"title":"Deploy \uc2e4\ud328","note":"redeploy done"}"#;
        for (title, apart) in [
            ("Deploy 실패", false),
            ("deploy", false),
            ("deploy done", true),
            ("redeploy DONE", false),
            ("epl", true),
            ("", false),
            ("—", false),
        ] {
            let indexed = IndexedTexts::new(data, title, "");
            assert_eq!(indexed.title.is_some(), apart, "{title}");
        }
    }

    proptest! {
        #[test]
        fn what_stands_in_the_data_is_found_by_their_words(
            before in "[ab가나é\u{301},. \"]{0,4}",
            text in "[ab가나é\u{301},. ]{1,6}",
            after in "[ab가나é\u{301},. \"]{0,4}",
        ) {
            let data = format!("{before}{text}{after}");
            let words = words::index(&text);
            if stands_in(&data, &text) && !words.is_empty() {
                prop_assert!(holds(&words::index(&data), &words));
            }
        }

        #[test]
        fn any_json_text_means_what_serde_json_reads(text in any::<String>()) {
            let units: Vec<String> =
                text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            let escaped = units.concat();
            let data = format!("\"{escaped}\\n\"");
            prop_assert_eq!(meant(&data), format!("\"{text} \""));
        }
    }
}
