//! What the window is told: the core's feed through one typed channel.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tauri::ipc::Channel;
use tidings_core::{engine::feed::Feed, ipc::Update, model::RowId};
use tokio_util::sync::{CancellationToken, DropGuard};

/// The window there is, as far as it is told something.
#[derive(Default)]
pub(crate) struct Window {
    told: Mutex<Told>,
    test: Mutex<Option<DropGuard>>,
}

#[derive(Default)]
struct Told {
    /// The channel of an attached window, and what ends its feed.
    attached: Option<(Channel<Vec<Update>>, DropGuard)>,
    /// What the next one is to show.
    open: Option<Update>,
}

impl Window {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts telling a window; an older feed ends.
    pub(crate) fn start(&self, mut feed: Feed, channel: Channel<Vec<Update>>) {
        let token = CancellationToken::new();
        self.attach(channel.clone(), token.clone().drop_guard());
        tauri::async_runtime::spawn(token.run_until_cancelled_owned(async move {
            while let Some(updates) = feed.next().await {
                if channel.send(updates).is_err() {
                    return;
                }
            }
        }));
    }

    fn attach(&self, channel: Channel<Vec<Update>>, end: DropGuard) {
        let mut told = self.told();
        if let Some(open) = told.open.take() {
            let _ = channel.send(vec![open]);
        }
        told.attached = Some((channel, end));
    }

    /// A window that attaches anew hears nothing through its old channel any more.
    pub(crate) fn detach(&self) {
        self.told().attached = None;
    }

    /// Cancelled when the test of a connection that begins now is to end; an older one ends.
    pub(crate) fn begin_test(&self) -> CancellationToken {
        let token = CancellationToken::new();
        *self.test.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(token.clone().drop_guard());
        token
    }

    /// Ends the test of a connection, if one runs.
    pub(crate) fn end_test(&self) {
        *self.test.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The window is gone: nobody is told any more.
    pub(crate) fn stop(&self) {
        self.end_test();
        self.detach();
    }

    /// Has the window show an event, and ask about its link where that is wanted; one that is not
    /// attached yet does so when it is.
    pub(crate) fn open(&self, row: RowId, link: bool) {
        let mut told = self.told();
        let open = Update::Open { row, link };
        let sent = (told.attached.as_ref())
            .is_some_and(|(channel, _)| channel.send(vec![open.clone()]).is_ok());
        if !sent {
            told.open = Some(open);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn an_event_to_show_reaches_the_window_that_is_attached_or_else_the_next_one_once() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let channel = |name: &'static str| {
            let heard = Arc::clone(&heard);
            Channel::new(move |_| {
                heard.lock().unwrap().push(name);
                Ok(())
            })
        };
        let end = || CancellationToken::new().drop_guard();
        let window = Window::default();

        window.open(RowId(1), false);
        assert!(heard.lock().unwrap().is_empty());
        window.attach(channel("first"), end());
        window.open(RowId(2), false);
        window.detach();
        window.open(RowId(3), false);
        window.attach(channel("second"), end());
        window.attach(channel("third"), end());

        assert_eq!(*heard.lock().unwrap(), ["first", "first", "second"]);
    }
}
