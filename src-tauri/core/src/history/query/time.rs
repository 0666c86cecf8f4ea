//! The times a query takes: `2h`, `yesterday`, `2026-11-23`, RFC 3339. Pure.

use jiff::{SignedDuration, Timestamp, ZonedDateTime, civil, tz::TimeZone};

/// The moment these words name, seen from now and in its time zone; a day begins at its midnight.
pub fn moment(text: &str, now: &ZonedDateTime) -> Option<Timestamp> {
    let zone = now.time_zone();
    let today = now.date();
    match text.to_lowercase().as_str() {
        "now" | "지금" => return Some(now.timestamp()),
        "today" | "오늘" => return midnight(today, zone),
        "yesterday" | "어제" => return midnight(today.yesterday().ok()?, zone),
        _ => {}
    }
    if let Some(span) = span(text) {
        return now.timestamp().checked_sub(span).ok();
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    if let Some(date) = date(text) {
        return midnight(date, zone);
    }
    // A date with a time; a date alone was taken above.
    let moment = text.parse::<civil::DateTime>().ok()?;
    Some(moment.to_zoned_datetime(zone.clone()).ok()?.timestamp())
}

/// `45s`, `30m`, `2h`, `3d`, `1w`.
fn span(text: &str) -> Option<SignedDuration> {
    let unit = text.chars().next_back()?;
    let number = text.strip_suffix(unit)?;
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds: i64 = match unit.to_ascii_lowercase() {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        _ => return None,
    };
    Some(SignedDuration::from_secs(
        number.parse::<i64>().ok()?.checked_mul(seconds)?,
    ))
}

/// `2026-11-23`, `2026-11` or `2026`.
fn date(text: &str) -> Option<civil::Date> {
    let mut parts = text.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |month| digits(month, 2))?;
    let day = parts.next().map_or(Some(1), |day| digits(day, 2))?;
    if parts.next().is_some() {
        return None;
    }
    civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn digits(text: &str, most: usize) -> Option<i16> {
    let fits = !text.is_empty() && text.len() <= most && (most != 4 || text.len() == 4);
    (fits && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

fn midnight(date: civil::Date, zone: &TimeZone) -> Option<Timestamp> {
    Some(date.to_zoned_datetime(zone.clone()).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_persons_own_zone() {
        let now: ZonedDateTime = "2026-11-23T01:30:00+09:00[Asia/Seoul]".parse().unwrap();
        for (text, wanted) in [
            ("2h", "2026-11-22T14:30:00Z"),
            ("30m", "2026-11-22T16:00:00Z"),
            ("1w", "2026-11-15T16:30:00Z"),
            ("today", "2026-11-22T15:00:00Z"),
            ("Yesterday", "2026-11-21T15:00:00Z"),
            ("어제", "2026-11-21T15:00:00Z"),
            ("2026-11-23", "2026-11-22T15:00:00Z"),
            ("2026-3-1", "2026-02-28T15:00:00Z"),
            ("2026-11", "2026-10-31T15:00:00Z"),
            ("2026", "2025-12-31T15:00:00Z"),
            ("2026-11-23T09:00", "2026-11-23T00:00:00Z"),
            ("2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z"),
            ("2026-11-23T09:00:00+02:00", "2026-11-23T07:00:00Z"),
        ] {
            assert_eq!(moment(text, &now), Some(wanted.parse().unwrap()), "{text}");
        }
        for text in [
            "",
            "h",
            "2x",
            "soon",
            "2026-13-01",
            "2026-02-30",
            "99999999999999999999h",
            "20260",
            "-2h",
        ] {
            assert_eq!(moment(text, &now), None, "{text}");
        }
    }
}
