//! What a person does to the whole app: quiet hours ended early, the history looked at, settings
//! carried out, everything deleted.

mod support;

use std::time::Duration;

use jiff::{SignedDuration, tz::TimeZone};
use support::{
    rig::{Rig, clock, sleep_through},
    server::{Answer, Server, Then},
};
use tidings_core::{
    delivery,
    error::Code,
    history::Selection,
    ipc::{HeaderInput, SourceInput},
    quiet::{QuietHours, QuietReason, Snooze},
    settings::{Preferences, Settings, Theme},
};

/// Quiet hours that began an hour ago and end in an hour, every day.
fn around_now() -> serde_json::Result<QuietHours> {
    let time = |hours| {
        let at = clock() + SignedDuration::from_hours(hours);
        at.to_zoned_datetime(TimeZone::UTC)
            .strftime("%H:%M")
            .to_string()
    };
    serde_json::from_value(serde_json::json!({
        "enabled": true,
        "rows": [{
            "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
            "from": time(-1),
            "to": time(1),
        }],
    }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quiet_hours_that_are_ended_early_come_again_the_next_day() {
    let toasts = delivery::Options {
        zone: || TimeZone::UTC,
        bus: Some("unix:path=/nonexistent".to_owned()),
        ..delivery::Options::default()
    };
    let rig = Rig::start_with_toasts(Settings::default(), toasts).await;
    rig.handle
        .set_quiet_hours(around_now().unwrap())
        .await
        .unwrap();
    assert_eq!(rig.handle.quiet().reason, Some(QuietReason::Hours));

    let after = rig.handle.snooze(Snooze::Off).await.unwrap();

    assert_eq!(after.reason, None);
    sleep_through(24 * 3600);
    assert_eq!(rig.handle.quiet().reason, Some(QuietReason::Hours));
    rig.handle.snooze(Snooze::Off).await.unwrap();
    assert_eq!(rig.handle.quiet().reason, None);
    // Whoever sets hours wants these, now.
    rig.handle
        .set_quiet_hours(around_now().unwrap())
        .await
        .unwrap();
    assert_eq!(rig.handle.quiet().reason, Some(QuietReason::Hours));
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_deleted_leaves_no_source_secret_rule_preference_or_event() {
    let server = Server::start([Answer::stream(
        ["id: 7\ndata: umbrella-stand\n\n"],
        Then::Hold,
    )])
    .await;
    let rig = Rig::start([]).await;
    let input = |name: &str| SourceInput {
        name: name.to_owned(),
        url: server.url("/"),
        headers: vec![HeaderInput {
            name: "X-Token".to_owned(),
            value: Some("hush-hush".to_owned()),
        }],
        ..SourceInput::default()
    };
    let id = rig.handle.add_source(input("one")).await.unwrap().id;
    let retired = rig
        .handle
        .add_source(input("marmalade-jar"))
        .await
        .unwrap()
        .id;
    rig.await_data(id, 1).await;
    rig.await_data(retired, 1).await;
    rig.handle.remove_source(retired, true).await.unwrap();
    let edit = |preferences: &mut Preferences| preferences.theme = Theme::Dark;
    rig.handle.edit_preferences(edit).await.unwrap();

    rig.handle.delete_all().await.unwrap();

    let settings = rig.handle.settings.current();
    assert!(settings.sources.is_empty() && settings.rules.is_empty());
    assert_eq!(settings.preferences, Preferences::default());
    assert!(rig.handle.headers(id).await.unwrap().is_empty());
    let (all, now) = (
        Selection::default(),
        clock().to_zoned_datetime(TimeZone::UTC),
    );
    let left = rig.handle.history.query(&all, &now);
    assert!(left.await.unwrap().is_empty());
    assert_eq!(rig.handle.history.cursor(id).await.unwrap(), None);
    assert!(
        rig.handle
            .history
            .unread()
            .await
            .unwrap()
            .sources
            .is_empty()
    );
    assert_eq!(rig.handle.check_history().await.unwrap().findings, [""; 0]);
    let dir = rig.stop().await;
    for file in ["history.db", "history.db-wal"] {
        let bytes = std::fs::read(dir.path().join(file)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("umbrella-stand"), "{file}");
        assert!(!text.contains("marmalade-jar"), "{file}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_are_written_where_a_person_says() {
    let rig = Rig::start([]).await;
    let path = rig.dir.path().join("mine.json");

    let exported = rig
        .handle
        .export_settings(Some(path.clone()))
        .await
        .unwrap();
    let nowhere = rig.dir.path().join("no/such/folder.json");
    let refused = rig.handle.export_settings(Some(nowhere)).await.unwrap_err();

    assert_eq!(exported.path, path.display().to_string());
    assert!(
        std::fs::read_to_string(path)
            .unwrap()
            .contains("\"tidings\"")
    );
    assert_eq!(refused.code, Code::NotSaved);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_at_work_is_told_without_a_notification_service_too() {
    let rig = Rig::start([]).await;

    let about = rig.handle.about(Some("2.50.6".to_owned()));

    assert_eq!(about.version, env!("CARGO_PKG_VERSION"));
    assert_eq!(about.webview.as_deref(), Some("2.50.6"));
    assert!(about.notifications.is_none() && about.secrets.is_none());
    let _ = tokio::time::timeout(Duration::from_secs(30), rig.stop())
        .await
        .unwrap();
}
