//! `source`: what is kept, what is shown, and where no secret ever is.

use std::{fs, path::Path};

use serde_json::json;

use crate::program::{Program, keys};

const URL: &str = "https://example.com/events";

/// Files of the data directory in which these words are.
fn files_with(dir: &Path, words: &str) -> Vec<String> {
    let mut found: Vec<String> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let bytes = fs::read(path).unwrap();
            bytes
                .windows(words.len())
                .any(|part| part == words.as_bytes())
        })
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    found.sort();
    found
}

#[test]
fn a_source_goes_round_from_add_to_remove() {
    let program = Program::new();
    program
        .run(&["source", "add", "ci", URL, "-e", "build"])
        .ok();
    program.run(&["source", "add", "ops", "example.org"]).ok();
    program.run(&["source", "pause", "ci"]).ok();
    let renamed = [
        "source",
        "edit",
        "ops",
        "--rename",
        "ops 2",
        "--url",
        "localhost:1",
    ];
    program.run(&renamed).ok();

    let listed = program.run(&["source", "list", "--json"]).ok().json();

    assert_eq!(
        listed[0],
        json!({
            "name": "ci", "url": URL, "enabled": false, "events": ["build"], "not_events": [],
            "state": {"state": "idle"}, "last_event_id": null, "last_event_at": null,
            "stored": 0, "unread": 0, "has_secret": false, "header_names": [],
        })
    );
    for documented in [
        "name",
        "url",
        "enabled",
        "events",
        "state",
        "last_event_id",
        "last_event_at",
        "stored",
        "unread",
        "has_secret",
    ] {
        assert!(keys(&listed[0]).contains(&documented), "{documented}");
    }
    assert_eq!(listed[1]["name"], "ops 2");
    assert_eq!(listed[1]["url"], "http://localhost:1/");

    program.run(&["source", "resume", "ci"]).ok();
    program
        .run(&["source", "edit", "ci", "--not-event", "debug"])
        .ok();
    let shown = program.run(&["source", "show", "ci", "--json"]).ok().json();
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["enabled"], true);
    assert_eq!(shown[0]["not_events"], json!(["debug"]));

    program.run(&["source", "remove", "ci"]).ok();
    let left = program.run(&["source", "list", "--json"]).ok().json();
    assert_eq!(left.len(), 1);
}

#[test]
fn a_secret_is_kept_in_one_private_file_and_never_shown() {
    let program = Program::new();
    let token = program.file("token", "hunter2-token");
    program
        .run(&["source", "add", "a", URL, "--bearer-file", &token])
        .ok();
    let url = "https://me:hunter2-pass@example.com/x";
    program.run(&["source", "add", "b", url]).ok();

    let text = program.run(&["source", "show", "a"]).ok().out;
    let listed = program.run(&["source", "list", "--json"]).ok();

    assert!(text.contains("Authorization"), "{text}");
    assert!(!(text + &listed.out).contains("hunter2"));
    assert_eq!(listed.json()[0]["has_secret"], true);
    assert_eq!(listed.json()[0]["header_names"], json!(["Authorization"]));
    assert_eq!(listed.json()[1]["url"], "https://example.com/x");
    assert_eq!(listed.json()[1]["has_secret"], true);
    let dir = program.data_dir();
    assert_eq!(files_with(&dir, "hunter2-token").len(), 1);
    assert!(files_with(&dir, "hunter2-pass").is_empty());
    assert!(!files_with(&dir, "example.com").is_empty());
    let settings = fs::read_to_string(dir.join("settings.json")).unwrap();
    assert!(!settings.contains("Authorization"), "{settings}");

    program.run(&["source", "remove", "a"]).ok();
    assert!(files_with(&dir, "hunter2-token").is_empty());
}

#[test]
fn an_edit_keeps_what_it_does_not_name() {
    let program = Program::new();
    let add = ["source", "add", "a", URL, "-H", "X-One: 1", "-e", "build"];
    program.run(&add).ok();

    let edit = [
        "source",
        "edit",
        "a",
        "-H",
        "X-Two: 2",
        "--idle-timeout",
        "30",
    ];
    program.run(&edit).ok();

    let shown = &program.run(&["source", "show", "a", "--json"]).ok().json()[0];
    assert_eq!(shown["header_names"], json!(["X-One", "X-Two"]));
    assert_eq!(shown["events"], json!(["build"]));
    assert_eq!(shown["url"], URL);
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let program = Program::new();
    program.run(&["source", "add", "a", URL]).ok();
    let before = fs::read(program.data_dir().join("settings.json")).unwrap();
    for (args, code) in [
        (
            &["source", "add", "a", "https://other.test/"][..],
            "duplicate_name",
        ),
        (&["source", "add", " b", URL], "invalid_name"),
        (&["source", "add", "b", "nonsense://x"], "invalid_url"),
        (
            &["source", "edit", "a", "--url", "nonsense://x"],
            "invalid_url",
        ),
        (&["source", "edit", "b", "--url", URL], "not_found"),
        (&["source", "remove", "b"], "not_found"),
        (&["source", "pause", "b"], "not_found"),
        (&["source", "show", "b"], "not_found"),
    ] {
        let args = [&["--json"], args].concat();
        let ran = program.run(&args);

        assert_ne!(ran.code, 0, "{args:?}");
        assert_eq!(ran.err_json()[0]["error"]["code"], code, "{args:?}");
    }
    let after = fs::read(program.data_dir().join("settings.json")).unwrap();
    assert_eq!(before, after);
}

#[test]
fn reading_where_nothing_is_says_so_and_creates_nothing() {
    let program = Program::new();
    for (args, code) in [
        (&["source", "list"][..], 0),
        (&["history"], 0),
        (&["--json", "history", "word"], 0),
        (&["--json", "source", "list"], 0),
        (&["source", "show", "a"], 1),
        (&["history", "--source", "a"], 1),
    ] {
        let ran = program.run(args);

        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{args:?}");
        assert!(ran.err.contains("add a source first"), "{}", ran.err);
    }
    assert!(!program.data_dir().exists());
}

#[test]
fn every_option_of_a_connection_can_be_given_and_taken_back() {
    let program = Program::new();
    let file = program.file("some.pem", "x");
    program.run(&["source", "add", "a", URL]).ok();
    let shown = || {
        let ran = program.run(&["source", "show", "a", "--json"]).ok();
        ran.json().remove(0)
    };
    let plain = shown();
    let options = [
        ("-e", "build"),
        ("--method", "REPORT"),
        ("--body", "{}"),
        ("--resume-query", "since"),
        ("--idle-timeout", "30.5"),
        ("--silence-after", "300"),
        ("--max-event-bytes", "2048"),
        ("--dedupe", "never"),
        ("--ca-cert", &file),
        ("--client-cert", &file),
        ("--client-key", &file),
        ("--proxy", "http://127.0.0.1:3128/"),
        ("--keep-days", "30"),
        ("--keep-events", "1000"),
        ("--keep-megabytes", "50"),
        ("-H", "X-One: 1"),
    ];
    let given: Vec<&str> = options
        .iter()
        .flat_map(|(name, value)| [*name, *value])
        .collect();
    let edit = ["source", "edit", "a", "--allow-cleartext-secrets"];
    program.run(&[&edit[..], &given].concat()).ok();

    let set = shown();
    assert_eq!(set["events"], json!(["build"]));
    assert_eq!(set["header_names"], json!(["X-One"]));
    assert_eq!(
        set["options"],
        json!({
            "method": "REPORT", "body": "{}", "resume_query": "since", "idle_timeout": 30.5,
            "silence_after": 300.0, "max_event_bytes": 2048, "dedupe": "never",
            "ca_cert": file, "client_cert": file, "client_key": file,
            "proxy": "http://127.0.0.1:3128/", "allow_cleartext_secrets": true,
            "retention": { "days": 30, "events": 1000, "megabytes": 50 },
        })
    );
    let text = program.run(&["source", "show", "a"]).ok().out;
    assert!(text.contains("silence alarm after: 300 s"), "{text}");

    let back: Vec<&str> = options
        .iter()
        .flat_map(|(name, _)| [*name, if *name == "-H" { "X-One:" } else { "" }])
        .collect();
    let edit = ["source", "edit", "a", "--allow-cleartext-secrets=false"];
    program.run(&[&edit[..], &back].concat()).ok();
    assert_eq!(shown(), plain);

    // A second way for each, and what is no such value.
    program
        .run(&[
            "source",
            "edit",
            "a",
            "--not-event",
            "debug",
            "--silence-after",
            "1",
        ])
        .ok();
    program
        .run(&[
            "source",
            "edit",
            "a",
            "--not-event",
            "",
            "--silence-after",
            "none",
        ])
        .ok();
    assert_eq!(shown(), plain);
    for wrong in ["0.5", "2592001", "soon", "-1"] {
        let edit = ["source", "edit", "a", "--silence-after", wrong];
        assert_eq!(program.run(&edit).code, 2, "{wrong}");
    }
    assert_eq!(shown(), plain);
}
