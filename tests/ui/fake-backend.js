// A core in memory that stands in for backend.js in a browser. `globalThis.fake` steers it.
// The scene comes from the address: `?empty` starts without sources, `?many=N` with N rows.

import { DEFAULTS } from "/source-form.js";
import { connections, steerConnections } from "/fake-connections.js";

/** @import { CommandError, Delivery, EventDetail, Preferences, QuietState, Row, Severity, SourceInput, SourceState, SourceView, Trouble, Update } from "../../ui/wire.d.ts" */

const scene = new URLSearchParams(location.search);
const MINUTE = 60_000;
const day = new Date();
day.setHours(14, 2, 11, 0);
const now = Math.max(day.getTime(), Date.now());

/** @type {(updates: Update[]) => void} */
let feed = () => {};
/** @type {Update[]} */
let batch = [];

/** @param {Update} update */
function emit(update) {
  if (batch.length === 0) {
    setTimeout(() => {
      const sent = batch;
      batch = [];
      feed(structuredClone(sent));
    }, 50);
  }
  batch.push(update);
}

/** @type {SourceView[]} */
let sources = [];
/** @type {Row[]} newest first */
let rows = [];
/** @type {Trouble[]} */
let troubles = [];
/** @type {Preferences} */
let preferences = {
  language: /** @type {Preferences["language"]} */ (scene.get("language") ?? "en"),
  theme: /** @type {Preferences["theme"]} */ (scene.get("theme") ?? "light"),
  toasts_paused: false,
  quiet_hours: { enabled: false, critical_through: true, rows: [] },
  snoozed_until: null,
  close_explained: true,
};
/** @type {QuietState} */
let quiet = { reason: null, until: null, held: 0 };
/** @type {Map<number, Partial<EventDetail>>} */
const details = new Map();
/** Secrets as the core keeps them: never given back. @type {Map<string, Record<string, string>>} */
const secrets = new Map();
/** @type {{ command: string, request: unknown }[]} */
const calls = [];
/** @type {Map<string, CommandError>} commands that fail the next time */
const refusals = new Map();

/** @param {string} name @param {string} url @param {SourceState} state @returns {SourceView} */
function makeSource(name, url, state) {
  return {
    id: crypto.randomUUID(),
    name,
    url,
    enabled: true,
    events: { mode: "all" },
    mapping: {},
    header_names: [],
    allow_cleartext_secrets: false,
    options: { ...DEFAULTS },
    toast: { privacy: false, max_urgency: "critical", sound: true },
    state,
    unread: 0,
    stored: 0,
    quiet: 0,
    last_event_at: null,
    silent_since: null,
  };
}

/** @param {SourceView} source @param {string} title @param {string} preview @param {{ severity?: Severity, ago?: number, read?: boolean, delivery?: Delivery, event?: string }} [more] @returns {Row} */
function makeRow(source, title, preview, more = {}) {
  const received_at = now - (more.ago ?? 0) * MINUTE;
  source.last_event_at = Math.max(source.last_event_at ?? 0, received_at);
  if (!more.read) source.unread += 1;
  return {
    row: (rows[0]?.row ?? 0) + 1,
    source: source.id,
    event: more.event ?? "message",
    title,
    preview,
    severity: more.severity ?? "normal",
    received_at,
    read: more.read ?? false,
    pinned: false,
    delivery: more.delivery ?? "shown",
    marks: null,
  };
}

/** @param {Parameters<typeof makeRow>} values */
function put(...values) {
  const row = makeRow(...values);
  rows = [row, ...rows];
  return row;
}

const PAYLOAD = {
  level: "error",
  host: "web-3",
  title: "Deploy failed on web-3",
  exit_code: 1,
  duration_ms: 134218,
  rolled_back: true,
  run: "https://ci.acme.dev/runs/4818",
  commit: { sha: "5f21c9e", author: { name: "김서연", mail: "sy@acme.dev" }, branch: "main" },
  tail: Array.from({ length: 40 }, (_, line) => `line ${line}`),
};

function stage() {
  if (scene.has("empty")) return;
  const since = now - 76 * 3600_000;
  const live = { state: /** @type {const} */ ("live"), since, last_byte: now - 4000 };
  const api = makeSource("prod-api", "https://api.acme.dev/v1/events", live);
  const billing = makeSource("billing", "https://hooks.billing.acme.dev/sse", live);
  const ci = makeSource("staging CI", "https://ci.acme.dev/events/staging", live);
  const home = makeSource("home assistant", "http://homeassistant.local:8123/api/stream", live);
  api.header_names = ["Authorization"];
  api.events = { mode: "not", types: ["ping", "debug"] };
  sources = [api, billing, ci, home];
  const many = Number(scene.get("many") ?? 0);
  for (let index = many; index > 0; index -= 1) {
    const source = sources[index % 4] ?? api;
    put(source, `Event number ${index}`, `payload ${index}`, { ago: 3000 + index * 7, read: index % 5 !== 0 });
  }
  put(billing, "환불 요청 접수", "₩18,900 · 주문 88-2041", { ago: 1500, read: true });
  put(api, "Certificate renews in 6 days", "api.acme.dev", { ago: 1400, severity: "high" });
  put(home, "세탁이 끝났습니다", "다용도실 · 1시간 12분", { ago: 238 });
  put(api, "Disk 94 % full on db-1", "/var/lib/postgresql · 11 GB left", { ago: 144, severity: "critical" });
  put(ci, "Build 4817 passed", "main · 5f21c9e · 6 m 02 s", { ago: 81, severity: "low", read: true, delivery: "quiet" });
  put(billing, "정기 결제 승인", "₩49,000 · Pro 요금제 · 김서연", { ago: 67 });
  put(api, "p95 latency above 800 ms", "GET /v1/orders · 912 ms", { ago: 42, severity: "high", read: true });
  put(home, "현관문이 열렸습니다", "거실 카메라 · 움직임 감지", { ago: 31, delivery: "paused" });
  put(ci, "E2E suite is flaky", "3 of 212 retried · checkout.spec.ts and a preview that is much too long to fit", { ago: 15, severity: "high" });
  put(billing, "Invoice paid", "₩120,000 · 한빛물산 · INV-20418", { ago: 4 });
  const deploy = put(api, "Deploy failed on web-3", "exit 1 · npm run build", { ago: 3, severity: "critical", event: "deploy" });
  details.set(deploy.row, {
    body: "npm run build exited with code 1 after 2 m 14 s. web-3 was rolled back to 5f21c9e; web-1 and web-2 still run the previous release.",
    data: JSON.stringify(PAYLOAD),
    own_id: "88214",
    url: "https://ci.acme.dev/runs/4818",
  });
}
stage();

/** @param {CommandError["code"]} code @param {string} message @returns {CommandError} */
const refusal = (code, message) => ({ code, message, detail: null, range: null, field: null });

/**
 * @template T
 * @param {string} command
 * @param {unknown} request
 * @param {() => T} run
 * @returns {Promise<T>}
 */
async function answer(command, request, run) {
  const call = { command, request: structuredClone(request) };
  await new Promise((resolve) => setTimeout(resolve, 5));
  // Told and done in one step: a test that sees the call sees what it did.
  calls.push(call);
  const refused = refusals.get(command);
  if (refused) {
    refusals.delete(command);
    throw refused;
  }
  return structuredClone(run());
}

/** @param {string} id */
function find(id) {
  const source = sources.find((one) => one.id === id);
  if (!source) throw refusal("not_found", "no such source");
  return source;
}

/** @param {SourceView} source @param {SourceInput} input */
function apply(source, input) {
  let url;
  try {
    if (/\s/.test(input.url)) throw new Error("space");
    url = new URL(input.url.includes("://") || input.url.startsWith("tidings:") ? input.url : `https://${input.url}`);
  } catch {
    throw refusal("invalid_url", "this is no URL (relative URL without a base); write one such as https://example.com/events");
  }
  const name = input.name || url.host;
  if (sources.some((one) => one.id !== source.id && one.name === name)) {
    throw refusal("duplicate_name", "another source has this name; choose a different one");
  }
  if (url.protocol === "http:" && url.hostname !== "localhost" && input.headers.length > 0 && !input.allow_cleartext_secrets) {
    throw refusal("cleartext_secret", "the headers would travel unencrypted; use https or allow it");
  }
  const kept = secrets.get(source.id) ?? {};
  secrets.set(source.id, Object.fromEntries(input.headers.map(({ name: header, value }) => [header, value ?? kept[header] ?? "old"])));
  Object.assign(source, {
    name,
    url: url.href,
    events: input.events,
    header_names: input.headers.map((header) => header.name),
    allow_cleartext_secrets: input.allow_cleartext_secrets,
    options: input.options ?? source.options,
    state: { state: "connecting", attempt: 1 },
  });
}

/** @param {Row[]} all @param {number} limit @returns {import("../../ui/wire.d.ts").Page} */
function makePage(all, limit) {
  const [newest, oldest] = [rows[0], rows.at(-1)];
  return {
    rows: all.slice(0, limit),
    more: all.length > limit,
    newer: false,
    outages: [],
    bounded: null,
    span: newest && oldest ? [oldest.row, newest.row] : null,
  };
}

const counts = () => ({
  stored: rows.length,
  unread: rows.filter((row) => !row.read).length,
  quiet: rows.filter((row) => row.delivery === "quiet").length,
  pinned: rows.filter((row) => row.pinned).length,
});

/** What can be taken back: puts things as they were. @type {Map<number, () => void>} */
const undos = new Map();

/** @param {number} count @param {() => void} back @returns {import("../../ui/wire.d.ts").Undoable} */
function undoable(count, back) {
  if (count === 0) return { count, undo: null };
  const undo = undos.size + 1;
  undos.set(undo, back);
  return { count, undo };
}
/** @type {import("../../ui/wire.d.ts").RuleList} */
let ruleList = { generation: 0, rules: [] };

/** @type {typeof import("../../ui/backend.js").backend} */
export const backend = {
  attach: (onUpdates) =>
    answer("attach", null, () => {
      feed = onUpdates;
      return {
        sources,
        preferences,
        system_language: "en-GB",
        troubles,
        quiet,
        page: makePage(rows, 100),
        unread: rows.filter((row) => !row.read).length,
        counts: counts(),
        version: "1.0.0",
      };
    }),

  historyPage: (request) =>
    answer("history_page", request, () => {
      const words = (request.query ?? "").toLowerCase().split(/\s+/).filter(Boolean);
      const all = rows.filter(
        (row) =>
          (request.source === null || row.source === request.source) &&
          (request.before === null || row.row < request.before) &&
          (!request.unread || !row.read) &&
          (!request.quiet || row.delivery === "quiet") &&
          (!request.pinned || row.pinned) &&
          words.every((word) => `${row.title} ${row.preview}`.toLowerCase().includes(word)),
      );
      return makePage(all, request.limit);
    }),

  historyGet: (row) =>
    answer("history_get", { row }, () => {
      const found = rows.find((one) => one.row === row);
      if (!found) throw refusal("not_found", "no such event");
      return {
        ...found,
        full_title: found.title,
        body: found.preview,
        data: `${found.title}\n${found.preview}`,
        own_id: null,
        url: null,
        replayed: false,
        truncated: false,
        tags: [], rule: null, trace: null, delivery_cause: null, delivery_detail: null, link: null,
        ...details.get(row),
      };
    }),

  historyMarkRead: (request) =>
    answer("history_mark_read", request, () => {
      const changed = rows.filter(
        (row) =>
          row.read !== request.read &&
          (request.rows ? request.rows.includes(row.row) : request.source === null || request.source === row.source),
      );
      const mark = (/** @type {boolean} */ read) => {
        for (const row of changed) {
          row.read = read;
          const source = sources.find((one) => one.id === row.source);
          if (source) source.unread += read ? -1 : 1;
        }
        emit({ kind: "read", rows: changed.map((row) => row.row), read });
        for (const source of sources) emit({ kind: "source", source });
        emit({ kind: "counts", counts: counts() });
      };
      mark(request.read);
      return undoable(changed.length, () => mark(!request.read));
    }),

  historyPin: (ids, pinned) =>
    answer("history_pin", { rows: ids, pinned }, () => {
      for (const row of rows) if (ids.includes(row.row)) row.pinned = pinned;
      emit({ kind: "pinned", rows: ids, pinned });
      emit({ kind: "counts", counts: counts() });
    }),

  historyDelete: (ids) =>
    answer("history_delete", { rows: ids }, () => {
      const gone = rows.filter((row) => ids.includes(row.row));
      rows = rows.filter((row) => !ids.includes(row.row));
      emit({ kind: "deleted", rows: ids });
      emit({ kind: "counts", counts: counts() });
      return undoable(gone.length, () => {
        rows = [...rows, ...gone].sort((a, b) => b.row - a.row);
        emit({ kind: "restored" });
        emit({ kind: "counts", counts: counts() });
      });
    }),

  historyUndo: (undo) =>
    answer("history_undo", { undo }, () => {
      const back = undos.get(undo);
      if (!back) throw refusal("undo_expired", "it is too late to take this back");
      undos.delete(undo);
      back();
    }),

  historyClear: () =>
    answer("history_clear", null, () => {
      rows = [];
      emit({ kind: "deleted", rows: null });
      emit({ kind: "counts", counts: counts() });
    }),

  historyFigures: () =>
    answer("history_figures", null, () => ({
      bytes: rows.length * 500,
      counts: counts(),
      oldest: rows.at(-1)?.received_at ?? null,
    })),

  historyExport: (request, onProgress) =>
    answer("history_export", request, () => {
      const done = { path: request.path ?? "/home/me/Downloads/tidings.jsonl", events: rows.length, percent: 100, done: true, cancelled: false };
      onProgress({ ...done, events: 0, percent: 0, done: false });
      onProgress(done);
      return done;
    }),

  historyExportCancel: () => answer("history_export_cancel", null, () => {}),

  sourceAdd: (input) =>
    answer("source_add", input, () => {
      const source = makeSource("", "", { state: "connecting", attempt: 1 });
      apply(source, input);
      sources = [...sources, source];
      emit({ kind: "source", source });
      return source;
    }),

  sourceEdit: (id, input) =>
    answer("source_edit", { id, source: input }, () => {
      const source = find(id);
      apply(source, input);
      emit({ kind: "source", source });
      return source;
    }),

  sourceRemove: (id, keepHistory) =>
    answer("source_remove", { id, keep_history: keepHistory }, () => {
      sources = sources.filter((source) => source.id !== id);
      if (!keepHistory) rows = rows.filter((row) => row.source !== id);
      emit({ kind: "source_removed", id });
    }),

  sourceEnable: (id, enabled) =>
    answer("source_enable", { id, enabled }, () => {
      const source = find(id);
      source.enabled = enabled;
      source.state = enabled ? { state: "connecting", attempt: 1 } : { state: "paused" };
      emit({ kind: "source", source });
    }),

  sourceRetry: (id) =>
    answer("source_retry", { id }, () => {
      const source = find(id);
      source.state = { state: "connecting", attempt: 1 };
      emit({ kind: "source", source });
    }),

  ...connections({ answer, refusals, sources: () => sources, check: (input) => apply(makeSource("", "", { state: "paused" }), { ...input, name: crypto.randomUUID() }) }),
  rulesGet: () => answer("rules_get", null, () => ruleList),

  rulesSet: (list) =>
    answer("rules_set", list, () => {
      if (list.generation !== ruleList.generation) {
        throw refusal("outdated", "the rules were changed meanwhile; look at them again, then save");
      }
      ruleList = { generation: list.generation + 1, rules: list.rules };
      return ruleList;
    }),

  rulesPreview: (request) =>
    answer("rules_preview", request, () => ({
      looked_at: rows.length,
      would_notify: rows.length,
      now_notify: rows.length,
      dropped: 0,
      newly_loud_count: 0,
      newly_loud: [],
      newly_quiet_count: 0,
      newly_quiet: [],
      per_day: [],
      rules: [],
    })),

  ruleDraft: (request) =>
    answer("rule_draft", request, () => ({ id: `rule-${request.row}`, name: "Like this", then: request.then })),

  mappingPreview: (request) => answer("mapping_preview", request, () => []),

  eventTypes: (id) => answer("event_types", { id }, () => []),

  fieldsSeen: (source) => answer("fields_seen", { source }, () => []),

  demoStart: () =>
    answer("demo_start", null, () => {
      const source = makeSource("Demo", "tidings:demo", { state: "live", since: Date.now(), last_byte: Date.now() });
      sources = [...sources, source];
      emit({ kind: "source", source });
      return source;
    }),

  preferencesSet: (request) =>
    answer("preferences_set", request, () => {
      preferences = { ...preferences, ...request };
      emit({ kind: "preferences", preferences });
      return preferences;
    }),

  quietHoursSet: (hours) =>
    answer("quiet_hours_set", { quiet_hours: hours }, () => {
      preferences = { ...preferences, quiet_hours: hours };
      emit({ kind: "preferences", preferences });
      return preferences;
    }),

  snooze: (snooze) =>
    answer("snooze", { snooze }, () => {
      const minutes = snooze.kind === "minutes" ? snooze.minutes : 16 * 60;
      const until = snooze.kind === "off" ? null : Date.now() + minutes * MINUTE;
      preferences = { ...preferences, snoozed_until: until === null ? null : new Date(until).toISOString() };
      quiet = { reason: until === null ? null : "snoozed", until, held: 0 };
      emit({ kind: "preferences", preferences });
      emit({ kind: "quiet", quiet });
      return quiet;
    }),

  linkOpen: (row, confirmedHost) =>
    answer("link_open", { row, confirmed_host: confirmedHost }, () => {
      const link = details.get(row)?.link;
      if (!link || (link.foreign && link.host !== confirmedHost)) throw refusal("link_refused", "this link is not opened");
    }),

  toastTest: () => answer("toast_test", null, () => ({ server: "dunst", version: "1.9.0" })),
};

const steer = {
  ...steerConnections,
  calls,
  secrets: () => Object.fromEntries(secrets),
  sources: () => structuredClone(sources),

  /** @param {string} command @param {CommandError["code"]} code @param {string} message @param {CommandError["field"]} [field] */
  refuse(command, code, message, field = null) {
    refusals.set(command, { ...refusal(code, message), field });
  },

  /** @param {string} name @param {SourceState} state */
  setState(name, state) {
    const source = sources.find((one) => one.name === name);
    if (!source) throw new Error(`no source ${name}`);
    source.state = state;
    emit({ kind: "source", source });
  },

  /** @param {string} name @param {string} title @param {string} preview @param {Severity} [severity] */
  send(name, title, preview, severity = "normal") {
    const source = sources.find((one) => one.name === name);
    if (!source) throw new Error(`no source ${name}`);
    const row = put(source, title, preview, { severity, ago: (now - Date.now()) / MINUTE });
    emit({ kind: "rows", rows: [row] });
    emit({ kind: "source", source });
    return row.row;
  },

  /** @param {number} row @param {Partial<EventDetail>} detail */
  setDetail(row, detail) {
    details.set(row, detail);
  },

  /** @param {Trouble[]} list */
  setTroubles(list) {
    troubles = list;
    emit({ kind: "troubles", troubles });
  },

  /** @param {QuietState} state */
  setQuiet(state) {
    quiet = state;
    emit({ kind: "quiet", quiet });
  },

  /** @param {number} row @param {boolean} [link] */
  open(row, link = false) {
    emit({ kind: "open", row, link });
  },

  resync() {
    emit({ kind: "resync" });
  },
};

/** @typedef {typeof steer} Fake */
Object.assign(globalThis, { fake: steer });
