//! The byte filter in front of eventsource-client's parser: it makes every line one the parser
//! reads as the standard says (WHATWG HTML 9.2.5 and 9.2.6), bounds what one event may hold, and
//! owns the last event ID and the reconnection time, which the parser loses.
//!
//! Pure: bytes in, bytes and facts out. A clean chunk passes without a copy; every byte is looked
//! at once, however the chunks are cut.

use std::{borrow::Cow, collections::VecDeque, mem, time::Duration};

use bytes::Bytes;
use memchr::{memchr, memchr2};

use crate::model::EventId;

/// What the parser must read before anything else: with an ID set, no block can look empty to it
/// and end the connection (eventsource-client 0.18 answers such a block with an error).
pub const PRELUDE: &[u8] = b"id:\n\n";

/// Longest comment kept for diagnosis, in bytes.
const COMMENT_MAX: usize = 1024;
/// Room for a field name beside a value of the largest size.
const NAME_ROOM: usize = 16;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// What the filter learned, in stream order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// The parser dispatches one event for this block.
    Event {
        /// The ID of the block itself.
        own_id: Option<EventId>,
        /// The last event ID string after it.
        last_event_id: EventId,
        /// Whether data beyond the limit was cut off.
        truncated: bool,
    },
    /// A block without data set the last event ID.
    Cursor(EventId),
    /// A comment line, lossily decoded and cut to 1 KiB.
    Comment(String),
}

/// The block being read.
#[derive(Debug, Default)]
struct Block {
    own_id: Option<EventId>,
    has_data: bool,
    data_bytes: usize,
    truncated: bool,
}

/// What becomes of one line.
enum Line<'a> {
    Pass,
    Replace(Cow<'a, [u8]>),
    Drop,
}

/// The filter of one connection.
#[derive(Debug)]
pub struct WireFilter {
    /// Most bytes of data one event may hold.
    limit: usize,
    /// The start of a line whose end has not come yet; at most `limit + NAME_ROOM` bytes.
    carry: Vec<u8>,
    /// Whether a CR ended the last chunk: an LF right after it belongs to it.
    after_cr: bool,
    /// Whether no line has been read yet: only here a BOM is one.
    at_start: bool,
    block: Block,
    last_event_id: EventId,
    reconnection_time: Option<Duration>,
    facts: VecDeque<Fact>,
}

impl WireFilter {
    /// A filter for a connection that starts with this last event ID and keeps at most `limit`
    /// bytes of data for each event.
    pub fn new(last_event_id: EventId, limit: usize) -> Self {
        Self {
            limit,
            carry: Vec::new(),
            after_cr: false,
            at_start: true,
            block: Block::default(),
            last_event_id,
            reconnection_time: None,
            facts: VecDeque::new(),
        }
    }

    /// The server's reconnection time, once it sent a valid `retry` field (9.2.6).
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.reconnection_time
    }

    /// The oldest fact not taken yet.
    pub fn front(&self) -> Option<&Fact> {
        self.facts.front()
    }

    /// Takes the oldest fact.
    pub fn pop(&mut self) -> Option<Fact> {
        self.facts.pop_front()
    }

    /// Filters one chunk; what it returns goes to the parser, in this order, LF-terminated.
    pub fn push(&mut self, chunk: &Bytes) -> Bytes {
        let mut out: Vec<u8> = Vec::new();
        let mut pos = 0;
        if mem::take(&mut self.after_cr) && chunk.first() == Some(&b'\n') {
            pos = 1;
        }
        // Bytes from here to `pos` are clean and wait to be passed on in one piece.
        let mut clean = pos;
        while let Some(length) = chunk
            .get(pos..)
            .and_then(|rest| memchr2(b'\n', b'\r', rest))
        {
            let end = pos + length;
            let line = chunk.get(pos..end).unwrap_or_default();
            let is_cr = chunk.get(end) == Some(&b'\r');
            let mut next = end + 1;
            if is_cr {
                match chunk.get(next) {
                    Some(b'\n') => next += 1,
                    Some(_) => {}
                    None => self.after_cr = true,
                }
            }
            if self.carry.is_empty() {
                let verdict = self.read_line(line);
                if !matches!(verdict, Line::Pass) || is_cr {
                    out.extend_from_slice(chunk.get(clean..pos).unwrap_or_default());
                    match verdict {
                        Line::Pass => out.extend_from_slice(line),
                        Line::Replace(other) => out.extend_from_slice(&other),
                        Line::Drop => {
                            clean = next;
                            pos = next;
                            continue;
                        }
                    }
                    // The parser is shown LF only: its own pairing of CR and LF goes wrong where
                    // a line between them was dropped.
                    out.push(b'\n');
                    clean = next;
                }
            } else {
                self.keep(line);
                let mut whole = mem::take(&mut self.carry);
                match self.read_line(&whole) {
                    Line::Pass => {
                        whole.push(b'\n');
                        append(&mut out, whole);
                    }
                    Line::Replace(other) => {
                        out.extend_from_slice(&other);
                        out.push(b'\n');
                    }
                    Line::Drop => {}
                }
                clean = next;
            }
            pos = next;
        }
        self.keep(chunk.get(pos..).unwrap_or_default());
        if out.is_empty() {
            return chunk.slice(clean.min(pos)..pos.min(chunk.len()));
        }
        out.extend_from_slice(chunk.get(clean..pos).unwrap_or_default());
        Bytes::from(out)
    }

    /// Keeps the start of a line for the next chunk; what no field may hold is forgotten.
    fn keep(&mut self, part: &[u8]) {
        let room = (self.limit + NAME_ROOM).saturating_sub(self.carry.len());
        self.carry
            .extend_from_slice(part.get(..room).unwrap_or(part));
    }

    /// Reads one whole line without its end (9.2.6).
    fn read_line<'a>(&mut self, line: &'a [u8]) -> Line<'a> {
        if mem::take(&mut self.at_start)
            && let Some(rest) = line.strip_prefix(BOM)
        {
            return match self.read_field(rest) {
                Line::Pass => Line::Replace(Cow::Borrowed(rest)),
                other => other,
            };
        }
        self.read_field(line)
    }

    fn read_field<'a>(&mut self, line: &'a [u8]) -> Line<'a> {
        if line.is_empty() {
            self.dispatch();
            return Line::Pass;
        }
        let colon = memchr(b':', line);
        let (name, value) = line.split_at(colon.unwrap_or(line.len()));
        let value = value.strip_prefix(b":").unwrap_or(value);
        if colon == Some(0) {
            let kept = value.get(..COMMENT_MAX).unwrap_or(value);
            self.facts
                .push_back(Fact::Comment(lossy(kept).into_owned()));
            return Line::Drop;
        }
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"data" => self.read_data(value),
            b"event" => match lossy(line) {
                Cow::Borrowed(_) => Line::Pass,
                Cow::Owned(text) => Line::Replace(Cow::Owned(text.into_bytes())),
            },
            b"id" => {
                if memchr(0, value).is_none() {
                    self.block.own_id = Some(EventId::from(&*lossy(value)));
                }
                Line::Drop
            }
            b"retry" => {
                self.read_retry(value);
                Line::Drop
            }
            _ => Line::Drop,
        }
    }

    fn read_data<'a>(&mut self, value: &'a [u8]) -> Line<'a> {
        let joint = usize::from(self.block.has_data);
        let room = self.limit.saturating_sub(self.block.data_bytes);
        if self.block.has_data && room < joint {
            self.block.truncated = true;
            return Line::Drop;
        }
        self.block.has_data = true;
        let room = room - joint;
        if value.len() > room {
            self.block.truncated = true;
            let text = lossy_prefix(value, room);
            self.block.data_bytes = self.limit.max(1);
            let mut cut = b"data: ".to_vec();
            cut.extend_from_slice(text.as_bytes());
            return Line::Replace(Cow::Owned(cut));
        }
        self.block.data_bytes += joint + value.len();
        match lossy(value) {
            Cow::Borrowed(_) => Line::Pass,
            Cow::Owned(text) => {
                let mut mended = b"data: ".to_vec();
                mended.extend_from_slice(text.as_bytes());
                Line::Replace(Cow::Owned(mended))
            }
        }
    }

    fn read_retry(&mut self, value: &[u8]) {
        if !value.is_empty() && value.iter().all(u8::is_ascii_digit) {
            let millis = value.iter().fold(0_u64, |sum, digit| {
                sum.saturating_mul(10)
                    .saturating_add(u64::from(digit - b'0'))
            });
            self.reconnection_time = Some(Duration::from_millis(millis));
        }
    }

    /// The end of a block: 9.2.6 commits its ID whether or not it carries data.
    fn dispatch(&mut self) {
        let block = mem::take(&mut self.block);
        if let Some(id) = &block.own_id {
            self.last_event_id = id.clone();
        }
        if block.has_data {
            self.facts.push_back(Fact::Event {
                own_id: block.own_id,
                last_event_id: self.last_event_id.clone(),
                truncated: block.truncated,
            });
        } else if block.own_id.is_some() {
            self.facts
                .push_back(Fact::Cursor(self.last_event_id.clone()));
        }
    }
}

/// Appends without a copy where nothing was there before: a line of many megabytes is moved.
fn append(out: &mut Vec<u8>, more: Vec<u8>) {
    if out.is_empty() {
        *out = more;
    } else {
        out.extend_from_slice(&more);
    }
}

/// UTF-8 decode of the standard: each ill-formed part becomes U+FFFD.
fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// At most `room` bytes of text from the start of `bytes`, cut between characters.
fn lossy_prefix(bytes: &[u8], room: usize) -> String {
    let mut text = lossy(bytes.get(..room).unwrap_or(bytes)).into_owned();
    // A character cut in two at the limit is not one the server sent badly.
    if std::str::from_utf8(bytes.get(..room).unwrap_or(bytes))
        .is_err_and(|error| error.error_len().is_none())
        && text.ends_with('\u{fffd}')
    {
        text.pop();
    }
    while text.len() > room {
        text.pop();
    }
    text
}
