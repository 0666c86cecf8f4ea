//! What draft rules would do to a run of events, against the rules in force: both judged by the
//! very function the pipeline uses.

use std::collections::{HashMap, VecDeque};

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::LAST_MAX;
use crate::{
    history::{FnScanned, Scanned},
    ingest::Reader,
    ipc::{PreviewDay, RuleHits, RulePreview, RulePreviewRequest},
    model::{Loudness, RowId, SourceId},
    rules::{Compiled, Event, Moment, Outcome, Rates, Rule, compile, decide},
    settings::Settings,
    source::EventFilter,
};

/// Rows that a preview names of each kind.
const NAMED_MAX: usize = 50;
/// Days a preview counts apart.
const DAYS: usize = 7;
/// Seconds of a day.
const DAY: u64 = 24 * 3600;

/// Counts events as they pass.
#[derive(Debug)]
pub(super) struct Tally {
    sources: HashMap<SourceId, Source>,
    other: Reader,
    draft: Side,
    now: Side,
    zone: TimeZone,
    today: Date,
    /// What the days count begins here: at the first of them, or the first event looked at.
    since: Timestamp,
    until: Timestamp,
    /// Most events that are looked at.
    last: u32,
    preview: RulePreview,
    loud: VecDeque<RowId>,
    quiet: VecDeque<RowId>,
    /// Place of the rule whose events are named.
    asked: Option<usize>,
    matched: VecDeque<Fate>,
    newest: VecDeque<Fate>,
}

/// What becomes of an event under the draft, and now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fate {
    pub(super) row: RowId,
    pub(super) would: Outcome,
    pub(super) now: Outcome,
}

/// The rows that are named, newest first.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) loud: Vec<RowId>,
    pub(super) quiet: Vec<RowId>,
    pub(super) matched: Vec<Fate>,
    pub(super) newest: Vec<Fate>,
}

#[derive(Debug)]
struct Source {
    name: String,
    events: EventFilter,
    reader: Reader,
    loudness: Loudness,
}

#[derive(Debug)]
struct Side {
    rules: Compiled,
    rates: Rates,
}

impl Side {
    fn new(rules: &[Rule]) -> Self {
        Self {
            rules: compile(rules).0,
            rates: Rates::default(),
        }
    }
}

impl Tally {
    /// Compares these rules with those of the settings. The days are counted back from `now` in
    /// this zone.
    pub(super) fn new(
        request: &RulePreviewRequest,
        settings: &Settings,
        now: Timestamp,
        zone: TimeZone,
    ) -> Self {
        let draft = &request.rules;
        let today = zone.to_datetime(now).date();
        let sources = settings.sources.iter().map(|source| {
            let kept = Source {
                name: source.name.clone(),
                events: source.events.clone(),
                reader: Reader::new(&source.mapping).unwrap_or_default(),
                loudness: source.toast.loudness,
            };
            (source.id, kept)
        });
        let mut day = today;
        let mut per_day = Vec::new();
        for _ in 0..DAYS {
            per_day.push(PreviewDay {
                date: day.to_string(),
                ..PreviewDay::default()
            });
            day = day.yesterday().unwrap_or(day);
        }
        per_day.reverse();
        let first = day.tomorrow().map(|day| day.at(0, 0, 0, 0));
        let first = first.and_then(|first| zone.to_timestamp(first));
        Self {
            sources: sources.collect(),
            other: Reader::default(),
            draft: Side::new(draft),
            now: Side::new(&settings.rules),
            since: first.unwrap_or(now),
            until: now,
            last: request.last.min(LAST_MAX),
            zone,
            today,
            preview: RulePreview {
                per_day,
                rules: draft
                    .iter()
                    .map(|rule| RuleHits {
                        id: rule.id,
                        matched: 0,
                        last_7_days: 0,
                    })
                    .collect(),
                ..RulePreview::default()
            },
            loud: VecDeque::new(),
            quiet: VecDeque::new(),
            asked: request
                .rule
                .and_then(|id| draft.iter().position(|rule| rule.id == id)),
            matched: VecDeque::new(),
            newest: VecDeque::new(),
        }
    }

    /// The counts, and the rows to name.
    pub(super) fn finish(mut self) -> (RulePreview, Named) {
        self.preview.would_per_day = self.per_day();
        let named = Named {
            loud: self.loud.into_iter().rev().collect(),
            quiet: self.quiet.into_iter().rev().collect(),
            matched: self.matched.into_iter().rev().collect(),
            newest: self.newest.into_iter().rev().collect(),
        };
        (self.preview, named)
    }

    /// About how many would ring in a day. Where nothing came before those looked at, they stand
    /// for a day at least.
    fn per_day(&self) -> u32 {
        let days = self.preview.per_day.iter();
        let rings: u64 = days.map(|day| u64::from(day.would_notify)).sum();
        let all = self.preview.looked_at < self.last;
        let seconds = self.until.duration_since(self.since).as_secs();
        let seconds = u64::try_from(seconds).unwrap_or(0);
        let seconds = seconds.max(if all { DAY } else { 1 });
        u32::try_from((rings * DAY + seconds / 2) / seconds).unwrap_or(u32::MAX)
    }

    /// Its fate under the draft with the rule that decided, and its fate now.
    fn judge(&mut self, seen: Scanned<'_>) -> (Outcome, Option<usize>, Outcome) {
        let source = self.sources.get(&seen.source);
        let reader = source.map_or(&self.other, |source| &source.reader);
        let read = reader.read(seen.event, seen.data);
        let filtered = source.is_some_and(|source| !source.events.keeps(seen.event));
        if filtered || !read.kept {
            return (Outcome::Drop, None, Outcome::Drop);
        }
        let event = Event {
            source: seen.source,
            source_name: source.map_or(seen.source_name, |source| &source.name),
            event: seen.event,
            notification: &read.notification,
            data: seen.data,
            json: read.json.as_ref(),
        };
        let moment = Moment {
            at: seen.received_at,
            zone: &self.zone,
        };
        let (would, rule) = decide(&self.draft.rules, &event, moment, &mut self.draft.rates);
        let (now, _) = decide(&self.now.rules, &event, moment, &mut self.now.rates);
        let loudness = source.map_or(Loudness::Rules, |source| source.loudness);
        (would.at(loudness), rule, now.at(loudness))
    }
}

impl FnScanned for Tally {
    fn look(&mut self, event: Scanned<'_>) {
        let (would, rule, now) = self.judge(event);
        let preview = &mut self.preview;
        if preview.looked_at == 0 {
            self.since = self.since.max(event.received_at);
        }
        preview.looked_at += 1;
        let rings = would == Outcome::Notify;
        let rang = now == Outcome::Notify;
        preview.would_notify += u32::from(rings);
        preview.now_notify += u32::from(rang);
        preview.dropped += u32::from(would == Outcome::Drop);
        if rings && !rang {
            preview.newly_loud_count += 1;
            remember(&mut self.loud, event.row);
        }
        if rang && !rings {
            preview.newly_quiet_count += 1;
            remember(&mut self.quiet, event.row);
        }
        let fate = Fate {
            row: event.row,
            would,
            now,
        };
        remember(&mut self.newest, fate);
        if rule.is_some() && rule == self.asked {
            remember(&mut self.matched, fate);
        }
        let date = self.zone.to_datetime(event.received_at).date();
        let age = self.today.duration_since(date).as_hours() / 24;
        let day = usize::try_from(age)
            .ok()
            .and_then(|age| preview.per_day.iter_mut().rev().nth(age));
        let recent = day.is_some();
        if let Some(day) = day {
            day.events += 1;
            day.would_notify += u32::from(rings);
            day.now_notify += u32::from(rang);
        }
        if let Some(hits) = rule.and_then(|at| preview.rules.get_mut(at)) {
            hits.matched += 1;
            hits.last_7_days += u32::from(recent);
        }
    }
}

fn remember<T>(rows: &mut VecDeque<T>, row: T) {
    if rows.len() == NAMED_MAX {
        rows.pop_front();
    }
    rows.push_back(row);
}
