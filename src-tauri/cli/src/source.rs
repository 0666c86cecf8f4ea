//! `source`: add, list, show and change sources.

use std::{process::ExitCode, sync::Arc};

use serde_json::{Value, json};
use tidings_core::{
    error::{Code, Error, Result},
    history::{SourceUnread, Unread},
    model::Timestamp,
    secrets::Headers,
    settings::Settings,
    source::{EventFilter, SourceConfig},
};

use crate::{
    args::{Cli, Described, SourceCommand, read_url},
    exit,
    output::{Output, printable},
    workspace::{self, Seen},
};

/// Runs one of the source commands.
pub(crate) async fn source(cli: &Cli, command: &SourceCommand, output: Output) -> Result<ExitCode> {
    match command {
        SourceCommand::Add {
            name,
            url,
            connection,
        } => {
            let described = connection.describe(name, url)?;
            let held = workspace::hold(cli, output)?;
            held.register()
                .add(described.config, described.headers)
                .await?;
        }
        SourceCommand::List => list(cli, None, output).await?,
        SourceCommand::Show { name } => list(cli, Some(name), output).await?,
        SourceCommand::Edit {
            name,
            url,
            rename,
            connection,
        } => {
            let held = workspace::hold(cli, output)?;
            let config = find(&held.settings.current(), name)?;
            let headers = held.register().headers(config.id).await?;
            let mut described = Described { config, headers };
            if let Some(url) = url {
                let (url, userinfo) = read_url(url)?;
                described.config.url = url;
                if let Some((name, value)) = userinfo {
                    described
                        .headers
                        .retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
                    described.headers.push((name, value));
                }
            }
            if let Some(rename) = rename {
                described.config.name.clone_from(rename);
            }
            connection.apply(&mut described)?;
            held.register()
                .replace(described.config, described.headers)
                .await?;
        }
        SourceCommand::Remove {
            name,
            delete_history,
        } => {
            let mut held = workspace::hold(cli, output)?;
            let id = find(&held.settings.current(), name)?.id;
            held.register().remove(id).await?;
            held.register().forget_headers(id).await?;
            let history = held.history(output)?;
            history.remove_source(id, !delete_history).await?;
            history.close().await?;
        }
        SourceCommand::Pause { name } => enable(cli, name, false, output).await?,
        SourceCommand::Resume { name } => enable(cli, name, true, output).await?,
    }
    Ok(exit::DONE)
}

fn find(settings: &Settings, name: &str) -> Result<SourceConfig> {
    settings
        .sources
        .iter()
        .find(|source| source.name == *name)
        .cloned()
        .ok_or_else(|| {
            let known: Vec<&str> = settings
                .sources
                .iter()
                .map(|source| source.name.as_str())
                .collect();
            let known = if known.is_empty() {
                "none yet".to_owned()
            } else {
                known.join(", ")
            };
            Error::new(
                Code::NotFound,
                format!("there is no source named {name}; there are: {known}"),
            )
        })
}

async fn enable(cli: &Cli, name: &str, enabled: bool, output: Output) -> Result<()> {
    let held = workspace::hold(cli, output)?;
    let id = find(&held.settings.current(), name)?.id;
    held.register().enable(id, enabled).await
}

async fn list(cli: &Cli, only: Option<&str>, output: Output) -> Result<()> {
    let Seen {
        settings,
        history,
        dir,
    } = workspace::look(cli)?;
    let (unread, stored) = match &history {
        Some(history) => (history.unread().await?, history.stored().await?),
        None => (Unread::default(), std::collections::HashMap::default()),
    };
    let shown: Vec<Arc<SourceConfig>> = match only {
        Some(name) => vec![Arc::new(find(&settings, name)?)],
        None => settings.sources.iter().cloned().map(Arc::new).collect(),
    };
    if shown.is_empty() && !output.json {
        output.note("-- no source yet; add one with: tidings-cli source add NAME URL");
    }
    for config in shown {
        let headers = workspace::stored_headers(cli, &dir, config.id)?;
        let counts = unread.sources.get(&config.id).cloned().unwrap_or_default();
        let stored = stored.get(&config.id).copied().unwrap_or_default();
        let cursor = match &history {
            Some(history) => history.cursor(config.id).await?,
            None => None,
        };
        if output.json {
            let cursor = cursor.as_ref().map(tidings_core::model::EventId::as_str);
            output.line(&as_json(&config, &headers, &counts, stored, cursor).to_string());
        } else {
            let paused = if config.enabled { "" } else { "  (paused)" };
            output.line(&format!(
                "{}  {}  {stored} stored, {} unread{paused}",
                printable(&config.name),
                printable(config.url.as_str()),
                counts.unread,
            ));
            if only.is_some() {
                for (name, _) in &headers {
                    output.line(&format!("  header {}: (saved, not shown)", printable(name)));
                }
                match &config.events {
                    EventFilter::All => {}
                    EventFilter::Only(types) => {
                        output.line(&format!("  only events: {}", types.join(", ")));
                    }
                    EventFilter::Not(types) => {
                        output.line(&format!("  all events but: {}", types.join(", ")));
                    }
                }
            }
        }
    }
    Ok(())
}

fn as_json(
    config: &SourceConfig,
    headers: &Headers,
    counts: &SourceUnread,
    stored: u64,
    cursor: Option<&str>,
) -> Value {
    let (events, not_events) = match &config.events {
        EventFilter::All => (Vec::new(), Vec::new()),
        EventFilter::Only(types) => (types.clone(), Vec::new()),
        EventFilter::Not(types) => (Vec::new(), types.clone()),
    };
    let last: Option<Timestamp> = counts.last_event_at;
    json!({
        "name": config.name,
        "url": config.url,
        "enabled": config.enabled,
        "events": events,
        "not_events": not_events,
        "state": { "state": "idle" },
        "last_event_id": cursor,
        "last_event_at": last.map(|time| time.to_string()),
        "stored": stored,
        "unread": counts.unread,
        "has_secret": !headers.is_empty(),
        "header_names": headers.iter().map(|(name, _)| name).collect::<Vec<_>>(),
    })
}
