//! Drafts tried on the stored events: what rules and mappings would do, and what there is to make
//! them of. Reads only; the command line uses it beside whoever writes.

mod tally;

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use serde_json::Value;

use crate::{
    error::{Code, Error, Result},
    history::{FnScanned, History, Scanned},
    ingest::Reader,
    ipc::{
        FieldSeen, JudgedRow, MappedEvent, MappingPreviewRequest, Row, RuleDraftRequest,
        RulePreview, RulePreviewRequest,
    },
    model::{RowId, SourceId, Timestamp},
    rules::{self, Rule, draft::Fields},
    settings::Settings,
};
use tally::{Fate, Tally};

/// Most events a preview of rules looks at.
const LAST_MAX: u32 = 100_000;
/// Most events a preview of a mapping shows.
const MAPPED_MAX: u32 = 50;
/// Characters of a body that a preview of a mapping shows.
const BODY_MAX: usize = 500;
/// Events that fields are looked for in.
const FIELDS_FROM: u32 = 200;

/// What these rules would do to the newest events. Every event is read anew by its source's
/// mapping and judged by the pipeline's function; `at_most` counts from the first one looked at.
///
/// # Errors
/// `InvalidRule`, `TooMany` or `HistoryUnavailable`.
pub async fn rules(
    history: &History,
    settings: &Settings,
    request: &RulePreviewRequest,
    now: Timestamp,
    zone: TimeZone,
) -> Result<RulePreview> {
    rules::check(&request.rules)?;
    let tally = Tally::new(request, settings, now, zone);
    let last = request.last.min(LAST_MAX);
    let tally = history.scan(request.source, last, tally).await?;
    let (mut preview, named) = tally.finish();
    let fates = named.matched.iter().chain(&named.newest);
    let ids = named.loud.iter().chain(&named.quiet).copied();
    let rows = rows(history, ids.chain(fates.map(|fate| fate.row)).collect()).await?;
    let known = |ids: Vec<RowId>| ids.iter().filter_map(|id| rows.get(id)).cloned().collect();
    let judged = |fates: Vec<Fate>| {
        let judge = |fate: Fate| {
            Some(JudgedRow {
                row: rows.get(&fate.row)?.clone(),
                would: fate.would,
                now: fate.now,
            })
        };
        fates.into_iter().filter_map(judge).collect()
    };
    preview.newly_loud = known(named.loud);
    preview.newly_quiet = known(named.quiet);
    preview.matched_rows = judged(named.matched);
    preview.newest_rows = judged(named.newest);
    Ok(preview)
}

async fn rows(history: &History, ids: BTreeSet<RowId>) -> Result<BTreeMap<RowId, Row>> {
    let mut rows = BTreeMap::new();
    for id in ids {
        // It may have been deleted meanwhile.
        if let Some(event) = history.get(id).await? {
            rows.insert(id, event.row);
        }
    }
    Ok(rows)
}

/// How the newest events of a source read under a draft mapping, newest first.
///
/// # Errors
/// `InvalidMapping` or `HistoryUnavailable`.
pub async fn mapping(
    history: &History,
    request: &MappingPreviewRequest,
) -> Result<Vec<MappedEvent>> {
    let reader = Reader::new(&request.mapping)?;
    let last = request.last.min(MAPPED_MAX);
    let mapper = Mapper {
        reader,
        mapped: Vec::new(),
    };
    let mut mapper = history.scan(Some(request.source), last, mapper).await?;
    mapper.mapped.reverse();
    Ok(mapper.mapped)
}

struct Mapper {
    reader: Reader,
    mapped: Vec<MappedEvent>,
}

impl FnScanned for Mapper {
    fn look(&mut self, event: Scanned<'_>) {
        let read = self.reader.read(event.event, event.data);
        let shown = read.notification;
        self.mapped.push(MappedEvent {
            row: event.row,
            received_at: event.received_at.into(),
            event: event.event.to_owned(),
            kept: read.kept,
            title: shown.title,
            body: shown.body.chars().take(BODY_MAX).collect(),
            severity: shown.severity,
            url: shown.url,
            tags: shown.tags,
        });
    }
}

/// The paths that lead to values in the newest events of a source, or of all.
///
/// # Errors
/// `HistoryUnavailable`.
pub async fn fields(history: &History, source: Option<SourceId>) -> Result<Vec<FieldSeen>> {
    let finder = Finder::default();
    Ok(history
        .scan(source, FIELDS_FROM, finder)
        .await?
        .fields
        .finish())
}

#[derive(Default)]
struct Finder {
    fields: Fields,
    number: u32,
}

impl FnScanned for Finder {
    fn look(&mut self, event: Scanned<'_>) {
        self.number += 1;
        if let Ok(json) = serde_json::from_str::<Value>(event.data) {
            self.fields.add(self.number, &json);
        }
    }
}

/// A rule about events like this one, not saved yet.
///
/// # Errors
/// `NotFound`, `InvalidRule` for a field there cannot be, or `HistoryUnavailable`.
pub async fn draft(history: &History, request: &RuleDraftRequest) -> Result<Rule> {
    let event = history.get(request.row).await?;
    let event = event.ok_or_else(|| Error::new(Code::NotFound, "this event was deleted"))?;
    let rule = rules::draft::draft(&event, request.field.as_deref(), request.then);
    rules::check(std::slice::from_ref(&rule))?;
    Ok(rule)
}
