//! The history's part of the fault matrix, by number: full disks, damaged and foreign files,
//! directories that cannot be used, newer versions, failing writes. F2 and F1 are elsewhere.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

#[path = "history_faults/failing.rs"]
mod failing;
#[path = "history_faults/full_disk.rs"]
mod full_disk;
mod support;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Duration,
};

use support::{
    chaos::Chaos,
    left_out::{left_out, left_out_without_root},
    rig::{Rig, source},
};
use tempfile::TempDir;
use tidings_core::{
    error::Code,
    history::{Arrival, FILE, History, Limits, NewEvent, Selection, Started, StoredEvent},
    ipc::{PageRequest, Trouble},
    model::{EventId, Notification, RowId, SourceId, Timestamp, Verdict},
    settings::{Retention, Settings},
    source::config::Dedupe,
};

const LONG: Duration = Duration::from_secs(240);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn now() -> jiff::ZonedDateTime {
    at(0).to_zoned_datetime(jiff::tz::TimeZone::UTC)
}

fn arrival(source: SourceId, number: usize) -> Arrival {
    let id = EventId::from(number.to_string());
    Arrival {
        source,
        cursor: Some(id.clone()),
        event: Some(NewEvent {
            event: "message".to_owned(),
            own_id: Some(id),
            data: format!("event with title {number} {}", "of some length ".repeat(20)),
            notification: Notification {
                title: format!("title {number}"),
                ..Notification::default()
            },
            received_at: at(0),
            decision: Verdict::Notify.into(),
            replayed: false,
            truncated: false,
            opening: None,
            dedupe: Dedupe::Never,
        }),
    }
}

async fn all(history: &History) -> Vec<StoredEvent> {
    let selection = Selection {
        limit: u32::MAX,
        oldest_first: true,
        ..Selection::default()
    };
    history.query(&selection, &now()).await.unwrap()
}

fn numbers(stored: &[StoredEvent]) -> Vec<usize> {
    let number = |event: &StoredEvent| event.own_id.as_ref()?.as_str().parse().ok();
    stored.iter().filter_map(number).collect()
}

/// A closed history of this many events.
async fn made(events: usize) -> (TempDir, SourceId) {
    let dir = tempfile::tempdir().unwrap();
    let source = SourceId::random();
    let history = History::open(dir.path()).unwrap();
    history.name_source(source, "Builds").await.unwrap();
    let all: Vec<Arrival> = (1..=events).map(|n| arrival(source, n)).collect();
    for some in all.chunks(256) {
        history.append(some.to_vec()).await.unwrap();
    }
    history.close().await.unwrap();
    (dir, source)
}

fn copy_of(dir: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    fs::copy(dir.join(FILE), copy.path().join(FILE)).unwrap();
    fs::write(copy.path().join("settings.json"), "mine").unwrap();
    copy
}

fn salvaged(started: &Started) -> Option<(PathBuf, u64)> {
    started.troubles.iter().find_map(|trouble| match trouble {
        Trouble::HistorySalvaged { copy, events } => Some((PathBuf::from(copy), *events)),
        _ => None,
    })
}

/// This test of this program again, in a process of its own: `before` runs it.
fn again(test: &str, before: &[&str], dir: &Path) -> Output {
    let (program, arguments) = before.split_first().unwrap();
    Command::new(program)
        .args(arguments)
        .arg(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env("TIDINGS_TEST_CHILD", dir)
        .output()
        .unwrap()
}

fn child_of(test: &str) -> Option<PathBuf> {
    let named = env::args().any(|argument| argument == test);
    named.then(|| env::var_os("TIDINGS_TEST_CHILD").map(PathBuf::from))?
}

#[tokio::test]
async fn f19_one_flipped_bit_anywhere_never_panics_and_never_loses_in_silence() {
    let (dir, _) = made(300).await;
    let size = usize::try_from(fs::metadata(dir.path().join(FILE)).unwrap().len()).unwrap();
    let header = (0..100).map(|at| at * 8 + at % 8);
    let pages =
        (0..size / 4096).flat_map(|page| [0, 3, 5, 9, 700, 2100, 4090].map(|at| page * 4096 + at));
    let bits = header
        .chain(pages.map(|at| at * 8 + at % 7))
        .filter(|bit| bit / 8 < size);
    let full = env::var_os("TIDINGS_FULL").is_some();
    let (mut salvages, mut nearly_all) = (0_u32, 0_u32);
    for bit in bits.step_by(if full { 1 } else { 5 }) {
        let copy = copy_of(dir.path());
        let path = copy.path().join(FILE);
        let mut bytes = fs::read(&path).unwrap();
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &bytes).unwrap();

        let started = History::start(copy.path(), at(0)).unwrap();
        let found = all(&started.history).await.len();

        match salvaged(&started) {
            Some((moved, events)) => {
                assert!(
                    fs::read(moved).unwrap() == bytes,
                    "bit {bit}: the copy is the damaged file"
                );
                assert_eq!(found as u64, events, "bit {bit}");
                salvages += 1;
                nearly_all += u32::from(events >= 250);
            }
            None if started.troubles.is_empty() => assert_eq!(found, 300, "bit {bit}"),
            // The version of its layout: it says that it is newer than this program.
            None => {
                let newer = matches!(&started.troubles[..], [Trouble::HistoryReadOnly { .. }]);
                assert!(newer && (60..64).contains(&(bit / 8)), "bit {bit}");
                assert_eq!(found, 300, "bit {bit}");
            }
        }
        assert_eq!(
            fs::read_to_string(copy.path().join("settings.json")).unwrap(),
            "mine"
        );
        started.history.close().await.unwrap();
    }
    println!("{salvages} salvaged, {nearly_all} of them nearly whole");
}

#[tokio::test]
async fn f19_a_wrong_header_costs_no_event() {
    let (dir, source) = made(300).await;
    for at_byte in [0, 15, 16, 18, 21, 47, 59, 68] {
        let copy = copy_of(dir.path());
        let path = copy.path().join(FILE);
        let mut bytes = fs::read(&path).unwrap();
        bytes[at_byte] ^= 0x55;
        fs::write(&path, &bytes).unwrap();

        let started = History::start(copy.path(), at(0)).unwrap();

        let found = all(&started.history).await;
        assert_eq!(
            numbers(&found),
            (1..=300).collect::<Vec<_>>(),
            "byte {at_byte}"
        );
        let titles = found.iter().map(|event| event.notification.title.clone());
        assert!(titles.eq((1..=300).map(|number| format!("title {number}"))));
        let cursor = started.history.cursor(source).await.unwrap().unwrap();
        assert_eq!(cursor.as_str(), "300");
        // The schema's version alone is taken at its word.
        assert!(started.history.read_only().is_none(), "byte {at_byte}");
        started.history.close().await.unwrap();
    }
}

#[tokio::test]
async fn f19_what_was_deleted_is_neither_saved_nor_counted() {
    let (dir, _) = made(10).await;
    let history = History::open(dir.path()).unwrap();
    let some = history.delete(vec![RowId(2), RowId(9)]).await.unwrap();
    assert!(some.undo.is_some());
    history.close().await.unwrap();
    let path = dir.path().join(FILE);
    let mut bytes = fs::read(&path).unwrap();
    bytes[16] ^= 0x55;
    fs::write(&path, &bytes).unwrap();

    let started = History::start(dir.path(), at(0)).unwrap();

    assert_eq!(salvaged(&started).unwrap().1, 8);
    let counts = started.history.unread().await.unwrap().counts();
    assert_eq!((counts.stored, counts.unread), (8, 8));
    assert_eq!(all(&started.history).await.len(), 8);
    started.history.close().await.unwrap();
}

#[tokio::test]
async fn f19_of_a_truncated_file_the_front_is_saved_and_row_numbers_go_on() {
    let (dir, source) = made(2000).await;
    let whole = fs::read(dir.path().join(FILE)).unwrap();
    for part in [
        0,
        1,
        50,
        100,
        511,
        4096,
        20_000,
        whole.len() / 2,
        whole.len() - 1,
    ] {
        let copy = copy_of(dir.path());
        fs::write(copy.path().join(FILE), &whole[..part]).unwrap();

        let started = History::start(copy.path(), at(0)).unwrap();

        let found = all(&started.history).await;
        if part == 0 {
            // An empty file is a new history to SQLite.
            assert!(found.is_empty());
        } else {
            let (moved, events) = salvaged(&started).unwrap_or_else(|| panic!("{part}"));
            assert!(fs::read(moved).unwrap() == whole[..part], "{part}");
            assert_eq!(found.len() as u64, events);
            assert!(part < whole.len() / 2 || events > 100, "{part}: {events}");
        }
        started
            .history
            .append(vec![arrival(source, 9000)])
            .await
            .unwrap();
        let last = all(&started.history).await.pop().unwrap();
        assert!(part < whole.len() / 2 || last.row.0 > 300, "{part}");
        started.history.close().await.unwrap();
    }
}

#[tokio::test]
async fn f19_a_file_of_another_program_is_moved_aside_whole() {
    for content in ["dear diary ".repeat(1000).into_bytes(), vec![0; 9000]] {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), &content).unwrap();
        fs::write(dir.path().join(format!("{FILE}-wal")), "log").unwrap();

        let started = History::start(dir.path(), at(0)).unwrap();

        let (moved, events) = salvaged(&started).unwrap();
        assert!(fs::read(&moved).unwrap() == content);
        assert_eq!(events, 0);
        started
            .history
            .append(vec![arrival(SourceId::random(), 1)])
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn f19_without_its_log_a_history_is_what_it_was_before_cursor_included() {
    let (dir, source) = made(50).await;
    let history = History::open(dir.path()).unwrap();
    history.append(vec![arrival(source, 51)]).await.unwrap();
    let copy = copy_of(dir.path());

    let started = History::start(copy.path(), at(0)).unwrap();

    let numbers = numbers(&all(&started.history).await);
    let cursor = started.history.cursor(source).await.unwrap().unwrap();
    assert!(started.troubles.is_empty());
    assert_eq!(numbers.last().unwrap().to_string(), cursor.as_str());
}

#[tokio::test]
async fn f22_where_the_disk_cannot_be_used_the_history_lives_in_memory() {
    for dir in ["/proc/nowhere", "/nonexistent/tidings", "/dev/null"] {
        let started = History::start(Path::new(dir), at(0)).unwrap();

        assert!(
            matches!(&started.troubles[..], [Trouble::HistoryInMemory { message }] if !message.is_empty())
        );
        let source = SourceId::random();
        let some: Vec<Arrival> = (1..=300).map(|n| arrival(source, n)).collect();
        started.history.append(some).await.unwrap();
        let request = PageRequest {
            query: Some("\"title 7\"".to_owned()),
            limit: 10,
            ..PageRequest::default()
        };
        assert_eq!(
            started
                .history
                .page(&request, &now())
                .await
                .unwrap()
                .rows
                .len(),
            1
        );
        assert_eq!(
            started
                .history
                .cursor(source)
                .await
                .unwrap()
                .unwrap()
                .as_str(),
            "300"
        );
        started.history.clear().await.unwrap();
        assert!(all(&started.history).await.is_empty());
        started.history.close().await.unwrap();
    }
}

#[tokio::test]
async fn f22_a_history_that_may_not_be_written_is_shown_and_said_to_be_protected() {
    const TEST: &str = "f22_a_history_that_may_not_be_written_is_shown_and_said_to_be_protected";
    let Some(dir) = child_of(TEST) else {
        let (dir, _) = made(5).await;
        let file = dir.path().join(FILE);
        let script = "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\" || exit 77
            exec \"$@\"";
        let before = ["unshare", "-rm", "sh", "-c", script, file.to_str().unwrap()];
        let output = again(TEST, &before, dir.path());
        if output.status.code() == Some(77) || output.stdout.is_empty() {
            return left_out_without_root("no file can be protected by a mount");
        }
        assert!(output.status.success(), "{output:?}");
        return;
    };

    let started = History::start(&dir, at(0)).unwrap();

    assert!(
        matches!(&started.troubles[..], [Trouble::HistoryProtected { message }] if message.contains("owns"))
    );
    assert_eq!(all(&started.history).await.len(), 5);
    let refused = started.history.append(vec![arrival(SourceId::random(), 6)]);
    assert_eq!(refused.await.unwrap_err().code, Code::ReadOnly);
}

#[tokio::test]
async fn f31_a_newer_history_is_shown_and_not_written() {
    let (dir, source) = made(5).await;
    let sql = rusqlite::Connection::open(dir.path().join(FILE)).unwrap();
    sql.execute_batch("PRAGMA user_version = 999").unwrap();
    drop(sql);
    let before = fs::read(dir.path().join(FILE)).unwrap();

    let started = History::start(dir.path(), at(0)).unwrap();

    assert!(
        matches!(&started.troubles[..], [Trouble::HistoryReadOnly { message }] if message.contains("newer"))
    );
    assert_eq!(all(&started.history).await.len(), 5);
    let refused = started
        .history
        .append(vec![arrival(source, 6)])
        .await
        .unwrap_err();
    assert_eq!(refused.code, Code::ReadOnly);
    started.history.close().await.unwrap();
    assert_eq!(fs::read(dir.path().join(FILE)).unwrap(), before);
}

#[tokio::test]
async fn f32_a_large_history_is_pruned_in_small_steps_and_events_get_in_between() {
    let events = if env::var_os("TIDINGS_FULL").is_some() {
        200_000
    } else {
        6_000
    };
    let (dir, source) = made(events).await;
    let history = History::open(dir.path()).unwrap();
    let mut settings = Settings::default();
    settings.preferences.retention.events = Some(1_000);

    let mut step = history
        .begin_pruning(Limits::of(&settings), at(0), Duration::ZERO)
        .await
        .unwrap();
    let mut number = events;
    while let Some(next) = step {
        let progress = history.prune(next).await.unwrap();
        assert!(progress.deleted <= 500);
        number += 1;
        history.append(vec![arrival(source, number)]).await.unwrap();
        step = progress.next;
    }

    let left = numbers(&all(&history).await);
    assert!(left.len() < 1_010, "{}", left.len());
    assert_eq!(left.last(), Some(&number));
}
