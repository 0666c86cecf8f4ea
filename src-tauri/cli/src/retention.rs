//! `settings retention`: says how much history is kept and how much there is.

use serde_json::json;
use tidings_core::{error::Result, ipc::HistoryFigures, model::Timestamp, settings::Retention};

use crate::{
    args::Cli,
    keep::KeepArgs,
    output::Output,
    workspace::{self, Seen},
};

/// Sets what is given, and says how much is kept and how much there is.
pub(crate) async fn retention(cli: &Cli, keep: &KeepArgs, output: Output) -> Result<()> {
    if !keep.is_empty() {
        let held = workspace::hold(cli, output)?;
        held.settings
            .update(|settings| keep.apply(&mut settings.preferences.retention))
            .await?;
        output.hint("what is too old or too much goes while Tidings runs");
    }
    let Seen {
        settings, history, ..
    } = workspace::look(cli, output)?;
    let figures = match &history {
        Some(history) => Some(history.figures().await?),
        None => None,
    };
    tell(settings.preferences.retention, figures, output);
    Ok(())
}

fn tell(retention: Retention, figures: Option<HistoryFigures>, output: Output) {
    let bytes = figures.map_or(0, |figures| figures.bytes);
    let stored = figures.map_or(0, |figures| figures.counts.stored);
    let oldest = figures
        .and_then(|figures| figures.oldest)
        .and_then(|oldest| Timestamp::from_millisecond(oldest.0).ok());
    if output.json {
        let object = json!({
            "retention": retention,
            "bytes": bytes,
            "stored": stored,
            "oldest": oldest.map(|oldest| oldest.to_string()),
        });
        output.line(&object.to_string());
        return;
    }
    output.line(&format!("kept: {}", in_words(retention)));
    let since = oldest.map_or_else(String::new, |oldest| {
        let oldest = oldest.to_zoned_datetime(jiff::tz::TimeZone::system());
        format!(", the oldest of {}", oldest.strftime("%Y-%m-%d %H:%M"))
    });
    let (whole, tenth) = (bytes / 1_000_000, bytes / 100_000 % 10);
    output.line(&format!(
        "there are: {stored} events in {whole}.{tenth} MB{since}"
    ));
}

/// What a limit says, for a person.
pub(crate) fn in_words(retention: Retention) -> String {
    let limits = [
        retention.days.map(|days| format!("{days} days")),
        retention.events.map(|events| format!("{events} events")),
        retention
            .megabytes
            .map(|megabytes| format!("{megabytes} MB")),
    ];
    let limits: Vec<String> = limits.into_iter().flatten().collect();
    if limits.is_empty() {
        return "everything".to_owned();
    }
    format!("at most {}, and what is pinned", limits.join(", "))
}
