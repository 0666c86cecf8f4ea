// The server's API.

export const LEVELS = ['low', 'normal', 'high', 'critical'] as const;

export interface NewEvent {
  readonly type?: string;
  readonly title: string;
  readonly body?: string;
  readonly level?: (typeof LEVELS)[number];
  readonly url?: string;
}

export interface StoredEvent extends NewEvent {
  /** Whole numbers without holes. */
  readonly id: number;
  readonly at: string;
  readonly type: string;
}

/** The ids that the server keeps. */
export interface Range {
  readonly oldest: number;
  readonly newest: number;
}

/** Milliseconds after which an answer is waited for no longer. */
const PATIENCE = 10_000;

/** An error in words for the person in front of the page. */
export class ApiError extends Error {}

async function ask<T>(url: string, signal: AbortSignal, init: RequestInit = {}): Promise<T> {
  const late = AbortSignal.timeout(PATIENCE);
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(url, { ...init, signal: AbortSignal.any([signal, late]) });
    text = await answer.text();
  } catch (error) {
    if (signal.aborted) throw error;
    const trouble = late.aborted ? 'The server does not answer.' : 'The server cannot be reached. Is it running?';
    throw new ApiError(trouble, { cause: error });
  }
  const body = json(text);
  if (answer.ok && body !== undefined) return body;
  const said = [body?.message ?? []].flat().join('; ');
  throw new ApiError(said || `The server answered ${answer.status}.`);
}

function json(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy may answer in HTML.
    return undefined;
  }
}

export function range(server: string, signal: AbortSignal): Promise<Range> {
  return ask(`${server}/health`, signal);
}

/** At most 500 events after the one with the id `after`. */
export function page(server: string, after: number, signal: AbortSignal): Promise<StoredEvent[]> {
  return ask(`${server}/api/events?after=${after}&limit=500`, signal);
}

export function publish(server: string, event: NewEvent, signal: AbortSignal): Promise<StoredEvent> {
  return ask(`${server}/api/events`, signal, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(event),
  });
}
