// What a person does in the window, from the first run on.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { browser, calls, core, lastCall, until } from "./window.js";

/** @import { Page } from "playwright-core" */

const open = await browser(after);

/** @param {Page} page @param {string} selector */
const texts = (page, selector) => page.locator(selector).allInnerTexts();

/** @param {Page} page */
const firstTitle = (page) => page.locator(".row .ttl").first().innerText();

test("escape_closes_a_dialog_and_changes_nothing", async (context) => {
  const page = await open(context);

  await page.click("[aria-label='Add source']");
  await page.fill("#source-url", "https://example.com/");
  await page.keyboard.press("Escape");
  await until(page, async () => (await page.locator("dialog[open]").count()) === 0);
  assert.equal(await lastCall(page, "source_add"), undefined);
  await page.locator("[aria-label='Add source']:focus").waitFor();
});

test("a_lost_stream_is_quiet_at_first_then_counts_down_truly", async (context) => {
  const page = await open(context, "", { clock: true });

  await core(page, (fake) => fake.setState("billing", { state: "waiting", attempt: 3, until: Date.now() + 30_000, cause: { code: "broken", message: "", status: null } }));
  await page.clock.fastForward(5000);
  await page.locator(".nav .n.amber", { hasText: /2[45] s/ }).waitFor();
  assert.equal(await page.locator(".banner").count(), 0);
  await page.clock.fastForward(7000);
  await page.locator(".banner", { hasText: /billing · reconnecting Next try in 1[5678] s/ }).waitFor();
  await page.click("text=Retry now");
  await page.locator(".banner", { hasText: "Trying now" }).waitFor();
  assert.equal((await calls(page)).filter(({ command }) => command === "source_retry").length, 1);
  await core(page, (fake) => fake.setState("billing", { state: "live", since: Date.now(), last_byte: Date.now() }));
  await until(page, async () => (await page.locator(".banner").count()) === 0);
});

test("a_stopped_source_names_cause_and_fix_and_its_button_leads_there", async (context) => {
  const page = await open(context);

  await core(page, (fake) => fake.setState("staging CI", { state: "stopped", since: Date.now(), cause: { code: "not_event_stream", message: "", status: 200 } }));
  await page.locator(".banner.red", { hasText: "staging CI · Not an event stream (200)" }).waitFor();
  await page.click("text=Check URL");
  await page.locator("#source-url:focus").waitFor();
});

test("search_finds_and_clears", async (context) => {
  const page = await open(context);

  await page.keyboard.press("/");
  await page.keyboard.type("invoice paid");
  // The first word alone finds it, too, where typing takes longer than the debounce.
  await until(page, async () => (await texts(page, "mark")).join() === "Invoice,paid");
  assert.equal(await page.locator(".row").count(), 1);
  await page.keyboard.press("Escape");
  await until(page, async () => (await page.locator(".row").count()) > 5);
  await until(page, async () => (await page.inputValue("#search")) === "");
});

test("keys_move_the_selection_and_u_marks_unread_again", async (context) => {
  const page = await open(context);
  await page.locator(".row").first().waitFor();

  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.locator(".detail h2", { hasText: "Invoice paid" }).waitFor();
  const chosen = await page.locator(".row.sel").getAttribute("id");
  assert.equal(await page.getAttribute(".rows", "aria-activedescendant"), chosen);
  assert.equal(await page.locator(`#${chosen}`).getAttribute("aria-selected"), "true");
  await until(page, async () => (await lastCall(page, "history_mark_read"))?.read === true);
  await until(page, async () => (await page.locator(".row.sel.unread").count()) === 0);
  await page.keyboard.press("u");
  await page.locator(".row.sel.unread").waitFor();
  await page.waitForTimeout(1200);
  assert.equal(await page.locator(".row.sel.unread").count(), 1);
  await page.keyboard.press("Enter");
  await until(page, async () => (await page.evaluate("document.activeElement.id")) === "detail-title");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await until(page, async () => (await page.locator(".row.sel").count()) === 0);
});

test("a_letter_of_an_input_method_moves_nothing", async (context) => {
  const page = await open(context);
  await page.locator(".row").first().waitFor();

  await page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', { code: 'KeyJ', key: 'Process', isComposing: true }))");
  await page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', { code: 'KeyK', key: 'ㅏ', isComposing: true }))");
  assert.equal(await page.locator(".row.sel").count(), 0);
  await page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', { code: 'KeyJ', key: 'ㅓ' }))");
  await page.locator(".row.sel").waitFor();
});

test("new_rows_come_in_at_the_live_edge", async (context) => {
  const page = await open(context);
  await page.locator(".row").first().waitFor();

  await core(page, (fake) => fake.send("billing", "Fresh", ""));
  await until(page, async () => (await firstTitle(page)) === "Fresh");
  assert.equal(await page.locator(".pill").count(), 0);
});

test("the_list_never_moves_under_a_reader", async (context) => {
  const page = await open(context, "?many=300");
  await page.click(".nav .nav-i >> nth=1");
  await page.locator(".row").first().waitFor();
  await page.mouse.move(400, 400);
  await page.mouse.wheel(0, 2000);
  await page.waitForTimeout(300);
  const seen = () => page.evaluate("[...document.querySelectorAll('.row')].map((row) => [row.id, Math.round(row.getBoundingClientRect().top)]).filter(([, top]) => top > 100 && top < 600)");
  const before = await seen();

  for (let index = 0; index < 5; index += 1) await core(page, (fake, at) => fake.send("billing", `Late ${at}`, ""), index);
  await page.locator(".pill", { hasText: "5 new" }).waitFor();
  assert.deepEqual(await seen(), before);
  await page.click(".pill");
  await until(page, async () => (await firstTitle(page)) === "Late 4");
  await until(page, async () => (await page.evaluate("document.querySelector('.rows').scrollTop")) === 0);
  await until(page, async () => (await page.locator(".pill").count()) === 0);
});

test("older_rows_are_read_on_the_way_down_and_few_are_drawn", async (context) => {
  const page = await open(context, "?many=1500");
  await page.click(".nav .nav-i >> nth=1");
  await page.locator(".row").first().waitFor();
  await page.mouse.move(400, 400);
  const lowest = () => page.evaluate("Math.min(...[...document.querySelectorAll('.row')].map((row) => Number(row.id.slice(4))))");

  for (let tries = 0; tries < 200 && Number(await lowest()) > 200; tries += 1) {
    await page.mouse.wheel(0, 3000);
    await page.waitForTimeout(30);
  }
  assert.ok(Number(await lowest()) <= 200);
  assert.ok((await page.locator(".row").count()) <= 45);
  for (let tries = 0; tries < 300 && (await page.locator("#row-1511").count()) === 0; tries += 1) {
    await page.mouse.wheel(0, -3000);
    await page.waitForTimeout(30);
  }
  assert.equal(await page.locator("#row-1511").count(), 1);
});

test("language_and_theme_change_at_once", async (context) => {
  const page = await open(context);

  await page.click("#nav-settings");
  await page.selectOption("#set-language", "ko");
  await page.locator(".nav-i", { hasText: "받은 알림" }).waitFor();
  await page.locator("html[lang=ko]").waitFor();
  await page.selectOption("#set-theme", "dark");
  await until(page, async () => (await page.evaluate("getComputedStyle(document.querySelector('.side')).backgroundColor")) === "rgb(17, 17, 19)");
  assert.deepEqual(await lastCall(page, "preferences_set"), { theme: "dark" });
});

test("paused_notifications_are_said_and_resumed", async (context) => {
  const page = await open(context);

  await page.click(".foot [role=switch]");
  await page.locator(".banner.quiet").waitFor();
  await page.click(".banner >> text=Resume");
  await until(page, async () => (await page.locator(".banner").count()) === 0);
});

test("a_refused_change_is_undone_and_said", async (context) => {
  const page = await open(context);

  await core(page, (fake) => fake.refuse("preferences_set", "not_saved", "the disk is full"));
  await page.click(".foot [role=switch]");
  await page.locator(".toast.bad", { hasText: "The disk is full." }).waitFor();
  await page.locator(".foot [role=switch][aria-checked=false]").waitFor();
});

test("a_clicked_toast_opens_its_event_and_a_lost_feed_is_taken_up_again", async (context) => {
  const page = await open(context);

  await core(page, (fake) => fake.open(2));
  await page.locator(".detail h2", { hasText: "Certificate renews" }).waitFor();
  await core(page, (fake) => fake.resync());
  await until(page, async () => (await calls(page)).filter(({ command }) => command === "attach").length === 2);
});

test("a_payload_is_text_whatever_it_says", async (context) => {
  const page = await open(context);
  const evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>';

  const row = await core(page, (fake, text) => {
    const id = fake.send("billing", text, text);
    fake.setDetail(id, { full_title: text, body: text, data: JSON.stringify({ __proto__x: 1, html: text, constructor: [] }) });
    return id;
  }, evil);
  await page.click(`#row-${row}`);
  await page.locator(".tree .s").waitFor();
  assert.equal(await page.locator(".detail h2").innerText(), evil);
  assert.equal(await page.locator(".app img, .app script").count(), 0);
  await page.click("text=Frame");
  await page.locator(".facts").waitFor();
  await page.keyboard.press("ArrowLeft");
  await page.locator("pre.raw").waitFor();
});

test("everything_is_marked_read_and_stays_in_place", async (context) => {
  const page = await open(context);
  await page.locator(".row").first().waitFor();
  const before = await page.locator(".row").count();

  await page.click("[aria-label='Mark all as read']");
  await until(page, async () => (await page.locator(".row.unread").count()) === 0);
  assert.equal(await page.locator(".row").count(), before);
  await until(page, async () => (await page.title()) === "Tidings");
});

test("a_narrow_window_shows_one_pane_with_a_way_back", async (context) => {
  const page = await open(context, "", { width: 420, height: 480 });

  await page.locator(".row").first().click();
  await page.locator(".detail h2").waitFor();
  assert.equal(await page.locator(".row").first().isVisible(), false);
  await page.click("[aria-label='Back to the list']");
  await page.locator(".row").first().waitFor();
  await page.click("[aria-label='Back to sources']");
  await page.click(".nav-i >> text=billing");
  await page.locator(".source-head", { hasText: "billing" }).waitFor();
});

test("each_sign_of_life_of_a_source_without_events_is_one_beat", async (context) => {
  const page = await open(context, "?waiting");
  await page.locator(".pulse").waitFor();
  const beat = (/** @type {number} */ at) => core(page, (fake, at) => fake.setState("prod-api", { state: "live", since: 1, last_byte: at }), at);
  const mark = () => page.evaluate("document.querySelector('.pulse').dataset.seen = 'yes'");

  await beat(1000);
  await page.locator(".t12", { hasText: "09:00:01" }).waitFor();
  await mark();
  await core(page, (fake) => fake.setSilent("billing", 1));
  await page.waitForTimeout(200);
  assert.equal(await page.locator(".pulse[data-seen]").count(), 1, "what is no sign of life is no beat");
  await beat(2000);
  await page.locator(".pulse:not([data-seen])").waitFor();
  assert.equal(await page.evaluate("getComputedStyle(document.querySelector('.pulse')).animationIterationCount"), "1");
});
