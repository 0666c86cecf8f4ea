//! `settings`: carried from one data directory to another.

use serde_json::json;

use crate::program::Program;

const TOKEN: &str = "hunter2-7f3a";

#[test]
fn settings_travel_without_secrets_and_arrive_paused_after_a_look() {
    let (here, there) = (Program::new(), Program::new());
    let header = format!("X-Key: {TOKEN}");
    let add = ["source", "add", "ci", "https://ci.example.com/events", "-H"];
    here.run(&[&add[..], &[&header]].concat()).ok();
    let file = here.temp.path().join("out.json");
    let file = file.to_str().unwrap();

    here.run(&["settings", "export", file]).ok();
    let text = std::fs::read_to_string(file).unwrap();
    let on_stdout = here.run(&["settings", "export", "-"]).ok();
    let shown = there.run(&["settings", "import", file, "--json"]).ok();

    assert!(!text.contains(TOKEN) && !text.contains("X-Key"), "{text}");
    assert_eq!(on_stdout.out, text);
    assert_eq!(
        shown.json(),
        [json!({
            "sources": [{
                "name": "ci", "url": "https://ci.example.com/events", "reach": "public",
                "already_there": false, "renamed_to": null, "refused": null,
            }],
            "rules": 0, "preferences": false, "secrets_dropped": 0,
        })]
    );
    assert!(
        !there.data_dir().join("settings.json").exists(),
        "only a look"
    );

    let done = there.run(&["settings", "import", file, "--yes"]).ok();

    assert!(done.out.contains("+ ci"), "{}", done.out);
    let listed = there.run(&["source", "list", "--json"]).ok().json();
    assert_eq!(listed[0]["enabled"], false);
    assert_eq!(listed[0]["has_secret"], false);
}

#[test]
fn what_is_no_settings_file_is_refused_in_words() {
    let program = Program::new();
    let file = program.file("x.json", "{}");

    let refused = program.run(&["settings", "import", &file, "--yes"]);
    let missing = program.run(&["settings", "import", "/nowhere/x.json"]);

    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.err.contains("no settings file"), "{}", refused.err);
    assert_eq!(missing.code, 1, "{missing:?}");
}

#[test]
fn how_much_is_kept_is_set_for_everything_and_for_a_source() {
    let program = Program::new();
    let before = program.run(&["settings", "retention", "--json"]).ok();
    program
        .run(&["settings", "retention", "--keep-days", "30"])
        .ok();
    let limits = ["--keep-megabytes", "500", "--keep-days", "90", "--json"];
    let set = program.run(&[&["settings", "retention"], &limits[..]].concat());
    let back = ["settings", "retention", "--keep-days", "none"];
    let in_words = program.run(&back).ok();
    let add = ["source", "add", "ci", "https://ci.example.com/events"];
    program
        .run(&[&add[..], &["--keep-events", "1000"]].concat())
        .ok();
    program
        .run(&["source", "edit", "ci", "--keep-days", "7"])
        .ok();
    let shown = program.run(&["source", "show", "ci", "--json"]).ok().json();
    let told = program.run(&["source", "show", "ci"]).ok();
    let nothing = program.run(&["source", "edit", "ci", "--keep-events", "0"]);

    let nothing_yet = json!({"retention": {}, "bytes": 0, "stored": 0, "oldest": null});
    assert_eq!(before.json(), [nothing_yet]);
    assert_eq!(
        set.ok().json()[0]["retention"],
        json!({"days": 90, "megabytes": 500})
    );
    assert!(
        in_words.out.contains("kept: at most 500 MB"),
        "{}",
        in_words.out
    );
    assert_eq!(
        shown[0]["options"]["retention"],
        json!({"days": 7, "events": 1000})
    );
    assert!(
        told.out.contains("at most 7 days, 1000 events"),
        "{}",
        told.out
    );
    assert_eq!(nothing.code, 2, "{nothing:?}");
    assert!(
        nothing.err.contains("keeps at least 1 day"),
        "{}",
        nothing.err
    );
}
