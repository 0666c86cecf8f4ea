// The maths of the long list.
import assert from "node:assert/strict";
import { test } from "node:test";
import { anchored, DAY_HEIGHT, dayAt, indexAt, itemOf, layout, reveal, ROW_HEIGHT, slice } from "../../ui/listing.js";
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
