use super::*;
use crate::{
    history::schema::{FILE, Opened, open_writer},
    model::Delivery,
};

#[test]
fn pages_never_sort_and_never_walk_rows_they_do_not_show() {
    let dir = tempfile::tempdir().unwrap();
    let Ok(Opened::Writable(connection)) = open_writer(&dir.path().join(FILE), false) else {
        panic!("not writable");
    };
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
