//! Pages of what is found: both ways, at a time, with dividers; and queries that cannot be read.

use super::*;

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
