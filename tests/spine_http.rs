//! The `http` cases of `tests/fixtures/sse_cases.json` through the real connection task, and what
//! a hostile answer must never do: show a secret elsewhere, be parsed, or grow.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what supports a test fails it"
)]

mod support;

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;
use support::{
    chaos::Chaos,
    link::Link,
    server::{Answer, Server, Then},
};
use tidings_core::source::{CauseCode, SourceConfig, SourceState};
use tokio::time::{Instant, sleep};

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
            check("slow tries", !stopped && seen.len() == 3 && slow);
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

fn config(url: impl AsRef<str>) -> SourceConfig {
    SourceConfig::new("one", url.as_ref().parse().unwrap())
}

/// Watches a source until its first trouble, at most 60 s.
async fn first_trouble(config: SourceConfig, headers: &[(&str, &str)]) -> (CauseCode, Link) {
    let mut link = Link::start_with(config, headers, "");
    let minute = Duration::from_mins(1);
    link.watch(minute, |link| !link.causes().is_empty()).await;
    (link.codes()[0], link)
}

#[tokio::test(start_paused = true)]
async fn b49_a_redirect_to_another_origin_never_sees_a_header_of_the_source() {
    for status in [301, 302, 303, 307, 308] {
        let target = Server::start([Answer::stream(["data: x\n\n"], Then::Hold)]).await;
        let to = target.url("/");
        let chaos = Chaos::start().await;
        let url = chaos.url(&format!("/redirect?status={status}&to={to}"));

        let (code, mut link) =
            first_trouble(config(&url), &[("Authorization", "Bearer hunter2")]).await;
        link.watch_for(Duration::from_mins(10)).await;

        assert_eq!(code, CauseCode::RedirectRefused);
        assert!(link.is_stopped());
        assert_eq!(target.seen().len(), 0, "the other host is not even asked");
        assert!(link.causes()[0].message.contains("127.0.0.1"));
        assert!(!link.causes()[0].message.contains("hunter2"));
    }
}

#[tokio::test(start_paused = true)]
async fn b49_without_secrets_another_origin_is_followed_and_still_sees_no_cursor() {
    let target = Server::start([Answer::stream(["data: x\n\n"], Then::Hold)]).await;
    let chaos = Chaos::start().await;
    let url = chaos.url(&format!("/redirect?to={}", target.url("/there")));
    let mut link = Link::start_with(config(&url), &[], "7");

    link.watch(Duration::from_secs(5), |link| !link.data().is_empty())
        .await;

    assert_eq!(link.data(), ["x"]);
    assert_eq!(chaos.asked()[0].cursor(), Some("7"));
    let seen = &target.seen()[0];
    assert_eq!(seen.target, "/there");
    assert_eq!(seen.header("last-event-id"), None);
    assert_eq!(seen.header("referer"), None);
}

#[tokio::test(start_paused = true)]
async fn a_relative_redirect_of_the_same_origin_keeps_headers_and_cursor() {
    let server = Server::start([
        Answer::status(307).header("Location", "/moved?x=1"),
        Answer::stream(["data: x\n\n"], Then::Hold),
    ])
    .await;
    let mut link = Link::start_with(
        config(server.url("/a/b")),
        &[("Authorization", "Bearer t")],
        "7",
    );

    link.watch(Duration::from_secs(5), |link| !link.data().is_empty())
        .await;

    let seen = &server.seen()[1];
    assert_eq!(seen.target, "/moved?x=1");
    assert_eq!(seen.header("authorization"), Some("Bearer t"));
    assert_eq!(seen.header("last-event-id"), Some("7"));
}

#[tokio::test(start_paused = true)]
async fn b51_a_redirect_in_a_circle_or_to_no_stream_ends_after_three_tries() {
    let chaos = Chaos::start().await;
    let cases = [
        ("/redirect", "/redirect?to=/redirect", 6 * 3),
        ("a file", "/redirect?to=file:///etc/passwd", 3),
        ("nowhere", "/redirect", 3),
        ("a script", "/redirect?to=javascript:alert(1)", 3),
    ];
    for (what, target, requests) in cases {
        let before = chaos.asked().len();
        // A circle: the target of the redirect is itself.
        let target = match what {
            "/redirect" => "/redirect?to=%3Fto%3D%252Fredirect%253Fto%253D%252Fredirect",
            _ => target,
        };
        let (code, mut link) = first_trouble(config(chaos.url(target)), &[]).await;
        link.watch_for(Duration::from_mins(10)).await;

        assert_eq!(code, CauseCode::BadRedirect, "{what}");
        assert!(link.is_stopped(), "{what}");
        assert!(chaos.asked().len() - before <= requests, "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn b51_the_sixth_redirect_is_not_followed() {
    let server = Server::start([Answer::status(302).header("Location", "/again")]).await;

    let (code, _link) = first_trouble(config(server.url("/")), &[]).await;

    assert_eq!(code, CauseCode::BadRedirect);
    assert_eq!(server.seen().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn b46_media_types_are_read_as_the_standard_says_and_two_are_none() {
    for (media_type, is_stream) in [
        ("text/event-stream; charset=latin1", true),
        ("TEXT/Event-Stream", true),
        ("text/event-stream ;charset=utf-8", true),
        ("text/event-stream, text/html", false),
        ("text/html", false),
        ("text/event-streams", false),
        ("application/x-ndjson", false),
    ] {
        let stream = Answer::stream(["data: é\n\n"], Then::Hold);
        let server = Server::start([stream.header("Content-Type", media_type)]).await;
        let mut link = Link::start(config(server.url("/")));

        link.watch_for(Duration::from_secs(20)).await;

        assert_eq!(link.is_live(), is_stream, "{media_type}");
        let data = if is_stream { vec!["é"] } else { vec![] };
        assert_eq!(link.data(), data, "{media_type}");
    }
    let twice =
        Answer::stream(["data: x\n\n"], Then::Hold).header("X", "y\r\nContent-Type: text/html");
    let server = Server::start([twice]).await;

    let (code, _link) = first_trouble(config(server.url("/")), &[]).await;

    assert_eq!(code, CauseCode::NotEventStream);
}

#[tokio::test(start_paused = true)]
async fn b53_401_asks_for_credentials_once_and_never_storms() {
    let chaos = Chaos::start().await;
    for (status, code) in [
        (401, CauseCode::Unauthorized),
        (407, CauseCode::Unauthorized),
        (403, CauseCode::Forbidden),
    ] {
        let before = chaos.asked().len();
        let (found, mut link) =
            first_trouble(config(chaos.url(&format!("/status/{status}"))), &[]).await;
        link.watch_for(Duration::from_hours(1)).await;

        assert_eq!(found, code);
        assert!(link.is_stopped());
        assert_eq!(chaos.asked().len() - before, 1);

        // A person who mended it tries again.
        link.reconnect.notify_one();
        link.watch(Duration::from_secs(5), |link| link.causes().len() > 1)
            .await;
        assert_eq!(chaos.asked().len() - before, 2);
    }
}

#[tokio::test(start_paused = true)]
async fn b52_endless_headers_are_a_limit_not_memory() {
    let chaos = Chaos::start().await;
    for target in [
        "/headers?n=10000&bytes=10",
        "/headers?n=1&bytes=1048576",
        "/headers?n=100000&bytes=1000",
    ] {
        let (code, _link) = first_trouble(config(chaos.url(target)), &[]).await;

        assert_eq!(code, CauseCode::Protocol, "{target}");
    }
    let mut few = Link::start(config(chaos.url("/headers?n=50&bytes=1000")));
    few.watch(Duration::from_secs(5), |link| !link.data().is_empty())
        .await;
    assert_eq!(few.data(), ["hello"]);
}

#[tokio::test(start_paused = true)]
async fn b54_a_cookie_is_never_sent_back() {
    let chaos = Chaos::start().await;
    let mut link = Link::start(config(chaos.url("/cookies")));

    link.watch(Duration::from_secs(30), |link| link.data().len() > 2)
        .await;

    let asked = chaos.asked();
    assert!(asked.len() > 2);
    assert!(
        asked
            .iter()
            .all(|asked| !asked.headers.contains_key("cookie"))
    );
    assert!(
        asked
            .iter()
            .all(|asked| !asked.headers.contains_key("accept-encoding"))
    );
}

#[tokio::test(start_paused = true)]
async fn f15_b47_a_compressed_stream_is_refused_unread() {
    let chaos = Chaos::start().await;
    for encoding in ["gzip", "br", "zstd", "deflate", "gzip,%20gzip"] {
        let url = chaos.url(&format!("/gzip-bomb?as={encoding}"));
        let (code, mut link) = first_trouble(config(url), &[]).await;
        link.watch_for(Duration::from_secs(25)).await;

        assert_eq!(code, CauseCode::ContentEncoding, "{encoding}");
        assert_eq!(link.data(), Vec::<String>::new());
        assert_eq!(link.causes().len(), 1, "the next try is at least 30 s away");
    }
}

#[tokio::test(start_paused = true)]
async fn b48_chunks_that_lie_break_the_connection_and_what_came_before_stays() {
    let chaos = Chaos::start().await;
    for kind in ["letters", "negative", "huge", "short"] {
        let url = chaos.url(&format!("/chunked-lie?kind={kind}"));
        let (code, mut link) = first_trouble(config(url), &[]).await;
        link.watch_for(Duration::from_millis(100)).await;

        assert_eq!(code, CauseCode::Protocol, "{kind}");
        assert_eq!(link.data()[0], "first", "{kind}");
        assert!(!link.is_stopped(), "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn f11_b55_retry_after_is_honoured_up_to_an_hour_and_nonsense_is_not() {
    let chaos = Chaos::start().await;
    let date = "Mon,%2023%20Nov%202099%2012:00:00%20GMT";
    for status in [429, 503] {
        for (value, least, most) in [
            ("90", 90, 91),
            ("-1", 0, 2),
            (date, 3600, 3600),
            ("99999999999", 3600, 3600),
            ("soon", 0, 2),
            ("0", 0, 2),
        ] {
            let url = chaos.url(&format!("/status/{status}?retry-after={value}"));
            let started = Instant::now();
            let before = chaos.asked().len();
            let (_, mut link) = first_trouble(config(url), &[]).await;
            let two = |_: &Link| chaos.asked().len() - before >= 2;
            link.watch(Duration::from_hours(2), two).await;

            let waited = started.elapsed().as_secs_f64();
            let range = f64::from(least)..=f64::from(most) + 0.6;
            assert!(range.contains(&waited), "{status} {value}: {waited}");
        }
    }
    sleep(Duration::from_millis(1)).await;
}
