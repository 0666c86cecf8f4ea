//! Toasts on a real message bus: what a notification service sees, and what becomes of each
//! event.
#![cfg(all(unix, not(target_os = "macos")))]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what supports a test fails it"
)]

#[path = "delivery_desktops.rs"]
mod desktops;
#[path = "delivery_faces.rs"]
mod faces;
#[path = "delivery_faults.rs"]
mod faults;
#[path = "support/left_out.rs"]
#[expect(
    clippy::print_stdout,
    dead_code,
    unreachable_pub,
    reason = "this test needs a part of what others share"
)]
mod left_out;
#[path = "support/notification_daemon.rs"]
mod notification_daemon;
#[path = "delivery_quiet.rs"]
mod quiet;

use std::{cell::Cell, collections::BTreeMap, sync::Arc, time::Duration};

use jiff::tz::TimeZone;
use notification_daemon::{Bus, Call, Daemon, Mood, until};
use tidings_core::{
    delivery::{
        Deliver, Handle, Options, Outcome, Outputs, ToastHealth, Words, delivery, storm::Limits,
    },
    ipc::QuietState,
    model::{
        Delivery, DeliveryCause, Notification, Ring, RowId, Severity, Sound, SourceId, Timestamp,
    },
    quiet::QuietReason,
    settings::{Preferences, Settings},
    source::{SourceConfig, SourceToasts},
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

thread_local! {
    /// The clock on the wall of one test, which is one thread: noon of a Friday in Seoul.
    static WALL: Cell<Timestamp> = const { Cell::new(NOON) };
}

const NOON: Timestamp = Timestamp::constant(1_795_143_600, 0);

const ALL: &[&str] = &["actions", "body", "body-markup"];

#[expect(clippy::disallowed_methods, reason = "a test is its own engine")]
fn spawn(future: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(future);
}

/// A delivery task at work on a bus.
struct Rig {
    handle: Handle,
    outputs: Outputs,
    settings: watch::Sender<Arc<Settings>>,
    words: watch::Sender<Words>,
    stop: CancellationToken,
    source: SourceId,
    rows: i64,
}

impl Rig {
    fn start(address: &str, limits: Limits) -> Self {
        let options = Options {
            limits,
            bus: Some(address.to_owned()),
            zone: || TimeZone::get("Asia/Seoul").unwrap(),
            ..Options::default()
        };
        let (words, words_in) = watch::channel(Words::default());
        let (settings, settings_in) = watch::channel(Arc::default());
        let (handle, outputs, task) = delivery(options, words_in, settings_in, || WALL.get());
        let stop = CancellationToken::new();
        spawn(task.run(stop.clone()));
        Self {
            handle,
            outputs,
            settings,
            words,
            stop,
            source: SourceId::random(),
            rows: 0,
        }
    }

    fn event(&mut self, title: &str, body: &str) -> Deliver {
        self.rows += 1;
        Deliver {
            row: RowId(self.rows),
            source: self.source,
            source_name: Arc::from("Builds"),
            notification: Notification {
                title: title.to_owned(),
                body: body.to_owned(),
                ..Notification::default()
            },
            ring: Ring::default(),
            rule: None,
            replayed: false,
            backlog: false,
        }
    }

    /// What a person does in the settings.
    fn set(&self, change: impl FnOnce(&mut Preferences)) {
        self.settings
            .send_modify(|settings| change(&mut Arc::make_mut(settings).preferences));
    }

    /// The source is one of the settings, with toasts such as these.
    fn toasts(&self, toast: SourceToasts) {
        let mut source =
            SourceConfig::new("Builds", "https://ci.example.com/events".parse().unwrap());
        source.id = self.source;
        source.toast = toast;
        self.settings.send_modify(|settings| {
            Arc::make_mut(settings).sources = vec![source];
        });
    }

    /// Waits until toasts wait for this reason.
    async fn stands(&self, reason: Option<QuietReason>) -> QuietState {
        let mut quiet = self.handle.quiet();
        let changed = quiet.wait_for(|quiet| quiet.reason == reason);
        let waited = tokio::time::timeout(Duration::from_secs(20), changed).await;
        *waited.expect("it never became so").unwrap()
    }

    async fn deliver(&mut self, title: &str, body: &str) -> RowId {
        let event = self.event(title, body);
        let row = event.row;
        self.handle.deliver(event).await.unwrap();
        row
    }

    /// Collects outcomes until this many events have one; no event may have two.
    async fn fates(&mut self, events: usize) -> BTreeMap<RowId, Outcome> {
        let mut fates = BTreeMap::new();
        let collect = async {
            while fates.len() < events {
                let outcome = self.outputs.outcomes.recv().await.unwrap();
                for row in &outcome.rows {
                    let before = fates.insert(*row, outcome.clone());
                    assert_eq!(before, None, "{row:?} has two outcomes");
                }
            }
        };
        let collected = tokio::time::timeout(Duration::from_secs(90), collect).await;
        collected.unwrap_or_else(|_| panic!("{} of {events} have an outcome", fates.len()));
        fates
    }

    async fn fate(&mut self) -> Outcome {
        self.fates(1).await.into_values().next().unwrap()
    }

    async fn health(&self, wanted: impl Fn(&ToastHealth) -> bool) -> ToastHealth {
        let mut health = self.handle.health();
        let changed = tokio::time::timeout(Duration::from_secs(20), health.wait_for(wanted));
        changed
            .await
            .expect("health stays as it is")
            .unwrap()
            .clone()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn is_ready(health: &ToastHealth) -> bool {
    matches!(health, ToastHealth::Ready { .. })
}

fn is_unavailable(health: &ToastHealth) -> bool {
    matches!(health, ToastHealth::Unavailable { .. })
}

fn count(fates: &BTreeMap<RowId, Outcome>, delivery: Delivery) -> usize {
    let fates = fates.values();
    fates.filter(|fate| fate.delivery == delivery).count()
}

fn bodies(calls: &[Call]) -> Vec<&str> {
    calls.iter().map(|call| call.body.as_str()).collect()
}

struct Desktop {
    bus: Bus,
    daemon: Daemon,
    rig: Rig,
    dir: tempfile::TempDir,
}

/// A bus, a service with these abilities, and a delivery task that has found it.
async fn desktop(capabilities: &[&str], limits: Limits) -> Desktop {
    let dir = tempfile::tempdir().unwrap();
    let bus = Bus::start(dir.path());
    let daemon = Daemon::start(&bus, capabilities).await;
    let rig = Rig::start(&bus.address, limits);
    rig.health(is_ready).await;
    Desktop {
        bus,
        daemon,
        rig,
        dir,
    }
}

#[tokio::test]
async fn a_toast_says_what_the_event_says_and_nothing_comes_alive() {
    let mut desk = desktop(ALL, Limits::default()).await;
    let mut event = desk
        .rig
        .event("<b>Deploy & more</b>", "<img src=http://h/x> & 'done'");
    event.notification.severity = Severity::Critical;
    desk.rig.handle.deliver(event).await.unwrap();
    let fate = desk.rig.fate().await;
    assert_eq!(fate.delivery, Delivery::Shown);
    let [call] = &desk.daemon.calls(1).await[..] else {
        panic!("one call")
    };
    assert_eq!(call.app_name, "Tidings");
    assert_eq!(call.summary, "<b>Deploy & more</b>");
    assert_eq!(
        call.body,
        "&lt;img src=http://h/x&gt; &amp; &apos;done&apos;"
    );
    let actions = [
        "default",
        "Open",
        "snooze",
        "Snooze 1 h",
        "read",
        "Mark read",
    ];
    assert_eq!(call.actions, actions);
    assert_eq!(call.urgency, Some(2));
    assert_eq!((call.icon.as_str(), call.timeout), ("tidings", -1));
    assert_eq!(call.desktop_entry.as_deref(), Some("Tidings"));
    assert_eq!(call.category.as_deref(), Some("im.received"));
    let (server, version) = ("mock".to_owned(), "1.0".to_owned());
    let health = desk.rig.health(is_ready).await;
    assert_eq!(health, ToastHealth::Ready { server, version });
}

#[tokio::test]
async fn a_service_that_can_do_nothing_gets_plain_text_and_no_action() {
    let mut desk = desktop(&[], Limits::default()).await;
    desk.rig.deliver("t", "a < b & c").await;
    let call = &desk.daemon.calls(1).await[0];
    assert_eq!((call.body.as_str(), call.actions.len()), ("a < b & c", 0));
}

#[tokio::test]
async fn a_nul_in_a_title_costs_the_connection_nothing() {
    let mut desk = desktop(ALL, Limits::default()).await;
    desk.rig.deliver("a\0b", "c\0d").await;
    desk.rig.deliver("next", "").await;
    let calls = desk.daemon.calls(2).await;
    assert_eq!((&*calls[0].summary, &*calls[0].body), ("ab", "cd"));
    assert_eq!(calls[0].sender, calls[1].sender);
    assert_eq!(count(&desk.rig.fates(2).await, Delivery::Shown), 2);
}

#[tokio::test]
async fn a_click_opens_its_event_with_the_compositors_token() {
    let mut desk = desktop(ALL, Limits::default()).await;
    desk.rig.deliver("first", "").await;
    let second = desk.rig.deliver("second", "").await;
    let call = desk.daemon.calls(2).await[1].clone();
    desk.rig.fates(2).await;
    let token = (call.id, "token-1");
    desk.daemon
        .signal(&call.sender, "ActivationToken", &token)
        .await;
    let action = (call.id, "default");
    desk.daemon
        .signal(&call.sender, "ActionInvoked", &action)
        .await;
    let click = desk.rig.outputs.clicks.recv().await.unwrap();
    assert_eq!(click.row, Some(second));
    assert_eq!(click.source, Some(desk.rig.source));
    assert_eq!(click.activation_token.as_deref(), Some("token-1"));
}

#[tokio::test]
async fn a_click_that_comes_before_the_answer_is_not_lost() {
    let mut desk = desktop(ALL, Limits::default()).await;
    desk.daemon.be(Mood::ClickFirst);
    let row = desk.rig.deliver("quick", "").await;
    let click = desk.rig.outputs.clicks.recv().await.unwrap();
    assert_eq!(click.row, Some(row));
}

#[tokio::test]
async fn b71_a_forged_click_opens_nothing() {
    let mut desk = desktop(ALL, Limits::default()).await;
    let row = desk.rig.deliver("target", "").await;
    let call = desk.daemon.calls(1).await[0].clone();
    desk.rig.fates(1).await;
    let forger = desk.bus.connect().await;
    for id in 0..64 {
        notification_daemon::signal(&forger, &call.sender, "ActionInvoked", &(id, "default")).await;
    }
    // The forger's last signal is on the bus before the service's: nothing may come of it.
    forger.close().await.unwrap();
    let token = (call.id, "real");
    desk.daemon
        .signal(&call.sender, "ActivationToken", &token)
        .await;
    let action = (call.id, "default");
    desk.daemon
        .signal(&call.sender, "ActionInvoked", &action)
        .await;
    let click = desk.rig.outputs.clicks.recv().await.unwrap();
    assert_eq!(
        (click.row, click.activation_token.as_deref()),
        (Some(row), Some("real"))
    );
    assert!(desk.rig.outputs.clicks.try_recv().is_err());
}

#[tokio::test]
async fn gnome_keeps_all_toasts_because_one_connection_sent_them() {
    let mut desk = desktop(ALL, Limits::lifted()).await;
    desk.daemon.drop_all_when_first_sender_leaves().await;
    for number in 0..8 {
        desk.rig.deliver(&format!("toast {number}"), "").await;
    }
    desk.rig.fates(8).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(desk.daemon.state().shown.len(), 8);
    // And it is the connection that holds them there.
    desk.rig.stop.cancel();
    until(|| desk.daemon.state().shown.is_empty()).await;
}

#[tokio::test]
async fn ten_thousand_events_at_once_raise_four_toasts_and_each_has_its_fate() {
    let mut desk = desktop(ALL, Limits::default()).await;
    let handle = desk.rig.handle.clone();
    let events: Vec<Deliver> = (0..10_000)
        .map(|number| desk.rig.event(&format!("event {number}"), ""))
        .collect();
    spawn(async move {
        for event in events {
            handle.deliver(event).await.unwrap();
        }
    });
    let fates = desk.rig.fates(10_000).await;
    assert_eq!(count(&fates, Delivery::Shown), 3);
    assert_eq!(count(&fates, Delivery::Digest), 9_997);
    let calls = desk.daemon.calls(4).await;
    let last = calls.last().unwrap();
    assert_eq!(last.body, "9997 more from Builds\nevent 9999");
    assert_eq!(last.summary, "Builds");
    assert!(calls.len() <= 5, "{:?}", bodies(&calls));
}

#[tokio::test]
async fn a_replayed_backlog_raises_one_summary_toast() {
    let mut desk = desktop(ALL, Limits::default()).await;
    for number in 1..=37 {
        let mut event = desk.rig.event(&format!("event {number}"), "");
        event.replayed = true;
        desk.rig.handle.deliver(event).await.unwrap();
    }
    let fates = desk.rig.fates(37).await;
    assert_eq!(count(&fates, Delivery::Digest), 37);
    let calls = desk.daemon.calls(1).await;
    assert_eq!(bodies(&calls), ["37 events while you were away\nevent 37"]);
}

#[tokio::test]
async fn two_replayed_events_ring_as_themselves() {
    let mut desk = desktop(ALL, Limits::default()).await;
    for title in ["one", "two"] {
        let mut event = desk.rig.event(title, "");
        event.replayed = true;
        desk.rig.handle.deliver(event).await.unwrap();
    }
    assert_eq!(count(&desk.rig.fates(2).await, Delivery::Shown), 2);
    let calls = desk.daemon.calls(2).await;
    let titles: Vec<&str> = calls.iter().map(|call| &*call.summary).collect();
    assert_eq!(titles, ["one", "two"]);
}

#[tokio::test]
async fn what_an_earlier_run_did_not_show_is_one_digest_in_the_persons_language() {
    let mut desk = desktop(ALL, Limits::default()).await;
    desk.rig
        .words
        .send_modify(|words| words.backlog = "놓친 알림 {count}개\n{title}".to_owned());
    for number in 0..5 {
        let mut event = desk.rig.event(&format!("event {number}"), "");
        event.backlog = true;
        event.source = SourceId::random();
        desk.rig.handle.deliver(event).await.unwrap();
    }
    assert_eq!(count(&desk.rig.fates(5).await, Delivery::Digest), 5);
    let calls = desk.daemon.calls(1).await;
    assert_eq!(bodies(&calls), ["놓친 알림 5개\nevent 4"]);
    assert_eq!(calls[0].summary, "Tidings");
}

#[tokio::test]
async fn a_pause_shows_nothing_and_says_so() {
    let mut desk = desktop(ALL, Limits::default()).await;
    desk.rig.set(|set| set.toasts_paused = true);
    desk.rig.stands(Some(QuietReason::Paused)).await;
    desk.rig.deliver("quiet", "").await;
    assert_eq!(desk.rig.fate().await.delivery, Delivery::Paused);
    desk.rig.set(|set| set.toasts_paused = false);
    desk.rig.stands(None).await;
    desk.rig.deliver("loud", "").await;
    assert_eq!(desk.daemon.calls(1).await[0].summary, "loud");
}

#[tokio::test]
async fn a_test_toast_names_the_service_that_took_it() {
    let desk = desktop(ALL, Limits::default()).await;
    let answer = desk.rig.handle.send_test().await.unwrap();
    assert_eq!((&*answer.server, &*answer.version), ("mock", "1.0"));
    assert_eq!(
        desk.daemon.calls(1).await[0].summary,
        "Tidings can reach you"
    );
}

#[tokio::test]
async fn what_the_program_says_goes_out_on_the_one_connection_even_while_toasts_wait() {
    let mut desk = desktop(ALL, Limits::default()).await;
    desk.rig.deliver("an event", "").await;
    desk.rig.fate().await;
    desk.rig.set(|set| set.toasts_paused = true);
    desk.rig.stands(Some(QuietReason::Paused)).await;
    let said = desk.rig.handle.say("It runs on".into(), "a & b".into());
    said.await.unwrap();
    let [event, said] = &desk.daemon.calls(2).await[..] else {
        panic!("two calls")
    };
    assert_eq!((&*said.summary, &*said.body), ("It runs on", "a &amp; b"));
    assert_eq!(said.sender, event.sender);
}

#[tokio::test]
async fn the_oldest_toast_closes_once_a_sixty_fifth_shows() {
    let mut desk = desktop(ALL, Limits::lifted()).await;
    for number in 0..66 {
        desk.rig.deliver(&format!("toast {number}"), "").await;
    }
    desk.rig.fates(66).await;
    until(|| desk.daemon.state().closed.len() >= 2).await;
    assert_eq!(desk.daemon.state().closed, [1, 2]);
}

#[tokio::test]
async fn ten_thousand_toasts_leave_no_file_open() {
    let files = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let mut desk = desktop(ALL, Limits::lifted()).await;
    desk.rig.deliver("first", "").await;
    desk.rig.fates(1).await;
    let before = files();
    for hundred in 0..100 {
        for number in 0..100 {
            desk.rig
                .deliver(&format!("toast {hundred} {number}"), "")
                .await;
        }
        assert_eq!(count(&desk.rig.fates(100).await, Delivery::Shown), 100);
    }
    // Tests beside this one open files of their own: a leak would be thousands.
    assert!(files() < before + 200, "{before} files became {}", files());
}
