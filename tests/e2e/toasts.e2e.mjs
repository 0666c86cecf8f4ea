// Toasts on a real desktop: the mouse opens an event, the tray puts toasts off.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { By, history } from "./app.mjs";
import { claim } from "./claim.mjs";
import { until } from "./processes.mjs";

claim("a toast clicked with the mouse shows its event in the window", async (parts) => {
  const { desktop, drive } = parts;
  const server = await parts.stream();
  const app = await drive();
  await until(() => server.connected === 1, "the app connects");
  for (const title of ["Deploy started", "Deploy failed"]) server.send({ title, body: `what happened: ${title}` });
  await app.shows(["Deploy failed", "Deploy started"]);
  await desktop.toast("Deploy failed");
  // One toast is left to click.
  await desktop.run("dunstctl", ["close"]);
  await until(async () => (await desktop.run("dunstctl", ["count", "displayed"])).stdout.trim() === "1", "one is left");
  const { stdout: gone } = await desktop.run("dunstctl", ["history"]);
  const left = gone.includes("Deploy failed") ? "Deploy started" : "Deploy failed";
  await desktop.shot("toast");

  await desktop.clickWithMouse();

  const shown = await app.page.wait(async () => {
    const [title] = await app.page.findElements(By.css(".detail h2"));
    return title ? title.getText() : null;
  }, 10_000);
  assert.equal(shown, left);
});

claim("a snooze from the tray holds events and its end tells of them at once", async (parts) => {
  const { desktop, dir, start } = parts;
  const server = await parts.stream();
  await desktop.trayHost();
  await start(["--hidden"]);
  await until(() => server.connected === 1, "the app connects");
  const choose = async (label) => {
    const item = (await desktop.trayMenu()).find((one) => one.label === label);
    assert.ok(item, `${label} is in the menu`);
    await item.choose();
  };

  await choose("For 30 minutes");
  const fates = async () => (await history(desktop, dir)).map(({ delivery }) => delivery.outcome);
  // The copy: it is replaced as a whole.
  const saved = () => JSON.parse(readFileSync(join(dir, "settings.bak.json"), "utf8")).preferences.snoozed_until;
  await until(saved, "the snooze is saved");
  for (const title of ["While snoozed", "Still snoozed"]) server.send({ title });
  await until(async () => (await fates()).filter((outcome) => outcome === "held").length === 2, "two are held");
  await choose("Notify again now");

  const digest = await until(() => desktop.toasts().find(({ body }) => body.startsWith("Held back")), "the digest comes");
  assert.match(digest.body, /^Held back in quiet time: 2\n/);
  await until(async () => !(await fates()).includes("held"), "none is held any more");
});
