// Trouble is in sight wherever a person is.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { browser, core, inspect, until } from "./window.js";
import { SIZES, toSides } from "./looks.js";

/** @import { Trouble } from "../../../ui/wire.d.ts" */

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

const message = "unable to open database file: /home/sy/.local/share/tidings/history.db (os error 13)";
/** One of each kind. @type {{ [K in Trouble["kind"]]: Extract<Trouble, { kind: K }> }} */
const TROUBLES = {
  settings_lost: { kind: "settings_lost", copies: ["/home/sy/.local/share/tidings/settings.json.bad-20261123T140211Z"] },
  settings_read_only: { kind: "settings_read_only" },
  history_unavailable: { kind: "history_unavailable", message },
  history_damaged: { kind: "history_damaged", message },
  disk_full: { kind: "disk_full" },
  history_salvaged: { kind: "history_salvaged", copy: "/home/sy/.local/share/tidings/history.db.bad-20261123T140211Z", events: 48_211 },
  history_in_memory: { kind: "history_in_memory", message },
  history_read_only: { kind: "history_read_only", message },
  history_protected: { kind: "history_protected", message },
  toasts_unavailable: { kind: "toasts_unavailable", message },
  keychain_unavailable: { kind: "keychain_unavailable", message },
  secrets_for_session: { kind: "secrets_for_session" },
};

for (const [size, options] of SIZES) {
  test(`every_trouble_is_told_whole_at_${size}`, async (context) => {
    const page = await open(context, "?theme=light", options);
    for (const language of /** @type {const} */ (["en", "ko"])) {
      await core(page, (fake, look) => fake.prefer(look), { language });
      await page.locator(`html[lang=${language}]`).waitFor({ state: "attached" });
      let before = "";
      for (const trouble of Object.values(TROUBLES)) {
        await core(page, (fake, one) => fake.setTroubles([one]), trouble);
        const told = async () => (await page.locator(".banner:visible").allInnerTexts()).join();
        await until(page, async () => ![before, ""].includes(await told()));
        before = await told();
        await inspect(page, `trouble-${trouble.kind}-${size}-${language}`);
      }
    }
  });

  test(`a_start_that_fails_says_why_and_can_be_tried_again_at_${size}`, async (context) => {
    const page = await open(context, "?failing", options);
    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
      await page.emulateMedia({ colorScheme });
      await inspect(page, `failed-start-${size}-${colorScheme}`);
    }
    await page.locator(".first .btn").click();
    await page.locator(".row").first().waitFor();
  });
}
