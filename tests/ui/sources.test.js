// The form of a source and what is known of its connection: the pure parts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, hasPassed, isStream, mayEncrypt, noConnections, plannedSteps, shownFrames } from "../../ui/connections.js";
import { age, duration } from "../../ui/format.js";
import { setLanguage } from "../../ui/i18n.js";
import { DEFAULTS, fieldOf, fieldsOf, inputOf, isAdvanced, isCommand, withCommand } from "../../ui/source-form.js";
import { errorWords, testFixWords } from "../../ui/words.js";
import { source } from "./samples.js";

/** @import { Diagnosis, FrameKind, RawFrame, Step, StepName } from "../../ui/wire.d.ts" */

/** @param {StepName} name @param {Partial<Step>} [change] @returns {Step} */
const step = (name, change) => ({ step: name, ok: true, ms: 1, detail: "", address: null, fix: null, cause: null, ...change });

/** @param {FrameKind} kind @param {string} data @param {string | null} [event] @returns {RawFrame} */
const frame = (kind, data, event = null) => ({ at: 0, kind, event, id: null, retry_ms: null, size: data.length, data });

/** @param {RawFrame[]} frames @returns {Diagnosis} */
const seen = (frames) => ({
  timeline: [], frames, attempts: 1, bytes: 0, events: 0, truncated: 0, duplicates: 0, longest_silence_ms: 0, patience_ms: null, retry_ms: null,
});

test("a_source_that_is_opened_and_saved_stays_as_it_was", () => {
  const options = {
    ...DEFAULTS, method: "POST", body: " {}\n", resume_query: "since", idle_timeout_s: 0.25, silence_after_s: 90, max_event_bytes: 4097,
    dedupe: /** @type {const} */ ("always"), ca_cert: "/a b/ca.pem", client_cert: "/c", client_key: "/k", proxy: "socks5://h:1/",
  };
  const mapping = { preset: /** @type {const} */ ("ntfy"), title: "{$.headline}" };
  const toast = { privacy: true, max_urgency: /** @type {const} */ ("high"), sound: false, loudness: /** @type {const} */ ("muted") };
  const one = source("a", { options, mapping, toast, header_names: ["X-Key"], events: { mode: "only", types: ["a", "b c"] }, allow_cleartext_secrets: true });

  const input = inputOf(fieldsOf(one));

  assert.deepEqual(input.options, options);
  assert.deepEqual(input.mapping, mapping);
  assert.deepEqual(input.toast, toast);
  assert.deepEqual(input.headers, [{ name: "X-Key", value: null }]);
  assert.deepEqual(input.events, one.events);
  assert.equal(input.allow_cleartext_secrets, true);
});

test("a_token_takes_the_place_of_a_written_authorization_header", () => {
  const fields = fieldsOf(source("a", { header_names: ["authorization", "X-Key"] }));

  const { headers } = inputOf({ ...fields, auth: "bearer", token: " hush " });

  assert.deepEqual(headers, [{ name: "X-Key", value: null }, { name: "Authorization", value: "Bearer hush" }]);
});

test("a_number_that_is_none_or_out_of_range_names_its_field", () => {
  const fields = fieldsOf(null);
  const refusedAt = (/** @type {Partial<typeof fields.options>} */ change) => {
    try {
      inputOf({ ...fields, options: { ...fields.options, ...change } });
    } catch (error) {
      return fieldOf(/** @type {import("../../ui/wire.d.ts").CommandError} */ (error));
    }
    return "accepted";
  };

  assert.equal(refusedAt({ idle: "soon" }), "idle_timeout");
  assert.equal(refusedAt({ idle: "-1" }), "idle_timeout");
  assert.equal(refusedAt({ silence: "43201" }), "silence_after");
  assert.equal(refusedAt({ silence: "43200" }), "accepted");
  assert.equal(refusedAt({ eventSize: "1e9" }), "max_event_bytes");
  assert.equal(refusedAt({ idle: "", silence: "", eventSize: "" }), "accepted");
});

test("a_pasted_command_replaces_what_it_names_and_keeps_the_rest", () => {
  const before = { ...fieldsOf(source("a", { header_names: ["X-Key", "Accept-Language"] })), name: "mine" };

  const after = withCommand(before, {
    url: "https://h/", method: "POST", body: "{}", warnings: [], headers: [{ name: "x-key", value: "v" }],
  });

  assert.deepEqual(inputOf(after).headers, [{ name: "Accept-Language", value: null }, { name: "x-key", value: "v" }]);
  assert.equal(after.name, "mine");
  assert.ok(isAdvanced(after) && !isAdvanced(fieldsOf(null)));
  assert.ok(isCommand("  curl \\\n -N x") && !isCommand("https://curl.se") && !isCommand("curling"));
});

test("the_steps_of_a_test_are_planned_with_tls_only_where_it_is_met", () => {
  const probe = { run: 1, https: mayEncrypt("http://h/"), steps: [], running: true, since: 0, error: null };

  assert.deepEqual(plannedSteps(probe), ["resolve", "connect", "response", "media_type", "first_bytes"]);
  assert.ok(plannedSteps({ ...probe, https: mayEncrypt("example.com/events") }).includes("tls"));
  assert.ok(plannedSteps({ ...probe, steps: [step("tls")] }).includes("tls"));
  for (const local of ["localhost:3000", "127.0.0.1", "[::1]:80", "tidings:demo"]) assert.equal(mayEncrypt(local), false, local);
});

test("steps_of_a_test_that_is_over_change_nothing", () => {
  const probe = { run: 2, https: false, steps: [], running: true, since: 0, error: null };
  const state = connect(noConnections, { what: "probe", probe });

  assert.equal(connect(state, { what: "step", run: 1, step: step("resolve"), now: 5 }), state);
  const streams = connect(state, { what: "step", run: 2, step: step("media_type"), now: 5 });
  assert.ok(isStream(streams.probe) && !hasPassed(streams.probe));
  assert.ok(hasPassed(connect(streams, { what: "step", run: 2, step: step("first_bytes"), now: 6 }).probe));
  assert.ok(!hasPassed(connect(streams, { what: "step", run: 2, step: step("first_bytes", { ok: false }), now: 6 }).probe));
});

test("held_frames_stand_still_and_a_filter_shows_one_kind", () => {
  const at = { what: /** @type {const} */ ("diagnosis"), id: "a" };
  let state = connect(noConnections, { what: "panel", panel: { kind: "diagnostics", id: "a", back: true } });
  state = connect(state, { ...at, seen: seen([frame("comment", "1"), frame("event", "2", "b")]) });
  const held = connect(state, { what: "hold", hold: true });
  const later = connect(held, { ...at, seen: seen([frame("event", "3", "a"), frame("event", "4", "a")]) });

  assert.deepEqual(shownFrames(later).map(({ data }) => data), ["2", "1"]);
  assert.deepEqual(shownFrames(connect(later, { what: "show", show: "comment" })).map(({ data }) => data), ["1"]);
  assert.deepEqual(shownFrames(connect(later, { what: "hold", hold: false })).map(({ data }) => data), ["4", "3"]);
  assert.equal(connect(later, { ...at, id: "b", seen: seen([]) }), later, "another source's answer comes too late");
});

test("a_refusal_of_an_option_has_words_of_its_own_in_each_language", () => {
  /** @type {import("../../ui/wire.d.ts").CommandError} */
  const error = { code: "invalid_option", message: "the proxy must be a URL", field: "proxy", detail: null, range: null };

  setLanguage("ko");
  assert.match(errorWords(error), /http, https, socks5/);
  assert.notEqual(testFixWords("closed"), "testfix.closed");
  assert.equal(duration(96), "96ms");
  setLanguage("en");
  assert.equal(errorWords(error), "The proxy must be a URL.");
  assert.equal(testFixWords("dns"), "Check the spelling of the host, and that you are online");
  assert.equal(duration(2440), "2.4 sec");
  assert.equal(age(0, 4000), "4 sec. ago");
  assert.equal(age(0, 180_000), "3 min. ago");
});
