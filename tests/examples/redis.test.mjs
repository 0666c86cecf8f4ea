// Two instances of examples/nestjs on one Redis.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertPrinted, EVENTS, publish } from './support/events.mjs';
import { cli, directory, Program, until } from './support/programs.mjs';
import { nestjs, redis } from './support/servers.mjs';
import { switchTo } from './support/switch.mjs';
import { Tail } from './support/tail.mjs';

async function pair(t, environment = {}) {
  const shared = { REDIS_URL: (await redis(t)).url, ...environment };
  return [await nestjs(t, shared), await nestjs(t, shared)];
}

async function output(dir, ...words) {
  const program = new Program({ after() {} }, cli, ['--data-dir', dir, '--json', ...words]);
  let out = '';
  program.child.stdout.on('data', (bytes) => (out += bytes));
  assert.equal((await program.ended)[0], 0);
  return out.split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

test('an event posted to one instance reaches a client of the other, in one order for all', async (t) => {
  const [a, b] = await pair(t);
  const tails = [new Tail(t, a.stream), new Tail(t, b.stream)];
  for (const tail of tails) await tail.live();

  await publish(a, EVENTS);
  await Promise.all(EVENTS.map((event, n) => (n % 2 ? a : b).publish(event)));

  const [ofA, ofB] = await Promise.all(tails.map((tail) => tail.first(2 * EVENTS.length)));
  assertPrinted(a, ofA.slice(0, EVENTS.length), EVENTS);
  assert.deepEqual(
    ofA.map(({ own_id }) => Number(own_id)),
    ofA.map((_, n) => n + 1),
  );
  assert.deepEqual(
    ofB.map(({ data }) => data),
    ofA.map(({ data }) => data),
  );
});

test('a client that names the last event of a killed instance resumes on the other', async (t) => {
  const [a, b] = await pair(t);
  const first = new Tail(t, a.stream, '--no-reconnect');
  await first.live();
  await publish(b, EVENTS);
  const seen = await first.first(EVENTS.length);
  await a.kill();
  await publish(b, EVENTS);

  const second = new Tail(t, b.stream, '--last-event-id', seen.at(-1).id);

  const rest = await second.first(EVENTS.length);
  assertPrinted(a, [...seen, ...rest], [...EVENTS, ...EVENTS]);
});

test('the history of a source whose instance is killed under load goes on with the other', async (t) => {
  const [a, b] = await pair(t);
  const front = await switchTo(t, a.port);
  const dir = directory(t);
  await output(dir, 'source', 'add', 'both', `http://127.0.0.1:${front.port}/events`);
  const run = new Program(t, cli, ['--data-dir', dir, 'run'], { stdio: ['ignore', 'ignore', 'ignore'] });
  const history = () => output(dir, 'history', '--oldest-first', '--limit', '10000');
  await until(async () => {
    await a.publish({ type: 'message', text: 'are you there?' });
    return (await history()).length > 0;
  }, 'row of the history');

  const TOTAL = 400;
  for (let n = 0; n < TOTAL; n++) {
    if (n === TOTAL / 2) {
      front.choose(b.port);
      await a.kill();
    }
    await b.publish({ type: 'numbered', text: String(n) });
  }
  const numbered = async () => (await history()).filter(({ event }) => event === 'numbered');
  await until(async () => (await numbered()).length >= TOTAL, 'whole history', 60);
  await new Promise((later) => setTimeout(later, 500));

  assert.deepEqual(
    (await numbered()).map(({ data }) => Number(a.text(data))),
    Array.from({ length: TOTAL }, (_, n) => n),
  );
  assert.equal(await run.kill('SIGTERM'), 0);
});

test('a client whose last event Redis no longer keeps is sent a gap event, then all that is kept', async (t) => {
  const [a, b] = await pair(t, { KEEP: '5' });
  await publish(a, EVENTS);

  const tail = new Tail(t, b.stream, '--last-event-id', '3');

  const [gap, ...rest] = await tail.first(6);
  assert.equal(gap.event, 'gap');
  assert.deepEqual(JSON.parse(gap.data), { requested: 3, oldest: EVENTS.length - 4 });
  assertPrinted(b, rest, EVENTS.slice(-5));
});

test('events of a Redis that was emptied are not taken for those the client has', async (t) => {
  const store = await redis(t);
  const a = await nestjs(t, { REDIS_URL: store.url });
  const tail = new Tail(t, a.stream);
  await tail.live();
  await publish(a, EVENTS);
  await tail.first(EVENTS.length);

  await store.ask('FLUSHALL');
  await publish(a, EVENTS.slice(0, 3));

  const [gap, ...rest] = (await tail.first(EVENTS.length + 4)).slice(EVENTS.length);
  assert.equal(gap.event, 'gap');
  assert.deepEqual(
    rest.map(({ own_id }) => own_id),
    ['1', '2', '3'],
  );
});

test('while Redis is away requests get 503 and streams end; once it is back they go on without loss', async (t) => {
  const store = await redis(t, '--appendonly', 'yes', '--appendfsync', 'always');
  const a = await nestjs(t, { REDIS_URL: store.url });
  const tail = new Tail(t, a.stream);
  await tail.live();
  await publish(a, EVENTS);
  await tail.first(EVENTS.length);

  await store.kill();
  await assert.rejects(a.publish(EVENTS[0]), /answered 503: .*the event store does not answer; try again later/);
  assert.equal((await fetch(a.stream)).status, 503);
  await until(() => tail.states.at(-1).state !== 'live', 'end of the stream');
  await store.start();
  await until(() => a.publish(EVENTS[0]).catch(() => false), 'event stored again');
  await tail.live(2);
  await publish(a, EVENTS);

  const sent = [...EVENTS, EVENTS[0], ...EVENTS];
  assertPrinted(a, await tail.first(sent.length), sent);
});

test('why Redis refuses an event is logged once', async (t) => {
  const store = await redis(t);
  const a = await nestjs(t, { REDIS_URL: store.url });
  let log = '';
  a.program.child.stdout.on('data', (bytes) => (log += bytes));
  await store.ask('SET', 'events', 'of another program');

  for (const event of EVENTS.slice(0, 3)) {
    await assert.rejects(a.publish(event), /answered 503: .*the event store has a problem; the log of the server says/);
  }

  await until(() => log !== '', 'line of the log');
  assert.equal(log.match(/Redis refuses: WRONGTYPE/g)?.length, 1, log);
});
