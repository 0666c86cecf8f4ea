// Programs a test starts, and the directories it makes: all gone when this process ends, in
// whatever way short of SIGKILL.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const running = new Set();
const directories = new Set();

/**
 * Starts a program as the leader of a process group of its own, so that what it starts can be
 * ended with it.
 * @param {string} command
 * @param {string[]} args
 * @param {import("node:child_process").SpawnOptions} [options]
 */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options, detached: true });
  running.add(child);
  child.on("error", (error) => console.error(`${command} cannot be started: ${error.message}`));
  return child;
}

/** Ends a program and all it started, and waits for it. */
export async function end(child) {
  endGroup(child);
  running.delete(child);
  if (child.exitCode === null && child.signalCode === null && child.pid) await once(child, "exit");
}

function endGroup(child) {
  try {
    if (child.pid) process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

/** Runs a program to its end. Never throws: the exit code is part of the answer. */
export async function run(command, args, options = {}) {
  const child = start(command, args, options);
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const [code, signal] = await once(child, "close");
  running.delete(child);
  return { code, signal, stdout: stdout.text, stderr: stderr.text };
}

/** Everything a stream says, as it grows. */
export function collect(stream) {
  const said = { text: "" };
  stream?.setEncoding("utf8").on("data", (text) => {
    said.text += text;
  });
  return said;
}

/** The first line a program prints on a stream. */
export async function firstLine(child, stream) {
  const said = collect(stream);
  await until(() => said.text.includes("\n") || child.exitCode !== null, `${child.spawnfile} prints a line`);
  const [line] = said.text.split("\n", 1);
  if (!said.text.includes("\n")) throw new Error(`${child.spawnfile} ended before it said anything`);
  return line.trim();
}

/** A directory that is gone with this process. */
export function directory() {
  const path = mkdtempSync(join(tmpdir(), "tidings-e2e-"));
  directories.add(path);
  return path;
}

/** A port nobody listens at now. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Waits until a question has a true answer, and returns it.
 * @template T
 * @param {() => T | Promise<T>} ask
 * @param {string} claim what did not happen, where it does not
 * @param {number} [seconds]
 */
export async function until(ask, claim, seconds = 10) {
  const last = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > last) throw new Error(`not within ${seconds} s: ${claim}`);
    await sleep(50);
  }
}

/** The names of the programs a process has started and that run. @param {number} pid */
export function childrenOf(pid) {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0")[0] ?? "";
        return Number(parent) === pid && state !== "Z" ? [command.split("/").pop()] : [];
      } catch {
        return []; // It ended meanwhile.
      }
    });
}

/** Whether a process is there and no zombie. @param {number} pid */
export function isRunning(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2)[0] !== "Z";
  } catch {
    return false;
  }
}

/** Ends all that still runs and removes the directories. */
export async function endAll() {
  const left = [...running];
  left.reverse();
  for (const child of left) await end(child);
  removeDirectories();
}

function removeDirectories() {
  for (const path of directories) rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  directories.clear();
}

process.on("exit", () => {
  for (const child of running) endGroup(child);
  removeDirectories();
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));
