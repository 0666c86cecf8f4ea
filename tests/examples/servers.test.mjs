// Other real servers as tidings-cli sees them: nginx with nchan, sse-starlette, better-sse.
import { test } from 'node:test';
import { assertPrinted, EVENTS, publish } from './support/events.mjs';
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
