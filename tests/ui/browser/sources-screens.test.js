// Every screen about sources in both languages and themes, at the sizes that are promised.
import { after } from "node:test";
import { inEveryLook, toSides } from "./looks.js";
import { browser, core } from "./window.js";

/** @import { Page } from "playwright-core" */
/** @import { Screen } from "./looks.js" */

const open = await browser(after);

/** @type {Screen[]} */
const screens = [
  ["first-run-error", "empty", async (page) => {
    await page.fill("#first-url", "not a url");
    await page.press("#first-url", "Enter");
    await page.locator(".wrong").waitFor();
  }],
  ["first-run-testing", "empty", async (page) => {
    await connect(page);
    await core(page, (fake) => fake.steps([{ step: "resolve" }, { step: "connect" }, { step: "tls" }, { step: "response" }, { step: "media_type" }]));
    await page.waitForTimeout(2200);
  }],
  ["first-run-failed", "empty", async (page) => {
    await connect(page);
    await core(page, (fake) => fake.steps([{ step: "resolve" }, { step: "connect" }, { step: "tls" }, { step: "response", ok: false, cause: "unauthorized", detail: "the server refused the credentials (401)" }]));
    await page.locator(".steps .bad").waitFor();
  }],
  ["first-run-passed", "empty", async (page) => {
    await connect(page);
    await core(page, (fake) => fake.pass());
    await page.locator(".toast-test .btn").click();
    await page.locator(".toast-test .pair .btn").last().click();
    await page.locator(".toast-test > .btn").waitFor();
  }],
  ["first-run-pasted", "empty", async (page) => {
    await page.fill("#first-url", "curl -k -H 'Authorization: Bearer hush' http://api.example.com/stream");
    await page.press("#first-url", "Enter");
    await page.locator(".note.amber").waitFor();
    await page.locator(".consent").waitFor();
  }],
  ["source-dialog", "", async (page) => {
    await toForm(page);
    await page.locator(".chip").first().waitFor();
  }],
  ["source-dialog-options", "", async (page) => {
    await toForm(page);
    await page.selectOption("#source-auth", "basic");
    await page.selectOption("#source-method", "POST");
    await page.fill("#source-idle-timeout", "soon");
    await page.locator("dialog [type=submit]").click();
    await page.locator("#wrong-idle_timeout").waitFor();
  }],
  ["source-dialog-tested", "", async (page) => {
    await toForm(page);
    await page.locator("dialog .test").click();
    await page.locator("dialog .steps").waitFor();
    await core(page, (fake) => fake.steps([{ step: "resolve" }, { step: "connect" }, { step: "tls", ok: false, cause: "tls", detail: "the certificate has expired" }]));
    await page.locator("dialog .steps .bad").waitFor();
  }],
  ["consent", "", async (page) => {
    await toSides(page);
    await page.locator(".nav-h .ib").click();
    await page.fill("#source-url", "http://example.com/events");
    await page.selectOption("#source-auth", "bearer");
    await page.locator(".auth input").fill("x");
    await page.locator("dialog [type=submit]").click();
    await page.locator(".consent").waitFor();
  }],
  ["remove-dialog", "", async (page) => {
    await toSources(page);
    await page.locator(".card .ib").last().click();
    await page.locator("dialog[open]").waitFor();
  }],
  ["sources-page", "", toSources],
  ["sources-page-silent", "", async (page) => {
    await core(page, (fake) => fake.setSilent("prod-api", Date.now() - 7_200_000));
    await toSides(page);
    await page.locator("#nav-panel").click();
    await page.locator(".card .amber").first().waitFor();
  }],
  ["source-silent", "", async (page) => {
    await core(page, (fake) => fake.setSilent("prod-api", Date.now() - 7_200_000));
    await toSides(page);
    await page.locator(".nav.scroll .nav-i").first().click();
    await page.locator(".source-head .amber").waitFor();
  }],
  ["sources-page-empty", "empty", async (page) => {
    await page.locator(".alt .link").click();
    await page.locator(".app").waitFor();
    await toSides(page);
    await page.locator("#nav-panel").click();
    await page.locator(".card .ib").last().click();
    await page.locator("dialog [type=submit]").click();
    await page.locator(".panel .empty").waitFor();
  }],
  ["test-dialog", "", async (page) => {
    await toDiagnosis(page);
    await page.locator(".bar.flow .btn").nth(1).click();
    await page.locator("dialog .steps").waitFor();
    await core(page, (fake) => fake.pass());
    await page.locator("dialog .steps .done").last().waitFor();
  }],
  ["diagnosis", "", toDiagnosis],
  ["copy-curl", "", async (page) => {
    await toDiagnosis(page);
    await page.locator(".bar.flow .btn").nth(2).click();
    await page.locator("dialog pre").waitFor();
  }],
  ["copy-report", "", async (page) => {
    await toDiagnosis(page);
    await page.locator(".bar.flow .btn").nth(3).click();
    await page.locator("dialog pre").waitFor();
  }],
];

/** @param {Page} page */
async function connect(page) {
  await page.fill("#first-url", "https://api.acme.dev/v1/events");
  await page.press("#first-url", "Enter");
  await page.locator(".steps .now").waitFor();
}

/** @param {Page} page */
async function toSources(page) {
  await core(page, (fake) => {
    fake.setState("prod-api", { state: "stopped", since: Date.now() - 400_000, cause: { code: "unauthorized", message: "x", status: 401 } });
    fake.setState("billing", { state: "waiting", attempt: 2, until: Date.now() + 98_500, cause: { code: "broken", message: "x", status: null } });
  });
  await toSides(page);
  await page.locator("#nav-panel").click();
  await page.locator(".card").last().waitFor();
}

/** @param {Page} page */
async function toDiagnosis(page) {
  await toSources(page);
  await page.locator(".card").nth(1).locator(".card-do .btn").last().click();
  await page.locator(".frame").first().waitFor();
}

/** @param {Page} page */
async function toForm(page) {
  await toSources(page);
  await page.locator(".card .ib").first().click();
  await page.locator("dialog[open]").waitFor();
}

inEveryLook(open, screens);
