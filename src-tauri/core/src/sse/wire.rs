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
/// Room beside data of the largest size: a BOM, the name, a character cut in two.
const LINE_ROOM: usize = 16;
/// A line is read this far however little data an event may hold: an ID or a type has to fit.
const LINE_MIN: usize = 8 * 1024;
/// Facts nobody took yet. Beyond, signs of life are forgotten and cursors replace each other; the
/// events of one chunk always fit, for the parser brings them before it asks for the next chunk.
const FACTS_MAX: usize = 1024;
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
        /// The reconnection time the block set.
        retry: Option<Duration>,
        /// Whether data beyond the limit was cut off.
        truncated: bool,
    },
    /// A block without data set the last event ID, and perhaps a reconnection time.
    Cursor(EventId, Option<Duration>),
    /// A block with neither data nor an ID set the reconnection time.
    Retry(Duration),
    /// A comment line, cut to 1 KiB.
    Comment(String),
}

/// The block being read.
#[derive(Debug, Default)]
struct Block {
    own_id: Option<EventId>,
    retry: Option<Duration>,
    has_data: bool,
    data_bytes: usize,
    truncated: bool,
}

/// What becomes of one line.
enum Line {
    Pass,
    Replace(Vec<u8>),
    Drop,
}

/// The filter of one connection.
#[derive(Debug)]
pub struct WireFilter {
    /// Most bytes of data one event may hold.
    limit: usize,
    /// Most bytes of one line.
    line_max: usize,
    /// The start of a line whose end has not come yet; one byte more than `line_max` at most, so
    /// that a line too long shows.
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
            line_max: limit.max(LINE_MIN).saturating_add(LINE_ROOM),
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
        if chunk.is_empty() {
            return Bytes::new();
        }
        let mut out = Vec::new();
        let mut pos = usize::from(mem::take(&mut self.after_cr) && chunk.first() == Some(&b'\n'));
        // Bytes from here to `pos` are clean and wait to be passed on in one piece.
        let mut clean = pos;
        while let Some(length) = line_length(chunk.get(pos..).unwrap_or_default()) {
            let end = pos + length;
            let part = chunk.get(pos..end).unwrap_or_default();
            let is_cr = chunk.get(end) == Some(&b'\r');
            let next = match chunk.get(end + 1) {
                Some(b'\n') if is_cr => end + 2,
                _ => end + 1,
            };
            self.after_cr = is_cr && end + 1 == chunk.len();
            let verdict = if self.carry.is_empty() {
                self.read_line(part)
            } else {
                self.keep(part);
                let whole = mem::take(&mut self.carry);
                match self.read_line(&whole) {
                    Line::Pass => Line::Replace(whole),
                    other => other,
                }
            };
            // The parser is shown LF only: its own pairing of CR and LF goes wrong where a line
            // between them was dropped.
            if is_cr || !matches!(verdict, Line::Pass) {
                if out.capacity() == 0 {
                    out.reserve(chunk.len());
                }
                out.extend_from_slice(chunk.get(clean..pos).unwrap_or_default());
                match verdict {
                    Line::Pass => end_line(&mut out, part),
                    // A line of many megabytes is moved, not copied.
                    Line::Replace(line) if out.is_empty() && line.len() > chunk.len() => {
                        out = line;
                        out.push(b'\n');
                    }
                    Line::Replace(line) => end_line(&mut out, &line),
                    Line::Drop => {}
                }
                clean = next;
            }
            pos = next;
        }
        self.keep(chunk.get(pos..).unwrap_or_default());
        if out.is_empty() {
            return chunk.slice(clean..pos);
        }
        out.extend_from_slice(chunk.get(clean..pos).unwrap_or_default());
        Bytes::from(out)
    }

    /// Keeps the start of a line for the next chunk; what no field may hold is forgotten.
    fn keep(&mut self, part: &[u8]) {
        let room = (self.line_max + 1).saturating_sub(self.carry.len());
        self.carry
            .extend_from_slice(part.get(..room).unwrap_or(part));
    }

    /// Reads one whole line without its end (9.2.6).
    fn read_line(&mut self, line: &[u8]) -> Line {
        if mem::take(&mut self.at_start)
            && let Some(rest) = line.strip_prefix(BOM)
        {
            return match self.read_field(rest) {
                Line::Pass => Line::Replace(rest.to_vec()),
                other => other,
            };
        }
        self.read_field(line)
    }

    fn read_field(&mut self, line: &[u8]) -> Line {
        if line.is_empty() {
            self.dispatch();
            return Line::Pass;
        }
        if let Some(comment) = line.strip_prefix(b":") {
            let (text, _) = decode_up_to(comment, COMMENT_MAX);
            self.note(Fact::Comment(text.into_owned()));
            return Line::Drop;
        }
        if let Some(value) = value_of(b"data", line) {
            return self.read_data(value);
        }
        // Data are cut; of anything else half of it would be worse than none.
        let fits = line.len() <= self.line_max;
        if let Some(value) = value_of(b"id", line) {
            if fits && memchr(0, value).is_none() {
                self.block.own_id = Some(EventId::from(&*decode(value)));
            }
        } else if value_of(b"event", line).is_some() {
            if fits {
                return match decode(line) {
                    Cow::Borrowed(_) => Line::Pass,
                    Cow::Owned(mended) => Line::Replace(mended.into_bytes()),
                };
            }
            self.block.truncated = true;
        } else if let Some(value) = value_of(b"retry", line)
            && fits
        {
            self.read_retry(value);
        }
        Line::Drop
    }

    fn read_data(&mut self, value: &[u8]) -> Line {
        let joint = usize::from(self.block.has_data);
        let Some(room) = (self.limit - self.block.data_bytes).checked_sub(joint) else {
            self.block.truncated = true;
            return Line::Drop;
        };
        self.block.has_data = true;
        let (text, whole) = decode_up_to(value, room);
        if whole {
            self.block.data_bytes += joint + text.len();
        } else {
            self.block.truncated = true;
            self.block.data_bytes = self.limit;
        }
        match text {
            Cow::Borrowed(_) if whole => Line::Pass,
            text => Line::Replace([b"data: ", text.as_bytes()].concat()),
        }
    }

    fn read_retry(&mut self, value: &[u8]) {
        if !value.is_empty() && value.iter().all(u8::is_ascii_digit) {
            let millis = value.iter().fold(0_u64, |sum, digit| {
                sum.saturating_mul(10)
                    .saturating_add(u64::from(digit - b'0'))
            });
            self.reconnection_time = Some(Duration::from_millis(millis));
            self.block.retry = self.reconnection_time;
        }
    }

    /// The end of a block: 9.2.6 commits its ID whether or not it carries data.
    fn dispatch(&mut self) {
        let block = mem::take(&mut self.block);
        if let Some(id) = &block.own_id {
            self.last_event_id = id.clone();
        }
        if block.has_data {
            self.note(Fact::Event {
                own_id: block.own_id,
                last_event_id: self.last_event_id.clone(),
                retry: block.retry,
                truncated: block.truncated,
            });
        } else if let Some(id) = block.own_id {
            self.note(Fact::Cursor(id, block.retry));
        } else if let Some(time) = block.retry {
            self.note(Fact::Retry(time));
        }
    }

    fn note(&mut self, fact: Fact) {
        if self.facts.len() >= FACTS_MAX {
            match (&fact, self.facts.back_mut()) {
                (Fact::Comment(_) | Fact::Retry(_), _) => return,
                (Fact::Cursor(..), Some(last @ Fact::Cursor(..))) => {
                    *last = fact;
                    return;
                }
                _ => {}
            }
        }
        self.facts.push_back(fact);
    }
}

/// The value of the field of this name, if the line is one.
fn value_of<'a>(name: &[u8], line: &'a [u8]) -> Option<&'a [u8]> {
    match line.strip_prefix(name)? {
        [] => Some(&[]),
        [b':', b' ', value @ ..] | [b':', value @ ..] => Some(value),
        _ => None,
    }
}

/// How long the line at the start of these bytes is, if its end is there.
#[inline]
fn line_length(bytes: &[u8]) -> Option<usize> {
    match bytes {
        // Every event ends in a blank line; a search would cost more than the rest of it.
        [b'\n' | b'\r', ..] => Some(0),
        _ => memchr2(b'\n', b'\r', bytes),
    }
}

fn end_line(out: &mut Vec<u8>, line: &[u8]) {
    out.extend_from_slice(line);
    out.push(b'\n');
}

/// UTF-8 decode of the standard: each ill-formed part becomes U+FFFD.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    // Several times faster than the lossy decoder, which goes byte by byte.
    str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// At most `room` bytes of what `bytes` decode to, cut between characters, and whether that is all.
fn decode_up_to(bytes: &[u8], room: usize) -> (Cow<'_, str>, bool) {
    // Decoding never shortens, so what comes later is cut in any case; three bytes more tell a
    // character that the cut parts from one the server sent badly.
    let text = decode(bytes.get(..room.saturating_add(3)).unwrap_or(bytes));
    if text.len() <= room {
        return (text, true);
    }
    let end = text.floor_char_boundary(room);
    let cut = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(..end).unwrap_or(text)),
        Cow::Owned(mut text) => {
            text.truncate(end);
            Cow::Owned(text)
        }
    };
    (cut, false)
}
