//! What a toast says and what a person can do with it.

use super::{Desk, Heap};
use crate::{
    delivery::{
        storm::Pile,
        task::flight::Event,
        text,
        toast::{Slot, Target, Toast, Verb},
    },
    link,
    model::{RowId, Severity, Sound},
};

impl Desk {
    /// The toast of one event, and of those it repeats.
    pub(super) fn event_toast(
        &self,
        event: &Event,
        slot: Slot,
        count: u64,
        rows: Vec<RowId>,
    ) -> Toast {
        let private = event.look.toasts.privacy;
        let (mut summary, body) = if private {
            let name = text::line(&event.source_name);
            let says = text::fill(&self.words.private, &[("source", &name)]);
            (text::summary(&says, ""), String::new())
        } else {
            (event.title.clone(), event.body.clone())
        };
        if count > 1 {
            summary = text::times(&summary, count);
        }
        // The host of a link tells what the event is about.
        let sent = event.url.as_deref().filter(|_| !private);
        let link = sent.and_then(|url| {
            let checked = link::check(url, event.look.url.as_deref());
            checked
                .map_err(|why| tracing::info!(row = event.row.0, why, "a link gets no button"))
                .ok()
        });
        let mut actions = vec![(Verb::Show, self.words.open.clone())];
        if let Some(link) = &link {
            let host = text::host(&link.host);
            let ask = if link.foreign { "…" } else { "" };
            let label = text::fill(&self.words.open_link, &[("host", &host)]) + ask;
            actions.push((Verb::Open, label));
        }
        actions.push((Verb::Snooze, self.words.snooze.clone()));
        actions.push((Verb::Read, self.words.read.clone()));
        Toast {
            slot: Some(slot),
            summary,
            body,
            severity: event.severity,
            sound: event.sound.clone(),
            sticky: event.sticky,
            actions,
            target: Target {
                rows,
                link,
                ..event.target()
            },
            asked: false,
        }
    }

    /// The toast of a digest.
    pub(super) fn digest_toast(&self, pile: Pile, digest: u64, total: u64, heap: &Heap) -> Toast {
        let (template, of_source) = match pile {
            Pile::More(_) | Pile::Same(_) => (&self.words.more, true),
            Pile::Away(_) => (&self.words.away, true),
            Pile::Backlog => (&self.words.backlog, false),
            Pile::Held => (&self.words.held, false),
        };
        let toast = self.summary_toast(template, total, of_source, &heap.latest);
        Toast {
            slot: Some(Slot::Digest(digest)),
            severity: heap.severity,
            sticky: heap.sticky,
            ..toast
        }
    }

    /// A toast that counts, about the source of the latest event or about several.
    pub(super) fn summary_toast(
        &self,
        template: &str,
        total: u64,
        of_source: bool,
        latest: &Event,
    ) -> Toast {
        let name = text::line(&latest.source_name);
        let count = total.to_string();
        let values = [
            ("count", count.as_str()),
            ("source", name.as_str()),
            ("title", latest.headline()),
        ];
        let silent = latest.sound == Sound::Silent;
        let mut target = latest.target();
        if !of_source {
            target.source = None;
        }
        Toast {
            slot: None,
            summary: text::summary(if of_source { &name } else { "" }, ""),
            body: text::fill(template, &values),
            severity: latest.severity,
            sound: if silent {
                Sound::Silent
            } else {
                Sound::Default
            },
            sticky: latest.sticky,
            actions: vec![
                (Verb::Show, self.words.open.clone()),
                (Verb::Snooze, self.words.snooze.clone()),
            ],
            target,
            asked: false,
        }
    }

    /// A toast that says what it says, and a click on it opens the window.
    pub(super) fn plain_toast(&self, summary: String, body: String) -> Toast {
        Toast {
            slot: None,
            summary,
            body,
            severity: Severity::Normal,
            sound: Sound::Default,
            sticky: false,
            actions: vec![(Verb::Show, self.words.open.clone())],
            target: Target::default(),
            asked: false,
        }
    }
}
