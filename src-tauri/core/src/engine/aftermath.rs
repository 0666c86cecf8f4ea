//! What follows a toast: its fate goes into history, and what a person does with it is done.

use std::{collections::VecDeque, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use super::Handle;
use crate::{
    delivery::{Clicked, Outcome, Outputs, ToastHealth, Verb},
    error::Result,
    ipc::QuietState,
    model::{Delivery, RowId},
    update::{Fact, Wanted},
};

/// Outcomes written to history at once.
const OUTCOMES: usize = 64;
/// Rows whose fate waits for a history that cannot be written; beyond, the oldest are given up:
/// they ring again at the next start.
const UNSTORED: usize = 65_536;
/// How long until they are written again.
const RETRY: Duration = Duration::from_secs(2);
/// How long the button of a toast puts toasts off. Minutes.
const SNOOZE: u32 = 60;

/// A row, what became of its toast, and why.
type Fate = (RowId, Delivery, Option<String>);

/// Takes what delivery tells. It ends with delivery.
pub(super) struct Aftermath {
    pub(super) outputs: Outputs,
    pub(super) health: watch::Receiver<ToastHealth>,
    pub(super) quiet: watch::Receiver<QuietState>,
    pub(super) handle: Handle,
}

impl Aftermath {
    pub(super) async fn run(mut self) {
        let mut outcomes = Vec::new();
        let mut unstored = VecDeque::new();
        let mut retry_at = None;
        loop {
            tokio::select! {
                count = self.outputs.outcomes.recv_many(&mut outcomes, OUTCOMES) => {
                    let told = note(outcomes.drain(..), &mut unstored);
                    if count == 0 || retry_at.is_none() {
                        retry_at = self.store(&mut unstored).await;
                    }
                    if !told.is_empty() {
                        self.tell(Fact::Delivered(told.into()));
                    }
                    if count == 0 {
                        return;
                    }
                }
                () = sleep_until(retry_at.unwrap_or_else(Instant::now)), if retry_at.is_some() => {
                    retry_at = self.store(&mut unstored).await;
                }
                Some(clicked) = self.outputs.clicks.recv() => {
                    if let Err(error) = self.act(clicked).await {
                        tracing::warn!(%error, "what a toast was asked for could not be done");
                    }
                }
                Ok(()) = self.health.changed() => self.tell(Fact::Troubles),
                Ok(()) = self.quiet.changed() => self.tell(Fact::Quiet),
            }
        }
    }

    fn tell(&self, fact: Fact) {
        let _ = self.handle.facts.send(fact);
    }

    async fn act(&self, clicked: Clicked) -> Result<()> {
        let Clicked {
            verb,
            row,
            rows,
            link,
            activation_token: token,
            ..
        } = clicked;
        let show = |link| {
            self.handle.wanted.send_replace(Wanted { row, link, token });
        };
        match (verb, row, link) {
            (Verb::Show, ..) => show(false),
            // The window asks before it leads elsewhere.
            (Verb::Open, _, Some(link)) if link.foreign => show(true),
            (Verb::Open, Some(row), Some(_)) => self.handle.open_link(row, None).await?,
            (Verb::Open, ..) => {}
            (Verb::Snooze, ..) => self.handle.snooze_on(SNOOZE).await?,
            (Verb::Read, ..) if rows.is_empty() => {}
            (Verb::Read, ..) => {
                self.handle.mark_read(Some(rows), None, true).await?;
            }
        }
        Ok(())
    }

    /// Stores what became of toasts; when to try again, where the history will not have it now.
    async fn store(&self, unstored: &mut VecDeque<Fate>) -> Option<Instant> {
        if unstored.is_empty() {
            return None;
        }
        let fates = unstored.iter().cloned().collect();
        let Err(error) = self.handle.history.set_delivery(fates).await else {
            unstored.clear();
            return None;
        };
        tracing::warn!(%error, rows = unstored.len(), "what became of toasts could not be stored");
        let beyond = unstored.len().saturating_sub(UNSTORED);
        unstored.drain(..beyond);
        Some(Instant::now() + RETRY)
    }
}

/// Keeps what became of toasts until it is stored; what there is to tell of it.
fn note(
    outcomes: impl Iterator<Item = Outcome>,
    unstored: &mut VecDeque<Fate>,
) -> Vec<(RowId, Delivery)> {
    let mut told = Vec::new();
    for outcome in outcomes {
        let why = outcome.why.map(|why| why.to_string());
        told.extend(outcome.rows.iter().map(|row| (*row, outcome.delivery)));
        let rows = outcome.rows.into_iter();
        unstored.extend(rows.map(|row| (row, outcome.delivery, why.clone())));
    }
    told
}
