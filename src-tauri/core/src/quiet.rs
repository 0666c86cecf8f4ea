//! When toasts wait: quiet hours of the week and snoozes. Pure: the moment and the time zone are
//! parameters.

use std::{fmt, str::FromStr, time::Duration};

use jiff::{
    civil::{Date, Time},
    tz::{AmbiguousOffset, TimeZone},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Code, Error, Result},
    model::{Timestamp, Weekday},
};

/// Most rows of quiet hours.
pub const ROWS_MAX: usize = 20;
/// Longest snooze. Minutes.
pub const SNOOZE_MAX: u32 = 31 * 24 * 60;

/// Quiet hours of the week: events are stored, their toasts wait for the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(default)]
pub struct QuietHours {
    /// Whether they are in force.
    pub enabled: bool,
    /// Whether critical events ring all the same, in snoozes too.
    pub critical_through: bool,
    /// When; rows may overlap.
    pub rows: Vec<QuietRow>,
}

impl Default for QuietHours {
    fn default() -> Self {
        Self {
            enabled: false,
            critical_through: true,
            rows: Vec::new(),
        }
    }
}

/// One span of the day, on some days of the week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct QuietRow {
    /// Days on which it begins.
    pub days: Vec<Weekday>,
    /// When it begins, on the clock on the wall.
    pub from: TimeOfDay,
    /// When it ends: on the next day if that is not later than `from`.
    pub to: TimeOfDay,
}

/// A time of the day to the minute, written `HH:MM`, from 00:00 to 23:59.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[cfg_attr(feature = "bindings", ts(type = "string"))]
#[serde(into = "String", try_from = "String")]
pub struct TimeOfDay(Time);

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

impl FromStr for TimeOfDay {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let number = |digits: &str| {
            let valid = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
            valid.then(|| digits.parse::<i8>().ok()).flatten()
        };
        text.split_once(':')
            .and_then(|(hour, minute)| Time::new(number(hour)?, number(minute)?, 0, 0).ok())
            .map(Self)
            .ok_or_else(|| {
                let why = "this is no time of the day; write one such as 22:30";
                Error::new(Code::InvalidOption, why)
            })
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

/// For how long a person wants no toasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Snooze {
    /// Toasts come again from now on: the snooze is over, and so are the quiet hours of now.
    Off,
    /// From now on for so many minutes.
    Minutes {
        /// From 1 to [`SNOOZE_MAX`].
        minutes: u32,
    },
    /// Until 09:00 of the next day.
    Tomorrow,
}

impl Snooze {
    /// When it ends; none where it is over at once.
    ///
    /// # Errors
    /// `InvalidOption` for a length nobody can mean.
    pub fn until(self, now: Timestamp, zone: &TimeZone) -> Result<Option<Timestamp>> {
        match self {
            Self::Off => Ok(None),
            Self::Minutes { minutes } if (1..=SNOOZE_MAX).contains(&minutes) => {
                Ok(Some(now + Duration::from_secs(u64::from(minutes) * 60)))
            }
            Self::Minutes { .. } => Err(Error::new(
                Code::InvalidOption,
                format!("a snooze lasts from 1 to {SNOOZE_MAX} minutes"),
            )),
            Self::Tomorrow => {
                let today = zone.to_datetime(now).date();
                let morning = today
                    .tomorrow()
                    .map(|day| moment(day, Time::constant(9, 0, 0, 0), Edge::From, zone));
                Ok(morning.ok().flatten())
            }
        }
    }
}

/// Why toasts wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum QuietReason {
    /// A person paused them.
    Paused,
    /// A person put them off for a while.
    Snoozed,
    /// It is quiet hours.
    Hours,
}

/// What a person has set about it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wishes {
    /// Toasts are paused, without an end.
    pub paused: bool,
    /// A snooze, in force if this lies ahead.
    pub snoozed_until: Option<Timestamp>,
    /// The hours of the week.
    pub hours: QuietHours,
    /// Until when these do not count, because a person ended them early.
    pub hours_off_until: Option<Timestamp>,
}

/// How it stands at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// Why toasts wait; none: they do not.
    pub reason: Option<QuietReason>,
    /// When that ends by itself, if it does.
    pub until: Option<Timestamp>,
    /// When any of this may change by itself, if it may.
    pub changes: Option<Timestamp>,
}

impl Wishes {
    /// How it stands at `now`. A snooze that ends in quiet hours goes on as these.
    pub fn at(&self, now: Timestamp, zone: &TimeZone) -> Standing {
        if self.paused {
            return Standing {
                reason: Some(QuietReason::Paused),
                ..Standing::default()
            };
        }
        if let Some(until) = self.snoozed_until.filter(|until| now < *until) {
            return Standing {
                reason: Some(QuietReason::Snoozed),
                until: Some(until),
                changes: Some(until),
            };
        }
        if let Some(until) = self.hours_off_until.filter(|until| now < *until) {
            return Standing {
                changes: Some(until),
                ..Standing::default()
            };
        }
        let spans = self.hours.spans(now, zone);
        let quiet = spans.iter().any(|span| span.from <= now && now < span.to);
        if !quiet {
            let next = spans.iter().map(|span| span.from).filter(|at| now < *at);
            return Standing {
                changes: next.min(),
                ..Standing::default()
            };
        }
        // Spans that touch or overlap are one.
        let mut until = now;
        for span in &spans {
            if span.from <= until {
                until = until.max(span.to);
            }
        }
        let endless = spans
            .last()
            .is_some_and(|last| until == last.to && covers_week(now, until));
        Standing {
            reason: Some(QuietReason::Hours),
            until: (!endless).then_some(until),
            changes: Some(until),
        }
    }
}

fn covers_week(now: Timestamp, until: Timestamp) -> bool {
    until.duration_since(now) >= jiff::SignedDuration::from_hours(7 * 24)
}

#[derive(Debug, Clone, Copy)]
struct Span {
    from: Timestamp,
    to: Timestamp,
}

impl QuietHours {
    /// Refuses what can never have been meant.
    ///
    /// # Errors
    /// `InvalidOption`.
    pub fn validate(&self) -> Result<()> {
        let refuse = |why: String| Err(Error::new(Code::InvalidOption, why));
        if self.rows.len() > ROWS_MAX {
            return refuse(format!(
                "quiet hours have at most {ROWS_MAX} rows; remove one"
            ));
        }
        if self.rows.iter().any(|row| row.days.is_empty()) {
            return refuse(
                "quiet hours need a day of the week; choose one or remove the row".to_owned(),
            );
        }
        Ok(())
    }

    /// What began since yesterday or begins within eight days, in the order of its beginning.
    fn spans(&self, now: Timestamp, zone: &TimeZone) -> Vec<Span> {
        if !self.enabled || self.rows.is_empty() {
            return Vec::new();
        }
        let today = zone.to_datetime(now).date();
        let Ok(first) = today.yesterday() else {
            return Vec::new();
        };
        let mut spans: Vec<Span> = first
            .series(jiff::Span::new().days(1))
            .take(10)
            .flat_map(|date| self.rows.iter().filter_map(move |row| row.on(date, zone)))
            .collect();
        spans.sort_by_key(|span| span.from);
        spans
    }
}

impl QuietRow {
    fn on(&self, date: Date, zone: &TimeZone) -> Option<Span> {
        if !self.days.contains(&date.weekday().into()) {
            return None;
        }
        let last = if self.to <= self.from {
            date.tomorrow().ok()?
        } else {
            date
        };
        let from = moment(date, self.from.0, Edge::From, zone)?;
        let to = moment(last, self.to.0, Edge::To, zone)?;
        (from < to).then_some(Span { from, to })
    }
}

#[derive(Debug, Clone, Copy)]
enum Edge {
    From,
    To,
}

/// When the clock on the wall reads this. A time that a clock change leaves out counts as the
/// moment of the change. Of a time that comes twice a span takes both: it begins with the first
/// and ends with the second, so that it has no hole where the clock goes back.
fn moment(date: Date, time: Time, edge: Edge, zone: &TimeZone) -> Option<Timestamp> {
    let clock = date.to_datetime(time);
    let ambiguous = zone.to_ambiguous_timestamp(clock);
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(clock).ok(),
        AmbiguousOffset::Gap { before, .. } => {
            let after_change = before.to_timestamp(clock).ok()?;
            let just_after = after_change + Duration::from_nanos(1);
            zone.preceding(just_after)
                .next()
                .map(|change| change.timestamp())
        }
        AmbiguousOffset::Fold { before, after } => match edge {
            Edge::From => before.to_timestamp(clock).ok(),
            Edge::To => after.to_timestamp(clock).ok(),
        },
    }
}

#[cfg(test)]
mod tests;
