// Every screen in both languages and themes, at the sizes that are promised: nothing cut off,
// nothing a screen reader stumbles over.
import { after, test } from "node:test";
import { browser, core, inspect } from "./window.js";

/** @import { Page } from "playwright-core" */

const open = await browser(after);

/** @type {[string, string, (page: Page) => Promise<unknown>][]} */
const screens = [
  ["first-run", "empty", async () => {}],
  ["first-run-stopped", "empty", async (page) => {
    await page.fill("#first-url", "https://api.acme.dev/v1/events");
    await page.press("#first-url", "Enter");
    await page.locator(".check").waitFor();
    await core(page, (fake) => fake.setState("api.acme.dev", { state: "stopped", since: 0, cause: { code: "unauthorized", message: "x", status: 401 } }));
    await page.locator(".check .bad").waitFor();
  }],
  ["first-run-error", "empty", async (page) => {
    await page.fill("#first-url", "not a url");
    await page.press("#first-url", "Enter");
    await page.locator(".wrong").waitFor();
  }],
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
    await page.locator("[popovertarget=settings-menu]").click();
    await page.locator("#settings-menu").waitFor();
  }],
  ["trouble", "", async (page) => {
    await core(page, (fake) => fake.setTroubles([{ kind: "settings_lost", copies: ["/home/sy/.local/share/tidings/settings.json.bad-20261123T140211Z"] }]));
    await page.locator(".banner").waitFor();
  }],
  ["source-dialog", "", async (page) => {
    await toSides(page);
    await page.locator(".nav.scroll .nav-i").first().click();
    await page.locator(".source-head .ib").nth(-2).click();
    await page.locator("dialog[open]").waitFor();
  }],
  ["consent", "", async (page) => {
    await toSides(page);
    await page.locator(".nav-h .ib").click();
    await page.fill("#source-url", "http://example.com/events");
    await page.locator("dialog fieldset .btn").first().click();
    await page.locator(".header-row input").first().fill("Authorization");
    await page.locator(".header-row input").last().fill("Bearer x");
    await page.locator("dialog [type=submit]").click();
    await page.locator(".consent").waitFor();
  }],
  ["remove-dialog", "", async (page) => {
    await toSides(page);
    await page.locator(".nav.scroll .nav-i").first().click();
    await page.locator(".source-head .ib").last().click();
    await page.locator("dialog[open]").waitFor();
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

/** In the narrow window the sources are a pane of their own. @param {Page} page */
async function toSides(page) {
  if ((page.viewportSize()?.width ?? 0) >= 640) return;
  await page.locator(".bar.narrow .ib").first().click();
  await page.locator(".side").waitFor();
}

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

for (const [name, scene, reach] of screens) {
  for (const language of ["en", "ko"]) {
    for (const theme of ["light", "dark"]) {
      test(`${name}_is_whole_in_${language}_${theme}`, async (context) => {
        const page = await open(context, `?language=${language}&theme=${theme}${scene ? `&${scene}` : ""}`);
        await reach(page);
        await page.mouse.move(1070, 715);
        await page.waitForTimeout(200);
        await inspect(page, `${name}-${language}-${theme}`);
      });
    }
  }
  for (const [width, height] of /** @type {const} */ ([[420, 480], [720, 600]])) {
    test(`${name}_is_whole_at_${width}_by_${height}`, async (context) => {
      const language = width === 420 ? "ko" : "en";
      const page = await open(context, `?language=${language}${scene ? `&${scene}` : ""}`, { width, height });
      await reach(page);
      await page.mouse.move(width - 5, height - 5);
      await page.waitForTimeout(200);
      await inspect(page, `${name}-${width}x${height}`);
    });
  }
}
