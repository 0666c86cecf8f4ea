// The page of settings in the real app: what is set there is saved and in force, what is written
// there is on disk, and what is deleted there is gone.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Key } from "selenium-webdriver";
import { cli, history } from "./app.mjs";
import { claim } from "./claim.mjs";
import { until } from "./processes.mjs";

/** The copy: it is replaced as a whole, where the plugin writes settings.json in place. */
const settings = (dir) => JSON.parse(readFileSync(join(dir, "settings.bak.json"), "utf8"));
const effect = async (app, id) => (await app.texts(`#effect-${id}`))[0] ?? "";

/** Types into a field and leaves it, which saves it. */
async function set(app, selector, text) {
  await app.type(selector, text);
  await (await app.find(selector)).sendKeys(Key.TAB);
}

claim("quiet hours set in the window are saved, hold what comes, and can be ended early", async (parts) => {
  const { desktop, dir, drive } = parts;
  const server = await parts.stream();
  const app = await drive();
  await until(() => server.connected === 1, "the app connects");
  await app.click("#nav-settings");
  await app.find("#set-general");

  await app.page.executeScript("document.querySelector('#set-hours').click()");
  await app.find("#hours-0-from");
  // Around the clock, whenever this runs.
  await set(app, "#hours-0-from", "0000");
  await set(app, "#hours-0-to", "0");
  const row = { days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from: "00:00", to: "00:00" };
  await until(() => {
    const { enabled, rows } = settings(dir).preferences.quiet_hours;
    return enabled && JSON.stringify(rows) === JSON.stringify([row]);
  }, "the hours are saved");
  await until(async () => /around the clock/.test(await effect(app, "hours")), "the row says they are in force");
  server.send({ title: "In the night" });
  const fate = async () => (await history(desktop, dir))[0]?.delivery.outcome;
  await until(async () => (await fate()) === "held", "it is held");
  assert.deepEqual(desktop.toasts(), []);

  await app.click(".side .nav-i");
  await app.click(".banner.quiet .btn");

  await until(() => desktop.toasts().length > 0, "what was held is told");
  assert.match(`${desktop.toasts()[0].summary} ${desktop.toasts()[0].body}`, /In the night/);
  assert.ok(settings(dir).preferences.hours_off_until, "the end is remembered");
  await until(async () => (await app.texts(".banner")).length === 0, "the banner goes");
});

claim("limits, exports and all data: saved, written, deleted and brought in again", async (parts) => {
  const { desktop, dir, drive } = parts;
  const server = await parts.stream();
  const app = await drive();
  await until(() => server.connected === 1, "the app connects");
  for (const title of ["One", "Two", "Three"]) server.send({ title });
  await app.shows(["Three", "Two", "One"]);
  await app.click("#nav-settings");
  await app.find("#set-general");

  await set(app, "#set-keep-days", "90");
  await set(app, "#set-keep-events", "1,000");
  await until(() => {
    const { retention } = settings(dir).preferences;
    return retention.days === 90 && retention.events === 1000;
  }, "the limits are saved");
  assert.match(await effect(app, "keep-days"), /older than 90 days/);

  await app.click("#export-go");
  const [, file] = await until(async () => /^3 events written to (.+)$/.exec(await effect(app, "export")), "the export says its end");
  const lines = readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ title }) => title), ["One", "Two", "Three"]);

  await app.click("#set-export");
  const [, carried] = await until(async () => /^Written to (.+)$/.exec(await effect(app, "transfer")), "the settings are written");
  assert.match(readFileSync(carried, "utf8"), /"Builds"/);

  const damaged = join(dir, "history-damaged-20261101T000000Z.db");
  writeFileSync(damaged, "old events");
  await app.click("#set-delete");
  await app.find("#delete-sure");
  assert.match((await app.texts("#overlay .goes")).join(), /1 source with its saved credentials.*3 events/s);
  await app.click("#delete-sure");
  await app.click("#delete-go:not([disabled])");
  await app.find("#first-url");
  const left = settings(dir);
  assert.deepEqual(left.sources, []);
  assert.deepEqual(left.preferences.retention, {});
  assert.deepEqual(await history(desktop, dir), []);
  assert.equal(existsSync(damaged), false, "copies of damaged files go too");
  for (const name of readdirSync(dir)) {
    const text = readFileSync(join(dir, name), "latin1");
    assert.ok(!text.includes("Builds") && !text.includes("Three"), `${name} holds nothing of it`);
  }

  await app.click(".alt .link");
  await app.find(".app");
  await app.click("#nav-settings");
  await app.find("#set-general");
  const field = await app.page.findElement({ id: "set-import" });
  await field.sendKeys(carried);
  await app.find("#import-go");
  assert.match((await app.texts("#overlay .incoming")).join(), /Builds.*New · on this machine/s);
  await app.click("#import-go");
  await until(async () => /1 source added, not connected/.test(await effect(app, "import")), "it says what it did");
  const listed = (await cli(desktop, dir, "source", "list", "--json")).trim().split("\n").map((line) => JSON.parse(line));
  const builds = listed.find(({ name }) => name === "Builds");
  assert.equal(builds.enabled, false, "a source from a file is connected by a person only");
  assert.equal(settings(dir).preferences.retention.days, 90);
}, 150);

claim("a file can be saved where the system's own dialog says", async (parts) => {
  const { desktop, drive } = parts;
  const server = await parts.stream();
  const app = await drive();
  await until(() => server.connected === 1, "the app connects");
  server.send({ title: "One" });
  await app.shows(["One"]);
  await app.click("#nav-settings");
  const wanted = join(desktop.env.HOME, "mine.csv");
  const dialog = async () => {
    const { stdout } = await desktop.run("xdotool", ["search", "--onlyvisible", "--class", "tidings"]);
    const windows = stdout.split("\n").filter(Boolean);
    const names = await Promise.all(windows.map(async (one) => (await desktop.run("xdotool", ["getwindowname", one])).stdout.trim()));
    return windows.find((_, at) => names[at] !== "" && !/Tidings$/.test(names[at] ?? "")) ?? null;
  };

  await app.click('#export-format option[value="csv"]');
  await app.page.executeScript("setTimeout(() => document.querySelector('#export-as').click(), 0)");
  const window = await until(dialog, "the dialog is there", 15);
  await desktop.shot("save-dialog");
  await desktop.run("xdotool", ["windowactivate", "--sync", window, "key", "ctrl+a", "type", wanted]);
  await desktop.run("xdotool", ["key", "Return"]);

  await until(() => existsSync(wanted), "the file is written", 15);
  assert.match(readFileSync(wanted, "utf8"), /^row,source,event,.*\r\n.*One/s);
  await until(async () => (await effect(app, "export")).includes(wanted), "the row says where");
});

claim("the tray speaks the language of the window, at once", async (parts) => {
  const { desktop, drive } = parts;
  await parts.stream();
  await desktop.trayHost();
  const app = await drive();
  const labels = async () => (await desktop.trayMenu()).map(({ label }) => label);
  await until(async () => (await labels()).includes("Quit"), "the tray speaks English");

  await app.choose("set-language", "ko");

  await until(async () => (await labels()).includes("종료"), "the tray speaks Korean");
  assert.ok((await labels()).every((label) => !/[A-Za-z]{3}/.test(label.replace("Tidings", ""))), (await labels()).join());
});
