//! The `http` cases of `tests/fixtures/sse_cases.json` through the real connection task.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what supports a test fails it"
)]

mod support;

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;
use support::{
    link::Link,
    server::{Answer, Server, Then},
};
use tidings_core::source::{SourceConfig, SourceState};

/// Where we leave the standard on purpose: what we do instead, and why.
const DEVIATIONS: [(&str, Instead, &str); 7] = [
    (
        "wpt/request-status-error 404",
        Instead::ThreeTries,
        "a deployment under way answers 404 for a moment",
    ),
    (
        "wpt/request-status-error 410",
        Instead::ThreeTries,
        "a deployment under way answers 410 for a moment",
    ),
    (
        "wpt/request-status-error 503",
        Instead::ForEver,
        "nobody watches a tray app: it must come back with the server",
    ),
    (
        "mime 'text/x-bogus'",
        Instead::Slowly,
        "a captive portal goes away again",
    ),
    (
        "mime 'application/json'",
        Instead::Slowly,
        "a captive portal goes away again",
    ),
    (
        "mime ''",
        Instead::Slowly,
        "a captive portal goes away again",
    ),
    (
        "wpt/eventsource-reconnect 200",
        Instead::HalfASecond,
        "2 ms of reconnection time would be a flood of our own making",
    ),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Instead {
    ThreeTries,
    ForEver,
    /// At least 30 s between tries.
    Slowly,
    /// A reconnection time below 0.5 s counts as 0.5 s.
    HalfASecond,
}

fn answer(step: &Value) -> Answer {
    let body = step["body"].as_str().unwrap_or_default();
    let then = match step["then"].as_str() {
        Some("EOF") => Then::Eof,
        Some("RESET") => Then::Reset,
        _ if step["status"] != 200 => Then::Eof,
        _ => Then::Hold,
    };
    let status = u16::try_from(step["status"].as_u64().unwrap()).unwrap();
    if status != 200 {
        let headers = step["headers"].as_object().cloned().unwrap_or_default();
        return headers
            .iter()
            .fold(Answer::status(status), |answer, (name, value)| {
                answer.header(name, value.as_str().unwrap())
            });
    }
    let answer = Answer::stream([body], then);
    match &step["headers"] {
        Value::Object(headers) => headers.iter().fold(
            answer.without_header("content-type"),
            |answer, (name, value)| answer.header(name, value.as_str().unwrap()),
        ),
        _ => answer,
    }
}

/// The source, headers and cursor a case asks for.
fn setting(case: &Value, url: &str) -> (SourceConfig, BTreeMap<String, String>, &'static str) {
    let mut config = SourceConfig::new("case", url.parse().unwrap());
    let expect = &case["expect"];
    if let Some(method) = expect["method"].as_str() {
        method.clone_into(&mut config.method);
        config.body = Some(expect["body"].as_str().unwrap_or("body").to_owned());
    }
    if let Some(millis) = expect["config"]["read_timeout_ms"].as_f64() {
        config.idle_timeout_s = Some(millis / 1000.0);
    }
    let name = case["name"].as_str().unwrap();
    let headers = match (name, expect["request_header"].as_object()) {
        ("contract/custom headers", Some(headers)) => headers
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
            .collect(),
        _ => BTreeMap::new(),
    };
    let cursor = match name {
        "contract/initial Last-Event-Id" => "abc",
        _ => "",
    };
    (config, headers, cursor)
}

/// What a case says must be so; each that is not, in words.
#[expect(
    clippy::too_many_lines,
    reason = "one short check for each kind of claim"
)]
async fn run(case: &Value) -> Vec<String> {
    let name = case["name"].as_str().unwrap();
    let expect = &case["expect"];
    let instead = DEVIATIONS
        .iter()
        .find(|(deviating, ..)| *deviating == name)
        .map(|(_, instead, _)| *instead);
    let server = Server::start(case["script"].as_array().unwrap().iter().map(answer)).await;
    let (config, headers, cursor) = setting(case, &server.url("/"));
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let mut link = Link::start_with(config, &headers, cursor);
    if expect["action"].is_string() {
        link.watch(Duration::from_secs(5), |link| !link.data().is_empty())
            .await;
        link.reconnect.notify_one();
    }
    // Long enough for two slow tries; a silent stream is given up after its own half second.
    let time = if expect["config"].is_object() {
        Duration::from_millis(2900)
    } else {
        Duration::from_secs(100)
    };
    link.watch_for(time).await;

    let mut wrong = Vec::new();
    let mut check = |what: &str, so: bool| {
        if !so {
            wrong.push(format!("{name}: {what}"));
        }
    };
    let seen = server.seen();
    let stopped = link.is_stopped();
    match instead {
        Some(Instead::ThreeTries) => check("three tries", stopped && seen.len() == 3),
        Some(Instead::ForEver) => check("tries for ever", !stopped && seen.len() > 4),
        Some(Instead::Slowly) => {
            let slow = link.waits().iter().all(|wait| wait.as_secs() >= 29);
            // Each wait is 30 s to 45 s: two or three of them end within 100 s.
            let tries = (3..=4).contains(&seen.len());
            check("slow tries", !stopped && tries && slow);
        }
        Some(Instead::HalfASecond) => {
            let first = link.waits()[0].as_millis();
            check("half a second", (499..=751).contains(&first));
        }
        None => {
            if let Some(state) = expect["state"].as_str() {
                check("the state", (state == "closed") == stopped);
            }
            if let Some(requests) = expect["requests"].as_u64() {
                check("the requests", seen.len() as u64 == requests);
            }
        }
    }
    if let Some(events) = expect["events"].as_array() {
        let brought: Vec<Value> = link
            .frames()
            .iter()
            .map(|frame| serde_json::json!([frame.event, frame.data, frame.last_event_id.as_str()]))
            .collect();
        check(&format!("events {brought:?}"), *events == brought);
    }
    if let Some(least) = expect["requests_at_least"].as_u64() {
        check("enough requests", seen.len() as u64 >= least);
    }
    if expect["error"] == true {
        check("an error is shown", !link.causes().is_empty());
    }
    let per_request = expect["request_headers"].as_array();
    for (wanted, seen) in per_request.into_iter().flatten().zip(&seen) {
        for (header, value) in wanted.as_object().unwrap() {
            check("a header", seen.header(header) == value.as_str());
        }
    }
    check(
        "as many requests as headers",
        per_request.is_none_or(|all| seen.len() >= all.len()),
    );
    for (header, value) in expect["request_header"].as_object().into_iter().flatten() {
        check(header, seen[0].header(header) == value.as_str());
    }
    if let Some(method) = expect["method"].as_str() {
        check("the method", seen.iter().all(|seen| seen.method == method));
    }
    if let Some(body) = expect["body"].as_str() {
        check("the body", seen[0].body == body.as_bytes());
    }
    if expect["bodies_equal"] == true {
        let equal = seen.iter().all(|seen| seen.body == b"body");
        check("the body again", seen.len() > 1 && equal);
    }
    if let Some(observed) = expect["observed"].as_array() {
        let mut passed = Vec::new();
        for state in link.states() {
            match state {
                SourceState::Live { since, last_byte } if since == last_byte => passed.push("open"),
                SourceState::Waiting { .. } => passed.push("error(CONNECTING)"),
                _ => {}
            }
        }
        let connection: Vec<&str> = observed
            .iter()
            .filter_map(Value::as_str)
            .filter(|step| !step.starts_with("message"))
            .collect();
        check(&format!("the order {passed:?}"), passed == connection);
        check("the events", link.data() == ["ok", "data"]);
    }
    wrong
}

#[tokio::test(start_paused = true)]
async fn every_http_case_is_met_or_a_deviation_with_a_reason() {
    let fixture: Value = serde_json::from_str(include_str!("fixtures/sse_cases.json")).unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    let cases = fixture["cases"].as_array().unwrap();
    for case in cases.iter().filter(|case| case["kind"] == "http") {
        count += 1;
        wrong.extend(run(case).await);
    }

    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(count, 31);
}

#[tokio::test(start_paused = true)]
async fn bytes_that_make_no_item_move_the_last_byte_and_never_say_that_it_just_opened() {
    let drip = ["\n", "d", "a", "t", "a", ":", "x"];
    let server =
        Server::start([Answer::stream(drip, Then::Hold).pausing(Duration::from_millis(400))]).await;
    let mut link = Link::start(SourceConfig::new("drip", server.url("/").parse().unwrap()));

    link.watch_for(Duration::from_secs(20)).await;

    let ages = link.states().into_iter().filter_map(|state| match state {
        SourceState::Live { since, last_byte } => Some(last_byte.0 - since.0),
        _ => None,
    });
    let [0, ages @ .., last] = &ages.collect::<Vec<_>>()[..] else {
        panic!("{:?}", link.states())
    };
    assert!(
        ages.iter().chain([last]).is_sorted_by(|a, b| a < b),
        "{ages:?} {last}"
    );
    assert!(*ages.first().unwrap() > 0);
    // The last one, though nothing comes after it.
    assert!((2700..2900).contains(last), "{last}");
}
