// The server of the NestJS documentation as it is: no ids, so NestJS numbers every connection's
// events from 1 again, and the same payload each second. Between it and Tidings stands a proxy
// that ends the connection again and again and counts what it let pass.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { cli, directory, root } from './support/programs.mjs';

const EVENTS_A_CONNECTION = 4;
const RECONNECTS = 3;

async function stock(t) {
  const child = spawn(process.execPath, [join(root, 'examples/nestjs/dist/src/stock.js')], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  for await (const line of createInterface(child.stdout)) {
    const port = /^listening on http:\/\/127\.0\.0\.1:(\d+)$/.exec(line)?.[1];
    if (port) return Number(port);
  }
  throw new Error('the server ended before it listened');
}

/** Passes on whole events, a few for each connection; says how many passed over all of them. */
async function cuttingProxy(t, port) {
  const passed = [];
  const done = deferred();
  const proxy = net.createServer((client) => {
    const number = passed.push(0) - 1;
    const server = net.connect(port, '127.0.0.1');
    client.on('error', () => server.destroy());
    server.on('error', () => client.destroy());
    client.pipe(server);
    server.on('data', (bytes) => {
      client.write(bytes);
      passed[number] += bytes.toString().split('data: {').length - 1;
      if (passed[number] < EVENTS_A_CONNECTION) return;
      if (number < RECONNECTS) {
        server.destroy();
        // All that was written arrives; then the connection ends in the middle of the body.
        client.end();
      } else if (passed[number] === EVENTS_A_CONNECTION) {
        done.resolve(passed);
      }
    });
    client.on('close', () => server.destroy());
  });
  t.after(() => proxy.close());
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return { port: proxy.address().port, done: done.promise };
}

function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

async function run(dir, ...words) {
  const child = spawn(cli, ['--data-dir', dir, '--json', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (bytes) => (out += bytes));
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
  return out.split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

test('a stock NestJS handler loses no event over three reconnects', { timeout: 60_000 }, async (t) => {
  const dir = directory(t);
  const proxy = await cuttingProxy(t, await stock(t));
  await run(dir, 'source', 'add', 'stock', `http://127.0.0.1:${proxy.port}/sse`);
  const tidings = spawn(cli, ['--data-dir', dir, 'run'], { stdio: ['ignore', 'inherit', 'ignore'] });
  t.after(() => tidings.kill('SIGKILL'));

  const passed = await proxy.done;
  await new Promise((resolve) => setTimeout(resolve, 500));
  const rows = await run(dir, 'history', '--oldest-first', '--limit', '1000');
  const ended = once(tidings, 'exit');
  tidings.kill('SIGTERM');
  const [code] = await ended;

  assert.equal(code, 0);
  assert.ok(passed.length > RECONNECTS, `${passed.length} connections`);
  assert.equal(rows.length, passed.reduce((sum, count) => sum + count, 0));
  // Numbered from 1 again on every connection, and none taken for a duplicate.
  const ids = rows.map((row) => Number(row.id));
  assert.ok(ids.filter((id) => id === 1).length > RECONNECTS, ids.join(' '));
});
