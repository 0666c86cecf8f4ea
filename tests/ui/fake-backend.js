// A core in memory that stands in for backend.js in a browser. `globalThis.fake` steers it.
// The scene comes from the address: `?empty` starts without sources, `?many=N` with N rows,
// `?failing` answers the first time that it cannot.

import { DEFAULTS } from "../../ui/source-form.js";
import { connections, steerConnections } from "./fake-connections.js";
import { counts, history, kept, makePage, put } from "./fake-events.js";
import { refusal } from "./fake-refusal.js";
import { rules } from "./fake-rules.js";
import { settings, steerSettings } from "./fake-settings.js";

/** @import { CommandError, EventDetail, Preferences, QuietState, Severity, SourceInput, SourceState, SourceView, Trouble, Update } from "../../ui/wire.d.ts" */

const scene = new URLSearchParams(location.search);
const MINUTE = 60_000;
const day = new Date();
day.setHours(14, 2, 11, 0);
const now = Math.max(day.getTime(), Date.now());
kept.now = now;

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

/** @type {Trouble[]} */
let troubles = [];
let autostart = false;
/** Events of the last hour by the minute. */
const pulse = Array.from({ length: 60 }, (_, minute) => Math.round(4 + 4 * Math.sin(minute / 3) + (minute % 17 === 0 ? 14 : 0)));
/** @type {Preferences} */
let preferences = {
  language: /** @type {Preferences["language"]} */ (scene.get("language") ?? "en"),
  theme: /** @type {Preferences["theme"]} */ (scene.get("theme") ?? "light"),
  toasts_paused: false,
  quiet_hours: { enabled: false, critical_through: true, rows: [] },
  snoozed_until: null,
  close_explained: true,
  compact: scene.has("compact"),
  single_keys_off: false,
  side_width: null,
  list_width: null,
  retention: {},
};
/** @type {QuietState} */
let quiet = { reason: null, until: null, held: 0 };
/** Secrets as the core keeps them: never given back. @type {Map<string, Record<string, string>>} */
const secrets = new Map();
/** @type {{ command: string, request: unknown }[]} */
const calls = [];
/** @type {Map<string, CommandError>} commands that fail the next time */
const refusals = new Map();
if (scene.has("failing")) refusals.set("attach", refusal("history_unavailable", "unable to open database file"));

/** @param {string} name @param {string} url @param {SourceState} state @returns {SourceView} */
function makeSource(name, url, state) {
  return {
    id: crypto.randomUUID(),
    name,
    url,
    enabled: true,
    events: { mode: "all" },
    mapping: { preset: "auto" },
    header_names: [],
    allow_cleartext_secrets: false,
    options: { ...DEFAULTS },
    toast: { privacy: false, max_urgency: "critical", sound: true, loudness: "rules" },
    retention: {},
    state,
    unread: 0,
    stored: 0,
    quiet: 0,
    last_event_at: null,
    silent_since: null,
  };
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
  kept.sources = [api, billing, ci, home];
  if (scene.has("waiting")) return;
  const many = Number(scene.get("many") ?? 0);
  for (let index = many; index > 0; index -= 1) {
    const source = kept.sources[index % 4] ?? api;
    put(source, `Event number ${index}`, `payload ${index}`, { ago: 3000 + index * 7, read: index % 5 !== 0 });
  }
  put(billing, "환불 요청 접수", "₩18,900 · 주문 88-2041", { ago: 1500, read: true });
  put(api, "Certificate renews in 6 days", "api.acme.dev", { ago: 1400, severity: "high" });
  kept.outages = [
    { source: api.id, started_at: now - 290 * MINUTE, ended_at: now - 142 * MINUTE, replayed: 37, first_row: kept.rows.length + 2 },
    { source: billing.id, started_at: now - 1460 * MINUTE, ended_at: now - 1450 * MINUTE, replayed: 0, first_row: kept.rows.length },
  ];
  put(home, "세탁이 끝났습니다", "다용도실 · 1시간 12분", { ago: 238 });
  put(api, "Disk 94 % full on db-1", "/var/lib/postgresql · 11 GB left", { ago: 144, severity: "critical" });
  put(ci, "Build 4817 passed", "main · 5f21c9e · 6 m 02 s", { ago: 81, severity: "low", read: true, delivery: "quiet" });
  put(billing, "정기 결제 승인", "₩49,000 · Pro 요금제 · 김서연", { ago: 67 });
  put(api, "p95 latency above 800 ms", "GET /v1/orders · 912 ms", { ago: 42, severity: "high", read: true });
  put(home, "현관문이 열렸습니다", "거실 카메라 · 움직임 감지", { ago: 31, delivery: "paused" });
  put(ci, "E2E suite is flaky", "3 of 212 retried · checkout.spec.ts and a preview that is much too long to fit", { ago: 15, severity: "high" });
  put(billing, "Invoice paid", "₩120,000 · 한빛물산 · INV-20418", { ago: 4 });
  const deploy = put(api, "Deploy failed on web-3", "exit 1 · npm run build", { ago: 3, severity: "critical", event: "deploy" });
  kept.details.set(deploy.row, {
    body: "npm run build exited with code 1 after 2 m 14 s. web-3 was rolled back to 5f21c9e; web-1 and web-2 still run the previous release.",
    data: JSON.stringify(PAYLOAD),
    own_id: "88214",
    url: "https://ci.acme.dev/runs/4818",
    link: { url: "https://ci.acme.dev/runs/4818", host: "ci.acme.dev", foreign: true },
    rule: "Errors from prod",
    trace: {
      outcome: "notify",
      rule: { place: 2, name: "Errors from prod", because: [{ field: "$.level", op: "is", value: "error", seen: "error" }] },
      passed: [{ place: 1, name: "Heartbeats", failed: { field: "event", op: "is", value: "ping", seen: "deploy" } }],
    },
  });
}
stage();

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
  const source = kept.sources.find((one) => one.id === id);
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
  if (kept.sources.some((one) => one.id !== source.id && one.name === name)) {
    throw refusal("duplicate_name", "another source has this name; choose a different one");
  }
  if (url.protocol === "http:" && url.hostname !== "localhost" && input.headers.length > 0 && !input.allow_cleartext_secrets) {
    throw refusal("cleartext_secret", "the headers would travel unencrypted; use https or allow it");
  }
  const old = secrets.get(source.id) ?? {};
  secrets.set(source.id, Object.fromEntries(input.headers.map(({ name: header, value }) => [header, value ?? old[header] ?? "old"])));
  const isElsewhere = url.href !== source.url;
  Object.assign(source, {
    name,
    url: url.href,
    events: input.events,
    header_names: input.headers.map((header) => header.name),
    allow_cleartext_secrets: input.allow_cleartext_secrets,
    mapping: input.mapping ?? source.mapping,
    options: input.options ?? source.options,
    toast: input.toast ?? source.toast,
    retention: input.retention ?? source.retention,
    state: isElsewhere ? { state: "connecting", attempt: 1 } : source.state,
  });
}

/** @type {typeof import("../../ui/backend.js").backend} */
export const backend = {
  attach: (onUpdates) =>
    answer("attach", null, () => {
      feed = onUpdates;
      return {
        sources: kept.sources,
        preferences,
        system_language: "en-GB",
        troubles,
        quiet,
        page: makePage({ source: null, before: null, after: null, at: null, unread: false, quiet: false, pinned: false, query: null, limit: 100 }),
        unread: counts().unread,
        counts: counts(),
        version: "1.0.0",
      };
    }),

  ...history({ answer, emit }),
  ...rules({ answer }),
  ...settings({
    answer,
    forget() {
      kept.sources = [];
      kept.rows = [];
      preferences = { ...preferences, language: "system", theme: "system", quiet_hours: { enabled: false, critical_through: true, rows: [] }, retention: {} };
    },
  }),

  sourceAdd: (input) =>
    answer("source_add", input, () => {
      const source = makeSource("", "", { state: "connecting", attempt: 1 });
      apply(source, input);
      kept.sources = [...kept.sources, source];
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
      kept.sources = kept.sources.filter((source) => source.id !== id);
      if (!keepHistory) kept.rows = kept.rows.filter((row) => row.source !== id);
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

  ...connections({ answer, refusals, sources: () => kept.sources, check: (input) => apply(makeSource("", "", { state: "paused" }), { ...input, name: crypto.randomUUID() }) }),
  demoStart: () =>
    answer("demo_start", null, () => {
      const source = makeSource("Demo", "tidings:demo", { state: "live", since: Date.now(), last_byte: Date.now() });
      kept.sources = [...kept.sources, source];
      emit({ kind: "source", source });
      return source;
    }),

  preferencesSet: (request) =>
    answer("preferences_set", request, () => {
      preferences = { ...preferences, ...request };
      emit({ kind: "preferences", preferences });
      return preferences;
    }),

  autostartGet: () => answer("autostart_get", null, () => ({ enabled: autostart })),

  autostartSet: (enabled) => answer("autostart_set", { enabled }, () => ({ enabled: (autostart = enabled) })),

  secretsKeepInFile: () => answer("secrets_keep_in_file", null, () => undefined),

  keychainGiveUp: () => answer("keychain_give_up", null, () => undefined),

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
      const link = kept.details.get(row)?.link;
      if (!link || (link.foreign && link.host !== confirmedHost)) throw refusal("link_refused", "this link is not opened");
    }),

  addressOpen: (url, confirmedHost) => answer("address_open", { url, confirmed_host: confirmedHost }, () => {}),

  pulse: () => answer("pulse", null, () => pulse),

  zoom: (step) => answer("zoom", { step }, () => {}),

  toastTest: () => answer("toast_test", null, () => ({ server: "dunst", version: "1.9.0" })),
};

const steer = {
  ...steerConnections,
  ...steerSettings,
  calls,
  secrets: () => Object.fromEntries(secrets),
  sources: () => structuredClone(kept.sources),

  /** @param {string} command @param {CommandError["code"]} code @param {string} message @param {CommandError["field"]} [field] */
  refuse(command, code, message, field = null) {
    refusals.set(command, { ...refusal(code, message), field });
  },

  /** @param {string} name @param {SourceState} state */
  setState(name, state) {
    const source = kept.sources.find((one) => one.name === name);
    if (!source) throw new Error(`no source ${name}`);
    source.state = state;
    emit({ kind: "source", source });
  },

  /** @param {string} name @param {number} since */
  setSilent(name, since) {
    const source = kept.sources.find((one) => one.name === name);
    if (!source) throw new Error(`no source ${name}`);
    source.silent_since = since;
    emit({ kind: "source", source });
  },

  /** @param {string} name @param {string} url */
  setUrl(name, url) {
    const source = kept.sources.find((one) => one.name === name);
    if (!source) throw new Error(`no source ${name}`);
    source.url = url;
    emit({ kind: "source", source });
  },

  /** @param {string} name @param {string} title @param {string} preview @param {Severity} [severity] @param {import("../../ui/wire.d.ts").Delivery} [delivery] */
  send(name, title, preview, severity = "normal", delivery = "shown") {
    const source = kept.sources.find((one) => one.name === name);
    if (!source) throw new Error(`no source ${name}`);
    const row = put(source, title, preview, { severity, delivery, read: delivery === "quiet", ago: (now - Date.now()) / MINUTE });
    pulse.push((pulse.pop() ?? 0) + 1);
    emit({ kind: "rows", rows: [row] });
    emit({ kind: "source", source });
    return row.row;
  },

  now: () => kept.now,

  /** @param {string[]} titles */
  readAllBut(titles) {
    for (const row of kept.rows) row.read = !titles.includes(row.title);
    emit({ kind: "read", rows: kept.rows.filter(({ read }) => read).map(({ row }) => row), read: true });
    emit({ kind: "read", rows: kept.rows.filter(({ read }) => !read).map(({ row }) => row), read: false });
  },

  /** @param {number} events how many a search into payloads looks through */
  setBounded(events) {
    kept.bounded = events;
  },

  /** @param {number} row @param {Partial<EventDetail>} detail */
  setDetail(row, detail) {
    kept.details.set(row, detail);
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

  /** @param {Partial<Preferences>} change */
  prefer(change) {
    preferences = { ...preferences, ...change };
    emit({ kind: "preferences", preferences });
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
