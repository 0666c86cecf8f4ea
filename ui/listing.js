// The maths of a long list: rows and day headings of fixed height, of which only those in sight
// are drawn. Pure, without DOM.
import { dayOf } from "./format.js";

/** @import { Row } from "./wire.d.ts" */

export const ROW_HEIGHT = 56;
export const DAY_HEIGHT = 28;

/**
 * @typedef {{ kind: "row", row: Row, position: number, top: number }} RowItem
 * @typedef {{ kind: "day", at: number, unread: number | null, top: number }} DayItem
 * @typedef {RowItem | DayItem} Item
 * @typedef {{ items: Item[], height: number, firstDay: DayItem | null }} Layout
 */

/**
 * Places rows, newest first, under the headings of their days. The first day has no heading
 * in the list: it stands above it.
 * @param {Row[]} rows
 * @param {boolean} more whether older rows exist; then the unread of the last day are not known
 * @returns {Layout}
 */
export function layout(rows, more) {
  /** @type {Item[]} */
  const items = [];
  /** @type {DayItem | null} */
  let firstDay = null;
  /** @type {DayItem | null} */
  let current = null;
  let day = -1;
  let top = 0;
  for (const [position, row] of rows.entries()) {
    const rowDay = dayOf(row.received_at);
    if (rowDay !== day || current === null) {
      day = rowDay;
      current = { kind: "day", at: row.received_at, unread: 0, top };
      if (firstDay === null) {
        firstDay = current;
      } else {
        items.push(current);
        top += DAY_HEIGHT;
      }
    }
    if (!row.read && current.unread !== null) current.unread += 1;
    items.push({ kind: "row", row, position, top });
    top += ROW_HEIGHT;
  }
  if (more && current) current.unread = null;
  return { items, height: top, firstDay };
}

/** @param {Item} item */
function heightOf(item) {
  return item.kind === "row" ? ROW_HEIGHT : DAY_HEIGHT;
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
  return { items: drawn, before: first.top, after: height - last.top - heightOf(last) };
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
  const bottom = item.top + heightOf(item);
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
