// Everything a person can ask for: calls the core, and tells the store what came of it.
import { t } from "./i18n.js";
import { announcer } from "./announce.js";
import { createInboxCommands } from "./inbox-commands.js";
import { createMappingCommands } from "./mapping-commands.js";
import { mustReload } from "./rows.js";
import { createRulesCommands } from "./rules-commands.js";
import { systemCommands } from "./system-commands.js";
import { ringCommands } from "./ring-commands.js";
import { createSettingsCommands } from "./settings-commands.js";
import { createSourceCommands } from "./source-commands.js";
import { errorWords } from "./words.js";

/** @import { CommandError, Preferences, Update } from "./wire.d.ts" */
/** @import { backend as Backend } from "./backend.js" */
/** @import { Remedy } from "./banners.js" */
/** @import { Action, State } from "./state.js" */

const NOTICE_FOR = 6000;
/** How often the pulse is taken while nothing comes, and how soon once something did. Milliseconds. */
const PULSE = 15_000;
const PULSE_SOON = 2000;

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
  let pulseAt = -Infinity;
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

  const inbox = createInboxCommands({ backend, state, dispatch, isHeld, later, timers, notify, fail, refresh });
  const { load, loadDetail, offerUndo } = inbox;

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
      if (update.kind === "open") void openRow(update.row, update.link);
    }
    if (!timers["pulse"] && updates.some(({ kind }) => kind === "rows")) later("pulse", PULSE_SOON, () => void takePulse());
    const isLost = updates.some(
      (update) =>
        update.kind === "resync" ||
        update.kind === "restored" ||
        (update.kind === "deleted" && update.rows === null) ||
        update.kind === "source_removed" ||
        (update.kind === "read" && update.rows === null),
    );
    if (isLost) void refresh();
    const searched = state().query !== "" && updates.some(({ kind }) => kind === "rows");
    if (searched && !timers.search) later("search", 2000, () => void load("refresh"));
    if (before.list.ticket !== state().list.ticket) void load("first");
  }

  /** A clicked toast shows its event, and asks about its link where that was clicked. @param {number} row @param {boolean} link */
  async function openRow(row, link) {
    await loadDetail(row);
    if (link && state().selected === row) await inbox.commands.openLink();
  }

  /** What cannot be read is read the next time: a banner says so meanwhile. */
  async function takePulse() {
    pulseAt = now();
    const minutes = await backend.pulse().catch(() => null);
    if (minutes) dispatch({ type: "pulse", minutes });
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
      void takePulse();
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

  const settings = createSettingsCommands({ backend, state, dispatch, now, notify, refresh });
  const commands = {
    ...settings.commands,
    ...inbox.commands,
    ...systemCommands(backend, notify, fail),
    ...ringCommands({ backend, state, dispatch, now, fail, offerUndo }),
    ...createSourceCommands({
      backend,
      state,
      dispatch,
      now,
      notify,
      fail,
      show: (view) => inbox.commands.show(view),
      patchSettings: settings.patch,
      readAround: settings.commands.readAround,
      reload: () => load("first"),
    }),

    ...createRulesCommands({ backend, state, dispatch, later, notify, say, reload: () => load("first"), loadDetail }),

    ...createMappingCommands({ backend, state, dispatch, later }),

    refresh,
    tick() {
      const { list } = state();
      if (list.waiting > 0 && !mustReload(list) && !isHeld()) dispatch({ type: "release" });
      dispatch({ type: "tick", now: now() });
      if (now() - pulseAt >= PULSE && state().phase === "ready") void takePulse();
    },

    /** @param {Partial<Omit<Preferences, "close_explained">>} change */
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
          if (state().preferences.toasts_paused) void commands.prefer({ toasts_paused: false });
          else void commands.snooze({ kind: "off" });
          break;
        case "test":
          void commands.testToast();
          break;
        case "keep_secrets":
          return void commands.keepSecrets();
        case "free_space":
          return commands.showSettings("history");
        case "give_up_keychain":
          return void commands.askDelete("keychain");
        case "dismiss":
          dispatch({ type: "dismiss", kind: remedy.kind });
          break;
      }
    },

    dismissNotice: () => dispatch({ type: "notice", notice: null }),
  };
  return commands;
}
