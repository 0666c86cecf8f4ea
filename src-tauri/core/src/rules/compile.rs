//! Rules made ready once per change of the settings: paths and patterns parsed, what cannot work
//! refused in words that name the rule and the place in it.

use regex::{Regex, RegexBuilder};
use serde_json::Number;

use super::{AtMost, Condition, Operand, Operator, Outcome, RULES_MAX, Rule, Scalar, hours::Hours};
use crate::{
    error::{Code, Error, Result},
    json_path::Path,
    model::{Severity, Sound, SourceId},
};

/// Most tests of one rule.
const TESTS_MAX: usize = 200;
/// Deepest nesting of conditions.
const DEPTH_MAX: usize = 16;
/// Most members of a list, and characters of a text or pattern.
const LIST_MAX: usize = 500;
const TEXT_MAX: usize = 1000;
/// Most bytes a compiled pattern may take.
const PATTERN_SIZE: usize = 1 << 20;
/// Longest name. Characters.
const NAME_MAX: usize = 80;
/// Most events a rate counts, and longest period of one. Seconds.
const COUNT_MAX: u32 = 1000;
const PERIOD_MAX: u32 = 31 * 24 * 3600;

/// Rules ready to be evaluated.
#[derive(Debug, Clone, Default)]
pub struct Compiled {
    pub(super) rules: Vec<Ready>,
    /// Every path that a rule needs, once.
    pub(super) paths: Vec<Path>,
}

impl Compiled {
    /// Whether any rule looks into JSON data.
    pub fn needs_json(&self) -> bool {
        !self.paths.is_empty()
    }
}

/// An enabled rule.
#[derive(Debug, Clone)]
pub(super) struct Ready {
    /// Its place in the whole order, from 0.
    pub(super) index: usize,
    pub(super) rule: Rule,
    pub(super) when: Node,
    pub(super) hours: Option<Hours>,
    pub(super) rate: Option<(AtMost, Option<Field>)>,
}

#[derive(Debug, Clone)]
pub(super) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Test(Test),
}

#[derive(Debug, Clone)]
pub(super) struct Test {
    pub(super) field: Field,
    pub(super) op: Operator,
    pub(super) wanted: Wanted,
    /// As it was written, for the trace.
    pub(super) name: String,
    pub(super) value: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Source,
    Event,
    Severity,
    Title,
    Body,
    Url,
    Tags,
    Text,
    /// Number of a path.
    Json(usize),
}

#[derive(Debug, Clone)]
pub(super) enum Wanted {
    Something,
    One(Same),
    Many(Vec<Same>),
    Pattern(Regex),
    Number(Number),
    Level(Severity),
}

/// A value to be equal to.
#[derive(Debug, Clone)]
pub(super) struct Same {
    /// In lower case.
    pub(super) text: String,
    pub(super) number: Option<Number>,
    pub(super) source: Option<SourceId>,
}

/// Makes rules ready. A rule that cannot work is left out; why is said for each.
pub fn compile(rules: &[Rule]) -> (Compiled, Vec<Error>) {
    let mut compiled = Compiled::default();
    let mut errors = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        let paths_before = compiled.paths.len();
        match ready(index, rule, &mut compiled.paths) {
            Ok(ready) if rule.enabled => compiled.rules.push(ready),
            Ok(_) => compiled.paths.truncate(paths_before),
            Err(why) => {
                compiled.paths.truncate(paths_before);
                let name = super::clip(&rule.name);
                let part = why.split_once(": ").map_or("", |(part, _)| part);
                errors.push(
                    Error::new(Code::InvalidRule, format!("rule {name}: {why}"))
                        .at(format!("rules[{index}].{part}")),
                );
            }
        }
    }
    (compiled, errors)
}

/// Refuses rules that must never be saved: each alone, and all together.
///
/// # Errors
/// `InvalidRule` with the name of the rule and the place in it, or `TooMany`.
pub fn check(rules: &[Rule]) -> Result<()> {
    if rules.len() > RULES_MAX {
        return Err(Error::new(
            Code::TooMany,
            format!("there can be at most {RULES_MAX} rules; remove one first"),
        ));
    }
    let mut ids = std::collections::HashSet::new();
    for rule in rules {
        if !ids.insert(rule.id) {
            return Err(Error::new(
                Code::InvalidRule,
                format!("two rules have the id {}; leave one out", rule.id),
            ));
        }
    }
    match compile(rules).1.into_iter().next() {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

fn ready(index: usize, rule: &Rule, paths: &mut Vec<Path>) -> Result<Ready, String> {
    check_shape(rule)?;
    let mut left = TESTS_MAX;
    let when = node(&rule.when, "when", DEPTH_MAX, &mut left, paths)?;
    let hours = rule.active.as_ref().map(Hours::parse).transpose();
    let rate = match &rule.at_most {
        None => None,
        Some(limit) => {
            let key = limit.per.as_deref().map(|name| field(name, paths));
            let key = key
                .transpose()
                .map_err(|why| format!("at_most.per: {why}"))?;
            Some((limit.clone(), key))
        }
    };
    Ok(Ready {
        index,
        rule: rule.clone(),
        when,
        hours: hours.map_err(|why| format!("active: {why}"))?,
        rate,
    })
}

/// What must not stand together.
fn check_shape(rule: &Rule) -> Result<(), String> {
    if rule.name.trim().is_empty() || rule.name.chars().any(char::is_control) {
        return Err("name: give it a name of visible characters".to_owned());
    }
    if rule.name.chars().count() > NAME_MAX {
        return Err(format!("name: it is longer than {NAME_MAX} characters"));
    }
    if rule.then != Outcome::Notify {
        for (name, given) in [
            ("sound", rule.sound != Sound::Default),
            ("sticky", rule.sticky),
            ("break_through", rule.break_through),
            ("at_most", rule.at_most.is_some()),
        ] {
            if given {
                return Err(format!(
                    "{name}: it says how events ring, but they do not; leave it out or set then to notify"
                ));
            }
        }
    }
    if rule.then == Outcome::Drop && rule.severity.is_some() {
        return Err("severity: what is dropped has none; leave it out".to_owned());
    }
    if let Sound::Named(name) = &rule.sound {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 64 || !name.chars().all(fits) {
            return Err("sound: it is a name such as message-new-instant, not a file".to_owned());
        }
    }
    if let Some(limit) = &rule.at_most {
        if !(1..=COUNT_MAX).contains(&limit.count) {
            return Err(format!("at_most.count: it lies between 1 and {COUNT_MAX}"));
        }
        if !(1..=PERIOD_MAX).contains(&limit.seconds) {
            return Err(format!(
                "at_most.seconds: it lies between 1 and {PERIOD_MAX}"
            ));
        }
    }
    Ok(())
}

fn node(
    condition: &Condition,
    place: &str,
    depth: usize,
    left: &mut usize,
    paths: &mut Vec<Path>,
) -> Result<Node, String> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(format!(
            "{place}: conditions are nested deeper than {DEPTH_MAX}; simplify them"
        ));
    };
    let mut each = |word: &str, conditions: &[Condition]| {
        conditions
            .iter()
            .enumerate()
            .map(|(at, one)| node(one, &format!("{place}.{word}[{at}]"), depth, left, paths))
            .collect::<Result<Vec<_>, _>>()
    };
    Ok(match condition {
        Condition::All { all } => Node::All(each("all", all)?),
        Condition::Any { any } => Node::Any(each("any", any)?),
        Condition::Not { not } => Node::Not(Box::new(node(
            not,
            &format!("{place}.not"),
            depth,
            left,
            paths,
        )?)),
        Condition::Test {
            field: name,
            op,
            value,
        } => {
            *left = left
                .checked_sub(1)
                .ok_or_else(|| format!("{place}: a rule has at most {TESTS_MAX} tests"))?;
            let test = test(name, *op, value.as_ref(), paths);
            Node::Test(test.map_err(|why| format!("{place}: {why}"))?)
        }
    })
}

fn field(name: &str, paths: &mut Vec<Path>) -> Result<Field, String> {
    Ok(match name {
        "source" => Field::Source,
        "event" => Field::Event,
        "severity" => Field::Severity,
        "title" => Field::Title,
        "body" => Field::Body,
        "url" => Field::Url,
        "tags" => Field::Tags,
        "text" => Field::Text,
        path if path.starts_with('$') => {
            let known = paths.iter().position(|one| one.as_str() == path);
            let at = known.unwrap_or(paths.len());
            if known.is_none() {
                paths.push(Path::parse(path)?);
            }
            Field::Json(at)
        }
        other => {
            return Err(format!(
                "there is no field {}; use source, event, severity, title, body, url, tags, text \
                 or a path such as $.host",
                super::clip(other)
            ));
        }
    })
}

fn test(
    name: &str,
    op: Operator,
    value: Option<&Operand>,
    paths: &mut Vec<Path>,
) -> Result<Test, String> {
    let field = field(name, paths)?;
    let wanted = wanted(field, op, value)?;
    let value = value.map(|value| match value {
        Operand::One(one) => super::clip(&one.to_string()),
        Operand::Many(many) => {
            let words: Vec<String> = many.iter().take(20).map(ToString::to_string).collect();
            super::clip(&words.join(", "))
        }
    });
    Ok(Test {
        field,
        op,
        wanted,
        name: name.to_owned(),
        value,
    })
}

fn wanted(field: Field, op: Operator, value: Option<&Operand>) -> Result<Wanted, String> {
    let word = op.as_str();
    if op == Operator::Exists {
        return match value {
            None => Ok(Wanted::Something),
            Some(_) => Err("exists takes no value; leave it out, or put it under not".to_owned()),
        };
    }
    if op == Operator::In {
        let Some(Operand::Many(list)) = value else {
            return Err("in takes a list of values".to_owned());
        };
        if list.len() > LIST_MAX {
            return Err(format!("in takes at most {LIST_MAX} values"));
        }
        let same: Result<Vec<Same>, String> = list.iter().map(|one| same(field, one)).collect();
        return same.map(Wanted::Many);
    }
    let Some(Operand::One(one)) = value else {
        return Err(format!(
            "{word} takes one value; for several use in, or any"
        ));
    };
    match op {
        Operator::Is | Operator::IsNot => same(field, one).map(Wanted::One),
        Operator::Contains | Operator::StartsWith => {
            let text = bounded(&one.to_string())?;
            if text.is_empty() {
                return Err(format!("{word} takes a text; this one is empty"));
            }
            let anchor = if op == Operator::StartsWith {
                r"\A"
            } else {
                ""
            };
            pattern(&format!("{anchor}(?i:{})", regex::escape(&text)))
        }
        Operator::Matches => pattern(&bounded(&one.to_string())?),
        Operator::Greater | Operator::Less if field == Field::Severity => {
            level(one).map(Wanted::Level)
        }
        Operator::Greater | Operator::Less => number(one).map(Wanted::Number).ok_or_else(|| {
            format!("{word} takes a number, or for severity low, normal, high or critical")
        }),
        Operator::Exists | Operator::In => Ok(Wanted::Something),
    }
}

fn bounded(text: &str) -> Result<String, String> {
    if text.chars().count() > TEXT_MAX {
        return Err(format!(
            "the text or pattern has more than {TEXT_MAX} characters; shorten it"
        ));
    }
    Ok(text.to_owned())
}

fn pattern(text: &str) -> Result<Wanted, String> {
    let built = RegexBuilder::new(text)
        .size_limit(PATTERN_SIZE)
        .dfa_size_limit(PATTERN_SIZE)
        .nest_limit(50)
        .build();
    match built {
        Ok(regex) => Ok(Wanted::Pattern(regex)),
        Err(regex::Error::CompiledTooBig(_)) => {
            Err("the pattern grows too large; use smaller repetitions such as {1,20}".to_owned())
        }
        Err(error) => {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default();
            let reason = reason.trim_start_matches("error: ");
            Err(format!(
                "{} is no regular expression: {reason}",
                super::clip(text)
            ))
        }
    }
}

fn same(field: Field, value: &Scalar) -> Result<Same, String> {
    let text = bounded(&value.to_string())?;
    if field == Field::Severity {
        level(value)?;
    }
    Ok(Same {
        source: (field == Field::Source)
            .then(|| text.parse().ok())
            .flatten(),
        text: text.to_lowercase(),
        number: number(value),
    })
}

fn level(value: &Scalar) -> Result<Severity, String> {
    serde_json::from_value(serde_json::Value::String(value.to_string().to_lowercase())).map_err(
        |_| {
            format!(
                "{} is no severity; use low, normal, high or critical",
                super::clip(&value.to_string())
            )
        },
    )
}

fn number(value: &Scalar) -> Option<Number> {
    match value {
        Scalar::Number(number) => Some(number.clone()),
        Scalar::Text(text) => super::evaluate::parse_number(text),
        Scalar::Flag(_) => None,
    }
}
