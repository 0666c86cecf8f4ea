//! `run`: every configured source to history and toasts, without a window.

use std::{future, process::ExitCode};

use tidings_core::{
    data_dir::DataDir,
    engine::Handle,
    error::Result,
    source::SourceState,
    update::{Fact, Facts},
};
use tokio::sync::broadcast::error::RecvError;

use crate::{args::Cli, exit, now, output::Output, signalled, workspace};

/// Receives until a signal; then stores what it has and ends.
pub(crate) async fn run(cli: &Cli, output: Output) -> Result<ExitCode> {
    let signalled = signalled();
    let held = workspace::hold_or_remember(cli, output)?;
    let dir = held.dir();
    let engine = held.start(output).await?;
    let handle = engine.handle();
    let count = handle
        .settings
        .current()
        .sources
        .iter()
        .filter(|source| source.enabled)
        .count();
    if count == 0 {
        output.hint("no source is configured; add one with: tidings-cli source add NAME URL");
    }
    tokio::select! {
        () = tell(&handle.facts, &handle, output) => {}
        () = write_states(handle.clone(), dir) => {}
        () = signalled => {}
    }
    engine.stop().await;
    Ok(exit::DONE)
}

/// Lets others see the states; where nothing can be kept there is no place for them.
async fn write_states(handle: Handle, dir: Option<DataDir>) {
    match dir {
        Some(dir) => handle.write_states(dir).await,
        None => future::pending().await,
    }
}

async fn tell(facts: &Facts, handle: &Handle, output: Output) {
    let mut facts = facts.subscribe();
    loop {
        match facts.recv().await {
            Ok(Fact::State(id, state)) => {
                if matches!(&state, SourceState::Live { since, last_byte } if since != last_byte) {
                    continue;
                }
                let name = handle
                    .config(id)
                    .map(|config| config.name)
                    .unwrap_or_default();
                output.state(Some(&name), &state, now().into());
            }
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}
