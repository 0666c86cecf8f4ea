// What a person trusts Tidings with: their sources, their secrets, their machine.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { APP, history } from "./app.mjs";
import { claim } from "./claim.mjs";
import { until } from "./processes.mjs";

/** All files below a directory, with their content. */
function files(dir) {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => ({ name: entry.name, text: readFileSync(join(entry.path, entry.name), "latin1") }));
}

/** Every command of Tauri and of its plugins, as the last build listed them. */
function everyCommand() {
  const dir = join(dirname(APP), "build");
  const builds = readdirSync(dir)
    .filter((name) => name.startsWith("tidings-"))
    .map((name) => join(dir, name, "out/acl-manifests.json"))
    .filter((path) => existsSync(path))
    .sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs);
  const plugins = Object.entries(JSON.parse(readFileSync(builds[0], "utf8")));
  return plugins
    .filter(([plugin]) => !plugin.startsWith("__"))
    .flatMap(([plugin, { permissions }]) => {
      const allowed = Object.values(permissions).flatMap(({ commands }) => commands.allow);
      return [...new Set(allowed)].map((command) => `plugin:${plugin.replace("core:", "")}|${command}`);
    });
}

claim("a corrupt settings file never costs a source", async (parts) => {
  const server = await parts.stream();
  writeFileSync(join(parts.dir, "settings.json"), '{"schema": 1, "sour\0\0');

  const app = await parts.drive();

  await until(() => server.connected === 1, "the app connects");
  assert.deepEqual(await app.texts(".side .nav.scroll .name"), ["Builds"]);
  assert.deepEqual(await app.texts(".banner"), []);
  server.send({ title: "Still here" });
  await app.shows(["Still here"]);
});

claim("where both settings files are corrupt the app runs and says where the copies are", async (parts) => {
  const { dir, drive } = parts;
  const server = await parts.stream();
  const before = await drive();
  server.send({ title: "Before" });
  await before.shows(["Before"]);
  await before.end("SIGTERM");
  for (const name of ["settings.json", "settings.bak.json"]) writeFileSync(join(dir, name), `garbage in ${name}`);

  const app = await drive();

  const banner = await (await app.find(".banner")).getText();
  assert.match(banner, /settings could not be read/);
  const copies = readdirSync(dir).filter((name) => readFileSync(join(dir, name), "latin1").startsWith("garbage in"));
  assert.equal(copies.length, 2, "what was there is kept");
  for (const name of copies) assert.ok(banner.includes(name), `${banner} names ${name}`);
  await app.shows(["Before"]);
  await app.click(".nav-h .ib");
  await app.type("#source-url", server.url);
  await app.click(".dlg .btn.primary");
  await until(() => server.connected === 1, "a source that is added anew connects");
});

claim("without a keychain a header's value is kept in a file after consent, and nowhere else", async (parts) => {
  const { desktop, dir, drive } = parts;
  const server = await parts.stream();
  const secret = "tok-5f21c9e0d83b";
  const app = await drive({ TIDINGS_LOG: "debug" });

  await app.click(".nav-h .ib");
  await app.type("#source-url", `${server.url}?second`);
  await app.type("#source-name", "Guarded");
  await app.click(".dlg summary");
  await app.click(".dlg fieldset .btn.ghost");
  await app.type('.header-row input[aria-label="Header name"]', "X-Api-Key");
  await app.type('.header-row input[aria-label="Header value"]', secret);
  await app.click(".dlg .btn.primary");
  await app.find(".source-head");
  assert.match(await (await app.find(".banner")).getText(), /no keychain/);
  const held = () => files(dir).filter(({ text }) => text.includes(secret)).map(({ name }) => name);
  assert.deepEqual(held(), [], "before anybody consents it is in no file");
  await app.click(".banner .btn");
  await until(async () => (await app.texts(".banner")).length === 0, "the banner is gone");
  assert.deepEqual(held(), ["secrets.json"]);
  await until(() => server.asked.some((headers) => headers["x-api-key"] === secret), "the server is sent the header");
  server.send({ title: "Through" });
  await desktop.toast("Through");

  await app.click('.source-head [aria-label="Edit source"]');
  await app.find(".header-row input");
  const fields = await app.page.executeScript(
    "return [...document.querySelectorAll('.header-row input')].map(({ value, placeholder }) => ({ value, placeholder }))",
  );
  assert.deepEqual(fields, [
    { value: "X-Api-Key", placeholder: "Authorization" },
    { value: "", placeholder: "Saved, not shown" },
  ]);
  assert.ok(!(await app.page.getPageSource()).includes(secret), "the page does not hold it");

  // A refusal is told, too, and must not tell the header.
  server.refuse(500);
  await app.find(".source-head .amber, .source-head .red");
  await app.end("SIGTERM");

  const holders = files(dir).filter(({ text }) => text.includes(secret)).map(({ name }) => name);
  assert.deepEqual(holders, ["secrets.json"]);
  assert.equal(statSync(join(dir, "secrets.json")).mode & 0o777, 0o600);
  assert.match(app.stderr, /connection ended/, "there is a log to look at");
  assert.ok(!app.stderr.includes(secret), "the log does not hold it");
});

claim("b69 b70 the page cannot call what it was not given, and what a server sends is only ever text", async (parts) => {
  const { desktop, dir, drive } = parts;
  const server = await parts.stream();
  const app = await drive();
  assert.equal(await app.call("preferences_set", { request: {} }), "done", "its own commands work");
  for (const [command, request] of [
    ["plugin:store|load", { path: join(dir, "secrets.json"), options: {} }],
    ["plugin:store|get", { rid: 0, key: "sources" }],
    ["plugin:store|save", { rid: 0 }],
    ["plugin:fs|read_file", { path: "/etc/passwd" }],
    ["plugin:fs|write_text_file", { path: join(dir, "written"), contents: "x" }],
    ["plugin:shell|open", { path: "https://example.com" }],
    ["plugin:shell|execute", { program: "touch", args: [join(dir, "written")] }],
    ["plugin:opener|open_url", { url: "https://example.com" }],
    ["plugin:opener|open_path", { path: "/etc/passwd" }],
    ["plugin:window-state|restore_state", { label: "main", flags: 1 }],
    ["plugin:window|close", { label: "main" }],
    ["plugin:webview|create_webview_window", { options: { label: "other", url: "https://example.com" } }],
    ["plugin:event|listen", { event: "x", target: { kind: "Any" }, handler: 1 }],
    ["plugin:app|version", {}],
    ["plugin:path|resolve_directory", { directory: 1 }],
  ]) {
    assert.match(await app.call(command, request), /not allowed|not found/, `${command} is refused`);
  }
  for (const [command, request, why] of [
    ["preferences_set", { request: { compact: true, extra: 1 } }, /unknown field `extra`/],
    ["preferences_set", { request: { compact: "yes" } }, /invalid type/],
    ["preferences_set", { request: null }, /invalid type/],
    ["preferences_set", {}, /missing required key request/],
    ["history_get", { request: { row: "1" } }, /invalid type/],
    ["history_get", { request: { row: -1.5 } }, /invalid type/],
    ["source_remove", { request: { id: "../x", keep_history: true } }, /.+/],
  ]) {
    assert.match(await app.call(command, request), why, JSON.stringify([command, request]));
  }
  const path = join(dir, "written");
  const channel = await app.page.executeScript(
    "return `__CHANNEL__:${window.__TAURI_INTERNALS__.transformCallback(() => {})}`",
  );
  for (const [command, request] of [
    ["settings_export", { request: { path } }],
    ["history_export", { request: { format: "csv", select: { limit: 1 }, path }, channel }],
  ]) {
    assert.match(await app.call(command, request), /where a person chose it/, `${command} writes where the dialog said`);
  }
  // Whatever else is in the program, by the names that its own build wrote down.
  const known = everyCommand();
  assert.ok(known.length > 150 && known.includes("plugin:store|clear"), `${known.length} commands`);
  for (const command of known) assert.match(await app.call(command, {}), /not allowed/, `${command} is refused`);
  assert.ok(!existsSync(join(dir, "written")), "nothing was run or written");

  const script = "<script>alert(1)</script>";
  const image = '<img src=x onerror="alert(2)">';
  server.send({ title: `${script} title`, body: `${image} body`, html: script, url: "javascript:alert(3)" });
  await app.shows([`${script} title`]);
  await app.click(".row");
  await app.find(".d-msg");
  assert.deepEqual(await app.texts("#detail-title"), [`${script} title`]);
  assert.deepEqual(await app.texts(".d-msg"), [`${image} body`]);
  for (const tab of ["raw", "frame", "pretty"]) await app.click(`#tab-${tab}`);
  await app.find(".payload .tree");
  assert.equal(await app.page.executeScript("return document.querySelectorAll('.app img, .app script, .app a').length"), 0);
  const toast = await desktop.toast(`${script} title`);
  // The service reads a body as markup: what is shown is what was sent.
  assert.match(toast.body, /^&lt;img src=x onerror=(&quot;|")alert\(2\)(&quot;|")&gt; body/);

  // Nothing leads the window elsewhere, whoever asks.
  const here = await app.page.getCurrentUrl();
  const elsewhere = server.url.replace("127.0.0.1", "tauri.localhost");
  for (const url of [server.url, elsewhere, "https://example.com/", "file:///etc/passwd", "about:blank"]) {
    await app.page.executeScript("location.href = arguments[0]", url);
    assert.equal(await app.page.executeScript("return window.open(arguments[0]) === null", url), true, url);
  }
  await sleep(500);
  assert.equal(await app.page.getCurrentUrl(), here);
  assert.equal((await app.page.getAllWindowHandles()).length, 1);
  assert.equal(server.asked.length, 1, "no address was asked");
  const menu = (selector) => app.page.executeScript(
    "return document.querySelector(arguments[0]).dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true }))",
    selector,
  );
  assert.deepEqual([await menu(".row"), await menu("input")], [false, true], "the browser's menu is for what is typed");

  assert.deepEqual(await app.trouble(), []);
  const injected = await app.page.executeScript(`
    const script = document.createElement("script");
    try { script.textContent = "seen.push('ran')"; document.head.append(script); } catch (error) { return error.name; }
    return "added";
  `);
  await until(async () => (await app.trouble()).some((one) => one.startsWith("blocked")), "a script put into the page is blocked and seen to be");
  assert.ok(!(await app.trouble()).includes("ran"), injected);
  assert.equal((await history(desktop, dir)).length, 1);
  await app.page.executeScript("seen.length = 0");
});
