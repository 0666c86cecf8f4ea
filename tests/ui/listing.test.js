// The maths of the long list.
import assert from "node:assert/strict";
import { test } from "node:test";
import { anchored, COMPACT_HEIGHT, DAY_HEIGHT, dayAt, elements, indexAt, itemOf, layout, OUTAGE_HEIGHT, reveal, ROW_HEIGHT, slice, thumb, THUMB_MIN } from "../../ui/listing.js";
import { emptyList, fractionOf, rowAt } from "../../ui/rows.js";
import { row } from "./samples.js";

const noon = new Date(2025, 5, 10, 12).getTime();
const DAY = 86_400_000;
/** @param {number} amount @param {number} [perDay] @param {number} [newest] */
const rows = (amount, perDay = 10, newest = amount) =>
  Array.from({ length: amount }, (_, index) => row(newest - index, { received_at: noon - Math.floor(index / perDay) * DAY }));

test("every_day_but_the_first_has_a_heading_in_the_list", () => {
  const list = layout(rows(25), false);

  assert.equal(list.items.filter((item) => item.kind === "day").length, 2);
  assert.equal(list.height, 25 * ROW_HEIGHT + 2 * DAY_HEIGHT);
  assert.equal(list.items[0]?.kind, "row");
});

test("unread_of_a_day_are_counted_only_where_all_of_it_is_here", () => {
  const all = layout(rows(25), false);
  const part = layout(rows(25), true);
  const days = (/** @type {typeof all} */ list) => list.items.flatMap((item) => (item.kind === "day" ? [item.unread] : []));

  assert.equal(all.firstDay?.unread, 10);
  assert.deepEqual(days(all), [10, 5]);
  assert.deepEqual(days(part), [10, null]);
});

test("what_is_drawn_and_the_space_around_it_add_up_to_the_whole", () => {
  const list = layout(rows(600), true);
  for (let top = 0; top <= list.height; top += 37) {
    const { items, before, after } = slice(list, top, 700);
    const drawn = items.reduce((sum, item) => sum + (item.kind === "row" ? ROW_HEIGHT : DAY_HEIGHT), 0);
    assert.equal(before + drawn + after, list.height);
    assert.ok(before <= Math.min(top, list.height));
    assert.ok(items.length <= 40);
    assert.ok(before + drawn >= Math.min(list.height, top + 700));
  }
});

test("an_empty_list_draws_nothing", () => {
  const list = layout([], false);

  assert.deepEqual(slice(list, 0, 700), { items: [], before: 0, after: 0 });
  assert.equal(dayAt(list, 0), null);
});

test("the_heading_above_the_list_is_the_day_of_its_first_row", () => {
  const list = layout(rows(25), false);
  const second = list.items.find((item) => item.kind === "day");
  assert.ok(second);

  assert.equal(dayAt(list, 0), list.firstDay);
  assert.equal(dayAt(list, second.top - 1), list.firstDay);
  assert.equal(dayAt(list, second.top), second);
});

test("an_index_is_found_at_any_height", () => {
  const { items } = layout(rows(600), false);
  for (const [index, item] of items.entries()) {
    assert.equal(indexAt(items, item.top), index);
    assert.equal(indexAt(items, item.top + 1), index);
  }
});

test("the_first_row_in_sight_stays_when_rows_come_above_or_go", () => {
  const before = layout(rows(100), true);
  const above = layout(rows(105, 10, 105), true);
  const scrollTop = 1234;
  const seen = before.items[indexAt(before.items, scrollTop)];
  assert.ok(seen?.kind === "row");

  const moved = itemOf(above, seen.row.row);
  assert.ok(moved);
  assert.equal(anchored(before, above, scrollTop) - scrollTop, moved.top - seen.top);
  assert.equal(anchored(above, before, anchored(before, above, scrollTop)), scrollTop);
});

test("a_selected_row_is_brought_into_sight_by_the_shortest_way", () => {
  const list = layout(rows(100), false);
  const item = itemOf(list, 60);
  assert.ok(item);

  assert.equal(reveal(item, item.top, 700), item.top);
  assert.equal(reveal(item, item.top + 10, 700), item.top);
  assert.equal(reveal(item, 0, 700), item.top + ROW_HEIGHT - 700);
});

test("a_row_keeps_its_element_and_new_ones_take_those_that_are_left", () => {
  const few = elements(new Map(), [9, 8, 7, 6]);
  assert.deepEqual([...few], [[9, 0], [8, 1], [7, 2], [6, 3]]);
  const scrolled = elements(few, [7, 6, 5, 4]);
  assert.deepEqual([...scrolled], [[7, 2], [6, 3], [5, 0], [4, 1]]);
  const grown = elements(scrolled, [8, 7, 6, 5, 4, 3]);
  assert.deepEqual([...grown], [[8, 4], [7, 2], [6, 3], [5, 0], [4, 1], [3, 5]]);
});

test("rows_from_elsewhere_take_the_elements_where_they_stand", () => {
  const here = elements(elements(new Map(), [9, 8, 7, 6]), [7, 6, 5, 4]);
  const there = elements(here, [104, 103, 102, 101, 100]);
  assert.deepEqual([...there.values()], [...here.values(), 4]);
  assert.equal(elements(there, [3]).get(3), 2);
});

test("an_outage_lies_below_the_first_row_that_came_after_it", () => {
  const outage = { source: "a", started_at: 1, ended_at: 2, replayed: 0, first_row: 96 };
  const list = layout(rows(100, 100), false, { outages: [outage], rowHeight: COMPACT_HEIGHT });
  const at = list.items.findIndex((item) => item.kind === "outage");
  const [above, below] = [list.items[at - 1], list.items[at + 1]];

  assert.equal(above?.kind === "row" && above.row.row, 96);
  assert.equal(below?.kind === "row" && below.row.row, 95);
  assert.equal(list.height, 100 * COMPACT_HEIGHT + OUTAGE_HEIGHT);
});

test("a_place_of_a_million_rows_and_its_row_are_each_others_inverse", () => {
  const list = emptyList(1, { newest: 1_000_000, oldest: 1 });
  for (const fraction of [0, 0.25, 0.5, 0.99, 1]) {
    assert.ok(Math.abs(fractionOf(list, rowAt(list, fraction)) - fraction) < 1e-6);
  }
  assert.equal(rowAt(list, 1), 1);
  assert.equal(fractionOf(emptyList(1), 5), 0);
});

test("the_thumb_stays_in_its_track_and_can_always_be_taken", () => {
  for (const [shown, fraction] of /** @type {const} */ ([[1e-5, 0], [1e-5, 1], [0.5, 0.5], [2, 1]])) {
    const { height, top } = thumb(600, shown, fraction);
    assert.ok(height >= THUMB_MIN && height <= 600);
    assert.ok(top >= 0 && top + height <= 600);
  }
});
