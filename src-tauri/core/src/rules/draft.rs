//! A rule out of an event, and the fields that events have to make conditions of.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::{Condition, Operand, Operator, Outcome, Rule, Scalar, clip};
use crate::{
    ipc::{EventDetail, FieldSeen},
    json_path::{Path, child},
};

/// Deepest members looked at.
const DEPTH_MAX: usize = 5;
/// Most paths told.
const FIELDS_MAX: usize = 200;
/// Most members of one list, and different values of one path, looked at.
const MEMBERS_MAX: usize = 20;
const VALUES_MAX: usize = 50;
/// Values told of each path.
const SAMPLES: usize = 5;
/// Longest text a condition of a draft compares with. Characters.
const VALUE_MAX: usize = 200;

/// Collects the paths that lead to values in events.
#[derive(Debug, Default)]
pub struct Fields {
    paths: BTreeMap<String, Values>,
}

#[derive(Debug, Default)]
struct Values {
    events: u32,
    /// The event that was counted last.
    last: u32,
    counts: HashMap<String, u32>,
}

impl Fields {
    /// Adds an event's data; `number` is another one for each event, from 1.
    pub fn add(&mut self, number: u32, json: &Value) {
        self.walk("$", json, DEPTH_MAX, number);
    }

    fn walk(&mut self, path: &str, value: &Value, depth: usize, number: u32) {
        match value {
            Value::Object(object) if depth > 0 => {
                for (name, value) in object {
                    self.walk(&child(path, name), value, depth - 1, number);
                }
            }
            Value::Array(list) if depth > 0 => {
                for value in list.iter().take(MEMBERS_MAX) {
                    self.walk(&format!("{path}[*]"), value, depth - 1, number);
                }
            }
            Value::Null | Value::Object(_) | Value::Array(_) => {}
            value => self.count(path, value, number),
        }
    }

    fn count(&mut self, path: &str, value: &Value, number: u32) {
        if Path::parse(path).is_err()
            || self.paths.len() >= FIELDS_MAX && !self.paths.contains_key(path)
        {
            return;
        }
        let values = self.paths.entry(path.to_owned()).or_default();
        if values.last != number {
            values.last = number;
            values.events += 1;
        }
        let text = match value {
            Value::String(text) => clip(text),
            other => clip(&other.to_string()),
        };
        if values.counts.len() < VALUES_MAX || values.counts.contains_key(&text) {
            *values.counts.entry(text).or_default() += 1;
        }
    }

    /// What was found: in most events first.
    pub fn finish(self) -> Vec<FieldSeen> {
        let mut fields: Vec<FieldSeen> = self
            .paths
            .into_iter()
            .map(|(path, values)| {
                let mut samples: Vec<(String, u32)> = values.counts.into_iter().collect();
                samples.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(&other.0)));
                FieldSeen {
                    path,
                    events: values.events,
                    samples: samples.into_iter().take(SAMPLES).map(|one| one.0).collect(),
                }
            })
            .collect();
        fields.sort_by_key(|field| std::cmp::Reverse(field.events));
        fields
    }
}

/// A rule about events like this one: of its source, and with the same value in this field, or,
/// without a field, with its type and title.
pub fn draft(event: &EventDetail, field: Option<&str>, then: Outcome) -> Rule {
    let mut all = vec![Condition::test(
        "source",
        Operator::Is,
        event.row.source.to_string().as_str(),
    )];
    if let Some(field) = field {
        all.push(value_test(event, field));
        return named(&format!("{field}: {}", event.full_title), all, then);
    }
    if event.row.event != "message" {
        all.push(Condition::test(
            "event",
            Operator::Is,
            event.row.event.as_str(),
        ));
    }
    all.push(value_test(event, "title"));
    named(&event.full_title, all, then)
}

fn named(name: &str, all: Vec<Condition>, then: Outcome) -> Rule {
    let visible = name.chars().filter(|c| !c.is_control()).take(60);
    let name: String = visible.collect();
    Rule {
        when: Condition::All { all },
        ..Rule::new(name.trim(), then)
    }
}

/// The field is what it is in this event; a long text begins as it does.
fn value_test(event: &EventDetail, field: &str) -> Condition {
    let exists = || Condition::Test {
        field: field.to_owned(),
        op: Operator::Exists,
        value: None,
    };
    let text = |text: &str| match text.char_indices().nth(VALUE_MAX) {
        None => Condition::test(field, Operator::Is, text),
        Some((end, _)) => Condition::test(
            field,
            Operator::StartsWith,
            text.get(..end).unwrap_or_default(),
        ),
    };
    match field {
        "source" => Condition::test(field, Operator::Is, event.row.source.to_string().as_str()),
        "event" => text(&event.row.event),
        "title" => text(&event.full_title),
        "body" if !event.body.is_empty() => text(&event.body),
        "url" => event.url.as_deref().map_or_else(exists, text),
        "severity" => Condition::Test {
            field: field.to_owned(),
            op: Operator::Is,
            value: serde_json::to_value(event.row.severity)
                .ok()
                .and_then(|word| Some(Operand::One(Scalar::from(word.as_str()?)))),
        },
        "tags" if !event.tags.is_empty() => Condition::Test {
            field: field.to_owned(),
            op: Operator::In,
            value: Some(Operand::Many(
                event.tags.iter().map(|tag| tag.as_str().into()).collect(),
            )),
        },
        path => {
            let json: Option<Value> = serde_json::from_str(&event.data).ok();
            let path = Path::parse(path).ok();
            let found = json.as_ref().zip(path.as_ref());
            let found = found.and_then(|(json, path)| path.find(json).values().first().copied());
            match found {
                Some(Value::String(value)) if !value.trim().is_empty() => text(value),
                Some(Value::Number(number)) => Condition::Test {
                    field: field.to_owned(),
                    op: Operator::Is,
                    value: Some(Operand::One(Scalar::Number(number.clone()))),
                },
                Some(Value::Bool(flag)) => Condition::test(field, Operator::Is, *flag),
                _ => exists(),
            }
        }
    }
}
