//! Why HTTP failed, in words: errors of reqwest and answers that are no event stream become a
//! [`Cause`] with the fix in its sentence.

use std::{error::Error as StdError, io, time::Duration};

use http::{HeaderMap, StatusCode, header};

use crate::{
    model::Timestamp,
    source::{Cause, CauseCode},
};

/// The longest a server's `Retry-After` is honoured.
const RETRY_AFTER_MAX: Duration = Duration::from_hours(1);

/// A request that brought no stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", cause.message)]
pub struct Refusal {
    /// Why.
    pub cause: Cause,
    /// How long the server asks to wait.
    pub retry_after: Option<Duration>,
}

impl From<Cause> for Refusal {
    fn from(cause: Cause) -> Self {
        Self {
            cause,
            retry_after: None,
        }
    }
}

/// What an error of reqwest means for a person.
pub fn cause_of(error: &reqwest::Error) -> Cause {
    if let Some(refusal) = find::<Refusal>(error) {
        return refusal.cause.clone();
    }
    if let Some(tls) = find::<rustls::Error>(error) {
        return Cause::new(CauseCode::Tls, tls_words(tls));
    }
    if let Some(cause) = find::<io::Error>(error).and_then(cause_of_io) {
        return cause;
    }
    let deepest = deepest_words(error);
    if mentions(error, "dns error") {
        return Cause::new(
            CauseCode::Dns,
            format!("the host name could not be resolved ({deepest})"),
        );
    }
    if error.is_connect() && error.is_timeout() {
        return Cause::new(CauseCode::Unreachable, "no connection within 10 s");
    }
    if error.is_connect() {
        return Cause::new(CauseCode::Unreachable, format!("no connection ({deepest})"));
    }
    // hyper's parser says what it dislikes in these words and in these kinds of I/O errors.
    if matches!(
        find::<io::Error>(error).map(io::Error::kind),
        Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)
    ) || [
        "invalid HTTP",
        "invalid content-length",
        "message head is too large",
    ]
    .iter()
    .any(|words| mentions(error, words))
    {
        return Cause::new(
            CauseCode::Protocol,
            format!("the answer breaks HTTP ({deepest})"),
        );
    }
    Cause::new(
        CauseCode::Broken,
        format!("the connection broke ({deepest})"),
    )
}

/// What an error of a socket means for a person, where its kind says it all.
pub fn cause_of_io(error: &io::Error) -> Option<Cause> {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::ConnectionRefused => Some(Cause::new(
            CauseCode::Refused,
            "nobody listens at that host and port",
        )),
        Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown => Some(Cause::new(
            CauseCode::Unreachable,
            "the network or host cannot be reached",
        )),
        _ => None,
    }
}

/// What an answer without a stream means for a person.
pub fn refusal_of(status: StatusCode, headers: &HeaderMap, now: Timestamp) -> Refusal {
    let number = status.as_u16();
    let (code, message) = match number {
        204 => (
            CauseCode::ServerStop,
            "the server asks to stop (204)".to_owned(),
        ),
        401 => (
            CauseCode::Unauthorized,
            "the server refuses the credentials (401)".to_owned(),
        ),
        407 => (
            CauseCode::Unauthorized,
            "the proxy wants credentials (407)".to_owned(),
        ),
        403 => (
            CauseCode::Forbidden,
            "the server forbids this (403)".to_owned(),
        ),
        404 | 410 => (
            CauseCode::NotFound,
            format!("there is no stream at this address ({number})"),
        ),
        408 | 425 | 429 => (
            CauseCode::TryLater,
            format!("the server asks to wait ({number})"),
        ),
        500..=599 => (
            CauseCode::ServerError,
            format!("the server has a problem ({number})"),
        ),
        _ => (
            CauseCode::UnexpectedStatus,
            format!("unexpected status {number}"),
        ),
    };
    let retry_after = headers
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| retry_after(value, now));
    Refusal {
        cause: Cause {
            code,
            message,
            status: Some(number),
        },
        retry_after,
    }
}

/// Reads `Retry-After` (RFC 9110, section 10.2.3): seconds or a date, at most one hour.
fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = value.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(RETRY_AFTER_MAX));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let date = Timestamp::try_from(date).ok()?;
    let wait = Duration::try_from(date.duration_since(now)).unwrap_or_default();
    Some(wait.min(RETRY_AFTER_MAX))
}

fn tls_words(error: &rustls::Error) -> String {
    use rustls::CertificateError as Bad;
    match error {
        rustls::Error::InvalidCertificate(bad) => match bad {
            Bad::Expired | Bad::ExpiredContext { .. } => {
                "the server's certificate has expired".to_owned()
            }
            Bad::NotValidYet | Bad::NotValidYetContext { .. } => {
                "the server's certificate is not valid yet; check this computer's clock".to_owned()
            }
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => {
                "the server's certificate is for another host name".to_owned()
            }
            Bad::UnknownIssuer => "the server's certificate is signed by an unknown authority; \
                                   give the source its CA certificate"
                .to_owned(),
            Bad::BadSignature => "the server's certificate is signed by another authority than \
                                  the source's CA certificate; give the source the new one"
                .to_owned(),
            Bad::Revoked => "the server's certificate was revoked".to_owned(),
            Bad::UnsupportedSignatureAlgorithmContext { .. }
            | Bad::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
                "the server's certificate is signed in a way that is not safe any more, such as \
                 with SHA-1; the server needs a new one"
                    .to_owned()
            }
            other => format!("the server's certificate is not valid ({other})"),
        },
        rustls::Error::AlertReceived(rustls::AlertDescription::ProtocolVersion)
        | rustls::Error::PeerIncompatible(
            rustls::PeerIncompatible::ServerDoesNotSupportTls12Or13
            | rustls::PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => "the server speaks TLS 1.1 or older only, which is not safe; it needs TLS 1.2 or 1.3"
            .to_owned(),
        rustls::Error::InvalidMessage(_) => {
            "the server does not speak TLS at this port; try http:// or another port".to_owned()
        }
        other => format!("no secure connection ({other})"),
    }
}

/// The first error of this type in the chain, also inside `io::Error`s that wrap another.
fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        if let Some(inner) = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
            && let Some(found) = find::<E>(inner as &(dyn StdError + 'static))
        {
            return Some(found);
        }
        next = error.source();
    }
    None
}

fn mentions(error: &dyn StdError, words: &str) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.to_string().contains(words) {
            return true;
        }
        next = error.source();
    }
    false
}

/// The words at the bottom of the chain; no URL is in them.
fn deepest_words(error: &dyn StdError) -> String {
    let mut deepest = error;
    while let Some(next) = deepest.source() {
        deepest = next;
    }
    deepest.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_as_seconds_or_date_and_never_beyond_an_hour() {
        let now: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        for (value, expected) in [
            ("3", Some(3)),
            ("0", Some(0)),
            ("99999999999999999999999", Some(3600)),
            ("Mon, 23 Nov 2026 12:00:10 GMT", Some(10)),
            ("Wed, 21 Oct 2099 07:28:00 GMT", Some(3600)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(
                retry_after(value, now),
                expected.map(Duration::from_secs),
                "{value}"
            );
        }
    }
}
