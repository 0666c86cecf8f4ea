//! The state of a source's connection, as people see it. Trouble of a connection is state, not
//! error: each cause has a code the window switches on and one sentence for people.

use std::{net::IpAddr, sync::Arc};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::{
    diagnose::Log,
    ipc::Millis,
    model::SourceId,
    update::{Fact, Facts},
};

/// Where a source's connection stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SourceState {
    /// Nothing runs it: it is disabled, or only its settings are being read.
    Paused,
    /// A request is under way.
    Connecting {
        /// Which try this is since the last live stream, from 1.
        attempt: u32,
    },
    /// The server answered with an event stream.
    Live {
        /// Since when.
        since: Millis,
        /// When the last byte came, comments included.
        last_byte: Millis,
    },
    /// The next try is due at a known moment.
    Waiting {
        /// Which try comes next, from 1.
        attempt: u32,
        /// When it starts: the very delay that is slept.
        until: Millis,
        /// Why the last one ended.
        cause: Cause,
    },
    /// No further try without a person.
    Stopped {
        /// Since when.
        since: Millis,
        /// Why.
        cause: Cause,
    },
}

/// Where a connection writes its state: the present one to read, each change as a fact.
#[derive(Debug)]
pub struct StateCell {
    source: SourceId,
    state: watch::Sender<SourceState>,
    local: watch::Sender<Option<IpAddr>>,
    facts: Facts,
    log: Option<Arc<Log>>,
}

impl StateCell {
    /// A cell that starts as paused.
    pub fn new(source: SourceId, facts: Facts) -> Self {
        Self {
            source,
            state: watch::Sender::new(SourceState::Paused),
            local: watch::Sender::new(None),
            facts,
            log: None,
        }
    }

    /// Keeps what happens for diagnosis, too.
    #[must_use]
    pub fn logged(mut self, log: Arc<Log>) -> Self {
        self.log = Some(log);
        self
    }

    /// Where what happens is kept for diagnosis, if anywhere.
    pub fn log(&self) -> Option<&Log> {
        self.log.as_deref()
    }

    /// A reader of the present state.
    pub fn reader(&self) -> watch::Receiver<SourceState> {
        self.state.subscribe()
    }

    /// A reader of the address of this machine it is connected from.
    pub fn local_reader(&self) -> watch::Receiver<Option<IpAddr>> {
        self.local.subscribe()
    }

    /// Notes the address of this machine it is connected from.
    pub fn set_local(&self, address: Option<IpAddr>) {
        self.local.send_replace(address);
    }

    /// Enters a state.
    pub fn set(&self, state: SourceState) {
        if let Some(log) = &self.log {
            log.enter(&state);
        }
        self.state.send_replace(state.clone());
        // Nobody may be listening.
        let _ = self.facts.send(Fact::State(self.source, state));
    }
}

/// Why a connection ended or was never made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Cause {
    /// What a program switches on.
    pub code: CauseCode,
    /// One English sentence: lower-case, no full stop, no secret.
    pub message: String,
    /// HTTP status, where there was one.
    pub status: Option<u16>,
}

/// The kinds of connection trouble. Every one has words in `ui/i18n` in each language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum CauseCode {
    /// The host's name could not be resolved.
    Dns,
    /// Nobody listens at the port.
    Refused,
    /// No route, or no answer to the connection within 10 s.
    Unreachable,
    /// No response head within 30 s.
    HeaderTimeout,
    /// The TLS handshake failed: wrong, expired or unknown certificate.
    Tls,
    /// The connection broke while in use.
    Broken,
    /// The server ended the response: usual between deployments.
    Closed,
    /// Nothing came for longer than the stream's own rhythm allows.
    Idle,
    /// 204: the server asks to stop.
    ServerStop,
    /// 401 or 407: credentials are missing or wrong.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 404 or 410.
    NotFound,
    /// 408, 425, 429.
    TryLater,
    /// 5xx.
    ServerError,
    /// Any other status.
    UnexpectedStatus,
    /// A 200 whose media type is not `text/event-stream`: a login page, a proxy, a portal.
    NotEventStream,
    /// The body is compressed though nothing was offered.
    ContentEncoding,
    /// A redirect to another origin, or from https to http.
    RedirectRefused,
    /// A redirect without a usable target, or too many of them.
    BadRedirect,
    /// A secret would travel over cleartext http.
    CleartextSecret,
    /// A certificate file or option of the source cannot be used.
    BadOption,
    /// The response breaks HTTP.
    Protocol,
    /// What came before cannot be stored now, so nothing more is asked for.
    NotStored,
    /// A defect in Tidings ended the task; it is started again.
    Internal,
}

impl CauseCode {
    /// Every cause, for the test that each has its words.
    pub const ALL: [Self; 24] = [
        Self::Dns,
        Self::Refused,
        Self::Unreachable,
        Self::HeaderTimeout,
        Self::Tls,
        Self::Broken,
        Self::Closed,
        Self::Idle,
        Self::ServerStop,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::TryLater,
        Self::ServerError,
        Self::UnexpectedStatus,
        Self::NotEventStream,
        Self::ContentEncoding,
        Self::RedirectRefused,
        Self::BadRedirect,
        Self::CleartextSecret,
        Self::BadOption,
        Self::Protocol,
        Self::NotStored,
        Self::Internal,
    ];
}

impl Cause {
    /// A cause with no HTTP status.
    pub fn new(code: CauseCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            status: None,
        }
    }
}
