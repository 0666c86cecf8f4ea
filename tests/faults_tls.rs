//! F8: whoever is not who the URL names gets no request, only a refusal in words. Certificates of
//! an authority of the test's own, on a real TLS server.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what supports a test fails it"
)]

mod support;
#[path = "support/tls.rs"]
mod tls;

use std::{fs, path::Path, sync::Arc, time::Duration};

use support::link::Link;
use tempfile::TempDir;
use tidings_core::source::{Cause, CauseCode, SourceConfig};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

use tls::{Authority, acceptor, authority, presenting};

/// A server with a certificate of the authority for this name, perhaps expired; its port and how
/// many requests reached it.
async fn serve(
    authority: &Authority,
    name: &str,
    expired: bool,
) -> (u16, Arc<tokio::sync::Semaphore>) {
    let answer = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: in\n\n";
    serve_answer(authority, name, expired, answer.to_owned()).await
}

async fn serve_answer(
    authority: &Authority,
    name: &str,
    expired: bool,
    answer: String,
) -> (u16, Arc<tokio::sync::Semaphore>) {
    serve_with(acceptor(authority, name, expired, &[]), answer).await
}

async fn serve_with(
    acceptor: TlsAcceptor,
    answer: impl AsRef<[u8]> + Send + 'static,
) -> (u16, Arc<tokio::sync::Semaphore>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let requests = Arc::new(tokio::sync::Semaphore::new(0));
    let reached = Arc::clone(&requests);
    #[expect(clippy::disallowed_methods, reason = "a test's own server")]
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(socket).await else {
                continue;
            };
            let mut request = [0; 4096];
            if stream.read(&mut request).await.is_ok_and(|bytes| bytes > 0) {
                reached.add_permits(1);
                let _ = stream.write_all(answer.as_ref()).await;
                let _ = stream.shutdown().await;
            }
        }
    });
    (port, requests)
}

fn config(host: &str, port: u16, ca: Option<&Path>) -> SourceConfig {
    let url = format!("https://{host}:{port}/").parse().unwrap();
    let mut config = SourceConfig::new("one", url);
    config.ca_cert = ca.map(|path| path.to_str().unwrap().to_owned());
    config
}

/// The first trouble of a source, which had a token to lose.
async fn trouble(config: SourceConfig) -> Cause {
    let mut link = Link::start_with(config, &[("Authorization", "Bearer hunter2")], "");
    link.watch(Duration::from_secs(20), |link| !link.causes().is_empty())
        .await;
    link.causes()[0].clone()
}

#[tokio::test]
async fn f08_a_certificate_that_is_not_the_hosts_is_refused_in_words_before_any_request() {
    let dir = TempDir::new().unwrap();
    let (mine, other) = (authority("mine"), authority("other"));
    let ca = dir.path().join("ca.pem");
    fs::write(&ca, mine.pem()).unwrap();
    for (name, expired, known, words) in [
        ("localhost", true, true, "has expired"),
        ("example.com", false, true, "another host name"),
        ("localhost", false, false, "unknown authority"),
    ] {
        let (port, requests) = serve(if known { &mine } else { &other }, name, expired).await;

        let cause = trouble(config("localhost", port, Some(&ca))).await;

        assert_eq!(cause.code, CauseCode::Tls, "{cause:?}");
        assert!(cause.message.contains(words), "{cause:?}");
        assert_eq!(requests.available_permits(), 0, "no header went out");
    }
    let (port, requests) = serve(&mine, "localhost", false).await;

    let without_ca = trouble(config("localhost", port, None)).await;

    assert_eq!(without_ca.code, CauseCode::Tls);
    assert!(without_ca.message.contains("unknown authority"));
    assert_eq!(requests.available_permits(), 0);
}

#[tokio::test]
async fn f08_the_private_authority_of_a_source_is_trusted_by_it_and_can_be_mended_in_place() {
    let dir = TempDir::new().unwrap();
    let (mine, other) = (authority("mine"), authority("other"));
    let ca = dir.path().join("ca.pem");
    fs::write(&ca, other.pem()).unwrap();
    let (port, _requests) = serve(&mine, "localhost", false).await;
    let mut link = Link::start(config("localhost", port, Some(&ca)));
    let seconds = Duration::from_secs(20);
    link.watch(seconds, |link| !link.causes().is_empty()).await;

    fs::write(&ca, mine.pem()).unwrap();
    link.watch(seconds, |link| !link.data().is_empty()).await;

    assert_eq!(link.codes()[0], CauseCode::Tls);
    assert_eq!(link.data()[0], "in");
}

#[tokio::test]
async fn b57_tls_before_1_2_and_sha_1_are_refused_in_words_of_their_own() {
    // What a server of TLS 1.1 answers who offers 1.2 and 1.3: the alert protocol_version (RFC
    // 5246, section 7.2.2), or a hello of its own version.
    let alert = [21, 3, 2, 0, 2, 2, 70].to_vec();
    let mut hello = [22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2].to_vec();
    hello.extend([7; 32]);
    hello.extend([0, 0xc0, 0x13, 0]);
    for answer in [alert, hello] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        #[expect(clippy::disallowed_methods, reason = "a test's own server")]
        tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let _ = socket.read(&mut [0; 4096]).await;
                let _ = socket.write_all(&answer).await;
                let _ = socket.read(&mut [0; 64]).await;
            }
        });

        let cause = trouble(config("localhost", port, None)).await;

        assert_eq!(cause.code, CauseCode::Tls, "{cause:?}");
        assert!(cause.message.contains("TLS 1.1 or older"), "{cause:?}");
    }
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/tls");
    let read = |name: &str| fs::read(made.join(name)).unwrap();
    let acceptor = presenting(
        CertificateDer::from_pem_slice(&read("sha1-leaf.pem")).unwrap(),
        PrivateKeyDer::from_pem_slice(&read("sha1-leaf.key")).unwrap(),
        &[],
    );
    let (port, requests) = serve_with(acceptor, "").await;

    let cause = trouble(config("localhost", port, Some(&made.join("sha1-ca.pem")))).await;

    assert_eq!(cause.code, CauseCode::Tls, "{cause:?}");
    assert!(cause.message.contains("SHA-1"), "{cause:?}");
    assert_eq!(requests.available_permits(), 0, "no header went out");
}

#[tokio::test]
async fn b58_the_authority_of_one_source_is_none_for_another() {
    let dir = TempDir::new().unwrap();
    let (mine, other) = (authority("mine"), authority("other"));
    let (ca, other_ca) = (dir.path().join("ca.pem"), dir.path().join("other.pem"));
    fs::write(&ca, mine.pem()).unwrap();
    fs::write(&other_ca, other.pem()).unwrap();
    let (port, _requests) = serve(&mine, "localhost", false).await;
    let mut trusting = Link::start(config("localhost", port, Some(&ca)));
    let seconds = Duration::from_secs(20);
    trusting
        .watch(seconds, |link| !link.data().is_empty())
        .await;

    for ca in [None, Some(&*other_ca)] {
        let cause = trouble(config("localhost", port, ca)).await;

        assert_eq!(cause.code, CauseCode::Tls, "{cause:?}");
    }
    assert_eq!(trusting.data()[0], "in");
}

#[tokio::test]
async fn b50_a_redirect_from_https_to_http_is_never_followed_not_even_on_the_same_host() {
    let dir = TempDir::new().unwrap();
    let mine = authority("mine");
    let ca = dir.path().join("ca.pem");
    fs::write(&ca, mine.pem()).unwrap();
    let clear = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = clear.local_addr().unwrap().port();
    let answer = format!("HTTP/1.1 302 Found\r\nLocation: http://localhost:{to}/\r\n\r\n");
    let (port, _requests) = serve_answer(&mine, "localhost", false, answer).await;

    let cause = trouble(config("localhost", port, Some(&ca))).await;

    assert_eq!(cause.code, CauseCode::RedirectRefused, "{cause:?}");
    assert!(cause.message.contains("unencrypted"), "{cause:?}");
    let knocked = tokio::time::timeout(Duration::from_millis(300), clear.accept()).await;
    assert!(knocked.is_err(), "nobody asked in the clear");
}

#[tokio::test]
async fn a_missing_certificate_file_stops_the_source_and_names_the_file() {
    let cause = trouble(config("localhost", 1, Some(Path::new("/nowhere/ca.pem")))).await;

    assert_eq!(cause.code, CauseCode::BadOption);
    assert!(cause.message.contains("/nowhere/ca.pem"));
}
