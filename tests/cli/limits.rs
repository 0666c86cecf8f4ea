//! A machine that gives too little: few open files, little memory.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use tidings_core::{
    data_dir::DataDir,
    model::Timestamp,
    settings::{FileStore, SettingsFiles, SettingsStore as _},
    source::SourceConfig,
};

use crate::program::{Program, Running};

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
/// A tenth of a second apart: a machine may be busy with other things.
const TRIES: u32 = 1800;

/// A server that answers each connection by this, and how many connections it has.
fn serve(
    answer: impl Fn(&mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/events", listener.local_addr().unwrap());
    let open = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&open);
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (counted, answer) = (Arc::clone(&counted), Arc::clone(&answer));
            thread::spawn(move || {
                let mut stream = stream.unwrap();
                let mut request = [0; 4096];
                let _ = stream.read(&mut request);
                counted.fetch_add(1, Ordering::SeqCst);
                let _ = stream.write_all(HEAD.as_bytes());
                let _ = answer(&mut stream);
                // Until the other side goes.
                while stream.read(&mut request).is_ok_and(|read| read > 0) {}
                counted.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    (url, open)
}

fn with_sources(program: &Program, count: usize, url: &str) {
    let dir = DataDir::open(Some(&program.data_dir())).unwrap();
    let lock = dir.lock("a test").unwrap();
    let (files, opened) = SettingsFiles::open(&lock, Timestamp::UNIX_EPOCH);
    let mut settings = opened.settings;
    settings.generation += 1;
    settings.sources = (0..count)
        .map(|n| SourceConfig::new(format!("s{n}"), url.parse().unwrap()))
        .collect();
    FileStore::new(Arc::new(files)).save(&settings).unwrap();
}

fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..TRIES {
        if done() {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("not in time: {what}");
}

fn prlimit(running: &Running, limit: &str) {
    let id = running.id().to_string();
    let set = Command::new("prlimit").args(["--pid", &id, limit]).status();
    assert!(set.unwrap().success());
}

#[test]
fn f25_too_few_open_files_cost_waits_no_end_and_no_storm_of_words() {
    const SOURCES: usize = 80;
    let program = Program::new();
    let (url, open) = serve(|stream| stream.write_all(b"data: x\n\n"));
    with_sources(&program, SOURCES, &url);

    let mut running = program.start_limited("ulimit -S -n 64", &["run"]);
    wait_for("as many connect as there are files for", || {
        open.load(Ordering::SeqCst) >= 20
    });
    let said = running.err.try_iter().count();
    thread::sleep(Duration::from_secs(3));
    let more = running.err.try_iter().count();

    assert!(open.load(Ordering::SeqCst) < SOURCES);
    assert!(running.is_running(), "it goes on with what it has");
    assert!(said + more < 20 * SOURCES, "{said} and {more} lines");

    prlimit(&running, "--nofile=512:");
    wait_for("all connect once they can", || {
        open.load(Ordering::SeqCst) == SOURCES
    });
    assert_eq!(running.signal("TERM"), Some(0));
}

#[test]
fn f26_little_memory_is_enough_for_a_line_that_is_larger_than_it() {
    const LIMIT_MIB: usize = 448;
    let program = Program::new();
    let (url, _) = serve(|stream| {
        let chunk = vec![b'x'; 1 << 20];
        stream.write_all(b"data: ")?;
        for _ in 0..LIMIT_MIB + 64 {
            stream.write_all(&chunk)?;
        }
        stream.write_all(b"\n\nid: after\ndata: after\n\n")
    });
    with_sources(&program, 1, &url);

    let limit = format!("ulimit -v {}", LIMIT_MIB * 1024);
    let mut running = program.start_limited(&limit, &["run"]);
    wait_for("what follows the line is stored", || {
        assert!(running.is_running(), "it ended");
        let seen = program.run(&["history", "--json", "--limit", "5"]);
        seen.out.contains("\"after\"")
    });

    assert_eq!(running.signal("TERM"), Some(0));
}

#[test]
fn without_any_authority_on_the_system_a_stream_over_http_is_received() {
    let program = Program::new();
    let (url, _) = serve(|stream| stream.write_all(b"data: x\n\n"));

    let ran = program
        .command(&["tail", &url, "--max-events", "1", "--json"])
        .env("SSL_CERT_FILE", "/dev/null")
        .env("SSL_CERT_DIR", "/nonexistent")
        .output()
        .unwrap();

    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
}
