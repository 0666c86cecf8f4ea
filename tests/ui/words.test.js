// Words: catalogues, causes, times.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { pickBanner, QUIET, remedyFor } from "../../ui/banners.js";
import { ago, clock, dayHeading, rowMoment, rowTime, secondsLeft, sentence, size, span } from "../../ui/format.js";
import { pieces } from "../../ui/highlight.js";
import { resolveLanguage, setLanguage, t } from "../../ui/i18n.js";
import { en, ko } from "../../ui/i18n/catalogues.js";
import { initial } from "../../ui/state.js";

import { foldedWords, lookedWords } from "../../ui/trace.js";
import { errorWords, stateWords } from "../../ui/words.js";
import { source, waitingState } from "./samples.js";

const ui = new URL("../../ui/", import.meta.url);
/** @type {[string, Record<string, string>][]} */
const both = [["en", en], ["ko", ko]];

/** @param {string} type @returns {Promise<string>} what the wire's types say of it */
async function declared(type) {
  const text = await readFile(new URL("wire.d.ts", ui), "utf8");
  const [, body] = text.match(new RegExp(`export type ${type} = ([^]+?);\n\n`)) ?? [];
  assert.ok(body, type);
  return body;
}

/** @param {string} type @returns {Promise<string[]>} the words of a union */
async function union(type) {
  return [...(await declared(type)).matchAll(/"([a-z_]+)"/g)].map(([, word]) => word ?? "");
}

test("both_catalogues_have_the_same_keys_and_placeholders", () => {
  assert.deepEqual(Object.keys(ko).sort(), Object.keys(en).sort());
  /** @type {Record<string, string>} */
  const korean = ko;
  const holes = (/** @type {string} */ text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
  for (const [key, text] of Object.entries(en)) assert.deepEqual(holes(korean[key] ?? ""), holes(text), key);
});

test("no_korean_particle_is_glued_to_a_placeholder", () => {
  for (const [key, text] of Object.entries(ko)) {
    // These change with the sound before them; others, as in `{time}까지`, do not.
    assert.doesNotMatch(text, /\{\w+\}(은|는|이|가|을|를|과|와|으로|로|이나|나|이라|라)(?![가-힣])/, key);
  }
});

test("every_code_and_every_cause_has_words_in_both_languages", async () => {
  for (const [language, catalogue] of both) {
    for (const code of await union("Code")) assert.ok(catalogue[`error.${code}`], `${language} ${code}`);
    for (const code of await union("CauseCode")) {
      assert.ok(catalogue[`cause.${code}`], `${language} ${code}`);
      assert.ok(catalogue[`fix.${code}`], `${language} ${code}`);
    }
    for (const field of await union("OptionField")) assert.ok(catalogue[`option.${field}`], `${language} ${field}`);
    for (const step of await union("StepName")) {
      assert.ok(catalogue[`step.${step}`] && catalogue[`step.${step}.now`], `${language} ${step}`);
    }
    for (const word of await union("Preset")) assert.ok(catalogue[`preset.${word}`], `${language} ${word}`);
    for (const [, kind] of (await declared("Trouble")).matchAll(/"kind": "(\w+)"/g)) {
      assert.ok(catalogue[`trouble.${kind}`] && catalogue[`trouble.${kind}.text`], `${language} ${kind}`);
    }
    for (const word of await union("Delivery")) assert.ok(catalogue[`delivery.${word}`], `${language} ${word}`);
    for (const word of await union("DeliveryCause")) assert.ok(catalogue[`delivery.why.${word}`], `${language} ${word}`);
    for (const word of await union("Reach")) assert.ok(catalogue[`reach.${word}`], `${language} ${word}`);
    for (const word of await union("SecretsAt")) assert.ok(catalogue[`secrets.at.${word}`], `${language} ${word}`);
    for (const word of await union("Theme")) assert.ok(catalogue[`settings.theme.${word}.text`], `${language} ${word}`);
    for (const word of await union("Severity")) assert.ok(catalogue[`severity.${word}`], `${language} ${word}`);
  }
});

test("every_key_the_window_names_exists_and_none_is_left_over", async () => {
  const files = (await readdir(ui, { recursive: true })).filter((name) => /^(view\/)?[\w-]+\.js$/.test(name));
  const code = (await Promise.all(files.map((name) => readFile(new URL(name, ui), "utf8")))).join("\n");
  const named = new Set([...code.matchAll(/"([a-z]+(?:\.[a-z_]+)+)"/g)].map(([, key]) => key ?? ""));
  const families = [...code.matchAll(/t\(`([a-z]+\.)?(?:[a-z_]+\.)?\$\{/g)].map(([, family]) => family ?? "");
  // The words of tray and toasts are the shell's; its own test asks for them.
  families.push("remove.", "tray.", "toast.");
  const bare = (/** @type {string} */ key) => key.replace(/\.(one|other)$/, "");
  for (const [, catalogue] of both) {
    const keys = new Set(Object.keys(catalogue).map(bare));
    const missing = [...named].filter((key) => !keys.has(key) && !/\.(js|css|com)$/.test(key));
    const unused = [...keys].filter((key) => !named.has(key) && !families.some((family) => family !== "" && key.startsWith(family)));
    assert.deepEqual({ missing, unused }, { missing: [], unused: [] });
  }
});

test("the_system_language_is_spoken_where_there_are_words", () => {
  assert.equal(resolveLanguage("system", "ko-KR"), "ko");
  assert.equal(resolveLanguage("system", "kok-IN"), "en");
  assert.equal(resolveLanguage("system", "fr"), "en");
  assert.equal(resolveLanguage("en", "ko"), "en");
});

test("counts_take_the_form_of_the_language", () => {
  setLanguage("en");
  assert.equal(t("announce.rows", { count: 1 }), "1 new event");
  assert.equal(t("announce.rows", { count: 1200 }), "1,200 new events");
  setLanguage("ko");
  assert.equal(t("announce.rows", { count: 1 }), "새 이벤트 1개");
});

test("a_value_with_braces_or_dollars_is_written_as_it_is", () => {
  setLanguage("en");
  assert.equal(t("empty.search", { query: "$& {query}" }), "No event matches “$& {query}”");
});

test("times_are_written_as_the_language_does", () => {
  const now = new Date(2025, 10, 23, 14, 5, 0).getTime();
  const at = new Date(2025, 10, 23, 14, 2, 0).getTime();
  const before = new Date(2025, 10, 22, 9, 0, 0).getTime();
  const old = new Date(2024, 2, 3, 9, 0, 0).getTime();

  setLanguage("en");
  assert.equal(clock(new Date(2025, 10, 23, 0, 7).getTime()), "00:07");
  assert.equal(rowTime(at, now), "14:02");
  assert.equal(rowTime(before, now), "Nov 22");
  assert.match(rowTime(old, now), /2024/);
  assert.equal(rowMoment(at, now), "14:02");
  assert.equal(rowMoment(before, now), "Sat 09:00");
  assert.equal(rowMoment(now + 6 * 86_400_000, now), "Sat 14:05");
  assert.equal(rowMoment(now + 7 * 86_400_000, now), "Nov 30 14:05");
  assert.equal(dayHeading(at, now), "Today");
  assert.equal(dayHeading(before, now), "Yesterday");
  assert.equal(ago(at, now), "3 min. ago");
  assert.equal(ago(now + 5000, now), "just now");
  assert.equal(span(47 * 60_000), "47 min");
  assert.equal(size(1400), "1.4 kB");
  setLanguage("ko");
  assert.equal(rowTime(at, now), "14:02");
  assert.equal(rowTime(before, now), "11월 22일");
  assert.equal(dayHeading(before, now), "어제");
  assert.equal(ago(at, now), "3분 전");
});

test("a_countdown_never_shows_less_than_nothing", () => {
  assert.equal(secondsLeft(8000, 0), 8);
  assert.equal(secondsLeft(8000, 7001), 1);
  assert.equal(secondsLeft(8000, 9000), 0);
});

test("english_shows_the_sentence_of_the_core_and_korean_its_own", () => {
  const error = { code: /** @type {const} */ ("invalid_url"), message: "the URL is empty; write one", detail: null, range: null, field: null };

  setLanguage("en");
  assert.equal(errorWords(error), "The URL is empty; write one.");
  assert.equal(sentence(""), "");
  setLanguage("ko");
  assert.equal(errorWords(error), ko["error.invalid_url"]);
});

test("what_the_core_marked_is_marked", () => {
  assert.deepEqual(pieces("Deploy failed", [[0, 3], [7, 11], [9, 10], [40, 50]]), [
    { text: "Dep", hit: true },
    { text: "loy ", hit: false },
    { text: "fail", hit: true },
    { text: "ed", hit: false },
  ]);
  assert.deepEqual(pieces("ab", []), [{ text: "ab", hit: false }]);
});

const state = { ...initial, phase: /** @type {const} */ ("ready"), now: 20_000 };
const stopped = source("a", { state: { state: "stopped", since: 0, cause: { code: "unauthorized", message: "", status: 401 } } });
const retrying = source("b", { state: waitingState(28_000) });

test("a_short_reconnect_is_nobodys_business", () => {
  setLanguage("en");
  const since = (/** @type {number} */ at) => pickBanner({ ...state, sources: [retrying], troubled: { b: at } });

  assert.equal(since(20_000 - QUIET + 1), null);
  assert.match(since(20_000 - QUIET)?.text ?? "", /8 s/);
});

test("the_most_severe_state_has_the_one_banner", () => {
  setLanguage("en");
  const all = {
    ...state,
    sources: [retrying, stopped],
    troubled: { b: 0 },
    troubles: [{ kind: /** @type {const} */ ("history_unavailable"), message: "" }],
    preferences: { ...state.preferences, toasts_paused: true },
  };

  assert.equal(pickBanner(all)?.title, en["trouble.history_unavailable"]);
  assert.match(pickBanner({ ...all, troubles: [] })?.title ?? "", /Credentials refused \(401\)/);
  assert.match(pickBanner({ ...all, troubles: [], sources: [retrying] })?.title ?? "", /reconnecting/);
  assert.equal(pickBanner({ ...all, troubles: [], sources: [] })?.title, en["banner.paused"]);
  assert.equal(pickBanner(state), null);
});

test("no_stopped_source_hides_that_events_are_not_kept", () => {
  for (const trouble of /** @type {import("../../ui/wire.d.ts").Trouble[]} */ ([
    { kind: "disk_full" },
    { kind: "history_in_memory", message: "" },
    { kind: "history_damaged", message: "" },
    { kind: "history_read_only", message: "" },
    { kind: "history_protected", message: "" },
  ])) {
    assert.equal(pickBanner({ ...state, sources: [stopped], troubles: [{ kind: "settings_read_only" }, trouble] })?.title, t(`trouble.${trouble.kind}`));
  }
});

test("a_page_tells_of_every_source_though_the_list_shows_one", () => {
  const here = { ...state, sources: [source("b"), stopped], view: /** @type {const} */ ({ kind: "source", id: "b" }) };
  const connections = { ...state.connections, panel: /** @type {const} */ ({ kind: "rules" }) };

  assert.equal(pickBanner(here), null);
  assert.equal(pickBanner({ ...here, connections })?.tone, "red");
});

test("a_red_banner_always_has_the_button_that_helps", async () => {
  for (const code of /** @type {import("../../ui/wire.d.ts").CauseCode[]} */ (await union("CauseCode"))) {
    const one = source("a", { state: { state: "stopped", since: 0, cause: { code, message: "", status: null } } });
    assert.ok(pickBanner({ ...state, sources: [one] })?.remedy, code);
    assert.ok(remedyFor(code));
  }
});

test("the_state_of_a_source_is_a_sentence", () => {
  setLanguage("en");
  assert.equal(stateWords(retrying, 20_000), "Next try in 8 s · Connection lost");
  assert.equal(stateWords(stopped, 0), "Stopped · Credentials refused (401)");
  assert.equal(stateWords(source("a"), 0), "Waiting for the first event");
  assert.equal(stateWords(source("a", { last_event_at: 1 }), 3_600_000), "Live for 1 hr");
  assert.equal(stateWords(source("a", { last_event_at: 1, silent_since: 1 }), 3_600_001), "Silent for 1 hr");
});

test("a_trace_says_what_was_looked_at_and_what_was_there", () => {
  setLanguage("en");
  assert.equal(lookedWords({ field: "$.level", op: "is", value: "error", seen: "error" }, []), "$.level = error");
  assert.equal(lookedWords({ field: "$.level", op: "is", value: "error", seen: "error", negated: true }, []), "$.level ≠ error");
  const starts = /** @type {const} */ ({ field: "event", op: "starts_with", value: "pi", negated: true });
  assert.equal(lookedWords(starts, [], true), "event type does not start with “pi” (nothing there)");
  assert.equal(lookedWords({ field: "tags", op: "in", value: "a, b", negated: true }, []), "a tag is none of (a, b)");
  setLanguage("ko");
  assert.equal(lookedWords(starts, [], true), "이벤트 유형이 “pi” 문구로 시작하지 않는 경우 (값 없음)");
  setLanguage("en");
  assert.match(foldedWords({ because: "limit", count: 3, seconds: 60, key: "web-3" }), /more than 3 in 60 seconds for web-3/);
});
