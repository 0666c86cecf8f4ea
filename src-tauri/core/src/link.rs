//! Which links of events may be opened. One rule for toast, window and command line. Pure.
//!
//! A link is what a server says: `javascript:`, `file:` and the schemes of other programs have
//! run code on the machines of those who clicked. Only the web passes, only as the parser writes
//! it back, and a person sees the host it really leads to.

use url::Url;

use crate::ipc::Link;

/// Longest link that is opened. Bytes.
pub const LINK_MAX: usize = 2048;

/// The link in its normal form, or why it is never opened. `source` is where the event came from.
///
/// # Errors
/// The reason, for the log: lower-case, no full stop.
pub fn check(text: &str, source: Option<&Url>) -> Result<Link, &'static str> {
    let text = text.trim();
    // Before parsing: the parser forgives what an opener may read in another way.
    if text
        .chars()
        .any(|c| c.is_control() || c.is_whitespace() || c == '\\')
    {
        return Err("it has a space, a control character or a backslash in it");
    }
    if text.len() > LINK_MAX {
        return Err("it is longer than 2048 bytes");
    }
    let url = Url::parse(text).map_err(|_| "it is no URL")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("it is neither http nor https");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it has a user or password in it");
    }
    let host = url.host_str().filter(|host| !host.is_empty());
    let host = host.ok_or("it names no host")?.to_owned();
    if url.as_str().len() > LINK_MAX {
        return Err("it is longer than 2048 bytes");
    }
    let foreign = source.and_then(Url::host_str) != Some(host.as_str());
    Ok(Link {
        url: url.into(),
        host,
        foreign,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn source() -> Url {
        "https://ci.example.com/events".parse().unwrap()
    }

    #[test]
    fn what_a_browser_gets_is_the_normal_form() {
        // B20, B21, B22
        for (sent, url, host) in [
            (" https://h/a ", "https://h/a", "h"),
            (
                "HTTPS://EXAMPLE.com:443/../a",
                "https://example.com/a",
                "example.com",
            ),
            (
                "https://\u{430}pple.com",
                "https://xn--pple-43d.com/",
                "xn--pple-43d.com",
            ),
            ("https:///evil", "https://evil/", "evil"),
            ("https://h/%0d%0aX:1", "https://h/%0d%0aX:1", "h"),
            (
                "http://h/'\"<>`$(x);&|",
                "http://h/'%22%3C%3E%60$(x);&|",
                "h",
            ),
            ("http://[::1]:8/", "http://[::1]:8/", "[::1]"),
            ("http://0x7f.1/", "http://127.0.0.1/", "127.0.0.1"),
        ] {
            let link = check(sent, None).unwrap();
            assert_eq!(
                (link.url.as_str(), link.host.as_str()),
                (url, host),
                "{sent}"
            );
            assert!(link.foreign);
        }
    }

    #[test]
    fn only_the_sources_own_host_needs_no_question() {
        for (sent, foreign) in [
            ("https://ci.example.com/runs/1", false),
            ("http://CI.EXAMPLE.COM:8080/", false),
            ("https://example.com/", true),
            ("https://ci.example.com.evil.com/", true),
            ("https://evil.com/?ci.example.com", true),
            // A full stop at its end makes it another name.
            ("https://ci.example.com./", true),
        ] {
            assert_eq!(
                check(sent, Some(&source())).unwrap().foreign,
                foreign,
                "{sent}"
            );
        }
        let demo: Url = "tidings:demo".parse().unwrap();
        assert!(check("https://h/", Some(&demo)).unwrap().foreign);
    }

    #[test]
    fn nothing_but_the_web_is_ever_opened() {
        let long = format!("https://h/{}", "a".repeat(LINK_MAX));
        // Grows past the limit only when it is written back.
        let growing = format!("https://h/{}", "\u{ac00}".repeat(600));
        // B14 to B19, B21 to B24
        for bad in [
            "",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\tscript:alert(1)",
            "https://h/a\nb",
            "file:///etc/passwd",
            "file://host/share",
            "smb://h/s",
            r"\\h\s",
            "//h/s",
            "nfs://h/x",
            "ms-msdt:/id",
            "search-ms:query",
            "vscode://file/x",
            "steam://run/1",
            "tel:1",
            "mailto:a@b",
            "data:text/html,<script>",
            "blob:https://h/1",
            "about:blank",
            "https://user:pass@bank.com@evil.com/",
            "https://user@h/",
            r"https://evil.com\.bank.com",
            "https://",
            "http:",
            "--help",
            "-oProxyCommand=x",
            "/x",
            "x",
            "https://h/\u{2028}x",
            "https://h/a\0b",
            &long,
            &growing,
        ] {
            assert!(check(bad, Some(&source())).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn whatever_passes_is_the_web_in_plain_ascii_and_passes_again(
            text in prop_oneof![
                any::<String>(),
                "[a-zA-Z]{0,12}:[/\\\\@a-z.:%0-9\t -]{0,40}",
                "https?://[^/]{0,20}/.{0,40}",
                " {0,2}https?:[/\\\\]{0,4}[a-z@.:\u{430}\u{200b}]{1,20}.{0,10}",
            ],
        ) {
            let Ok(link) = check(&text, Some(&source())) else { return Ok(()) };
            prop_assert!(link.url.starts_with("http://") || link.url.starts_with("https://"));
            prop_assert!(link.url.is_ascii() && link.url.len() <= LINK_MAX);
            prop_assert!(!link.url.chars().any(|c| c.is_control() || c == ' ' || c == '\\'));
            prop_assert!(!link.host.is_empty() && !link.host.contains('@'));
            prop_assert_eq!(link.foreign, link.host != "ci.example.com");
            prop_assert_eq!(check(&link.url, Some(&source())), Ok(link));
        }
    }
}
