//! F2, power loss: a disk that refuses to sync, and copies of the database files taken in the
//! middle of the work, as a lost machine leaves them.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "what supports a test fails it, and this one says how much it did"
)]

mod support;

use std::{
    fs,
    hash::{BuildHasher as _, Hasher as _, RandomState},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use rusqlite::Connection as Database;
use support::{
    chaos::Chaos,
    left_out::left_out,
    rig::{LONG, numbers},
};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

const CLI: &str = env!("CARGO_BIN_EXE_tidings-cli");
const NO_BUS: &str = "unix:path=/nonexistent";

fn add(dir: &Path, url: &str) {
    let mut command = Command::new(CLI);
    command.arg("--data-dir").arg(dir);
    let added = command.args(["source", "add", "one", url]).status();
    assert!(added.unwrap().success());
}

fn run(dir: &Path) -> Child {
    let mut command = Command::new(CLI);
    command.arg("--data-dir").arg(dir).arg("run");
    command.env("DBUS_SESSION_BUS_ADDRESS", NO_BUS);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

fn signal(pid: &str, name: &str) {
    let sent = Command::new("kill").args([name, pid]).status();
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

async fn until_stored(dir: &Path, count: usize) {
    let started = Instant::now();
    while rows(dir).len() < count && started.elapsed() < LONG {
        sleep(Duration::from_millis(20)).await;
    }
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

fn can_inject() -> bool {
    let traced = Command::new("strace")
        .args(["-e", "inject=fsync:error=EIO", "true"])
        .output();
    traced.is_ok_and(|traced| traced.status.success())
}

/// Runs it with syncs that fail `when` strace says so, while the server sends; what it said.
async fn run_with_failing_syncs(chaos: &Chaos, dir: &Path, when: &str) -> String {
    let (log, pid) = (dir.join("said"), dir.join("pid"));
    let mut tracer = Command::new("strace")
        .args([
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            "trace=fsync,fdatasync",
        ])
        .args([
            "-e",
            &format!("inject=fsync,fdatasync:error=EIO:when={when}"),
        ])
        .args(["sh", "-c", "echo $$ >\"$1\"; shift; exec \"$@\"", "sh"])
        .arg(&pid)
        .args([CLI, "--data-dir"])
        .arg(dir)
        .arg("run")
        .env("DBUS_SESSION_BUS_ADDRESS", NO_BUS)
        .env("NO_COLOR", "1")
        .stdout(Stdio::null())
        .stderr(fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    for _ in 0..60 {
        let next = chaos.published().len() + 1;
        chaos.publish(next.to_string());
        sleep(Duration::from_millis(50)).await;
    }
    until_stored(dir, chaos.published().len()).await;
    signal(fs::read_to_string(&pid).unwrap().trim(), "-TERM");
    assert!(tracer.wait().unwrap().success());
    fs::read_to_string(&log).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f02_a_disk_that_refuses_to_sync_costs_a_wait_and_no_event() {
    if !can_inject() {
        return left_out("strace is not here or may trace nothing");
    }
    let (chaos, dir) = (Chaos::start().await, TempDir::new().unwrap());
    let dir = dir.path();
    add(dir, chaos.url("/events?all").as_str());
    chaos.publish("1");
    let mut first = run(dir);
    until_stored(dir, 1).await;
    signal(&first.id().to_string(), "-TERM");
    assert!(first.wait().unwrap().success());

    // Three in a row once the history is open, then every third.
    for when in ["12..14", "12+3"] {
        let said = run_with_failing_syncs(&chaos, dir, when).await;

        assert!(
            said.contains("events cannot be stored; they wait"),
            "{said}"
        );
        assert!(
            said.contains("its disk reports an error"),
            "it says why: {said}"
        );
        assert!(!said.contains("panicked"), "{said}");
        let sent = chaos.published().len();
        assert!(rows(dir) == numbers(1, sent), "{when}: not {sent} events");
        assert_sound(dir);
    }
}

/// The database's files as they are at one moment: the program stands still meanwhile.
fn copy(child: &Child, from: &Path, to: &Path) {
    let pid = child.id().to_string();
    signal(&pid, "-STOP");
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
    signal(&pid, "-CONT");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f02_files_copied_at_any_moment_hold_all_that_was_acknowledged_and_go_on() {
    let copies = match std::env::var_os("TIDINGS_FULL") {
        Some(_) => 100,
        None => 20,
    };
    let (chaos, dir) = (Chaos::start().await, TempDir::new().unwrap());
    let dir = dir.path();
    add(dir, chaos.url("/events?all").as_str());
    let mut child = run(dir);
    let (mut last, mut sizes) = (TempDir::new().unwrap(), Vec::new());
    for _ in 0..copies {
        for _ in 0..=random(40) {
            let next = chaos.published().len() + 1;
            chaos.publish(next.to_string());
            sleep(Duration::from_millis(random(4))).await;
        }
        let acknowledged = rows(dir).len();
        last = TempDir::new().unwrap();
        copy(&child, dir, last.path());

        let kept = rows(last.path());
        assert!(
            kept.len() >= acknowledged,
            "{} of {acknowledged}",
            kept.len()
        );
        assert!(kept == numbers(1, kept.len()), "no prefix of what was sent");
        if !kept.is_empty() {
            assert_sound(last.path());
        }
        sizes.push(kept.len());
    }
    child.kill().unwrap();
    child.wait().unwrap();

    // The machine comes back with the last copy: what it lacks is asked for again.
    let sent = chaos.published().len() + 1;
    chaos.publish(sent.to_string());
    let mut again = run(last.path());
    until_stored(last.path(), sent).await;
    signal(&again.id().to_string(), "-TERM");
    assert!(again.wait().unwrap().success());
    println!("{copies} copies with {sizes:?} of {sent} events");
    assert!(rows(last.path()) == numbers(1, sent));
    assert_sound(last.path());
}
