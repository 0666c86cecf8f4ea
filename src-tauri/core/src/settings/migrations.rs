//! From the members of a file to the document: older layouts step by step, newer ones refused.

use serde_json::{Map, Value};

use crate::settings::document::{SCHEMA, Settings};

/// Turns a document of one schema into one of the next. Pure: no file, no clock.
type Step = fn(Map<String, Value>) -> Result<Map<String, Value>, &'static str>;

/// The first step leads from schema 1 to schema 2. Each schema ever released keeps its file in
/// `tests/fixtures/settings`, and all of those open as the same document.
const STEPS: &[Step] = &[];

/// What an intact file holds.
#[derive(Debug, PartialEq)]
pub(crate) enum Understood {
    /// A document of this version's schema.
    Document(Box<Settings>),
    /// Something a newer version must have written: to be read by that one only.
    Newer,
    /// No settings at all, and why.
    Nothing(&'static str),
}

/// Members of this version's schema, or why there are none.
#[derive(Debug, PartialEq)]
pub(crate) enum Lifted {
    Current(Map<String, Value>),
    Newer,
    Nothing(&'static str),
}

/// Takes members through every step up to this version's schema.
pub(crate) fn lift(members: Map<String, Value>) -> Lifted {
    let Some(schema) = members.get("schema").and_then(Value::as_u64) else {
        return Lifted::Nothing("it names no schema");
    };
    if schema > u64::from(SCHEMA) {
        return Lifted::Newer;
    }
    match climb(STEPS, schema, members) {
        Ok(members) => Lifted::Current(members),
        Err(reason) => Lifted::Nothing(reason),
    }
}

/// Reads the members of an intact file.
///
/// An intact file of our own schema that still does not parse counts as newer, not as broken: its
/// checksum says that it is just what some version wrote.
pub(crate) fn understand(members: Map<String, Value>) -> Understood {
    let current = match lift(members) {
        Lifted::Current(members) => members,
        Lifted::Newer => return Understood::Newer,
        Lifted::Nothing(reason) => return Understood::Nothing(reason),
    };
    match serde_json::from_value(Value::Object(current)) {
        Ok(document) => Understood::Document(Box::new(document)),
        Err(error) => {
            tracing::warn!(%error, "intact settings that this version does not understand");
            Understood::Newer
        }
    }
}

fn climb(
    steps: &[Step],
    schema: u64,
    mut members: Map<String, Value>,
) -> Result<Map<String, Value>, &'static str> {
    let done = schema
        .checked_sub(1)
        .and_then(|done| usize::try_from(done).ok())
        .ok_or("there never was a schema 0")?;
    for (step, next) in steps.iter().zip(2_u64..).skip(done) {
        members = step(members)?;
        members.insert("schema".to_owned(), next.into());
    }
    Ok(members)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn members(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn an_old_document_takes_every_step_from_its_own_schema_on() {
        let steps: &[Step] = &[
            |mut m| {
                m.insert("two".to_owned(), true.into());
                Ok(m)
            },
            |mut m| {
                m.insert("three".to_owned(), m.contains_key("two").into());
                Ok(m)
            },
        ];

        let first = climb(steps, 1, members(&json!({"schema": 1, "kept": 7}))).unwrap();
        let second = climb(steps, 2, members(&json!({"schema": 2}))).unwrap();
        let third = climb(steps, 3, members(&json!({"schema": 3}))).unwrap();

        assert_eq!(
            Value::Object(first),
            json!({"schema": 3, "kept": 7, "two": true, "three": true})
        );
        assert_eq!(Value::Object(second), json!({"schema": 3, "three": false}));
        assert_eq!(Value::Object(third), json!({"schema": 3}));
    }

    #[test]
    fn there_is_a_step_from_every_schema_to_the_next() {
        assert_eq!(STEPS.len() + 1, SCHEMA as usize);
    }

    #[test]
    fn what_is_intact_but_not_understood_is_left_to_a_newer_version() {
        let strange = json!({"schema": SCHEMA, "generation": 1, "sources": "many"});

        assert_eq!(understand(members(&strange)), Understood::Newer);
        assert_eq!(
            understand(members(&json!({"schema": SCHEMA + 1}))),
            Understood::Newer
        );
    }

    #[test]
    fn a_document_without_a_schema_is_none_of_ours() {
        for value in [json!({}), json!({"schema": "1"}), json!({"schema": 0})] {
            assert!(matches!(
                understand(members(&value)),
                Understood::Nothing(_)
            ));
        }
    }
}
