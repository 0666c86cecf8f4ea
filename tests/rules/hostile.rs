//! Rules and payloads that nobody should write: a clear refusal, or a degraded event.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tidings_core::{
    error::Code,
    ingest::{Reader, mapping::Mapping},
    rules::{self, Outcome},
};

use crate::{judge, quiet_when};

fn refusal(text: &str) -> String {
    let error = rules::read(text).unwrap_err();
    assert!(
        matches!(error.code, Code::InvalidRule | Code::TooMany),
        "{error:?}"
    );
    error.message
}

#[test]
fn a_wrong_condition_is_refused_with_its_rule_the_place_and_what_to_do() {
    let test = |field: &str, op: &str, value: Value| json!({ "name": "prod", "then": "quiet", "when": { "all": [{ "not": { "field": field, "op": op, "value": value } }] } });
    for (rule, words) in [
        (
            test("hosst", "is", json!("x")),
            "rule prod: when.all[0].not: there is no field hosst; use source",
        ),
        (
            test("$.[", "is", json!("x")),
            "rule prod: when.all[0].not: $.[ is no path",
        ),
        (
            test("title", "matches", json!("(a")),
            "rule prod: when.all[0].not: (a is no regular expression: unclosed group",
        ),
        (
            test("title", "matches", json!(r"(a)\1")),
            "is no regular expression",
        ),
        (test("title", "contains", json!("")), "this one is empty"),
        (test("title", "in", json!("x")), "in takes a list"),
        (test("title", "is", json!(["x"])), "is takes one value"),
        (
            test("title", "exists", json!(true)),
            "exists takes no value",
        ),
        (test("title", ">", json!("x")), "> takes a number"),
        (test("severity", "is", json!("loud")), "loud is no severity"),
        (
            test("title", "like", json!("x")),
            "at when.all[0].not.op: unknown variant `like`, expected one of `is`",
        ),
        (
            test("title", "is", json!({})),
            "a text, a number, true or false, or a list of them",
        ),
    ] {
        let message = refusal(&rule.to_string());
        assert!(message.contains(words), "{rule}\n{message}");
    }
}

#[test]
fn a_rule_whose_parts_do_not_go_together_is_refused_with_the_part_at_fault() {
    for (rule, words) in [
        (
            json!({ "name": "", "then": "quiet" }),
            "name: give it a name",
        ),
        (
            json!({ "name": "a\u{7}", "then": "quiet" }),
            "name: give it a name",
        ),
        (
            json!({ "name": "n".repeat(81), "then": "quiet" }),
            "longer than 80",
        ),
        (json!({ "name": "a" }), "missing field `then`"),
        (
            json!({ "name": "a", "then": "shout" }),
            "at then: unknown variant `shout`",
        ),
        (
            json!({ "name": "a", "then": "quiet", "wen": {} }),
            "unknown field `wen`",
        ),
        (
            json!({ "name": "a", "then": "quiet", "when": {} }),
            "a condition is one of all, any or not",
        ),
        (
            json!({ "name": "a", "then": "quiet", "when": { "all": [], "any": [] } }),
            "a condition is one of",
        ),
        (
            json!({ "name": "a", "then": "quiet", "when": { "any": [{ "fild": "title" }] } }),
            "at when.any[0]",
        ),
        (
            json!({ "name": "a", "then": "quiet", "sticky": true }),
            "sticky: it says how events ring",
        ),
        (
            json!({ "name": "a", "then": "drop", "severity": "low" }),
            "severity: what is dropped has none",
        ),
        (
            json!({ "name": "a", "then": "notify", "sound": { "named": "../../x.wav" } }),
            "sound: it is a name",
        ),
        (
            json!({ "name": "a", "then": "notify", "at_most": { "count": 0, "seconds": 1 } }),
            "at_most.count",
        ),
        (
            json!({ "name": "a", "then": "notify", "at_most": { "count": 1, "seconds": 0 } }),
            "at_most.seconds",
        ),
        (
            json!({ "name": "a", "then": "notify", "at_most": { "count": 1, "seconds": 1, "per": "hst" } }),
            "at_most.per: there is no field hst",
        ),
        (
            json!({ "name": "a", "then": "quiet", "active": { "from": "9 am" } }),
            "active: 9 am is no time of day",
        ),
        (
            json!({ "name": "a", "then": "quiet", "active": { "time_zone": "Mars/Base" } }),
            "active: Mars/Base is no time zone",
        ),
    ] {
        let message = refusal(&rule.to_string());
        assert!(message.contains(words), "{rule}\n{message}");
    }
    assert!(refusal("[{\"name\":\"a\",\"then\":\"quiet\"}] x").contains("follows"));
    assert!(refusal("nonsense").contains("the rule is wrong"));
}

#[test]
fn b63_rules_that_are_too_large_too_many_or_too_deep_are_refused() {
    let pattern = |text: &str| {
        quiet_when(&json!({ "field": "title", "op": "matches", "value": text })).to_string()
    };
    assert!(refusal(&pattern(&"a".repeat(1 << 20))).contains("more than 1000 characters"));
    assert!(refusal(&pattern(r"(\w{1,1000}){1,1000}")).contains("grows too large"));
    assert!(refusal(&pattern(&"(".repeat(900))).contains("is no regular expression"));

    let mut deep = json!({ "all": [] });
    for _ in 0..40 {
        deep = json!({ "not": deep });
    }
    assert!(refusal(&quiet_when(&deep).to_string()).contains("nested deeper than 16"));
    let deeper = format!(
        "{{\"name\":\"a\",\"then\":\"quiet\",\"when\":{}",
        "{\"not\":".repeat(10_000)
    );
    assert!(refusal(&deeper).contains("recursion limit"));

    let mut many = "[".to_owned();
    for at in 0..501 {
        let _ = write!(
            many,
            "{}{{\"name\":\"{at}\",\"then\":\"quiet\"}}",
            if at == 0 { "" } else { "," }
        );
    }
    assert!(refusal(&(many + "]")).contains("at most 500 rules"));
    assert!(refusal(&" ".repeat(5 << 20)).contains("bytes"));
    let tests = vec![json!({ "field": "title", "op": "exists" }); 201];
    assert!(
        refusal(&quiet_when(&json!({ "all": tests })).to_string()).contains("at most 200 tests")
    );
}

#[test]
fn hostile_payloads_are_judged_like_any_other() {
    let deep = "[".repeat(10_000);
    let deep_object = format!("{}1{}", r#"{"a":"#.repeat(10_000), "}".repeat(10_000));
    let deepest_read = format!("{}1{}", "[".repeat(127), "]".repeat(127));
    let rule = quiet_when(&json!({ "any": [
        { "field": "$..a", "op": "is", "value": 7 },
        { "field": "text", "op": "matches", "value": "(a+)+$" },
        { "field": "$.n", "op": ">", "value": 1 }
    ]}));
    for (data, outcome) in [
        (deep.as_str(), Outcome::Notify),
        (&deep_object, Outcome::Notify),
        (&deepest_read, Outcome::Notify),
        (r#"{"n":1e999}"#, Outcome::Notify),
        (r#"{"n":18446744073709551616}"#, Outcome::Quiet),
        (r#"{"n":-9223372036854775808}"#, Outcome::Notify),
        (r#"{"n":-0}"#, Outcome::Notify),
        (r#"{"n":NaN}"#, Outcome::Notify),
        (r#"{"s":"\ud800"}"#, Outcome::Notify),
        // Of a key that stands twice the last counts.
        (r#"{"n":0,"n":2}"#, Outcome::Quiet),
        (r#"{"n":2,"n":0}"#, Outcome::Notify),
        (r#"{"__proto__":{"n":2}}"#, Outcome::Notify),
        ("null", Outcome::Notify),
        ("", Outcome::Notify),
    ] {
        let judged = judge(&rule, "constructor", data);
        assert_eq!(
            judged.outcome,
            outcome,
            "{}",
            data.chars().take(40).collect::<String>()
        );
        assert!(judged.trace.is_some());
    }
}

#[test]
fn b63_a_pattern_that_other_engines_hang_on_takes_no_time() {
    let rule = quiet_when(&json!({ "field": "text", "op": "matches", "value": "(a+)+$" }));
    let data = format!("{}!", "a".repeat(2 << 20));
    assert_eq!(judge(&rule, "message", &data).outcome, Outcome::Quiet);
}

#[test]
fn a_wrong_mapping_is_refused_with_the_field_at_fault() {
    for (mapping, words) in [
        (json!({ "title": "{$.[}" }), "mapping title: "),
        (
            json!({ "body": "{host}" }),
            "mapping body: {host} is unknown",
        ),
        (
            json!({ "url": "$.link" }),
            "mapping url: a path stands in braces",
        ),
        (
            json!({ "tags": "{$.a" }),
            "mapping tags: a brace is never closed",
        ),
        (
            json!({ "severity": "x".repeat(2000) }),
            "mapping severity: a template has at most",
        ),
    ] {
        let mapping: Mapping = serde_json::from_value(mapping).unwrap();
        let error = Reader::new(&mapping).unwrap_err();
        assert_eq!(error.code, Code::InvalidMapping);
        assert!(error.message.contains(words), "{}", error.message);
    }
    assert!(serde_json::from_value::<Mapping>(json!({ "titel": "x" })).is_err());
    assert!(serde_json::from_value::<Mapping>(json!({ "preset": "gotify" })).is_err());
}
