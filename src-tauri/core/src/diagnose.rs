//! What each source lived through lately: its tries to connect, counts, the last raw frames. In
//! memory and bounded. The connection task writes, everybody else takes a snapshot.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    mem::size_of,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    ipc::{Attempt, Diagnosis, FrameKind, Millis, RawFrame},
    model::{EventId, SourceId, Timestamp},
    source::{Cause, SourceState},
    sse::stream::StreamItem,
};

/// Tries that are kept.
const ATTEMPTS: usize = 100;
/// Frames that are kept...
const FRAMES: usize = 200;
/// ...as long as they take no more than this: with the tries a source stays below 512 KiB.
const FRAMES_BYTES: usize = 448 * 1024;
/// Kept of a frame's data.
const DATA: usize = 2 * 1024;
/// Kept of an event type and an ID.
const NAME: usize = 256;

/// The logs of all sources.
pub struct Logs {
    clock: fn() -> Timestamp,
    by_source: Mutex<BTreeMap<SourceId, Arc<Log>>>,
}

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logs").finish_non_exhaustive()
    }
}

impl Logs {
    /// No logs yet. `clock` reads the wall clock, for the times in them.
    pub fn new(clock: fn() -> Timestamp) -> Self {
        Self {
            clock,
            by_source: Mutex::default(),
        }
    }

    /// The log of a source; it outlives changes of the source.
    pub fn of(&self, source: SourceId) -> Arc<Log> {
        let mut logs = held(&self.by_source);
        let log = logs
            .entry(source)
            .or_insert_with(|| Arc::new(Log::new(self.clock)));
        Arc::clone(log)
    }

    /// Forgets a source that is gone.
    pub fn forget(&self, source: SourceId) {
        held(&self.by_source).remove(&source);
    }
}

/// The log of one source.
pub struct Log {
    clock: fn() -> Timestamp,
    kept: Mutex<Kept>,
}

impl fmt::Debug for Log {
    /// Frames are payload: they are not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Kept {
    timeline: VecDeque<Attempt>,
    frames: VecDeque<RawFrame>,
    frames_bytes: usize,
    /// The counts, and what is learned; its lists stay empty.
    sums: Diagnosis,
}

/// What the connection has seen so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Bytes of this connection.
    pub bytes: u64,
    /// Its longest silence.
    pub silence: Duration,
    /// How long silence may last now, once it is live.
    pub patience: Option<Duration>,
    /// The server's reconnection time, if it sent one, also in a block that has not ended.
    pub retry: Option<Duration>,
}

impl Log {
    /// An empty log.
    pub fn new(clock: fn() -> Timestamp) -> Self {
        Self {
            clock,
            kept: Mutex::default(),
        }
    }

    /// Notes a state the connection enters.
    pub fn enter(&self, state: &SourceState) {
        let now = (self.clock)().into();
        let mut kept = held(&self.kept);
        match state {
            SourceState::Connecting { .. } => kept.begin(now),
            SourceState::Live { since, .. } => {
                if let Some(attempt) = kept.timeline.back_mut() {
                    attempt.live.get_or_insert(*since);
                }
            }
            SourceState::Waiting { cause, .. } | SourceState::Stopped { cause, .. } => {
                kept.end(now, Some(cause));
            }
            SourceState::Paused => kept.end(now, None),
        }
    }

    /// Notes what the connection brought, and what it has seen so far.
    pub fn note(&self, item: Option<&StreamItem>, seen: &Seen) {
        let frame = item.and_then(|item| frame((self.clock)().into(), item));
        let mut kept = held(&self.kept);
        kept.see(seen);
        if let Some(StreamItem::Event(event, _)) = item {
            kept.sums.events += 1;
            kept.sums.truncated += u64::from(event.truncated);
            if let Some(attempt) = kept.timeline.back_mut() {
                attempt.events += 1;
            }
        }
        if let Some(frame) = frame {
            kept.keep(frame);
        }
    }

    /// Counts an event that was stored already.
    pub fn count_duplicate(&self) {
        held(&self.kept).sums.duplicates += 1;
    }

    /// The counts alone, with empty lists.
    pub fn sums(&self) -> Diagnosis {
        held(&self.kept).sums.clone()
    }

    /// All of it, as it is now.
    pub fn snapshot(&self) -> Diagnosis {
        let kept = held(&self.kept);
        Diagnosis {
            timeline: kept.timeline.iter().cloned().collect(),
            frames: kept.frames.iter().cloned().collect(),
            ..kept.sums.clone()
        }
    }
}

impl Kept {
    fn begin(&mut self, now: Millis) {
        // A person asked for a new connection while the last one lived.
        self.end(now, None);
        if self.timeline.len() == ATTEMPTS {
            self.timeline.pop_front();
        }
        self.sums.attempts += 1;
        self.timeline.push_back(Attempt {
            started: now,
            live: None,
            ended: None,
            cause: None,
            bytes: 0,
            events: 0,
        });
    }

    fn end(&mut self, now: Millis, cause: Option<&Cause>) {
        if let Some(attempt) = self.timeline.back_mut()
            && attempt.ended.is_none()
        {
            attempt.ended = Some(now);
            attempt.cause = cause.cloned();
        }
    }

    fn see(&mut self, seen: &Seen) {
        if let Some(attempt) = self.timeline.back_mut() {
            self.sums.bytes += seen.bytes.saturating_sub(attempt.bytes);
            attempt.bytes = seen.bytes;
        }
        let sums = &mut self.sums;
        sums.longest_silence_ms = sums.longest_silence_ms.max(millis(seen.silence));
        sums.patience_ms = seen.patience.map(millis).or(sums.patience_ms);
        sums.retry_ms = seen.retry.map(millis).or(sums.retry_ms);
    }

    fn keep(&mut self, frame: RawFrame) {
        self.frames_bytes += size_of_frame(&frame);
        self.frames.push_back(frame);
        while self.frames.len() > FRAMES || self.frames_bytes > FRAMES_BYTES {
            let Some(oldest) = self.frames.pop_front() else {
                break;
            };
            self.frames_bytes -= size_of_frame(&oldest);
        }
    }
}

fn frame(at: Millis, item: &StreamItem) -> Option<RawFrame> {
    let (kind, event, id, retry, data) = match item {
        StreamItem::Open | StreamItem::Bytes => return None,
        StreamItem::Event(frame, retry) => (
            FrameKind::Event,
            Some(frame.event.as_str()),
            frame.own_id.as_ref().map(EventId::as_str),
            *retry,
            frame.data.as_str(),
        ),
        StreamItem::Cursor(id, retry) => (FrameKind::Id, None, Some(id.as_str()), *retry, ""),
        StreamItem::Retry(time) => (FrameKind::Retry, None, None, Some(*time), ""),
        StreamItem::Comment(text) => (FrameKind::Comment, None, None, None, text.as_str()),
    };
    Some(RawFrame {
        at,
        kind,
        event: event.map(|event| start(event, NAME)),
        id: id.map(|id| start(id, NAME)),
        retry_ms: retry.map(millis),
        size: data.len() as u64,
        data: start(data, DATA),
    })
}

/// At most `most` bytes from the start, cut between characters.
fn start(text: &str, most: usize) -> String {
    let end = text.floor_char_boundary(most);
    text.get(..end).unwrap_or_default().to_owned()
}

fn size_of_frame(frame: &RawFrame) -> usize {
    let name = |name: &Option<String>| name.as_ref().map_or(0, String::len);
    size_of::<RawFrame>() + name(&frame.event) + name(&frame.id) + frame.data.len()
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Every change is whole before anything can panic, so what a panic left is good.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Frame, source::CauseCode};

    fn log() -> Log {
        Log::new(|| Timestamp::UNIX_EPOCH)
    }

    fn event(data: &str, id: &str) -> StreamItem {
        let frame = Frame {
            event: id.to_owned(),
            data: data.to_owned(),
            own_id: Some(id.into()),
            last_event_id: id.into(),
            truncated: true,
        };
        StreamItem::Event(frame, None)
    }

    fn connecting() -> SourceState {
        SourceState::Connecting { attempt: 1 }
    }

    #[test]
    fn a_flood_of_large_frames_stays_below_half_a_mebibyte() {
        let log = log();
        for _ in 0..500 {
            log.enter(&connecting());
            let cause = Cause::new(CauseCode::Broken, "x".repeat(200));
            let since = Millis(0);
            log.enter(&SourceState::Stopped { since, cause });
            let data = "\u{c548}".repeat(2000);
            log.note(Some(&event(&data, &data)), &Seen::default());
        }

        let all = log.snapshot();

        let frames: usize = all.frames.iter().map(size_of_frame).sum();
        let timeline = all.timeline.len() * (size_of::<Attempt>() + 200);
        assert!(frames + timeline <= 512 * 1024, "{frames} + {timeline}");
        assert!(all.frames.len() > 150, "{}", all.frames.len());
        assert_eq!(all.timeline.len(), ATTEMPTS);
        assert_eq!((all.events, all.truncated, all.attempts), (500, 500, 500));
        assert_eq!(all.frames[0].size, 6000);
    }

    #[test]
    fn small_frames_are_kept_to_two_hundred_the_latest_last() {
        let log = log();
        for number in 0..300 {
            log.note(Some(&event(&number.to_string(), "")), &Seen::default());
        }

        let frames = log.snapshot().frames;

        assert_eq!(frames.len(), FRAMES);
        assert_eq!(frames[199].data, "299");
    }

    #[test]
    fn a_try_tells_when_it_lived_what_it_brought_and_why_it_ended() {
        let log = log();
        log.enter(&connecting());
        log.enter(&SourceState::Live {
            since: Millis(5),
            last_byte: Millis(5),
        });
        log.enter(&SourceState::Live {
            since: Millis(5),
            last_byte: Millis(9),
        });
        let seen = Seen {
            bytes: 70,
            silence: Duration::from_secs(15),
            patience: Some(Duration::from_mins(1)),
            retry: Some(Duration::from_secs(3)),
        };
        log.note(Some(&event("a", "1")), &seen);
        log.note(Some(&StreamItem::Comment("hb".into())), &seen);
        let time = Duration::from_secs(4);
        log.note(Some(&StreamItem::Retry(time)), &seen);
        let seen = Seen { bytes: 90, ..seen };
        log.note(Some(&StreamItem::Bytes), &seen);
        log.enter(&SourceState::Waiting {
            attempt: 2,
            until: Millis(9),
            cause: Cause::new(CauseCode::Closed, "closed"),
        });
        log.enter(&connecting());
        log.enter(&SourceState::Paused);
        log.count_duplicate();

        let all = log.snapshot();

        let [first, second] = &all.timeline[..] else {
            panic!("{:?}", all.timeline)
        };
        assert_eq!(first.live, Some(Millis(5)));
        assert_eq!((first.bytes, first.events), (90, 1));
        assert_eq!(first.cause.as_ref().unwrap().code, CauseCode::Closed);
        assert!(second.ended.is_some() && second.cause.is_none());
        assert_eq!((all.bytes, all.duplicates), (90, 1));
        assert_eq!(
            (all.longest_silence_ms, all.patience_ms),
            (15_000, Some(60_000))
        );
        // What the source goes by, and what each block said.
        assert_eq!(all.retry_ms, Some(3000));
        let retries: Vec<_> = all.frames.iter().map(|one| one.retry_ms).collect();
        assert_eq!(retries, [None, None, Some(4000)]);
    }
}
