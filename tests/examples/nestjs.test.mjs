// examples/nestjs as tidings-cli sees it.
import { test } from 'node:test';
import { assertPrinted, EVENTS, publish } from './support/events.mjs';
import { nestjs } from './support/servers.mjs';
import { Tail } from './support/tail.mjs';

test('tail prints each event of NestJS once, and those of an outage after kill -9', async (t) => {
  const server = await nestjs(t);
  const tail = new Tail(t, server.stream);
  await tail.live();
  await publish(server, EVENTS);
  assertPrinted(server, await tail.first(EVENTS.length), EVENTS);

  await server.kill();
  await server.start();
  // The client waits at least half a second, so these are published while it is away.
  await publish(server, EVENTS);
  await tail.live(2);
  await publish(server, EVENTS);

  const sent = [...EVENTS, ...EVENTS, ...EVENTS];
  assertPrinted(server, await tail.first(sent.length), sent);
});
