//! One line of the list out of an event's texts: short, on one line, cut between graphemes.

use unicode_segmentation::UnicodeSegmentation as _;

/// Most characters of an event type in a list row.
const EVENT: usize = 80;
/// Most characters of a title in a list row.
const TITLE: usize = 120;
/// Most characters of a preview.
const PREVIEW: usize = 160;

/// Bodies of more bytes than this have their preview stored, so that a page never reads them.
pub(super) const LONG_BODY: usize = 1024;

pub(super) fn event(text: &str) -> String {
    one_line(text, EVENT)
}

pub(super) fn title(text: &str) -> String {
    one_line(text, TITLE)
}

pub(super) fn preview(body: &str) -> String {
    one_line(body, PREVIEW)
}

/// The start of the text with every run of white space as one space, at most `limit`
/// characters including the ellipsis of a cut.
fn one_line(text: &str, limit: usize) -> String {
    if is_one_line(text, limit) {
        return text.to_owned();
    }
    let mut line = String::new();
    let mut length = 0;
    let mut cut = 0;
    let mut space = false;
    for grapheme in text.graphemes(true) {
        if grapheme.chars().all(char::is_whitespace) {
            space = !line.is_empty();
            continue;
        }
        let added = grapheme.chars().count() + usize::from(space);
        if length + added > limit {
            line.truncate(cut);
            line.push('…');
            return line;
        }
        if space {
            line.push(' ');
            space = false;
        }
        line.push_str(grapheme);
        length += added;
        if length < limit {
            cut = line.len();
        }
    }
    line
}

/// Whether it is such a line already: most texts are, and finding graphemes takes its time.
fn is_one_line(text: &str, limit: usize) -> bool {
    let mut length = 0;
    let mut after_space = true;
    for c in text.chars() {
        length += 1;
        if length > limit || (c.is_whitespace() && (after_space || c != ' ')) {
            return false;
        }
        after_space = c == ' ';
    }
    !after_space
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_one_line_already_is_what_making_one_gives(text in "[a\u{301}\u{200d}👨가 \t\r\n]{0,8}") {
            if is_one_line(&text, 6) {
                // Beyond the limit by one: cut, and joined again, it goes through the graphemes.
                let made = one_line(&format!("{text}\n"), 6);
                prop_assert_eq!(made, text);
            }
        }
    }

    #[test]
    fn a_short_text_stays_as_it_is() {
        assert_eq!(one_line("재고 부족 & <b>", 11), "재고 부족 & <b>");
    }

    #[test]
    fn lines_become_one() {
        assert_eq!(one_line("  a\r\n\tb \u{3000} c\n", 10), "a b c");
    }

    #[test]
    fn a_long_text_is_cut_between_graphemes_within_the_limit() {
        assert_eq!(one_line("abcdef", 6), "abcdef");
        assert_eq!(one_line("abcdefg", 6), "abcde…");
        assert_eq!(one_line("ab👨‍👩‍👧‍👦", 6), "ab…");
        assert_eq!(one_line("ab cd", 4), "ab…");
        assert_eq!(one_line(&"e\u{301}".repeat(500), 5), "e\u{301}e\u{301}…");
    }

    #[test]
    fn one_endless_grapheme_is_left_out() {
        assert_eq!(one_line(&format!("a{}", "\u{301}".repeat(999)), 9), "…");
    }
}
