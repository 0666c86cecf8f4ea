//! Which headers a source may send of its own, and how a password in a URL becomes one.
//!
//! A secret in a URL's query is kept among the headers, by a name that no header can have: `?token`
//! is the parameter `token`. So it goes wherever they go.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::{
    error::{Code, Error, Result},
    secrets::{Headers, Secret, sounds_secret},
};

/// Most bytes of a header's value.
pub const HEADER_VALUE_MAX: usize = 8 * 1024;
/// Most headers of one source.
pub const HEADERS_MAX: usize = 64;

const NAME_MAX: usize = 256;

/// Names that belong to the connection or to Tidings itself, in lower case.
const OURS: [&str; 12] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "proxy-connection",
    "upgrade",
    "te",
    "trailer",
    "expect",
    "last-event-id",
    "accept-encoding",
];

/// Refuses a header that cannot be sent or that would break the stream. Non-ASCII values are
/// allowed; they are sent as UTF-8.
///
/// # Errors
/// `InvalidHeader`; the message never holds the value.
pub fn validate_header(name: &str, value: &str) -> Result<()> {
    let bad = |message: String| Err(Error::new(Code::InvalidHeader, message));
    if name.is_empty() || name == "?" {
        return bad("a header has no name; write it as Name: value".to_owned());
    }
    if value.len() > HEADER_VALUE_MAX && name.len() <= NAME_MAX {
        return bad(format!(
            "the value of {name} is longer than {HEADER_VALUE_MAX} bytes; shorten it"
        ));
    }
    // In a URL everything is encoded.
    if query_name(name).is_some() && name.len() <= NAME_MAX {
        return Ok(());
    }
    if name.len() > NAME_MAX || !name.bytes().all(is_token) {
        // The name itself may be a value somebody pasted into the wrong field.
        return bad(
            "a header's name has a character that is not allowed, or is too long; use letters, \
             digits and hyphens"
                .to_owned(),
        );
    }
    if OURS.contains(&name.to_ascii_lowercase().as_str()) {
        return bad(format!(
            "the header {name} belongs to the connection; leave it out"
        ));
    }
    // RFC 9110, section 5.5: visible characters, spaces and tabs.
    if value.bytes().any(|b| (b < 0x20 && b != b'\t') || b == 0x7f) {
        return bad(format!(
            "the value of {name} has a line break or control character in it; remove it"
        ));
    }
    Ok(())
}

/// RFC 9110, section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// The name of the query parameter that is kept among the headers under this name; none for that
/// of a header.
pub fn query_name(name: &str) -> Option<&str> {
    name.strip_prefix('?')
}

/// Sets a query parameter, in the place of any of its name.
pub fn set_parameter(url: &mut Url, name: &str, value: &str) {
    let pairs = url.query_pairs().into_owned();
    let others: Vec<(String, String)> = pairs.filter(|(known, _)| known != name).collect();
    let mut query = url.query_pairs_mut();
    query.clear().extend_pairs(others).append_pair(name, value);
}

/// The value of an `Authorization: Basic` header (RFC 7617), in UTF-8.
pub fn basic(user: &str, password: &str) -> Secret {
    let pair = Zeroizing::new(format!("{user}:{password}"));
    Secret::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())))
}

/// Moves what is secret out of a URL: `user:password@`, and the query parameters whose names sound
/// like it. What remains of the query stays as it was written.
pub fn take_secrets(url: &mut Url) -> Headers {
    let mut taken: Headers = take_userinfo(url).into_iter().collect();
    let query = url.query().unwrap_or_default().to_owned();
    let mut rest = Vec::new();
    for part in query.split('&') {
        match form_urlencoded::parse(part.as_bytes()).next() {
            Some((name, value)) if sounds_secret(&name) && !value.is_empty() => {
                taken.push((format!("?{name}"), Secret::new(value.into_owned())));
            }
            _ => rest.push(part),
        }
    }
    let rest = rest.join("&");
    if rest.len() < query.len() {
        url.set_query(Some(&*rest).filter(|rest| !rest.is_empty()));
    }
    taken
}

/// Moves `user:password@` out of a URL into an `Authorization: Basic` header (RFC 7617): the
/// percent-decoded bytes, so UTF-8 as browsers send it.
fn take_userinfo(url: &mut Url) -> Option<(String, Secret)> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut pair = Zeroizing::new(Vec::new());
    pair.extend(percent_decode_str(url.username()));
    pair.push(b':');
    pair.extend(percent_decode_str(url.password().unwrap_or_default()));
    let value = format!("Basic {}", STANDARD.encode(&*pair));
    // Both fail only for a URL without a host, and such a one has no userinfo.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Some(("Authorization".to_owned(), Secret::new(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b62_headers_of_the_connection_are_refused_in_any_case() {
        for name in [
            "Host",
            "Content-Length",
            "Transfer-Encoding",
            "Connection",
            "Last-Event-ID",
            "Accept-Encoding",
            "lAST-eVENT-iD",
        ] {
            let error = validate_header(name, "x").unwrap_err();
            assert_eq!(error.code, Code::InvalidHeader, "{name}");
        }
    }

    #[test]
    fn b62_a_name_that_is_no_token_is_refused_and_not_repeated() {
        for name in [
            "",
            "a b",
            "a:b",
            "a\r\nb",
            "na\u{ef}ve",
            "\0",
            &"a".repeat(257),
        ] {
            let error = validate_header(name, "x").unwrap_err();
            assert_eq!(error.code, Code::InvalidHeader, "{name:?}");
            assert!(name.len() < 3 || !error.message.contains(name));
        }
    }

    #[test]
    fn a_value_that_would_start_a_new_line_is_refused_and_not_repeated() {
        let long = "v".repeat(HEADER_VALUE_MAX + 1);
        for value in [
            "hunter2\r\nX: y",
            "hunter2\n",
            "hunter2\0",
            "hunter2\x7f",
            &long,
        ] {
            let error = validate_header("X-Key", value).unwrap_err();
            assert_eq!(error.code, Code::InvalidHeader);
            assert!(!error.message.contains("hunter2"));
        }
    }

    #[test]
    fn usual_headers_pass() {
        let longest = "v".repeat(HEADER_VALUE_MAX);
        for (name, value) in [
            ("Authorization", "Bearer abc.def-_~+/="),
            ("Cookie", "session=1; theme=dark"),
            ("X-Api-Key", "\u{c548}\u{b155}"),
            ("Content-Type", "application/json"),
            ("X-Tab", "a\tb"),
            ("X-Empty", ""),
            ("X-Long", &longest),
        ] {
            assert!(validate_header(name, value).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_password_moves_out_of_the_url() {
        for (before, after, pair) in [
            ("https://u:p@h/x?a=b", "https://h/x?a=b", "u:p"),
            ("https://me%40corp:p%3Aq@h/", "https://h/", "me@corp:p:q"),
            ("https://token@h:8443/", "https://h:8443/", "token:"),
            ("https://:p@h/", "https://h/", ":p"),
            (
                "https://j%C3%BCrgen:%EC%95%94@h/",
                "https://h/",
                "j\u{fc}rgen:\u{c554}",
            ),
        ] {
            let mut url: Url = before.parse().unwrap();

            let (name, value) = take_userinfo(&mut url).unwrap();

            assert_eq!(url.as_str(), after);
            assert_eq!(name, "Authorization");
            let encoded = value.expose().strip_prefix("Basic ").unwrap();
            assert_eq!(STANDARD.decode(encoded).unwrap(), pair.as_bytes());
            assert_eq!(take_userinfo(&mut url), None);
        }
    }

    #[test]
    fn b60_a_token_moves_out_of_the_query_and_comes_back_as_it_was() {
        for (before, after, names) in [
            (
                "https://h/e?token=a%2Bb%20c&page=2&x=%20y",
                "https://h/e?page=2&x=%20y",
                &["?token"][..],
            ),
            (
                "HTTP://EXAMPLE.com:80/../a?token=1",
                "http://example.com/a",
                &["?token"],
            ),
            (
                "https://u:p@h/?flag&X-Amz-Signature=ab&api%5Fkey=%EC%95%94",
                "https://h/?flag",
                &["Authorization", "?X-Amz-Signature", "?api_key"],
            ),
            (
                "https://h/e?topic=a&&q=%26",
                "https://h/e?topic=a&&q=%26",
                &[],
            ),
            ("https://h/e?token=&token", "https://h/e?token=&token", &[]),
            ("https://h/e?", "https://h/e?", &[]),
        ] {
            let mut url: Url = before.parse().unwrap();
            let sent: Vec<_> = url.query_pairs().into_owned().collect();

            let taken = take_secrets(&mut url);

            assert_eq!(url.as_str(), after);
            let found: Vec<_> = taken.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(found, names);
            for (name, value) in &taken {
                assert!(validate_header(name, value.expose()).is_ok(), "{name}");
                if let Some(name) = query_name(name) {
                    set_parameter(&mut url, name, value.expose());
                }
            }
            let mut again: Vec<_> = url.query_pairs().into_owned().collect();
            again.sort();
            let mut sent = sent;
            sent.sort();
            assert_eq!(again, sent, "{before}");
        }
    }

    #[test]
    fn a_url_without_a_password_stays_as_it_is() {
        for text in ["https://h/x@y", "https://@h/", "tidings:demo"] {
            let mut url: Url = text.parse().unwrap();
            let before = url.clone();

            assert_eq!(take_userinfo(&mut url), None);
            assert_eq!(url, before);
        }
    }
}
