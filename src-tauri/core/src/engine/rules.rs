//! What a person can do to the rules, and what there is to make them of.

use std::collections::BTreeMap;

use jiff::{SignedDuration, tz::TimeZone};

use super::Handle;
use crate::{
    error::{Code, Error, Result},
    ipc::{
        EventTypeSeen, FieldSeen, MappedEvent, MappingPreviewRequest, Millis, RuleCount,
        RuleDraftRequest, RuleList, RulePreview, RulePreviewRequest,
    },
    model::SourceId,
    preview,
    rules::{self, Rule},
};

/// How far back hits are counted.
const HITS_SINCE: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Handle {
    /// All rules in their order.
    pub fn rules(&self) -> RuleList {
        let rules = self.settings.current().rules.clone();
        RuleList {
            generation: rules::generation(&rules),
            rules,
        }
    }

    /// Puts a whole list in the place of the one that was read as `list.generation`.
    ///
    /// # Errors
    /// `Outdated` where somebody else saved meanwhile, `InvalidRule`, `TooMany`, `NotSaved` or
    /// `ReadOnly`. Nothing has changed then.
    pub async fn set_rules(&self, list: RuleList) -> Result<RuleList> {
        self.settings
            .update(|settings| {
                if rules::generation(&settings.rules) != list.generation {
                    return Err(Error::new(
                        Code::Outdated,
                        "the rules were changed meanwhile; look at them again, then save",
                    ));
                }
                settings.rules = list.rules;
                Ok(())
            })
            .await?;
        Ok(self.rules())
    }

    /// How often each rule decided in the last 7 days.
    ///
    /// # Errors
    /// `HistoryUnavailable`.
    pub async fn rule_hits(&self) -> Result<Vec<RuleCount>> {
        let since = (self.clock)() - HITS_SINCE;
        let counts = self.history.ruled_since(since).await?;
        let counts = counts.into_iter();
        Ok(counts.map(|(id, hits)| RuleCount { id, hits }).collect())
    }

    /// What these rules would do to the newest events.
    ///
    /// # Errors
    /// `InvalidRule`, `TooMany` or `HistoryUnavailable`.
    pub async fn preview_rules(&self, request: &RulePreviewRequest) -> Result<RulePreview> {
        let settings = self.settings.current();
        let now = (self.clock)();
        preview::rules(&self.history, &settings, request, now, TimeZone::system()).await
    }

    /// How the newest events of a source read under a draft mapping, newest first.
    ///
    /// # Errors
    /// `InvalidMapping` or `HistoryUnavailable`.
    pub async fn preview_mapping(
        &self,
        request: &MappingPreviewRequest,
    ) -> Result<Vec<MappedEvent>> {
        preview::mapping(&self.history, request).await
    }

    /// The paths that lead to values in the newest events of a source, or of all.
    ///
    /// # Errors
    /// `HistoryUnavailable`.
    pub async fn fields(&self, source: Option<SourceId>) -> Result<Vec<FieldSeen>> {
        preview::fields(&self.history, source).await
    }

    /// A rule about events like this one, not saved yet.
    ///
    /// # Errors
    /// `NotFound`, `InvalidRule` or `HistoryUnavailable`.
    pub async fn draft_rule(&self, request: &RuleDraftRequest) -> Result<Rule> {
        preview::draft(&self.history, request).await
    }

    /// The event types a source sent: of the newest stored events, and of what came lately and
    /// was filtered out. Most frequent first.
    ///
    /// # Errors
    /// `NotFound` or `HistoryUnavailable`.
    pub async fn event_types(&self, source: SourceId) -> Result<Vec<EventTypeSeen>> {
        self.config(source)?;
        let mut types: BTreeMap<String, EventTypeSeen> = BTreeMap::new();
        for (event, stored, last_seen) in self.history.event_types(source).await? {
            let seen = EventTypeSeen {
                event: event.clone(),
                stored,
                last_seen: last_seen.into(),
            };
            types.insert(event, seen);
        }
        for frame in self.logs.of(source).snapshot().frames {
            let Some(event) = frame.event else { continue };
            let seen = types
                .entry(event)
                .or_insert_with_key(|event| EventTypeSeen {
                    event: event.clone(),
                    stored: 0,
                    last_seen: Millis(0),
                });
            seen.last_seen = seen.last_seen.max(frame.at);
        }
        let mut types: Vec<EventTypeSeen> = types.into_values().collect();
        types.sort_by_key(|seen| std::cmp::Reverse((seen.stored, seen.last_seen)));
        Ok(types)
    }
}
