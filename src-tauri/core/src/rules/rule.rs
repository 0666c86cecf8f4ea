//! A rule as it is saved, sent by the window and written by hand: small JSON, one way to say a
//! thing. What it means is `compile` and `evaluate`.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Number;
use uuid::Uuid;

use crate::model::{Loudness, Ring, Severity, Sound, Weekday};

/// Identity of a rule; never changes, whatever is renamed or moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(feature = "bindings", ts(type = "string"))]
#[serde(transparent)]
pub struct RuleId(#[cfg_attr(feature = "bindings", schemars(with = "String"))] Uuid);

impl RuleId {
    /// A new random identity.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }
}

impl std::fmt::Display for RuleId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for RuleId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// One rule. The first enabled rule, in their order, whose `when` holds within its active hours
/// decides about an event; where none does, the event rings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Identity; left out by hand, one is given.
    #[serde(default = "RuleId::random")]
    #[cfg_attr(feature = "bindings", ts(as = "Option<RuleId>", optional))]
    #[cfg_attr(feature = "bindings", schemars(with = "Option<RuleId>", !default))]
    pub id: RuleId,
    /// What a person calls it; 1 to 80 characters.
    pub name: String,
    /// Whether it is looked at.
    #[serde(default = "yes")]
    #[cfg_attr(feature = "bindings", ts(as = "Option<bool>", optional))]
    pub enabled: bool,
    /// Which events it is about; left out: every event.
    #[serde(default, skip_serializing_if = "Condition::is_always")]
    #[cfg_attr(feature = "bindings", ts(as = "Option<Condition>", optional))]
    pub when: Condition,
    /// What becomes of them.
    pub then: Outcome,
    /// The severity they get instead of their own; for `notify` and `quiet`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub severity: Option<Severity>,
    /// The sound of their toasts; for `notify`.
    #[serde(default, skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "bindings", ts(as = "Option<Sound>", optional))]
    pub sound: Sound,
    /// Whether their toasts stay until a person takes them away; for `notify`.
    #[serde(default, skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "bindings", ts(as = "Option<bool>", optional))]
    pub sticky: bool,
    /// Whether they ring in quiet hours and snoozes too; for `notify`.
    #[serde(default, skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "bindings", ts(as = "Option<bool>", optional))]
    pub break_through: bool,
    /// How often they may ring; for `notify`. What is beyond becomes quiet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub at_most: Option<AtMost>,
    /// When the rule counts; left out: always. Outside, the next rules are looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub active: Option<ActiveHours>,
}

impl Rule {
    /// A rule about every event.
    pub fn new(name: impl Into<String>, then: Outcome) -> Self {
        Self {
            id: RuleId::random(),
            name: name.into(),
            enabled: true,
            when: Condition::default(),
            then,
            severity: None,
            sound: Sound::Default,
            sticky: false,
            break_through: false,
            at_most: None,
            active: None,
        }
    }

    /// How its toasts ring.
    pub fn ring(&self) -> Ring {
        Ring {
            sound: self.sound.clone(),
            sticky: self.sticky,
            break_through: self.break_through,
        }
    }
}

/// Rules go on being about sources that get other names: pairs of the old and the new one, all at
/// once, so that sources may also swap their names. The first pair of an old name counts.
pub fn rename_sources(rules: &mut [Rule], renames: &[(String, String)]) {
    let lower: Vec<(String, &str)> = renames
        .iter()
        .map(|(from, to)| (from.to_lowercase(), to.as_str()))
        .collect();
    for rule in rules {
        rule.when.rename_sources(&lower);
    }
}

/// What becomes of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Raise a toast and keep it.
    Notify,
    /// Keep it in history only.
    Quiet,
    /// Do not keep it.
    Drop,
}

impl Outcome {
    /// What is left of it at the loudness of a source. What is not kept stays so.
    #[must_use]
    pub fn at(self, loudness: Loudness) -> Self {
        match (loudness, self) {
            (Loudness::All, Self::Quiet) => Self::Notify,
            (Loudness::Muted, Self::Notify) => Self::Quiet,
            _ => self,
        }
    }
}

/// What must hold of an event: `all`, `any` or `not` of others, or a test of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(untagged, deny_unknown_fields)]
pub enum Condition {
    /// Every one holds; holds if there is none.
    All {
        /// Which.
        all: Vec<Condition>,
    },
    /// One at least holds.
    Any {
        /// Which.
        any: Vec<Condition>,
    },
    /// This one does not hold.
    Not {
        /// Which.
        not: Box<Condition>,
    },
    /// A field is as the operator says. Of several values one that is suffices; `is_not` asks
    /// that none is.
    Test {
        /// `source` (its name or id), `event` (its type), `severity`, `title`, `body`, `url`,
        /// `tags`, `text` (title, body and data), or a path into JSON data (RFC 9535): `$.host`.
        field: String,
        /// How it is compared.
        op: Operator,
        /// With what; left out for `exists`, a list for `in`.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "bindings", ts(optional))]
        value: Option<Operand>,
    },
}

impl Default for Condition {
    fn default() -> Self {
        Self::All { all: Vec::new() }
    }
}

impl Condition {
    /// Whether it holds of every event by what it says.
    pub fn is_always(&self) -> bool {
        matches!(self, Self::All { all } if all.is_empty())
    }

    fn rename_sources(&mut self, renames: &[(String, &str)]) {
        match self {
            Self::All { all: inner } | Self::Any { any: inner } => {
                for one in inner {
                    one.rename_sources(renames);
                }
            }
            Self::Not { not } => not.rename_sources(renames),
            Self::Test { field, op, value } => {
                let equals = matches!(op, Operator::Is | Operator::IsNot | Operator::In);
                if field != "source" || !equals {
                    return;
                }
                let values = match value {
                    Some(Operand::One(one)) => std::slice::from_mut(one),
                    Some(Operand::Many(many)) => many.as_mut_slice(),
                    None => return,
                };
                for named in values {
                    let name = named.to_string().to_lowercase();
                    if let Some((_, to)) = renames.iter().find(|(from, _)| *from == name) {
                        *named = (*to).into();
                    }
                }
            }
        }
    }

    /// A test of one field.
    pub fn test(field: impl Into<String>, op: Operator, value: impl Into<Scalar>) -> Self {
        Self::Test {
            field: field.into(),
            op,
            value: Some(Operand::One(value.into())),
        }
    }
}

/// Every form at once, so that what is wrong can be said in words.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    all: Option<Vec<Condition>>,
    any: Option<Vec<Condition>>,
    not: Option<Box<Condition>>,
    field: Option<String>,
    op: Option<Operator>,
    value: Option<Operand>,
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Written::deserialize(deserializer)? {
            Written {
                all: Some(all),
                any: None,
                not: None,
                field: None,
                op: None,
                value: None,
            } => Ok(Self::All { all }),
            Written {
                all: None,
                any: Some(any),
                not: None,
                field: None,
                op: None,
                value: None,
            } => Ok(Self::Any { any }),
            Written {
                all: None,
                any: None,
                not: Some(not),
                field: None,
                op: None,
                value: None,
            } => Ok(Self::Not { not }),
            Written {
                all: None,
                any: None,
                not: None,
                field: Some(field),
                op: Some(op),
                value,
            } => Ok(Self::Test { field, op, value }),
            _ => Err(D::Error::custom(
                "a condition is one of all, any or not, or it has a field and an op",
            )),
        }
    }
}

/// How a field is compared. Letters match in either case, but for `matches`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// The same text or number.
    Is,
    /// Neither the same text nor number, or nothing is there.
    IsNot,
    /// The text occurs in it.
    Contains,
    /// It begins with the text.
    StartsWith,
    /// A regular expression finds something in it (syntax of the regex crate).
    Matches,
    /// A larger number, or a higher severity.
    #[serde(rename = ">")]
    Greater,
    /// A smaller number, or a lower severity.
    #[serde(rename = "<")]
    Less,
    /// There is something: no value, `null` and blank text are nothing.
    Exists,
    /// One of a list.
    In,
}

impl Operator {
    /// As it is written in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::IsNot => "is_not",
            Self::Contains => "contains",
            Self::StartsWith => "starts_with",
            Self::Matches => "matches",
            Self::Greater => ">",
            Self::Less => "<",
            Self::Exists => "exists",
            Self::In => "in",
        }
    }
}

/// What a field is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(
    untagged,
    expecting = "a text, a number, true or false, or a list of them"
)]
pub enum Operand {
    /// One value.
    One(Scalar),
    /// A list, for `in`.
    Many(Vec<Scalar>),
}

/// A text, number or truth value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(untagged, expecting = "a text, a number, true or false")]
pub enum Scalar {
    /// True or false.
    Flag(bool),
    /// A number.
    Number(
        #[cfg_attr(feature = "bindings", ts(type = "number"))]
        #[cfg_attr(feature = "bindings", schemars(with = "f64"))]
        Number,
    ),
    /// A text.
    Text(String),
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Scalar {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}

impl From<bool> for Scalar {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl std::fmt::Display for Scalar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// At most `count` toasts in any `seconds`, counted apart for each value of `per`. An event that
/// says the same as one that rang within that time is folded into it and does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AtMost {
    /// How many; 1 to 1,000.
    pub count: u32,
    /// In how long; 1 second to 31 days.
    pub seconds: u32,
    /// A field or path as in a condition; left out: all events of the rule count together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub per: Option<String>,
}

/// Weekdays and a time of day. A range whose end is not after its beginning passes midnight and
/// belongs to the day it begins on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ActiveHours {
    /// On which days; left out or empty: on all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "bindings", ts(as = "Option<Vec<Weekday>>", optional))]
    pub days: Vec<Weekday>,
    /// From this time on, `HH:MM`; left out: from midnight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub from: Option<String>,
    /// Until before this time, `HH:MM`; left out: until midnight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub to: Option<String>,
    /// IANA name of the time zone; left out: the system's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub time_zone: Option<String>,
}

fn yes() -> bool {
    true
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
