// The menu of a row: reached by pointer and by keys, it acts on its row and leaves all else as it was.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { browser, calls, lastCall, until } from "./window.js";

/** @import { Page } from "playwright-core" */

const open = await browser(after);

/** @param {Page} page */
const focused = (page) => page.evaluate("document.activeElement.id || document.activeElement.textContent");

/** @param {Page} page @param {string} title */
const rowOf = (page, title) => page.locator(".row", { hasText: title });

/** @param {Page} page @param {string} title */
async function rightClick(page, title) {
  await rowOf(page, title).click({ button: "right" });
  await page.locator("#row-menu:popover-open").waitFor();
}

/** @param {Page} page @param {string} words */
const choose = (page, words) => page.locator("#row-menu [role=menuitem]", { hasText: words }).click();

/** @param {Page} page */
const isClosed = (page) => until(page, async () => (await page.locator("#row-menu:popover-open").count()) === 0);

test("a_right_click_opens_the_menu_of_a_row_without_selecting_or_reading_it", async (context) => {
  const page = await open(context);
  await page.locator(".row").first().waitFor();
  await rightClick(page, "Invoice paid");
  assert.equal(await page.locator(".row.sel").count(), 0);
  assert.equal((await calls(page)).some(({ command }) => command === "history_get"), false);
  await choose(page, "Pin");
  await isClosed(page);
  assert.equal((await lastCall(page, "history_pin")).pinned, true);
  await rowOf(page, "Invoice paid").locator(".pin").waitFor();
  await rightClick(page, "Invoice paid");
  await choose(page, "Mark as read");
  await rowOf(page, "Invoice paid").locator(".dot").waitFor({ state: "detached" });
  assert.equal(await page.locator(".row.sel").count(), 0);
});

test("the_menu_is_opened_and_walked_by_keys_and_gives_the_focus_back", async (context) => {
  const page = await open(context);
  await page.locator(".row").first().waitFor();
  await page.locator(".rows").focus();
  await page.keyboard.press("j");
  for (const key of ["Shift+F10", "ContextMenu"]) {
    await page.keyboard.press(key);
    await page.locator("#row-menu:popover-open").waitFor();
    assert.match(String(await focused(page)), /^Mark as/);
    await page.keyboard.press("ArrowUp");
    assert.match(String(await focused(page)), /^Delete/);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    assert.match(String(await focused(page)), /^Pin/);
    await page.keyboard.press("Escape");
    await isClosed(page);
    assert.equal(await focused(page), "rows");
    assert.equal(await page.locator(".row.sel").count(), 1);
  }
  const [title = ""] = await page.locator(".row.sel .ttl").allInnerTexts();
  await page.keyboard.press("Shift+F10");
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await rowOf(page, title).waitFor({ state: "detached" });
  assert.equal(await focused(page), "rows");
  assert.equal(await page.locator(".row.sel").count(), 1);
});

test("an_event_deleted_by_its_menu_leaves_the_selected_one_selected_and_comes_back", async (context) => {
  const page = await open(context);
  await page.locator(".row").first().waitFor();
  await page.locator(".rows").focus();
  await page.keyboard.press("j");
  await page.locator(".row.sel", { hasText: "Deploy failed" }).waitFor();
  await rightClick(page, "Invoice paid");
  await choose(page, "Delete");
  await rowOf(page, "Invoice paid").waitFor({ state: "detached" });
  assert.equal(await rowOf(page, "Deploy failed").getAttribute("aria-selected"), "true");
  // The feed tells of the deletion within 50 ms: no hand is faster.
  await page.waitForTimeout(200);
  await page.click(".toast .btn");
  await rowOf(page, "Invoice paid").waitFor();
  assert.equal(await rowOf(page, "Deploy failed").getAttribute("aria-selected"), "true");
});

test("the_menu_narrows_the_list_to_its_source_or_its_type_and_makes_a_rule", async (context) => {
  const page = await open(context);
  await page.locator(".row").first().waitFor();
  await rightClick(page, "Deploy failed");
  await choose(page, "Only events of type deploy");
  await until(page, async () => (await page.inputValue("#search")) === "event:deploy");
  await page.keyboard.press("Escape");
  await rowOf(page, "Invoice paid").waitFor();
  await rightClick(page, "Deploy failed");
  await choose(page, "Only events of prod-api");
  await page.locator(".source-head", { hasText: "prod-api" }).waitFor();
  await rightClick(page, "Deploy failed");
  assert.equal(await page.locator("#row-menu", { hasText: "Only events of prod-api" }).count(), 0);
  await choose(page, "Make a rule");
  await page.locator("#rule-name").waitFor();
  assert.equal((await lastCall(page, "rule_draft")).row > 0, true);
});

test("the_menu_stays_within_the_smallest_window_and_goes_when_one_clicks_elsewhere", async (context) => {
  const page = await open(context, "", { width: 420, height: 480 });
  await page.locator(".row").first().waitFor();
  await page.mouse.click(400, 470, { button: "right" });
  await page.locator("#row-menu:popover-open").waitFor();
  const box = await page.locator("#row-menu").boundingBox();
  assert.ok(box && box.x >= 8 && box.y >= 8 && box.x + box.width <= 412 && box.y + box.height <= 472, JSON.stringify(box));
  await page.mouse.click(20, 460);
  await isClosed(page);
});
