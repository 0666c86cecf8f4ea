// The one pure function that changes what the window knows.
import { connect } from "./connections.js";
import { broken, countUnread, gone, inView, isUnreadOnly, patched, restored, without } from "./inbox-state.js";
import { addRows, delivered, emptyList, mergePage, released } from "./rows.js";
import { changeRules, isDirty, opened } from "./rules-state.js";
import { fieldsOf } from "./source-form.js";
import { initial } from "./state.js";

/** @import { Millis, Snapshot, SourceId, SourceState, SourceView, Update } from "./wire.d.ts" */
/** @import { Action, FirstRun, State, View } from "./state.js" */

export const COLOURS = 6;

/** @param {State} state @returns {number} unread events over all sources */
export function unreadTotal(state) {
  return state.counts.unread;
}

/** @param {State} state @param {SourceId} id @returns {SourceView | undefined} */
export function sourceOf(state, id) {
  return state.sources.find((source) => source.id === id);
}

/**
 * Every source keeps its colour while the window lives; a new one takes the least used.
 * @param {Record<SourceId, number>} colours
 * @param {SourceView[]} sources
 */
export function withColours(colours, sources) {
  const used = new Array(COLOURS).fill(0);
  /** @type {Record<SourceId, number>} */
  const next = {};
  for (const { id } of sources) {
    const colour = colours[id];
    if (colour === undefined) continue;
    next[id] = colour;
    used[colour] += 1;
  }
  for (const { id } of sources) {
    if (next[id] !== undefined) continue;
    const colour = used.indexOf(Math.min(...used));
    next[id] = colour;
    used[colour] += 1;
  }
  return next;
}

/**
 * A source is troubled from the moment it waits for another try, or leaves a live stream, until
 * it is live again or a person must act.
 * @param {Record<SourceId, Millis>} troubled
 * @param {SourceView} source
 * @param {SourceState | undefined} before
 * @param {Millis} now
 */
function withTrouble(troubled, source, before, now) {
  const { [source.id]: since, ...rest } = troubled;
  const { state } = source;
  const isTroubled =
    state.state === "waiting" ||
    (state.state === "connecting" && (since !== undefined || before?.state === "live"));
  return isTroubled ? { ...rest, [source.id]: since ?? now } : rest;
}

/** @param {State} state @param {SourceView} source @param {Millis} now @returns {State} */
function putSource(state, source, now) {
  const before = sourceOf(state, source.id);
  const sources = before
    ? state.sources.map((old) => (old.id === source.id ? source : old))
    : [...state.sources, source];
  return {
    ...state,
    sources,
    colours: before ? state.colours : withColours(state.colours, sources),
    troubled: withTrouble(state.troubled, source, before?.state, now),
  };
}

/** @param {State} state @param {SourceId} id @param {boolean} keep @returns {State} */
function dropSource(state, id, keep) {
  if (!sourceOf(state, id) && keep) return state;
  const { [id]: _, ...troubled } = state.troubled;
  const lost = state.selected !== null && !keep && state.detail?.source === id;
  const next = {
    ...state,
    sources: state.sources.filter((source) => source.id !== id),
    troubled,
    list: keep ? state.list : without(state.list, id),
    selected: lost ? null : state.selected,
    detail: lost ? null : state.detail,
  };
  const leaves = state.view.kind === "source" && state.view.id === id;
  return leaves ? open(next, { kind: "inbox" }, "") : next;
}

/** @param {State} state @param {View} view @param {string} query @returns {State} */
function open(state, view, query) {
  const searchText = query === "" ? "" : state.searchText;
  const list = emptyList(state.list.ticket + 1, state.list);
  return { ...state, view, query, searchText, queryError: null, list };
}

/** Back to the list. @param {State} state @returns {State} */
function withoutPanel(state) {
  const { connections } = state;
  return connections.panel ? { ...state, connections: connect(connections, { what: "panel", panel: null }) } : state;
}

/** @param {State} state @param {Update} update @param {boolean} hold @param {Millis} now @returns {State} */
function applyUpdate(state, update, hold, now) {
  switch (update.kind) {
    case "rows": {
      /** @type {Map<SourceId, number>} */
      const change = new Map();
      for (const row of update.rows) {
        if (!row.read) change.set(row.source, (change.get(row.source) ?? 0) + 1);
      }
      const rows = state.query === "" ? update.rows.filter((row) => inView(state.view, row)) : [];
      return countUnread({ ...state, list: addRows(state.list, rows, hold) }, change);
    }
    case "outage":
      return { ...state, list: broken(state, update.outage) };
    case "delivered": {
      const list = delivered(state.list, update.row, update.delivery);
      const { detail } = state;
      const same = detail?.row === update.row;
      return { ...state, list, detail: same ? { ...detail, delivery: update.delivery } : detail };
    }
    case "read":
      return update.rows === null ? state : patched(state, update.rows, { read: update.read });
    case "pinned":
      return patched(state, update.rows, { pinned: update.pinned });
    case "deleted":
      return update.rows === null ? state : gone(state, update.rows);
    case "restored":
    case "resync":
      return state;
    case "counts":
      return { ...state, counts: update.counts };
    case "source":
      return putSource(state, update.source, now);
    case "source_removed":
      return dropSource(state, update.id, true);
    case "preferences":
      return { ...state, preferences: update.preferences };
    case "troubles":
      return { ...state, troubles: update.troubles };
    case "quiet":
      return { ...state, quiet: update.quiet };
    case "open":
      return reduce(state, { type: "select", row: update.row, pane: "detail" });
  }
}

/** @returns {FirstRun} */
export function newFirstRun() {
  const nothing = { source: null, url: "", fields: fieldsOf(null), pasted: false, leftOut: [] };
  return { ...nothing, consent: false, consentAsked: false, busy: false, error: null, toast: "none", toastError: null };
}

/** @param {State} state @param {Snapshot} snapshot @param {Millis} now @returns {State} */
function attach(state, snapshot, now) {
  const before = new Map(state.sources.map((source) => [source.id, source.state]));
  /** @type {Record<SourceId, Millis>} */
  let troubled = {};
  for (const source of snapshot.sources) {
    const since = state.troubled[source.id];
    if (since !== undefined) troubled = { ...troubled, [source.id]: since };
    troubled = withTrouble(troubled, source, before.get(source.id), now);
  }
  const isFirst = state.phase !== "ready";
  const isEmpty = snapshot.sources.length === 0 && snapshot.page.rows.length === 0;
  // Whoever lost settings is no newcomer, and must see the banner that says so.
  const isNew = isEmpty && snapshot.troubles.every(({ kind }) => kind === "toasts_unavailable");
  const { view } = state;
  const gone = view.kind === "source" && !snapshot.sources.some(({ id }) => id === view.id);
  const next = {
    ...state,
    phase: /** @type {const} */ ("ready"),
    failure: null,
    sources: snapshot.sources,
    colours: withColours(state.colours, snapshot.sources),
    troubled,
    preferences: snapshot.preferences,
    systemLanguage: snapshot.system_language,
    troubles: snapshot.troubles,
    quiet: snapshot.quiet,
    counts: snapshot.counts,
    version: snapshot.version,
    firstRun:
      isFirst && isNew ? newFirstRun() : state.firstRun,
    now,
  };
  return gone ? open(next, { kind: "inbox" }, "") : next;
}

/** What a person does that may lead away from a page. */
const LEAVING = new Set(["view", "select", "connections"]);

/**
 * Rules that were changed are not left without a question.
 * @param {State} state @param {Action} action @returns {State}
 */
export function reduce(state, action) {
  const next = apply(state, action);
  const isHere = (/** @type {State} */ { connections }) => connections.panel?.kind === "rules";
  const leaves = LEAVING.has(action.type) && isHere(state) && !isHere(next) && isDirty(next.rules);
  return leaves ? { ...state, rules: changeRules(state.rules, { what: "ask", ask: { what: "leave", action } }) } : next;
}

/** @param {State} state @param {Action} action @returns {State} */
function apply(state, action) {
  switch (action.type) {
    case "attached":
      return attach(state, action.snapshot, action.now);
    case "failed":
      return { ...state, phase: "failed", failure: action.error };
    case "updates": {
      // A source's own count is the truth: it is taken after the rows it already counts.
      const isCount = (/** @type {Update} */ { kind }) => kind === "source" || kind === "counts";
      const counts = action.updates.filter(isCount);
      const others = action.updates.filter((update) => !isCount(update));
      return [...others, ...counts].reduce(
        (next, update) => applyUpdate(next, update, action.hold, action.now),
        { ...state, now: action.now },
      );
    }
    case "page":
      return action.ticket === state.list.ticket
        ? {
            ...state,
            list: mergePage(state.list, action.page, action.how, {
              hold: action.hold,
              unreadOnly: isUnreadOnly(state),
            }),
          }
        : state;
    case "pageFailed":
      return action.ticket === state.list.ticket
        ? { ...state, list: { ...state.list, loading: null, error: action.error } }
        : state;
    case "loading":
      return { ...state, list: { ...state.list, loading: action.what } };
    case "view":
      return { ...withoutPanel(open(state, action.view, "")), pane: "list", searching: false, selected: null, detail: null, detailError: null };
    case "query":
      return action.query === state.query ? state : open(state, state.view, action.query);
    case "searchText":
      return { ...state, searchText: action.text };
    case "searching":
      return { ...state, searching: action.open };
    case "release":
      return { ...state, list: released(state.list) };
    case "select": {
      const same = action.row !== null && action.row === state.detail?.row;
      return {
        ...(action.keepPanel ? state : withoutPanel(state)),
        selected: action.row,
        pane: action.pane,
        detail: same ? state.detail : null,
        detailError: null,
      };
    }
    case "detail":
      return action.detail.row === state.selected
        ? { ...state, detail: action.detail, detailError: null }
        : state;
    case "detailFailed":
      return action.row === state.selected ? { ...state, detailError: action.error } : state;
    case "tab":
      return { ...state, tab: action.tab };
    case "pane":
      return { ...state, pane: action.pane };
    case "read":
      return patched(state, action.rows, { read: action.read });
    case "pinned":
      return patched(state, action.rows, { pinned: action.pinned });
    case "gone":
      return gone(state, action.rows);
    case "restored":
      return restored(state, action.rows, action.selected);
    case "queryError":
      return { ...state, queryError: action.error };
    case "overlay":
      return { ...state, overlay: action.overlay };
    case "wrap":
      return { ...state, wrap: action.wrap };
    case "source": {
      // An answer may come after news of the feed that is newer than it.
      const known = sourceOf(state, action.source.id);
      const news = known && { state: known.state, unread: known.unread, last_event_at: known.last_event_at, silent_since: known.silent_since };
      return putSource(state, { ...action.source, ...news }, action.now);
    }
    case "sourceRemoved":
      return dropSource(state, action.id, action.keep);
    case "preferences":
      return { ...state, preferences: action.preferences };
    case "firstRun":
      return state.firstRun
        ? { ...state, firstRun: { ...state.firstRun, ...action.patch } }
        : state;
    case "enter":
      return { ...state, firstRun: null };
    case "connections":
      return { ...state, connections: connect(state.connections, action.change) };
    case "rules/open": {
      const panel = /** @type {const} */ ({ kind: "rules" });
      const connections = connect(state.connections, { what: "panel", panel });
      return { ...state, connections, pane: "list", rules: opened(state.rules, action.draft) };
    }
    case "rules":
      return { ...state, rules: changeRules(state.rules, action.change) };
    case "dialog":
      return { ...state, dialog: action.dialog };
    case "sourceForm":
      return state.dialog?.kind === "source"
        ? { ...state, dialog: { ...state.dialog, ...action.patch } }
        : state;
    case "removeForm":
      return state.dialog?.kind === "remove"
        ? { ...state, dialog: { ...state.dialog, ...action.patch } }
        : state;
    case "dismiss":
      return { ...state, dismissed: [...state.dismissed, action.kind] };
    case "notice":
      return { ...state, notice: action.notice };
    case "settings":
      return { ...state, settings: { ...state.settings, ...action.patch } };
    case "forgotten":
      return { ...initial, systemLanguage: state.systemLanguage, list: emptyList(state.list.ticket + 1), now: action.now };
    case "pulse":
      return { ...state, pulse: action.minutes };
    case "tick":
      return { ...state, now: action.now };
  }
}
