// The reducer: what the window knows after each fact.
import assert from "node:assert/strict";
import { test } from "node:test";
import { initial } from "../../ui/state.js";
import { reduce, unreadTotal, withColours } from "../../ui/store.js";
import { layout } from "../../ui/listing.js";
import { KEEP, mustReload } from "../../ui/rows.js";
import { page, row, snapshot, source, waitingState } from "./samples.js";

/** @import { Action, State } from "../../ui/state.js" */

/** @param {Action[]} actions @param {State} [from] */
const after = (actions, from = initial) => actions.reduce(reduce, from);

/** @param {import("../../ui/wire.d.ts").Row[]} rows @param {boolean} more @param {State} from @returns {Action} */
const first = (rows, more, from) => ({ type: "page", ticket: from.list.ticket, page: page(rows, more), how: "first", hold: false });

function ready() {
  const attached = after([{ type: "attached", snapshot: snapshot({ sources: [source("a", { unread: 2 })], counts: { stored: 3, unread: 3, quiet: 0, pinned: 0 } }), now: 1000 }]);
  return reduce(attached, first([row(2), row(1)], false, attached));
}

test("an_empty_start_is_the_first_run_and_a_later_empty_attach_is_not", () => {
  const empty = snapshot({ sources: [] });
  const started = after([{ type: "attached", snapshot: empty, now: 0 }]);
  const again = reduce({ ...started, firstRun: null }, { type: "attached", snapshot: empty, now: 0 });

  assert.notEqual(started.firstRun, null);
  assert.equal(again.firstRun, null);
});

test("unread_counts_include_events_of_sources_that_are_gone", () => {
  assert.equal(unreadTotal(ready()), 3);
});

test("new_rows_stand_on_top_and_raise_the_count_of_their_source", () => {
  const state = reduce(ready(), { type: "updates", updates: [{ kind: "rows", rows: [row(3), row(4)] }], hold: false, now: 0 });

  assert.deepEqual(state.list.rows.map((one) => one.row), [4, 3, 2, 1]);
  assert.equal(state.sources[0]?.unread, 4);
});

test("a_sources_own_count_wins_over_the_rows_in_the_same_batch_whatever_their_order", () => {
  const counted = source("a", { unread: 3 });
  const state = reduce(ready(), {
    type: "updates",
    updates: [{ kind: "source", source: counted }, { kind: "rows", rows: [row(3)] }],
    hold: false,
    now: 0,
  });

  assert.equal(state.sources[0]?.unread, 3);
});

test("held_rows_wait_and_the_list_stays_the_very_same", () => {
  const before = ready();
  const state = reduce(before, { type: "updates", updates: [{ kind: "rows", rows: [row(3), row(4)] }], hold: true, now: 0 });
  const released = reduce(state, { type: "release" });

  assert.equal(state.list.rows, before.list.rows);
  assert.equal(state.list.waiting, 2);
  assert.deepEqual(released.list.rows.map((one) => one.row), [4, 3, 2, 1]);
  assert.equal(released.list.waiting, 0);
});

test("once_rows_wait_later_ones_wait_too_so_order_is_kept", () => {
  const state = after([
    { type: "updates", updates: [{ kind: "rows", rows: [row(3)] }], hold: true, now: 0 },
    { type: "updates", updates: [{ kind: "rows", rows: [row(4)] }], hold: false, now: 0 },
    { type: "release" },
  ], ready());

  assert.deepEqual(state.list.rows.map((one) => one.row), [4, 3, 2, 1]);
});

test("a_row_that_is_here_already_is_not_added_twice", () => {
  const state = reduce(ready(), { type: "updates", updates: [{ kind: "rows", rows: [row(2), row(3)] }], hold: false, now: 0 });

  assert.deepEqual(state.list.rows.map((one) => one.row), [3, 2, 1]);
});

test("never_more_than_the_limit_is_in_memory_whichever_end_grows", () => {
  let state = ready();
  for (let id = 3; id < 1500; id += 1) {
    state = reduce(state, { type: "updates", updates: [{ kind: "rows", rows: [row(id)] }], hold: false, now: 0 });
    assert.ok(state.list.rows.length <= KEEP);
  }
  assert.equal(state.list.more, true);

  const old = Array.from({ length: 100 }, (_, index) => row(800 - index));
  state = reduce(state, { type: "page", ticket: state.list.ticket, page: page(old, true), how: "older", hold: true });
  assert.ok(state.list.rows.length <= KEEP);
  assert.equal(state.list.newer, true);
});

test("rows_cut_off_at_the_newer_end_come_back_in_their_place", () => {
  const rows = Array.from({ length: KEEP }, (_, index) => row(1000 - index));
  const attached = ready();
  let state = reduce(attached, { type: "view", view: { kind: "all" } });
  state = reduce(state, first(rows, true, state));
  const older = Array.from({ length: 100 }, (_, index) => row(1000 - KEEP - index));
  state = reduce(state, { type: "page", ticket: state.list.ticket, page: page(older, false), how: "older", hold: true });
  assert.equal(state.list.newer, true);
  assert.equal(state.list.rows[0]?.row, 900);

  state = reduce(state, { type: "page", ticket: state.list.ticket, page: page(rows.slice(0, 100), true), how: "newer", hold: true });
  assert.equal(state.list.rows[0]?.row, 1000);
  assert.equal(state.list.newer, false);
  assert.equal(state.list.rows.length, KEEP);
});

test("a_page_for_another_question_is_dropped", () => {
  const asked = ready();
  const moved = reduce(asked, { type: "view", view: { kind: "all" } });

  assert.equal(reduce(moved, first([row(9)], false, asked)), moved);
});

test("a_read_row_stays_in_the_inbox_until_the_reader_leaves", () => {
  const state = reduce(ready(), { type: "updates", updates: [{ kind: "read", rows: [2], read: true }], hold: false, now: 0 });

  assert.deepEqual(state.list.rows.map((one) => [one.row, one.read]), [[2, true], [1, false]]);
  assert.equal(state.sources[0]?.unread, 1);
});

test("reading_twice_counts_once", () => {
  const state = after([
    { type: "read", rows: [2], read: true },
    { type: "updates", updates: [{ kind: "read", rows: [2], read: true }], hold: false, now: 0 },
  ], ready());

  assert.equal(state.sources[0]?.unread, 1);
});

test("after_a_lost_feed_the_rows_keep_their_place_and_new_ones_join", () => {
  const before = ready();
  const shown = page([row(4), row(3), row(1)], false);
  const held = reduce(before, { type: "page", ticket: before.list.ticket, page: shown, how: "refresh", hold: true });
  const followed = reduce(before, { type: "page", ticket: before.list.ticket, page: shown, how: "refresh", hold: false });

  assert.deepEqual(held.list.rows.map((one) => [one.row, one.read]), [[2, true], [1, false]]);
  assert.equal(held.list.waiting, 2);
  assert.deepEqual(followed.list.rows.map((one) => one.row), [4, 3, 2, 1]);
});

test("a_row_whose_deletion_was_heard_of_after_it_was_taken_back_stands_where_it_stood", () => {
  const before = ready();
  const three = reduce(before, first([row(3), row(2), row(1)], false, before));
  const told = reduce(three, { type: "updates", updates: [{ kind: "deleted", rows: [2] }, { kind: "restored" }], hold: false, now: 0 });
  const again = page([row(3), row(2), row(1)], false);
  const read = reduce(told, { type: "page", ticket: told.list.ticket, page: again, how: "refresh", hold: true });

  assert.deepEqual(told.list.rows.map((one) => one.row), [3, 1]);
  assert.deepEqual(read.list.rows.map((one) => one.row), [3, 2, 1]);
});

test("a_row_that_waited_while_its_page_was_read_stands_in_the_list_once", () => {
  const moved = reduce(ready(), { type: "view", view: { kind: "all" } });
  const came = reduce(moved, { type: "updates", updates: [{ kind: "rows", rows: [row(3), row(4)] }], hold: true, now: 0 });
  const read = reduce(came, first([row(3), row(2), row(1)], false, came));
  const released = reduce(read, { type: "release" });

  assert.deepEqual([read.list.rows[0]?.row, read.list.waiting], [3, 1]);
  assert.deepEqual(released.list.rows.map((one) => one.row), [4, 3, 2, 1]);
});

test("more_rows_than_can_wait_while_a_page_is_read_are_read_again", () => {
  const moved = reduce(ready(), { type: "view", view: { kind: "all" } });
  const burst = Array.from({ length: KEEP + 1 }, (_, index) => row(3 + index));
  const came = reduce(moved, { type: "updates", updates: [{ kind: "rows", rows: burst }], hold: true, now: 0 });

  assert.equal(mustReload(reduce(came, first([row(2), row(1)], false, came)).list), true);
});

test("a_row_that_came_after_a_page_was_read_again_still_waits", () => {
  const came = reduce(ready(), { type: "updates", updates: [{ kind: "rows", rows: [row(3), row(4)] }], hold: true, now: 0 });
  const again = page([row(3), row(2), row(1)], false);
  const held = reduce(came, { type: "page", ticket: came.list.ticket, page: again, how: "refresh", hold: true });

  assert.deepEqual(reduce(held, { type: "release" }).list.rows.map((one) => one.row), [4, 3, 2, 1]);
});

test("an_outage_shows_at_once_below_the_row_that_follows_it_and_counts_what_came_again", () => {
  const told = (/** @type {number} */ replayed) => ({ kind: /** @type {const} */ ("outage"), outage: { source: "a", started_at: 5, ended_at: 6, replayed, first_row: 3 } });
  const shown = (/** @type {State} */ { list }) => layout(list.rows, list.more, list).items.map((item) => (item.kind === "row" ? item.row.row : item.kind === "outage" ? `-${item.outage.replayed}-` : ""));
  /** @param {State["view"]} view */
  const inView = (view) => {
    const opened = reduce(ready(), { type: "view", view });
    const loaded = reduce(opened, first([row(2), row(1)], false, opened));
    const lost = reduce(loaded, { type: "updates", updates: [told(0)], hold: false, now: 0 });
    const back = reduce(lost, { type: "updates", updates: [{ kind: "rows", rows: [row(3), row(4)] }], hold: false, now: 0 });
    return [lost, back, reduce(back, { type: "updates", updates: [told(2)], hold: false, now: 0 })].map(shown);
  };

  assert.deepEqual(inView({ kind: "all" }), [[2, 1], [4, 3, "-0-", 2, 1], [4, 3, "-2-", 2, 1]]);
  assert.deepEqual(inView({ kind: "source", id: "a" })[2], [4, 3, "-2-", 2, 1]);
  assert.deepEqual(inView({ kind: "source", id: "b" })[0], [2, 1], "the rows are of no matter here");
  assert.ok(inView({ kind: "inbox" }).every((items) => !items.includes("-2-") && !items.includes("-0-")));
});

test("trouble_begins_when_a_live_source_is_lost_and_ends_when_it_is_back", () => {
  const update = (/** @type {import("../../ui/wire.d.ts").SourceView} */ one, /** @type {number} */ now) =>
    /** @type {Action} */ ({ type: "updates", updates: [{ kind: "source", source: one }], hold: false, now });
  const lost = after([update(source("a", { state: waitingState(9000) }), 5000), update(source("a", { state: { state: "connecting", attempt: 2 } }), 9000)], ready());
  const back = reduce(lost, update(source("a"), 9500));
  const fresh = reduce(ready(), update(source("b", { state: { state: "connecting", attempt: 1 } }), 5000));

  assert.equal(lost.troubled["a"], 5000);
  assert.equal(back.troubled["a"], undefined);
  assert.equal(fresh.troubled["b"], undefined);
});

test("leaving_a_removed_source_shows_the_inbox_and_deletes_its_rows_if_asked", () => {
  const there = reduce(ready(), { type: "view", view: { kind: "source", id: "a" } });
  const kept = reduce(ready(), { type: "sourceRemoved", id: "a", keep: true });
  const gone = reduce(ready(), { type: "sourceRemoved", id: "a", keep: false });

  assert.deepEqual(reduce(there, { type: "sourceRemoved", id: "a", keep: true }).view, { kind: "inbox" });
  assert.equal(kept.list.rows.length, 2);
  assert.equal(unreadTotal(kept), 3);
  assert.equal(gone.list.rows.length, 0);
});

test("a_detail_that_comes_late_for_another_row_is_dropped", () => {
  const selected = reduce(ready(), { type: "select", row: 1, pane: "list" });
  const late = { ...row(2), full_title: "", body: "", data: "", own_id: null, url: null, replayed: false, truncated: false, tags: [], rule: null, trace: null, delivery_cause: null, delivery_detail: null, link: null };

  assert.equal(reduce(selected, { type: "detail", detail: late }).detail, null);
});

test("a_source_keeps_its_colour_when_another_goes", () => {
  const three = withColours({}, [source("a"), source("b"), source("c")]);
  const two = withColours(three, [source("b"), source("c"), source("d")]);

  assert.equal(new Set(Object.values(three)).size, 3);
  assert.equal(two["b"], three["b"]);
  assert.equal(two["c"], three["c"]);
  assert.equal(new Set(Object.values(two)).size, 3);
});

test("an_answer_that_comes_after_newer_news_of_the_feed_does_not_undo_it", () => {
  const live = /** @type {const} */ ({ state: "live", since: 1, last_byte: 1 });
  const before = ready();
  const [source] = before.sources;
  assert.ok(source);
  const late = { ...source, name: "renamed", state: /** @type {const} */ ({ state: "connecting", attempt: 1 }) };

  const state = after([
    { type: "updates", updates: [{ kind: "source", source: { ...source, state: live } }], hold: false, now: 0 },
    { type: "source", source: late, now: 0 },
  ], before);

  assert.deepEqual([state.sources[0]?.state, state.sources[0]?.name], [live, "renamed"]);
});

test("whoever_lost_settings_is_not_taken_for_a_newcomer", () => {
  const empty = snapshot({ sources: [] });
  /** @type {import("../../ui/wire.d.ts").Trouble[]} */
  const troubles = [{ kind: "settings_lost", copies: ["a"] }];
  const lost = { ...empty, troubles };

  assert.notEqual(after([{ type: "attached", snapshot: empty, now: 0 }]).firstRun, null);
  assert.equal(after([{ type: "attached", snapshot: lost, now: 0 }]).firstRun, null);
});
