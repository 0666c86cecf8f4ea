// The maths of a long list: rows, day headings and outages of fixed height, of which only those
// in sight are drawn. Pure, without DOM.
import { dayOf } from "./format.js";

/** @import { OutageView, Row } from "./wire.d.ts" */

export const ROW_HEIGHT = 56;
export const COMPACT_HEIGHT = 32;
export const DAY_HEIGHT = 28;
export const OUTAGE_HEIGHT = 32;

/**
 * @typedef {{ kind: "row", row: Row, position: number, top: number, height: number }} RowItem
 * @typedef {{ kind: "day", at: number, unread: number | null, top: number, height: number }} DayItem
 * @typedef {{ kind: "outage", outage: OutageView, top: number, height: number }} OutageItem
 * @typedef {RowItem | DayItem | OutageItem} Item
 * @typedef {{ items: Item[], height: number, firstDay: DayItem | null }} Layout
 */

/**
 * Places rows, newest first, under the headings of their days. The first day has no heading
 * in the list: it stands above it. An outage lies below the first row that came after it; one
 * that none came after does not show yet.
 * @param {Row[]} rows
 * @param {boolean} more whether older rows exist; then the unread of the last day are not known
 * @param {{ outages?: OutageView[], rowHeight?: number, newer?: boolean }} [options] `newer`: newer rows exist; then the unread of the first day are not known
 * @returns {Layout}
 */
export function layout(rows, more, { outages = [], rowHeight = ROW_HEIGHT, newer = false } = {}) {
  /** @type {Item[]} */
  const items = [];
  /** @type {DayItem | null} */
  let firstDay = null;
  /** @type {DayItem | null} */
  let current = null;
  let day = -1;
  let top = 0;
  const newest = rows[0]?.row ?? 0;
  const breaks = outages.filter(({ first_row }) => first_row <= newest).sort((a, b) => b.first_row - a.first_row);
  /** @param {number} row */
  const placeBreaks = (row) => {
    for (let [next] = breaks; next && next.first_row > row; [next] = breaks) {
      breaks.shift();
      items.push({ kind: "outage", outage: next, top, height: OUTAGE_HEIGHT });
      top += OUTAGE_HEIGHT;
    }
  };
  for (const [position, row] of rows.entries()) {
    placeBreaks(row.row);
    const rowDay = dayOf(row.received_at);
    if (rowDay !== day || current === null) {
      day = rowDay;
      current = { kind: "day", at: row.received_at, unread: 0, top, height: DAY_HEIGHT };
      if (firstDay === null) {
        firstDay = current;
        if (newer) firstDay.unread = null;
      } else {
        items.push(current);
        top += DAY_HEIGHT;
      }
    }
    if (!row.read && current.unread !== null) current.unread += 1;
    items.push({ kind: "row", row, position, top, height: rowHeight });
    top += rowHeight;
  }
  if (rows.length > 0) placeBreaks(-1);
  if (more && current) current.unread = null;
  return { items, height: top, firstDay };
}

/**
 * Index of the item at a height: the last one that starts at or above it.
 * @param {Item[]} items
 * @param {number} at
 */
export function indexAt(items, at) {
  let low = 0;
  let high = items.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const item = items[middle];
    if (item !== undefined && item.top <= at) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

/**
 * Which items to draw, and the empty space before and after them.
 * @param {Layout} list
 * @param {number} scrollTop
 * @param {number} viewport
 * @param {number} overscan items drawn beyond each edge
 */
export function slice(list, scrollTop, viewport, overscan = 8) {
  const { items, height } = list;
  if (items.length === 0) return { items: [], before: 0, after: 0 };
  const start = Math.max(0, indexAt(items, Math.max(0, scrollTop)) - overscan);
  const end = Math.min(items.length, indexAt(items, scrollTop + viewport) + 1 + overscan);
  const drawn = items.slice(start, end);
  const first = drawn[0];
  const last = drawn[drawn.length - 1];
  if (first === undefined || last === undefined) return { items: [], before: 0, after: height };
  return { items: drawn, before: first.top, after: height - last.top - last.height };
}

/**
 * Gives rows to elements, which are numbered. A row keeps the element it has; a new one takes that
 * of a row that is gone, the first first, for an element that stays where it is costs a third of a
 * new one.
 * @param {ReadonlyMap<number, number>} before elements by row, in the order they stand
 * @param {readonly number[]} rows
 * @returns {Map<number, number>} elements by row
 */
export function elements(before, rows) {
  const wanted = new Set(rows);
  const free = [...before].filter(([row]) => !wanted.has(row)).map(([, element]) => element);
  let fresh = Math.max(-1, ...before.values()) + 1;
  return new Map(rows.map((row) => [row, before.get(row) ?? free.shift() ?? fresh++]));
}

/**
 * The heading that stands above the list at this scroll position.
 * @param {Layout} list
 * @param {number} scrollTop
 * @returns {DayItem | null}
 */
export function dayAt(list, scrollTop) {
  for (let index = indexAt(list.items, scrollTop); index >= 0; index -= 1) {
    const item = list.items[index];
    if (item?.kind === "day") return item;
  }
  return list.firstDay;
}

/** The first row that starts at or below a height, else the last one. @param {Layout} list @param {number} scrollTop @returns {RowItem | null} */
export function topRow(list, scrollTop) {
  for (let index = indexAt(list.items, scrollTop); index < list.items.length; index += 1) {
    const item = list.items[index];
    if (item?.kind === "row") return item;
  }
  return null;
}

/** @param {Layout} list @param {number} row @returns {RowItem | null} */
export function itemOf(list, row) {
  for (const item of list.items) {
    if (item.kind === "row" && item.row.row === row) return item;
  }
  return null;
}

/**
 * Where to scroll so that an item is wholly in sight; the same place if it is.
 * @param {Item} item
 * @param {number} scrollTop
 * @param {number} viewport
 */
export function reveal(item, scrollTop, viewport) {
  if (item.top < scrollTop) return item.top;
  const bottom = item.top + item.height;
  return bottom > scrollTop + viewport ? bottom - viewport : scrollTop;
}

/**
 * Where to scroll after the list changed so that the first row in sight stays where it is.
 * @param {Layout} before
 * @param {Layout} after
 * @param {number} scrollTop
 */
export function anchored(before, after, scrollTop) {
  for (let index = indexAt(before.items, scrollTop); index < before.items.length; index += 1) {
    const item = before.items[index];
    if (item?.kind !== "row") continue;
    const moved = itemOf(after, item.row.row);
    if (moved) return scrollTop + moved.top - item.top;
  }
  return scrollTop;
}

/** Least height of the thumb. Pixels. */
export const THUMB_MIN = 28;

/**
 * The thumb of the list's own scroll bar: the rows in memory are scrolled by pixels, all others
 * are reached by their place between the newest and the oldest.
 * @param {number} track height of the track
 * @param {number} shown the part of all rows that is in sight, from 0 to 1
 * @param {number} fraction where that part lies, from 0 to 1
 */
export function thumb(track, shown, fraction) {
  const height = Math.min(track, Math.max(THUMB_MIN, Math.round(track * shown)));
  return { height, top: Math.round((track - height) * Math.min(1, Math.max(0, fraction))) };
}
