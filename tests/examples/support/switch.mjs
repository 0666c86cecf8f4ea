// What stands in front of several servers: passes each connection on to the one that is chosen.
import { once } from 'node:events';
import net from 'node:net';

export async function switchTo(t, port) {
  let chosen = port;
  const sockets = new Set();
  const front = net.createServer((client) => {
    const server = net.connect(chosen, '127.0.0.1');
    for (const [one, other] of [[client, server], [server, client]]) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  t.after(() => {
    front.close();
    for (const socket of sockets) socket.destroy();
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  return {
    port: front.address().port,
    /** For the connections from now on. */
    choose: (other) => (chosen = other),
  };
}
