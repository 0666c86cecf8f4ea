// One client's stream: where it resumes, and what it is sent from there on.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import type { MessageEvent } from '@nestjs/common';
import type { EventLog } from './log.js';

/** Milliseconds a client should wait before it reconnects. */
const RETRY = 3000;
const PAGE = 100;

/** What a client may have missed: the log has nothing between what it asked for and `oldest`. */
interface Gap {
  readonly requested: number | string;
  readonly oldest: number;
}

export interface Position {
  /** The id of the last event the client needs no more. */
  readonly cursor: number;
  readonly gap?: Gap;
}

export interface Wanted {
  /** Only these event types. */
  readonly types?: ReadonlySet<string> | undefined;
  /** All as "message". */
  readonly untyped?: boolean | undefined;
  /** The stream ends after so many events. */
  readonly limit?: number | undefined;
}

/**
 * Where a client starts: after the event it names, or with the next event if it names none. An id that is too old, or
 * not from this log, starts at the oldest kept event and tells the client what it may have missed.
 */
export async function position(log: EventLog, lastEventId: string | undefined): Promise<Position> {
  const { oldest, newest } = await log.range();
  if (!lastEventId) return { cursor: newest };
  const requested = /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : lastEventId;
  if (typeof requested === 'number' && requested >= oldest - 1 && requested <= newest) return { cursor: requested };
  return { cursor: oldest - 1, gap: { requested, oldest } };
}

/**
 * Follows the log from `start`. Old and new events are read the same way, by id from the log, and a new event only
 * wakes the reader: nothing can fall between replay and live or come twice, and nothing piles up for a slow client.
 *
 * Every message has an id of its own: NestJS would number it from 1 and so overwrite the client's last event ID.
 */
export async function* follow(
  log: EventLog,
  start: Position,
  { types, untyped = false, limit = Infinity }: Wanted,
  heartbeat: number,
  response: ServerResponse,
  signal: AbortSignal,
): AsyncGenerator<MessageEvent> {
  let cursor = start.cursor;
  let left = limit;
  let news = true;
  let wake = () => {};
  const unsubscribe = log.subscribe(() => {
    news = true;
    wake();
  });
  const stop = () => wake();
  signal.addEventListener('abort', stop);
  const quiet = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, heartbeat);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  try {
    // Without a gap there is no data, so no event is raised; but even a client that has seen none can now resume here.
    yield { id: String(cursor), retry: RETRY, ...(start.gap && told(start.gap)) };

    while (!signal.aborted) {
      if (!news) {
        await quiet();
        if (!news && !signal.aborted) yield { comment: 'ping' };
        continue;
      }
      news = false;
      let page;
      do {
        page = await log.after(cursor, PAGE);
        let passed = false;
        const oldest = page[0]?.id ?? 0;
        // Ids have no holes: the log forgot events before this client, which reads slowly, was sent them.
        if (oldest > cursor + 1) yield told({ requested: cursor, oldest });
        for (const event of page) {
          if (signal.aborted) return;
          cursor = event.id;
          passed = types !== undefined && !types.has(event.type);
          if (passed) continue;
          yield { id: String(event.id), type: untyped ? 'message' : event.type, data: event };
          if (--left <= 0) return;
          await room(response, signal);
        }
        // The client skips what it did not ask for when it resumes, too.
        if (passed) yield { id: String(cursor) };
      } while (page.length === PAGE);
      // The log lost its events and numbers them from 1 again: the client is told when it comes back.
      if (page.length === 0 && (await log.range()).newest < cursor) return;
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', stop);
  }
}

function told(gap: Gap): MessageEvent {
  return { id: String(gap.oldest - 1), type: 'gap', data: gap };
}

/** Waits until the client has read enough; NestJS cannot pause an Observable and drops a client that reads slowly. */
async function room(response: ServerResponse, signal: AbortSignal): Promise<void> {
  await setImmediate();
  while (response.writableNeedDrain && !signal.aborted) {
    await once(response, 'drain', { signal }).catch(() => undefined);
  }
}
