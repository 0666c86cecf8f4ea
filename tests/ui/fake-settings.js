// The part of the core in memory that the pages of settings and diagnostics ask.
import { refusal } from "./fake-refusal.js";

/** @import { backend } from "../../ui/backend.js" */
/** @import { About, ExportProgress, ImportPlan } from "../../ui/wire.d.ts" */

/** @type {About} */
let about = {
  version: "1.0.0",
  system: "linux x86_64",
  webview: "2.50.6",
  notifications: { server: "dunst", version: "1.9.0" },
  secrets: "keychain",
};

/** @type {string[]} */
let findings = [];
/** What the dialog of the system answers. @type {string | null} */
let chosen = "/home/me/mine";
/** @type {((progress: ExportProgress) => void) | null} */
let exporting = null;
/** @type {(progress: Partial<ExportProgress>) => void} */
let tell = () => {};

/** @type {ImportPlan} */
export const PLAN = {
  sources: [
    { name: "prod-api", url: "https://api.acme.dev/v1/events", reach: "public", already_there: true, renamed_to: null, refused: null },
    { name: "billing", url: "http://127.0.0.1:9000/a-path-that-is-long-enough-to-need-more-than-one-line/events", reach: "this_machine", already_there: false, renamed_to: "billing 2", refused: null },
    { name: "metadata", url: "http://169.254.169.254/events", reach: "link_local", already_there: false, renamed_to: null, refused: null },
    { name: "broken", url: "", reach: "public", already_there: false, renamed_to: null, refused: "invalid type: string, expected a map" },
  ],
  rules: 2,
  preferences: true,
  secrets_dropped: 1,
};

/**
 * @param {object} core
 * @param {<T>(command: string, request: unknown, run: () => T) => Promise<T>} core.answer
 * @param {() => void} core.forget everything
 * @returns {Pick<typeof backend, "about" | "historyCheck" | "pathChoose" | "settingsExport" | "settingsImport" | "dataDelete" | "historyExport" | "historyExportCancel">}
 */
export function settings({ answer, forget }) {
  return {
    about: () => answer("about", null, () => about),
    historyCheck: () => answer("history_check", null, () => ({ findings, ms: 43 })),
    pathChoose: (name) => answer("path_choose", { name }, () => chosen),
    settingsExport: (path) =>
      answer("settings_export", { path }, () => ({ path: path ?? "/home/me/Downloads/tidings-settings.json", secrets_left_out: 0 })),
    settingsImport: (request) =>
      answer("settings_import", request, () => {
        if (!request.text.startsWith("{")) throw refusal("invalid_option", "this is no settings file of Tidings");
        return PLAN;
      }),
    dataDelete: () => answer("data_delete", null, forget),
    async historyExport(request, onProgress) {
      await answer("history_export", request, () => undefined);
      let progress = { path: request.path ?? `/home/me/Downloads/tidings.${request.format}`, events: 0, percent: 0, done: false, cancelled: false };
      return new Promise((resolve) => {
        exporting = resolve;
        tell = (change) => {
          progress = { ...progress, ...change };
          onProgress(progress);
          if (progress.done) exporting?.(progress);
        };
        tell({});
      });
    },
    historyExportCancel: () => answer("history_export_cancel", null, () => tell({ done: true, cancelled: true })),
  };
}

export const steerSettings = {
  /** @param {Partial<About>} change */
  setAbout(change) {
    about = { ...about, ...change };
  },

  /** @param {string[]} found */
  setFindings(found) {
    findings = found;
  },

  /** @param {string | null} path */
  setChosen(path) {
    chosen = path;
  },

  /** @param {Partial<ExportProgress>} change */
  exportGoesOn(change) {
    tell(change);
  },
};
