// Opens the real window in a browser, on a fake core, and watches that it breaks no rule.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serve } from "../server.mjs";
import { spilled } from "../spilled.js";

/** @import { Page } from "playwright-core" */

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const shots = fileURLToPath(new URL("../../../target/screenshots/", import.meta.url));
mkdirSync(shots, { recursive: true });

export const launch = () =>
  chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-background-networking"],
  });

/** @param {import("node:test").TestContext["after"] | typeof import("node:test").after} after */
export async function browser(after) {
  const server = await serve();
  const chrome = await launch();
  /** One for each zoom: pages of one context fetch and compile the modules once. @type {Map<number, Promise<import("playwright-core").BrowserContext>>} */
  const contexts = new Map();
  /** @param {number} zoom */
  const roomFor = (zoom) => {
    const room = contexts.get(zoom) ?? chrome.newContext({ deviceScaleFactor: zoom, timezoneId: "Asia/Seoul" });
    contexts.set(zoom, room);
    return room;
  };
  after(async () => {
    await chrome.close();
    server.close();
  });

  /**
   * @param {import("node:test").TestContext} context
   * @param {string} scene
   * @param {{ width?: number, height?: number, zoom?: number, clock?: boolean }} [options]
   */
  return async function open(context, scene = "", { width = 1080, height = 720, zoom = 1, clock = false } = {}) {
    const viewport = { width: width / zoom, height: height / zoom };
    // A clock that stands would stand for every page of its context.
    const page = clock ? await chrome.newPage({ viewport, timezoneId: "Asia/Seoul" }) : await (await roomFor(zoom)).newPage();
    await page.setViewportSize(viewport);
    // Generous: a busy machine is slow, and no claim is about time.
    page.setDefaultTimeout(20_000);
    /** @type {string[]} */
    const trouble = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) trouble.push(message.text());
    });
    page.on("pageerror", (error) => trouble.push(String(error)));
    await page.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => {
        // The page of the checker is not ours; its own sheet is refused like any other.
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
    context.after(async () => {
      await page.close();
      assert.deepEqual(trouble, []);
    });
    if (clock) await page.clock.install();
    await page.goto(server.url + scene);
    await page.locator(".app, .first .col").waitFor().catch((error) => {
      throw new Error(`the window was never drawn; the page said: ${trouble.join("\n") || "nothing"}`, { cause: error });
    });
    if (!clock) drawAfterEachDeed(page);
    return page;
  };
}

/**
 * The window draws once a frame: what a test looks at right after a deed is drawn. With a clock
 * that stands there are no frames to wait for.
 * @param {Page} page
 */
function drawAfterEachDeed(page) {
  const drawn = () => page.evaluate("new Promise((resolve) => requestAnimationFrame(resolve)).then(() => {})");
  /** @param {any} actor @param {string[]} deeds */
  const wrap = (actor, deeds) => {
    for (const deed of deeds) {
      const does = actor[deed].bind(actor);
      actor[deed] = async (/** @type {unknown[]} */ ...given) => {
        await does(...given);
        await drawn();
      };
    }
  };
  wrap(page, ["click", "fill", "selectOption"]);
  wrap(page.keyboard, ["press", "type"]);
}

/** Runs code against the fake core. @template T @param {Page} page @param {(fake: import("../fake-backend.js").Fake, argument: T) => unknown} run @param {T} [argument] */
export function core(page, run, argument) {
  return page.evaluate(`(${run})(globalThis.fake, ${JSON.stringify(argument)})`);
}

/** @param {Page} page @returns {Promise<{ command: string, request: any }[]>} what the window asked of the core */
export function calls(page) {
  return page.evaluate("structuredClone(fake.calls)");
}

/** The last request of a command. @param {Page} page @param {string} command */
export async function lastCall(page, command) {
  const made = (await calls(page)).filter((call) => call.command === command);
  return made[made.length - 1]?.request;
}

/** @param {Page} page @param {() => Promise<boolean>} holds */
export async function until(page, holds) {
  for (let tries = 0; tries < 60; tries += 1) {
    if (await holds()) return;
    await page.waitForTimeout(50);
  }
  assert.fail(`never happened: ${holds}`);
}

/**
 * Looks at a screen with every rule of axe, and for text that is cut off or lies on other text. A
 * picture is kept of what fails, or with PICTURES=1 of everything.
 * @param {Page} page @param {string} name
 */
export async function inspect(page, name) {
  // A colour on its way from one theme to the other has the contrast of neither.
  await page.evaluate(`new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))).then(() => {
    for (const animation of document.getAnimations()) if (animation instanceof CSSTransition) animation.finish();
  })`);
  if (!(await page.evaluate(`"axe" in globalThis`))) await page.evaluate(axe);
  /** @type {string[]} */
  const violations = await page.evaluate(
    `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ": " + nodes.map((node) => node.html.slice(0, 160) + " " + (node.any[0]?.message ?? "")).join(" | ")))`,
  );
  const faults = [...violations, ...(await page.evaluate(spilled))];
  if (faults.length > 0 || process.env["PICTURES"]) await page.screenshot({ path: `${shots}fake-${name}.png` });
  assert.deepEqual(faults, [], name);
}
