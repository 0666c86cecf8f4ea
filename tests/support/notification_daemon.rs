//! A message bus of the test's own, and a notification service on it that behaves as badly as
//! it is told to.

use std::{
    collections::{HashMap, HashSet},
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use futures_util::StreamExt as _;
use zbus::{Connection, connection::Builder, fdo::DBusProxy, message::Header};

pub(crate) const SERVICE: &str = "org.freedesktop.Notifications";
pub(crate) const PATH: &str = "/org/freedesktop/Notifications";

/// A real `dbus-daemon` nobody else knows.
pub(crate) struct Bus {
    pub(crate) address: String,
    child: Child,
}

impl Bus {
    /// Starts one whose socket is in `dir`, always at the same address.
    pub(crate) fn start(dir: &Path) -> Self {
        let config = dir.join("bus.conf");
        let socket = dir.join("bus");
        let _ = std::fs::remove_file(&socket);
        let text = format!(
            "<busconfig><type>session</type><listen>unix:path={}</listen>\
             <policy context='default'><allow send_destination='*' eavesdrop='true'/>\
             <allow eavesdrop='true'/><allow own='*'/></policy></busconfig>",
            socket.display()
        );
        std::fs::write(&config, text).unwrap();
        let mut child = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.display()))
            .args(["--print-address", "--nofork"])
            .stdout(Stdio::piped())
            // It complains about limits it may not raise in a container.
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon is installed");
        let mut ready = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut ready).unwrap();
        Self {
            address: format!("unix:path={}", socket.display()),
            child,
        }
    }

    pub(crate) async fn connect(&self) -> Connection {
        let builder = Builder::address(self.address.as_str()).unwrap();
        builder.build().await.unwrap()
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How Notify calls are met.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) enum Mood {
    #[default]
    Fine,
    /// Takes the call and never answers.
    Hang,
    /// Answers with the error KDE has for floods.
    Excess,
    Slow(Duration),
    /// The click comes before the answer that tells the id.
    ClickFirst,
    /// It is taken away before the answer that tells the id.
    ClosedFirst,
    /// Takes this many more calls, then crashes with the next one unanswered.
    DieAfter(usize),
}

/// One Notify call as it arrived.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    pub(crate) sender: String,
    pub(crate) id: u32,
    pub(crate) app_name: String,
    pub(crate) replaces: u32,
    pub(crate) icon: String,
    pub(crate) summary: String,
    pub(crate) body: String,
    pub(crate) actions: Vec<String>,
    pub(crate) urgency: Option<u8>,
    pub(crate) desktop_entry: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) sound: Option<String>,
    pub(crate) suppressed: Option<bool>,
    pub(crate) resident: Option<bool>,
    /// Names of all hints.
    pub(crate) hints: Vec<String>,
    pub(crate) timeout: i32,
    pub(crate) at: tokio::time::Instant,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) mood: Mood,
    pub(crate) capabilities: Vec<String>,
    pub(crate) calls: Vec<Call>,
    /// Whether answers to questions about the service hang, too.
    pub(crate) deaf: bool,
    /// Ids on the screen.
    pub(crate) shown: HashSet<u32>,
    pub(crate) closed: Vec<u32>,
    last_id: u32,
}

/// The service. Dropping it is its crash: the name has no owner, ids start from 1 again.
pub(crate) struct Daemon {
    pub(crate) connection: Connection,
    state: Arc<Mutex<State>>,
}

impl Daemon {
    pub(crate) async fn start(bus: &Bus, capabilities: &[&str]) -> Self {
        let state = Arc::new(Mutex::new(State {
            capabilities: capabilities.iter().map(ToString::to_string).collect(),
            ..State::default()
        }));
        let object = Object(Arc::clone(&state));
        let connection = Builder::address(bus.address.as_str())
            .and_then(|builder| builder.serve_at(PATH, object)?.name(SERVICE))
            .unwrap()
            .build()
            .await
            .unwrap();
        Self { connection, state }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn be(&self, mood: Mood) {
        self.state().mood = mood;
    }

    /// Waits for this many Notify calls and returns all there are.
    pub(crate) async fn calls(&self, at_least: usize) -> Vec<Call> {
        until(|| self.state().calls.len() >= at_least).await;
        self.state().calls.clone()
    }

    /// Sends a signal to whom the toast came from, as dunst, mako and GNOME do.
    pub(crate) async fn signal<B>(&self, to: &str, member: &str, body: &B)
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        signal(&self.connection, to, member, body).await;
    }

    /// Sends a signal to everybody who listens, as some services do.
    pub(crate) async fn broadcast<B>(&self, member: &str, body: &B)
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        let nobody: Option<&str> = None;
        let sent = self
            .connection
            .emit_signal(nobody, PATH, SERVICE, member, body);
        sent.await.unwrap();
    }

    /// As GNOME Shell does: when whoever sent the first toast leaves the bus, all toasts go.
    pub(crate) async fn drop_all_when_first_sender_leaves(&self) {
        let bus = DBusProxy::new(&self.connection).await.unwrap();
        let mut changes = bus.receive_name_owner_changed().await.unwrap();
        let state = Arc::clone(&self.state);
        super::spawn(async move {
            while let Some(change) = changes.next().await {
                let args = change.args().unwrap();
                let mut state = state.lock().unwrap();
                let first = state.calls.first().map(|call| call.sender.clone());
                if args.new_owner().is_none() && first.as_deref() == Some(args.name().as_str()) {
                    state.shown.clear();
                }
            }
        });
    }
}

pub(crate) async fn signal<B>(from: &Connection, to: &str, member: &str, body: &B)
where
    B: serde::Serialize + zbus::zvariant::DynamicType,
{
    let sent = from.emit_signal(Some(to), PATH, SERVICE, member, body);
    sent.await.unwrap();
}

/// Waits until it is so, at most 20 s.
pub(crate) async fn until(mut so: impl FnMut() -> bool) {
    let wait = async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), wait).await;
    waited.expect("it never became so");
}

struct Object(Arc<Mutex<State>>);

#[derive(Debug, zbus::DBusError)]
#[zbus(prefix = "org.freedesktop.Notifications.Error")]
enum Complaint {
    #[zbus(error)]
    Bus(zbus::Error),
    ExcessNotificationGeneration(String),
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Object {
    #[expect(clippy::too_many_arguments, reason = "the specification's")]
    async fn notify(
        &self,
        app_name: String,
        replaces: u32,
        icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, zbus::zvariant::OwnedValue>,
        timeout: i32,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<u32, Complaint> {
        let text = |name: &str| String::try_from(hints.get(name)?.clone()).ok();
        let flag = |name: &str| bool::try_from(hints.get(name)?.clone()).ok();
        let sender = header.sender().unwrap().to_string();
        let (mood, id) = {
            let mut state = self.0.lock().unwrap();
            if state.mood == Mood::Excess {
                let words = "created too many similar notifications in quick succession";
                return Err(Complaint::ExcessNotificationGeneration(words.to_owned()));
            }
            // As KDE does: a number to replace is used as given, known or not.
            let id = if replaces == 0 {
                state.last_id += 1;
                state.last_id
            } else {
                replaces
            };
            let call = Call {
                sender: sender.clone(),
                id,
                app_name,
                replaces,
                icon,
                summary,
                body,
                actions,
                urgency: hints
                    .get("urgency")
                    .and_then(|hint| u8::try_from(hint).ok()),
                desktop_entry: text("desktop-entry"),
                category: text("category"),
                sound: text("sound-name"),
                suppressed: flag("suppress-sound"),
                resident: flag("resident"),
                hints: hints.keys().cloned().collect(),
                timeout,
                at: tokio::time::Instant::now(),
            };
            let mood = state.mood;
            if let Mood::DieAfter(left) = &mut state.mood {
                *left = left.saturating_sub(1);
            }
            if mood != Mood::DieAfter(0) {
                state.calls.push(call);
                state.shown.insert(id);
            }
            (mood, id)
        };
        match mood {
            Mood::DieAfter(0) => {
                connection.clone().close().await?;
                std::future::pending::<()>().await;
            }
            Mood::Fine | Mood::Excess | Mood::DieAfter(_) => {}
            Mood::Hang => std::future::pending().await,
            Mood::Slow(time) => tokio::time::sleep(time).await,
            Mood::ClosedFirst => {
                self.0.lock().unwrap().shown.remove(&id);
                signal(connection, &sender, "NotificationClosed", &(id, 2_u32)).await;
            }
            Mood::ClickFirst => {
                signal(connection, &sender, "ActionInvoked", &(id, "default")).await;
            }
        }
        Ok(id)
    }

    fn close_notification(&self, id: u32) {
        let mut state = self.0.lock().unwrap();
        state.shown.remove(&id);
        state.closed.push(id);
    }

    fn get_capabilities(&self) -> Vec<String> {
        self.0.lock().unwrap().capabilities.clone()
    }

    async fn get_server_information(&self) -> (String, String, String, String) {
        let deaf = self.0.lock().unwrap().deaf;
        if deaf {
            std::future::pending::<()>().await;
        }
        ["mock", "Tidings", "1.0", "1.2"].map(str::to_owned).into()
    }
}
