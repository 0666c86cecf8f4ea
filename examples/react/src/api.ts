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

/** An error in words for the person in front of the page. */
export class ApiError extends Error {}

async function ask<T>(url: string, init: RequestInit): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError('The server cannot be reached. Is it running?', { cause: error });
  }
  const body = await answer.json().catch(() => undefined);
  if (answer.ok) return body;
  const said = [body?.message ?? []].flat().join('; ');
  throw new ApiError(said || `The server answered ${answer.status}.`);
}

export function range(server: string, signal: AbortSignal): Promise<Range> {
  return ask(`${server}/health`, { signal });
}

/** At most 500 events after the one with the id `after`. */
export function page(server: string, after: number, signal: AbortSignal): Promise<StoredEvent[]> {
  return ask(`${server}/api/events?after=${after}&limit=500`, { signal });
}

export function publish(server: string, event: NewEvent, signal: AbortSignal): Promise<StoredEvent> {
  return ask(`${server}/api/events`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(event),
    signal,
  });
}
