//! The same against dunst, a service people really use, on a screen nobody sees.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use super::*;

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// None where the program is not installed.
fn run(command: &mut Command) -> Option<Running> {
    command.stderr(Stdio::null()).spawn().ok().map(Running)
}

#[tokio::test]
async fn dunst_shows_an_event_and_reports_its_click() {
    let dir = tempfile::tempdir().unwrap();
    let bus = Bus::start(dir.path());
    let screen = [
        "-displayfd",
        "1",
        "-screen",
        "0",
        "640x480x24",
        "-nolisten",
        "tcp",
    ];
    let Some(mut xvfb) = run(Command::new("Xvfb").args(screen).stdout(Stdio::piped())) else {
        eprintln!("skipped: Xvfb is not installed");
        return;
    };
    let mut display = String::new();
    let stdout = xvfb.0.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut display).unwrap();
    let display = format!(":{}", display.trim());
    let environment = [
        ("DISPLAY", display.as_str()),
        ("DBUS_SESSION_BUS_ADDRESS", &bus.address),
        ("HOME", dir.path().to_str().unwrap()),
        ("XDG_RUNTIME_DIR", dir.path().to_str().unwrap()),
    ];
    let dunst = run(Command::new("dunst")
        .envs(environment)
        .env_remove("WAYLAND_DISPLAY"));
    let Some(_dunst) = dunst else {
        eprintln!("skipped: dunst is not installed");
        return;
    };
    let dunstctl = |args: &[&str]| {
        let mut command = Command::new("dunstctl");
        let output = command.args(args).envs(environment).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };

    let mut rig = Rig::start(&bus.address, Limits::default());
    let ready = rig.health(is_ready).await;
    assert!(format!("{ready:?}").contains("dunst"), "{ready:?}");
    let row = rig.deliver("<i>literal</i>", "a < b & <b>c</b>").await;
    assert_eq!(rig.fate().await.delivery, Delivery::Shown);
    assert_eq!(dunstctl(&["count", "displayed"]), "1");

    dunstctl(&["action", "0"]);
    let click = tokio::time::timeout(Duration::from_secs(20), rig.outputs.clicks.recv()).await;
    assert_eq!(click.unwrap().unwrap().row, Some(row));
}
