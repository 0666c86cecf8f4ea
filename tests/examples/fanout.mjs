// What one nginx with nchan costs when many clients follow one channel: time, memory and CPU, and whether each got
// every event once and in order. `node fanout.mjs [CLIENTS] [EVENTS]`
import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import { until } from './support/programs.mjs';
import { nchan } from './support/servers.mjs';

const CLIENTS = Number(process.argv[2] ?? 2000);
const EVENTS = Number(process.argv[3] ?? 100);
/** Bytes of the data of an event; a notification in JSON is about this long. */
const SIZE = 300;
const TICKS_PER_SECOND = 100;
const MIB = 1024 * 1024;

/** One connection that counts: it fails on an event that is missing, comes twice or is out of order. */
class Client {
  seen = 0;
  rest = '';
  open = false;

  constructor(port) {
    this.socket = net.connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1');
    this.socket.write('GET /events/test HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n');
    this.socket.on('data', (text) => this.read(text));
    this.socket.on('close', () => stop(new Error('a connection ended')));
    this.socket.on('error', stop);
  }

  read(text) {
    bytes += text.length;
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop();
    for (const line of lines) {
      if (line.startsWith(': hi')) this.open = true;
      if (!line.startsWith('data: ')) continue;
      const number = Number(line.slice(6, line.indexOf(' ', 6)));
      if (number !== this.seen + 1) stop(new Error(`event ${number} came after event ${this.seen}`));
      this.seen = number;
      arrived++;
      if (arrived === wanted) whole();
    }
  }
}

const clients = [];
let [bytes, arrived, wanted, published] = [0, 0, 0, 0];
let whole = () => {};
const ends = [];

function stop(error) {
  if (error) console.error(`failed: ${error.message}`);
  for (const end of ends.reverse()) end();
  process.exit(error ? 1 : 0);
}

/** Publishes `count` events and waits until every client has them; milliseconds. */
async function send(server, count) {
  wanted = (published + count) * clients.length;
  const done = new Promise((resolve) => (whole = resolve));
  const begun = performance.now();
  for (let n = 0; n < count; n++) {
    const text = `${++published} `.padEnd(SIZE, 'x');
    await server.publish({ type: 'message', text });
  }
  const late = setTimeout(() => stop(new Error(`${wanted - arrived} of ${wanted} events did not arrive in 60 s`)), 60_000);
  await done;
  clearTimeout(late);
  return performance.now() - begun;
}

/** The processes of the server: its master and the children of it. */
function processes(master) {
  const children = readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && stat(name)[1] === String(master);
    } catch {
      return false;
    }
  });
  return [String(master), ...children];
}

/** The fields of /proc/PID/stat after the name. */
function stat(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function cost(master) {
  let [memory, cpu] = [0, 0];
  for (const pid of processes(master)) {
    // Shared pages are divided among those who share them, so that the sum is true.
    memory += Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) * 1024;
    const fields = stat(pid);
    cpu += (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }
  return { memory, cpu };
}

/** Kernel memory of all TCP sockets of this machine: buffers of both ends, in bytes. */
function socketMemory() {
  return Number(/^TCP:.* mem (\d+)/m.exec(readFileSync('/proc/net/sockstat', 'utf8'))[1]) * 4096;
}

const own = () => {
  const { user, system } = process.cpuUsage();
  return { memory: process.memoryUsage().rss, cpu: (user + system) / 1e6 };
};
const mib = (size) => `${(size / MIB).toFixed(1)} MiB`;

const server = await nchan({ after: (end) => ends.push(end) });
const master = server.program.child.pid;
const idle = cost(master);
const connecting = performance.now();
while (clients.length < CLIENTS) {
  for (let n = 0; n < 100 && clients.length < CLIENTS; n++) clients.push(new Client(server.port));
  await until(() => clients.every(({ open }) => open), 'answer to every client');
}
const connected = performance.now() - connecting;
const held = cost(master);
console.log(`${os.cpus().length} x ${os.cpus()[0].model.trim()}; events of ${SIZE} bytes`);
console.log(`connected          ${CLIENTS} clients in ${(connected / 1000).toFixed(1)} s`);
console.log(`nginx memory       ${mib(idle.memory)} idle, ${mib(held.memory)} with clients: ` +
  `${((held.memory - idle.memory) / CLIENTS / 1024).toFixed(1)} KiB a client`);

const before = { server: cost(master), own: own(), bytes };
const times = [];
for (let n = 0; n < EVENTS; n++) times.push(await send(server, 1));
const sorted = times.toSorted((one, other) => one - other);
const at = (share) => sorted[Math.ceil(share * sorted.length) - 1].toFixed(0);
const between = { server: cost(master), own: own(), bytes };
const deliveries = CLIENTS * EVENTS;
console.log(`one by one         ${EVENTS} events, each at all ${CLIENTS} clients after ${at(0.5)} ms (median), ` +
  `${at(0.99)} ms (99 %), ${at(1)} ms (most)`);
const nginxCpu = between.server.cpu - before.server.cpu;
console.log(`nginx CPU          ${nginxCpu.toFixed(2)} s for ${deliveries} deliveries: ` +
  `${((nginxCpu / deliveries) * 1e6).toFixed(1)} µs each`);
console.log(`network            ${((between.bytes - before.bytes) / deliveries).toFixed(0)} bytes a delivery, without TCP/IP`);

const burst = await send(server, EVENTS);
const after = { server: cost(master), own: own() };
console.log(`all at once        ${EVENTS} events at all clients after ${(burst / 1000).toFixed(2)} s: ` +
  `${Math.round(deliveries / (burst / 1000))} deliveries a second`);
console.log(`nginx memory       ${mib(after.server.memory)} afterwards; TCP buffers of both ends ${mib(socketMemory())}`);
console.log(`the load client    ${(after.own.cpu - before.own.cpu).toFixed(2)} s CPU and ${mib(after.own.memory)}, on the same cores`);
const lost = clients.filter(({ seen }) => seen !== published).length;
console.log(`lost or repeated   ${lost === 0 ? 'none' : `at ${lost} clients`} of ${arrived} deliveries`);
stop(lost === 0 ? undefined : new Error('events were lost'));
