//! What holds of any rules over any data.

use std::fs;

use proptest::{collection::vec, option, prelude::*, sample::select};
use tidings_core::{
    model::Severity,
    rules::{ActiveHours, AtMost, Condition, Operand, Operator, Outcome, Rule, Scalar},
};

use crate::claim;

fn scalar() -> impl Strategy<Value = Scalar> {
    prop_oneof![
        select(
            &[
                "ci", "error", "high", "low", "a", "12", "(", "^a+", "웹", ""
            ][..]
        )
        .prop_map(Scalar::from),
        any::<i64>().prop_map(Scalar::from),
        any::<bool>().prop_map(Scalar::from),
    ]
}

fn test() -> impl Strategy<Value = Condition> {
    let fields = select(
        &[
            "source", "event", "severity", "title", "body", "url", "tags", "text", "$", "$.a",
            "$..a", "$.a[*]", "$.l[0]", "nothing",
        ][..],
    );
    let operators = select(
        &[
            Operator::Is,
            Operator::IsNot,
            Operator::Contains,
            Operator::StartsWith,
            Operator::Matches,
            Operator::Greater,
            Operator::Less,
            Operator::Exists,
            Operator::In,
        ][..],
    );
    let values = option::of(prop_oneof![
        4 => scalar().prop_map(Operand::One),
        1 => vec(scalar(), 0..4).prop_map(Operand::Many),
    ]);
    (fields, operators, values).prop_map(|(field, op, value)| Condition::Test {
        field: field.to_owned(),
        op,
        value: match op {
            Operator::Exists => None,
            Operator::In => Some(Operand::Many(vec![Scalar::from("a"), Scalar::from(12)])),
            _ => value,
        },
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    test().prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|all| Condition::All { all }),
            vec(inner.clone(), 0..4).prop_map(|any| Condition::Any { any }),
            inner.prop_map(|not| Condition::Not { not: Box::new(not) }),
        ]
    })
}

fn rule() -> impl Strategy<Value = Rule> {
    let outcomes = select(&[Outcome::Notify, Outcome::Quiet, Outcome::Drop][..]);
    let rates = option::of((1..4_u32, 1..100_u32, any::<bool>()));
    (
        condition(),
        outcomes,
        any::<bool>(),
        rates,
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(when, then, enabled, rate, night, loud)| Rule {
            when,
            enabled,
            severity: (loud && then != Outcome::Drop).then_some(Severity::Critical),
            at_most: rate
                .filter(|_| then == Outcome::Notify)
                .map(|(count, seconds, per)| AtMost {
                    count,
                    seconds,
                    per: per.then(|| "$.a".to_owned()),
                }),
            active: night.then(|| ActiveHours {
                days: Vec::new(),
                from: Some("22:00".to_owned()),
                to: Some("06:00".to_owned()),
                time_zone: None,
            }),
            ..Rule::new("r", then)
        })
}

fn data() -> impl Strategy<Value = String> {
    let pieces = &[
        r#"{"a":12}"#,
        r#"{"a":"error","l":[true,"x"],"title":"t"}"#,
        r#"{"a":{"a":null}}"#,
        r#"{"level":"high","a":[1,2]}"#,
        "plain",
        "",
        "[1,2]",
        r#""a""#,
        "{",
        r#"{"tags":["a","b"],"url":"https://h/"}"#,
    ][..];
    prop_oneof![4 => select(pieces).prop_map(str::to_owned), 1 => any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn rules_never_panic_judge_the_same_twice_and_their_traces_agree(
        rules in vec(rule(), 0..8), data in data(),
    ) {
        // What the rules' own check refuses is left out, as it is everywhere.
        let fit: Vec<Rule> = rules
            .into_iter()
            .filter(|rule| tidings_core::rules::check(std::slice::from_ref(rule)).is_ok())
            .collect();
        claim::check_rules(&fit, &data);
    }

    #[test]
    fn no_text_breaks_the_reading_of_rules(text in any::<String>()) {
        claim::check(text.as_bytes());
    }
}

#[test]
fn what_the_fuzzer_found_worth_keeping_still_holds() {
    let mut count = 0;
    for entry in fs::read_dir("../../tests/fixtures/fuzz/rules").unwrap() {
        claim::check(&fs::read(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count > 0);
}
