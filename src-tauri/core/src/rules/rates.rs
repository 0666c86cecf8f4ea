//! How often rules let events ring lately. In memory; starts anew with the program.

use std::{
    collections::{HashMap, VecDeque},
    hash::{DefaultHasher, Hash, Hasher as _},
};

use crate::model::Timestamp;

use super::{AtMost, Folded, RuleId};

/// Toasts remembered over all rules and keys; beyond, the rule with the most of them starts anew.
const REMEMBERED_MAX: usize = 100_000;

/// What rang under which rule and key, as long as it matters.
#[derive(Debug, Clone, Default)]
pub struct Rates {
    windows: HashMap<Window, VecDeque<Rang>>,
    remembered: usize,
    /// What came of the last question.
    asked: Option<Asked>,
}

/// A rule and a hash of its key.
type Window = (RuleId, u64);

/// What came of a question.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Asked {
    /// It may ring, and is counted here.
    Took(Place),
    /// Others of this window keep it quiet.
    Folded(Window),
}

/// Where a toast is counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    window: Window,
    rang: Rang,
}

impl Place {
    pub(crate) fn is_in(&self, window: Window) -> bool {
        self.window == window
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rang {
    /// Milliseconds since 1970.
    at: i64,
    saying: u64,
}

impl Rates {
    /// Whether an event of this rule and key that says this may ring now; if so it is counted.
    pub(super) fn ask(
        &mut self,
        rule: RuleId,
        limit: &AtMost,
        key: &str,
        saying: u64,
        at: Timestamp,
    ) -> Option<Folded> {
        let now = at.as_millisecond();
        let period = i64::from(limit.seconds) * 1000;
        // A clock that was set back must not keep a rule quiet until it has caught up.
        let matters = |rang: &Rang| (0..period).contains(&(now - rang.at));
        if self.remembered >= REMEMBERED_MAX {
            self.forget_most();
        }
        let named = (rule, hash(&key));
        self.asked = Some(Asked::Folded(named));
        let window = self.windows.entry(named).or_default();
        let before = window.len();
        window.retain(matters);
        self.remembered -= before - window.len();
        let seconds = limit.seconds;
        if window.iter().any(|rang| rang.saying == saying) {
            return Some(Folded::Duplicate { seconds });
        }
        let count = limit.count;
        if window.len() >= usize::try_from(count).unwrap_or(usize::MAX) {
            return Some(Folded::Limit {
                count,
                seconds,
                key: limit.per.is_some().then(|| super::clip(key)),
            });
        }
        let rang = Rang { at: now, saying };
        window.push_back(rang);
        self.remembered += 1;
        let window = named;
        self.asked = Some(Asked::Took(Place { window, rang }));
        None
    }

    /// A rule that counts by ever new keys costs itself its limits, and no other rule.
    fn forget_most(&mut self) {
        let mut by_rule: HashMap<RuleId, usize> = HashMap::new();
        for ((rule, _), window) in &self.windows {
            *by_rule.entry(*rule).or_default() += window.len();
        }
        let most = by_rule
            .into_iter()
            .max_by_key(|(rule, count)| (*count, *rule));
        if let Some((most, count)) = most {
            self.windows.retain(|(rule, _), _| *rule != most);
            self.remembered -= count;
        }
    }

    /// What came of the last question, told once.
    pub(crate) fn asked(&mut self) -> Option<Asked> {
        self.asked.take()
    }

    /// Counts an event no more: it was known before and rang then.
    pub(crate) fn give_back(&mut self, place: Place) {
        if let Some(window) = self.windows.get_mut(&place.window)
            && let Some(at) = window.iter().rposition(|rang| *rang == place.rang)
        {
            window.remove(at);
            self.remembered -= 1;
        }
    }
}

/// The same in every run, so that a preview tells what the pipeline does.
pub(super) fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_ring_in_any_period_each_key_apart_and_repetitions_never() {
        let mut rates = Rates::default();
        let rule = RuleId::random();
        let limit = AtMost {
            count: 2,
            seconds: 10,
            per: Some("$.host".to_owned()),
        };
        let mut ask = |second: i64, key: &str, saying: u64| {
            let at = Timestamp::from_second(second).unwrap();
            rates.ask(rule, &limit, key, saying, at)
        };
        let duplicate = Some(Folded::Duplicate { seconds: 10 });
        let limited = Some(Folded::Limit {
            count: 2,
            seconds: 10,
            key: Some("a".to_owned()),
        });

        assert_eq!(ask(100, "a", 1), None);
        assert_eq!(ask(101, "a", 1), duplicate);
        assert_eq!(ask(102, "a", 2), None);
        assert_eq!(ask(103, "a", 3), limited);
        assert_eq!(ask(103, "b", 3), None);
        assert_eq!(ask(109, "a", 3), limited);
        assert_eq!(ask(110, "a", 3), None);
        assert_eq!(ask(111, "a", 2), duplicate);
        assert_eq!(ask(112, "a", 2), None);
        // The clock is set back.
        assert_eq!(ask(50, "a", 2), None);
    }

    #[test]
    fn what_is_remembered_stays_bounded_and_a_rule_of_many_keys_costs_no_other_its_limits() {
        let mut rates = Rates::default();
        let (rule, other) = (RuleId::random(), RuleId::random());
        let limit = AtMost {
            count: 1,
            seconds: 3600,
            per: Some("$.id".to_owned()),
        };
        let ask_other =
            |rates: &mut Rates, saying| rates.ask(other, &limit, "", saying, Timestamp::UNIX_EPOCH);
        assert_eq!(ask_other(&mut rates, 1), None);
        for key in 0..250_000_u64 {
            rates.ask(rule, &limit, &key.to_string(), key, Timestamp::UNIX_EPOCH);
        }
        assert!(ask_other(&mut rates, 2).is_some());
        assert!(rates.windows.len() <= REMEMBERED_MAX);
        assert_eq!(
            rates.remembered,
            rates.windows.values().map(VecDeque::len).sum::<usize>()
        );
    }
}
