// What a screen reader hears of the feed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { announcer } from "../../ui/announce.js";
import { QUIET } from "../../ui/banners.js";
import { setLanguage } from "../../ui/i18n.js";
import { initial } from "../../ui/state.js";

import { row, source, waitingState } from "./samples.js";

/** @import { TestContext } from "node:test" */
/** @import { SourceState, Update } from "../../ui/wire.d.ts" */

/** @param {TestContext} context */
function listen(context) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  setLanguage("en");
  /** @type {string[]} */
  const heard = [];
  const hear = announcer((sentence) => heard.push(sentence));
  const live = source("billing");
  const { state: connected } = live;
  let now = { ...initial, sources: [live] };
  /** @param {SourceState} state @param {Update[]} [updates] */
  const become = (state, updates = []) => {
    const next = { ...now, sources: [{ ...live, state }] };
    hear(now, next, updates);
    now = next;
  };
  return { heard, become, connected, wait: (/** @type {number} */ millis) => context.mock.timers.tick(millis) };
}

test("a_connection_that_comes_back_at_once_is_not_spoken_of", (context) => {
  const { heard, become, connected, wait } = listen(context);

  become(waitingState(1000));
  wait(QUIET - 1);
  become(connected);
  wait(QUIET * 2);
  assert.deepEqual(heard, []);
});

test("a_lasting_loss_is_told_once_and_its_end_with_what_came", (context) => {
  const { heard, become, connected, wait } = listen(context);

  become(waitingState(1000));
  become({ state: "connecting", attempt: 2 });
  become(waitingState(2000));
  wait(QUIET);
  wait(300);
  assert.deepEqual(heard, ["source billing is reconnecting"]);
  wait(QUIET);
  become(connected, [{ kind: "rows", rows: [row(3), row(4)] }]);
  wait(1000);
  assert.deepEqual(heard.slice(1), ["source billing is back, 2 new events"]);
});

test("what_was_missed_and_sent_again_is_told_as_that_and_not_as_new", (context) => {
  const { heard, become, connected, wait } = listen(context);
  /** @param {number} replayed @returns {Update} */
  const outage = (replayed) => ({ kind: "outage", outage: { source: "billing", started_at: 0, ended_at: 1, replayed, first_row: 3 } });
  const mine = (/** @type {number} */ id) => row(id, { source: "billing" });

  become(waitingState(1000));
  for (const millis of [QUIET, 300, QUIET]) wait(millis);
  become(connected, [outage(0), { kind: "rows", rows: [mine(3), mine(4), mine(5), mine(6)] }]);
  wait(700);
  become(connected, [outage(4), { kind: "rows", rows: [mine(7)] }]);
  wait(300);
  assert.deepEqual(heard.slice(1), ["source billing is back, 4 missed events received, 1 new event"]);
  // A break too short to be told brings missed events all the same.
  wait(QUIET);
  become(waitingState(1000));
  become(connected, [outage(0)]);
  become(connected, [{ kind: "rows", rows: [mine(8)] }]);
  wait(700);
  become(connected, [outage(1)]);
  wait(300);
  assert.deepEqual(heard.slice(2), ["source billing is back, 1 missed event received"]);
});

test("a_source_that_stops_says_so_at_once", (context) => {
  const { heard, become, wait } = listen(context);

  become(waitingState(1000));
  become({ state: "stopped", since: 0, cause: { code: "unauthorized", message: "", status: 401 } });
  wait(300);
  wait(QUIET * 2);
  assert.equal(heard.length, 1);
});
