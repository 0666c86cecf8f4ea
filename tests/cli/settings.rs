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
