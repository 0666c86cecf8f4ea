//! HTTP for one source: the transport under eventsource-client, over reqwest.
//!
//! It follows redirects itself (eventsource-client would show Authorization to another host),
//! checks status, media type and content encoding before a byte is parsed, and puts the wire
//! filter between the body and the parser. Cookies are never stored, encodings never offered.

use std::{
    fs,
    io::ErrorKind,
    net::IpAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::Stream;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use hyper_util::client::legacy::connect::HttpInfo;
use launchdarkly_sdk_transport::{ByteStream, HttpTransport, ResponseFuture, TransportError};
use reqwest::{Certificate, Client, ClientBuilder, Identity, Proxy, redirect};
use tokio::time::Instant;
use url::{Host, Url};

use super::{
    names::{Names, into_the_private_network, is_inner, is_inner_address},
    request::StreamRequest,
    trouble::{Refusal, cause_of, refusal_of},
    wire::{PRELUDE, WireFilter},
};
use crate::{
    model::Timestamp,
    source::{Cause, CauseCode, SourceConfig, config::is_loopback},
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
const KEEPALIVE: Duration = Duration::from_secs(30);
const REDIRECTS_MAX: usize = 5;

/// The HTTP client of one source, with its TLS, proxy and timeouts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Http {
    client: Client,
    names: Arc<Names>,
}

/// That client before it is built, for who wants to watch it at work.
#[derive(Debug)]
pub struct Building {
    /// What is built.
    pub client: ClientBuilder,
    names: Arc<Names>,
}

/// The client of one source.
///
/// # Errors
/// `BadOption` when a certificate file or the proxy cannot be used; the message names the file.
pub fn client(config: &SourceConfig) -> Result<Http, Cause> {
    let built = builder(config)?.build();
    if built.is_err() && config.url.scheme() != "https" {
        // Nothing on this way is encrypted: that the system has no authorities is no reason to
        // stop. Only a redirect to https fails then.
        let mut building = builder(config)?;
        building.client = building.client.tls_certs_only(Vec::new());
        return building.build();
    }
    built
}

/// That client, not built yet.
///
/// # Errors
/// As [`client`].
pub fn builder(config: &SourceConfig) -> Result<Building, Cause> {
    // Ignored when it is installed already: there is one provider for the whole process.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let names = Arc::<Names>::default();
    let mut builder = Client::builder()
        .dns_resolver(Arc::clone(&names))
        .user_agent(concat!("Tidings/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_max_idle_per_host(0)
        .tcp_keepalive(KEEPALIVE)
        .http2_keep_alive_interval(KEEPALIVE)
        .http2_keep_alive_timeout(KEEPALIVE)
        .http2_keep_alive_while_idle(true);
    if let Some(proxy) = &config.proxy {
        builder = builder.proxy(
            Proxy::all(proxy.as_str())
                .map_err(|error| bad_option(format!("the proxy cannot be used ({error})")))?,
        );
    } else if is_loopback(&config.url) {
        builder = builder.no_proxy();
    }
    if let Some(path) = &config.ca_cert {
        let certificates = Certificate::from_pem_bundle(&read(path)?)
            .ok()
            .filter(|certificates| !certificates.is_empty())
            .ok_or_else(|| bad_option(format!("{path} holds no certificate in PEM form")))?;
        builder = builder.tls_certs_merge(certificates);
    }
    if let (Some(certificate), Some(key)) = (&config.client_cert, &config.client_key) {
        let mut pem = read(key)?;
        pem.push(b'\n');
        pem.extend(read(certificate)?);
        builder = builder.identity(Identity::from_pem(&pem).map_err(|_| {
            bad_option(format!(
                "{certificate} and {key} are no certificate and key in PEM form"
            ))
        })?);
    }
    Ok(Building {
        client: builder,
        names,
    })
}

impl Building {
    /// Builds the client.
    ///
    /// # Errors
    /// `Tls` when it cannot be set up now: with no file left to open, the system's authorities
    /// are not found, and the next try may find them.
    pub fn build(self) -> Result<Http, Cause> {
        let client = self.client.build().map_err(|error| {
            let why = cause_of(&error).message;
            Cause::new(CauseCode::Tls, format!("TLS could not be set up ({why})"))
        })?;
        let names = self.names;
        Ok(Http { client, names })
    }
}

fn read(path: &str) -> Result<Vec<u8>, Cause> {
    fs::read(path).map_err(|error| {
        let message = format!("{path} cannot be read ({error})");
        match error.kind() {
            // The file is at fault; anything else may pass.
            ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::IsADirectory => {
                bad_option(message)
            }
            _ => Cause::new(CauseCode::Tls, message),
        }
    })
}

fn bad_option(message: String) -> Cause {
    Cause::new(CauseCode::BadOption, message)
}

/// What the transport notes of the bytes of a connection.
#[derive(Debug)]
pub struct Meter {
    /// Bytes of the body so far, before the filter.
    pub bytes: u64,
    /// When the last byte came; the response head counts.
    pub last_byte: Instant,
    /// The longest the stream was silent between two bytes.
    pub largest_gap: Duration,
    /// The address of this machine it is connected from, once there is an answer.
    pub local: Option<IpAddr>,
}

/// What the two ends of one connection share: the filter beneath the parser and what is read
/// above it.
#[derive(Debug)]
pub struct Shared {
    /// The filter and its facts.
    pub filter: WireFilter,
    /// Bytes and silence.
    pub meter: Meter,
}

/// One request, made when eventsource-client asks for it.
///
/// The parser's own request is ignored: it can carry neither raw header bytes nor a redirect
/// policy. A failure travels as a [`Refusal`] inside the [`TransportError`].
#[derive(Debug, Clone)]
pub struct Transport {
    http: Http,
    request: Arc<StreamRequest>,
    shared: Arc<Mutex<Shared>>,
    clock: fn() -> Timestamp,
}

impl Transport {
    /// A transport for one connection. `clock` reads the wall clock, for `Retry-After` dates.
    pub fn new(http: Http, request: StreamRequest, clock: fn() -> Timestamp) -> Self {
        let filter = WireFilter::new(request.last_event_id.clone(), request.max_event_bytes);
        let meter = Meter {
            bytes: 0,
            last_byte: Instant::now(),
            largest_gap: Duration::ZERO,
            local: None,
        };
        Self {
            http,
            request: Arc::new(request),
            shared: Arc::new(Mutex::new(Shared { filter, meter })),
            clock,
        }
    }

    /// What the other end reads.
    pub fn shared(&self) -> Arc<Mutex<Shared>> {
        Arc::clone(&self.shared)
    }

    async fn open(self) -> Result<Response<ByteStream>, Refusal> {
        let response = tokio::time::timeout(HEADER_TIMEOUT, self.follow())
            .await
            .map_err(|_| {
                Cause::new(
                    CauseCode::HeaderTimeout,
                    "the server did not answer within 30 s",
                )
            })??;
        let info = response.extensions().get::<HttpInfo>();
        let local = info.map(|info| info.local_addr().ip());
        let body = FilteredBody {
            body: Box::pin(response.bytes_stream()),
            shared: Arc::clone(&self.shared),
            prelude: true,
        };
        if let Ok(mut shared) = self.shared.lock() {
            shared.meter.last_byte = Instant::now();
            shared.meter.local = local;
        }
        // The parser looks at the status only; it was checked above.
        Ok(Response::new(Box::pin(body) as ByteStream))
    }

    /// Sends the request and follows redirects to the final answer (Fetch, section 4.4, as far as
    /// neither a credential nor the body leaves its origin).
    async fn follow(&self) -> Result<reqwest::Response, Refusal> {
        let mut url = self.request.url.clone();
        let mut method = self.request.method.clone();
        let mut body = self.request.body.clone();
        let mut headers = self.request.headers.clone();
        for _ in 0..=REDIRECTS_MAX {
            let mut builder = self.http.client.request(method.clone(), url.clone());
            builder = builder.headers(headers.clone());
            if let Some(body) = &body {
                builder = builder.body(body.clone());
            }
            let response = builder.send().await.map_err(|error| cause_of(&error))?;
            let status = response.status();
            if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
                check(status, response.headers(), (self.clock)())?;
                return Ok(response);
            }
            let to_get = match status.as_u16() {
                303 => true,
                301 | 302 => method == Method::POST,
                _ => false,
            };
            if to_get {
                method = Method::GET;
                body = None;
                headers.remove(header::CONTENT_TYPE);
            }
            let is_bare = !self.request.has_credentials && body.is_none();
            let next = target(&url, response.headers(), is_bare)?;
            let peer = response.extensions().get::<HttpInfo>();
            let is_inside = peer.is_some_and(|peer| is_inner_address(peer.remote_addr().ip()));
            if let Some(Host::Domain(host)) = next.host()
                && next.host() != self.request.url.host()
                && !(is_inner(&url) || is_inside)
            {
                self.http.names.keep_outside(host);
            }
            if next.origin() != url.origin() {
                headers.remove("last-event-id");
            }
            url = next;
        }
        Err(Cause::new(CauseCode::BadRedirect, "the server redirects in a circle").into())
    }
}

impl HttpTransport for Transport {
    fn request(&self, _: Request<Option<Bytes>>) -> ResponseFuture {
        let transport = self.clone();
        Box::pin(async move { transport.open().await.map_err(TransportError::new) })
    }
}

/// Where a redirect leads, if it may be followed: another origin only by a bare request, which has
/// neither a credential nor a body.
fn target(from: &Url, headers: &HeaderMap, is_bare: bool) -> Result<Url, Cause> {
    let bad = |why: &str| Cause::new(CauseCode::BadRedirect, why);
    let location = headers
        .get(header::LOCATION)
        .and_then(|value| value.to_str().ok())
        .filter(|location| !location.is_empty())
        .ok_or_else(|| bad("the server redirects without saying where"))?;
    let to = from
        .join(location)
        .map_err(|_| bad("the server redirects to no URL"))?;
    if !["http", "https"].contains(&to.scheme()) || to.host().is_none() {
        return Err(bad("the server redirects to something other than http"));
    }
    let refused = |why: String| Cause::new(CauseCode::RedirectRefused, why);
    if from.scheme() == "https" && to.scheme() == "http" {
        return Err(refused(
            "the server redirects from https to unencrypted http; this is never followed"
                .to_owned(),
        ));
    }
    if to.origin() != from.origin() {
        let host = to.host_str().unwrap_or_default();
        if !is_bare {
            return Err(refused(format!(
                "the server redirects to {host}, which must not see this source's headers or body; \
                 if you trust it, set the source's URL to it"
            )));
        }
        if is_inner(&to) && !is_inner(from) {
            return Err(into_the_private_network(host));
        }
    }
    Ok(to)
}

/// Whether an answer is an event stream (WHATWG HTML 9.2.3), before a byte of it is parsed.
fn check(status: StatusCode, headers: &HeaderMap, now: Timestamp) -> Result<(), Refusal> {
    if status != StatusCode::OK {
        return Err(refusal_of(status, headers, now));
    }
    let media_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let ambiguous = headers.get_all(header::CONTENT_TYPE).iter().count() > 1;
    if media_type != "text/event-stream" || ambiguous {
        let said = match (ambiguous, media_type.is_empty()) {
            (true, _) => "two media types".to_owned(),
            (_, true) => "no media type".to_owned(),
            _ => media_type.chars().take(80).collect(),
        };
        return Err(Refusal {
            cause: Cause {
                code: CauseCode::NotEventStream,
                message: format!(
                    "the server sent {said} instead of text/event-stream; a login page or a proxy \
                     may stand in between"
                ),
                status: Some(200),
            },
            retry_after: None,
        });
    }
    let encoded = headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"));
    if encoded {
        return Err(Cause::new(
            CauseCode::ContentEncoding,
            "the server compressed the stream though that was not offered; switch it off there",
        )
        .into());
    }
    Ok(())
}

/// The body of the answer on its way through the filter to the parser.
struct FilteredBody {
    body: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send + Sync>>,
    shared: Arc<Mutex<Shared>>,
    prelude: bool,
}

impl Stream for FilteredBody {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.prelude) {
            return Poll::Ready(Some(Ok(Bytes::from_static(PRELUDE))));
        }
        let chunk = match std::task::ready!(self.body.as_mut().poll_next(cx)) {
            None => return Poll::Ready(None),
            Some(Err(error)) => {
                let refusal = Refusal::from(cause_of(&error));
                return Poll::Ready(Some(Err(TransportError::new(refusal))));
            }
            Some(Ok(chunk)) => chunk,
        };
        let filtered = {
            let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
            shared.meter.note(chunk.len(), Instant::now());
            shared.filter.push(&chunk)
        };
        if !filtered.is_empty() {
            return Poll::Ready(Some(Ok(filtered)));
        }
        // A server that sends nothing the parser needs, as fast as it can: what was learned is
        // taken, and others have their turn, before more is read.
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Meter {
    fn note(&mut self, bytes: usize, now: Instant) {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        self.largest_gap = self.largest_gap.max(now.duration_since(self.last_byte));
        self.last_byte = now;
    }
}
