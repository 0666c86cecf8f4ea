// The fake core answers as the real one was recorded to answer.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { register } from "node:module";
import { test } from "node:test";

const recorded = JSON.parse(await readFile(new URL("recorded.json", import.meta.url), "utf8"));
Object.assign(globalThis, { location: { search: "" } });
// In the page, the modules of the window and those that stand in for some lie at the root.
const [ui, here] = [new URL("../../ui", import.meta.url).href, new URL(".", import.meta.url).href.slice(0, -1)];
const hook = `export const resolve = (name, context, next) =>
  next(name.startsWith("/fake-") ? "${here}" + name : name.startsWith("/") ? "${ui}" + name : name, context);`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
const { backend } = await import("./fake-backend.js");

/** @type {import("../../ui/wire.d.ts").PageRequest} */
const ask = { source: null, before: null, after: null, at: null, unread: false, quiet: false, pinned: false, query: null, limit: 10 };

/** The fields of a value and what kind each is, to any depth. @param {unknown} value @returns {unknown} */
function shape(value) {
  if (Array.isArray(value)) return value.length === 0 ? "list" : [shape(value[0])];
  if (value === null || typeof value !== "object") return typeof value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, shape(one)]));
}

/** Every field of the one is a field of the other, of the same kind unless one of them is nothing. @param {unknown} fake @param {unknown} real @param {string} path */
function same(fake, real, path) {
  if (fake === null || real === null || fake === undefined) return;
  if (Array.isArray(fake) && Array.isArray(real)) {
    if (fake.length > 0 && real.length > 0) same(fake[0], real[0], `${path}[0]`);
    return;
  }
  assert.equal(typeof shape(fake), typeof shape(real), path);
  if (typeof fake !== "object" || typeof real !== "object") return assert.equal(typeof fake, typeof real, path);
  const [a, b] = [/** @type {Record<string, unknown>} */ (fake), /** @type {Record<string, unknown>} */ (real)];
  // Two of several kinds have fields of their own.
  if (["state", "kind", "mode"].some((tag) => typeof a[tag] === "string" && a[tag] !== b[tag])) return;
  assert.deepEqual(Object.keys(a).sort(), Object.keys(b).sort(), path);
  for (const key of Object.keys(b)) same(a[key], b[key], `${path}.${key}`);
}

test("the_fake_core_answers_with_the_fields_of_the_real_one", async () => {
  const snapshot = await backend.attach(() => {});
  const [first] = snapshot.page.rows;
  assert.ok(first);
  const refused = await backend.historyPage({ ...ask, query: "deploy colour:red" }).catch((error) => error);

  same(snapshot, recorded.attach, "attach");
  same(await backend.historyPage({ ...ask, query: "deploy" }), recorded.history_page, "history_page");
  same(refused, recorded.history_page_refused, "history_page_refused");
  assert.equal(refused.code, recorded.history_page_refused.code);
  assert.deepEqual(refused.range, recorded.history_page_refused.range);
  same(await backend.historyGet(first.row), recorded.history_get, "history_get");
  same(await backend.historyDelete([first.row]), recorded.history_delete, "history_delete");
});

test("the_fake_core_speaks_of_rules_and_mappings_as_the_real_one_does", async () => {
  const { sources, page } = await backend.attach(() => {});
  const [first] = page.rows;
  const [source] = sources;
  assert.ok(first && source);
  /** @type {import("../../ui/wire.d.ts").Rule[]} */
  const rules = [{ id: crypto.randomUUID(), name: "deploys", enabled: true, when: { field: "event", op: "is", value: "deploy" }, then: "quiet" }];
  const saved = await backend.rulesSet({ generation: (await backend.rulesGet()).generation, rules });
  const pattern = [{ ...rules[0], name: "brackets", when: { any: [{ not: { field: "title", op: "matches", value: "(" } }] } }];
  const unreadable = await backend.rulesPreview({ rules: /** @type {any} */ (pattern), last: 10 }).catch((error) => error);
  const mapping = (/** @type {string} */ title) => backend.mappingPreview({ source: source.id, mapping: { title }, last: 5 });
  const unmappable = await mapping("{$.title").catch((error) => error);

  same(saved, recorded.rules_get, "rules_get");
  same(await backend.rulesPreview({ rules: [], last: 1000 }), { ...recorded.rules_preview, rules: [] }, "rules_preview");
  same(await backend.rulesPreview({ rules, last: 1000, rule: rules[0]?.id ?? "" }), recorded.rules_preview, "rules_preview");
  same(unreadable, recorded.rules_preview_refused, "rules_preview_refused");
  assert.deepEqual([unreadable.code, unreadable.place], [recorded.rules_preview_refused.code, recorded.rules_preview_refused.place]);
  same(await backend.ruleHits(), recorded.rule_hits, "rule_hits");
  same(await backend.ruleDraft({ row: first.row, then: "quiet" }), recorded.rule_draft, "rule_draft");
  same(await mapping("{event}"), recorded.mapping_preview, "mapping_preview");
  same(unmappable, recorded.mapping_preview_refused, "mapping_preview_refused");
  assert.deepEqual([unmappable.code, unmappable.place], [recorded.mapping_preview_refused.code, recorded.mapping_preview_refused.place]);
  same(await backend.eventTypes(source.id), recorded.event_types, "event_types");
  same(await backend.fieldsSeen(null), recorded.fields_seen, "fields_seen");
});

test("the_fake_core_tells_of_connections_settings_and_changes_as_the_real_one_does", async () => {
  /** @type {Map<string, unknown>} */
  const told = new Map();
  const { sources, page } = await backend.attach((updates) => {
    for (const update of updates) if (!told.has(update.kind)) told.set(update.kind, update);
  });
  const [first] = page.rows;
  const [source] = sources;
  assert.ok(first && source);
  const { name, url, events, options } = source;
  const input = { name, url, headers: [], events, allow_cleartext_secrets: false, options };
  /** @type {import("../../ui/wire.d.ts").Step[]} */
  const steps = [];
  const probe = backend.sourceProbe({ id: null, source: { ...input, name: "another" }, patience_ms: 1000 }, (step) => steps.push(step));
  await new Promise((resolve) => setTimeout(resolve, 20));
  const { fake } = /** @type {{ fake: import("./fake-backend.js").Fake }} */ (/** @type {unknown} */ (globalThis));
  fake.steps([{ step: "resolve" }, { step: "connect", ok: false, cause: "refused", fix: "x" }]);
  await probe;
  const exported = backend.historyExport({ format: "jsonl", select: ask, path: null }, () => {});
  await new Promise((resolve) => setTimeout(resolve, 20));
  fake.exportGoesOn({ done: true });
  await backend.historyMarkRead({ rows: [first.row], source: null, read: !first.read });
  await backend.historyPin([first.row], true);
  const { undo } = await backend.historyDelete([first.row]);
  await backend.historyUndo(undo ?? 0);
  await new Promise((resolve) => setTimeout(resolve, 100));

  same(await backend.sourcePulses(), recorded.source_pulses, "source_pulses");
  same(await backend.sourceActivity(), recorded.source_activity, "source_activity");
  same(await backend.pulse(), recorded.pulse, "pulse");
  same(await backend.sourceDiagnosis(source.id), recorded.source_diagnosis, "source_diagnosis");
  for (const at of [0, 1]) same(steps[at], recorded.source_probe[at], `source_probe[${at}]`);
  same(await backend.settingsImport({ text: "{}", apply: false }), recorded.settings_import, "settings_import");
  same(await exported, recorded.history_export, "history_export");
  same(await backend.historyFigures(), recorded.history_figures, "history_figures");
  same(await backend.about(), recorded.about, "about");
  for (const [kind, update] of Object.entries(recorded.updates)) same(told.get(kind) ?? {}, update, `updates.${kind}`);
});
