//! Titles and bodies that stand in the data letter for letter, as most do, are kept as where they
//! stand: the file holds each text once. Pure.

use std::ops::Range;

use rusqlite::{
    ToSql,
    types::{FromSqlResult, ToSqlOutput, ValueRef},
};

/// Data of more bytes are not looked through: they lie on other pages than the start of their
/// row, and a list must not read them.
const MOST: usize = 1024;
/// Low bits of a place, for the length; the rest says where it begins. The file's format.
const LENGTH_BITS: u32 = 10;

/// The column's bytes as SQL, whatever it keeps.
pub(super) fn bytes(column: &str) -> String {
    let longest = (1 << LENGTH_BITS) - 1;
    format!(
        "coalesce(iif(typeof({column}) = 'integer', {column} & {longest}, octet_length({column})), 0)"
    )
}

/// What a column keeps of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept<'a> {
    /// Where it stands in the data.
    Place(i64),
    /// Itself.
    Text(&'a str),
}

impl<'a> Kept<'a> {
    pub(super) fn new(text: &'a str, data: &str) -> Self {
        Self::place(text, data).map_or(Self::Text(text), Self::Place)
    }

    fn place(text: &str, data: &str) -> Option<i64> {
        if text.is_empty() || text.len() >> LENGTH_BITS > 0 || data.len() > MOST {
            return None;
        }
        let from = places(data.as_bytes(), text.as_bytes()).next()?;
        i64::try_from((from << LENGTH_BITS) + text.len()).ok()
    }
}

impl ToSql for Kept<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Place(place) => place.to_sql(),
            Self::Text(text) => text.to_sql(),
        }
    }
}

/// Where it stands there, for little to look through: preparing to look would cost more.
pub(super) fn places(bytes: &[u8], wanted: &[u8]) -> impl Iterator<Item = usize> {
    let first = wanted.first().copied();
    first
        .into_iter()
        .flat_map(|first| memchr::memchr_iter(first, bytes))
        .filter(|start| {
            bytes
                .get(*start..)
                .is_some_and(|here| here.starts_with(wanted))
        })
}

/// The text a column keeps; NULL stands for the data themselves.
pub(super) fn text<'a>(kept: ValueRef<'a>, data: ValueRef<'a>) -> FromSqlResult<&'a str> {
    match kept {
        ValueRef::Null => data.as_str(),
        // A place outside the data is damage.
        ValueRef::Integer(place) => Ok(data.as_str()?.get(range(place)).unwrap_or_default()),
        text => text.as_str(),
    }
}

fn range(place: i64) -> Range<usize> {
    let place = usize::try_from(place).unwrap_or_default();
    let from = place >> LENGTH_BITS;
    from..from + (place & ((1 << LENGTH_BITS) - 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::types::Value;

    use super::*;

    fn read(kept: Kept<'_>, data: &str) -> String {
        let kept = match kept {
            Kept::Place(place) => ValueRef::Integer(place),
            Kept::Text(text) => ValueRef::Text(text.as_bytes()),
        };
        text(kept, ValueRef::Text(data.as_bytes()))
            .unwrap()
            .to_owned()
    }

    proptest! {
        #[test]
        fn what_is_kept_reads_as_what_it_was(
            before in "[ab가\u{301}\0\"]{0,600}",
            shown in "[ab가\u{301}\0]{0,600}",
            other in "[ab가]{0,3}",
        ) {
            let data = format!("{before}{shown}");
            for shown in [&shown, &other] {
                prop_assert_eq!(&read(Kept::new(shown, &data), &data), shown);
            }
        }

        #[test]
        fn no_place_is_too_wrong_to_be_read(place in any::<i64>(), data in "[a가]{0,40}") {
            let data = Value::Text(data);
            prop_assert!(text(ValueRef::Integer(place), (&data).into()).is_ok());
        }
    }

    #[test]
    fn short_data_hold_the_text_and_long_data_are_left_alone() {
        let data = r#"{"title":"결제 실패"}"#;
        assert_eq!(Kept::new("결제 실패", data), Kept::Place((10 << 10) + 13));
        assert_eq!(Kept::new("Deploy", data), Kept::Text("Deploy"));
        assert_eq!(Kept::new("", data), Kept::Text(""));
        let data = "a".repeat(MOST);
        assert_eq!(Kept::new(&data, &data), Kept::Text(&data));
        assert_eq!(Kept::new("a", &format!("{data}a")), Kept::Text("a"));
    }
}
