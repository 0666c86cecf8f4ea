// Other real servers as tidings-cli sees them: nginx with nchan, sse-starlette, better-sse.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertPrinted, EVENTS, publish } from './support/events.mjs';
import { Program, root, until } from './support/programs.mjs';
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

for (const [name, start] of [
  ['nchan', nchan],
  ['sse-starlette', fastapi],
]) {
  test(`a second client of ${name} resumes after any event`, async (t) => {
    const server = await start(t);
    const first = new Tail(t, server.stream);
    await first.live();
    await publish(server, EVENTS);
    const { id } = (await first.first(EVENTS.length))[6];

    const second = new Tail(t, server.stream, '--last-event-id', id);

    assertPrinted(server, await second.first(EVENTS.length - 7), EVENTS.slice(7));
  });
}

test('a client of sse-starlette that reads too slowly, or was away too long, is told what it missed', async (t) => {
  const server = await fastapi(t);
  const slow = new Tail(t, server.stream);
  await slow.live();
  await publish(server, EVENTS.slice(0, 1));
  const { id } = (await slow.first(1))[0];
  const nth = (number) => `${id.split('-')[0]}-${number}`;

  slow.program.child.kill('SIGSTOP');
  const [TOTAL, text] = [1600, 'x'.repeat(20_000)];
  for (let n = 1; n < TOTAL; n++) await server.publish({ type: 'message', text });
  slow.program.child.kill('SIGCONT');
  const late = new Tail(t, server.stream, '--last-event-id', id);
  const foreign = new Tail(t, server.stream, '--last-event-id', 'not-from-here');

  await until(() => slow.events.at(-1).id === nth(TOTAL), 'last event');
  let last = 1;
  const gaps = slow.events.filter(({ event }) => event === 'gap');
  for (const { event, id, data } of slow.events.slice(1)) {
    if (event === 'gap') {
      const { requested, oldest } = JSON.parse(data);
      assert.equal(requested, nth(last));
      last = Number(oldest.split('-')[1]) - 1;
    } else {
      last++;
    }
    assert.equal(id, nth(last));
  }
  assert.ok(gaps.length > 0);
  for (const [tail, requested] of [
    [late, id],
    [foreign, 'not-from-here'],
  ]) {
    const [gap, ...rest] = await tail.first(1001);
    assert.equal(gap.event, 'gap');
    assert.deepEqual(JSON.parse(gap.data), { requested, oldest: nth(TOTAL - 999) });
    assert.deepEqual(
      rest.map(({ own_id }) => own_id),
      Array.from({ length: 1000 }, (_, n) => nth(TOTAL - 999 + n)),
    );
  }
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
  assert.equal(await run({ EVENT_TYPE: 'deploy' }, 'test', 'one\r\n\r\ntwo\rthree'), 0);

  assertPrinted(server, await tail.first(2), [
    { type: 'message', text: '{"title": "안녕하세요"}' },
    { type: 'deploy', text: 'one\n\ntwo\nthree' },
  ]);
  await server.kill();
  assert.notEqual(await run({}, 'test', 'nobody'), 0);
});

for (const [what, happen] of [
  ['restart', async (server) => (await server.kill(), server.start())],
  ['reload', (server) => server.reload()],
]) {
  test(`tail goes on after the ${what} of an nchan, which forgets its messages`, async (t) => {
    const server = await nchan(t);
    const tail = new Tail(t, server.stream);
    await tail.live();
    await publish(server, EVENTS);
    const { id } = (await tail.first(EVENTS.length))[0];

    await happen(server);
    await tail.live(2);
    await publish(server, EVENTS);

    assertPrinted(server, await tail.first(2 * EVENTS.length), [...EVENTS, ...EVENTS]);
    const late = new Tail(t, server.stream, '--last-event-id', id);
    assertPrinted(server, await late.first(EVENTS.length), EVENTS);
  });
}

test('tail prints what was published on another node while its nchan was killed', async (t) => {
  const shared = (await redis(t)).url;
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
