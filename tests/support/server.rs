//! A scripted HTTP server on loopback: real sockets, every byte under the test's control. Each
//! connection takes the next answer of the script; the last answer repeats.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// How a connection ends after its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// A clean end.
    Eof,
    /// A reset in the middle.
    Reset,
    /// Nothing more, for ever.
    Hold,
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    chunks: Vec<Vec<u8>>,
    pause: Duration,
    then: Then,
}

impl Answer {
    pub fn stream<B: AsRef<[u8]>>(chunks: impl IntoIterator<Item = B>, then: Then) -> Self {
        Self {
            status: 200,
            headers: vec![("Content-Type".into(), "text/event-stream".into())],
            chunks: chunks
                .into_iter()
                .map(|chunk| chunk.as_ref().to_vec())
                .collect(),
            pause: Duration::ZERO,
            then,
        }
    }

    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            chunks: Vec::new(),
            pause: Duration::ZERO,
            then: Then::Eof,
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.into(), value.into()));
        self
    }

    pub fn without_header(mut self, name: &str) -> Self {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    /// Waits this long before each chunk.
    pub fn pausing(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }
}

/// A request as it came.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub method: String,
    pub target: String,
    pub headers: BTreeMap<String, Vec<u8>>,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .and_then(|value| std::str::from_utf8(value).ok())
    }
}

/// The server; it stops when dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub async fn start(script: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let script: Vec<Answer> = script.into_iter().collect();
        let log = Arc::clone(&seen);
        #[expect(clippy::disallowed_methods, reason = "a test's own server")]
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            let mut turn = 0;
            loop {
                let Ok((socket, _)) = listener.accept().await else {
                    continue;
                };
                let answer = script[turn.min(script.len() - 1)].clone();
                turn += 1;
                connections.spawn(serve(socket, answer, Arc::clone(&log)));
            }
        });
        Self {
            address,
            seen,
            task,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn serve(mut socket: TcpStream, answer: Answer, log: Arc<Mutex<Vec<Seen>>>) {
    socket.set_nodelay(true).unwrap();
    let Some(seen) = read_request(&mut socket).await else {
        return;
    };
    log.lock().unwrap().push(seen);
    let mut head = format!(
        "HTTP/1.1 {} Scripted\r\nTransfer-Encoding: chunked\r\n",
        answer.status
    );
    if answer.status == 204 {
        "HTTP/1.1 204 No Content\r\n".clone_into(&mut head);
    }
    for (name, value) in &answer.headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.push_str("\r\n");
    if socket.write_all(head.as_bytes()).await.is_err() {
        return;
    }
    // Each chunk is one HTTP chunk: the client's HTTP library hands it over as one piece.
    for chunk in answer.chunks.iter().filter(|chunk| !chunk.is_empty()) {
        tokio::time::sleep(answer.pause).await;
        let mut framed = format!("{:x}\r\n", chunk.len()).into_bytes();
        framed.extend_from_slice(chunk);
        framed.extend_from_slice(b"\r\n");
        if socket.write_all(&framed).await.is_err() {
            return;
        }
    }
    match answer.then {
        Then::Eof => {
            let _ = socket.write_all(b"0\r\n\r\n").await;
            let _ = socket.shutdown().await;
        }
        Then::Reset => {
            // Let the body arrive before the reset throws it away.
            tokio::time::sleep(Duration::from_millis(50)).await;
            let _ = socket.set_zero_linger();
        }
        Then::Hold => std::future::pending().await,
    }
}

async fn read_request(socket: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let mut seen = Seen::default();
    let mut lines = bytes[..head].split(|&byte| byte == b'\n');
    let first = String::from_utf8_lossy(lines.next()?).into_owned();
    let mut words = first.split_whitespace();
    seen.method = words.next()?.to_owned();
    seen.target = words.next()?.to_owned();
    for line in lines {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let colon = line.iter().position(|&byte| byte == b':')?;
        let name = String::from_utf8_lossy(&line[..colon]).to_ascii_lowercase();
        seen.headers
            .insert(name, line[colon + 1..].trim_ascii().to_vec());
    }
    let length: usize = seen
        .header("content-length")
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    let mut body = bytes[head + 4..].to_vec();
    while body.len() < length {
        if socket.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    seen.body = body;
    Some(seen)
}
