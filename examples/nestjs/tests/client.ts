// A client of an event stream that shows every block as it came, unlike EventSource, which hides some.
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { TestContext } from 'node:test';

export interface Block {
  id?: string;
  event?: string;
  data?: string;
  retry?: string;
  comment?: string;
}

export class Client {
  private readonly blocks: AsyncGenerator<Block>;

  private constructor(readonly response: IncomingMessage) {
    this.blocks = read(response);
  }

  static async open(test: TestContext, address: string, headers: Record<string, string> = {}): Promise<Client> {
    const request = get(address, { headers, agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    test.after(() => response.destroy());
    return new Client(response);
  }

  /** The next block; fails when the stream ends. */
  async next(): Promise<Block> {
    const { value, done } = await this.blocks.next();
    if (done) throw new Error('the stream ended');
    return value;
  }

  /** The next block that raises an event. */
  async event(): Promise<Block & { data: string }> {
    for (;;) {
      const block = await this.next();
      if (block.data !== undefined) return { ...block, data: block.data };
    }
  }

  async events(count: number): Promise<(Block & { data: string })[]> {
    const events = [];
    while (events.length < count) events.push(await this.event());
    return events;
  }

  close(): void {
    this.response.destroy();
  }
}

async function* read(response: IncomingMessage): AsyncGenerator<Block> {
  response.setEncoding('utf8');
  let block: Block = {};
  let rest = '';
  try {
    for await (const chunk of response as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line !== '') {
          const colon = line.indexOf(': ');
          const field = line.slice(0, colon) || 'comment';
          block[field as keyof Block] = line.slice(colon + 2);
        } else if (Object.keys(block).length > 0) {
          yield block;
          block = {};
        }
      }
    }
  } catch {
    // A connection that breaks ends the stream, as it does for every client.
  }
}
