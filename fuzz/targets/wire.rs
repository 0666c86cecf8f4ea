//! Filter and parser give what the standard gives, whatever the bytes (see tests/wire/claim.rs).
#![no_main]

#[path = "../../tests/wire/claim.rs"]
mod claim;
#[path = "../../tests/wire/parser.rs"]
mod parser;
#[path = "../../tests/wire/reference.rs"]
mod reference;

libfuzzer_sys::fuzz_target!(|input: &[u8]| claim::check(input));
