//! The task that keeps one source connected: connect, read, wait, again.

use std::{sync::Arc, time::Duration};

use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::{
    sync::Notify,
    time::{Instant, timeout},
};
use url::Url;

use super::{
    SourceConfig,
    absence::Absence,
    backoff::{Backoff, HEALTHY_AFTER, Next},
    live,
    queue::{Producer, STORE_AGAIN},
    rhythm::Rhythm,
    state::{Cause, CauseCode, SourceState, StateCell},
};
use crate::{
    error::Result,
    ipc::Millis,
    model::{EventId, Timestamp},
    secrets::Headers,
    sse::{
        request::StreamRequest,
        transport::{Http, client},
        trouble::Refusal,
    },
};

/// What was received is usually stored at once; storing that takes longer than this shows.
const UNSEEN: Duration = Duration::from_secs(1);

/// Where a source's secrets come from, asked anew at every try. A connection never goes out
/// without headers it was given.
pub type HeaderSource = Arc<dyn Fn() -> BoxFuture<'static, Result<Headers>> + Send + Sync>;

/// Everything one source's task needs.
pub struct Connection {
    /// What the source is.
    pub config: SourceConfig,
    /// Where it connects: the configured URL, or the demo server's.
    pub url: Url,
    /// Its secret headers.
    pub headers: HeaderSource,
    /// Where what it receives goes.
    pub queue: Producer,
    /// Since when it has been without a stream.
    pub absence: Absence,
    /// Where its state is shown.
    pub state: StateCell,
    /// Wakes a wait, ends a stop, and breaks a live stream to connect anew.
    pub reconnect: Arc<Notify>,
    /// Reads the wall clock.
    pub clock: fn() -> Timestamp,
    /// End after the first connection instead of reconnecting.
    pub once: bool,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("source", &self.config.name)
            .finish_non_exhaustive()
    }
}

/// How one connection went.
#[derive(Debug)]
pub(super) struct Run {
    /// Why it ended; none when a person asked for a new one.
    pub(super) end: Option<Refusal>,
    /// When it turned out to be a stream.
    pub(super) opened: Option<Instant>,
    /// Whether it brought an event.
    pub(super) received: bool,
    /// What the server asked for.
    pub(super) reconnection_time: Option<Duration>,
}

/// How a source that does not reconnect ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Why.
    pub cause: Cause,
    /// Whether it was a stream before.
    pub was_live: bool,
}

impl Connection {
    /// Keeps the source connected until the future is dropped; returns only where it was told not
    /// to reconnect.
    pub async fn keep(self) -> Ended {
        let mut backoff = Backoff::default();
        let mut rhythm = Rhythm::default();
        let mut reconnection_time = None;
        let mut attempt = 0;
        let mut http = None;
        loop {
            attempt += 1;
            let last_event_id = self.settle(attempt).await;
            self.state.set(SourceState::Connecting { attempt });
            // Whoever asked for a connection until now gets this one.
            let _ = self.reconnect.notified().now_or_never();
            let run = self.connect(last_event_id, &mut rhythm, &mut http).await;
            reconnection_time = run.reconnection_time.or(reconnection_time);
            let healthy = run.received
                || run
                    .opened
                    .is_some_and(|since| since.elapsed() >= HEALTHY_AFTER);
            if healthy {
                backoff.reset();
                attempt = 0;
            }
            let Some(refusal) = run.end else {
                backoff.reset();
                attempt = 0;
                continue;
            };
            let cause = refusal.cause;
            tracing::info!(code = ?cause.code, status = cause.status, "connection ended");
            if self.once {
                let was_live = run.opened.is_some();
                self.state.set(SourceState::Stopped {
                    since: self.now(),
                    cause: cause.clone(),
                });
                return Ended { cause, was_live };
            }
            match backoff.next(
                &cause,
                reconnection_time,
                refusal.retry_after,
                fastrand::f64(),
            ) {
                Next::Retry(delay) => {
                    self.wait(attempt + 1, delay, cause);
                    // Woken early or not: the next try is due.
                    let _ = timeout(delay, self.reconnect.notified()).await;
                }
                Next::Stop => {
                    self.state.set(SourceState::Stopped {
                        since: self.now(),
                        cause,
                    });
                    self.reconnect.notified().await;
                    backoff.reset();
                    attempt = 0;
                }
            }
        }
    }

    /// Waits until everything received is stored, and says after which event to go on: only what
    /// is committed is never asked for again.
    async fn settle(&self, attempt: u32) -> EventId {
        let settled = self.queue.settled();
        tokio::pin!(settled);
        if let Ok(last_event_id) = timeout(UNSEEN, &mut settled).await {
            return last_event_id;
        }
        loop {
            self.wait(attempt, STORE_AGAIN, not_stored());
            tokio::select! {
                biased;
                last_event_id = &mut settled => return last_event_id,
                _ = timeout(STORE_AGAIN, self.reconnect.notified()) => {}
            }
        }
    }

    /// Shows that the next try is due after this delay.
    fn wait(&self, attempt: u32, delay: Duration, cause: Cause) {
        let until = Millis(self.now().0 + i64::try_from(delay.as_millis()).unwrap_or(0));
        self.state.set(SourceState::Waiting {
            attempt,
            until,
            cause,
        });
    }

    pub(super) fn now(&self) -> Millis {
        (self.clock)().into()
    }

    async fn connect(
        &self,
        last_event_id: EventId,
        rhythm: &mut Rhythm,
        http: &mut Option<Http>,
    ) -> Run {
        let headers = (self.headers)().await;
        let headers = headers.map_err(|error| Cause::new(CauseCode::Internal, error.message));
        // Reading the system's certificates takes milliseconds: once is enough, until one of
        // them may be what is wrong.
        let client = http.take().map_or_else(|| client(&self.config), Ok);
        let opened = client.and_then(|client| {
            let headers = headers?;
            let request =
                StreamRequest::new(&self.config, self.url.clone(), &headers, last_event_id)?;
            Ok((client, request))
        });
        let (client, request) = match opened {
            Ok(opened) => opened,
            Err(cause) => {
                let end = Some(cause.into());
                return Run {
                    end,
                    opened: None,
                    received: false,
                    reconnection_time: None,
                };
            }
        };
        let (run, client) = live::run(self, client, request, rhythm).await;
        *http = client;
        run
    }
}

fn not_stored() -> Cause {
    Cause::new(
        CauseCode::NotStored,
        "what came before cannot be stored now, so nothing more is asked for",
    )
}
