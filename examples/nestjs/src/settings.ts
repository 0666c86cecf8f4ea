// What the environment may change, checked once at the start.
import { z } from 'zod';

function within(low: number, high: number, fallback: number) {
  const error = `set it to a number from ${low} to ${high}, or leave it out for ${fallback}`;
  return z.coerce.number(error).min(low, error).max(high, error).default(fallback);
}

const Environment = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: within(0, 65535, 3000),
  DATABASE: z.string().default('./data/events.sqlite'),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'set it to an address such as redis://127.0.0.1:6379' }).optional(),
  KEEP: within(1, 10_000_000, 10_000),
  EVENTS_TOKEN: z.string().optional(),
  CORS_ORIGIN: z.string().default('http://localhost:5173'),
  HEARTBEAT_SECONDS: within(0.05, 3600, 15),
});

export class Settings {
  private constructor(
    /** The address of this machine at which the server listens. */
    readonly host: string,
    /** 0 lets the system choose a free port. */
    readonly port: number,
    readonly database: string,
    /** The Redis that keeps the events instead of the database. */
    readonly redis: string | undefined,
    /** How many of the newest events are kept. */
    readonly keep: number,
    readonly token: string | undefined,
    readonly origins: string[],
    /** Milliseconds without an event after which a comment is sent. */
    readonly heartbeat: number,
  ) {}

  static read(environment: NodeJS.ProcessEnv): Settings {
    // "KEEP=" in a shell means "not set", as it does for most programs.
    const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
    const result = Environment.safeParse(given);
    if (!result.success) {
      throw new Error(result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
    }
    const read = result.data;
    return new Settings(
      read.HOST,
      Math.trunc(read.PORT),
      read.DATABASE,
      read.REDIS_URL,
      Math.trunc(read.KEEP),
      read.EVENTS_TOKEN,
      read.CORS_ORIGIN.split(',').map((origin) => origin.trim()),
      read.HEARTBEAT_SECONDS * 1000,
    );
  }
}
