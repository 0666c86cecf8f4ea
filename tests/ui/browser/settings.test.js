// What a person does on the pages of settings and diagnostics.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { browser, calls, core, lastCall, until } from "./window.js";

/** @import { Page } from "playwright-core" */

const open = await browser(after);

/** @param {Page} page */
async function toSettings(page) {
  await page.click("#nav-settings");
  await page.locator("#set-general").waitFor();
}

/** @param {Page} page @param {string} id */
const effect = (page, id) => page.locator(`#effect-${id}`).innerText();

/** @param {Page} page */
const focused = (page) => page.evaluate("document.activeElement.id || document.activeElement.className");

test("a_row_saves_itself_says_its_effect_and_takes_back_what_was_refused", async (context) => {
  const page = await open(context);
  await toSettings(page);

  assert.match(await effect(page, "keep-days"), /Nothing is removed/);
  await page.fill("#set-keep-days", "90");
  await page.press("#set-keep-days", "Tab");
  await until(page, async () => /older than 90 days/.test(await effect(page, "keep-days")));
  assert.deepEqual(await lastCall(page, "preferences_set"), { retention: { days: 90 } });
  await page.locator(".saved").waitFor();

  await page.fill("#set-keep-megabytes", "500");
  await page.press("#set-keep-megabytes", "Enter");
  await page.press("#set-keep-megabytes", "Tab");
  await until(page, async () => (await lastCall(page, "preferences_set"))?.retention?.megabytes === 500);
  assert.deepEqual(await lastCall(page, "preferences_set"), { retention: { days: 90, megabytes: 500 } });

  await core(page, (fake) => fake.refuse("preferences_set", "not_saved", "the disk is full; free some space"));
  await page.fill("#set-keep-days", "");
  await page.press("#set-keep-days", "Tab");
  await page.locator("#wrong-keep-days", { hasText: "The disk is full" }).waitFor();
  await until(page, async () => /older than 90 days/.test(await effect(page, "keep-days")));
  await core(page, (fake) => fake.prefer({ language: "ko" }));
  await page.locator("#wrong-keep-days", { hasText: "저장하지 못했으며" }).waitFor();
});

test("a_source_may_be_kept_for_less_long", async (context) => {
  const page = await open(context);
  await toSettings(page);

  await page.click(".each > summary");
  const field = page.locator(".each li").nth(1).locator("input").first();
  await field.fill("7");
  await field.press("Tab");

  await until(page, async () => (await lastCall(page, "source_edit"))?.source.retention?.days === 7);
  const { source } = await lastCall(page, "source_edit");
  assert.equal(source.name, "billing");
  assert.deepEqual(source.headers, []);
  await page.locator(".each", { hasText: "1 source has a limit of its own" }).waitFor();
});

test("quiet_hours_are_added_changed_and_removed_each_step_saved", async (context) => {
  const page = await open(context);
  await toSettings(page);
  const saved = async () => (await lastCall(page, "quiet_hours_set"))?.quiet_hours;

  await page.click("#set-hours");
  await until(page, async () => (await saved())?.rows.length === 1);
  assert.deepEqual(await saved(), {
    enabled: true,
    critical_through: true,
    rows: [{ days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from: "22:00", to: "07:00" }],
  });
  await page.locator(".hours li", { hasText: "ends the next day" }).waitFor();
  await page.click("[aria-label=Sunday]");
  await until(page, async () => (await saved()).rows[0].days.length === 6);
  await page.fill("#hours-0-from", "2330");
  await page.press("#hours-0-from", "Tab");
  await until(page, async () => (await saved()).rows[0].from === "23:30");
  assert.equal(await page.inputValue("#hours-0-from"), "23:30");

  await page.fill("#hours-0-to", "25:00");
  await page.press("#hours-0-to", "Tab");
  await page.locator("#wrong-hours-0").waitFor();
  assert.equal((await saved()).rows[0].to, "07:00", "what is no time is not saved");
  await page.waitForTimeout(1200);
  assert.equal(await page.inputValue("#hours-0-to"), "25:00", "nor taken away from who types");
  await page.fill("#hours-0-to", "8");
  await page.press("#hours-0-to", "Tab");
  await until(page, async () => (await saved()).rows[0].to === "08:00");

  await page.click("#set-through");
  await until(page, async () => (await saved()).critical_through === false);
  await page.click("#hours-add");
  await until(page, async () => (await saved()).rows.length === 2);
  await page.locator("[aria-label='Remove these hours']").first().click();
  await until(page, async () => (await saved()).rows.length === 1);
  assert.equal(await focused(page), "hours-add");
});

test("hours_without_a_day_say_so_and_stay_in_the_form_until_they_have_one", async (context) => {
  const page = await open(context);
  await toSettings(page);
  await page.click("#set-hours");
  await page.locator(".hours li").waitFor();

  for (const day of ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]) await page.click(`[aria-label=${day}]`);
  // What is refused next is the row without a day, and no save before it.
  await until(page, async () => (await lastCall(page, "quiet_hours_set")).quiet_hours.rows[0].days.join() === "sun");
  await core(page, (fake) => fake.refuse("quiet_hours_set", "invalid_option", "quiet hours need a day of the week; choose one or remove the row"));
  await page.click("[aria-label=Sunday]");
  await page.locator(".hours .wrong", { hasText: "Choose a day" }).waitFor();
  await page.locator("#wrong-hours").waitFor();
  assert.equal(await page.locator(".day-i[aria-pressed=true]").count(), 0);
  await page.click("[aria-label=Monday]");
  await until(page, async () => (await page.locator("#wrong-hours").count()) === 0);
  assert.deepEqual((await lastCall(page, "quiet_hours_set")).quiet_hours.rows[0].days, ["mon"]);
});

test("a_snooze_of_any_length_begins_here_and_ends_in_the_banner_or_here", async (context) => {
  const page = await open(context);
  await page.locator("[popovertarget=quiet-menu]").first().click();
  await page.click("text=Other times and quiet hours…");
  await page.locator("#set-quiet").waitFor();
  await until(page, async () => (await page.locator(".headings [aria-current]").innerText()) === "Quiet hours");

  await page.fill("#snooze-amount", "3");
  await page.selectOption("#snooze-unit", "1440");
  await page.press("#snooze-amount", "Enter");
  await until(page, async () => (await lastCall(page, "snooze"))?.snooze.minutes === 3 * 1440);
  await page.click("#set-resume");
  await until(page, async () => (await lastCall(page, "snooze"))?.snooze.kind === "off");

  await core(page, (fake) => fake.setQuiet({ reason: "hours", until: Date.now() + 3600_000, held: 2 }));
  await page.click(".nav .nav-i >> nth=0");
  await page.locator(".banner.quiet", { hasText: "Quiet until" }).waitFor();
  await page.click(".banner >> text=Resume");
  await until(page, async () => (await page.locator(".banner").count()) === 0);
  assert.equal((await calls(page)).filter(({ command, request }) => command === "snooze" && request.snooze.kind === "off").length, 2);
});

test("the_answer_to_a_test_notification_is_said_at_its_row", async (context) => {
  const page = await open(context);
  await toSettings(page);

  await page.click("#set-test");
  await until(page, async () => /Taken by dunst 1\.9\.0/.test(await effect(page, "test")));
  await core(page, (fake) => fake.refuse("toast_test", "toasts_unavailable", "no notification service is running"));
  await page.click("#set-test");
  await page.locator("#wrong-test", { hasText: "No notification service is running" }).waitFor();
});

test("an_export_shows_how_far_it_is_and_can_be_cancelled", async (context) => {
  const page = await open(context);
  await page.keyboard.press("/");
  await page.keyboard.type("invoice");
  await until(page, async () => (await page.locator(".row").count()) === 1);
  await page.keyboard.press("Control+Comma");
  await page.locator("#set-general").waitFor();

  await page.selectOption("#export-what", "shown");
  await page.selectOption("#export-format", "csv");
  await page.click("#export-go");
  await page.locator("progress").waitFor();
  const { format, select, path } = await lastCall(page, "history_export");
  assert.deepEqual([format, select.query, select.unread, path], ["csv", "invoice", false, null]);
  await core(page, (fake) => fake.exportGoesOn({ events: 500, percent: 40 }));
  await until(page, async () => /500 events written, 40 %/.test(await effect(page, "export")));
  await page.click("#export-cancel");
  await until(page, async () => /Cancelled; no file is left/.test(await effect(page, "export")));

  await page.click("#export-as");
  await page.locator("progress").waitFor();
  assert.equal((await lastCall(page, "path_choose")).name, "tidings-history.csv");
  assert.equal((await lastCall(page, "history_export")).path, "/home/me/mine");
  await core(page, (fake) => fake.exportGoesOn({ events: 1, percent: 100, done: true }));
  await until(page, async () => /1 event written to \/home\/me\/mine/.test(await effect(page, "export")));
  await core(page, (fake) => fake.setChosen(null));
  await page.click("#export-as");
  await page.waitForTimeout(200);
  assert.equal((await calls(page)).filter(({ command }) => command === "history_export").length, 2, "a cancelled dialog exports nothing");
});

test("an_import_is_shown_before_it_is_done", async (context) => {
  const page = await open(context);
  await toSettings(page);
  const file = (/** @type {string} */ text) => ({ name: "s.json", mimeType: "application/json", buffer: Buffer.from(text) });

  await page.setInputFiles("#set-import", file("no settings"));
  await page.locator("#wrong-import", { hasText: "This is no settings file of Tidings" }).waitFor();
  await page.evaluate(`(() => {
    const chosen = new DataTransfer();
    chosen.items.add(new File([new Uint8Array(8 * 1024 * 1024 + 1)], "s.json"));
    const field = document.querySelector("#set-import");
    field.files = chosen.files;
    field.dispatchEvent(new Event("change"));
  })()`);
  await page.locator("#wrong-import", { hasText: "too large" }).waitFor();
  await page.setInputFiles("#set-import", file("{}"));
  await page.locator("#overlay", { hasText: "New sources stay disconnected" }).waitFor();
  await page.locator("#overlay li", { hasText: "New, as billing 2 · on this machine" }).waitFor();
  await page.locator("#overlay li", { hasText: "Left out: invalid type" }).waitFor();
  assert.equal((await lastCall(page, "settings_import")).apply, false);
  await page.click("#import-go");
  await until(page, async () => (await page.locator("#overlay[open]").count()) === 0);
  assert.deepEqual(await lastCall(page, "settings_import"), { text: "{}", apply: true });
  assert.match(await effect(page, "import"), /2 sources added, not connected/);
});

test("all_data_go_only_after_two_steps_and_the_first_run_comes", async (context) => {
  const page = await open(context);
  await toSettings(page);

  await page.click("#set-delete");
  await page.locator("#overlay li", { hasText: "4 sources with their saved credentials" }).waitFor();
  assert.equal(await page.locator("#delete-go").isDisabled(), true);
  await page.keyboard.press("Escape");
  await until(page, async () => (await page.locator("#overlay[open]").count()) === 0);
  assert.equal(await focused(page), "set-delete");
  assert.equal(await lastCall(page, "data_delete"), undefined);

  await page.click("#set-delete");
  await page.check("#delete-sure");
  await core(page, (fake) => fake.refuse("data_delete", "read_only", "the directory cannot be written"));
  await page.click("#delete-go");
  await page.locator("#overlay .wrong").waitFor();
  await page.click("#delete-go");
  await page.locator(".first #first-url").waitFor();
});

test("a_keychain_that_does_not_answer_is_given_up_only_after_two_steps", async (context) => {
  const page = await open(context);
  await core(page, (fake) => fake.setTroubles([{ kind: "keychain_unavailable", message: "locked" }]));

  await page.locator(".banner .btn", { hasText: "Give it up" }).click();
  await page.locator("#overlay li", { hasText: "tokens and passwords to be entered again" }).waitFor();
  assert.equal(await page.locator("#delete-go").isDisabled(), true);
  await page.check("#delete-sure");
  await page.click("#delete-go");
  await until(page, async () => (await calls(page)).some(({ command }) => command === "keychain_give_up"));
  await page.locator(".toast", { hasText: "given up" }).waitFor();
  await page.locator(".row").first().waitFor();
});

test("the_history_goes_and_the_page_stays", async (context) => {
  const page = await open(context);
  await page.locator(".row").first().click();
  await toSettings(page);

  await page.click("#set-clear");
  await page.check("#delete-sure");
  await page.click("#delete-go");
  await until(page, async () => (await calls(page)).some(({ command }) => command === "history_clear"));
  await page.locator(".toast", { hasText: "The history is deleted" }).waitFor();
  await page.locator("#set-general").waitFor();
  await page.click(".nav .nav-i >> nth=1");
  await page.locator(".list .empty").waitFor();
});

test("diagnostics_begin_with_the_source_that_needs_a_person_and_check_the_file", async (context) => {
  const page = await open(context);
  await core(page, (fake) => fake.setState("staging CI", { state: "stopped", since: Date.now(), cause: { code: "not_found", message: "", status: 404 } }));
  await page.locator(".nav .n.red").waitFor();

  await page.click("#nav-diagnostics");
  await page.locator(".diag h3", { hasText: "staging CI" }).waitFor();
  await page.selectOption("#diag-source", { label: "billing" });
  await page.locator(".attempts tbody tr").first().waitFor();
  await page.locator(".day-strip svg rect").first().waitFor({ state: "attached" });
  await page.locator(".facts", { hasText: "dunst 1.9.0" }).waitFor();
  await page.click("#diag-check");
  await page.locator(".diag-part", { hasText: "Sound, checked in 43 ms" }).waitFor();
  await page.click("text=Copy report");
  await page.locator("dialog pre", { hasText: "query left out" }).waitFor();
  await page.keyboard.press("Escape");
  await until(page, async () => (await page.locator("dialog[open]").count()) === 0);
  await page.keyboard.press("Escape");
  await page.locator(".list .row").first().waitFor();
});

test("keys_lead_to_the_pages_and_f6_goes_round_their_panes", async (context) => {
  const page = await open(context);
  await page.locator(".row").first().waitFor();

  await page.keyboard.press("g");
  await page.keyboard.press("d");
  await page.locator(".frame").first().waitFor();
  await until(page, async () => (await focused(page)) === "diag-main");
  await page.keyboard.press("F6");
  await until(page, async () => (await focused(page)) === "frames-body");
  await page.keyboard.press("F6");
  await until(page, async () => (await focused(page)) === "nav-diagnostics");
  await page.keyboard.press("Shift+F6");
  await until(page, async () => (await focused(page)) === "frames-body");
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await until(page, async () => (await focused(page)) === "panel-body settings");
  await page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', { code: 'Escape', key: 'Process', isComposing: true }))");
  assert.equal(await page.locator("#set-general").count(), 1, "an input method's Escape closes no page");
  await page.keyboard.press("Escape");
  await page.locator(".list .row").first().waitFor();
});

test("a_page_that_is_read_late_gets_the_focus_of_the_key_that_led_to_it", async (context) => {
  const page = await open(context);
  for (const [key, begin] of /** @type {const} */ ([["d", "diag-main"], ["s", "panel-body settings"], ["r", "rules-new"]])) {
    /** @type {() => void} */
    let release = () => {};
    const released = new Promise((resolve) => (release = () => resolve(undefined)));
    await page.route("**/view/pages.js", (route) => released.then(() => route.continue()));
    await page.reload();
    await page.locator(".row").first().waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await page.locator(".app.paged").waitFor();
    assert.equal(await page.locator(".panel").count(), 0);
    release();
    await until(page, async () => String(await focused(page)).startsWith(begin));
    await page.unroute("**/view/pages.js");
  }
});

test("f6_goes_round_the_panes_of_the_rules_too", async (context) => {
  const page = await open(context);
  await page.locator(".row").first().waitFor();
  const inside = (/** @type {string} */ pane) => page.evaluate(`document.activeElement.closest(${JSON.stringify(pane)}) !== null`);

  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await page.locator(".rules-page").waitFor();
  await page.locator(".nav-i[aria-current]").focus();
  for (const pane of [".r-side", ".r-ed", ".side"]) {
    await page.keyboard.press("F6");
    await until(page, () => inside(pane));
  }
});

test("the_focus_is_never_lost_when_its_element_goes", async (context) => {
  const page = await open(context);
  await toSettings(page);
  await core(page, (fake) => fake.setQuiet({ reason: "snoozed", until: Date.now() + 3600_000, held: 0 }));
  await page.locator("#set-resume").focus();

  await page.keyboard.press("Enter");
  await until(page, async () => (await page.locator("#set-resume").count()) === 0);
  await until(page, async () => (await focused(page)) === "panel-body settings");
});
