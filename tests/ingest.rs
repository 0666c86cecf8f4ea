//! Notifications of arbitrary frames.
#![expect(unreachable_pub, reason = "shared with the fuzz target")]

#[path = "ingest/claim.rs"]
mod claim;

use std::fs;

use proptest::{collection::vec, prelude::*, sample::select};

/// Pieces of JSON and text that servers write, and some that nobody should.
const PIECES: [&str; 32] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\n",
    "\r",
    " ",
    "\t",
    "\\n",
    "\\u0000",
    "\\ud800",
    "\"title\":",
    "\"message\":",
    "\"body\":",
    "\"level\":",
    "\"url\":",
    "\"https://h/\"",
    "\"critical\"",
    "\"\"",
    "\" \"",
    "null",
    "true",
    "1",
    "5",
    "1e999",
    "-0",
    "텍스트",
    "😀",
    "\u{feff}",
];

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_frame_becomes_a_notification_with_a_title(
        pieces in vec(prop_oneof![
            6 => select(&PIECES[..]).prop_map(str::to_owned),
            1 => any::<String>(),
        ], 0..40),
    ) {
        claim::check(pieces.concat().as_bytes());
    }
}

#[test]
fn what_the_fuzzer_found_worth_keeping_still_holds() {
    let mut count = 0;
    for entry in fs::read_dir("../../tests/fixtures/fuzz/ingest").unwrap() {
        claim::check(&fs::read(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count > 0);
}
