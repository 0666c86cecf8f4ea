// What happens to rows, whichever view shows them: read, pinned, deleted and back. Pure.
import { patchRows, withOutages, withoutRows, withRows } from "./rows.js";

/** @import { OutageView, Row, RowId, SourceId } from "./wire.d.ts" */
/** @import { List } from "./rows.js" */
/** @import { State, View } from "./state.js" */

/**
 * Whether a row belongs to a view. What a search holds, only the history knows.
 * @param {View} view
 * @param {Row} row
 */
export function inView(view, row) {
  switch (view.kind) {
    case "source":
      return row.source === view.id;
    case "quieted":
      return row.delivery === "quiet";
    case "inbox":
      return !row.read;
    case "all":
      return true;
  }
}

/** The list with a time without connection, where it shows such. @param {State} state @param {OutageView} outage @returns {List} */
export function broken({ view, query, list }, outage) {
  const isShown = query === "" && (view.kind === "all" || (view.kind === "source" && view.id === outage.source));
  return isShown ? withOutages(list, [outage]) : list;
}

/** Whether the list shows unread events only. @param {State} state */
export function isUnreadOnly({ view, query }) {
  return view.kind === "inbox" && query === "";
}

/** @param {State} state @param {Map<SourceId, number>} change @returns {State} */
export function countUnread(state, change) {
  if (change.size === 0) return state;
  const sources = state.sources.map((source) => {
    const by = change.get(source.id) ?? 0;
    return by === 0 ? source : { ...source, unread: Math.max(0, source.unread + by) };
  });
  const by = [...change.values()].reduce((sum, one) => sum + one, 0);
  const counts = { ...state.counts, unread: Math.max(0, state.counts.unread + by) };
  return { ...state, sources, counts };
}

/** @param {State} state @param {RowId[]} rows @param {{ read?: boolean, pinned?: boolean }} patch @returns {State} */
export function patched(state, rows, patch) {
  const { list, change } = patchRows(state.list, new Set(rows), patch);
  const { detail } = state;
  if (!detail || !rows.includes(detail.row)) return countUnread({ ...state, list }, change);
  const next = { ...detail, ...patch };
  if (change.size === 0 && next.read !== detail.read) change.set(detail.source, next.read ? -1 : 1);
  return countUnread({ ...state, list, detail: next }, change);
}

/** Rows are deleted; the selection goes to the next older row, else the next newer. @param {State} state @param {RowId[]} rows @returns {State} */
export function gone(state, rows) {
  const which = new Set(rows);
  const list = withoutRows(state.list, ({ row }) => which.has(row));
  /** @type {Map<SourceId, number>} */
  const change = new Map();
  for (const row of [...state.list.rows, ...state.list.pending]) {
    if (which.has(row.row) && !row.read) change.set(row.source, (change.get(row.source) ?? 0) - 1);
  }
  const next = countUnread({ ...state, list }, change);
  const { selected } = state;
  if (selected === null || !which.has(selected)) return next;
  const older = list.rows.find(({ row }) => row < selected);
  const heir = older ?? list.rows[list.rows.length - 1];
  return { ...next, selected: heir?.row ?? null, detail: null, detailError: null };
}

/** Rows are back, as they were. @param {State} state @param {Row[]} rows @param {RowId | null} selected @returns {State} */
export function restored(state, rows, selected) {
  /** @type {Map<SourceId, number>} */
  const change = new Map();
  for (const row of rows) {
    if (!row.read) change.set(row.source, (change.get(row.source) ?? 0) + 1);
  }
  const list = state.query === "" ? withRows(state.list, rows.filter((row) => fits(state.view, row))) : state.list;
  const next = countUnread({ ...state, list }, change);
  return selected === null ? next : { ...next, selected, detail: null, detailError: null };
}

/** A read row that comes back may stand among the unread, where it stood before. @param {View} view @param {Row} row */
function fits(view, row) {
  return inView(view, view.kind === "inbox" ? { ...row, read: false } : row);
}

/** The list without the rows of a source. @param {List} list @param {SourceId} id */
export function without(list, id) {
  return withoutRows(list, ({ source }) => source === id);
}
