//! When the write-ahead log is folded into the file: while nobody waits for the writer. A commit
//! that did it would hold its event back from the screen for as long as the disk takes.

use std::cell::Cell;

use rusqlite::Connection;

/// Pages in the log from which on it is folded in as soon as nothing waits.
const DUE: i32 = 1000;
/// Pages from which on the next commit does it, whoever waits: the log's size limit.
const MOST: i32 = 4096;

thread_local! {
    /// Pages in the log, as this thread's last commit left it.
    static PAGES: Cell<i32> = const { Cell::new(0) };
}

/// Takes over from SQLite, which folds within a commit. For a connection of this thread alone.
pub(super) fn watch(connection: &Connection) {
    connection.wal_hook(Some(|log, pages| {
        PAGES.set(pages);
        if pages >= MOST
            && let Err(error) = log.checkpoint()
        {
            tracing::debug!(%error, "the log grows on");
        }
        // The commit itself went well.
        Ok(())
    }));
}

/// Folds the log in where that is due. What readers still need stays until the next time.
pub(super) fn fold(connection: &Connection) {
    if PAGES.take() < DUE {
        return;
    }
    let folded = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    if let Err(error) = folded {
        tracing::debug!(%error, "the log is folded in later");
    }
}
