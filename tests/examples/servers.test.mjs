// Other real servers as tidings-cli sees them: nginx with nchan, sse-starlette, better-sse.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertPrinted, EVENTS, publish } from './support/events.mjs';
import { Program, root } from './support/programs.mjs';
import { betterSse, fastapi, nchan, redis } from './support/servers.mjs';
import { Tail } from './support/tail.mjs';

for (const [name, start] of [
  ['nchan', nchan],
  ['sse-starlette', fastapi],
  ['better-sse', betterSse],
]) {
  test(`tail prints each event of ${name} once`, async (t) => {
    const server = await start(t);
    const tail = new Tail(t, server.stream);
    await tail.live();
    await publish(server, EVENTS);
    assertPrinted(server, await tail.first(EVENTS.length), EVENTS);
  });
}

test('a second client of sse-starlette resumes after any event', async (t) => {
  const server = await fastapi(t);
  const first = new Tail(t, server.stream);
  await first.live();
  await publish(server, EVENTS);
  const { id } = (await first.first(EVENTS.length))[6];

  const second = new Tail(t, server.stream, '--last-event-id', id);

  assertPrinted(server, await second.first(EVENTS.length - 7), EVENTS.slice(7));
});

test('the publish script of examples/nchan sends what it is given, as text', async (t) => {
  const server = await nchan(t);
  const tail = new Tail(t, server.stream);
  await tail.live();
  const script = join(root, 'examples/nchan/publish');
  const run = async (environment, ...words) => {
    const env = { ...process.env, PUBLISHER: `http://127.0.0.1:${server.publishers}`, ...environment };
    return (await new Program(t, script, words, { env }).ended)[0];
  };

  assert.equal(await run({}, 'test', '{"title": "안녕하세요"}'), 0);
  assert.equal(await run({ EVENT_TYPE: 'deploy' }, 'test', 'one\r\n\r\ntwo'), 0);

  assertPrinted(server, await tail.first(2), [
    { type: 'message', text: '{"title": "안녕하세요"}' },
    { type: 'deploy', text: 'one\n\ntwo' },
  ]);
  await server.kill();
  assert.notEqual(await run({}, 'test', 'nobody'), 0);
});

test('tail goes on after the restart of an nchan that forgot its messages', async (t) => {
  const server = await nchan(t);
  const tail = new Tail(t, server.stream);
  await tail.live();
  await publish(server, EVENTS);
  await tail.first(EVENTS.length);

  await server.kill();
  await server.start();
  await tail.live(2);
  await publish(server, EVENTS);

  assertPrinted(server, await tail.first(2 * EVENTS.length), [...EVENTS, ...EVENTS]);
});

test('tail prints what was published on another node while its nchan was killed', async (t) => {
  const shared = await redis(t);
  const [mine, other] = [await nchan(t, shared), await nchan(t, shared)];
  const tail = new Tail(t, mine.stream);
  await tail.live();
  await publish(mine, EVENTS);
  assertPrinted(mine, await tail.first(EVENTS.length), EVENTS);

  await mine.kill();
  await publish(other, EVENTS);
  await mine.start();
  await tail.live(2);
  await publish(other, EVENTS);

  const sent = [...EVENTS, ...EVENTS, ...EVENTS];
  assertPrinted(mine, await tail.first(sent.length), sent);
});
