// Looks at screens in every promised size, language and theme.
import { test } from "node:test";
import { core, inspect } from "./window.js";

/** @import { Page } from "playwright-core" */
/** @typedef {[name: string, scene: string, reach: (page: Page) => Promise<unknown>]} Screen */

/** In the narrow window the sources are a pane of their own. @param {Page} page */
export async function toSides(page) {
  if ((page.viewportSize()?.width ?? 0) >= 640) return;
  await page.locator(".bar.narrow .ib").first().click();
  await page.locator(".side").waitFor();
}

/** Every size that is promised; the last is the default window at a zoom of 200 %. @type {[string, { width: number, height: number, zoom?: number }][]} */
export const SIZES = [
  ["1080x720", { width: 1080, height: 720 }],
  ["720x600", { width: 720, height: 600 }],
  ["420x480", { width: 420, height: 480 }],
  ["zoom", { width: 1080, height: 720, zoom: 2 }],
];

/** @param {Awaited<ReturnType<typeof import("./window.js").browser>>} open @param {Screen[]} screens */
export function inEveryLook(open, screens) {
  for (const [name, scene, reach] of screens) {
    for (const [size, options] of SIZES) {
      test(`${name}_is_whole_at_${size}`, async (context) => {
        const page = await open(context, `?language=en&theme=light${scene ? `&${scene}` : ""}`, options);
        await reach(page);
        const { width = 0, height = 0 } = page.viewportSize() ?? {};
        await page.mouse.move(width - 5, height - 5);
        for (const language of /** @type {const} */ (["en", "ko"])) {
          for (const theme of /** @type {const} */ (["light", "dark"])) {
            await core(page, (fake, look) => fake.prefer(look), { language, theme });
            await page.locator(`html[lang=${language}][data-theme=${theme}]`).waitFor({ state: "attached" });
            await inspect(page, `${name}-${size}-${language}-${theme}`);
          }
        }
      });
    }
  }
}
