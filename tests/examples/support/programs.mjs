// Starting programs for a test and ending them with it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));
export const cli = join(resolve(root, process.env.CARGO_TARGET_DIR ?? 'target'), 'debug', 'tidings-cli');

export function directory(t) {
  const made = mkdtempSync(join(tmpdir(), 'tidings-examples-'));
  t.after(() => rmSync(made, { recursive: true, force: true, maxRetries: 5 }));
  return made;
}

/** A port that was free a moment ago, for programs that cannot choose one themselves. */
export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until `condition` returns something truthy, and returns it. */
export async function until(condition, what, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > end) throw new Error(`after ${seconds} s still no ${what}`);
    await setTimeout(50);
  }
}

/** A program in a process group of its own, so that its workers end with it. */
export class Program {
  constructor(t, command, words, options = {}) {
    this.child = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'], detached: true, ...options });
    this.ended = once(this.child, 'exit');
    t.after(() => this.kill('SIGKILL'));
  }

  async kill(signal) {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) {
      try {
        process.kill(-child.pid, signal);
      } catch {
        // It has just ended by itself.
      }
    }
    const [code] = await this.ended;
    return code;
  }

  /** Waits for a line of its output that matches, and lets the rest flow off. */
  async line(pattern) {
    for await (const line of createInterface(this.child.stdout)) {
      const match = pattern.exec(line);
      if (!match) continue;
      this.child.stdout.resume();
      return match;
    }
    throw new Error(`${this.child.spawnfile} ended before it wrote ${pattern}`);
  }
}

/** Waits until something listens on `port`. */
export function listening(port) {
  return until(
    () =>
      new Promise((answer) => {
        const socket = net.connect(port, '127.0.0.1', () => answer(true));
        socket.on('error', () => answer(false));
        socket.on('connect', () => socket.destroy());
      }),
    `listener on port ${port}`,
  );
}
