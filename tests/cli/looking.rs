//! `history` in plain text, `export`, and what is said on stderr.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    process::Command,
    time::Duration,
};

use serde_json::{Value, json};
use tidings_core::{
    history::History,
    model::{Delivery, RowId},
};

use crate::{
    program::{Program, Running, keys},
    support::server::{Answer, Server, Then},
};

/// A directory in which this stream was stored, and nobody holds it any more.
async fn stored(program: &Program, stream: &str, count: usize) {
    let server = Server::start([Answer::stream([stream], Then::Hold)]).await;
    program.run(&["source", "add", "ci", &server.url("/")]).ok();
    let mut running = program.start(&["run", "--json"]);
    until("the events are stored", || {
        let listed = program.run(&["source", "list", "--json"]).ok().json();
        listed[0]["stored"] == count
    });
    assert_eq!(running.signal("TERM"), Some(0));
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..400 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("waited in vain until {what}");
}

const EVENTS: &str = "data: first\n\nevent: alert\ndata: a \"b\", c\n\ndata: third\n\n";

#[tokio::test(flavor = "multi_thread")]
async fn export_writes_what_the_filters_say_to_stdout_or_a_file_oldest_first() {
    let program = Program::new();
    stored(&program, EVENTS, 3).await;
    let file = program.temp.path().join("events.csv");
    let path = file.to_str().unwrap();

    let all = program.run(&["export", "--format", "jsonl"]).ok();
    let alerts = program
        .run(&["export", "--format", "jsonl", "--event", "alert"])
        .ok();
    let found = program.run(&["export", "--format", "jsonl", "third"]).ok();
    let csv = program
        .run(&["export", "--format", "csv", "--out", path, "--json"])
        .ok();

    let data = |events: &[Value]| -> Vec<Value> {
        events.iter().map(|event| event["data"].clone()).collect()
    };
    assert_eq!(data(&all.json()), ["first", "a \"b\", c", "third"]);
    assert_eq!(data(&alerts.json()), ["a \"b\", c"]);
    assert_eq!(data(&found.json()), ["third"]);
    assert!(all.err.is_empty() && csv.out.is_empty());
    let said = csv.err_json();
    assert!(said[0]["hint"].as_str().unwrap().contains("3 events"));
    let written = fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = written.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 4, "{written}");
    assert!(lines[0].starts_with("row,source,event,"));
    assert!(lines[2].contains("\"a \"\"b\"\", c\""), "{}", lines[2]);

    let nowhere = program.run(&["export", "--format", "csv", "--out", "/no/such/file"]);
    assert_eq!(nowhere.code, 1);
    let wrong = program.run(&["export", "--format", "jsonl", "level:loud"]);
    assert_eq!((wrong.code, wrong.out.as_str()), (2, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_export_ends_soon_after_a_whole_line() {
    let program = Program::new();
    let count = 4000;
    let stream = format!("data: {}\n\n", "x".repeat(500)).repeat(count);
    stored(&program, &stream, count).await;

    // Nobody reads on: it stands in the middle of its first events.
    let mut export = program
        .command(&["export", "--format", "jsonl"])
        .spawn()
        .unwrap();
    let mut out = BufReader::new(export.stdout.take().unwrap());
    let mut first = String::new();
    out.read_line(&mut first).unwrap();
    let id = export.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-s", "INT", &id])
            .status()
            .unwrap()
            .success()
    );
    std::thread::sleep(Duration::from_millis(300));
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();

    assert_eq!(export.wait().unwrap().code(), Some(0));
    let lines = rest.lines().count() + 1;
    assert!(lines < count, "{lines}");
    assert!(rest.ends_with('\n'));
    let last: Value = serde_json::from_str(rest.lines().last().unwrap()).unwrap();
    assert_eq!(last["source"], "ci");
}

#[tokio::test(flavor = "multi_thread")]
async fn history_says_why_an_event_was_not_shown() {
    let program = Program::new();
    let rule = json!({ "name": "calm alerts", "then": "quiet",
        "when": { "field": "event", "op": "is", "value": "alert" } });
    let file = program.file("rule.json", &rule.to_string());
    program.run(&["rule", "add", "--file", &file]).ok();
    stored(&program, EVENTS, 3).await;
    let history = History::open(&program.data_dir()).unwrap();
    let fates = vec![
        (RowId(1), Delivery::Held, Some("quiet_hours".to_owned())),
        (
            RowId(3),
            Delivery::Refused,
            Some("rejected: no room".to_owned()),
        ),
    ];
    history.set_delivery(fates).await.unwrap();
    drop(history);

    let shown = program.run(&["history"]).ok().out;

    let fates: Vec<&str> = shown
        .lines()
        .filter_map(|line| line.split_once("  ("))
        .map(|(_, fate)| fate)
        .collect();
    assert_eq!(
        fates,
        [
            "toast refused: the notification service refused it, no room)",
            "quiet: rule calm alerts)",
            "held back: quiet hours)",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_query_is_printed_with_a_mark_under_the_place() {
    let program = Program::new();
    stored(&program, EVENTS, 3).await;

    let wrong = program.run(&["history", "결제 level:loud x"]);

    assert_eq!(wrong.code, 2);
    let lines: Vec<&str> = wrong.err.lines().collect();
    assert_eq!(lines[1..], ["  결제 level:loud x", "             ^^^^"]);
}

#[test]
fn with_json_every_line_of_stderr_is_an_object() {
    let program = Program::new();
    program.run(&["source", "add", "a", "https://h/e"]).ok();
    for entry in fs::read_dir(program.data_dir()).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|end| end == "json" || end == "bak")
        {
            fs::write(&path, "{ no settings").unwrap();
        }
    }

    let damaged = program.run(&["source", "pause", "a", "--json"]);
    let mut waiting = program.start(&["run", "--json", "-vv"]);
    let hint = Running::wait_for(&waiting.err, "source add");
    assert_eq!(waiting.signal("TERM"), Some(0));

    let said = damaged.err_json();
    assert!(
        said.iter().any(|line| line["trouble"].is_string()),
        "{said:?}"
    );
    assert_eq!(said.last().unwrap()["error"]["code"], "not_found");
    assert!(serde_json::from_str::<Value>(&hint).unwrap()["hint"].is_string());
    for line in &waiting.err {
        assert!(serde_json::from_str::<Value>(&line).is_ok(), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn source_list_says_where_each_source_stands_while_a_process_holds_the_directory() {
    let program = Program::new();
    let live = Server::start([Answer::stream([EVENTS], Then::Hold)]).await;
    let busy = Server::start([Answer::status(503).header("Retry-After", "60")]).await;
    for (name, server) in [("live", &live), ("busy", &busy)] {
        program.run(&["source", "add", name, &server.url("/")]).ok();
    }
    let states = || -> Vec<Value> {
        let listed = program.run(&["source", "list", "--json"]).ok().json();
        listed
            .iter()
            .map(|source| source["state"].clone())
            .collect()
    };
    let idle = json!({ "state": "idle" });
    assert_eq!(states(), [idle.clone(), idle.clone()]);

    let running = program.start(&["run"]);
    until("one is live and one waits", || {
        let seen = states();
        seen[0]["state"] == "live" && seen[1]["state"] == "waiting"
    });
    let seen = states();
    let plain = program.run(&["source", "list"]).ok().out;
    // Killed, not ended: what it left must not be believed.
    drop(running);

    assert_eq!(seen[0], json!({ "state": "live" }));
    let waiting = &seen[1];
    assert_eq!(
        keys(waiting),
        ["attempt", "cause", "retry_in_ms", "state", "status"]
    );
    assert_eq!(
        (&waiting["attempt"], &waiting["status"]),
        (&json!(2), &json!(503))
    );
    let wait = waiting["retry_in_ms"].as_u64().unwrap();
    assert!((40_000..61_000).contains(&wait), "{wait}");
    assert!(
        plain.contains("(live)") && plain.contains("next try in"),
        "{plain}"
    );
    assert_eq!(states(), [idle.clone(), idle]);
}
