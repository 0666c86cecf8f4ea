//! The program under test: run to its end, or started and watched, in a data directory of its own.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read, Write as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, sync_channel},
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

/// Long enough for a loaded machine; nothing waits for it where all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The program and its files.
pub(crate) struct Program {
    pub(crate) temp: TempDir,
}

/// How one run ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Each line of stdout as JSON.
    pub(crate) fn json(&self) -> Vec<Value> {
        lines(&self.out)
    }

    /// Each line of stderr as JSON.
    pub(crate) fn err_json(&self) -> Vec<Value> {
        lines(&self.err)
    }

    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect()
}

/// The names of an object's members, in order.
pub(crate) fn keys(object: &Value) -> Vec<&str> {
    object
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

impl Program {
    pub(crate) fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        Self { temp }
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.temp.path().join("data")
    }

    /// Writes a file for an option that wants one; returns its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.temp.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidings-cli"));
        command
            .args(args)
            .env("TIDINGS_DATA_DIR", self.data_dir())
            // No toast of a test appears on anybody's screen.
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .env_remove("NO_COLOR")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, "")
    }

    /// Runs to the end with this on stdin.
    pub(crate) fn run_with(&self, args: &[&str], stdin: &str) -> Ran {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        // A program that reads no stdin may be gone by now.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let output = child.wait_with_output().unwrap();
        Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(crate) fn start(&self, args: &[&str]) -> Running {
        Self::watch(&mut self.command(args))
    }

    /// The same in a shell that sets a limit first.
    pub(crate) fn start_limited(&self, limit: &str, args: &[&str]) -> Running {
        let command = self.command(args);
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &format!("{limit}; exec \"$0\" \"$@\"")])
            .arg(command.get_program())
            .args(command.get_args())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        Self::watch(&mut shell)
    }

    fn watch(command: &mut Command) -> Running {
        let mut child = command.spawn().unwrap();
        Running {
            out: follow(child.stdout.take().unwrap()),
            err: follow(child.stderr.take().unwrap()),
            child,
        }
    }
}

/// The program while it runs; it is killed when dropped.
pub(crate) struct Running {
    child: Child,
    pub(crate) out: Receiver<String>,
    pub(crate) err: Receiver<String>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    /// Waits for a line that holds these words.
    pub(crate) fn wait_for(lines: &Receiver<String>, words: &str) -> String {
        loop {
            match lines.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(words) => return line,
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => panic!("{words} never came"),
                Err(RecvTimeoutError::Disconnected) => panic!("it ended without {words}"),
            }
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Sends a signal and returns what the program ended with.
    pub(crate) fn signal(&mut self, name: &str) -> Option<i32> {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.unwrap().success());
        self.child.wait().unwrap().code()
    }
}

fn follow(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (lines, reader) = sync_channel(10_000);
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines() {
            let Ok(line) = line else { return };
            if lines.send(line).is_err() {
                return;
            }
        }
    });
    reader
}
