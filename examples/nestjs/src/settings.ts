// What the environment may change, checked once at the start.
import { z } from 'zod';

const whole = (low: number, high: number, fallback: number) =>
  z.coerce
    .number()
    .int()
    .min(low)
    .max(high)
    .default(fallback);

const Environment = z.object({
  PORT: whole(0, 65535, 3000),
  DATABASE: z.string().default('./data/events.sqlite'),
  KEEP: whole(1, 10_000_000, 10_000),
  EVENTS_TOKEN: z.string().optional(),
  CORS_ORIGIN: z.string().default('http://localhost:5173'),
  HEARTBEAT_SECONDS: z.coerce.number().min(0.05).max(3600).default(15),
});

export class Settings {
  private constructor(
    /** 0 lets the system choose a free port. */
    readonly port: number,
    readonly database: string,
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
      throw new Error(result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
    }
    const read = result.data;
    return new Settings(
      read.PORT,
      read.DATABASE,
      read.KEEP,
      read.EVENTS_TOKEN,
      read.CORS_ORIGIN.split(',').map((origin) => origin.trim()),
      read.HEARTBEAT_SECONDS * 1000,
    );
  }
}
