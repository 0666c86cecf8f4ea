//! "Test connection": one connection step by step, with the time each step took and, for the
//! first that fails, the cause and what to do.
//!
//! Resolving and connecting are done once by themselves, to be timed and named. Everything from
//! there on is the request the app itself would make, through the same transport, to the address
//! just tried: so a test and reality cannot disagree.

mod clock;
mod fix;

use std::{
    future::poll_fn,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use futures_util::StreamExt as _;
use hyper_util::client::proxy::matcher::Matcher;
use tokio::{
    net::{TcpStream, lookup_host},
    time::{Instant, timeout},
};
use url::Url;

use self::{clock::FirstConnection, fix::fix};
use super::{Cause, CauseCode, SourceConfig, config::is_loopback};
use crate::{
    error::{self, Code, Error},
    ipc::{Step, StepName},
    model::{EventId, Timestamp},
    secrets::Headers,
    sse::{
        request::StreamRequest,
        stream::{EventStream, StreamItem},
        transport::{Building, Transport, builder},
        trouble::{Refusal, cause_of_io},
    },
};

/// How long the first bytes are waited for, unless somebody says otherwise.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Resolving and connecting each, as long as the app itself waits.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection about to be tested.
#[derive(Debug)]
pub struct Probe {
    http: Building,
    request: StreamRequest,
    /// Who is connected to: the server, or the proxy before it.
    peer: Peer,
    patience: Duration,
    clock: fn() -> Timestamp,
}

/// Who is connected to first.
#[derive(Debug)]
struct Peer {
    host: String,
    port: u16,
    is_proxy: bool,
}

impl Probe {
    /// A test of this source at this URL, with these secret headers. The first bytes are waited
    /// for as long as `patience` says.
    ///
    /// # Errors
    /// `InvalidOption` or `CleartextSecret`: what the app would refuse before it connects.
    pub fn new(
        config: &SourceConfig,
        url: Url,
        headers: &Headers,
        patience: Duration,
        clock: fn() -> Timestamp,
    ) -> error::Result<Self> {
        let refused = |cause: Cause| {
            let code = match cause.code {
                CauseCode::CleartextSecret => Code::CleartextSecret,
                _ => Code::InvalidOption,
            };
            Error::new(code, cause.message)
        };
        Ok(Self {
            http: builder(config).map_err(refused)?,
            peer: peer(config, &url),
            request: StreamRequest::new(config, url, headers, EventId::default())
                .map_err(refused)?,
            patience,
            clock,
        })
    }

    /// Tells each step as it ends. Dropping the future ends the test.
    ///
    /// # Errors
    /// The cause of the first failure, which was told, too.
    pub async fn run(self, tell: impl FnMut(Step) + Send) -> Result<(), Cause> {
        let mut told = Told {
            tell,
            since: Instant::now(),
            has_headers: self.request.has_credentials,
            is_proxied: self.peer.is_proxy,
        };
        let addresses = match self.peer.resolve().await {
            Ok((addresses, words)) => {
                told.passed(StepName::Resolve, words);
                addresses
            }
            Err(cause) => return Err(told.failed(StepName::Resolve, cause)),
        };
        let connecting = Instant::now();
        let address = match connect(&addresses).await {
            Ok(address) => {
                told.connected(address);
                address
            }
            Err(cause) => return Err(told.failed(StepName::Connect, cause)),
        };
        let plain = connecting.elapsed();
        let first = FirstConnection::default();
        let mut http = self.http;
        http.client = http
            .client
            .resolve(&self.peer.host, address)
            .connector_layer(first.clone());
        let is_https = self.request.url.scheme() == "https";
        let http = http
            .build()
            .map_err(|cause| told.failed(StepName::Tls, cause))?;
        let transport = Transport::new(http, self.request, self.clock);
        // Making the client ready is no time of the server's.
        told.since = Instant::now();
        let mut stream = EventStream::new(transport);
        let mut tls_told = !is_https;
        let opened = poll_fn(|cx| {
            let polled = stream.poll_next_unpin(cx);
            if let (false, Some(took)) = (tls_told, first.took()) {
                tls_told = true;
                // The connection of the request itself took that much longer than the plain one.
                told.passed_in(
                    StepName::Tls,
                    took.saturating_sub(plain),
                    "encrypted, and the certificate is right".to_owned(),
                    None,
                );
            }
            polled
        })
        .await;
        if let Some(Err(Refusal { cause, .. })) = opened {
            let step = match cause.code {
                CauseCode::NotEventStream | CauseCode::ContentEncoding => {
                    told.passed(StepName::Response, "the server answered 200".to_owned());
                    StepName::MediaType
                }
                _ if tls_told => StepName::Response,
                _ => StepName::Tls,
            };
            return Err(told.failed(step, cause));
        }
        told.passed(StepName::Response, "the server answered 200".to_owned());
        told.passed(
            StepName::MediaType,
            "the answer is text/event-stream".to_owned(),
        );
        match timeout(self.patience, first_bytes(&mut stream)).await {
            Ok(Ok(words)) => told.passed(StepName::FirstBytes, words.to_owned()),
            Ok(Err(cause)) => return Err(told.failed(StepName::FirstBytes, cause)),
            Err(_) => told.passed(
                StepName::FirstBytes,
                format!(
                    "connected, but no byte within {} s: fine where events are rare",
                    self.patience.as_secs_f64()
                ),
            ),
        }
        Ok(())
    }
}

/// Who is told, and since when the present step lasts.
struct Told<F> {
    tell: F,
    since: Instant,
    has_headers: bool,
    is_proxied: bool,
}

impl<F: FnMut(Step)> Told<F> {
    fn passed(&mut self, step: StepName, detail: String) {
        self.passed_in(step, self.since.elapsed(), detail, None);
    }

    fn connected(&mut self, to: SocketAddr) {
        let detail = format!("connected to {to}");
        let took = self.since.elapsed();
        self.passed_in(StepName::Connect, took, detail, Some(to));
    }

    fn passed_in(
        &mut self,
        step: StepName,
        took: Duration,
        detail: String,
        address: Option<SocketAddr>,
    ) {
        self.since = Instant::now();
        (self.tell)(Step {
            step,
            ok: true,
            ms: millis(took),
            detail,
            address: address.map(|address| address.to_string()),
            fix: None,
            cause: None,
        });
    }

    fn failed(&mut self, step: StepName, cause: Cause) -> Cause {
        (self.tell)(Step {
            step,
            ok: false,
            ms: millis(self.since.elapsed()),
            detail: cause.message.clone(),
            address: None,
            fix: Some(fix(&cause, self.has_headers, self.is_proxied).to_owned()),
            cause: Some(cause.code),
        });
        cause
    }
}

fn millis(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

/// The proxy of the source, or the one the environment names, as the client itself decides.
fn peer(config: &SourceConfig, url: &Url) -> Peer {
    let proxy = match &config.proxy {
        Some(proxy) => Some(proxy.clone()),
        None if is_loopback(&config.url) => None,
        None => url
            .as_str()
            .parse()
            .ok()
            .and_then(|uri| Matcher::from_system().intercept(&uri))
            .and_then(|intercept| Url::parse(&intercept.uri().to_string()).ok()),
    };
    let at = proxy.as_ref().unwrap_or(url);
    let host = at.host_str().unwrap_or_default();
    Peer {
        // An IPv6 address stands in brackets in a URL only.
        host: host.trim_matches(['[', ']']).to_owned(),
        port: at.port_or_known_default().unwrap_or(1080),
        is_proxy: proxy.is_some(),
    }
}

impl Peer {
    async fn resolve(&self) -> Result<(Vec<SocketAddr>, String), Cause> {
        let who = if self.is_proxy { "the proxy " } else { "" };
        if let Ok(address) = self.host.parse::<IpAddr>() {
            let words = format!("{who}{address} is an address");
            return Ok((vec![SocketAddr::new(address, self.port)], words));
        }
        let failed = |why: String| {
            let words = format!(
                "{who}{}: the host name could not be resolved ({why})",
                self.host
            );
            Cause::new(CauseCode::Dns, words)
        };
        let looked_up = timeout(CONNECT_TIMEOUT, lookup_host((&*self.host, self.port))).await;
        let addresses: Vec<SocketAddr> = looked_up
            .map_err(|_| failed("no answer within 10 s".to_owned()))?
            .map_err(|error| failed(error.to_string()))?
            .collect();
        let first = addresses
            .first()
            .ok_or_else(|| failed("no address".to_owned()))?
            .ip();
        let words = match addresses.len() - 1 {
            0 => format!("{who}{} is {first}", self.host),
            others => format!("{who}{} is {first} and {others} more", self.host),
        };
        Ok((addresses, words))
    }
}

/// The first address where somebody listens.
async fn connect(addresses: &[SocketAddr]) -> Result<SocketAddr, Cause> {
    let slow = || Cause::new(CauseCode::Unreachable, "no connection within 10 s");
    let deadline = Instant::now() + CONNECT_TIMEOUT;
    let mut cause = slow();
    let mut left = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
    for &address in addresses {
        // An address that swallows everything leaves the others their share of the time.
        let share = deadline.saturating_duration_since(Instant::now()) / left.max(1);
        left = left.saturating_sub(1);
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(_)) => return Ok(address),
            Ok(Err(error)) => {
                cause = cause_of_io(&error).unwrap_or_else(|| {
                    Cause::new(CauseCode::Unreachable, format!("no connection ({error})"))
                });
            }
            Err(_) => cause = slow(),
        }
    }
    Err(cause)
}

/// What came first. Bytes count that make no event, such as a `retry` field.
async fn first_bytes(stream: &mut EventStream) -> Result<&'static str, Cause> {
    match stream.next().await {
        Some(Ok(StreamItem::Event(..))) => Ok("an event came"),
        Some(Ok(StreamItem::Comment(_))) => Ok("a heartbeat came"),
        Some(Ok(_)) => Ok("the stream has begun"),
        Some(Err(refusal)) => Err(refusal.cause),
        None => Err(Cause::new(CauseCode::Closed, "the server ended the stream")),
    }
}
