// Trouble is in sight wherever a person is.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { browser, core, inspect } from "./window.js";
import { toSides } from "./looks.js";

const open = await browser(after);

for (const [size, options] of /** @type {const} */ ([
  ["wide", { width: 1080, height: 720 }],
  ["rail", { width: 720, height: 600 }],
  ["narrow", { width: 420, height: 480 }],
])) {
  test(`every_pane_tells_of_a_stopped_source_in_a_${size}_window`, async (context) => {
    const page = await open(context, "?language=ko&theme=light", options);
    await core(page, (fake) => fake.setState("prod-api", { state: "stopped", since: 0, cause: { code: "unauthorized", message: "x", status: 401 } }));
    const shows = async (/** @type {string} */ pane) => {
      await page.locator(`${pane} .banner.red .btn`).waitFor();
      await inspect(page, `banner-${size}-${pane.replace(/\W/g, "")}`);
      assert.equal(await page.locator(".banner:visible").count(), 1);
    };

    await page.locator(".row").first().waitFor();
    await shows(".list");
    await page.locator(".row").first().click();
    await page.locator("#detail-title").waitFor();
    await shows(size === "narrow" ? ".detail" : ".list");
    if (size === "narrow") await page.locator(".detail .back").click();
    for (const [button, pane] of [["#nav-panel", ".panel:has(.cards)"], ["[title='규칙']", ".rules-page"], ["#nav-settings", ".panel:has(.settings)"], ["#nav-diagnostics", ".panel:has(.diag)"]]) {
      await (size === "narrow" && (await page.locator(".panel .back").count()) > 0 ? page.locator(".panel .back").click() : toSides(page));
      await page.locator(`.side ${button}`).click();
      await shows(pane ?? "");
    }
  });
}

test("a_full_disk_leads_to_what_the_history_keeps", async (context) => {
  const page = await open(context);
  await core(page, (fake) => {
    fake.setState("prod-api", { state: "stopped", since: 0, cause: { code: "unauthorized", message: "x", status: 401 } });
    fake.setTroubles([{ kind: "disk_full" }]);
  });

  await page.locator(".banner", { hasText: "The disk is full" }).locator("text=Free space").click();
  await page.locator(".headings [aria-current]", { hasText: "History" }).waitFor();
  await page.locator(".panel .banner", { hasText: "The disk is full" }).waitFor();
});
