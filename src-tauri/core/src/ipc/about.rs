//! What is at work here, for who asks what goes wrong.

use serde::Serialize;

use crate::{delivery::TestAnswer, secrets::SecretsAt};

/// Versions, and where secrets are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct About {
    /// Version of the app.
    pub version: String,
    /// Operating system and processor.
    pub system: String,
    /// Version of what draws the window.
    pub webview: Option<String>,
    /// The notification service; none as long as none has answered.
    pub notifications: Option<TestAnswer>,
    /// Where header values are kept; none as long as there are none.
    pub secrets: Option<SecretsAt>,
}
