//! Transport, filter and parser as one stream of items: one connection, from request to end.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use eventsource_client::{
    BoxStream, Client as _, ClientBuilder, Error as ParserError, ReconnectOptions, SSE,
};
use futures_util::Stream;
use launchdarkly_sdk_transport::TransportError;

use super::{
    transport::{Shared, Transport},
    trouble::Refusal,
    wire::Fact,
};
use crate::{
    model::{EventId, Frame},
    source::{Cause, CauseCode},
};

/// What one connection brings, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamItem {
    /// The answer is an event stream; events follow.
    Open,
    /// One event, and the reconnection time its block set.
    Event(Frame, Option<Duration>),
    /// A block without data moved the last event ID, and perhaps set a reconnection time.
    Cursor(EventId, Option<Duration>),
    /// A block that set the reconnection time and nothing else.
    Retry(Duration),
    /// A comment: a sign of life.
    Comment(String),
    /// Bytes that make no item, or none yet: a sign of life, too.
    Bytes,
}

/// One connection. Ends with the [`Refusal`] that says why; never reconnects.
pub struct EventStream {
    parser: BoxStream<Result<SSE, ParserError>>,
    shared: Arc<Mutex<Shared>>,
    /// An event the parser gave, until the facts before it were.
    parsed: Option<eventsource_client::Event>,
    /// The bytes that had come when the last item was given.
    told: u64,
    /// How it ended, until that was said; then it stays ended.
    end: Option<Refusal>,
    ended: bool,
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

impl EventStream {
    /// Starts the request when first polled.
    pub fn new(transport: Transport) -> Self {
        let shared = transport.shared();
        // The URL is a placeholder: the transport knows the real one.
        let parser = match ClientBuilder::for_url("http://stream.invalid/") {
            Ok(builder) => builder
                .reconnect(
                    ReconnectOptions::reconnect(false)
                        .retry_initial(false)
                        .build(),
                )
                .build_with_transport(transport)
                .stream(),
            Err(error) => Box::pin(futures_util::stream::once(async { Err(error) })),
        };
        Self {
            parser,
            shared,
            parsed: None,
            told: 0,
            end: None,
            ended: false,
        }
    }

    /// The server's reconnection time, if it sent one.
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.lock().filter.reconnection_time()
    }

    /// Bytes and silence so far.
    pub fn meter<T>(&self, read: impl FnOnce(&super::transport::Meter) -> T) -> T {
        read(&self.lock().meter)
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A fact that stands before anything the parser still has to say.
    fn next_fact(&self) -> Option<StreamItem> {
        let mut shared = self.lock();
        if matches!(shared.filter.front()?, Fact::Event { .. }) {
            return None;
        }
        match shared.filter.pop()? {
            Fact::Cursor(id, retry) => Some(StreamItem::Cursor(id, retry)),
            Fact::Retry(time) => Some(StreamItem::Retry(time)),
            Fact::Comment(text) => Some(StreamItem::Comment(text)),
            Fact::Event { .. } => None,
        }
    }

    /// Whether bytes came of which no item told yet; the next one does.
    fn tell(&mut self) -> bool {
        let bytes = self.meter(|meter| meter.bytes);
        std::mem::replace(&mut self.told, bytes) != bytes
    }

    fn frame(&self, event: eventsource_client::Event) -> Result<StreamItem, Refusal> {
        match self.lock().filter.pop() {
            Some(Fact::Event {
                own_id,
                last_event_id,
                retry,
                truncated,
            }) => {
                let frame = Frame {
                    event: event.event_type,
                    data: event.data,
                    own_id,
                    last_event_id,
                    truncated,
                };
                Ok(StreamItem::Event(frame, retry))
            }
            _ => Err(internal("the parser and the filter disagree")),
        }
    }
}

impl Stream for EventStream {
    type Item = Result<StreamItem, Refusal>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = self.poll_item(cx);
        match (self.tell(), item) {
            (true, Poll::Pending) => Poll::Ready(Some(Ok(StreamItem::Bytes))),
            (_, item) => item,
        }
    }
}

impl EventStream {
    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<StreamItem, Refusal>>> {
        loop {
            if let Some(item) = self.next_fact() {
                return Poll::Ready(Some(Ok(item)));
            }
            if let Some(event) = self.parsed.take() {
                return Poll::Ready(Some(self.frame(event)));
            }
            if self.ended {
                return Poll::Ready(self.end.take().map(Err));
            }
            let parsed = match self.parser.as_mut().poll_next(cx) {
                Poll::Ready(parsed) => parsed,
                // Polling the parser ran the filter: a fact may stand at the front now.
                Poll::Pending => {
                    return match self.next_fact() {
                        Some(item) => Poll::Ready(Some(Ok(item))),
                        None => Poll::Pending,
                    };
                }
            };
            let end = match parsed {
                Some(Ok(SSE::Connected(_))) => return Poll::Ready(Some(Ok(StreamItem::Open))),
                Some(Ok(SSE::Event(event))) => {
                    self.parsed = Some(event);
                    continue;
                }
                // The filter takes comments out before the parser sees them.
                Some(Ok(SSE::Comment(_))) => continue,
                Some(Err(error)) => refusal(error),
                None => closed(),
            };
            // Facts read before the end come first.
            self.ended = true;
            self.end = Some(end);
        }
    }
}

fn refusal(error: ParserError) -> Refusal {
    match error {
        ParserError::Transport(error) => from_transport(&error),
        ParserError::Eof | ParserError::UnexpectedEof => closed(),
        other => internal(&other.to_string()),
    }
}

fn from_transport(error: &TransportError) -> Refusal {
    error
        .inner()
        .downcast_ref::<Refusal>()
        .cloned()
        .unwrap_or_else(|| Cause::new(CauseCode::Broken, error.inner().to_string()).into())
}

fn closed() -> Refusal {
    Cause::new(CauseCode::Closed, "the server ended the stream").into()
}

fn internal(words: &str) -> Refusal {
    Cause::new(
        CauseCode::Internal,
        format!("the stream could not be read ({words})"),
    )
    .into()
}
