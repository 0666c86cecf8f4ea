// The page: connection, form and events.
import { useMemo, useState, useSyncExternalStore } from 'react';
import { Feed, type View } from './feed.ts';
import { PublishForm } from './PublishForm.tsx';
import { EventList } from './EventList.tsx';

const WORDS: Record<View['connection'], string> = {
  connecting: 'Connecting…',
  live: 'Live',
  reconnecting: 'Not connected. Trying again…',
};

export function Page({ server }: { server: string }) {
  const [history, setHistory] = useState(100);
  const feed = useMemo(() => new Feed(server, history), [server, history]);
  const { connection, loading, events, error, missing } = useSyncExternalStore(feed.subscribe, feed.snapshot);

  return (
    <>
      <header>
        <h1>Events</h1>
        <p role="status" className={`connection ${connection}`}>
          {WORDS[connection]}
        </p>
        <label className="history">
          Load the newest
          <select value={history} onChange={(change) => setHistory(Number(change.target.value))}>
            <option>20</option>
            <option>100</option>
            <option>500</option>
          </select>
        </label>
      </header>
      <main>
        <PublishForm server={server} />
        <section aria-labelledby="events" aria-busy={loading}>
          <h2 id="events">{events.length === 1 ? '1 event' : `${events.length} events`}</h2>
          {error !== undefined && (
            <p role="alert" className="notice">
              The history could not be loaded. {error} <button onClick={feed.load}>Try again</button>
            </p>
          )}
          {missing !== undefined && (
            <p role="alert" className="notice">
              {missing}
            </p>
          )}
          {loading && <p className="quiet">Loading…</p>}
          {!loading && error === undefined && events.length === 0 && (
            <p className="quiet">No event yet. Publish one, here or with curl.</p>
          )}
          <EventList events={events} />
        </section>
      </main>
    </>
  );
}
