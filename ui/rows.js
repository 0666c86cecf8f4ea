// The part of the history held in memory: a window of rows, newest first, that grows at both
// ends and never exceeds its limit. Pure.

/** @import { CommandError, Delivery, Page, Row, RowId, SourceId } from "./wire.d.ts" */

/** Most rows in memory. */
export const KEEP = 600;
/** Rows of one page. */
export const PAGE = 100;

/**
 * @typedef {object} List
 * @property {number} ticket which question the rows answer; a page for an older one is dropped
 * @property {Row[]} rows newest first
 * @property {boolean} more whether older rows exist
 * @property {{ before: RowId, count: number }[]} cut pages that fell off the newer end, last one nearest
 * @property {Row[]} pending newer rows the reader has not asked for yet, newest first
 * @property {number} waiting how many those are; more than `pending` holds when there were too many
 * @property {"first" | "older" | "newer" | null} loading
 * @property {CommandError | null} error
 */

/** @param {number} ticket @returns {List} */
export function emptyList(ticket) {
  return { ticket, rows: [], more: false, cut: [], pending: [], waiting: 0, loading: "first", error: null };
}

/** @param {List} list @returns {RowId} the newest row known, 0 when there is none */
function newest(list) {
  return list.pending[0]?.row ?? list.rows[0]?.row ?? 0;
}

/** @param {List} list @returns {List} */
function trimOld(list) {
  return list.rows.length > KEEP
    ? { ...list, rows: list.rows.slice(0, KEEP), more: true }
    : list;
}

/**
 * New rows of the feed, oldest first. Held back, they wait; else they stand on top.
 * @param {List} list
 * @param {Row[]} rows
 * @param {boolean} hold
 * @returns {List}
 */
export function addRows(list, rows, hold) {
  const known = newest(list);
  const fresh = rows.filter((row) => row.row > known).reverse();
  if (fresh.length === 0) return list;
  if (!hold && list.cut.length === 0 && list.waiting === 0) {
    return trimOld({ ...list, rows: [...fresh, ...list.rows] });
  }
  const waiting = list.waiting + fresh.length;
  const pending = waiting > KEEP ? fresh.slice(0, 1) : [...fresh, ...list.pending];
  return { ...list, pending, waiting };
}

/** @param {List} list @returns {boolean} whether the newest rows must be read again to get there */
export function mustReload(list) {
  return list.cut.length > 0 || list.waiting > list.pending.length;
}

/**
 * The rows that waited, on top. Where some are missing the caller reads the first page again.
 * @param {List} list
 * @returns {List}
 */
export function released(list) {
  if (mustReload(list)) return emptyList(list.ticket + 1);
  return trimOld({ ...list, rows: [...list.pending, ...list.rows], pending: [], waiting: 0 });
}

/**
 * A page of the history takes its place.
 * @param {List} list
 * @param {Page} page
 * @param {"first" | "older" | "newer" | "refresh"} how
 * @param {{ hold: boolean, unreadOnly: boolean }} context
 * @returns {List}
 */
export function mergePage(list, page, how, { hold, unreadOnly }) {
  const done = { ...list, loading: null, error: null };
  switch (how) {
    case "first": {
      const top = page.rows[0]?.row ?? 0;
      const live = list.rows.filter((row) => row.row > top);
      return { ...done, rows: [...live, ...page.rows], more: page.more };
    }
    case "older": {
      const last = list.rows[list.rows.length - 1]?.row ?? Infinity;
      const rows = [...list.rows, ...page.rows.filter((row) => row.row < last)];
      const excess = rows.length - KEEP;
      if (excess <= 0) return { ...done, rows, more: page.more };
      const off = rows.slice(0, excess);
      const before = (off[0]?.row ?? 0) + 1;
      return { ...done, rows: rows.slice(excess), more: page.more, cut: [...list.cut, { before, count: excess }] };
    }
    case "newer": {
      const top = list.rows[0]?.row ?? 0;
      const rows = [...page.rows.filter((row) => row.row > top), ...list.rows];
      return trimOld({ ...done, rows, cut: list.cut.slice(0, -1) });
    }
    case "refresh":
      return refreshed(done, page, hold, unreadOnly);
  }
}

/**
 * The newest page again after the feed lost messages. Rows that are here keep their place; one
 * that is no longer among the unread was read elsewhere.
 * @param {List} list
 * @param {Page} page
 * @param {boolean} hold
 * @param {boolean} unreadOnly
 * @returns {List}
 */
function refreshed(list, page, hold, unreadOnly) {
  if (list.rows.length === 0) {
    return { ...list, rows: page.rows, more: page.more, pending: [], waiting: 0 };
  }
  const now = new Map(page.rows.map((row) => [row.row, row]));
  const oldest = page.more ? (page.rows[page.rows.length - 1]?.row ?? 0) : 0;
  const rows = list.rows.map((row) => {
    const same = now.get(row.row);
    if (same) return same;
    return unreadOnly && row.row >= oldest && !row.read ? { ...row, read: true } : row;
  });
  const top = list.rows[0]?.row ?? 0;
  const fresh = page.rows.filter((row) => row.row > top);
  const gap = page.more && fresh.length === page.rows.length;
  if (list.cut.length > 0) return { ...list, rows };
  if (hold) {
    return { ...list, rows, pending: fresh, waiting: gap ? fresh.length + 1 : fresh.length };
  }
  if (gap) return { ...list, rows: page.rows, more: page.more, pending: [], waiting: 0 };
  return trimOld({ ...list, rows: [...fresh, ...rows], pending: [], waiting: 0 });
}

/**
 * Rows read or unread; how the unread count of each source changes.
 * @param {List} list
 * @param {Set<RowId>} which
 * @param {boolean} read
 */
export function markRead(list, which, read) {
  /** @type {Map<SourceId, number>} */
  const change = new Map();
  const mark = (/** @type {Row} */ row) => {
    if (row.read === read || !which.has(row.row)) return row;
    change.set(row.source, (change.get(row.source) ?? 0) + (read ? -1 : 1));
    return { ...row, read };
  };
  const rows = list.rows.map(mark);
  const pending = list.pending.map(mark);
  return { list: change.size === 0 ? list : { ...list, rows, pending }, change };
}

/**
 * @param {List} list
 * @param {RowId} which
 * @param {Delivery} delivery
 * @returns {List}
 */
export function delivered(list, which, delivery) {
  const mark = (/** @type {Row} */ row) => (row.row === which ? { ...row, delivery } : row);
  return { ...list, rows: list.rows.map(mark), pending: list.pending.map(mark) };
}
