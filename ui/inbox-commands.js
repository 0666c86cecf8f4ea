// What a person does with events: looks for them, reads, pins, deletes and takes back.
import { t } from "./i18n.js";
import { copyText } from "./copy.js";
import { settledQuery, withPart } from "./query.js";
import { mustReload, PAGE, rowAt } from "./rows.js";

/** @import { CommandError, Millis, PageRequest, Row, RowId, Snooze } from "./wire.d.ts" */
/** @import { backend as Backend } from "./backend.js" */
/** @import { ZoomStep } from "./keys.js" */
/** @import { How } from "./rows.js" */
/** @import { Action, Pane, State, Tab, View } from "./state.js" */

/** How long a row is selected, in a focused window, before it counts as read. */
const READ_AFTER = 1000;
/** How long a step can be taken back. The core keeps deleted events a little longer. */
export const UNDO_FOR = 8000;
/** After the last typed letter. */
const DEBOUNCE = 80;
/** The page with which the list ends. */
const OLDEST = { after: 0 };

/**
 * @param {object} parts
 * @param {typeof Backend} parts.backend
 * @param {() => State} parts.state
 * @param {(action: Action) => void} parts.dispatch
 * @param {() => boolean} parts.isHeld whether the list must not move now
 * @param {(name: string, delay: number, run: () => void) => void} parts.later
 * @param {Record<string, ReturnType<typeof setTimeout> | undefined>} parts.timers
 * @param {(text: string, bad?: boolean) => void} parts.notify
 * @param {(error: unknown) => void} parts.fail
 * @param {() => Promise<void>} parts.refresh
 */
export function createInboxCommands({ backend, state, dispatch, isHeld, later, timers, notify, fail, refresh }) {
  /** @type {(() => Promise<unknown>) | null} takes back the last step */
  let takeBack = null;
  /** @type {Partial<PageRequest> | null} where to go next, asked while a page was on its way */
  let nextJump = null;
  let isJumping = false;

  /** @param {Partial<PageRequest>} [change] @returns {PageRequest} */
  function pageRequest(change) {
    const { view, query } = state();
    return {
      source: view.kind === "source" ? view.id : null,
      before: null,
      after: null,
      at: null,
      pinned: false,
      unread: view.kind === "inbox" && query === "",
      quiet: view.kind === "quieted",
      query: query === "" ? null : query,
      limit: PAGE,
      ...change,
    };
  }

  /** @param {How} how @param {Partial<PageRequest>} [change] */
  async function load(how, change) {
    const { ticket } = state().list;
    try {
      const page = await backend.historyPage(pageRequest(change));
      dispatch({ type: "page", ticket, page, how, hold: isHeld() });
      if (state().queryError && ticket === state().list.ticket) dispatch({ type: "queryError", error: null });
    } catch (reason) {
      const error = /** @type {CommandError} */ (reason);
      if (error.code.startsWith("query_")) {
        dispatch({ type: "queryError", error });
        return;
      }
      dispatch({ type: "pageFailed", ticket, error });
    }
  }

  /** @param {RowId} row */
  async function loadDetail(row) {
    later("read", READ_AFTER, () => readIfSeen(row));
    try {
      dispatch({ type: "detail", detail: await backend.historyGet(row) });
    } catch (error) {
      dispatch({ type: "detailFailed", row, error: /** @type {CommandError} */ (error) });
    }
  }

  /** @param {RowId} row */
  function readIfSeen(row) {
    if (state().selected !== row) return;
    if (!document.hasFocus()) {
      later("read", READ_AFTER, () => readIfSeen(row));
      return;
    }
    const known = rowOf(row);
    if (known && !known.read) void markRead([row], true);
  }

  /** @param {RowId | null} id @returns {Row | undefined} */
  function rowOf(id) {
    const { detail, list } = state();
    return detail?.row === id ? detail : list.rows.find(({ row }) => row === id);
  }

  /** @param {RowId[]} rows @param {boolean} read */
  async function markRead(rows, read) {
    dispatch({ type: "read", rows, read });
    try {
      await backend.historyMarkRead({ rows, source: null, read });
    } catch (error) {
      dispatch({ type: "read", rows, read: !read });
      fail(error);
    }
  }

  /** @param {string} text @param {() => Promise<unknown>} undo */
  function offerUndo(text, undo) {
    takeBack = undo;
    dispatch({ type: "notice", notice: { text, bad: false, undo: true } });
    later("notice", UNDO_FOR, () => {
      takeBack = null;
      dispatch({ type: "notice", notice: null });
    });
  }

  /** @param {Promise<void>} opening */
  async function open(opening) {
    try {
      await opening;
    } catch (error) {
      fail(error);
    }
  }

  /** @param {View} view */
  function show(view) {
    dispatch({ type: "view", view });
    void load("first");
  }

  /** @param {string} text */
  function setQuery(text) {
    const query = settledQuery(text);
    if (query === state().query) return;
    dispatch({ type: "query", query });
    void load("first");
  }

  /** @param {Partial<PageRequest>} place where the list is to begin, or to end: after 0 */
  async function jumpTo(place) {
    nextJump = place;
    if (isJumping) return;
    isJumping = true;
    while (nextJump !== null) {
      /** @type {Partial<PageRequest>} */
      const next = nextJump;
      nextJump = null;
      const { list } = state();
      await load(next.after === 0 ? "oldest" : "jump", next);
      if (state().list.rows.length === 0 && state().list.oldest < list.newest) await load("oldest", { after: 0 });
    }
    isJumping = false;
  }

  const commands = {
    show,

    /** @param {string} text */
    search(text) {
      dispatch({ type: "searchText", text });
      later("query", DEBOUNCE, () => setQuery(text));
    },

    /** Looks at once, in all sources where wanted. @param {string} text @param {View} [view] */
    searchNow(text, view) {
      clearTimeout(timers["query"]);
      if (view) dispatch({ type: "view", view });
      dispatch({ type: "searchText", text });
      dispatch({ type: "searching", open: true });
      if (settledQuery(text) === state().query && view) void load("first");
      else setQuery(text);
    },

    /** Adds a part to the query, or begins one. @param {string} part */
    filterBy(part) {
      commands.searchNow(withPart(state().searchText, part));
    },

    /** @param {boolean} open */
    searching(open) {
      dispatch({ type: "searching", open });
    },

    older() {
      const { list } = state();
      const last = list.rows[list.rows.length - 1];
      if (!list.more || list.loading || list.error || !last || isJumping) return;
      dispatch({ type: "loading", what: "older" });
      void load("older", { before: last.row });
    },

    newer() {
      const { list } = state();
      const [first] = list.rows;
      if (!list.newer || list.loading || list.error || !first || isJumping) return;
      dispatch({ type: "loading", what: "newer" });
      void load("newer", { after: first.row });
    },

    /** Shows what lies at a place of the whole list, from 0 (newest) to 1. @param {number} fraction */
    jump(fraction) {
      const row = rowAt(state().list, fraction);
      return jumpTo(row <= state().list.oldest ? OLDEST : { before: row + 1 });
    },

    /** The oldest events. */
    async oldest() {
      await jumpTo(OLDEST);
    },

    /** Shows and selects the nearest unread event beyond what is in memory, if there is one. @param {1 | -1} by older or newer */
    async farUnread(by) {
      const { rows, more, newer, waiting } = state().list;
      const edge = by > 0 ? rows[rows.length - 1] : rows[0];
      if (!edge || !(by > 0 ? more : newer || waiting > 0)) return;
      const beyond = by > 0 ? { before: edge.row } : { after: edge.row };
      try {
        const [found] = (await backend.historyPage(pageRequest({ ...beyond, unread: true, limit: 1 }))).rows;
        if (!found) return;
        await jumpTo({ before: found.row + 1 });
        commands.select(found.row, state().pane);
      } catch (error) {
        fail(error);
      }
    },

    /** Asks for a time, beginning with one. @param {Millis} at */
    askTime(at) {
      dispatch({ type: "overlay", overlay: { kind: "time", at, wrong: false } });
    },

    /** Shows what came by a time, and selects the newest of it. @param {Millis} at */
    async toTime(at) {
      if (Number.isNaN(at)) {
        const { overlay } = state();
        if (overlay?.kind === "time") dispatch({ type: "overlay", overlay: { ...overlay, wrong: true } });
        return;
      }
      dispatch({ type: "overlay", overlay: null });
      await jumpTo({ at });
      const { rows, opens } = state().list;
      const found = opens === "bottom" ? rows[rows.length - 1] : rows[0];
      if (found) commands.select(found.row, "list");
    },

    /** Shows the newest events, those that waited too. */
    async toNewest() {
      const reload = mustReload(state().list);
      dispatch({ type: "release" });
      if (reload) await load("first");
    },

    /** @param {RowId} row @param {Pane} pane */
    select(row, pane) {
      const isSame = state().selected === row && state().detail !== null;
      dispatch({ type: "select", row, pane });
      if (!isSame) void loadDetail(row);
    },

    deselect() {
      clearTimeout(timers["read"]);
      dispatch({ type: "select", row: null, pane: "list" });
    },

    /** @param {Pane} pane */
    pane(pane) {
      dispatch({ type: "pane", pane });
    },

    /** @param {Tab} tab */
    tab(tab) {
      dispatch({ type: "tab", tab });
    },

    /** @param {boolean} wrap */
    wrap(wrap) {
      dispatch({ type: "wrap", wrap });
    },

    /** @param {RowId | null} [row] */
    toggleRead(row = state().selected) {
      const known = rowOf(row);
      if (row === null || !known) return;
      if (row === state().selected) clearTimeout(timers["read"]);
      void markRead([row], !known.read);
    },

    /** @param {RowId | null} [row] */
    async togglePin(row = state().selected) {
      const known = rowOf(row);
      if (row === null || !known) return;
      const pinned = !known.pinned;
      dispatch({ type: "pinned", rows: [row], pinned });
      try {
        await backend.historyPin([row], pinned);
      } catch (error) {
        dispatch({ type: "pinned", rows: [row], pinned: !pinned });
        fail(error);
      }
    },

    /** Deletes an event; for a while it can be had back. @param {RowId | null} [row] */
    async remove(row = state().selected) {
      const known = rowOf(row);
      if (row === null || !known) return;
      const wasSelected = row === state().selected;
      dispatch({ type: "gone", rows: [row] });
      if (wasSelected) {
        clearTimeout(timers["read"]);
        const heir = state().selected;
        if (heir !== null) void loadDetail(heir);
        else dispatch({ type: "pane", pane: "list" });
      }
      const back = () => {
        dispatch({ type: "restored", rows: [known], selected: wasSelected ? row : null });
        if (wasSelected) void loadDetail(row);
      };
      try {
        const { undo } = await backend.historyDelete([row]);
        if (undo === null) return;
        offerUndo(t("notice.deleted"), async () => {
          await backend.historyUndo(undo);
          back();
        });
      } catch (error) {
        back();
        fail(error);
      }
    },

    /** Everything in the view, on disk too; for a while it can be taken back. */
    async readAll() {
      const { view, list } = state();
      const source = view.kind === "source" ? view.id : null;
      const before = list.rows.filter(({ read }) => !read).map(({ row }) => row);
      dispatch({ type: "read", rows: before, read: true });
      try {
        const { undo } = await backend.historyMarkRead({ rows: null, source, read: true });
        if (undo !== null) {
          offerUndo(t("notice.all_read"), async () => {
            await backend.historyUndo(undo);
            dispatch({ type: "read", rows: before, read: false });
            await refresh();
          });
        }
      } catch (error) {
        dispatch({ type: "read", rows: before, read: false });
        fail(error);
      }
      await refresh();
    },

    async undo() {
      const run = takeBack;
      takeBack = null;
      clearTimeout(timers["notice"]);
      dispatch({ type: "notice", notice: null });
      if (!run) return;
      try {
        await run();
      } catch (error) {
        fail(error);
        await refresh();
      }
    },

    /** @param {string} text @param {string} said what was copied, in words */
    async copyText(text, said) {
      if (await copyText(text)) notify(said);
      else notify(t("notice.not_copied"), true);
    },

    /** The data of an event as the server sent it. @param {RowId} row */
    async copyPayload(row) {
      try {
        const { data } = await backend.historyGet(row);
        await commands.copyText(data, t("notice.copied"));
      } catch (error) {
        fail(error);
      }
    },

    /** Opens the link of the event in the browser; asks first where it leads elsewhere than its source. */
    async openLink() {
      const { detail } = state();
      if (!detail?.link) return;
      const { url, host, foreign } = detail.link;
      if (foreign) dispatch({ type: "overlay", overlay: { kind: "link", row: detail.row, url, host } });
      else await open(backend.linkOpen(detail.row, null));
    },

    /** Asks before it opens any other address. @param {string} url */
    askLink(url) {
      const host = hostOf(url);
      if (host !== "") dispatch({ type: "overlay", overlay: { kind: "link", row: null, url, host } });
    },

    /** Opens the link a person was asked about. */
    async follow() {
      const { overlay } = state();
      dispatch({ type: "overlay", overlay: null });
      if (overlay?.kind !== "link") return;
      const { row, url, host } = overlay;
      await open(row === null ? backend.addressOpen(url, host) : backend.linkOpen(row, host));
    },

    /** @param {Snooze} snooze */
    async snooze(snooze) {
      try {
        await backend.snooze(snooze);
      } catch (error) {
        fail(error);
      }
    },

    /** @param {ZoomStep} step */
    async zoom(step) {
      try {
        await backend.zoom(step);
      } catch (error) {
        fail(error);
      }
    },

    keySheet() {
      dispatch({ type: "overlay", overlay: { kind: "keys" } });
    },

    closeOverlay() {
      dispatch({ type: "overlay", overlay: null });
    },
  };
  return { commands, load, loadDetail, offerUndo };
}

/** @param {string} url @returns {string} the host it leads to; empty where it leads nowhere */
export function hostOf(url) {
  try {
    const { protocol, hostname } = new URL(url);
    return protocol === "http:" || protocol === "https:" ? hostname : "";
  } catch {
    return "";
  }
}
