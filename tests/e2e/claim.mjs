// One claim about the whole app: a desktop of its own, and a picture of it where the claim fails.
import test from "node:test";
import { join } from "node:path";
import { App, cli } from "./app.mjs";
import { Desktop } from "./desktop.mjs";
import { directory, endAll } from "./processes.mjs";
import { stream } from "./servers.mjs";

/**
 * @param {string} name
 * @param {(parts: {
 *   desktop: Desktop,
 *   dir: string,
 *   start: (args?: string[], env?: NodeJS.ProcessEnv) => Promise<App>,
 *   drive: (env?: NodeJS.ProcessEnv, args?: string[]) => Promise<App>,
 *   serve: <T extends { end: () => Promise<void> }>(start: () => Promise<T>) => Promise<T>,
 *   stream: () => ReturnType<typeof stream>,
 * }) => Promise<void>} prove `dir` is the data directory, not made yet; `start` and `drive` start
 *   the app on it; `serve` starts a server that ends with the claim, `stream` one that is its
 *   source "Builds"
 * @param {number} [seconds] how long it may take
 */
export function claim(name, prove, seconds = 90) {
  test(name, { timeout: seconds * 1000 }, async (t) => {
    const apps = [];
    const ends = [];
    const dir = join(directory(), "tidings");
    let desktop;
    const kept = async (app) => {
      apps.push(await app);
      return apps.at(-1);
    };
    const serve = async (start) => {
      const server = await start();
      ends.push(server.end);
      return server;
    };
    try {
      desktop = await Desktop.start();
      await prove({
        desktop,
        dir,
        start: (args, env) => kept(App.start(desktop, dir, args, env)),
        drive: (env, args) => kept(App.drive(desktop, dir, env, args)),
        serve,
        async stream() {
          const server = await serve(stream);
          await cli(desktop, dir, "source", "add", "Builds", server.url);
          return server;
        },
      });
      for (const app of apps) await app.untroubled();
    } catch (error) {
      const shot = await desktop?.shot(`e2e-${name.replaceAll(/\W+/g, "-")}`);
      t.diagnostic(`screenshot: ${shot}`);
      for (const app of apps) t.diagnostic(`the app said:\n${app.stderr}`);
      throw error;
    } finally {
      for (const end of ends) await end();
      await endAll();
    }
  });
}
