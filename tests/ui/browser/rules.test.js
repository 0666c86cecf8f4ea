// What a person does with rules and mappings, by keyboard and pointer, against the fake core.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { browser, calls, core, lastCall, until } from "./window.js";

/** @import { Page } from "playwright-core" */

const open = await browser(after);
const LOOK = "?language=en&theme=light&rules";

/** @param {Page} page @param {string} [name] the rule to choose */
async function toRules(page, name) {
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await page.locator(".rules-page .r-side").waitFor();
  if (name === undefined) return;
  await page.locator(".r-pick", { hasText: name }).click();
  await page.locator("#rule-name").waitFor();
}

/** @param {Page} page */
const names = (page) => page.locator(".r-name").allTextContents();
/** @param {Page} page */
const said = (page) => page.locator("#live").textContent();
/** @param {Page} page */
const focused = (page) => page.evaluate("document.activeElement.id || document.activeElement.dataset.pick || document.activeElement.className");

test("rules_stand_in_their_order_with_what_they_say_and_how_often_they_hit", async (context) => {
  const page = await open(context, LOOK);
  await toRules(page);

  assert.deepEqual(await names(page), ["Heartbeats", "Errors from prod", "Paid invoices", "Passing builds", "밤에는 현관만", "Slow queries"]);
  assert.match((await page.locator(".r-pick").nth(1).textContent()) ?? "", /When source is prod-api and \$\.level is one of \(error, fatal\).*notify.*52 in 7 days/s);
  assert.match((await page.locator(".r-first").textContent()) ?? "", /first rule that matches decides/);
  assert.match((await page.locator(".r-hits").nth(0).textContent()) ?? "", /not counted/);
});

test("alt_and_arrows_move_a_rule_and_the_focus_goes_along_and_is_told", async (context) => {
  const page = await open(context, LOOK);
  await toRules(page);
  await page.locator(".r-pick").nth(1).focus();
  const id = await focused(page);

  await page.keyboard.press("Alt+ArrowUp");
  await until(page, async () => (await names(page))[0] === "Errors from prod");
  assert.equal(await focused(page), id);
  assert.match((await said(page)) ?? "", /Errors from prod is now rule 1 of 6/);
  await page.keyboard.press("Alt+ArrowDown");
  await page.keyboard.press("Alt+ArrowDown");
  await until(page, async () => (await names(page))[2] === "Errors from prod");
  assert.equal(await focused(page), id);
  assert.equal(await lastCall(page, "rules_set"), undefined);
  await page.locator("#rules-save").click();
  await until(page, async () => (await lastCall(page, "rules_set"))?.rules[2].name === "Errors from prod");
});

test("a_rule_is_dragged_to_another_place_and_escape_lets_it_be", async (context) => {
  const page = await open(context, LOOK);
  await toRules(page);
  const grip = page.locator(".grip").nth(3);
  const at = async (/** @type {import("playwright-core").Locator} */ one) => {
    const box = await one.boundingBox();
    assert.ok(box);
    return { x: box.x + box.width / 2, y: box.y + 8 };
  };
  const [from, to] = [await at(grip), await at(page.locator(".r-i").nth(0))];

  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.locator(".drop-before").waitFor();
  await page.keyboard.press("Escape");
  await page.mouse.up();
  assert.equal((await names(page))[3], "Passing builds");
  assert.equal(await page.locator(".rules-page").count(), 1);

  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.locator(".drop-before").waitFor();
  await page.mouse.up();
  await until(page, async () => (await names(page))[0] === "Passing builds");
});

test("a_rule_is_built_from_nothing_and_is_in_force_only_once_it_is_saved", async (context) => {
  const page = await open(context, "?language=en&theme=light");
  await toRules(page);
  await page.click("#rules-new");
  await page.locator("#rule-name:focus").waitFor();
  await page.keyboard.type("Deploys");
  await page.selectOption("#c-0-field", "event");
  await page.selectOption("#c-0-op", "starts_with");
  await page.fill("#c-0-value", "depl");
  await page.click("#add-c-");
  await page.locator("#c-1-field:focus").waitFor();
  await page.selectOption("#c-1-field", "$.host");
  await page.selectOption("#c-1-op", "not_in");
  await page.fill("#c-1-value", "web-1\nweb-2");
  await page.selectOption("#rule-severity", "low");
  await page.selectOption("#rule-sound", "silent");
  await page.check("#rule-sticky");
  await page.check("#rule-limit");
  await page.fill("#rule-count", "3");
  await page.selectOption("#rule-unit", "1");
  await page.locator("#rule-amount").fill("");
  await page.locator("#rule-amount").pressSequentially("60");
  assert.equal(await page.locator("#rule-amount").inputValue(), "60");
  await page.locator("#rule-amount").fill("");
  await page.locator("#rule-amount").pressSequentially("1.5");
  assert.equal(await page.locator("#rule-amount").inputValue(), "1.5");
  await page.fill("#rule-amount", "2");
  await page.selectOption("#rule-unit", "3600");
  await page.selectOption("#rule-per", "$.host");
  await page.check("#rule-hours");
  await page.fill("#rule-from", "08:30");
  await page.locator(".r-day").nth(5).click();
  assert.equal(await lastCall(page, "rules_set"), undefined);
  await page.click("#rules-save");
  await page.locator(".toast").waitFor();

  const [saved] = (await lastCall(page, "rules_set")).rules;
  assert.match(saved.id, /^[0-9a-f-]{36}$/);
  assert.deepEqual({ ...saved, id: "" }, {
    id: "", name: "Deploys", enabled: true, then: "notify", severity: "low", sound: "silent", sticky: true,
    when: { all: [{ field: "event", op: "starts_with", value: "depl" }, { not: { field: "$.host", op: "in", value: ["web-1", "web-2"] } }] },
    at_most: { count: 3, seconds: 7200, per: "$.host" },
    active: { days: ["mon", "tue", "wed", "thu", "fri", "sat"], from: "08:30", to: "18:00" },
  });
  assert.equal(await page.locator("#rules-save").isDisabled(), true);
});

for (const language of ["en", "ko"]) {
  test(`each_operator_is_whole_in_its_field_in_${language}`, async (context) => {
    const page = await open(context, `?language=${language}&theme=light&rules`);
    await toRules(page, "Errors from prod");
    const cut = await page.evaluate(`(() => {
      const select = document.querySelector(".r-cond .select.op select");
      const style = getComputedStyle(select);
      const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      const pen = document.createElement("canvas").getContext("2d");
      // The widest of the fonts that stand for the system's.
      pen.font = style.fontWeight + " " + style.fontSize + " 'DejaVu Sans'";
      return [...select.options].map((one) => one.textContent).filter((words) => pen.measureText(words).width > room);
    })()`);
    assert.deepEqual(cut, []);
  });
}

test("groups_are_all_any_none_and_can_hold_groups", async (context) => {
  const page = await open(context, LOOK);
  await toRules(page, "Passing builds");
  await page.locator("[aria-label='Add a group of conditions']").last().click();
  await page.locator("#c-1-0-field:focus").waitFor();
  await page.fill("#c-1-0-value", "one");
  await page.fill("#c-1-1-value", "two");
  await page.locator(".r-box [aria-label='How the conditions go together']").selectOption("none");
  await page.locator(".r-box .ib").last().click();
  await until(page, async () => (await page.locator(".r-box .r-cond").count()) === 1);
  await page.locator("#rules-save:enabled").click();

  await until(page, async () => (await lastCall(page, "rules_set")) !== undefined);
  const { when } = (await lastCall(page, "rules_set")).rules[3];
  assert.deepEqual(when.all[1], { not: { any: [{ field: "title", op: "contains", value: "one" }] } });
});

test("the_preview_follows_each_change_after_a_pause_and_asks_once_for_a_burst", async (context) => {
  const page = await open(context, LOOK);
  await toRules(page, "Paid invoices");
  await page.locator(".prev .big").waitFor();
  const asked = async () => (await calls(page)).filter(({ command }) => command === "rules_preview").length;
  const before = await asked();

  await page.selectOption("#rule-then", "quiet");
  await page.locator(".seg-i").nth(1).click();
  await page.locator(".tag.quiet").first().waitFor();
  assert.equal(await asked(), before + 1);
  assert.match((await page.locator(".seg-i").nth(1).textContent()) ?? "", /Changed 2/);
  assert.match((await page.locator(".prev .big").textContent()) ?? "", /8 of the last 11 events would notify/);
  assert.match((await page.locator(".week [role=img]").getAttribute("aria-label")) ?? "", /Would notify on each day: .*saved rules/);
  await page.locator("#rule-name").pressSequentially("abc", { delay: 5 });
  await page.waitForTimeout(400);
  assert.equal(await asked(), before + 2);
  await page.locator(".seg-i").nth(2).click();
  await until(page, async () => (await page.locator(".p-rows li").count()) === 11);
});

test("a_pattern_that_is_none_is_told_under_its_field_and_changes_nothing_else", async (context) => {
  const page = await open(context, LOOK);
  await toRules(page, "Passing builds");
  await page.locator(".prev .big").waitFor();
  const before = await page.locator(".prev .big").textContent();

  await page.fill("#c-0-value", "(unclosed");
  await page.locator("#c-0-value-wrong").waitFor();

  assert.match((await page.locator("#c-0-value-wrong").textContent()) ?? "", /is no regular expression/);
  assert.equal(await page.locator("#c-0-value").getAttribute("aria-invalid"), "true");
  assert.equal(await page.locator(".prev .big").textContent(), before);
  assert.ok(await page.locator("#rules-save").isDisabled());
  await page.fill("#c-0-value", "(closed)");
  await page.locator("#c-0-value-wrong").waitFor({ state: "detached" });
  assert.ok(await page.locator("#rules-save").isEnabled());
});

test("the_same_rule_is_edited_as_json_with_its_mistake_in_place", async (context) => {
  const page = await open(context, LOOK);
  await toRules(page, "Passing builds");
  await page.click("#rule-advanced");
  const text = await page.locator("#rule-json").inputValue();
  assert.equal(JSON.parse(text).then, "quiet");

  await page.fill("#rule-json", text.replace('"quiet"', '"quiet'));
  assert.match((await page.locator("#rule-json-wrong").textContent()) ?? "", /line \d+, column \d+/);
  assert.ok(await page.locator("#rules-save").isDisabled());
  await page.fill("#rule-json", text.replace('"quiet"', '"notify"'));
  await page.click("#rule-advanced");
  assert.equal(await page.locator("#rule-then").inputValue(), "notify");
});

test("leaving_with_changes_asks_and_staying_keeps_them", async (context) => {
  const page = await open(context, LOOK);
  await toRules(page, "Paid invoices");
  await page.keyboard.press("Escape");
  await page.locator(".rows").waitFor();
  await toRules(page, "Paid invoices");
  await page.fill("#rule-name", "Changed");

  await page.keyboard.press("Escape");
  await page.locator("#rules-ask[open]").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("#rules-ask[open]").waitFor({ state: "detached" });
  assert.equal(await page.locator("#rule-name").inputValue(), "Changed");
  await page.locator(".nav .nav-i").nth(1).click();
  await page.locator("#rules-ask .danger").click();
  await page.locator(".rows").waitFor();
  assert.match((await page.locator("h1").textContent()) ?? "", /All/);
  await page.locator(".row").first().waitFor();
  await toRules(page);
  assert.ok((await names(page)).includes("Paid invoices"));
});

test("dropping_is_confirmed_when_it_begins_and_not_again", async (context) => {
  const page = await open(context, LOOK);
  await toRules(page, "Paid invoices");
  await page.selectOption("#rule-then", "drop");
  await page.locator("#rules-save:enabled").click();
  await page.locator("#rules-ask[open]").waitFor();
  assert.match((await page.locator("#rules-ask").textContent()) ?? "", /cannot be looked up.*Paid invoices/s);
  assert.equal(await lastCall(page, "rules_set"), undefined);

  await page.locator("#rules-ask .danger").click();
  await page.locator(".toast").waitFor();
  assert.equal((await lastCall(page, "rules_set")).rules[2].then, "drop");
  await page.fill("#rule-name", "Paid");
  await page.locator("#rules-save:enabled").click();
  await until(page, async () => (await lastCall(page, "rules_set")).rules[2].name === "Paid");
});

test("templates_duplicates_and_deletions_keep_the_focus_and_can_be_discarded", async (context) => {
  const page = await open(context, LOOK);
  await toRules(page, "Paid invoices");
  await page.locator("[aria-label=Duplicate]").click();
  await page.locator("#rule-name:focus").waitFor();
  assert.equal(await page.locator("#rule-name").inputValue(), "Paid invoices (copy)");
  await page.locator("[aria-label='Delete rule']").click();
  await until(page, async () => (await names(page)).length === 6);
  assert.match(String(await focused(page)), /^0000/);
  await page.click("[popovertarget=rule-templates]");
  await page.locator("#rule-templates .menu-i").nth(3).click();
  await until(page, async () => (await names(page)).length === 8);
  await page.click("#rules-discard");
  await until(page, async () => (await names(page)).length === 6);
  assert.equal(await lastCall(page, "rules_set"), undefined);
});

test("rules_changed_elsewhere_are_not_overwritten", async (context) => {
  const page = await open(context, LOOK);
  await toRules(page, "Paid invoices");
  await page.fill("#rule-name", "Mine");
  await core(page, (fake) => fake.refuse("rules_set", "outdated", "the rules were changed meanwhile; look at them again, then save"));
  await page.locator("#rules-save:enabled").click();

  await page.locator(".r-foot [role=alert]").waitFor();
  await page.locator(".r-foot .btn").first().click();
  await until(page, async () => (await names(page)).includes("Paid invoices"));
});

test("a_mapping_is_tried_on_the_last_events_and_saved_with_its_source", async (context) => {
  const page = await open(context, "?language=en&theme=light");
  await page.locator(".nav.scroll .nav-i").first().click();
  await page.locator(".source-head .ib").nth(1).click();
  await page.click("#map-open");
  await page.locator(".map-sample li").first().waitFor();
  await page.fill("#map-title", "{event} {$.title");
  await page.locator("#map-title-wrong").waitFor();
  assert.equal(await page.locator(".map-sample .m").first().textContent(), "Deploy failed on web-3");
  await page.fill("#map-title", "{event}: {$.title}");
  await until(page, async () => (await page.locator(".map-sample .m").first().textContent()) === "deploy: Deploy failed on web-3");
  await page.selectOption("#source-map-preset", "ntfy");
  await page.locator("#map-tags").focus();
  await page.locator(".map-fields .chip").first().click();

  await page.keyboard.press("Escape");
  await page.locator("#map-open:focus").waitFor();
  await page.click("#map-open");
  await page.locator("dialog[open] [type=submit]").click();
  await page.locator("dialog[open]").waitFor({ state: "detached" });
  assert.deepEqual((await lastCall(page, "source_edit")).source.mapping, { preset: "ntfy", title: "{event}: {$.title}", tags: "{$.level}" });
});

test("a_korean_input_method_neither_stops_nor_starts_anything", async (context) => {
  const page = await open(context, LOOK);
  const send = (/** @type {KeyboardEventInit} */ init) =>
    page.evaluate(`(document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...${JSON.stringify(init)} }))`);
  await send({ code: "KeyG", key: "ㅎ" });
  await send({ code: "KeyR", key: "Process", isComposing: true });
  assert.equal(await page.locator(".rules-page").count(), 0);
  await send({ code: "KeyG", key: "ㅎ" });
  await send({ code: "KeyR", key: "ㄱ" });
  await page.locator(".r-pick").first().waitFor();
  await page.locator(".r-pick").nth(1).focus();
  await send({ code: "ArrowUp", key: "Process", altKey: true, isComposing: true });
  assert.equal((await names(page))[0], "Heartbeats");
  await page.locator(".r-pick").nth(1).click();
  await page.locator("#rule-name").focus();
  await send({ code: "Escape", key: "Process", isComposing: true });
  assert.equal(await page.locator(".rules-page").count(), 1);
});

test("a_rule_made_of_an_event_stands_first_with_the_focus_in_it_and_f6_goes_round", async (context) => {
  const page = await open(context, LOOK);
  await page.locator(".row").first().click();
  await page.locator(".payload").waitFor();
  await page.keyboard.press("r");
  await page.locator("#rule-name:focus").waitFor();

  assert.equal((await names(page))[0], "Deploy failed on web-3");
  assert.equal(await page.locator("#rule-then").inputValue(), "quiet");
  assert.match((await page.locator(".seg-i").nth(1).textContent()) ?? "", /Changed/);
  await page.locator(".tag.quiet").first().waitFor();
  assert.equal(await lastCall(page, "rules_set"), undefined);
  const panes = [];
  for (let times = 0; times < 3; times += 1) {
    await page.keyboard.press("F6");
    await page.waitForTimeout(60);
    panes.push(await page.evaluate("document.activeElement.closest('.side, .r-side, .r-ed').className.split(' ')[0]"));
  }
  assert.deepEqual(panes, ["side", "r-side", "r-ed"]);
});

test("the_rule_that_decided_about_an_event_is_one_click_away", async (context) => {
  const page = await open(context, LOOK);
  const row = await core(page, (fake) => {
    const id = fake.send("billing", "Old", "");
    fake.setDetail(id, { rule: "Renamed since" });
    return id;
  });
  await page.click(`#row-${row}`);
  await page.click(".why >> text=Edit rule");
  await page.locator(".toast.bad", { hasText: "no longer there" }).waitFor();
  await page.keyboard.press("Escape");

  await page.locator(".row", { hasText: "Deploy failed" }).click();
  await page.click(".why >> text=Edit rule");
  await until(page, async () => (await page.locator("#rule-name").count()) === 1 && (await page.locator("#rule-name").inputValue()) === "Errors from prod");
});

test("every_rule_is_offered_to_the_search", async (context) => {
  const page = await open(context, LOOK);
  await page.keyboard.press("/");
  await page.locator("#search:focus").waitFor();
  await page.keyboard.type("rule:p");
  await page.locator(".suggest li", { hasText: "Passing builds" }).waitFor();
  assert.equal(await page.locator(".suggest li").count(), 2);
});
