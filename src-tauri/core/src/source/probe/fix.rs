//! What a person can do about each cause of a failed connection, one sentence each.

use crate::source::{Cause, CauseCode};

/// What to do: lower-case, no full stop.
pub(super) fn fix(cause: &Cause, has_headers: bool, is_proxied: bool) -> &'static str {
    match cause.code {
        CauseCode::Dns => {
            "check the host name for typing errors; an internal name may need the VPN"
        }
        CauseCode::Refused if is_proxied => "check that the proxy runs, and its host and port",
        CauseCode::Refused => "check that the server runs, and the host and port of the URL",
        CauseCode::Unreachable if is_proxied => {
            "check that the proxy lets you through to this server"
        }
        CauseCode::Unreachable => "check the network, the VPN and any firewall in between",
        CauseCode::HeaderTimeout => {
            "check the path of the URL; a server must send its response head before the first \
             event"
        }
        CauseCode::Tls => {
            "check the host name and the server's certificate; for a private authority give the \
             source its CA certificate as a file"
        }
        CauseCode::Broken | CauseCode::NotStored | CauseCode::Internal => {
            "try again; a proxy or firewall may interfere"
        }
        CauseCode::Closed | CauseCode::Idle => {
            "the server or a proxy ends the stream at once; look into its log"
        }
        CauseCode::ServerStop => {
            "check the URL; the server says that there is nothing to wait for here"
        }
        CauseCode::Unauthorized if cause.status == Some(407) => {
            "use a proxy that wants no password"
        }
        CauseCode::Unauthorized if has_headers => {
            "replace the token or password: it is wrong or has expired"
        }
        CauseCode::Unauthorized => {
            "add the credentials, such as a header Authorization: Bearer with your token"
        }
        CauseCode::Forbidden if has_headers => {
            "ask for access: the server knows these credentials and does not allow it"
        }
        CauseCode::Forbidden => "add the credentials the server wants, or ask for access",
        CauseCode::NotFound => "check the path of the URL",
        CauseCode::TryLater => "wait a while: the server limits how often it is asked",
        CauseCode::ServerError => {
            "look into the server's log; a gateway in front of it may have lost it"
        }
        CauseCode::UnexpectedStatus => "check the path, the method and the body of the request",
        CauseCode::NotEventStream => {
            "open the URL in a browser: sign in if a login page or the network's portal shows, \
             else check the path"
        }
        CauseCode::ContentEncoding => {
            "switch compression of text/event-stream off in the server or the proxy before it"
        }
        CauseCode::RedirectRefused | CauseCode::BadRedirect => {
            "use the URL the server redirects to, if you trust it"
        }
        CauseCode::CleartextSecret => "use https, or allow it for this source",
        CauseCode::BadOption => "correct the option",
        CauseCode::Protocol => {
            "check the port; if it speaks https, write https:// in front of the host"
        }
    }
}
