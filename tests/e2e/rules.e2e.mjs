// Rules in the real app: made with the keyboard alone, an input method's keys among them; and the
// window counts what the command line counts.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Key } from "selenium-webdriver";
import { cli, history } from "./app.mjs";
import { claim } from "./claim.mjs";
import { directory, until } from "./processes.mjs";
import { stream } from "./servers.mjs";

/** What a keyboard does in the window of an app, and where its focus is. */
function keyboard(app) {
  const { page } = app;
  const press = (...keys) => page.actions().sendKeys(...keys).perform();
  const held = (modifier, key) => page.actions().keyDown(modifier).sendKeys(key).keyUp(modifier).perform();
  const focus = () => page.executeScript("const { activeElement: at } = document; return at ? (at.id || at.dataset.pick || at.className || at.tagName) : ''");
  const frame = () => page.executeAsyncScript("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))");
  return {
    press,
    held,
    focus,
    /** Keys as an input method sends them, at once: the place on the keyboard is the same, the letter is not. */
    async composed(...keys) {
      await page.executeScript(
        "for (const key of arguments[0]) (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...key }))",
        keys,
      );
      await frame();
    },
    /** Tab (or back) until the element has the focus. */
    async tabTo(selector, back = false) {
      const seen = [];
      for (let steps = 0; steps < 60; steps += 1) {
        if (await page.executeScript("return document.activeElement?.matches(arguments[0]) ?? false", selector)) return;
        seen.push(await focus());
        if (back) await held(Key.SHIFT, Key.TAB);
        else await press(Key.TAB);
        await frame();
      }
      throw new Error(`Tab never reaches ${selector}; it went ${seen.join(", ")}`);
    },
    /** Chooses in the select that has the focus by typing the words of the choice. */
    async choose(words, value) {
      await press(words);
      await frame();
      const chosen = await page.executeScript("return document.activeElement.value");
      assert.equal(chosen, value, `the choice that begins with ${words}`);
    },
    /** Replaces what stands in the field that has the focus. */
    async write(text) {
      await held(Key.CONTROL, "a");
      await press(text);
      await frame();
    },
  };
}

/** The keys of a shortcut with a Korean input method on. */
const [G, R] = [{ code: "KeyG", key: "ㅎ" }, { code: "KeyR", key: "ㄱ" }];

const fates = async (desktop, dir) => (await history(desktop, dir)).map(({ title, delivery }) => [title, delivery.outcome]);

claim("the keyboard alone leads from the first run to a rule that silences an event, and back", async (parts) => {
  const { desktop, dir, drive } = parts;
  const server = await parts.serve(stream);
  const app = await drive();
  const keys = keyboard(app);
  await app.find("#first-url");
  await keys.tabTo("#first-url");
  await keys.press(server.url, Key.ENTER);
  await app.find(".check .go");
  await keys.tabTo(".check .go");
  await keys.press(Key.ENTER);
  await app.find(".app");
  await app.find(".nav.scroll .h-live");
  server.send({ title: "Build passed", level: "info", host: "web-1" });
  server.send({ title: "Disk is full", level: "error", host: "db-1" });
  await app.shows(["Disk is full", "Build passed"]);
  await desktop.toast("Build passed");

  // With a Korean input method on: letters of a shortcut arrive as syllables, or as "Process".
  await keys.composed(G, { code: "KeyR", key: "Process", isComposing: true });
  assert.deepEqual(await app.texts(".rules-page"), [], "a key that is being composed does nothing");
  await keys.composed(G, R);
  await app.find("#rules-new");
  await keys.tabTo("#rules-new");
  await keys.press(Key.ENTER);
  await app.find("#rule-name");
  await until(async () => (await keys.focus()) === "rule-name", "the name has the focus");
  await keys.write("조용한 빌드");
  await keys.composed({ code: "Escape", key: "Process", isComposing: true });
  await app.find(".rules-page");
  await keys.tabTo("#c-0-field");
  await keys.choose("title", "title");
  await keys.tabTo("#c-0-op");
  await keys.choose("starts", "starts_with");
  await keys.tabTo("#c-0-value");
  await keys.write("build");
  await keys.tabTo("#rule-then");
  await keys.choose("keep", "quiet");
  await until(async () => (await app.texts(".seg-i"))[1] === "Changed 1", "the preview counts one event newly quiet");
  assert.equal((await cli(desktop, dir, "rule", "list", "--json")).trim(), "", "nothing is in force before it is saved");
  await keys.tabTo("#rules-save");
  await keys.press(Key.ENTER);
  await until(async () => (await app.texts(".toast")).length === 1, "it is saved");
  server.send({ title: "Build passed again", level: "info", host: "web-1" });
  await until(async () => (await fates(desktop, dir)).length === 3, "the event is stored");
  await until(async () => (await fates(desktop, dir))[2][1] === "quiet", "it is kept quiet");

  // And back to notify: off the page, on it again, the rule out of the list.
  await keys.tabTo("#rule-name", true);
  await keys.press(Key.ESCAPE);
  await app.find(".rows");
  await keys.composed(G, R);
  await app.find(".r-pick");
  await keys.tabTo(".r-pick");
  await keys.press(Key.ENTER);
  await keys.tabTo("#rule-then");
  await keys.choose("noti", "notify");
  await keys.tabTo("#rules-save");
  await keys.press(Key.ENTER);
  await until(async () => JSON.parse(await cli(desktop, dir, "rule", "list", "--json")).then === "notify", "it is saved");
  server.send({ title: "Build passed a third time", level: "info", host: "web-1" });
  await desktop.toast("Build passed a third time");
  assert.ok(!desktop.toasts().some(({ summary }) => summary === "Build passed again"));
  const [hits] = await app.texts(".r-hits");
  assert.match(hits, /\d in 7 days/);
}, 150);

claim("the preview of the window counts what the command line counts", async (parts) => {
  const { desktop, dir, drive } = parts;
  const server = await parts.stream();
  const rule = {
    id: "5b0e3a52-6f6e-4d0a-9b57-0d8b0f2f6c11",
    name: "noise",
    when: { any: [{ field: "$.level", op: "is", value: "info" }, { all: [{ field: "$.ms", op: ">", value: 40 }, { not: { field: "title", op: "matches", value: "[05]$" } }] }] },
    then: "quiet",
  };
  const draft = { ...rule, when: { any: [rule.when, { field: "host", op: "exists" }] } };
  draft.when.any[1] = { field: "$.host", op: "in", value: ["h1", "h2"] };
  const file = join(directory(), "rule.json");
  writeFileSync(file, JSON.stringify(rule));
  await cli(desktop, dir, "rule", "add", "--file", file);
  const app = await drive();
  await until(() => server.connected === 1, "the app connects");
  const count = 60;
  for (let n = 0; n < count; n += 1) {
    server.send({ title: `Event ${n}`, level: n % 3 === 0 ? "info" : "warn", ms: n, host: `h${n % 4}` });
  }
  await until(async () => (await history(desktop, dir)).length === count, "all are stored", 30);

  const keys = keyboard(app);
  await keys.composed(G, R);
  await app.click(".r-pick");
  await app.click("#rule-advanced");
  const { id: _, ...shown } = draft;
  await app.page.executeScript(
    "const [field, text] = arguments; field.value = text; field.dispatchEvent(new InputEvent('input', { bubbles: true }))",
    await app.find("#rule-json"), JSON.stringify(shown),
  );
  writeFileSync(file, JSON.stringify(draft));
  const said = JSON.parse(await cli(desktop, dir, "rule", "test", "--file", file, "--json"));
  assert.ok(said.newly_quiet_count > 0 && said.would_notify > 0, "the draft changes something");

  const number = (text, at = 0) => Number(text.match(/[\d,]+/g)[at].replaceAll(",", ""));
  await until(async () => number((await app.texts(".seg-i"))[1] ?? "0") === said.newly_loud_count + said.newly_quiet_count, "the preview follows the draft");
  const [big] = await app.texts(".prev .big");
  const [second] = await app.texts(".prev-words .t12");
  const [matched] = await app.texts(".seg-i");
  assert.deepEqual(
    { would: number(big), of: number(big, 1), now: number(second), matched: number(matched) },
    { would: said.would_notify, of: said.looked_at, now: said.now_notify, matched: said.matched },
  );
  await app.page.executeScript("document.querySelectorAll('.seg-i')[1].click()");
  const titles = [...said.newly_loud, ...said.newly_quiet].sort((a, b) => b.row - a.row).map(({ title }) => title);
  await until(async () => (await app.texts(".p-ttl")).length === titles.length, "the rows are shown");
  assert.deepEqual((await app.texts(".p-ttl")).map((text) => text.split("  ")[0]), titles);
  const strip = await app.page.executeScript("return document.querySelector('.week [role=img]').getAttribute('aria-label')");
  const days = [...strip.matchAll(/: (\d+), saved rules (\d+)/g)].map(([, would, now]) => [Number(would), Number(now)]);
  assert.deepEqual(days, said.per_day.map(({ would_notify, now_notify }) => [would_notify, now_notify]));
}, 120);
