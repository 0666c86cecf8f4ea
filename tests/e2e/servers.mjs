// Servers to receive from: the NestJS example as it is, and a small one that does as it is told.
import { once } from "node:events";
import { existsSync, readdirSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { ROOT } from "./desktop.mjs";
import { directory, end, firstLine, run, start } from "./processes.mjs";

const NEST = join(ROOT, "examples/nestjs");

/** Starts the NestJS example; installs and builds it where that was not done. */
export async function nest() {
  const must = async (command, args) => {
    const { code, stdout, stderr } = await run(command, args, { cwd: NEST });
    if (code !== 0) throw new Error(`${command} ${args.join(" ")}: ${stdout}${stderr}`);
  };
  if (!existsSync(join(NEST, "node_modules"))) await must("npm", ["ci", "--no-audit", "--no-fund", "--silent"]);
  const built = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0);
  const sources = readdirSync(join(NEST, "src")).map((name) => statSync(join(NEST, "src", name)).mtimeMs);
  const main = join(NEST, "dist/src/main.js");
  if (built(main) < Math.max(...sources)) await must("npx", ["tsc"]);
  const database = join(directory(), "events.sqlite");
  let server;
  const listen = async (port) => {
    const env = { ...process.env, PORT: port, DATABASE: database, EVENTS_TOKEN: "", KEEP: "" };
    server = start(process.execPath, [main], { cwd: NEST, env, stdio: ["ignore", "pipe", "inherit"] });
    return (await firstLine(server, server.stdout)).replace(/^listening on /, "");
  };
  const url = await listen("0");
  return {
    url: `${url}/events`,
    async post(event) {
      const answer = await fetch(`${url}/api/events`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(event),
      });
      if (answer.status !== 201) throw new Error(`the server answers ${answer.status}: ${await answer.text()}`);
    },
    /** Kills it. */
    end: () => end(server),
    /** Starts it anew with its port and database. */
    again: () => listen(new URL(url).port),
  };
}

/** A stream that keeps what was sent, resumes by `Last-Event-ID`, and can be made to misbehave. */
export async function stream() {
  const events = [];
  const open = new Set();
  const asked = [];
  let refuse = 0;
  let refusal = {};
  const server = createServer((request, response) => {
    asked.push(request.headers);
    if (refuse) return void response.writeHead(refuse, refusal).end();
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.write("retry: 500\n\n");
    const last = request.headers["last-event-id"];
    if (last) events.slice(Number(last)).forEach((event) => response.write(event));
    open.add(response);
    response.on("close", () => open.delete(response));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}/events`,
    /** The headers of every request so far. */
    asked,
    /** @param {object} data @param {string} [type] */
    send(data, type = "message") {
      const text = `id: ${events.length + 1}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
      events.push(text);
      for (const response of open) response.write(text);
    },
    /** How many connections are open. */
    get connected() {
      return open.size;
    },
    /** Answers with this status from now on (0: with the stream), and cuts the connections. */
    refuse(status, headers = {}) {
      [refuse, refusal] = [status, headers];
      for (const response of open) response.destroy();
    },
    async end() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A stream on which nothing ever comes. */
export async function silent() {
  const open = new Set();
  const server = createServer((_, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" }).flushHeaders();
    open.add(response);
    response.on("close", () => open.delete(response));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}/events`,
    /** How many connections are open. */
    get connected() {
      return open.size;
    },
    async end() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
