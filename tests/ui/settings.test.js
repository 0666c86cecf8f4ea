// What is typed on the page of settings, what hours cover, and how a source's last day is told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { dayName, percent } from "../../ui/format.js";
import { setLanguage } from "../../ui/i18n.js";
import { DAYS, limit, newHours, spansOf, timeOfDay, wraps } from "../../ui/settings-state.js";
import { initial } from "../../ui/state.js";
import { reduce } from "../../ui/store.js";
import { liveShare, stretches } from "../../ui/timeline.js";
import { source } from "./samples.js";

/** @import { Attempt, SourceState } from "../../ui/wire.d.ts" */

test("a_time_is_understood_as_people_type_it", () => {
  for (const [typed, time] of [["7:30", "07:30"], ["0730", "07:30"], ["7", "07:00"], [" 23.05 ", "23:05"], ["00:00", "00:00"]]) {
    assert.equal(timeOfDay(typed ?? ""), time, typed);
  }
  for (const typed of ["", "24:00", "7:60", "7:5", "noon", "12:300", "-1"]) assert.equal(timeOfDay(typed), null, typed);
});

test("a_limit_is_a_number_or_nothing_at_all", () => {
  assert.equal(limit("90"), 90);
  assert.equal(limit(" 1,000,000 "), 1_000_000);
  assert.equal(limit("1 000"), 1000);
  assert.equal(limit("  "), null);
  for (const typed of ["0", "-5", "1e3", "many", "9999999999"]) assert.equal(limit(typed), undefined, typed);
});

test("hours_that_go_over_midnight_cover_both_ends_of_the_day", () => {
  const row = (/** @type {string} */ from, /** @type {string} */ to) => ({ ...newHours(), from, to });

  assert.deepEqual(spansOf(row("13:00", "15:00")), [[780, 900]]);
  assert.deepEqual(spansOf(row("22:00", "07:00")), [[0, 420], [1320, 1440]]);
  assert.deepEqual(spansOf(row("22:00", "00:00")), [[1320, 1440]]);
  assert.deepEqual(spansOf(row("00:00", "00:00")), [[0, 1440]]);
  assert.equal(wraps(row("22:00", "07:00")), true);
  assert.equal(wraps(row("13:00", "15:00")), false);
});

test("days_are_named_from_monday_on_in_each_language", () => {
  setLanguage("en");
  assert.deepEqual([dayName(0, "long"), dayName(6, "long")], ["Monday", "Sunday"]);
  setLanguage("ko");
  assert.deepEqual(DAYS.map((_, index) => dayName(index, "narrow")), ["월", "화", "수", "목", "금", "토", "일"]);
  setLanguage("en");
});

const HOUR = 3_600_000;
const NOW = 100 * HOUR;
const broken = { code: /** @type {const} */ ("broken"), message: "", status: null };
/** @param {Partial<Attempt>} change @returns {Attempt} */
const attempt = (change) => ({ started: NOW, live: null, ended: null, cause: null, bytes: 0, events: 0, ...change });
/** @type {SourceState} */
const live = { state: "live", since: 0, last_byte: 0 };

test("a_day_has_no_holes_and_what_came_before_it_does_not_count", () => {
  const all = stretches(
    [
      attempt({ started: NOW - 50 * HOUR, live: NOW - 50 * HOUR, ended: NOW - 10 * HOUR, cause: broken }),
      attempt({ started: NOW - 9 * HOUR, ended: NOW - 9 * HOUR + 1000, cause: broken }),
      attempt({ started: NOW - 8 * HOUR, live: NOW - 8 * HOUR }),
    ],
    live,
    NOW,
  );

  assert.deepEqual(all.map(({ kind, from, to }) => [kind, (from - NOW) / HOUR, (to - NOW) / HOUR]), [
    ["live", -24, -10],
    ["wait", -10, -8],
    ["live", -8, 0],
  ]);
  assert.equal(liveShare(all), 22 / 24);
});

test("what_a_person_ended_is_no_trouble_and_a_stop_is_told_apart", () => {
  const ended = attempt({ started: NOW - 4 * HOUR, live: NOW - 4 * HOUR, ended: NOW - HOUR });
  const refused = attempt({ started: NOW - 2 * HOUR, ended: NOW - 2 * HOUR, cause: { ...broken, code: "unauthorized" } });

  assert.deepEqual(stretches([ended], { state: "paused" }, NOW).map(({ kind }) => kind), ["live", "off"]);
  assert.deepEqual(stretches([refused], { state: "stopped", since: 0, cause: broken }, NOW).map(({ kind }) => kind), ["stop"]);
  assert.equal(liveShare([]), null);
});

test("nearly_all_of_the_time_is_never_all_of_it", () => {
  setLanguage("en");
  assert.equal(percent(0.99999), "99.9%");
  assert.equal(percent(1), "100%");
});

test("after_everything_was_deleted_nothing_of_it_is_in_the_window", () => {
  const full = { ...initial, phase: /** @type {const} */ ("ready"), sources: [source("a")], selected: 7, query: "x", systemLanguage: "ko" };

  const after = reduce(full, { type: "forgotten", now: 9 });

  assert.deepEqual({ ...after, list: null }, { ...initial, systemLanguage: "ko", now: 9, list: null });
  assert.notEqual(after.list.ticket, full.list.ticket, "a page on its way is not taken for the new list's");
});
