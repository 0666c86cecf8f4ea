//! Quiet hours by the clock on the wall, across midnights, weeks and clock changes.

use super::*;

/// Changes its clocks on 29 March (02:00 to 03:00) and 25 October 2026 (03:00 to 02:00).
const BERLIN: &str = "Europe/Berlin";
const SEOUL: &str = "Asia/Seoul";

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn utc(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn hours(rows: &[(&[Weekday], &str, &str)]) -> Wishes {
    let rows = rows.iter().map(|(days, from, to)| QuietRow {
        days: days.to_vec(),
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
    });
    Wishes {
        hours: QuietHours {
            enabled: true,
            rows: rows.collect(),
            ..QuietHours::default()
        },
        ..Wishes::default()
    }
}

const DAILY: &[Weekday] = &[
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

#[track_caller]
fn check(wishes: &Wishes, zone_name: &str, cases: &[(&str, Option<&str>)]) {
    for (now, until) in cases {
        let standing = wishes.at(utc(now), &zone(zone_name));
        let wanted = until.map(utc);
        assert_eq!(
            standing.reason.is_some(),
            wanted.is_some(),
            "{now}: {standing:?}"
        );
        assert_eq!(standing.until, wanted, "{now}");
    }
}

#[test]
fn a_night_goes_over_midnight_and_ends_in_the_morning() {
    let nights = hours(&[(&[Weekday::Fri], "22:00", "07:00")]);
    // Friday is 20 November 2026; Seoul is nine hours ahead of UTC.
    let morning = Some("2026-11-20T22:00:00Z");
    check(
        &nights,
        SEOUL,
        &[
            ("2026-11-20T12:59:59Z", None),
            ("2026-11-20T13:00:00Z", morning),
            ("2026-11-20T15:30:00Z", morning),
            ("2026-11-20T21:59:59Z", morning),
            ("2026-11-20T22:00:00Z", None),
            // Saturday night is not meant.
            ("2026-11-21T14:00:00Z", None),
        ],
    );
}

#[test]
fn the_same_hours_elsewhere_are_another_time() {
    let nights = hours(&[(DAILY, "22:00", "07:00")]);
    check(
        &nights,
        BERLIN,
        &[
            ("2026-11-20T13:00:00Z", None),
            ("2026-11-20T21:00:00Z", Some("2026-11-21T06:00:00Z")),
        ],
    );
}

#[test]
fn the_night_the_clock_goes_forward_is_an_hour_shorter() {
    let nights = hours(&[(DAILY, "22:00", "07:00")]);
    check(
        &nights,
        BERLIN,
        &[
            ("2026-03-28T20:59:59Z", None),
            ("2026-03-28T21:00:00Z", Some("2026-03-29T05:00:00Z")),
            ("2026-03-29T05:00:00Z", None),
        ],
    );
}

#[test]
fn the_night_the_clock_goes_back_is_an_hour_longer() {
    let nights = hours(&[(DAILY, "22:00", "07:00")]);
    check(
        &nights,
        BERLIN,
        &[
            ("2026-10-24T20:00:00Z", Some("2026-10-25T06:00:00Z")),
            ("2026-10-25T05:59:59Z", Some("2026-10-25T06:00:00Z")),
            ("2026-10-25T06:00:00Z", None),
        ],
    );
}

#[test]
fn a_time_the_clock_leaves_out_is_the_moment_of_the_change() {
    let change = "2026-03-29T01:00:00Z";
    check(
        &hours(&[(DAILY, "22:00", "02:30")]),
        BERLIN,
        &[("2026-03-29T00:59:59Z", Some(change)), (change, None)],
    );
    check(
        &hours(&[(DAILY, "02:00", "05:00")]),
        BERLIN,
        &[
            ("2026-03-29T00:59:59Z", None),
            (change, Some("2026-03-29T03:00:00Z")),
        ],
    );
    // Nothing of it is left.
    check(
        &hours(&[(DAILY, "02:00", "02:59")]),
        BERLIN,
        &[("2026-03-29T00:59:59Z", None), (change, None)],
    );
}

#[test]
fn hours_that_come_twice_are_quiet_both_times_without_a_hole() {
    let until = Some("2026-10-25T01:30:00Z");
    check(
        &hours(&[(DAILY, "22:00", "02:30")]),
        BERLIN,
        &[
            ("2026-10-25T00:15:00Z", until),
            // 02:45 the first time.
            ("2026-10-25T00:45:00Z", until),
            ("2026-10-25T01:15:00Z", until),
            ("2026-10-25T01:30:00Z", None),
        ],
    );
    check(
        &hours(&[(DAILY, "02:30", "05:00")]),
        BERLIN,
        &[
            ("2026-10-25T00:29:59Z", None),
            ("2026-10-25T00:30:00Z", Some("2026-10-25T04:00:00Z")),
            ("2026-10-25T01:15:00Z", Some("2026-10-25T04:00:00Z")),
        ],
    );
}

#[test]
fn rows_that_touch_are_one_quiet_time() {
    let weekend = hours(&[
        (&[Weekday::Fri], "22:00", "00:00"),
        (&[Weekday::Sat, Weekday::Sun], "00:00", "00:00"),
        (&[Weekday::Mon], "00:00", "07:00"),
    ]);
    check(
        &weekend,
        SEOUL,
        &[("2026-11-20T13:00:00Z", Some("2026-11-22T22:00:00Z"))],
    );
}

#[test]
fn the_whole_week_quiet_has_no_end() {
    let always = hours(&[(DAILY, "00:00", "00:00")]);
    let standing = always.at(utc("2026-11-20T13:00:00Z"), &zone(SEOUL));
    assert_eq!(standing.reason, Some(QuietReason::Hours));
    assert_eq!(standing.until, None);
    assert!(standing.changes.is_some(), "it is looked at again");
}

#[test]
fn the_next_change_is_the_next_beginning() {
    let nights = hours(&[(&[Weekday::Fri], "22:00", "07:00")]);
    let standing = nights.at(utc("2026-11-21T13:00:00Z"), &zone(SEOUL));
    assert_eq!(standing.changes, Some(utc("2026-11-27T13:00:00Z")));
    let off = Wishes {
        hours: QuietHours {
            enabled: false,
            ..nights.hours
        },
        ..Wishes::default()
    };
    let standing = off.at(utc("2026-11-20T13:30:00Z"), &zone(SEOUL));
    assert_eq!(standing, Standing::default());
}

#[test]
fn a_pause_outranks_a_snooze_and_a_snooze_quiet_hours() {
    let mut wishes = hours(&[(DAILY, "22:00", "07:00")]);
    let now = utc("2026-11-20T13:30:00Z");
    let later = utc("2026-11-20T14:00:00Z");
    wishes.snoozed_until = Some(later);
    let snoozed = wishes.at(now, &zone(SEOUL));
    assert_eq!(
        (snoozed.reason, snoozed.until),
        (Some(QuietReason::Snoozed), Some(later))
    );
    assert_eq!(
        wishes.at(later, &zone(SEOUL)).reason,
        Some(QuietReason::Hours)
    );
    wishes.paused = true;
    let paused = wishes.at(now, &zone(SEOUL));
    assert_eq!(
        (paused.reason, paused.until),
        (Some(QuietReason::Paused), None)
    );
}

#[test]
fn a_snooze_ends_when_it_says() {
    let now = utc("2026-03-28T20:00:00Z");
    let ends = |snooze: Snooze| snooze.until(now, &zone(BERLIN));
    assert_eq!(ends(Snooze::Off).unwrap(), None);
    let half = Snooze::Minutes { minutes: 30 };
    assert_eq!(ends(half).unwrap(), Some(utc("2026-03-28T20:30:00Z")));
    // The clock goes forward in between.
    assert_eq!(
        ends(Snooze::Tomorrow).unwrap(),
        Some(utc("2026-03-29T07:00:00Z"))
    );
    for minutes in [0, SNOOZE_MAX + 1, u32::MAX] {
        let refused = ends(Snooze::Minutes { minutes }).unwrap_err();
        assert_eq!(refused.code, Code::InvalidOption);
    }
}

#[test]
fn a_time_of_the_day_is_hours_and_minutes_and_nothing_else() {
    for good in ["00:00", "07:05", "23:59"] {
        assert_eq!(good.parse::<TimeOfDay>().unwrap().to_string(), good);
    }
    for bad in [
        "", "24:00", "7:00", "07:60", "07:00:00", "-1:00", "+1:00", "ab:cd", "0７:00",
    ] {
        assert!(bad.parse::<TimeOfDay>().is_err(), "{bad}");
    }
}

#[test]
fn hours_that_were_ended_early_are_over_until_their_end_and_come_again_the_next_day() {
    let ended = Wishes {
        hours_off_until: Some(utc("2026-11-20T22:00:00Z")),
        ..hours(&[(DAILY, "22:00", "07:00")])
    };

    check(
        &ended,
        SEOUL,
        &[
            ("2026-11-20T14:00:00Z", None),
            ("2026-11-20T21:59:59Z", None),
            ("2026-11-21T13:00:00Z", Some("2026-11-21T22:00:00Z")),
        ],
    );
    let standing = ended.at(utc("2026-11-20T14:00:00Z"), &zone(SEOUL));
    assert_eq!(standing.changes, ended.hours_off_until);
}
