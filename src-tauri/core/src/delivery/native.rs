//! Toasts on macOS and Windows: notify-rust itself. It tells neither clicks nor what replaces
//! what there without a thread per toast, so a digest is a new toast each time.

use std::time::Duration;

use tokio::sync::mpsc;

use super::{
    Options, ToastHealth,
    toast::{Caps, Failure, Report, Toast, model},
};

/// How long the system may take for one toast.
const CALL: Duration = Duration::from_secs(3);
const CAPS: Caps = Caps {
    markup: false,
    actions: false,
};

/// Shows what comes in until the channel closes.
pub(super) async fn run(
    _: &Options,
    mut jobs: mpsc::Receiver<Toast>,
    reports: mpsc::Sender<Report>,
) {
    let health = ToastHealth::Ready {
        server: "the notification centre".to_owned(),
        version: String::new(),
    };
    // Nobody to tell means the program stops, here and below.
    let _ = reports.send(Report::Health(health)).await;
    while let Some(toast) = jobs.recv().await {
        let done = show(&toast).await;
        let _ = reports.send(Report::Done(done)).await;
    }
}

async fn show(toast: &Toast) -> Result<(), Failure> {
    let refused = |why: &str| Err(Failure::Refused(why.to_owned()));
    let Some(model) = model(toast, CAPS) else {
        return refused("the file name of the program is not valid Unicode");
    };
    // On macOS it is the drop of the handle that sends.
    let shown = tokio::task::spawn_blocking(move || model.show().map(drop));
    match tokio::time::timeout(CALL, shown).await {
        Ok(Ok(Ok(()))) => Ok(()),
        Ok(Ok(Err(error))) => refused(&error.to_string()),
        Ok(Err(_)) => refused("the notification centre failed"),
        Err(_) => refused("the notification centre does not answer"),
    }
}
