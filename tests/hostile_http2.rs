//! What a hostile or careless server does with HTTP/2 frames, on a real server that speaks it.
#![expect(clippy::unwrap_used, reason = "what supports a test fails it")]

mod support;
#[path = "support/tls.rs"]
mod tls;

use std::{
    fs,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use h2::{Reason, server};
use http::Response;
use support::{link::Link, rig::LONG};
use tempfile::TempDir;
use tidings_core::source::{CauseCode, SourceConfig};
use tls::{acceptor, authority};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

/// What a connection comes to after its first event.
#[derive(Debug, Clone, Copy)]
enum Ill {
    /// DATA frames with nothing in them, as fast as they go.
    Empty,
    GoAway(Reason),
    Reset(Reason),
    /// Nothing: it lives.
    Well,
}

/// The cursor of each request, in their order.
type Asked = Arc<Mutex<Vec<Option<String>>>>;

async fn answer(acceptor: TlsAcceptor, socket: TcpStream, ill: Ill, asked: Asked) {
    let stream = acceptor.accept(socket).await.unwrap();
    let mut connection = server::handshake(stream).await.unwrap();
    let (request, mut respond) = connection.accept().await.unwrap().unwrap();
    let cursor = request.headers().get("last-event-id");
    let cursor = cursor.map(|id| id.to_str().unwrap().to_owned());
    let event = match cursor {
        None => "id: 7\ndata: before\n\n",
        Some(_) => "id: 8\ndata: after\n\n",
    };
    asked.lock().unwrap().push(cursor);
    let head = Response::builder().header("content-type", "text/event-stream");
    let mut body = respond
        .send_response(head.body(()).unwrap(), false)
        .unwrap();
    body.send_data(Bytes::from_static(event.as_bytes()), false)
        .unwrap();
    // What was said goes out while the connection is asked for more.
    let _ = timeout(Duration::from_millis(200), connection.accept()).await;
    match ill {
        Ill::Empty => {
            for _ in 0..200_000 {
                if body.send_data(Bytes::new(), false).is_err() {
                    break;
                }
            }
        }
        Ill::GoAway(reason) => connection.abrupt_shutdown(reason),
        Ill::Reset(reason) => body.send_reset(reason),
        Ill::Well => {}
    }
    while connection
        .accept()
        .await
        .is_some_and(|request| request.is_ok())
    {}
}

#[tokio::test]
async fn b56_empty_frames_goaway_and_rst_end_a_connection_and_the_next_goes_on_from_the_cursor() {
    let dir = TempDir::new().unwrap();
    let mine = authority("mine");
    let ca = dir.path().join("ca.pem");
    fs::write(&ca, mine.pem()).unwrap();
    for ill in [
        Ill::Empty,
        Ill::GoAway(Reason::NO_ERROR),
        Ill::GoAway(Reason::ENHANCE_YOUR_CALM),
        Ill::Reset(Reason::CANCEL),
        Ill::Reset(Reason::REFUSED_STREAM),
        Ill::Reset(Reason::HTTP_1_1_REQUIRED),
    ] {
        let asked = Asked::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (acceptor, noted) = (acceptor(&mine, "localhost", false, &["h2"]), asked.clone());
        #[expect(clippy::disallowed_methods, reason = "a test's own server")]
        let server = tokio::spawn(async move {
            for ill in [ill, Ill::Well] {
                let (socket, _) = listener.accept().await.unwrap();
                #[expect(clippy::disallowed_methods, reason = "a test's own server")]
                tokio::spawn(answer(acceptor.clone(), socket, ill, noted.clone()));
            }
        });
        let url = format!("https://localhost:{port}/").parse().unwrap();
        let mut config = SourceConfig::new("one", url);
        config.ca_cert = Some(ca.to_str().unwrap().to_owned());
        let mut link = Link::start(config);

        let back = link.watch(LONG, |link| link.data().len() == 2).await;

        assert!(back, "{ill:?}: {:?}", link.causes());
        assert_eq!(link.data(), ["before", "after"], "{ill:?}");
        assert_eq!(*asked.lock().unwrap(), [None, Some("7".to_owned())]);
        assert_eq!(link.codes(), [CauseCode::Broken], "{ill:?}");
        assert!(link.waits()[0] >= Duration::from_millis(100), "{ill:?}");
        server.await.unwrap();
    }
}
