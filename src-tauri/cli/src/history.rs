//! `history`: events looked up, whoever is writing meanwhile.

use std::process::ExitCode;

use serde_json::json;
use tidings_core::{
    error::{Code, Error, Result},
    history::{Bound, Selection, StoredEvent},
    model::{Delivery, EventId, RowId, Severity, Timestamp},
};

use crate::{
    args::{Cli, HistoryArgs},
    exit, now,
    output::{Output, printable},
    workspace,
};

/// Prints what is stored and matches.
pub(crate) async fn history(cli: &Cli, args: &HistoryArgs, output: Output) -> Result<ExitCode> {
    let before = args.before.as_deref().map(bound).transpose()?;
    let after = args.after.as_deref().map(bound).transpose()?;
    let seen = workspace::look(cli, output)?;
    let selection = Selection {
        source: args
            .source
            .as_deref()
            .map(|name| find(&seen.settings, name))
            .transpose()?,
        event: args.event.clone(),
        unread: args.unread,
        query: args.query.clone(),
        before,
        after,
        limit: args.limit,
        oldest_first: args.oldest_first,
    };
    let Some(history) = seen.history else {
        return Ok(exit::DONE);
    };
    for event in history.query(&selection, &here()).await? {
        let shown = if output.json {
            output.line(&as_json(&event).to_string())
        } else {
            output.line(&as_line(&event))
        };
        if !shown {
            break;
        }
    }
    Ok(exit::DONE)
}

/// The present, in this machine's time zone.
pub(crate) fn here() -> jiff::ZonedDateTime {
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

fn bound(text: &str) -> Result<Bound> {
    if let Ok(row) = text.parse() {
        return Ok(Bound::Row(RowId(row)));
    }
    text.parse::<Timestamp>().map(Bound::Time).map_err(|_| {
        Error::new(
            Code::InvalidOption,
            format!("{text} is neither a row number nor a time such as 2026-11-23T09:00:00Z"),
        )
    })
}

fn as_json(event: &StoredEvent) -> serde_json::Value {
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
    let fate = match event.delivery {
        Delivery::Refused => "  (toast refused)",
        Delivery::Paused => "  (toasts paused)",
        _ => "",
    };
    format!(
        "{unread}{severity} {} {}  {}  {}{fate}",
        time.strftime("%Y-%m-%d %H:%M:%S"),
        printable(&event.source_name),
        printable(&event.notification.title),
        printable(&event.notification.body.replace('\n', " ")),
    )
}
