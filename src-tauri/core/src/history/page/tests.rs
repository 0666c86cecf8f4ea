use super::*;
use crate::{
    history::{
        query,
        schema::{FILE, Opened, open_writer},
    },
    model::Delivery,
};

fn fresh() -> (tempfile::TempDir, Connection) {
    let dir = tempfile::tempdir().unwrap();
    match open_writer(&dir.path().join(FILE), false) {
        Ok(Opened::Writable(connection)) => (dir, connection),
        _ => panic!("not writable"),
    }
}

#[test]
fn a_query_into_json_looks_into_so_many_events_that_match_the_rest_and_no_more() {
    let (_dir, connection) = fresh();
    connection
        .execute_batch(
            "INSERT INTO source (key, id) VALUES (1, '00000000-0000-4000-8000-000000000001');
             WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20)
             INSERT INTO event (row, source, received_at, identity, severity, verdict, delivery,
                replayed, truncated, event, title, data)
             SELECT n, 1, 0, 0, 1, n % 2, 0, 0, 0, 'e', '', format('{\"host\":\"h%d\"}', n % 5)
             FROM n;",
        )
        .unwrap();
    let now = jiff::ZonedDateTime::default();
    let asked = query::parse("$.host:h0", &now).unwrap();
    let found = |quiet: bool, looked_into: u32, limit: u32| {
        let request = PageRequest {
            quiet,
            ..PageRequest::default()
        };
        let mut search = Search::new(&connection, &request, &asked).unwrap();
        search.looked_into = looked_into;
        let (sql, values) = search.select("e.row", None, false, limit);
        let mut statement = connection.prepare(&sql).unwrap();
        let rows = statement.query_map(params_from_iter(values), |row| row.get(0));
        let rows: Vec<i64> = rows.unwrap().collect::<Result<_, _>>().unwrap();
        (rows, search.bounded(&connection).unwrap())
    };

    assert_eq!(found(false, 21, 9), (vec![20, 15, 10, 5], None));
    assert_eq!(found(false, 20, 9), (vec![20, 15, 10, 5], None));
    assert_eq!(found(false, 19, 9), (vec![20, 15, 10, 5], Some(19)));
    assert_eq!(found(false, 10, 9), (vec![20, 15], Some(10)));
    assert_eq!(found(false, 10, 1), (vec![20], Some(10)));
    // Of the ten quiet ones all are looked into: the others do not count.
    assert_eq!(found(true, 10, 9), (vec![15, 5], None));
    assert_eq!(found(true, 5, 9), (vec![15], Some(5)));
}

#[test]
fn pages_never_sort_and_never_walk_rows_they_do_not_show() {
    let (_dir, connection) = fresh();
    let mut queries = vec![
        (
            read::undelivered_query(Delivery::Pending),
            "event_pending (delivery=? AND rowid>? AND rowid<?)",
        ),
        (
            read::undelivered_query(Delivery::Held),
            "event_held (delivery=? AND rowid>? AND rowid<?)",
        ),
    ];
    for (source, unread, quiet, index) in [
        (false, false, false, "INTEGER PRIMARY KEY (rowid<?)"),
        (true, false, false, "event_by_source (source=? AND rowid<?)"),
        (false, true, false, "event_unread (read=? AND rowid<?)"),
        (
            true,
            true,
            false,
            "event_unread_by_source (source=? AND rowid<?)",
        ),
        (false, false, true, "event_quiet (verdict=? AND rowid<?)"),
        (
            true,
            false,
            true,
            "event_quiet_by_source (source=? AND rowid<?)",
        ),
    ] {
        let request = PageRequest {
            source: source.then(SourceId::random),
            unread,
            quiet,
            ..PageRequest::default()
        };
        let nothing = Expr::All(Vec::new());
        let search = Search::new(&connection, &request, &nothing).unwrap();
        let bound = Some(("<", RowId(100)));
        queries.push((search.select(SUMMARY, bound, false, 10).0, index));
    }
    for (sql, index) in queries {
        let mut statement = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .unwrap();
        let unbound = vec![Value::Null; statement.parameter_count()];
        let plan = statement
            .query_map(params_from_iter(unbound), |row| row.get::<_, String>(3))
            .unwrap()
            .collect::<Result<Vec<_>, _>>()
            .unwrap()
            .join("\n");

        assert!(plan.contains(index), "{sql}\n{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{sql}\n{plan}");
        assert!(!plan.contains("SCAN"), "{sql}\n{plan}");
    }
}
