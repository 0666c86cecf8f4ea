//! What happened lately: for the diagnosis view, and as a text without secrets to be sent along
//! with a question.

use std::fmt::Write as _;

use super::Handle;
use crate::{
    error::Result,
    ipc::{Attempt, Diagnosis, HistoryFigures, Millis, SourcePulse},
    model::{SourceId, Timestamp},
    secrets::{Headers, redact},
    source::{Dedupe, EventFilter, Resume, SourceConfig, SourceState},
};

/// Tries of each source in the report.
const TRIES: usize = 10;
/// Frames of each source in the report.
const FRAMES: usize = 20;
/// A shorter value is no secret, and hiding it would ruin the report.
const SECRET_MIN: usize = 4;

impl Handle {
    /// What a source lived through since the program started.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn diagnosis(&self, source: SourceId) -> Result<Diagnosis> {
        self.config(source)?;
        Ok(self.logs.of(source).snapshot())
    }

    /// How every source does, in numbers.
    pub fn pulses(&self) -> Vec<SourcePulse> {
        let settings = self.settings.current();
        let roster = self.roster.borrow();
        let pulse = |config: &SourceConfig| {
            let state = roster.get(&config.id).map(|kept| kept.state.borrow());
            let last_byte = state.and_then(|state| match *state {
                SourceState::Live { last_byte, .. } => Some(last_byte),
                _ => None,
            });
            SourcePulse {
                source: config.id,
                last_byte,
                sums: self.logs.of(config.id).sums(),
            }
        };
        settings.sources.iter().map(pulse).collect()
    }

    /// The app and all its sources as a text: no header value, no query string, no payload. It
    /// comes without network, and where the history cannot be read. `webview` is the version of
    /// what draws the window.
    pub async fn report(&self, webview: Option<String>) -> String {
        let mut text = format!(
            "Tidings {} on {} {}, {}\n",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH,
            (self.clock)(),
        );
        let about = self.about(webview);
        let said = |words: Option<String>| words.unwrap_or_else(|| "not known".to_owned());
        line(&mut text, &format!("web view: {}", said(about.webview)));
        let service = about.notifications;
        let service = service.map(|service| format!("{} {}", service.server, service.version));
        line(
            &mut text,
            &format!("notification service: {}", said(service)),
        );
        let place = about.secrets.map(|at| format!("{at:?}"));
        line(
            &mut text,
            &format!("header values are kept in: {}", said(place)),
        );
        match self.figures().await {
            Ok(HistoryFigures { bytes, counts, .. }) => line(
                &mut text,
                &format!("history: {bytes} bytes, {} events", counts.stored),
            ),
            Err(error) => line(&mut text, &format!("history: {error}")),
        }
        for trouble in self.troubles() {
            line(&mut text, &format!("trouble: {trouble:?}"));
        }
        let mut secrets = Headers::new();
        for config in &self.settings.current().sources {
            let headers = self.headers(config.id).await;
            let names = headers.as_ref().ok().map(|headers| {
                let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
                names.join(", ")
            });
            secrets.extend(headers.unwrap_or_default());
            let state = self
                .roster
                .borrow()
                .get(&config.id)
                .map_or(SourceState::Paused, |kept| kept.state.borrow().clone());
            let log = self.logs.of(config.id).snapshot();
            describe(&mut text, config, names.as_deref(), &state);
            tell(&mut text, &log);
        }
        without(redact(&text), &secrets)
    }
}

fn describe(text: &mut String, config: &SourceConfig, names: Option<&str>, state: &SourceState) {
    let mut url = config.url.clone();
    let query = url.query().map_or("", |_| " (query left out)");
    url.set_query(None);
    url.set_fragment(None);
    line(text, "");
    line(text, &format!("source {}", config.name));
    line(text, &format!("  url {url}{query}"));
    let events = match &config.events {
        EventFilter::All => "all events".to_owned(),
        EventFilter::Only(types) => format!("only {}", types.join(", ")),
        EventFilter::Not(types) => format!("all but {}", types.join(", ")),
    };
    let mut options = vec![config.method.clone(), events];
    let has = [
        (config.body.is_some(), "a body"),
        (config.resume != Resume::Header, "its cursor in the query"),
        (config.dedupe != Dedupe::Auto, "its own rule for duplicates"),
        (config.silence_after_s.is_some(), "a silence alarm"),
        (config.ca_cert.is_some(), "its own authority"),
        (config.client_cert.is_some(), "a client certificate"),
        (config.proxy.is_some(), "a proxy"),
        (config.allow_cleartext_secrets, "consent to cleartext"),
        (!config.enabled, "it is disabled"),
    ];
    options.extend(
        has.iter()
            .filter(|(has, _)| *has)
            .map(|(_, it)| (*it).to_owned()),
    );
    line(text, &format!("  {}", options.join("; ")));
    line(
        text,
        &format!("  headers [{}]", names.unwrap_or("cannot be read")),
    );
    line(text, &format!("  {}", in_words(state)));
}

fn in_words(state: &SourceState) -> String {
    match state {
        SourceState::Paused => "not running".to_owned(),
        SourceState::Connecting { attempt } => format!("connecting, try {attempt}"),
        SourceState::Live { since, last_byte } => {
            format!(
                "live since {}, last byte {}",
                time(*since),
                time(*last_byte)
            )
        }
        SourceState::Waiting { until, cause, .. } => {
            format!("waiting until {}: {}", time(*until), cause.message)
        }
        SourceState::Stopped { since, cause } => {
            format!("stopped since {}: {}", time(*since), cause.message)
        }
    }
}

fn tell(text: &mut String, log: &Diagnosis) {
    line(
        text,
        &format!(
            "  {} tries, {} bytes, {} events, {} cut, {} duplicates",
            log.attempts, log.bytes, log.events, log.truncated, log.duplicates
        ),
    );
    let or_none =
        |ms: Option<u64>| ms.map_or_else(|| "none yet".to_owned(), |ms| format!("{ms} ms"));
    line(
        text,
        &format!(
            "  longest silence {} ms, patience {}, retry {}",
            log.longest_silence_ms,
            or_none(log.patience_ms),
            or_none(log.retry_ms),
        ),
    );
    for attempt in last(&log.timeline, TRIES) {
        line(text, &format!("  try {}", attempt_in_words(attempt)));
    }
    for frame in last(&log.frames, FRAMES) {
        line(
            text,
            &format!(
                "  frame {} {:?} {} id {} {} bytes",
                time(frame.at),
                frame.kind,
                frame.event.as_deref().unwrap_or("-"),
                // An ID is what the server likes it to be: its presence says enough.
                if frame.id.is_some() { "yes" } else { "no" },
                frame.size,
            ),
        );
    }
}

fn attempt_in_words(attempt: &Attempt) -> String {
    let live = attempt.live.map_or_else(
        || "never live".to_owned(),
        |at| format!("live {}", time(at)),
    );
    let end = match (attempt.ended, &attempt.cause) {
        (None, _) => "lasts".to_owned(),
        (Some(at), None) => format!("ended {} by hand", time(at)),
        (Some(at), Some(cause)) => format!("ended {}: {}", time(at), cause.message),
    };
    format!(
        "{}, {live}, {} bytes, {} events, {end}",
        time(attempt.started),
        attempt.bytes,
        attempt.events
    )
}

fn last<T>(all: &[T], most: usize) -> &[T] {
    all.get(all.len().saturating_sub(most)..).unwrap_or(all)
}

fn time(at: Millis) -> String {
    Timestamp::from_millisecond(at.0).map_or_else(|_| at.0.to_string(), |time| time.to_string())
}

/// One line: what a server wrote starts no other.
fn line(text: &mut String, words: &str) {
    let clean: String = words
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let _ = writeln!(text, "{clean}");
}

/// The text without any stored header value, wherever a server may have repeated it.
fn without(mut text: String, secrets: &Headers) -> String {
    for (_, value) in secrets {
        let value = value.expose();
        let bare = value.split_once(' ').map_or(value, |(_, bare)| bare);
        for secret in [value, bare] {
            if secret.len() >= SECRET_MIN {
                text = text.replace(secret, "<redacted>");
            }
        }
    }
    text
}
