//! `run`, `history` and `demo`: events stored, found again, replayed.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    program::{Program, Running, keys},
    support::server::{Answer, Server, Then},
};

const EVENTS: &str = "id: 1\ndata: {\"title\":\"First deploy\",\"body\":\"web-3\"}\n\n\
    id: 2\nevent: alert\ndata: {\"title\":\"Disk full\",\"level\":\"high\",\"url\":\"https://h/2\"}\n\n\
    data: third\n\n";

/// A program that has stored three events of the source `ci` and still runs.
pub(crate) async fn receiving(program: &Program) -> (Server, Running) {
    let server = Server::start([Answer::stream([EVENTS], Then::Hold)]).await;
    program.run(&["source", "add", "ci", &server.url("/")]).ok();
    let running = program.start(&["run", "--json"]);
    Running::wait_for(&running.err, "\"live\"");
    for _ in 0..200 {
        let listed = program.run(&["source", "list", "--json"]).ok().json();
        if listed[0]["stored"] == 3 {
            return (server, running);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the events were never stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn run_stores_holds_the_directory_and_ends_at_once_when_told() {
    let program = Program::new();
    let (_server, mut running) = receiving(&program).await;

    let held = program.run(&["source", "pause", "ci"]);
    let second = program.run(&["run"]);
    let read = program.run(&["history", "--json"]).ok();

    for refused in [&held, &second] {
        assert_eq!(refused.code, 1, "{refused:?}");
        assert!(refused.err.contains("tidings-cli"), "{}", refused.err);
        assert!(refused.err.contains("holds"), "{}", refused.err);
        assert_eq!(refused.err.lines().count(), 1);
    }
    assert_eq!(read.json().len(), 3);
    let told = tokio::time::Instant::now();
    assert_eq!(running.signal("TERM"), Some(0));
    assert!(
        told.elapsed() < Duration::from_secs(2),
        "{:?}",
        told.elapsed()
    );
    let listed = &program.run(&["source", "list", "--json"]).ok().json()[0];
    assert_eq!(listed["last_event_id"], "2");
    assert!(listed["last_event_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(
        (&listed["stored"], &listed["unread"]),
        (&json!(3), &json!(3))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_goes_on_after_the_last_stored_event() {
    let program = Program::new();
    let (server, mut running) = receiving(&program).await;
    assert_eq!(running.signal("INT"), Some(0));

    let mut again = program.start(&["run"]);
    Running::wait_for(&again.err, "ci: live");
    assert_eq!(again.signal("TERM"), Some(0));

    let seen = server.seen();
    assert_eq!(seen.last().unwrap().header("last-event-id"), Some("2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn history_finds_what_the_filters_say_with_the_documented_members() {
    let program = Program::new();
    let (_server, mut running) = receiving(&program).await;
    running.signal("TERM");
    let find = |options: &[&str]| -> Vec<Value> {
        let args = [&["history", "--json"], options].concat();
        program.run(&args).ok().json()
    };
    let titles = |options: &[&str]| -> Vec<String> {
        find(options)
            .iter()
            .map(|event| event["title"].as_str().unwrap().to_owned())
            .collect()
    };

    let all = find(&[]);

    assert_eq!(
        keys(&all[1]),
        [
            "body",
            "data",
            "delivery",
            "event",
            "id",
            "pinned",
            "read",
            "received_at",
            "replayed",
            "row",
            "severity",
            "source",
            "tags",
            "title",
            "truncated",
            "url",
        ]
    );
    assert_eq!(keys(&all[1]["delivery"]), ["detail", "outcome", "rule"]);
    assert_eq!(all[1]["title"], "Disk full");
    assert_eq!(
        (&all[1]["severity"], &all[1]["id"]),
        (&json!("high"), &json!("2"))
    );
    assert_eq!(
        (&all[1]["url"], &all[1]["source"]),
        (&json!("https://h/2"), &json!("ci"))
    );
    assert_eq!(
        (&all[0]["id"], &all[0]["read"]),
        (&json!(null), &json!(false))
    );
    assert_eq!(titles(&["--event", "alert"]), ["Disk full"]);
    assert_eq!(titles(&["disk"]), ["Disk full"]);
    assert_eq!(
        titles(&["--limit", "1", "--oldest-first"]),
        ["First deploy"]
    );
    assert_eq!(titles(&["--source", "ci", "--unread"]).len(), 3);
    let row = all[1]["row"].to_string();
    assert_eq!(titles(&["--after", &row]).len(), 1);
    assert_eq!(titles(&["--before", &row]), ["First deploy"]);
    assert!(titles(&["--before", "2020-01-01T00:00:00Z"]).is_empty());
    assert_eq!(titles(&["--after", "2020-01-01T00:00:00Z"]).len(), 3);
    let unknown = program.run(&["history", "--source", "nobody"]);
    assert_eq!(unknown.code, 1);
    assert!(unknown.err.contains("nobody"));
    assert!(program.run(&["history"]).ok().out.contains("Disk full"));

    program.run(&["source", "remove", "ci"]).ok();
    assert_eq!(find(&[]).len(), 3, "history outlives its source");
}

#[test]
fn run_without_a_source_says_what_to_do_and_waits() {
    let program = Program::new();
    let mut running = program.start(&["run"]);

    Running::wait_for(&running.err, "source add");

    assert_eq!(running.signal("TERM"), Some(0));
}

#[test]
fn the_built_in_demo_can_be_checked_and_followed_like_any_other() {
    let program = Program::new();

    program
        .run(&["check", "tidings:demo", "--wait", "0.1"])
        .ok();
    let event = program
        .run(&["tail", "tidings:demo", "--json", "--max-events", "1"])
        .ok();

    assert_eq!(event.json()[0]["event"], "message");
}

/// Sends a request and returns the answer, from its status line on.
fn request(url: &str, head: &str, body: &str) -> BufReader<TcpStream> {
    let host = url
        .strip_prefix("http://")
        .unwrap()
        .split('/')
        .next()
        .unwrap();
    let mut socket = TcpStream::connect(host).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    write!(
        socket,
        "{head} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    BufReader::new(socket)
}

#[test]
fn the_demo_prints_its_url_takes_events_and_replays_them() {
    let program = Program::new();
    let mut demo = program.start(&["demo", "--json"]);
    let line = Running::wait_for(&demo.out, "url");
    let url = serde_json::from_str::<Value>(&line).unwrap()["url"].clone();
    let url = url.as_str().unwrap();

    let mut ids = Vec::new();
    for data in ["first", "second", "third"] {
        let mut answer = request(url, "POST /events?event=greeting", data);
        let mut head = String::new();
        answer.read_line(&mut head).unwrap();
        assert!(head.contains("201"), "{head}");
        while head != "\r\n" {
            head.clear();
            answer.read_line(&mut head).unwrap();
        }
        let mut body = [0; 64];
        let length = answer.read(&mut body).unwrap();
        let id: Value = serde_json::from_slice(&body[..length]).unwrap();
        ids.push(id["id"].as_str().unwrap().to_owned());
    }

    let replayed = program
        .run(&[
            "tail",
            url,
            "--json",
            "--last-event-id",
            &ids[0],
            "--max-events",
            "2",
        ])
        .ok()
        .json();
    assert_eq!(
        (&replayed[0]["data"], &replayed[0]["id"]),
        (&json!("second"), &json!(ids[1]))
    );
    assert_eq!(
        (&replayed[1]["data"], &replayed[1]["event"]),
        (&json!("third"), &json!("greeting"))
    );
    assert_eq!(replayed[0]["replayed"], true);
    assert_eq!(demo.signal("TERM"), Some(0));
}
