//! What a server wrote becomes text a notification service can show without harm. Pure.
//!
//! Everything that reaches a toast passes through here, the names of sources included: one NUL
//! byte makes the message bus close the connection, bidirectional controls disguise file names,
//! and a body is markup on most desktops.

use unicode_normalization::{UnicodeNormalization as _, is_nfc};
use unicode_segmentation::UnicodeSegmentation as _;

/// Longest summary, in graphemes; the ellipsis of a cut one comes on top.
pub const SUMMARY_GRAPHEMES: usize = 120;
/// Longest body, in graphemes; the ellipsis of a cut one comes on top.
pub const BODY_GRAPHEMES: usize = 800;
/// Longest host on a button, in graphemes.
pub const HOST_GRAPHEMES: usize = 40;
/// Most lines of a body.
pub const BODY_LINES: usize = 12;
/// Longest text in bytes before markup is escaped: one grapheme alone can be megabytes of
/// combining marks.
pub const TEXT_BYTES: usize = 32 * 1024;

const ELLIPSIS: char = '…';
/// How much clean text is looked at; the rest can only make a cut text longer.
const CLEAN_BYTES: usize = TEXT_BYTES + TEXT_BYTES / 4;

/// The summary line of a toast: one line of plain text, `fallback` where `text` shows nothing,
/// `Tidings` where both do not.
pub fn summary(text: &str, fallback: &str) -> String {
    [text, fallback]
        .into_iter()
        .map(line)
        .find(|line| is_visible(line))
        .unwrap_or_else(|| "Tidings".to_owned())
}

/// One line of plain text, cut to the length of a summary; may be empty.
pub fn line(text: &str) -> String {
    let clean = clean(text);
    let words: Vec<&str> = clean.split_whitespace().collect();
    cut(&words.join(" "), SUMMARY_GRAPHEMES)
}

/// A summary with how many events it stands for: `Build failed (×3)`, no longer than a summary.
pub fn times(summary: &str, count: u64) -> String {
    let suffix = format!(" (×{count})");
    let room = SUMMARY_GRAPHEMES.saturating_sub(suffix.chars().count() + 1);
    cut(summary.trim_end_matches(ELLIPSIS), room) + &suffix
}

/// A host on a button: cut at its front, because its end says whose it is.
pub fn host(host: &str) -> String {
    let graphemes: Vec<&str> = host.graphemes(true).collect();
    match graphemes.len().checked_sub(HOST_GRAPHEMES) {
        None | Some(0) => host.to_owned(),
        Some(cut) => {
            let end: String = graphemes.into_iter().skip(cut).collect();
            format!("{ELLIPSIS}{end}")
        }
    }
}

/// The body of a toast. With `markup` the service reads it as markup, so it is escaped to be
/// shown exactly as sent.
pub fn body(text: &str, markup: bool) -> String {
    let clean = clean(text);
    let clean = clean.trim_matches(|c: char| c.is_whitespace());
    let plain = match clean.match_indices('\n').nth(BODY_LINES - 1) {
        Some((end, _)) => {
            let lines = clean.get(..end).unwrap_or_default();
            let mut plain = cut(lines, BODY_GRAPHEMES);
            if !plain.ends_with(ELLIPSIS) {
                plain.push(ELLIPSIS);
            }
            plain
        }
        None => cut(clean, BODY_GRAPHEMES),
    };
    if markup { escape(&plain) } else { plain }
}

/// Fills the `{name}` places of a template in one pass: what is filled in is never a template
/// itself. A place nobody fills stays as it is.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, from)) = rest.split_once('{') {
        out.push_str(before);
        let filled = from.split_once('}').and_then(|(name, after)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((*value, after))
        });
        rest = if let Some((value, after)) = filled {
            out.push_str(value);
            after
        } else {
            out.push('{');
            from
        };
    }
    out.push_str(rest);
    out
}

/// Without control characters (LF aside), escape sequences and bidirectional controls; all line
/// ends are LF. Composed: some fonts draw the letters and their marks apart.
fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(CLEAN_BYTES));
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if out.len() >= CLEAN_BYTES {
            break;
        }
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push('\n');
            }
            '\n' | '\u{2028}' | '\u{2029}' | '\u{85}' => out.push('\n'),
            '\t' => out.push(' '),
            '\u{1b}' => skip_escape(&mut chars),
            '\u{9b}' => skip_control_sequence(&mut chars),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => skip_string(&mut chars),
            '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    if is_nfc(&out) {
        out
    } else {
        out.nfc().collect()
    }
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// Skips what follows ESC (ECMA-48, section 5.3).
fn skip_escape(chars: &mut Chars<'_>) {
    match chars.peek() {
        Some('[') => {
            chars.next();
            skip_control_sequence(chars);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            chars.next();
            skip_string(chars);
        }
        Some(' '..='/') => {
            while chars.next_if(|c| matches!(c, ' '..='/')).is_some() {}
            chars.next_if(|c| matches!(c, '0'..='~'));
        }
        Some('0'..='~') => {
            chars.next();
        }
        _ => {}
    }
}

/// Skips parameters and the final byte of a control sequence; stops at what belongs to neither.
fn skip_control_sequence(chars: &mut Chars<'_>) {
    while chars.next_if(|c| matches!(c, ' '..='?')).is_some() {}
    chars.next_if(|c| matches!(c, '@'..='~'));
}

/// Skips a control string up to its end, BEL or ST; one that never ends costs its line.
fn skip_string(chars: &mut Chars<'_>) {
    while let Some(c) = chars.next_if(|c| !matches!(c, '\n' | '\r')) {
        match c {
            '\u{7}' | '\u{9c}' => return,
            '\u{1b}' if chars.next_if_eq(&'\\').is_some() => return,
            _ => {}
        }
    }
}

/// At most `graphemes` graphemes, with an ellipsis where something was cut.
fn cut(text: &str, graphemes: usize) -> String {
    let mut out = String::new();
    for (count, grapheme) in text.graphemes(true).enumerate() {
        if count == graphemes || out.len() + grapheme.len() > TEXT_BYTES {
            out.truncate(out.trim_end().len());
            out.push(ELLIPSIS);
            break;
        }
        out.push_str(grapheme);
    }
    out
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c => out.push(c),
        }
    }
    out
}

/// Whether a person sees anything of it.
fn is_visible(text: &str) -> bool {
    text.chars().any(|c| {
        !c.is_whitespace()
            && !matches!(
                c,
                '\u{ad}'
                    | '\u{34f}'
                    | '\u{115f}'..='\u{1160}'
                    | '\u{17b4}'..='\u{17b5}'
                    | '\u{180b}'..='\u{180f}'
                    | '\u{200b}'..='\u{200d}'
                    | '\u{2060}'..='\u{206f}'
                    | '\u{2800}'
                    | '\u{3164}'
                    | '\u{fe00}'..='\u{fe0f}'
                    | '\u{ffa0}'
                    | '\u{e0000}'..='\u{e0fff}'
            )
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FAMILY: &str = "👨\u{200d}👩\u{200d}👧\u{200d}👦";

    #[test]
    fn a_summary_is_one_clean_line() {
        let cases = [
            // B1
            ("<script>alert(1)</script>", "<script>alert(1)</script>"),
            // B4: a summary is plain text, never escaped
            ("& &amp; &lt; <", "& &amp; &lt; <"),
            // B5
            ("a\0b", "ab"),
            // B6
            ("\u{202e}gpj.exe", "gpj.exe"),
            ("a\u{2066}b\u{200f}\u{feff}", "ab"),
            // B9
            ("", "Builds"),
            ("   \n\t ", "Builds"),
            ("\u{200b}\u{200d}\u{2060}\u{3164}", "Builds"),
            // B12
            ("a\rb\r\nc\nd", "a b c d"),
            // B13
            ("\u{1b}]0;x\u{7}done", "done"),
            ("\u{1b}]0;x\u{1b}\\done", "done"),
            ("\u{1b}[1;31mred\u{1b}[0m", "red"),
            ("\u{9b}1mred", "red"),
            ("\u{1b}(Bplain", "plain"),
            ("cut\u{1b}", "cut"),
            ("cut\u{1b}[", "cut"),
            ("cut\u{1b}[3", "cut"),
            ("a\u{1b}]never ends\nb", "a b"),
            ("a\u{1b}[1é", "aé"),
            ("한국어 알림", "한국어 알림"),
            ("\u{1112}\u{1161}\u{11ab} e\u{301}", "한 é"),
        ];
        for (given, expected) in cases {
            assert_eq!(summary(given, "Builds"), expected, "{given:?}");
        }
    }

    #[test]
    fn a_summary_nothing_can_name_is_the_apps_name() {
        assert_eq!(summary(" ", "\u{200b}"), "Tidings");
    }

    #[test]
    fn a_body_is_shown_exactly_as_sent_with_and_without_markup() {
        let cases = [
            // B2
            (
                "<img src=http://127.0.0.1/x>",
                "&lt;img src=http://127.0.0.1/x&gt;",
            ),
            // B3
            (
                "<a href=\"http://evil\">Re-login</a>",
                "&lt;a href=&quot;http://evil&quot;&gt;Re-login&lt;/a&gt;",
            ),
            // B4
            ("& &amp; &lt; <", "&amp; &amp;amp; &amp;lt; &lt;"),
            // B11: what was invalid arrives as U+FFFD
            ("\u{fffd}\u{fffd}", "\u{fffd}\u{fffd}"),
        ];
        for (given, escaped) in cases {
            assert_eq!(body(given, true), escaped);
            assert_eq!(body(given, false), given);
        }
    }

    #[test]
    fn the_lines_of_a_body_are_those_of_the_sender() {
        assert_eq!(body("a\rb\r\nc\n\nd", false), "a\nb\nc\n\nd");
    }

    #[test]
    fn a_long_body_keeps_twelve_lines() {
        // B10
        assert_eq!(body(&"\n".repeat(10_000), true), "");
        let many = body(&"x\n".repeat(10_000), true);
        assert_eq!(many.lines().count(), BODY_LINES);
        assert!(many.ends_with("x…"));
        assert_eq!(body(&["x"; 12].join("\n"), true), ["x"; 12].join("\n"));
    }

    #[test]
    fn a_long_title_is_cut_with_an_ellipsis() {
        // B7
        let cut = summary(&"A".repeat(1024 * 1024), "");
        assert_eq!(cut, format!("{}…", "A".repeat(SUMMARY_GRAPHEMES)));
        let whole = "A".repeat(SUMMARY_GRAPHEMES);
        assert_eq!(summary(&whole, ""), whole);
    }

    #[test]
    fn a_cut_never_goes_through_a_grapheme() {
        // B8
        let cut = summary(&FAMILY.repeat(500), "");
        assert_eq!(cut, format!("{}…", FAMILY.repeat(SUMMARY_GRAPHEMES)));
    }

    #[test]
    fn one_monstrous_grapheme_is_bounded_too() {
        let monster = format!("ok a{}", "\u{301}".repeat(1024 * 1024));
        assert_eq!(body(&monster, false), "ok…");
    }

    #[test]
    fn filling_in_never_fills_twice() {
        let values = [
            ("count", "3"),
            ("title", "{count} {source}"),
            ("source", "X"),
        ];
        assert_eq!(
            fill("{count} from {source}\n{title}", &values),
            "3 from X\n{count} {source}"
        );
        assert_eq!(fill("{ {nobody} {count", &values), "{ {nobody} {count");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn nothing_exceeds_its_limits(text in any::<String>(), markup in any::<bool>()) {
            check(&text, markup)?;
        }

        #[test]
        fn nothing_exceeds_its_limits_whatever_it_is_built_of(
            parts in proptest::collection::vec(prop_oneof![
                Just("\u{1b}["), Just("\u{1b}]"), Just("\u{9b}"), Just("\u{7}"), Just("\0"),
                Just("\r\n"), Just("\n"), Just("\r"), Just("&<>\"'"), Just(FAMILY),
                Just("e\u{301}\u{301}"), Just("\u{202e}"), Just("\u{600}"), Just("word "),
                Just("\u{feff}"), Just("한"),
            ], 0..1200),
            markup in any::<bool>(),
        ) {
            check(&parts.concat(), markup)?;
        }
    }

    fn check(text: &str, markup: bool) -> Result<(), TestCaseError> {
        let summary = summary(text, "");
        prop_assert!(is_visible(&summary));
        prop_assert!(!summary.contains('\n'));
        prop_assert!(summary.graphemes(true).count() <= SUMMARY_GRAPHEMES + 1);
        let plain = body(text, false);
        prop_assert!(plain.graphemes(true).count() <= BODY_GRAPHEMES + 1);
        prop_assert!(plain.lines().count() <= BODY_LINES);
        prop_assert!(plain.len() <= TEXT_BYTES + ELLIPSIS.len_utf8());
        for out in [&summary, &plain, &body(text, markup)] {
            prop_assert!(!out.chars().any(|c| c.is_control() && c != '\n'));
            let disguise = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            prop_assert!(!out.chars().any(disguise));
        }
        if markup {
            prop_assert!(!body(text, true).contains(['<', '>', '"', '\'']));
        }
        Ok(())
    }
}
