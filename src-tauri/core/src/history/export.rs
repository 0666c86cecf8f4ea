//! Events as JSON Lines or CSV: streamed, oldest first, with progress, and cancelled at any time.

use std::{
    fs::OpenOptions,
    io::{self, BufWriter, Write},
    path::Path,
    sync::{Mutex, PoisonError},
};

use jiff::ZonedDateTime;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{History, Selection, StoredEvent};
use crate::{
    data_dir::file::private,
    error::{Code, Error, Result},
    ipc::ExportFormat,
    model::{EventId, RowId},
};

/// Most events read at once.
const CHUNK: u32 = 500;

/// The fields of an exported event, in the order of a CSV file's columns.
pub const COLUMNS: [&str; 18] = [
    "row",
    "source",
    "event",
    "id",
    "data",
    "title",
    "body",
    "severity",
    "url",
    "tags",
    "received_at",
    "read",
    "pinned",
    "replayed",
    "truncated",
    "outcome",
    "rule",
    "detail",
];

/// One export at a time, and how to end it.
#[derive(Debug, Default)]
pub struct Exporting {
    /// Held while an export runs.
    pub(crate) turn: std::sync::Arc<tokio::sync::Mutex<()>>,
    cancel: Mutex<CancellationToken>,
}

impl Exporting {
    pub(crate) fn renew(&self) -> CancellationToken {
        let token = CancellationToken::new();
        token.clone_into(&mut self.cancel.lock().unwrap_or_else(PoisonError::into_inner));
        token
    }

    pub(crate) fn cancel(&self) {
        self.cancel
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .cancel();
    }
}

/// An event as scripts see it: the same in `history --json` and in an export.
pub fn as_json(event: &StoredEvent) -> Value {
    json!({
        "row": event.row,
        "source": event.source_name,
        "event": event.event,
        "id": event.own_id.as_ref().map(EventId::as_str),
        "data": event.data,
        "title": event.notification.title,
        "body": event.notification.body,
        "severity": event.notification.severity,
        "url": event.notification.url,
        "tags": event.notification.tags,
        "received_at": event.received_at.to_string(),
        "read": event.read,
        "pinned": event.pinned,
        "replayed": event.replayed,
        "truncated": event.truncated,
        "delivery": {
            "outcome": event.delivery,
            "rule": event.decision.rule,
            "detail": event.delivery_detail,
        },
    })
}

/// Writes what is selected, whatever its limit and order, oldest first; how many events. Ends
/// early when cancelled. Events stored meanwhile are not part of it.
///
/// # Errors
/// `ExportFailed` where `out` fails; those of a query; `HistoryUnavailable`.
pub async fn write(
    history: &History,
    selection: &Selection,
    format: ExportFormat,
    now: &ZonedDateTime,
    cancel: &CancellationToken,
    out: &mut (dyn Write + Send),
    mut tell: impl FnMut(u64, u8) + Send,
) -> Result<u64> {
    let Some((first, last)) = history.span().await? else {
        return header(format, out)
            .map(|()| 0)
            .map_err(|error| failed(&error));
    };
    header(format, out).map_err(|error| failed(&error))?;
    let mut selection = Selection {
        limit: CHUNK,
        oldest_first: true,
        ..selection.clone()
    };
    let mut written = 0;
    while !cancel.is_cancelled() {
        let events = history.query(&selection, now).await?;
        let Some(newest) = events.last().map(|event| event.row) else {
            break;
        };
        for event in events.iter().filter(|event| event.row <= last) {
            line(format, event, out).map_err(|error| failed(&error))?;
            written += 1;
        }
        tell(written, percent(first, newest, last));
        if newest >= last {
            break;
        }
        selection.resume = Some(newest);
    }
    out.flush().map_err(|error| failed(&error))?;
    Ok(written)
}

/// Writes a file for its owner alone, there only once it is whole: a cancelled export leaves none.
///
/// # Errors
/// As [`write()`].
pub async fn to_file(
    history: &History,
    selection: &Selection,
    format: ExportFormat,
    path: &Path,
    now: &ZonedDateTime,
    cancel: &CancellationToken,
    tell: impl FnMut(u64, u8) + Send,
) -> Result<u64> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".part");
    // One that a crash left may be everybody's to read.
    let _ = std::fs::remove_file(&partial);
    let mut options = OpenOptions::new();
    private(options.write(true).create_new(true));
    let file = options.open(&partial).map_err(|error| failed(&error))?;
    let mut out = BufWriter::new(file);
    let written = write(history, selection, format, now, cancel, &mut out, tell).await;
    let stored = written.and_then(|events| {
        let file = out.into_inner().map_err(|error| failed(error.error()))?;
        file.sync_all().map_err(|error| failed(&error))?;
        Ok(events)
    });
    let ended = match stored {
        Ok(events) if !cancel.is_cancelled() => std::fs::rename(&partial, path)
            .map(|()| events)
            .map_err(|error| failed(&error)),
        other => other,
    };
    if cancel.is_cancelled() || ended.is_err() {
        let _ = std::fs::remove_file(&partial);
    }
    ended
}

fn percent(first: RowId, at: RowId, last: RowId) -> u8 {
    let part = (at.0 - first.0 + 1).saturating_mul(100) / (last.0 - first.0 + 1).max(1);
    u8::try_from(part.clamp(0, 100)).unwrap_or(100)
}

fn header(format: ExportFormat, out: &mut dyn Write) -> io::Result<()> {
    match format {
        ExportFormat::Jsonl => Ok(()),
        ExportFormat::Csv => write!(out, "{}\r\n", COLUMNS.join(",")),
    }
}

fn line(format: ExportFormat, event: &StoredEvent, out: &mut dyn Write) -> io::Result<()> {
    match format {
        ExportFormat::Jsonl => {
            serde_json::to_writer(&mut *out, &as_json(event))?;
            out.write_all(b"\n")
        }
        ExportFormat::Csv => csv(event, out),
    }
}

/// A record of RFC 4180. What is absent is empty; an empty text is an empty pair of quotes.
fn csv(event: &StoredEvent, out: &mut dyn Write) -> io::Result<()> {
    let object = as_json(event);
    let of = |name: &str| match name {
        "outcome" | "rule" | "detail" => object.get("delivery").and_then(|all| all.get(name)),
        _ => object.get(name),
    };
    for (place, name) in COLUMNS.iter().enumerate() {
        if place > 0 {
            out.write_all(b",")?;
        }
        match of(name) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => field(text, out)?,
            Some(Value::Array(all)) if all.is_empty() => {}
            Some(other) => field(&other.to_string(), out)?,
        }
    }
    out.write_all(b"\r\n")
}

fn field(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let plain =
        !text.is_empty() && text.trim() == text && !text.contains(['"', ',', '\r', '\n', '\0']);
    if plain {
        out.write_all(text.as_bytes())
    } else {
        write!(out, "\"{}\"", text.replace('"', "\"\""))
    }
}

fn failed(error: &io::Error) -> Error {
    Error::new(
        Code::ExportFailed,
        format!(
            "the export cannot be written ({error}); check the folder and the space on its disk"
        ),
    )
}
