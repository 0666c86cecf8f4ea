//! Takes secrets out of text before it reaches a log or a report.
//!
//! It rather takes too much: the value of anything whose name sounds like a secret, passwords in
//! URLs, and what follows `Bearer` or `Basic`.

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    io::Write as _,
    panic,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

const HIDDEN: &str = "<redacted>";

/// A name with one of these in it, in any case, names a secret.
const TELLTALE: [&str; 9] = [
    "auth",
    "cookie",
    "key",
    "token",
    "secret",
    "sig",
    "passw",
    "pwd",
    "credential",
];

/// Words that only look like it.
const HARMLESS: [&str; 5] = ["author", "keyword", "design", "assign", "signal"];

/// The text without its secrets: values of headers, query parameters and JSON members whose names
/// sound like one, userinfo in URLs, Bearer and Basic credentials. Redacting twice changes nothing.
pub fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let taken = if is_name(next) {
            let (word, after) = split(rest, |c| !is_name(c));
            out.push_str(word);
            after_word(word, after, &mut out)
        } else if let Some(after) = rest.strip_prefix("://") {
            out.push_str("://");
            after_scheme(after, &mut out)
        } else {
            out.push(next);
            rest.get(next.len_utf8()..).unwrap_or_default()
        };
        rest = taken;
    }
    out
}

/// From now on a panic is told on standard error without the secrets its message may hold.
pub fn redact_panics() {
    panic::set_hook(Box::new(|info| {
        let mut err = std::io::stderr().lock();
        let _ = writeln!(err, "{}", redact(&info.to_string()));
        let trace = Backtrace::capture();
        if trace.status() == BacktraceStatus::Captured {
            let _ = writeln!(err, "{trace}");
        }
    }));
}

/// Whether a name is one that secrets have.
pub fn sounds_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let rest = HARMLESS
        .iter()
        .fold(lower.replace("authoriz", "auth"), |rest, word| {
            rest.replace(word, " ")
        });
    TELLTALE.iter().any(|part| rest.contains(part))
}

/// Copies what stands between a name and its value, hides the value, and returns what follows.
fn after_word<'a>(word: &str, after: &'a str, out: &mut String) -> &'a str {
    let lower = word.to_ascii_lowercase();
    if lower == "bearer" || lower == "basic" {
        return after_scheme_name(&lower, after, out);
    }
    if !sounds_secret(&lower) {
        return after;
    }
    // `name=`, `name: `, `"name":`, `("name", `, and with the quotes escaped once more.
    let (quote, tail) = split(after, |c| c != '"' && c != '\\');
    let (gap, tail) = split(tail, |c| c != ' ');
    let Some(mark) = tail.chars().next() else {
        return after;
    };
    let is_mark = match mark {
        // `auth::task` is a path in the program, not a value.
        ':' => !tail.starts_with("::"),
        '=' => true,
        ',' => !quote.is_empty(),
        _ => false,
    };
    if !is_mark {
        return after;
    }
    let tail = tail.get(1..).unwrap_or_default();
    let (space, tail) = split(tail, |c| c != ' ');
    // A header line is all value; elsewhere a quoted value ends with its quote.
    let is_line = mark == ':' && quote.is_empty();
    let (opening, value) = if is_line {
        ("", tail)
    } else {
        split(tail, |c| c != '"' && c != '\\')
    };
    let value_rest = if opening.ends_with("\"\"") {
        value
    } else if !opening.is_empty() {
        quoted(value, opening)
    } else if mark == '=' {
        split(value, |c| {
            c.is_whitespace() || "&;#\"'<>()[]{},".contains(c)
        })
        .1
    } else {
        split(value, |c| c == '\n' || c == '\r').1
    };
    out.extend([quote, gap]);
    out.push(mark);
    out.extend([space, opening]);
    if value_rest.len() < value.len() {
        out.push_str(HIDDEN);
    }
    value_rest
}

/// What follows a quoted value: the rest from its closing quote on, or nothing where it never
/// ends. A value quoted with `\"` ends at the next `\"`.
fn quoted<'a>(value: &'a str, opening: &str) -> &'a str {
    if opening.contains('\\') {
        return value
            .find(opening)
            .and_then(|end| value.get(end..))
            .unwrap_or_default();
    }
    let mut escaped = false;
    split(value, |c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })
    .1
}

/// Hides the credentials after `Bearer` and `Basic`. "Basic" is also a word: only what decodes to
/// `user:password` counts.
fn after_scheme_name<'a>(scheme: &str, after: &'a str, out: &mut String) -> &'a str {
    let (space, tail) = split(after, |c| c != ' ');
    let (value, tail) = split(tail, |c| {
        !(c.is_ascii_alphanumeric() || "-._~+/=".contains(c))
    });
    let is_secret = match scheme {
        "basic" => STANDARD
            .decode(value)
            .is_ok_and(|pair| pair.contains(&b':')),
        _ => !value.is_empty(),
    };
    if space.is_empty() || !is_secret {
        return after;
    }
    out.push_str(space);
    out.push_str(HIDDEN);
    tail
}

/// Hides `user:password@` at the start of a URL's authority.
fn after_scheme<'a>(after: &'a str, out: &mut String) -> &'a str {
    let (authority, _) = split(after, |c| c.is_whitespace() || "/?#\\\"'<>".contains(c));
    // `<redacted>` has brackets in it, which no authority has, so it is left as it is.
    match authority.rfind('@') {
        Some(at) => {
            out.push_str(HIDDEN);
            after.get(at..).unwrap_or_default()
        }
        None => after,
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.%".contains(c)
}

/// Splits before the first character that ends the part.
fn split(text: &str, ends: impl FnMut(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_known_token_never_survives() {
        for text in [
            "Authorization: Bearer hunter2",
            "authorization:Bearer hunter2",
            "Proxy-Authorization: Basic hunter2\r\nHost: h",
            "Cookie: session=1; hunter2",
            "X-Api-Key: hunter2",
            "author-token: hunter2",
            "GET https://h/e?access_token=hunter2&x=1",
            "https://h/e?X-Amz-Signature=hunter2#top",
            "https://h/e?api%5Fkey=hunter2",
            "https://user:hunter2@h/e",
            "https://hunter2@h/e",
            "wss://a@b:hunter2@h?x",
            "bearer hunter2, then",
            r#"{"authorization": "Bearer hunter2", "x": 1}"#,
            r#"{"client_secret":"hunter2"}"#,
            r#"{"token":"a\"hunter2"}"#,
            r#"[("Authorization", "Basic hunter2")]"#,
            r#"body: "{\"api_key\":\"hunter2\"}""#,
            "password=hunter2",
            "panicked: auth = hunter2",
            "token:   hunter2 and more",
            "sent Basic dXNlcjpodW50ZXIy to h hunter2=token",
        ] {
            let clean = redact(text);

            let leaves = clean.replace("hunter2=token", "");
            assert!(!leaves.contains("hunter2"), "{clean}");
            assert!(!leaves.contains("dXNlcjpodW50ZXIy"), "{clean}");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "GET https://example.com/events?page=2&size=10",
            "https://example.com/events?author=me&keyword=disk&design=2&signal=9",
            "tidings_core::auth::task started",
            "401 unauthorized",
            "basic authentication failed",
            "mail to me@example.com",
            "state: live, attempt: 3",
            "\u{c548}\u{b155} \u{1f600}",
            "",
        ] {
            assert_eq!(redact(text), text);
        }
    }

    #[test]
    fn only_the_secret_goes() {
        assert_eq!(
            redact("https://u:p@h/e?token=abc&page=2 failed"),
            "https://<redacted>@h/e?token=<redacted>&page=2 failed"
        );
        assert_eq!(
            redact("Cookie: a=b\nAccept: x"),
            "Cookie: <redacted>\nAccept: x"
        );
        assert_eq!(
            redact(r#"{"api_key":"abc","name":"x"}"#),
            r#"{"api_key":"<redacted>","name":"x"}"#
        );
    }

    proptest! {
        #[test]
        fn any_text_is_taken_and_the_second_time_changes_nothing(text in "(\\PC|[\\n\"\\\\:=@/ ]|token|Bearer|://){0,40}") {
            let once = redact(&text);

            prop_assert_eq!(redact(&once), once);
        }

        #[test]
        fn any_value_of_a_telling_header_goes(value in "[!-~]{1,40}") {
            let clean = redact(&format!("X-Token: {value}"));

            prop_assert_eq!(clean, "X-Token: <redacted>");
        }
    }
}
