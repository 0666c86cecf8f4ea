//! tidings-cli: the same core without a window.
//!
//! * `args`: the command line.
//! * `connection`: how a source is described by it.
//! * `output`: what is printed.
//! * `workspace`: settings, secrets and history of a data directory.
//! * `tail`, `check`, `run`, `source`, `rule`, `settings`, `history`: the commands.

mod args;
mod check;
mod connection;
mod history;
mod keep;
mod output;
mod retention;
mod rule;
mod run;
mod settings;
mod source;
mod tail;
mod workspace;

use std::process::ExitCode;

use clap::Parser as _;
use tidings_core::{
    data_dir::DataDir,
    demo::{Demo, DemoServer},
    error::{Code, Error, Result},
    model::Timestamp,
    secrets::redact_panics,
    settings::SettingsFiles,
    source::SourceConfig,
};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};
use url::Url;

use crate::{
    args::{Cli, Command},
    connection::{ConnectionArgs, Described},
    output::Output,
};

/// What the program ends with.
pub(crate) mod exit {
    use std::process::ExitCode;

    use tidings_core::source::CauseCode;

    /// Done.
    pub(crate) const DONE: ExitCode = ExitCode::SUCCESS;
    /// Failure while running.
    pub(crate) const FAILED: ExitCode = ExitCode::FAILURE;

    /// The server's answer is no stream, or the source is stopped.
    pub(crate) fn no_stream() -> ExitCode {
        ExitCode::from(3)
    }

    /// A connection that never became a stream: 4 where no HTTP answer came, else 3.
    pub(crate) fn never_live(cause: CauseCode) -> ExitCode {
        match cause {
            CauseCode::Dns
            | CauseCode::Refused
            | CauseCode::Unreachable
            | CauseCode::HeaderTimeout
            | CauseCode::Tls
            | CauseCode::Broken
            | CauseCode::Protocol
            | CauseCode::Closed => ExitCode::from(4),
            CauseCode::BadOption | CauseCode::CleartextSecret => FAILED,
            _ => no_stream(),
        }
    }
}

fn main() -> ExitCode {
    redact_panics();
    // Wrong usage ends here with status 2, help and version with 0.
    let cli = Cli::parse();
    log(cli.verbose, cli.json);
    let output = Output::new(cli.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            output.trouble(&format!("no threads can be started ({error})"));
            return exit::FAILED;
        }
    };
    let code = runtime
        .block_on(command(&cli, output))
        .unwrap_or_else(|error| {
            output.error(&error, cli.command.query());
            match error.code {
                Code::InvalidUrl
                | Code::InvalidName
                | Code::InvalidHeader
                | Code::InvalidOption
                | Code::InvalidRule
                | Code::InvalidMapping
                | Code::QueryQuote
                | Code::QueryKey
                | Code::QueryValue
                | Code::QueryTime
                | Code::QueryPath
                | Code::QueryOperand
                | Code::QueryLong => ExitCode::from(2),
                _ => exit::FAILED,
            }
        });
    // A password prompt or a read that blocks must not hold up the end.
    runtime.shutdown_background();
    code
}

async fn command(cli: &Cli, output: Output) -> Result<ExitCode> {
    match &cli.command {
        Command::Tail(args) => {
            let described = described(cli, &args.target, &args.connection).await?;
            let demo = Demo::new(now);
            let url = address(&described.config, &demo).await?;
            tail::tail(args, described, url, now, output).await
        }
        Command::Check(args) => {
            let described = described(cli, &args.target, &args.connection).await?;
            let demo = Demo::new(now);
            let url = address(&described.config, &demo).await?;
            check::check(args, &described, url, output).await
        }
        Command::Run => run::run(cli, output).await,
        Command::Source(command) => source::source(cli, command, output).await,
        Command::Rule(command) => rule::rule(cli, command, output).await,
        Command::Settings(command) => settings::settings(cli, command, output).await,
        Command::History(args) => history::history(cli, args, output).await,
        Command::Export(args) => history::export(cli, args, output).await,
        Command::Demo { port, samples } => demo(*port, *samples, output).await,
    }
}

/// Where a source connects: its URL, or the demo stream, which starts in this process.
async fn address(config: &SourceConfig, demo: &Demo) -> Result<Url> {
    if !config.is_demo() {
        return Ok(config.url.clone());
    }
    demo.url().await.map_err(|error| {
        Error::new(
            Code::Internal,
            format!("the demo stream cannot be started ({error})"),
        )
    })
}

/// The source `tail` and `check` are told of: a configured one by its name, or a URL.
async fn described(cli: &Cli, target: &str, connection: &ConnectionArgs) -> Result<Described> {
    let dir = DataDir::existing(cli.data_dir.as_deref()).ok();
    let settings = dir.as_ref().map(|dir| SettingsFiles::read(dir).settings);
    if let (Some(dir), Some(settings)) = (dir, settings)
        && let Some(config) = settings.sources.iter().find(|one| one.name == target)
    {
        let config = config.clone();
        let headers = workspace::stored_headers(cli, &dir, &settings, config.id).await?;
        let mut described = Described { config, headers };
        connection.apply(&mut described)?;
        return Ok(described);
    }
    let name = connection::read_url(target)?
        .0
        .host_str()
        .unwrap_or("stream")
        .to_owned();
    connection.describe(&name, target)
}

async fn demo(port: u16, samples: bool, output: Output) -> Result<ExitCode> {
    let signalled = signalled();
    let server = DemoServer::start(port, samples, now)
        .await
        .map_err(|error| {
            Error::new(
                Code::InvalidOption,
                format!("port {port} cannot be used ({error})"),
            )
        })?;
    let url = server.url.as_str();
    if output.json {
        output.line(&serde_json::json!({ "url": url }).to_string());
    } else {
        output.line(url);
        output.hint(&format!(
            "publish with: curl -d 'hello' '{url}?event=greeting'"
        ));
    }
    signalled.await;
    Ok(exit::DONE)
}

/// Ends with SIGINT or SIGTERM. Both are listened for from this call on, not only once it is
/// waited for: a signal that comes during the start must not end the program its own way.
pub(crate) fn signalled() -> impl Future<Output = ()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{Signal, SignalKind, signal};
        async fn one(signal: std::io::Result<Signal>) {
            match signal {
                Ok(mut signal) => drop(signal.recv().await),
                // It cannot be listened for: then it does what it does to any program.
                Err(_) => std::future::pending().await,
            }
        }
        let terminated = signal(SignalKind::terminate());
        let interrupted = signal(SignalKind::interrupt());
        async {
            tokio::select! {
                () = one(terminated) => {}
                () = one(interrupted) => {}
            }
        }
    }
    #[cfg(not(unix))]
    async {
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// The wall clock: read here and nowhere below.
#[expect(
    clippy::disallowed_methods,
    reason = "the program's edge: below, time is a parameter"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

fn log(verbose: u8, json: bool) {
    let level = match verbose {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    let filter = Targets::new()
        .with_default(level)
        .with_targets(["reqwest", "hyper_util", "zbus"].map(|crate_| (crate_, LevelFilter::WARN)))
        // It logs headers and payloads: it stays off whatever is asked for.
        .with_target("eventsource_client", LevelFilter::OFF);
    let _ = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(move || -> Box<dyn std::io::Write> {
            if json {
                Box::new(output::LoggedAsJson)
            } else {
                Box::new(std::io::stderr())
            }
        })
        .with_ansi(!json && std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .finish()
        .with(filter)
        .try_init();
}
