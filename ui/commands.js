// Everything a person can ask for: calls the core, and tells the store what came of it.
import { t } from "./i18n.js";
import { announcer } from "./announce.js";
import { mustReload, PAGE } from "./rows.js";
import { createSourceCommands } from "./source-commands.js";
import { errorWords } from "./words.js";

/** @import { CommandError, Language, PageRequest, RowId, Theme, Update } from "./wire.d.ts" */
/** @import { backend as Backend } from "./backend.js" */
/** @import { Remedy } from "./banners.js" */
/** @import { Action, State, Tab, View, Pane } from "./store.js" */

/** How long a row is selected, in a focused window, before it counts as read. */
const READ_AFTER = 1000;
const NOTICE_FOR = 6000;

/** @typedef {ReturnType<typeof createCommands>} Commands */

/**
 * @param {object} parts
 * @param {typeof Backend} parts.backend
 * @param {() => State} parts.state
 * @param {(action: Action) => void} parts.dispatch
 * @param {() => boolean} parts.isHeld whether the list must not move now
 * @param {() => number} parts.now
 * @param {(sentence: string) => void} parts.say
 */
export function createCommands({ backend, state, dispatch, isHeld, now, say }) {
  const hear = announcer(say);
  /** @type {Update[] | null} updates that came before their snapshot; null once it is here */
  let early = [];
  let refreshing = false;
  let refreshAgain = false;
  /** @type {Record<string, ReturnType<typeof setTimeout> | undefined>} */
  const timers = {};

  /** @param {string} name @param {number} delay @param {() => void} run */
  function later(name, delay, run) {
    clearTimeout(timers[name]);
    timers[name] = setTimeout(() => {
      timers[name] = undefined;
      run();
    }, delay);
  }

  /** @param {string} text @param {boolean} [bad] */
  function notify(text, bad = false) {
    dispatch({ type: "notice", notice: { text, bad } });
    later("notice", NOTICE_FOR, () => dispatch({ type: "notice", notice: null }));
  }

  /** @param {unknown} error */
  function fail(error) {
    notify(errorWords(/** @type {CommandError} */ (error)), true);
  }

  /** @param {Partial<PageRequest>} [change] @returns {PageRequest} */
  function pageRequest(change) {
    const { view, query } = state();
    return {
      source: view.kind === "source" ? view.id : null,
      before: null,
      unread: view.kind === "inbox" && query === "",
      quiet: false,
      query: query === "" ? null : query,
      limit: PAGE,
      ...change,
    };
  }

  /** @param {"first" | "older" | "newer" | "refresh"} how @param {Partial<PageRequest>} [change] */
  async function load(how, change) {
    const { ticket } = state().list;
    try {
      const page = await backend.historyPage(pageRequest(change));
      dispatch({ type: "page", ticket, page, how, hold: isHeld() });
    } catch (error) {
      dispatch({ type: "pageFailed", ticket, error: /** @type {CommandError} */ (error) });
      if (state().list.rows.length > 0) fail(error);
    }
  }

  /** @param {Update[]} updates */
  function onUpdates(updates) {
    if (early) {
      early.push(...updates);
      return;
    }
    const before = state();
    dispatch({ type: "updates", updates, hold: isHeld(), now: now() });
    hear(before, state(), updates);
    for (const update of updates) {
      if (update.kind === "open") void loadDetail(update.row);
    }
    const isLost = updates.some(
      (update) =>
        update.kind === "resync" ||
        update.kind === "source_removed" ||
        (update.kind === "read" && update.rows === null),
    );
    if (isLost) void refresh();
    const searched = state().query !== "" && updates.some(({ kind }) => kind === "rows");
    if (searched && !timers.search) later("search", 2000, () => void load("refresh"));
    if (before.list.ticket !== state().list.ticket) void load("first");
  }

  /** Attaches (again) and brings the list up to date without moving it. */
  async function refresh() {
    if (refreshing) {
      refreshAgain = true;
      return;
    }
    refreshing = true;
    const isFirst = state().phase !== "ready";
    early = [];
    try {
      const snapshot = await backend.attach(onUpdates);
      dispatch({ type: "attached", snapshot, now: now() });
      const waited = early;
      early = null;
      await load(isFirst || state().list.loading === "first" ? "first" : "refresh");
      if (waited.length > 0) onUpdates(waited);
    } catch (error) {
      early = null;
      if (isFirst) dispatch({ type: "failed", error: /** @type {CommandError} */ (error) });
      else fail(error);
    } finally {
      refreshing = false;
    }
    if (refreshAgain) {
      refreshAgain = false;
      await refresh();
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
    const { selected, detail, list } = state();
    if (selected !== row) return;
    if (!document.hasFocus()) {
      later("read", READ_AFTER, () => readIfSeen(row));
      return;
    }
    const known = detail?.row === row ? detail : list.rows.find((one) => one.row === row);
    if (known && !known.read) void markRead([row], true);
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

  const commands = {
    ...createSourceCommands({
      backend,
      state,
      dispatch,
      now,
      notify,
      fail,
      show: (view) => commands.show(view),
      reload: () => load("first"),
    }),

    refresh,

    tick() {
      const { list } = state();
      if (list.waiting > 0 && !mustReload(list) && !isHeld()) dispatch({ type: "release" });
      dispatch({ type: "tick", now: now() });
    },

    /** @param {View} view */
    show(view) {
      dispatch({ type: "view", view });
      void load("first");
    },

    /** @param {string} text */
    search(text) {
      dispatch({ type: "searchText", text });
      later("query", 80, () => {
        const query = text.trim();
        if (query === state().query) return;
        dispatch({ type: "query", query });
        void load("first");
      });
    },

    /** @param {boolean} open */
    searching(open) {
      dispatch({ type: "searching", open });
    },

    older() {
      const { list } = state();
      const last = list.rows[list.rows.length - 1];
      if (!list.more || list.loading || list.error || !last) return;
      dispatch({ type: "loading", what: "older" });
      void load("older", { before: last.row });
    },

    newer() {
      const { list } = state();
      const cut = list.cut[list.cut.length - 1];
      if (!cut || list.loading || list.error) return;
      dispatch({ type: "loading", what: "newer" });
      void load("newer", { before: cut.before, limit: cut.count });
    },

    release() {
      const reload = mustReload(state().list);
      dispatch({ type: "release" });
      if (reload) void load("first");
    },

    /** @param {RowId} row @param {Pane} pane */
    select(row, pane) {
      const isSame = state().selected === row && state().detail !== null;
      dispatch({ type: "select", row, pane });
      if (!isSame) void loadDetail(row);
    },

    deselect() {
      clearTimeout(timers.read);
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

    toggleRead() {
      const { selected, detail, list } = state();
      if (selected === null) return;
      const known =
        detail?.row === selected ? detail : list.rows.find(({ row }) => row === selected);
      clearTimeout(timers.read);
      if (known) void markRead([selected], !known.read);
    },

    /** Everything in the view, on disk too. */
    async readAll() {
      const { view, list } = state();
      const source = view.kind === "source" ? view.id : null;
      dispatch({ type: "read", rows: list.rows.map(({ row }) => row), read: true });
      try {
        await backend.historyMarkRead({ rows: null, source, read: true });
      } catch (error) {
        fail(error);
      }
      await refresh();
    },

    /** @param {{ language?: Language, theme?: Theme, toasts_paused?: boolean }} change */
    async prefer(change) {
      const before = state().preferences;
      dispatch({ type: "preferences", preferences: { ...before, ...change } });
      try {
        dispatch({ type: "preferences", preferences: await backend.preferencesSet(change) });
      } catch (error) {
        dispatch({ type: "preferences", preferences: before });
        fail(error);
      }
    },

    async testToast() {
      try {
        const { server } = await backend.toastTest();
        notify(t("notice.toast_sent", { server }));
      } catch (error) {
        fail(error);
      }
    },

    /** @param {Remedy} remedy */
    remedy(remedy) {
      switch (remedy.what) {
        case "retry":
          for (const id of remedy.ids) commands.retry(id);
          break;
        case "edit":
          commands.editSource(state().sources.find(({ id }) => id === remedy.id) ?? null, remedy.focus);
          break;
        case "resume":
          void commands.prefer({ toasts_paused: false });
          break;
        case "test":
          void commands.testToast();
          break;
        case "dismiss":
          dispatch({ type: "dismiss", kind: remedy.kind });
          break;
      }
    },

    dismissNotice() {
      dispatch({ type: "notice", notice: null });
    },
  };
  return commands;
}
