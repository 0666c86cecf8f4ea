//! A full disk (F18): storing waits, and what is old can be deleted.

use tidings_core::source::{CauseCode, SourceState};

use super::*;
use crate::support::chaos::Cut;

/// Runs a test as a child on a disk of its own, as root or as a user may; false: there is no such
/// disk to be had.
fn passes_on_a_disk_of(size: &str, test: &str) -> bool {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().display();
    let script = format!(
        "mount -t tmpfs -o size={size} disk '{path}' || exit 77; TMPDIR='{path}' exec \"$@\""
    );
    let output = ["-rm", "-m"]
        .iter()
        .map(|how| {
            again(
                test,
                &["unshare", how, "sh", "-c", &script, "sh"],
                dir.path(),
            )
        })
        .find(|output| output.status.code() != Some(77) && !output.stdout.is_empty());
    let Some(output) = output else { return false };
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{told}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    true
}

#[tokio::test]
async fn f18_a_full_disk_pauses_storing_says_so_once_and_goes_on_by_itself() {
    const TEST: &str =
        "full_disk::f18_a_full_disk_pauses_storing_says_so_once_and_goes_on_by_itself";
    let Some(disk) = child_of(TEST) else {
        if !passes_on_a_disk_of("8m", TEST) {
            left_out_without_root("no small disk can be made here");
        }
        return;
    };
    let chaos = Chaos::start().await;
    let config = source("one", chaos.url("/events?all"));
    let id = config.id;
    let rig = Rig::start([config]).await;
    let mut sent: Vec<String> = (0..40)
        .map(|n| format!("{n} {}", "x".repeat(20_000)))
        .collect();
    for data in &sent[..5] {
        chaos.publish(data);
    }
    rig.await_data(id, 5).await;

    let filler = disk.join("filler");
    fill(&filler);
    for data in &sent[5..] {
        chaos.publish(data);
    }
    let full = |rig: &Rig| {
        let troubles = rig.handle.troubles();
        troubles
            .iter()
            .filter(|one| **one == Trouble::DiskFull)
            .count()
    };
    until(|| full(&rig) > 0).await;
    let stored = rig.data(id).await.len();
    let cursor = rig.handle.history.cursor(id).await.unwrap().unwrap();
    assert!((5..40).contains(&stored), "{stored}");
    assert_eq!(
        cursor.as_str(),
        stored.to_string(),
        "the cursor is that of the last row"
    );
    assert_eq!(full(&rig), 1);
    chaos.cut(Cut::Clean);
    rig.await_state(id, |state| {
        matches!(state, SourceState::Waiting { cause, .. } if cause.code == CauseCode::NotStored)
    })
    .await;

    fs::remove_file(filler).unwrap();
    rig.handle.retry_source(id).await.unwrap();
    let mut data = rig.await_data(id, 40).await;
    until(|| full(&rig) == 0).await;
    data.sort();
    sent.sort();
    assert_eq!(data, sent, "each once");
}

fn fill(path: &Path) {
    use std::io::Write as _;

    let mut file = fs::File::create(path).unwrap();
    let some = [1; 4096];
    while file.write_all(&some).is_ok() {}
}

async fn until(mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(LONG, waiting).await.unwrap();
}

#[tokio::test]
async fn f18_on_a_full_disk_old_events_can_still_be_deleted() {
    const TEST: &str = "full_disk::f18_on_a_full_disk_old_events_can_still_be_deleted";
    let Some(disk) = child_of(TEST) else {
        if !passes_on_a_disk_of("12m", TEST) {
            left_out_without_root("no small disk can be made here");
        }
        return;
    };
    let history = History::open(&disk).unwrap();
    let one = SourceId::random();
    for n in 0..8 {
        let some: Vec<Arrival> = (0..200).map(|m| arrival(one, n * 200 + m)).collect();
        history.append(some).await.unwrap();
    }
    let mut settings = Settings::default();
    settings.preferences.retention = Retention {
        events: Some(400),
        ..Retention::default()
    };
    let limits = Limits::of(&settings);
    let first = history
        .begin_pruning(limits, at(0), Duration::ZERO)
        .await
        .unwrap();
    assert!(disk.join("history.ballast").exists());
    fill(&disk.join("filler"));
    let error = loop {
        let some: Vec<Arrival> = (0..200).map(|m| arrival(one, 5000 + m)).collect();
        if let Err(error) = history.append(some).await {
            break error;
        }
    };
    assert_eq!(error.code, Code::DiskFull);

    let mut step = first;
    while let Some(next) = step {
        step = history.prune(next).await.unwrap().next;
    }
    assert!(all(&history).await.len() <= 400);
}
