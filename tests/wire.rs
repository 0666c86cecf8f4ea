//! The filter and eventsource-client's parser against an independent reading of the standard, in
//! process: random streams, random cuts, everything the fuzzer once found worth keeping.
#![expect(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a step that fails is a test that fails"
)]

#[path = "wire/claim.rs"]
mod claim;
#[path = "wire/parser.rs"]
mod parser;
#[path = "wire/reference.rs"]
mod reference;

use std::{fs, iter};

use bytes::Bytes;
use proptest::{collection::vec, prelude::*, sample::select};
use tidings_core::{
    model::EventId,
    sse::wire::{Fact, WireFilter},
};

/// Pieces that mean something in a stream, and some that nearly do.
const PIECES: [&[u8]; 40] = [
    b"data:",
    b"data: ",
    b"data",
    b"event:",
    b"event: ",
    b"event",
    b"id:",
    b"id: ",
    b"id",
    b"retry:",
    b"retry: ",
    b"retry",
    b":",
    b": ",
    b" ",
    b"\n",
    b"\n",
    b"\n\n",
    b"\n\n",
    b"\r",
    b"\r\n",
    b"\r\n\r\n",
    b"\r\r",
    b"\n\r",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xef\xbb",
    b"\xbf",
    b"\xff",
    b"\xe2\x82",
    b"\xf0\x9f\x98",
    b"\xed\xa0\x80",
    "é".as_bytes(),
    "한".as_bytes(),
    "😀".as_bytes(),
    b"0",
    b"42",
    b"99999999999999999999",
    b"+1",
    b"comment",
];

fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => select(&PIECES[..]).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 1..8),
        1 => "[a-z]{1,12}".prop_map(String::into_bytes),
    ]
}

/// A line most streams would have.
fn field() -> impl Strategy<Value = Vec<u8>> {
    let name = select(vec![
        "data:", "data: ", "data:", "event: ", "id: ", "retry: ", ":",
    ]);
    let end = select(vec!["\n", "\n", "\n\n", "\r\n", "\r"]);
    (name, vec(piece(), 0..3), end)
        .prop_map(|(name, value, end)| [name.as_bytes(), &value.concat(), end.as_bytes()].concat())
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    vec(prop_oneof![field(), piece()], 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn filter_and_parser_give_what_the_standard_gives_however_the_bytes_are_cut(
        bytes in stream(),
        limit in prop_oneof![Just(1_usize << 20), 1_usize..40],
        seed in any::<u64>(),
    ) {
        claim::holds(&bytes, limit, seed);
    }
}

/// What a filter says and passes on for these chunks.
fn filtered(chunks: &[&[u8]], limit: usize) -> (Vec<u8>, Vec<Fact>) {
    let mut filter = WireFilter::new(EventId::default(), limit);
    let mut out = Vec::new();
    for chunk in chunks {
        out.extend_from_slice(&filter.push(&Bytes::copy_from_slice(chunk)));
    }
    (out, iter::from_fn(|| filter.pop()).collect())
}

#[test]
fn a_line_too_long_to_keep_is_read_the_same_however_it_is_cut() {
    let long = "9".repeat(20_000);
    for field in [
        "data: ",
        "event: ",
        "id: ",
        "retry: ",
        ":",
        "other: ",
        "\u{feff}data:",
    ] {
        let text = format!("{field}{long}\nid: 7\ndata: 1\ndata: 2\n\ndata: next\n\n");

        let whole = filtered(&[text.as_bytes()], 12);
        for size in [1, 7, 8_192, 8_207, 8_208, 8_209] {
            let chunks: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
            assert_eq!(filtered(&chunks, 12), whole, "{field} in chunks of {size}");
        }
    }
}

#[test]
fn half_an_id_is_never_kept_and_half_a_type_never_shown() {
    let long = "x".repeat(20_000);
    let text = format!("id: 7\nid: {long}\nevent: {long}\ndata: 1\n\n");

    let (out, facts) = filtered(&[text.as_bytes()], 100);

    assert_eq!(out, b"data: 1\n\n");
    let event = Fact::Event {
        own_id: Some("7".into()),
        last_event_id: "7".into(),
        retry: None,
        truncated: true,
    };
    assert_eq!(facts, [event]);
}

#[test]
fn a_flood_of_signs_of_life_costs_no_memory_and_loses_no_event_and_no_cursor() {
    let flood =
        ":\nretry: 1\n\n".repeat(5_000) + &"id: 1\n\n:\n".repeat(5_000) + "id: 2\n\ndata: x\n\n";

    let (_, facts) = filtered(&[flood.as_bytes(), flood.as_bytes()], 100);

    assert!(facts.len() < 1_100);
    let event = Fact::Event {
        own_id: None,
        last_event_id: "2".into(),
        retry: None,
        truncated: false,
    };
    assert_eq!(facts.iter().filter(|fact| **fact == event).count(), 2);
    assert_eq!(
        facts[facts.len() - 2..],
        [Fact::Cursor("2".into(), None), event]
    );
}

#[test]
fn what_the_fuzzer_found_worth_keeping_still_holds() {
    let mut count = 0;
    for entry in fs::read_dir("../../tests/fixtures/fuzz/wire").unwrap() {
        claim::check(&fs::read(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count > 0);
}
