//! One connection to a server: bytes become frames (WHATWG HTML, chapter 9.2).
//!
//! * [`request`]: what is asked of the server, secrets included.
//! * [`transport`]: HTTP: redirects, credentials, TLS, timeouts, what counts as a stream.
//! * [`names`]: where the host names of redirects may lead.
//! * [`trouble`]: why HTTP failed, in words.
//! * [`wire`]: the byte filter in front of eventsource-client's parser.
//! * [`stream`]: transport, filter and parser as one stream of items.
//!
//! Reconnecting is not here: one [`stream::EventStream`] is one connection (see `source`).

pub mod names;
pub mod request;
pub mod stream;
pub mod transport;
pub mod trouble;
pub mod wire;
