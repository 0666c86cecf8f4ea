//! From a server's event to the notification service: how long it takes and what it costs, with
//! the history committed first and the storm's limits lifted. Beside it the same for `curl` and
//! `notify-send`, and what the machine itself asks for: a bare client that does no more than read,
//! commit one row and call, one after the other. Server and service are here, each client is a
//! process of its own.
//!
//! "No toast": where the service falls 256 toasts behind, further events are counted in a digest.
#![cfg(all(unix, not(target_os = "macos")))]
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark prints, and fails loudly"
)]
#![expect(
    clippy::unused_self,
    clippy::used_underscore_binding,
    reason = "the methods of the service are the specification's"
)]

#[path = "../../../tests/support/notification_daemon.rs"]
#[expect(dead_code, reason = "a bus and a way to wait are taken from it")]
mod notification_daemon;

use std::{
    collections::HashMap,
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use notification_daemon::{Bus, PATH, SERVICE};
use tidings_core::{
    delivery::{self, storm::Limits},
    engine::{Engine, Parts},
    history::History,
    model::Timestamp,
    secrets::SessionSecrets,
    settings::{MemoryStore, Settings, SettingsOwner},
    source::{SourceConfig, suspend::asleep},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    time::{Instant, interval, sleep, timeout},
};
use zbus::connection::Builder;

/// Events each second, and how many of them.
const RATES: [(u64, usize); 3] = [(20, 200), (100, 1_000), (1_000, 5_000)];
/// More than that `notify-send` cannot show in the time one has.
const SLOW_MOST: usize = 1_000;
/// How long the last toasts may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a tick of `/proc/<pid>/stat` is worth (`getconf CLK_TCK` is 100 wherever Linux runs).
const TICK: Duration = Duration::from_millis(10);
const CLIENT: &str = "TIDINGS_BENCH_CLIENT";

/// Who shows the events.
#[derive(Clone, Copy, PartialEq)]
enum Who {
    Tidings,
    Bare,
    Shell,
}

const CLIENTS: [(Who, &str); 3] = [
    (Who::Tidings, "tidings"),
    (Who::Bare, "bare: row and call"),
    (Who::Shell, "curl + notify-send"),
];

#[expect(clippy::disallowed_methods, reason = "a benchmark is its own engine")]
fn spawn(future: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(future);
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    match std::env::var(CLIENT) {
        Ok(given) => {
            let words: Vec<&str> = given.split(' ').collect();
            let &[who, address, bus, dir] = words.as_slice() else {
                return;
            };
            if who == "bare" {
                runtime.block_on(bare(address, bus, dir.as_ref()));
            } else {
                runtime.block_on(client(address, bus, dir.as_ref()));
            }
        }
        Err(_) => runtime.block_on(compare()),
    }
}

// --- the client ---

/// The whole engine, without a window, until its input ends.
async fn client(address: &str, bus: &str, dir: &Path) {
    let url = format!("http://{address}/events");
    let settings = Settings {
        sources: vec![SourceConfig::new("bench", url.parse().unwrap())],
        ..Settings::default()
    };
    let engine = Engine::start(Parts {
        settings: SettingsOwner::new(settings, Arc::new(MemoryStore)),
        secrets: Arc::new(SessionSecrets::default()),
        history: History::open(dir).unwrap(),
        toasts: delivery::Options {
            limits: Limits::lifted(),
            bus: Some(bus.to_owned()),
            ..delivery::Options::default()
        },
        words: |_| delivery::Words::default(),
        #[expect(clippy::disallowed_methods, reason = "the program's edge")]
        clock: Timestamp::now,
        asleep,
        troubles: Vec::new(),
    })
    .await
    .unwrap();
    let ended = tokio::task::spawn_blocking(|| std::io::read_to_string(std::io::stdin()));
    let _ = ended.await;
    engine.stop().await;
}

/// What no client that keeps its promise can do without.
async fn bare(address: &str, bus: &str, dir: &Path) {
    let rows = rows(dir);
    let service = Builder::address(bus).unwrap().build().await.unwrap();
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut lines = BufReader::new(socket).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(data) = line.strip_prefix("data: ") {
            store(&rows, data);
            show(&service, data).await;
        }
    }
}

/// A table that commits as durably as the history does.
fn rows(dir: &Path) -> rusqlite::Connection {
    let rows = rusqlite::Connection::open(dir.join("bare.db")).unwrap();
    rows.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE row (data TEXT NOT NULL);",
    )
    .unwrap();
    rows
}

fn store(rows: &rusqlite::Connection, data: &str) {
    let mut insert = rows.prepare_cached("INSERT INTO row VALUES (?1)").unwrap();
    insert.execute([data]).unwrap();
}

async fn show(service: &zbus::Connection, summary: &str) {
    let none: Vec<&str> = Vec::new();
    let hints: HashMap<&str, zbus::zvariant::Value<'_>> = HashMap::new();
    let toast = ("bare", 0_u32, "", summary, "", none, hints, -1_i32);
    let notify = service.call_method(Some(SERVICE), PATH, Some(SERVICE), "Notify", &toast);
    notify.await.unwrap();
}

// --- the notification service ---

#[derive(Clone, Default)]
struct Service(Arc<Mutex<HashMap<String, Instant>>>);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Service {
    #[expect(clippy::too_many_arguments, reason = "the specification's")]
    fn notify(
        &self,
        _app: String,
        _replaces: u32,
        _icon: String,
        summary: String,
        _body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, zbus::zvariant::OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        let mut seen = self.0.lock().unwrap();
        seen.insert(summary, Instant::now());
        u32::try_from(seen.len()).unwrap()
    }

    fn close_notification(&self, _id: u32) {}

    fn get_capabilities(&self) -> Vec<String> {
        ["actions", "body"].map(str::to_owned).into()
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        ["bench", "Tidings", "1", "1.2"].map(str::to_owned).into()
    }
}

// --- the comparison ---

async fn compare() {
    let dir = tempfile::tempdir().unwrap();
    let bus = Bus::start(dir.path());
    let service = Service::default();
    let _connection = Builder::address(bus.address.as_str())
        .and_then(|builder| builder.serve_at(PATH, service.clone())?.name(SERVICE))
        .unwrap()
        .build()
        .await
        .unwrap();
    println!("event to Notify, history committed first, storm limits lifted\n");
    floors(&bus, dir.path()).await;
    println!(
        "{:<20} {:>8} {:>7} {:>9} {:>9} {:>9} {:>8} {:>12}",
        "client", "events/s", "events", "p50 ms", "p99 ms", "max ms", "no toast", "CPU ms/toast"
    );
    for (rate, events) in RATES {
        for (who, name) in CLIENTS {
            let slow = who == Who::Shell;
            let events = if slow { events.min(SLOW_MOST) } else { events };
            service.0.lock().unwrap().clear();
            let (sent, ticks) = run(&bus, &service, who, rate, events).await;
            print_row(&service, name, rate, &sent, ticks);
        }
    }
}

/// What the disk and the bus take on their own: a row made durable, a call answered.
async fn floors(bus: &Bus, dir: &Path) {
    let (rows, service) = (rows(dir), bus.connect().await);
    let (mut commits, mut calls) = (Vec::new(), Vec::new());
    let mut pace = interval(Duration::from_millis(10));
    for _ in 0..500 {
        pace.tick().await;
        let begun = Instant::now();
        store(&rows, "event");
        let committed = Instant::now();
        show(&service, "event").await;
        commits.push(ms(committed - begun));
        calls.push(ms(committed.elapsed()));
    }
    for (what, mut took) in [("one row, durable", commits), ("one call, answered", calls)] {
        took.sort_by(f64::total_cmp);
        println!(
            "{what:<20} at 100/s: p50 {:.2} ms, p99 {:.2} ms",
            part(&took, 50),
            part(&took, 99)
        );
    }
    println!();
}

/// Shows the events with a client; when each was written, and the ticks of CPU they took.
async fn run(
    bus: &Bus,
    service: &Service,
    who: Who,
    rate: u64,
    events: usize,
) -> (Vec<Instant>, u64) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let home = tempfile::tempdir().unwrap();
    let slow = who == Who::Shell;
    let mut command = if slow {
        let url = format!("http://{address}/events");
        let mut command = Command::new("bash");
        // -N: as it comes. The shell starts one notify-send after the other, as people write it.
        let script = r#"curl -sN "$1" | while IFS= read -r line; do
            case $line in data:*) notify-send -- "${line#data: }";; esac; done"#;
        command.args(["-c", script, "bash", &url]);
        command.env("DBUS_SESSION_BUS_ADDRESS", &bus.address);
        command
    } else {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let home = home.path().display();
        let who = if who == Who::Bare { "bare" } else { "tidings" };
        command.env(CLIENT, format!("{who} {address} {} {home}", bus.address));
        command
    };
    let before = children_ticks();
    let mut child = command
        .stdin(Stdio::piped())
        .spawn()
        .expect("the client starts");
    let (socket, _) = timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
    let started = own_ticks(&child);
    let sent = serve(socket, rate, events).await;
    let waited = async {
        while service.0.lock().unwrap().len() < events {
            sleep(Duration::from_millis(20)).await;
        }
    };
    let _ = timeout(PATIENCE, waited).await;
    let ticks = own_ticks(&child) - started;
    drop(child.stdin.take());
    if who != Who::Tidings {
        // Its stream has ended, and so will it.
        let ended = async {
            while child.try_wait().unwrap().is_none() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        if timeout(PATIENCE, ended).await.is_err() {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    let ticks = if slow {
        children_ticks() - before
    } else {
        ticks
    };
    (sent, ticks)
}

/// Writes the events at their pace and says when each was written; the stream ends with them.
async fn serve(mut socket: TcpStream, rate: u64, events: usize) -> Vec<Instant> {
    socket.set_nodelay(true).unwrap();
    let mut request = [0; 4096];
    let _ = socket.read(&mut request).await.unwrap();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
    socket.write_all(head.as_bytes()).await.unwrap();
    // Past the opening of the connection.
    sleep(Duration::from_secs(1)).await;
    let mut pace = interval(Duration::from_secs(1) / u32::try_from(rate).unwrap());
    let mut sent = Vec::with_capacity(events);
    for number in 0..events {
        pace.tick().await;
        let event = format!("id: {number}\ndata: event {number}\n\n");
        sent.push(Instant::now());
        socket.write_all(event.as_bytes()).await.unwrap();
    }
    spawn(async move {
        // The engine would connect again: it keeps its connection until it is stopped.
        let mut rest = [0; 64];
        let _ = timeout(Duration::from_secs(2), socket.read(&mut rest)).await;
    });
    sent
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// A percentile of what is sorted.
fn part(sorted: &[f64], percent: usize) -> f64 {
    let at = sorted.get(sorted.len() * percent / 100).or(sorted.last());
    at.copied().unwrap_or(f64::NAN)
}

fn print_row(service: &Service, name: &str, rate: u64, sent: &[Instant], ticks: u64) {
    let seen = service.0.lock().unwrap();
    let mut took: Vec<f64> = sent
        .iter()
        .enumerate()
        .filter_map(|(number, sent)| {
            let at = seen.get(&format!("event {number}"))?;
            Some(ms(*at - *sent))
        })
        .collect();
    took.sort_by(f64::total_cmp);
    let toasts = u32::try_from(took.len().max(1)).unwrap();
    let cpu = ms(TICK) * f64::from(u32::try_from(ticks).unwrap());
    println!(
        "{name:<20} {rate:>8} {:>7} {:>9.2} {:>9.2} {:>9.2} {:>8} {:>12.2}",
        sent.len(),
        part(&took, 50),
        part(&took, 99),
        part(&took, 100),
        sent.len() - took.len(),
        cpu / f64::from(toasts)
    );
}

/// CPU time of a process.
fn own_ticks(child: &Child) -> u64 {
    ticks(&format!("/proc/{}/stat", child.id()), 11)
}

/// CPU time of all our children that have ended, and of theirs.
fn children_ticks() -> u64 {
    ticks("/proc/self/stat", 13)
}

/// Two fields of proc(5) behind the name of the program: user and system time.
fn ticks(path: &str, from: usize) -> u64 {
    let stat = fs::read_to_string(path).unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    let times = fields.skip(from).take(2);
    times.filter_map(|field| field.parse::<u64>().ok()).sum()
}
