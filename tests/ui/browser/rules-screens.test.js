// The rules screen and the mapping of a source in both languages and themes, at the sizes that are promised.
import { after } from "node:test";
import { inEveryLook, toSides } from "./looks.js";
import { browser } from "./window.js";

/** @import { Page } from "playwright-core" */
/** @import { Screen } from "./looks.js" */

const open = await browser(after);

/** @param {Page} page @param {number} [index] */
export async function toRules(page, index) {
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await page.locator(".r-i.else, .r-ed").first().waitFor();
  if (index === undefined) return;
  await page.locator(".r-pick").nth(index).click();
  await page.locator("#rule-name").waitFor();
  await page.locator(".prev .big").waitFor();
}

/** @type {Screen[]} */
const screens = [
  ["rules", "rules", (page) => toRules(page)],
  ["rules-none", "", (page) => toRules(page)],
  ["rules-rule", "rules", (page) => toRules(page, 1)],
  ["rules-group", "rules", (page) => toRules(page, 2)],
  ["rules-hours", "rules", (page) => toRules(page, 4)],
  ["rules-changed", "rules", async (page) => {
    await toRules(page, 3);
    await page.selectOption("#rule-then", "drop");
    await page.locator(".tag.quiet, .prev-none").first().waitFor();
    await page.locator(".seg-i").nth(2).click();
  }],
  ["rules-wrong", "rules", async (page) => {
    await toRules(page, 3);
    await page.fill("#c-0-value", "(unclosed");
    await page.locator(".r-cond .wrong").waitFor();
  }],
  ["rules-json", "rules", async (page) => {
    await toRules(page, 1);
    await page.click("#rule-advanced");
    await page.fill("#rule-json", '{ "name": "Errors from prod", }');
    await page.locator(".r-json .wrong").waitFor();
  }],
  ["rules-drop", "rules", async (page) => {
    await toRules(page, 3);
    await page.selectOption("#rule-then", "drop");
    await page.locator("#rules-save:enabled").click();
    await page.locator("#rules-ask[open]").waitFor();
  }],
  ["rules-leave", "rules", async (page) => {
    await toRules(page, 1);
    await page.fill("#rule-name", "Errors from prod, and what else they call so");
    await page.locator("#rules-save:enabled").waitFor();
    await page.evaluate("document.querySelector('#nav-settings').click()");
    await page.locator("#rules-ask[open]").waitFor();
  }],
  ["rules-templates", "rules", async (page) => {
    await toRules(page);
    await page.click("[popovertarget=rule-templates]");
    await page.locator("#rule-templates").waitFor();
  }],
  ["mapping", "", async (page) => {
    await toMapping(page);
    await page.fill("#map-title", "{event}: {$.title}");
    await page.locator(".map-sample li").first().waitFor();
  }],
  ["mapping-wrong", "", async (page) => {
    await toMapping(page);
    await page.fill("#map-title", "{$.title");
    await page.locator("#map-title-wrong").waitFor();
  }],
];

/** @param {Page} page */
async function toMapping(page) {
  await toSides(page);
  await page.locator(".nav.scroll .nav-i").first().click();
  await page.locator(".source-head .ib").nth(1).click();
  await page.locator("#map-open").click();
  await page.locator(".map-sample li").first().waitFor();
}

inEveryLook(open, screens);
