//! `check`: one connection step by step, with the cause and the fix of the first failure.

use std::{process::ExitCode, time::Duration};

use serde_json::json;
use tidings_core::{
    error::Result,
    ipc::{Step, StepName},
    source::probe::Probe,
};

use url::Url;

use crate::{
    args::CheckArgs,
    connection::Described,
    exit, now,
    output::{Output, printable},
    signalled,
};

/// Tests the connection until its end or a signal.
pub(crate) async fn check(
    args: &CheckArgs,
    described: &Described,
    url: Url,
    output: Output,
) -> Result<ExitCode> {
    let Described { config, headers } = described;
    let wait = Duration::try_from_secs_f64(args.wait).unwrap_or(Duration::MAX);
    let probe = Probe::new(config, url, headers, wait, now)?;
    let mut in_stream = false;
    let run = probe.run(|step| {
        in_stream |= step.step == StepName::MediaType && step.ok;
        say(&step, output);
    });
    let result = tokio::select! {
        result = run => result,
        () = signalled() => return Ok(exit::DONE),
    };
    Ok(match result {
        Ok(()) => exit::DONE,
        Err(_) if in_stream => exit::FAILED,
        Err(cause) => exit::never_live(cause.code),
    })
}

fn say(step: &Step, output: Output) {
    let name = serde_json::to_value(step.step).unwrap_or_default();
    if output.json {
        let line = json!({
            "step": name,
            "ok": step.ok,
            "ms": step.ms,
            "detail": step.detail,
            "fix": step.fix,
        });
        output.line(&line.to_string());
        return;
    }
    let mark = if step.ok { "ok  " } else { "FAIL" };
    let name = name.as_str().unwrap_or_default().replace('_', " ");
    output.line(&format!(
        "{mark} {name:<11} {:>6} ms  {}",
        step.ms,
        printable(&step.detail)
    ));
    if let Some(fix) = &step.fix {
        output.line(&format!("     what to do: {fix}"));
    }
}
