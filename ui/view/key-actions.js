// What a key does in the window, and where the focus goes.
import { sourceOf } from "../store.js";
import { later } from "./later.js";
import { bringIntoSight, scroller, timeInSight, toRowMenu } from "./rows.js";
import { focusSearch } from "./search.js";

/** @import { Commands } from "../commands.js" */
/** @import { KeyAction } from "../keys.js" */
/** @import { Pane, State } from "../state.js" */

/** The panes of a page: its sidebar, and each part of it that scrolls on its own. */
const PAGE_PANES = ".side, .panel [data-pane], .panel .r-side, .panel .r-ed";
const PANES = /** @type {const} */ (["side", "list", "detail"]);
const SELECTORS = { side: ".side", list: ".list, .r-side", detail: ".detail, .r-ed" };

/** The pane that holds the focus. @returns {Pane | null} */
export function focusedPane() {
  return PANES.find((pane) => document.activeElement?.closest(SELECTORS[pane])) ?? null;
}

/** Whether an element can be seen. @param {Element | null} element */
const isShown = (element) => element instanceof HTMLElement && element.checkVisibility();

/** Puts the focus where a pane begins. @param {Pane} pane @returns {boolean} */
export function focusPane(pane) {
  const within = {
    side: [".side [aria-current]", ".side button"],
    list: [".rows", ".list .empty .btn", ".list", ".r-pick[aria-current]", ".r-pick", "#rules-new"],
    detail: ["#detail-title", ".detail .bar button:not([disabled])", "#rule-name", "#rule-json"],
  };
  for (const selector of within[pane]) {
    const found = /** @type {HTMLElement | null} */ (document.querySelector(selector));
    if (!isShown(found)) continue;
    found?.focus({ preventScroll: true });
    return true;
  }
  return false;
}

/** The panes there are, those that others stand in front of left out. @returns {HTMLElement[]} */
function pagePanes() {
  const panes = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(PAGE_PANES)]);
  return panes.filter((pane) => pane.matches(".side") || getComputedStyle(pane).display !== "none");
}

/** @param {HTMLElement | undefined} pane */
function land(pane) {
  const begin = pane?.matches("[tabindex]") ? pane : pane?.querySelector("[aria-current], button:not([disabled])");
  /** @type {HTMLElement | null | undefined} */ (begin)?.focus({ preventScroll: true });
}

/** Puts the focus where a page begins. @returns {boolean} */
export function focusPage() {
  const body = pagePanes().find((pane) => !pane.matches(".side")) ?? null;
  if (!isShown(body)) return false;
  land(body ?? undefined);
  return true;
}

/** Whether a key led to a page that the focus has yet to follow. */
let isEntering = false;

/** @param {() => void} open @param {() => void} schedule */
function enter(open, schedule) {
  isEntering = true;
  open();
  schedule();
  return true;
}

/** Puts the focus where the page begins that a key led to, once it stands: pages are read late. @param {State} state */
export function enterPage(state) {
  const pages = later();
  if (!isEntering || !pages) return;
  isEntering = false;
  if (state.connections.panel?.kind === "rules") pages.focusRules();
  else if (state.connections.panel) focusPage();
}

/** @param {Commands} act @param {1 | -1} by */
function cyclePage(act, by) {
  const panes = pagePanes();
  const from = panes.findIndex((pane) => pane.contains(document.activeElement));
  const next = panes[(Math.max(from, 0) + by + panes.length) % panes.length];
  const isSide = next?.matches(".side") ?? true;
  act.pane(isSide ? "side" : "list");
  requestAnimationFrame(() => (isSide ? focusPane("side") : land(next)));
}

/** @param {State} state @param {Commands} act @param {1 | -1} by */
function cyclePane(state, act, by) {
  if (state.connections.panel) return cyclePage(act, by);
  const from = PANES.indexOf(focusedPane() ?? state.pane);
  for (let step = 1; step <= PANES.length; step += 1) {
    const pane = PANES[(from + by * step + PANES.length * 3) % PANES.length] ?? "list";
    if (pane === "detail" && state.selected === null) continue;
    act.pane(pane);
    requestAnimationFrame(() => focusPane(pane));
    return;
  }
}

/** @param {State} state @param {number} by */
function rowBy(state, by) {
  const { rows } = state.list;
  const at = rows.findIndex(({ row }) => row === state.selected);
  const to = at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by));
  return rows[to]?.row ?? null;
}

/** The next unread row in a direction, of those in memory. @param {State} state @param {1 | -1} by */
function unreadBy(state, by) {
  const { rows } = state.list;
  const at = rows.findIndex(({ row }) => row === state.selected);
  for (let index = at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by; index >= 0 && index < rows.length; index += by) {
    const row = rows[index];
    if (row && !row.read) return row.row;
  }
  return null;
}

/** @param {State} state @param {Commands} act @param {number | null} row */
function goTo(state, act, row) {
  if (row === null || state.pane === "side") return false;
  bringIntoSight(row);
  act.select(row, state.pane);
  if (focusedPane() === null) scroller()?.focus({ preventScroll: true });
  return true;
}

/** To either end of everything, not only of what is in memory. @param {State} state @param {Commands} act @param {"first" | "last"} end @param {() => State} current */
async function goToEnd(state, act, end, current) {
  if (end === "last" && state.list.more) await act.oldest();
  if (end === "first" && (state.list.newer || state.list.waiting > 0)) await act.toNewest();
  const { rows } = current().list;
  goTo(current(), act, (end === "last" ? rows[rows.length - 1] : rows[0])?.row ?? null);
}

/** @param {Commands} act @param {Parameters<Commands["show"]>[0]} view */
function show(act, view) {
  act.show(view);
  requestAnimationFrame(() => focusPane("list"));
  return true;
}

/**
 * @param {KeyAction} action
 * @param {() => State} current
 * @param {Commands} act
 * @param {() => void} schedule
 * @returns {boolean} whether it did anything
 */
export function runKey(action, current, act, schedule) {
  const state = current();
  const moves = { next: 1, previous: -1, pageDown: 8, pageUp: -8 };
  const place = /^source (\d)$/.exec(action)?.[1];
  if (place) {
    const source = state.sources[Number(place) - 1];
    return source ? show(act, { kind: "source", id: source.id }) : false;
  }
  switch (action) {
    case "next":
    case "previous":
    case "pageDown":
    case "pageUp":
      return goTo(state, act, rowBy(state, moves[action]));
    case "first":
    case "last":
      void goToEnd(state, act, action, current);
      return true;
    case "previousUnread":
    case "nextUnread": {
      if (state.pane === "side") return false;
      const by = action === "nextUnread" ? 1 : -1;
      const near = unreadBy(state, by);
      if (near === null) void act.farUnread(by);
      else goTo(state, act, near);
      return true;
    }
    case "open": {
      const row = state.selected ?? state.list.rows[0]?.row;
      if (row === undefined || focusedPane() === "detail") return false;
      act.select(row, "detail");
      requestAnimationFrame(() => focusPane("detail"));
      return true;
    }
    case "back":
      return back(state, act);
    case "toggleRead":
      act.toggleRead();
      return state.selected !== null;
    case "pin":
      void act.togglePin();
      return state.selected !== null;
    case "remove":
      if (state.selected === null) return false;
      void act.remove();
      return true;
    case "makeRule":
      if (state.selected === null) return false;
      void act.makeRule();
      return true;
    case "mute": {
      const id = state.detail?.source ?? (state.view.kind === "source" ? state.view.id : null);
      if (id === null) return false;
      void act.mute(id);
      return true;
    }
    case "onlySource": {
      const source = state.detail && sourceOf(state, state.detail.source);
      if (!source) return false;
      const isHere = state.view.kind === "source" && state.view.id === source.id;
      return show(act, isHere ? { kind: "all" } : { kind: "source", id: source.id });
    }
    case "search":
      if (state.connections.panel) act.closePanel();
      act.pane("list");
      act.searching(true);
      focusSearch();
      return true;
    case "goInbox":
      return show(act, { kind: "inbox" });
    case "goAll":
      return show(act, { kind: "all" });
    case "goQuieted":
      return show(act, { kind: "quieted" });
    case "goSources":
      act.pane("side");
      requestAnimationFrame(() => focusPane("side"));
      return true;
    case "menu":
      return toRowMenu(state, schedule);
    case "goToTime":
      if (state.connections.panel) act.closePanel();
      act.askTime(timeInSight(state));
      return true;
    case "goRules":
      return enter(act.openRules, schedule);
    case "keySheet":
      act.keySheet();
      return true;
    case "goDiagnostics":
      return enter(act.showDiagnosis, schedule);
    case "settings":
      return enter(act.showSettings, schedule);
    case "nextPane":
      cyclePane(state, act, 1);
      return true;
    case "previousPane":
      cyclePane(state, act, -1);
      return true;
    case "liveEdge":
      void goToEnd(state, act, "first", current);
      return true;
    default:
      return false;
  }
}

/** One step back: out of the detail, the search, the selection. @param {State} state @param {Commands} act */
function back(state, act) {
  const inSearch = document.activeElement?.id === "search";
  if (focusedPane() === "detail" && state.pane === "detail") {
    act.pane("list");
  } else if (inSearch || state.searching || state.query !== "") {
    act.search("");
    act.searching(false);
  } else if (state.selected !== null) {
    act.deselect();
  }
  requestAnimationFrame(() => focusPane("list"));
  return true;
}
