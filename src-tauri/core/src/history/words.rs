//! The words of a text, as they are indexed, looked for and marked: one way for all three. Pure.
//!
//! A word is a run of letters and digits, folded: lower case, without the accents of Latin, Greek
//! and Cyrillic letters, compatibility forms as their plain ones. Scripts that put no spaces
//! between words, or glue particles to them (Chinese, Japanese, Korean, Thai and their
//! neighbours), and symbols such as emoji have no words to speak of: there every character is a
//! unit, indexed together with the one that follows it, so that a syllable or more is found
//! wherever it stands. The last of a run is indexed alone.

use std::ops::Range;

use unicode_normalization::char::{compose, decompose_compatible, is_combining_mark};

/// Characters of a word that count; what follows is cut, in the index and in queries alike.
const WORD: usize = 64;
/// Bytes of a text that are indexed; what follows is stored and not found.
pub(super) const INDEXED: usize = 64 * 1024;

/// What a unit is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word between separators.
    Word,
    /// One character of a script without words.
    Letter,
    /// One symbol.
    Symbol,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) kind: Kind,
    /// Folded.
    pub(super) text: String,
    /// Where it stands in the text, in bytes.
    pub(super) at: Range<usize>,
    /// Whether it follows a unit of its kind at once, as characters of one run do.
    pub(super) joined: bool,
}

/// The units of a text in their order.
pub(super) fn units(text: &str) -> Vec<Unit> {
    let mut units = Vec::new();
    scan(text, &mut |kind, text: &str, at, joined| {
        units.push(Unit {
            kind,
            text: text.to_owned(),
            at,
            joined,
        });
    });
    units
}

/// The text as the index takes it: its tokens with a space after each.
pub(super) fn index(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(INDEXED) + 16);
    // A character of a run waits for the one that follows it.
    let mut waiting = String::new();
    scan(head(text), &mut |kind, text: &str, _, joined| {
        if !waiting.is_empty() {
            out.push_str(&waiting);
            if joined {
                out.push_str(text);
            }
            out.push(' ');
            waiting.clear();
        }
        if kind == Kind::Word {
            out.push_str(text);
            out.push(' ');
        } else {
            waiting.push_str(text);
        }
    });
    out.push_str(&waiting);
    out
}

/// The text as a phrase of the index's query language (FTS5, "Full-text Query Syntax"); none if
/// there is nothing in it to look for. A word is looked for whole unless it is the last and a
/// prefix is wanted; a run of characters is found inside longer ones.
pub(super) fn phrase(text: &str, prefix: bool) -> Option<String> {
    let units = units(text);
    let mut out = String::from("\"");
    let mut open_end = false;
    for (place, unit) in units.iter().enumerate() {
        if out.len() > 1 {
            out.push(' ');
        }
        let next = units.get(place + 1);
        out.push_str(&unit.text);
        match next {
            Some(next) if next.joined => {
                out.push_str(&next.text);
                // Its own token adds nothing where the phrase ends with it.
                if place + 2 == units.len() {
                    break;
                }
            }
            Some(_) => {}
            None => open_end = unit.kind != Kind::Word || prefix,
        }
    }
    if units.is_empty() {
        return None;
    }
    out.push('"');
    if open_end {
        out.push_str(" *");
    }
    Some(out)
}

/// The start of a text that is indexed.
pub(super) fn head(text: &str) -> &str {
    text.get(..text.floor_char_boundary(INDEXED))
        .unwrap_or(text)
}

/// Tells the units one after the other: kind, folded text, place in bytes, joined.
fn scan(text: &str, tell: &mut impl FnMut(Kind, &str, Range<usize>, bool)) {
    let mut scan = Scan {
        tell,
        open: None,
        text: String::new(),
        at: 0..0,
        length: 0,
        joined: false,
    };
    for (start, c) in text.char_indices() {
        let at = start..start + c.len_utf8();
        if c.is_ascii() {
            scan.add(c.to_ascii_lowercase(), at);
        } else if is_syllable(c) {
            scan.add(c, at);
        } else {
            decompose_compatible(c, |part| {
                for part in part.to_lowercase() {
                    scan.add(part, at.clone());
                }
            });
        }
    }
    scan.close();
}

struct Scan<'a, F> {
    tell: &'a mut F,
    /// The unit being read.
    open: Option<Kind>,
    text: String,
    at: Range<usize>,
    /// Characters of the unit, those beyond the limit included.
    length: usize,
    joined: bool,
}

impl<F: FnMut(Kind, &str, Range<usize>, bool)> Scan<'_, F> {
    fn add(&mut self, c: char, at: Range<usize>) {
        let kind = match role(c) {
            Role::Unit(kind) => kind,
            Role::Mark => {
                self.mark(c, &at);
                return;
            }
            Role::Nothing => {
                self.extend(&at);
                return;
            }
            Role::Separator => {
                self.close();
                return;
            }
        };
        if self.open == Some(Kind::Word) && kind == Kind::Word {
            self.push(c);
            self.extend(&at);
            return;
        }
        // A syllable in its parts, as some systems write it.
        if self.open == Some(Kind::Letter) && kind == Kind::Letter && self.compose(c) {
            self.extend(&at);
            return;
        }
        let joined = self.open == Some(kind);
        self.close();
        self.open = Some(kind);
        self.joined = joined;
        self.at = at;
        self.push(c);
    }

    /// An accent is dropped where letters are told apart without it; a mark that changes its
    /// letter joins it; any other belongs to the word.
    fn mark(&mut self, c: char, at: &Range<usize>) {
        if self.open.is_none() {
            return;
        }
        self.extend(at);
        let accent = ('\u{300}'..='\u{36f}').contains(&c);
        let absorbed = accent || (self.open == Some(Kind::Letter) && self.compose(c));
        if !absorbed {
            self.push(c);
        }
    }

    fn compose(&mut self, c: char) -> bool {
        let Some(last) = self.text.chars().next_back() else {
            return false;
        };
        let Some(whole) = compose(last, c) else {
            return false;
        };
        self.text.pop();
        self.text.push(whole);
        true
    }

    fn push(&mut self, c: char) {
        self.length += 1;
        if self.length <= WORD {
            self.text.push(c);
        }
    }

    fn extend(&mut self, at: &Range<usize>) {
        if self.open.is_some() {
            self.at.end = at.end;
        }
    }

    fn close(&mut self) {
        if let Some(kind) = self.open.take() {
            (self.tell)(kind, &self.text, self.at.clone(), self.joined);
            self.text.clear();
            self.length = 0;
        }
    }
}

enum Role {
    Unit(Kind),
    Mark,
    /// Says how to draw what it follows.
    Nothing,
    Separator,
}

fn role(c: char) -> Role {
    match c {
        '\0'..='\x7f' if c.is_ascii_alphanumeric() => Role::Unit(Kind::Word),
        '\0'..='\x7f' => Role::Separator,
        // Joiners, variation selectors, skin tones, tags.
        '\u{200d}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{1f3fb}'..='\u{1f3ff}'
        | '\u{e0000}'..='\u{e0fff}' => Role::Nothing,
        _ if has_no_words(c) => Role::Unit(Kind::Letter),
        _ if is_combining_mark(c) => Role::Mark,
        _ if c.is_alphanumeric() => Role::Unit(Kind::Word),
        '\u{2190}'..='\u{2dff}' | '\u{e000}'..='\u{f8ff}' | '\u{1d000}'.. => {
            Role::Unit(Kind::Symbol)
        }
        _ => Role::Separator,
    }
}

/// Letters of scripts without spaces between words, and of Korean, which glues particles to them.
fn has_no_words(c: char) -> bool {
    let block = matches!(c,
        '\u{e00}'..='\u{eff}' // Thai, Lao
        | '\u{1000}'..='\u{109f}' // Myanmar
        | '\u{1100}'..='\u{11ff}' // Hangul in parts
        | '\u{1780}'..='\u{17ff}' // Khmer
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3100}'..='\u{318f}'
        | '\u{31a0}'..='\u{31bf}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}');
    // Punctuation within these blocks, such as the middle dot of Katakana, separates.
    is_syllable(c) || (block && c.is_alphanumeric())
}

/// Whole as it is: nothing to fold.
fn is_syllable(c: char) -> bool {
    matches!(c, '\u{ac00}'..='\u{d7a3}' | '\u{4e00}'..='\u{9fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_and_syllables_go_in_pairs() {
        for (text, tokens) in [
            ("Deploy FAILED, on web-3!", "deploy failed on web 3 "),
            ("Crème brûlée ÅNGSTRÖM", "creme brulee angstrom "),
            ("결제 실패했습니다", "결제 제 실패 패했 했습 습니 니다 다"),
            ("API키", "api 키"),
            ("ＡＢＣ ﬁn", "abc fin "),
            ("東京・大阪", "東京 京 大阪 阪"),
            ("완료🎉🎉", "완료 료 🎉🎉 🎉"),
            ("👨‍👩‍👧 ❤️", "👨👩 👩👧 👧 ❤"),
            ("हिन्दी", "हिन्दी "),
            ("…—“”!?", ""),
        ] {
            assert_eq!(index(text), tokens, "{text}");
        }
    }

    #[test]
    fn a_syllable_in_parts_is_the_same_syllable() {
        assert_eq!(index("한글"), index("한글"));
        assert_eq!(index("ガ"), index("カ\u{3099}"));
        assert_eq!(index("ｶﾞ"), index("ガ"));
        assert_eq!(index("e\u{301}"), index("é"));
        let parts = "한";
        assert_eq!(
            units(parts).first().map(|unit| unit.at.clone()),
            Some(0..parts.len())
        );
    }

    #[test]
    fn a_phrase_ends_openly_where_a_run_may_go_on() {
        let found = |text, prefix| phrase(text, prefix).unwrap_or_default();
        assert_eq!(found("Failed", false), "\"failed\"");
        assert_eq!(found("Fail", true), "\"fail\" *");
        assert_eq!(found("결제", false), "\"결제\"");
        assert_eq!(found("결", false), "\"결\" *");
        assert_eq!(found("결제 실패", false), "\"결제 제 실패\"");
        assert_eq!(found("결제실", false), "\"결제 제실\"");
        assert_eq!(found("web-3", false), "\"web 3\"");
        assert_eq!(phrase("--", false), None);
    }

    #[test]
    fn an_endless_word_is_cut_and_an_endless_text_is_not_read_to_its_end() {
        assert_eq!(index(&"a".repeat(500)), format!("{} ", "a".repeat(WORD)));
        assert!(index(&"가 ".repeat(INDEXED)).len() <= INDEXED + 4);
    }
}
