//! What a source received and nobody stored yet. Bounded by bytes: a full queue stops the reading
//! of the socket, nothing is dropped, nothing grows. What was taken out counts until it is
//! committed, so an empty queue means: everything received is stored.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::model::{EventId, Frame, Opening, SourceId, Timestamp};

/// Room of one source's queue: 8 MiB. One larger event may pass alone.
const ROOM_KIB: usize = 8 * 1024;

/// While what is in it cannot be stored, that is tried again at least this often.
pub const STORE_AGAIN: Duration = Duration::from_secs(10);

/// One thing a source received.
#[derive(Debug, Clone, PartialEq)]
pub struct Inbound {
    /// Where from.
    pub source: SourceId,
    /// When it was read.
    pub received_at: Timestamp,
    /// Set while the connection is in its [opening burst](super::burst).
    pub opening: Option<Opening>,
    /// Whether it came in the opening burst of a connection that said where to go on.
    pub replayed: bool,
    /// What.
    pub item: Item,
}

/// What a source receives.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// An event.
    Event(Frame),
    /// A block without data moved the last event ID.
    Cursor(EventId),
    /// The stream is back after an outage that may have cost events.
    Outage {
        /// When the connection ended.
        from: Timestamp,
        /// When the next one was live.
        until: Timestamp,
        /// How many events the server replayed.
        replayed: u64,
    },
}

impl Inbound {
    fn size_kib(&self) -> usize {
        let bytes = match &self.item {
            Item::Event(frame) => frame.data.len() + frame.event.len(),
            Item::Cursor(_) | Item::Outage { .. } => 0,
        };
        (bytes / 1024 + 1).min(ROOM_KIB)
    }

    fn cursor(&self) -> Option<EventId> {
        match &self.item {
            Item::Event(frame) => Some(frame.last_event_id.clone()),
            Item::Cursor(id) => Some(id.clone()),
            Item::Outage { .. } => None,
        }
    }
}

/// The connection's end.
#[derive(Debug, Clone)]
pub struct Producer {
    sender: mpsc::Sender<Queued>,
    stored: Stored,
}

/// Says when everything a source received is stored. Holds no queue open.
#[derive(Debug, Clone)]
pub struct Stored {
    room: Arc<Semaphore>,
    committed: Arc<Mutex<EventId>>,
}

impl Stored {
    /// Waits until everything handed over is committed, then says after which event to go on.
    pub async fn settled(&self) -> EventId {
        let all = u32::try_from(ROOM_KIB).unwrap_or(u32::MAX);
        drop(self.room.acquire_many(all).await);
        self.committed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Something taken from the queue, which still takes its room until it is committed.
#[derive(Debug)]
pub struct Queued {
    /// What was received.
    pub inbound: Inbound,
    committed: Arc<Mutex<EventId>>,
    _room: OwnedSemaphorePermit,
}

impl Queued {
    /// What was received is stored: it frees its room, and a reconnect goes on after it.
    pub fn commit(self) {
        if let Some(id) = self.inbound.cursor() {
            *self
                .committed
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = id;
        }
    }
}

/// A queue whose source goes on after `committed`.
pub fn queue(committed: EventId) -> (Producer, mpsc::Receiver<Queued>) {
    // Every item takes at least one KiB of room, so the channel itself never fills first.
    let (sender, receiver) = mpsc::channel(ROOM_KIB);
    let producer = Producer {
        sender,
        stored: Stored {
            room: Arc::new(Semaphore::new(ROOM_KIB)),
            committed: Arc::new(Mutex::new(committed)),
        },
    };
    (producer, receiver)
}

impl Producer {
    /// Waits for room and hands over. False when nobody takes from the queue any more.
    pub async fn push(&self, inbound: Inbound) -> bool {
        let size = u32::try_from(inbound.size_kib()).unwrap_or(u32::MAX);
        let Ok(room) = Arc::clone(&self.stored.room).acquire_many_owned(size).await else {
            return false;
        };
        let committed = Arc::clone(&self.stored.committed);
        self.sender
            .send(Queued {
                inbound,
                committed,
                _room: room,
            })
            .await
            .is_ok()
    }

    /// Waits until everything handed over is committed, then says after which event to go on.
    pub async fn settled(&self) -> EventId {
        self.stored.settled().await
    }

    /// What others may wait on.
    pub fn stored(&self) -> Stored {
        self.stored.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn event(bytes: usize, id: &str) -> Inbound {
        Inbound {
            source: SourceId::random(),
            received_at: Timestamp::UNIX_EPOCH,
            opening: None,
            replayed: false,
            item: Item::Event(Frame {
                event: "message".to_owned(),
                data: "x".repeat(bytes),
                own_id: None,
                last_event_id: id.into(),
                truncated: false,
            }),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_queue_waits_until_something_is_committed() {
        let (producer, mut taken) = queue(EventId::default());
        for _ in 0..7 {
            assert!(producer.push(event(1 << 20, "a")).await);
        }
        let full = tokio::time::timeout(Duration::from_secs(1), producer.push(event(1 << 20, "b")));
        assert!(full.await.is_err());

        let first = taken.recv().await.unwrap();
        let still =
            tokio::time::timeout(Duration::from_secs(1), producer.push(event(1 << 20, "b")));
        assert!(still.await.is_err());
        first.commit();

        assert!(producer.push(event(1 << 20, "b")).await);
    }

    #[tokio::test]
    async fn an_event_larger_than_the_queue_passes_alone() {
        let (producer, mut taken) = queue(EventId::default());

        assert!(producer.push(event(16 << 20, "big")).await);

        taken.recv().await.unwrap().commit();
        assert_eq!(producer.settled().await.as_str(), "big");
    }

    #[tokio::test(start_paused = true)]
    async fn settled_waits_for_the_commit_not_for_the_taking() {
        let (producer, mut taken) = queue("old".into());
        assert!(producer.push(event(1, "new")).await);
        let queued = taken.recv().await.unwrap();

        assert!(
            tokio::time::timeout(Duration::from_secs(1), producer.settled())
                .await
                .is_err()
        );
        queued.commit();

        assert_eq!(producer.settled().await.as_str(), "new");
    }
}
