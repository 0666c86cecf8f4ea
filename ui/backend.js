// The one door to the core: every command and the feed. No other file knows Tauri.
import { Channel, invoke } from "/vendor/tauri/core.js";

/** @import { About, CommandError, Diagnosis, EventDetail, EventTypeSeen, ExportProgress, ExportRequest, Exported, FieldSeen, HistoryCheck, HistoryFigures, ImportPlan, ImportRequest, MappedEvent, MappingPreviewRequest, Page, PageRequest, PastedCommand, Preferences, QuietHours, QuietState, RowId, Rule, RuleCount, RuleDraftRequest, RuleList, RulePreview, RulePreviewRequest, Snapshot, Snooze, SourceActivity, SourceId, SourceInput, SourcePulse, SourceView, Step, TestAnswer, Undoable, Update } from "./wire.d.ts" */

/** @type {Channel<Update[]> | null} */
let feed = null;

/**
 * A refusal by the shell itself is a plain string; it becomes an error like the others.
 * @param {unknown} reason
 * @returns {CommandError}
 */
export function asCommandError(reason) {
  if (typeof reason === "object" && reason !== null && "code" in reason) {
    return /** @type {CommandError} */ (reason);
  }
  return { code: "internal", message: String(reason), detail: null, range: null, field: null };
}

/**
 * @template T
 * @param {string} command
 * @param {object} [request]
 * @returns {Promise<T>}
 */
async function call(command, request) {
  try {
    return await invoke(command, request && { request });
  } catch (reason) {
    throw asCommandError(reason);
  }
}

export const backend = {
  /**
   * Starts a feed and ends the one before.
   * @param {(updates: Update[]) => void} onUpdates
   * @returns {Promise<Snapshot>}
   */
  async attach(onUpdates) {
    /** @type {Channel<Update[]>} */
    const channel = new Channel();
    channel.onmessage = (updates) => {
      if (channel === feed) onUpdates(updates);
    };
    feed = channel;
    try {
      return await invoke("attach", { channel });
    } catch (reason) {
      throw asCommandError(reason);
    }
  },

  /** @param {PageRequest} request @returns {Promise<Page>} */
  historyPage: (request) => call("history_page", request),

  /** @param {RowId} row @returns {Promise<EventDetail>} */
  historyGet: (row) => call("history_get", { row }),

  /**
   * Either the rows named, or all of a source, or (both null) all there are.
   * @param {{ rows: RowId[] | null, source: SourceId | null, read: boolean }} request
   * @returns {Promise<Undoable>}
   */
  historyMarkRead: (request) => call("history_mark_read", request),

  /** @param {RowId[]} rows @param {boolean} pinned @returns {Promise<void>} */
  historyPin: (rows, pinned) => call("history_pin", { rows, pinned }),

  /** Deletes rows; for 8 seconds they can be had back. @param {RowId[]} rows @returns {Promise<Undoable>} */
  historyDelete: (rows) => call("history_delete", { rows }),

  /** Takes a deletion, or a marking as read, back. @param {number} undo @returns {Promise<void>} */
  historyUndo: (undo) => call("history_undo", { undo }),

  /** Deletes every event for good. @returns {Promise<void>} */
  historyClear: () => call("history_clear"),

  /** @returns {Promise<HistoryFigures>} */
  historyFigures: () => call("history_figures"),

  /**
   * Returns at its end; the last progress says how it ended.
   * @param {ExportRequest} request
   * @param {(progress: ExportProgress) => void} onProgress
   * @returns {Promise<ExportProgress>}
   */
  async historyExport(request, onProgress) {
    /** @type {Channel<ExportProgress>} */
    const channel = new Channel();
    channel.onmessage = onProgress;
    try {
      return await invoke("history_export", { request, channel });
    } catch (reason) {
      throw asCommandError(reason);
    }
  },

  /** Ends the export that runs, if one does. @returns {Promise<void>} */
  historyExportCancel: () => call("history_export_cancel"),

  /** @param {SourceInput} source @returns {Promise<SourceView>} */
  sourceAdd: (source) => call("source_add", source),

  /** @param {SourceId} id @param {SourceInput} source @returns {Promise<SourceView>} */
  sourceEdit: (id, source) => call("source_edit", { id, source }),

  /** @param {SourceId} id @param {boolean} keepHistory @returns {Promise<void>} */
  sourceRemove: (id, keepHistory) => call("source_remove", { id, keep_history: keepHistory }),

  /** @param {SourceId} id @param {boolean} enabled @returns {Promise<void>} */
  sourceEnable: (id, enabled) => call("source_enable", { id, enabled }),

  /** @param {SourceId} id @returns {Promise<void>} */
  sourceRetry: (id) => call("source_retry", { id }),

  /**
   * Tests a connection, each step told as it ends. One test at a time: another one, or
   * `sourceProbeEnd`, ends it early.
   * @param {{ id: SourceId | null, source: SourceInput, patience_ms: number }} request
   * @param {(step: Step) => void} onStep
   * @returns {Promise<boolean | null>} whether it passed; null: it was ended early
   */
  async sourceProbe(request, onStep) {
    /** @type {Channel<Step>} */
    const channel = new Channel();
    const told = new Promise((resolve) => {
      channel.onmessage = (step) => {
        onStep(step);
        if (!step.ok || step.step === "first_bytes") resolve(null);
      };
    });
    try {
      /** @type {boolean | null} */
      const passed = await invoke("source_probe", { request, channel });
      // The answer may overtake the last step.
      if (passed !== null) await told;
      return passed;
    } catch (reason) {
      throw asCommandError(reason);
    }
  },

  /** @returns {Promise<void>} */
  sourceProbeEnd: () => call("source_probe_end"),

  /** @returns {Promise<SourcePulse[]>} */
  sourcePulses: () => call("source_pulses"),

  /** Events by the hour, and the connection by the minute. @returns {Promise<SourceActivity[]>} */
  sourceActivity: () => call("source_activity"),

  /** @param {SourceId} id @returns {Promise<Diagnosis>} */
  sourceDiagnosis: (id) => call("source_diagnosis", { id }),

  /** @param {SourceId} id @returns {Promise<string>} a command without any header value */
  sourceCurl: (id) => call("source_curl", { id }),

  /** @param {string} text a `curl` command @returns {Promise<PastedCommand>} */
  curlRead: (text) => call("curl_read", { text }),

  /** @returns {Promise<string>} all sources as a text without secrets */
  report: () => call("report"),

  /** @returns {Promise<SourceView>} */
  demoStart: () => call("demo_start"),

  /**
   * Changes what is named and leaves the rest.
   * @param {Partial<Omit<Preferences, "close_explained">>} request
   * @returns {Promise<Preferences>}
   */
  preferencesSet: (request) => call("preferences_set", request),

  /** @param {QuietHours} hours @returns {Promise<Preferences>} */
  quietHoursSet: (hours) => call("quiet_hours_set", { quiet_hours: hours }),

  /** @param {Snooze} snooze @returns {Promise<QuietState>} */
  snooze: (snooze) => call("snooze", { snooze }),

  /**
   * Opens the link of an event. One that leads to another host than its source's needs that host,
   * as the person was asked about it.
   * @param {RowId} row @param {string | null} confirmedHost @returns {Promise<void>}
   */
  linkOpen: (row, confirmedHost) => call("link_open", { row, confirmed_host: confirmedHost }),

  /** Opens an address that stands in an event, with consent to its host. @param {string} url @param {string} confirmedHost @returns {Promise<void>} */
  addressOpen: (url, confirmedHost) => call("address_open", { url, confirmed_host: confirmedHost }),

  /** Events of all sources in each minute of the last hour, oldest first. @returns {Promise<number[]>} */
  pulse: () => call("pulse"),

  /** Draws everything larger, smaller or as large as at first. @param {import("./keys.js").ZoomStep} step @returns {Promise<void>} */
  zoom: (step) => call("zoom", { step }),

  /** What took the test notification. @returns {Promise<TestAnswer>} */
  toastTest: () => call("toast_test"),

  /** Whether the app starts with the session. @returns {Promise<{ enabled: boolean }>} */
  autostartGet: () => call("autostart_get"),

  /** @param {boolean} enabled @returns {Promise<{ enabled: boolean }>} */
  autostartSet: (enabled) => call("autostart_set", { enabled }),

  /** Keeps header values in a file, where there is no keychain. @returns {Promise<void>} */
  secretsKeepInFile: () => call("secrets_keep_in_file"),
  /** Stops relying on a keychain that does not answer. @returns {Promise<void>} */
  keychainGiveUp: () => call("keychain_give_up"),

  /** Writes the settings, without secrets, to a file, or a new one of the person's downloads. @param {string | null} path @returns {Promise<Exported>} */
  settingsExport: (path) => call("settings_export", { path }),

  /** Says what a file would bring, or (`apply`) brings it. @param {ImportRequest} request @returns {Promise<ImportPlan>} */
  settingsImport: (request) => call("settings_import", request),

  /** Asks in the system's dialog where to save a file. @param {string} name to begin with @returns {Promise<string | null>} null: cancelled */
  pathChoose: (name) => call("path_choose", { name }),

  /** @returns {Promise<About>} */
  about: () => call("about"),

  /** Looks at every page of the history's file. @returns {Promise<HistoryCheck>} */
  historyCheck: () => call("history_check"),

  /** Deletes sources, credentials, rules, preferences and events for good. @returns {Promise<void>} */
  dataDelete: () => call("data_delete"),

  /** @returns {Promise<RuleList>} */
  rulesGet: () => call("rules_get"),

  /**
   * Saves the whole list over the one read with this generation; `outdated` where it changed.
   * @param {RuleList} list @returns {Promise<RuleList>}
   */
  rulesSet: (list) => call("rules_set", list),

  /** How often each rule decided in the last 7 days. @returns {Promise<RuleCount[]>} */
  ruleHits: () => call("rule_hits"),

  /** @param {RulePreviewRequest} request @returns {Promise<RulePreview>} */
  rulesPreview: (request) => call("rules_preview", request),

  /** @param {RuleDraftRequest} request @returns {Promise<Rule>} */
  ruleDraft: (request) => call("rule_draft", request),

  /** @param {MappingPreviewRequest} request @returns {Promise<MappedEvent[]>} */
  mappingPreview: (request) => call("mapping_preview", request),

  /** @param {SourceId} id @returns {Promise<EventTypeSeen[]>} */
  eventTypes: (id) => call("event_types", { id }),

  /** @param {SourceId | null} source @returns {Promise<FieldSeen[]>} */
  fieldsSeen: (source) => call("fields_seen", { source }),
};
