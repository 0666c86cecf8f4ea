//! Tidings without a desktop: everything here runs and is tested without Tauri and without a
//! screen.
//!
//! Layout, in the order an event passes through it:
//!
//! * [`model`]: the words every room uses, as types.
//! * [`sse`]: one connection: transport, byte filter, parser. Bytes become frames.
//! * [`source`]: what a source is, its state, when it reconnects, the task that keeps it.
//! * [`ingest`]: a frame becomes a notification; never fails, degrades.
//! * [`json_path`]: paths into JSON data, for ingest and rules.
//! * [`rules`]: which events ring, which are quiet, which are not kept, and why.
//! * [`pipeline`]: the spine: receive, ingest, decide, append, deliver what is new.
//! * [`history`]: SQLite: one writer thread, readers, pages.
//! * [`quiet`]: when toasts wait: quiet hours of the week and snoozes.
//! * [`delivery`]: what is really new becomes a toast.
//! * [`preview`]: what draft rules and mappings would do to the stored events.
//! * [`link`]: which links of events may be opened.
//! * [`settings`]: the settings document and how it survives anything.
//! * [`secrets`]: header values and passwords, never in the settings.
//! * [`register`]: sources and their secrets, changed together or not at all.
//! * [`data_dir`]: where everything lives, and who may write it.
//! * [`diagnose`]: what each source lived through lately, for who asks why.
//! * [`engine`]: starts the tasks, owns their handles, stops them in order.
//! * [`ipc`]: what crosses the border to the window and to `--json`.
//! * [`demo`]: a small SSE server to try things with.
//! * [`update`]: what the outside world may learn, as facts.
//! * [`error`]: what can go wrong for a caller, as codes.

pub mod data_dir;
pub mod delivery;
pub mod demo;
pub mod diagnose;
pub mod engine;
pub mod error;
pub mod history;
pub mod ingest;
pub mod ipc;
pub mod json_path;
pub mod link;
pub mod model;
pub mod pipeline;
pub mod preview;
pub mod quiet;
pub mod register;
pub mod rules;
pub mod secrets;
pub mod settings;
pub mod source;
pub mod sse;
pub mod update;
