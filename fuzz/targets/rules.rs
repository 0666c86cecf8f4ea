//! Rules and mappings are refused or do what they say, whatever they are (see tests/rules/claim.rs).
#![no_main]

#[path = "../../tests/rules/claim.rs"]
mod claim;

libfuzzer_sys::fuzz_target!(|input: &[u8]| claim::check(input));
