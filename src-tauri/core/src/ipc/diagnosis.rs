//! How connecting goes: the steps of a test, and what a source lived through.

use serde::Serialize;

use super::Millis;
use crate::source::{Cause, CauseCode};

/// The steps of testing a connection, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// The host has an address.
    Resolve,
    /// Somebody listens there.
    Connect,
    /// The connection is encrypted, and the certificate is right; for https only.
    Tls,
    /// The server answers with 200.
    Response,
    /// The answer is an event stream.
    MediaType,
    /// Something came on it.
    FirstBytes,
}

/// How one step of testing a connection went. After the first failure no further step follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Step {
    /// Which.
    pub step: StepName,
    /// Whether the next one can follow.
    pub ok: bool,
    /// How long it took. Milliseconds.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub ms: u64,
    /// What was found, or why it failed: lower-case, no full stop, no secret.
    pub detail: String,
    /// Where it is connected to: the address of the server, or of the proxy before it.
    pub address: Option<String>,
    /// What to do, where it failed.
    pub fix: Option<String>,
    /// Why it failed, as what a program switches on.
    pub cause: Option<CauseCode>,
}

/// One try to connect, from its request to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Attempt {
    /// When the request was made.
    pub started: Millis,
    /// When the answer turned out to be a stream, if it did.
    pub live: Option<Millis>,
    /// When it ended; none while it lasts.
    pub ended: Option<Millis>,
    /// Why it ended; none where a person ended it.
    pub cause: Option<Cause>,
    /// Bytes of its body so far.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub bytes: u64,
    /// Events so far, those of unwanted types included.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub events: u64,
}

/// What a block of a stream was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum FrameKind {
    /// An event.
    Event,
    /// No data: it moved the last event ID only.
    Id,
    /// Neither data nor an ID: it set the reconnection time only.
    Retry,
    /// A comment, usually a heartbeat.
    Comment,
}

/// One block of a stream as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct RawFrame {
    /// When it was read.
    pub at: Millis,
    /// What it was.
    pub kind: FrameKind,
    /// Event type, cut to 256 bytes.
    pub event: Option<String>,
    /// The ID of the block itself, cut to 256 bytes.
    pub id: Option<String>,
    /// The reconnection time it set. Milliseconds.
    #[cfg_attr(feature = "bindings", ts(type = "number | null"))]
    pub retry_ms: Option<u64>,
    /// Bytes of its data or comment.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub size: u64,
    /// The first 2 KiB of them.
    pub data: String,
}

/// What a source lived through lately. In memory only: it starts anew with the program.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Diagnosis {
    /// The last 100 tries, oldest first.
    pub timeline: Vec<Attempt>,
    /// The last 200 blocks, oldest first; fewer where they are large.
    pub frames: Vec<RawFrame>,
    /// Tries in all.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub attempts: u64,
    /// Bytes in all.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub bytes: u64,
    /// Events in all.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub events: u64,
    /// Events that were cut at the source's limit.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub truncated: u64,
    /// Events that were stored already and came again.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub duplicates: u64,
    /// The longest silence between two bytes of a live stream. Milliseconds.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub longest_silence_ms: u64,
    /// How long silence may last now before the stream counts as dead. Milliseconds.
    #[cfg_attr(feature = "bindings", ts(type = "number | null"))]
    pub patience_ms: Option<u64>,
    /// The server's reconnection time. Milliseconds.
    #[cfg_attr(feature = "bindings", ts(type = "number | null"))]
    pub retry_ms: Option<u64>,
}
