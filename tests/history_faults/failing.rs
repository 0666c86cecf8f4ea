//! System calls that fail now and then: nothing is lost, nothing is doubled, and a start that
//! fails for a moment costs nothing.

use super::*;

fn can_inject() -> bool {
    Command::new("strace").arg("-V").output().is_ok()
}

/// Runs a test as a child whose calls on the files of the history fail as told.
fn injected(test: &str, dir: &Path, calls: &str, error: &str) -> Output {
    let (file, log) = (dir.join(FILE), dir.join(format!("{FILE}-wal")));
    again(
        test,
        &[
            "strace",
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-P",
            &file.display().to_string(),
            "-P",
            &log.display().to_string(),
            "-e",
            &format!("trace={calls}"),
            "-e",
            &format!("inject={calls}:error={error}"),
        ],
        dir,
    )
}

/// Runs in the child only, under strace: stores numbered events, and those that fail again.
#[tokio::test]
async fn failing_writes_and_syncs_lose_nothing_and_double_nothing() {
    const TEST: &str = "failing::failing_writes_and_syncs_lose_nothing_and_double_nothing";
    let Some(dir) = child_of(TEST) else {
        if !can_inject() {
            return left_out("strace is not here");
        }
        for (calls, error) in [
            // A batch writes some twenty times and syncs once.
            ("write,pwrite64", "ENOSPC:when=90+61"),
            ("write,pwrite64", "EIO:when=90+61"),
            ("fsync,fdatasync", "EIO:when=9+5"),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let output = injected(TEST, dir.path(), calls, error);
            let told = String::from_utf8_lossy(&output.stdout);
            let what = format!(
                "{calls} {error}: {told}{}",
                String::from_utf8_lossy(&output.stderr)
            );
            assert!(output.status.success(), "{what}");
            let failures = told
                .lines()
                .find_map(|line| line.trim().strip_prefix("failures "));
            assert_ne!(failures, Some("0"), "{what}");
            assert!(failures.is_some(), "{what}");
            let history = History::start(dir.path(), at(0)).unwrap();
            assert!(
                history.troubles.is_empty(),
                "{what}: {:?}",
                history.troubles
            );
            let stored = numbers(&all(&history.history).await);
            assert_eq!(stored, (1..=200).collect::<Vec<_>>(), "{what}");
        }
        return;
    };
    let history = History::open(&dir).unwrap();
    let source = SourceId::random();
    let mut failures = 0;
    for first in (1..=200).step_by(4) {
        let batch: std::sync::Arc<[Arrival]> =
            (first..first + 4).map(|n| arrival(source, n)).collect();
        while let Err(error) = history.append(std::sync::Arc::clone(&batch)).await {
            assert!(matches!(
                error.code,
                Code::DiskFull | Code::HistoryUnavailable
            ));
            failures += 1;
            assert!(failures < 500, "{error}");
        }
        let cursor = history.cursor(source).await.unwrap().unwrap();
        assert_eq!(cursor.as_str(), (first + 3).to_string());
    }
    println!("\nfailures {failures}");
    let _ = history.close().await;
}

/// Runs in the child only, under strace: starts on a disk that fails for a moment.
#[tokio::test]
async fn a_start_that_fails_for_a_moment_keeps_the_history_on_disk() {
    const TEST: &str = "failing::a_start_that_fails_for_a_moment_keeps_the_history_on_disk";
    let Some(dir) = child_of(TEST) else {
        if !can_inject() {
            return left_out("strace is not here");
        }
        for (calls, error) in [
            ("fsync,fdatasync", "EIO:when=1..2"),
            ("write,pwrite64", "EIO:when=1"),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let output = injected(TEST, dir.path(), calls, error);
            assert!(output.status.success(), "{calls} {error}: {output:?}");
        }
        return;
    };
    let started = History::start(&dir, at(0)).unwrap();

    assert_eq!(started.troubles, []);
    // The calls of each thread are counted apart: the writer's first ones fail, too.
    let arrival = arrival(SourceId::random(), 1);
    for _ in 0..5 {
        if started.history.append(vec![arrival.clone()]).await.is_ok() {
            break;
        }
    }
    started.history.close().await.unwrap();
    let numbers = numbers(&all(&History::open_readonly(&dir).unwrap()).await);
    assert_eq!(numbers, [1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_divider_that_cannot_be_written_waits_in_front_of_its_events() {
    let mut chaos = Chaos::start().await;
    let one = source("one", chaos.url("/events?all"));
    let id = one.id;
    let rig = Rig::start([one]).await;
    rig.await_live(id).await;
    chaos.stop().await;
    chaos.publish("1");
    let database = rusqlite::Connection::open(rig.dir.path().join(FILE)).unwrap();
    database
        .execute_batch(
            "CREATE TRIGGER refuse BEFORE INSERT ON outage
             BEGIN SELECT RAISE(ABORT, 'not now'); END",
        )
        .unwrap();

    tokio::time::sleep(Duration::from_millis(10_500)).await;
    chaos.resume().await;
    rig.handle.retry_source(id).await.unwrap();
    rig.await_live(id).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    let meanwhile = rig.data(id).await;
    database.execute_batch("DROP TRIGGER refuse").unwrap();

    let row = loop {
        match rig.stored(id).await.first() {
            Some(event) => break event.row,
            None => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    let outages = rig.outages(id).await;
    assert_eq!(meanwhile, [""; 0]);
    assert!(outages[0].first_row <= row, "{outages:?}");
    rig.stop().await;
}
