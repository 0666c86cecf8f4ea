// The part of the history held in memory: a window of rows, newest first, that grows at both
// ends, may lie anywhere, and never exceeds its limit. Pure.

/** @import { CommandError, Delivery, OutageView, Page, Row, RowId, SourceId } from "./wire.d.ts" */

/** Most rows in memory. */
export const KEEP = 600;
/** Rows of one page. */
export const PAGE = 100;

/**
 * How a page was asked for: the newest ones, the ones beyond either end, the newest again, those
 * at a place far away, or the oldest of all.
 * @typedef {"first" | "older" | "newer" | "refresh" | "jump" | "oldest"} How
 */

/**
 * @typedef {object} List
 * @property {number} ticket which question the rows answer; a page for an older one is dropped
 * @property {Row[]} rows newest first
 * @property {boolean} more whether older rows exist
 * @property {boolean} newer whether newer rows exist that are neither here nor pending
 * @property {number | null} bounded how many events a search into payloads looked through, where there were more
 * @property {OutageView[]} outages of the rows that are here
 * @property {Row[]} pending newer rows the reader has not asked for yet, newest first
 * @property {number} waiting how many those are; more than `pending` holds when there were too many
 * @property {RowId} newest the highest row known
 * @property {RowId} oldest the lowest row there can be
 * @property {"top" | "bottom"} opens which end a new window of rows shows
 * @property {"first" | "older" | "newer" | null} loading
 * @property {CommandError | null} error
 */

/** @param {number} ticket @param {Partial<List>} [known] @returns {List} */
export function emptyList(ticket, known = {}) {
  return {
    ticket,
    rows: [],
    more: false,
    newer: false,
    bounded: null,
    outages: [],
    pending: [],
    waiting: 0,
    newest: known.newest ?? 0,
    oldest: known.oldest ?? 1,
    opens: "top",
    loading: "first",
    error: null,
  };
}

/** @param {List} list @returns {RowId} the newest row held, 0 when there is none */
function top(list) {
  return list.pending[0]?.row ?? list.rows[0]?.row ?? 0;
}

/** @param {List} list @returns {List} */
function trimOld(list) {
  return list.rows.length > KEEP
    ? { ...list, rows: list.rows.slice(0, KEEP), more: true }
    : list;
}

/** @param {List} list @returns {List} */
function trimNew(list) {
  const excess = list.rows.length - KEEP;
  return excess > 0 ? { ...list, rows: list.rows.slice(excess), newer: true } : list;
}

/** Outages of both, once each, of the rows that are here or yet to come. @param {List} list @param {OutageView[]} [more] @returns {List} */
export function withOutages(list, more = []) {
  if (list.outages.length === 0 && more.length === 0) return list;
  const first = list.rows[list.rows.length - 1]?.row ?? 0;
  /** @type {Map<string, OutageView>} */
  const all = new Map();
  for (const outage of [...list.outages, ...more]) {
    if (outage.first_row < first) continue;
    all.set(`${outage.source} ${outage.started_at}`, outage);
  }
  return { ...list, outages: [...all.values()] };
}

/**
 * New rows of the feed, oldest first. Held back, they wait; else they stand on top.
 * @param {List} list
 * @param {Row[]} rows
 * @param {boolean} hold
 * @returns {List}
 */
export function addRows(list, rows, hold) {
  const known = top(list);
  const fresh = rows.filter((row) => row.row > known).reverse();
  const [latest] = fresh;
  if (!latest) return list;
  const next = { ...list, newest: Math.max(list.newest, latest.row) };
  if (!hold && !list.newer && list.waiting === 0) {
    return withOutages(trimOld({ ...next, rows: [...fresh, ...list.rows] }));
  }
  const waiting = list.waiting + fresh.length;
  const pending = waiting > KEEP ? fresh.slice(0, 1) : [...fresh, ...list.pending];
  return { ...next, pending, waiting };
}

/** @param {List} list @returns {boolean} whether the newest rows must be read again to get there */
export function mustReload(list) {
  return list.newer || list.waiting > list.pending.length;
}

/**
 * The rows that waited, on top. Where some are missing the caller reads the first page again.
 * @param {List} list
 * @returns {List}
 */
export function released(list) {
  if (mustReload(list)) return emptyList(list.ticket + 1, list);
  return trimOld({ ...list, rows: [...list.pending, ...list.rows], pending: [], waiting: 0 });
}

/**
 * A page of the history takes its place.
 * @param {List} list
 * @param {Page} page
 * @param {How} how
 * @param {{ hold: boolean, unreadOnly: boolean }} context
 * @returns {List}
 */
export function mergePage(list, page, how, { hold, unreadOnly }) {
  const [oldest, newest] = page.span ?? [list.oldest, list.newest];
  const { bounded } = page;
  const done = { ...list, bounded, newest: Math.max(list.newest, newest), oldest, loading: null, error: null };
  const { outages, more } = page;
  switch (how) {
    case "first": {
      const live = list.rows.filter((row) => row.row > (page.rows[0]?.row ?? 0));
      return withOutages(atEdge({ ...done, rows: [...live, ...page.rows], more }, false), outages);
    }
    case "older": {
      const last = list.rows[list.rows.length - 1]?.row ?? Infinity;
      const rows = [...list.rows, ...page.rows.filter((row) => row.row < last)];
      return withOutages(trimNew({ ...done, rows, more }), outages);
    }
    case "newer": {
      const above = page.rows.filter((row) => row.row > (list.rows[0]?.row ?? 0));
      const rows = [...above, ...list.rows];
      return withOutages(trimOld(atEdge({ ...done, rows }, page.newer)), outages);
    }
    case "jump":
    case "oldest": {
      const opens = how === "jump" ? /** @type {const} */ ("top") : /** @type {const} */ ("bottom");
      const opened = { ...done, ticket: list.ticket + 1, opens, rows: page.rows, more, outages: [] };
      return withOutages(atEdge(opened, page.newer), outages);
    }
    case "refresh":
      return withOutages(refreshed(done, page, hold, unreadOnly), outages);
  }
}

/** Which rows still wait once the window reaches up to its own first row. @param {List} list @param {boolean} newer @returns {List} */
function atEdge(list, newer) {
  if (newer) return { ...list, newer };
  const first = list.rows[0]?.row ?? 0;
  const pending = list.pending.filter((row) => row.row > first);
  const isWhole = list.waiting <= list.pending.length || pending.length === 0;
  return isWhole
    ? { ...list, newer: false, pending, waiting: pending.length }
    : { ...list, newer: true };
}

/**
 * The newest page again after the feed lost messages. Rows that are here keep their place; one
 * that is no longer among the unread was read elsewhere, and one between them is back from the
 * trash.
 * @param {List} list
 * @param {Page} page
 * @param {boolean} hold
 * @param {boolean} unreadOnly
 * @returns {List}
 */
function refreshed(list, page, hold, unreadOnly) {
  if (list.rows.length === 0) {
    return { ...list, rows: page.rows, more: page.more, newer: false, pending: [], waiting: 0 };
  }
  const now = new Map(page.rows.map((row) => [row.row, row]));
  const oldest = page.more ? (page.rows[page.rows.length - 1]?.row ?? 0) : 0;
  const first = list.rows[0]?.row ?? 0;
  const here = list.rows.map((row) => {
    const same = now.get(row.row);
    if (same) return same;
    return unreadOnly && row.row >= oldest && !row.read ? { ...row, read: true } : row;
  });
  const { rows } = withRows({ ...list, rows: here }, page.rows.filter((row) => row.row < first));
  const shown = page.rows.filter((row) => row.row > first);
  const gap = page.more && shown.length === page.rows.length;
  if (list.newer) return { ...list, rows };
  // What the feed brought while the page was on its way is newer than the page.
  const later = list.pending.filter((row) => row.row > Math.max(first, page.rows[0]?.row ?? 0));
  const isCut = later.length > 0 && mustReload(list);
  const fresh = [...later, ...shown];
  if (hold || isCut) {
    return { ...list, rows, pending: fresh, waiting: gap || isCut ? fresh.length + 1 : fresh.length };
  }
  if (gap) return { ...list, rows: fresh, more: page.more, pending: [], waiting: 0 };
  return trimOld({ ...list, rows: [...fresh, ...rows], pending: [], waiting: 0 });
}

/**
 * Rows with a change, and how the unread count of each source changes by it.
 * @param {List} list
 * @param {Set<RowId>} which
 * @param {{ read?: boolean, pinned?: boolean }} patch
 */
export function patchRows(list, which, patch) {
  /** @type {Map<SourceId, number>} */
  const change = new Map();
  let touched = false;
  const mark = (/** @type {Row} */ row) => {
    if (!which.has(row.row)) return row;
    const next = { ...row, ...patch };
    if (next.read === row.read && next.pinned === row.pinned) return row;
    touched = true;
    if (next.read !== row.read) change.set(row.source, (change.get(row.source) ?? 0) + (next.read ? -1 : 1));
    return next;
  };
  const rows = list.rows.map(mark);
  const pending = list.pending.map(mark);
  return { list: touched ? { ...list, rows, pending } : list, change };
}

/**
 * Rows are gone.
 * @param {List} list
 * @param {(row: Row) => boolean} isGone
 * @returns {List}
 */
export function withoutRows(list, isGone) {
  const kept = (/** @type {Row[]} */ rows) => rows.filter((row) => !isGone(row));
  const pending = kept(list.pending);
  const waiting = list.waiting - (list.pending.length - pending.length);
  return { ...list, rows: kept(list.rows), pending, waiting };
}

/**
 * Rows are back, each in its place.
 * @param {List} list
 * @param {Row[]} rows
 * @returns {List}
 */
export function withRows(list, rows) {
  const known = new Set(list.rows.map(({ row }) => row));
  const last = list.more ? (list.rows[list.rows.length - 1]?.row ?? 0) : 0;
  const back = rows.filter(({ row }) => !known.has(row) && row >= last);
  if (back.length === 0) return list;
  return { ...list, rows: [...list.rows, ...back].sort((a, b) => b.row - a.row) };
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

/**
 * Where a row lies between the newest and the oldest, from 0 to 1.
 * @param {List} list
 * @param {RowId} row
 */
export function fractionOf({ newest, oldest }, row) {
  return newest <= oldest ? 0 : Math.min(1, Math.max(0, (newest - row) / (newest - oldest)));
}

/** The row at such a place. @param {List} list @param {number} fraction @returns {RowId} */
export function rowAt({ newest, oldest }, fraction) {
  return Math.round(newest - fraction * Math.max(0, newest - oldest));
}
