//! Why an event rang or did not: what the rules saw of it, small enough to keep with every event.

use serde::{Deserialize, Serialize};

use super::{Operator, Outcome, RuleId};
use crate::model::Loudness;

/// Characters of a value that a trace keeps.
pub const SEEN_MAX: usize = 80;
/// Rules that did not match and are named; the others are counted.
pub const PASSED_MAX: usize = 3;

/// What the rules made of one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Trace {
    /// What became of it in the end.
    pub outcome: Outcome,
    /// The rule that decided; none where none matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub rule: Option<Matched>,
    /// Why it did not ring although its rule would let it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub folded: Option<Folded>,
    /// The loudness of its source, where that decided in the end and not the rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub loudness: Option<Loudness>,
    /// Rules before it that did not match; at most 3, those about other sources only counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "bindings", ts(as = "Option<Vec<Passed>>", optional))]
    pub passed: Vec<Passed>,
    /// How many more did not match.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[cfg_attr(feature = "bindings", ts(as = "Option<u32>", optional))]
    pub more: u32,
}

/// The rule that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Matched {
    /// Its place in the order, from 1.
    pub place: u32,
    /// Which it was, whatever it is called now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub id: Option<RuleId>,
    /// What it was called.
    pub name: String,
    /// The tests that made it match; none for a rule about every event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "bindings", ts(as = "Option<Vec<Looked>>", optional))]
    pub because: Vec<Looked>,
}

/// A rule that did not match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Passed {
    /// Its place in the order, from 1.
    pub place: u32,
    /// What it was called.
    pub name: String,
    /// The test that failed first; none where the rule was not active at that hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub failed: Option<Looked>,
}

/// A test, and what it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Looked {
    /// The field or path.
    pub field: String,
    /// How it was compared.
    pub op: Operator,
    /// With what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub value: Option<String>,
    /// What was there; none: nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub seen: Option<String>,
    /// Whether the test stands under a `not`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "bindings", ts(as = "Option<bool>", optional))]
    pub negated: bool,
}

/// Why a matching event stayed quiet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Folded {
    /// It says the same as one that rang.
    Duplicate {
        /// Within how long. Seconds.
        seconds: u32,
    },
    /// As many as the rule lets ring had rung.
    Limit {
        /// How many.
        count: u32,
        /// In how long. Seconds.
        seconds: u32,
        /// Under which key, where the rule counts by one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "bindings", ts(optional))]
        key: Option<String>,
    },
}

impl Trace {
    /// The trace a column of JSON holds; none where it cannot be understood.
    pub fn read(json: Option<&str>) -> Option<Self> {
        serde_json::from_str(json?).ok()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}
