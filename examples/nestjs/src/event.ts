// An event: what a client may post, and what is stored and streamed.
import { z } from 'zod';

/** Types a stream uses itself: ours, and those of the browser's EventSource. */
const RESERVED = ['gap', 'error', 'open'];

const LEVELS = ['low', 'normal', 'high', 'critical'] as const;

function found(input: unknown): string {
  if (input === undefined) return 'is missing';
  if (Array.isArray(input)) return 'is a list';
  if (typeof input === 'string')
    return input.length > 60 ? `has ${input.length} characters` : `is ${JSON.stringify(input)}`;
  return input !== null && typeof input === 'object' ? 'is an object' : `is ${String(input)}`;
}

/** An error that says what was found and what to send instead. */
export function send(what: string) {
  return { error: (issue: { input?: unknown }) => `${found(issue.input)}; send ${what}` };
}

function text(most: number) {
  const wanted = send(`a text of 1 to ${most} characters`);
  return z.string(wanted).min(1, wanted).max(most, wanted);
}

const typeWanted = send('1 to 100 letters, digits or . _ : / - and none of ' + RESERVED.join(', '));
const urlWanted = send('an address that starts with http:// or https:// and has at most 2000 characters');

const fields = {
  type: z
    .string(typeWanted)
    .regex(/^[\p{L}\p{N}._:/-]{1,100}$/u, typeWanted)
    .refine((type) => !RESERVED.includes(type), typeWanted)
    .default('message'),
  title: text(200),
  body: text(10_000).optional(),
  level: z.enum(LEVELS, send(`one of ${LEVELS.join(', ')}`)).optional(),
  url: z
    .url({ protocol: /^https?$/, ...urlWanted })
    .max(2000, urlWanted)
    .optional(),
  data: z.record(z.string(), z.unknown(), send('a JSON object')).optional(),
};

export const NewEvent = z.strictObject(fields, {
  error: (issue) =>
    issue.code === 'unrecognized_keys'
      ? `${issue.keys.join(', ')}: is not a field; remove it or use one of ${Object.keys(fields).join(', ')}`
      : 'body: is not a JSON object; send one such as {"title":"Hello"} with Content-Type: application/json',
});

export type NewEvent = z.infer<typeof NewEvent>;

export type StoredEvent = NewEvent & {
  readonly id: number;
  /** When the server stored it, ISO 8601 in UTC. */
  readonly at: string;
};
