//! What counts as the same event come again, and what never does.

use tidings_core::model::Opening;

use super::*;

fn opening(connection: u64, event: NewEvent) -> NewEvent {
    NewEvent {
        opening: Some(Opening {
            connection,
            broke_at: Some(at(1000)),
        }),
        received_at: at(1100),
        ..event
    }
}

fn received(second: i64, event: NewEvent) -> NewEvent {
    NewEvent {
        received_at: at(second),
        ..event
    }
}

#[tokio::test]
async fn a_burst_replayed_after_a_reconnect_is_recognised() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    for n in 0..20 {
        assert!(fixture.is_new(source, numbered(&n.to_string(), "x")).await);
    }

    for n in 10..20 {
        let again = opening(1, numbered(&n.to_string(), "x"));
        assert!(!fixture.is_new(source, again).await);
    }
    assert!(
        fixture
            .is_new(source, opening(1, numbered("20", "x")))
            .await
    );

    assert_eq!(fixture.all().await.len(), 21);
    assert_eq!(fixture.cursor(source).await.as_deref(), Some("20"));
}

#[tokio::test]
async fn a_server_that_numbers_every_connection_from_one_loses_nothing() {
    let fixture = Fixture::new();
    let source = SourceId::random();

    for connection in 0..3 {
        for n in 1..=30 {
            let event = received(connection * 100 + n, numbered(&n.to_string(), "tick"));
            assert!(fixture.is_new(source, event).await);
        }
    }

    assert_eq!(fixture.all().await.len(), 90);
}

#[tokio::test]
async fn the_same_id_with_other_data_or_type_is_another_event() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    fixture.is_new(source, numbered("1", "a")).await;
    let mut other_type = opening(1, numbered("1", "a"));
    other_type.event = "alert".to_owned();

    assert!(fixture.is_new(source, opening(1, numbered("1", "b"))).await);
    assert!(fixture.is_new(source, other_type).await);
    assert!(fixture.is_new(source, opening(1, event("a"))).await);
    assert!(fixture.is_new(source, opening(1, numbered("", "a"))).await);
    assert!(
        fixture
            .is_new(SourceId::random(), opening(1, numbered("1", "a")))
            .await
    );
}

#[tokio::test]
async fn an_equal_hash_alone_makes_no_duplicate() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    fixture.is_new(source, numbered("1", "a")).await;
    fixture.is_new(source, numbered("2", "b")).await;
    fixture
        .sql()
        .execute_batch(
            "UPDATE event SET identity = (SELECT identity FROM event WHERE row = 2) WHERE row = 1;
             DELETE FROM event WHERE row = 2;",
        )
        .unwrap();

    assert!(fixture.is_new(source, opening(1, numbered("2", "b"))).await);
}

#[tokio::test]
async fn each_stored_event_answers_for_one_replayed_one() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    fixture.is_new(source, received(990, event("tick"))).await;
    fixture.is_new(source, received(991, event("tick"))).await;

    assert!(!fixture.is_new(source, opening(1, event("tick"))).await);
    assert!(!fixture.is_new(source, opening(1, event("tick"))).await);
    assert!(fixture.is_new(source, opening(1, event("tick"))).await);
    assert!(fixture.is_new(source, opening(1, event("tick"))).await);
}

#[tokio::test]
async fn equal_events_within_one_opening_are_both_kept() {
    let fixture = Fixture::new();
    let source = SourceId::random();

    assert!(fixture.is_new(source, opening(1, numbered("1", "a"))).await);
    assert!(fixture.is_new(source, opening(1, numbered("1", "a"))).await);
    assert!(!fixture.is_new(source, opening(2, numbered("1", "a"))).await);
    assert!(!fixture.is_new(source, opening(2, numbered("1", "a"))).await);
    assert!(fixture.is_new(source, opening(2, numbered("1", "a"))).await);
}

#[tokio::test]
async fn an_event_without_id_is_compared_with_two_minutes_before_the_break_only() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    fixture.is_new(source, received(879, event("old"))).await;
    fixture.is_new(source, received(880, event("recent"))).await;

    assert!(fixture.is_new(source, opening(1, event("old"))).await);
    assert!(!fixture.is_new(source, opening(1, event("recent"))).await);
}

#[tokio::test]
async fn when_the_break_is_unknown_the_newest_stored_event_stands_for_it() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    fixture.is_new(source, received(100, event("old"))).await;
    fixture.is_new(source, received(300, event("recent"))).await;
    let after_a_restart = |event| {
        let mut event = opening(1, event);
        event.opening = Some(Opening {
            connection: 1,
            broke_at: None,
        });
        event
    };

    assert!(fixture.is_new(source, after_a_restart(event("old"))).await);
    assert!(
        !fixture
            .is_new(source, after_a_restart(event("recent")))
            .await
    );
}

#[tokio::test]
async fn after_the_opening_nothing_is_taken_for_a_duplicate() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    fixture.is_new(source, numbered("1", "a")).await;
    fixture.is_new(source, numbered("2", "b")).await;

    assert!(!fixture.is_new(source, opening(1, numbered("1", "a"))).await);
    assert!(
        fixture
            .is_new(source, received(1200, numbered("2", "b")))
            .await
    );
}

#[tokio::test]
async fn only_the_newest_ten_thousand_events_are_compared() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    fixture.is_new(source, numbered("too old", "x")).await;
    fixture.is_new(source, numbered("just in reach", "x")).await;
    let rest = (0..9_999).map(|n| arrival(source, numbered(&n.to_string(), "x")));
    fixture.append(rest.collect()).await;

    assert!(
        !fixture
            .is_new(source, opening(1, numbered("just in reach", "x")))
            .await
    );
    assert!(
        fixture
            .is_new(source, opening(1, numbered("too old", "x")))
            .await
    );
}

#[tokio::test]
async fn a_replay_is_recognised_after_a_restart() {
    let fixture = Fixture::new();
    let source = SourceId::random();
    fixture.is_new(source, numbered("1", "a")).await;
    fixture.history.close().await.unwrap();

    let history = History::open(fixture.dir.path()).unwrap();
    let again = vec![arrival(source, opening(1, numbered("1", "a")))];

    assert_eq!(history.append(again).await.unwrap(), [Appended::Duplicate]);
}

#[tokio::test]
async fn a_source_may_compare_always_or_never() {
    let fixture = Fixture::new();
    let (always, never) = (SourceId::random(), SourceId::random());
    let of = |dedupe, event| NewEvent { dedupe, ..event };

    assert!(
        fixture
            .is_new(always, of(Dedupe::Always, numbered("1", "a")))
            .await
    );
    assert!(
        !fixture
            .is_new(always, of(Dedupe::Always, numbered("1", "a")))
            .await
    );
    assert!(
        !fixture
            .is_new(always, of(Dedupe::Always, numbered("1", "a")))
            .await
    );
    assert!(
        fixture
            .is_new(always, of(Dedupe::Always, numbered("2", "a")))
            .await
    );
    let twice = vec![
        arrival(always, of(Dedupe::Always, event("b"))),
        arrival(always, of(Dedupe::Always, event("b"))),
    ];
    assert_eq!(rows(&fixture.append(twice).await).len(), 1);

    assert!(fixture.is_new(never, numbered("1", "a")).await);
    let again = of(Dedupe::Never, opening(1, numbered("1", "a")));
    assert!(fixture.is_new(never, again).await);
}
