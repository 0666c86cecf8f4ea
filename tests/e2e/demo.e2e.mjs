// The demo: the app as one tries it, in a place of its own.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { APP } from "./app.mjs";
import { claim } from "./claim.mjs";
import { start, until } from "./processes.mjs";

claim("the demo shows a toast of its own stream and leaves nothing behind", async ({ desktop, dir }) => {
  mkdirSync(dir);
  const kept = () => readdirSync(dir).filter((name) => name.startsWith("tidings-demo-"));
  const demo = start(APP, ["--demo"], { env: { ...desktop.env, TMPDIR: dir }, stdio: "ignore" });

  await desktop.toast("Hello from the demo stream");
  const [place] = kept();
  assert.ok(place && existsSync(join(dir, place, "history.db")), "its data are in a place of their own");
  demo.kill("SIGTERM");
  await until(() => demo.exitCode !== null || demo.signalCode !== null, "it ends", 5);

  assert.equal(demo.exitCode, 0);
  assert.deepEqual(kept(), []);
});
