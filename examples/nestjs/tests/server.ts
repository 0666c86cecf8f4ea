// The built server as a process of its own, on a free port with a database in a temporary directory.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

export interface Answer {
  status: number;
  headers: Headers;
  body: any;
}

export class Server {
  private constructor(
    readonly address: string,
    readonly process: ChildProcess,
  ) {}

  /** Starts `program` (a file of src) and ends it with the test. */
  static async start(test: TestContext, environment: Record<string, string> = {}, program = 'main'): Promise<Server> {
    const file = fileURLToPath(new URL(`../src/${program}.js`, import.meta.url));
    const child = spawn(process.execPath, [file], {
      env: { ...process.env, PORT: '0', DATABASE: database(test), ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    test.after(() => child.kill('SIGKILL'));
    for await (const line of createInterface(child.stdout!)) {
      const address = /^listening on (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)?.[1];
      if (address) return new Server(address, child);
    }
    throw new Error('the server ended before it listened');
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.kill(signal);
    await ended;
  }

  async ask(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(this.address + path, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  post(event: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask('/api/events', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(event),
    });
  }
}

/** A path for a database that is gone with the test. */
export function database(test: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'tidings-nestjs-'));
  test.after(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'data', 'events.sqlite');
}
