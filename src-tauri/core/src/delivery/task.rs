//! The delivery task: events in, exactly one outcome each out, clicks and health beside.
//!
//! It never waits for the notification service: the backend is an actor of its own inside the
//! same future, and what it has not taken yet waits on the desk, bounded.

mod desk;
mod flight;
mod gate;

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until, timeout_at},
};
use tokio_util::sync::CancellationToken;

use self::{desk::Desk, gate::Gate};
#[cfg(all(unix, not(target_os = "macos")))]
use super::fdo as backend;
#[cfg(not(all(unix, not(target_os = "macos"))))]
use super::native as backend;
use super::{
    Asked, Clicked, Deliver, Notice, Options, Outcome, ToastHealth, Words,
    toast::{Report, Toast},
};
use crate::{ipc::QuietState, model::Timestamp, settings::Settings};

/// How long stopping waits for the answer to a toast that is on its way.
const STOP: Duration = Duration::from_secs(1);
/// Events taken in at once.
const BATCH: usize = 64;

/// The delivery task, not running yet.
#[derive(Debug)]
pub struct Task {
    pub(super) options: Options,
    pub(super) words: watch::Receiver<Words>,
    pub(super) settings: watch::Receiver<Arc<Settings>>,
    pub(super) clock: fn() -> Timestamp,
    pub(super) events: mpsc::Receiver<Deliver>,
    pub(super) notices: mpsc::Receiver<Notice>,
    pub(super) asked: mpsc::Receiver<Asked>,
    pub(super) outcomes: mpsc::Sender<Outcome>,
    pub(super) clicks: mpsc::Sender<Clicked>,
    pub(super) quiet: watch::Sender<QuietState>,
    pub(super) health: watch::Sender<ToastHealth>,
}

impl Task {
    /// Delivers until `stop`, or until the last [`Handle`](super::Handle) is gone. Takes at
    /// most about a second to end.
    ///
    /// Events that are not decided by then get no outcome and stay pending in history. A toast
    /// whose answer is still out counts as refused: it may be on the screen, and must not ring
    /// twice.
    pub async fn run(self, stop: CancellationToken) {
        let options = self.options.clone();
        // One at a time: the rest waits on the desk, where the storm's limits still hold.
        let (jobs, jobs_in) = mpsc::channel(1);
        let (reports_out, reports) = mpsc::channel(64);
        tokio::select! {
            () = self.serve(jobs, reports, stop) => {}
            () = backend::run(&options, jobs_in, reports_out) => {}
        }
    }

    async fn serve(
        mut self,
        jobs: mpsc::Sender<Toast>,
        mut reports: mpsc::Receiver<Report>,
        stop: CancellationToken,
    ) {
        let mut desk = Desk::new(self.options.limits, now());
        let mut gate = Gate::new((self.clock)());
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            desk.set_words(&self.words);
            // What was wished before an event came holds for it.
            self.stand(&mut gate, &mut desk);
            for event in batch.drain(..) {
                desk.take(event, now());
            }
            desk.tick(now());
            let wakes = [
                desk.wake(now()),
                desk.notices_due(now()),
                self.gate_wake(&gate),
            ];
            let wake = wakes.into_iter().flatten().min();
            tokio::select! {
                () = stop.cancelled() => break,
                count = self.events.recv_many(&mut batch, BATCH), if desk.has_room() => {
                    if count == 0 {
                        break;
                    }
                }
                Some(notice) = self.notices.recv() => desk.notice(notice, now()),
                Some(asked) = self.asked.recv() => desk.say(asked, now()),
                Ok(()) = self.settings.changed() => gate.forget(),
                Ok(permit) = jobs.reserve(), if desk.has_toast() => {
                    if let Some(mut toast) = desk.hand_over() {
                        if !self.options.has_window {
                            toast.leave_the_window_out();
                        }
                        permit.send(toast);
                    }
                }
                Some(report) = reports.recv() => self.on_report(&mut desk, report),
                permit = self.outcomes.reserve(), if desk.has_outcome() => {
                    let outcome = desk.next_outcome();
                    if let (Ok(permit), Some(outcome)) = (permit, outcome) {
                        permit.send(outcome);
                    }
                }
                () = sleep_until(wake.unwrap_or_else(now).into()), if wake.is_some() => {}
            }
        }
        self.finish(desk, reports).await;
    }

    /// Lets the desk know whether toasts wait, and the world.
    fn stand(&mut self, gate: &mut Gate, desk: &mut Desk) {
        let wall = (self.clock)();
        if self.settings.has_changed().unwrap_or(false) || gate.is_stale(wall) {
            let settings = Arc::clone(&self.settings.borrow_and_update());
            desk.set_looks(&settings);
            let wishes = settings.preferences.wishes();
            gate.look(&wishes, wall, &(self.options.zone)());
            let critical_through = wishes.hours.critical_through;
            desk.stand(gate.standing.reason, critical_through, now());
        }
        let quiet = QuietState {
            reason: gate.standing.reason,
            until: gate.standing.until.map(Into::into),
            held: desk.held(),
        };
        self.quiet.send_if_modified(|known| {
            let changed = *known != quiet;
            *known = quiet;
            changed
        });
    }

    fn gate_wake(&self, gate: &Gate) -> Option<std::time::Instant> {
        let wait = gate.wait((self.clock)())?;
        Some(now() + wait)
    }

    fn on_report(&self, desk: &mut Desk, report: Report) {
        match report {
            Report::Done(result) => desk.done(result, now()),
            Report::Health(health) => {
                desk.set_health(health.clone());
                self.health.send_if_modified(|known| {
                    let changed = *known != health;
                    *known = health;
                    changed
                });
            }
            Report::Closed(slot) => desk.closed(slot),
            Report::Activated {
                verb,
                target,
                token,
            } => {
                let clicked = Clicked {
                    verb,
                    row: target.row,
                    source: target.source,
                    rows: target.rows,
                    link: target.link,
                    activation_token: token,
                };
                if self.clicks.try_send(clicked).is_err() {
                    tracing::debug!("a click found nobody who wants to know");
                }
            }
        }
    }

    async fn finish(&self, mut desk: Desk, mut reports: mpsc::Receiver<Report>) {
        let deadline = Instant::now() + STOP;
        desk.stop();
        while desk.is_awaiting() {
            match timeout_at(deadline, reports.recv()).await {
                Ok(Some(report)) => self.on_report(&mut desk, report),
                Ok(None) | Err(_) => break,
            }
        }
        desk.give_up();
        while let Some(outcome) = desk.next_outcome() {
            let sent = timeout_at(deadline, self.outcomes.send(outcome)).await;
            if !matches!(sent, Ok(Ok(()))) {
                return;
            }
        }
    }
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}
