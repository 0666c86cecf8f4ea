// Every screen in both languages and themes, at the sizes that are promised: nothing cut off,
// nothing a screen reader stumbles over.
import { after } from "node:test";
import { inEveryLook, toSides } from "./looks.js";
import { browser, core } from "./window.js";

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
    await page.locator(".banner.red").waitFor();
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
    await page.waitForTimeout(100);
    await toList(page);
  }],
  ["settings", "", async (page) => {
    await toSides(page);
    await page.locator("[popovertarget]").click();
    await page.locator("#settings-menu").waitFor();
  }],
  ["trouble", "", async (page) => {
    await core(page, (fake) => fake.setTroubles([{ kind: "settings_lost", copies: ["/home/sy/.local/share/tidings/settings.json.bad-20261123T140211Z"] }]));
    await page.locator(".banner").waitFor();
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
  ["all-read", "", async (page) => {
    await page.locator(".row.unread").first().waitFor();
    await page.evaluate("document.querySelector('.bar.wide .ib:not(.tiny)').click()");
    await page.waitForFunction("document.querySelectorAll('.row.unread').length === 0 && document.title === 'Tidings'");
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
