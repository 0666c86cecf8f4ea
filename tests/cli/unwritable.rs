//! A directory that cannot be written, and a history that must not be: events are shown, the words
//! say what is wrong, and nothing is changed.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use crate::{
    disk::Disk,
    program::{Program, Running},
    receiving::receiving,
    support::server::{Answer, Server, Then},
};

/// Every file with what it holds.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(dir).unwrap().map(Result::unwrap);
    let content = entries.map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        (name, fs::read(entry.path()).unwrap())
    });
    content.collect()
}

/// Ends it, and all it still said. It met no defect.
fn end(mut running: Running) -> String {
    assert_eq!(running.signal("TERM"), Some(0));
    let said: Vec<String> = running.err.iter().collect();
    let said = said.join("\n");
    assert!(!said.contains("panicked"), "{said}");
    said
}

#[test]
fn f22_where_there_can_be_no_directory_it_runs_and_says_that_nothing_is_kept() {
    let program = Program::new();

    let running = program.start(&["run", "--data-dir", "/proc/nowhere"]);
    let words = Running::wait_for(&running.err, "nothing can be kept");
    assert!(words.contains("/proc/nowhere"), "{words}");
    Running::wait_for(&running.err, "no source is configured");
    end(running);

    let looked = program
        .run(&["history", "--data-dir", "/proc/nowhere"])
        .ok();
    assert!(looked.out.is_empty());
    assert!(looked.err.contains("there is nothing at"), "{}", looked.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn f22_in_a_read_only_directory_events_come_in_and_nothing_is_written() {
    let program = Program::new();
    let server = Server::start([Answer::stream(["data: one\n\n"], Then::Hold)]).await;
    // Root may write wherever the disk can be written; nobody else may mount one.
    let disk = Disk::mount("4m");
    let dir = disk
        .as_ref()
        .map_or(program.data_dir(), |disk| disk.path().to_owned());
    let named = dir.to_str().unwrap();
    let with = |args: &[&str]| program.run(&[&["--data-dir", named], args].concat());
    with(&["source", "add", "ci", &server.url("/")]).ok();
    let protect = if disk.is_some() {
        ["mount", "-o", "remount,ro"].as_slice()
    } else {
        ["chmod", "0500"].as_slice()
    };
    let protected = Command::new(protect[0])
        .args(&protect[1..])
        .arg(&dir)
        .status();
    assert!(protected.unwrap().success());
    let before = files(&dir);

    let running = program.start(&["--data-dir", named, "run"]);
    Running::wait_for(&running.err, "nothing can be kept");
    Running::wait_for(&running.err, "ci: live");
    end(running);
    let looked = with(&["history"]);

    assert_eq!((looked.code, looked.out.as_str()), (0, ""), "{looked:?}");
    assert!(files(&dir) == before);
}

#[tokio::test(flavor = "multi_thread")]
async fn f31_a_newer_history_is_listed_and_never_written() {
    let program = Program::new();
    let (_server, running) = receiving(&program).await;
    end(running);
    let path = program.data_dir().join("history.db");
    let mut newer = fs::read(&path).unwrap();
    // File format, section 1.3: the user version.
    newer[60..64].copy_from_slice(&999_u32.to_be_bytes());
    fs::write(&path, &newer).unwrap();

    let running = program.start(&["run"]);
    Running::wait_for(&running.err, "newer version");
    Running::wait_for(&running.err, "ci: live");
    let listed = program.run(&["history", "--json"]).ok().json();
    end(running);

    assert_eq!(listed.len(), 3);
    assert!(fs::read(&path).unwrap() == newer);
}
