//! What is exported is what was stored, byte for byte, as a reader that is not ours sees it.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a step that fails is a test that fails"
)]

use std::{fs, path::Path, process::Command};

use jiff::{ZonedDateTime, tz::TimeZone};
use tempfile::TempDir;
use tidings_core::{
    history::{Arrival, History, NewEvent, Selection, export},
    ipc::ExportFormat,
    model::{EventId, Notification, SourceId, Timestamp, Verdict},
    source::config::Dedupe,
};
use tokio_util::sync::CancellationToken;

/// Reads an export with Python's own modules and compares it with what was stored, which it gets
/// as lengths and bytes: no text format in between.
const READER: &str = r#"
import csv, json, struct, sys

def stored(path):
    with open(path, "rb") as file:
        while head := file.read(4):
            fields = []
            for _ in range(5):
                (length,) = struct.unpack("<I", head)
                fields.append(file.read(length))
                head = file.read(4) if len(fields) < 5 else b""
            yield fields

def from_jsonl(path):
    with open(path, "rb") as file:
        for line in file.read().split(b"\n")[:-1]:
            event = json.loads(line)
            yield [event[name] for name in NAMES], event["tags"]

def from_csv(path):
    csv.field_size_limit(1 << 30)
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.reader(file, strict=True)
        columns = next(rows)
        for row in rows:
            assert len(row) == len(columns), row
            event = dict(zip(columns, row))
            yield [event[name] for name in NAMES], json.loads(event["tags"] or "[]")

NAMES = ["event", "id", "data", "title", "body"]
wanted, path, form = sys.argv[1:]
count = 0
read = from_csv if form == "csv" else from_jsonl
for count, (fields, (found, tags)) in enumerate(zip(stored(wanted), read(path), strict=True), 1):
    found = [text.encode("utf-8") for text in found]
    assert found == fields, (count, fields, found)
    assert [tag.encode("utf-8") for tag in tags] == [fields[3]] * (count % 3), count
print(count)
"#;

/// Pieces of text that writers and readers get wrong.
const ODD: &[&str] = &[
    "\"",
    "\"\"",
    ",",
    ";",
    "=1+1",
    "@SUM(A1)",
    "+",
    "-",
    "\r",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "\u{1}",
    "\u{b}",
    "\u{c}",
    "\u{1b}[31m",
    "\u{1f}",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{ad}",
    "\u{200b}",
    "\u{200d}",
    "\u{200f}",
    "\u{2028}",
    "\u{2029}",
    "\u{202e}",
    "\u{2066}",
    "\u{feff}",
    "\u{fffd}",
    "\u{ffff}",
    "\u{10ffff}",
    "\u{e000}",
    "e\u{301}",
    "결제",
    "\u{1112}\u{1161}\u{11ab}",
    "日本",
    "שלום",
    "🎉",
    "👨‍👩‍👧",
    "\\",
    "\\n",
    "\\u0041",
    "'",
    "`",
    "<script>",
    "&amp;",
    "%00",
    "${x}",
    "null",
    "true",
    "NaN",
    " ",
    "  a  ",
    "plain words",
];

/// One odd text after the other, then mixtures of them; some are empty, some long.
fn odd(number: usize) -> String {
    match (ODD.get(number), number % 101) {
        (Some(piece), _) => (*piece).to_owned(),
        (None, 0) => String::new(),
        (None, 1) => ODD[number % ODD.len()].repeat(500),
        (None, some) => (0..=(some % 9))
            .map(|place| ODD[(number * 31 + place * (number / 7 + 1)) % ODD.len()])
            .collect(),
    }
}

fn event(number: usize) -> NewEvent {
    let title = odd(number + 1);
    NewEvent {
        event: odd(number + 2),
        own_id: Some(EventId::from(odd(number + 3))),
        data: odd(number),
        notification: Notification {
            tags: vec![title.clone(); (number + 1) % 3],
            title,
            body: odd(number + number % 5),
            ..Notification::default()
        },
        received_at: Timestamp::from_millisecond(1_800_000_000_000).unwrap(),
        decision: Verdict::Notify.into(),
        replayed: false,
        truncated: false,
        opening: None,
        dedupe: Dedupe::Never,
    }
}

async fn store(events: usize) -> (TempDir, History) {
    let dir = tempfile::tempdir().unwrap();
    let history = History::open(dir.path()).unwrap();
    let source = SourceId::random();
    let numbers: Vec<usize> = (0..events).collect();
    for numbers in numbers.chunks(256) {
        let arrivals = numbers.iter().map(|number| Arrival {
            source,
            cursor: None,
            event: Some(event(*number)),
        });
        history.append(arrivals.collect::<Vec<_>>()).await.unwrap();
    }
    (dir, history)
}

fn write_wanted(path: &Path, events: usize) {
    let mut bytes = Vec::new();
    for number in 0..events {
        let event = event(number);
        for field in [
            &event.event,
            event.own_id.as_ref().unwrap().as_str(),
            &event.data,
            &event.notification.title,
            &event.notification.body,
        ] {
            bytes.extend(u32::try_from(field.len()).unwrap().to_le_bytes());
            bytes.extend(field.as_bytes());
        }
    }
    fs::write(path, bytes).unwrap();
}

fn now() -> ZonedDateTime {
    Timestamp::UNIX_EPOCH.to_zoned_datetime(TimeZone::UTC)
}

#[tokio::test]
async fn every_odd_character_comes_back_as_it_was_stored() {
    // A hundred thousand where there is time for it.
    let full = std::env::var_os("TIDINGS_FULL").is_some();
    let events = if full { 100_000 } else { 5_000 };
    let (dir, history) = store(events).await;
    let wanted = dir.path().join("wanted");
    write_wanted(&wanted, events);

    for (format, name) in [(ExportFormat::Jsonl, "jsonl"), (ExportFormat::Csv, "csv")] {
        let path = dir.path().join(format!("export.{name}"));
        let mut steps = Vec::new();
        let written = export::to_file(
            &history,
            &Selection::default(),
            format,
            &path,
            &now(),
            &CancellationToken::new(),
            |events, percent| steps.push((events, percent)),
        )
        .await
        .unwrap();

        assert_eq!(written, events as u64);
        assert!(steps.is_sorted(), "{steps:?}");
        assert_eq!(steps.last(), Some(&(events as u64, 100)));
        let read = Command::new("python3")
            .args(["-c", READER])
            .args([&wanted, &path])
            .arg(name)
            .env("PYTHONUTF8", "1")
            .output()
            .unwrap_or_else(|error| panic!("python3 reads the export: {error}"));
        assert!(read.status.success(), "{name}: {read:?}");
        assert_eq!(
            String::from_utf8_lossy(&read.stdout).trim(),
            events.to_string(),
            "{name}"
        );
    }
    history.close().await.unwrap();
}

#[tokio::test]
async fn an_export_that_is_cancelled_leaves_no_file_and_what_was_there() {
    let (dir, history) = store(2_000).await;
    let path = dir.path().join("export.csv");
    fs::write(&path, "an older export").unwrap();
    let cancel = CancellationToken::new();
    let mut seen = Vec::new();

    let written = export::to_file(
        &history,
        &Selection::default(),
        ExportFormat::Csv,
        &path,
        &now(),
        &cancel,
        |events, percent| {
            seen.push((events, percent));
            cancel.cancel();
        },
    )
    .await
    .unwrap();

    assert_eq!(seen, [(500, 25)]);
    assert_eq!(written, 500);
    assert_eq!(fs::read_to_string(&path).unwrap(), "an older export");
    let left: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().contains("part"))
        .collect();
    assert_eq!(left.len(), 0, "{left:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn an_export_is_its_owners_alone_whatever_was_there() {
    use std::os::unix::fs::PermissionsExt as _;
    let (dir, history) = store(10).await;
    let path = dir.path().join("export.csv");
    for left in ["export.csv", "export.csv.part"] {
        let left = dir.path().join(left);
        fs::write(&left, "older").unwrap();
        fs::set_permissions(&left, fs::Permissions::from_mode(0o666)).unwrap();
    }

    export::to_file(
        &history,
        &Selection::default(),
        ExportFormat::Csv,
        &path,
        &now(),
        &CancellationToken::new(),
        |_, _| (),
    )
    .await
    .unwrap();

    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn only_what_a_query_finds_is_exported() {
    let (dir, history) = store(1_000).await;
    let selection = Selection {
        query: Some("\"plain words\"".to_owned()),
        ..Selection::default()
    };
    let mut out = Vec::new();

    let written = export::write(
        &history,
        &selection,
        ExportFormat::Jsonl,
        &now(),
        &CancellationToken::new(),
        &mut out,
        |_, _| {},
    )
    .await
    .unwrap();

    let lines: Vec<serde_json::Value> = String::from_utf8(out)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len() as u64, written);
    assert!(written > 0 && written < 1_000, "{written}");
    for line in lines {
        let texts = ["data", "title", "body"].map(|name| line[name].as_str().unwrap());
        assert!(
            texts.iter().any(|text| text.contains("plain words")),
            "{line}"
        );
    }
    drop(dir);
}
