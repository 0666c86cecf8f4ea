// What holds for the files of the window.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { differences } from "./vendor.mjs";

const ui = new URL("../../ui/", import.meta.url);

/** @param {RegExp} name @returns {Promise<[string, string][]>} own files and their text */
async function files(name) {
  const all = await readdir(ui, { recursive: true });
  const own = all.filter((path) => !path.startsWith("vendor") && name.test(path));
  return Promise.all(own.map(async (path) => /** @type {[string, string]} */ ([path, await readFile(new URL(path, ui), "utf8")])));
}

test("what_is_vendored_is_byte_for_byte_what_was_published", async () => {
  assert.deepEqual(await differences(), []);
});

test("only_backend_knows_tauri", async () => {
  const knowing = (await files(/\.js$/)).filter(([, text]) => /vendor\/tauri|__TAURI/.test(text));

  assert.deepEqual(knowing.map(([path]) => path), ["backend.js"]);
});

test("nothing_writes_markup_or_runs_text", async () => {
  for (const [path, text] of await files(/\.(js|html)$/)) {
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|unsafeHTML|eval\(|new Function/, path);
    assert.doesNotMatch(text, /\sstyle=|styleMap/, path);
  }
});

test("every_module_says_what_it_holds_and_stays_readable", async () => {
  for (const [path, text] of await files(/\.js$/)) {
    assert.match(text, /^\/\/ \S/, path);
    // What is written by a script is not read.
    if (!text.startsWith("// Written by ")) assert.ok(text.split("\n").length <= 500, path);
  }
});

test("both_dark_blocks_of_the_tokens_are_the_same", async () => {
  const text = await readFile(new URL("tokens.css", ui), "utf8");
  const block = (/** @type {RegExp} */ start) => {
    const [, body = ""] = text.match(start) ?? [];
    return body.split("\n").map((line) => line.trim()).filter(Boolean);
  };
  const chosen = block(/\[data-theme="dark"\] \{([^}]+)\}/);
  const system = block(/:root:not\(\[data-theme\]\) \{([^}]+)\}/);

  assert.ok(chosen.length > 5);
  assert.deepEqual(system, chosen);
});
