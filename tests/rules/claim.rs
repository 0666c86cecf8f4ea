//! What holds of every rule and every event, whatever they are. Shared with the fuzz target.

use jiff::tz::TimeZone;
use tidings_core::{
    ingest::{Reader, mapping::Mapping},
    model::{SourceId, Timestamp},
    rules::{self, Event, Moment, Outcome, Rates, Rule, Trace},
};

/// Reads the input as rules or a mapping, an LF of its own (0x1E), and data.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (written, data) = text.split_once('\u{1e}').unwrap_or((&text, "{}"));
    if let Ok(mapping) = serde_json::from_str::<Mapping>(written)
        && let Ok(reader) = Reader::new(&mapping)
    {
        check_read(&reader, data);
    }
    if let Ok(rules) = rules::read(written) {
        check_rules(&rules, data);
    }
}

/// A mapping changes what an event says, never that it says something.
fn check_read(reader: &Reader, data: &str) {
    let shown = reader.read("message", data).notification;
    assert!(
        shown
            .title
            .chars()
            .any(|c| !c.is_whitespace() && !c.is_control())
    );
    assert!(!shown.title.contains(['\r', '\n']));
    assert!(shown.title.chars().count() <= 300 && shown.body.chars().count() <= 4000);
    assert!(shown.tags.len() <= 20);
    if let Some(url) = &shown.url {
        assert!(url.starts_with("https://") || url.starts_with("http://"));
    }
}

/// Rules that are accepted come back from their JSON the same, judge the same twice, and their
/// traces say what they decided.
pub fn check_rules(rules: &[Rule], data: &str) {
    let json = serde_json::to_string(rules).unwrap_or_default();
    assert_eq!(rules::read(&json).ok().as_deref(), Some(rules));
    let (compiled, errors) = rules::compile(rules);
    assert!(errors.is_empty());
    let read = Reader::default().read("message", data);
    let event = Event {
        source: SourceId::random(),
        source_name: "ci",
        event: "message",
        notification: &read.notification,
        data,
        json: read.json.as_ref(),
    };
    let zone = TimeZone::UTC;
    let moment = Moment {
        at: Timestamp::UNIX_EPOCH,
        zone: &zone,
    };
    let (mut rates, mut again) = (Rates::default(), Rates::default());
    for _ in 0..2 {
        let judged = rules::evaluate(&compiled, &event, moment, &mut rates);
        assert_eq!(
            judged,
            rules::evaluate(&compiled, &event, moment, &mut again)
        );
        let matched = judged.trace.as_ref().and_then(|trace| trace.rule.as_ref());
        let rule = matched.map(|matched| {
            let at = usize::try_from(matched.place).unwrap_or(usize::MAX) - 1;
            let rule = rules.get(at);
            assert_eq!(
                rule.map(|rule| rule.name.as_str()),
                Some(matched.name.as_str())
            );
            rule
        });
        let expected = match rule.flatten() {
            None => Outcome::Notify,
            Some(rule) if rule.enabled => rule.then,
            Some(_) => Outcome::Drop,
        };
        if let Some(trace) = &judged.trace {
            assert_eq!(trace.outcome, judged.outcome);
            let folded = trace.folded.is_some();
            assert_eq!(
                judged.outcome,
                if folded { Outcome::Quiet } else { expected }
            );
            let stored = judged.clone().into_decision();
            assert_eq!(stored.is_none(), judged.outcome == Outcome::Drop);
            if let Some(stored) = stored {
                assert_eq!(Trace::read(stored.trace.as_deref()).as_ref(), Some(trace));
            }
        } else {
            assert_eq!(judged.outcome, Outcome::Notify);
            assert!(rules.iter().all(|rule| !rule.enabled));
        }
    }
}
