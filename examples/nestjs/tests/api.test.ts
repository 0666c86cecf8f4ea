// What POST and GET /api/events, /health, the token and CORS answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from './client.js';
import { Server } from './server.js';

test('a wrong event is refused with the field, the reason and what to send', async (t) => {
  const server = await Server.start(t);
  const cases: [unknown, RegExp][] = [
    [{}, /^title: is missing; send a text of 1 to 200 characters$/],
    [{ title: 7 }, /^title: is 7; send a text/],
    [{ title: 'x'.repeat(201) }, /^title: has 201 characters; send/],
    [{ title: 'x', level: 'urgent' }, /^level: is "urgent"; send one of low, normal, high, critical$/],
    [{ title: 'x', url: 'javascript:alert(1)' }, /^url: is "javascript:alert\(1\)"; send an address/],
    [{ title: 'x', data: [1] }, /^data: is a list; send a JSON object$/],
    [{ title: 'x', type: 'a\nid: 9' }, /^type: is "a\\nid: 9"; send/],
    [{ title: 'x', type: 'gap' }, /^type: is "gap"; send/],
    [{ title: 'x', titel: 'y' }, /^titel: is not a field; remove it or use one of type, title, body/],
    [null, /^body: is not a JSON object; send one such as/],
    [['x'], /^body: is not a JSON object; send one such as/],
  ];

  for (const [event, message] of cases) {
    const { status, body } = await server.post(event);
    assert.equal(status, 400);
    assert.match(body.message[0], message);
  }
  assert.deepEqual((await server.ask('/health')).body, { status: 'ok', oldest: 1, newest: 0 });
});

test('a body that is no JSON or too large is refused with what to send', async (t) => {
  const server = await Server.start(t);
  const send = (body: string) =>
    server.ask('/api/events', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: 'http://localhost:5173' },
      body,
    });

  const malformed = await send('{"title": "x"');
  const large = await send(JSON.stringify({ title: 'x', data: { more: 'x'.repeat(65_536) } }));

  assert.equal(malformed.status, 400);
  assert.deepEqual(malformed.body.message, ['body: is not JSON; send an object such as {"title":"Hello"}']);
  assert.equal(large.status, 413);
  assert.deepEqual(large.body.message, ['body: has more than 65536 bytes; send less']);
  for (const { headers } of [malformed, large]) {
    assert.equal(headers.get('Access-Control-Allow-Origin'), 'http://localhost:5173');
  }
  assert.equal((await server.ask('/health')).body.newest, 0);
});

test('a plain form, which any web page could send, stores nothing', async (t) => {
  const server = await Server.start(t);

  const { status } = await server.ask('/api/events', { method: 'POST', body: new URLSearchParams({ title: 'x' }) });

  assert.equal(status, 400);
  assert.equal((await server.ask('/health')).body.newest, 0);
});

test('an event without a type is a "message"', async (t) => {
  const server = await Server.start(t);

  assert.equal((await server.post({ title: 'x' })).body.type, 'message');
});

test('events are listed by id, a page at a time', async (t) => {
  const server = await Server.start(t);
  for (let n = 1; n <= 5; n++) await server.post({ title: `event ${n}` });
  const ids = async (query: string) =>
    (await server.ask(`/api/events${query}`)).body.map(({ id }: { id: number }) => id);

  assert.deepEqual(await ids(''), [1, 2, 3, 4, 5]);
  assert.deepEqual(await ids('?after=2&limit=2'), [3, 4]);
  assert.deepEqual(await ids('?after=&limit='), [1, 2, 3, 4, 5]);
  for (const query of ['limit=0', 'limit=501', 'limit=ten', 'after=-1', 'after=1&after=2']) {
    const { status, body } = await server.ask(`/api/events?${query}`);
    assert.equal(status, 400);
    assert.match(body.message[0], /^(limit|after): is .+; send a whole number from/);
  }
});

test('only the newest events are kept', async (t) => {
  const server = await Server.start(t, { KEEP: '2' });
  for (let n = 1; n <= 5; n++) await server.post({ title: `event ${n}` });

  assert.deepEqual((await server.ask('/health')).body, { status: 'ok', oldest: 4, newest: 5 });
  assert.equal((await server.ask('/api/events')).body.length, 2);
});

test('with a token, only who sends it may read or post', async (t) => {
  const server = await Server.start(t, { EVENTS_TOKEN: 'open sesame' });
  const right = { Authorization: 'Bearer open sesame' };

  for (const headers of [{}, { Authorization: 'Bearer wrong' }, { Authorization: 'open sesame' }] as Record<
    string,
    string
  >[]) {
    for (const path of ['/events', '/api/events']) {
      const answer = await server.ask(path, { headers });
      assert.equal(answer.status, 401);
      assert.equal(answer.headers.get('WWW-Authenticate'), 'Bearer');
      assert.match(answer.body.message, /^the token is (missing|wrong); send the header/);
    }
    assert.equal((await server.post({ title: 'x' }, headers)).status, 401);
  }
  assert.equal((await server.ask('/health')).status, 200);

  const client = await Client.open(t, `${server.address}/events`, right);
  assert.equal((await server.post({ title: 'x' }, right)).status, 201);
  assert.equal((await client.event()).id, '1');
});

test('a page on the allowed origin passes the preflight without a token, another does not', async (t) => {
  const server = await Server.start(t, { EVENTS_TOKEN: 'secret' });
  const preflight = (origin: string) =>
    server.ask('/api/events', {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization,content-type,last-event-id',
      },
    });

  const allowed = await preflight('http://localhost:5173');
  const refused = await preflight('http://example.com');

  assert.equal(allowed.status, 204);
  assert.equal(allowed.headers.get('Access-Control-Allow-Origin'), 'http://localhost:5173');
  assert.match(allowed.headers.get('Access-Control-Allow-Headers')!, /Authorization.*Content-Type.*Last-Event-ID/);
  assert.equal(refused.headers.get('Access-Control-Allow-Origin'), null);
});

test('only this machine reaches the server, unless HOST says otherwise', async (t) => {
  const [closed, open] = [await Server.start(t), await Server.start(t, { HOST: '0.0.0.0' })];
  // Another address of this machine stands for that by which others reach it.
  const health = ({ address }: Server) => fetch(`${address.replace('127.0.0.1', '127.0.0.2')}/health`);

  await assert.rejects(health(closed));
  assert.equal((await health(open)).status, 200);
});

test('without a Redis at its address the server does not start', async (t) => {
  await assert.rejects(Server.start(t, { REDIS_URL: 'redis://localhost:1' }), /ended before it listened/);
});

test('a wrong setting stops the start', async (t) => {
  await assert.rejects(Server.start(t, { KEEP: 'many' }), /ended before it listened/);
});
