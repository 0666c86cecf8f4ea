//! A server that behaves as badly as its URL asks for: raw TCP on loopback, every byte and every
//! silence under the test's control. What each path does is said at its arm in `answer`.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{oneshot, watch},
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep},
};
use url::Url;

const PIECE: usize = 64 * 1024;

/// How every live connection to `/events` ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// A clean end.
    Clean,
    /// A reset.
    Abort,
    /// Neither a byte nor an end any more: a half-open connection.
    Silent,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Path and query.
    pub target: String,
    pub headers: BTreeMap<String, String>,
    pub at: Instant,
}

impl Asked {
    pub fn cursor(&self) -> Option<&str> {
        self.headers.get("last-event-id").map(String::as_str)
    }
}

/// What `/events` serves: numbered from 1, the first of them perhaps forgotten.
#[derive(Debug, Default)]
struct Log {
    forgotten: usize,
    events: Vec<String>,
}

#[derive(Debug)]
struct State {
    log: Mutex<Log>,
    asked: Mutex<Vec<Asked>>,
    news: watch::Sender<()>,
    cut: watch::Sender<Option<Cut>>,
}

/// The server; it stops when dropped, and can start again on the same port.
#[derive(Debug)]
pub struct Chaos {
    address: SocketAddr,
    state: Arc<State>,
    /// Ends the listener when it is dropped, and the listener's task with its connections.
    listening: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Chaos {
    pub async fn start() -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap()).await
    }

    pub async fn start_at(address: SocketAddr) -> Self {
        let state = Arc::new(State {
            log: Mutex::default(),
            asked: Mutex::default(),
            news: watch::Sender::new(()),
            cut: watch::Sender::new(None),
        });
        let mut chaos = Self {
            address,
            state,
            listening: None,
        };
        chaos.resume().await;
        chaos
    }

    /// Nobody listens any more and every connection is closed when this returns.
    pub async fn stop(&mut self) {
        if let Some((stop, task)) = self.listening.take() {
            drop(stop);
            task.await.unwrap();
        }
    }

    /// Listens again where it listened before.
    pub async fn resume(&mut self) {
        let listener = loop {
            match TcpListener::bind(self.address).await {
                Ok(listener) => break listener,
                Err(_) => sleep(Duration::from_millis(5)).await,
            }
        };
        self.address = listener.local_addr().unwrap();
        let state = Arc::clone(&self.state);
        let (stop, mut stopped) = oneshot::channel();
        #[expect(clippy::disallowed_methods, reason = "a test's own server")]
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    _ = &mut stopped => break,
                    accepted = listener.accept() => if let Ok((socket, _)) = accepted {
                        connections.spawn(serve(socket, Arc::clone(&state)));
                    },
                    Some(_) = connections.join_next() => {}
                }
            }
            connections.shutdown().await;
        });
        self.listening = Some((stop, task));
    }

    pub fn url(&self, target: &str) -> Url {
        format!("http://{}{target}", self.address).parse().unwrap()
    }

    /// Serves one more event under `/events`; its number, which is its ID.
    pub fn publish(&self, data: impl Into<String>) -> usize {
        let mut log = self.state.log.lock().unwrap();
        log.events.push(data.into());
        let number = log.events.len();
        drop(log);
        self.state.news.send_replace(());
        number
    }

    /// What `/events` was asked to serve so far, oldest first.
    pub fn published(&self) -> Vec<String> {
        self.state.log.lock().unwrap().events.clone()
    }

    /// Forgets all but the last `keep` events.
    pub fn forget_all_but(&self, keep: usize) {
        let mut log = self.state.log.lock().unwrap();
        log.forgotten = log.events.len().saturating_sub(keep);
    }

    /// Ends every live connection to `/events`.
    pub fn cut(&self, how: Cut) {
        self.state.cut.send_replace(Some(how));
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().unwrap().clone()
    }

    /// Waits until it was asked this often, at most 30 s.
    pub async fn asked_times(&self, times: usize) -> Vec<Asked> {
        for _ in 0..6000 {
            let asked = self.asked();
            if asked.len() >= times {
                return asked;
            }
            sleep(Duration::from_millis(5)).await;
        }
        panic!("asked {} times, not {times}", self.asked().len());
    }
}

/// What the query of a target says.
struct Query(BTreeMap<String, String>);

impl Query {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn number(&self, name: &str, default: usize) -> usize {
        self.text(name)
            .map_or(default, |text| text.parse().unwrap())
    }

    fn millis(&self, name: &str, default: u64) -> Duration {
        Duration::from_millis(u64::try_from(self.number(name, 0)).unwrap().max(default))
    }
}

async fn serve(mut socket: TcpStream, state: Arc<State>) {
    socket.set_nodelay(true).unwrap();
    if let Some(asked) = read_request(&mut socket).await {
        state.asked.lock().unwrap().push(asked.clone());
        let _ = answer(&mut socket, &asked, &state).await;
    }
}

#[expect(clippy::too_many_lines, reason = "one short arm for each path")]
async fn answer(socket: &mut TcpStream, asked: &Asked, state: &State) -> std::io::Result<()> {
    let target = Url::parse(&format!("http://chaos{}", asked.target)).unwrap();
    let query = Query(target.query_pairs().into_owned().collect());
    let cursor = asked.cursor().or(query.text("since"));
    match target.path() {
        // Numbered events with replay after the cursor, or from the first one kept where the
        // cursor is unknown. `overlap`: how many before it come again, too.
        "/events" => return events(socket, cursor, &query, state).await,
        // As a handler without ids behaves in NestJS: each connection numbers from 1, one and
        // the same payload every `every` ms, the end after `count`.
        "/nest" => {
            head(socket, "").await?;
            socket.write_all(b"\n").await?;
            for number in 1..=query.number("count", usize::MAX) {
                sleep(query.millis("every", 1)).await;
                let event = format!("event: message\nid: {number}\ndata: {{\"ok\":true}}\n\n");
                socket.write_all(event.as_bytes()).await?;
            }
        }
        // One event, then a byte of the next every second divided by `bps`.
        "/drip" => {
            head(socket, "").await?;
            socket.write_all(b"data: first\n\ndata: ").await?;
            let pause = Duration::from_secs(1) / u32::try_from(query.number("bps", 1)).unwrap();
            loop {
                sleep(pause).await;
                socket.write_all(b"x").await?;
            }
        }
        // The head itself, a byte a second.
        "/drip-head" => {
            for byte in b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX: ".repeat(100) {
                sleep(Duration::from_secs(1)).await;
                socket.write_all(&[byte]).await?;
            }
        }
        // A line of `mib` MiB, its end, and an event after it.
        "/infinite-line" => {
            head(socket, "").await?;
            socket.write_all(b"id: 1\ndata: ").await?;
            repeat(socket, b"x", query.number("mib", 1024) * 1024 * 1024).await?;
            socket.write_all(b"\n\nid: 2\ndata: after\n\n").await?;
            std::future::pending::<()>().await;
        }
        // `mib` MiB of lines that carry nothing.
        "/comments" => {
            head(socket, "").await?;
            repeat(socket, b":\n", query.number("mib", 64) * 1024 * 1024).await?;
            socket.write_all(b"data: after\n\n").await?;
            std::future::pending::<()>().await;
        }
        // One event of `lines` lines.
        "/big" => {
            head(socket, "").await?;
            let line: &[u8] = query
                .text("line")
                .unwrap_or("data: 0123456789\n")
                .as_bytes();
            repeat(socket, line, query.number("lines", 100_000) * line.len()).await?;
            socket.write_all(b"\ndata: after\n\n").await?;
            std::future::pending::<()>().await;
        }
        // One event, then neither a byte nor an end.
        "/half-open" => {
            head(socket, "").await?;
            socket.write_all(b"id: 1\ndata: hello\n\n").await?;
            std::future::pending::<()>().await;
        }
        // `n` events, then a reset.
        "/rst-after" => {
            head(socket, "").await?;
            for number in 1..=query.number("n", 0) {
                let event = format!("id: {number}\ndata: {number}\n\n");
                socket.write_all(event.as_bytes()).await?;
            }
            return reset(socket).await;
        }
        // `n` numbered events, from after the cursor, and a reset after `bytes` bytes of them.
        "/rst-within" => {
            head(socket, "").await?;
            let sent: usize = cursor.and_then(|id| id.parse().ok()).unwrap_or(0);
            let mut piece = String::new();
            for number in sent + 1..=query.number("n", 0) {
                let _ = write!(piece, "id: {number}\ndata: {number}\n\n");
            }
            piece.truncate(query.number("bytes", 0));
            socket.write_all(piece.as_bytes()).await?;
            return reset(socket).await;
        }
        // `n` numbered events as fast as they are read, from after the cursor.
        "/flood" => {
            head(socket, "").await?;
            let sent: usize = cursor.and_then(|id| id.parse().ok()).unwrap_or(0);
            let mut piece = Vec::new();
            for number in sent + 1..=query.number("n", 1000) {
                piece.extend_from_slice(format!("id: {number}\ndata: e{number}\n\n").as_bytes());
                if piece.len() >= PIECE {
                    socket.write_all(&piece).await?;
                    piece.clear();
                }
            }
            socket.write_all(&piece).await?;
            std::future::pending::<()>().await;
        }
        "/bad-utf8" => {
            head(socket, "").await?;
            socket
                .write_all(b": \xff\xfe\nevent: \xc3(\ndata: a\xf0\x9f\nid: 1\n\ndata: after\n\n")
                .await?;
            std::future::pending::<()>().await;
        }
        "/captive" => {
            let page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\ndata: <html>log in\n\n";
            socket.write_all(page).await?;
        }
        "/redirect" => {
            let status = query.number("status", 302);
            let to = query.text("to").unwrap_or_default();
            let page = format!("HTTP/1.1 {status} Moved\r\nLocation: {to}\r\n\r\n");
            socket.write_all(page.as_bytes()).await?;
        }
        "/gzip-bomb" => {
            let encoding = query.text("as").unwrap_or("gzip");
            head(socket, &format!("Content-Encoding: {encoding}\r\n")).await?;
            repeat(socket, &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0], 1 << 30).await?;
        }
        // Sizes that are not those of the chunks.
        "/chunked-lie" => {
            head(socket, "Transfer-Encoding: chunked\r\n").await?;
            socket.write_all(b"d\r\ndata: first\n\n\r\n").await?;
            let lie: &[u8] = match query.text("kind") {
                Some("negative") => b"-5\r\ndata: x\n\n\r\n",
                Some("huge") => b"fffffffffffffffff\r\ndata: x\n\n\r\n",
                Some("short") => b"3\r\ndata: x\n\n\r\n",
                _ => b"zz\r\ndata: x\n\n\r\n",
            };
            socket.write_all(lie).await?;
            std::future::pending::<()>().await;
        }
        // `n` header lines of `bytes` bytes.
        "/headers" => {
            socket.write_all(b"HTTP/1.1 200 OK\r\n").await?;
            let value = "v".repeat(query.number("bytes", 1));
            for number in 0..query.number("n", 0) {
                let name = query.text("name").unwrap_or("X-Header");
                let line = format!("{name}-{number}: {value}\r\n");
                socket.write_all(line.as_bytes()).await?;
            }
            socket
                .write_all(b"Content-Type: text/event-stream\r\n\r\ndata: hello\n\n")
                .await?;
            std::future::pending::<()>().await;
        }
        "/cookies" => {
            head(socket, "Set-Cookie: a=b\r\nSet-Cookie: session=1\r\n").await?;
            socket.write_all(b"data: hello\n\n").await?;
        }
        "/accept-then-close" => {}
        "/hang" => std::future::pending().await,
        path => {
            // `/status/429?retry-after=3`
            let status = path.strip_prefix("/status/").unwrap_or("404");
            let retry = query
                .text("retry-after")
                .map(|value| format!("Retry-After: {value}\r\n"))
                .unwrap_or_default();
            let page = format!(
                "HTTP/1.1 {status} So\r\n{retry}WWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"
            );
            socket.write_all(page.as_bytes()).await?;
        }
    }
    socket.shutdown().await
}

async fn events(
    socket: &mut TcpStream,
    cursor: Option<&str>,
    query: &Query,
    state: &State,
) -> std::io::Result<()> {
    let (mut news, mut cut) = (state.news.subscribe(), state.cut.subscribe());
    head(socket, "").await?;
    let overlap = query.number("overlap", 0);
    let mut sent = match cursor.and_then(|id| id.parse::<usize>().ok()) {
        Some(id) => id.saturating_sub(overlap),
        // Who comes first hears what comes from now on, unless it asks for `all`.
        None if query.text("all").is_some() => 0,
        None => lock(&state.log).events.len(),
    };
    loop {
        let mut piece = String::new();
        {
            let log = lock(&state.log);
            sent = sent.max(log.forgotten);
            for data in log.events.iter().skip(sent) {
                sent += 1;
                let _ = write!(piece, "id: {sent}\ndata: {data}\n\n");
            }
        }
        socket.write_all(piece.as_bytes()).await?;
        tokio::select! {
            // A cut comes before whatever was published after it.
            biased;
            _ = cut.changed() => {
                let how = *cut.borrow_and_update();
                match how {
                    Some(Cut::Abort) => return reset(socket).await,
                    Some(Cut::Silent) => std::future::pending().await,
                    Some(Cut::Clean) | None => return socket.shutdown().await,
                }
            }
            _ = news.changed() => {}
            () = sleep(query.millis("heartbeat", 5000)) => socket.write_all(b":\n").await?,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

async fn head(socket: &mut TcpStream, more: &str) -> std::io::Result<()> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{more}\r\n");
    socket.write_all(head.as_bytes()).await
}

/// Lets what was written arrive, and makes the end of the connection a reset: nothing may shut it
/// down in order before it is dropped.
async fn reset(socket: &TcpStream) -> std::io::Result<()> {
    sleep(Duration::from_millis(50)).await;
    socket.set_zero_linger()
}

/// Writes `unit` again and again, `bytes` bytes in all.
async fn repeat(socket: &mut TcpStream, unit: &[u8], bytes: usize) -> std::io::Result<()> {
    let piece = unit.repeat(PIECE / unit.len() + 1);
    let whole = piece.len() - piece.len() % unit.len();
    let mut left = bytes;
    while left > 0 {
        let next = left.min(whole);
        socket.write_all(&piece[..next]).await?;
        left -= next;
    }
    Ok(())
}

async fn read_request(socket: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|four| four == b"\r\n\r\n") {
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.lines();
    let target = lines.next()?.split_whitespace().nth(1)?.to_owned();
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    Some(Asked {
        target,
        headers,
        at: Instant::now(),
    })
}
