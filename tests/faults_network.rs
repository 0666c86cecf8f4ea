//! F4, F9 and B59 with a real link: `tidings-cli run` and `tail` in a network namespace of their
//! own, whose only way out is taken down and up again, and with host names of its own.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "what supports a test fails it, and this one says how long it took"
)]

mod support;

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use rusqlite::Connection as Database;
use serde_json::Value;
use support::{chaos::Chaos, left_out::left_out_without_root, rig::LONG};
use tempfile::TempDir;
use tokio::time::{Instant, sleep, timeout};

/// A namespace with one end of a virtual cable; the other end is here.
struct Elsewhere {
    name: String,
    inner: String,
}

fn ip(words: &str) -> bool {
    let done = Command::new("ip").args(words.split_whitespace()).output();
    done.is_ok_and(|done| done.status.success())
}

impl Elsewhere {
    /// None where this machine or this user may not make one.
    fn new(here: &str, there: &str) -> Option<Self> {
        let number = std::process::id();
        let number = format!("{number}{}", here.rsplit('.').next().unwrap());
        let (name, outer, inner) = (
            format!("tidings-{number}"),
            format!("tdo{number}"),
            format!("tdi{number}"),
        );
        if !ip(&format!("netns add {name}")) {
            return None;
        }
        let one = Self { name, inner };
        let (name, inner) = (&one.name, &one.inner);
        let made = ip(&format!(
            "link add {outer} type veth peer name {inner} netns {name}"
        )) && ip(&format!("addr add {here}/30 dev {outer}"))
            && ip(&format!("link set {outer} up"))
            && ip(&format!("-n {name} addr add {there}/30 dev {inner}"))
            && one.link("up");
        made.then_some(one)
    }

    /// Where host names lead there.
    fn hosts(&self, lines: &str) {
        let dir = self.etc();
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("hosts"), lines).unwrap();
    }

    /// What `ip netns exec` shows as files of /etc.
    fn etc(&self) -> PathBuf {
        Path::new("/etc/netns").join(&self.name)
    }

    fn link(&self, state: &str) -> bool {
        ip(&format!("-n {} link set {} {state}", self.name, self.inner))
    }

    fn run(&self, dir: &Path) -> Child {
        self.start(&["--data-dir", dir.to_str().unwrap(), "run"])
    }

    fn start(&self, args: &[&str]) -> Child {
        Command::new("ip")
            .args([
                "netns",
                "exec",
                &self.name,
                env!("CARGO_BIN_EXE_tidings-cli"),
                "--json",
            ])
            .args(args)
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.etc());
        // Its end of the cable goes with it, and so does ours.
        ip(&format!("netns del {}", self.name));
    }
}

fn rows(dir: &Path) -> Vec<String> {
    let read = || -> rusqlite::Result<Vec<String>> {
        let database = Database::open(dir.join("history.db"))?;
        let mut rows = database.prepare("SELECT data FROM event ORDER BY row")?;
        rows.query_map([], |row| row.get(0))?.collect()
    };
    read().unwrap_or_default()
}

/// The states it tells, as they come.
type States = Arc<Mutex<Vec<Value>>>;

fn states(child: &mut Child) -> States {
    let told = States::default();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let into = Arc::clone(&told);
    thread::spawn(move || {
        let objects = lines.map_while(Result::ok);
        for object in objects.filter_map(|line| serde_json::from_str(&line).ok()) {
            into.lock().unwrap().push(object);
        }
    });
    told
}

fn count(told: &States, state: &str) -> usize {
    let told = told.lock().unwrap();
    told.iter().filter(|one| one["state"] == state).count()
}

async fn until(what: &str, so: impl Fn() -> bool) -> Duration {
    let started = Instant::now();
    let reached = async {
        while !so() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    let reached = timeout(LONG, reached).await;
    assert!(reached.is_ok(), "{what} never came");
    started.elapsed()
}

fn add(dir: &Path, name: &str, url: &str) {
    let added = Command::new(env!("CARGO_BIN_EXE_tidings-cli"))
        .arg("--data-dir")
        .arg(dir)
        .args(["source", "add", name, url])
        .status();
    assert!(added.unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f04_a_link_that_goes_is_noticed_at_once_and_one_that_comes_back_is_used_at_once() {
    let (here, there) = ("198.18.77.1", "198.18.77.2");
    let Some(elsewhere) = Elsewhere::new(here, there) else {
        return left_out_without_root("no network namespace can be made with the command ip");
    };
    let chaos = Chaos::start_at(format!("{here}:0").parse().unwrap()).await;
    let dir = TempDir::new().unwrap();
    let url = chaos.url("/events?all");
    add(dir.path(), "one", url.as_str());
    let mut child = elsewhere.run(dir.path());
    let told = states(&mut child);
    let mut tail = elsewhere.start(&["tail", url.as_str()]);
    let tail_told = states(&mut tail);
    until("the stream of tail", || count(&tail_told, "live") == 1).await;
    chaos.publish("1");
    until("the first event", || rows(dir.path()).len() == 1).await;

    // Nobody closes the connection: without the look at the addresses it would seem live for
    // minutes.
    assert!(elsewhere.link("down"));
    chaos.publish("2");
    let noticed = until("the trouble", || {
        count(&told, "waiting") > 0 && count(&tail_told, "waiting") > 0
    })
    .await;
    let outage = match std::env::var_os("TIDINGS_FULL") {
        Some(_) => 90,
        None => 26,
    };
    sleep(Duration::from_secs(outage)).await;
    let tries = count(&told, "connecting") - 1;
    let asked = chaos.asked().len();
    assert!(elsewhere.link("up"));
    let back = until("the second event", || {
        rows(dir.path()).len() == 2 && count(&tail_told, "live") == 2
    })
    .await;

    for child in [&mut child, &mut tail] {
        let _ = Command::new("kill").arg(child.id().to_string()).status();
        assert!(child.wait().unwrap().success());
    }
    println!("noticed after {noticed:.1?}, {tries} tries in {outage} s, back after {back:.1?}");
    assert_eq!(rows(dir.path()), ["1", "2"]);
    assert!(noticed < Duration::from_secs(8), "{noticed:?}");
    assert!((2..=12).contains(&tries), "{tries} tries in {outage} s");
    assert_eq!(asked, 2, "nothing got through");
    assert!(back < Duration::from_secs(8), "{back:?}");
    let told = told.lock().unwrap();
    let causes = told.iter().filter_map(|one| one["cause"]["code"].as_str());
    assert!(causes.clone().all(|code| code == "unreachable"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b59_a_redirect_to_a_name_that_leads_into_the_private_network_is_refused() {
    let (here, there) = ("198.18.77.5", "198.18.77.6");
    let Some(elsewhere) = Elsewhere::new(here, there) else {
        return left_out_without_root("no network namespace can be made with the command ip");
    };
    elsewhere.hosts(&format!(
        "{here} public.example\n{here} moved.example\n127.0.0.1 rebound.example\n"
    ));
    let chaos = Chaos::start_at(format!("{here}:0").parse().unwrap()).await;
    chaos.publish("1");
    let dir = TempDir::new().unwrap();
    let url = |host: &str, target: &str| {
        let mut url = chaos.url(target);
        url.set_host(Some(host)).unwrap();
        url
    };
    for (name, host) in [("good", "moved.example"), ("evil", "rebound.example")] {
        let to = url(host, "/events?all");
        let from = url("public.example", &format!("/redirect?to={to}"));
        add(dir.path(), name, from.as_str());
    }
    let mut child = elsewhere.run(dir.path());
    let told = states(&mut child);

    until("the event behind the good redirect", || {
        rows(dir.path()) == ["1"]
    })
    .await;
    until("the end of the evil one", || count(&told, "stopped") > 0).await;

    let _ = Command::new("kill").arg(child.id().to_string()).status();
    assert!(child.wait().unwrap().success());
    let told = told.lock().unwrap();
    let stopped = told.iter().find(|one| one["state"] == "stopped").unwrap();
    assert_eq!(stopped["source"], "evil", "{stopped}");
    assert_eq!(stopped["cause"]["code"], "redirect_refused", "{stopped}");
    assert!(told.iter().all(|one| one["state"] != "waiting"), "{told:?}");
}
