// What Tidings costs while nothing much happens: memory (PSS over all its processes), threads,
// wake-ups and CPU, and how soon it is connected; beside a browser page on the same stream. Prints
// the goals and, where one is missed, what stands in the way.
import { createServer } from "node:http";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { APP, CLI } from "./app.mjs";
import { Desktop, ROOT } from "./desktop.mjs";
import { directory, end, endAll, run, start, until } from "./processes.mjs";

const SECONDS = Number(process.env.FOOTPRINT_SECONDS ?? 60);
const ROWS = Number(process.env.FOOTPRINT_ROWS ?? 1_000_000);
const TICKS = 100; // per second, on every Linux we know

/** A heartbeat every 15 s and an event every 30 s: a calm stream. */
async function calmStream() {
  const open = new Set();
  let number = 0;
  const server = createServer((request, response) => {
    if (request.url === "/") {
      response.writeHead(200, { "Content-Type": "text/html" });
      return void response.end(`<!doctype html><title>page</title><ol id="l"></ol><script>
        new EventSource("/events").onmessage = ({ data }) => {
          const item = document.createElement("li"); item.textContent = data; l.prepend(item);
        };</script>`);
    }
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(": hello\n\n");
    open.add(response);
    response.on("close", () => open.delete(response));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const tell = (text) => open.forEach((response) => response.write(text));
  const timers = [
    setInterval(() => tell(": beat\n\n"), 15_000),
    setInterval(() => tell(`id: ${(number += 1)}\ndata: {"title":"Event ${number}"}\n\n`), 30_000),
  ];
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    get connected() {
      return open.size;
    },
    end() {
      timers.forEach(clearInterval);
      server.closeAllConnections();
      server.close();
    },
  };
}

const number = (path, pattern) => {
  try {
    return Number(pattern.exec(readFileSync(path, "utf8"))?.[1] ?? 0);
  } catch {
    return 0; // It ended meanwhile.
  }
};

/** A process and all it started. */
function family(pid) {
  const parents = new Map();
  for (const name of readdirSync("/proc").filter((one) => /^\d+$/.test(one))) {
    parents.set(Number(name), number(`/proc/${name}/status`, /^PPid:\s+(\d+)/m));
  }
  const all = [pid];
  for (const one of all) for (const [child, parent] of parents) if (parent === one) all.push(child);
  return all;
}

function measure(pid) {
  const sum = { pss: 0, threads: 0, wakeups: new Map(), ticks: 0 };
  for (const one of family(pid)) {
    sum.pss += number(`/proc/${one}/smaps_rollup`, /^Pss:\s+(\d+)/m) / 1024;
    sum.threads += number(`/proc/${one}/status`, /^Threads:\s+(\d+)/m);
    sum.ticks += number(`/proc/${one}/stat`, /\) (?:\S+ ){11}(\d+)/) + number(`/proc/${one}/stat`, /\) (?:\S+ ){12}(\d+)/);
    try {
      for (const task of readdirSync(`/proc/${one}/task`)) {
        const status = `/proc/${one}/task/${task}/status`;
        sum.wakeups.set(task, number(status, /^voluntary_ctxt_switches:\s+(\d+)/m));
      }
    } catch {
      // It ended meanwhile.
    }
  }
  return sum;
}

/** Lets it come to rest, then measures for a while. */
async function rest(pid) {
  await sleep(5000);
  const before = measure(pid);
  await sleep(SECONDS * 1000);
  const after = measure(pid);
  // A thread that ended meanwhile takes its count with it: only those that stayed are compared.
  let wakeups = 0;
  for (const [task, count] of after.wakeups) wakeups += count - (before.wakeups.get(task) ?? count);
  return {
    pss: after.pss,
    threads: after.threads,
    wakeups: (wakeups / SECONDS) * 60,
    cpu: (((after.ticks - before.ticks) / TICKS / SECONDS) * 60 * 1000),
  };
}

/** Waits for a connection beyond those there are, from the start of a program on. */
async function connecting(stream, begin) {
  const before = stream.connected;
  const began = performance.now();
  const program = await begin();
  await until(() => stream.connected > before, "it connects", 120);
  return { program, connected: performance.now() - began };
}

const WHY = {
  hidden: "GTK and its libraries are loaded with the tray icon",
  closed: "WebKitGTK keeps its network process and caches once a window was open",
  open: "WebKitGTK: a web process, a network process, and what they draw with",
  headless: "SQLite's page cache and the TLS roots",
};
const results = [];

function note(name, goal, why, figures, connected) {
  results.push({ name, goal, why, ...figures, connected });
  console.error(`  measured: ${name}`);
}

async function app(desktop, stream, args, act) {
  const dir = join(directory(), "data");
  if (act === "many") {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const filler = join(ROOT, "target/debug/examples/fill");
    console.error(`  writing ${ROWS} events into the history`);
    const { code, stderr } = await run(filler, [dir, String(ROWS)]);
    if (code !== 0) throw new Error(stderr);
  }
  const { code, stderr } = await run(CLI, ["--data-dir", dir, "source", "add", "Calm", `${stream.url}/events`], { env: desktop.env });
  if (code !== 0) throw new Error(stderr);
  const { program, connected } = await connecting(stream, () =>
    start(args[0], [...args.slice(1), "--data-dir", dir], { env: desktop.env, stdio: "ignore" }));
  if (act) await until(async () => (await desktop.windows()).length === 1, "the window is there", 60);
  if (act === "close") {
    await sleep(3000);
    await desktop.closeWindow();
  }
  const figures = await rest(program.pid);
  await end(program);
  await until(() => stream.connected === 0, "it is gone");
  return [figures, connected];
}

const stream = await calmStream();
const desktop = await Desktop.start();
await desktop.trayHost();
try {
  note("headless (tidings-cli run)", 12, WHY.headless, ...(await app(desktop, stream, [CLI, "run"])));
  note("started hidden", 55, WHY.hidden, ...(await app(desktop, stream, [APP, "--hidden"])));
  note("window closed after use", 135, WHY.closed, ...(await app(desktop, stream, [APP], "close")));
  note(`window open, ${ROWS} events`, 230, WHY.open, ...(await app(desktop, stream, [APP], "many")));
  const { program, connected } = await connecting(stream, () =>
    start("chromium", [
      "--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-component-update",
      `--user-data-dir=${directory()}`, `--app=${stream.url}/`,
    ], { env: desktop.env, stdio: "ignore" }));
  note("Chromium --app page", null, "", await rest(program.pid), connected);
  await end(program);
} finally {
  stream.end();
  await endAll();
}

const cell = (text, width) => String(text).padStart(width);
console.log(`\nmeasured over ${SECONDS} s at rest; ${APP}`);
console.log(`${"".padEnd(32)}${["PSS MiB", "goal", "threads", "wake-ups/min", "CPU ms/min", "connected ms"].map((one) => cell(one, 14)).join("")}`);
for (const { name, goal, pss, threads, wakeups, cpu, connected } of results) {
  const cells = [pss.toFixed(1), goal ?? "", threads, wakeups.toFixed(0), cpu.toFixed(0), connected.toFixed(0)];
  console.log(`${name.padEnd(32)}${cells.map((one) => cell(one, 14)).join("")}`);
}
for (const { name, goal, pss, why } of results) {
  if (goal !== null && pss > goal) console.log(`missed: ${name}: ${(pss - goal).toFixed(1)} MiB over the goal; in the way: ${why}`);
}
