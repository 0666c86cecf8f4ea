// What a person does in the inbox: reaches, finds, reads, keeps and deletes.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { browser, calls, core } from "./window.js";

/** @import { Page } from "playwright-core" */

const open = await browser(after);

/** @param {Page} page @param {string} command */
async function lastCall(page, command) {
  const made = (await calls(page)).filter((call) => call.command === command);
  return made[made.length - 1]?.request;
}

/** @param {Page} page @param {string} selector */
const texts = (page, selector) => page.locator(selector).allInnerTexts();

/** @param {Page} page @param {() => Promise<boolean>} holds */
async function until(page, holds) {
  for (let tries = 0; tries < 60; tries += 1) {
    if (await holds()) return;
    await page.waitForTimeout(50);
  }
  assert.fail(`never happened: ${holds}`);
}

/** @param {Page} page */
const firstTitle = (page) => page.locator(".row .ttl").first().innerText();

test("a_deleted_event_can_be_had_back_and_the_selection_never_is_lost", async (context) => {
  const page = await open(context);
  await page.locator(".row").first().waitFor();
  await page.locator(".rows").focus();
  await page.keyboard.press("j");
  const [first, second] = await texts(page, ".row .ttl");
  await page.locator(".detail h2", { hasText: first ?? "" }).waitFor();

  await page.keyboard.press("Delete");
  await until(page, async () => (await firstTitle(page)) === second);
  await page.locator(".row.sel", { hasText: second ?? "" }).waitFor();
  assert.equal(await page.evaluate("document.activeElement.id"), "rows");
  await page.click(".toast .btn");
  await until(page, async () => (await firstTitle(page)) === first);
  await page.locator(".row.sel", { hasText: first ?? "" }).waitFor();
  assert.equal((await calls(page)).some(({ command }) => command === "history_undo"), true);
});

test("a_button_that_deletes_its_own_pane_leaves_the_focus_in_the_window", async (context) => {
  const page = await open(context);
  for (let left = await page.locator(".row").count(); left > 0; left -= 1) {
    await page.locator(".row").first().click();
    await page.locator(".detail .bar .ib:not(.back)").last().click();
    await until(page, async () => (await page.locator(".row").count()) === left - 1);
  }
  await until(page, async () => (await page.evaluate("document.activeElement !== document.body")) === true);
});

test("marking_all_as_read_is_taken_back_from_its_notice", async (context) => {
  const page = await open(context);
  await page.locator(".row.unread").first().waitFor();
  const before = await page.title();

  await page.click("[aria-label='Mark all as read']");
  await until(page, async () => (await page.title()) === "Tidings");
  await page.click(".toast >> text=Undo");
  await until(page, async () => (await page.title()) === before);
});

test("a_pinned_event_says_so_and_is_found", async (context) => {
  const page = await open(context);
  await page.locator(".row").first().click();
  await page.locator(".detail h2").waitFor();

  await page.keyboard.press("p");
  await page.locator(".row.sel .pin").waitFor({ state: "attached" });
  await page.keyboard.press("/");
  await page.keyboard.type("is:pinned");
  await until(page, async () => (await page.locator(".row").count()) === 1);
  await page.locator(".chip", { hasText: "is:pinned" }).waitFor();
  await page.click("[aria-label='Remove is:pinned']");
  await until(page, async () => (await page.locator(".row").count()) > 1);
});

test("a_query_that_cannot_be_read_says_where", async (context) => {
  const page = await open(context);

  await page.keyboard.press("/");
  await page.keyboard.type("deploy colour:red");
  await page.locator("#query-error u", { hasText: "colour" }).waitFor();
  assert.equal(await page.getAttribute("#search", "aria-invalid"), "true");
  await page.fill("#search", "deploy");
  await until(page, async () => (await page.locator("#query-error").count()) === 0);
  await page.locator(".row").waitFor();
});

test("enter_looks_for_the_last_letter_too_though_no_frame_drew_it", async (context) => {
  const page = await open(context);
  await page.fill("#search", "deplo");

  await page.evaluate(`(() => {
    const field = document.querySelector("#search");
    field.focus();
    field.value = "deploy zzz";
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    field.dispatchEvent(new KeyboardEvent("keydown", { code: "Enter", key: "Enter", bubbles: true }));
  })()`);
  await page.locator(".empty", { hasText: "deploy zzz" }).waitFor();
  assert.equal(await page.inputValue("#search"), "deploy zzz");
  assert.equal((await lastCall(page, "history_page")).query, "deploy zzz");
});

test("suggestions_are_taken_by_key", async (context) => {
  const page = await open(context);

  await page.keyboard.press("/");
  await page.keyboard.type("so");
  await page.locator(".suggest li", { hasText: "source:" }).waitFor();
  await page.keyboard.press("Tab");
  await page.locator(".suggest li", { hasText: "staging CI" }).waitFor();
  await page.keyboard.type("st");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.locator(".chip", { hasText: "source:staging CI" }).waitFor();
  await until(page, async () => (await texts(page, ".row .src")).every((name) => name === "staging CI"));
});

test("an_empty_result_in_one_source_offers_all_of_them", async (context) => {
  const page = await open(context);
  await page.click(".nav-i >> text=billing");
  await page.keyboard.press("/");
  await page.keyboard.type("deploy");
  await page.click("text=Search all sources, all time");
  await page.locator(".row", { hasText: "Deploy failed" }).waitFor();
});

test("the_thumb_reaches_every_row_of_a_long_history_by_its_date", async (context) => {
  const page = await open(context, "?many=6000");
  await page.click(".nav .nav-i >> nth=1");
  await page.locator(".bar-track").waitFor();
  const box = await page.locator(".bar-track").boundingBox();
  assert.ok(box);
  const lowest = () => page.evaluate("Math.min(...[...document.querySelectorAll('.row')].map((row) => Number(row.id.slice(4))))");

  const thumb = await page.locator(".thumb").boundingBox();
  assert.ok(thumb);
  await page.mouse.move(thumb.x + 3, thumb.y + 10);
  await page.mouse.down();
  await page.mouse.move(thumb.x + 3, box.y + box.height / 2, { steps: 8 });
  await page.locator(".bubble").waitFor();
  await until(page, async () => Math.abs(Number(await lowest()) - 3000) < 300);
  assert.ok((await page.locator(".row").count()) <= 45);
  await page.mouse.move(thumb.x + 3, box.y + box.height + 50, { steps: 8 });
  await until(page, async () => Number(await lowest()) === 1);
  await page.mouse.up();
  await until(page, async () => (await page.locator(".bubble").count()) === 0);
  await page.locator(".rows").focus();
  await page.keyboard.press("Home");
  await until(page, async () => (await page.locator("#row-6011").count()) === 1);
  await page.keyboard.press("End");
  await until(page, async () => (await page.locator("#row-1.sel").count()) === 1);
});

test("rows_around_a_place_far_away_are_read_in_both_directions_without_a_jump", async (context) => {
  const page = await open(context, "?many=3000");
  await page.click(".nav .nav-i >> nth=1");
  await page.locator(".bar-track").waitFor();
  const box = await page.locator(".bar-track").boundingBox();
  assert.ok(box);
  await page.mouse.click(box.x + 4, box.y + box.height / 2);
  await until(page, async () => (await page.locator(".row").count()) > 5 && (await page.locator("#row-3011").count()) === 0);
  await page.mouse.move(400, 400);
  const top = () => page.evaluate("(() => { const row = [...document.querySelectorAll('.row')].find((row) => row.getBoundingClientRect().top > 120); return [row.id, Math.round(row.getBoundingClientRect().top)]; })()");
  await page.waitForTimeout(400);
  const before = await top();
  await page.waitForTimeout(600);
  assert.deepEqual(await top(), before);
  for (let tries = 0; tries < 200 && (await page.locator("#row-3011").count()) === 0; tries += 1) {
    await page.mouse.wheel(0, -3000);
    await page.waitForTimeout(30);
  }
  assert.equal(await page.locator("#row-3011").count(), 1);
});

test("a_page_that_could_not_be_read_says_so_and_is_read_when_asked_again", async (context) => {
  const page = await open(context, "?many=300");
  await page.click(".nav .nav-i >> nth=1");
  await page.locator(".bar-track").waitFor();
  await core(page, (fake) => fake.refuse("history_page", "history_unavailable", "the disk does not answer"));

  await page.locator(".rows").evaluate((rows) => rows.scrollTo(0, 1e6));
  await page.locator(".stuck", { hasText: "The disk does not answer" }).waitFor();
  await page.click(".stuck .btn");
  await page.locator(".stuck").waitFor({ state: "detached" });
  await until(page, async () => (await calls(page)).filter(({ command, request }) => command === "history_page" && request.before !== null).length > 1);
});

test("separators_move_by_arrows_and_are_remembered", async (context) => {
  const page = await open(context);
  const width = async () => (await page.locator(".list").boundingBox())?.width ?? 0;
  const before = await width();

  await page.locator(".line-list").focus();
  await page.keyboard.press("ArrowRight");
  await until(page, async () => (await width()) === before + 16);
  assert.deepEqual(await lastCall(page, "preferences_set"), { list_width: 416 });
  const box = await page.locator(".line-side").boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + 4, 300);
  await page.mouse.down();
  await page.mouse.move(box.x + 44, 300, { steps: 4 });
  await page.mouse.up();
  await until(page, async () => (await lastCall(page, "preferences_set")).side_width === 256);
});

test("a_drag_of_a_separator_that_is_broken_off_changes_nothing", async (context) => {
  const page = await open(context);
  const width = async () => (await page.locator(".side").boundingBox())?.width ?? 0;
  const before = await width();
  const box = await page.locator(".line-side").boundingBox();
  assert.ok(box);

  await page.mouse.move(box.x + 4, 300);
  await page.mouse.down();
  await page.mouse.move(box.x + 44, 300, { steps: 4 });
  await page.locator(".line-side").dispatchEvent("pointercancel");
  await until(page, async () => (await width()) === before);
  await page.mouse.move(box.x + 80, 300, { steps: 4 });
  await page.mouse.up();
  assert.equal(await width(), before);
  assert.equal(await lastCall(page, "preferences_set"), undefined);
});

test("a_compact_row_keeps_the_words_of_its_signs", async (context) => {
  const page = await open(context, "?compact");
  const sign = page.locator(".row", { hasText: "현관문" }).locator(".sign");
  await sign.waitFor({ state: "attached" });

  assert.equal(await sign.locator(".vh").innerText(), "Held back");
  assert.equal(await sign.locator(".vh").evaluate((words) => words.checkVisibility()), true);
  assert.equal(await sign.locator("svg").evaluate((svg) => svg.checkVisibility()), false);
});

test("every_place_can_be_reached_by_keys_and_single_keys_can_be_switched_off", async (context) => {
  const page = await open(context);
  await page.locator(".row").first().waitFor();
  const heading = () => page.locator("h1").innerText();

  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await until(page, async () => (await heading()) === "All");
  await page.keyboard.press("2");
  await until(page, async () => (await heading()) === "billing");
  await page.keyboard.press("g");
  await page.keyboard.press("q");
  await until(page, async () => (await heading()) === "Quieted");
  await page.keyboard.press("?");
  await page.locator("#overlay[open]").waitFor();
  await page.keyboard.press("Escape");
  await until(page, async () => (await page.locator("#overlay[open]").count()) === 0);
  await page.keyboard.press("Control+Comma");
  await page.click("#set-keys");
  await page.keyboard.press("Escape");
  await until(page, async () => (await lastCall(page, "preferences_set"))?.single_keys_off === true);
  await page.keyboard.press("g");
  await page.keyboard.press("i");
  await page.keyboard.press("j");
  assert.equal(await heading(), "Quieted");
  assert.equal(await page.locator(".row.sel").count(), 0);
  await page.keyboard.press("ArrowDown");
  await page.locator(".row.sel").waitFor();
  await page.keyboard.press("F6");
  await until(page, async () => (await page.evaluate("document.activeElement.id")) === "detail-title");
  await page.keyboard.press("F6");
  await until(page, async () => (await page.evaluate("document.activeElement.matches('.side [aria-current]')")) === true);
});

test("a_foreign_link_shows_its_host_before_it_is_opened", async (context) => {
  const page = await open(context);
  await page.locator(".row", { hasText: "Deploy failed" }).click();
  await page.click(".link-btn");
  await page.locator("#overlay", { hasText: "Open ci.acme.dev?" }).waitFor();
  assert.equal(await lastCall(page, "link_open"), undefined);
  await page.click("#overlay .primary");
  await until(page, async () => (await lastCall(page, "link_open"))?.confirmed_host === "ci.acme.dev");
});

test("a_value_of_a_payload_becomes_a_filter", async (context) => {
  const page = await open(context);
  await page.locator(".row", { hasText: "Deploy failed" }).click();
  await page.locator("[data-path='$']").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.click(".offers >> text=filter");
  await until(page, async () => (await page.inputValue("#search")) === "$.host:web-3");
  await until(page, async () => (await page.locator(".row").count()) === 1);
});

test("numbers_read_as_the_server_wrote_them_and_what_cannot_be_found_is_no_filter", async (context) => {
  const page = await open(context);
  const row = await core(page, (fake) => {
    const id = fake.send("billing", "Numbers", "");
    fake.setDetail(id, { body: "", data: '{"large":12345678901234567890,"order":1234567890123456789,"whole":1.0,"small":7,"far":1e400}' });
    return id;
  });
  await page.click(`#row-${row}`);
  await page.locator(".tree").waitFor();

  const line = async (/** @type {string} */ key) => {
    await page.locator(`[data-path='$.${key}']`).focus();
    await page.locator(`[data-path='$.${key}'] .offers`).waitFor();
    const filters = await page.locator(`[data-path='$.${key}'] .offers >> text=filter`).count();
    return [await page.locator(`[data-path='$.${key}'] .v`).innerText(), filters];
  };
  assert.deepEqual(await line("large"), ["12345678901234567890", 0]);
  assert.deepEqual(await line("order"), ["1234567890123456789", 0]);
  assert.deepEqual(await line("whole"), ["1.0", 1]);
  assert.deepEqual(await line("small"), ["7", 1]);
  assert.deepEqual(await line("far"), ["1e400", 0]);
  await page.locator("[data-path='$.whole']").focus();
  await page.click("[data-path='$.whole'] .offers >> text=filter");
  await until(page, async () => (await page.inputValue("#search")) === "$.whole:1.0");
});

test("a_search_into_payloads_says_how_far_it_looked", async (context) => {
  const page = await open(context);
  await core(page, (fake) => fake.setBounded(100_000));

  await page.fill("#search", "$.host:web-3");
  await page.locator(".found", { hasText: "1 found · Only the newest 100,000 events were looked through" }).waitFor();
  await page.fill("#search", "$.host:nowhere");
  await page.locator(".found", { hasText: "0 found · Only the newest 100,000" }).waitFor();
  await page.fill("#search", "deploy");
  await until(page, async () => !(await page.locator(".found").innerText()).includes("100,000"));
});

test("a_large_payload_shows_its_start_until_all_of_it_is_asked_for", async (context) => {
  const page = await open(context);
  const row = await core(page, (fake) => {
    const id = fake.send("billing", "Large", "");
    fake.setDetail(id, { body: "", data: JSON.stringify({ text: "x".repeat(300_000) }) });
    return id;
  });
  await page.click(`#row-${row}`);
  await page.locator("pre.raw").waitFor();
  assert.ok((await page.locator("pre.raw").innerText()).length < 70_000);
  await page.click("pre.raw .link");
  await page.locator(".tree").waitFor();
  await page.click("#tab-raw");
  await until(page, async () => (await page.locator("pre.raw").innerText()).length > 300_000);
});

test("the_foot_of_the_sidebar_shows_how_many_events_came_in_each_minute_of_the_last_hour", async (context) => {
  const page = await open(context, "", { clock: true });
  await page.clock.runFor(1000);
  await page.locator(".minutes").waitFor();
  assert.equal(await page.locator(".minutes rect").count(), 60);
  const counted = async () => Number(/: (\d+) events/.exec(String(await page.getAttribute(".minutes", "aria-label")))?.[1]);
  const before = await counted();
  assert.ok(before > 0);
  await core(page, (fake) => fake.send("billing", "One more", ""));
  await page.clock.runFor(5000);
  assert.equal(await counted(), before + 1);
});

test("a_zoom_is_asked_for_from_wherever_the_focus_is", async (context) => {
  const page = await open(context);
  await page.locator(".row").first().waitFor();
  await page.keyboard.press("Control+=");
  await page.locator("#search").focus();
  await page.keyboard.press("Control+-");
  await page.locator(".rows").focus();
  await page.keyboard.press("?");
  await page.locator("#overlay[open]").waitFor();
  await page.keyboard.press("Control+0");
  await until(page, async () => (await calls(page)).filter(({ command }) => command === "zoom").length === 3);
  assert.deepEqual((await calls(page)).filter(({ command }) => command === "zoom").map(({ request }) => request.step), ["in", "out", "reset"]);
});
