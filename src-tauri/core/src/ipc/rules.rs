//! Rules, mappings and what they would do, on the wire.

use serde::{Deserialize, Serialize};

use super::{Millis, Row};
use crate::{
    ingest::mapping::Mapping,
    model::{RowId, Severity, SourceId},
    rules::{Outcome, Rule, RuleId},
};

/// All rules in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct RuleList {
    /// Stands for the rules as they were read: saving over others is refused. Equal lists have
    /// equal numbers.
    pub generation: u32,
    /// The rules; the first that matches decides.
    pub rules: Vec<Rule>,
}

/// Which rules to try on which events.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct RulePreviewRequest {
    /// The whole list as it would be.
    pub rules: Vec<Rule>,
    /// On the newest so many events, up to 100,000.
    pub last: u32,
    /// Only on those of this source.
    #[serde(default)]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub source: Option<SourceId>,
    /// Name the events that this rule of them decides about.
    #[serde(default)]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub rule: Option<RuleId>,
}

/// What rules would do to events of the history. Events that were dropped before are not there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct RulePreview {
    /// Events looked at.
    pub looked_at: u32,
    /// How many would ring under the draft.
    pub would_notify: u32,
    /// How many ring under the rules in force, by the same reckoning.
    pub now_notify: u32,
    /// About how many would ring in a day under the draft, by those looked at of the last 7 days.
    pub would_per_day: u32,
    /// How many the draft would not keep.
    pub dropped: u32,
    /// How many would ring that do not.
    pub newly_loud_count: u32,
    /// The newest of them, up to 50.
    pub newly_loud: Vec<Row>,
    /// How many would not ring any more, those dropped included.
    pub newly_quiet_count: u32,
    /// The newest of them, up to 50.
    pub newly_quiet: Vec<Row>,
    /// The newest that the rule asked about would decide about, up to 50.
    pub matched_rows: Vec<JudgedRow>,
    /// The newest of all, up to 50.
    pub newest_rows: Vec<JudgedRow>,
    /// Of the draft's last 7 days, oldest first, today last; in the system's time zone.
    pub per_day: Vec<PreviewDay>,
    /// Of each rule of the draft, in their order.
    pub rules: Vec<RuleHits>,
}

/// An event with its fate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct JudgedRow {
    /// The event.
    pub row: Row,
    /// Its fate under the draft.
    pub would: Outcome,
    /// Its fate under the rules in force, by the same reckoning.
    pub now: Outcome,
}

/// How often a rule decided, by what is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct RuleCount {
    /// Which.
    pub id: RuleId,
    /// In the last 7 days. What it dropped is not stored and not counted.
    pub hits: u32,
}

/// A day of a preview.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct PreviewDay {
    /// `2026-11-23`.
    pub date: String,
    /// Events looked at.
    pub events: u32,
    /// How many would ring under the draft.
    pub would_notify: u32,
    /// How many ring under the rules in force.
    pub now_notify: u32,
}

/// How often a rule decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct RuleHits {
    /// Which.
    pub id: RuleId,
    /// In the whole preview.
    pub matched: u32,
    /// In the last 7 days of it.
    pub last_7_days: u32,
}

/// Which mapping to try on a source.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct MappingPreviewRequest {
    /// Whose events.
    pub source: SourceId,
    /// Read how.
    pub mapping: Mapping,
    /// On the newest so many events, up to 50.
    pub last: u32,
}

/// An event as a draft mapping would read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct MappedEvent {
    /// Which.
    pub row: RowId,
    /// When it arrived.
    pub received_at: Millis,
    /// Event type.
    pub event: String,
    /// Whether it would be kept at all.
    pub kept: bool,
    /// Its title.
    pub title: String,
    /// Its text, at most 500 characters.
    pub body: String,
    /// How much it matters.
    pub severity: Severity,
    /// A link it carries.
    pub url: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
}

/// An event type a source sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct EventTypeSeen {
    /// As it came.
    pub event: String,
    /// How many of the newest 1,000 stored events have it; 0 where it is filtered out.
    pub stored: u32,
    /// When the newest came.
    pub last_seen: Millis,
}

/// A path that leads to a value in the newest events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct FieldSeen {
    /// A path as rules and mappings take it: `$.host`; `[*]` stands for the members of a list.
    pub path: String,
    /// In how many of the events.
    pub events: u32,
    /// Up to 5 values, most frequent first, each at most 80 characters.
    pub samples: Vec<String>,
}

/// From which event to draft a rule.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct RuleDraftRequest {
    /// Which event.
    pub row: RowId,
    /// About this field or path of it; left out: about events of its source and type with its
    /// title.
    #[serde(default)]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub field: Option<String>,
    /// What is to become of such events.
    pub then: Outcome,
}
