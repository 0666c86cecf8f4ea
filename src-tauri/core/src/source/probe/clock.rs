//! A clock around every connection of an HTTP client: a layer of reqwest's connector that notes
//! when the first one stands, TLS included.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::Instant;
use tower::{Layer, Service};

/// How long the first connection that succeeded took. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct FirstConnection(Arc<OnceLock<Duration>>);

impl FirstConnection {
    /// None while no connection stands.
    pub(super) fn took(&self) -> Option<Duration> {
        self.0.get().copied()
    }
}

impl<S> Layer<S> for FirstConnection {
    type Service = Timed<S>;

    fn layer(&self, inner: S) -> Timed<S> {
        Timed {
            inner,
            first: self.clone(),
        }
    }
}

/// A connector whose first success is timed.
#[derive(Debug, Clone)]
pub(super) struct Timed<S> {
    inner: S,
    first: FirstConnection,
}

impl<R, S: Service<R>> Service<R> for Timed<S>
where
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let started = Instant::now();
        let connecting = self.inner.call(request);
        let first = Arc::clone(&self.first.0);
        Box::pin(async move {
            let connected = connecting.await;
            if connected.is_ok() {
                // Later ones belong to redirects.
                let _ = first.set(started.elapsed());
            }
            connected
        })
    }
}
