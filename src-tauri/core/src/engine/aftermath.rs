//! What follows a toast: its fate goes into history, and what a person does with it is done.

use tokio::sync::watch;

use super::Handle;
use crate::{
    delivery::{Clicked, Outcome, Outputs, ToastHealth, Verb},
    error::Result,
    ipc::QuietState,
    update::{Fact, Wanted},
};

/// Outcomes written to history at once.
const OUTCOMES: usize = 64;
/// How long the button of a toast puts toasts off. Minutes.
const SNOOZE: u32 = 60;

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
        loop {
            tokio::select! {
                count = self.outputs.outcomes.recv_many(&mut outcomes, OUTCOMES) => {
                    if count == 0 {
                        return;
                    }
                    self.store(std::mem::take(&mut outcomes)).await;
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

    async fn store(&self, outcomes: Vec<Outcome>) {
        let mut fates = Vec::new();
        for outcome in outcomes {
            let why = outcome.why.map(|why| why.to_string());
            let rows = outcome.rows.into_iter();
            fates.extend(rows.map(|row| (row, outcome.delivery, why.clone())));
        }
        let told = fates
            .iter()
            .map(|(row, delivery, _)| (*row, *delivery))
            .collect();
        if let Err(error) = self.handle.history.set_delivery(fates).await {
            tracing::warn!(%error, "what became of toasts could not be stored");
        }
        self.tell(Fact::Delivered(told));
    }
}
