//! `tail`: what it prints, and how it ends.

use serde_json::json;

use crate::{
    program::{Program, keys},
    support::server::{Answer, Server, Then},
};

const TWO: &str = "id: 1\nevent: a\ndata: x\ndata: y\n\ndata: z\n\n";

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_one_line_of_json_with_exactly_the_documented_members() {
    let server = Server::start([Answer::stream([TWO], Then::Eof)]).await;
    let url = server.url("/events");

    let ran = Program::new()
        .run(&["tail", &url, "--json", "--no-reconnect"])
        .ok();

    let mut events = ran.json();
    for event in &mut events {
        let at = event
            .as_object_mut()
            .unwrap()
            .remove("received_at")
            .unwrap();
        assert!(at.as_str().unwrap().ends_with('Z'), "{at}");
    }
    assert_eq!(
        events,
        [
            json!({"source": "127.0.0.1", "event": "a", "data": "x\ny", "id": "1", "own_id": "1",
                "replayed": false, "truncated": false}),
            json!({"source": "127.0.0.1", "event": "message", "data": "z", "id": "1",
                "own_id": null, "replayed": false, "truncated": false}),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn states_go_to_stderr_with_the_documented_members() {
    let server = Server::start([
        Answer::status(503).header("Retry-After", "1"),
        Answer::stream([TWO], Then::Eof),
        Answer::status(403),
    ])
    .await;

    let ran = Program::new().run(&["tail", &server.url("/"), "--json"]);

    let states = ran.err_json();
    let names: Vec<&str> = states
        .iter()
        .map(|state| state["state"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "connecting",
            "waiting",
            "connecting",
            "live",
            "waiting",
            "connecting",
            "stopped"
        ]
    );
    assert_eq!(states[0], json!({"state": "connecting", "attempt": 1}));
    let waiting = &states[1];
    assert_eq!(
        keys(waiting),
        ["attempt", "cause", "retry_in_ms", "state", "status"]
    );
    assert_eq!(waiting["cause"]["code"], "server_error");
    assert!(
        waiting["cause"]["message"]
            .as_str()
            .unwrap()
            .contains("503")
    );
    assert!(waiting["retry_in_ms"].as_i64().unwrap() >= 900, "{waiting}");
    assert_eq!(
        (&waiting["status"], &waiting["attempt"]),
        (&json!(503), &json!(2))
    );
    assert_eq!(states[3], json!({"state": "live"}));
    assert_eq!(keys(&states[6]), ["cause", "state", "status"]);
    assert_eq!(ran.code, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn how_it_ends_is_its_exit_code() {
    let html = Answer::stream(["<html>"], Then::Eof).header("Content-Type", "text/html");
    let silent = Answer::stream([""], Then::Hold);
    let held = Answer::stream([TWO], Then::Hold);
    let broken = Answer::stream([TWO], Then::Reset);
    let once = "--no-reconnect";
    for (answer, options, code) in [
        (held.clone(), &["--max-events", "1"][..], 0),
        (held, &["--max-events", "0"], 0),
        (silent, &["--for", "0.4"], 0),
        (Answer::status(503), &["--for", "0.4"], 0),
        (Answer::stream([TWO], Then::Eof), &[once], 0),
        (broken, &[once], 1),
        (html, &[once], 3),
        (Answer::status(500), &[once], 3),
        (Answer::status(204), &[], 3),
        (Answer::status(401), &[], 3),
        (Answer::status(403), &[once], 3),
    ] {
        let server = Server::start([answer]).await;
        let url = server.url("/");
        let args = [&["tail", &url], options].concat();

        let ran = Program::new().run(&args);

        assert_eq!(ran.code, code, "{args:?}: {ran:?}");
    }
}

#[test]
fn no_http_answer_ends_with_4() {
    for url in ["http://127.0.0.1:1/", "https://127.0.0.1:1/"] {
        assert_eq!(Program::new().run(&["tail", url, "--no-reconnect"]).code, 4);
    }
}

#[test]
fn wrong_usage_ends_with_2_and_says_what_is_wrong_in_one_line() {
    let program = Program::new();
    for args in [
        &["tail"][..],
        &["tail", "ftp://h/"],
        &["tail", "http://h h/"],
        &["tail", "http://127.0.0.1:1/", "--for", "soon"],
        &["tail", "http://127.0.0.1:1/", "--for", "-1"],
        &["tail", "http://127.0.0.1:1/", "--max-event-bytes", "0"],
        &["tail", "http://127.0.0.1:1/", "--method", "BREW"],
        &["tail", "http://127.0.0.1:1/", "--proxy", "no url"],
        &["tail", "http://127.0.0.1:1/", "--client-cert", "only.pem"],
        &["tail", "http://127.0.0.1:1/", "-e", "a", "--not-event", "b"],
        &["tail", "http://127.0.0.1:1/", "-H", "no colon"],
        &["tail", "http://127.0.0.1:1/", "-H", "Last-Event-ID: 1"],
        &["source", "add", "", "http://127.0.0.1:1/"],
        &["history", "--before", "someday"],
        &["frobnicate"],
        &["--frobnicate"],
    ] {
        let ran = program.run(args);
        assert_eq!(ran.code, 2, "{args:?}: {ran:?}");
        assert!(ran.out.is_empty());
        assert!(!ran.err.trim().is_empty());
    }
    let ran = program.run(&["tail", "ftp://h/"]);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    let ran = program.run(&["--json", "tail", "ftp://h/"]);
    assert_eq!(ran.err_json()[0]["error"]["code"], "invalid_url");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_wanted_event_types_are_shown_and_counted() {
    let body = "event: a\ndata: 1\n\nevent: b\ndata: 2\n\nevent: c\ndata: 3\n\n";
    for (options, shown) in [
        (&["-e", "a", "-e", "c"][..], ["1", "3"]),
        (&["--not-event", "a"], ["2", "3"]),
    ] {
        let server = Server::start([Answer::stream([body], Then::Hold)]).await;
        let url = server.url("/");
        let args = [&["tail", &url, "--json", "--max-events", "2"], options].concat();

        let ran = Program::new().run(&args).ok();

        let data: Vec<String> = ran
            .json()
            .iter()
            .map(|event| event["data"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(data, shown);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_cannot_steer_the_terminal_or_forge_a_line() {
    let body = "event: \x1b[31mred\ndata: one\ndata: \x1b]0;title\x07\n\n";
    let server = Server::start([Answer::stream([body], Then::Eof)]).await;

    let ran = Program::new()
        .run(&["tail", &server.url("/"), "--no-reconnect"])
        .ok();

    assert!(!ran.out.contains(['\x1b', '\x07']), "{:?}", ran.out);
    assert!(ran.out.lines().nth(1).unwrap().starts_with("    "));
}

#[tokio::test(flavor = "multi_thread")]
async fn data_beyond_the_limit_is_cut_and_marked() {
    let server = Server::start([Answer::stream(["data: 12345678\n\n"], Then::Eof)]).await;
    let url = server.url("/");

    let ran = Program::new()
        .run(&[
            "tail",
            &url,
            "--json",
            "--no-reconnect",
            "--max-event-bytes",
            "4",
        ])
        .ok();

    assert_eq!(ran.json()[0]["data"], "1234");
    assert_eq!(ran.json()[0]["truncated"], true);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn colour_is_for_terminals_and_no_color_takes_it_away() {
    let server = Server::start([Answer::stream([TWO], Then::Eof)]).await;
    let program = Program::new();
    // `script` gives the program a terminal.
    let on_terminal = |no_color: &str| {
        let line = format!(
            "{} tail {} --no-reconnect",
            env!("CARGO_BIN_EXE_tidings-cli"),
            server.url("/")
        );
        let ran = std::process::Command::new("script")
            .args(["-qec", &line, "/dev/null"])
            .env("NO_COLOR", no_color)
            .env("TIDINGS_DATA_DIR", program.data_dir())
            .output()
            .unwrap();
        String::from_utf8(ran.stdout).unwrap()
    };

    assert!(on_terminal("").contains("\x1b["));
    assert!(!on_terminal("1").contains('\x1b'));
    let piped = program.run(&["tail", &server.url("/"), "--no-reconnect"]);
    assert!(!piped.out.contains('\x1b'));
}

#[test]
fn help_shows_examples_and_every_command() {
    let program = Program::new();

    let help = program.run(&["--help"]).ok().out;

    for words in [
        "Examples:",
        "tail",
        "check",
        "run",
        "source",
        "history",
        "demo",
        "Exit codes",
        "--data-dir",
        "--json",
        "--secrets",
    ] {
        assert!(help.contains(words), "{words} is not in:\n{help}");
    }
    assert!(
        program
            .run(&["--version"])
            .ok()
            .out
            .starts_with("tidings-cli ")
    );
    assert!(
        program
            .run(&["tail", "--help"])
            .ok()
            .out
            .contains("--last-event-id")
    );
}
