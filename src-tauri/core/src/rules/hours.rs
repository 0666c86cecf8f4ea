//! Weekdays and a time of day, in a time zone.

use jiff::{Timestamp, civil, tz::TimeZone};

use super::ActiveHours;
use crate::model::Weekday;

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// Active hours, ready to ask.
#[derive(Debug, Clone)]
pub(super) struct Hours {
    /// Empty: every day.
    days: Vec<Weekday>,
    /// Minutes after midnight.
    from: u16,
    to: u16,
    /// None: the zone of who asks.
    zone: Option<TimeZone>,
}

impl Hours {
    pub(super) fn parse(written: &ActiveHours) -> Result<Self, String> {
        let zone = written
            .time_zone
            .as_deref()
            .map(|name| {
                TimeZone::get(name).map_err(|_| {
                    format!("{name} is no time zone; write one such as Asia/Seoul or UTC")
                })
            })
            .transpose()?;
        Ok(Self {
            days: written.days.clone(),
            from: written.from.as_deref().map_or(Ok(0), minutes)?,
            to: written.to.as_deref().map_or(Ok(DAY), minutes)?,
            zone,
        })
    }

    /// Whether this moment lies within.
    pub(super) fn hold(&self, at: Timestamp, local: &TimeZone) -> bool {
        let civil = self.zone.as_ref().unwrap_or(local).to_datetime(at);
        let minute =
            u16::from(civil.hour().unsigned_abs()) * 60 + u16::from(civil.minute().unsigned_abs());
        let on = |day: civil::Weekday| self.days.is_empty() || self.days.contains(&day.into());
        let today = civil.weekday();
        if self.from < self.to {
            return on(today) && (self.from..self.to).contains(&minute);
        }
        on(today) && minute >= self.from || on(today.previous()) && minute < self.to
    }
}

fn minutes(text: &str) -> Result<u16, String> {
    let wrong = || format!("{text} is no time of day; write one such as 09:00 or 22:30");
    let (hours, minutes) = text.split_once(':').ok_or_else(wrong)?;
    if hours.len() != 2
        || minutes.len() != 2
        || !text.bytes().all(|b| b.is_ascii_digit() || b == b':')
    {
        return Err(wrong());
    }
    let (hours, minutes): (u16, u16) = match (hours.parse(), minutes.parse()) {
        (Ok(hours), Ok(minutes)) => (hours, minutes),
        _ => return Err(wrong()),
    };
    let whole = hours * 60 + minutes;
    if minutes > 59 || whole > DAY {
        return Err(wrong());
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(days: &[Weekday], from: &str, to: &str, zone: &str) -> Hours {
        Hours::parse(&ActiveHours {
            days: days.to_vec(),
            from: Some(from.to_owned()),
            to: Some(to.to_owned()),
            time_zone: Some(zone.to_owned()),
        })
        .unwrap()
    }

    #[test]
    fn hours_hold_from_their_beginning_until_before_their_end_and_pass_midnight() {
        use Weekday::{Fri, Mon};
        // 2026-11-23 is a Monday.
        for (hours, at, holds) in [
            (
                hours(&[], "09:00", "17:00", "UTC"),
                "2026-11-23T09:00:00Z",
                true,
            ),
            (
                hours(&[], "09:00", "17:00", "UTC"),
                "2026-11-23T08:59:59Z",
                false,
            ),
            (
                hours(&[], "09:00", "17:00", "UTC"),
                "2026-11-23T17:00:00Z",
                false,
            ),
            (
                hours(&[Mon], "09:00", "17:00", "UTC"),
                "2026-11-24T10:00:00Z",
                false,
            ),
            (
                hours(&[Fri], "22:00", "06:00", "UTC"),
                "2026-11-27T23:00:00Z",
                true,
            ),
            (
                hours(&[Fri], "22:00", "06:00", "UTC"),
                "2026-11-28T05:59:00Z",
                true,
            ),
            (
                hours(&[Fri], "22:00", "06:00", "UTC"),
                "2026-11-28T06:00:00Z",
                false,
            ),
            (
                hours(&[Fri], "22:00", "06:00", "UTC"),
                "2026-11-27T05:00:00Z",
                false,
            ),
            (
                hours(&[], "00:00", "24:00", "UTC"),
                "2026-11-23T23:59:59Z",
                true,
            ),
            (
                hours(&[Mon], "09:00", "09:00", "UTC"),
                "2026-11-24T08:00:00Z",
                true,
            ),
            (
                hours(&[Mon], "09:00", "09:00", "UTC"),
                "2026-11-24T09:00:00Z",
                false,
            ),
            // Midnight of Tuesday in Seoul is still Monday in UTC.
            (
                hours(&[Mon], "00:00", "24:00", "Asia/Seoul"),
                "2026-11-23T15:00:00Z",
                false,
            ),
            // The hour that New York skips in spring does not shift the day.
            (
                hours(&[], "09:00", "10:00", "America/New_York"),
                "2026-03-08T13:30:00Z",
                true,
            ),
        ] {
            assert_eq!(
                hours.hold(at.parse().unwrap(), &TimeZone::UTC),
                holds,
                "{hours:?} {at}"
            );
        }
    }

    #[test]
    fn without_a_zone_of_their_own_hours_are_those_of_who_asks() {
        let nine = Hours::parse(&ActiveHours {
            days: Vec::new(),
            from: Some("09:00".to_owned()),
            to: None,
            time_zone: None,
        })
        .unwrap();
        let at = "2026-11-23T01:00:00Z".parse().unwrap();

        assert!(nine.hold(at, &TimeZone::get("Asia/Seoul").unwrap()));
        assert!(!nine.hold(at, &TimeZone::UTC));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "9:00", "09:60", "24:01", "25:00", "0900", "", "aa:bb", "+1:00", "09:00:00",
        ] {
            assert!(minutes(text).is_err(), "{text}");
        }
    }
}
