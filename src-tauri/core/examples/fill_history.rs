//! Fills the history of a data directory with events, through the history itself: to look at how
//! the window and the searches fare with many. `fill_history DIR COUNT`
#![expect(
    clippy::print_stderr,
    reason = "a program for whoever measures, who reads what it says"
)]

use std::{path::Path, process::ExitCode};

use tidings_core::{
    data_dir::DataDir,
    error::{Code, Error, Result},
    history::{Arrival, History, NewEvent},
    model::{EventId, Notification, SourceId, Timestamp, Verdict},
    source::config::Dedupe,
};

const BATCH: usize = 256;
const SOURCES: usize = 5;
const WORDS: [&str; 8] = [
    "build", "deploy", "payment", "sensor", "failed", "started", "finished", "refused",
];

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (dir, count) = (arguments.next(), arguments.next());
    let count = count.and_then(|count| count.parse().ok());
    let (Some(dir), Some(count)) = (dir, count) else {
        eprintln!("usage: fill_history DIR COUNT");
        return ExitCode::from(2);
    };
    match fill(Path::new(&dir), count).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fill_history: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn fill(dir: &Path, count: usize) -> Result<()> {
    let lock = DataDir::open(Some(dir))?.lock("fill_history")?;
    let history = History::open(lock.path()).map_err(|error| {
        Error::new(Code::HistoryUnavailable, "the history cannot be opened").because(error)
    })?;
    let sources: Vec<SourceId> = (0..SOURCES).map(|_| SourceId::random()).collect();
    for (number, source) in sources.iter().enumerate() {
        history
            .name_source(*source, &format!("Source {number}"))
            .await?;
    }
    let mut done = 0;
    while done < count {
        let size = BATCH.min(count - done);
        let batch: Vec<Arrival> = (done..done + size)
            .map(|number| arrival(number, count, &sources))
            .collect();
        history.append(batch).await?;
        done += size;
    }
    // Old events are read ones, as they are in a history that grew.
    history.mark_read(None, None, true).await?;
    history.close().await
}

fn arrival(number: usize, count: usize, sources: &[SourceId]) -> Arrival {
    let word = |n: usize| WORDS.get(n % WORDS.len()).copied().unwrap_or_default();
    let source = sources.get(number % SOURCES).copied();
    let title = format!("{} {} {number}", word(number), word(number / 8 + 4));
    let body = format!("Number {number} of {count}: {}", word(number / 3));
    let ago = i64::try_from(count - number).unwrap_or(i64::MAX);
    let received_at = Timestamp::from_second(1_790_000_000 - ago).unwrap_or(Timestamp::UNIX_EPOCH);
    let data = serde_json::json!({ "title": title, "body": body, "number": number });
    Arrival {
        source: source.unwrap_or_else(SourceId::random),
        cursor: Some(EventId::from(number.to_string().as_str())),
        event: Some(NewEvent {
            event: "message".to_owned(),
            own_id: Some(EventId::from(number.to_string().as_str())),
            data: data.to_string(),
            notification: Notification {
                title,
                body,
                ..Notification::default()
            },
            received_at,
            decision: Verdict::Quiet.into(),
            replayed: false,
            truncated: false,
            opening: None,
            dedupe: Dedupe::Never,
        }),
    }
}
