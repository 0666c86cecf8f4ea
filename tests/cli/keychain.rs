//! Header values in a real keychain: gnome-keyring on a message bus of the test's own.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Program, Ran};

const TOKEN: &str = "hunter2-7f3a";
/// The bus starts no service by itself: without a daemon there is no keychain.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>"#;

/// A desktop session with a keychain that can be unlocked, locked and taken away.
struct Session {
    home: TempDir,
    bus: Child,
    address: String,
    daemon: Option<Child>,
}

impl Session {
    fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("bus.conf");
        fs::write(&config, BUS).unwrap();
        let mut bus = Command::new("dbus-daemon")
            .arg("--config-file")
            .arg(&config)
            .args(["--nofork", "--print-address=1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut address = String::new();
        let mut out = bus.stdout.take().unwrap();
        let mut byte = [0];
        while out.read(&mut byte).unwrap() == 1 && byte != *b"\n" {
            address.push(char::from(byte[0]));
        }
        Self {
            home,
            bus,
            address,
            daemon: None,
        }
    }

    fn environment<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let dir = |name: &str| {
            let dir = self.home.path().join(name);
            fs::create_dir_all(&dir).unwrap();
            dir
        };
        command
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .env("HOME", dir("home"))
            .env("XDG_DATA_HOME", dir("data"))
            .env("XDG_CONFIG_HOME", dir("config"))
            .env("XDG_CACHE_HOME", dir("cache"))
            .env("XDG_RUNTIME_DIR", dir("runtime"))
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
    }

    /// Starts the keychain: with its password it is open, without it stays locked.
    fn keychain(&mut self, password: Option<&str>) {
        self.no_keychain();
        let mut command = Command::new("gnome-keyring-daemon");
        self.environment(&mut command)
            .args(["--foreground", "--components=secrets"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if password.is_some() {
            command.arg("--unlock");
        }
        let mut daemon = command.spawn().unwrap();
        let text = password.map(|password| format!("{password}\n"));
        let mut stdin = daemon.stdin.take().unwrap();
        stdin
            .write_all(text.unwrap_or_default().as_bytes())
            .unwrap();
        drop(stdin);
        self.daemon = Some(daemon);
        self.wait_for_service(true);
    }

    fn no_keychain(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            let _ = daemon.kill();
            let _ = daemon.wait();
            self.wait_for_service(false);
        }
    }

    /// How many entries of Tidings the keychain has.
    fn entries(&self) -> usize {
        let mut ask = Command::new("gdbus");
        let answer = self
            .environment(&mut ask)
            .args(["call", "--session", "--dest", "org.freedesktop.secrets"])
            .args(["--object-path", "/org/freedesktop/secrets"])
            .args(["--method", "org.freedesktop.Secret.Service.SearchItems"])
            .arg("{'service': 'dev.tidings.desktop'}")
            .output()
            .unwrap();
        let paths = String::from_utf8(answer.stdout).unwrap();
        paths
            .matches("/org/freedesktop/secrets/collection/")
            .count()
    }

    fn wait_for_service(&self, there: bool) {
        for _ in 0..200 {
            let mut ask = Command::new("gdbus");
            let answer = self
                .environment(&mut ask)
                .args(["call", "--session", "--dest", "org.freedesktop.DBus"])
                .args(["--object-path", "/org/freedesktop/DBus"])
                .args(["--method", "org.freedesktop.DBus.NameHasOwner"])
                .arg("org.freedesktop.secrets")
                .output()
                .unwrap();
            if String::from_utf8_lossy(&answer.stdout).contains("true") == there {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("the keychain service did not come or go: {there}");
    }

    fn run(&self, program: &Program, args: &[&str]) -> Ran {
        let output = self
            .environment(&mut program.command(args))
            .output()
            .unwrap();
        Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The head of the request that `tail` makes to a source of this name.
    fn request(&self, program: &Program, server: &TcpListener, name: &str) -> String {
        thread::scope(|scope| {
            let asked = scope.spawn(|| {
                let (mut stream, _) = server.accept().unwrap();
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
                    head.push(byte[0]);
                }
                let answer = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
                stream.write_all(answer.as_bytes()).unwrap();
                String::from_utf8(head).unwrap()
            });
            let ran = self.run(program, &["tail", name, "--no-reconnect"]);
            assert_eq!(ran.code, 3, "{ran:?}");
            asked.join().unwrap()
        })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.no_keychain();
        let _ = self.bus.kill();
        let _ = self.bus.wait();
    }
}

fn add(session: &Session, program: &Program, options: &[&str], name: &str, url: &str) -> Ran {
    let token = program.file("token", &format!("{TOKEN}\n"));
    let add = ["source", "add", name, url, "--bearer-file", &token];
    session.run(program, &[options, &add].concat())
}

/// Files below a directory in which the token is.
fn files_with_token(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with_token(&path));
        } else if let Ok(bytes) = fs::read(&path)
            && bytes
                .windows(TOKEN.len())
                .any(|part| part == TOKEN.as_bytes())
        {
            found.push(path);
        }
    }
    found
}

fn remembered(program: &Program) -> Value {
    let text = fs::read_to_string(program.data_dir().join("settings.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["secrets"].clone()
}

fn server() -> (TcpListener, String) {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/events", server.local_addr().unwrap());
    (server, url)
}

#[test]
fn a_header_value_goes_to_the_keychain_and_into_no_file() {
    let mut session = Session::start();
    session.keychain(Some("pw"));
    let program = Program::new();
    let (server, url) = server();

    let added = add(&session, &program, &[], "ci", &url).ok();

    assert!(!added.err.contains("secrets.json"), "{}", added.err);
    assert_eq!(remembered(&program)["at"], "keychain");
    assert_eq!(files_with_token(&program.data_dir()), Vec::<PathBuf>::new());
    assert_eq!(
        files_with_token(session.home.path()),
        Vec::<PathBuf>::new(),
        "the keychain's own file is encrypted"
    );
    let head = session.request(&program, &server, "ci");
    assert!(head.contains(&format!("Bearer {TOKEN}")), "{head}");

    session.run(&program, &["source", "remove", "ci"]).ok();
    assert_eq!(remembered(&program)["names"], serde_json::json!({}));
}

#[test]
fn without_a_keychain_the_file_is_used_and_said_and_one_that_appears_takes_over() {
    let mut session = Session::start();
    let program = Program::new();
    let (server, url) = server();

    let added = add(&session, &program, &[], "ci", &url).ok();

    assert!(added.err.contains("secrets.json"), "{}", added.err);
    assert_eq!(remembered(&program)["at"], "file");
    let file = program.data_dir().join("secrets.json");
    assert_eq!(files_with_token(&program.data_dir()), [file]);

    session.keychain(Some("pw"));
    session
        .run(&program, &["source", "add", "other", &url])
        .ok();

    assert_eq!(remembered(&program)["at"], "keychain");
    assert_eq!(
        files_with_token(&program.data_dir()),
        Vec::<PathBuf>::new(),
        "never in both"
    );
    let head = session.request(&program, &server, "ci");
    assert!(head.contains(TOKEN), "{head}");
}

#[test]
fn a_file_somebody_chose_stays_the_place_when_a_keychain_appears_and_can_be_given_up() {
    let mut session = Session::start();
    let program = Program::new();
    let (server, url) = server();
    add(&session, &program, &["--secrets", "file"], "ci", &url).ok();

    session.keychain(Some("pw"));
    session
        .run(&program, &["source", "add", "other", &url])
        .ok();
    assert_eq!(remembered(&program)["at"], "file");

    let third = ["--secrets", "keychain", "source", "add", "third", &url];
    session.run(&program, &third).ok();
    assert_eq!(remembered(&program)["at"], "keychain");
    assert_eq!(files_with_token(&program.data_dir()), Vec::<PathBuf>::new());

    let fourth = ["--secrets", "file", "source", "add", "fourth", &url];
    session.run(&program, &fourth).ok();
    session.no_keychain();
    assert_eq!(remembered(&program)["at"], "file");
    let head = session.request(&program, &server, "ci");
    assert!(head.contains(TOKEN), "{head}");
}

#[test]
fn a_locked_keychain_stops_only_what_needs_it_and_says_why() {
    let mut session = Session::start();
    session.keychain(Some("pw"));
    let program = Program::new();
    let (server, url) = server();
    add(&session, &program, &[], "ci", &url).ok();
    session.run(&program, &["source", "add", "open", &url]).ok();

    session.keychain(None);

    let refused = session.run(&program, &["tail", "ci", "--no-reconnect", "--for", "1"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.err.contains("keychain"), "{}", refused.err);
    let head = session.request(&program, &server, "open");
    assert!(!head.contains("Authorization"), "{head}");
    let listed = session
        .run(&program, &["source", "list", "--json"])
        .ok()
        .json();
    assert_eq!(listed[0]["header_names"][0], "Authorization");

    let demanded = [
        "--secrets",
        "keychain",
        "source",
        "edit",
        "ci",
        "-H",
        "A: b",
    ];
    let refused = session.run(&program, &demanded);
    assert_eq!(refused.code, 1, "{refused:?}");

    session.keychain(Some("pw"));
    let head = session.request(&program, &server, "ci");
    assert!(head.contains(TOKEN), "{head}");
}

#[test]
fn a_keychain_that_is_gone_for_good_can_be_given_up_and_its_sources_take_new_values() {
    let mut session = Session::start();
    session.keychain(Some("pw"));
    let program = Program::new();
    let (server, url) = server();
    add(&session, &program, &[], "ci", &url).ok();
    let token = program.file("token", &format!("{TOKEN}\n"));
    let edit = ["source", "edit", "ci", "--bearer-file", &token];
    let give_up = ["settings", "give-up-keychain"];
    let kept = session.run(&program, &give_up).ok();
    assert!(kept.err.contains("nothing was given up"), "{}", kept.err);

    session.no_keychain();
    let trapped = session.run(&program, &["source", "edit", "ci", "-H", "A: b"]);
    assert_eq!(trapped.code, 1, "{trapped:?}");
    assert!(trapped.err.contains("settings give-up-keychain"));
    let given_up = session.run(&program, &give_up).ok();

    assert!(given_up.err.contains("ci: its header values are lost"));
    assert_eq!(remembered(&program)["at"], Value::Null);
    session.run(&program, &edit).ok();
    assert_eq!(remembered(&program)["at"], "file");
    let head = session.request(&program, &server, "ci");
    assert!(head.contains(TOKEN), "{head}");

    // It comes back all the same: the old entry goes, the new value moves in.
    session.keychain(Some("pw"));
    session
        .run(&program, &["source", "add", "other", &url])
        .ok();
    assert_eq!(remembered(&program)["at"], "keychain");
    assert_eq!(remembered(&program)["forget"], Value::Null);
    let head = session.request(&program, &server, "ci");
    assert!(head.contains(TOKEN), "{head}");
}

#[test]
fn a_source_removed_while_its_keychain_is_locked_leaves_no_entry_behind() {
    let mut session = Session::start();
    session.keychain(Some("pw"));
    let program = Program::new();
    let (_server, url) = server();
    add(&session, &program, &[], "ci", &url).ok();
    add(&session, &program, &[], "other", &url).ok();
    assert_eq!(session.entries(), 2);

    session.no_keychain();
    let remove = ["source", "remove", "ci", "--delete-history"];
    session.run(&program, &remove).ok();

    let listed = session.run(&program, &["source", "list", "--json"]).ok();
    assert_eq!(listed.json()[0]["name"], "other");
    assert_eq!(remembered(&program)["forget"].as_array().unwrap().len(), 1);

    session.keychain(Some("pw"));
    session
        .run(&program, &["source", "add", "third", &url])
        .ok();
    assert_eq!(session.entries(), 1);
    assert_eq!(remembered(&program)["forget"], Value::Null);
}

#[test]
fn a_demanded_keychain_that_is_not_there_is_an_error_and_nothing_is_kept() {
    let session = Session::start();
    let program = Program::new();

    let refused = add(
        &session,
        &program,
        &["--secrets", "keychain"],
        "ci",
        "https://example.com/events",
    );

    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(
        refused.err.contains("no keychain"),
        "it says why: {}",
        refused.err
    );
    assert_eq!(files_with_token(&program.data_dir()), Vec::<PathBuf>::new());
}
