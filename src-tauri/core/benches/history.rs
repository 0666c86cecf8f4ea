//! What a million events cost: to store them durably with their full-text index, to find them, to
//! page through them, to open them. Prints figures beside their goals; asserts none.
#![expect(
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "a benchmark prints, and ends where a step fails"
)]

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::ZonedDateTime;
use tidings_core::{
    history::{Arrival, History, NewEvent},
    ipc::PageRequest,
    model::{EventId, Notification, RowId, Severity, SourceId, Timestamp, Verdict},
    source::config::Dedupe,
};

const BATCH: usize = 256;
const EARLY: usize = 100_000;
const OPENED: usize = 9;

const WORDS: &[&str] = &[
    "deploy",
    "build",
    "failed",
    "passed",
    "timeout",
    "queue",
    "worker",
    "payment",
    "order",
    "invoice",
    "customer",
    "refund",
    "webhook",
    "retry",
    "cache",
    "restart",
    "backup",
    "replica",
    "latency",
    "memory",
    "disk",
    "certificate",
    "expired",
    "login",
    "session",
    "token",
    "upload",
    "download",
    "sensor",
    "door",
    "window",
    "camera",
    "motion",
    "temperature",
    "humidity",
    "alarm",
];
const KOREAN: &[&str] = &[
    "결제가",
    "신용결제",
    "실패했습니다",
    "완료되었습니다",
    "주문이",
    "환불",
    "접수",
    "배포를",
    "서버에서",
    "알림이",
    "도착했습니다",
    "거실",
    "현관문이",
    "열렸습니다",
    "온도가",
    "높습니다",
];

fn random(seed: &mut u64) -> usize {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    usize::try_from(*seed >> 33).unwrap()
}

/// About 180 bytes of text: a JSON payload with a title and a message, a third of it Korean.
fn event(number: usize, seed: &mut u64) -> NewEvent {
    let some = |words: &[&str], count: usize, seed: &mut u64| {
        let picked: Vec<&str> = (0..count)
            .map(|_| words[random(seed) % words.len()])
            .collect();
        picked.join(" ")
    };
    let (title, body) = if number.is_multiple_of(3) {
        (some(KOREAN, 3, seed), some(KOREAN, 5, seed))
    } else {
        (some(WORDS, 4, seed), some(WORDS, 11, seed))
    };
    let rare = if number.is_multiple_of(25_000) {
        " unicorn"
    } else {
        ""
    };
    let data = format!(
        "{{\"title\":\"{title}\",\"message\":\"{body}{rare}\",\"host\":\"web-{}\",\"run\":{number},\
         \"ok\":{}}}",
        number % 97,
        !number.is_multiple_of(7),
    );
    NewEvent {
        event: ["message", "deploy", "alert"][number % 3].to_owned(),
        own_id: Some(EventId::from(number.to_string())),
        notification: Notification {
            title,
            body: format!("{body}{rare}"),
            severity: if number.is_multiple_of(50) {
                Severity::High
            } else {
                Severity::Normal
            },
            ..Notification::default()
        },
        data,
        received_at: Timestamp::from_millisecond(
            1_790_000_000_000 + i64::try_from(number).unwrap() * 500,
        )
        .unwrap(),
        decision: Verdict::Notify.into(),
        replayed: false,
        truncated: false,
        opening: None,
        dedupe: Dedupe::Auto,
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn start() -> Instant {
    Instant::now()
}

/// What the whole process has used, whatever else the machine does. Seconds.
#[cfg(unix)]
fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

#[cfg(not(unix))]
fn cpu() -> f64 {
    0.0
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

fn bytes(dir: &Path) -> u64 {
    fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum()
}

/// One measured kind of look: its p50 and p99, and how many rows the last one gave.
async fn look(
    name: &str,
    goal: &str,
    rounds: usize,
    history: &History,
    mut request: impl FnMut(usize) -> PageRequest,
) {
    let now = ZonedDateTime::default();
    let mut took = Vec::with_capacity(rounds);
    let mut rows = 0;
    for round in 0..rounds {
        let request = request(round);
        let begin = start();
        let page = history.page(&request, &now).await.unwrap();
        took.push(begin.elapsed());
        rows = page.rows.len();
    }
    took.sort();
    println!(
        "  {name:<38} p50 {:>8.2} ms  p99 {:>8.2} ms  {rows:>3} rows  {goal}",
        ms(percentile(&took, 50)),
        ms(percentile(&took, 99)),
    );
}

fn query(text: &str) -> PageRequest {
    PageRequest {
        query: Some(text.to_owned()),
        limit: 100,
        ..PageRequest::default()
    }
}

async fn ingest(history: &History, sources: &[SourceId], events: usize) {
    let mut seed = 42;
    let (mut texts, mut data) = (0_u64, 0_u64);
    let mut commits = Vec::new();
    let mut busy = Duration::ZERO;
    let mut used = 0.0;
    let mut early = Duration::ZERO;
    let mut stored = 0;
    while stored < events {
        let batch: Arc<[Arrival]> = (stored..events.min(stored + BATCH))
            .map(|number| {
                let event = event(number, &mut seed);
                let shown = &event.notification;
                data += event.data.len() as u64;
                texts += (event.data.len() + shown.title.len() + shown.body.len()) as u64;
                Arrival {
                    source: sources[number % sources.len()],
                    cursor: event.own_id.clone(),
                    event: Some(event),
                }
            })
            .collect();
        let size = batch.len();
        let (begin, before) = (start(), cpu());
        history.append(batch).await.unwrap();
        let took = begin.elapsed();
        used += cpu() - before;
        commits.push(took);
        busy += took;
        stored += size;
        if stored <= EARLY {
            early = busy;
        }
    }
    commits.sort();
    println!("ingest, each commit durable, batches of {BATCH}, full text with prefixes:");
    println!(
        "  first {EARLY}: {:.0}/s (goal 40,000)",
        events.min(EARLY) as f64 / early.as_secs_f64()
    );
    println!(
        "  all {events}: {:.0}/s (goal 15,000)",
        events as f64 / busy.as_secs_f64()
    );
    println!(
        "  commit p50 {:.1} ms, p99 {:.1} ms (goal 60), longest {:.1} ms",
        ms(percentile(&commits, 50)),
        ms(percentile(&commits, 99)),
        ms(commits[commits.len() - 1]),
    );
    println!("  CPU {:.1} us/event", used * 1e6 / events as f64);
    println!(
        "  texts {} bytes/event, of which data {}",
        texts / events as u64,
        data / events as u64
    );
}

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() {
    let events = std::env::var("BENCH_EVENTS")
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(1_000_000);
    let kept = std::env::var_os("BENCH_DIR");
    let scratch = tempfile::tempdir().unwrap();
    let dir = kept.as_deref().map_or(scratch.path(), Path::new);
    if let Ok(load) = fs::read_to_string("/proc/loadavg") {
        println!("{events} events; load before: {}", load.trim());
    }
    if !dir.join(tidings_core::history::FILE).exists() {
        let sources: Vec<SourceId> = (0..5).map(|_| SourceId::random()).collect();
        let history = History::open(dir).unwrap();
        for (number, source) in sources.iter().enumerate() {
            let name = format!("source {number}");
            history.name_source(*source, &name).await.unwrap();
        }
        ingest(&history, &sources, events).await;
        history.close().await.unwrap();
        println!(
            "  file {} bytes/event (goal 600)",
            bytes(dir) / events as u64
        );
    }

    let first = PageRequest {
        limit: 100,
        ..PageRequest::default()
    };
    // As the app and the command line open it.
    let open = || History::start(dir, Timestamp::UNIX_EPOCH).unwrap().history;
    let mut opened = Vec::new();
    for _ in 0..OPENED {
        let begin = start();
        let history = open();
        history
            .page(&first, &ZonedDateTime::default())
            .await
            .unwrap();
        opened.push(begin.elapsed());
        history.close().await.unwrap();
    }
    opened.sort();
    println!(
        "open to first page, {OPENED} times: p50 {:.1} ms, longest {:.1} ms (goal 25)",
        ms(percentile(&opened, 50)),
        ms(opened[OPENED - 1])
    );
    let history = open();

    println!("find, newest first, 100 rows:");
    let words = "goal p99 3 ms";
    let ends = "goal p99 5 ms";
    look("common word", words, 300, &history, |n| {
        query(WORDS[n % WORDS.len()])
    })
    .await;
    look("rare word", words, 300, &history, |_| query("unicorn")).await;
    look("two words", words, 300, &history, |n| {
        query(&format!("{} {}", WORDS[n % 36], WORDS[(n * 7 + 1) % 36]))
    })
    .await;
    look("no such word", words, 300, &history, |n| {
        query(&format!("zzyzx{n}"))
    })
    .await;
    look("prefix of 2 letters", ends, 300, &history, |n| {
        query(&format!("{}*", &WORDS[n % WORDS.len()][..2]))
    })
    .await;
    look("prefix of 3 letters", ends, 300, &history, |n| {
        query(&format!("{}*", &WORDS[n % WORDS.len()][..3]))
    })
    .await;
    // Each stands for hundreds of numbers, with one event each.
    look("prefix of 3 digits", ends, 300, &history, |n| {
        query(&format!("{}*", 100 + n * 2))
    })
    .await;
    look("phrase of 2 words", words, 300, &history, |n| {
        query(&format!(
            "\"{} {}\"",
            WORDS[n % 36],
            WORDS[(n * 7 + 1) % 36]
        ))
    })
    .await;
    look(
        "Korean, 2 syllables inside a word",
        ends,
        300,
        &history,
        |n| query(["결제", "패했", "렸습", "되었"][n % 4]),
    )
    .await;
    look("word of one source", "", 100, &history, |_| {
        query("failed source:\"source 3\"")
    })
    .await;
    look("word but not another", "", 100, &history, |_| {
        query("deploy -failed")
    })
    .await;
    look("level:high", "", 100, &history, |_| query("level:high")).await;
    look("after a time", "", 100, &history, |_| {
        query("after:2026-09-22 before:2026-09-23")
    })
    .await;
    look("$.path:, common", "", 5, &history, |_| {
        query("$.host:web-3")
    })
    .await;
    look("$.path:, nowhere", "", 5, &history, |_| {
        query("$.host:nowhere")
    })
    .await;
    let mut seed = 7;
    let depth = i64::try_from(events).unwrap();
    look(
        "page at a random depth",
        "goal p99 1 ms",
        1000,
        &history,
        |_| PageRequest {
            before: Some(RowId(i64::try_from(random(&mut seed)).unwrap() % depth + 2)),
            limit: 100,
            ..PageRequest::default()
        },
    )
    .await;
    if let Ok(load) = fs::read_to_string("/proc/loadavg") {
        println!("load after: {}", load.trim());
    }
    history.close().await.unwrap();
}
