// Settings, diagnostics and what they ask, in both languages and themes, at the promised sizes.
import { after } from "node:test";
import { inEveryLook, toSides } from "./looks.js";
import { browser, core } from "./window.js";

/** @import { Page } from "playwright-core" */
/** @import { Screen } from "./looks.js" */

const open = await browser(after);

/** @type {Screen[]} */
const screens = [
  ["settings", "", toSettings],
  ["settings-quiet", "", quietHours],
  ["settings-quiet-refused", "", async (page) => {
    await quietHours(page);
    await page.fill("#hours-0-from", "25:00");
    await page.press("#hours-0-from", "Enter");
    await page.locator("#hours-0-from").blur();
    await page.locator("#wrong-hours-0").waitFor();
    await page.fill("#snooze-amount", "x");
    await page.press("#snooze-amount", "Enter");
    await page.locator("#wrong-snooze").waitFor();
  }],
  ["settings-history", "", async (page) => {
    await toSettings(page);
    await page.locator("#set-history").scrollIntoViewIfNeeded();
    await page.fill("#set-keep-days", "90");
    await page.press("#set-keep-days", "Tab");
    await page.fill("#set-keep-events", "many");
    await page.press("#set-keep-events", "Tab");
    await page.locator("#wrong-keep-events").waitFor();
    await page.locator(".each > summary").click();
    await page.locator(".each li").first().waitFor();
    await page.evaluate("document.querySelector('#set-history').scrollIntoView()");
  }],
  ["settings-export", "", async (page) => {
    await toSettings(page);
    await page.click("#export-go");
    await page.locator("progress").waitFor();
    await core(page, (fake) => fake.exportGoesOn({ events: 43_112, percent: 43 }));
    await page.locator("progress").scrollIntoViewIfNeeded();
  }],
  ["settings-advanced", "", async (page) => {
    await toSettings(page);
    await core(page, (fake) => fake.setTroubles([{ kind: "secrets_for_session" }]));
    await core(page, (fake) => fake.refuse("settings_export", "not_saved", "the disk is full"));
    await page.click("#set-export");
    await page.locator("#wrong-transfer").waitFor();
    await page.locator("#set-delete").scrollIntoViewIfNeeded();
  }],
  ["settings-import", "", async (page) => {
    await toSettings(page);
    await page.setInputFiles("#set-import", { name: "s.json", mimeType: "application/json", buffer: Buffer.from("{}") });
    await page.locator("#import-go").waitFor();
  }],
  ["settings-delete", "", async (page) => {
    await toSettings(page);
    await page.click("#set-delete");
    await page.locator("#delete-sure").waitFor();
  }],
  ["settings-clear", "", async (page) => {
    await toSettings(page);
    await page.click("#set-clear");
    await page.locator("#delete-sure").check();
  }],
  ["diagnostics", "", async (page) => {
    await core(page, (fake) => fake.setState("billing", { state: "waiting", attempt: 2, until: Date.now() + 98_500, cause: { code: "broken", message: "x", status: null } }));
    await toSides(page);
    await page.locator("#nav-diagnostics").click();
    await page.locator(".frame").first().waitFor();
  }],
  ["diagnostics-app", "", async (page) => {
    await core(page, (fake) => {
      fake.setFindings(["*** in database main *** Tree 4 page 12: btreeInitPage() returns error code 11"]);
      fake.setTroubles([{ kind: "history_read_only", message: "x" }]);
    });
    await toSides(page);
    await page.locator("#nav-diagnostics").click();
    await page.selectOption("#diag-source", "");
    await page.click("#diag-check");
    await page.locator(".diag-part .mono").waitFor();
  }],
];

/** @param {Page} page */
async function toSettings(page) {
  await toSides(page);
  await page.locator("#nav-settings").click();
  await page.locator("#set-general").waitFor();
}

/** @param {Page} page */
async function quietHours(page) {
  await core(page, (fake) => {
    const workdays = /** @type {const} */ (["mon", "tue", "wed", "thu", "fri"]);
    fake.prefer({
      quiet_hours: {
        enabled: true,
        critical_through: true,
        rows: [
          { days: [...workdays], from: "23:00", to: "07:30" },
          { days: ["sat", "sun"], from: "00:00", to: "10:00" },
          { days: ["wed"], from: "13:00", to: "13:00" },
        ],
      },
    });
    fake.setQuiet({ reason: "hours", until: Date.now() + 3600_000, held: 4 });
  });
  await toSettings(page);
  await page.locator(".hours li").nth(2).waitFor();
  await page.evaluate("document.querySelector('#set-quiet').scrollIntoView()");
}

inEveryLook(open, screens);
