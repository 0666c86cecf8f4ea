// What the window knows: its shape, and how it begins. Pure.
import { noConnections } from "./connections.js";
import { emptyList } from "./rows.js";
import { noRules } from "./rules-state.js";
import { noSettings } from "./settings-state.js";

/** @import { CommandError, Counts, EventDetail, ImportPlan, Millis, Page, Preferences, QuietState, Row, RowId, Rule, Snapshot, SourceId, SourceView, Trouble, Update } from "./wire.d.ts" */
/** @import { Change, Connections } from "./connections.js" */
/** @import { How, List } from "./rows.js" */
/** @import { RulesChange, RulesState } from "./rules-state.js" */
/** @import { SettingsPage } from "./settings-state.js" */
/** @import { SourceDialog, SourceFields } from "./source-form.js" */

/**
 * @typedef {{ kind: "inbox" } | { kind: "all" } | { kind: "quieted" } | { kind: "source", id: SourceId }} View
 * @typedef {"side" | "list" | "detail"} Pane
 * @typedef {"pretty" | "raw" | "frame"} Tab
 */

/**
 * @typedef {object} FirstRun
 * @property {SourceId | null} source the source it made
 * @property {string} url
 * @property {SourceFields} fields what else a pasted command said
 * @property {boolean} pasted whether it held headers
 * @property {string[]} leftOut what of it was not taken over
 * @property {boolean} consent
 * @property {boolean} consentAsked
 * @property {boolean} busy
 * @property {CommandError | null} error
 * @property {"none" | "sending" | "sent" | "seen" | "unseen"} toast what became of the test notification
 * @property {CommandError | null} toastError
 */

/**
 * @typedef {{ kind: "remove", id: SourceId, keep: boolean, busy: boolean, error: CommandError | null }} RemoveDialog
 * @typedef {{ kind: "test", id: SourceId, error: null }} TestDialog
 * @typedef {{ kind: "copy", what: "report" | "curl", text: string, error: null }} CopyDialog shown before it is copied
 * @typedef {SourceDialog | RemoveDialog | TestDialog | CopyDialog} Dialog
 */

/**
 * What lies over the window beyond the dialogs of sources.
 * @typedef {{ kind: "delete", what: "history" | "all" | "keychain", rules: number | null, sure: boolean, busy: boolean, error: CommandError | null }} DeleteOverlay
 * @typedef {{ kind: "import", text: string, plan: ImportPlan, busy: boolean, error: CommandError | null }} ImportOverlay
 * @typedef {{ kind: "keys" } | { kind: "time", at: Millis, wrong: boolean } | { kind: "link", row: RowId | null, url: string, host: string } | DeleteOverlay | ImportOverlay} Overlay
 */

/**
 * @typedef {object} State
 * @property {"loading" | "failed" | "ready"} phase
 * @property {CommandError | null} failure
 * @property {SourceView[]} sources
 * @property {Record<SourceId, number>} colours
 * @property {Record<SourceId, Millis>} troubled since when a source is not live though it should be
 * @property {Preferences} preferences
 * @property {string} systemLanguage
 * @property {Trouble[]} troubles
 * @property {QuietState} quiet whether notifications wait
 * @property {Trouble["kind"][]} dismissed
 * @property {Counts} counts over all sources, those that are gone included
 * @property {string} version
 * @property {View} view
 * @property {string} query
 * @property {string} searchText what stands in the search field; `query` follows it
 * @property {CommandError | null} queryError why the query cannot be read
 * @property {boolean} searching whether the search field is open in the narrow window
 * @property {List} list
 * @property {RowId | null} selected
 * @property {EventDetail | null} detail
 * @property {CommandError | null} detailError
 * @property {Tab} tab
 * @property {Pane} pane
 * @property {FirstRun | null} firstRun
 * @property {Dialog | null} dialog
 * @property {Connections} connections
 * @property {RulesState} rules
 * @property {Overlay | null} overlay
 * @property {SettingsPage} settings
 * @property {boolean} wrap whether lines of raw data are wrapped
 * @property {{ text: string, bad: boolean, undo?: boolean } | null} notice
 * @property {number[]} pulse events in each minute of the last hour, oldest first; empty: not known
 * @property {Millis} now
 */

/**
 * @typedef {{ type: "attached", snapshot: Snapshot, now: Millis }
 *   | { type: "failed", error: CommandError }
 *   | { type: "updates", updates: Update[], hold: boolean, now: Millis }
 *   | { type: "page", ticket: number, page: Page, how: How, hold: boolean }
 *   | { type: "pageFailed", ticket: number, error: CommandError }
 *   | { type: "loading", what: "older" | "newer" }
 *   | { type: "view", view: View }
 *   | { type: "query", query: string }
 *   | { type: "searchText", text: string }
 *   | { type: "searching", open: boolean }
 *   | { type: "release" }
 *   | { type: "select", row: RowId | null, pane: Pane, keepPanel?: boolean }
 *   | { type: "detail", detail: EventDetail }
 *   | { type: "detailFailed", row: RowId, error: CommandError }
 *   | { type: "tab", tab: Tab }
 *   | { type: "pane", pane: Pane }
 *   | { type: "read", rows: RowId[], read: boolean }
 *   | { type: "pinned", rows: RowId[], pinned: boolean }
 *   | { type: "gone", rows: RowId[] }
 *   | { type: "restored", rows: Row[], selected: RowId | null }
 *   | { type: "queryError", error: CommandError | null }
 *   | { type: "overlay", overlay: Overlay | null }
 *   | { type: "wrap", wrap: boolean }
 *   | { type: "source", source: SourceView, now: Millis }
 *   | { type: "sourceRemoved", id: SourceId, keep: boolean }
 *   | { type: "preferences", preferences: Preferences }
 *   | { type: "firstRun", patch: Partial<FirstRun> }
 *   | { type: "enter" }
 *   | { type: "dialog", dialog: Dialog | null }
 *   | { type: "connections", change: Change }
 *   | { type: "rules/open", draft: Rule | null }
 *   | { type: "rules", change: RulesChange }
 *   | { type: "sourceForm", patch: Partial<SourceDialog> }
 *   | { type: "removeForm", patch: Partial<RemoveDialog> }
 *   | { type: "dismiss", kind: Trouble["kind"] }
 *   | { type: "notice", notice: State["notice"] }
 *   | { type: "settings", patch: Partial<SettingsPage> }
 *   | { type: "forgotten", now: Millis }
 *   | { type: "pulse", minutes: number[] }
 *   | { type: "tick", now: Millis }} Action
 */

/** @type {State} */
export const initial = {
  phase: "loading",
  failure: null,
  sources: [],
  colours: {},
  troubled: {},
  preferences: {
    language: "system",
    theme: "system",
    toasts_paused: false,
    quiet_hours: { enabled: false, critical_through: true, rows: [] },
    retention: {},
    snoozed_until: null,
    close_explained: false,
    compact: false,
    single_keys_off: false,
    side_width: null,
    list_width: null,
  },
  quiet: { reason: null, until: null, held: 0 },
  systemLanguage: "en",
  troubles: [],
  dismissed: [],
  counts: { stored: 0, unread: 0, quiet: 0, pinned: 0 },
  version: "",
  view: { kind: "inbox" },
  query: "",
  searchText: "",
  queryError: null,
  searching: false,
  list: emptyList(0),
  selected: null,
  detail: null,
  detailError: null,
  tab: "pretty",
  pane: "list",
  firstRun: null,
  dialog: null,
  overlay: null,
  wrap: true,
  connections: noConnections,
  rules: noRules,
  settings: noSettings,
  notice: null,
  pulse: [],
  now: 0,
};
