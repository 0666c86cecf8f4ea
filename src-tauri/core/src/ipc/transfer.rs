//! What an import of settings would do, for a person to confirm.

use serde::{Deserialize, Serialize};

/// Where a URL leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// This machine.
    ThisMachine,
    /// An address of a private network.
    PrivateNetwork,
    /// An address no router passes on: that of cloud metadata is one.
    LinkLocal,
    /// A name, or an address of the Internet.
    Public,
}

/// A source of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ImportedSource {
    /// Its name in the file.
    pub name: String,
    /// Where it would connect, once enabled; empty for one that is refused.
    pub url: String,
    /// Where that leads.
    pub reach: Reach,
    /// Nothing happens: there is such a source.
    pub already_there: bool,
    /// Its name here, where the other is taken.
    pub renamed_to: Option<String>,
    /// Why it is left out, where it is.
    pub refused: Option<String>,
}

/// What an import would do. New sources come disabled.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ImportPlan {
    /// Every source of the file.
    pub sources: Vec<ImportedSource>,
    /// How many rules it adds.
    pub rules: u32,
    /// Whether preferences change.
    pub preferences: bool,
    /// How many secrets the file held; they are dropped and to be entered again.
    pub secrets_dropped: u32,
}

/// A file to import, or to look at only.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct ImportRequest {
    /// The whole file.
    pub text: String,
    /// Whether the person has confirmed the plan.
    pub apply: bool,
}

/// Where to export settings to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(default, deny_unknown_fields)]
pub struct SettingsExport {
    /// The file to write; none: a new one in the person's folder for downloads.
    pub path: Option<String>,
}

/// Where settings were exported to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Exported {
    /// The file.
    pub path: String,
    /// How many values were left out of URLs; header values always are.
    pub secrets_left_out: u32,
}
