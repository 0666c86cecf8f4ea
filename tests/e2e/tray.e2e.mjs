// The tray: the way to the app while its window is closed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cli, history } from "./app.mjs";
import { claim } from "./claim.mjs";
import { childrenOf, isRunning, until } from "./processes.mjs";

claim("the tray opens the window, pauses notifications and ends the app", async (parts) => {
  const { desktop, dir, start } = parts;
  const server = await parts.stream();
  await desktop.trayHost();
  const app = await start(["--hidden"]);
  await until(() => server.connected === 1, "the app connects");
  const { pid } = app;

  const item = async (label) => {
    const menu = await desktop.trayMenu();
    const found = menu.find((one) => one.label === label);
    assert.ok(found, `${label} is in the menu: ${menu.map((one) => one.label).join(", ")}`);
    return found;
  };
  // The copy: it is replaced as a whole, where the plugin writes settings.json in place.
  const paused = () => JSON.parse(readFileSync(join(dir, "settings.bak.json"), "utf8")).preferences.toasts_paused;

  await (await item("Pause notifications")).choose();
  await until(paused, "the pause is saved");
  await until(async () => (await item("Pause notifications")).ticked, "the menu shows it");
  server.send({ title: "While paused" });
  await (await item("Pause notifications")).choose();
  await until(() => !paused(), "the pause is over");
  server.send({ title: "After the pause" });
  await desktop.toast("After the pause");
  assert.ok(!desktop.toasts().some(({ summary }) => summary === "While paused"));

  // With every count the menu is another one, and an item of the one before leads nowhere.
  await until(async () => (await desktop.trayMenu()).some(({ label }) => label === "Builds (2)"), "the menu counts both");
  await (await item("Open Tidings")).choose();
  await until(() => childrenOf(pid).includes("WebKitWebProcess"), "the window opens", 15);

  await (await item("Quit")).choose();
  await until(() => !isRunning(pid), "the app ends", 5);
});

claim("the tray names what is unread by source, and opens it", async (parts) => {
  const { desktop, start } = parts;
  const server = await parts.stream();
  await desktop.trayHost();
  const app = await start(["--hidden"]);
  await until(() => server.connected === 1, "the app connects");
  const labels = async () => (await desktop.trayMenu()).map(({ label }) => label);
  assert.ok(!(await labels()).some((label) => label.startsWith("Builds")));

  server.send({ title: "One" });
  await until(async () => (await labels()).includes("Builds (1)"), "the menu counts one");
  server.send({ title: "Two" });
  await until(async () => (await labels()).includes("Builds (2)"), "the menu counts two");

  await (await desktop.trayMenu()).find(({ label }) => label === "Builds (2)").choose();
  await until(() => childrenOf(app.pid).includes("WebKitWebProcess"), "the window opens", 15);
});

claim("the tray counts what a source left that is gone, as the window does", async (parts) => {
  const { desktop, dir, start } = parts;
  const server = await parts.stream();
  const first = await start(["--hidden"]);
  await until(() => server.connected === 1, "the app connects");
  server.send({ title: "Left" });
  await until(async () => (await history(desktop, dir)).length === 1, "it is stored");
  await first.end("SIGTERM");
  await cli(desktop, dir, "source", "remove", "Builds");
  await desktop.trayHost();

  const app = await start();

  await until(async () => (await desktop.trayLabel()) === "1", "the tray counts it");
  await until(async () => (await desktop.title()) === "(1) Tidings", "the window counts it", 20);
  assert.ok(isRunning(app.pid));
});
