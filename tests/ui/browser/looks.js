// Looks at screens in every language, theme and promised size.
import { test } from "node:test";
import { inspect } from "./window.js";

/** @import { Page } from "playwright-core" */
/** @typedef {[name: string, scene: string, reach: (page: Page) => Promise<unknown>]} Screen */

/** In the narrow window the sources are a pane of their own. @param {Page} page */
export async function toSides(page) {
  if ((page.viewportSize()?.width ?? 0) >= 640) return;
  await page.locator(".bar.narrow .ib").first().click();
  await page.locator(".side").waitFor();
}

/** @param {Awaited<ReturnType<typeof import("./window.js").browser>>} open @param {Screen[]} screens */
export function inEveryLook(open, screens) {
  for (const [name, scene, reach] of screens) {
    const more = scene ? `&${scene}` : "";
    for (const language of ["en", "ko"]) {
      for (const theme of ["light", "dark"]) {
        test(`${name}_is_whole_in_${language}_${theme}`, async (context) => {
          const page = await open(context, `?language=${language}&theme=${theme}${more}`);
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
        const page = await open(context, `?language=${language}${more}`, { width, height });
        await reach(page);
        await page.mouse.move(width - 5, height - 5);
        await page.waitForTimeout(200);
        await inspect(page, `${name}-${width}x${height}`);
      });
    }
  }
}
