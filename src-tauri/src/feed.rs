//! What the window is told: the core's feed through one typed channel.

use std::sync::{Mutex, PoisonError};

use tauri::ipc::Channel;
use tidings_core::{engine::feed::Feed, ipc::Update, model::RowId};
use tokio_util::sync::{CancellationToken, DropGuard};

/// The feed of the window there is, and what the next one starts with.
#[derive(Debug, Default)]
pub(crate) struct Window {
    running: Mutex<Option<DropGuard>>,
    test: Mutex<Option<DropGuard>>,
    open: Mutex<Option<(RowId, bool)>>,
}

impl Window {
    /// Starts telling a window; an older feed ends.
    pub(crate) fn start(&self, mut feed: Feed, channel: Channel<Vec<Update>>) {
        let token = CancellationToken::new();
        let open = self
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(token.clone().drop_guard());
        tauri::async_runtime::spawn(token.run_until_cancelled_owned(async move {
            if let Some((row, link)) = open
                && channel.send(vec![Update::Open { row, link }]).is_err()
            {
                return;
            }
            while let Some(updates) = feed.next().await {
                if channel.send(updates).is_err() {
                    return;
                }
            }
        }));
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
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Remembers an event to show, and whether its link is to be confirmed, for a window that is
    /// not attached yet.
    pub(crate) fn open(&self, row: RowId, link: bool) {
        let attached = self
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some();
        // An attached window is told by its feed.
        if !attached {
            *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Some((row, link));
        }
    }
}
