// Plain values of the wire for the tests of pure code.

import { DEFAULTS } from "../../ui/source-form.js";

/** @import { Page, Row, Snapshot, SourceState, SourceView } from "../../ui/wire.d.ts" */

/** @param {number} id @param {Partial<Row>} [change] @returns {Row} */
export function row(id, change) {
  return {
    row: id,
    source: "a",
    event: "message",
    title: `title ${id}`,
    preview: "",
    severity: "normal",
    received_at: 1_700_000_000_000 + id * 1000,
    read: false,
    pinned: false,
    delivery: "shown",
    marks: null,
    ...change,
  };
}

/** @param {Row[]} rows @param {boolean} more @returns {Page} */
export function page(rows, more) {
  return { rows, more, newer: false, outages: [], bounded: null, span: null };
}

/** @param {string} id @param {Partial<SourceView>} [change] @returns {SourceView} */
export function source(id, change) {
  return {
    id,
    name: `source ${id}`,
    url: "https://example.com/events",
    enabled: true,
    events: { mode: "all" },
    mapping: {},
    header_names: [],
    allow_cleartext_secrets: false,
    options: DEFAULTS,
    toast: { privacy: false, max_urgency: "critical", sound: true, loudness: "rules" },
    retention: {},
    state: { state: "live", since: 0, last_byte: 0 },
    unread: 0,
    stored: 0,
    quiet: 0,
    last_event_at: null,
    silent_since: null,
    ...change,
  };
}

/** @param {number} until @returns {SourceState} */
export function waitingState(until) {
  return { state: "waiting", attempt: 1, until, cause: { code: "broken", message: "", status: null } };
}

/** @param {Partial<Snapshot>} change @returns {Snapshot} */
export function snapshot(change) {
  return {
    sources: [],
    preferences: {
      language: "en",
      theme: "system",
      toasts_paused: false,
      quiet_hours: { enabled: false, critical_through: true, rows: [] },
      snoozed_until: null,
      close_explained: false,
      compact: false,
      single_keys_off: false,
      side_width: null,
      list_width: null,
      retention: {},
    },
    system_language: "en",
    troubles: [],
    page: page([], false),
    quiet: { reason: null, until: null, held: 0 },
    unread: 0,
    counts: { stored: 0, unread: 0, quiet: 0, pinned: 0 },
    version: "1.0.0",
    ...change,
  };
}
