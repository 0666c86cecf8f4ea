//! Any query gives the rows that a plain look at every event gives.

use proptest::prelude::*;
use tidings_core::model::Severity;

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

/// A query as a tree, to be written down and to be asked of each event.
#[derive(Debug, Clone)]
enum Ask {
    Text(String, bool),
    Event(String),
    Source(usize),
    High,
    Unread,
    Pinned,
    Quiet,
    After(i64),
    Path(u8),
    Not(Box<Ask>),
    All(Vec<Ask>),
    Any(Vec<Ask>),
}

impl Ask {
    fn written(&self) -> String {
        match self {
            Self::Text(text, prefix) => {
                format!("\"{text}\"{}", if *prefix { "*" } else { "" })
            }
            Self::Event(event) => format!("event:{event}"),
            Self::Source(number) => format!("source:\"source {number}\""),
            Self::High => "level:high+".to_owned(),
            Self::Unread => "is:unread".to_owned(),
            Self::Pinned => "is:pinned".to_owned(),
            Self::Quiet => "is:quiet".to_owned(),
            Self::After(second) => format!("after:{}", at(*second)),
            Self::Path(number) => format!("$.n[1].v:{number}"),
            Self::Not(ask) => format!("-{}", ask.written()),
            Self::All(all) => {
                let all: Vec<_> = all.iter().map(Self::written).collect();
                format!("({})", all.join(" "))
            }
            Self::Any(any) => {
                let any: Vec<_> = any.iter().map(Self::written).collect();
                format!("({})", any.join(" OR "))
            }
        }
    }

    fn holds(&self, event: &StoredEvent) -> bool {
        match self {
            Self::Text(text, prefix) => [
                &event.notification.title,
                &event.notification.body,
                &event.data,
            ]
            .iter()
            .any(|field| stands_in(text, *prefix, field)),
            Self::Event(wanted) => event.event == *wanted,
            Self::Source(number) => event.source_name == format!("source {number}"),
            Self::High => event.notification.severity >= Severity::High,
            Self::Unread => !event.read,
            Self::Pinned => event.pinned,
            Self::Quiet => event.decision.verdict == Verdict::Quiet,
            Self::After(second) => event.received_at >= at(*second),
            Self::Path(number) => {
                serde_json::from_str::<serde_json::Value>(&event.data).is_ok_and(|data| {
                    data.pointer("/n/1/v").and_then(serde_json::Value::as_u64)
                        == Some((*number).into())
                })
            }
            Self::Not(ask) => !ask.holds(event),
            Self::All(all) => all.iter().all(|ask| ask.holds(event)),
            Self::Any(any) => any.iter().any(|ask| ask.holds(event)),
        }
    }
}

const SYLLABLES: &str = "[결제실패가]{1,4}";
const TEXT: &str = "([abA]{1,3}|[결제실패가]{1,4}|[🎉🔥]{1,2}|[ ,.!-]){0,9}";

fn ask() -> impl Strategy<Value = Ask> {
    let leaf = prop_oneof![
        4 => (prop_oneof!["[ab]{1,3}", SYLLABLES, "[🎉🔥]{1,2}", "[ab]{1,2} [ab]{1,2}",
                "[결제실]{1,2} [패가]{1,2}", "[ab]{1,2}[결제]{1,2}"], any::<bool>())
            .prop_map(|(text, prefix)| Ask::Text(text, prefix)),
        1 => "[xy]".prop_map(Ask::Event),
        1 => (0..4_usize).prop_map(Ask::Source),
        1 => Just(Ask::High),
        1 => Just(Ask::Unread),
        1 => Just(Ask::Pinned),
        1 => Just(Ask::Quiet),
        1 => (-50..50_i64).prop_map(Ask::After),
        1 => (0..4_u8).prop_map(Ask::Path),
    ];
    leaf.prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            inner
                .clone()
                .prop_filter("no double negation", |ask| !matches!(ask, Ask::Not(_)))
                .prop_map(|ask| Ask::Not(Box::new(ask))),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(Ask::All),
            proptest::collection::vec(inner, 2..4).prop_map(Ask::Any),
        ]
    })
}

type Made = (String, String, String, String, u8, i64, usize);

fn made() -> impl Strategy<Value = Made> {
    let json = (0..4_u8, TEXT)
        .prop_map(|(number, text)| format!("{{\"t\":\"{text}\",\"n\":[0,{{\"v\":{number}}}]}}"));
    let data = prop_oneof![TEXT, json];
    (TEXT, TEXT, data, "[xy]", 0..16_u8, -50..50_i64, 0..3_usize)
}

async fn fill(fixture: &Fixture, sources: &[SourceId], events: &[Made]) {
    for (title, body, data, kind, marks, second, source) in events {
        let mut event = titled(title, body, data);
        kind.clone_into(&mut event.event);
        event.received_at = at(*second);
        if marks & 1 > 0 {
            event.notification.severity = Severity::Critical;
        }
        if marks & 2 > 0 {
            event.decision = Verdict::Quiet.into();
        }
        let row = rows(&fixture.append(vec![arrival(sources[*source], event)]).await)[0];
        if marks & 4 > 0 {
            fixture
                .history
                .mark_read(Some(vec![row]), None, true)
                .await
                .unwrap();
        }
        if marks & 8 > 0 {
            fixture.history.pin(vec![row], true).await.unwrap();
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
            for (number, source) in sources.iter().enumerate() {
                let name = format!("Source {number}");
                fixture.history.name_source(*source, &name).await.unwrap();
            }
            fill(&fixture, &sources, &events).await;
            fixture.history.delete(vec![RowId(deleted)]).await.unwrap();
            let mut all = fixture.all().await;
            for event in &mut all {
                event.source_name = event.source_name.to_lowercase();
            }
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

#[tokio::test]
async fn pages_go_both_ways_and_jump_to_a_time() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    for n in 0..30 {
        let mut event = event(&format!("event {n}"));
        event.received_at = at(n * 60);
        fixture.append(vec![arrival(source, event)]).await;
    }
    let list = async |request: PageRequest| {
        let page = fixture
            .page(PageRequest {
                limit: 4,
                ..request
            })
            .await;
        let rows: Vec<i64> = page.rows.iter().map(|row| row.row.0).collect();
        (rows, page.more, page.newer)
    };
    let row = |row| Some(RowId(row));

    let top = list(PageRequest::default()).await;
    let middle = list(PageRequest {
        before: row(11),
        ..PageRequest::default()
    })
    .await;
    let up = list(PageRequest {
        after: row(10),
        ..PageRequest::default()
    })
    .await;
    let newest = list(PageRequest {
        after: row(28),
        ..PageRequest::default()
    })
    .await;
    let timed = list(PageRequest {
        at: Some(at(600).into()),
        ..PageRequest::default()
    })
    .await;
    let early = list(PageRequest {
        at: Some(at(-1).into()),
        ..PageRequest::default()
    })
    .await;

    assert_eq!(top, (vec![30, 29, 28, 27], true, false));
    assert_eq!(middle, (vec![10, 9, 8, 7], true, true));
    assert_eq!(up, (vec![14, 13, 12, 11], true, true));
    assert_eq!(newest, (vec![30, 29], true, false));
    assert_eq!(timed, (vec![11, 10, 9, 8], true, true));
    assert_eq!(early, (vec![], false, true));
    let page = fixture
        .page(PageRequest {
            limit: 1,
            ..PageRequest::default()
        })
        .await;
    assert_eq!(page.span, Some((RowId(1), RowId(30))));
}

#[tokio::test]
async fn a_page_brings_its_dividers() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    for n in 0..10 {
        if n == 5 {
            fixture
                .history
                .record_outage(source, at(0), at(60), 2)
                .await
                .unwrap();
        }
        fixture
            .append(vec![arrival(source, event(&n.to_string()))])
            .await;
    }
    fixture
        .history
        .record_outage(source, at(100), at(160), 0)
        .await
        .unwrap();
    let dividers = async |before: Option<i64>| {
        let request = PageRequest {
            before: before.map(RowId),
            limit: 4,
            ..PageRequest::default()
        };
        let page = fixture.page(request).await;
        page.outages
            .iter()
            .map(|outage| outage.first_row.0)
            .collect::<Vec<_>>()
    };

    assert_eq!(dividers(None).await, [11]);
    assert_eq!(dividers(Some(7)).await, [6]);
    assert_eq!(dividers(Some(3)).await, [0; 0]);
}

#[tokio::test]
async fn a_bad_query_says_where_and_why() {
    let fixture = Fixture::new();
    let request = PageRequest {
        query: Some("결제 level:loud".to_owned()),
        limit: 1,
        ..PageRequest::default()
    };

    let error = fixture.history.page(&request, &now()).await.unwrap_err();

    assert_eq!(error.code, tidings_core::error::Code::QueryValue);
    assert_eq!(error.range, Some((9, 13)));
    assert!(error.message.contains("critical"), "{error}");
}
