// Joins the events the server keeps with those it streams.
import { ApiError, page, range, type StoredEvent } from './api.ts';

/** Milliseconds until a stream that the browser gave up is opened again. */
const AGAIN = 3000;
/** How many events are shown at most. */
const MOST = 2000;

export interface View {
  readonly connection: 'connecting' | 'live' | 'reconnecting';
  readonly loading: boolean;
  /** Oldest first, each once. */
  readonly events: readonly StoredEvent[];
  /** Why the history could not be loaded. */
  readonly error?: string;
  /** What the server no longer had when the page came back. */
  readonly missing?: string;
}

/**
 * The order makes it whole: first the stream is opened, then everything up to that moment is loaded. So each event is
 * in the stream or in what is loaded; some are in both, and the id tells.
 *
 * The browser resumes a stream that broke off with its last event ID. One that was refused (an error of the server or
 * of a proxy) it gives up, and a new EventSource cannot name an id: then the two are joined again, from the last event.
 */
export class Feed {
  private view: View = { connection: 'connecting', loading: true, events: [] };
  private readonly listeners = new Set<() => void>();
  private source: EventSource | undefined;
  private request: AbortController | undefined;
  private timer: number | undefined;
  /** The last event that was shown when the stream was opened; none on an empty page. */
  private last: number | undefined;
  /** The last event up to which nothing is left to load; none as long as no history was loaded. */
  private joint: number | undefined;
  private loaded = false;

  constructor(
    private readonly server: string,
    /** How many of the newest events are loaded first. */
    private readonly history: number,
  ) {}

  /** What to show; the same object until it changes. */
  readonly snapshot = (): View => this.view;

  /** Follows the stream while there is a listener. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    if (this.listeners.size === 1) this.open();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.close();
    };
  };

  /** Loads what is not loaded yet, and drops a request for it that is still under way. */
  readonly load = async (): Promise<void> => {
    this.request?.abort();
    const request = new AbortController();
    this.request = request;
    this.change({ loading: true, error: undefined });
    try {
      const { oldest, newest } = await range(this.server, request.signal);
      // The server numbers from 1 again: it lost its events, and these are not its own any more.
      if (this.last !== undefined && newest < this.last) this.renew();
      const known = this.joint ?? this.last;
      if (known !== undefined) this.lost(known, oldest);
      // Events may have come by an earlier stream while no history could be loaded: what follows them is loaded, too.
      const first = this.view.events[0]?.id ?? Infinity;
      let after = this.joint ?? Math.max(0, Math.min(newest, first - 1) - this.history);
      for (let full = true; full; ) {
        const events = await page(this.server, after, request.signal);
        request.signal.throwIfAborted();
        this.add(events);
        after = events.at(-1)?.id ?? after;
        full = events.length === 500;
      }
      this.loaded = true;
      this.change({ loading: false });
    } catch (error) {
      if (request.signal.aborted) return;
      this.change({ loading: false, error: error instanceof ApiError ? error.message : String(error) });
    }
  };

  private open(): void {
    this.last = this.view.events.at(-1)?.id;
    if (this.loaded) this.joint = this.last;
    this.loaded = false;
    // All as "message": an EventSource does not show events of types that it was not told.
    const source = new EventSource(`${this.server}/events?untyped=true`);
    this.source = source;
    source.onopen = () => {
      this.change({ connection: 'live' });
      if (!this.loaded) void this.load();
    };
    source.onmessage = ({ data }) => this.add([JSON.parse(data)]);
    source.addEventListener('gap', ({ data }) => {
      const { requested, oldest } = JSON.parse(data);
      if (requested < oldest) this.lost(requested, oldest);
      else this.renew();
    });
    source.onerror = () => {
      this.change({ connection: 'reconnecting' });
      if (source.readyState !== EventSource.CLOSED) return;
      this.close();
      this.timer = window.setTimeout(() => this.open(), AGAIN);
    };
  }

  private close(): void {
    this.source?.close();
    this.request?.abort();
    window.clearTimeout(this.timer);
  }

  private renew(): void {
    this.last = this.joint = undefined;
    this.change({ events: [], missing: 'The server began a new history.' });
  }

  private lost(last: number, oldest: number): void {
    if (oldest > last + 1) this.change({ missing: `The server no longer had the events ${last + 1} to ${oldest - 1}.` });
  }

  private add(events: StoredEvent[]): void {
    const known = new Set(this.view.events.map(({ id }) => id));
    const fresh = events.filter(({ id }) => !known.has(id));
    if (fresh.length === 0) return;
    const all = [...this.view.events, ...fresh].sort((one, other) => one.id - other.id);
    this.change({ events: all.slice(-MOST) });
  }

  private change(change: { [Key in keyof View]?: View[Key] | undefined }): void {
    this.view = { ...this.view, ...change } as View;
    for (const listener of this.listeners) listener();
  }
}
