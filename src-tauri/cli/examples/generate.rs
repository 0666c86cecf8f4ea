//! Writes the man page and the shell completions of tidings-cli into a directory, for packages.
#![expect(
    clippy::print_stderr,
    reason = "a program that packagers run, whose failures they read"
)]

use std::{fs, io, path::Path, process::ExitCode};

use clap::CommandFactory as _;
use clap_complete::{Shell, generate_to};

#[path = "../src/args.rs"]
#[expect(
    dead_code,
    reason = "only the description is used here, not what reads it"
)]
mod args;
#[path = "../src/connection.rs"]
#[expect(dead_code, reason = "as above")]
mod connection;
#[path = "../src/keep.rs"]
#[expect(dead_code, reason = "as above")]
mod keep;

fn main() -> ExitCode {
    let Some(dir) = std::env::args_os().nth(1) else {
        eprintln!("usage: generate DIR");
        return ExitCode::from(2);
    };
    match write(Path::new(&dir)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the man page and completions were not written: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let mut command = args::Cli::command().name("tidings-cli");
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        generate_to(shell, &mut command, "tidings-cli", dir)?;
    }
    // One page for each command: tidings-cli(1), tidings-cli-tail(1) and so on.
    clap_mangen::generate_to(command, dir)
}
