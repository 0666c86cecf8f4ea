//! One connection while it is read: what it brings is handed over, its silences are watched, and
//! what came is shown.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use futures_util::StreamExt as _;
use tokio::time::{Instant, sleep_until};

use super::{
    absence::Presence,
    burst::{Burst, PAUSE},
    connection::{Connection, Run},
    queue::{Inbound, Item},
    rhythm::{Heard, Rhythm},
    state::{Cause, CauseCode, SourceState},
};
use crate::{
    diagnose::Seen,
    ipc::Millis,
    model::{Opening, Timestamp},
    sse::{
        request::StreamRequest,
        stream::{EventStream, StreamItem},
        transport::{Http, Transport},
        trouble::Refusal,
    },
};

/// How often the time of the last byte is published.
const PULSE: Duration = Duration::from_secs(1);

/// Numbers connections, so that history can tell their opening bursts apart.
static CONNECTIONS: AtomicU64 = AtomicU64::new(1);

/// Makes the request and reads to the end; the client, too, unless another one may help.
pub(super) async fn run(
    connection: &Connection,
    client: Http,
    request: StreamRequest,
    rhythm: &mut Rhythm,
) -> (Run, Option<Http>) {
    let mut live = Live {
        connection,
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
    let mut stream = EventStream::new(Transport::new(client.clone(), request, connection.clock));
    let end = live.read(&mut stream, rhythm).await;
    live.presence = None;
    let is_tls = |refusal: &Refusal| refusal.cause.code == CauseCode::Tls;
    let client = (!end.as_ref().is_some_and(is_tls)).then_some(client);
    // A stream that ended in its opening burst replayed what it replayed all the same.
    if live.opening.is_some() {
        live.end_burst().await;
    }
    live.log(None, &stream, rhythm);
    if let Some(opened) = live.opened {
        rhythm.learn(heard(opened, &stream), live.idle);
    }
    let run = Run {
        end,
        opened: live.opened,
        received: live.received,
        reconnection_time: stream.reconnection_time(),
    };
    (run, client)
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
