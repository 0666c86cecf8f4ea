// `tidings-cli tail URL --json`, and what it printed.
import { createInterface } from 'node:readline';
import { cli, Program, until } from './programs.mjs';

export class Tail {
  /** Each event as it was printed, in that order. */
  events = [];
  /** Each change of state. */
  states = [];

  constructor(t, url, ...words) {
    this.program = new Program(t, cli, ['tail', url, '--json', ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    const { stdout, stderr } = this.program.child;
    createInterface(stdout).on('line', (line) => this.events.push(JSON.parse(line)));
    createInterface(stderr).on('line', (line) => this.states.push(JSON.parse(line)));
  }

  /** Waits until it has been connected `times` times. */
  async live(times = 1) {
    const count = () => this.states.filter(({ state }) => state === 'live').length;
    await until(() => count() >= times, `connection number ${times}; states: ${JSON.stringify(this.states)}`);
  }

  /** Waits for `count` events, and a little longer for one too many. */
  async first(count) {
    await until(() => this.events.length >= count, `event number ${count} (of ${this.events.length})`);
    await new Promise((later) => setTimeout(later, 300));
    return this.events;
  }

  end() {
    return this.program.kill('SIGTERM');
  }
}
