// Pictures of every screen and state of the real app, in both languages, themes and sizes, into
// target/screenshots: NAME-LANGUAGE-THEME-WIDTH.png. One start of the app; all states are real.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { App, By } from "./app.mjs";
import { camera } from "./camera.mjs";
import { Desktop, SHOTS } from "./desktop.mjs";
import { directory, endAll, freePort, until } from "./processes.mjs";
import { spilled } from "../ui/spilled.js";
import { silent, stream } from "./servers.mjs";

/** The default window, the smallest, and the default one at a zoom of 200 %. */
const SIZES = [[1080, 720], [420, 480], [1080, 720, 2]];
const [WIDE, NARROW, ENLARGED] = SIZES;
const LOOKS = ["en", "ko"].flatMap((language) => ["light", "dark"].map((theme) => ({ language, theme })));

const EVENTS = [
  ["deploy", { title: "Deploy finished", body: "web-3 runs 5f21c9e", level: "low", url: "https://example.com/deploys/4818" }],
  ["order", { title: "새 주문이 들어왔습니다", body: "₩120,000 · 한빛물산", level: "normal", amount: 120000 }],
  ["message", { title: "A title that is much longer than any list is wide, to see where it is cut and what is left of the body", body: "and a body" }],
  ["message", { title: "긴 제목은 목록에서 어디까지 보이고 어떻게 잘리는지, 단어 사이에서 줄이 나뉘는지 확인하려고 쓴 제목입니다", level: "low" }],
  ["alert", {
    title: "Disk 94 % full on db-1",
    body: "/var/lib/postgresql has 11 GB left\nAt this rate it is full in 3 hours",
    level: "high", host: "db-1", used: 0.94,
    volumes: [{ path: "/var/lib/postgresql", free_gb: 11 }, { path: "/", free_gb: 80 }],
    labels: { team: "platform", region: "ap-northeast-2", long: "x".repeat(80) },
  }],
  ["alert", { title: "Checkout answers slowly", body: "p95 is 912 ms on GET /v1/orders", level: "critical", p95_ms: 912 }],
];

const dir = join(directory(), "tidings");
const desktop = await Desktop.start({ size: "1800x900" }); // toasts lie beside the window
let app = await App.drive(desktop, dir);
const { ask, dress, resize, still } = camera(() => app.page);
const servers = [];
mkdirSync(SHOTS, { recursive: true });
let taken = 0;

/** The state there is now, in every look and the given sizes. @param {(size: number[]) => unknown} [prepare] */
async function shots(name, sizes = SIZES, prepare = () => {}) {
  for (const size of sizes) {
    await resize(size);
    // Colours move nothing: they are looked at where there is room.
    for (const look of size === ENLARGED ? LOOKS.filter(({ theme }) => theme === "light") : LOOKS) {
      await dress(look);
      await prepare(size);
      await still();
      const faults = await app.page.executeScript(`return (${spilled})()`);
      if (faults.length > 0) {
        console.error(`${name}-${look.language}-${look.theme}-${size === ENLARGED ? "zoom" : size[0]}:\n  ${faults.join("\n  ")}`);
        process.exitCode = 1;
      }
      await desktop.portrait(join(SHOTS, `${name}-${look.language}-${look.theme}-${size === ENLARGED ? "zoom" : size[0]}.png`));
      taken += 1;
    }
  }
  await resize(WIDE);
}

const openEvent = (title) =>
  until(
    () => app.page.executeScript(
      "const row = [...document.querySelectorAll('.row')].find((row) => row.textContent.includes(arguments[0])); row?.click(); return !!row",
      title,
    ),
    `the list holds ${title}`,
  );
const choose = (selector, value) =>
  app.page.executeScript(
    "const [select, value] = arguments; select.value = value; select.dispatchEvent(new Event('change', { bubbles: true }))",
    app.page.findElement(By.css(selector)),
    value,
  );
/** Opens a menu, at the place its button has now. */
const menu = async (id) => {
  await app.page.executeAsyncScript("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))");
  await app.page.executeScript(
    "document.getElementById(arguments[0]).hidePopover(); document.querySelector(`[popovertarget=${arguments[0]}]`).click()",
    id,
  );
};
/** How a source rings of itself. */
const LOUD = { privacy: false, max_urgency: "critical", sound: true, loudness: "rules" };
const names = () => app.texts(".side .nav.scroll .name");
const press = async (...keys) => {
  await app.page.actions().sendKeys(...keys).perform();
  await app.drawn();
};
const ESCAPE = "\uE00C";
const inPage = (script) => app.page.executeScript(script);

try {
  await shots("first-run");
  await app.type("#first-url", "htps:/example");
  await app.click(".first .btn.primary");
  await app.find(".wrong");
  await shots("first-run-invalid");
  await app.type("#first-url", `http://127.0.0.1:${await freePort()}/events`);
  await app.click(".first .btn.primary");
  await app.find(".check .bad");
  await shots("first-run-refused");
  servers.push(await silent());
  await app.type("#first-url", servers[0].url);
  await app.click(".first .btn.primary");
  await app.find(".check .go");
  await sleep(2000); // until it says what it waits for
  await shots("first-run-testing");
  await app.click(".field [type=submit]");

  for (let n = 0; n < 3; n += 1) servers.push(await stream());
  const [, builds, billing, staging] = servers;
  await app.type("#first-url", builds.url);
  await app.click(".first .btn.primary");
  await app.click(".toast-test .btn");
  await app.find(".toast-test .pair");
  await shots("first-run-passed");
  await app.click(".toast-test .pair .btn:last-child");
  await shots("first-run-unseen");
  await app.click(".check .go");
  await app.find(".app");
  await shots("waiting");

  const [{ id }] = JSON.parse(readFileSync(join(dir, "settings.json"), "utf8")).sources;
  const prodApi = { name: "prod-api", url: builds.url, headers: [], events: { mode: "all" }, allow_cleartext_secrets: false };
  await ask("source_edit", { id, source: prodApi });
  const add = (name, url, headers = []) =>
    ask("source_add", { name, url, headers, events: { mode: "all" }, allow_cleartext_secrets: false });
  const second = await add("결제 서버", billing.url);
  await until(async () => (await names()).length === 2, "the second source is shown");
  const third = await add("staging with a name that is rather long", staging.url);
  await until(() => builds.connected + billing.connected + staging.connected === 3, "all connect");
  for (const [type, data] of EVENTS) {
    (type === "order" ? billing : type === "message" ? staging : builds).send(data, type);
    await until(async () => (await app.titles())[0] === data.title, `the list shows ${data.title}`);
  }
  await shots("inbox");
  await ask("preferences_set", { compact: true });
  await shots("compact");
  await ask("preferences_set", { compact: false });
  await press("?");
  await app.find("#overlay[open]");
  await shots("keys");
  await press(ESCAPE);
  await ask("snooze", { snooze: { kind: "minutes", minutes: 60 } });
  await app.find(".banner.quiet");
  await shots("snoozed");
  await ask("snooze", { snooze: { kind: "off" } });
  await shots("sources", [NARROW], () => app.page.executeScript("document.querySelector('.show-list .bar.narrow .ib')?.click()"));
  await app.page.executeScript("document.querySelector('.side .nav-i').click()");

  await openEvent("Disk 94");
  await app.find(".payload .tree");
  await sleep(1500); // read after a second
  for (const tab of ["pretty", "raw", "frame"]) {
    await app.click(`#tab-${tab}`);
    await shots(`detail-${tab}`);
  }
  await app.click("#tab-pretty");
  builds.send({ title: "One more" });
  billing.send({ title: "And another" });
  await app.find(".pill");
  await shots("new-pill");
  await inPage("document.querySelector('.pill')?.click()");
  await app.click(".side .nav-i");
  await openEvent("Deploy finished");
  await app.click(".link-btn");
  await app.find("#overlay[open]");
  await shots("link-question");
  await press(ESCAPE);
  await inPage("[...document.querySelectorAll('.detail .bar .ib[aria-pressed]')].at(-1).click()");
  await app.find(".toast .btn");
  await shots("muted");
  await ask("source_edit", { id, source: { ...prodApi, toast: LOUD } });
  await app.click(".side .nav-i");
  await shots("quiet-menu", SIZES, async () => {
    await inPage("document.querySelector('.show-list .bar.narrow .ib')?.click()");
    await menu("quiet-menu");
  });
  await press(ESCAPE);
  await app.click(".side .nav-i");

  await app.click(".nav-h .ib");
  await app.find("#source-url");
  await shots("add-dialog");
  await app.type("#source-url", "ftp://example.com");
  await app.click(".dlg .btn.primary");
  await app.find(".dlg .wrong");
  await shots("add-dialog-invalid");
  await press(ESCAPE);

  await app.page.executeScript("document.querySelectorAll('.side .nav.scroll .nav-i')[1].click()");
  await app.find(".source-head");
  await shots("source");
  // Without a keychain header values raise a banner, which must not stand over the other states.
  const withHeaders = (headers) =>
    ask("source_edit", { id: second.id, source: { name: "결제 서버", url: billing.url, headers, events: { mode: "all" }, allow_cleartext_secrets: false } });
  await withHeaders([{ name: "X-Api-Key", value: "tok-1" }, { name: "Authorization", value: "Bearer tok-2" }]);
  await app.find(".banner.amber");
  await app.page.executeScript("document.querySelectorAll('.source-head .ib')[1].click()");
  await app.find("#source-name");
  await shots("edit-dialog");
  await app.type("#source-idle-timeout", "soon");
  await app.click(".dlg .btn.primary");
  await app.find("#wrong-idle_timeout");
  await shots("edit-dialog-invalid");
  await app.type("#source-idle-timeout", "300");
  await app.click(".dlg .test");
  await until(async () => (await app.texts(".dlg .steps .done")).length === 5, "the test passes");
  await shots("edit-dialog-tested");
  await press(ESCAPE);
  await app.page.executeScript("document.querySelectorAll('.source-head .ib')[2].click()");
  await app.find(".dlg .danger");
  await shots("remove-dialog");
  await press(ESCAPE);
  await withHeaders([]);
  await until(() => billing.connected === 1, "the source is connected again");

  await app.click(".side .nav-i");
  await inPage("document.querySelector('#nav-settings').click()");
  await app.find("#set-general");
  await shots("settings");
  const at = (section) => () => inPage(`document.querySelector('#set-${section}').scrollIntoView()`);
  const nights = { days: ["mon", "tue", "wed", "thu", "fri"], from: "23:00", to: "07:30" };
  const always = { days: ["sat", "sun", "mon", "tue", "wed", "thu", "fri"], from: "00:00", to: "00:00" };
  await ask("quiet_hours_set", { quiet_hours: { enabled: true, critical_through: true, rows: [nights, always] } });
  await until(async () => (await app.texts(".hours li")).length === 2, "the hours are shown");
  await shots("settings-quiet", SIZES, at("quiet"));
  await ask("quiet_hours_set", { quiet_hours: { enabled: false, critical_through: true, rows: [] } });
  await shots("settings-history", SIZES, at("history"));
  await shots("settings-advanced", SIZES, at("advanced"));
  await app.page.executeScript(
    `const [text] = arguments;
     const file = document.querySelector("#set-import");
     const chosen = new DataTransfer();
     chosen.items.add(new File([text], "settings.json"));
     file.files = chosen.files;
     file.dispatchEvent(new Event("change", { bubbles: true }));`,
    readFileSync(join(dir, "settings.json"), "utf8"),
  );
  await app.find("#import-go");
  await shots("settings-import");
  await press(ESCAPE);
  await inPage("document.querySelector('#set-delete').click()");
  await app.find("#delete-sure");
  await shots("settings-delete");
  await press(ESCAPE);
  await inPage("document.querySelector('#nav-diagnostics').click()");
  await app.find(".diag .facts");
  await shots("diagnostics");
  await choose("#diag-source", "");
  await app.click("#diag-check");
  await sleep(500);
  await shots("diagnostics-app");
  await inPage("document.querySelector('.side .nav-i').click()");

  const sourceIs = { field: "source", op: "is", value: id };
  const rules = [
    { name: "Heartbeats", when: { field: "event", op: "in", value: ["ping", "heartbeat"] }, then: "drop" },
    {
      name: "Errors from prod-api",
      when: { all: [sourceIs, { field: "severity", op: ">", value: "normal" }, { not: { field: "title", op: "contains", value: "flaky" } }] },
      then: "notify", severity: "critical", at_most: { count: 1, seconds: 300, per: "$.host" },
    },
    { name: "새 주문은 낮에만", when: { all: [{ field: "title", op: "contains", value: "주문" }] }, then: "notify", active: { days: ["mon", "tue"], from: "09:00", to: "18:00" } },
    { name: "Long titles", when: { field: "title", op: "matches", value: "^.{60,}$" }, then: "quiet" },
  ];
  await press("gr");
  await app.find("#rules-new");
  await shots("rules-none");
  await ask("rules_set", { ...(await ask("rules_get")), rules });
  await press(ESCAPE);
  await app.find(".rows");
  await press("gr");
  await app.find(".r-pick");
  await shots("rules");
  await shots("rules-templates", SIZES, () => menu("rule-templates"));
  await press(ESCAPE);
  await inPage("document.querySelectorAll('.r-pick')[1].click()");
  await app.find("#rule-name");
  await sleep(500);
  await shots("rules-rule");
  await choose("#rule-then", "quiet");
  await inPage("document.querySelectorAll('.seg-i')[1].click()");
  await app.find(".tag.quiet");
  await shots("rules-changed");
  await choose("#rule-then", "drop");
  await app.click("#rules-save");
  await app.find("#rules-ask[open]");
  await shots("rules-drop");
  await inPage("document.querySelector('#rules-ask .dlg-foot .btn').click()");
  await inPage("document.querySelector('#rule-advanced').click()");
  await app.find("#rule-json");
  await shots("rules-json");
  await press(ESCAPE);
  await app.find("#rules-ask[open]");
  await shots("rules-leave");
  await inPage("document.querySelector('#rules-ask .danger').click()");
  await app.find(".rows");
  await inPage("document.querySelectorAll('.side .nav.scroll .nav-i')[0].click()");
  await app.find(".source-head");
  await inPage("document.querySelectorAll('.source-head .ib')[1].click()");
  await app.find("#source-name");
  await inPage("document.querySelector('dialog .more').open = true");
  await sleep(300);
  await inPage("document.querySelector('#map-open').click()");
  await app.find(".map-sample li");
  await shots("mapping");
  await app.type("#map-title", "{$.title");
  await app.find("#map-title-wrong");
  await shots("mapping-wrong");
  await press(ESCAPE);
  await press(ESCAPE);
  builds.send({ title: "A title of more than sixty letters is kept quiet by the last of these rules" });
  await sleep(1000);
  await inPage("document.querySelectorAll('.side .nav-i')[2].click()");
  await app.find(".row");
  await shots("quieted");
  await ask("rules_set", { ...(await ask("rules_get")), rules: [] });

  // A break is nobody's business for ten seconds: time for the search.
  billing.refuse(503, { "Retry-After": "90" });
  const broken = Date.now();
  await app.page.executeScript("document.querySelectorAll('.side .nav-i')[1].click()");
  const search = async (text) => {
    await app.type("#search", text);
    await sleep(500);
  };
  for (const size of SIZES) {
    await resize(size);
    if (size === NARROW) await app.click(".bar.narrow [aria-expanded]");
    await search("source:");
    await app.find(".suggest li");
    await shots("search-suggestions", [size]);
    await resize(size);
    await search("db");
    await shots("search", [size]);
    await resize(size);
    await search("level:critical source:prod-api db");
    await shots("search-chips", [size]);
    await resize(size);
    await search("db colour:red");
    await shots("search-error", [size]);
    await resize(size);
    await search("nothing like this");
    await shots("search-empty", [size]);
    await search("");
  }
  await press(ESCAPE);

  await app.click(".side .nav-i");
  await sleep(Math.max(0, 11_000 - (Date.now() - broken)));
  await app.find(".banner.amber");
  await shots("reconnecting");
  await app.page.executeScript("document.querySelectorAll('.side .nav.scroll .nav-i')[1].click()");
  await shots("source-reconnecting");
  billing.refuse(0);
  await ask("source_retry", { id: second.id });
  await until(() => billing.connected === 1, "the source is connected again");
  billing.send({ title: "After the outage" });
  await app.find(".outage");
  await shots("outage");
  await app.click(".side .nav-i");

  staging.refuse(401);
  await app.find(".banner.red");
  await shots("stopped");
  await inPage("document.querySelector('#nav-panel').click()");
  await until(async () => /\d/.test((await app.texts(".card-facts dd"))[2]), "the cards show numbers");
  await shots("sources-page");
  await inPage("[...document.querySelectorAll('.card')][2].querySelector('.card-do .btn:nth-last-child(3)').click()");
  await app.find(".frame");
  await shots("diagnosis");
  await inPage("document.querySelectorAll('.bar.flow .btn')[1].click()");
  await app.find(".dlg .steps .bad");
  await shots("test-dialog");
  await press(ESCAPE);
  await inPage("document.querySelectorAll('.bar.flow .btn')[2].click()");
  await app.find("dialog pre");
  await shots("copy-curl");
  await press(ESCAPE);
  await inPage("document.querySelectorAll('.bar.flow .btn')[3].click()");
  await app.find("dialog pre");
  await shots("copy-report");
  await press(ESCAPE);
  await inPage("document.querySelector('.side .nav-i').click()");
  for (const { id } of [second, third]) await ask("source_remove", { id, keep_history: true });
  await until(async () => (await app.texts(".banner")).length === 0, "no banner");
  await ask("preferences_set", { toasts_paused: true });
  await app.find(".banner.quiet");
  await shots("toasts-paused");

  await app.click('[aria-label="Mark all as read"], [aria-label="모두 읽음으로 표시"]');
  await sleep(500);
  await app.click(".side .nav-i");
  await app.find(".list .empty");
  await shots("inbox-empty");
  await ask("source_remove", { id, keep_history: false });
  await until(async () => (await names()).length === 0, "no source is left");
  await shots("no-sources");

  await app.end("SIGTERM");
  writeFileSync(join(dir, "history.db"), "no database");
  app = await App.drive(desktop, dir);
  await app.find(".banner.amber");
  await shots("storage-trouble");
  console.log(`${taken} pictures in target/screenshots`);
} catch (error) {
  console.error(error, `see ${await desktop.shot("e2e-screenshots")}`);
  process.exitCode = 1;
} finally {
  for (const server of servers) await server.end();
  await endAll();
}
