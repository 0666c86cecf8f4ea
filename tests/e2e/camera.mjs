// Brings the window of the real app into any size, language and theme, for pictures of it.
import { until } from "./processes.mjs";

/** @param {() => import("selenium-webdriver").WebDriver} page the one there is now */
export function camera(page) {
  /** Asks the core directly, where the window's way is proven by the tests. */
  async function ask(command, request) {
    const { value, error } = await page().executeAsyncScript(
      `const done = arguments[arguments.length - 1];
       window.__TAURI_INTERNALS__.invoke(arguments[0], arguments[1] && { request: arguments[1] })
         .then((value) => done({ value }), (error) => done({ error: JSON.stringify(error) }));`,
      command,
      request,
    );
    if (error) throw new Error(`${command}: ${error}`);
    return value;
  }

  let zoom = 1;

  /** Everything twice as large, by the app's own zoom, or as large as at first. */
  async function enlarge(factor) {
    if (factor === zoom) return;
    const inner = () => page().executeScript("return innerWidth");
    const before = await inner();
    for (let step = 0; step < (factor === 2 ? 5 : 1); step += 1) await ask("zoom", { step: factor === 2 ? "in" : "reset" });
    await until(async () => Math.abs((await inner()) * factor - before * zoom) <= 2, `the page is drawn at ${factor}`);
    zoom = factor;
  }

  /** @param {number[]} size width, height, and how large all is drawn */
  async function resize([width, height, factor = 1]) {
    await enlarge(1);
    await fit([width, height]);
    await enlarge(factor);
  }

  async function fit([width, height]) {
    const inner = () => page().executeScript("return [innerWidth, innerHeight]");
    const reached = () => until(async () => (await inner()).join() === `${width},${height}`, `the page is ${width} x ${height}`, 3);
    // The driver waits for a change of size, also where there is nothing to change.
    if ((await inner()).join() === `${width},${height}`) return;
    await page().manage().window().setRect({ width, height });
    await reached().catch(async () => {
      // The window manager counts its frame in.
      const [w, h] = await inner();
      await page().manage().window().setRect({ width: 2 * width - w, height: 2 * height - h });
      await reached();
    });
  }

  /** @param {{ language: string, theme: string }} look */
  async function dress(look) {
    await ask("preferences_set", look);
    await until(
      () => page().executeScript(
        "const { lang, dataset } = document.documentElement; return lang === arguments[0] && dataset.theme === arguments[1]",
        look.language, look.theme,
      ),
      `the page is ${look.language} and ${look.theme}`,
    );
  }

  /** Waits until nothing moves; a movement that is not shown may never end. */
  const still = () =>
    page().executeAsyncScript(
      `const done = arguments[0];
       const ends = document.getAnimations().map(({ finished, effect }) => effect.getTiming().iterations === Infinity || finished);
       Promise.race([Promise.allSettled(ends), new Promise((resolve) => setTimeout(resolve, 2000))])
         .then(() => requestAnimationFrame(() => requestAnimationFrame(done)));`,
    );

  return { ask, dress, resize, still };
}
