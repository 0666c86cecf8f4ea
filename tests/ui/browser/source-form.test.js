// The form of a source: pasted commands, mistakes, options, and what is stored and never shown.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { browser, calls, core, lastCall, until } from "./window.js";

/** @import { Page } from "playwright-core" */

const open = await browser(after);
const PLAIN = {
  method: "GET", body: null, resume_query: null, idle_timeout_s: null, silence_after_s: null, max_event_bytes: 1_048_576,
  dedupe: "auto", ca_cert: null, client_cert: null, client_key: null, proxy: null,
};
/** What a form says that leaves reading and toasts alone. */
const AS_THEY_COME = { mapping: {}, toast: { privacy: false, max_urgency: "critical", sound: true, loudness: "rules" } };
const CURL = "curl -N 'https://api.example.com/v1/stream' \\\n  -X POST \\\n  -H 'Authorization: Bearer hush' \\\n  -d '{\"topic\":\"all\"}' -k";

/** @param {Page} page @param {string} selector @param {string} text */
async function paste(page, selector, text) {
  await page.focus(selector);
  await page.evaluate((pasted) => {
    const data = new DataTransfer();
    data.setData("text/plain", pasted);
    document.activeElement?.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);
}

test("a_pasted_command_fills_in_url_method_body_and_headers", async (context) => {
  const page = await open(context, "?empty");

  await paste(page, "#first-url", CURL);
  await page.locator(".note", { hasText: "Taken over from the curl command" }).waitFor();
  await page.locator(".note.amber", { hasText: "certificates are always checked" }).waitFor();
  assert.equal(await page.inputValue("#first-url"), "https://api.example.com/v1/stream");
  await page.press("#first-url", "Enter");
  await page.locator(".steps").waitFor();
  await core(page, (fake) => fake.pass());
  await until(page, async () => (await lastCall(page, "source_add")) !== undefined);
  const added = await lastCall(page, "source_add");
  assert.deepEqual(added, {
    name: "",
    url: "https://api.example.com/v1/stream",
    headers: [{ name: "Authorization", value: "Bearer hush" }],
    events: { mode: "all" },
    allow_cleartext_secrets: false,
    options: { ...PLAIN, method: "POST", body: '{"topic":"all"}' },
    ...AS_THEY_COME,
  });
  assert.equal(await page.getByText("hush").count(), 0);
});

test("a_command_that_cannot_be_read_says_so_at_the_url", async (context) => {
  const page = await open(context);

  await page.click("[aria-label='Add source']");
  await paste(page, "#source-url", "curl -H 'oops");
  await page.locator("#wrong-url, .wrong", { hasText: "quote in the command never ends" }).waitFor();
  await page.fill("#source-url", "");
  await paste(page, "#source-url", CURL);
  await page.locator("details[open] #source-body").waitFor();
  assert.equal(await page.inputValue("#source-method"), "POST");
  assert.equal(await page.inputValue("[aria-label='Header name']"), "Authorization");
});

test("a_source_is_added_after_its_mistakes_are_mended", async (context) => {
  const page = await open(context);

  await page.click("[aria-label='Add source']");
  await page.locator("#source-url:focus").waitFor();
  await page.fill("#source-url", "http://example.com/events");
  await page.fill("#source-name", "billing");
  await page.click("dialog [type=submit]");
  await page.locator("#wrong-name").waitFor();
  assert.equal(await page.locator(".consent").count(), 0);
  await page.fill("#source-name", "weather");
  await page.click("summary");
  await page.click("text=Add header");
  await page.fill("[aria-label='Header name']", "Authorization");
  await page.fill("[aria-label='Header value']", "Bearer hush");
  await page.click("text=Only these");
  await page.fill("dialog textarea.types", "storm, rain\nsnow,, storm");
  await page.click("dialog [type=submit]");
  await page.locator(".consent").waitFor();
  await page.check(".consent input");
  await page.click("dialog [type=submit]");
  await page.locator(".source-head", { hasText: "weather" }).waitFor();

  assert.deepEqual(await lastCall(page, "source_add"), {
    name: "weather",
    url: "http://example.com/events",
    headers: [{ name: "Authorization", value: "Bearer hush" }],
    events: { mode: "only", types: ["storm", "rain", "snow"] },
    allow_cleartext_secrets: true,
    options: PLAIN,
    ...AS_THEY_COME,
  });
});

test("every_option_goes_in_and_comes_back_for_editing", async (context) => {
  const page = await open(context);
  await page.click("[aria-label='Add source']");
  await page.fill("#source-url", "https://example.com/events");
  await page.selectOption("#source-auth", "basic");
  await page.fill("[aria-label='User']", "sy");
  await page.fill("[aria-label='Password']", "비밀");
  await page.click("summary");

  await page.selectOption("#source-method", "REPORT");
  await page.fill("#source-body", "{}");
  await page.fill("#source-resume-query", "since");
  await page.fill("#source-idle-timeout", "45.5");
  await page.fill("#source-silence-after", "10");
  await page.fill("#source-max-event-bytes", "64");
  await page.selectOption("#source-dedupe", "never");
  await page.fill("#source-ca-cert", "/etc/ca.pem");
  await page.fill("#source-client-cert", "/etc/me.pem");
  await page.fill("#source-client-key", "/etc/me.key");
  await page.fill("#source-proxy", "http://proxy:3128/");
  await page.selectOption("#source-preset", "ntfy");
  await page.check("[name=privacy]");
  await page.uncheck("[name=sound]");
  await page.selectOption("#source-max_urgency", "high");
  await page.click("dialog [type=submit]");
  await page.locator(".source-head", { hasText: "example.com" }).waitFor();

  const options = {
    method: "REPORT", body: "{}", resume_query: "since", idle_timeout_s: 45.5, silence_after_s: 600, max_event_bytes: 65_536,
    dedupe: "never", ca_cert: "/etc/ca.pem", client_cert: "/etc/me.pem", client_key: "/etc/me.key", proxy: "http://proxy:3128/",
  };
  const added = await lastCall(page, "source_add");
  const toast = { privacy: true, max_urgency: "high", sound: false, loudness: "rules" };
  assert.deepEqual(added.options, options);
  assert.deepEqual([added.mapping, added.toast], [{ preset: "ntfy" }, toast]);
  assert.deepEqual(added.headers, [{ name: "Authorization", value: `Basic ${Buffer.from("sy:비밀").toString("base64")}` }]);
  await page.click("[aria-label='Edit source']");
  await page.locator("details[open]").waitFor();
  await page.fill("#source-name", "renamed");
  await page.click("dialog [type=submit]");
  await page.locator(".source-head", { hasText: "renamed" }).waitFor();
  const { source } = await lastCall(page, "source_edit");
  assert.deepEqual(source.options, options);
  assert.deepEqual([source.mapping, source.toast], [{ preset: "ntfy" }, toast]);
  assert.deepEqual(source.headers, [{ name: "Authorization", value: null }]);
});

test("options_changed_faster_than_the_window_draws_all_count", async (context) => {
  const page = await open(context);
  await page.click("[aria-label='Add source']");
  await page.fill("#source-url", "https://example.com/events");
  await page.click("summary");

  await page.evaluate(() => {
    const one = (/** @type {string} */ selector) => /** @type {HTMLInputElement & HTMLSelectElement} */ (document.querySelector(selector));
    one("[name=privacy]").click();
    one("[name=sound]").click();
    for (const [selector, value] of /** @type {const} */ ([["#source-max_urgency", "high"], ["#source-dedupe", "never"], ["#source-preset", "ci"]])) {
      one(selector).value = value;
      one(selector).dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  await page.click("dialog [type=submit]");
  await page.locator(".source-head", { hasText: "example.com" }).waitFor();

  const { toast, mapping, options } = await lastCall(page, "source_add");
  assert.deepEqual(toast, { privacy: true, max_urgency: "high", sound: false, loudness: "rules" });
  assert.deepEqual([mapping, options.dedupe], [{ preset: "ci" }, "never"]);
});

test("a_bad_option_is_told_at_its_field_even_where_it_was_folded_away", async (context) => {
  const page = await open(context);
  await page.click("[aria-label='Add source']");
  await page.fill("#source-url", "https://example.com/events");
  await page.click("summary");
  await page.fill("#source-idle-timeout", "soon");
  await page.click("summary");

  await page.click("dialog [type=submit]");
  await page.locator("#wrong-idle_timeout", { hasText: "between 0.1 seconds and one day" }).waitFor();
  assert.equal(await page.getAttribute("#source-idle-timeout", "aria-invalid"), "true");
  assert.equal(await lastCall(page, "source_add"), undefined);
  await page.fill("#source-idle-timeout", "30");
  await core(page, (fake) => fake.refuse("source_add", "invalid_option", "/x cannot be read", "ca_cert"));
  await page.click("dialog [type=submit]");
  await page.locator("#wrong-ca_cert", { hasText: "/x cannot be read" }).waitFor();
});

test("a_type_of_the_history_is_one_click_away", async (context) => {
  const page = await open(context);

  await page.click(".nav.scroll .nav-i >> nth=0");
  await page.click("[aria-label='Edit source']");
  await page.click(".chip >> text=deploy");
  assert.equal(await page.inputValue("dialog textarea.types"), "ping, debug, deploy");
  await until(page, async () => (await page.locator(".chip").count()) === 1);
});

test("a_connection_is_tested_from_the_form_with_what_stands_there", async (context) => {
  const page = await open(context);
  await page.click(".nav.scroll .nav-i >> nth=0");
  await page.click("[aria-label='Edit source']");
  await page.fill("#source-url", "https://api.acme.dev/v2/events");

  await page.click("text=Test connection");
  await page.locator("dialog .steps .now").waitFor();
  await core(page, (fake) => fake.steps([{}, { step: "connect" }, { step: "tls", ok: false, cause: "tls", detail: "the certificate has expired" }]));
  await page.locator("dialog .steps .bad", { hasText: /No secure connection.*The certificate has expired/s }).waitFor();
  const asked = await lastCall(page, "source_probe");
  assert.equal(asked.source.url, "https://api.acme.dev/v2/events");
  assert.deepEqual(asked.source.headers, [{ name: "Authorization", value: null }]);
  assert.ok(asked.id);
  await page.fill("#source-url", "https://api.acme.dev/v3/events");
  await until(page, async () => (await page.locator("dialog .steps").count()) === 0);
  await page.click("text=Test connection");
  await page.locator("dialog .steps").waitFor();
  await page.keyboard.press("Escape");
  await until(page, async () => (await calls(page)).some(({ command }) => command === "source_probe_end"));
  assert.equal(await lastCall(page, "source_edit"), undefined);
});

test("editing_keeps_a_stored_value_that_was_never_shown", async (context) => {
  const page = await open(context);

  await page.click(".nav.scroll .nav-i >> nth=0");
  await page.click("[aria-label='Edit source']");
  await page.locator("dialog[open]").waitFor();
  assert.equal(await page.inputValue("[aria-label='Header value']"), "");
  assert.equal(await page.getAttribute("[aria-label='Header value']", "placeholder"), "Saved, not shown");
  await page.fill("#source-name", "shop");
  await page.press("#source-name", "Enter");
  await page.locator(".source-head", { hasText: "shop" }).waitFor();

  const { source } = await lastCall(page, "source_edit");
  assert.deepEqual(source.headers, [{ name: "Authorization", value: null }]);
  assert.deepEqual(source.events, { mode: "not", types: ["ping", "debug"] });
  await until(page, async () => (await page.locator("dialog[open]").count()) === 0);
});

test("a_renamed_header_asks_for_its_value_again", async (context) => {
  const page = await open(context);

  await page.click(".nav.scroll .nav-i >> nth=0");
  await page.click("[aria-label='Edit source']");
  await page.fill("[aria-label='Header name']", "X-Token");
  await page.locator("[aria-label='Header value'][placeholder='Value']").waitFor();
});
