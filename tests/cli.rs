//! The command line as a black box: what it prints, sends, stores and ends with is a contract.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a step that fails is a test that fails"
)]

#[path = "cli/connecting.rs"]
mod connecting;
#[path = "cli/disk.rs"]
mod disk;
#[path = "cli/keychain.rs"]
mod keychain;
#[path = "cli/limits.rs"]
mod limits;
#[path = "cli/looking.rs"]
mod looking;
#[path = "cli/program.rs"]
mod program;
#[path = "cli/receiving.rs"]
mod receiving;
#[path = "cli/rules.rs"]
mod rules;
#[path = "cli/settings.rs"]
mod settings;
#[path = "cli/sources.rs"]
mod sources;
mod support;
#[path = "cli/tailing.rs"]
mod tailing;
#[path = "cli/unwritable.rs"]
mod unwritable;
