//! The command line: what can be said.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use tidings_core::{
    error::{Code, Error, Result},
    ingest::mapping::Preset,
    source::SourceConfig,
};

use crate::{
    connection::{ConnectionArgs, read_input},
    keep::KeepArgs,
};

const EXAMPLES: &str = "\
Examples:
  tidings-cli demo                                      start a stream to try things with
  tidings-cli tail http://localhost:3000/events         show events as they come
  tidings-cli tail https://ci.example.com/events --bearer-file token.txt --json
  tidings-cli check https://ci.example.com/events       say what works and what does not
  tidings-cli source add ci https://ci.example.com/events -H @headers.txt
  tidings-cli source add phone https://ntfy.sh/mytopic/sse --preset ntfy
  tidings-cli rule test --file quiet-nights.json        say what a rule would do
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
    /// Where header values are kept [default: the keychain where there is one, else a file]
    #[arg(long, global = true, value_enum)]
    pub secrets: Option<SecretsAt>,
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
    /// The keychain of the desktop
    Keychain,
    /// Memory: forgotten when the program ends
    Session,
}

impl From<SecretsAt> for tidings_core::secrets::SecretsAt {
    fn from(at: SecretsAt) -> Self {
        match at {
            SecretsAt::File => Self::File,
            SecretsAt::Keychain => Self::Keychain,
            SecretsAt::Session => Self::Session,
        }
    }
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
    /// Carry settings elsewhere: without secrets, and disabled where they arrive
    #[command(subcommand)]
    Settings(SettingsCommand),
    /// Say what rings, what is only kept and what is dropped
    #[command(subcommand)]
    Rule(RuleCommand),
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

impl Command {
    /// The query it looks events up with, if any.
    pub(crate) fn query(&self) -> Option<&str> {
        match self {
            Self::History(HistoryArgs { filter, .. }) | Self::Export(ExportArgs { filter, .. }) => {
                filter.query.as_deref()
            }
            _ => None,
        }
    }
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
        mapping: MappingArgs,
        #[command(flatten)]
        connection: ConnectionArgs,
        #[command(flatten)]
        keep: KeepArgs,
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
        mapping: MappingArgs,
        #[command(flatten)]
        connection: ConnectionArgs,
        #[command(flatten)]
        keep: KeepArgs,
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

/// How events of a source are read.
#[derive(Debug, Default, Args)]
pub(crate) struct MappingArgs {
    /// What the source speaks: auto, plain, ntfy, mercure, nchan, `home_assistant` or ci
    #[arg(long, value_name = "NAME", value_parser = preset)]
    preset: Option<Preset>,
    /// A JSON file that says which parts of an event are its title, text, severity, link and tags
    /// (docs/mapping.schema.json); - reads standard input
    #[arg(long, value_name = "FILE")]
    mapping: Option<String>,
}

impl MappingArgs {
    /// Changes what is given and leaves the rest.
    pub(crate) fn apply(&self, config: &mut SourceConfig) -> Result<()> {
        if let Some(path) = &self.mapping {
            config.mapping = serde_json::from_str(&read_input(path)?).map_err(|error| {
                Error::new(
                    Code::InvalidMapping,
                    format!("{path} is no mapping: {error}"),
                )
            })?;
        }
        if let Some(preset) = self.preset {
            config.mapping.preset = preset;
        }
        Ok(())
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum RuleCommand {
    /// List the rules in their order: the first that matches decides
    List,
    /// Add the rule of a JSON file, or a list of them, at the end (docs/rules.schema.json); a
    /// rule with the id of a known one takes its place
    Add {
        /// The file; - reads standard input
        #[arg(long, value_name = "RULE.json")]
        file: String,
        /// Before all other rules
        #[arg(long)]
        first: bool,
    },
    /// Remove a rule
    Remove {
        /// Its id, or its name if no other rule has it
        id: String,
    },
    /// Say what a rule would do to the newest events if it were added
    Test {
        /// The file; - reads standard input
        #[arg(long, value_name = "RULE.json")]
        file: String,
        /// Before all other rules
        #[arg(long)]
        first: bool,
        /// On this many of the newest events, at most 100000
        #[arg(long, value_name = "N", default_value_t = 1000)]
        last: u32,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SettingsCommand {
    /// Write sources, rules and preferences, without secrets, into a file (- for stdout)
    Export { file: PathBuf },
    /// Show what a file would bring; with --yes bring it. Its sources arrive paused
    Import {
        file: PathBuf,
        /// Do it, instead of only showing it
        #[arg(long)]
        yes: bool,
    },
    /// Stop relying on a keychain that is gone for good: the header values it holds are to be
    /// entered again (source edit NAME -H ...), and are kept where --secrets says
    GiveUpKeychain,
    /// Say how much history is kept and how much there is; with options, change what is kept. A
    /// source may have limits of its own (source edit --keep-days ...)
    Retention {
        #[command(flatten)]
        keep: KeepArgs,
    },
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
    /// is:unread, is:pinned, is:quiet, after:2h, before:2026-11-23, $.path:value;
    /// words are found in the first 64 KiB of title, body and data
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

/// Reads a time; it may be decimal.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.0..=31_536_000.0).contains(&seconds) => Ok(seconds),
        _ => Err("write seconds, such as 30 or 0.5".to_owned()),
    }
}

fn preset(name: &str) -> Result<Preset, String> {
    let word = name.to_ascii_lowercase().replace('-', "_");
    serde_json::from_value(word.into())
        .map_err(|_| "use auto, plain, ntfy, mercure, nchan, home_assistant or ci".to_owned())
}
