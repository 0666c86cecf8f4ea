// The real servers of the tests, each with the address of its stream and a way to publish.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { directory, freePort, listening, Program, root } from './programs.mjs';

/** Posts, and fails unless the server accepted it. */
async function post(url, body, headers) {
  const answer = await fetch(url, { method: 'POST', body, headers });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** examples/nestjs on one address for its whole life, so that it can be restarted. */
export async function nestjs(t, environment = {}) {
  const port = await freePort();
  const env = { DATABASE: join(directory(t), 'events.sqlite'), ...environment, PORT: String(port) };
  const url = `http://127.0.0.1:${port}`;
  const server = {
    port,
    url,
    database: env.DATABASE,
    stream: `${url}/events`,
    /** The server of `text` in the "body" of its event. */
    async publish({ type, text }) {
      return (await post(`${url}/api/events`, JSON.stringify({ type, title: 'test', body: text }), JSON_TYPE)).json();
    },
    text: (data) => JSON.parse(data).body,
    async start() {
      const words = [join(root, 'examples/nestjs/dist/src/main.js')];
      server.program = new Program(t, process.execPath, words, { env: { ...process.env, ...env } });
      await server.program.line(/^listening on/);
    },
    kill: () => server.program.kill('SIGKILL'),
  };
  await server.start();
  return server;
}

/** A Redis of its own, without a file unless `options` ask for one. */
export async function redis(t, ...options) {
  const [port, dir] = [await freePort(), directory(t)];
  const words = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--dir', dir, ...options];
  const url = `redis://127.0.0.1:${port}`;
  const server = {
    url,
    async start() {
      server.program = new Program(t, 'redis-server', words);
      server.program.child.stdout.resume();
      await listening(port);
    },
    kill: () => server.program.kill('SIGKILL'),
    /** What redis-cli does with `words`. */
    ask: (...words) => new Program(t, 'redis-cli', ['-u', url, ...words]).ended,
  };
  await server.start();
  return server;
}

/** examples/nchan with its own configuration, but for the ports. */
export async function nchan(t, redisUrl) {
  const [port, publishers] = [await freePort(), await freePort()];
  const prefix = directory(t);
  const config = join(prefix, 'nginx.conf');
  const text = readFileSync(join(root, 'examples/nchan', redisUrl ? 'nginx-redis.conf' : 'nginx.conf'), 'utf8');
  writeFileSync(
    config,
    text
      .replace('listen 8080', `listen 127.0.0.1:${port}`)
      .replace('127.0.0.1:8081', `127.0.0.1:${publishers}`)
      .replace('redis://127.0.0.1:6379', redisUrl),
  );
  const server = {
    port,
    publishers,
    stream: `http://127.0.0.1:${port}/events/test`,
    publish: ({ type, text }) =>
      post(`http://127.0.0.1:${publishers}/publish/test`, text, {
        // Header values are bytes; fetch takes them as Latin-1.
        ...(type === 'message' ? {} : { 'X-EventSource-Event': Buffer.from(type).toString('latin1') }),
      }),
    text: (data) => data,
    async start() {
      server.program = new Program(t, 'nginx', ['-p', prefix, '-c', config]);
      await listening(publishers);
    },
    kill: () => server.program.kill('SIGKILL'),
    reload: () => server.program.child.kill('SIGHUP'),
  };
  await server.start();
  return server;
}

/** examples/fastapi. */
export async function fastapi(t) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/events`;
  const words = ['main:app', '--port', port, '--log-level', 'warning'];
  new Program(t, join(root, 'target/examples/venv/bin/uvicorn'), words, {
    cwd: join(root, 'examples/fastapi'),
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  await listening(port);
  return {
    stream: url,
    publish: ({ type, text }) => post(url, JSON.stringify({ type, title: 'test', body: text }), JSON_TYPE),
    text: (data) => JSON.parse(data).body,
  };
}

/** better-sse on express. */
export async function betterSse(t) {
  const words = [join(root, 'tests/examples/better-sse/server.mjs')];
  const program = new Program(t, process.execPath, words, { env: { ...process.env, PORT: '0' } });
  const [, url] = await program.line(/^listening on (.+)$/);
  return {
    stream: `${url}/events`,
    publish: ({ type, text }) =>
      post(`${url}/publish/${encodeURIComponent(type)}`, text, { 'Content-Type': 'text/plain; charset=utf-8' }),
    // better-sse sends every payload as JSON.
    text: (data) => JSON.parse(data),
  };
}
