//! A frame becomes a notification, whatever it holds (see tests/ingest/claim.rs).
#![no_main]

#[path = "../../tests/ingest/claim.rs"]
mod claim;

libfuzzer_sys::fuzz_target!(|input: &[u8]| claim::check(input));
