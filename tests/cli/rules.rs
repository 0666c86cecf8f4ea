//! `rule` and mappings: what is kept, what is refused, and what a test on the history says.

use serde_json::json;

use crate::{
    program::Program,
    support::server::{Answer, Server, Then},
};

#[test]
fn a_rule_goes_round_from_add_to_remove() {
    let program = Program::new();
    let errors = json!({
        "name": "errors", "then": "notify", "severity": "critical",
        "when": { "all": [
            { "field": "$.level", "op": "in", "value": ["error", "fatal"] },
            { "not": { "field": "title", "op": "contains", "value": "flaky" } }
        ]},
        "at_most": { "count": 1, "seconds": 300, "per": "$.host" }
    });
    let file = program.file("errors.json", &errors.to_string());
    let added = program.run(&["rule", "add", "--file", &file]).ok();
    assert!(added.out.contains(
        "errors: when ($.level in error, fatal and not title contains flaky), notify as critical, \
         at most 1 in 300 s per $.host"
    ), "{}", added.out);
    let list =
        r#"[{"name":"noise","then":"drop","when":{"field":"event","op":"is","value":"tick"}}]"#;
    let noise = program
        .run_with(&["rule", "add", "--first", "--file", "-"], list)
        .ok();
    assert!(noise.err.contains("noise drops events"), "{}", noise.err);

    let listed = program.run(&["rule", "list", "--json"]).ok().json();
    assert_eq!(
        (&listed[0]["name"], &listed[1]["name"]),
        (&json!("noise"), &json!("errors"))
    );
    assert_eq!(listed[1]["when"], errors["when"]);

    // With its id a rule takes the place of the one that is there.
    let mut edited = listed[1].clone();
    edited["then"] = json!("quiet");
    edited.as_object_mut().unwrap().remove("at_most");
    let file = program.file("edited.json", &edited.to_string());
    program.run(&["rule", "add", "--file", &file]).ok();
    program.run(&["rule", "remove", "noise"]).ok();
    let listed = program.run(&["rule", "list", "--json"]).ok().json();
    assert_eq!(listed, [edited]);

    let id = listed[0]["id"].as_str().unwrap();
    program.run(&["rule", "remove", id]).ok();
    assert!(program.run(&["rule", "list"]).ok().out.is_empty());
    assert_eq!(program.run(&["rule", "remove", "gone"]).code, 1);
}

#[test]
fn a_wrong_rule_or_mapping_is_wrong_usage_and_says_where() {
    let program = Program::new();
    let wrong =
        r#"{"name":"a","then":"quiet","when":{"all":[{"field":"title","op":"like","value":"x"}]}}"#;
    let file = program.file("wrong.json", wrong);
    let ran = program.run(&["rule", "add", "--file", &file, "--json"]);
    assert_eq!(
        (ran.code, &ran.err_json()[0]["error"]["code"]),
        (2, &json!("invalid_rule"))
    );
    assert!(
        ran.err.contains("when.all[0].op: unknown variant `like`"),
        "{}",
        ran.err
    );

    let mapping = program.file("mapping.json", r#"{"title":"$.title"}"#);
    let url = "https://example.com/";
    let ran = program.run(&["source", "add", "a", url, "--mapping", &mapping]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(
        ran.err.contains("mapping title: a path stands in braces"),
        "{}",
        ran.err
    );
    assert_eq!(
        program
            .run(&["source", "add", "a", url, "--preset", "gotify"])
            .code,
        2
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mapping_reads_what_comes_and_a_rule_is_tested_on_what_is_stored() {
    let ntfy = "data: {\"event\":\"message\",\"topic\":\"t\",\"message\":\"Hi!\",\"tags\":[\"tada\"]}\n\n\
                event: keepalive\ndata: {}\n\n\
                data: {\"event\":\"message\",\"topic\":\"t\",\"message\":\"Fire\",\"priority\":5}\n\n";
    let server = Server::start([Answer::stream([ntfy], Then::Hold)]).await;
    let program = Program::new();
    let url = server.url("/t/sse");
    program
        .run(&["source", "add", "phone", &url, "--preset", "ntfy"])
        .ok();
    assert_eq!(
        program.run(&["source", "list", "--json"]).ok().json()[0]["mapping"],
        json!({ "preset": "ntfy" })
    );
    let running = program.start(&["run"]);
    let mut stored = Vec::new();
    for _ in 0..400 {
        stored = program.run(&["history", "--json"]).json();
        if stored.len() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    drop(running);
    let titles: Vec<&str> = stored
        .iter()
        .map(|event| event["title"].as_str().unwrap())
        .collect();
    assert_eq!(titles, ["Fire", "🎉 Hi!"]);

    let rule =
        r#"{"name":"calm","then":"quiet","when":{"field":"severity","op":"<","value":"high"}}"#;
    let file = program.file("calm.json", rule);
    let said = program
        .run(&["rule", "test", "--file", &file, "--json"])
        .ok()
        .json();
    let said = &said[0];
    assert_eq!(
        (
            &said["looked_at"],
            &said["would_notify"],
            &said["now_notify"],
            &said["matched"]
        ),
        (&json!(2), &json!(1), &json!(2), &json!(1))
    );
    assert_eq!(said["newly_quiet"][0]["title"], json!("🎉 Hi!"));
    let told = program.run(&["rule", "test", "--file", &file]).ok().out;
    assert!(
        told.starts_with("1 of the newest 2 events would notify, about 1 a day (now 2)"),
        "{told}"
    );
}
