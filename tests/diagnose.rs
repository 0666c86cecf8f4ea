//! What the engine can tell about its sources: a diagnosis, a report nobody's secret is in, a test
//! of a connection, a command to copy.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a step that fails is a test that fails"
)]

mod support;

use std::{sync::Arc, time::Duration};

use support::server::{Answer, Server, Then};
use tempfile::TempDir;
use tidings_core::{
    data_dir::DataDir,
    delivery,
    engine::{Engine, Handle, Parts},
    error::{Code, OptionField},
    history::History,
    ipc::{Diagnosis, FrameKind, HeaderInput, SourceInput, SourceOptions},
    model::{SourceId, Timestamp},
    secrets::SessionSecrets,
    settings::{FileStore, SettingsFiles, SettingsOwner},
    source::{CauseCode, Dedupe, suspend::asleep},
};

/// A running engine in a directory of its own.
struct Place {
    engine: Engine,
    _temp: TempDir,
}

impl Place {
    async fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let lock = DataDir::open(Some(temp.path()))
            .unwrap()
            .lock("a test")
            .unwrap();
        let (files, opened) = SettingsFiles::open(&lock, Timestamp::UNIX_EPOCH);
        let store = Arc::new(FileStore::new(Arc::new(files)));
        let engine = Engine::start(Parts {
            settings: SettingsOwner::new(opened.settings, store),
            secrets: Arc::new(SessionSecrets::default()),
            history: History::open(temp.path()).unwrap(),
            toasts: delivery::Options {
                bus: Some("unix:path=/nonexistent".to_owned()),
                ..delivery::Options::default()
            },
            words: |_| delivery::Words::default(),
            clock: || Timestamp::UNIX_EPOCH,
            asleep,
            troubles: Vec::new(),
        })
        .await
        .unwrap();
        Self {
            engine,
            _temp: temp,
        }
    }
}

fn input(url: &str) -> SourceInput {
    SourceInput {
        url: url.to_owned(),
        ..SourceInput::default()
    }
}

fn header(name: &str, value: Option<&str>) -> HeaderInput {
    HeaderInput {
        name: name.to_owned(),
        value: value.map(str::to_owned),
    }
}

async fn until(handle: &Handle, id: SourceId, holds: impl Fn(&Diagnosis) -> bool) -> Diagnosis {
    for _ in 0..500 {
        let diagnosis = handle.diagnosis(id).unwrap();
        if holds(&diagnosis) {
            return diagnosis;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never came: {:?}", handle.diagnosis(id));
}

#[tokio::test]
async fn a_diagnosis_tells_every_try_and_the_frames_as_they_came() {
    let server = Server::start([
        Answer::stream(["retry: 600\n\n", ": hb\n\nid: 7\ndata: a\n\n"], Then::Eof),
        Answer::stream(
            ["id: 8\n\nevent: b\ndata: c\nretry: 700\n\nretry: 800\n\n"],
            Then::Hold,
        ),
    ])
    .await;
    let place = Place::new().await;
    let handle = place.engine.handle();
    let id = handle.add_source(input(&server.url("/"))).await.unwrap().id;

    let diagnosis = until(&handle, id, |one| one.frames.len() == 6).await;

    let frames = diagnosis.frames.iter().map(|one| (one.kind, one.retry_ms));
    assert_eq!(
        frames.collect::<Vec<_>>(),
        [
            (FrameKind::Retry, Some(600)),
            (FrameKind::Comment, None),
            (FrameKind::Event, None),
            (FrameKind::Id, None),
            (FrameKind::Event, Some(700)),
            (FrameKind::Retry, Some(800)),
        ]
    );
    assert_eq!(diagnosis.frames[2].id.as_deref(), Some("7"));
    assert_eq!(diagnosis.frames[4].event.as_deref(), Some("b"));
    assert_eq!((diagnosis.attempts, diagnosis.events), (2, 2));
    let first = &diagnosis.timeline[0];
    assert_eq!(first.cause.as_ref().unwrap().code, CauseCode::Closed);
    assert_eq!(first.bytes, 33);
    assert!(diagnosis.timeline[1].ended.is_none());
    place.engine.stop().await;
}

#[tokio::test]
async fn bytes_that_make_no_event_are_told_at_once() {
    let silent = Server::start([Answer::stream(["\n"], Then::Hold)]).await;
    let asking = Server::start([Answer::stream(["retry: 9000\n\n"], Then::Hold)]).await;
    let dripping = Server::start([Answer::stream(["retry: 700\nda", "ta"], Then::Hold)]).await;
    let place = Place::new().await;
    let handle = place.engine.handle();
    let told = async |server: &Server, bytes| {
        let added = handle.add_source(input(&server.url("/"))).await.unwrap();
        until(&handle, added.id, |one| one.bytes == bytes).await
    };

    let silent = told(&silent, 1).await;
    let asking = told(&asking, 13).await;
    let dripping = told(&dripping, 15).await;

    assert_eq!((silent.timeline[0].bytes, silent.frames.len()), (1, 0));
    assert_eq!(asking.retry_ms, Some(9000));
    let [frame] = &asking.frames[..] else {
        panic!("{:?}", asking.frames)
    };
    assert_eq!((frame.kind, frame.retry_ms), (FrameKind::Retry, Some(9000)));
    // The standard has a retry field count before its block ends (9.2.6).
    assert_eq!((dripping.retry_ms, dripping.frames.len()), (Some(700), 0));
    place.engine.stop().await;
}

#[tokio::test]
async fn a_replayed_event_counts_as_a_duplicate() {
    let server = Server::start([
        Answer::stream(["id: 7\ndata: a\n\n"], Then::Eof),
        Answer::stream(["id: 7\ndata: a\n\n"], Then::Hold),
    ])
    .await;
    let place = Place::new().await;
    let handle = place.engine.handle();
    let id = handle.add_source(input(&server.url("/"))).await.unwrap().id;

    let diagnosis = until(&handle, id, |one| one.duplicates > 0).await;

    assert_eq!((diagnosis.events, diagnosis.duplicates), (2, 1));
    place.engine.stop().await;
}

#[tokio::test]
async fn no_secret_is_in_a_report_even_where_the_server_repeats_it() {
    let told = "event: hunter2key\nid: hunter2key\ndata: hunter2key token=hunter2query\n\n";
    let server = Server::start([Answer::stream([told], Then::Hold)]).await;
    let url = server.url("/e?token=hunter2query&q=hunter2plain");
    let refused = Server::start([Answer::status(404)
        .header("X-Echo", "hunter2key")
        .header("Content-Type", "text/hunter2key")])
    .await;
    let place = Place::new().await;
    let handle = place.engine.handle();
    let with_header = SourceInput {
        headers: vec![header("X-Custom", Some("hunter2key"))],
        ..input(&url)
    };
    let with_userinfo = input(&refused.url("/x").replace("://", "://me:hunter2pass@"));
    let id = handle.add_source(with_header).await.unwrap().id;
    let other = handle.add_source(with_userinfo).await.unwrap().id;
    until(&handle, id, |one| one.events == 1).await;
    until(&handle, other, |one| {
        one.timeline
            .first()
            .is_some_and(|try_| try_.cause.is_some())
    })
    .await;

    let report = handle.report(Some("2.50.6".to_owned())).await;

    for secret in ["hunter2", "bWU6aHVudGVyMnBhc3M="] {
        assert!(!report.contains(secret), "{report}");
    }
    for words in [
        "X-Custom",
        "1 events",
        "live since",
        "404",
        "/e (query left out)",
        "web view: 2.50.6",
        "notification service: ",
        "header values are kept in: ",
        " bytes, 1 events",
    ] {
        assert!(report.contains(words), "{words} is not in:\n{report}");
    }
    assert!(!report.contains("kept in: <redacted>"), "{report}");
    place.engine.stop().await;
}

#[tokio::test]
async fn b60_a_token_in_the_query_is_kept_as_a_secret_and_sent() {
    let answers = ["data: a\n\n", "data: b\n\n", "data: c\n\n"];
    let server = Server::start(answers.map(|data| Answer::stream([data], Then::Hold))).await;
    let place = Place::new().await;
    let handle = place.engine.handle();
    let plain = server.url("/e?topic=a%20b");

    let asked = input(&format!("{plain}&token=hunter2"));
    let view = handle.add_source(asked).await.unwrap();
    until(&handle, view.id, |one| one.events == 1).await;

    assert_eq!(
        (&*view.url, &*view.header_names),
        (&*plain, &["?token".to_owned()][..])
    );
    assert_eq!(server.seen()[0].target, "/e?topic=a+b&token=hunter2");
    let settings = serde_json::to_string(&*handle.settings.current()).unwrap();
    assert!(!settings.contains("hunter2"), "{settings}");
    let copied = handle.curl(view.id).await.unwrap();
    assert!(copied.contains("token=<redacted>") && !copied.contains("hunter2"));

    // As a form has it: the URL without the value, which stays unless a new one is given.
    let kept = || SourceInput {
        headers: vec![header("?token", None)],
        ..input(&plain)
    };
    let moved = SourceInput {
        url: plain.replace("/e", "/moved"),
        ..kept()
    };
    handle.edit_source(view.id, moved).await.unwrap();
    until(&handle, view.id, |one| one.events == 2).await;
    assert_eq!(server.seen()[1].target, "/moved?topic=a+b&token=hunter2");
    let renewed = SourceInput {
        url: format!("{plain}&token=new"),
        ..kept()
    };
    let view = handle.edit_source(view.id, renewed).await.unwrap();
    until(&handle, view.id, |one| one.events == 3).await;
    assert_eq!(server.seen()[2].target, "/e?topic=a+b&token=new");
    assert_eq!(view.header_names, ["?token"]);

    let away = input("http://elsewhere.example/e?token=hunter2");
    let refused = handle.add_source(away).await.unwrap_err();
    assert_eq!(refused.code, Code::CleartextSecret);
    place.engine.stop().await;
}

#[tokio::test]
async fn a_pasted_command_becomes_a_source_whose_secrets_are_only_in_the_store() {
    let server = Server::start([Answer::stream(["data: a\n\n"], Then::Hold)]).await;
    let place = Place::new().await;
    let handle = place.engine.handle();
    let command = format!(
        "curl -N -X POST '{}' -H 'Authorization: Bearer hunter2' --json '{{\"a\":1}}'",
        server.url("/e")
    );

    let view = handle.add_source(input(&command)).await.unwrap();
    until(&handle, view.id, |one| one.events == 1).await;

    assert_eq!(view.header_names, ["Authorization"]);
    assert_eq!(view.url, server.url("/e"));
    let seen = &server.seen()[0];
    assert_eq!(seen.method, "POST");
    assert_eq!(seen.body, br#"{"a":1}"#);
    assert_eq!(seen.header("authorization"), Some("Bearer hunter2"));
    let copied = handle.curl(view.id).await.unwrap();
    assert!(!copied.contains("hunter2"), "{copied}");
    assert!(
        !serde_json::to_string(&*handle.settings.current())
            .unwrap()
            .contains("hunter2")
    );
    place.engine.stop().await;
}

#[tokio::test]
async fn testing_an_edited_source_sends_the_stored_secret_and_changes_nothing() {
    let server = Server::start([
        Answer::stream([""], Then::Hold),
        Answer::stream(["data: a\n\n"], Then::Hold),
    ])
    .await;
    let place = Place::new().await;
    let handle = place.engine.handle();
    let secret = vec![header("X-Key", Some("hunter2"))];
    let added = handle.add_source(SourceInput {
        headers: secret,
        ..input(&server.url("/"))
    });
    let before = added.await.unwrap();
    until(&handle, before.id, |one| {
        one.timeline.first().is_some_and(|try_| try_.live.is_some())
    })
    .await;
    let edited = SourceInput {
        headers: vec![header("X-Key", None)],
        ..input(&server.url("/other"))
    };

    let mut steps = Vec::new();
    let patience = Duration::from_secs(5);
    let tell = |step| steps.push(step);
    let passed = handle.probe(Some(before.id), edited, patience, tell).await;

    assert!(passed.unwrap());
    assert_eq!(steps.len(), 5);
    let asked = &server.seen()[1];
    assert_eq!(asked.target, "/other");
    assert_eq!(asked.header("x-key"), Some("hunter2"));
    assert_eq!(handle.source(before.id).await.unwrap().url, before.url);
    place.engine.stop().await;
}

#[tokio::test]
async fn the_demo_stream_can_be_tested_like_any_other_and_on_any_thread() {
    let place = Place::new().await;
    let handle = place.engine.handle();
    let patience = Duration::from_millis(100);
    let test = async move {
        handle
            .probe(None, input("tidings:demo"), patience, |_| {})
            .await
    };

    let passed = tokio::task::JoinSet::from_iter([test]).join_next().await;

    assert!(passed.unwrap().unwrap().unwrap());
    place.engine.stop().await;
}

#[tokio::test]
async fn every_option_comes_back_for_editing_and_stays_where_none_is_given() {
    let place = Place::new().await;
    let handle = place.engine.handle();
    let options = SourceOptions {
        method: "post".to_owned(),
        body: Some("{}".to_owned()),
        resume_query: Some("since".to_owned()),
        idle_timeout_s: Some(45.5),
        silence_after_s: Some(600.0),
        max_event_bytes: 4096,
        dedupe: Dedupe::Never,
        proxy: Some("http://127.0.0.1:9/".to_owned()),
        ..SourceOptions::default()
    };
    let with_options = SourceInput {
        options: Some(options.clone()),
        ..input("http://127.0.0.1:9/e")
    };

    let added = handle.add_source(with_options).await.unwrap();
    let renamed = SourceInput {
        name: "other".to_owned(),
        ..input("http://127.0.0.1:9/e")
    };
    let edited = handle.edit_source(added.id, renamed).await.unwrap();

    let kept = SourceOptions {
        method: "POST".to_owned(),
        ..options
    };
    assert_eq!(added.options, kept);
    assert_eq!(edited.options, kept);
    place.engine.stop().await;
}

#[tokio::test]
async fn a_bad_option_is_refused_with_its_field_and_changes_nothing() {
    type Change = fn(&mut SourceOptions);
    let bad: [(OptionField, Change); 10] = [
        (OptionField::Method, |one| one.method = "PUT".to_owned()),
        (OptionField::Body, |one| one.body = Some("a".to_owned())),
        (OptionField::ResumeQuery, |one| {
            one.resume_query = Some(String::new());
        }),
        (OptionField::IdleTimeout, |one| {
            one.idle_timeout_s = Some(0.0);
        }),
        (OptionField::SilenceAfter, |one| {
            one.silence_after_s = Some(2_592_001.0);
        }),
        (OptionField::MaxEventBytes, |one| one.max_event_bytes = 0),
        (OptionField::CaCert, |one| {
            one.ca_cert = Some("/nonexistent/ca.pem".to_owned());
        }),
        (OptionField::CaCert, |one| {
            one.ca_cert = Some("ca.pem".to_owned());
        }),
        (OptionField::ClientCert, |one| {
            one.client_cert = Some("/nonexistent/me.pem".to_owned());
        }),
        (OptionField::Proxy, |one| {
            one.proxy = Some("proxy:3128".to_owned());
        }),
    ];
    let place = Place::new().await;
    let handle = place.engine.handle();
    for (field, change) in bad {
        let mut options = SourceOptions::default();
        change(&mut options);
        let refused = handle.add_source(SourceInput {
            options: Some(options),
            ..input("http://127.0.0.1:9/e")
        });

        let error = refused.await.unwrap_err();

        assert_eq!(error.field, Some(field), "{error}");
        assert_eq!(error.code, Code::InvalidOption);
    }
    assert!(handle.sources().await.unwrap().is_empty());
    place.engine.stop().await;
}

#[tokio::test]
async fn the_pulse_of_a_source_is_its_counts_without_its_frames() {
    let server = Server::start([Answer::stream(["data: a\n\n"], Then::Hold)]).await;
    let place = Place::new().await;
    let handle = place.engine.handle();
    let id = handle.add_source(input(&server.url("/"))).await.unwrap().id;
    let whole = until(&handle, id, |one| one.events == 1).await;

    let pulses = handle.pulses();

    assert_eq!(pulses.len(), 1);
    assert_eq!(pulses[0].source, id);
    assert!(pulses[0].last_byte.is_some());
    assert_eq!(pulses[0].sums.bytes, whole.bytes);
    assert!(pulses[0].sums.frames.is_empty() && pulses[0].sums.timeline.is_empty());
    place.engine.stop().await;
}
