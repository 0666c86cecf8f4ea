// What the window may do, as it is configured: exact copies, so that a change is seen.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const read = (/** @type {string} */ path) => readFile(new URL(path, root), "utf8");

test("the_window_may_call_its_own_commands_and_nothing_else", async () => {
  const capability = JSON.parse(await read("src-tauri/capabilities/main.json"));
  const [, list = ""] = (await read("src-tauri/build.rs")).match(/COMMANDS: &\[&str\] = &\[([^\]]+)\]/) ?? [];
  const commands = [...list.matchAll(/"(\w+)"/g)].map(([, name = ""]) => name);
  const [, handler = ""] = (await read("src-tauri/src/app.rs")).match(/generate_handler!\[([^\]]+)\]/) ?? [];
  const handled = [...handler.matchAll(/commands::(?:\w+::)?(\w+)/g)].map(([, name]) => name);

  assert.ok(commands.length > 10);
  assert.deepEqual(handled.sort(), commands.sort());
  assert.deepEqual(
    capability.permissions.sort(),
    commands.map((name) => `allow-${name.replaceAll("_", "-")}`).sort(),
  );
  assert.deepEqual(Object.keys(capability).sort(), ["$schema", "description", "identifier", "local", "permissions", "windows"]);
  assert.deepEqual([capability.windows, capability.local], [["main"], true]);
});

test("the_page_runs_nothing_and_reaches_nothing_that_is_not_part_of_the_app", async () => {
  const { app, build } = JSON.parse(await read("tauri.conf.json"));

  assert.deepEqual(app.security, {
    csp: {
      "default-src": "'none'",
      "script-src": "'self'",
      "style-src": "'self'",
      "img-src": "'self'",
      "font-src": "'self'",
      "connect-src": "ipc: http://ipc.localhost",
      "base-uri": "'none'",
      "form-action": "'none'",
      "object-src": "'none'",
      "frame-src": "'none'",
      "require-trusted-types-for": "'script'",
      "trusted-types": "lit-html",
    },
    headers: {
      "X-Content-Type-Options": "nosniff",
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Resource-Policy": "same-origin",
      "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    },
    freezePrototype: true,
    assetProtocol: { enable: false },
    capabilities: ["main"],
  });
  assert.deepEqual([app.windows, app.withGlobalTauri, build], [[], false, { frontendDist: "ui" }]);
});

test("a_release_has_no_developer_tools_and_no_updater", async () => {
  const manifest = await read("Cargo.toml");

  assert.doesNotMatch(manifest, /devtools|tauri-plugin-(updater|shell|fs|http|process|notification)/);
});

test("a_window_that_is_opened_or_led_elsewhere_is_refused", async () => {
  const code = await read("src-tauri/src/window.rs");

  for (const guard of [".on_navigation(is_our_own)", "NewWindowResponse::Deny", ".disable_drag_drop_handler()"]) {
    assert.ok(code.includes(guard), guard);
  }
});
