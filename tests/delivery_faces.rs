//! What a toast looks like, and what its buttons do.

use tidings_core::delivery::Verb;

use super::*;

#[tokio::test]
async fn events_that_repeat_each_other_share_one_toast_that_counts_them() {
    let mut desk = desktop(ALL, Limits::lifted()).await;
    let first = desk.rig.deliver("Build failed", "web-1").await;
    desk.rig.deliver("Build passed", "web-1").await;
    let again = desk.rig.deliver("Build failed", "web-2").await;
    assert_eq!(count(&desk.rig.fates(3).await, Delivery::Shown), 3);
    let calls = desk.daemon.calls(3).await;
    assert_eq!((calls[1].replaces, calls[2].replaces), (0, calls[0].id));
    assert_eq!(
        (&*calls[2].summary, &*calls[2].body),
        ("Build failed (×2)", "web-2")
    );

    // Its button means both.
    let read = (calls[2].id, "read");
    desk.daemon
        .signal(&calls[2].sender, "ActionInvoked", &read)
        .await;
    let click = desk.rig.outputs.clicks.recv().await.unwrap();
    assert_eq!((click.verb, click.rows), (Verb::Read, vec![first, again]));

    // Taken away by a person, it is over: the next one is new.
    let closed = (calls[0].id, 2_u32);
    desk.daemon
        .signal(&calls[0].sender, "NotificationClosed", &closed)
        .await;
    desk.daemon
        .signal(&calls[1].sender, "ActionInvoked", &(calls[1].id, "default"))
        .await;
    desk.rig.outputs.clicks.recv().await.unwrap();
    desk.rig.deliver("Build failed", "web-3").await;
    let calls = desk.daemon.calls(4).await;
    assert_eq!((calls[3].replaces, &*calls[3].summary), (0, "Build failed"));
    // Another source's events are never the same.
    desk.rig.source = SourceId::random();
    desk.rig.deliver("Build failed", "").await;
    assert_eq!(desk.daemon.calls(5).await[4].replaces, 0);
}

#[tokio::test]
async fn buttons_carry_fixed_keys_and_a_signal_only_names_one_of_them() {
    let mut desk = desktop(ALL, Limits::default()).await;
    desk.rig.toasts(SourceToasts::default());
    let mut event = desk.rig.event("Run 4818", "");
    event.notification.url = Some(" https://CI.example.com:8443/runs/4818 ".to_owned());
    desk.rig.handle.deliver(event).await.unwrap();
    let call = desk.daemon.calls(1).await[0].clone();
    let labels = ["Open", "Open ci.example.com", "Snooze 1 h", "Mark read"];
    let keys = ["default", "open", "snooze", "read"];
    let actions: Vec<&str> = keys
        .into_iter()
        .zip(labels)
        .flat_map(|(key, label)| [key, label])
        .collect();
    assert_eq!(call.actions, actions);
    desk.rig.fates(1).await;
    for key in ["https://evil/", "copy", "", "open"] {
        desk.daemon
            .signal(&call.sender, "ActionInvoked", &(call.id, key))
            .await;
    }
    let click = desk.rig.outputs.clicks.recv().await.unwrap();
    let link = click.link.unwrap();
    assert_eq!(click.verb, Verb::Open);
    assert_eq!(
        (&*link.url, link.foreign),
        ("https://ci.example.com:8443/runs/4818", false)
    );
}

#[tokio::test]
async fn a_link_to_elsewhere_asks_and_one_that_is_refused_has_no_button() {
    let mut desk = desktop(ALL, Limits::lifted()).await;
    desk.rig.toasts(SourceToasts::default());
    for (number, (url, label)) in [
        ("https://evil.example/", Some("Open evil.example…")),
        ("https://\u{430}pple.com/", Some("Open xn--pple-43d.com…")),
        ("javascript:alert(1)", None),
        ("https://user:pass@evil.example/", None),
        ("file:///etc/passwd", None),
    ]
    .into_iter()
    .enumerate()
    {
        let mut event = desk.rig.event(&format!("event {number}"), "");
        event.notification.url = Some(url.to_owned());
        desk.rig.handle.deliver(event).await.unwrap();
        let call = desk.daemon.calls(number + 1).await[number].clone();
        let at = call.actions.iter().position(|key| key == "open");
        assert_eq!(at.map(|at| call.actions[at + 1].as_str()), label, "{url}");
    }
}

#[tokio::test]
async fn privacy_tells_that_there_is_an_event_and_nothing_of_it() {
    let mut desk = desktop(ALL, Limits::default()).await;
    desk.rig.toasts(SourceToasts {
        privacy: true,
        ..SourceToasts::default()
    });
    let secrets = ["Biopsy result", "Your code is 1234", "x", "y", "z"];
    for secret in secrets {
        let mut event = desk.rig.event(secret, "and more of it");
        event.notification.url = Some("https://clinic.example/".to_owned());
        desk.rig.handle.deliver(event).await.unwrap();
    }
    desk.rig.fates(5).await;
    for secret in ["Biopsy result", "x", "y"] {
        let mut event = desk.rig.event(secret, "and more of it");
        event.replayed = true;
        desk.rig.handle.deliver(event).await.unwrap();
    }
    desk.rig.fates(3).await;
    let calls = desk.daemon.calls(5).await;
    assert_eq!(calls[0].summary, "New event from Builds");
    assert_eq!(
        (&*calls[3].summary, calls[3].replaces),
        ("New event from Builds (×5)", calls[0].id)
    );
    assert_eq!(calls[4].body, "3 events while you were away");
    let all = format!("{calls:?}");
    for secret in secrets.iter().take(2).chain(&["clinic", "and more"]) {
        assert!(!all.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_toast_rings_as_rule_and_source_say() {
    let mut desk = desktop(ALL, Limits::lifted()).await;
    let named = |name: &str| Sound::Named(name.to_owned());
    let mut number = 0;
    for (source, rule, name, suppressed) in [
        (true, Sound::Default, None, None),
        (true, Sound::Silent, None, Some(true)),
        (false, Sound::Default, None, Some(true)),
        (false, named("bell"), Some("bell"), None),
        (
            true,
            named("alarm-clock-elapsed"),
            Some("alarm-clock-elapsed"),
            None,
        ),
        // B26
        (true, named("../../x.wav"), None, None),
        (false, named("/dev/zero"), None, Some(true)),
    ] {
        desk.rig.toasts(SourceToasts {
            sound: source,
            ..SourceToasts::default()
        });
        number += 1;
        let mut event = desk.rig.event(&format!("event {number}"), "");
        event.ring.sound = rule;
        event.ring.sticky = number == 1;
        desk.rig.handle.deliver(event).await.unwrap();
        let call = desk.daemon.calls(number).await[number - 1].clone();
        assert_eq!(
            (call.sound.as_deref(), call.suppressed),
            (name, suppressed),
            "{number}"
        );
        let sticky = if number == 1 {
            (0, Some(true))
        } else {
            (-1, None)
        };
        assert_eq!((call.timeout, call.resident), sticky);
    }
}

#[tokio::test]
async fn severity_is_urgency_and_never_more_than_the_source_may_have() {
    let mut desk = desktop(ALL, Limits::lifted()).await;
    let all = [
        Severity::Low,
        Severity::Normal,
        Severity::High,
        Severity::Critical,
    ];
    let mut urgencies = Vec::new();
    for (source, max_urgency) in [Severity::Critical, Severity::Normal, Severity::Low]
        .into_iter()
        .enumerate()
    {
        desk.rig.source = SourceId::random();
        desk.rig.toasts(SourceToasts {
            max_urgency,
            ..SourceToasts::default()
        });
        for (number, severity) in all.into_iter().enumerate() {
            let mut event = desk.rig.event(&format!("event {number}"), "");
            event.notification.severity = severity;
            desk.rig.handle.deliver(event).await.unwrap();
            let calls = desk.daemon.calls(source * all.len() + number + 1).await;
            urgencies.push(calls.last().unwrap().urgency.unwrap());
        }
    }
    assert_eq!(urgencies, [0, 1, 1, 2, 0, 1, 1, 1, 0, 0, 0, 0]);
}

#[tokio::test]
async fn a_toast_that_was_acted_on_leaves_the_screen_and_is_not_counted_on() {
    let mut desk = desktop(ALL, Limits::lifted()).await;
    for (key, verb) in [
        ("default", Verb::Show),
        ("snooze", Verb::Snooze),
        ("read", Verb::Read),
    ] {
        let mut event = desk.rig.event("stays", "");
        event.ring.sticky = true;
        desk.rig.handle.deliver(event).await.unwrap();
        desk.rig.fates(1).await;
        let call = desk.daemon.state().calls.last().cloned().unwrap();
        assert_eq!((call.replaces, &*call.summary), (0, "stays"));
        let action = (call.id, key);
        for _ in 0..2 {
            desk.daemon
                .signal(&call.sender, "ActionInvoked", &action)
                .await;
        }
        let click = desk.rig.outputs.clicks.recv().await.unwrap();
        assert_eq!(click.verb, verb);
        until(|| desk.daemon.state().closed.ends_with(&[call.id])).await;
        assert!(desk.daemon.state().shown.is_empty());
    }
    assert!(
        desk.rig.outputs.clicks.try_recv().is_err(),
        "one click each"
    );
}
