// What a person does to sources: the first one, a test, the pages, what is copied.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { browser, calls, core, lastCall, until } from "./window.js";

/** @import { Page } from "playwright-core" */

const open = await browser(after);

/** @param {Page} page */
async function connectFirst(page, url = "https://example.com/events") {
  await page.fill("#first-url", url);
  await page.press("#first-url", "Enter");
  await page.locator(".steps .now").waitFor();
}

/** @param {Page} page @param {number} index */
async function openSources(page, index = 0) {
  await page.click("#nav-panel");
  await page.locator(".card").nth(index).waitFor();
}

test("a_first_stream_leads_from_its_url_over_its_steps_to_its_rows", async (context) => {
  const page = await open(context, "?empty");

  await page.fill("#first-url", "not a url");
  await page.click(".field [type=submit]");
  await page.locator(".wrong", { hasText: "This is no URL" }).waitFor();
  await connectFirst(page);
  await page.locator(".steps .now", { hasText: "Looking up the name" }).waitFor();
  await core(page, (fake) => fake.steps([{ step: "resolve", ms: 12 }, { step: "connect", ms: 18 }]));
  await page.locator(".steps .done", { hasText: /Connected 203\.0\.113\.24:443\s*18 ms/ }).waitFor();
  await page.locator(".steps .now", { hasText: "Securing" }).waitFor();
  assert.equal(await lastCall(page, "source_add"), undefined, "nothing is kept before it works");
  await core(page, (fake) => fake.steps([{ step: "tls", ms: 31 }, { step: "response" }, { step: "media_type" }, { step: "first_bytes" }]));
  await until(page, async () => (await page.locator(".steps .done").count()) === 6);
  await until(page, async () => (await lastCall(page, "source_add"))?.url === "https://example.com/events");
  await core(page, (fake) => fake.setState("example.com", { state: "live", since: Date.now(), last_byte: Date.now() }));
  await page.click("text=Continue");
  await page.locator(".app .empty", { hasText: "Connected to example.com" }).waitFor();
  assert.equal((await calls(page)).filter(({ command }) => command === "source_add").length, 1);
  await core(page, (fake) => fake.send("example.com", "First light", "hello"));
  await page.locator(".row", { hasText: "First light" }).waitFor();
});

test("a_failed_step_says_cause_and_fix_and_the_way_out", async (context) => {
  const page = await open(context, "?empty");

  await connectFirst(page);
  await core(page, (fake) => fake.steps([{}, { step: "connect", ok: false, cause: "refused", detail: "nobody listens at that host and port" }]));
  await page.locator(".steps .bad", { hasText: /Connection refused.*check that the server runs/s }).waitFor();
  assert.equal(await page.locator(".steps", { hasText: "Nobody listens" }).count(), 0, "nothing is said twice");
  assert.equal(await page.locator(".steps .later").count(), 0);
  await page.click("text=Try again");
  await page.locator(".steps .now").waitFor();
  await core(page, (fake) => fake.steps([{}, { step: "connect" }, { step: "tls" }, { step: "response", ok: false, cause: "unauthorized" }]));
  await page.click("text=Add credentials");
  await page.selectOption("#source-auth", "bearer");
  await page.fill("[aria-label='Token']", "hush");
  await page.click("dialog [type=submit]");
  await page.locator(".app .source-head", { hasText: "example.com" }).waitFor();
  const added = await lastCall(page, "source_add");
  assert.deepEqual(added.headers, [{ name: "Authorization", value: "Bearer hush" }]);
});

test("what_is_typed_between_a_failed_step_and_the_end_of_its_test_is_kept_and_tested", async (context) => {
  const page = await open(context, "?empty");

  await connectFirst(page, "http://127.0.0.1:9/events");
  await core(page, (fake) => fake.steps([{}, { step: "connect", ok: false, cause: "refused" }], false));
  await page.locator(".steps .bad").waitFor();
  await page.focus("#first-url");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("https://example.com/right");
  assert.equal(await page.inputValue("#first-url"), "https://example.com/right");
  await page.click(".field [type=submit]");
  await until(page, async () => (await lastCall(page, "source_probe")).source.url === "https://example.com/right");
  await page.locator(".steps .now").waitFor();
  await core(page, (fake) => fake.pass());
  await page.click("text=Continue");
  await page.locator(".app .nav-i", { hasText: "example.com" }).waitFor();
});

test("a_source_that_is_down_now_can_be_added_all_the_same", async (context) => {
  const page = await open(context, "?empty");

  await connectFirst(page);
  await core(page, (fake) => fake.steps([{ ok: false, cause: "dns" }]));
  await page.click("text=Add it anyway");
  await page.locator(".app .nav-i", { hasText: "example.com" }).waitFor();
});

test("who_does_not_want_to_wait_for_the_first_event_goes_on", async (context) => {
  const page = await open(context, "?empty");

  await connectFirst(page);
  await core(page, (fake) => fake.steps([{}, { step: "connect" }, { step: "tls" }, { step: "response" }, { step: "media_type" }]));
  await page.click("text=Continue");
  await page.locator(".app .nav-i", { hasText: "example.com" }).waitFor();
  await until(page, async () => (await calls(page)).some(({ command }) => command === "source_probe_end"));
});

test("a_test_that_is_cancelled_ends_and_leaves_nothing", async (context) => {
  const page = await open(context, "?empty");

  await connectFirst(page);
  await page.click("text=Cancel");
  await until(page, async () => (await page.locator(".steps").count()) === 0);
  await until(page, async () => (await calls(page)).some(({ command }) => command === "source_probe_end"));
  assert.equal(await lastCall(page, "source_add"), undefined);
  await page.locator(".field .primary", { hasText: "Connect" }).waitFor();
});

test("the_first_run_asks_whether_the_notification_was_seen_and_helps_where_not", async (context) => {
  const page = await open(context, "?empty");
  await connectFirst(page);
  await core(page, (fake) => fake.pass());

  await page.click("text=Send a test notification");
  await page.locator("text=Did a notification appear?").waitFor();
  await page.click("text=I didn’t");
  await page.locator(".toast-test", { hasText: /settings/ }).waitFor();
  await page.click("text=Send it again");
  await page.click("text=I saw it");
  await page.locator(".toast-test", { hasText: "Notifications reach you" }).waitFor();
  assert.equal((await calls(page)).filter(({ command }) => command === "toast_test").length, 2);
});

test("where_no_service_takes_the_test_notification_the_first_run_says_so", async (context) => {
  const page = await open(context, "?empty");
  await connectFirst(page);
  await core(page, (fake) => fake.pass());
  await core(page, (fake) => fake.refuse("toast_test", "toasts_unavailable", "no notification service answers"));

  await page.click("text=Send a test notification");
  await page.locator(".toast-test .wrong", { hasText: "No notification service answers" }).waitFor();
  await page.locator(".toast-test", { hasText: /settings/ }).waitFor();
});

test("the_demo_leads_into_the_window_at_once", async (context) => {
  const page = await open(context, "?empty");

  await page.click("text=Try the demo stream");
  await page.locator(".app .nav-i", { hasText: "Demo" }).waitFor();
});

test("a_removed_source_takes_its_history_with_it_only_if_asked", async (context) => {
  const page = await open(context);

  await page.click(".nav.scroll .nav-i >> nth=0");
  await page.click("[aria-label='Remove source']");
  await page.click("text=Delete its history");
  await page.click("dialog [type=submit]");
  await until(page, async () => (await page.locator(".nav.scroll .nav-i").count()) === 3);

  assert.equal((await lastCall(page, "source_remove")).keep_history, false);
  await until(page, async () => !(await page.locator(".row .src").allInnerTexts()).includes("prod-api"));
  await page.locator("[aria-current] .name", { hasText: "Inbox" }).waitFor();
});

test("the_sources_page_says_how_each_does_and_offers_what_helps", async (context) => {
  const page = await open(context);
  await core(page, (fake) => {
    fake.setState("prod-api", { state: "stopped", since: Date.now() - 360_000, cause: { code: "unauthorized", message: "", status: 401 } });
    fake.setState("billing", { state: "waiting", attempt: 3, until: Date.now() + 60_000, cause: { code: "broken", message: "", status: null } });
  });
  await openSources(page, 3);

  const stopped = page.locator(".card").nth(0);
  await stopped.getByText(/Stopped 6 min\. ago · Credentials refused \(401\)/).waitFor();
  await stopped.getByText("The token or password is missing or wrong").waitFor();
  const waiting = page.locator(".card").nth(1);
  await waiting.getByText(/Next try in 5\d s · Connection lost/).waitFor();
  await page.locator(".card").nth(2).getByText(/Received\s*2\.9 MB/).waitFor();
  await waiting.getByText("Retry now").click();
  await waiting.getByText("Connecting…").waitFor();
  await stopped.getByText("Change headers").click();
  await page.locator("dialog details[open]").waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".card").nth(2).getByText("Disconnect").click();
  await page.locator(".card").nth(2).getByText("Disconnected", { exact: true }).waitFor();
  await page.locator(".card").nth(3).getByText("Test", { exact: true }).click();
  await page.locator("dialog .steps").waitFor();
  await core(page, (fake) => fake.pass(false));
  await page.locator("dialog", { hasText: "Everything works" }).waitFor();
  await page.click("text=Close");
  await page.keyboard.press("Escape");
  await page.locator(".list .row").first().waitFor();
});

test("a_source_is_removed_from_its_card_and_the_page_stays", async (context) => {
  const page = await open(context);
  await openSources(page);

  await page.locator(".card").nth(1).locator("[aria-label='Remove source']").click();
  await page.click("dialog [type=submit]");
  await until(page, async () => (await page.locator(".card").count()) === 3);
  assert.equal((await lastCall(page, "source_remove")).keep_history, true);
});

test("the_diagnosis_shows_tries_and_frames_and_follows_them_live", async (context) => {
  const page = await open(context);
  await openSources(page);
  await page.locator(".card").nth(1).getByText("Diagnostics").click();

  await page.locator(".attempts tbody tr", { hasText: /Credentials refused \(401\).*39 ms/s }).waitFor();
  await page.locator(".attempts tbody tr", { hasText: "Live" }).waitFor();
  assert.match(await page.locator(".frame").first().innerText(), /: keep-alive/);
  assert.equal(await page.locator(".frame").count(), 6);
  await page.click(".seg >> text=Events");
  await until(page, async () => (await page.locator(".frame").count()) === 2);
  assert.match(await page.locator(".frame").first().innerText(), /id: evt_01JD7S\s+event: charge\.refunded\s+data: line one\s+data: line two <b>not markup<\/b>/);
  await page.click(".seg >> text=Retry times");
  await until(page, async () => (await page.locator(".frame").allInnerTexts()).map((text) => /retry: (\d+)/.exec(text)?.[1]).join() === "5000,3000");
  await page.click(".seg >> text=All");
  await page.click(".frames >> text=Pause");
  /** @param {string} text */
  const add = (text) => core(page, (fake, data) => fake.setDiagnosis("billing", { frames: [{ at: Date.now(), kind: "comment", event: null, id: null, retry_ms: null, size: data.length, data }] }), text);
  await add("late");
  await page.waitForTimeout(1300);
  assert.equal(await page.locator(".frame").count(), 6);
  await page.click(".frames >> text=Resume");
  await page.locator(".frame", { hasText: ": late" }).waitFor();
  await add("later");
  await page.locator(".frame", { hasText: ": later" }).waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".card").first().waitFor();
  const asked = (await calls(page)).filter(({ command }) => command === "source_diagnosis").length;
  await page.waitForTimeout(1300);
  assert.equal((await calls(page)).filter(({ command }) => command === "source_diagnosis").length, asked, "nobody looks, nothing is asked");
});

test("what_is_copied_is_shown_before_and_says_what_it_leaves_out", async (context) => {
  const page = await open(context);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await openSources(page);
  await page.locator(".card").first().getByText("Diagnostics").click();

  await page.click("text=Copy as curl");
  await page.locator("dialog", { hasText: "Header values and secrets in URL and body are left out" }).waitFor();
  const command = await page.locator("dialog pre").innerText();
  assert.match(command, /Authorization: <saved, not shown>/);
  await page.click("dialog >> text=/^Copy$/");
  await page.locator(".toast", { hasText: "Copied" }).waitFor();
  assert.equal(await page.evaluate("navigator.clipboard.readText()"), command);
  await page.click("text=Copy report");
  await page.locator("dialog pre", { hasText: "query left out" }).waitFor();
  await page.click("dialog >> text=Cancel");
  assert.equal(await page.evaluate("navigator.clipboard.readText()"), command);
});

test("a_clicked_toast_leads_from_a_page_to_its_event", async (context) => {
  const page = await open(context);
  await openSources(page);

  await core(page, (fake) => fake.open(2));
  await page.locator(".detail h2", { hasText: "Certificate renews" }).waitFor();
});

test("in_a_narrow_window_the_pages_have_a_way_back", async (context) => {
  const page = await open(context, "", { width: 420, height: 480 });

  await page.click("[aria-label='Back to sources']");
  await page.click("#nav-panel");
  await page.locator(".card").first().getByText("Diagnostics").click();
  await page.locator(".diag").waitFor();
  await page.click("[aria-label='All sources']");
  await page.locator(".card").first().waitFor();
  await page.click("[aria-label='Back to sources']");
  await page.click(".nav-i >> text=Inbox");
  await page.locator(".list .row").first().waitFor();
});
