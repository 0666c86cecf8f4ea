//! What the integration tests share.
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "test code: it may fail loudly, documents itself by its claims, and each test uses its part"
)]

pub mod chaos;
pub mod left_out;
pub mod link;
pub mod rig;
pub mod server;
