//! Rules applied to one event: the same for the pipeline and for every preview.

use std::{cell::OnceCell, cmp::Ordering};

use jiff::tz::TimeZone;
use serde_json::{Number, Value};

use super::{
    Folded, Looked, Matched, Operator, Outcome, Passed, Rates, Trace,
    compile::{Compiled, Field, Node, Ready, Same, Test, Wanted},
    rates,
    trace::PASSED_MAX,
};
use crate::{
    json_path::Found,
    model::{Decision, Loudness, Notification, Ring, Severity, SourceId, Timestamp, Verdict},
};

/// How much of a text is looked at, so that no event takes long. Bytes.
const LOOKED_AT: usize = 64 * 1024;
/// Tests of a matching rule that a trace names.
const REASONS_MAX: usize = 5;

/// An event as the rules see it.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    /// Where it came from.
    pub source: SourceId,
    /// What that source is called.
    pub source_name: &'a str,
    /// Event type.
    pub event: &'a str,
    /// What it says to a person.
    pub notification: &'a Notification,
    /// Data, as sent.
    pub data: &'a str,
    /// The data, where they are JSON.
    pub json: Option<&'a Value>,
}

/// When an event is judged.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// When it arrived.
    pub at: Timestamp,
    /// Whose hours count where a rule names none.
    pub zone: &'a TimeZone,
}

/// What the rules decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What becomes of the event.
    pub outcome: Outcome,
    /// The severity it has now.
    pub severity: Severity,
    /// How it rings, if it does.
    pub ring: Ring,
    /// Why; none where there were no rules.
    pub trace: Option<Trace>,
}

impl Judgement {
    /// What is left of it at the loudness of its source, and that this was why.
    #[must_use]
    pub fn at(mut self, loudness: Loudness) -> Self {
        let outcome = self.outcome.at(loudness);
        if outcome == self.outcome {
            return self;
        }
        self.outcome = outcome;
        self.ring = Ring::default();
        let trace = self.trace.take().unwrap_or_else(|| Trace {
            outcome,
            rule: None,
            folded: None,
            loudness: None,
            passed: Vec::new(),
            more: 0,
        });
        self.trace = Some(Trace {
            outcome,
            folded: None,
            loudness: Some(loudness),
            ..trace
        });
        self
    }

    /// What is stored with the event; none: the event is not stored.
    pub fn into_decision(self) -> Option<Decision> {
        let verdict = match self.outcome {
            Outcome::Notify => Verdict::Notify,
            Outcome::Quiet => Verdict::Quiet,
            Outcome::Drop => return None,
        };
        let trace = self.trace.as_ref();
        Some(Decision {
            verdict,
            ring: self.ring,
            rule: trace.and_then(|trace| Some(trace.rule.as_ref()?.name.clone())),
            trace: trace.and_then(|trace| serde_json::to_string(trace).ok()),
        })
    }
}

/// Judges an event and says why. Given the same rates it answers the same.
pub fn evaluate(
    compiled: &Compiled,
    event: &Event<'_>,
    moment: Moment<'_>,
    rates: &mut Rates,
) -> Judgement {
    let view = View::new(compiled, event);
    let found = find(compiled, &view, moment);
    let (outcome, folded) = settle(found.map(|(_, ready)| ready), &view, moment, rates);
    let rule = found.map(|(_, ready)| &ready.rule);
    Judgement {
        outcome,
        severity: rule
            .and_then(|rule| rule.severity)
            .unwrap_or(event.notification.severity),
        ring: match outcome {
            Outcome::Notify => rule.map(super::Rule::ring).unwrap_or_default(),
            Outcome::Quiet | Outcome::Drop => Ring::default(),
        },
        trace: (!compiled.rules.is_empty()).then(|| {
            let before = found.map_or(compiled.rules.len(), |(at, _)| at);
            let (passed, more) = passed(
                compiled.rules.get(..before).unwrap_or_default(),
                &view,
                moment,
            );
            Trace {
                outcome,
                rule: found.map(|(_, ready)| matched(ready, &view)),
                folded,
                loudness: None,
                passed,
                more,
            }
        }),
    }
}

/// Judges an event without saying why: its fate and the place of the rule that decided.
pub(crate) fn decide(
    compiled: &Compiled,
    event: &Event<'_>,
    moment: Moment<'_>,
    rates: &mut Rates,
) -> (Outcome, Option<usize>) {
    let view = View::new(compiled, event);
    let ready = find(compiled, &view, moment).map(|(_, ready)| ready);
    let (outcome, _) = settle(ready, &view, moment, rates);
    (outcome, ready.map(|ready| ready.index))
}

fn find<'c>(
    compiled: &'c Compiled,
    view: &View<'_, '_>,
    moment: Moment<'_>,
) -> Option<(usize, &'c Ready)> {
    compiled
        .rules
        .iter()
        .enumerate()
        .find(|(_, ready)| is_active(ready, moment) && view.holds(&ready.when))
}

fn is_active(ready: &Ready, moment: Moment<'_>) -> bool {
    ready
        .hours
        .as_ref()
        .is_none_or(|hours| hours.hold(moment.at, moment.zone))
}

/// What a rule says, after its rate.
fn settle(
    ready: Option<&Ready>,
    view: &View<'_, '_>,
    moment: Moment<'_>,
    rates: &mut Rates,
) -> (Outcome, Option<Folded>) {
    let Some(ready) = ready else {
        return (Outcome::Notify, None);
    };
    let Some((limit, per)) = &ready.rate else {
        return (ready.rule.then, None);
    };
    let key = per.map(|field| view.text_of(field)).unwrap_or_default();
    let event = view.event;
    let said = (
        event.source,
        &event.notification.title,
        &event.notification.body,
    );
    match rates.ask(ready.rule.id, limit, &key, rates::hash(&said), moment.at) {
        Some(folded) => (Outcome::Quiet, Some(folded)),
        None => (ready.rule.then, None),
    }
}

fn matched(ready: &Ready, view: &View<'_, '_>) -> Matched {
    let mut because = Vec::new();
    view.reasons(&ready.when, true, false, &mut because);
    Matched {
        place: place(ready),
        id: Some(ready.rule.id),
        name: ready.rule.name.clone(),
        because,
    }
}

/// The first rules that did not match, and how many more; those about other sources are counted.
fn passed(before: &[Ready], view: &View<'_, '_>, moment: Moment<'_>) -> (Vec<Passed>, u32) {
    let mut named = Vec::new();
    for ready in before {
        if named.len() == PASSED_MAX {
            break;
        }
        let failed = is_active(ready, moment).then(|| {
            let mut reasons = Vec::new();
            view.reasons(&ready.when, false, false, &mut reasons);
            reasons.into_iter().next()
        });
        let failed = failed.flatten();
        if failed
            .as_ref()
            .is_some_and(|looked| looked.field == "source")
        {
            continue;
        }
        named.push(Passed {
            place: place(ready),
            name: ready.rule.name.clone(),
            failed,
        });
    }
    let more = u32::try_from(before.len() - named.len()).unwrap_or(u32::MAX);
    (named, more)
}

fn place(ready: &Ready) -> u32 {
    u32::try_from(ready.index)
        .unwrap_or(u32::MAX)
        .saturating_add(1)
}

/// An event with what the paths of the rules found in it, each looked up once, when asked for.
struct View<'c, 'a> {
    compiled: &'c Compiled,
    event: &'c Event<'a>,
    found: Vec<OnceCell<Found<'a>>>,
}

/// A value of a field.
#[derive(Debug, Clone, Copy)]
enum Seen<'a> {
    Text(&'a str),
    Number(&'a Number),
    Flag(bool),
    Level(Severity),
    /// An object: it is there, and no text.
    Thing,
}

impl<'c, 'a> View<'c, 'a> {
    fn new(compiled: &'c Compiled, event: &'c Event<'a>) -> Self {
        Self {
            compiled,
            event,
            found: vec![OnceCell::new(); compiled.paths.len()],
        }
    }

    fn holds(&self, node: &Node) -> bool {
        match node {
            Node::All(nodes) => nodes.iter().all(|node| self.holds(node)),
            Node::Any(nodes) => nodes.iter().any(|node| self.holds(node)),
            Node::Not(node) => !self.holds(node),
            Node::Test(test) => self.passes(test),
        }
    }

    fn passes(&self, test: &Test) -> bool {
        match (test.op, &test.wanted) {
            (Operator::Exists, _) => self.any(
                test.field,
                |seen| !matches!(seen, Seen::Text(text) if text.trim().is_empty()),
            ),
            (Operator::IsNot, Wanted::One(same)) => {
                !self.any(test.field, |seen| self.is_same(seen, same))
            }
            (_, Wanted::One(same)) => self.any(test.field, |seen| self.is_same(seen, same)),
            (_, Wanted::Many(many)) => self.any(test.field, |seen| {
                many.iter().any(|same| self.is_same(seen, same))
            }),
            (_, Wanted::Pattern(pattern)) => self.any(test.field, |seen| match seen {
                Seen::Text(text) => pattern.is_match(head(text)),
                Seen::Number(number) => pattern.is_match(&number.to_string()),
                Seen::Flag(flag) => pattern.is_match(if flag { "true" } else { "false" }),
                Seen::Level(level) => pattern.is_match(word(level)),
                Seen::Thing => false,
            }),
            (op, Wanted::Level(wanted)) => self.any(test.field, |seen| match seen {
                Seen::Level(level) => is_as(op, Some(level.cmp(wanted))),
                _ => false,
            }),
            (op, Wanted::Number(wanted)) => self.any(test.field, |seen| match seen {
                Seen::Number(number) => is_as(op, compare(number, wanted)),
                Seen::Text(text) => {
                    parse_number(text).is_some_and(|number| is_as(op, compare(&number, wanted)))
                }
                _ => false,
            }),
            (_, Wanted::Something) => false,
        }
    }

    /// Whether one of the field's values is such.
    fn any(&self, field: Field, mut is: impl FnMut(Seen<'a>) -> bool) -> bool {
        let shown = self.event.notification;
        match field {
            Field::Source => is(Seen::Text(self.event.source_name)),
            Field::Event => is(Seen::Text(self.event.event)),
            Field::Severity => is(Seen::Level(shown.severity)),
            Field::Title => is(Seen::Text(&shown.title)),
            Field::Body => is(Seen::Text(&shown.body)),
            Field::Url => shown.url.as_deref().is_some_and(|url| is(Seen::Text(url))),
            Field::Tags => shown.tags.iter().any(|tag| is(Seen::Text(tag))),
            Field::Text => {
                is(Seen::Text(&shown.title))
                    || is(Seen::Text(&shown.body))
                    || is(Seen::Text(self.event.data))
            }
            Field::Json(path) => self.json(path).is_some_and(|found| {
                found.values().iter().any(|value| match value {
                    // The members of a list count as values of the field.
                    Value::Array(list) => list.iter().filter_map(seen).any(&mut is),
                    value => seen(value).is_some_and(&mut is),
                })
            }),
        }
    }

    fn json(&self, path: usize) -> Option<&Found<'a>> {
        let json = self.event.json?;
        let found = self.found.get(path)?;
        let path = self.compiled.paths.get(path)?;
        Some(found.get_or_init(|| path.find(json)))
    }

    fn is_same(&self, seen: Seen<'_>, same: &Same) -> bool {
        if same
            .source
            .is_some_and(|source| source == self.event.source)
        {
            return true;
        }
        match seen {
            Seen::Text(text) => same_text(text, &same.text),
            Seen::Number(number) => same
                .number
                .as_ref()
                .is_some_and(|wanted| compare(number, wanted) == Some(Ordering::Equal)),
            Seen::Flag(flag) => same.text == if flag { "true" } else { "false" },
            Seen::Level(level) => same.text == word(level),
            Seen::Thing => false,
        }
    }

    /// The field's values as one text.
    fn text_of(&self, field: Field) -> String {
        let mut text = String::new();
        self.any(field, |seen| {
            if !text.is_empty() {
                text.push_str(", ");
            }
            match seen {
                Seen::Text(value) => text.push_str(head(value)),
                Seen::Number(number) => text.push_str(&number.to_string()),
                Seen::Flag(flag) => text.push_str(if flag { "true" } else { "false" }),
                Seen::Level(level) => text.push_str(word(level)),
                Seen::Thing => text.push_str("{…}"),
            }
            text.len() > LOOKED_AT
        });
        text
    }

    /// The tests that make a condition hold, or the first that keeps it from holding.
    fn reasons(&self, node: &Node, holds: bool, negated: bool, reasons: &mut Vec<Looked>) {
        match node {
            Node::Not(inner) => self.reasons(inner, !holds, !negated, reasons),
            Node::Test(test) => reasons.push(Looked {
                field: test.name.clone(),
                op: test.op,
                value: test.value.clone(),
                seen: Some(self.text_of(test.field))
                    .filter(|text| !text.is_empty())
                    .map(|text| super::clip(&text)),
                negated,
            }),
            // All of them made it hold, or made it fail.
            Node::All(nodes) if holds => self.each(nodes, holds, negated, reasons),
            Node::Any(nodes) if !holds => self.each(nodes, holds, negated, reasons),
            // One of them did.
            Node::All(nodes) | Node::Any(nodes) => {
                if let Some(node) = nodes.iter().find(|node| self.holds(node) == holds) {
                    self.reasons(node, holds, negated, reasons);
                }
            }
        }
    }

    fn each(&self, nodes: &[Node], holds: bool, negated: bool, reasons: &mut Vec<Looked>) {
        for node in nodes {
            if reasons.len() < REASONS_MAX {
                self.reasons(node, holds, negated, reasons);
            }
        }
    }
}

fn seen(value: &Value) -> Option<Seen<'_>> {
    match value {
        Value::Null => None,
        Value::Bool(flag) => Some(Seen::Flag(*flag)),
        Value::Number(number) => Some(Seen::Number(number)),
        Value::String(text) => Some(Seen::Text(text)),
        Value::Array(_) | Value::Object(_) => Some(Seen::Thing),
    }
}

fn is_as(op: Operator, ordering: Option<Ordering>) -> bool {
    match op {
        Operator::Greater => ordering == Some(Ordering::Greater),
        Operator::Less => ordering == Some(Ordering::Less),
        _ => false,
    }
}

/// `lower` is in lower case already.
fn same_text(text: &str, lower: &str) -> bool {
    if text.is_ascii() {
        return text.eq_ignore_ascii_case(lower);
    }
    text.len() <= LOOKED_AT && text.to_lowercase() == lower
}

/// Whole numbers are compared exactly, others as floating point.
fn compare(one: &Number, other: &Number) -> Option<Ordering> {
    match (one.as_i128(), other.as_i128()) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        _ => one.as_f64()?.partial_cmp(&other.as_f64()?),
    }
}

pub(super) fn parse_number(text: &str) -> Option<Number> {
    let text = text.trim();
    if text.len() > 64 {
        return None;
    }
    if let Ok(whole) = text.parse::<i64>() {
        return Some(whole.into());
    }
    Number::from_f64(text.parse().ok()?)
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Normal => "normal",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

fn head(text: &str) -> &str {
    text.get(..text.floor_char_boundary(LOOKED_AT))
        .unwrap_or(text)
}
