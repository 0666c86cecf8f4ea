// What a long history costs the window of the real app: prints figures beside their goals, asserts
// none. BENCH_ROWS and BENCH_LIVE take other numbers; TIDINGS_APP another build of the app.
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { APP, App, cli } from "./app.mjs";
import { Desktop, ROOT } from "./desktop.mjs";
import { childrenOf, directory, endAll, run, until } from "./processes.mjs";
import { stream } from "./servers.mjs";

const ROWS = Number(process.env.BENCH_ROWS ?? 1_000_000);
const LIVE = Number(process.env.BENCH_LIVE ?? 100_000);
const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
const FILL = process.env.TIDINGS_FILL ?? join(TARGET, "debug/examples/fill");

const print = (what, value, goal) => console.log(`  ${what.padEnd(46)} ${String(value).padStart(12)}  ${goal}`);
const ms = (value) => `${value.toFixed(0)} ms`;

/** Proportional memory of the app's web process. Bytes. */
function webMemory(parent) {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const [, of] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (Number(of) !== parent || !readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("WebKitWebProcess")) continue;
      const pss = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"));
      return pss ? Number(pss[1]) * 1024 : 0;
    } catch {
      // It ended meanwhile.
    }
  }
  return 0;
}

const dir = join(directory(), "tidings");

/**
 * A window that is opened again and again, until its title counts: it does with its list. The app
 * says when; to ask the display again and again would take a core from who opens.
 */
async function opening(desktop, server) {
  const app = await App.start(desktop, dir, ["--hidden"], { TIDINGS_LOG: "debug" });
  const counted = () => app.stderr.split('the page titles the window title="(').length - 1;
  await until(() => server.connected === 1, "the app connects", 60);
  server.send({ title: "Unread" });
  const hasPage = () => childrenOf(app.pid).includes("WebKitWebProcess");
  /** @param {() => Promise<unknown>} open @returns {Promise<{ told: number, list: number }>} */
  const once = async (open) => {
    const before = counted();
    const began = performance.now();
    const told = open().then(() => performance.now() - began);
    while (counted() === before) {
      if (performance.now() - began > 60_000) throw new Error(`no window opens; it said: ${app.stderr}`);
      await sleep(4);
    }
    const list = performance.now() - began;
    await sleep(500);
    await desktop.closeWindow();
    await until(() => !hasPage(), "the web process is gone", 20);
    return { told: await told, list };
  };
  const clicks = [];
  const starts = [];
  for (let turn = 0; turn < 9; turn += 1) {
    const item = await until(async () => (await desktop.trayMenu()).find(({ label }) => label === "Open Tidings"), "the tray opens it");
    clicks.push(await once(() => item.choose()));
    starts.push(await once(() => App.again(desktop, dir)));
  }
  await app.end("SIGTERM");
  const median = (/** @type {number[]} */ all) => ms(all.toSorted((a, b) => a - b)[4]);
  const list = clicks.map((click) => click.list);
  print("the tray's Open to a new window with its list", median(list), `goal 450 ms, median of 9; ${list.map(ms).join(", ")}`);
  print("second start to a new window with its list", median(starts.map((start) => start.list)), "");
  print("  of it until the first one was told", median(starts.map((start) => start.told)), "the second program's start and end");
}

mkdirSync(dir, { recursive: true, mode: 0o700 });
let server;
try {
  console.log(`${ROWS} rows, ${APP.includes("release") ? "release" : "debug"} build`);
  const filled = await run(FILL, [dir, String(ROWS)]);
  if (filled.code !== 0) throw new Error(`fill: ${filled.stderr}`);
  const desktop = await Desktop.start();
  await desktop.trayHost();
  server = await stream();
  await cli(desktop, dir, "source", "add", "Live", server.url);
  await opening(desktop, server);
  const app = await App.drive(desktop, dir);
  const page = app.page;
  const ask = (script, ...values) => page.executeAsyncScript(script, ...values);
  await page.manage().setTimeouts({ script: 120_000 });
  await app.page.executeScript("document.querySelectorAll('.side .nav-i')[1].click()");
  await app.find(".row");

  const opened = [];
  for (let turn = 0; turn < 5; turn += 1) {
    await page.navigate().refresh();
    opened.push(await ask(`const done = arguments[0];
      const look = () => performance.getEntriesByName("drawn").length ? done(performance.getEntriesByName("drawn")[0].startTime) : setTimeout(look, 5);
      look();`));
  }
  opened.sort((a, b) => a - b);
  print("page loaded anew to its first frame with its list", ms(opened[2]), "warm, median of 5");

  await page.executeScript("document.querySelectorAll('.side .nav-i')[1].click()");
  await app.find(".row");
  const searched = [];
  for (const text of ["invoice", "deploy finished", "결제", "web-3"]) {
    searched.push(await ask(`const [text, done] = arguments;
      const field = document.querySelector("#search");
      field.focus();
      field.value = text;
      const began = performance.now();
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
      const late = setTimeout(() => done(null), 20000);
      const seen = new MutationObserver(() => {
        if (!document.querySelector(".row mark")) return;
        seen.disconnect();
        clearTimeout(late);
        // The next frame begins once this one is painted.
        requestAnimationFrame(() => done(performance.now() - began - 80));
      });
      seen.observe(document.querySelector("main"), { childList: true, subtree: true });`, text));
    if (searched.at(-1) === null) throw new Error(`the search for ${text} finds nothing within 20 s`);
    await ask(`const done = arguments[0]; const field = document.querySelector("#search");
      field.value = ""; field.dispatchEvent(new InputEvent("input", { bubbles: true }));
      const look = () => document.querySelector(".row") && !document.querySelector("mark") ? done() : setTimeout(look, 20); look();`);
  }
  print("search to painted rows, after the debounce", ms(Math.max(...searched)), `goal 50 ms; ${searched.map(ms).join(", ")}`);

  const record = `globalThis.frames = []; let last = performance.now();
    const step = () => { const now = performance.now(); frames.push(now - last); last = now; if (globalThis.recording) requestAnimationFrame(step); };
    globalThis.recording = true; requestAnimationFrame(step);`;
  const longest = async () => {
    const frames = await page.executeScript("globalThis.recording = false; return frames.slice(2)");
    frames.sort((a, b) => b - a);
    return `${ms(frames[0] ?? 0)} (p99 ${ms(frames[Math.floor(frames.length / 100)] ?? 0)})`;
  };
  await page.executeScript(record);
  await ask(`const done = arguments[0]; const began = performance.now();
    const step = () => { document.querySelector(".rows").scrollTop += 400; performance.now() - began < 4000 ? requestAnimationFrame(step) : done(); };
    step();`);
  print("longest frame, scrolling 400 px a frame", await longest(), "goal 50 ms");

  const track = await app.find(".bar-track");
  const { height } = await track.getRect();
  await page.executeScript(record);
  const drag = page.actions().move({ origin: track, y: Math.round(-height / 2) + 8 }).press();
  for (let step = 1; step <= 30; step += 1) drag.move({ origin: track, y: Math.round(-height / 2 + (height * step) / 31), duration: 60 });
  await drag.release().perform();
  print("longest frame, dragging the thumb", await longest(), "goal 50 ms");

  await page.executeScript("document.querySelectorAll('.side .nav-i')[1].click()");
  await until(() => server.connected === 1, "the app connects");
  const memory = [];
  for (let sent = 0; sent < LIVE; ) {
    for (let index = 0; index < 500; index += 1, sent += 1) server.send({ title: `Live ${sent}`, body: "one of very many" });
    await until(
      async () => (await page.executeScript("return document.title.replace(/\\D/g, '')")) >= sent * 0.98,
      `the window counts ${sent}`, 120,
    );
    if (sent % 10_000 === 0) memory.push(webMemory(app.pid));
  }
  await sleep(10_000);
  memory.push(webMemory(app.pid));
  const mib = (bytes) => `${(bytes / 1048576).toFixed(0)} MiB`;
  print(`web process over ${LIVE} live events`, `${mib(memory[0])} → ${mib(memory.at(-1))}`, `goal flat; ${memory.map(mib).join(", ")}`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await server?.end();
  await endAll();
}
