//! Rules: every operator and outcome, what is refused, and what holds of every rule and event.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![expect(unreachable_pub, reason = "shared with the fuzz target")]

#[path = "rules/claim.rs"]
mod claim;
#[path = "rules/hostile.rs"]
mod hostile;
#[path = "rules/operators.rs"]
mod operators;
#[path = "rules/outcomes.rs"]
mod outcomes;
#[path = "rules/properties.rs"]
mod properties;

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tidings_core::{
    ingest::Reader,
    model::{SourceId, Timestamp},
    rules::{self, Event, Judgement, Moment, Rates, Rule},
};

/// A Monday, 12:00 in UTC.
pub const NOON: &str = "2026-11-23T12:00:00Z";

fn source() -> SourceId {
    "6a3c9b0e-7c9c-4d8e-9a66-0d1f6b6f3a01".parse().unwrap()
}

fn parse(rules: &Value) -> Vec<Rule> {
    rules::read(&rules.to_string()).unwrap()
}

/// What the rules decide about an event of the source `ci`, read as it is by itself.
fn judge_at(
    rules: &[Rule],
    event: &str,
    data: &str,
    at: Timestamp,
    rates: &mut Rates,
) -> Judgement {
    let (compiled, errors) = rules::compile(rules);
    assert!(errors.is_empty(), "{errors:?}");
    let read = Reader::default().read(event, data);
    let event = Event {
        source: source(),
        source_name: "ci",
        event,
        notification: &read.notification,
        data,
        json: read.json.as_ref(),
    };
    let zone = TimeZone::UTC;
    rules::evaluate(&compiled, &event, Moment { at, zone: &zone }, rates)
}

fn judge(rules: &Value, event: &str, data: &str) -> Judgement {
    let at = NOON.parse().unwrap();
    judge_at(&parse(rules), event, data, at, &mut Rates::default())
}

/// A rule that keeps quiet what the condition is about.
fn quiet_when(when: &Value) -> Value {
    json!([{ "name": "r", "when": when, "then": "quiet" }])
}
