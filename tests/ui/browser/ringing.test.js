// What a person does about what rings: mutes a source, makes a rule of an event, sends a first one.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { browser, core, lastCall, until } from "./window.js";

/** @import { Page } from "playwright-core" */

const open = await browser(after);

/** @param {Page} page */
async function read(page) {
  await page.locator(".row", { hasText: "Deploy failed" }).click();
  await page.locator(".detail .tree").waitFor();
}

test("a_source_is_muted_by_a_key_and_heard_again_from_the_notice", async (context) => {
  const page = await open(context);
  await read(page);
  await page.locator(".rows").focus();

  await page.keyboard.press("m");
  await page.locator(".toast", { hasText: "prod-api is muted" }).waitFor();
  await page.locator(".nav.scroll .nav-i", { hasText: "prod-api" }).locator(".muted").waitFor();
  const saved = await lastCall(page, "source_edit");
  assert.equal(saved.source.toast.loudness, "muted");
  assert.deepEqual(saved.source.headers, [{ name: "Authorization", value: null }], "a stored value stays where it is");
  await page.locator(".detail [aria-pressed=true]").waitFor();
  await page.click(".toast .btn");
  await until(page, async () => (await page.locator(".nav.scroll .muted").count()) === 0);
  assert.equal((await lastCall(page, "source_edit")).source.toast.loudness, "rules");
});

test("a_loudness_that_cannot_be_saved_is_shown_as_it_was", async (context) => {
  const page = await open(context);
  await core(page, (fake) => fake.refuse("source_edit", "not_saved", "the settings could not be written"));
  await page.click("#nav-panel");
  const second = page.locator(".card").nth(1);

  await second.locator(".loud label", { hasText: "Muted" }).click();
  await page.locator(".toast.bad").waitFor();
  await until(page, async () => (await second.locator(".loud .on").innerText()) === "By rules");
  assert.equal(await second.locator(".loud input:checked").count(), 1);
  await second.locator(".loud label", { hasText: "All" }).click();
  await until(page, async () => (await lastCall(page, "source_edit")).source.toast.loudness === "all");
  await until(page, async () => (await second.locator(".loud .on").innerText()) === "All");
});

test("loudness_is_chosen_by_arrows_too", async (context) => {
  const page = await open(context);
  await page.click("#nav-panel");
  await page.locator(".loud input").nth(1).focus();

  await page.keyboard.press("ArrowRight");
  await until(page, async () => (await lastCall(page, "source_edit"))?.source.toast.loudness === "muted");
  await until(page, async () => (await page.locator(".loud").first().locator(".on").innerText()) === "Muted");
});

test("charts_say_in_words_what_they_show", async (context) => {
  const page = await open(context);
  await core(page, (fake) => fake.setState("billing", { state: "waiting", attempt: 2, until: Date.now() + 98_500, cause: { code: "broken", message: "x", status: null } }));
  await page.click("#nav-panel");
  const billing = page.locator(".card").nth(1);

  await billing.getByRole("img", { name: "Connection in the last hour: 54 minutes live, 6 with trouble, 0 not wanted" }).waitFor();
  await billing.getByRole("img", { name: /^Events per hour, 24 hours: [\d,]+ in all, at most 62 in one hour \(.+\), \d+ in this one$/ }).waitFor();
  await billing.getByRole("img", { name: /^Events per hour, 7 days: / }).waitFor();
  assert.equal(await billing.locator(".strip .wait").count(), 6);
  assert.equal(await billing.locator(".strip rect").count(), 60);
});

test("a_rule_is_drafted_from_an_event_by_key_and_from_one_of_its_values", async (context) => {
  const page = await open(context);
  await read(page);
  const row = await page.evaluate("Number(document.querySelector('.row.sel').id.slice(4))");
  await page.locator(".rows").focus();

  await page.keyboard.press("r");
  await until(page, async () => (await lastCall(page, "rule_draft")) !== undefined);
  assert.deepEqual(await lastCall(page, "rule_draft"), { row, then: "quiet" });
  await until(page, async () => (await page.locator("h1").innerText()) === "Rules");
  await page.keyboard.press("Escape");
  await page.click("text=Discard and leave");
  await page.locator("[data-path='$.host']").focus();
  await page.click(".offers >> text=rule");
  await until(page, async () => (await lastCall(page, "rule_draft")).field === "$.host");
});

test("what_is_kept_quiet_is_neither_in_the_inbox_nor_counted", async (context) => {
  const page = await open(context);
  await page.locator(".row").first().waitFor();
  const before = await page.title();

  await core(page, (fake) => fake.send("billing", "Hushed", "kept quiet", "low", "quiet"));
  await core(page, (fake) => fake.send("billing", "Rings", "as ever"));
  await page.locator(".row", { hasText: "Rings" }).waitFor();
  assert.equal(await page.locator(".row", { hasText: "Hushed" }).count(), 0);
  await until(page, async () => (await page.title()) === before.replace(/\d+/, (unread) => String(Number(unread) + 1)));
  await page.keyboard.press("g");
  await page.keyboard.press("q");
  await page.locator(".row", { hasText: "Hushed" }).waitFor();
  assert.equal(await page.locator(".row.unread").count(), 0);
});

test("who_waits_for_the_first_event_gets_the_command_that_sends_one", async (context) => {
  const page = await open(context, "?waiting");
  const show = async (/** @type {string} */ url) => {
    await core(page, (fake, url) => fake.setUrl("prod-api", url), url);
    await page.click(".nav.scroll .nav-i >> nth=0");
    await page.locator(".pulse").waitFor();
  };

  await page.click(".nav.scroll .nav-i >> nth=0");
  await page.click("text=Copy as curl");
  await page.locator("dialog pre", { hasText: "curl -N" }).waitFor();
  await page.click("dialog >> text=Cancel");
  await show("https://ntfy.sh/builds/sse?auth=hush");
  await page.locator(".sample code", { hasText: "curl -H 'Title: Hello' -d 'The first event' 'https://ntfy.sh/builds'" }).waitFor();
  assert.doesNotMatch(await page.locator(".sample").innerText(), /hush/);
  await page.click(".sample .ib");
  await page.locator(".toast").waitFor();
  await show("https://hub.example.com/.well-known/mercure?topic=https://example.com/books");
  await page.locator(".sample code", { hasText: "--data-urlencode 'topic=https://example.com/books'" }).waitFor();
});
