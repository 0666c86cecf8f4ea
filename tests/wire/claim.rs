//! What holds of filter and parser together, whatever the bytes. Shared with the fuzz target.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use tidings_core::sse::wire::{Fact, WireFilter};

use crate::{
    parser::Parser,
    reference::{self, Reading, Told},
};

/// The last event ID every checked connection starts with.
const START: &str = "earlier";

/// Beyond this many bytes the filter may forget signs of life, which the reference never does.
const BYTES_MAX: usize = 2048;

/// Reads the input as a limit, a way to cut, and a stream.
pub fn check(input: &[u8]) {
    let [limit, cut, bytes @ ..] = input else {
        return;
    };
    if bytes.len() > BYTES_MAX {
        return;
    }
    // A limit that hides nothing as often as one that matters.
    let limit = match limit {
        1..128 => usize::from(*limit),
        _ => 1 << 20,
    };
    holds(bytes, limit, u64::from(*cut));
}

/// Filter and parser give exactly what the standard gives, in order, for one chunk, for chunks
/// cut by `seed`, and for single bytes with nothing in between.
pub fn holds(bytes: &[u8], limit: usize, seed: u64) {
    let expected = reference::read(bytes, START, limit);
    assert_eq!(read(vec![Bytes::copy_from_slice(bytes)], limit), expected);
    assert_eq!(read(cut(bytes, seed), limit), expected);
    let single = bytes
        .iter()
        .flat_map(|byte| [Bytes::copy_from_slice(&[*byte]), Bytes::new()]);
    assert_eq!(read(single.collect(), limit), expected);
    passes_only_what_the_parser_reads_right(bytes, limit);
}

/// Reads the chunks as a connection does: facts and events in one order.
fn read(chunks: Vec<Bytes>, limit: usize) -> Reading {
    let filter = Arc::new(Mutex::new(WireFilter::new(START.into(), limit)));
    let mut parser = Parser::filtered(chunks.into_iter(), Arc::clone(&filter));
    let mut told = Vec::new();
    loop {
        let event = parser.next_event();
        let mut filter = filter.lock().unwrap();
        let mut event = event.map(|event| (event.event_type, event.data));
        let ended = event.is_none();
        while let Some(fact) = filter.pop() {
            match fact {
                Fact::Comment(text) => told.push(Told::Comment(text)),
                Fact::Cursor(id, retry) => {
                    told.push(Told::Cursor(id.as_str().to_owned(), retry.map(millis)));
                }
                Fact::Retry(time) => told.push(Told::Retry(millis(time))),
                Fact::Event {
                    own_id,
                    last_event_id,
                    retry,
                    truncated,
                } => {
                    let (kind, data) = event.take().expect("a fact without its event");
                    assert!(data.len() <= limit);
                    told.push(Told::Event {
                        kind,
                        data,
                        own_id: own_id.map(|id| id.as_str().to_owned()),
                        last_event_id: last_event_id.as_str().to_owned(),
                        retry: retry.map(millis),
                        truncated,
                    });
                    break;
                }
            }
        }
        assert_eq!(event, None, "an event without its fact");
        if ended {
            return Reading {
                told,
                retry: filter.reconnection_time().map(millis),
            };
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap()
}

/// Chunks of 0 to 15 bytes, sized by a linear congruential generator.
fn cut(mut bytes: &[u8], seed: u64) -> Vec<Bytes> {
    let mut state = seed;
    let mut chunks = Vec::new();
    while !bytes.is_empty() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let length = usize::try_from(state >> 60).unwrap().min(bytes.len());
        let (chunk, rest) = bytes.split_at(length);
        chunks.push(Bytes::copy_from_slice(chunk));
        bytes = rest;
    }
    chunks
}

/// Whole lines of UTF-8 that end in LF and are blank or a `data` or `event` field.
fn passes_only_what_the_parser_reads_right(bytes: &[u8], limit: usize) {
    let out = WireFilter::new(START.into(), limit).push(&Bytes::copy_from_slice(bytes));

    let out = std::str::from_utf8(&out).unwrap();
    assert!(!out.contains('\r'));
    assert!(out.is_empty() || out.ends_with('\n'));
    for line in out.lines() {
        let name = line.split(':').next().unwrap();
        assert!(matches!(name, "" | "data" | "event"));
    }
}
