//! F1 and F29: `tidings-cli run` killed at random moments, and asked to end under load. What the
//! server sent is in history, each exactly once, and the database is sound.
#![cfg(unix)]
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "what supports a test fails it, and this one says how much it did"
)]

mod support;

use std::{
    hash::{BuildHasher as _, Hasher as _, RandomState},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use rusqlite::Connection as Database;
use support::{
    chaos::Chaos,
    rig::{LONG, numbers},
};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

fn cli(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings-cli"));
    command
        .arg("--data-dir")
        .arg(dir)
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn run(dir: &Path) -> Child {
    cli(dir).arg("run").spawn().unwrap()
}

fn add(dir: &Path, url: &str) {
    let added = cli(dir).args(["source", "add", "one", url]).status();
    assert!(added.unwrap().success());
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// The data of all rows, in order; nothing while there is no table yet.
fn rows(dir: &Path) -> Vec<String> {
    let read = || -> rusqlite::Result<Vec<String>> {
        let database = Database::open(dir.join("history.db"))?;
        let mut rows = database.prepare("SELECT data FROM event ORDER BY row")?;
        rows.query_map([], |row| row.get(0))?.collect()
    };
    read().unwrap_or_default()
}

fn assert_sound(dir: &Path) {
    let database = Database::open(dir.join("history.db")).unwrap();
    let verdict: String = database
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
}

fn random(below: u64) -> u64 {
    RandomState::new().build_hasher().finish() % below
}

fn kills(few: u32) -> u32 {
    match std::env::var_os("TIDINGS_FULL") {
        Some(_) => 300,
        None => few,
    }
}

/// Kills it this often while the server sends, then lets it finish.
async fn kill_again_and_again(target: &str, kills: u32) {
    let (chaos, dir) = (Chaos::start().await, TempDir::new().unwrap());
    let dir = dir.path();
    add(dir, chaos.url(target).as_str());
    let mut sent = 0;
    let mut publish = |count: usize| {
        for _ in 0..count {
            sent += 1;
            chaos.publish(sent.to_string());
        }
        sent
    };
    for _ in 0..kills {
        let mut child = run(dir);
        let end = Instant::now() + Duration::from_millis(20 + random(400));
        while Instant::now() < end {
            publish(1 + usize::try_from(random(20)).unwrap());
            sleep(Duration::from_millis(random(20))).await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert_sound(dir);
    let asked = chaos.asked().len();
    let mut child = run(dir);
    let all = publish(1);
    let started = Instant::now();
    while rows(dir).len() < all && started.elapsed() < LONG {
        sleep(Duration::from_millis(20)).await;
    }
    signal(&child, "-TERM");
    assert!(child.wait().unwrap().success());

    let stored = rows(dir);
    println!("{target}: {kills} kills, {asked} connections, {all} events");
    assert!(asked > kills as usize / 4, "it hardly ever connected");
    assert!(stored == numbers(1, all), "{} rows of {all}", stored.len());
    assert_sound(dir);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f01_whenever_it_is_killed_each_event_is_in_history_exactly_once() {
    kill_again_and_again("/events?all", kills(20)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f01_so_it_is_where_the_server_replays_more_than_it_was_asked_for() {
    kill_again_and_again("/events?all&overlap=4", kills(10)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f29_asked_to_end_under_load_it_ends_within_two_seconds_and_goes_on_without_a_gap() {
    let (chaos, dir) = (Chaos::start().await, TempDir::new().unwrap());
    let dir = dir.path();
    add(dir, chaos.url("/flood?n=30000").as_str());
    let mut ends = Vec::new();
    while rows(dir).len() < 30_000 {
        let mut child = run(dir);
        let before = rows(dir).len();
        let started = Instant::now();
        while rows(dir).len() < (before + 2000).min(30_000) && started.elapsed() < LONG {
            sleep(Duration::from_millis(10)).await;
        }
        let asked = Instant::now();
        signal(&child, "-TERM");
        assert!(child.wait().unwrap().success());
        ends.push(asked.elapsed());
        assert_sound(dir);
        assert!(ends.len() < 20, "it makes no progress");
    }

    let expected: Vec<String> = (1..=30_000).map(|number| format!("e{number}")).collect();
    assert!(rows(dir) == expected);
    assert!(ends.iter().all(|end| end.as_secs() < 2), "{ends:?}");
}
