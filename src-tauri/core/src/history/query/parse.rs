//! A query's text to its conditions, or where and why it cannot be read. Pure.

use std::ops::Range;

use jiff::ZonedDateTime;

use super::{Is, Leaf, Name, path, time::moment};
use crate::{
    error::{Code, Error, Result},
    history::words,
    model::Severity,
};

/// Most characters of a query.
const LONGEST: usize = 1_000;
/// Most conditions of a query.
const LEAVES: usize = 64;
/// Most parentheses within each other.
const DEPTH: usize = 16;

/// What a query asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::history) enum Expr {
    /// All of them; of none: everything.
    All(Vec<Self>),
    /// One of them at least.
    Any(Vec<Self>),
    Not(Box<Self>),
    Leaf(Leaf),
}

/// Reads a query. Times are seen from `now`, in its time zone. Of `a b OR c` the OR joins its two
/// neighbours.
///
/// # Errors
/// A code of a query with the range it is about.
pub(in crate::history) fn parse(text: &str, now: &ZonedDateTime) -> Result<Expr> {
    let mut parser = Parser {
        text,
        now,
        at: 0,
        leaves: 0,
    };
    if text.chars().count() > LONGEST {
        return Err(parser.error(
            Code::QueryLong,
            format!("a query has at most {LONGEST} characters; leave some out"),
            0..text.len(),
        ));
    }
    let expr = parser.all(0)?;
    if parser.rest().starts_with(')') {
        let at = parser.at;
        return Err(parser.error(
            Code::QueryOperand,
            "this parenthesis closes nothing; take it away or open one before it",
            at..at + 1,
        ));
    }
    let empty = matches!(&expr, Expr::All(all) if all.is_empty());
    if empty && !text.trim().is_empty() {
        return Err(parser.error(
            Code::QueryOperand,
            "there is no letter, digit or symbol in it to look for; write a word",
            0..text.len(),
        ));
    }
    Ok(expr)
}

struct Parser<'a> {
    text: &'a str,
    now: &'a ZonedDateTime,
    at: usize,
    leaves: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Everything up to the end or a closing parenthesis.
    fn all(&mut self, depth: usize) -> Result<Expr> {
        let mut all: Vec<Expr> = Vec::new();
        // Where an OR stands that waits for its right side.
        let mut or: Option<Range<usize>> = None;
        loop {
            self.skip_spaces();
            if self.rest().is_empty() || self.rest().starts_with(')') {
                break;
            }
            if let Some(word) = self.operator("OR") {
                if all.is_empty() || or.is_some() {
                    return Err(self.lonely_or(word));
                }
                or = Some(word);
                continue;
            }
            if self.operator("AND").is_some() {
                continue;
            }
            let Some(expr) = self.one(depth)? else {
                continue;
            };
            match (or.take(), all.pop()) {
                (Some(_), Some(Expr::Any(mut any))) => {
                    any.push(expr);
                    all.push(Expr::Any(any));
                }
                (Some(_), Some(left)) => all.push(Expr::Any(vec![left, expr])),
                (_, left) => {
                    all.extend(left);
                    all.push(expr);
                }
            }
        }
        match or {
            Some(word) => Err(self.lonely_or(word)),
            None if all.len() == 1 => Ok(all.pop().unwrap_or(Expr::All(Vec::new()))),
            None => Ok(Expr::All(all)),
        }
    }

    fn lonely_or(&self, at: Range<usize>) -> Error {
        self.error(
            Code::QueryOperand,
            "OR stands between two things to look for; one is missing here",
            at,
        )
    }

    /// The word as an operator: alone and in capitals.
    fn operator(&mut self, word: &str) -> Option<Range<usize>> {
        let after = self.rest().strip_prefix(word)?;
        let alone = after.is_empty() || after.starts_with(|c: char| c.is_whitespace() || c == '(');
        alone.then(|| {
            let start = self.at;
            self.at += word.len();
            start..self.at
        })
    }

    /// One condition; none for punctuation that stands alone.
    fn one(&mut self, depth: usize) -> Result<Option<Expr>> {
        let start = self.at;
        if let Some(after) = self.rest().strip_prefix('-')
            && after.starts_with(|c: char| !c.is_whitespace() && c != '-')
        {
            self.at += 1;
            let negated = self.one(depth)?;
            return Ok(negated.map(|expr| Expr::Not(Box::new(expr))));
        }
        if self.rest().starts_with('(') {
            return self.group(depth).map(Some);
        }
        let leaf = match self.rest().chars().next() {
            Some('"' | '“' | '”') => self.quoted().map(Some)?,
            Some('$') => self.path()?,
            _ => self.bare()?,
        };
        if leaf.is_some() {
            self.leaves += 1;
            if self.leaves > LEAVES {
                return Err(self.error(
                    Code::QueryLong,
                    format!("a query has at most {LEAVES} conditions; leave some out"),
                    start..self.text.len(),
                ));
            }
        }
        Ok(leaf.map(Expr::Leaf))
    }

    fn group(&mut self, depth: usize) -> Result<Expr> {
        let start = self.at;
        if depth == DEPTH {
            return Err(self.error(
                Code::QueryLong,
                format!("at most {DEPTH} parentheses stand within each other; leave some out"),
                start..start + 1,
            ));
        }
        self.at += 1;
        let inner = self.all(depth + 1)?;
        if !self.rest().starts_with(')') {
            return Err(self.error(
                Code::QueryQuote,
                "this parenthesis is never closed; close it or take it away",
                start..start + 1,
            ));
        }
        self.at += 1;
        if inner == Expr::All(Vec::new()) {
            return Err(self.error(
                Code::QueryOperand,
                "there is nothing between these parentheses; write what to look for",
                start..self.at,
            ));
        }
        Ok(inner)
    }

    /// What stands in quotes, the quotes taken off and passed.
    fn in_quotes(&mut self) -> Result<&'a str> {
        let start = self.at;
        let mut chars = self.rest().char_indices();
        let quote = chars.next().map_or('"', |(_, c)| c);
        let closing = |c: char| match quote {
            '"' => c == '"',
            _ => matches!(c, '"' | '“' | '”'),
        };
        let Some((length, last)) = chars.find(|&(_, c)| closing(c)) else {
            return Err(self.error(
                Code::QueryQuote,
                "this quote is never closed; write the closing quote",
                start..self.text.len(),
            ));
        };
        let inner = self
            .rest()
            .get(quote.len_utf8()..length)
            .unwrap_or_default();
        self.at += length + last.len_utf8();
        Ok(inner)
    }

    fn star(&mut self) -> bool {
        let star = self.rest().starts_with('*');
        self.at += usize::from(star);
        star
    }

    fn quoted(&mut self) -> Result<Leaf> {
        let start = self.at;
        let text = self.in_quotes()?.to_owned();
        let prefix = self.star();
        if words::phrase(&text, prefix).is_none() {
            return Err(self.error(
                Code::QueryOperand,
                "there is no letter, digit or symbol between these quotes; write a word",
                start..self.at,
            ));
        }
        Ok(Leaf::Text { text, prefix })
    }

    /// Up to the next space or parenthesis that closes.
    fn chunk(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest
            .find(|c: char| c.is_whitespace() || c == ')')
            .unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn bare(&mut self) -> Result<Option<Leaf>> {
        let start = self.at;
        let rest = self.rest();
        let key_end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(0);
        let key = rest.get(..key_end).unwrap_or_default();
        let after = rest.get(key_end..).unwrap_or_default();
        if let Some(value) = after.strip_prefix(':')
            && !key.is_empty()
        {
            let key = key.to_ascii_lowercase();
            if KEYS.contains(&key.as_str()) {
                return self.keyed(&key, start).map(Some);
            }
            if value.starts_with(|c: char| c.is_alphabetic() || c == '"') {
                return Err(self.error(
                    Code::QueryKey,
                    format!(
                        "there is no key {key}: the keys are {} and $.path; to look for it as \
                         words, put it in quotes",
                        KEYS.join(", ")
                    ),
                    start..start + key_end,
                ));
            }
        }
        let chunk = self.chunk();
        let (text, prefix) = match chunk.strip_suffix('*') {
            Some(text) => (text, true),
            None => (chunk, false),
        };
        if words::phrase(text, prefix).is_some() {
            let text = text.to_owned();
            return Ok(Some(Leaf::Text { text, prefix }));
        }
        if prefix {
            return Err(self.error(
                Code::QueryOperand,
                "the start of a word is missing before *; write one",
                start..self.at,
            ));
        }
        Ok(None)
    }

    /// A value: in quotes or up to the next space.
    fn value(&mut self) -> Result<(Name, Range<usize>)> {
        let start = self.at;
        let name = if self.rest().starts_with(['"', '“', '”']) {
            let text = self.in_quotes()?.to_owned();
            let prefix = self.star();
            Name { text, prefix }
        } else {
            let chunk = self.chunk();
            match chunk.strip_suffix('*') {
                Some(text) => Name {
                    text: text.to_owned(),
                    prefix: true,
                },
                None => Name {
                    text: chunk.to_owned(),
                    prefix: false,
                },
            }
        };
        Ok((name, start..self.at))
    }

    fn keyed(&mut self, key: &str, start: usize) -> Result<Leaf> {
        self.at += key.len() + 1;
        let (name, at) = self.value()?;
        if name.text.is_empty() && !name.prefix {
            return Err(self.error(
                Code::QueryValue,
                format!("{key}: has no value; write it right after the colon"),
                start..at.end,
            ));
        }
        let refused = |takes: &str| {
            self.error(
                Code::QueryValue,
                format!("{key}: does not take {}; it takes {takes}", name.text),
                at.clone(),
            )
        };
        let leaf = match key {
            "source" => Leaf::Source(name),
            "event" => Leaf::Event(name),
            "rule" => Leaf::Rule(name),
            "level" => level(&name.text).ok_or_else(|| {
                refused(
                    "low, normal, high or critical, with + for that or more, - for that or less",
                )
            })?,
            "is" => Leaf::Is(
                is(&name.text)
                    .ok_or_else(|| refused("unread, read, pinned, quiet, replayed or truncated"))?,
            ),
            _ => {
                let Some(moment) = moment(&name.text, self.now) else {
                    return Err(self.error(
                        Code::QueryTime,
                        format!(
                            "{} is no time; write 2026-11-23, 2h, 3d, today, yesterday or a time \
                             such as 2026-11-23T09:00:00Z",
                            name.text
                        ),
                        at,
                    ));
                };
                if key == "after" {
                    Leaf::After(moment)
                } else {
                    Leaf::Before(moment)
                }
            }
        };
        Ok(leaf)
    }

    fn path(&mut self) -> Result<Option<Leaf>> {
        let start = self.at;
        let rest = self.rest();
        if !rest.starts_with("$.") && !rest.starts_with("$[") {
            return self.bare();
        }
        let found = path::read(rest);
        let Some((path, length)) = found.filter(|(_, length)| {
            rest.get(*length..)
                .is_some_and(|rest| rest.starts_with(':'))
        }) else {
            self.chunk();
            return Err(self.error(
                Code::QueryPath,
                "a path is written as $.name:value, $.list[0].name:value or $[\"odd name\"]:value",
                start..self.at,
            ));
        };
        self.at += length + 1;
        let (value, at) = self.value()?;
        if at.is_empty() {
            return Err(self.error(
                Code::QueryValue,
                "the path has no value; write it right after the colon, or * for any",
                start..at.end,
            ));
        }
        Ok(Some(Leaf::Path { path, value }))
    }

    fn error(&self, code: Code, message: impl Into<String>, at: Range<usize>) -> Error {
        let units = |end: usize| {
            let head = self.text.get(..end).unwrap_or(self.text);
            u32::try_from(head.encode_utf16().count()).unwrap_or(u32::MAX)
        };
        Error::new(code, message).within((units(at.start), units(at.end)))
    }
}

/// The keys there are, besides paths.
const KEYS: [&str; 7] = ["source", "event", "level", "rule", "is", "after", "before"];

fn level(text: &str) -> Option<Leaf> {
    let text = text.to_ascii_lowercase();
    let (word, open) = match text.strip_suffix(['+', '-']) {
        Some(word) => (word, text.ends_with('+').then_some(true).or(Some(false))),
        None => (text.as_str(), None),
    };
    let level = match word {
        "low" => Severity::Low,
        "normal" => Severity::Normal,
        "high" => Severity::High,
        "critical" => Severity::Critical,
        _ => return None,
    };
    Some(match open {
        None => Leaf::Level(level, level),
        Some(true) => Leaf::Level(level, Severity::Critical),
        Some(false) => Leaf::Level(Severity::Low, level),
    })
}

fn is(text: &str) -> Option<Is> {
    Some(match text.to_ascii_lowercase().as_str() {
        "unread" => Is::Unread,
        "read" => Is::Read,
        "pinned" => Is::Pinned,
        "quiet" | "quieted" => Is::Quiet,
        "replayed" => Is::Replayed,
        "truncated" => Is::Truncated,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
