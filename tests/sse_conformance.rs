//! The independent conformance cases of `tests/fixtures/sse_cases.json`, through a real server, the
//! transport, the filter and eventsource-client.
#![expect(clippy::unwrap_used, reason = "test code may fail loudly")]

mod support;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use futures_util::StreamExt as _;
use serde_json::Value;
use support::{
    rig::numbered,
    server::{Answer, Server, Then},
};
use tidings_core::{
    model::{EventId, Frame, Timestamp},
    source::SourceConfig,
    sse::{
        request::StreamRequest,
        stream::{EventStream, StreamItem},
        transport::{Transport, client},
    },
};

/// What a connection brought until it ended.
#[derive(Debug, Default)]
struct Brought {
    events: Vec<Frame>,
    last_event_id: String,
    retry_ms: Option<u128>,
}

async fn read_all(server: &Server, max_event_bytes: usize) -> Brought {
    let mut config = SourceConfig::new("case", server.url("/").parse().unwrap());
    config.max_event_bytes = max_event_bytes;
    let request = StreamRequest::new(&config, config.url.clone(), &[], EventId::default()).unwrap();
    let transport = Transport::new(client(&config).unwrap(), request, || Timestamp::UNIX_EPOCH);
    let mut stream = EventStream::new(transport);
    let mut brought = Brought::default();
    while let Some(item) = stream.next().await {
        match item {
            Ok(StreamItem::Event(frame, _)) => {
                frame
                    .last_event_id
                    .as_str()
                    .clone_into(&mut brought.last_event_id);
                brought.events.push(frame);
            }
            Ok(StreamItem::Cursor(id, _)) => id.as_str().clone_into(&mut brought.last_event_id),
            Ok(_) => {}
            Err(refusal) => {
                assert_eq!(refusal.cause.message, "the server ended the stream");
            }
        }
    }
    brought.retry_ms = stream.reconnection_time().map(|time| time.as_millis());
    brought
}

#[tokio::test]
async fn every_parse_case_gives_the_events_of_the_standard() {
    let fixture: Value = serde_json::from_str(include_str!("fixtures/sse_cases.json")).unwrap();
    let mut failed = Vec::new();
    let mut count = 0;
    for case in fixture["cases"].as_array().unwrap() {
        if case["kind"] != "parse" {
            continue;
        }
        count += 1;
        let chunks: Vec<Vec<u8>> = case["chunks_b64"]
            .as_array()
            .unwrap()
            .iter()
            .map(|chunk| BASE64_STANDARD.decode(chunk.as_str().unwrap()).unwrap())
            .collect();
        let server = Server::start([Answer::stream(&chunks, Then::Eof)]).await;

        let brought = read_all(&server, 16 * 1024 * 1024).await;

        let events: Vec<Value> = brought
            .events
            .iter()
            .map(|frame| serde_json::json!([frame.event, frame.data, frame.last_event_id.as_str()]))
            .collect();
        let name = case["name"].as_str().unwrap();
        if Value::from(events.clone()) != case["expected_events"] {
            failed.push(format!(
                "{name}: {events:?} instead of {}",
                case["expected_events"]
            ));
        }
        if case["expected_last_event_id"].as_str() != Some(brought.last_event_id.as_str()) {
            failed.push(format!(
                "{name}: last event ID {:?} instead of {}",
                brought.last_event_id, case["expected_last_event_id"]
            ));
        }
        if case["expected_retry"].as_u64().map(u128::from) != brought.retry_ms {
            failed.push(format!(
                "{name}: retry {:?} instead of {}",
                brought.retry_ms, case["expected_retry"]
            ));
        }
    }
    assert_eq!(failed, Vec::<String>::new());
    assert_eq!(count, 143);
}

#[tokio::test]
async fn an_event_of_sixteen_mebibytes_arrives_whole_however_it_is_cut() {
    let half = numbered(6_990_508);
    let one = format!("data: {half}\n\n");
    let start = format!("data: {half}");
    let rest = format!("{half}\n\n");
    let server = Server::start([
        Answer::stream([one.as_bytes()], Then::Eof),
        Answer::stream([start.as_bytes(), rest.as_bytes()], Then::Eof),
    ])
    .await;

    let whole = read_all(&server, 16 * 1024 * 1024).await;
    let cut = read_all(&server, 16 * 1024 * 1024).await;

    for (brought, expected) in [(whole, half.clone()), (cut, half.repeat(2))] {
        let [event] = brought.events.as_slice() else {
            panic!("{} events", brought.events.len());
        };
        assert!(
            event.data == expected,
            "{} bytes, not the same",
            event.data.len()
        );
        assert!(!event.truncated);
    }
}

#[tokio::test]
async fn data_beyond_the_limit_is_cut_and_marked_and_the_stream_goes_on() {
    let body = format!("data: {}\ndata: more\n\ndata: short\n\n", "é".repeat(100));
    let server = Server::start([Answer::stream([body.as_bytes()], Then::Eof)]).await;

    let brought = read_all(&server, 33).await;

    assert_eq!(brought.events[0].data, "é".repeat(16));
    assert!(brought.events[0].truncated);
    assert_eq!(brought.events[1].data, "short");
    assert!(!brought.events[1].truncated);
}
