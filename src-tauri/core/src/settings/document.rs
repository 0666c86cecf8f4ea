//! The settings document: what is saved, with its defaults and its one validation.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::source::SourceConfig;

/// The schema this version writes.
pub const SCHEMA: u32 = 1;

/// Everything a person has set. Unknown fields are kept as they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Version of the layout.
    pub schema: u32,
    /// Rises by one with every save; the higher of two valid files is the newer.
    pub generation: u64,
    /// Sources in the order they are shown.
    #[serde(default)]
    pub sources: Vec<SourceConfig>,
    /// What concerns the whole app.
    #[serde(default)]
    pub preferences: Preferences,
    /// What a newer version wrote here; kept as it is.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            schema: SCHEMA,
            generation: 0,
            sources: Vec::new(),
            preferences: Preferences::default(),
            unknown: Map::new(),
        }
    }
}

/// What concerns the whole app.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Preferences {
    /// Language of window, tray and toasts.
    #[serde(default)]
    pub language: Language,
    /// Light or dark.
    #[serde(default)]
    pub theme: Theme,
    /// Whether toasts are paused; connections never are.
    #[serde(default)]
    pub toasts_paused: bool,
    /// Whether the person was told that closing the window keeps the app running.
    #[serde(default)]
    pub close_explained: bool,
    /// What a newer version wrote here; kept as it is.
    #[serde(flatten)]
    #[cfg_attr(feature = "bindings", ts(skip))]
    pub unknown: Map<String, Value>,
}

/// Language of window, tray and toasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// The system's, where there are words for it; else English.
    #[default]
    System,
    /// English.
    En,
    /// Korean.
    Ko,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// The system's.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}
