// Every screen in both languages and themes, at the sizes that are promised: nothing cut off,
// nothing a screen reader stumbles over.
import assert from "node:assert/strict";
import { after } from "node:test";
import { inEveryLook, toSides } from "./looks.js";
import { browser, core, until } from "./window.js";

/** @import { Page } from "playwright-core" */

const open = await browser(after);

/** @type {[string, string, (page: Page) => Promise<unknown>][]} */
const screens = [
  ["first-run", "empty", async () => {}],
  ["inbox", "", (page) => read(page, 0)],
  ["inbox-stopped", "", async (page) => {
    await core(page, (fake) => {
      fake.setState("prod-api", { state: "stopped", since: 0, cause: { code: "unauthorized", message: "x", status: 401 } });
      fake.setState("billing", { state: "waiting", attempt: 2, until: Date.now() + 8500, cause: { code: "broken", message: "x", status: null } });
    });
    await page.locator(".list .banner.red").waitFor();
    await read(page, 1);
  }],
  ["source", "", async (page) => {
    await toSides(page);
    await page.locator(".nav.scroll .nav-i").first().click();
    await page.locator(".source-head").waitFor();
  }],
  ["paused", "", async (page) => {
    await toSides(page);
    await page.locator(".foot [role=switch]").click();
    await page.locator(".foot [aria-checked=true]").waitFor();
    await toList(page);
  }],
  ["trouble", "", async (page) => {
    await core(page, (fake) => fake.setTroubles([{ kind: "settings_lost", copies: ["/home/sy/.local/share/tidings/settings.json.bad-20261123T140211Z"] }]));
    await page.locator(".list .banner").waitFor();
  }],
  ["compact", "compact", (page) => read(page, 2)],
  ["pinned", "", async (page) => {
    await read(page, 0);
    await page.locator(".detail .bar [aria-pressed]").first().click();
    await page.locator(".detail .bar [aria-pressed=true]").waitFor();
  }],
  ["deleted", "", async (page) => {
    await read(page, 1);
    await page.locator(".detail .bar .ib:not(.back)").last().click();
    await page.locator(".toast .btn").waitFor();
  }],
  ["raw", "", async (page) => {
    await read(page, 0);
    await page.locator("#tab-raw").click();
    await page.locator("pre.raw").waitFor();
  }],
  ["frame", "", async (page) => {
    await read(page, 0);
    await page.locator("#tab-frame").click();
    await page.locator(".facts").waitFor();
  }],
  ["tree-line", "", async (page) => {
    await read(page, 0);
    await page.locator("[data-path='$.host']").focus();
    await page.locator(".offers").waitFor();
  }],
  ["link", "", async (page) => {
    await read(page, 0);
    await page.locator(".link-btn").click();
    await page.locator("#overlay[open]").waitFor();
  }],
  ["keys", "", async (page) => {
    await page.keyboard.press("?");
    await page.locator("#overlay[open]").waitFor();
  }],
  ["row-menu", "", async (page) => {
    await page.locator(".row").nth(2).click({ button: "right", position: { x: 100, y: 20 } });
    await page.locator("#row-menu:popover-open").waitFor();
  }],
  ["time", "", async (page) => {
    await page.locator(".to-time").click();
    await page.locator("#overlay[open]").waitFor();
  }],
  ["quieted", "", async (page) => {
    await toSides(page);
    await page.locator(".nav .nav-i").nth(2).click();
    await page.locator(".row").first().waitFor();
  }],
  ["snoozed", "", async (page) => {
    await core(page, (fake) => fake.setQuiet({ reason: "snoozed", until: Date.now() + 3600_000, held: 3 }));
    await page.locator(".list .banner.quiet").waitFor();
  }],
  ["quiet-menu", "", async (page) => {
    await toSides(page);
    await page.locator("[popovertarget=quiet-menu]").first().click();
    const place = await page.locator("#quiet-menu").boundingBox();
    assert.deepEqual([place?.x, place?.y], [8, 48], "it hangs under its button");
  }],
  ["waiting", "waiting", async (page) => {
    await page.locator(".pulse").waitFor();
  }],
  ["waiting-ntfy", "waiting", async (page) => {
    await core(page, (fake) => fake.setUrl("prod-api", "https://ntfy.sh/a-topic-with-a-rather-long-name-of-its-own/sse"));
    await toSides(page);
    await page.locator(".nav.scroll .nav-i").first().click();
    await page.locator(".sample").waitFor();
  }],
  ["waiting-source", "waiting", async (page) => {
    await toSides(page);
    await page.locator(".nav.scroll .nav-i").first().click();
    await page.locator(".pulse").waitFor();
  }],
  ["muted", "", async (page) => {
    await read(page, 0);
    await page.locator(".detail .bar .ib[aria-pressed]").last().click();
    await page.locator(".toast .btn").waitFor();
  }],
  ["new-pill", "", async (page) => {
    await read(page, 1);
    await core(page, (fake) => { fake.send("billing", "Fresh", "one"); fake.send("billing", "Fresher", "two"); });
    await page.locator(".pill").waitFor({ state: "attached" });
  }],
  ["many", "many=900", async (page) => {
    await toSides(page);
    await page.locator(".nav .nav-i").nth(1).click();
    await page.locator(".row").first().waitFor();
  }],
  ["suggestions", "", async (page) => {
    await page.keyboard.press("/");
    await page.locator("#search:focus").waitFor();
    await page.keyboard.type("source:");
    await page.locator(".suggest li").first().waitFor();
  }],
  ["chips", "", async (page) => {
    await page.keyboard.press("/");
    await page.locator("#search:focus").waitFor();
    await page.keyboard.type('level:high source:"staging CI" e');
    await page.locator(".chip").nth(1).waitFor();
  }],
  ["query-error", "", async (page) => {
    await page.keyboard.press("/");
    await page.locator("#search:focus").waitFor();
    await page.keyboard.type("deploy colour:red");
    await page.locator("#query-error").waitFor();
  }],
  ["search", "", async (page) => {
    await page.keyboard.press("/");
    await page.locator("#search:focus").waitFor();
    await page.keyboard.type("deploy");
    await page.locator("mark").first().waitFor();
  }],
  ["nothing-found", "", async (page) => {
    await page.keyboard.press("/");
    await page.locator("#search:focus").waitFor();
    await page.keyboard.type("zzzz");
    await page.locator(".empty .btn").waitFor();
  }],
  ["unreadable", "", async (page) => {
    await toSides(page);
    await core(page, (fake) => fake.refuse("history_page", "history_unavailable", "unable to open database file"));
    await page.locator(".nav .nav-i").nth(2).click();
    await page.locator(".empty .btn").waitFor();
  }],
  ["no-sources", "empty", async (page) => {
    await page.locator(".alt .link").click();
    await page.locator(".app").waitFor();
    await toSides(page);
    await page.locator(".nav.scroll .nav-i").first().click();
    await page.locator(".source-head .ib").last().click();
    await page.locator("dialog [type=submit]").click();
    await page.locator(".empty .btn.primary").waitFor();
  }],
  ["all-read", "", async (page) => {
    await page.locator(".row.unread").first().waitFor();
    await page.evaluate("document.querySelector('.bar.wide .ib:not(.tiny)').click()");
    await page.locator(".row.unread").first().waitFor({ state: "detached" });
    await until(page, async () => (await page.title()) === "Tidings");
    await toSides(page);
    await page.locator(".nav .nav-i").nth(1).click();
    await toSides(page);
    await page.locator(".nav .nav-i").first().click();
    await page.locator(".empty .btn").waitFor();
  }],
];

/** @param {Page} page */
async function toList(page) {
  if (await page.locator(".rows, .empty").first().isVisible()) return;
  await page.locator(".nav .nav-i").first().click();
}

/** @param {Page} page @param {number} index */
async function read(page, index) {
  await page.locator(".row").nth(index).click();
  await page.locator(".payload").waitFor();
}

inEveryLook(open, screens);
