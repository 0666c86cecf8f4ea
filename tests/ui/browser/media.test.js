// Every screen with the system's own wishes: high contrast, its own colours, no motion.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { browser, core, inspect } from "./window.js";

/** @import { Page } from "playwright-core" */

const open = await browser(after);

/** @param {Page} page @param {string} look */
async function everyScreen(page, look) {
  await page.locator(".row").first().click();
  await page.locator(".tree").waitFor();
  await core(page, (fake) => fake.setState("billing", { state: "stopped", since: 0, cause: { code: "unauthorized", message: "x", status: 401 } }));
  await page.locator(".banner.red").waitFor();
  await inspect(page, `inbox-${look}`);
  await page.click("#nav-panel");
  await page.locator(".cards").waitFor();
  await inspect(page, `sources-${look}`);
  await page.locator(".side .foot .nav-i").first().click();
  await page.locator(".r-pick").first().click();
  await page.locator("#rule-name").waitFor();
  await inspect(page, `rules-${look}`);
  await page.click("#nav-settings");
  await page.click("#set-hours");
  await page.locator(".hours li").waitFor();
  await page.evaluate("document.querySelector('#set-quiet').scrollIntoView()");
  await inspect(page, `settings-${look}`);
  await page.click("#nav-diagnostics");
  await page.locator(".day-strip").waitFor();
  await inspect(page, `diagnostics-${look}`);
}

for (const [look, theme, media] of /** @type {const} */ ([
  ["forced-colors", "light", { forcedColors: "active" }],
  ["more-contrast", "light", { contrast: "more" }],
  ["more-contrast-in-a-dark-system", "system", { contrast: "more", colorScheme: "dark" }],
  ["reduced-motion", "dark", { reducedMotion: "reduce" }],
])) {
  test(`every_screen_is_whole_with_${look.replaceAll("-", "_")}`, async (context) => {
    const page = await open(context, `?language=ko&rules&theme=${theme}`);
    await page.emulateMedia(media);
    await everyScreen(page, look);
    if (look === "reduced-motion") {
      assert.equal(await page.evaluate("getComputedStyle(document.querySelector('.sw'), '::after').transitionDuration"), "0s");
    }
    const first = await open(context, `?empty&language=ko&theme=${theme}`);
    await first.emulateMedia(media);
    await inspect(first, `first-run-${look}`);
  });
}

test("more_contrast_is_more_in_every_theme", async (context) => {
  const page = await open(context);
  for (const theme of /** @type {const} */ (["system", "light", "dark"])) {
    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
      await core(page, (fake, theme) => fake.prefer({ theme }), theme);
      await page.locator(`html${theme === "system" ? ":not([data-theme])" : `[data-theme=${theme}]`}`).waitFor({ state: "attached" });
      await page.emulateMedia({ contrast: "more", colorScheme });
      const [third, ink] = /** @type {string[]} */ (await page.evaluate("['--ink-3', '--ink'].map((name) => getComputedStyle(document.documentElement).getPropertyValue(name))"));
      assert.equal(third, ink, `${theme} ${colorScheme}`);
    }
  }
});
