//! A source: what it is, in which state its connection is, when it reconnects, who keeps it.

pub mod backoff;
pub mod config;
pub mod connection;
pub mod state;
pub mod supervisor;

pub use config::{EventFilter, Resume, SourceConfig};
pub use state::{Cause, CauseCode, SourceState};
