//! The settings through the real plugin, on the runtime Tauri has for tests.

use std::{
    env, fs,
    io::{self, Write as _},
    path::Path,
    process::{Command, Output},
    thread,
    time::Duration,
};

use serde_json::json;
use tauri::{
    App, Manager as _, RunEvent, WebviewUrl, WebviewWindowBuilder,
    test::{MockRuntime, mock_builder, mock_context, noop_assets},
};
use tempfile::TempDir;
use tidings_core::{data_dir::DataDir, model::Timestamp, settings::files::MAIN_FILE};

use super::*;

#[expect(dead_code, reason = "the core's tests use the rest")]
#[path = "../../../tests/support/settings.rs"]
mod place;

use place::{Place, ROLES, document, newer};

/// Where a test that runs itself again finds its settings.
const DIR: &str = "TIDINGS_TEST_DIR";

/// A directory with a rule and sources in its settings.
fn settings() -> (TempDir, Settings) {
    let rule = json!({ "name": "errors", "then": "notify", "severity": "critical" });
    let settings = Settings {
        rules: vec![serde_json::from_value(rule).unwrap()],
        ..document()
    };
    let settings = named(&settings);
    // Not held any more: the start that follows does.
    let Place { temp, .. } = Place::with(&settings);
    (temp, settings)
}

/// Runs this test once more, as one start of the app: what the plugin's hooks find is static.
fn start(test: &str, dir: &Path) -> Output {
    let ran = Command::new(env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg(format!("plugin_store::tests::{test}"))
        .env(DIR, dir)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
    ran
}

/// What such a start opens: an app without a screen, the plugin, and what was in the settings.
fn open() -> Option<(App<MockRuntime>, PluginStore<MockRuntime>, Settings)> {
    let dir = env::var_os(DIR)?;
    let dir = DataDir::open(Some(dir.as_ref())).unwrap();
    let lock = dir.lock("a test").unwrap();
    let (files, opened) = SettingsFiles::open(&lock, Timestamp::UNIX_EPOCH);
    let app = mock_builder()
        .plugin(tauri_plugin_store::Builder::default().build())
        .build(mock_context(noop_assets()))
        .unwrap();
    let store = PluginStore::open(app.handle(), Arc::new(files)).unwrap();
    Some((app, store, opened.settings))
}

/// Runs the app until its window is closed after this time.
fn run_for(app: App<MockRuntime>, time: Duration) {
    let window = WebviewWindowBuilder::new(&app, "main", WebviewUrl::default());
    window.build().unwrap();
    app.run(move |app, event| {
        if matches!(event, RunEvent::Ready) {
            thread::sleep(time);
            app.get_webview_window("main").unwrap().close().unwrap();
        }
    });
}

/// A document whose parts all tell its generation.
fn named(settings: &Settings) -> Settings {
    let mut named = settings.clone();
    let generation = named.generation.to_string();
    named.rules[0].name.clone_from(&generation);
    named.sources[0].name = generation;
    named
}

fn bytes(dir: &Path) -> [Vec<u8>; 2] {
    ROLES.map(|role| fs::read(dir.join(role)).unwrap())
}

#[test]
fn t1_wherever_a_file_is_cut_off_the_next_start_goes_on_with_every_source_and_rule() {
    if let Some((_app, store, found)) = open() {
        store.save(&newer(&found)).unwrap();
        return;
    }
    let (temp, settings) = settings();
    let whole = bytes(temp.path());
    let expected = newer(&settings);
    // Every byte where there is time for it.
    let step = if env::var_os("TIDINGS_FULL").is_some() {
        1
    } else {
        97
    };

    for (role, content) in ROLES.iter().zip(&whole) {
        for length in (0..content.len()).step_by(step) {
            for (role, content) in ROLES.iter().zip(&whole) {
                fs::write(temp.path().join(role), content).unwrap();
            }
            fs::write(temp.path().join(role), &content[..length]).unwrap();

            start(
                "t1_wherever_a_file_is_cut_off_the_next_start_goes_on_with_every_source_and_rule",
                temp.path(),
            );

            let [main, copy] = bytes(temp.path());
            assert_eq!(main, copy, "{role} cut to {length}");
            let dir = DataDir::open(Some(temp.path())).unwrap();
            assert_eq!(SettingsFiles::read(&dir).settings, expected);
        }
    }
}

#[test]
fn t6_a_cache_that_lost_everything_is_not_written_when_the_app_ends() {
    if let Some((app, store, _)) = open() {
        tracing_subscriber::fmt().with_writer(io::stderr).init();
        store.store.clear();
        run_for(app, Duration::ZERO);
        return;
    }
    let (temp, _) = settings();
    let before = bytes(temp.path());

    let ran = start(
        "t6_a_cache_that_lost_everything_is_not_written_when_the_app_ends",
        temp.path(),
    );

    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(
        said.contains("failed to save store"),
        "it was tried: {said}"
    );
    assert!(said.contains(MAIN_FILE), "{said}");
    assert_eq!(bytes(temp.path()), before);
}

#[test]
fn t7_a_save_under_way_when_the_app_ends_costs_nothing_that_was_said_to_be_saved() {
    if let Some((app, store, found)) = open() {
        let time = Duration::from_millis(20 + found.generation * 37 % 400);
        thread::spawn(move || {
            let mut settings = found;
            loop {
                settings = named(&newer(&settings));
                store.save(&settings).unwrap();
                writeln!(io::stdout(), "\n{}", settings.generation).unwrap();
            }
        });
        run_for(app, time);
        // As the app does: whoever still works is not waited for.
        std::process::exit(0);
    }
    let (temp, _) = settings();
    let dir = DataDir::open(Some(temp.path())).unwrap();
    let rounds = if env::var_os("TIDINGS_FULL").is_some() {
        300
    } else {
        10
    };
    for _ in 0..rounds {
        let ran = start(
            "t7_a_save_under_way_when_the_app_ends_costs_nothing_that_was_said_to_be_saved",
            temp.path(),
        );

        let said = String::from_utf8_lossy(&ran.stdout);
        let saved: Vec<u64> = said.lines().filter_map(|line| line.parse().ok()).collect();
        let found = SettingsFiles::read(&dir).settings;
        let last = saved.last().copied().unwrap_or_default();
        assert!(found.generation >= last, "{saved:?}");
        assert_eq!(found, named(&found), "parts of two documents");
    }
}
