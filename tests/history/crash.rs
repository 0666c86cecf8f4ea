//! A process killed at any moment loses nothing it acknowledged and stores nothing twice.

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use super::*;

const DIR: &str = "TIDINGS_TEST_CRASH_DIR";
const SOURCE: &str = "TIDINGS_TEST_CRASH_SOURCE";

/// Runs in the child only: appends numbered events from the cursor on, for ever, and says so
/// after every acknowledged batch.
#[tokio::test]
async fn child_appends_until_it_is_killed() {
    let (Ok(dir), Ok(source)) = (env::var(DIR), env::var(SOURCE)) else {
        return;
    };
    let source: SourceId = source.parse().unwrap();
    let history = History::open(Path::new(&dir)).unwrap();
    let cursor = history.cursor(source).await.unwrap();
    let mut next: u64 = cursor.map_or(1, |id| id.as_str().parse::<u64>().unwrap() + 1);
    loop {
        let size = next % 7 + 1;
        let batch = (next..next + size).map(|n| {
            let event = numbered(&n.to_string(), &format!("{n} {}", "x".repeat(2000)));
            arrival(source, event)
        });
        history.append(batch.collect::<Vec<_>>()).await.unwrap();
        next += size;
        let mut out = std::io::stdout();
        writeln!(out, "\nstored {}", next - 1).unwrap();
        out.flush().unwrap();
    }
}

fn spawn(dir: &Path, source: SourceId) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "crash::child_appends_until_it_is_killed",
            "--nocapture",
        ])
        .env(DIR, dir)
        .env(SOURCE, source.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    (child, out)
}

#[tokio::test]
async fn a_killed_process_loses_nothing_it_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let source = SourceId::random();
    let mut acknowledged = 0;
    for round in 0..12_usize {
        let (mut child, out) = spawn(dir.path(), source);
        let mut lines = out.lines();
        let mut left = round * 9 % 31 + 1;
        while left > 0 {
            let line = lines.next().unwrap().unwrap();
            if let Some(n) = line.strip_prefix("stored ") {
                acknowledged = n.parse().unwrap();
                left -= 1;
            }
        }
        // Anywhere within the commits that follow.
        std::thread::sleep(std::time::Duration::from_micros(137 * round as u64));
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines.map_while(Result::ok) {
            if let Some(n) = line.strip_prefix("stored ") {
                acknowledged = n.parse().unwrap_or(acknowledged);
            }
        }

        // A reader must cope with what was left lying as well as a writer.
        let history = if round % 2 == 0 {
            History::open(dir.path()).unwrap()
        } else {
            History::open_readonly(dir.path()).unwrap()
        };
        let ids: Vec<u64> = history
            .query(&everything(), &now())
            .await
            .unwrap()
            .iter()
            .map(|e| e.own_id.as_ref().unwrap().as_str().parse().unwrap())
            .collect();
        let newest = ids.last().copied().unwrap();
        assert!(ids.iter().copied().eq(1..=newest));
        assert!(newest >= acknowledged);
        let cursor = history.cursor(source).await.unwrap().unwrap();
        assert_eq!(cursor.as_str(), newest.to_string());
        assert_eq!(history.unread().await.unwrap().total, newest);
        history.close().await.unwrap();
    }
    let answer: String = Connection::open(dir.path().join(FILE))
        .unwrap()
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(answer, "ok");
}
