// The collection of examples/postman, run by newman against the real server of examples/nestjs.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { directory, Program, root } from './support/programs.mjs';
import { nestjs } from './support/servers.mjs';
import { Tail } from './support/tail.mjs';

const folder = join(root, 'examples/postman');

/** Runs the collection; its exit code and what it wrote. */
async function newman(t, server, token = '') {
  const words = ['run', 'collection.json', '-e', 'environment.json', '--env-var', `base=${server.url}`];
  const options = { cwd: folder };
  const command = join(folder, 'node_modules/.bin/newman');
  const program = new Program(t, command, [...words, '--env-var', `token=${token}`, '--color', 'off'], options);
  let out = '';
  program.child.stdout.on('data', (bytes) => (out += bytes));
  const [code] = await program.ended;
  return { code, out };
}

test('the collection passes, and tidings-cli prints what it published', async (t) => {
  const server = await nestjs(t);
  const tail = new Tail(t, server.stream);
  await tail.live();

  const { code, out } = await newman(t, server);

  assert.equal(code, 0, out);
  const printed = await tail.first(2);
  assert.deepEqual(
    printed.map(({ event, data }) => [event, JSON.parse(data).title]),
    [
      ['invoice.paid', '결제 완료 😀'],
      ['message', 'Hello'],
    ],
  );
});

test('the collection passes on a server that has events and asks for a token', async (t) => {
  const server = await nestjs(t, { EVENTS_TOKEN: 'open sesame' });
  assert.equal((await newman(t, server, 'open sesame')).code, 0);

  const { code, out } = await newman(t, server, 'open sesame');
  assert.equal(code, 0, out);

  const file = join(directory(t), 'token');
  writeFileSync(file, 'open sesame\n');
  const tail = new Tail(t, server.stream, '--bearer-file', file, '--last-event-id', '0');
  assert.equal((await tail.first(4)).length, 4);
});

test('the collection fails without the token that the server asks for', async (t) => {
  const server = await nestjs(t, { EVENTS_TOKEN: 'open sesame' });

  assert.equal((await newman(t, server)).code, 1);
});
