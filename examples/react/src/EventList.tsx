// The events, newest first.
import { memo } from 'react';
import type { StoredEvent } from './api.ts';

const time = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'medium' });

export function EventList({ events }: { events: readonly StoredEvent[] }) {
  return (
    <ol reversed className="events">
      {events.toReversed().map((event) => (
        <Item key={event.id} event={event} />
      ))}
    </ol>
  );
}

const Item = memo(function Item({ event }: { event: StoredEvent }) {
  const { id, at, type, title, body, level, url } = event;
  return (
    <li data-id={id}>
      <h3>{title}</h3>
      <p className="meta">
        <span>#{id}</span> <time dateTime={at}>{time.format(new Date(at))}</time> <code>{type}</code>{' '}
        {level !== undefined && <span className={`level ${level}`}>{level}</span>}
      </p>
      {body !== undefined && <p className="body">{body}</p>}
      {url !== undefined && (
        <a href={url} rel="noreferrer">
          {url}
        </a>
      )}
    </li>
  );
});
