//! What rings and what does not: rules in order, the first that matches decides. Pure: no clock,
//! no network, no database; time and the state of rates are parameters.
//!
//! * [`rule`]: a rule as it is saved and written by hand.
//! * [`compile()`]: rules made ready once; what cannot work is refused.
//! * [`evaluate()`]: rules applied to one event.
//! * [`trace`]: why an event rang or did not.
//! * [`draft`]: a rule out of an event, and fields to make conditions of.
//! * `hours`: weekdays and times of day. `rates`: how often a rule let events ring.

pub mod compile;
pub mod draft;
pub mod evaluate;
mod hours;
mod rates;
pub mod rule;
pub mod trace;

pub use compile::{Compiled, check, compile};
pub(crate) use evaluate::decide;
pub use evaluate::{Event, Judgement, Moment, evaluate};
pub use rates::Rates;
pub(crate) use rates::{Asked, Place};
pub use rule::{ActiveHours, AtMost, Condition, Operand, Operator, Outcome, Rule, RuleId, Scalar};
pub use trace::{Folded, Looked, Matched, Passed, Trace};

use crate::error::{Code, Error, Result};

/// Most rules there may be.
pub const RULES_MAX: usize = 500;
/// Longest file of rules. Bytes.
const FILE_MAX: usize = 4 << 20;

/// Reads a rule or a list of rules as a person writes them.
///
/// # Errors
/// `InvalidRule` with the place in the text and what is wrong there.
pub fn read(text: &str) -> Result<Vec<Rule>> {
    let invalid = |message: String| Error::new(Code::InvalidRule, message);
    if text.len() > FILE_MAX {
        return Err(invalid(format!(
            "the rules have more than {FILE_MAX} bytes; leave some out"
        )));
    }
    let list = text.trim_start().starts_with('[');
    let mut json = serde_json::Deserializer::from_str(text);
    let rules = if list {
        serde_path_to_error::deserialize(&mut json)
    } else {
        serde_path_to_error::deserialize(&mut json).map(|rule| vec![rule])
    };
    let rules: Vec<Rule> = rules.map_err(|error| {
        let place = error.path().to_string();
        let place = match place.as_str() {
            "." => String::new(),
            place => format!(" at {place}"),
        };
        invalid(format!("the rule is wrong{place}: {}", error.inner()))
    })?;
    json.end()
        .map_err(|error| invalid(format!("something follows the rules: {error}")))?;
    check(&rules)?;
    Ok(rules)
}

/// A number that stands for a list of rules: equal lists have equal numbers.
pub fn generation(rules: &[Rule]) -> u32 {
    crc32fast::hash(&serde_json::to_vec(rules).unwrap_or_default())
}

/// As much of a value as a trace or message shows.
fn clip(text: &str) -> String {
    match text.char_indices().nth(trace::SEEN_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text)),
        None => text.to_owned(),
    }
}
