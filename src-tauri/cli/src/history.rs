//! `history` and `export`: events looked up, whoever is writing meanwhile.

use std::process::ExitCode;

use jiff::ZonedDateTime;
use tidings_core::{
    error::{Code, Error, Result},
    history::{
        Bound, Selection, StoredEvent,
        export::{self, as_json},
        moment,
    },
    ipc::ExportFormat,
    model::{Delivery, DeliveryCause, RowId, Severity, Why},
};
use tokio_util::sync::CancellationToken;

use crate::{
    args::{Cli, ExportArgs, FilterArgs, Format, HistoryArgs},
    exit, now,
    output::{Output, printable},
    signalled,
    workspace::{self, Seen},
};

/// Prints what is stored and matches.
pub(crate) async fn history(cli: &Cli, args: &HistoryArgs, output: Output) -> Result<ExitCode> {
    let seen = workspace::look(cli, output)?;
    let now = here();
    let mut selection = Selection {
        limit: args.limit,
        oldest_first: args.oldest_first,
        ..selection(&args.filter, &seen, &now)?
    };
    let Some(history) = seen.history else {
        return Ok(exit::DONE);
    };
    'all: while selection.limit > 0 {
        let events = history.query(&selection, &now).await?;
        if events.is_empty() {
            break;
        }
        for event in events {
            selection.limit -= 1;
            selection.resume = Some(event.row);
            let shown = if output.json {
                output.line(&as_json(&event).to_string())
            } else {
                output.line(&as_line(&event))
            };
            if !shown {
                break 'all;
            }
        }
    }
    if let Some(bound) = history.bounded(&selection, &now).await? {
        output.hint(&format!(
            "only the newest {bound} events that match the rest were looked into for $.path"
        ));
    }
    Ok(exit::DONE)
}

/// Writes what matches to a file or to stdout.
pub(crate) async fn export(cli: &Cli, args: &ExportArgs, output: Output) -> Result<ExitCode> {
    let signalled = signalled();
    let seen = workspace::look(cli, output)?;
    let now = here();
    let selection = selection(&args.filter, &seen, &now)?;
    let Some(history) = seen.history else {
        return Err(Error::new(
            Code::NotFound,
            "there is no history here yet; receive something first",
        ));
    };
    let format = match args.format {
        Format::Jsonl => ExportFormat::Jsonl,
        Format::Csv => ExportFormat::Csv,
    };
    let cancel = CancellationToken::new();
    let tell = |events, percent| {
        if args.out.is_some() {
            output.progress(&format!("-- {events} events, {percent} %"));
        }
    };
    let mut out = std::io::BufWriter::new(std::io::stdout());
    let writing = async {
        match &args.out {
            Some(path) => {
                export::to_file(&history, &selection, format, path, &now, &cancel, tell).await
            }
            None => {
                export::write(&history, &selection, format, &now, &cancel, &mut out, tell).await
            }
        }
    };
    tokio::pin!(writing);
    let written = tokio::select! {
        written = &mut writing => written?,
        () = signalled => {
            cancel.cancel();
            writing.await?
        }
    };
    if let Some(path) = &args.out {
        if cancel.is_cancelled() {
            output.hint("cancelled; no file was written");
        } else {
            output.hint(&format!("{written} events written to {}", path.display()));
        }
    }
    Ok(exit::DONE)
}

fn selection(filter: &FilterArgs, seen: &Seen, now: &ZonedDateTime) -> Result<Selection> {
    let bound = |text: &Option<String>| text.as_deref().map(|text| bound(text, now)).transpose();
    Ok(Selection {
        source: filter
            .source
            .as_deref()
            .map(|name| find(&seen.settings, name))
            .transpose()?,
        event: filter.event.clone(),
        unread: filter.unread,
        query: filter.query.clone(),
        before: bound(&filter.before)?,
        after: bound(&filter.after)?,
        ..Selection::default()
    })
}

/// The present, in this machine's time zone.
fn here() -> ZonedDateTime {
    now().to_zoned_datetime(jiff::tz::TimeZone::system())
}

fn find(
    settings: &tidings_core::settings::Settings,
    name: &str,
) -> Result<tidings_core::model::SourceId> {
    let found = settings.sources.iter().find(|source| source.name == name);
    found.map(|source| source.id).ok_or_else(|| {
        Error::new(
            Code::NotFound,
            format!("there is no source named {name}; see: tidings-cli source list"),
        )
    })
}

fn bound(text: &str, now: &ZonedDateTime) -> Result<Bound> {
    if let Ok(row) = text.parse() {
        return Ok(Bound::Row(RowId(row)));
    }
    moment(text, now).map(Bound::Time).ok_or_else(|| {
        Error::new(
            Code::InvalidOption,
            format!(
                "{text} is neither a row number nor a time such as 2026-11-23T09:00:00Z, \
                 2026-11-23, 2h or yesterday"
            ),
        )
    })
}

fn as_line(event: &StoredEvent) -> String {
    let time = event
        .received_at
        .to_zoned_datetime(jiff::tz::TimeZone::system());
    let severity = match event.notification.severity {
        Severity::Critical => "!!",
        Severity::High => "! ",
        Severity::Normal | Severity::Low => "  ",
    };
    let unread = if event.read { " " } else { "*" };
    let fate = fate(event)
        .map(|words| format!("  ({})", printable(&words)))
        .unwrap_or_default();
    format!(
        "{unread}{severity} {} {}  {}  {}{fate}",
        time.strftime("%Y-%m-%d %H:%M:%S"),
        printable(&event.source_name),
        printable(&event.notification.title),
        printable(&event.notification.body.replace('\n', " ")),
    )
}

/// Why an event got no toast of its own, in short words; none where it got one or may yet.
fn fate(event: &StoredEvent) -> Option<String> {
    let outcome = match event.delivery {
        Delivery::Pending | Delivery::Shown => return None,
        Delivery::Digest => "in a summary",
        Delivery::Held => "held back",
        Delivery::Quiet => "quiet",
        Delivery::RateCapped => "too many at once",
        Delivery::Refused => "toast refused",
        Delivery::Paused => "toasts paused",
    };
    let why = match (event.delivery, &event.decision.rule) {
        (Delivery::Quiet, Some(rule)) => Some(format!("rule {rule}")),
        _ => event.delivery_detail.as_deref().map(in_words),
    };
    Some(match why {
        Some(why) => format!("{outcome}: {why}"),
        None => outcome.to_owned(),
    })
}

fn in_words(detail: &str) -> String {
    let Some(Why { cause, said }) = Why::parse(detail) else {
        return detail.to_owned();
    };
    let words = match cause {
        DeliveryCause::QuietHours => "quiet hours",
        DeliveryCause::Snoozed => "snoozed",
        DeliveryCause::NoBus => "no message bus",
        DeliveryCause::BusBroke => "the message bus broke",
        DeliveryCause::NoService => "no notification service",
        DeliveryCause::NoAnswer => "the notification service did not answer",
        DeliveryCause::Rejected => "the notification service refused it",
        DeliveryCause::TooLate => "the notification service was away for too long",
        DeliveryCause::Ended => "Tidings ended first",
    };
    match said {
        Some(said) => format!("{words}, {said}"),
        None => words.to_owned(),
    }
}
