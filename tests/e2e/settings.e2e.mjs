// The settings through the real plugin, and what concerns the session the app runs in.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cli, history } from "./app.mjs";
import { claim } from "./claim.mjs";
import { isRunning, until } from "./processes.mjs";

const KILLS = process.env.TIDINGS_FULL ? 300 : 20;

claim(`t2 the app killed ${KILLS} times while it saves loses no source and no rule`, async (parts) => {
  const { desktop, dir, start } = parts;
  await parts.stream();
  await desktop.trayHost();
  const rule = join(dir, "rule.json");
  writeFileSync(rule, JSON.stringify({ name: "errors", then: "notify", severity: "critical" }));
  await cli(desktop, dir, "rule", "add", "--file", rule);
  for (let round = 0; round < KILLS; round += 1) {
    const app = await start(["--hidden"]);
    // The icon of the one that was killed may stand there for a moment yet.
    const pause = await until(
      async () => (await desktop.trayMenu()).find(({ label }) => label === "Pause notifications"),
      "the tray has its menu",
      20,
    );
    const { pid } = app;
    let saving = true;
    const saves = (async () => {
      while (saving) await pause.choose();
    })();
    await sleep(20 + ((round * 37) % 400));
    process.kill(pid, "SIGKILL");
    saving = false;
    await saves;
    await until(() => !isRunning(pid), "it is gone");

    const listed = JSON.parse(await cli(desktop, dir, "source", "list", "--json"));
    assert.equal(listed.name, "Builds", `round ${round}`);
    const rules = JSON.parse(await cli(desktop, dir, "rule", "list", "--json"));
    assert.equal(rules.name, "errors", `round ${round}`);
    await app.end("SIGKILL");
  }
  const { generation } = JSON.parse(readFileSync(join(dir, "settings.bak.json"), "utf8"));
  assert.ok(generation > KILLS, `it saved ${generation} times`);
}, KILLS * 30);

claim("it starts with the session, hidden, when it is told to, and no longer when not", async (parts) => {
  const { desktop, drive } = parts;
  await parts.stream();
  const entry = join(desktop.env.XDG_CONFIG_HOME, "autostart/Tidings.desktop");
  const app = await drive();
  await app.click("#nav-settings");

  await app.click("#set-autostart");
  await until(() => existsSync(entry), "the entry is written");
  assert.match(readFileSync(entry, "utf8"), /^Exec=\S+tidings --hidden/m);

  await app.click("#set-autostart");
  await until(() => !existsSync(entry), "the entry is gone");
});

claim("f24 the app outlives the session bus, goes on storing, and shows toasts on the next one", async (parts) => {
  const { desktop, dir, start } = parts;
  const server = await parts.stream();
  const app = await start(["--hidden"]);
  await until(() => server.connected === 1, "the app connects");
  const stored = async () => (await history(desktop, dir)).map(({ title }) => title);

  await desktop.killBus();
  await sleep(2000);
  server.send({ title: "Without a bus" });
  await until(async () => (await stored()).includes("Without a bus"), "it is stored");
  assert.ok(isRunning(app.pid), app.stderr);

  await desktop.restartBus();
  await desktop.toast("Without a bus");
  assert.equal(server.asked.length, 1, "the connection was never given up");
});
