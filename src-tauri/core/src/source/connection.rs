//! The task that keeps one source connected: connect, read, wait, again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt as _, future::BoxFuture};
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until, timeout_at},
};
use url::Url;

use super::{
    SourceConfig,
    absence::{Absence, Presence},
    backoff::{Backoff, HEALTHY_AFTER, Next},
    burst::{Burst, PAUSE},
    queue::{Inbound, Item, Producer},
    rhythm::{Heard, Rhythm},
    state::{Cause, CauseCode, SourceState, StateCell},
};
use crate::{
    diagnose::Seen,
    error::Result,
    ipc::Millis,
    model::{EventId, Opening, Timestamp},
    secrets::Headers,
    sse::{
        request::StreamRequest,
        stream::{EventStream, StreamItem},
        transport::{Http, Transport, client},
        trouble::Refusal,
    },
};

/// How often the time of the last byte is published.
const PULSE: Duration = Duration::from_secs(1);

/// Numbers connections, so that history can tell their opening bursts apart.
static CONNECTIONS: AtomicU64 = AtomicU64::new(1);

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
struct Run {
    /// Why it ended; none when a person asked for a new one.
    end: Option<Refusal>,
    opened: Option<Instant>,
    received: bool,
    reconnection_time: Option<Duration>,
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
            self.state.set(SourceState::Connecting { attempt });
            // Only what is committed is never asked for again.
            let last_event_id = self.queue.settled().await;
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
                    let until =
                        Millis(self.now().0 + i64::try_from(delay.as_millis()).unwrap_or(0));
                    self.state.set(SourceState::Waiting {
                        attempt: attempt + 1,
                        until,
                        cause,
                    });
                    // Woken early or not: the next try is due.
                    let _ = timeout_at(Instant::now() + delay, self.reconnect.notified()).await;
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

    fn now(&self) -> Millis {
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
        let mut live = Live {
            connection: self,
            sends_cursor: request.sends_cursor(),
            opening: None,
            presence: None,
            outage: None,
            burst: Burst::default(),
            opened: None,
            paused_since: Instant::now(),
            pulsed: Instant::now(),
            pulsed_bytes: 0,
            since: Millis(0),
            received: false,
            replayed: 0,
            idle: false,
        };
        let mut stream = EventStream::new(Transport::new(client.clone(), request, self.clock));
        let end = live.read(&mut stream, rhythm).await;
        live.presence = None;
        let is_tls = |refusal: &Refusal| refusal.cause.code == CauseCode::Tls;
        *http = (!end.as_ref().is_some_and(is_tls)).then_some(client);
        // A stream that ended in its opening burst replayed what it replayed all the same.
        if live.opening.is_some() {
            live.end_burst().await;
        }
        live.log(None, &stream, rhythm);
        if let Some(opened) = live.opened {
            rhythm.learn(heard(opened, &stream), live.idle);
        }
        Run {
            end,
            opened: live.opened,
            received: live.received,
            reconnection_time: stream.reconnection_time(),
        }
    }
}

/// One connection while it is read.
struct Live<'a> {
    connection: &'a Connection,
    sends_cursor: bool,
    opening: Option<Opening>,
    presence: Option<Presence>,
    /// The outage that this stream ended.
    outage: Option<(Timestamp, Timestamp)>,
    burst: Burst,
    opened: Option<Instant>,
    /// When the last item was handed over: waiting for room of our own is no pause of the server.
    paused_since: Instant,
    /// When the last byte was last published...
    pulsed: Instant,
    /// ...and how many had come by then.
    pulsed_bytes: u64,
    since: Millis,
    received: bool,
    replayed: u64,
    idle: bool,
}

impl Live<'_> {
    /// Reads to the end. None when a person asked for a new connection.
    async fn read(&mut self, stream: &mut EventStream, rhythm: &Rhythm) -> Option<Refusal> {
        loop {
            let wake = self.next_look(stream, rhythm);
            tokio::select! {
                biased;
                () = self.connection.reconnect.notified() => return None,
                item = stream.next() => match item {
                    Some(Ok(item)) => {
                        if item == StreamItem::Open {
                            let local = stream.meter(|meter| meter.local);
                            self.connection.state.set_local(local);
                        }
                        self.log(Some(&item), stream, rhythm);
                        if !self.take(item).await {
                            return Some(closed_by_us());
                        }
                        self.pulse_if_due(stream);
                    }
                    Some(Err(refusal)) => return Some(refusal),
                    None => return Some(closed_by_us()),
                },
                () = sleep_until(wake) => {
                    if let Some(refusal) = self.look(stream, rhythm).await {
                        return Some(refusal);
                    }
                }
            }
        }
    }

    /// When to look at the clock next: at the end of the opening burst, then when silence has
    /// lasted too long; in any case when the last byte is to be published.
    fn next_look(&self, stream: &EventStream, rhythm: &Rhythm) -> Instant {
        let Some(opened) = self.opened else {
            // The transport has its own timeouts until the answer is there.
            return Instant::now() + Duration::from_hours(1);
        };
        let look = if self.opening.is_some() {
            self.paused_since + PAUSE
        } else {
            self.silent_since(stream) + self.patience(opened, stream, rhythm)
        };
        if stream.meter(|meter| meter.bytes) == self.pulsed_bytes {
            look
        } else {
            look.min(self.pulsed + PULSE)
        }
    }

    /// Nobody listens while the queue is full: that is not the server's silence.
    fn silent_since(&self, stream: &EventStream) -> Instant {
        stream.meter(|meter| meter.last_byte).max(self.paused_since)
    }

    fn patience(&self, opened: Instant, stream: &EventStream, rhythm: &Rhythm) -> Duration {
        let own = self.connection.config.idle_timeout();
        own.unwrap_or_else(|| rhythm.patience(heard(opened, stream)))
    }

    async fn look(&mut self, stream: &EventStream, rhythm: &Rhythm) -> Option<Refusal> {
        let opened = self.opened?;
        self.pulse_if_due(stream);
        let now = Instant::now();
        if self.opening.is_some() {
            if now >= self.paused_since + PAUSE && !self.end_burst().await {
                return Some(closed_by_us());
            }
            return None;
        }
        let silent_since = self.silent_since(stream);
        if now < silent_since + self.patience(opened, stream, rhythm) {
            return None;
        }
        self.idle = true;
        if let Some(presence) = &mut self.presence {
            presence.is_silent_since(silent_since);
        }
        let silence = silent_since.elapsed().as_secs();
        Some(
            Cause::new(
                CauseCode::Idle,
                format!("nothing came for {silence} s, so it is taken for dead"),
            )
            .into(),
        )
    }

    /// Handles one item; false when nobody takes it.
    async fn take(&mut self, item: StreamItem) -> bool {
        let now = Instant::now();
        let handed_over = match item {
            StreamItem::Open => {
                self.open(now);
                self.note_outage().await
            }
            // A heartbeat is no replay: it does not prolong the opening burst.
            StreamItem::Comment(_) | StreamItem::Retry(_) | StreamItem::Bytes => return true,
            StreamItem::Cursor(id, _) => self.hand_over(now, Item::Cursor(id)).await,
            StreamItem::Event(frame, _) => {
                self.received = true;
                self.hand_over(now, Item::Event(frame)).await
            }
        };
        self.paused_since = Instant::now();
        handed_over
    }

    fn open(&mut self, now: Instant) {
        let wall = (self.connection.clock)();
        let absence = &self.connection.absence;
        let lasted = absence.lasted();
        let broke_at = lasted.map(|lasted| wall.checked_sub(lasted.time).unwrap_or(Timestamp::MIN));
        self.outage = broke_at
            .filter(|_| lasted.is_some_and(|lasted| lasted.is_outage))
            .map(|from| (from, wall));
        self.opening = Some(Opening {
            connection: CONNECTIONS.fetch_add(1, Ordering::Relaxed),
            broke_at,
        });
        self.presence = Some(absence.end());
        self.opened = Some(now);
        self.since = wall.into();
        self.pulsed = now;
        self.show_live(self.since);
    }

    async fn hand_over(&mut self, now: Instant, item: Item) -> bool {
        let is_over =
            self.opening.is_some() && !self.burst.goes_on(now.duration_since(self.paused_since));
        if is_over && !self.end_burst().await {
            return false;
        }
        let replayed = self.sends_cursor && self.opening.is_some();
        if replayed && matches!(item, Item::Event(_)) {
            self.replayed += 1;
        }
        self.push(item, replayed).await
    }

    async fn push(&self, item: Item, replayed: bool) -> bool {
        self.connection
            .queue
            .push(Inbound {
                source: self.connection.config.id,
                received_at: (self.connection.clock)(),
                opening: self.opening,
                replayed,
                item,
            })
            .await
    }

    /// The stream is back: an outage that may have cost events leaves a divider, before the
    /// events that follow it and again once it is known how many were replayed.
    async fn note_outage(&self) -> bool {
        let Some((from, until)) = self.outage else {
            return true;
        };
        self.push(
            Item::Outage {
                from,
                until,
                replayed: self.replayed,
            },
            false,
        )
        .await
    }

    /// The opening burst is over.
    async fn end_burst(&mut self) -> bool {
        self.opening = None;
        self.replayed == 0 || self.note_outage().await
    }

    /// Keeps what came for diagnosis; after the end, what no item brought.
    fn log(&self, item: Option<&StreamItem>, stream: &EventStream, rhythm: &Rhythm) {
        let Some(log) = self.connection.state.log() else {
            return;
        };
        let (bytes, silence) = stream.meter(|meter| (meter.bytes, meter.largest_gap));
        let seen = Seen {
            bytes,
            silence,
            patience: self
                .opened
                .map(|opened| self.patience(opened, stream, rhythm)),
            retry: stream.reconnection_time(),
        };
        log.note(item, &seen);
    }

    fn pulse_if_due(&mut self, stream: &EventStream) {
        let (bytes, last_byte) = stream.meter(|meter| (meter.bytes, meter.last_byte));
        if bytes == self.pulsed_bytes || self.pulsed.elapsed() < PULSE {
            return;
        }
        if let Some(presence) = &mut self.presence {
            presence.note();
        }
        self.pulsed = Instant::now();
        self.pulsed_bytes = bytes;
        let ago = i64::try_from(last_byte.elapsed().as_millis()).unwrap_or_default();
        let last_byte = Millis(self.connection.now().0.saturating_sub(ago));
        // With both times the same it would say: just opened.
        if last_byte != self.since {
            self.show_live(last_byte);
        }
    }

    fn show_live(&self, last_byte: Millis) {
        self.connection.state.set(SourceState::Live {
            since: self.since,
            last_byte,
        });
    }
}

fn heard(opened: Instant, stream: &EventStream) -> Heard {
    stream.meter(|meter| Heard {
        watched: opened.elapsed(),
        alive: meter.last_byte.saturating_duration_since(opened),
        largest_gap: meter.largest_gap,
    })
}

/// The end of the program, not of the stream.
fn closed_by_us() -> Refusal {
    Cause::new(CauseCode::Closed, "the stream was closed").into()
}
