//! What the integration tests share.
#![expect(
    missing_docs,
    unreachable_pub,
    reason = "test code documents itself by its claims"
)]
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test uses its part"
)]

pub mod server;
