//! Rules and mappings in the running engine: what is stored, what a preview says of it, and what
//! there is to make rules of.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use serde_json::{Value, json};
use support::{
    chaos::Chaos,
    rig::{Rig, source},
    server::{Answer, Server, Then},
};
use tidings_core::{
    error::Code,
    ipc::{MappingPreviewRequest, RuleDraftRequest, RuleList, RulePreview, RulePreviewRequest},
    model::{Loudness, Severity, SourceId, Verdict},
    rules::{self, Operator, Outcome, Rule},
    source::EventFilter,
};

fn parse(value: &Value) -> Vec<Rule> {
    rules::read(&value.to_string()).unwrap()
}

async fn set(rig: &Rig, rules: &Value) {
    let list = RuleList {
        generation: rig.handle.rules().generation,
        rules: parse(rules),
    };
    rig.handle.set_rules(list).await.unwrap();
}

async fn preview(rig: &Rig, rules: &Value, source: Option<SourceId>) -> RulePreview {
    let request = RulePreviewRequest {
        rules: parse(rules),
        last: 100_000,
        source,
        rule: None,
    };
    rig.handle.preview_rules(&request).await.unwrap()
}

/// Rules of every kind: several outcomes, paths, a rate by key, hours that always hold.
fn mixed() -> Value {
    json!([
        { "name": "noise", "when": { "field": "$.level", "op": "is", "value": "debug" }, "then": "drop" },
        { "name": "one a host", "when": { "field": "$.n", "op": ">", "value": 500 }, "then": "notify",
          "at_most": { "count": 2, "seconds": 86400, "per": "$.host" } },
        { "name": "loud", "when": { "any": [
            { "field": "$.level", "op": "in", "value": ["error", "fatal"] },
            { "field": "title", "op": "matches", "value": "^load (7|8)" } ] },
          "then": "notify", "severity": "critical", "active": { "from": "00:00", "to": "24:00" } },
        { "name": "rest", "then": "quiet" }
    ])
}

fn events(count: usize) -> Vec<String> {
    let levels = ["debug", "info", "error", "warn"].iter().cycle();
    (0..count)
        .zip(levels)
        .map(|(n, level)| {
            json!({ "title": format!("load {}", n % 40), "n": n, "level": level, "host": n % 7 })
                .to_string()
        })
        .collect()
}

async fn fed(rules: &Value, data: &[String]) -> (Rig, SourceId, Chaos) {
    let chaos = Chaos::start().await;
    let one = source("one", chaos.url("/events?all"));
    let id = one.id;
    let rig = Rig::start([one]).await;
    set(&rig, rules).await;
    for one in data {
        chaos.publish(one.clone());
    }
    chaos.publish("the end");
    let end = async {
        while rig
            .data(id)
            .await
            .last()
            .is_none_or(|data| data != "the end")
        {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(support::rig::LONG, end).await.unwrap();
    (rig, id, chaos)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preview_says_what_a_replay_through_the_pipeline_stores() {
    // As many as a preview looks at where there is time for it, the one that ends them included.
    let full = std::env::var_os("TIDINGS_FULL").is_some();
    let count = if full { 99_999 } else { 1001 };
    let data = events(count - 1);
    let (all, all_id, _one) = fed(&json!([]), &data).await;
    let (ruled, ruled_id, _two) = fed(&mixed(), &data).await;

    let said = preview(&all, &mixed(), None).await;
    let before = all.stored(all_id).await;
    let stored = ruled.stored(ruled_id).await;

    let notify = stored
        .iter()
        .filter(|event| event.decision.verdict == Verdict::Notify)
        .count();
    assert_eq!(before.len(), count);
    assert_eq!(said.looked_at as usize, count);
    assert_eq!(said.now_notify as usize, count);
    assert_eq!(said.would_notify as usize, notify);
    assert_eq!(said.dropped as usize, before.len() - stored.len());
    assert_eq!(said.newly_quiet_count as usize, before.len() - notify);
    assert_eq!(said.newly_quiet.len(), 50);
    assert_eq!(said.newly_loud_count, 0);
    let hits: u32 = said.rules.iter().map(|hits| hits.matched).sum();
    assert_eq!(hits as usize, count);
    assert_eq!(said.per_day.len(), 7);
    assert_eq!(
        said.per_day.iter().map(|day| day.would_notify).sum::<u32>(),
        said.would_notify
    );
    // All there is came today; where more came before, what was looked at tells how fast they come.
    assert_eq!(said.would_per_day, said.would_notify);
    let request = RulePreviewRequest {
        rules: all.handle.rules().rules,
        last: 100,
        source: None,
        rule: None,
    };
    let busy = all.handle.preview_rules(&request).await.unwrap();
    assert_eq!((busy.looked_at, busy.would_notify), (100, 100));
    assert!(busy.would_per_day > 2400, "{}", busy.would_per_day);
    // What each rule was stored for is what the window counts, and what a draft names of a rule
    // is what that rule was stored for.
    let counted = ruled.handle.rule_hits().await.unwrap();
    let draft = ruled.handle.rules().rules;
    for rule in draft.iter().filter(|rule| rule.enabled) {
        let decided: Vec<_> = stored
            .iter()
            .filter(|event| event.decision.rule.as_deref() == Some(rule.name.as_str()))
            .map(|event| event.row)
            .collect();
        let hits = counted.iter().find(|one| one.id == rule.id);
        assert_eq!(hits.map_or(0, |one| one.hits) as usize, decided.len());
        let request = RulePreviewRequest {
            rules: draft.clone(),
            last: 100_000,
            source: None,
            rule: Some(rule.id),
        };
        let named = ruled.handle.preview_rules(&request).await.unwrap();
        let rows: Vec<_> = named.matched_rows.iter().map(|one| one.row.row).collect();
        let newest: Vec<_> = decided.iter().rev().take(50).copied().collect();
        assert_eq!(rows, newest, "{}", rule.name);
        assert_eq!(named.newest_rows.len(), 50);
    }
    // The rules in force, tried as a draft, change nothing.
    let same = preview(&ruled, &json!(ruled.handle.rules().rules), Some(ruled_id)).await;
    assert_eq!(
        (same.newly_loud_count, same.newly_quiet_count, same.dropped),
        (0, 0, 0)
    );
    assert_eq!(same.would_notify, same.now_notify);
    all.stop().await;
    ruled.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_event_moves_the_cursor_and_leaves_no_row() {
    let server = Server::start([Answer::stream(
        ["id: 1\ndata: {\"title\":\"kept\",\"level\":\"low\"}\n\nid: 2\ndata: noise\n\n"],
        Then::Hold,
    )])
    .await;
    let one = source("one", server.url("/").parse().unwrap());
    let id = one.id;
    let rig = Rig::start([]).await;
    set(
        &rig,
        &json!([
            { "name": "noise", "when": { "field": "title", "op": "is", "value": "noise" }, "then": "drop" },
            { "name": "mine", "when": { "field": "source", "op": "is", "value": "one" }, "then": "quiet", "severity": "high" }
        ]),
    )
    .await;
    rig.handle.add_configured(one, Vec::new()).await.unwrap();
    rig.await_data(id, 1).await;
    let moved = async {
        while rig.handle.history.cursor(id).await.unwrap() != Some("2".into()) {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(support::rig::LONG, moved)
        .await
        .unwrap();

    let stored = rig.stored(id).await;
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].notification.severity, Severity::High);
    assert_eq!(stored[0].decision.rule.as_deref(), Some("mine"));
    let detail = rig
        .handle
        .history
        .get(stored[0].row)
        .await
        .unwrap()
        .unwrap();
    let trace = detail.trace.unwrap();
    assert_eq!(trace.outcome, Outcome::Quiet);
    assert_eq!(trace.rule.unwrap().place, 2);
    assert_eq!(trace.passed[0].name, "noise");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_server_sends_again_takes_no_place_of_a_rule_from_what_is_new() {
    let chaos = Chaos::start().await;
    let one = source("one", chaos.url("/events?all&overlap=3"));
    let id = one.id;
    let rig = Rig::start([one]).await;
    let few = json!([{ "name": "few", "then": "notify",
                       "at_most": { "count": 2, "seconds": 3600 } }]);
    set(&rig, &few).await;
    for number in ["1", "2", "3"] {
        chaos.publish(number);
    }
    rig.await_data(id, 3).await;

    let rig = rig
        .restart_after(|| {
            for number in ["4", "5", "6"] {
                chaos.publish(number);
            }
        })
        .await;
    rig.await_data(id, 6).await;

    let stored = rig.stored(id).await;
    let verdicts: Vec<Verdict> = stored.iter().map(|one| one.decision.verdict).collect();
    let (loud, quiet) = (Verdict::Notify, Verdict::Quiet);
    assert_eq!(verdicts, [loud, loud, quiet, loud, loud, quiet]);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_goes_on_being_about_a_source_that_gets_another_name() {
    let rig = Rig::start([]).await;
    let mut one = source("one", "http://127.0.0.1:9/".parse().unwrap());
    one.enabled = false;
    rig.handle
        .add_configured(one.clone(), Vec::new())
        .await
        .unwrap();
    let about = |name: &str| {
        json!([{ "name": "r", "then": "quiet", "when": { "any": [
            { "not": { "field": "source", "op": "in", "value": ["other", name] } },
            { "field": "title", "op": "is", "value": "one" }
        ] } }])
    };
    set(&rig, &about("One")).await;

    one.name = "two".to_owned();
    rig.handle.replace_source(one, Vec::new()).await.unwrap();

    let rules = rig.handle.rules().rules;
    assert_eq!(rules[0].when, parse(&about("two"))[0].when);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_saved_over_others_are_refused_and_wrong_ones_change_nothing() {
    let rig = Rig::start([]).await;
    let read = rig.handle.rules();
    set(&rig, &json!([{ "name": "a", "then": "quiet" }])).await;

    let late = RuleList {
        rules: parse(&json!([{ "name": "b", "then": "quiet" }])),
        ..read
    };
    let late = rig.handle.set_rules(late).await.unwrap_err();
    let mut wrong = rig.handle.rules();
    wrong.rules[0].name.clear();
    let wrong = rig.handle.set_rules(wrong).await.unwrap_err();

    assert_eq!((late.code, wrong.code), (Code::Outdated, Code::InvalidRule));
    assert_eq!(rig.handle.rules().rules[0].name, "a");
    // What else is set does not stand in the way.
    let read = rig.handle.rules();
    rig.handle
        .edit_preferences(|one| one.toasts_paused = true)
        .await
        .unwrap();
    rig.handle.set_rules(read).await.unwrap();
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_tells_its_types_and_fields_and_makes_rules_and_mappings() {
    let server = Server::start([Answer::stream(
        ["event: tick\ndata: 1\n\nevent: build\ndata: {\"title\":\"t\",\"host\":{\"name\":\"web\"},\"tags\":[\"a\",\"b\"]}\n\nevent: build\ndata: {\"title\":\"u\",\"host\":{\"name\":\"web\"},\"n\":3}\n\n"],
        Then::Hold,
    )])
    .await;
    let mut one = source("one", server.url("/").parse().unwrap());
    one.events = EventFilter::Not(vec!["tick".to_owned()]);
    let id = one.id;
    let rig = Rig::start([one]).await;
    rig.await_data(id, 2).await;

    let types = rig.handle.event_types(id).await.unwrap();
    let types: Vec<(&str, u32)> = types
        .iter()
        .map(|seen| (seen.event.as_str(), seen.stored))
        .collect();
    assert_eq!(types, [("build", 2), ("tick", 0)]);

    let fields = rig.handle.fields(Some(id)).await.unwrap();
    let fields: Vec<(&str, u32, Vec<&str>)> = fields
        .iter()
        .map(|seen| {
            (
                seen.path.as_str(),
                seen.events,
                seen.samples.iter().map(String::as_str).collect(),
            )
        })
        .collect();
    assert_eq!(
        fields,
        [
            ("$.host.name", 2, vec!["web"]),
            ("$.title", 2, vec!["t", "u"]),
            ("$.n", 1, vec!["3"]),
            ("$.tags[*]", 1, vec!["a", "b"]),
        ]
    );

    let row = rig.stored(id).await[1].row;
    for (field, told) in [
        (
            None,
            json!([
                ["source", "is", id.to_string()],
                ["event", "is", "build"],
                ["title", "is", "u"]
            ]),
        ),
        (
            Some("$.n"),
            json!([["source", "is", id.to_string()], ["$.n", "is", 3]]),
        ),
        (
            Some("$.absent"),
            json!([
                ["source", "is", id.to_string()],
                ["$.absent", "exists", null]
            ]),
        ),
        (
            Some("severity"),
            json!([
                ["source", "is", id.to_string()],
                ["severity", "is", "normal"]
            ]),
        ),
    ] {
        let request = RuleDraftRequest {
            row,
            field: field.map(str::to_owned),
            then: Outcome::Quiet,
        };
        let rule = rig.handle.draft_rule(&request).await.unwrap();
        let tests = serde_json::to_value(&rule.when).unwrap();
        let tests: Vec<Value> = tests["all"]
            .as_array()
            .unwrap()
            .iter()
            .map(|test| json!([test["field"], test["op"], test["value"]]))
            .collect();
        assert_eq!(json!(tests), told);
        let wanted = preview(&rig, &json!([rule]), None).await;
        assert!(wanted.would_notify < wanted.looked_at || field == Some("$.absent"));
    }
    assert_eq!(Operator::Is.as_str(), "is");

    let request = MappingPreviewRequest {
        source: id,
        mapping: serde_json::from_value(json!({ "title": "{$.host.name}: {$.title}" })).unwrap(),
        last: 10,
    };
    let mapped = rig.handle.preview_mapping(&request).await.unwrap();
    let titles: Vec<&str> = mapped.iter().map(|one| one.title.as_str()).collect();
    assert_eq!(titles, ["web: u", "web: t"]);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_loudness_of_a_source_goes_before_the_rules_and_is_told_as_the_reason() {
    let (rig, id, chaos) = fed(
        &json!([
            { "name": "noise", "when": { "field": "$.n", "op": "is", "value": 0 }, "then": "drop" },
            { "name": "calm", "when": { "field": "$.n", "op": "is", "value": 1 }, "then": "quiet" }
        ]),
        &[],
    )
    .await;
    let mut seen = rig.data(id).await.len();
    let mut verdicts = Vec::new();
    for loudness in [Loudness::Rules, Loudness::Muted, Loudness::All] {
        let mut config = rig.handle.config(id).unwrap();
        config.toast.loudness = loudness;
        let headers = rig.handle.headers(id).await.unwrap();
        rig.handle.replace_source(config, headers).await.unwrap();
        for n in [0, 1, 2] {
            chaos.publish(json!({ "n": n, "at": format!("{loudness:?}") }).to_string());
        }
        rig.await_data(id, seen + 2).await;
        for event in rig.stored(id).await.split_off(seen) {
            let trace = rules::Trace::read(event.decision.trace.as_deref()).unwrap();
            assert_eq!(
                trace.outcome == Outcome::Notify,
                event.decision.verdict == Verdict::Notify
            );
            verdicts.push((event.decision.verdict, event.read, trace.loudness));
        }
        seen += 2;
    }

    let (loud, quiet) = ((Verdict::Notify, false, None), (Verdict::Quiet, true, None));
    let of = |told: (Verdict, bool, Option<Loudness>), by| (told.0, told.1, Some(by));
    assert_eq!(
        verdicts,
        [
            quiet,
            loud,
            quiet,
            of(quiet, Loudness::Muted),
            of(loud, Loudness::All),
            loud,
        ]
    );
    let said = preview(&rig, &json!([{ "name": "rest", "then": "quiet" }]), None).await;
    assert_eq!(
        (said.would_notify, said.looked_at),
        (7, 7),
        "a preview knows that every event of this source rings"
    );
    rig.stop().await;
}
