//! How the events of a source are read, as the settings keep it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Severity;

/// Which parts of an event are its title, text, severity, link and tags. What is left out is read
/// as the preset says, or detected.
///
/// A template is text in which `{event}`, `{data}` and `{$.path}` (RFC 9535) stand for what they
/// find; `{$.a|$.b|event}` is the first that finds something, `{{` and `}}` are braces.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What the source speaks.
    #[serde(default)]
    #[cfg_attr(feature = "bindings", ts(as = "Option<Preset>", optional))]
    pub preset: Preset,
    /// Template of the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub title: Option<String>,
    /// Template of the text beneath it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub body: Option<String>,
    /// Template of a severity: a word or number that `levels` or everybody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub severity: Option<String>,
    /// What the source's own words and numbers for severity mean, such as `{"sev1": "critical"}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(
        feature = "bindings",
        ts(as = "Option<BTreeMap<String, Severity>>", optional)
    )]
    pub levels: BTreeMap<String, Severity>,
    /// Template of a link; one that is not http or https counts as none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub url: Option<String>,
    /// Template of tags, divided by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub tags: Option<String>,
}

/// What a source speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Detected event by event.
    #[default]
    Auto,
    /// Text, shown as it comes; JSON too.
    Plain,
    /// ntfy: priorities, tags as emoji, click; open and keepalive events are left out.
    Ntfy,
    /// A Mercure hub.
    Mercure,
    /// nginx with nchan.
    Nchan,
    /// Home Assistant's event stream; pings are left out.
    HomeAssistant,
    /// Builds and deployments: payloads of GitHub and GitLab, and what resembles them.
    Ci,
}

impl Preset {
    /// Every preset, in the order they are offered.
    pub const ALL: [Self; 7] = [
        Self::Auto,
        Self::Plain,
        Self::Ntfy,
        Self::Mercure,
        Self::Nchan,
        Self::HomeAssistant,
        Self::Ci,
    ];
}
