//! A `curl` command as a description of a source, and a source as a `curl` command.
//!
//! Pure. Nothing is run, no file is read, no variable is filled in; what is not taken over is
//! named.

use url::form_urlencoded;

use super::SourceConfig;
use crate::{
    error::{Code, Error, OptionField, Result},
    secrets::{Headers, Secret, basic, query_name, redact, set_parameter},
};

#[cfg(test)]
mod tests;
mod words;

use words::{is_curl, split};

/// Options without an argument that make no difference here.
const IGNORED: [&str; 17] = [
    "-N",
    "--no-buffer",
    "-s",
    "--silent",
    "-S",
    "--show-error",
    "-L",
    "--location",
    "--compressed",
    "-v",
    "--verbose",
    "-i",
    "--include",
    "-f",
    "--fail",
    "-#",
    "--http1.1",
];

/// Options with an argument that are not taken over, so that it is not mistaken for the URL.
const WITH_ARGUMENT: [&str; 41] = [
    "-o",
    "--output",
    "-x",
    "--proxy",
    "-U",
    "--proxy-user",
    "-e",
    "--referer",
    "-m",
    "--max-time",
    "--connect-timeout",
    "--cacert",
    "--capath",
    "-E",
    "--cert",
    "--key",
    "--cert-type",
    "--key-type",
    "--pass",
    "-c",
    "--cookie-jar",
    "-w",
    "--write-out",
    "-D",
    "--dump-header",
    "-T",
    "--upload-file",
    "-F",
    "--form",
    "--retry",
    "--retry-delay",
    "--max-redirs",
    "--resolve",
    "--interface",
    "-r",
    "--range",
    "-K",
    "--config",
    "--unix-socket",
    "--ciphers",
    "--limit-rate",
];

/// Headers that the connection sends by itself.
const OURS: [&str; 9] = [
    "host",
    "connection",
    "accept-encoding",
    "content-length",
    "last-event-id",
    "cache-control",
    "keep-alive",
    "te",
    "upgrade",
];

/// What a `curl` command says about a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CurlCommand {
    /// Where to connect, as written.
    pub url: String,
    /// Method; GET where the command sends no body and names none.
    pub method: String,
    /// Headers in the order written, credentials included; secrets all.
    pub headers: Headers,
    /// Request body.
    pub body: Option<String>,
    /// What was not taken over, in words, never with its value.
    pub warnings: Vec<String>,
}

/// Whether a text looks like a `curl` command rather than a URL.
pub fn is_command(text: &str) -> bool {
    is_curl(text)
}

/// Reads a command as a POSIX shell and `curl` would, `$'..'` included.
///
/// # Errors
/// `InvalidUrl` without exactly one URL, `InvalidOption` for what cannot be taken over without
/// changing what the command does. No message holds a value of the command.
pub fn parse(text: &str) -> Result<CurlCommand> {
    let (words, cut) = split(text)?;
    let mut words = words.into_iter();
    if words.next().is_none_or(|word| word != "curl") {
        return Err(refused("this is no curl command; it starts with: curl"));
    }
    let mut reader = Reader::default();
    if cut {
        reader.warn("what follows the command (a pipe or a redirection) is left out");
    }
    while let Some(word) = words.next() {
        if let Some(long) = word.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (format!("--{name}"), Some(value.to_owned())),
                None => (word, None),
            };
            reader.option(&name, value, &mut words)?;
        } else if word.len() > 1 && word.starts_with('-') {
            reader.short(&word, &mut words)?;
        } else {
            reader.urls.push(word);
        }
    }
    reader.finish()
}

fn refused(words: &str) -> Error {
    Error::option(OptionField::Command, words)
}

/// A command while it is read.
#[derive(Default)]
struct Reader {
    urls: Vec<String>,
    method: Option<String>,
    headers: Headers,
    cookies: Vec<String>,
    data: Vec<String>,
    is_json: bool,
    in_query: bool,
    warnings: Vec<String>,
}

impl Reader {
    fn warn(&mut self, words: impl Into<String>) {
        let words = words.into();
        if !self.warnings.contains(&words) {
            self.warnings.push(words);
        }
    }

    /// Short options stand together (`-sN`); an argument may follow at once (`-XPOST`).
    fn short(&mut self, word: &str, words: &mut impl Iterator<Item = String>) -> Result<()> {
        let mut rest = word.strip_prefix('-').unwrap_or_default();
        while let Some(letter) = rest.chars().next() {
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
            let name = format!("-{letter}");
            if takes_argument(&name) {
                let glued = (!rest.is_empty()).then(|| rest.to_owned());
                return self.option(&name, glued, words);
            }
            self.option(&name, None, words)?;
        }
        Ok(())
    }

    fn option(
        &mut self,
        name: &str,
        glued: Option<String>,
        words: &mut impl Iterator<Item = String>,
    ) -> Result<()> {
        if !takes_argument(name) {
            match name {
                "-G" | "--get" => self.in_query = true,
                "-k" | "--insecure" => self.warn(
                    "-k is not taken over: certificates are always checked; give the source its \
                     CA certificate instead",
                ),
                _ if IGNORED.contains(&name) => {}
                // An unknown name may be a value pasted into the wrong place: at most its start.
                _ => self.warn(format!(
                    "the option {} is not known and left out",
                    name.chars().take(24).collect::<String>()
                )),
            }
            return Ok(());
        }
        let value = glued
            .or_else(|| words.next())
            .ok_or_else(|| refused("the last option of the command has no value"))?;
        match name {
            "--url" => self.urls.push(value),
            "-X" | "--request" => self.method = Some(value.to_ascii_uppercase()),
            "-H" | "--header" => self.header(&value)?,
            "-A" | "--user-agent" => self.set("User-Agent", Secret::new(value)),
            "--oauth2-bearer" => self.set("Authorization", Secret::new(format!("Bearer {value}"))),
            "-u" | "--user" => {
                let (user, password) = value
                    .split_once(':')
                    .ok_or_else(|| refused("-u names no password; write it as user:password"))?;
                self.set("Authorization", basic(user, password));
            }
            "-d" | "--data" | "--data-ascii" | "--data-binary" => {
                if value.starts_with('@') {
                    return Err(refused(
                        "the body of the command is in a file; write it into the command",
                    ));
                }
                self.data.push(value);
            }
            "--data-raw" => self.data.push(value),
            "--data-urlencode" => self.data.push(url_encoded(&value)?),
            "--json" => {
                self.is_json = true;
                self.data.push(value);
            }
            // curl: what has no equals sign names a file.
            "-b" | "--cookie" if !value.contains('=') => {
                return Err(refused(
                    "the cookies of the command are in a file; write them into the command as \
                     -b 'name=value'",
                ));
            }
            "-b" | "--cookie" => {
                self.cookies.push(value);
                self.warn(
                    "cookies are taken over as they are; they may expire soon, and no new ones \
                     are stored",
                );
            }
            _ => self.warn(format!("the option {name} is left out")),
        }
        Ok(())
    }

    fn header(&mut self, line: &str) -> Result<()> {
        if line.starts_with('@') {
            return Err(refused(
                "the headers of the command are in a file; write them into the command",
            ));
        }
        let (name, value) = match line.split_once(':') {
            // curl: a name with nothing after the colon takes a header of its own away.
            Some((_, value)) if value.trim().is_empty() => return Ok(()),
            Some((name, value)) => (name.trim(), value.trim()),
            None => match line.strip_suffix(';') {
                Some(name) => (name.trim(), ""),
                None => return Err(refused("a header of the command has no colon")),
            },
        };
        let lower = name.to_ascii_lowercase();
        let is_stream = lower == "accept" && value.eq_ignore_ascii_case("text/event-stream");
        if lower == "last-event-id" {
            self.warn("Last-Event-ID is left out: Tidings goes on after the last stored event");
        } else if !OURS.contains(&&*lower) && !is_stream {
            self.set(name, Secret::new(value.to_owned()));
        }
        Ok(())
    }

    /// The last one of a name counts.
    fn set(&mut self, name: &str, value: Secret) {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value));
    }

    fn has(&self, name: &str) -> bool {
        let mut names = self.headers.iter().map(|(known, _)| known);
        names.any(|known| known.eq_ignore_ascii_case(name))
    }

    fn finish(mut self) -> Result<CurlCommand> {
        let mut urls = self.urls.drain(..);
        let (Some(mut url), None) = (urls.next(), urls.next()) else {
            return Err(Error::new(
                Code::InvalidUrl,
                "the command names no URL, or more than one; leave exactly one",
            ));
        };
        drop(urls);
        let mut body = (!self.data.is_empty()).then(|| {
            let joint = if self.is_json { "" } else { "&" };
            self.data.join(joint)
        });
        if self.in_query
            && let Some(data) = body.take()
        {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&data);
        }
        // A header of that name wins in curl, too.
        if !self.cookies.is_empty() && !self.has("cookie") {
            let cookies = self.cookies.join("; ");
            self.set("Cookie", Secret::new(cookies));
        }
        // What curl itself would send with a body.
        let form = body.is_some() && !self.is_json && !self.has("content-type");
        if form {
            let form = "application/x-www-form-urlencoded".to_owned();
            self.set("Content-Type", Secret::new(form));
        }
        let by_itself = if body.is_some() { "POST" } else { "GET" };
        Ok(CurlCommand {
            url,
            method: self.method.unwrap_or_else(|| by_itself.to_owned()),
            headers: self.headers,
            body,
            warnings: self.warnings,
        })
    }
}

fn takes_argument(name: &str) -> bool {
    const TAKEN_OVER: [&str; 19] = [
        "--url",
        "-X",
        "--request",
        "-H",
        "--header",
        "-A",
        "--user-agent",
        "--oauth2-bearer",
        "-u",
        "--user",
        "-d",
        "--data",
        "--data-ascii",
        "--data-binary",
        "--data-raw",
        "--data-urlencode",
        "--json",
        "-b",
        "--cookie",
    ];
    TAKEN_OVER.contains(&name) || WITH_ARGUMENT.contains(&name)
}

/// `content`, `=content` or `name=content`; the content goes out percent-encoded.
fn url_encoded(value: &str) -> Result<String> {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    match value.split_once('=') {
        Some(("", content)) => Ok(encode(content)),
        Some((name, content)) => Ok(format!("{name}={}", encode(content))),
        None if value.contains('@') => Err(refused(
            "the body of the command is in a file; write it into the command",
        )),
        None => Ok(encode(value)),
    }
}

/// A source as a command to copy. Header values are no part of it: each is a placeholder, and so
/// is whatever in URL and body sounds like a secret.
pub fn as_curl(config: &SourceConfig, header_names: &[String]) -> String {
    let mut command = "curl -N".to_owned();
    let mut add = |option: &str, value: &str| {
        command.push(' ');
        command.push_str(option);
        command.push_str(&quoted(value));
    };
    if config.method != "GET" {
        add("-X ", &config.method);
    }
    add("-H ", "Accept: text/event-stream");
    let mut url = config.url.clone();
    for name in header_names {
        if let Some(name) = query_name(name) {
            set_parameter(&mut url, name, "saved");
            continue;
        }
        add("-H ", &format!("{name}: <saved, not shown>"));
    }
    let names_type = header_names
        .iter()
        .any(|name| name.eq_ignore_ascii_case("content-type"));
    if let Some(body) = &config.body {
        if !names_type {
            add("-H ", "Content-Type: application/json; charset=utf-8");
        }
        add("--data-raw ", &redact(body));
    }
    for (option, value) in [
        ("--cacert ", config.ca_cert.as_deref()),
        ("--cert ", config.client_cert.as_deref()),
        ("--key ", config.client_key.as_deref()),
        ("--proxy ", config.proxy.as_ref().map(url::Url::as_str)),
    ] {
        if let Some(value) = value {
            add(option, value);
        }
    }
    add("", &redact(url.as_str()));
    command
}

/// In single quotes, as every POSIX shell reads it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
