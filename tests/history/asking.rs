//! Any query gives the rows that a plain look at every event gives: each operator of the language,
//! over texts of several scripts, plain or in JSON.

use jiff::{SignedDuration, civil::date, tz::TimeZone};
use proptest::prelude::*;
use serde_json::Value;
use tidings_core::model::{Decision, Severity};

use super::*;

/// What a text consists of: words, and characters of scripts without words in their runs. Written
/// apart from the program's own reading of texts, and much slower.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Word(String),
    /// A character, and the run it belongs to.
    Char(char, usize),
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut run = 0;
    let mut kind = ' ';
    for c in text.to_lowercase().chars() {
        let now = match c {
            'a'..='z' | '0'..='9' => 'w',
            '가'..='힣' => 'k',
            '🎉' | '🔥' | '💥' => 's',
            _ => ' ',
        };
        if now != kind {
            run += 1;
        }
        match (now, pieces.last_mut()) {
            ('w', Some(Piece::Word(word))) if kind == 'w' => word.push(c),
            ('w', _) => pieces.push(Piece::Word(c.to_string())),
            ('k' | 's', _) => pieces.push(Piece::Char(c, run)),
            _ => {}
        }
        kind = now;
    }
    pieces
}

fn stands_in(wanted: &str, prefix: bool, text: &str) -> bool {
    let (wanted, text) = (pieces(wanted), pieces(text));
    text.windows(wanted.len()).any(|here| {
        let mut last: Option<(usize, usize)> = None;
        here.iter().zip(&wanted).enumerate().all(|(place, pair)| {
            let at_end = place + 1 == wanted.len();
            match pair {
                (Piece::Word(here), Piece::Word(wanted)) => {
                    last = None;
                    here == wanted || (at_end && prefix && here.starts_with(wanted))
                }
                (Piece::Char(here, run), Piece::Char(wanted, wanted_run)) => {
                    let joined = last.is_none_or(|(before, wanted_before)| {
                        (before == *run) == (wanted_before == *wanted_run)
                    });
                    last = Some((*run, *wanted_run));
                    joined && here == wanted
                }
                _ => false,
            }
        })
    })
}

/// The texts of JSON data, keys, strings and numbers, read by `serde_json`; other data as they are.
fn meant(data: &str) -> String {
    fn collect(value: &Value, texts: &mut Vec<String>) {
        match value {
            Value::Array(all) => all.iter().for_each(|one| collect(one, texts)),
            Value::Object(all) => {
                for (key, value) in all {
                    texts.push(key.clone());
                    collect(value, texts);
                }
            }
            Value::String(text) => texts.push(text.clone()),
            other => texts.push(other.to_string()),
        }
    }
    let Ok(value) = serde_json::from_str(data) else {
        return data.to_owned();
    };
    let mut texts = Vec::new();
    collect(&value, &mut texts);
    texts.join(" , ")
}

/// A point in time as a query writes it.
#[derive(Debug, Clone, Copy)]
enum When {
    /// RFC 3339.
    Exact(i64),
    /// A date, this many days from that of `at(0)`.
    Day(i64),
    /// So many hours ago.
    Hours(i64),
}

impl When {
    fn written(self) -> String {
        match self {
            Self::Exact(_) => self.moment().to_string(),
            Self::Day(_) => {
                let day = self.moment().to_zoned_datetime(TimeZone::UTC);
                day.strftime("%Y-%m-%d").to_string()
            }
            Self::Hours(hours) => format!("{hours}h"),
        }
    }

    fn moment(self) -> Timestamp {
        match self {
            Self::Exact(second) => at(second),
            Self::Day(days) => {
                let midnight = date(2027, 1, 15).to_zoned_datetime(TimeZone::UTC).unwrap();
                midnight.timestamp() + SignedDuration::from_hours(24 * days)
            }
            Self::Hours(hours) => now().timestamp() - SignedDuration::from_hours(hours),
        }
    }
}

/// A query as a tree, to be written down and to be asked of each event.
#[derive(Debug, Clone)]
enum Ask {
    /// In quotes or not; of a prefix the last word may go on.
    Text(String, bool, bool),
    Event(String, bool),
    Source(String, bool),
    Rule(String, bool),
    Level(usize, char),
    Unread,
    Read,
    Pinned,
    Quiet,
    Replayed,
    Truncated,
    After(When),
    Before(When),
    Path(u8),
    PathText(String, bool),
    Not(Box<Ask>),
    All(Vec<Ask>, bool),
    Any(Vec<Ask>),
}

const LEVELS: [(&str, Severity); 4] = [
    ("low", Severity::Low),
    ("normal", Severity::Normal),
    ("high", Severity::High),
    ("critical", Severity::Critical),
];

fn star(prefix: bool) -> &'static str {
    if prefix { "*" } else { "" }
}

/// Names are compared in either case.
fn is_named(name: &str, wanted: &str, prefix: bool) -> bool {
    let (name, wanted) = (name.to_lowercase(), wanted.to_lowercase());
    name == wanted || (prefix && name.starts_with(&wanted))
}

impl Ask {
    fn written(&self) -> String {
        match self {
            Self::Text(text, prefix, quoted) => {
                if *quoted || text.contains(' ') {
                    format!("\"{text}\"{}", star(*prefix))
                } else {
                    format!("{text}{}", star(*prefix))
                }
            }
            Self::Event(event, prefix) => format!("event:{event}{}", star(*prefix)),
            Self::Source(name, prefix) => format!("source:\"{name}\"{}", star(*prefix)),
            Self::Rule(name, prefix) => format!("rule:\"{name}\"{}", star(*prefix)),
            Self::Level(level, ' ') => format!("level:{}", LEVELS[*level].0),
            Self::Level(level, open) => format!("level:{}{open}", LEVELS[*level].0),
            Self::Unread => "is:unread".to_owned(),
            Self::Read => "is:read".to_owned(),
            Self::Pinned => "is:pinned".to_owned(),
            Self::Quiet => "is:quiet".to_owned(),
            Self::Replayed => "is:replayed".to_owned(),
            Self::Truncated => "is:truncated".to_owned(),
            Self::After(when) => format!("after:{}", when.written()),
            Self::Before(when) => format!("before:{}", when.written()),
            Self::Path(number) => format!("$.n[1].v:{number}"),
            Self::PathText(text, prefix) => format!("$.t:\"{text}\"{}", star(*prefix)),
            Self::Not(ask) => format!("-{}", ask.written()),
            Self::All(all, and) => {
                let all: Vec<_> = all.iter().map(Self::written).collect();
                format!("({})", all.join(if *and { " AND " } else { " " }))
            }
            Self::Any(any) => {
                let any: Vec<_> = any.iter().map(Self::written).collect();
                format!("({})", any.join(" OR "))
            }
        }
    }

    fn holds(&self, event: &StoredEvent) -> bool {
        match self {
            Self::Text(text, prefix, _) => [
                &event.notification.title,
                &event.notification.body,
                &meant(&event.data),
            ]
            .iter()
            .any(|field| stands_in(text, *prefix, field)),
            Self::Event(wanted, prefix) => is_named(&event.event, wanted, *prefix),
            Self::Source(name, prefix) => is_named(&event.source_name, name, *prefix),
            Self::Rule(name, prefix) => {
                let rule = event.decision.rule.as_ref();
                rule.is_some_and(|rule| is_named(rule, name, *prefix))
            }
            Self::Level(level, open) => {
                let (severity, wanted) = (event.notification.severity, LEVELS[*level].1);
                match open {
                    '+' => severity >= wanted,
                    '-' => severity <= wanted,
                    _ => severity == wanted,
                }
            }
            Self::Unread => !event.read,
            Self::Read => event.read,
            Self::Pinned => event.pinned,
            Self::Quiet => event.decision.verdict == Verdict::Quiet,
            Self::Replayed => event.replayed,
            Self::Truncated => event.truncated,
            Self::After(when) => event.received_at >= when.moment(),
            Self::Before(when) => event.received_at < when.moment(),
            Self::Path(number) => {
                json(event, "/n/1/v").is_some_and(|value| value.as_u64() == Some((*number).into()))
            }
            Self::PathText(text, prefix) => json(event, "/t")
                .is_some_and(|value| is_named(value.as_str().unwrap(), text, *prefix)),
            Self::Not(ask) => !ask.holds(event),
            Self::All(all, _) => all.iter().all(|ask| ask.holds(event)),
            Self::Any(any) => any.iter().any(|ask| ask.holds(event)),
        }
    }
}

fn json(event: &StoredEvent, pointer: &str) -> Option<Value> {
    let data: Value = serde_json::from_str(&event.data).ok()?;
    data.pointer(pointer).cloned()
}

const SYLLABLES: &str = "[결제실패가]{1,4}";
const TEXT: &str = "([abA]{1,3}|[결제실패가]{1,4}|[🎉🔥]{1,2}|[ ,.!-]){0,9}";
const RULES: [Option<&str>; 4] = [None, None, Some("Night shift"), Some("밤")];
const SOURCES: [&str; 3] = ["Source 0", "Source 1", "Source 1b"];

fn when() -> impl Strategy<Value = When> {
    prop_oneof![
        (-1_000_000..1_000_000_i64).prop_map(When::Exact),
        (-12..12_i64).prop_map(When::Day),
        (0..560_i64).prop_map(When::Hours),
    ]
}

fn ask() -> impl Strategy<Value = Ask> {
    let text = prop_oneof![
        "[ab]{1,3}",
        SYLLABLES,
        "[🎉🔥]{1,2}",
        "[ab]{1,2} [ab]{1,2}",
        "[결제실]{1,2} [패가]{1,2}",
        "[ab]{1,2}[결제]{1,2}"
    ];
    let source = prop_oneof!["source [01]", "SOURCE 1b?", "source 9"];
    let rule = prop_oneof![Just("night shift"), Just("nig"), Just("밤"), Just("day")];
    let open = prop_oneof![Just(' '), Just('+'), Just('-')];
    let mark = prop_oneof![
        Just(Ask::Unread),
        Just(Ask::Read),
        Just(Ask::Pinned),
        Just(Ask::Quiet),
        Just(Ask::Replayed),
        Just(Ask::Truncated),
    ];
    let leaf = prop_oneof![
        8 => (text, any::<bool>(), any::<bool>())
            .prop_map(|(text, prefix, quoted)| Ask::Text(text, prefix, quoted)),
        1 => ("[xyX]{1,2}", any::<bool>()).prop_map(|(name, prefix)| Ask::Event(name, prefix)),
        1 => (source, any::<bool>()).prop_map(|(name, prefix)| Ask::Source(name, prefix)),
        1 => (rule, any::<bool>()).prop_map(|(name, prefix)| Ask::Rule(name.to_owned(), prefix)),
        1 => (0..4_usize, open).prop_map(|(level, open)| Ask::Level(level, open)),
        4 => mark,
        1 => when().prop_map(Ask::After),
        1 => when().prop_map(Ask::Before),
        1 => (0..4_u8).prop_map(Ask::Path),
        1 => "[abA결]{1,2}".prop_map(|text| Ask::PathText(text, true)),
        1 => "[ab]".prop_map(|text| Ask::PathText(text, false)),
    ];
    leaf.prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            inner
                .clone()
                .prop_filter("no double negation", |ask| !matches!(ask, Ask::Not(_)))
                .prop_map(|ask| Ask::Not(Box::new(ask))),
            (
                proptest::collection::vec(inner.clone(), 2..4),
                any::<bool>()
            )
                .prop_map(|(all, and)| Ask::All(all, and)),
            proptest::collection::vec(inner, 2..4).prop_map(Ask::Any),
        ]
    })
}

#[derive(Debug, Clone)]
struct Made {
    title: String,
    body: String,
    data: String,
    event: String,
    marks: u8,
    severity: usize,
    rule: usize,
    second: i64,
    source: usize,
}

/// Every UTF-16 unit of a text as its escape, as some servers write all but ASCII.
fn escaped(text: &str) -> String {
    text.encode_utf16()
        .fold(String::new(), |out, unit| match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => out + char::from(byte).encode_utf8(&mut [0; 4]),
            _ => out + &format!("\\u{unit:04x}"),
        })
}

fn made() -> impl Strategy<Value = Made> {
    let json = (0..4_u8, TEXT, 0..3_u8).prop_map(|(number, text, how)| {
        let text = match how {
            0 => escaped(&text),
            1 => text.replace(' ', "\\n"),
            _ => text,
        };
        format!("{{\"t\":\"{text}\",\"n\":[0,{{\"v\":{number}}}]}}")
    });
    let data = prop_oneof![TEXT, json];
    let texts = (TEXT, TEXT, data, "[xy]{1,2}");
    let rest = (
        0..64_u8,
        0..4_usize,
        0..4_usize,
        -1_000_000..1_000_000_i64,
        0..3_usize,
    );
    (texts, rest).prop_map(
        |((title, body, data, event), (marks, severity, rule, second, source))| Made {
            title,
            body,
            data,
            event,
            marks,
            severity,
            rule,
            second,
            source,
        },
    )
}

async fn fill(fixture: &Fixture, sources: &[SourceId], events: &[Made]) {
    for made in events {
        let marked = |bit: u8| made.marks & bit > 0;
        let mut event = titled(&made.title, &made.body, &made.data);
        event.event.clone_from(&made.event);
        event.received_at = at(made.second);
        event.notification.severity = LEVELS[made.severity].1;
        event.decision = Decision {
            verdict: if marked(1) {
                Verdict::Quiet
            } else {
                Verdict::Notify
            },
            rule: RULES[made.rule].map(str::to_owned),
            ..Decision::default()
        };
        event.replayed = marked(2);
        event.truncated = marked(4);
        let stored = fixture
            .append(vec![arrival(sources[made.source], event)])
            .await;
        let row = rows(&stored)[0];
        let history = &fixture.history;
        if marked(8) {
            history
                .mark_read(Some(vec![row]), None, true)
                .await
                .unwrap();
        }
        if marked(16) {
            history.pin(vec![row], true).await.unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn any_query_gives_the_rows_a_look_at_every_event_gives(
        events in proptest::collection::vec(made(), 1..40),
        asks in proptest::collection::vec(ask(), 12),
        deleted in 0..40_i64,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let fixture = Fixture::new();
            let sources: Vec<_> = (0..3).map(|_| SourceId::random()).collect();
            for (name, source) in SOURCES.iter().zip(&sources) {
                fixture.history.name_source(*source, name).await.unwrap();
            }
            fill(&fixture, &sources, &events).await;
            fixture.history.delete(vec![RowId(deleted)]).await.unwrap();
            let all = fixture.all().await;
            for ask in &asks {
                let query = ask.written();
                let wanted: Vec<RowId> =
                    all.iter().filter(|event| ask.holds(event)).map(|event| event.row).collect();
                let selection = Selection { query: Some(query.clone()), ..everything() };
                let found = fixture.history.query(&selection, &now()).await.unwrap();
                let found: Vec<RowId> = found.iter().map(|event| event.row).collect();
                assert_eq!(found, wanted, "{query}");

                let mut walked = Vec::new();
                loop {
                    let request = PageRequest {
                        query: Some(query.clone()),
                        before: walked.last().copied(),
                        limit: 3,
                        ..PageRequest::default()
                    };
                    let page = fixture.page(request).await;
                    assert_eq!(page.newer, !walked.is_empty(), "{query}");
                    walked.extend(page.rows.iter().map(|row| row.row));
                    if !page.more {
                        break;
                    }
                }
                walked.reverse();
                assert_eq!(walked, wanted, "{query}");
            }
        });
    }
}
