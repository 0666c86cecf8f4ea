// What a person does in the inbox of the real app: finds, reads, keeps, deletes and takes back.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Key } from "selenium-webdriver";
import { cli, history } from "./app.mjs";
import { claim } from "./claim.mjs";
import { until } from "./processes.mjs";

const SCRIPT = "<script>alert(1)</script>";
const IMAGE = '<img src=x onerror="alert(2)">';

/** The app with these events in it, the last one on top. */
async function filled({ drive, stream }, events, env = {}) {
  const server = await stream();
  const app = await drive(env);
  await until(() => server.connected === 1, "the app connects");
  for (const event of events) server.send(event);
  await app.shows(events.map(({ title }) => title).reverse());
  return { app, server };
}

/** One stored event as the command line tells it. */
const stored = async ({ desktop, dir }, title) => (await history(desktop, dir)).find((event) => event.title === title);

claim("a search finds an event, its chips narrow it, and nothing found offers a way on", async (parts) => {
  const { app, server } = await filled(parts, [
    { title: "Disk almost full", level: "error", host: "db-1" },
    { title: "Deploy finished", body: "web-3 in 12 s" },
    { title: "배포 완료", body: "web-3" },
    { title: "Invoice paid", level: "error" },
  ]);

  await app.press("/");
  await app.press("deploy");
  await app.shows(["Deploy finished"]);
  assert.deepEqual(await app.texts(".row mark"), ["Deploy"]);
  await app.type("#search", "배포");
  await app.shows(["배포 완료"]);
  await app.type("#search", "level:high+");
  await app.shows(["Invoice paid", "Disk almost full"]);
  await app.type("#search", "level:high+ $.host:db-1");
  await app.shows(["Disk almost full"]);
  assert.equal((await app.texts(".found .chip")).length, 2);
  await app.click(".found .chip:last-child .ib");
  await app.shows(["Invoice paid", "Disk almost full"]);
  server.send({ title: "Second invoice", level: "error" });
  await app.shows(["Second invoice", "Invoice paid", "Disk almost full"]);

  await app.type("#search", "colour:red");
  await app.find("#query-error");
  await app.type("#search", "nothing-like-this");
  await app.find(".empty .pair .btn");
  await app.click(".empty .pair .btn");
  await app.shows(["Second invoice", "Invoice paid", "배포 완료", "Deploy finished", "Disk almost full"]);

  await app.click(".row:nth-last-of-type(2)");
  await app.find(".detail .tree");
  await app.page.executeScript("document.querySelector('[data-path=\"$.host\"]').focus()");
  await app.click(".offers .btn");
  await app.shows(["Disk almost full"]);
});

claim("read, unread and pinned are kept, and all can be marked and taken back", async (parts) => {
  const titles = ["First", "Second", "Third"];
  const { app } = await filled(parts, titles.map((title) => ({ title })));
  const read = async () => (await history(parts.desktop, parts.dir)).map((event) => event.read);
  const title = () => app.page.getTitle();
  await until(async () => (await title()) === "(3) Tidings", "three are unread");

  await app.click(".row");
  await until(async () => (await read())[2], "who looks at an event for a second has read it");
  await until(async () => (await title()) === "(2) Tidings", "two are left");
  await app.shows(["Third", "Second", "First"]);
  await app.press("u");
  await until(async () => !(await read())[2], "it is unread again");
  await app.press("p");
  await until(async () => (await stored(parts, "Third")).pinned, "it is pinned");
  await app.find(".row.sel .pin");

  await app.click("[aria-label='Mark all as read']");
  await until(async () => (await read()).every(Boolean), "all are read");
  await until(async () => (await title()) === "Tidings", "none is counted");
  await app.click(".toast .btn");
  await until(async () => (await read()).every((one) => !one), "all are unread again");
  await until(async () => (await title()) === "(3) Tidings", "three are counted");

  await app.press("/");
  await app.press("is:pinned");
  await app.shows(["Third"]);
});

claim("a deleted event can be had back for 8 seconds and not later", async (parts) => {
  const { app } = await filled(parts, [{ title: "Kept" }, { title: "Back" }, { title: "Gone" }]);
  await app.click(".side .nav-i:nth-child(2)");
  await app.shows(["Gone", "Back", "Kept"]);
  const left = async () => (await history(parts.desktop, parts.dir)).map((event) => event.title);
  await app.click(".row");
  await app.find("#detail-title");

  await app.press(Key.DELETE);
  await app.shows(["Back", "Kept"]);
  await until(async () => (await left()).length === 2, "the core has deleted it");
  assert.equal(await app.page.executeScript("return document.querySelector('.row.sel .ttl').textContent"), "Back");
  await new Promise((resolve) => setTimeout(resolve, 6000));
  await app.click(".toast .btn");
  await app.shows(["Gone", "Back", "Kept"]);
  assert.deepEqual(await left(), ["Kept", "Back", "Gone"]);
  await until(async () => (await app.texts(".row.sel .ttl"))[0] === "Gone", "it is selected again");

  const began = Date.now();
  await app.press(Key.DELETE);
  await app.find(".toast .btn");
  await until(async () => (await app.texts(".toast")).length === 0, "the offer ends", 15);
  assert.ok(Date.now() - began >= 7500, `after ${Date.now() - began} ms`);
  await app.page.navigate().refresh();
  await app.click(".side .nav-i:nth-child(2)");
  await app.shows(["Back", "Kept"]);
  assert.deepEqual(await left(), ["Kept", "Back"]);
});

claim("the detail says why it rang, and a foreign link is opened only after its host was shown", async (parts) => {
  const { desktop, dir } = parts;
  const rules = join(dirname(dir), "rules.json");
  writeFileSync(rules, JSON.stringify([
    { name: "noise", when: { field: "$.level", op: "is", value: "debug" }, then: "quiet" },
    { name: "errors ring", when: { field: "$.level", op: "is", value: "error" }, then: "notify" },
  ]));
  await cli(desktop, dir, "rule", "add", "--file", rules);
  // What a browser would be started by.
  const bin = join(dirname(dir), "bin");
  const opened = join(bin, "opened");
  mkdirSync(bin);
  writeFileSync(join(bin, "xdg-open"), `#!/bin/sh\nprintf '%s\\n' "$1" >> '${opened}'\n`, { mode: 0o755 });
  const { app, server } = await filled(
    parts,
    [{ title: "Deploy failed", level: "error", url: "https://ci.example.com/runs/1" }],
    { PATH: `${bin}:${process.env.PATH}` },
  );
  server.send({ title: "Heartbeat", level: "debug" });

  await app.click(".row");
  await app.find(".why li.hit");
  const why = (await app.texts(".why li")).join("\n").replaceAll(/\s+/g, " ");
  assert.match(why, /errors ring/);
  assert.match(why, /\$\.level = error/);
  assert.match(why, /→ notify/);
  assert.match(why, /noise/);

  await app.click(".link-btn");
  assert.match(await (await app.find("#overlay-title")).getText(), /ci\.example\.com/);
  await app.press(Key.ESCAPE);
  await until(async () => !(await app.page.executeScript("return document.querySelector('#overlay').open")), "it is closed");
  assert.ok(!existsSync(opened), "nothing was opened");
  await app.click(".link-btn");
  await app.click("#overlay .primary");
  await until(() => existsSync(opened), "the browser is started");
  assert.equal(readFileSync(opened, "utf8"), "https://ci.example.com/runs/1\n");

  assert.deepEqual(await app.titles(), ["Deploy failed"], "the inbox does not show what is kept quiet");
  await until(async () => (await stored(parts, "Heartbeat"))?.read === true, "what is kept quiet counts as read");
  await until(async () => (await app.page.getTitle()) === "Tidings", "nothing is unread");
  await app.press("g", "q");
  await app.shows(["Heartbeat"]);
  await app.click(".row");
  await app.find(".why li.hit");
  assert.match((await app.texts(".why h3"))[0], /did not/);
});

claim("a muted source keeps its events and raises no toast, until it is heard again", async (parts) => {
  const { desktop } = parts;
  const { app, server } = await filled(parts, [{ title: "Loud" }]);
  await desktop.toast("Loud");

  await app.click(".row");
  await app.find("#detail-title");
  await app.press("m");
  await app.find(".toast .btn");
  await app.find(".nav.scroll .muted");
  server.send({ title: "Hushed" });
  await until(async () => (await stored(parts, "Hushed"))?.delivery.outcome === "quiet", "it is kept, quiet");
  assert.equal(server.connected, 1);
  assert.equal(server.asked.length, 1, "muting does not reconnect");
  await app.press("m");
  await until(async () => (await app.texts(".nav.scroll .muted")).length === 0, "it is heard again");
  server.send({ title: "Loud again" });
  await desktop.toast("Loud again");
  assert.ok(!desktop.toasts().some(({ summary }) => summary === "Hushed"));

  await app.click("#nav-panel");
  await app.find(".charts .strip");
  assert.match(await (await app.find(".charts .bars")).getAttribute("aria-label"), /3 in all/);
  await app.click(".loud label:nth-child(3)");
  await app.find(".nav.scroll .muted");
});

claim("markup in every text field is shown as text", async (parts) => {
  const { desktop, dir, drive } = parts;
  const server = await parts.stream();
  const rules = join(dirname(dir), "rules.json");
  writeFileSync(rules, JSON.stringify([{ name: `${IMAGE} rule`, then: "notify" }]));
  await cli(desktop, dir, "rule", "add", "--file", rules);
  const app = await drive();
  await until(() => server.connected === 1, "the app connects");

  await app.click(".nav.scroll .nav-i");
  await app.click('.source-head [aria-label="Edit source"]');
  await app.type("#source-name", `${IMAGE} source`);
  await app.click(".dlg .btn.primary");
  await until(async () => (await app.texts(".source-head h2"))[0] === `${IMAGE} source`, "the source has its name");
  server.send(
    { title: `${SCRIPT} title`, body: `${IMAGE} body`, tags: [`${IMAGE} tag`], [`${IMAGE} key`]: `${SCRIPT} value`, url: "javascript:alert(3)" },
    `${IMAGE}type`,
  );
  await app.shows([`${SCRIPT} title`]);
  await app.click(".row");
  await app.find(".payload .tree");
  const page = async () => (await app.texts(".app"))[0];
  for (const words of ["title", "body", "tag", "key", "source", "rule"]) {
    assert.ok((await page()).includes(`${words === "title" ? SCRIPT : IMAGE} ${words}`), `${words} is text`);
  }
  for (const tab of ["raw", "frame"]) await app.click(`#tab-${tab}`);
  assert.ok((await page()).includes(`${IMAGE}type`), "so is the event type");
  await app.type("#search", `${IMAGE} body`);
  await until(async () => (await app.page.executeScript("return document.querySelectorAll('.row mark, .empty, #query-error').length")) > 0, "the search answers");
  await app.click("#nav-panel");
  await app.find(".card");
  await app.click(".bar.flow .btn");
  await app.find("dialog pre");
  await app.click("dialog .dlg-foot .btn");

  assert.equal(await app.page.executeScript("return document.querySelectorAll('.app img, .app script, dialog img, dialog script').length"), 0);
});

claim("a row has its menu by right click and by Shift+F10, and what it does is stored", async (parts) => {
  const { app } = await filled(parts, [{ title: "Deploy failed" }, { title: "Invoice paid" }]);
  const menu = "#row-menu:popover-open";
  const focused = () => app.page.executeScript("return document.activeElement.id || document.activeElement.textContent.trim()");

  await app.page.actions().contextClick(await app.find(".row:nth-last-of-type(2)")).perform();
  await app.find(menu);
  await app.press(Key.ARROW_DOWN, Key.ENTER);
  await until(async () => (await stored(parts, "Deploy failed")).pinned, "the event is pinned");
  assert.equal(await focused(), "rows");
  assert.equal((await app.texts(".row.sel")).length, 0);

  await app.press("j");
  await app.find(".row.sel");
  await app.page.actions().keyDown(Key.SHIFT).sendKeys(Key.F10).keyUp(Key.SHIFT).perform();
  await app.find(menu);
  await app.press(Key.ESCAPE);
  await until(async () => (await app.page.findElements({ css: menu })).length === 0, "the menu is closed");
  assert.equal(await focused(), "rows");
  assert.equal((await app.texts(".row.sel")).length, 1);
});

claim("g t leads to a time, and Ctrl with plus and 0 draws everything twice as large and back", async (parts) => {
  const { app } = await filled(parts, [{ title: "One" }, { title: "Two" }]);
  const width = () => app.page.executeScript("return innerWidth");
  const whole = await width();

  await app.press("gt");
  await app.find("#overlay[open]");
  assert.equal(await app.page.executeScript("return document.activeElement.type"), "datetime-local");
  await app.page.executeScript("document.activeElement.value = '2001-01-01T00:00'");
  await app.press(Key.ENTER);
  await until(async () => (await app.texts(".row.sel .ttl")).join() === "One", "the oldest is shown");

  const withControl = (key) => app.page.actions().keyDown(Key.CONTROL).sendKeys(key).keyUp(Key.CONTROL).perform();
  for (let times = 0; times < 6; times += 1) await withControl("+");
  await until(async () => Math.abs((await width()) - whole / 2) <= 1, "twice as large");
  await withControl("0");
  await until(async () => (await width()) === whole, "as large as at first");
});
