//! Settings under `kill -9`: a child saves without end, the parent kills it and looks.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{
    collections::HashMap,
    env, fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use serde_json::Value;
use tidings_core::{
    data_dir::DataDir,
    model::Timestamp,
    settings::{FileStore, Settings, SettingsFiles, SettingsStore as _},
    source::SourceConfig,
};

const DIR: &str = "TIDINGS_TEST_SAVE_IN";
const LIKE_THE_PLUGIN: &str = "TIDINGS_TEST_LIKE_THE_PLUGIN";

/// `make test-full` kills so often that a rare moment comes, too.
fn kills() -> u64 {
    match env::var_os("TIDINGS_FULL") {
        Some(_) => 300,
        None => 20,
    }
}

const SOURCES: usize = 12;

/// Not a test of its own: what the child runs.
#[test]
fn child_saves_without_end() {
    let Ok(dir) = env::var(DIR) else { return };
    let lock = DataDir::open(Some(Path::new(&dir)))
        .unwrap()
        .lock("a child")
        .unwrap();
    let (files, opened) = SettingsFiles::open(&lock, Timestamp::UNIX_EPOCH);
    assert_eq!(opened.trouble, None);
    let mut document = opened.settings;
    if document.sources.is_empty() {
        document.sources = (0..SOURCES)
            .map(|n| SourceConfig::new(format!("s{n}"), "https://h/".parse().unwrap()))
            .collect();
    }
    let like_the_plugin = env::var(LIKE_THE_PLUGIN).is_ok();
    let files = Arc::new(files);
    let store = FileStore::new(Arc::clone(&files));
    loop {
        document.generation += 1;
        document.preferences.toasts_paused ^= true;
        if like_the_plugin {
            let Value::Object(cache) = serde_json::to_value(&document).unwrap() else {
                panic!("no object");
            };
            let cache: HashMap<String, Value> = cache.into_iter().collect();
            let bytes = files.serialize(&cache).unwrap();
            // tauri-plugin-store truncates in place; in two halves the tear is easy to hit.
            let (first, second) = bytes.split_at(bytes.len() / 2);
            fs::write(files.main_path(), first).unwrap();
            fs::write(files.main_path(), [first, second].concat()).unwrap();
        } else {
            store.save(&document).unwrap();
        }
        println!("saved {}", document.generation);
    }
}

fn child(dir: &Path, like_the_plugin: bool) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", "child_saves_without_end", "--nocapture"])
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if like_the_plugin {
        command.env(LIKE_THE_PLUGIN, "1");
    }
    command.spawn().unwrap()
}

fn survives(like_the_plugin: bool) {
    let temp = tempfile::tempdir().unwrap();
    for round in 0..kills() {
        let mut child = child(temp.path(), like_the_plugin);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut acknowledged = 0;
        let mut note = |line: std::io::Result<String>| {
            let line = line.unwrap();
            // The test harness writes before the first of our lines, on the same line.
            if let Some((_, number)) = line.split_once("saved ") {
                acknowledged = number.parse().unwrap();
            }
        };
        for line in lines
            .by_ref()
            .take(6 + usize::try_from(round % 40).unwrap())
        {
            note(line);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it still said before it died. The last line may be cut short.
        let rest: Vec<_> = lines.collect();
        let whole = rest.len().saturating_sub(1);
        rest.into_iter().take(whole).for_each(note);

        let lock = DataDir::open(Some(temp.path()))
            .unwrap()
            .lock("a test")
            .unwrap();
        let (_, opened) = SettingsFiles::open(&lock, Timestamp::UNIX_EPOCH);

        assert!(acknowledged > 0);
        assert_eq!(opened.trouble, None);
        assert_lost_nothing(&opened.settings, acknowledged);
    }
}

fn assert_lost_nothing(settings: &Settings, acknowledged: u64) {
    assert!(settings.generation >= acknowledged);
    assert_eq!(settings.sources.len(), SOURCES);
    assert_eq!(
        settings.preferences.toasts_paused,
        settings.generation % 2 == 1
    );
}

#[test]
fn a_kill_at_any_moment_loses_nothing_that_was_saved() {
    survives(false);
}

#[test]
fn a_kill_in_the_middle_of_the_plugins_own_write_loses_nothing_that_was_saved() {
    survives(true);
}
