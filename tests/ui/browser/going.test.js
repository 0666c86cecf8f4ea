// How a person gets to events that are far away.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { browser, core, lastCall, until } from "./window.js";

/** @import { Page } from "playwright-core" */

const open = await browser(after);

/** A moment so many minutes before the newest of the fake core, as the field takes it. @param {Page} page @param {number} minutes */
const inField = (page, minutes) =>
  core(page, (fake, ago) => {
    const at = fake.now() - ago * 60_000;
    return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  }, minutes);

/** @param {Page} page */
const focused = (page) => page.evaluate("document.activeElement.id");

test("g_t_leads_to_what_came_by_a_time_far_from_what_is_in_memory", async (context) => {
  const page = await open(context, "?many=2000");
  await page.locator(".row").first().waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await page.locator(".row", { hasText: "Build 4817 passed" }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("t");
  await page.locator("#overlay[open]").waitFor();
  assert.equal(await focused(page), "time");
  // Number 700 came 3000 + 7 * 700 minutes ago.
  await page.fill("#time", /** @type {string} */ (await inField(page, 7900)));
  await page.keyboard.press("Enter");
  await page.locator(".row.sel", { hasText: "Event number 700" }).waitFor();
  assert.equal(await focused(page), "rows");
  assert.equal((await lastCall(page, "history_page")).query, null);
  await page.keyboard.press("j");
  await page.locator(".row.sel", { hasText: "Event number 701" }).waitFor();
  await page.keyboard.press("k");
  await page.keyboard.press("k");
  await page.locator(".row.sel", { hasText: "Event number 699" }).waitFor();
});

test("a_time_before_everything_shows_the_oldest_and_one_to_come_the_newest", async (context) => {
  const page = await open(context, "?many=2000");
  await page.locator(".row").first().waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await page.click(".to-time");
  await page.fill("#time", "1999-12-31T23:59");
  await page.keyboard.press("Enter");
  await page.locator(".row.sel", { hasText: "Event number 2000" }).waitFor();
  await page.click(".to-time");
  await page.fill("#time", "2199-12-31T23:59");
  await page.click("#overlay .primary");
  await page.locator(".row.sel", { hasText: "Deploy failed on web-3" }).waitFor();
  assert.equal(await focused(page), "rows");
});

test("what_is_no_time_is_said_at_the_field_and_escape_leads_back_to_the_list", async (context) => {
  const page = await open(context);
  await page.locator(".row").first().waitFor();
  await page.locator(".rows").focus();
  await page.keyboard.press("g");
  await page.keyboard.press("t");
  await page.fill("#time", "");
  await page.keyboard.press("Enter");
  await page.locator("#time-wrong").waitFor();
  assert.equal(await page.getAttribute("#time", "aria-describedby"), "time-wrong");
  await page.keyboard.press("Escape");
  await until(page, async () => (await focused(page)) === "rows");
});

test("the_next_unread_is_found_beyond_what_is_in_memory_in_both_directions", async (context) => {
  const page = await open(context, "?many=3000");
  await page.locator(".row").first().waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await page.locator(".row", { hasText: "Build 4817 passed" }).waitFor();
  // Everything is read but the first and one that is far away.
  await core(page, (fake) => fake.readAllBut(["Deploy failed on web-3", "Event number 2500"]));
  await page.locator(".row", { hasText: "Invoice paid" }).locator(".dot").waitFor({ state: "detached" });
  await page.locator(".rows").focus();
  await page.keyboard.press("]");
  await page.locator(".row.sel", { hasText: "Deploy failed" }).waitFor();
  await page.keyboard.press("]");
  await page.locator(".row.sel", { hasText: "Event number 2500" }).waitFor();
  assert.equal((await lastCall(page, "history_page")).unread, false);
  await page.keyboard.press("[");
  await page.locator(".row.sel", { hasText: "Deploy failed" }).waitFor();
  assert.equal(await focused(page), "rows");
  // Beyond the last there is none: all stays as it is.
  await page.keyboard.press("[");
  await page.locator(".row.sel", { hasText: "Deploy failed" }).waitFor();
});
