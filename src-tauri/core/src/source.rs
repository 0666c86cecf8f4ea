//! A source: what it is, in which state its connection is, when it reconnects, who keeps it.
//!
//! * [`config`]: what the settings keep of it.
//! * [`state`]: where its connection stands, and why.
//! * [`backoff`]: how long to wait, and when to stop (pure).
//! * [`burst`]: when a new connection no longer replays (pure).
//! * [`absence`]: for how long there has been no stream.
//! * [`rhythm`]: how long silence may last (pure).
//! * [`network`]: whether the machine's addresses changed.
//! * [`lookout`]: what calls sources to connect anew.
//! * [`silence`]: which sources brought no event for too long (pure).
//! * [`suspend`]: how long the computer slept.
//! * [`queue`]: what it received and nobody stored yet, bounded by bytes.
//! * [`curl`]: a `curl` command as a source, and a source as one (pure).
//! * [`probe`]: one connection step by step: what works, what does not, what to do.
//! * [`connection`]: the task that keeps one source connected.
//! * `live`: one connection while it is read.
//! * [`supervisor`]: one such task for each enabled source.

pub mod absence;
pub mod backoff;
pub mod burst;
pub mod config;
pub mod connection;
pub mod curl;
mod live;
pub mod lookout;
pub mod network;
pub mod probe;
pub mod queue;
pub mod rhythm;
pub mod silence;
pub mod state;
pub mod supervisor;
pub mod suspend;

pub use config::{Dedupe, EventFilter, Resume, SourceConfig, SourceToasts};
pub use state::{Cause, CauseCode, SourceState};
