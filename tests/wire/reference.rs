//! WHATWG HTML 9.2.5 and 9.2.6 read word by word: slow, obvious, and written without a look at
//! the filter or the parser it judges.

use std::mem;

/// What the standard makes of a whole stream, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A dispatched event.
    Event {
        kind: String,
        data: String,
        own_id: Option<String>,
        last_event_id: String,
        retry: Option<u64>,
        truncated: bool,
    },
    /// A block without data that set the last event ID, and the reconnection time it set.
    Cursor(String, Option<u64>),
    /// A block with neither data nor an ID that set the reconnection time.
    Retry(u64),
    /// A comment line.
    Comment(String),
}

/// A whole stream, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    pub told: Vec<Told>,
    pub retry: Option<u64>,
}

/// Reads a stream that starts with this last event ID. What is not of the standard: data are cut
/// at `limit` bytes of UTF-8 between two characters, and the cut is marked.
pub fn read(bytes: &[u8], last_event_id: &str, limit: usize) -> Reading {
    let mut reading = Reading {
        told: Vec::new(),
        retry: None,
    };
    let mut data = String::new();
    let mut kind = String::new();
    let mut id_buffer = last_event_id.to_owned();
    let mut own_id = None;
    let mut retry = None;
    for line in lines(&decode(bytes)) {
        if line.is_empty() {
            if data.is_empty() {
                kind.clear();
                match (own_id.take(), retry.take()) {
                    (Some(_), retry) => reading.told.push(Told::Cursor(id_buffer.clone(), retry)),
                    (None, Some(retry)) => reading.told.push(Told::Retry(retry)),
                    (None, None) => {}
                }
                continue;
            }
            data.pop();
            let truncated = data.len() > limit;
            while data.len() > limit {
                data.pop();
            }
            let mut kind = mem::take(&mut kind);
            if kind.is_empty() {
                kind.push_str("message");
            }
            reading.told.push(Told::Event {
                kind,
                data: mem::take(&mut data),
                own_id: own_id.take(),
                last_event_id: id_buffer.clone(),
                retry: retry.take(),
                truncated,
            });
            continue;
        }
        let (name, value) = match line.split_once(':') {
            Some(("", comment)) => {
                reading.told.push(Told::Comment(comment.to_owned()));
                continue;
            }
            Some((name, value)) => (name, value.strip_prefix(' ').unwrap_or(value)),
            None => (line.as_str(), ""),
        };
        match name {
            "event" => value.clone_into(&mut kind),
            "data" => {
                data.push_str(value);
                data.push('\n');
            }
            "id" if !value.contains('\0') => {
                value.clone_into(&mut id_buffer);
                own_id = Some(value.to_owned());
            }
            "retry" if !value.is_empty() && value.chars().all(|c| c.is_ascii_digit()) => {
                retry = Some(value.parse().unwrap_or(u64::MAX));
                reading.retry = retry;
            }
            _ => {}
        }
    }
    reading
}

/// Lines that have an end: CR LF, LF or CR. What follows the last end is discarded.
fn lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' => {
                if characters.peek() == Some(&'\n') {
                    characters.next();
                }
                lines.push(mem::take(&mut line));
            }
            '\n' => lines.push(mem::take(&mut line)),
            other => line.push(other),
        }
    }
    lines
}

/// "UTF-8 decode" of the Encoding standard: one BOM is dropped, then its decoder, byte by byte.
fn decode(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut text = String::new();
    let (mut point, mut seen, mut needed) = (0_u32, 0, 0);
    let (mut lower, mut upper) = (0x80, 0xbf);
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if needed == 0 {
            match byte {
                0..=0x7f => text.push(char::from(byte)),
                0xc2..=0xdf => (needed, point) = (1, u32::from(byte & 0x1f)),
                0xe0..=0xef => {
                    (needed, point) = (2, u32::from(byte & 0xf));
                    match byte {
                        0xe0 => lower = 0xa0,
                        0xed => upper = 0x9f,
                        _ => {}
                    }
                }
                0xf0..=0xf4 => {
                    (needed, point) = (3, u32::from(byte & 7));
                    match byte {
                        0xf0 => lower = 0x90,
                        0xf4 => upper = 0x8f,
                        _ => {}
                    }
                }
                _ => text.push('\u{fffd}'),
            }
            continue;
        }
        let fits = (lower..=upper).contains(&byte);
        (lower, upper) = (0x80, 0xbf);
        if !fits {
            (point, seen, needed) = (0, 0, 0);
            text.push('\u{fffd}');
            at -= 1;
            continue;
        }
        point = point << 6 | u32::from(byte & 0x3f);
        seen += 1;
        if seen == needed {
            text.extend(char::from_u32(point));
            (point, seen, needed) = (0, 0, 0);
        }
    }
    if needed > 0 {
        text.push('\u{fffd}');
    }
    text
}
