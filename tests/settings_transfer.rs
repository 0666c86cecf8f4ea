//! Settings carried elsewhere: what leaves, what comes in, and what never does.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "support/settings.rs"]
mod place;

use place::{Place, ROLES, document, newer, saves};
use serde_json::{Value, json};
use tidings_core::{
    error::Code,
    ipc::Reach,
    rules::{
        Rule,
        rule::{Condition, Operator, Outcome},
    },
    settings::{
        Settings, Theme,
        transfer::{Import, export},
    },
    source::SourceConfig,
};

const TOKEN: &str = "hunter2-7f3a";

fn file(sources: &Value) -> Vec<u8> {
    json!({"tidings": "settings", "schema": 1, "sources": sources})
        .to_string()
        .into_bytes()
}

fn applied(bytes: &[u8], current: &Settings) -> Settings {
    let mut after = current.clone();
    let import = Import::plan(bytes, current).unwrap();
    import.apply(&mut after, current).unwrap();
    after
}

fn source(name: &str, url: &str) -> Value {
    serde_json::to_value(SourceConfig::new(name, url.parse().unwrap())).unwrap()
}

fn about(source: &str) -> Rule {
    Rule {
        when: Condition::test("source", Operator::Is, source),
        ..Rule::new("hush", Outcome::Quiet)
    }
}

#[test]
fn what_is_exported_arrives_elsewhere_with_every_source_disabled() {
    let mut here = document();
    here.preferences.theme = Theme::Dark;
    here.sources[1].allow_cleartext_secrets = true;
    let (text, left_out) = export(&here).unwrap();

    let there = applied(text.as_bytes(), &Settings::default());

    assert_eq!(left_out, 0);
    let names: Vec<&str> = there.sources.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["Builds", "\u{c8fc}\u{bb38}"], "the demo stays");
    assert!(there.sources.iter().all(|one| !one.enabled));
    assert!(there.sources.iter().all(|one| !one.allow_cleartext_secrets));
    assert_eq!(there.sources[0].events, here.sources[1].events);
    assert_eq!(there.sources[0].unknown, here.sources[1].unknown);
    assert_eq!(there.preferences.theme, Theme::Dark);
    assert_eq!(there.unknown["recipes"], here.unknown["recipes"]);
    assert_eq!(there.generation, 0);
    assert!(there.validate().is_ok());
}

#[test]
fn no_secret_leaves_and_a_value_in_a_url_is_left_out() {
    let mut here = document();
    here.sources[1].url = format!("https://ci.example.com/e?access_token={TOKEN}&page=2")
        .parse()
        .unwrap();
    let note = json!({"at": "keychain", "names": {here.sources[1].id.to_string(): ["X-Key"]}});
    here.secrets = serde_json::from_value(note).unwrap();

    let (text, left_out) = export(&here).unwrap();

    assert_eq!(left_out, 1);
    assert!(!text.contains(TOKEN) && !text.contains("keychain") && !text.contains("X-Key"));
    assert!(text.contains("access_token=&page=2"));
}

#[test]
fn importing_the_same_file_again_changes_nothing() {
    let (text, _) = export(&document()).unwrap();
    let once = applied(text.as_bytes(), &Settings::default());

    let again = Import::plan(text.as_bytes(), &once).unwrap();

    assert!(again.plan.sources.iter().all(|one| one.already_there));
    assert_eq!((again.plan.rules, again.plan.preferences), (0, false));
    assert_eq!(applied(text.as_bytes(), &once), once);
}

#[test]
fn a_taken_name_or_id_gets_another_and_the_rules_that_name_the_source_follow() {
    let mut here = document();
    here.rules = vec![about("Builds")];
    let mut twin = source("Builds", "https://other.example.com/events");
    twin["id"] = json!(here.sources[1].id);
    let bytes = json!({
        "tidings": "settings", "schema": 1, "sources": [twin],
        "rules": [
            {"name": "by name", "then": "quiet",
             "when": {"not": {"any": [{"field": "source", "op": "in", "value": ["builds", "x"]}]}}},
            {"name": "by id", "then": "quiet",
             "when": {"field": "source", "op": "is", "value": here.sources[1].id}},
            {"id": here.rules[0].id, "name": "an id of ours", "then": "notify"},
        ],
    });

    let after = applied(bytes.to_string().as_bytes(), &here);

    assert_eq!(after.sources.len(), 4);
    assert_eq!(after.sources[3].name, "Builds 2");
    assert_ne!(after.sources[3].id, here.sources[1].id);
    assert_eq!(after.sources[1], here.sources[1]);
    assert_eq!(after.rules[0], here.rules[0], "ours is about ours");
    let whens: Vec<Value> = after.rules[1..]
        .iter()
        .map(|rule| serde_json::to_value(&rule.when).unwrap())
        .collect();
    let in_list = json!({"field": "source", "op": "in", "value": ["Builds 2", "x"]});
    assert_eq!(whens[0], json!({"not": {"any": [in_list]}}));
    assert_eq!(whens[1]["value"], json!(after.sources[3].id));
    assert_ne!(after.rules[3].id, here.rules[0].id);
    assert!(after.validate().is_ok());
}

#[test]
fn rules_follow_sources_whose_names_go_round() {
    let mut here = Settings::default();
    let known = SourceConfig::new("Builds", "https://a.example.com/".parse().unwrap());
    let mut came = serde_json::to_value(&known).unwrap();
    came["name"] = json!("CI");
    here.sources = vec![known];
    let other = source("Builds", "https://b.example.com/");
    let bytes = json!({
        "tidings": "settings", "schema": 1, "sources": [other, came],
        "rules": [about("CI"), about("Builds")],
    });
    let bytes = bytes.to_string();

    let after = applied(bytes.as_bytes(), &here);

    let named = |rule: &Rule| serde_json::to_value(&rule.when).unwrap()["value"].clone();
    assert_eq!(named(&after.rules[0]), "Builds", "here CI is called Builds");
    assert_eq!(named(&after.rules[1]), "Builds 2");
    assert_eq!(applied(bytes.as_bytes(), &after).rules.len(), 2);
}

#[test]
fn a_settings_file_itself_can_be_imported() {
    let place = Place::with(&document());

    let after = applied(&place.read(ROLES[0]), &Settings::default());

    assert_eq!(after.sources.len(), 3);
    assert!(after.sources.iter().all(|one| !one.enabled));
}

#[test]
fn b65_too_large_newer_and_too_many_are_refused_and_secrets_dropped_with_a_notice() {
    let here = Settings::default();
    let refused = |bytes: &[u8]| Import::plan(bytes, &here).unwrap_err().code;
    let many: Vec<Value> = (0..10_000)
        .map(|n| source(&format!("s{n}"), "https://h/"))
        .collect();

    assert_eq!(refused(&vec![b' '; 8 * 1024 * 1024 + 1]), Code::TooMany);
    assert_eq!(refused(&file(&json!(many))), Code::TooMany);
    let newer = json!({"tidings": "settings", "schema": 99, "sources": []});
    assert_eq!(refused(newer.to_string().as_bytes()), Code::ReadOnly);
    for nonsense in ["", "{}", "[]", "null", "<plist/>", "{\"schema\":1}"] {
        assert_eq!(
            refused(nonsense.as_bytes()),
            Code::InvalidOption,
            "{nonsense}"
        );
    }

    let mut given = source(
        "a",
        &format!("https://me:{TOKEN}@h.example/?token={TOKEN}&x=1"),
    );
    given["headers"] = json!([["Authorization", TOKEN]]);
    given["api_key"] = json!(TOKEN);
    let bytes = json!({
        "tidings": "settings", "schema": 1, "sources": [given],
        "secrets": {"at": "file", "values": TOKEN}, "auth": TOKEN,
    });
    let bytes = bytes.to_string();

    let import = Import::plan(bytes.as_bytes(), &here).unwrap();

    assert_eq!(import.plan.secrets_dropped, 6);
    let after = applied(bytes.as_bytes(), &here);
    assert!(!serde_json::to_string(&after).unwrap().contains(TOKEN));
    assert_eq!(
        after.sources[0].url.as_str(),
        "https://h.example/?token=&x=1"
    );
    assert!(after.secrets.is_empty());
}

#[test]
fn b66_sources_of_private_and_metadata_addresses_arrive_disabled_and_are_named_as_such() {
    let urls = [
        ("http://169.254.169.254/latest", Reach::LinkLocal),
        ("http://10.0.0.1/events", Reach::PrivateNetwork),
        ("http://[fe80::1]/events", Reach::LinkLocal),
        ("http://[::ffff:192.168.1.1]/events", Reach::PrivateNetwork),
        ("http://127.0.0.1:9/events", Reach::ThisMachine),
        ("http://localhost/events", Reach::ThisMachine),
        ("https://example.com/events", Reach::Public),
    ];
    let sources: Vec<Value> = (0..98)
        .map(|n| source(&format!("s{n}"), urls[n % urls.len()].0))
        .collect();

    let bytes = file(&json!(sources));
    let plan = Import::plan(&bytes, &Settings::default()).unwrap().plan;

    assert_eq!(plan.sources.len(), 98);
    for (n, one) in plan.sources.iter().enumerate() {
        assert_eq!(one.reach, urls[n % urls.len()].1, "{}", one.url);
    }
    let after = applied(&bytes, &Settings::default());
    assert!(after.sources.iter().all(|one| !one.enabled));
}

#[test]
fn a_source_that_can_never_work_is_left_out_and_said_and_the_others_come() {
    let mut no_id = source("no id", "https://h/");
    no_id["id"] = json!("../../x");
    let sources = json!([
        source("good", "https://h/"),
        source("ftp", "ftp://h/"),
        no_id,
        {"name": "half"},
        source("g\u{7}d", "https://h2/"),
    ]);

    let bytes = file(&sources);
    let plan = Import::plan(&bytes, &Settings::default()).unwrap().plan;

    let refused = plan.sources.iter().filter(|one| one.refused.is_some());
    assert_eq!(refused.count(), 4);
    assert_eq!(applied(&bytes, &Settings::default()).sources.len(), 1);
}

#[test]
fn a_plan_is_not_applied_to_settings_that_changed_meanwhile() {
    let place = Place::with(&document());
    let (files, _) = place.start();
    let mut changed = newer(&document());
    assert_eq!(saves(&files, &changed), Ok(()));
    let import = Import::plan(&file(&json!([])), &document()).unwrap();

    let error = import.apply(&mut changed, &document()).unwrap_err();

    assert_eq!(error.code, Code::InvalidOption);
    assert_eq!(changed, newer(&document()));
}
