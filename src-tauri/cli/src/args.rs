//! The command line: what can be said, and how a source is described by it.

use std::{fs, io::IsTerminal as _, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use tidings_core::{
    error::{Code, Error, Result},
    secrets::{Secret, basic, take_userinfo, validate_header},
    source::{EventFilter, Resume, SourceConfig, config::parse_url},
};
use url::Url;

const EXAMPLES: &str = "\
Examples:
  tidings-cli demo                                      start a stream to try things with
  tidings-cli tail http://localhost:3000/events         show events as they come
  tidings-cli tail https://ci.example.com/events --bearer-file token.txt --json
  tidings-cli check https://ci.example.com/events       say what works and what does not
  tidings-cli source add ci https://ci.example.com/events -H @headers.txt
  tidings-cli run                                       receive without a window
  tidings-cli history --source ci --unread
  tidings-cli history 'failed level:high+ after:2h'
  tidings-cli export --format csv --out failed.csv 'failed -web-3'

Exit codes: 0 done, 1 failure while running, 2 wrong usage, 3 the answer is no stream or the
source is stopped, 4 no HTTP answer.";

/// Desktop notifications from any Server-Sent-Events stream, without the desktop.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Cli {
    /// Where settings and history live [default: that of the desktop app]
    #[arg(long, global = true, env = "TIDINGS_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Print one JSON object per line: results on stdout, states and errors on stderr
    #[arg(long, global = true)]
    pub json: bool,
    /// Where header values are kept
    #[arg(long, global = true, value_enum, default_value_t = SecretsAt::File)]
    pub secrets: SecretsAt,
    /// Say more about what happens (-vv: even more); never a secret
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    #[command(subcommand)]
    pub command: Command,
}

/// Where header values are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SecretsAt {
    /// A file in the data directory that only you can read
    File,
    /// Memory: forgotten when the program ends
    Session,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the events of a stream as they come; keeps no history, shows no toast
    Tail(TailArgs),
    /// Test a connection step by step; say the cause and the fix of the first failure
    Check(CheckArgs),
    /// Receive every configured source: history and toasts, no window
    Run,
    /// Add, list and change sources
    #[command(subcommand)]
    Source(SourceCommand),
    /// Look events up
    History(HistoryArgs),
    /// Write events to a file or to stdout, oldest first
    Export(ExportArgs),
    /// Start a small SSE server to try things with
    Demo {
        /// Port on this machine; 0 takes any free one
        #[arg(long, default_value_t = 0)]
        port: u16,
        /// Publish sample events, too, not only what is sent to POST /events
        #[arg(long)]
        samples: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct TailArgs {
    /// A URL, or the name of a configured source
    #[arg(value_name = "URL|NAME")]
    pub target: String,
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// Go on after this event
    #[arg(long, value_name = "ID")]
    pub last_event_id: Option<String>,
    /// End after this many events
    #[arg(long, value_name = "N")]
    pub max_events: Option<u64>,
    /// End after this time
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds)]
    pub duration: Option<f64>,
    /// End with the connection instead of reconnecting
    #[arg(long)]
    pub no_reconnect: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// A URL, or the name of a configured source
    #[arg(value_name = "URL|NAME")]
    pub target: String,
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// How long to wait for the first bytes
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "30")]
    pub wait: f64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SourceCommand {
    /// Add a source
    Add {
        name: String,
        url: String,
        #[command(flatten)]
        connection: ConnectionArgs,
    },
    /// List the sources
    List,
    /// Show one source
    Show { name: String },
    /// Change a source; what is not given stays
    Edit {
        name: String,
        /// A new URL
        #[arg(long)]
        url: Option<String>,
        /// A new name
        #[arg(long, value_name = "NAME")]
        rename: Option<String>,
        #[command(flatten)]
        connection: ConnectionArgs,
    },
    /// Remove a source; its events stay in history
    Remove {
        name: String,
        /// Delete its events, too
        #[arg(long)]
        delete_history: bool,
    },
    /// Stop receiving from a source
    Pause { name: String },
    /// Receive from it again
    Resume { name: String },
}

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    #[command(flatten)]
    pub filter: FilterArgs,
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: u32,
    /// From the oldest to the newest
    #[arg(long)]
    pub oldest_first: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// What to write: JSON Lines, or CSV with a header line
    #[arg(long, value_enum)]
    pub format: Format,
    /// The file to write; it is there only once it is whole [default: stdout]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub filter: FilterArgs,
}

/// What an export is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One JSON object for each line
    Jsonl,
    /// Comma-separated values (RFC 4180)
    Csv,
}

/// Which events.
#[derive(Debug, Args)]
pub(crate) struct FilterArgs {
    /// Words, "a phrase", pre*, -not, OR, source:NAME, event:TYPE, level:high+, rule:NAME,
    /// is:unread, is:pinned, is:quiet, after:2h, before:2026-11-23, $.path:value
    #[arg(value_name = "QUERY", allow_hyphen_values = true)]
    pub query: Option<String>,
    /// Only of this source
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// Only of this event type
    #[arg(long, value_name = "TYPE")]
    pub event: Option<String>,
    /// Only what nobody has read
    #[arg(long)]
    pub unread: bool,
    /// Only older than this row number or time (RFC 3339, 2026-11-23, 2h, yesterday)
    #[arg(long, value_name = "ROW|TIME")]
    pub before: Option<String>,
    /// Only newer than this row number or time
    #[arg(long, value_name = "ROW|TIME")]
    pub after: Option<String>,
}

/// How to connect; the same wherever a source is described.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArgs {
    /// A header to send, or @FILE with one per line; repeatable
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
    /// Keep only these event types; repeatable
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
    /// Request body, sent again at every reconnect
    #[arg(long, value_name = "TEXT")]
    body: Option<String>,
    /// Send the cursor as this query parameter instead of Last-Event-ID
    #[arg(long, value_name = "NAME")]
    resume_query: Option<String>,
    /// Reconnect after this long without a byte [default: learned from the stream]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    idle_timeout: Option<f64>,
    /// Cut the data of an event beyond this size [default: 1048576; at most 16777216]
    #[arg(long, value_name = "N")]
    max_event_bytes: Option<usize>,
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
    /// Allow header values to travel unencrypted over http to another machine
    #[arg(long)]
    allow_cleartext_secrets: bool,
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
        let (url, userinfo) = read_url(url)?;
        let mut described = Described {
            config: SourceConfig::new(name, url),
            headers: Vec::new(),
        };
        described.headers.extend(userinfo);
        self.apply(&mut described)?;
        Ok(described)
    }

    /// Changes what is given and leaves the rest.
    pub(crate) fn apply(&self, described: &mut Described) -> Result<()> {
        let config = &mut described.config;
        if !self.only_event.is_empty() {
            config.events = EventFilter::Only(self.only_event.clone());
        }
        if !self.not_event.is_empty() {
            config.events = EventFilter::Not(self.not_event.clone());
        }
        if let Some(method) = &self.method {
            config.method = method.to_ascii_uppercase();
        }
        if let Some(body) = &self.body {
            config.body = Some(body.clone());
            if self.method.is_none() && config.method == "GET" {
                "POST".clone_into(&mut config.method);
            }
        }
        if let Some(name) = &self.resume_query {
            config.resume = Resume::Query(name.clone());
        }
        config.idle_timeout_s = self.idle_timeout.or(config.idle_timeout_s);
        if let Some(bytes) = self.max_event_bytes {
            config.max_event_bytes = bytes;
        }
        for (field, given) in [
            (&mut config.ca_cert, &self.ca_cert),
            (&mut config.client_cert, &self.client_cert),
            (&mut config.client_key, &self.client_key),
        ] {
            if let Some(path) = given {
                *field = Some(absolute(path)?);
            }
        }
        if let Some(proxy) = &self.proxy {
            let bad = |error| {
                Error::new(
                    Code::InvalidOption,
                    format!("the proxy is no URL ({error})"),
                )
            };
            config.proxy = Some(Url::parse(proxy).map_err(bad)?);
        }
        config.allow_cleartext_secrets |= self.allow_cleartext_secrets;
        for (name, value) in self.secret_headers()? {
            described
                .headers
                .retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
            described.headers.push((name, value));
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

/// Reads a URL; a user and password in it become a header.
pub(crate) fn read_url(text: &str) -> Result<(Url, Option<(String, Secret)>)> {
    let mut url = parse_url(text)?;
    let userinfo = take_userinfo(&mut url);
    Ok((url, userinfo))
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

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.0..=31_536_000.0).contains(&seconds) => Ok(seconds),
        _ => Err("write seconds, such as 30 or 0.5".to_owned()),
    }
}
