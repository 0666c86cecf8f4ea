//! What rules make of events, in which order, how often, at which hours, and why.

use serde_json::{Value, json};
use tidings_core::{
    model::{Ring, Severity, Sound, Timestamp, Verdict},
    rules::{Folded, Outcome, Rates, Trace},
};

use crate::{NOON, judge, judge_at, parse};

fn trace(rules: &Value, data: &str) -> Value {
    serde_json::to_value(judge(rules, "deploy", data).trace.unwrap()).unwrap()
}

#[test]
fn each_outcome_is_stored_as_it_says() {
    let loud = judge(
        &json!([{
            "name": "loud", "then": "notify", "severity": "critical", "sound": { "named": "bell" },
            "sticky": true, "break_through": true
        }]),
        "deploy",
        "hello",
    );
    assert_eq!(loud.severity, Severity::Critical);
    let decision = loud.into_decision().unwrap();
    assert_eq!(
        (decision.verdict, decision.rule.as_deref()),
        (Verdict::Notify, Some("loud"))
    );
    let ring = Ring {
        sound: Sound::Named("bell".to_owned()),
        sticky: true,
        break_through: true,
    };
    assert_eq!(decision.ring, ring);

    let quiet = judge(
        &json!({ "name": "q", "then": "quiet", "severity": "low" }),
        "deploy",
        "hello",
    );
    assert_eq!(quiet.severity, Severity::Low);
    assert_eq!(quiet.into_decision().unwrap().verdict, Verdict::Quiet);

    let dropped = judge(&json!({ "name": "d", "then": "drop" }), "deploy", "hello");
    assert_eq!(dropped.outcome, Outcome::Drop);
    assert_eq!(dropped.into_decision(), None);
}

#[test]
fn without_a_rule_that_matches_an_event_rings_as_it_is() {
    let none = judge(&json!([]), "deploy", r#"{"title":"t","level":"error"}"#);
    assert_eq!(
        (none.outcome, none.severity, none.trace),
        (Outcome::Notify, Severity::High, None)
    );

    let others = json!([
        { "name": "a", "when": { "field": "event", "op": "is", "value": "x" }, "then": "drop" },
        { "name": "off", "enabled": false, "then": "drop" }
    ]);
    let decision = judge(&others, "deploy", "hello").into_decision().unwrap();
    assert_eq!((decision.verdict, decision.rule), (Verdict::Notify, None));
}

#[test]
fn the_first_rule_that_matches_decides() {
    let deploy = json!({ "field": "event", "op": "is", "value": "deploy" });
    let rules = json!([
        { "name": "off", "enabled": false, "then": "drop" },
        { "name": "no", "when": { "not": deploy }, "then": "drop" },
        { "name": "first", "when": deploy, "then": "quiet" },
        { "name": "second", "when": deploy, "then": "notify" }
    ]);
    let judged = judge(&rules, "deploy", "hello");
    assert_eq!(judged.outcome, Outcome::Quiet);
    assert_eq!(judged.trace.unwrap().rule.unwrap().place, 3);
}

#[test]
fn a_trace_says_what_was_looked_at_what_failed_and_why_a_rule_matched() {
    let level = |value: &str| json!({ "field": "$.level", "op": "is", "value": value });
    let id = "00000000-0000-4000-8000-000000000005";
    let rules = json!([
        { "name": "elsewhere", "when": { "field": "source", "op": "is", "value": "x" }, "then": "drop" },
        { "name": "fatal", "when": { "all": [{ "field": "event", "op": "exists" }, level("fatal")] }, "then": "drop" },
        { "name": "not here", "when": { "not": level("error") }, "then": "drop" },
        { "name": "asleep", "then": "quiet", "active": { "from": "01:00", "to": "02:00" } },
        { "id": id, "name": "errors", "when": { "all": [level("error"), { "not": { "field": "$.host", "op": "is", "value": "b" } }] },
          "then": "notify" }
    ]);
    assert_eq!(
        trace(&rules, r#"{"level":"error","host":"a"}"#),
        json!({
            "outcome": "notify",
            "rule": { "place": 5, "id": id, "name": "errors", "because": [
                { "field": "$.level", "op": "is", "value": "error", "seen": "error" },
                { "field": "$.host", "op": "is", "value": "b", "seen": "a", "negated": true }
            ]},
            "passed": [
                { "place": 2, "name": "fatal",
                  "failed": { "field": "$.level", "op": "is", "value": "fatal", "seen": "error" } },
                { "place": 3, "name": "not here",
                  "failed": { "field": "$.level", "op": "is", "value": "error", "seen": "error", "negated": true } },
                { "place": 4, "name": "asleep" }
            ],
            "more": 1
        })
    );
}

#[test]
fn a_trace_stays_small_and_comes_back_from_its_column() {
    let rules: Vec<Value> = (0..100)
        .map(|at| {
            json!({
                "name": format!("rule {at}"),
                "when": { "field": "text", "op": "is", "value": "v".repeat(900) },
                "then": "quiet"
            })
        })
        .collect();
    let judged = judge(&json!(rules), "deploy", &"d".repeat(100_000));
    let decision = judged.clone().into_decision().unwrap();
    let stored = decision.trace.unwrap();

    assert!(stored.len() < 1200, "{}", stored.len());
    assert_eq!(Trace::read(Some(&stored)), judged.trace);
}

#[test]
fn beyond_its_rate_a_rule_keeps_quiet_and_says_so() {
    let rules = parse(&json!({
        "name": "r", "then": "notify", "at_most": { "count": 1, "seconds": 60, "per": "$.host" }
    }));
    let mut rates = Rates::default();
    let mut ask = |second: i64, host: &str, n: u32| {
        let at = Timestamp::from_second(1_000_000 + second).unwrap();
        let data = json!({ "host": host, "title": format!("load {n}") }).to_string();
        let judged = judge_at(&rules, "message", &data, at, &mut rates);
        (judged.outcome, judged.trace.unwrap().folded)
    };
    let limit = Some(Folded::Limit {
        count: 1,
        seconds: 60,
        key: Some("a".to_owned()),
    });

    assert_eq!(ask(0, "a", 1), (Outcome::Notify, None));
    assert_eq!(
        ask(1, "a", 1),
        (Outcome::Quiet, Some(Folded::Duplicate { seconds: 60 }))
    );
    assert_eq!(ask(2, "a", 2), (Outcome::Quiet, limit));
    assert_eq!(ask(3, "b", 2), (Outcome::Notify, None));
    assert_eq!(ask(60, "a", 2), (Outcome::Notify, None));
}

#[test]
fn outside_its_hours_a_rule_is_passed_over() {
    let rules = |from: &str, to: &str| {
        json!([
            { "name": "night", "then": "quiet", "active": { "days": ["mon"], "from": from, "to": to, "time_zone": "UTC" } },
            { "name": "else", "then": "notify" }
        ])
    };
    assert_eq!(
        judge(&rules("11:00", "13:00"), "e", "x").outcome,
        Outcome::Quiet
    );
    assert_eq!(
        judge(&rules("22:00", "06:00"), "e", "x").outcome,
        Outcome::Notify
    );
    assert!(NOON.contains("12:00"));
}
