// What a client of GET /events sees.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Client } from './client.js';
import { database, Server } from './server.js';

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('a posted event arrives with its id, type and data', async (t) => {
  const server = await Server.start(t);
  const client = await Client.open(t, `${server.address}/events`);
  assert.deepEqual(await client.next(), { id: '0', retry: '3000' });

  const event = {
    type: 'order.paid',
    title: '결제 ₩120,000\u0000',
    body: 'a\nb',
    level: 'high',
    url: 'https://example.com/1',
    data: { a: [1] },
  };
  const answer = await server.post(event);
  const block = await client.event();

  assert.equal(answer.status, 201);
  assert.deepEqual(answer.body, { id: 1, at: answer.body.at, ...event });
  assert.equal(block.id, '1');
  assert.equal(block.event, 'order.paid');
  assert.deepEqual(JSON.parse(block.data), answer.body);
  assert.deepEqual((await server.ask('/api/events')).body, [answer.body]);
});

test('events arrive in order', async (t) => {
  const server = await Server.start(t);
  const client = await Client.open(t, `${server.address}/events`);
  await client.next();

  await Promise.all(numbers(1, 300).map((n) => server.post({ title: `event ${n}` })));

  assert.deepEqual(
    (await client.events(300)).map((event) => Number(event.id)),
    numbers(1, 300),
  );
});

test('a client that reconnects while events are posted misses none and sees none twice', async (t) => {
  const server = await Server.start(t);
  const total = 600;
  let left = total;
  const poster = async () => {
    while (left-- > 0) await server.post({ title: 'busy' });
  };
  const posting = Promise.all(numbers(1, 6).map(poster));

  const seen: number[] = [];
  let last = '0';
  while (seen.length < total) {
    const client = await Client.open(t, `${server.address}/events`, { 'Last-Event-ID': last });
    for (const event of await client.events(Math.min(37, total - seen.length))) {
      last = event.id!;
      seen.push(Number(last));
    }
    client.close();
  }
  await posting;

  assert.deepEqual(seen, numbers(1, total));
});

test('a client that has seen no event yet can resume', async (t) => {
  const server = await Server.start(t);
  await server.post({ title: 'before' });
  const client = await Client.open(t, `${server.address}/events`);
  const { id } = await client.next();
  client.close();

  await server.post({ title: 'meanwhile' });
  const again = await Client.open(t, `${server.address}/events`, { 'Last-Event-ID': id! });

  assert.equal(id, '1');
  assert.equal(JSON.parse((await again.event()).data).title, 'meanwhile');
});

test('what was acknowledged survives kill -9, and ids go on', async (t) => {
  const file = database(t);
  const first = await Server.start(t, { DATABASE: file });
  const client = await Client.open(t, `${first.address}/events`);
  await client.next();
  const acknowledged = new Map<number, string>();
  const poster = async (name: number) => {
    for (let n = 0; ; n++) {
      const { body } = await first.post({ title: `${name}/${n}` });
      acknowledged.set(body.id, body.title);
    }
  };
  const posting = Promise.allSettled(numbers(1, 4).map(poster));
  const last = (await client.events(50)).at(-1)!.id!;
  await first.end('SIGKILL');
  await posting;

  const second = await Server.start(t, { DATABASE: file });
  const kept = (await second.ask('/api/events?limit=500')).body as { id: number; title: string }[];
  const next = (await second.post({ title: 'after' })).body.id;
  const again = await Client.open(t, `${second.address}/events`, { 'Last-Event-ID': last });
  const replayed = await again.events(next - Number(last));

  assert.ok(acknowledged.size >= 46);
  const titles = new Map(kept.map((event) => [event.id, event.title]));
  for (const [id, title] of acknowledged) assert.equal(titles.get(id), title);
  assert.equal(next, kept.length + 1);
  assert.deepEqual(
    replayed.map((event) => Number(event.id)),
    numbers(Number(last) + 1, next),
  );
});

test('an id that is too old, or from elsewhere, gets a gap event and then all that is kept', async (t) => {
  const server = await Server.start(t, { KEEP: '3' });
  for (const n of numbers(1, 5)) await server.post({ title: `event ${n}` });

  for (const [sent, requested] of [
    ['1', 1],
    ['99', 99],
    ['018f-a', '018f-a'],
  ] as const) {
    const client = await Client.open(t, `${server.address}/events`, { 'Last-Event-ID': sent });
    const [gap, ...rest] = await client.events(4);
    assert.equal(gap!.event, 'gap');
    assert.equal(gap!.id, '2');
    assert.deepEqual(JSON.parse(gap!.data), { requested, oldest: 3 });
    assert.deepEqual(
      rest.map((event) => event.id),
      ['3', '4', '5'],
    );
  }
});

test('the id just before the oldest kept event is no gap', async (t) => {
  const server = await Server.start(t, { KEEP: '3' });
  for (const n of numbers(1, 5)) await server.post({ title: `event ${n}` });

  const client = await Client.open(t, `${server.address}/events`, { 'Last-Event-ID': '2' });

  assert.deepEqual(
    (await client.events(3)).map((event) => event.id),
    ['3', '4', '5'],
  );
});

test('a filtered stream moves its id past what it leaves out', async (t) => {
  const server = await Server.start(t);
  for (const type of ['a', 'b', 'c', 'a', 'b']) await server.post({ type, title: type });

  const client = await Client.open(t, `${server.address}/events?types=a,c`, { 'Last-Event-ID': '0' });

  assert.deepEqual(
    (await client.events(3)).map((event) => event.id),
    ['1', '3', '4'],
  );
  assert.deepEqual(await client.next(), { id: '5' });
});

test('a stream with a limit ends after so many events and can be resumed', async (t) => {
  const server = await Server.start(t);
  for (const n of numbers(1, 5)) await server.post({ title: `event ${n}` });

  const client = await Client.open(t, `${server.address}/events?limit=2`, { 'Last-Event-ID': '1' });

  assert.deepEqual(
    (await client.events(2)).map((event) => event.id),
    ['2', '3'],
  );
  await assert.rejects(client.next(), /the stream ended/);
  const { status, body } = await server.ask('/events?limit=0');
  assert.equal(status, 400);
  assert.match(body.message[0], /^limit: is 0; send a whole number from 1/);
});

test('an untyped stream sends every event as "message", its type in the data', async (t) => {
  const server = await Server.start(t);
  await server.post({ type: 'order.paid', title: 'x' });

  const client = await Client.open(t, `${server.address}/events?untyped=true`, { 'Last-Event-ID': '0' });
  const { event, data } = await client.event();

  assert.equal(event, 'message');
  assert.equal(JSON.parse(data).type, 'order.paid');
  assert.equal((await server.ask('/events?untyped=perhaps')).status, 400);
});

test('a quiet stream carries comments', async (t) => {
  const server = await Server.start(t, { HEARTBEAT_SECONDS: '0.1' });
  const client = await Client.open(t, `${server.address}/events`);
  await client.next();

  assert.deepEqual(await client.next(), { comment: 'ping' });
  assert.deepEqual(await client.next(), { comment: 'ping' });
});

test('a client that reads slowly gets a large backlog whole, on one connection', async (t) => {
  const server = await Server.start(t);
  const body = 'x'.repeat(10_000);
  const data = { more: 'y'.repeat(40_000) };
  const total = 300;
  for (let n = 0; n < total; n++) await server.post({ title: 'large', body, data });
  const client = await Client.open(t, `${server.address}/events`, { 'Last-Event-ID': '0' });
  await setTimeout(1000);

  assert.deepEqual(
    (await client.events(total)).map((event) => Number(event.id)),
    numbers(1, total),
  );
});

test('a client that reads too slowly for what is kept is told what it missed', async (t) => {
  const server = await Server.start(t, { KEEP: '3' });
  const client = await Client.open(t, `${server.address}/events`);
  await client.next();
  const data = { more: 'x'.repeat(60_000) };
  const total = 400;
  for (let n = 0; n < total; n++) await server.post({ title: 'large', data });

  let last = 0;
  const gaps = [];
  while (last < total) {
    const { id, event, data } = await client.event();
    if (event === 'gap') {
      const gap = JSON.parse(data);
      assert.equal(gap.requested, last);
      assert.equal(Number(id), gap.oldest - 1);
      gaps.push(gap);
    } else {
      assert.equal(Number(id), last + 1);
    }
    last = Number(id);
  }

  assert.ok(gaps.length > 0);
});

test('SIGTERM ends the server although a stream is open', async (t) => {
  const server = await Server.start(t);
  const client = await Client.open(t, `${server.address}/events`);
  await client.next();

  await server.end('SIGTERM');

  await assert.rejects(client.next(), /the stream ended/);
});

test('the stock handler numbers every connection from 1', async (t) => {
  const server = await Server.start(t, {}, 'stock');

  for (const headers of [{}, { 'Last-Event-ID': '7' }]) {
    const client = await Client.open(t, `${server.address}/sse`, headers);
    assert.deepEqual(await client.events(2), [
      { id: '1', data: '{"hello":"world"}' },
      { id: '2', data: '{"hello":"world"}' },
    ]);
    client.close();
  }
});

test('a stream starts with an empty line', async (t) => {
  const server = await Server.start(t);
  const { response } = await Client.open(t, `${server.address}/events`);

  const [first] = (await once(response, 'data')) as [Buffer];

  assert.equal(first.toString()[0], '\n');
});
