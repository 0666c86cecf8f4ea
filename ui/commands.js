// Everything a person can ask for: calls the core, and tells the store what came of it.
import { t } from "./i18n.js";
import { announcer } from "./announce.js";
import { createInboxCommands } from "./inbox-commands.js";
import { mustReload } from "./rows.js";
import { errorWords } from "./words.js";

/** @import { CommandError, Preferences, SourceId, SourceInput, SourceView, Update } from "./wire.d.ts" */
/** @import { backend as Backend } from "./backend.js" */
/** @import { Remedy } from "./banners.js" */
/** @import { Action, HeaderField, RemoveDialog, SourceDialog, State } from "./store.js" */

const NOTICE_FOR = 6000;
/** How long the first run shows that the stream is live. */
const ENTER_AFTER = 1200;

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

  /** @param {Promise<unknown>} promise @param {string} [done] */
  async function attempt(promise, done) {
    try {
      await promise;
      if (done) notify(done);
    } catch (error) {
      fail(error);
    }
  }

  const inbox = createInboxCommands({ backend, state, dispatch, isHeld, later, timers, notify, fail, refresh });
  const { load, loadDetail } = inbox;

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
    if (searched && !timers["search"]) later("search", 2000, () => void load("refresh"));
    if (before.list.ticket !== state().list.ticket) void load("first");
    followFirstRun();
  }

  /** A clicked toast shows its event, and asks about its link where that was clicked. @param {number} row @param {boolean} link */
  async function openRow(row, link) {
    await loadDetail(row);
    if (link && state().selected === row) await inbox.commands.openLink();
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

  /** The first run ends by itself once its stream has been seen live. */
  function followFirstRun() {
    const { firstRun, sources } = state();
    if (!firstRun?.source || timers.enter) return;
    const isLive = () =>
      state().sources.some(({ id, state: at }) => id === state().firstRun?.source && at.state === "live");
    if (!sources.some(({ id }) => id === firstRun.source) || !isLive()) return;
    later("enter", ENTER_AFTER, () => {
      if (isLive()) dispatch({ type: "enter" });
    });
  }

  /** @param {SourceDialog} form @returns {SourceInput} */
  function sourceInput(form) {
    const types = [...new Set(form.types.split(/[,\n]/).map((type) => type.trim()))].filter(Boolean);
    return {
      name: form.name.trim(),
      url: form.url.trim(),
      headers: form.headers
        .filter(({ name, value, stored }) => name.trim() !== "" || value !== "" || stored)
        .map(({ name, value, stored }) => ({
          name: name.trim(),
          value: stored && value === "" ? null : value,
        })),
      events: form.mode === "all" ? { mode: "all" } : { mode: form.mode, types },
      allow_cleartext_secrets: form.consent,
    };
  }

  let nextKey = 0;
  const commands = {
    ...inbox.commands,
    refresh,

    tick() {
      const { list } = state();
      if (list.waiting > 0 && !mustReload(list) && !isHeld()) dispatch({ type: "release" });
      dispatch({ type: "tick", now: now() });
    },

    /** @param {string} url */
    firstRunUrl(url) {
      dispatch({ type: "firstRun", patch: { url, error: null } });
    },

    async connect() {
      const { firstRun } = state();
      if (!firstRun || firstRun.busy) return;
      dispatch({ type: "firstRun", patch: { busy: true, error: null } });
      /** @type {SourceInput} */
      const input = {
        name: "",
        url: firstRun.url.trim(),
        headers: [],
        events: { mode: "all" },
        allow_cleartext_secrets: false,
      };
      try {
        const source = firstRun.source
          ? await backend.sourceEdit(firstRun.source, input)
          : await backend.sourceAdd(input);
        dispatch({ type: "source", source, now: now() });
        dispatch({ type: "firstRun", patch: { busy: false, source: source.id } });
        followFirstRun();
      } catch (error) {
        dispatch({ type: "firstRun", patch: { busy: false, error: /** @type {CommandError} */ (error) } });
      }
    },

    async demo() {
      dispatch({ type: "firstRun", patch: { busy: true, error: null } });
      try {
        const source = await backend.demoStart();
        dispatch({ type: "source", source, now: now() });
        dispatch({ type: "enter" });
      } catch (error) {
        fail(error);
        dispatch({ type: "firstRun", patch: { busy: false } });
      }
    },

    enter() {
      dispatch({ type: "enter" });
    },

    /** @param {SourceView | null} source null: a new one @param {SourceDialog["focus"]} [focus] */
    editSource(source, focus = source ? "name" : "url") {
      const filter = source?.events ?? { mode: "all" };
      dispatch({
        type: "dialog",
        dialog: {
          kind: "source",
          id: source?.id ?? null,
          name: source?.name ?? "",
          url: source?.url ?? "",
          headers: (source?.header_names ?? []).map((name) => ({ key: nextKey++, name, value: "", stored: true })),
          mode: filter.mode,
          types: filter.mode === "all" ? "" : filter.types.join(", "),
          consent: source?.allow_cleartext_secrets ?? false,
          consentAsked: source?.allow_cleartext_secrets ?? false,
          focus,
          busy: false,
          error: null,
        },
      });
    },

    /** @param {Partial<SourceDialog>} patch */
    sourceForm: (patch) => dispatch({ type: "sourceForm", patch }),

    /** Changes one header as the form is now, not as it was last drawn. @param {number} key @param {Partial<HeaderField> | null} patch none: removes it */
    editHeader(key, patch) {
      const { dialog } = state();
      if (dialog?.kind !== "source") return;
      const headers = dialog.headers.flatMap((one) => (one.key !== key ? [one] : patch ? [{ ...one, ...patch }] : []));
      dispatch({ type: "sourceForm", patch: { headers } });
    },

    addHeader() {
      const { dialog } = state();
      if (dialog?.kind !== "source") return;
      const header = { key: nextKey++, name: "", value: "", stored: false };
      dispatch({ type: "sourceForm", patch: { headers: [...dialog.headers, header] } });
    },

    async saveSource() {
      const { dialog } = state();
      if (dialog?.kind !== "source" || dialog.busy) return;
      dispatch({ type: "sourceForm", patch: { busy: true, error: null } });
      const input = sourceInput(dialog);
      try {
        const source = dialog.id
          ? await backend.sourceEdit(dialog.id, input)
          : await backend.sourceAdd(input);
        dispatch({ type: "source", source, now: now() });
        dispatch({ type: "dialog", dialog: null });
        if (!dialog.id) commands.show({ kind: "source", id: source.id });
      } catch (reason) {
        const error = /** @type {CommandError} */ (reason);
        const consentAsked = dialog.consentAsked || error.code === "cleartext_secret";
        dispatch({ type: "sourceForm", patch: { busy: false, error, consentAsked } });
      }
    },

    /** @param {SourceId} id */
    askRemove(id) {
      dispatch({ type: "dialog", dialog: { kind: "remove", id, keep: true, busy: false, error: null } });
    },

    /** @param {Partial<RemoveDialog>} patch */
    removeForm(patch) {
      dispatch({ type: "removeForm", patch });
    },

    async removeSource() {
      const { dialog } = state();
      if (dialog?.kind !== "remove" || dialog.busy) return;
      dispatch({ type: "removeForm", patch: { busy: true, error: null } });
      const { ticket } = state().list;
      try {
        await backend.sourceRemove(dialog.id, dialog.keep);
        dispatch({ type: "dialog", dialog: null });
        dispatch({ type: "sourceRemoved", id: dialog.id, keep: dialog.keep });
        if (state().list.ticket !== ticket) await load("first");
      } catch (error) {
        dispatch({ type: "removeForm", patch: { busy: false, error: /** @type {CommandError} */ (error) } });
      }
    },

    closeDialog() {
      dispatch({ type: "dialog", dialog: null });
    },

    /** @param {SourceId} id @param {boolean} enabled */
    enable(id, enabled) {
      void attempt(backend.sourceEnable(id, enabled));
    },

    /** @param {SourceId} id */
    retry(id) {
      void attempt(backend.sourceRetry(id));
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
