//! What is asked of the server: URL, method, headers with their secrets, and where to go on.

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use url::Url;

use crate::{
    model::EventId,
    secrets::{Secret, query_name, set_parameter},
    source::{Cause, CauseCode, Resume, SourceConfig},
};

/// Longest event ID that is sent back, in bytes of UTF-8.
const CURSOR_MAX: usize = 8 * 1024;

/// One request for an event stream.
#[derive(Debug, Clone)]
pub struct StreamRequest {
    /// Where to connect.
    pub url: Url,
    /// GET, POST or REPORT.
    pub method: Method,
    /// Every header; values that came from the secrets store are marked sensitive.
    pub headers: HeaderMap,
    /// Sent again at every reconnect and same-origin redirect.
    pub body: Option<String>,
    /// Whether it carries anything a foreign server must not see.
    pub has_credentials: bool,
    /// Data of one event beyond this many bytes is cut.
    pub max_event_bytes: usize,
    /// The last event ID this connection starts with; empty for none.
    pub last_event_id: EventId,
}

impl StreamRequest {
    /// The request of a source.
    ///
    /// # Errors
    /// A cause that no retry mends: a secret over cleartext http without consent, or a header
    /// that HTTP cannot carry.
    pub fn new(
        config: &SourceConfig,
        mut url: Url,
        secrets: &[(String, Secret)],
        last_event_id: EventId,
    ) -> Result<Self, Cause> {
        if !secrets.is_empty() && config.is_cleartext() && !config.allow_cleartext_secrets {
            return Err(Cause::new(
                CauseCode::CleartextSecret,
                "a secret would travel unencrypted over http; use https, or allow it for this source",
            ));
        }
        let method = Method::from_bytes(config.method.as_bytes())
            .map_err(|_| Cause::new(CauseCode::BadOption, "the method is not one HTTP knows"))?;
        let mut headers = HeaderMap::new();
        headers.insert(
            header::ACCEPT,
            HeaderValue::from_static("text/event-stream"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if config.body.is_some() {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json; charset=utf-8"),
            );
        }
        for (name, value) in secrets {
            if let Some(name) = query_name(name) {
                set_parameter(&mut url, name, value.expose());
                continue;
            }
            let bad = || Cause::new(CauseCode::BadOption, format!("header {name} is not valid"));
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
            let mut value =
                HeaderValue::from_bytes(value.expose().as_bytes()).map_err(|_| bad())?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        let mut request = Self {
            url,
            method,
            headers,
            body: config.body.clone(),
            has_credentials: !secrets.is_empty() || config.client_cert.is_some(),
            max_event_bytes: config.max_event_bytes,
            last_event_id,
        };
        request.add_cursor(&config.resume);
        Ok(request)
    }

    /// Whether the server is told where to go on: only then what comes first may be a replay.
    pub fn sends_cursor(&self) -> bool {
        is_sendable(&self.last_event_id)
    }

    fn add_cursor(&mut self, resume: &Resume) {
        if !self.sends_cursor() {
            return;
        }
        let id = self.last_event_id.as_str();
        match resume {
            Resume::Header => {
                if let Ok(value) = HeaderValue::from_bytes(id.as_bytes()) {
                    self.headers.insert("last-event-id", value);
                }
            }
            Resume::Query(name) => set_parameter(&mut self.url, name, id),
        }
    }
}

/// An ID goes out as its UTF-8 bytes up to 8 KiB; one with control characters is kept, never sent.
fn is_sendable(id: &EventId) -> bool {
    let id = id.as_str();
    !id.is_empty() && id.len() <= CURSOR_MAX && !id.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(config: &SourceConfig, secrets: &[(String, Secret)], id: &str) -> StreamRequest {
        StreamRequest::new(config, config.url.clone(), secrets, id.into()).unwrap()
    }

    #[test]
    fn an_id_goes_out_as_its_bytes_unless_it_has_control_characters() {
        let config = SourceConfig::new("a", Url::parse("https://h/e").unwrap());

        let korean = request(&config, &[], "사건-7");
        let control = request(&config, &[], "a\tb");
        let long = request(&config, &[], &"x".repeat(CURSOR_MAX + 1));

        assert_eq!(
            korean.headers["last-event-id"].as_bytes(),
            "사건-7".as_bytes()
        );
        assert!(!control.headers.contains_key("last-event-id"));
        assert!(!long.headers.contains_key("last-event-id"));
        assert_eq!(control.last_event_id.as_str(), "a\tb");
    }

    #[test]
    fn a_cursor_can_go_out_as_a_query_parameter() {
        let mut config =
            SourceConfig::new("a", Url::parse("https://h/e?topic=a&since=old").unwrap());
        config.resume = Resume::Query("since".to_owned());

        let resumed = request(&config, &[], "a b&c");

        assert_eq!(resumed.url.query(), Some("topic=a&since=a+b%26c"));
        assert!(!resumed.headers.contains_key("last-event-id"));
    }

    #[test]
    fn a_secret_over_cleartext_http_is_refused_without_consent() {
        let mut config = SourceConfig::new("a", Url::parse("http://example.com/e").unwrap());
        let secrets = [(
            "Authorization".to_owned(),
            Secret::new("Bearer x".to_owned()),
        )];

        let refused = StreamRequest::new(&config, config.url.clone(), &secrets, EventId::default());
        let in_query = [("?token".to_owned(), Secret::new("a b".to_owned()))];
        let query = StreamRequest::new(&config, config.url.clone(), &in_query, EventId::default());
        config.allow_cleartext_secrets = true;
        let allowed = request(&config, &secrets, "");
        config.url = Url::parse("http://127.0.0.1:1/e").unwrap();
        config.allow_cleartext_secrets = false;
        let loopback = request(&config, &secrets, "");

        assert_eq!(refused.unwrap_err().code, CauseCode::CleartextSecret);
        assert_eq!(query.unwrap_err().code, CauseCode::CleartextSecret);
        let query = request(&config, &in_query, "");
        assert_eq!(query.url.query(), Some("token=a+b"));
        assert!(query.has_credentials);
        assert!(allowed.headers["authorization"].is_sensitive());
        assert!(loopback.has_credentials);
    }
}
