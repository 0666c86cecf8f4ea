// The event log in a Redis stream, which several servers share.
import { setTimeout } from 'node:timers/promises';
import { Logger, ServiceUnavailableException } from '@nestjs/common';
import { createClient, ErrorReply } from '@redis/client';
import type { NewEvent, StoredEvent } from './event.js';
import { EventLog } from './log.js';

const KEY = 'events';
/** Milliseconds after which a read that waits looks whether Redis still has its events. */
const BLOCK = 5000;

const logger = new Logger('Redis');

type Connection = Awaited<ReturnType<typeof connect>>;

export class RedisLog extends EventLog {
  private readonly listeners = new Set<() => void>();
  private ended = false;
  /** Why Redis refused the last request that it refused. */
  private refusal = '';

  private constructor(
    private readonly redis: Connection,
    /** Waits for new events, and so cannot do anything else. */
    private readonly waiting: Connection,
    private readonly keep: number,
  ) {
    super();
  }

  /** Fails when no Redis answers at `url`; one that goes away later is waited for. */
  static async connect(url: string, keep: number): Promise<RedisLog> {
    const redis = await connect(url);
    const log = new RedisLog(redis, await connect(url), keep);
    void log.watch();
    return log;
  }

  /** Tells a client that it is not its request that is wrong, and that asking again later helps. */
  private async reach<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ErrorReply)) {
        throw new ServiceUnavailableException('the event store does not answer; try again later', { cause: error });
      }
      if (error.message !== this.refusal) logger.warn(`Redis refuses: ${error.message}`);
      this.refusal = error.message;
      throw new ServiceUnavailableException('the event store has a problem; the log of the server says which', {
        cause: error,
      });
    }
  }

  override append(event: NewEvent, at: Date): Promise<StoredEvent> {
    return this.reach(async () => {
      const stored = { at: at.toISOString(), ...event };
      // "0-*" makes Redis number the stream 1, 2, 3 in the order of all servers' events, and XADD is one step: no
      // server can see a later id before an earlier one.
      const id = await this.redis.xAdd(KEY, '0-*', { event: JSON.stringify(stored) }, {
        TRIM: { strategy: 'MAXLEN', strategyModifier: '=', threshold: this.keep },
      });
      return { id: number(id), ...stored };
    });
  }

  override after(id: number, limit: number): Promise<StoredEvent[]> {
    return this.reach(async () => {
      const entries = await this.redis.xRange(KEY, `(0-${id}`, '+', { COUNT: limit });
      return (entries ?? []).map((entry) => ({ id: number(entry.id), ...JSON.parse(entry.message['event'] ?? '') }));
    });
  }

  override range(): Promise<{ oldest: number; newest: number }> {
    return this.reach(async () => {
      if ((await this.redis.exists(KEY)) === 0) return { oldest: 1, newest: 0 };
      const stream = await this.redis.xInfoStream(KEY);
      const newest = number(stream['last-generated-id']);
      const oldest = stream['first-entry']?.id;
      return { oldest: oldest === undefined ? newest + 1 : number(oldest), newest };
    });
  }

  override subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async onApplicationShutdown(): Promise<void> {
    this.ended = true;
    this.waiting.destroy();
    await this.redis.close();
  }

  private async watch(): Promise<void> {
    let seen = -1;
    while (!this.ended) {
      try {
        const { newest } = await this.range();
        if (newest === seen) {
          await this.waiting.xRead({ key: KEY, id: `0-${seen}` }, { BLOCK, COUNT: 1 });
          continue;
        }
        seen = newest;
      } catch {
        // Redis is away, and may come back without its events: the streams find out when they are woken.
        seen = -1;
        await setTimeout(500);
      }
      for (const listener of this.listeners) listener();
    }
  }
}

async function connect(url: string) {
  let once = false;
  const redis = createClient({
    url,
    // A request is answered at once while Redis is away, instead of when it is back.
    disableOfflineQueue: true,
    socket: { reconnectStrategy: (retries, cause) => (once ? Math.min(2000, 50 * 2 ** Math.min(retries, 6)) : cause) },
  });
  let away = false;
  redis.on('ready', () => (away = false));
  redis.on('error', (error) => {
    if (once && !away) logger.warn(`Redis does not answer: ${said(error)}`);
    away = true;
  });
  await redis.connect().catch((error: unknown) => {
    throw new Error(`REDIS_URL: ${said(error)}`, { cause: error });
  });
  once = true;
  return redis;
}

/** A host with several addresses fails with one error for each, and no message. */
function said(error: unknown): string {
  return error instanceof AggregateError ? error.errors.map(said).join('; ') : String(error);
}

function number(id: unknown): number {
  return Number(String(id).split('-')[1]);
}
