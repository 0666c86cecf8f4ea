//! Pages, queries and what another process sees.

use std::collections::HashSet;

use tidings_core::{
    error::Code,
    history::{Bound, export},
    ipc::ExportFormat,
    model::Delivery,
};
use tokio_util::sync::CancellationToken;

use super::*;

/// 90 events of three sources; every third is read, every fifth quiet.
async fn filled() -> (Fixture, [SourceId; 3]) {
    let fixture = Fixture::new();
    let sources = [(); 3].map(|()| SourceId::random());
    for n in 0..90_usize {
        let mut event = event(&format!("event {n}"));
        event.received_at = at(i64::try_from(n).unwrap());
        if n % 5 == 0 {
            event.decision = Verdict::Quiet.into();
        }
        fixture
            .append(vec![arrival(sources[n % 7 % 3], event)])
            .await;
    }
    let read = (1..=90).filter(|row| row % 3 == 0).map(RowId).collect();
    fixture
        .history
        .mark_read(Some(read), None, true)
        .await
        .unwrap();
    (fixture, sources)
}

#[tokio::test]
async fn pages_walk_every_event_once_newest_first() {
    let (fixture, sources) = filled().await;
    let all = fixture.all().await;
    let choices = [None, Some(sources[0]), Some(sources[2])];
    for source in choices {
        for (unread, quiet) in [(false, false), (true, false), (false, true), (true, true)] {
            let mut wanted: Vec<_> = all
                .iter()
                .filter(|e| source.is_none_or(|source| e.source == source))
                .filter(|e| !unread || !e.read)
                .filter(|e| !quiet || e.decision.verdict == Verdict::Quiet)
                .map(|e| e.row)
                .collect();
            wanted.reverse();

            let mut walked = Vec::new();
            loop {
                let page = fixture
                    .page(PageRequest {
                        source,
                        before: walked.last().copied(),
                        unread,
                        quiet,
                        limit: 7,
                        ..PageRequest::default()
                    })
                    .await;
                walked.extend(page.rows.iter().map(|row| row.row));
                assert_eq!(page.more, walked.len() < wanted.len());
                if !page.more {
                    break;
                }
            }

            assert_eq!(walked, wanted);
        }
    }
}

#[tokio::test]
async fn a_page_shows_what_the_feed_showed() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    let long = "long  words\n".repeat(50_000);
    let events = [
        event("same as data"),
        titled("title", "body\nof lines", "{}"),
        titled(&long, &long, "{}"),
        titled("t", &long, &long),
        titled("empty", "", ""),
    ];
    for event in &events {
        fixture.append(vec![arrival(source, event.clone())]).await;
    }

    let mut rows = fixture
        .page(PageRequest {
            limit: 9,
            ..PageRequest::default()
        })
        .await
        .rows;
    rows.reverse();

    for (row, event) in rows.iter().zip(&events) {
        assert_eq!(*row, event.row(row.row, source));
        assert!(row.title.chars().count() <= 120);
        assert!(row.preview.chars().count() <= 160);
        let detail = fixture.history.get(row.row).await.unwrap().unwrap();
        assert_eq!(detail.row, *row);
        assert_eq!(detail.full_title, event.notification.title);
        assert_eq!(detail.body, event.notification.body);
        assert_eq!(detail.data, event.data);
    }
    assert_eq!(rows.len(), events.len());
    assert_eq!(fixture.history.get(RowId(99)).await.unwrap(), None);
}

#[tokio::test]
async fn signs_only_part_words_and_are_never_wildcards() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    for title in [
        "100% done",
        "100 percent",
        "a_b",
        "axb",
        "back\\slash",
        "it's",
    ] {
        fixture
            .append(vec![arrival(source, titled(title, "", "{}"))])
            .await;
    }
    let found = async |query: &str| {
        let selection = Selection {
            query: Some(query.to_owned()),
            ..everything()
        };
        let stored = fixture.history.query(&selection, &now()).await.unwrap();
        stored
            .into_iter()
            .map(|e| e.notification.title)
            .collect::<Vec<_>>()
    };

    assert_eq!(found("100%").await, ["100% done", "100 percent"]);
    assert_eq!(found("a_b").await, ["a_b"]);
    assert_eq!(found("a%b").await, ["a_b"]);
    assert_eq!(found("back_slash").await, ["back\\slash"]);
    assert_eq!(found("it's").await, ["it's"]);
    assert_eq!(found(" ").await.len(), 6);
}

#[tokio::test]
async fn every_word_must_occur_somewhere_in_title_body_or_data() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    let texts = [
        ("Payment FAILED", "Order 7", "{\"host\":\"db1\"}"),
        ("Payment done", "Order 8", "{\"host\":\"db2\"}"),
        ("결제 실패", "NUL \0 then more", "x"),
        ("ends with fail", "ed in between", "x"),
    ];
    for (title, body, data) in texts {
        fixture
            .append(vec![arrival(source, titled(title, body, data))])
            .await;
    }
    let count = async |query: &str| {
        let query = Some(query.to_owned());
        let limit = 50;
        let page = PageRequest {
            query,
            limit,
            ..PageRequest::default()
        };
        fixture.page(page).await.rows.len()
    };

    assert_eq!(count("payment failed").await, 1);
    assert_eq!(count("ORDER payment").await, 2);
    assert_eq!(count("db2 8").await, 1);
    assert_eq!(count("실패").await, 1);
    assert_eq!(count("more").await, 1);
    assert_eq!(count("failed").await, 1);
    assert_eq!(count("payment nowhere").await, 0);
    let many = PageRequest {
        query: Some("a ".repeat(65)),
        limit: 1,
        ..PageRequest::default()
    };
    let error = fixture.history.page(&many, &now()).await.unwrap_err();
    assert_eq!(error.code, Code::QueryLong);
}

#[tokio::test]
async fn a_query_selects_by_source_type_mark_row_and_time() {
    let (fixture, sources) = filled().await;
    let all = fixture.all().await;
    let find = async |selection: Selection| {
        let stored = fixture.history.query(&selection, &now()).await.unwrap();
        stored.iter().map(|e| e.row.0).collect::<Vec<_>>()
    };

    let newest = find(Selection {
        limit: 3,
        ..Selection::default()
    })
    .await;
    let between = find(Selection {
        after: Some(Bound::Row(RowId(10))),
        before: Some(Bound::Row(RowId(14))),
        ..everything()
    })
    .await;
    let timed = find(Selection {
        after: Some(Bound::Time(at(10))),
        before: Some(Bound::Time(at(12))),
        ..everything()
    })
    .await;
    let unread_of_one = find(Selection {
        source: Some(sources[1]),
        unread: true,
        ..everything()
    })
    .await;
    let typed = find(Selection {
        event: Some("alert".to_owned()),
        ..everything()
    })
    .await;
    let unknown = find(Selection {
        source: Some(SourceId::random()),
        ..everything()
    })
    .await;

    assert_eq!(newest, [90, 89, 88]);
    assert_eq!(between, [11, 12, 13]);
    assert_eq!(timed, [11, 12]);
    let wanted: Vec<_> = all
        .iter()
        .filter(|e| e.source == sources[1] && !e.read)
        .map(|e| e.row.0)
        .collect();
    assert_eq!(unread_of_one, wanted);
    assert!(typed.is_empty() && unknown.is_empty());
}

#[tokio::test]
async fn large_events_are_read_a_few_at_a_time_and_none_is_left_out() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    let data = "x".repeat(1024 * 1024);
    for n in 0..12 {
        let large = numbered(&n.to_string(), &data);
        fixture.append(vec![arrival(source, large)]).await;
    }
    let history = &fixture.history;
    let (mut found, mut unshown) = (Vec::new(), Vec::new());
    let mut selection = everything();

    loop {
        let some = history.query(&selection, &now()).await.unwrap();
        let Some(last) = some.last() else { break };
        assert!(some.len() <= 5, "{}", some.len());
        selection.resume = Some(last.row);
        found.extend(some.iter().map(|event| event.row.0));
    }
    loop {
        let after = RowId(unshown.last().copied().unwrap_or(0));
        let some = history.undelivered(Delivery::Pending, after, RowId(12));
        let some = some.await.unwrap();
        assert!(some.len() <= 5, "{}", some.len());
        if some.is_empty() {
            break;
        }
        unshown.extend(some.iter().map(|event| event.row.0));
    }
    let mut out = Vec::new();
    let cancel = CancellationToken::new();
    let (all, now) = (Selection::default(), now());
    let written = export::write(
        history,
        &all,
        ExportFormat::Jsonl,
        &now,
        &cancel,
        &mut out,
        |_, _| {},
    );

    assert_eq!(written.await.unwrap(), 12);
    assert_eq!(found, (1..=12).collect::<Vec<i64>>());
    assert_eq!(unshown, found);
}

#[tokio::test]
async fn another_process_reads_while_this_one_writes() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    fixture.append(vec![arrival(source, event("first"))]).await;
    let reader = History::open_readonly(fixture.dir.path()).unwrap();

    for n in 0..50 {
        fixture
            .append(vec![arrival(source, numbered(&n.to_string(), "x"))])
            .await;
        let seen: HashSet<_> = reader
            .query(&everything(), &now())
            .await
            .unwrap()
            .into_iter()
            .map(|e| e.row)
            .collect();
        assert_eq!(seen.len(), n + 2);
    }

    assert_eq!(reader.stored().await.unwrap()[&source], 51);
    let error = reader.append(vec![cursor(source, "x")]).await.unwrap_err();
    assert_eq!(error.code, Code::ReadOnly);
    reader.close().await.unwrap();
}
