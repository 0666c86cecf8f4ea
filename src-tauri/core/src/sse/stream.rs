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
    /// One event.
    Event(Frame),
    /// A block without data moved the last event ID.
    Cursor(EventId),
    /// A comment: a sign of life.
    Comment(String),
}

/// One connection. Ends with the [`Refusal`] that says why; never reconnects.
pub struct EventStream {
    parser: BoxStream<Result<SSE, ParserError>>,
    shared: Arc<Mutex<Shared>>,
    /// An event the parser gave, until the facts before it were.
    parsed: Option<eventsource_client::Event>,
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
        match shared.filter.front()? {
            Fact::Event { .. } => None,
            Fact::Cursor(_) | Fact::Comment(_) => match shared.filter.pop()? {
                Fact::Cursor(id) => Some(StreamItem::Cursor(id)),
                Fact::Comment(text) => Some(StreamItem::Comment(text)),
                Fact::Event { .. } => None,
            },
        }
    }

    fn frame(&self, event: eventsource_client::Event) -> Result<StreamItem, Refusal> {
        match self.lock().filter.pop() {
            Some(Fact::Event {
                own_id,
                last_event_id,
                truncated,
            }) => Ok(StreamItem::Event(Frame {
                event: event.event_type,
                data: event.data,
                own_id,
                last_event_id,
                truncated,
            })),
            _ => Err(internal("the parser and the filter disagree")),
        }
    }
}

impl Stream for EventStream {
    type Item = Result<StreamItem, Refusal>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
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
