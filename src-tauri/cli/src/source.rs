//! `source`: add, list, show and change sources.

use std::{process::ExitCode, sync::Arc};

use serde_json::{Value, json};
use tidings_core::{
    engine::states,
    error::{Code, Error, Result},
    history::{SourceUnread, Unread},
    ingest::mapping::Mapping,
    model::Timestamp,
    secrets::{SecretStore as _, SecretsAt},
    settings::Settings,
    source::{Dedupe, EventFilter, Resume, SourceConfig, SourceState, config::EVENT_BYTES_DEFAULT},
};
use url::Url;

use crate::{
    args::{Cli, SourceCommand},
    connection::{Described, read_url},
    exit, now,
    output::{Output, printable, state_json, state_words},
    retention::in_words,
    workspace::{self, Seen},
};

/// Runs one of the source commands.
pub(crate) async fn source(cli: &Cli, command: &SourceCommand, output: Output) -> Result<ExitCode> {
    match command {
        SourceCommand::Add {
            name,
            url,
            mapping,
            connection,
            keep,
        } => {
            let mut described = connection.describe(name, url)?;
            mapping.apply(&mut described.config)?;
            keep.apply(&mut described.config.retention)?;
            let held = workspace::hold(cli, output)?;
            held.register().settle_secrets(None).await?;
            let secret = !described.headers.is_empty();
            let register = held.register();
            let added = register.add(described.config, described.headers).await;
            held.advise(added, output)?;
            if secret {
                tell_where_secrets_are(&held.settings.current(), output);
            }
        }
        SourceCommand::List => list(cli, None, output).await?,
        SourceCommand::Show { name } => list(cli, Some(name), output).await?,
        SourceCommand::Edit {
            name,
            url,
            rename,
            mapping,
            connection,
            keep,
        } => {
            let held = workspace::hold(cli, output)?;
            let settled = held.register().settle_secrets(None).await;
            held.advise(settled, output)?;
            let config = find(&held.settings.current(), name)?;
            let headers = held.register().headers(config.id).await;
            let headers = held.advise(headers, output)?;
            let mut described = Described { config, headers };
            if let Some(url) = url {
                let (url, secrets) = read_url(url)?;
                described.config.url = url;
                for (name, value) in secrets {
                    described
                        .headers
                        .retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
                    described.headers.push((name, value));
                }
            }
            if let Some(rename) = rename {
                described.config.name.clone_from(rename);
            }
            mapping.apply(&mut described.config)?;
            connection.apply(&mut described)?;
            keep.apply(&mut described.config.retention)?;
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
            let forgotten = held.register().forget_headers(id).await;
            let history = held.history(output)?;
            history.remove_source(id, !delete_history).await?;
            history.close().await?;
            forgotten?;
        }
        SourceCommand::Pause { name } => enable(cli, name, false, output).await?,
        SourceCommand::Resume { name } => enable(cli, name, true, output).await?,
    }
    Ok(exit::DONE)
}

/// A file is not what a person expects of a password: it is said, once for each change.
fn tell_where_secrets_are(settings: &Settings, output: Output) {
    if settings.secrets.at() == Some(SecretsAt::File) {
        output.hint(
            "header values are kept in secrets.json of the data directory, which only you can \
             read: there is no keychain, or you chose the file",
        );
    }
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
    } = workspace::look(cli, output)?;
    let (unread, stored) = match &history {
        Some(history) => (history.unread().await?, history.stored().await?),
        None => (Unread::default(), std::collections::HashMap::default()),
    };
    let shown: Vec<Arc<SourceConfig>> = match only {
        Some(name) => vec![Arc::new(find(&settings, name)?)],
        None => settings.sources.iter().cloned().map(Arc::new).collect(),
    };
    if shown.is_empty() && dir.is_some() {
        output.hint("no source yet; add one with: tidings-cli source add NAME URL");
    }
    let secrets = dir
        .as_ref()
        .map(|dir| workspace::secrets_beside(cli, dir, &settings));
    let states = dir.as_ref().map(states::read).unwrap_or_default();
    for config in shown {
        let state = states.get(&config.id).unwrap_or(&SourceState::Paused);
        let header_names = match &secrets {
            Some(secrets) => secrets.header_names(config.id)?,
            None => Vec::new(),
        };
        let counts = unread.sources.get(&config.id).cloned().unwrap_or_default();
        let stored = stored.get(&config.id).copied().unwrap_or_default();
        let cursor = match &history {
            Some(history) => history.cursor(config.id).await?,
            None => None,
        };
        if output.json {
            let cursor = cursor.as_ref().map(tidings_core::model::EventId::as_str);
            let mut object = as_json(&config, &header_names, &counts, stored, cursor, state);
            if let (Some(object), true) = (object.as_object_mut(), only.is_some()) {
                object.insert("options".to_owned(), options_json(&config));
            }
            output.line(&object.to_string());
        } else {
            let state = match state {
                SourceState::Paused if config.enabled => String::new(),
                SourceState::Paused => "  (paused)".to_owned(),
                state => format!("  ({})", printable(&state_words(state, now().into()))),
            };
            output.line(&format!(
                "{}  {}  {stored} stored, {} unread{state}",
                printable(&config.name),
                printable(config.url.as_str()),
                counts.unread,
            ));
            if only.is_some() {
                for name in &header_names {
                    output.line(&format!("  header {}: (saved, not shown)", printable(name)));
                }
                for option in options(&config) {
                    output.line(&format!("  {}", printable(&option)));
                }
            }
        }
    }
    Ok(())
}

fn as_json(
    config: &SourceConfig,
    header_names: &[String],
    counts: &SourceUnread,
    stored: u64,
    cursor: Option<&str>,
    state: &SourceState,
) -> Value {
    let (events, not_events) = match &config.events {
        EventFilter::All => (Vec::new(), Vec::new()),
        EventFilter::Only(types) => (types.clone(), Vec::new()),
        EventFilter::Not(types) => (Vec::new(), types.clone()),
    };
    let last: Option<Timestamp> = counts.last_event_at;
    let mut object = json!({
        "name": config.name,
        "url": config.url,
        "enabled": config.enabled,
        "events": events,
        "not_events": not_events,
        "state": state_json(state, now().into()),
        "last_event_id": cursor,
        "last_event_at": last.map(|time| time.to_string()),
        "stored": stored,
        "unread": counts.unread,
        "has_secret": !header_names.is_empty(),
        "header_names": header_names,
    });
    if config.mapping != Mapping::default()
        && let Some(object) = object.as_object_mut()
    {
        object.insert("mapping".to_owned(), json!(config.mapping));
    }
    object
}

/// What was set for a source, in words.
fn options(config: &SourceConfig) -> Vec<String> {
    let text = |name: &str, value: Option<&str>| value.map(|value| format!("{name}: {value}"));
    let seconds =
        |name: &str, value: Option<f64>| value.map(|seconds| format!("{name}: {seconds} s"));
    let events = match &config.events {
        EventFilter::All => None,
        EventFilter::Only(types) => Some(format!("only events: {}", types.join(", "))),
        EventFilter::Not(types) => Some(format!("all events but: {}", types.join(", "))),
    };
    let resume = match &config.resume {
        Resume::Header => None,
        Resume::Query(name) => Some(format!("cursor in the query as: {name}")),
    };
    let cut = config.max_event_bytes;
    let dedupe = match config.dedupe {
        Dedupe::Auto => None,
        Dedupe::Always => Some("duplicates: always left out".to_owned()),
        Dedupe::Never => Some("duplicates: never left out".to_owned()),
    };
    let set = [
        events,
        (config.method != "GET").then(|| format!("method: {}", config.method)),
        text("body", config.body.as_deref()),
        resume,
        seconds("idle timeout", config.idle_timeout_s),
        seconds("silence alarm after", config.silence_after_s),
        (cut != EVENT_BYTES_DEFAULT).then(|| format!("events cut at: {cut} bytes")),
        dedupe,
        text("authority", config.ca_cert.as_deref()),
        text("client certificate", config.client_cert.as_deref()),
        text("its key", config.client_key.as_deref()),
        text("proxy", config.proxy.as_ref().map(Url::as_str)),
        config
            .allow_cleartext_secrets
            .then(|| "secrets may travel unencrypted".to_owned()),
        (!config.retention.is_unlimited()).then(|| format!("kept: {}", in_words(config.retention))),
    ];
    set.into_iter().flatten().collect()
}

fn options_json(config: &SourceConfig) -> Value {
    let resume_query = match &config.resume {
        Resume::Header => None,
        Resume::Query(name) => Some(name),
    };
    json!({
        "method": config.method,
        "body": config.body,
        "resume_query": resume_query,
        "idle_timeout": config.idle_timeout_s,
        "silence_after": config.silence_after_s,
        "max_event_bytes": config.max_event_bytes,
        "dedupe": config.dedupe,
        "ca_cert": config.ca_cert,
        "client_cert": config.client_cert,
        "client_key": config.client_key,
        "proxy": config.proxy,
        "allow_cleartext_secrets": config.allow_cleartext_secrets,
        "retention": config.retention,
    })
}
