//! How a source is described by options: the same ones wherever one is.

use std::{fs, io::IsTerminal as _, path::PathBuf};

use clap::Args;
use tidings_core::{
    error::{Code, Error, Result},
    secrets::{Headers, Secret, basic, take_secrets, validate_header},
    source::{
        Dedupe, EventFilter, Resume, SourceConfig,
        config::{EVENT_BYTES_DEFAULT, parse_url},
    },
};
use url::Url;

use crate::args::seconds;

/// An option that may be given to be taken back.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Given<T> {
    /// An empty value: as if it had never been given.
    Back,
    Value(T),
}

impl<T> Given<T> {
    pub(crate) fn value(self) -> Option<T> {
        match self {
            Self::Back => None,
            Self::Value(value) => Some(value),
        }
    }
}

/// How to connect; the same wherever a source is described. An empty value takes an option back.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Connection ('' as a value takes an option back)")]
pub(crate) struct ConnectionArgs {
    /// A header to send, or @FILE with one per line; repeatable; 'Name:' removes one, and
    /// '?name: value' is a query parameter that is kept like one
    #[arg(short = 'H', long = "header", value_name = "'Name: value'|@FILE")]
    headers: Vec<String>,
    /// A file whose first line is a bearer token
    #[arg(long, value_name = "FILE", conflicts_with = "basic")]
    bearer_file: Option<PathBuf>,
    /// User for basic authentication; the password is asked for
    #[arg(long, value_name = "USER")]
    basic: Option<String>,
    /// A file whose first line is the password for --basic
    #[arg(long, value_name = "FILE", requires = "basic")]
    password_file: Option<PathBuf>,
    /// Keep only these event types; repeatable; '' keeps all
    #[arg(
        short = 'e',
        long = "event-type",
        value_name = "TYPE",
        conflicts_with = "not_event"
    )]
    only_event: Vec<String>,
    /// Keep all but these event types; repeatable
    #[arg(long, value_name = "TYPE")]
    not_event: Vec<String>,
    /// HTTP method: GET, POST or REPORT
    #[arg(long, value_name = "M")]
    method: Option<String>,
    /// Request body, sent again at every reconnect; makes GET a POST, and '' takes both back
    #[arg(long, value_name = "TEXT")]
    body: Option<String>,
    /// Send the cursor as this query parameter instead of Last-Event-ID
    #[arg(long, value_name = "NAME")]
    resume_query: Option<String>,
    /// Reconnect after this long without a byte [default: learned from the stream]
    #[arg(long, value_name = "SECONDS", value_parser = given_seconds)]
    idle_timeout: Option<Given<f64>>,
    /// Say so when no event came for this long [default: never]
    #[arg(long, value_name = "SECONDS|none", value_parser = given_seconds)]
    silence_after: Option<Given<f64>>,
    /// Cut the data of an event beyond this size [default: 1048576; at most 16777216]
    #[arg(long, value_name = "N", value_parser = given_bytes)]
    max_event_bytes: Option<Given<usize>>,
    /// Which events are the same one come again: auto (in what a server replays), always (equal
    /// to any recent one) or never [default: auto]
    #[arg(long, value_name = "WHEN", value_parser = dedupe)]
    dedupe: Option<Dedupe>,
    /// PEM file with the certificate authority of this source
    #[arg(long, value_name = "FILE")]
    ca_cert: Option<String>,
    /// PEM file with a client certificate
    #[arg(long, value_name = "FILE", requires = "client_key")]
    client_cert: Option<String>,
    /// PEM file with its key
    #[arg(long, value_name = "FILE", requires = "client_cert")]
    client_key: Option<String>,
    /// Proxy for this source
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
    /// Allow secrets to travel unencrypted over http to another machine
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    allow_cleartext_secrets: Option<bool>,
}

/// A source as the command line describes it, and the headers that go into the secrets store.
#[derive(Debug)]
pub(crate) struct Described {
    pub config: SourceConfig,
    pub headers: Vec<(String, Secret)>,
}

impl ConnectionArgs {
    /// A new source.
    pub(crate) fn describe(&self, name: &str, url: &str) -> Result<Described> {
        let (url, headers) = read_url(url)?;
        let mut described = Described {
            config: SourceConfig::new(name, url),
            headers,
        };
        self.apply(&mut described)?;
        Ok(described)
    }

    /// Changes what is given and leaves the rest.
    pub(crate) fn apply(&self, described: &mut Described) -> Result<()> {
        let config = &mut described.config;
        for (given, filter) in [
            (&self.only_event, EventFilter::Only as fn(_) -> _),
            (&self.not_event, EventFilter::Not),
        ] {
            let types: Vec<String> = given
                .iter()
                .filter(|one| !one.is_empty())
                .cloned()
                .collect();
            match (given.is_empty(), types.is_empty()) {
                (true, _) => {}
                (false, true) => config.events = EventFilter::All,
                (false, false) => config.events = filter(types),
            }
        }
        if let Some(body) = &self.body {
            config.body = Some(body.clone()).filter(|body| !body.is_empty());
            let method = if body.is_empty() { "GET" } else { "POST" };
            if body.is_empty() || config.method == "GET" {
                method.clone_into(&mut config.method);
            }
        }
        match self.method.as_deref() {
            None => {}
            Some("") => "GET".clone_into(&mut config.method),
            Some(method) => config.method = method.to_ascii_uppercase(),
        }
        match self.resume_query.as_deref() {
            None => {}
            Some("") => config.resume = Resume::Header,
            Some(name) => config.resume = Resume::Query(name.to_owned()),
        }
        for (field, given) in [
            (&mut config.idle_timeout_s, self.idle_timeout),
            (&mut config.silence_after_s, self.silence_after),
        ] {
            if let Some(given) = given {
                *field = given.value();
            }
        }
        if let Some(bytes) = self.max_event_bytes {
            config.max_event_bytes = bytes.value().unwrap_or(EVENT_BYTES_DEFAULT);
        }
        config.dedupe = self.dedupe.unwrap_or(config.dedupe);
        for (field, given) in [
            (&mut config.ca_cert, &self.ca_cert),
            (&mut config.client_cert, &self.client_cert),
            (&mut config.client_key, &self.client_key),
        ] {
            match given.as_deref() {
                None => {}
                Some("") => *field = None,
                Some(path) => *field = Some(absolute(path)?),
            }
        }
        if let Some(proxy) = &self.proxy {
            let bad = |error| {
                Error::new(
                    Code::InvalidOption,
                    format!("the proxy is no URL ({error})"),
                )
            };
            let url = (!proxy.is_empty()).then(|| Url::parse(proxy));
            config.proxy = url.transpose().map_err(bad)?;
        }
        if let Some(allowed) = self.allow_cleartext_secrets {
            config.allow_cleartext_secrets = allowed;
        }
        for (name, value) in self.secret_headers()? {
            described
                .headers
                .retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
            // As curl has it: a name without a value leaves the header out.
            if !value.expose().is_empty() {
                described.headers.push((name, value));
            }
        }
        described.config.validate()
    }

    fn secret_headers(&self) -> Result<Vec<(String, Secret)>> {
        let mut headers = Vec::new();
        for given in &self.headers {
            match given.strip_prefix('@') {
                Some(path) => {
                    for line in read_file(path)?
                        .lines()
                        .filter(|line| !line.trim().is_empty())
                    {
                        headers.push(header(line)?);
                    }
                }
                None => headers.push(header(given)?),
            }
        }
        if let Some(path) = &self.bearer_file {
            let token = first_line(&path.to_string_lossy())?;
            headers.push((
                "Authorization".to_owned(),
                Secret::new(format!("Bearer {token}")),
            ));
        }
        if let Some(user) = &self.basic {
            let password = match &self.password_file {
                Some(path) => first_line(&path.to_string_lossy())?,
                None => ask_password(user)?,
            };
            headers.push(("Authorization".to_owned(), basic(user, &password)));
        }
        for (name, value) in &headers {
            validate_header(name, value.expose())?;
        }
        Ok(headers)
    }
}

/// Reads a URL; what is secret in it is taken out.
pub(crate) fn read_url(text: &str) -> Result<(Url, Headers)> {
    let mut url = parse_url(text)?;
    let secrets = take_secrets(&mut url);
    Ok((url, secrets))
}

fn header(line: &str) -> Result<(String, Secret)> {
    let (name, value) = line.split_once(':').ok_or_else(|| {
        Error::new(
            Code::InvalidHeader,
            "a header is written as 'Name: value'; there is no colon",
        )
    })?;
    Ok((name.trim().to_owned(), Secret::new(value.trim().to_owned())))
}

fn read_file(path: &str) -> Result<String> {
    fs::read_to_string(path)
        .map_err(|error| Error::new(Code::NotFound, format!("{path} cannot be read ({error})")))
}

/// What a file holds, or standard input for `-`.
pub(crate) fn read_input(path: &str) -> Result<String> {
    if path == "-" {
        return std::io::read_to_string(std::io::stdin()).map_err(|error| {
            Error::new(
                Code::InvalidOption,
                format!("standard input cannot be read ({error})"),
            )
        });
    }
    read_file(path)
}

fn first_line(path: &str) -> Result<String> {
    let text = read_file(path)?;
    let line = text.lines().next().unwrap_or_default().trim().to_owned();
    if line.is_empty() {
        return Err(Error::new(
            Code::InvalidOption,
            format!("the first line of {path} is empty"),
        ));
    }
    Ok(line)
}

fn ask_password(user: &str) -> Result<String> {
    let asked = if std::io::stdin().is_terminal() {
        rpassword::prompt_password(format!("Password of {user}: "))
    } else {
        let mut line = String::new();
        std::io::stdin()
            .read_line(&mut line)
            .map(|_| line.trim_end_matches(['\r', '\n']).to_owned())
    };
    asked.map_err(|error| {
        Error::new(
            Code::InvalidOption,
            format!("no password could be read ({error})"),
        )
    })
}

fn absolute(path: &str) -> Result<String> {
    let full = fs::canonicalize(path)
        .map_err(|error| Error::new(Code::NotFound, format!("{path} cannot be read ({error})")))?;
    Ok(full.to_string_lossy().into_owned())
}

fn given_seconds(text: &str) -> Result<Given<f64>, String> {
    match text {
        "" | "none" => Ok(Given::Back),
        text => seconds(text).map(Given::Value),
    }
}

fn given_bytes(text: &str) -> Result<Given<usize>, String> {
    match text.parse() {
        Ok(bytes) => Ok(Given::Value(bytes)),
        Err(_) if text.is_empty() => Ok(Given::Back),
        Err(error) => Err(error.to_string()),
    }
}

fn dedupe(text: &str) -> Result<Dedupe, String> {
    match text {
        "" | "auto" => Ok(Dedupe::Auto),
        "always" => Ok(Dedupe::Always),
        "never" => Ok(Dedupe::Never),
        _ => Err("write auto, always or never".to_owned()),
    }
}
