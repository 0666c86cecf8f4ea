//! What each operator says of each kind of value.

use serde_json::{Value, json};
use tidings_core::rules::Outcome;

use crate::{judge, quiet_when, source};

const DATA: &str = r#"{
    "title": "Disk Full", "message": "on web-3", "level": "error", "url": "https://h/x",
    "tags": ["disk", "Prod"], "host": "web-3", "used": 0.94, "count": 12, "big": 9007199254740993,
    "text": "12", "yes": true, "no": null, "blank": "  ", "list": [1, "two", {"k": 3}], "o": {"k": "v"},
    "ko": "디스크", "umlaut": "ÜBER"
}"#;

#[track_caller]
fn holds(field: &str, op: &str, value: &Value, expected: bool) {
    let test = if *value == json!("(none)") {
        json!({ "field": field, "op": op })
    } else {
        json!({ "field": field, "op": op, "value": value })
    };
    let judged = judge(&quiet_when(&test), "deploy", DATA);
    let held = judged.outcome == Outcome::Quiet;
    assert_eq!(held, expected, "{test}");
}

#[test]
fn is_and_is_not_compare_text_in_any_case_and_numbers_by_value() {
    for (field, value, same) in [
        ("source", json!("ci"), true),
        ("source", json!("CI"), true),
        ("source", json!(source().to_string()), true),
        ("source", json!("other"), false),
        ("event", json!("deploy"), true),
        ("event", json!("deplo"), false),
        ("severity", json!("high"), true),
        ("severity", json!("low"), false),
        ("title", json!("disk full"), true),
        ("body", json!("on web-3"), true),
        ("url", json!("https://h/x"), true),
        ("tags", json!("prod"), true),
        ("tags", json!("pro"), false),
        ("text", json!("Disk full"), true),
        ("$.host", json!("WEB-3"), true),
        ("$.used", json!(0.94), true),
        ("$.used", json!("0.94"), true),
        ("$.count", json!(12), true),
        ("$.count", json!(12.0), true),
        ("$.count", json!("12"), true),
        ("$.count", json!("12x"), false),
        ("$.big", json!(9_007_199_254_740_993_u64), true),
        ("$.big", json!(9_007_199_254_740_992_u64), false),
        ("$.text", json!(12), true),
        ("$.yes", json!(true), true),
        ("$.yes", json!("true"), true),
        ("$.yes", json!(false), false),
        ("$.no", json!("null"), false),
        ("$.list", json!(1), true),
        ("$.list", json!("two"), true),
        ("$.list[*]", json!("two"), true),
        ("$.list[2].k", json!(3), true),
        ("$..k", json!("v"), true),
        ("$.o", json!("v"), false),
        ("$.ko", json!("디스크"), true),
        ("$.umlaut", json!("über"), true),
        ("$.absent", json!("x"), false),
    ] {
        holds(field, "is", &value, same);
        holds(field, "is_not", &value, !same);
    }
}

#[test]
fn contains_starts_with_and_matches_look_into_text() {
    for (field, op, value, expected) in [
        ("title", "contains", "FULL", true),
        ("title", "contains", "empty", false),
        ("title", "contains", ".", false),
        ("title", "starts_with", "disk", true),
        ("title", "starts_with", "full", false),
        ("text", "contains", "\"used\"", true),
        ("tags", "contains", "ro", true),
        ("$.count", "contains", "2", true),
        ("$.yes", "starts_with", "tr", true),
        ("$.ko", "contains", "스크", true),
        ("$.o", "contains", "v", false),
        ("$.absent", "contains", "x", false),
        ("title", "matches", "^Disk (F|f)ull$", true),
        ("title", "matches", "^disk", false),
        ("title", "matches", "(?i)^disk", true),
        ("severity", "matches", "high|critical", true),
        ("$.used", "matches", r"^0\.9", true),
        ("$.absent", "matches", "", false),
    ] {
        holds(field, op, &json!(value), expected);
    }
}

#[test]
fn greater_and_less_order_numbers_and_severities() {
    for (field, op, value, expected) in [
        ("$.used", ">", json!(0.9), true),
        ("$.used", ">", json!(0.94), false),
        ("$.used", "<", json!(1), true),
        ("$.text", ">", json!(11), true),
        ("$.text", "<", json!("12.5"), true),
        ("$.host", ">", json!(0), false),
        ("$.big", ">", json!(9_007_199_254_740_992_u64), true),
        ("$.yes", ">", json!(0), false),
        ("$.absent", "<", json!(0), false),
        ("severity", ">", json!("normal"), true),
        ("severity", ">", json!("high"), false),
        ("severity", "<", json!("critical"), true),
    ] {
        holds(field, op, &value, expected);
    }
}

#[test]
fn exists_asks_for_something_and_in_for_one_of_several() {
    for (field, expected) in [
        ("title", true),
        ("url", true),
        ("tags", true),
        ("$.yes", true),
        ("$.o", true),
        ("$.list", true),
        ("$.no", false),
        ("$.blank", false),
        ("$.absent", false),
        ("$.list[7]", false),
    ] {
        holds(field, "exists", &json!("(none)"), expected);
    }
    holds("$.host", "in", &json!(["web-1", "web-3"]), true);
    holds("$.host", "in", &json!(["web-1"]), false);
    holds("$.host", "in", &json!([]), false);
    holds("$.count", "in", &json!([11, "12"]), true);
    holds("severity", "in", &json!(["high", "critical"]), true);
    holds("source", "in", &json!(["x", "ci"]), true);
    holds("event", "in", &json!(["a", "DEPLOY"]), true);
}

#[test]
fn conditions_combine_by_all_any_and_not() {
    let yes = json!({ "field": "event", "op": "is", "value": "deploy" });
    let no = json!({ "field": "event", "op": "is", "value": "other" });
    for (when, expected) in [
        (json!({ "all": [] }), true),
        (json!({ "any": [] }), false),
        (json!({ "all": [yes, yes] }), true),
        (json!({ "all": [yes, no] }), false),
        (json!({ "any": [no, yes] }), true),
        (json!({ "any": [no, no] }), false),
        (json!({ "not": no }), true),
        (json!({ "not": { "all": [yes, { "not": no }] } }), false),
        (
            json!({ "any": [{ "all": [yes, no] }, { "not": { "any": [no] } }] }),
            true,
        ),
    ] {
        let judged = judge(&quiet_when(&when), "deploy", DATA);
        assert_eq!(judged.outcome == Outcome::Quiet, expected, "{when}");
    }
}
