//! What rings and what does not: rules in order, the first that matches decides. Pure: no clock,
//! no network, no database; time and the state of rates are parameters.
//!
//! * [`rule`]: a rule as it is saved and written by hand.
//! * [`trace`]: why an event rang or did not.

pub mod rule;
pub mod trace;

pub use rule::{
    ActiveHours, AtMost, Condition, Operand, Operator, Outcome, Rule, RuleId, Scalar, Weekday,
};
pub use trace::{Folded, Looked, Matched, Passed, Trace};

/// Most rules there may be.
pub const RULES_MAX: usize = 500;
