//! `tail`: the events of one stream as they come. Keeps no history, shows no toast.

use std::{future, process::ExitCode, sync::Arc, time::Duration};

use tidings_core::{
    error::Result,
    model::{EventId, Timestamp},
    register::refuse_cleartext,
    source::{
        CauseCode, SourceState,
        absence::Absence,
        connection::Connection,
        lookout::Lookout,
        queue::{Item, Queued, queue},
        state::StateCell,
        suspend::asleep,
    },
    update::{self, Fact},
};
use tokio::sync::{Notify, broadcast};
use url::Url;

use crate::{args::TailArgs, connection::Described, exit, output::Output};

/// Shows events until the count, the time, a signal or the end of the stream.
pub(crate) async fn tail(
    args: &TailArgs,
    described: Described,
    url: Url,
    clock: fn() -> Timestamp,
    output: Output,
) -> Result<ExitCode> {
    let Described { config, headers } = described;
    refuse_cleartext(&config, &headers)?;
    let (facts, mut told) = broadcast::channel(update::BACKLOG);
    let (producer, mut queued) = queue(
        args.last_event_id
            .clone()
            .map(EventId::from)
            .unwrap_or_default(),
    );
    let name = config.name.clone();
    let events = config.events.clone();
    let cell = StateCell::new(config.id, facts);
    let (state, local) = (cell.reader(), cell.local_reader());
    let reconnect = Arc::new(Notify::new());
    let mut lookout = Lookout::new(asleep);
    let connection = Connection {
        absence: Absence::new(asleep),
        state: cell,
        url,
        config,
        headers: Arc::new(move || Box::pin(future::ready(Ok(headers.clone())))),
        queue: producer,
        reconnect: Arc::clone(&reconnect),
        clock,
        once: args.no_reconnect,
    };
    let mut left = args.max_events.unwrap_or(u64::MAX);
    if left == 0 {
        return Ok(exit::DONE);
    }
    let mut show = |queued: Queued| {
        let shown = match &queued.inbound.item {
            Item::Event(frame) if events.keeps(&frame.event) => {
                left -= 1;
                let inbound = &queued.inbound;
                output.event(&name, frame, inbound.replayed, inbound.received_at)
            }
            _ => true,
        };
        queued.commit();
        shown && left > 0
    };
    let limit = args
        .duration
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let timeout = tokio::time::sleep(limit.unwrap_or(Duration::from_secs(u64::from(u32::MAX))));
    let kept = connection.keep();
    // One listener for all of the loop: a signal between two turns must not be missed.
    let signalled = crate::signalled();
    tokio::pin!(kept, timeout, signalled);
    let ended = loop {
        tokio::select! {
            biased;
            Ok(fact) = told.recv() => {
                if let Fact::State(_, state) = fact {
                    say(&state, output, clock);
                    if let SourceState::Stopped { .. } = state && !args.no_reconnect {
                        return Ok(exit::no_stream());
                    }
                }
            }
            Some(queued) = queued.recv() => if !show(queued) { return Ok(exit::DONE) },
            ended = &mut kept => break ended,
            call = lookout.call(), if !args.no_reconnect => {
                if call.is_for(&state.borrow(), *local.borrow()) {
                    reconnect.notify_one();
                }
            }
            () = &mut timeout => return Ok(exit::DONE),
            () = &mut signalled => return Ok(exit::DONE),
        }
    };
    while let Ok(queued) = queued.try_recv() {
        if !show(queued) {
            return Ok(exit::DONE);
        }
    }
    while let Ok(fact) = told.try_recv() {
        if let Fact::State(_, state) = fact {
            say(&state, output, clock);
        }
    }
    Ok(match ended.cause.code {
        CauseCode::Closed if ended.was_live => exit::DONE,
        _ if ended.was_live => exit::FAILED,
        code => exit::never_live(code),
    })
}

/// States a script can wait for; a live stream is told once, not with every byte.
fn say(state: &SourceState, output: Output, clock: fn() -> Timestamp) {
    if let SourceState::Live { since, last_byte } = state
        && since != last_byte
    {
        return;
    }
    output.state(None, state, clock().into());
}
