//! F14 and F17: what a server sends without end costs no memory and no other source its turn.
//! One test alone in its process: it looks at the memory of all of it, the server's included.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "what supports a test fails it")]

mod support;

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use support::{
    chaos::Chaos,
    rig::{Rig, source},
};
use tidings_core::model::SourceId;
use tokio::time::{Instant, sleep};

/// What all of it together may add to the resident memory, in MiB.
const GROWTH_MAX: u64 = 20;

/// Resident memory of this process, in KiB.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.unwrap().split_whitespace().nth(1).unwrap();
    number.parse().unwrap()
}

/// Remembers the most memory used until it is dropped.
struct Watch {
    most: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
}

impl Watch {
    fn start() -> Self {
        let (most, stop) = (
            Arc::new(AtomicU64::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        let (seen, ended) = (Arc::clone(&most), Arc::clone(&stop));
        std::thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                seen.fetch_max(resident(), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        Self { most, stop }
    }

    fn most(&self) -> u64 {
        self.most.load(Ordering::Relaxed).max(resident())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn full() -> bool {
    std::env::var_os("TIDINGS_FULL").is_some()
}

/// Publishes to the quiet source until the loud one has enough, and returns the longest it took.
async fn longest_wait(
    rig: &Rig,
    chaos: &Chaos,
    quiet: SourceId,
    loud: (SourceId, u64),
) -> Duration {
    let mut longest = Duration::ZERO;
    let (loud, enough) = loud;
    loop {
        let sent = Instant::now();
        let number = chaos.publish("quiet");
        while rig.handle.history.stored().await.unwrap().get(&quiet) != Some(&(number as u64)) {
            assert!(sent.elapsed() < Duration::from_secs(10), "it never came");
            sleep(Duration::from_millis(5)).await;
        }
        longest = longest.max(sent.elapsed());
        let stored = rig.handle.history.stored().await.unwrap();
        if stored.get(&loud).is_some_and(|stored| *stored >= enough) {
            return longest;
        }
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f14_f17_endless_lines_comments_and_floods_cost_neither_memory_nor_others_their_turn() {
    let chaos = Chaos::start().await;
    let quiet = source("quiet", chaos.url("/events"));
    let quiet_id = quiet.id;
    let rig = Rig::start([quiet]).await;
    rig.await_live(quiet_id).await;
    chaos.publish("warm");
    rig.await_data(quiet_id, 1).await;
    let mebibytes = if full() { 1024 } else { 192 };
    let events: u64 = if full() { 1_000_000 } else { 100_000 };
    let cases = [
        (format!("/infinite-line?mib={mebibytes}"), 2),
        (format!("/comments?mib={}", mebibytes / 24), 1),
        (format!("/flood?n={events}"), events),
    ];
    let before = resident();
    for (target, enough) in cases {
        let watch = Watch::start();
        let started = Instant::now();
        let loud = source("loud", chaos.url(&target));
        let loud_id = loud.id;
        rig.handle.add_configured(loud, Vec::new()).await.unwrap();

        let longest = longest_wait(&rig, &chaos, quiet_id, (loud_id, enough)).await;

        let grown = watch.most().saturating_sub(before) / 1024;
        println!(
            "{target}: {:?}, +{grown} MiB, quiet source {longest:?}",
            started.elapsed()
        );
        assert!(grown < GROWTH_MAX, "{target}: {grown} MiB more");
        assert!(longest < Duration::from_secs(1), "{target}: {longest:?}");
        rig.handle.remove_source(loud_id, true).await.unwrap();
    }
    rig.stop().await;
}
