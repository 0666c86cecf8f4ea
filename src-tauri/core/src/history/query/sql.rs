//! Conditions to SQL. What the full-text index can answer is one MATCH that leads; the rest is
//! asked of each row. Values are only ever bound.

use rusqlite::types::Value;

use super::{Expr, Is, Leaf, Name};
use crate::{
    history::{append::BLOCK_BITS, event::severity_number, words},
    model::{Severity, Timestamp},
};

/// A condition under construction.
#[derive(Debug, Clone, Default)]
pub(in crate::history) struct Conditions {
    pub(in crate::history) sql: String,
    pub(in crate::history) values: Vec<Value>,
}

impl Conditions {
    pub(in crate::history) fn and(&mut self, sql: &str) {
        if !self.sql.is_empty() {
            self.sql.push_str(" AND ");
        }
        self.sql.push_str(sql);
    }

    pub(in crate::history) fn bind(&mut self, sql: &str, value: impl Into<Value>) {
        self.and(sql);
        self.values.push(value.into());
    }

    fn append(&mut self, other: Self) {
        self.and(&other.sql);
        self.values.extend(other.values);
    }
}

/// A query as SQL about the row `e` of `event`.
#[derive(Debug, Default)]
pub(in crate::history) struct Compiled {
    /// What the full-text index is asked; its rows lead then.
    pub(in crate::history) text: Option<String>,
    /// What each row is asked.
    pub(in crate::history) rows: Conditions,
    /// What is asked of the JSON data of those rows.
    pub(in crate::history) json: Conditions,
}

/// `sources` are the keys and names of all there are.
pub(in crate::history) fn compile(expr: &Expr, sources: &[(i64, String)]) -> Compiled {
    let mut compiled = Compiled::default();
    let mut wanted = Vec::new();
    let mut unwanted = Vec::new();
    let mut conjuncts = vec![expr];
    while let Some(expr) = conjuncts.pop() {
        match expr {
            Expr::All(all) => conjuncts.extend(all.iter().rev()),
            Expr::Not(not) if text(not).is_some() => unwanted.extend(text(not)),
            _ if text(expr).is_some() => wanted.extend(text(expr)),
            _ if has_path(expr) => compiled.json.append(boolean(expr, sources)),
            _ => {
                narrow(expr, &mut compiled.rows);
                compiled.rows.append(boolean(expr, sources));
            }
        }
    }
    if wanted.is_empty() {
        for unwanted in unwanted {
            compiled.rows.bind(&format!("NOT {IN_TEXT}"), unwanted);
        }
    } else {
        compiled.text = Some(both(&wanted, &unwanted));
    }
    compiled
}

const IN_TEXT: &str = "e.row IN (SELECT rowid FROM event_text WHERE event_text MATCH ?)";

/// The condition in the language of the full-text index, if it is about words alone and can stand
/// there: NOT needs something to be taken from.
fn text(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Leaf(Leaf::Text { text, prefix }) => words::phrase(text, *prefix),
        Expr::Any(any) => {
            let any: Option<Vec<String>> = any.iter().map(text).collect();
            Some(format!("({})", any?.join(" OR ")))
        }
        Expr::All(all) => {
            let mut wanted = Vec::new();
            let mut unwanted = Vec::new();
            for one in all {
                match one {
                    Expr::Not(not) => unwanted.push(text(not)?),
                    _ => wanted.push(text(one)?),
                }
            }
            (!wanted.is_empty()).then(|| both(&wanted, &unwanted))
        }
        Expr::Not(_) | Expr::Leaf(_) => None,
    }
}

fn both(wanted: &[String], unwanted: &[String]) -> String {
    let wanted = format!("({})", wanted.join(" AND "));
    if unwanted.is_empty() {
        wanted
    } else {
        format!("({wanted} NOT ({}))", unwanted.join(" OR "))
    }
}

fn has_path(expr: &Expr) -> bool {
    match expr {
        Expr::All(some) | Expr::Any(some) => some.iter().any(has_path),
        Expr::Not(not) => has_path(not),
        Expr::Leaf(leaf) => matches!(leaf, Leaf::Path { .. }),
    }
}

/// Bounds on the row numbers where a time must hold: rows are stored as they arrive, and the
/// blocks know better where the clock has jumped.
fn narrow(expr: &Expr, rows: &mut Conditions) {
    match expr {
        Expr::Leaf(Leaf::After(time)) => rows.bind(
            &format!(
                "e.row >= coalesce((SELECT block FROM block WHERE last_at >= ? ORDER BY block
                    LIMIT 1) << {BLOCK_BITS}, 9223372036854775807)"
            ),
            time.as_millisecond(),
        ),
        Expr::Leaf(Leaf::Before(time)) => rows.bind(
            &format!(
                "e.row < coalesce(((SELECT block FROM block WHERE first_at < ? ORDER BY block DESC
                    LIMIT 1) + 1) << {BLOCK_BITS}, 0)"
            ),
            time.as_millisecond(),
        ),
        _ => {}
    }
}

fn boolean(expr: &Expr, sources: &[(i64, String)]) -> Conditions {
    let mut conditions = Conditions::default();
    match expr {
        Expr::All(some) | Expr::Any(some) => {
            let word = if matches!(expr, Expr::All(_)) {
                " AND "
            } else {
                " OR "
            };
            let mut parts = Vec::new();
            for one in some {
                let one = boolean(one, sources);
                parts.push(one.sql);
                conditions.values.extend(one.values);
            }
            conditions.sql = format!("({})", parts.join(word));
        }
        Expr::Not(not) => {
            let not = boolean(not, sources);
            conditions.sql = format!("NOT ({})", not.sql);
            conditions.values = not.values;
        }
        Expr::Leaf(leaf) => leaf_sql(leaf, sources, &mut conditions),
    }
    conditions
}

fn leaf_sql(leaf: &Leaf, sources: &[(i64, String)], to: &mut Conditions) {
    match leaf {
        Leaf::Text { text, prefix } => match words::phrase(text, *prefix) {
            Some(phrase) => to.bind(IN_TEXT, phrase),
            None => to.and("0"),
        },
        Leaf::Source(name) => source(name, sources, to),
        Leaf::Event(name) => named("e.event", name, to),
        Leaf::Rule(name) => {
            // Said in full, so that the index of such rows applies.
            to.and("e.rule IS NOT NULL");
            named("e.rule", name, to);
            to.sql = format!("({})", to.sql);
        }
        Leaf::Level(low, high) => level(*low, *high, to),
        Leaf::Is(is) => to.and(match is {
            Is::Unread => "e.read = 0",
            Is::Read => "e.read = 1",
            Is::Pinned => "e.pinned = 1",
            Is::Quiet => "e.verdict = 1",
            Is::Replayed => "e.replayed = 1",
            Is::Truncated => "e.truncated = 1",
        }),
        Leaf::After(time) => to.bind("e.received_at >= ?", ms(*time)),
        Leaf::Before(time) => to.bind("e.received_at < ?", ms(*time)),
        Leaf::Path { path, value } => json(path, value, to),
    }
}

fn ms(time: Timestamp) -> i64 {
    time.as_millisecond()
}

fn named(column: &str, name: &Name, to: &mut Conditions) {
    if name.prefix {
        to.bind(
            &format!("substr({column}, 1, length(?)) = ? COLLATE NOCASE"),
            name.text.clone(),
        );
    } else {
        to.and(&format!("{column} = ? COLLATE NOCASE"));
    }
    to.values.push(name.text.clone().into());
}

fn source(name: &Name, sources: &[(i64, String)], to: &mut Conditions) {
    let wanted = name.text.to_lowercase();
    let keys: Vec<String> = sources
        .iter()
        .filter(|(_, known)| {
            let known = known.to_lowercase();
            known == wanted || (name.prefix && known.starts_with(&wanted))
        })
        .map(|(key, _)| key.to_string())
        .collect();
    match keys.as_slice() {
        // Said as one value, so that rows come through the index in their order.
        [key] => to.bind("e.source = ?", key.parse::<i64>().unwrap_or_default()),
        keys => to.and(&format!("e.source IN ({})", keys.join(", "))),
    }
}

fn level(low: Severity, high: Severity, to: &mut Conditions) {
    let (low, high) = (severity_number(low), severity_number(high));
    let severe = severity_number(Severity::High);
    let mut parts = Vec::new();
    if low >= severe {
        // As the index of severe rows is defined.
        parts.push(format!("e.severity >= {severe}"));
    }
    parts.push(format!("e.severity BETWEEN {low} AND {high}"));
    to.and(&format!("({})", parts.join(" AND ")));
}

/// A value at the path, or one of the list there, as text. Data that are no JSON have none.
fn json(path: &str, value: &Name, to: &mut Conditions) {
    const DATA: &str = "CASE WHEN json_valid(e.data) THEN e.data END";
    const TEXT: &str = "CASE j.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'
        WHEN 'null' THEN 'null' ELSE CAST(j.value AS TEXT) END";
    let mut compared = Conditions::default();
    named(&format!("({TEXT})"), value, &mut compared);
    to.and(&format!(
        "(coalesce(json_type({DATA}, ?) <> 'object', 0) AND EXISTS (
            SELECT 1 FROM json_each({DATA}, ?) j
            WHERE j.type NOT IN ('object', 'array') AND {}))",
        compared.sql
    ));
    to.values
        .extend([path.to_owned().into(), path.to_owned().into()]);
    to.values.extend(compared.values);
}
