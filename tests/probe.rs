//! "Test connection" against real servers: what works is timed, and the first thing that does not
//! is named with its cause and what to do.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a step that fails is a test that fails"
)]

mod support;

use std::{io::Write as _, sync::Arc, time::Duration};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use support::server::{Answer, Server, Then};
use tempfile::NamedTempFile;
use tidings_core::{
    error::Code,
    ipc::{Step, StepName},
    model::Timestamp,
    secrets::{Headers, Secret},
    source::{CauseCode, SourceConfig, probe::Probe},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

const PATIENCE: Duration = Duration::from_millis(300);

async fn steps(config: &SourceConfig, headers: Headers) -> Vec<Step> {
    let mut told = Vec::new();
    let clock = || Timestamp::UNIX_EPOCH;
    let probe = Probe::new(config, config.url.clone(), &headers, PATIENCE, clock).unwrap();
    let result = probe.run(|step| told.push(step)).await;
    let failed = told.iter().find(|step| !step.ok);
    assert_eq!(
        result.err().map(|cause| cause.code),
        failed.and_then(|step| step.cause)
    );
    told
}

fn source(url: &str) -> SourceConfig {
    SourceConfig::new("a", url.parse().unwrap())
}

async fn check(url: &str) -> Vec<Step> {
    steps(&source(url), Headers::new()).await
}

/// The steps that were told, and the last of them, which failed.
fn failure(steps: &[Step]) -> (Vec<StepName>, CauseCode, String) {
    let last = steps.last().unwrap();
    assert!(!last.ok, "{steps:?}");
    assert!(steps[..steps.len() - 1].iter().all(|step| step.ok));
    assert!(last.fix.as_ref().is_some_and(|fix| !fix.is_empty()));
    (
        steps.iter().map(|step| step.step).collect(),
        last.cause.unwrap(),
        last.detail.clone(),
    )
}

const PLAIN: [StepName; 5] = [
    StepName::Resolve,
    StepName::Connect,
    StepName::Response,
    StepName::MediaType,
    StepName::FirstBytes,
];

#[tokio::test]
async fn a_good_stream_passes_every_step_and_says_what_came_first() {
    for (first, words) in [
        ("data: a\n\n", "an event came"),
        (": heartbeat\n", "a heartbeat came"),
        ("retry: 5000\n", "the stream has begun"),
        ("\n", "the stream has begun"),
        ("data: not whole", "the stream has begun"),
    ] {
        let server = Server::start([Answer::stream([first], Then::Hold)]).await;

        let steps = check(&server.url("/events")).await;

        let names: Vec<StepName> = steps.iter().map(|step| step.step).collect();
        assert_eq!(names, PLAIN);
        assert!(steps.iter().all(|step| step.ok && step.fix.is_none()));
        assert_eq!(steps[4].detail, words);
        assert_eq!(server.seen().len(), 1, "one request is made");
    }
}

#[tokio::test]
async fn a_silent_stream_is_fine_and_says_so_after_the_wait() {
    let server = Server::start([Answer::stream([""], Then::Hold)]).await;

    let steps = check(&server.url("/")).await;

    let last = steps.last().unwrap();
    assert!(last.ok);
    assert!(last.ms >= 300, "{last:?}");
    assert!(last.detail.contains("no byte within 0.3 s"), "{last:?}");
}

#[tokio::test]
async fn each_answer_that_is_no_stream_fails_its_own_step_with_its_cause() {
    use CauseCode as C;
    let html = Answer::stream(["<html>"], Then::Eof).header("Content-Type", "text/html");
    let gzip = Answer::stream(["\u{1f}"], Then::Eof).header("Content-Encoding", "gzip");
    let closed = Answer::stream([""], Then::Eof);
    let circle = Answer::status(302).header("Location", "/again");
    for (answer, steps_told, code) in [
        (Answer::status(401), 3, C::Unauthorized),
        (Answer::status(403), 3, C::Forbidden),
        (Answer::status(404), 3, C::NotFound),
        (Answer::status(204), 3, C::ServerStop),
        (Answer::status(429), 3, C::TryLater),
        (Answer::status(502), 3, C::ServerError),
        (Answer::status(405), 3, C::UnexpectedStatus),
        (circle, 3, C::BadRedirect),
        (html, 4, C::NotEventStream),
        (gzip, 4, C::ContentEncoding),
        (closed, 5, C::Closed),
    ] {
        let server = Server::start([answer]).await;

        let steps = check(&server.url("/")).await;

        let (names, found, _) = failure(&steps);
        assert_eq!(found, code);
        assert_eq!(names, PLAIN[..steps_told]);
    }
}

#[tokio::test]
async fn what_to_do_about_a_401_depends_on_whether_a_token_was_sent() {
    let server = Server::start([Answer::status(401)]).await;
    let token = ("Authorization".to_owned(), Secret::new("Bearer t".into()));

    let without = check(&server.url("/")).await;
    let with = steps(&source(&server.url("/")), vec![token]).await;

    assert!(without[2].fix.as_ref().unwrap().starts_with("add"));
    assert!(with[2].fix.as_ref().unwrap().starts_with("replace"));
}

#[tokio::test]
async fn a_redirect_to_another_origin_never_sees_the_secret() {
    let other = Server::start([Answer::stream(["data: a\n\n"], Then::Hold)]).await;
    let server = Server::start([Answer::status(307).header("Location", &other.url("/"))]).await;
    let token = ("X-Token".to_owned(), Secret::new("hunter2".into()));

    let steps = steps(&source(&server.url("/")), vec![token]).await;

    let (_, code, detail) = failure(&steps);
    assert_eq!(code, CauseCode::RedirectRefused);
    assert!(!detail.contains("hunter2"));
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn a_port_where_nobody_listens_fails_to_connect() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);

    let (names, code, _) = failure(&check(&format!("http://{address}/")).await);

    assert_eq!(names, [StepName::Resolve, StepName::Connect]);
    assert_eq!(code, CauseCode::Refused);
}

#[tokio::test]
async fn a_host_that_does_not_exist_fails_to_resolve() {
    let (names, code, detail) = failure(&check("https://nowhere.invalid/events").await);

    assert_eq!(names, [StepName::Resolve]);
    assert_eq!(code, CauseCode::Dns);
    assert!(detail.contains("nowhere.invalid"), "{detail}");
}

#[tokio::test]
async fn a_secret_over_cleartext_is_refused_before_anything_is_sent() {
    let config = source("http://192.0.2.1/");
    let token = ("X-Token".to_owned(), Secret::new("hunter2".into()));
    let clock = || Timestamp::UNIX_EPOCH;

    let refused = Probe::new(&config, config.url.clone(), &vec![token], PATIENCE, clock);

    assert_eq!(refused.unwrap_err().code, Code::CleartextSecret);
}

/// A certificate authority of the test's own, and what it signs.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: NamedTempFile,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let mut pem = NamedTempFile::new().unwrap();
        pem.write_all(certificate.pem().as_bytes()).unwrap();
        let issuer = Issuer::new(params, key);
        Self { issuer, pem }
    }

    fn acceptor(&self, host: &str, expires_in: i32) -> TlsAcceptor {
        let mut params = CertificateParams::new([host.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(expires_in, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }

    fn path(&self) -> String {
        self.pem.path().to_string_lossy().into_owned()
    }
}

/// Serves an event stream over TLS; returns its port.
async fn serve_tls(acceptor: TlsAcceptor) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    #[expect(clippy::disallowed_methods, reason = "a test's own server")]
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let _ = answer_tls(&acceptor, socket).await;
        }
    });
    port
}

async fn answer_tls(acceptor: &TlsAcceptor, socket: TcpStream) -> std::io::Result<()> {
    let mut stream = acceptor.accept(socket).await?;
    let _ = stream.read(&mut [0; 4096]).await?;
    let answer = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: a\n\n";
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

#[tokio::test]
async fn tls_passes_with_the_sources_own_authority_and_is_told_as_a_step() {
    let authority = Authority::new();
    let port = serve_tls(authority.acceptor("localhost", 2100)).await;
    let mut config = source(&format!("https://localhost:{port}/"));
    config.ca_cert = Some(authority.path());

    let steps = steps(&config, Headers::new()).await;

    assert!(steps.iter().all(|step| step.ok), "{steps:?}");
    assert_eq!(steps[2].step, StepName::Tls);
    assert_eq!(steps.len(), 6);
}

#[tokio::test]
async fn b57_each_wrong_certificate_fails_the_tls_step_in_its_own_words() {
    let (good, other) = (Authority::new(), Authority::new());
    for (acceptor, ca, words) in [
        (good.acceptor("localhost", 2100), None, "unknown authority"),
        (
            good.acceptor("localhost", 2100),
            Some(other.path()),
            "another authority",
        ),
        (
            good.acceptor("localhost", 2021),
            Some(good.path()),
            "expired",
        ),
        (
            good.acceptor("other.test", 2100),
            Some(good.path()),
            "another host name",
        ),
    ] {
        let port = serve_tls(acceptor).await;
        let mut config = source(&format!("https://localhost:{port}/"));
        config.ca_cert = ca;

        let (names, code, detail) = failure(&steps(&config, Headers::new()).await);

        assert_eq!(
            names,
            [StepName::Resolve, StepName::Connect, StepName::Tls],
            "{detail}"
        );
        assert_eq!(code, CauseCode::Tls);
        assert!(detail.contains(words), "{detail}");
    }
}

#[tokio::test]
async fn https_to_a_plain_port_and_http_to_a_tls_port_are_told_apart() {
    let plain = Server::start([Answer::stream(["data: a\n\n"], Then::Hold)]).await;
    let plain_port = plain.url("/").replace("http://", "https://");
    let authority = Authority::new();
    let tls_port = serve_tls(authority.acceptor("localhost", 2100)).await;

    let to_plain = failure(&check(&plain_port).await);
    let to_tls = failure(&check(&format!("http://localhost:{tls_port}/")).await);

    assert_eq!(to_plain.0[2..], [StepName::Tls]);
    assert_eq!(to_tls.0[2..], [StepName::Response]);
    assert_eq!(to_tls.1, CauseCode::Protocol);
}

#[tokio::test]
async fn a_proxy_is_resolved_and_connected_in_the_place_of_the_server() {
    let proxy = Server::start([Answer::stream(["data: a\n\n"], Then::Hold)]).await;
    let mut config = source("http://server.invalid/events");
    config.proxy = Some(proxy.url("").parse().unwrap());

    let steps = steps(&config, Headers::new()).await;

    assert!(steps.iter().all(|step| step.ok), "{steps:?}");
    assert!(steps[0].detail.contains("the proxy"));
    assert_eq!(proxy.seen()[0].target, "http://server.invalid/events");
}

#[tokio::test]
async fn a_proxy_that_lets_nobody_through_is_told_as_the_proxys_fault() {
    let proxy = Server::start([Answer::status(403)]).await;
    let mut config = source("https://server.invalid/events");
    config.proxy = Some(proxy.url("").parse().unwrap());

    let steps = steps(&config, Headers::new()).await;

    let (names, code, detail) = failure(&steps);
    assert_eq!(names, [StepName::Resolve, StepName::Connect, StepName::Tls]);
    assert_eq!(code, CauseCode::Unreachable, "{detail}");
    assert!(steps[2].fix.as_ref().unwrap().contains("proxy"), "{detail}");
}

#[tokio::test]
async fn an_ipv6_address_needs_no_name() {
    let Ok(listener) = TcpListener::bind("[::1]:0").await else {
        // A machine without IPv6 has nothing to show here.
        return;
    };
    let address = listener.local_addr().unwrap();

    let url = format!("http://{address}/");
    let steps = tokio::select! {
        steps = check(&url) => steps,
        () = async { loop { drop(listener.accept().await) } } => Vec::new(),
    };

    assert_eq!(steps[0].detail, "::1 is an address");
    assert_eq!(steps[0].address, None);
    assert_eq!(steps[1].address, Some(address.to_string()));
    assert!(steps[1].ok && !steps[2].ok, "{steps:?}");
}

#[test]
fn a_step_on_the_wire_has_the_documented_names() {
    let step = Step {
        step: StepName::FirstBytes,
        ok: true,
        ms: 12,
        detail: "an event came".into(),
        address: None,
        fix: None,
        cause: None,
    };

    assert_eq!(
        serde_json::to_value(step).unwrap(),
        serde_json::json!({"step": "first_bytes", "ok": true, "ms": 12,
            "detail": "an event came", "address": null, "fix": null, "cause": null})
    );
}
