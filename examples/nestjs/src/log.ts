// The event log: all that the rest of the server knows about storage.
import type { NewEvent, StoredEvent } from './event.js';

/**
 * An append-only log that forgets its oldest events. Ids are whole numbers from 1 without holes and are never used
 * twice, so the events between two ids can be counted.
 */
export abstract class EventLog {
  /** Stores an event. Once this resolves, the event survives the end of this process. */
  abstract append(event: NewEvent, at: Date): Promise<StoredEvent>;

  /** The first `limit` kept events with an id above `id`, in order. */
  abstract after(id: number, limit: number): Promise<StoredEvent[]>;

  /** The ids that are kept; `newest` is `oldest - 1` while there is none. */
  abstract range(): Promise<{ oldest: number; newest: number }>;

  /** Calls `listener` when there may be new events, until the returned function is called. */
  abstract subscribe(listener: () => void): () => void;
}
