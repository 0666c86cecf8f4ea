// What a person can ask on the pages of settings and diagnostics. Each row saves itself; what is
// refused is said at its row.
import { t } from "./i18n.js";
import { DAYS, newHours } from "./settings-state.js";
import { fieldsOf, inputOf } from "./source-form.js";

/** @import { CommandError, HistoryCheck, Preferences, QuietHours, QuietRow, Retention, SourceView } from "./wire.d.ts" */
/** @import { backend as Backend } from "./backend.js" */
/** @import { SettingsPage, Wrong } from "./settings-state.js" */
/** @import { Action, DeleteOverlay, ImportOverlay, State } from "./state.js" */

/** A settings file beyond this is none. Bytes. */
const FILE_MAX = 8 * 1024 * 1024;

/**
 * @param {object} parts
 * @param {typeof Backend} parts.backend
 * @param {() => State} parts.state
 * @param {(action: Action) => void} parts.dispatch
 * @param {() => number} parts.now
 * @param {(text: string, bad?: boolean) => void} parts.notify
 * @param {() => Promise<void>} parts.refresh
 */
export function createSettingsCommands({ backend, state, dispatch, now, notify, refresh }) {
  /** @param {Partial<SettingsPage>} change */
  const patch = (change) => dispatch({ type: "settings", patch: change });
  const page = () => state().settings;
  /** @param {unknown} reason @returns {CommandError} */
  const asError = (reason) => /** @type {CommandError} */ (reason);

  /** Says what is wrong at a row, or that nothing is. @param {string} row @param {Wrong | null} wrong */
  function mark(row, wrong) {
    const { [row]: _, ...errors } = page().errors;
    patch({ errors: wrong ? { ...errors, [row]: wrong } : errors });
  }

  /**
   * Does what a row asks.
   * @template T
   * @param {string} row
   * @param {() => Promise<T>} run
   * @returns {Promise<T | null>} null: it was refused, and the row says so
   */
  async function at(row, run) {
    mark(row, null);
    patch({ saving: page().saving + 1, saved: false });
    try {
      const done = await run();
      patch({ saved: true });
      return done;
    } catch (reason) {
      mark(row, asError(reason));
      return null;
    } finally {
      patch({ saving: page().saving - 1 });
    }
  }

  /** @param {Partial<DeleteOverlay | ImportOverlay>} change */
  function overlay(change) {
    const { overlay: open } = state();
    if (open?.kind !== "delete" && open?.kind !== "import") return;
    dispatch({ type: "overlay", overlay: /** @type {State["overlay"]} */ ({ ...open, ...change }) });
  }

  const commands = {
    /** Reads what the page shows and nobody tells. */
    async readAround() {
      await Promise.all([
        backend.about().then((about) => patch({ about }), () => {}),
        backend.autostartGet().then(({ enabled }) => patch({ autostart: enabled }), () => {}),
      ]);
    },

    /** @param {string} section */
    inSection(section) {
      if (page().section !== section) patch({ section });
    },

    /** Saves preferences from a row. @param {string} row @param {Partial<Omit<Preferences, "close_explained">>} change */
    async set(row, change) {
      const before = state().preferences;
      dispatch({ type: "preferences", preferences: { ...before, ...change } });
      const saved = await at(row, () => backend.preferencesSet(change));
      if (saved) return dispatch({ type: "preferences", preferences: saved });
      const keys = /** @type {(keyof Preferences)[]} */ (Object.keys(change));
      const undone = Object.fromEntries(keys.map((key) => [key, before[key]]));
      dispatch({ type: "preferences", preferences: { ...state().preferences, ...undone } });
    },

    /** @param {string} row @param {Wrong | null} wrong */
    mark,

    /** @param {keyof Retention} name @param {number | null} value */
    retain(name, value) {
      const { [name]: _, ...rest } = state().preferences.retention;
      void commands.set(`keep-${name}`, { retention: value === null ? rest : { ...rest, [name]: value } });
    },

    /** @param {SourceView} source @param {keyof Retention} name @param {number | null} value */
    async retainOf(source, name, value) {
      const { [name]: _, ...rest } = source.retention;
      const retention = value === null ? rest : { ...rest, [name]: value };
      const input = { ...inputOf(fieldsOf(source)), retention };
      const saved = await at(`keep-${source.id}`, () => backend.sourceEdit(source.id, input));
      if (saved) dispatch({ type: "source", source: saved, now: now() });
    },

    /** @param {boolean} enabled */
    async setAutostart(enabled) {
      patch({ autostart: enabled });
      const done = await at("autostart", () => backend.autostartSet(enabled));
      patch({ autostart: done ? done.enabled : !enabled });
    },

    async tryToast() {
      patch({ answer: null });
      patch({ answer: await at("test", () => backend.toastTest()) });
    },

    // --- quiet hours ---

    /** Saves them; what is refused stays in the form. @param {Partial<QuietHours>} change */
    async hours(change) {
      const next = { ...(page().hours ?? state().preferences.quiet_hours), ...change };
      // Switched on without any, they would mean nothing.
      if (change.enabled && next.rows.length === 0) next.rows = [newHours()];
      patch({ hours: next });
      const saved = await at("hours", () => backend.quietHoursSet(next));
      if (!saved) return;
      dispatch({ type: "preferences", preferences: saved });
      if (page().hours === next) patch({ hours: null });
    },

    /** @param {number} at which row @param {Partial<QuietRow> | null} change none: removes it */
    hoursRow(at, change) {
      const { rows } = page().hours ?? state().preferences.quiet_hours;
      const next = rows.flatMap((row, index) => (index !== at ? [row] : change ? [{ ...row, ...change }] : []));
      void commands.hours({ rows: next });
    },

    /** @param {number} at @param {typeof DAYS[number]} day */
    hoursDay(at, day) {
      const row = (page().hours ?? state().preferences.quiet_hours).rows[at];
      if (!row) return;
      commands.hoursRow(at, { days: DAYS.filter((one) => row.days.includes(one) !== (one === day)) });
    },

    addHours() {
      const { rows } = page().hours ?? state().preferences.quiet_hours;
      void commands.hours({ rows: [...rows, newHours()] });
    },

    /** @param {Parameters<typeof Backend["snooze"]>[0]} snooze */
    async snoozeHere(snooze) {
      await at("snooze", () => backend.snooze(snooze));
    },

    // --- files ---

    /** @param {Partial<Pick<SettingsPage, "shown" | "format">>} change */
    exportForm(change) {
      patch({ ...change, exporting: null });
      mark("export", null);
    },

    /** @param {boolean} ask where to, in the system's dialog */
    async exportHistory(ask) {
      const { shown, format } = page();
      const { view, query } = state();
      const select = {
        source: shown && view.kind === "source" ? view.id : null,
        before: null,
        unread: shown && view.kind === "inbox" && query === "",
        quiet: shown && view.kind === "quieted",
        query: shown && query !== "" ? query : null,
        limit: 1,
      };
      await at("export", async () => {
        const path = ask ? await backend.pathChoose(`tidings-history.${format}`) : null;
        if (ask && path === null) return;
        patch({ exporting: { path: path ?? "", events: 0, percent: 0, done: false, cancelled: false } });
        try {
          patch({ exporting: await backend.historyExport({ format, select, path }, (exporting) => patch({ exporting })) });
        } catch (error) {
          patch({ exporting: null });
          throw error;
        }
      });
    },

    cancelExport() {
      backend.historyExportCancel().catch((reason) => mark("export", asError(reason)));
    },

    /** @param {boolean} ask where to, in the system's dialog */
    async exportSettings(ask) {
      patch({ exported: null });
      await at("transfer", async () => {
        const path = ask ? await backend.pathChoose("tidings-settings.json") : null;
        if (ask && path === null) return;
        patch({ exported: await backend.settingsExport(path) });
      });
    },

    /** Looks at a file and asks whether to take it over. @param {File} file */
    async importSettings(file) {
      patch({ imported: null });
      if (file.size > FILE_MAX) return mark("import", { key: "import.too_large" });
      await at("import", async () => {
        const text = await file.text();
        const plan = await backend.settingsImport({ text, apply: false });
        dispatch({ type: "overlay", overlay: { kind: "import", text, plan, busy: false, error: null } });
      });
    },

    async applyImport() {
      const { overlay: open } = state();
      if (open?.kind !== "import" || open.busy) return;
      overlay({ busy: true, error: null });
      try {
        const imported = await backend.settingsImport({ text: open.text, apply: true });
        dispatch({ type: "overlay", overlay: null });
        patch({ imported });
        await refresh();
      } catch (reason) {
        overlay({ busy: false, error: asError(reason) });
      }
    },

    async keepSecretsHere() {
      const done = await at("secrets", () => backend.secretsKeepInFile().then(() => true));
      if (done) await commands.readAround();
    },

    // --- the end of data ---

    /** @param {DeleteOverlay["what"]} what */
    async askDelete(what) {
      dispatch({ type: "overlay", overlay: { kind: "delete", what, rules: null, sure: false, busy: false, error: null } });
      if (what !== "all") return;
      backend.rulesGet().then(({ rules }) => overlay({ rules: rules.length }), () => {});
    },

    /** @param {boolean} sure */
    sureToDelete(sure) {
      overlay({ sure });
    },

    async deleteNow() {
      const { overlay: open } = state();
      if (open?.kind !== "delete" || !open.sure || open.busy) return;
      overlay({ busy: true, error: null });
      try {
        if (open.what === "all") await backend.dataDelete();
        else if (open.what === "keychain") await backend.keychainGiveUp();
        else await backend.historyClear();
      } catch (reason) {
        return overlay({ busy: false, error: asError(reason) });
      }
      dispatch({ type: "overlay", overlay: null });
      if (open.what === "all") dispatch({ type: "forgotten", now: now() });
      else if (open.what === "history") dispatch({ type: "select", row: null, pane: "list", keepPanel: true });
      const done = { all: "notice.all_deleted", history: "notice.history_deleted", keychain: "notice.keychain_given_up" };
      notify(t(done[open.what]));
      await Promise.all([refresh(), commands.readAround()]);
    },

    // --- diagnostics ---

    async checkHistory() {
      patch({ check: "running" });
      /** @type {HistoryCheck | null} */
      const check = await at("check", () => backend.historyCheck());
      patch({ check });
    },
  };
  return { commands, patch };
}
