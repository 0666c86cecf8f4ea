//! A small SSE server to try things with: ids, types, replay from `Last-Event-ID`, publishing by
//! POST. The app's demo stream and `tidings-cli demo` are this same code.

use std::{
    collections::VecDeque,
    convert::Infallible,
    io,
    net::Ipv4Addr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Query, State},
    http::{HeaderMap, StatusCode},
    response::sse::{Event, KeepAlive, Sse},
    routing::get,
};
use futures_util::{Stream, StreamExt as _, stream};
use serde::Deserialize;
use tokio::{
    net::TcpListener,
    sync::{OnceCell, broadcast},
};
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;

use crate::model::Timestamp;

/// How many events can be replayed.
const KEPT: usize = 256;
/// Longest event that can be published.
const BODY_MAX: usize = 64 * 1024;
const HEARTBEAT: Duration = Duration::from_secs(15);
const RECONNECTION_TIME: Duration = Duration::from_secs(1);
/// Pauses between the samples: the first come quickly, so that something is to be seen.
const PACE: [u64; 6] = [1, 3, 8, 20, 40, 60];

/// What a monitoring system, a build and a shop might say.
const SAMPLES: [(&str, &str); 6] = [
    (
        "message",
        r#"{"title":"Hello from the demo stream","body":"Events like this one arrive as they happen.","level":"normal"}"#,
    ),
    (
        "deploy",
        r#"{"title":"Deploy finished","body":"web-3 runs 5f21c9e","level":"low","url":"https://example.com/deploys/4818"}"#,
    ),
    (
        "alert",
        r#"{"title":"Disk 94 % full on db-1","body":"/var/lib/postgresql has 11 GB left","level":"high","host":"db-1","used":0.94}"#,
    ),
    (
        "order",
        r#"{"title":"새 주문이 들어왔습니다","body":"₩120,000 · 한빛물산","level":"normal","amount":120000}"#,
    ),
    (
        "alert",
        r#"{"title":"Checkout answers slowly","body":"p95 is 912 ms on GET /v1/orders","level":"critical","p95_ms":912}"#,
    ),
    ("message", "Plain text is an event, too."),
];

#[derive(Debug, Clone)]
struct Published {
    id: u64,
    event: String,
    data: String,
}

impl From<Published> for Event {
    fn from(published: Published) -> Self {
        // A bare CR would end a line of the stream.
        let data = published.data.replace("\r\n", "\n").replace('\r', "\n");
        Self::default()
            .id(published.id.to_string())
            .event(published.event)
            .retry(RECONNECTION_TIME)
            .data(data)
    }
}

/// The events and those who listen.
#[derive(Debug)]
struct Board {
    kept: Mutex<VecDeque<Published>>,
    live: broadcast::Sender<Published>,
    first_id: u64,
}

impl Board {
    fn publish(&self, event: &str, data: String) -> u64 {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let id = kept.back().map_or(self.first_id, |last| last.id + 1);
        let published = Published {
            id,
            event: event.to_owned(),
            data,
        };
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(published.clone());
        // Under the lock, so that a listener that takes the kept ones misses and repeats none.
        let _ = self.live.send(published);
        id
    }

    fn listen(&self, after: u64) -> (Vec<Published>, broadcast::Receiver<Published>) {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let replay = kept.iter().filter(|one| one.id > after).cloned().collect();
        (replay, self.live.subscribe())
    }
}

/// The demo server of a process; it starts when its URL is first asked for.
#[derive(Debug)]
pub struct Demo {
    clock: fn() -> Timestamp,
    server: OnceCell<DemoServer>,
}

impl Demo {
    /// A demo that is not running yet. `clock` gives the first ID, so that IDs rise over restarts.
    pub fn new(clock: fn() -> Timestamp) -> Self {
        Self {
            clock,
            server: OnceCell::new(),
        }
    }

    /// Where its events are; starts it with its samples.
    ///
    /// # Errors
    /// When no loopback port can be bound.
    pub async fn url(&self) -> io::Result<Url> {
        self.server
            .get_or_try_init(|| DemoServer::start(0, true, self.clock))
            .await
            .map(|server| server.url.clone())
    }
}

/// A running demo server; it stops when dropped.
#[derive(Debug)]
pub struct DemoServer {
    /// Where its events are.
    pub url: Url,
    _stop: DropGuard,
}

impl DemoServer {
    /// Starts on a loopback port, 0 for any free one; with `samples` it publishes by itself.
    ///
    /// # Errors
    /// When the port cannot be bound.
    pub async fn start(port: u16, samples: bool, clock: fn() -> Timestamp) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let url = Url::parse(&format!("http://{address}/events")).map_err(io::Error::other)?;
        let first_id = u64::try_from(clock().as_millisecond()).unwrap_or(1);
        let board = Arc::new(Board {
            kept: Mutex::new(VecDeque::new()),
            live: broadcast::channel(KEPT).0,
            first_id,
        });
        let router = Router::new()
            .route("/events", get(events).post(publish))
            .layer(DefaultBodyLimit::max(BODY_MAX))
            .with_state(Arc::clone(&board));
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let serve = async move {
            tokio::select! {
                result = async { axum::serve(listener, router).await } => {
                    if let Err(error) = result {
                        tracing::warn!(%error, "the demo server ended");
                    }
                }
                () = publish_samples(&board, samples) => {}
                () = stopped.cancelled() => {}
            }
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "it starts on first use, wherever that is"
        )]
        tokio::spawn(serve);
        Ok(Self {
            url,
            _stop: stop.drop_guard(),
        })
    }
}

async fn publish_samples(board: &Board, samples: bool) {
    if !samples {
        return std::future::pending().await;
    }
    let paces = PACE.into_iter().chain(std::iter::repeat(60));
    for (seconds, (event, data)) in paces.zip(SAMPLES.iter().cycle()) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        board.publish(event, (*data).to_owned());
    }
}

async fn events(
    State(board): State<Arc<Board>>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let after = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok())
        .and_then(|id| id.parse().ok())
        .unwrap_or(u64::MAX);
    let (replay, live) = board.listen(after);
    let live = stream::unfold(live, |mut live| async move {
        // A listener that fell behind is ended; it comes back with its Last-Event-ID.
        live.recv().await.ok().map(|published| (published, live))
    });
    let all = stream::iter(replay)
        .chain(live)
        .map(|published| Ok(published.into()));
    Sse::new(all).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("heartbeat"))
}

/// The event type of a published event.
#[derive(Debug, Deserialize)]
struct Kind {
    event: Option<String>,
}

async fn publish(
    State(board): State<Arc<Board>>,
    Query(kind): Query<Kind>,
    data: String,
) -> (StatusCode, Json<serde_json::Value>) {
    let event = kind.event.as_deref().unwrap_or("message");
    if event.contains(['\r', '\n']) {
        let error = "the event type has a line break in it; remove it";
        return (
            StatusCode::BAD_REQUEST,
            Json(serde_json::json!({ "error": error })),
        );
    }
    let id = board.publish(event, data);
    (
        StatusCode::CREATED,
        Json(serde_json::json!({ "id": id.to_string() })),
    )
}
