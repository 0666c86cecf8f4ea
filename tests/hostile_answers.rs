//! What a hostile or careless answer must never do: show a secret elsewhere, be parsed, or grow.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what supports a test fails it"
)]

mod support;

use std::time::Duration;

use support::{
    chaos::Chaos,
    link::Link,
    server::{Answer, Server, Then},
};
use tidings_core::source::{CauseCode, SourceConfig};
use tokio::time::{Instant, sleep};

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
async fn b49_a_redirect_that_keeps_the_body_never_shows_it_to_another_origin() {
    // What is asked by GET there has lost its body on the way, as Fetch says.
    for (method, status, expected) in [
        ("POST", 301, Some("GET")),
        ("POST", 302, Some("GET")),
        ("REPORT", 303, Some("GET")),
        ("REPORT", 302, None),
        ("POST", 307, None),
        ("POST", 308, None),
    ] {
        let target = Server::start([Answer::stream(["data: x\n\n"], Then::Hold)]).await;
        let to = target.url("/");
        let moved = Answer::status(status).header("Location", &to);
        let server = Server::start([moved]).await;
        let mut asking = config(server.url("/"));
        asking.method = method.to_owned();
        asking.body = Some("{\"token\":\"hunter2\"}".to_owned());
        let mut link = Link::start(asking);

        link.watch_for(Duration::from_mins(10)).await;

        let asked: Vec<_> = target
            .seen()
            .into_iter()
            .map(|seen| (seen.method, seen.body.len()))
            .collect();
        let followed = expected.map(|method| (method.to_owned(), 0));
        assert_eq!(asked.first(), followed.as_ref(), "{method} {status}");
        assert_eq!(link.is_stopped(), expected.is_none(), "{method} {status}");
        if expected.is_none() {
            assert_eq!(link.codes()[0], CauseCode::RedirectRefused);
            assert!(!link.causes()[0].message.contains("hunter2"));
        }
    }
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
