//! The same against services people really use, on a screen nobody sees: a toast is looked for in
//! a picture of it and clicked with the mouse.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tidings_core::delivery::Verb;

use super::{left_out::left_out, *};

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A screen with a message bus and a notification service.
struct Screen {
    bus: Bus,
    environment: Vec<(&'static str, String)>,
    programs: Vec<Running>,
    dir: tempfile::TempDir,
}

/// Where a toast is.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    window: u64,
    x: i32,
    y: i32,
    width: i32,
    height: i32,
}

impl Screen {
    /// None where something is not installed.
    fn start() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let bus = Bus::start(dir.path());
        let words = "-displayfd 1 -screen 0 1024x768x24 -nolisten tcp";
        let mut xvfb = Command::new("Xvfb")
            .args(words.split(' '))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut display = String::new();
        let stdout = xvfb.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut display).unwrap();
        let home = dir.path().to_str().unwrap().to_owned();
        let environment = vec![
            ("DISPLAY", format!(":{}", display.trim())),
            ("DBUS_SESSION_BUS_ADDRESS", bus.address.clone()),
            ("HOME", home.clone()),
            ("XDG_RUNTIME_DIR", home.clone()),
            ("XDG_CONFIG_HOME", home),
            ("GDK_BACKEND", "x11".to_owned()),
            ("NO_AT_BRIDGE", "1".to_owned()),
        ];
        Some(Self {
            bus,
            environment,
            programs: vec![Running(xvfb)],
            dir,
        })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.envs(self.environment.iter().cloned());
        command.env_remove("WAYLAND_DISPLAY").stderr(Stdio::null());
        command
    }

    /// Whether it could be started.
    fn run(&mut self, program: &str, words: &[&str]) -> bool {
        let mut command = self.command(program);
        let child = command.args(words).stdout(Stdio::null()).spawn();
        child
            .map(|child| self.programs.push(Running(child)))
            .is_ok()
    }

    fn ask(&self, program: &str, words: &[&str]) -> Vec<u8> {
        self.command(program).args(words).output().unwrap().stdout
    }

    fn text(&self, program: &str, words: &[&str]) -> String {
        String::from_utf8(self.ask(program, words))
            .unwrap()
            .trim()
            .to_owned()
    }

    /// A picture of the screen: three bytes for each point.
    fn picture(&self) -> Vec<u8> {
        self.ask("import", &["-window", "root", "-depth", "8", "rgb:-"])
    }

    /// The toasts on the screen.
    fn toasts(&self, class: &str) -> Vec<Place> {
        let windows = self.text("xdotool", &["search", "--onlyvisible", "--class", class]);
        let place = |window: &str| {
            let told = self.text("xdotool", &["getwindowgeometry", "--shell", window]);
            let number = |name: &str| {
                let value = told
                    .lines()
                    .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
                value?.parse().ok()
            };
            Some(Place {
                window: window.parse().ok()?,
                x: number("X")?,
                y: number("Y")?,
                width: number("WIDTH")?,
                height: number("HEIGHT")?,
            })
        };
        let places = windows.lines().filter_map(place);
        places
            .filter(|place| place.width > 20 && place.height > 20)
            .collect()
    }

    fn click(&self, x: i32, y: i32) {
        let (x, y) = (x.to_string(), y.to_string());
        self.text(
            "xdotool",
            &["mousemove", &x, &y, "sleep", "0.2", "click", "1"],
        );
    }
}

/// How many points of the picture are not as before.
fn changed(before: &[u8], after: &[u8]) -> usize {
    assert_eq!(before.len(), 1024 * 768 * 3, "import shows the screen");
    let points = before.chunks(3).zip(after.chunks(3));
    points.filter(|(before, after)| before != after).count()
}

fn find(places: &[&str]) -> Option<PathBuf> {
    let roots = std::fs::read_dir("/usr/lib").ok()?.filter_map(Result::ok);
    roots
        .flat_map(|root| places.iter().map(move |place| root.path().join(place)))
        .find(|path| Path::exists(path))
}

async fn click_of(rig: &mut Rig) -> tidings_core::delivery::Clicked {
    let click = rig.outputs.clicks.recv();
    let clicked = tokio::time::timeout(Duration::from_secs(20), click).await;
    clicked.expect("the click is told").unwrap()
}

/// Events of one moment: three toasts and a digest that counts the rest, and counts on in its
/// place when more come.
async fn a_digest_counts_on_in_its_place(screen: &Screen, rig: &mut Rig, class: Option<&str>) {
    let shown = |screen: &Screen| match class {
        Some(class) => screen.toasts(class).len().to_string(),
        None => screen.text("dunstctl", &["count", "displayed"]),
    };
    let before = shown(screen);
    for number in 0..7 {
        rig.deliver(&format!("event {number}"), "").await;
    }
    rig.fates(7).await;
    let with_digest: usize = before.parse::<usize>().unwrap() + 4;
    until(|| shown(screen) == with_digest.to_string()).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let picture = screen.picture();
    for number in 7..9 {
        rig.deliver(&format!("event {number}"), "").await;
    }
    rig.fates(2).await;
    until(|| changed(&picture, &screen.picture()) > 10).await;
    assert_eq!(
        shown(screen),
        with_digest.to_string(),
        "it is the same toast"
    );
}

#[tokio::test]
async fn dunst_shows_an_event_its_click_opens_it_and_digests_count_in_place() {
    let Some(mut screen) = Screen::start() else {
        return left_out("Xvfb is not installed");
    };
    let settings = screen.dir.path().join("dunstrc");
    let stays = "[urgency_low]\ntimeout=0\n[urgency_normal]\ntimeout=0\n";
    let text = format!("[global]\nmouse_left_click = do_action, close_current\n{stays}");
    std::fs::write(&settings, text).unwrap();
    if !screen.run("dunst", &["-conf", settings.to_str().unwrap()]) {
        return left_out("dunst is not installed");
    }
    let mut rig = Rig::start(&screen.bus.address, Limits::default());
    let ready = rig.health(is_ready).await;
    assert!(format!("{ready:?}").contains("dunst"), "{ready:?}");
    let empty = screen.picture();

    let row = rig.deliver("<i>literal</i>", "a < b & <b>c</b>").await;
    assert_eq!(rig.fate().await.delivery, Delivery::Shown);
    assert_eq!(screen.text("dunstctl", &["count", "displayed"]), "1");
    until(|| changed(&empty, &screen.picture()) > 1000).await;

    until(|| !screen.toasts("Dunst").is_empty()).await;
    let place = screen.toasts("Dunst")[0];
    screen.click(place.x + place.width / 2, place.y + place.height / 2);
    let click = click_of(&mut rig).await;
    assert_eq!((click.verb, click.row), (Verb::Show, Some(row)));

    // The bucket of the source is full again.
    tokio::time::sleep(Duration::from_secs(6)).await;
    a_digest_counts_on_in_its_place(&screen, &mut rig, None).await;
}

#[tokio::test]
async fn xfce_shows_an_event_its_buttons_are_pressed_and_digests_count_in_place() {
    let Some(mut screen) = Screen::start() else {
        return left_out("Xvfb is not installed");
    };
    let settings = find(&["xfce4/xfconf/xfconfd"]);
    let service = find(&["xfce4/notifyd/xfce4-notifyd"]);
    let (Some(settings), Some(service)) = (settings, service) else {
        return left_out("xfce4-notifyd is not installed");
    };
    assert!(screen.run(settings.to_str().unwrap(), &[]));
    // Toasts stay for a minute. The settings service may still be starting.
    let minute = "-c xfce4-notifyd -p /expire-timeout -n -t int -s 60".split(' ');
    let minute: Vec<&str> = minute.collect();
    let kept = ["-c", "xfce4-notifyd", "-p", "/expire-timeout"];
    until(|| {
        screen.ask("xfconf-query", &minute);
        screen.text("xfconf-query", &kept) == "60"
    })
    .await;
    assert!(screen.run(service.to_str().unwrap(), &[]));
    let mut rig = Rig::start(&screen.bus.address, Limits::default());
    let ready = rig.health(is_ready).await;
    assert!(format!("{ready:?}").contains("Xfce"), "{ready:?}");
    let class = "xfce4-notifyd";
    let empty = screen.picture();

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let picture = format!(
        "<img src=\"http://{}/x.png\">",
        listener.local_addr().unwrap()
    );
    let mut event = rig.event("Deploy failed", &format!("a < b & <b>c</b> {picture}"));
    event.ring.sticky = true;
    let row = event.row;
    rig.handle.deliver(event).await.unwrap();
    assert_eq!(rig.fate().await.delivery, Delivery::Shown);
    until(|| changed(&empty, &screen.picture()) > 1000).await;
    until(|| screen.toasts(class).len() == 1).await;
    // It slides in.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let place = screen.toasts(class)[0];
    // The last of the buttons stands in the lower right corner.
    screen.click(place.x + place.width - 40, place.y + place.height - 28);
    let click = click_of(&mut rig).await;
    assert_eq!((click.verb, click.rows), (Verb::Read, vec![row]));
    until(|| screen.toasts(class).is_empty()).await;
    assert!(listener.accept().is_err(), "nobody asked for the picture");

    let row = rig.deliver("Deploy started", "web-3").await;
    rig.fate().await;
    until(|| screen.toasts(class).len() == 1).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let place = screen.toasts(class)[0];
    // Xfce makes a button, the first, of what others do for a click on the toast itself.
    screen.click(place.x + 60, place.y + place.height - 30);
    let click = click_of(&mut rig).await;
    assert_eq!((click.verb, click.row), (Verb::Show, Some(row)));
    until(|| screen.toasts(class).is_empty()).await;
    tokio::time::sleep(Duration::from_secs(8)).await;
    a_digest_counts_on_in_its_place(&screen, &mut rig, Some(class)).await;
}
