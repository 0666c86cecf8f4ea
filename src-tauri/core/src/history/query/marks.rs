//! Where the words of a query stand in a row's texts, to be marked. Pure.

use std::ops::Range;

use super::{Expr, Leaf};
use crate::{
    history::words::{Kind, Unit, units},
    ipc::Marks,
};

/// Words a row is marked by.
#[derive(Debug)]
pub(in crate::history) struct Term {
    units: Vec<Unit>,
    prefix: bool,
}

/// The words a query looks for; not those it wants to be absent.
pub(in crate::history) fn terms(expr: &Expr) -> Vec<Term> {
    match expr {
        Expr::All(some) | Expr::Any(some) => some.iter().flat_map(terms).collect(),
        Expr::Leaf(Leaf::Text { text, prefix }) => vec![Term {
            units: units(text),
            prefix: *prefix,
        }],
        Expr::Not(_) | Expr::Leaf(_) => Vec::new(),
    }
}

/// Where they stand in these lines; none without terms.
pub(in crate::history) fn marks(terms: &[Term], title: &str, preview: &str) -> Option<Marks> {
    (!terms.is_empty()).then(|| Marks {
        title: of(title, terms),
        preview: of(preview, terms),
    })
}

fn of(line: &str, terms: &[Term]) -> Vec<(u32, u32)> {
    let units = units(line);
    let mut found: Vec<Range<usize>> = Vec::new();
    for start in 0..units.len() {
        let here = units.get(start..).unwrap_or_default();
        for term in terms {
            if let Some(last) = end(here, term)
                && let Some(first) = here.first()
            {
                found.push(first.at.start..last);
            }
        }
    }
    found.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in found {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
        .into_iter()
        .map(|range| (utf16(line, range.start), utf16(line, range.end)))
        .collect()
}

/// Where the term ends if it stands at the start of these units, as the index would find it.
fn end(units: &[Unit], term: &Term) -> Option<usize> {
    let length = term.units.len();
    let here = units.get(..length)?;
    for (place, (unit, wanted)) in here.iter().zip(&term.units).enumerate() {
        let open = term.prefix && place + 1 == length && wanted.kind == Kind::Word;
        let same = unit.text == wanted.text || (open && unit.text.starts_with(&wanted.text));
        if !same || unit.kind != wanted.kind || (place > 0 && unit.joined != wanted.joined) {
            return None;
        }
    }
    here.last().map(|unit| unit.at.end)
}

fn utf16(line: &str, at: usize) -> u32 {
    let head = line.get(..at).unwrap_or(line);
    u32::try_from(head.encode_utf16().count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{super::parse, *};

    fn found(query: &str, line: &str) -> Vec<String> {
        let now = jiff::ZonedDateTime::default();
        let terms = terms(&parse(query, &now).unwrap());
        let units: Vec<u16> = line.encode_utf16().collect();
        of(line, &terms)
            .into_iter()
            .map(|(start, end)| String::from_utf16(&units[start as usize..end as usize]).unwrap())
            .collect()
    }

    #[test]
    fn what_the_index_finds_is_marked_and_nothing_else() {
        assert_eq!(found("run", "Run 4818: prune, run!"), ["Run", "run"]);
        assert_eq!(
            found("depl*", "Deployed by deploy-bot"),
            ["Deployed", "deploy"]
        );
        assert_eq!(found("결제", "🎉 신용결제가 실패, 결제!"), ["결제", "결제"]);
        assert_eq!(
            found("\"결제 실패\"", "결제 실패했습니다, 결제실패"),
            ["결제 실패"]
        );
        assert_eq!(found("패", "실패했다"), ["패"]);
        assert_eq!(found("a -b OR c", "a b c"), ["a", "c"]);
        assert_eq!(found("café", "CAFE cafe\u{301}"), ["CAFE", "cafe\u{301}"]);
        assert_eq!(found("🎉", "완료🎉🎉"), ["🎉🎉"]);
        assert_eq!(found("web-3", "on web 3 and WEB_3"), ["web 3", "WEB_3"]);
    }
}
