//! What people paste, what it means, and what is refused.

use proptest::prelude::*;
use url::Url;

use super::*;

/// URL, method, headers and body.
type Meaning<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], Option<&'a str>);

fn meaning(command: &CurlCommand) -> (String, String, Vec<(String, String)>, Option<String>) {
    let headers = command
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), value.expose().to_owned()))
        .collect();
    (
        command.url.clone(),
        command.method.clone(),
        headers,
        command.body.clone(),
    )
}

#[test]
fn commands_mean_what_curl_would_send() {
    const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
    let cases: &[(&str, Meaning<'_>)] = &[
        ("curl https://h/e", ("https://h/e", "GET", &[], None)),
        (
            "curl -sSN --compressed -L 'https://h/e?a=1&b=2'",
            ("https://h/e?a=1&b=2", "GET", &[], None),
        ),
        // An unquoted & belongs to the URL a person meant.
        (
            "curl http://h/e?a=1&b=2 -N",
            ("http://h/e?a=1&b=2", "GET", &[], None),
        ),
        (
            "curl \\\n  -H 'Authorization: Bearer t' \\\r\n  -H \"X-A: it's\" \\\n https://h/",
            (
                "https://h/",
                "GET",
                &[("Authorization", "Bearer t"), ("X-A", "it's")],
                None,
            ),
        ),
        (
            r"curl --header=X-B:\ b --url https://h/ -H 'Accept: text/event-stream' -H 'Host: x'",
            ("https://h/", "GET", &[("X-B", "b")], None),
        ),
        (
            "curl -XPOST https://h/ -H 'content-type: application/json' -d '{\"a\":1}'",
            (
                "https://h/",
                "POST",
                &[("content-type", "application/json")],
                Some(r#"{"a":1}"#),
            ),
        ),
        (
            "curl https://h/ -d a=1 --data-urlencode 'b=x y&z' --data-raw @c",
            ("https://h/", "POST", &[FORM], Some("a=1&b=x+y%26z&@c")),
        ),
        (
            "curl -G https://h/e -d topic=a -d since=b",
            ("https://h/e?topic=a&since=b", "GET", &[], None),
        ),
        (
            "curl --json '{}' https://h/ -X report",
            ("https://h/", "REPORT", &[], Some("{}")),
        ),
        (
            r"curl https://h/ --data-raw $'it\'s \u00e9\n\x41\101' -H 'Content-Type: text/plain'",
            (
                "https://h/",
                "POST",
                &[("Content-Type", "text/plain")],
                Some("it's \u{e9}\nAA"),
            ),
        ),
        (
            "curl -u user:p:w -A agent https://h/ -H 'User-Agent: other' -H 'X-C;' -H 'X-D:'",
            (
                "https://h/",
                "GET",
                &[
                    ("Authorization", "Basic dXNlcjpwOnc="),
                    ("User-Agent", "other"),
                    ("X-C", ""),
                ],
                None,
            ),
        ),
        (
            "curl https://h/ -b 'a=b; c=d' --cookie=e=f",
            ("https://h/", "GET", &[("Cookie", "a=b; c=d; e=f")], None),
        ),
        (
            "curl https://h/ -b a=b -H 'cookie: c=d'",
            ("https://h/", "GET", &[("cookie", "c=d")], None),
        ),
        (
            "curl https://h/ -H 'X-E: $5 `a` $(b)' | jq .",
            ("https://h/", "GET", &[("X-E", "$5 `a` $(b)")], None),
        ),
    ];
    for (text, (url, method, headers, body)) in cases {
        let command = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));

        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        assert_eq!(
            meaning(&command),
            (
                (*url).to_owned(),
                (*method).to_owned(),
                headers,
                body.map(str::to_owned)
            ),
            "{text}"
        );
    }
}

#[test]
fn what_cannot_be_taken_over_is_refused_without_repeating_a_secret() {
    for (text, words) in [
        ("wget https://h/", "no curl command"),
        ("curl", "no URL"),
        ("curl -N", "no URL"),
        ("curl https://a/ https://b/", "more than one"),
        ("curl https://h/ -H", "no value"),
        ("curl https://h/ -H hunter2", "no colon"),
        ("curl https://h/ -H @hunter2", "in a file"),
        ("curl https://h/ -d @hunter2", "in a file"),
        ("curl https://h/ --data-urlencode a@hunter2", "in a file"),
        ("curl https://h/ -b hunter2", "in a file"),
        ("curl https://h/ --cookie=hunter2", "in a file"),
        ("curl https://h/ -u hunter2", "no password"),
        ("curl 'https://h/hunter2", "quote"),
        ("curl \"https://h/hunter2", "quote"),
        (
            "curl https://h/ -H \"Authorization: Bearer $TOKEN\"",
            "shell variable",
        ),
        ("curl https://h/ -H \"X: $(cat hunter2)\"", "shell variable"),
        ("curl `hunter2`", "shell variable"),
        ("curl $'\\xff'", "escape"),
        ("curl $'\\ud800'", "escape"),
    ] {
        let error = parse(text).unwrap_err();

        assert!(error.message.contains(words), "{text}: {}", error.message);
        assert!(!error.message.contains("hunter2"), "{}", error.message);
    }
}

#[test]
fn what_is_left_out_is_named_without_its_value() {
    let command = parse(
        "curl -k https://h/ -o /dev/null --max-time 5 --frobnicate -H 'Last-Event-ID: hunter2' \
         --proxy http://hunter2@p -b s=hunter2 > hunter2",
    )
    .unwrap();

    let said = command.warnings.join("\n");
    for words in [
        "certificates are always checked",
        "-o is left out",
        "--max-time is left out",
        "--frobnicate is not known",
        "Last-Event-ID",
        "--proxy is left out",
        "cookies are taken over",
        "redirection",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains("hunter2"), "{said}");
    assert!(parse("curl -sN https://h/").unwrap().warnings.is_empty());
}

#[test]
fn only_a_command_looks_like_one() {
    assert!(is_command(" curl -N https://h/"));
    assert!(is_command("curl\\\nhttps://h/"));
    assert!(!is_command("curl.example.com/events"));
    assert!(!is_command("https://h/curl "));
    assert!(!is_command("curl"));
}

#[test]
fn a_copied_command_shows_no_secret_and_reads_back_as_the_same_source() {
    let url = Url::parse("https://h/e?topic=it's&token=hunter2").unwrap();
    let mut config = SourceConfig::new("a", url);
    config.method = "POST".to_owned();
    config.body = Some(r#"{"api_key":"hunter2","q":"it's"}"#.to_owned());
    config.ca_cert = Some("/etc/ca.pem".to_owned());

    let text = as_curl(&config, &["Authorization".to_owned()]);

    assert!(!text.contains("hunter2"), "{text}");
    assert!(text.contains("--cacert '/etc/ca.pem'"), "{text}");
    let back = parse(&text).unwrap();
    assert!(back.url.starts_with("https://h/e?topic=it"), "{}", back.url);
    assert_eq!(back.method, "POST");
    assert_eq!(back.headers[0].0, "Authorization");
    assert!(back.body.unwrap().contains("it's"));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*") {
        let _ = parse(&text);
        let _ = parse(&format!("curl {text}"));
    }

    #[test]
    fn anything_made_of_shell_is_read_or_refused(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "'", "\"", "\\", "$'", "\\x", "\\u", "\\0", "\\", "\n", "\r\n", " ", "-H", "-d", "-X",
                "--", "--json", "=", "@", ":", "é", "https://h/", "&", "|", "$", "`", "0", "-u", "-",
            ]),
            0..24,
        )
    ) {
        let _ = parse(&format!("curl {}", parts.concat()));
    }

    #[test]
    fn whatever_is_quoted_for_a_shell_reads_back_whole(text in "[^\r\n\0]{0,60}") {
        let (words, cut) = split(&format!("curl {}", quoted(&text))).unwrap();

        prop_assert!(!cut);
        prop_assert_eq!(words, vec!["curl".to_owned(), text]);
    }
}
