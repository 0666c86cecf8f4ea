//! The connection options: what reaches the server, what is refused, what `check` says.

use serde_json::json;

use crate::{
    program::{PATIENCE, Program, keys},
    support::server::{Answer, Seen, Server, Then},
};

/// What the server sees of a `tail` with these options.
async fn seen(program: &Program, options: &[&str], stdin: &str) -> Seen {
    let server = Server::start([Answer::stream(["data: a\n\n"], Then::Eof)]).await;
    let url = server.url("/e?q=1");
    let args = [&["tail", &url, "--no-reconnect"], options].concat();
    let ran = program.run_with(&args, stdin).ok();
    assert!(!(ran.out + &ran.err).contains("hunter2"));
    server.seen()[0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_come_from_the_command_line_from_files_and_from_stdin() {
    let program = Program::new();
    let headers = program.file("headers", "X-One: 1\r\n\nX-Two:2: b\n");
    let token = program.file("token", "hunter2\nsecond line\n");
    let password = program.file("password", "hunter2\r\n");
    let from_file = format!("@{headers}");

    let plain = seen(&program, &["-H", "X-Key: k", "-H", &from_file], "").await;
    let bearer = seen(&program, &["--bearer-file", &token], "").await;
    let basic = seen(
        &program,
        &["--basic", "me", "--password-file", &password],
        "",
    )
    .await;
    let asked = seen(&program, &["--basic", "me"], "hunter2\n").await;

    assert_eq!(plain.header("x-key"), Some("k"));
    assert_eq!(plain.header("x-one"), Some("1"));
    assert_eq!(plain.header("x-two"), Some("2: b"));
    assert_eq!(bearer.header("authorization"), Some("Bearer hunter2"));
    assert_eq!(
        basic.header("authorization"),
        Some("Basic bWU6aHVudGVyMg==")
    );
    assert_eq!(asked.header("authorization"), basic.header("authorization"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_request_is_what_the_options_say() {
    let program = Program::new();

    let plain = seen(&program, &[], "").await;
    let resumed = seen(&program, &["--last-event-id", "사건 7"], "").await;
    let query = ["--last-event-id", "7", "--resume-query", "since"];
    let by_query = seen(&program, &query, "").await;
    let posted = seen(&program, &["--body", "{}"], "").await;
    let reported = seen(&program, &["--method", "report", "--body", "b"], "").await;

    assert_eq!(plain.method, "GET");
    assert_eq!(plain.header("accept"), Some("text/event-stream"));
    assert_eq!(plain.header("cache-control"), Some("no-store"));
    assert!(plain.header("user-agent").unwrap().starts_with("Tidings/"));
    for absent in ["last-event-id", "accept-encoding", "cookie", "referer"] {
        assert_eq!(plain.header(absent), None, "{absent}");
    }
    assert_eq!(resumed.header("last-event-id"), Some("사건 7"));
    assert_eq!(by_query.target, "/e?q=1&since=7");
    assert_eq!(by_query.header("last-event-id"), None);
    assert_eq!((&*posted.method, &*posted.body), ("POST", &b"{}"[..]));
    assert_eq!((&*reported.method, &*reported.body), ("REPORT", &b"b"[..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reconnect_asks_for_what_follows_the_last_event() {
    let server = Server::start([
        Answer::stream(["retry: 500\nid: 41\ndata: a\n\n"], Then::Eof),
        Answer::stream(["id: 42\ndata: b\n\n"], Then::Hold),
    ])
    .await;

    let ran = Program::new()
        .run(&["tail", &server.url("/"), "--json", "--max-events", "2"])
        .ok();

    assert_eq!(server.seen()[1].header("last-event-id"), Some("41"));
    let replayed: Vec<bool> = ran
        .json()
        .iter()
        .map(|event| event["replayed"].as_bool().unwrap())
        .collect();
    assert_eq!(replayed, [false, true]);
}

#[test]
fn a_secret_never_travels_over_cleartext_without_consent() {
    let program = Program::new();
    for args in [
        &["tail", "http://192.0.2.1/", "-H", "X-Key: hunter2"][..],
        &["tail", "http://me:hunter2@192.0.2.1/"],
        &["check", "http://192.0.2.1/", "-H", "X-Key: hunter2"],
        &[
            "source",
            "add",
            "a",
            "http://192.0.2.1/",
            "-H",
            "X-Key: hunter2",
        ],
    ] {
        let args = [&["--json"], args].concat();
        let ran = program.run(&args);

        assert_eq!(ran.code, 1, "{args:?}");
        assert_eq!(ran.err_json()[0]["error"]["code"], "cleartext_secret");
        assert!(!ran.err.contains("hunter2"));
    }
    program
        .run(&[
            "source",
            "add",
            "a",
            "http://192.0.2.1/",
            "-H",
            "X-Key: hunter2",
            "--allow-cleartext-secrets",
        ])
        .ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_logged_however_much_is_asked_for() {
    let data = "id: hunter2-id\ndata: Authorization: Bearer hunter2-data\n\n";
    for (command, options) in [
        ("tail", &["--no-reconnect"][..]),
        ("check", &["--wait", "0.2"]),
        ("run", &[]),
    ] {
        let server = Server::start([Answer::stream([data], Then::Eof)]).await;
        let url = server.url("/e?token=hunter2-query");
        let url = url.replace("://", "://me:hunter2-password@");
        let secret = ["-H", "X-Key: hunter2-header"];
        let program = Program::new();

        let said = if command == "run" {
            program
                .run(&[&["source", "add", "a", &url], &secret[..]].concat())
                .ok();
            let mut running = program.start(&["run", "-vvv"]);
            let mut said = String::new();
            while !said.contains("connection ended") {
                said.push_str(&running.err.recv_timeout(PATIENCE).unwrap());
            }
            running.signal("TERM");
            said.extend(running.err.iter());
            said
        } else {
            let args = [&[command, &url, "-vvv"], options, &secret[..]].concat();
            program.run(&args).ok().err
        };

        assert!(!said.contains("hunter2"), "{command}: {said}");
        assert!(!said.contains("bWU6aHVudGVyMi"), "{command}: {said}");
        assert_eq!(server.seen()[0].header("x-key"), Some("hunter2-header"));
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let program = Program::new();
    for option in ["--bearer-file", "--ca-cert", "-H"] {
        let path = if option == "-H" {
            "@/no/such"
        } else {
            "/no/such"
        };
        let ran = program.run(&["tail", "http://127.0.0.1:1/", option, path]);

        assert_eq!(ran.code, 1, "{option}");
        assert!(ran.err.contains("/no/such"), "{}", ran.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn check_prints_each_step_with_exactly_the_documented_members() {
    let server = Server::start([Answer::stream([": hb\n\n"], Then::Hold)]).await;

    let ran = Program::new()
        .run(&["check", &server.url("/"), "--json"])
        .ok();

    let steps = ran.json();
    let names: Vec<&str> = steps
        .iter()
        .map(|step| step["step"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "resolve",
            "connect",
            "response",
            "media_type",
            "first_bytes"
        ]
    );
    for step in &steps {
        assert_eq!(keys(step), ["detail", "fix", "ms", "ok", "step"]);
        assert_eq!((&step["ok"], &step["fix"]), (&json!(true), &json!(null)));
        assert!(step["ms"].is_u64() && step["detail"].is_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn check_ends_with_the_kind_of_its_first_failure() {
    let html = Answer::stream(["<html>"], Then::Eof).header("Content-Type", "text/html");
    let closed = Answer::stream([""], Then::Eof);
    let silent = Answer::stream([""], Then::Hold);
    for (answer, code, words) in [
        (Answer::status(401), 3, "credentials"),
        (Answer::status(404), 3, "path"),
        (html, 3, "browser"),
        (closed, 1, "log"),
        (silent, 0, "fine"),
    ] {
        let server = Server::start([answer]).await;

        let ran = Program::new().run(&["check", &server.url("/"), "--wait", "0.3"]);

        assert_eq!(ran.code, code, "{ran:?}");
        assert!(ran.out.contains(words), "{words}: {}", ran.out);
    }
    let ran = Program::new().run(&["check", "http://127.0.0.1:1/"]);
    assert_eq!(ran.code, 4);
    assert!(ran.out.contains("what to do"), "{}", ran.out);
}
