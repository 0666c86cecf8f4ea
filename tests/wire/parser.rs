//! eventsource-client in process: no network, no runtime, its real parser over given chunks.

use std::{
    iter,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use eventsource_client::{
    BoxStream, Client as _, ClientBuilder, Error, Event, ReconnectOptions, SSE,
};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use http::{Request, Response};
use launchdarkly_sdk_transport::{ByteStream, HttpTransport, ResponseFuture};
use tidings_core::sse::wire::{PRELUDE, WireFilter};

/// A transport whose answer is there already.
#[derive(Clone)]
struct Ready(Arc<Mutex<Option<ByteStream>>>);

impl HttpTransport for Ready {
    fn request(&self, _: Request<Option<Bytes>>) -> ResponseFuture {
        let body = self.0.lock().unwrap().take().unwrap();
        Box::pin(async move { Ok(Response::new(body)) })
    }
}

/// The parser over these chunks.
pub struct Parser(BoxStream<Result<SSE, Error>>);

impl Parser {
    /// The parser as it comes.
    pub fn bare(chunks: impl Iterator<Item = Bytes> + Send + Sync + 'static) -> Self {
        let body: ByteStream = Box::pin(stream::iter(chunks.map(Ok)));
        let client = ClientBuilder::for_url("http://stream.invalid/")
            .unwrap()
            .reconnect(
                ReconnectOptions::reconnect(false)
                    .retry_initial(false)
                    .build(),
            )
            .build_with_transport(Ready(Arc::new(Mutex::new(Some(body)))));
        Self(client.stream())
    }

    /// The parser behind the filter, as the transport puts them together.
    pub fn filtered(
        chunks: impl Iterator<Item = Bytes> + Send + Sync + 'static,
        filter: Arc<Mutex<WireFilter>>,
    ) -> Self {
        let filtered = chunks.map(move |chunk| filter.lock().unwrap().push(&chunk));
        Self::bare(
            iter::once(Bytes::from_static(PRELUDE)).chain(filtered.filter(|out| !out.is_empty())),
        )
    }

    /// The next event; `None` at the end of the chunks.
    ///
    /// # Panics
    /// When the parser fails: behind the filter it never does.
    pub fn next_event(&mut self) -> Option<Event> {
        loop {
            match self.0.next().now_or_never().flatten() {
                Some(Ok(SSE::Event(event))) => return Some(event),
                Some(Ok(SSE::Connected(_))) => {}
                None | Some(Err(Error::Eof | Error::UnexpectedEof)) => return None,
                Some(other) => panic!("{other:?}"),
            }
        }
    }
}
