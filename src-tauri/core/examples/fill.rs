//! Fills a data directory with a history of any length, for looking at and measuring the window:
//! `fill DIRECTORY COUNT`. The last hundred events are of the last hundred minutes.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program that says what it did, and whose events end now"
)]

use std::{error::Error, path::PathBuf};

use tidings_core::{
    history::{Appended, Arrival, History, NewEvent},
    model::{Delivery, EventId, Notification, Severity, SourceId, Timestamp, Verdict},
    source::config::Dedupe,
};

const BATCH: i64 = 1000;
const TITLES: [&str; 5] = [
    "Deploy finished",
    "Invoice paid",
    "현관문이 열렸습니다",
    "Build passed",
    "정기 결제 승인",
];

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: fill DIRECTORY COUNT";
    let dir = PathBuf::from(arguments.next().ok_or(usage)?);
    let count: i64 = arguments.next().ok_or(usage)?.parse()?;
    let history = History::open(&dir)?;
    let source = SourceId::random();
    history.name_source(source, "Filled").await?;
    let now = Timestamp::now().as_millisecond();
    let mut stored = 0;
    while stored < count {
        let until = count.min(stored + BATCH);
        let arrivals = (stored..until)
            .map(|number| {
                let event = event(number, now - (count - number) * 60_000)?;
                Ok(Arrival {
                    source,
                    cursor: None,
                    event: Some(event),
                })
            })
            .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
        let appended = history.append(arrivals).await?;
        // Long told: an app that starts on them has nothing to catch up with.
        let fates = appended.iter().filter_map(|appended| match appended {
            Appended::New(row) => Some((*row, Delivery::Shown, None)),
            Appended::Duplicate | Appended::Cursor => None,
        });
        history.set_delivery(fates.collect()).await?;
        stored = until;
    }
    let unread_from = Some(source);
    history.mark_read(None, unread_from, true).await?;
    history.close().await?;
    println!("{count} events");
    Ok(())
}

fn event(number: i64, received_at: i64) -> Result<NewEvent, Box<dyn Error>> {
    let title = usize::try_from(number)
        .ok()
        .and_then(|number| TITLES.get(number % TITLES.len()))
        .copied()
        .unwrap_or_default();
    Ok(NewEvent {
        event: "message".to_owned(),
        own_id: Some(EventId::from(number.to_string())),
        data: format!("{{\"n\":{number},\"host\":\"web-{}\"}}", number % 17),
        notification: Notification {
            title: format!("{title} {number}"),
            body: format!("number {number} of a long history on web-{}", number % 17),
            severity: if number % 50 == 0 {
                Severity::High
            } else {
                Severity::Normal
            },
            ..Notification::default()
        },
        received_at: Timestamp::from_millisecond(received_at)?,
        decision: Verdict::Notify.into(),
        replayed: false,
        truncated: false,
        opening: None,
        dedupe: Dedupe::Auto,
    })
}
