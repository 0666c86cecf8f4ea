//! tidings-cli: the same core without a window.
//!
//! * `args`: the command line.
//! * `output`: what is printed.
//! * `workspace`: settings, secrets and history of a data directory.
//! * `tail`, `run`, `source`, `history`: the commands.

mod args;
mod history;
mod output;
mod run;
mod source;
mod tail;
mod workspace;

use std::process::ExitCode;

use clap::Parser as _;
use tidings_core::{
    data_dir::DataDir,
    demo::DemoServer,
    error::{Code, Error, Result},
    model::Timestamp,
    settings::SettingsFiles,
};

use crate::{
    args::{Cli, Command, Described},
    output::Output,
};

/// What the program ends with.
pub(crate) mod exit {
    use std::process::ExitCode;

    /// Done.
    pub(crate) const DONE: ExitCode = ExitCode::SUCCESS;
    /// Failure while running.
    pub(crate) const FAILED: ExitCode = ExitCode::FAILURE;

    /// The server's answer is no stream, or the source is stopped.
    pub(crate) fn no_stream() -> ExitCode {
        ExitCode::from(3)
    }

    /// No HTTP answer.
    pub(crate) fn no_answer() -> ExitCode {
        ExitCode::from(4)
    }
}

fn main() -> ExitCode {
    // Wrong usage ends here with status 2, help and version with 0.
    let cli = Cli::parse();
    log(cli.verbose);
    let output = Output::new(cli.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            output.note(&format!("tidings-cli: no threads can be started ({error})"));
            return exit::FAILED;
        }
    };
    let code = runtime
        .block_on(command(&cli, output))
        .unwrap_or_else(|error| {
            output.error(&error);
            if error.code == Code::InvalidUrl || error.code == Code::InvalidOption {
                ExitCode::from(2)
            } else {
                exit::FAILED
            }
        });
    // A password prompt or a read that blocks must not hold up the end.
    runtime.shutdown_background();
    code
}

async fn command(cli: &Cli, output: Output) -> Result<ExitCode> {
    match &cli.command {
        Command::Tail(args) => {
            let described = described(cli, args)?;
            tail::tail(args, described, now, output).await
        }
        Command::Run => run::run(cli, output).await,
        Command::Source(command) => source::source(cli, command, output).await,
        Command::History(args) => history::history(cli, args, output).await,
        Command::Demo { port, samples } => demo(*port, *samples, output).await,
    }
}

/// The source `tail` is told of: a configured one by its name, or a URL.
fn described(cli: &Cli, args: &args::TailArgs) -> Result<Described> {
    if let Ok(dir) = DataDir::existing(cli.data_dir.as_deref())
        && let Some(config) = SettingsFiles::read(&dir)
            .settings
            .sources
            .into_iter()
            .find(|source| source.name == args.target)
    {
        let headers = workspace::stored_headers(cli, &dir, config.id)?;
        let mut described = Described { config, headers };
        args.connection.apply(&mut described)?;
        return Ok(described);
    }
    let name = args::read_url(&args.target)?
        .0
        .host_str()
        .unwrap_or("stream")
        .to_owned();
    args.connection.describe(&name, &args.target)
}

async fn demo(port: u16, samples: bool, output: Output) -> Result<ExitCode> {
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
        output.note(&format!(
            "-- publish with: curl -d 'hello' '{url}?event=greeting'"
        ));
    }
    signalled().await;
    Ok(exit::DONE)
}

/// Waits for SIGINT or SIGTERM.
pub(crate) async fn signalled() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = interrupted.await;
}

/// The wall clock: read here and nowhere below.
#[expect(
    clippy::disallowed_methods,
    reason = "the program's edge: below, time is a parameter"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

fn log(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        _ => "debug",
    };
    // eventsource-client logs headers and payloads: its target stays off whatever is asked for.
    let filter = format!("{level},eventsource_client=off,reqwest=warn,hyper_util=warn,zbus=warn");
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .try_init();
}
