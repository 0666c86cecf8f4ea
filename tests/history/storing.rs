//! What an append promises.

use tidings_core::{
    error::Code,
    history::Appended,
    model::{Delivery, DeliveryCause},
};

use super::*;

/// Makes the database refuse rows with this title, half way through a batch.
fn refuse(fixture: &Fixture, title: &str) {
    let sql = format!(
        "CREATE TRIGGER refuse BEFORE INSERT ON event WHEN NEW.title = '{title}'
         BEGIN SELECT RAISE(ABORT, 'refused'); END"
    );
    fixture.sql().execute_batch(&sql).unwrap();
}

fn accept(fixture: &Fixture) {
    fixture.sql().execute_batch("DROP TRIGGER refuse").unwrap();
}

#[tokio::test]
async fn row_and_cursor_are_committed_together() {
    let fixture = Fixture::new();
    let source = SourceId::random();

    let outcome = fixture
        .append(vec![
            arrival(source, numbered("a", "1")),
            arrival(source, numbered("b", "2")),
        ])
        .await;

    assert_eq!(outcome, [Appended::New(RowId(1)), Appended::New(RowId(2))]);
    let (rows, id): (i64, String) = fixture
        .sql()
        .query_row(
            "SELECT count(*), (SELECT id FROM cursor) FROM event",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!((rows, id.as_str()), (2, "b"));
    assert_eq!(fixture.cursor(source).await.as_deref(), Some("b"));
}

#[tokio::test]
async fn a_failed_append_changes_nothing_and_may_be_repeated() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    fixture
        .append(vec![arrival(source, numbered("1", "a"))])
        .await;
    refuse(&fixture, "title of c");
    let batch: std::sync::Arc<[Arrival]> = vec![
        arrival(source, numbered("2", "b")),
        arrival(SourceId::random(), numbered("9", "z")),
        arrival(source, numbered("3", "c")),
    ]
    .into();

    let error = fixture.history.append(batch.clone()).await.unwrap_err();

    assert_eq!(error.code, Code::HistoryUnavailable);
    assert_eq!(fixture.all().await.len(), 1);
    assert_eq!(fixture.cursor(source).await.as_deref(), Some("1"));
    assert_eq!(fixture.history.unread().await.unwrap().total, 1);
    assert_eq!(fixture.history.unread().await.unwrap().sources.len(), 1);

    accept(&fixture);
    let outcome = fixture.history.append(batch).await.unwrap();

    assert_eq!(rows(&outcome), [RowId(2), RowId(3), RowId(4)]);
    assert_eq!(fixture.cursor(source).await.as_deref(), Some("3"));
    assert_eq!(fixture.history.unread().await.unwrap().total, 4);
}

#[tokio::test]
async fn a_failed_append_does_not_use_up_what_a_replay_is_compared_with() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    fixture
        .append(vec![
            arrival(source, numbered("1", "a")),
            arrival(source, numbered("2", "b")),
        ])
        .await;
    let replay = |id, data| NewEvent {
        opening: Some(tidings_core::model::Opening {
            connection: 7,
            broke_at: None,
        }),
        ..numbered(id, data)
    };
    assert!(!fixture.is_new(source, replay("1", "a")).await);
    refuse(&fixture, "title of refused");
    let batch: std::sync::Arc<[Arrival]> = vec![
        arrival(source, replay("1", "a")),
        arrival(source, replay("2", "b")),
        arrival(source, numbered("3", "after the opening")),
        arrival(source, numbered("4", "refused")),
    ]
    .into();

    fixture.history.append(batch.clone()).await.unwrap_err();
    accept(&fixture);
    let outcome = fixture.history.append(batch).await.unwrap();

    assert_eq!(
        outcome,
        [
            Appended::New(RowId(3)),
            Appended::Duplicate,
            Appended::New(RowId(4)),
            Appended::New(RowId(5)),
        ]
    );
}

#[tokio::test]
async fn an_empty_id_clears_the_cursor() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    fixture
        .append(vec![arrival(source, numbered("5", "a"))])
        .await;

    fixture
        .append(vec![arrival(source, numbered("", "b"))])
        .await;

    assert_eq!(fixture.cursor(source).await, None);
    assert_eq!(fixture.all().await.len(), 2);
}

#[tokio::test]
async fn filtered_events_move_the_cursor_and_leave_no_row() {
    let fixture = Fixture::new();
    let (one, other) = (SourceId::random(), SourceId::random());

    let outcome = fixture
        .append(vec![
            cursor(one, "41"),
            cursor(other, "x"),
            cursor(one, "42"),
        ])
        .await;

    assert_eq!(outcome, [Appended::Cursor; 3]);
    assert_eq!(fixture.cursor(one).await.as_deref(), Some("42"));
    assert_eq!(fixture.cursor(other).await.as_deref(), Some("x"));
    assert!(fixture.all().await.is_empty());
}

#[tokio::test]
async fn b73_hostile_strings_are_stored_as_they_are() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    let strings = [
        "'); DROP TABLE event;--",
        "\"*) OR 1",
        "<script>alert(1)</script>",
        "NUL \0 inside",
        "\u{202e}gnp.exe\u{2069}",
        "한국어 👨‍👩‍👧‍👦 e\u{301}",
        "?1 :name @x $y",
        "",
    ];
    for text in strings {
        let mut event = titled(text, text, &format!("{text}!"));
        event.event = text.to_owned();
        event.own_id = Some(EventId::from(text));
        event.notification.url = Some(text.to_owned());
        fixture.append(vec![arrival(source, event)]).await;
        fixture.history.name_source(source, text).await.unwrap();
    }

    let stored = fixture.all().await;

    assert_eq!(stored.len(), strings.len());
    for (event, text) in stored.iter().zip(strings) {
        assert_eq!(event.notification.title, text);
        assert_eq!(event.notification.body, text);
        assert_eq!(event.data, format!("{text}!"));
        assert_eq!(event.event, text);
        assert_eq!(event.own_id, Some(EventId::from(text)));
        assert_eq!(event.notification.url.as_deref(), Some(text));
    }
}

#[tokio::test]
async fn a_toast_is_pending_until_its_fate_is_noted() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    let mut quiet = event("quiet");
    quiet.decision = Verdict::Quiet.into();
    let mut old = event("old");
    old.received_at = at(-500);
    fixture
        .append(vec![
            arrival(source, old),
            arrival(source, quiet),
            arrival(source, event("a")),
            arrival(source, event("b")),
        ])
        .await;

    let fates = vec![
        (
            RowId(3),
            Delivery::Refused,
            Some("rejected: no service".to_owned()),
        ),
        (RowId(99), Delivery::Shown, None),
    ];
    fixture.history.set_delivery(fates).await.unwrap();

    let pending = fixture
        .history
        .undelivered(Delivery::Pending, RowId(1), RowId(9))
        .await
        .unwrap();
    assert_eq!(
        pending.iter().map(|e| e.row).collect::<Vec<_>>(),
        [RowId(4)]
    );
    assert_eq!(
        fixture
            .history
            .undelivered(Delivery::Pending, RowId(0), RowId(9))
            .await
            .unwrap()
            .len(),
        2
    );
    let refused = fixture.history.get(RowId(3)).await.unwrap().unwrap();
    assert_eq!(refused.row.delivery, Delivery::Refused);
    assert_eq!(refused.delivery_cause, Some(DeliveryCause::Rejected));
    assert_eq!(refused.delivery_detail.as_deref(), Some("no service"));
}

#[tokio::test]
async fn removing_a_source_keeps_its_rows_and_name_or_deletes_all_of_it() {
    let fixture = Fixture::new();
    let (kept, gone) = (SourceId::random(), SourceId::random());
    for (source, name) in [(kept, "Kept"), (gone, "Gone")] {
        fixture.history.name_source(source, name).await.unwrap();
        let batch = (0..700).map(|n| arrival(source, numbered(&n.to_string(), "x")));
        fixture.append(batch.collect()).await;
        fixture
            .history
            .record_outage(source, at(1), at(60), 3)
            .await
            .unwrap();
    }

    fixture.history.remove_source(kept, true).await.unwrap();
    fixture.history.remove_source(gone, false).await.unwrap();

    let stored = fixture.all().await;
    assert_eq!(stored.len(), 700);
    assert!(
        stored
            .iter()
            .all(|e| e.source == kept && e.source_name == "Kept")
    );
    assert_eq!(fixture.cursor(kept).await, None);
    assert_eq!(fixture.cursor(gone).await, None);
    let unread = fixture.history.unread().await.unwrap();
    assert_eq!((unread.total, unread.sources.len()), (700, 1));
    let left: i64 = fixture
        .sql()
        .query_row(
            "SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM source)
                 + (SELECT count(*) FROM outage)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(left, 700 + 1 + 1);
}

#[tokio::test]
async fn row_numbers_are_never_used_again() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    fixture
        .append(vec![
            arrival(source, event("a")),
            arrival(source, event("b")),
        ])
        .await;

    fixture.history.remove_source(source, false).await.unwrap();
    let outcome = fixture.append(vec![arrival(source, event("c"))]).await;

    assert_eq!(rows(&outcome), [RowId(3)]);
}

#[tokio::test]
async fn an_outage_stands_before_the_first_row_after_it() {
    let fixture = Fixture::new();
    let (source, other) = (SourceId::random(), SourceId::random());
    fixture.append(vec![arrival(source, event("before"))]).await;

    fixture
        .history
        .record_outage(source, at(10), at(70), 0)
        .await
        .unwrap();
    let outcome = fixture
        .append(vec![
            arrival(other, event("else")),
            arrival(source, event("after")),
        ])
        .await;
    fixture
        .history
        .record_outage(source, at(10), at(70), 1)
        .await
        .unwrap();

    let outages = fixture
        .history
        .outages(None, RowId(1), RowId(9))
        .await
        .unwrap();
    assert_eq!(outages.len(), 1);
    assert_eq!(outages[0].first_row, rows(&outcome)[0]);
    assert_eq!(outages[0].replayed, 1);
    assert_eq!(
        (outages[0].started_at, outages[0].ended_at),
        (at(10), at(70))
    );
    let of_other = fixture
        .history
        .outages(Some(other), RowId(1), RowId(9))
        .await
        .unwrap();
    assert!(of_other.is_empty());
}

#[tokio::test]
async fn a_title_and_a_body_that_stand_in_the_data_take_no_room_of_their_own() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    let long = "가나다 ".repeat(2000);
    let events = [
        titled(
            "결제 실패",
            "카드 만료",
            r#"{"t":"결제 실패","b":"카드 만료"}"#,
        ),
        titled("결제 실패", "a\nb", r#"{"t":"결제 실패","b":"a\nb"}"#),
        titled("", "", "data"),
        titled("다 가", &long, &long),
        titled("다 가", "end", &format!("{long}end")),
    ];
    fixture
        .append(
            events
                .iter()
                .cloned()
                .map(|one| arrival(source, one))
                .collect(),
        )
        .await;

    let apart: Vec<(i64, i64)> = fixture
        .sql()
        .prepare(
            "SELECT iif(typeof(title) = 'text', octet_length(title), 0),
                iif(typeof(body) = 'text', octet_length(body), 0) FROM event ORDER BY row",
        )
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(apart, [(0, 0), (0, 3), (0, 0), (7, 0), (7, 3)]);
    let stored = fixture.all().await;
    for (stored, event) in stored.iter().zip(&events) {
        assert_eq!(stored.notification, event.notification);
    }
    let request = PageRequest {
        limit: 9,
        ..PageRequest::default()
    };
    let page = fixture.page(request).await;
    let listed: Vec<_> = page.rows.iter().map(|row| row.title.as_str()).collect();
    assert_eq!(listed, ["다 가", "다 가", "", "결제 실패", "결제 실패"]);
}
