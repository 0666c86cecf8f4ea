// The part of the core in memory that tests connections and tells what sources lived through.

/** @import { CommandError, Diagnosis, PastedCommand, SourceInput, SourceView, Step } from "../../ui/wire.d.ts" */
/** @import { backend } from "../../ui/backend.js" */

/** @type {{ onStep: (step: Step) => void, end: (passed: boolean | null) => void } | null} the test that runs */
let probe = null;
/** @type {Map<string, Diagnosis>} by name */
const diagnoses = new Map();

const MINUTE = 60_000;
const now = Date.now();
/** @type {Diagnosis} */
const sample = {
  timeline: [
    { started: now - 1700 * MINUTE, live: now - 1700 * MINUTE + 104, ended: now - 1100 * MINUTE, cause: { code: "idle", message: "nothing came for 45 s", status: null }, bytes: 90_000, events: 11 },
    { started: now - 60 * MINUTE, live: null, ended: now - 60 * MINUTE + 39, cause: { code: "unauthorized", message: "the server answered 401", status: 401 }, bytes: 0, events: 0 },
    { started: now - 50 * MINUTE, live: now - 50 * MINUTE + 88, ended: now - 5 * MINUTE, cause: { code: "server_error", message: "the server answered 503", status: 503 }, bytes: 2_800_000, events: 331 },
    { started: now - 4 * MINUTE, live: now - 4 * MINUTE + 96, ended: null, cause: null, bytes: 4200, events: 4 },
  ],
  frames: [
    { at: now - 240_000, kind: "comment", event: null, id: null, retry_ms: 3000, size: 12, data: "welcome back" },
    { at: now - 230_000, kind: "retry", event: null, id: null, retry_ms: 5000, size: 0, data: "" },
    { at: now - 200_000, kind: "event", event: "invoice.paid", id: "evt_01JD7Q", retry_ms: null, size: 77, data: '{"amount":120000,"currency":"KRW","customer":"한빛물산","no":"INV-20418"}' },
    { at: now - 120_000, kind: "id", event: null, id: "evt_01JD7R", retry_ms: null, size: 0, data: "" },
    { at: now - 60_000, kind: "event", event: "charge.refunded", id: "evt_01JD7S", retry_ms: null, size: 900_000, data: "line one\nline two <b>not markup</b>" },
    { at: now - 15_000, kind: "comment", event: null, id: null, retry_ms: null, size: 10, data: "keep-alive" },
  ],
  attempts: 17,
  bytes: 2_894_200,
  events: 346,
  truncated: 1,
  duplicates: 6,
  longest_silence_ms: 15_000,
  patience_ms: 60_000,
  retry_ms: 3000,
};

/** @param {string} name */
const diagnosisOf = (name) => structuredClone(diagnoses.get(name) ?? sample);

/** @type {string[]} what went to the clipboard is read by the tests from the page */
const REPORT = [
  "Tidings 1.0.0 on linux x86_64, 2026-11-23T14:02:11Z",
  "",
  "source prod-api",
  "  url https://api.acme.dev/v1/events (query left out)",
  "  headers [Authorization]",
  "  17 tries, 2894200 bytes, 346 events, 1 cut, 6 duplicates",
];

/** Just enough of a shell for the tests; the core's own reader has its own. @param {string} text @returns {PastedCommand} */
function readCurl(text) {
  const words = [...text.replaceAll("\\\n", " ").matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
  /** @type {PastedCommand} */
  const command = { url: "", method: "GET", headers: [], body: null, warnings: [] };
  for (let at = 1; at < words.length; at += 1) {
    const word = words[at] ?? "";
    const next = words[at + 1] ?? "";
    if (word === "-H") {
      const [name = "", value = ""] = next.split(/:\s*/, 2);
      command.headers.push({ name, value });
      at += 1;
    } else if (word === "-X") {
      command.method = next;
      at += 1;
    } else if (word === "-d") {
      command.body = next;
      if (command.method === "GET") command.method = "POST";
      at += 1;
    } else if (word === "-k") {
      command.warnings.push("-k is not taken over: certificates are always checked");
    } else if (!word.startsWith("-")) command.url = word;
  }
  if (command.url === "") {
    /** @type {CommandError} */
    const refused = { code: "invalid_option", message: "a quote in the command never ends; copy all of it", field: "command", detail: null, range: null };
    throw refused;
  }
  return command;
}

/**
 * @param {object} core
 * @param {<T>(command: string, request: unknown, run: () => T) => Promise<T>} core.answer
 * @param {Map<string, CommandError>} core.refusals
 * @param {() => SourceView[]} core.sources
 * @param {(input: SourceInput) => void} core.check refuses what the core would
 * @returns {Pick<typeof backend, "sourceProbe" | "sourceProbeEnd" | "sourcePulses" | "sourceActivity" | "sourceDiagnosis" | "sourceCurl" | "curlRead" | "report">}
 */
export function connections({ answer, sources, check }) {
  const name = (/** @type {string} */ id) => {
    const source = sources().find((one) => one.id === id);
    if (source) return source.name;
    /** @type {CommandError} */
    const gone = { code: "not_found", message: "there is no such source any more", field: null, detail: null, range: null };
    throw gone;
  };
  return {
    async sourceProbe(request, onStep) {
      await answer("source_probe", request, () => check(request.source));
      probe?.end(null);
      return new Promise((resolve) => {
        probe = { onStep, end: resolve };
      });
    },
    sourceProbeEnd: () =>
      answer("source_probe_end", null, () => {
        probe?.end(null);
        probe = null;
      }),
    sourcePulses: () =>
      answer("source_pulses", null, () =>
        sources().map((source) => ({
          source: source.id,
          last_byte: source.state.state === "live" ? source.state.last_byte : null,
          sums: { ...diagnosisOf(source.name), timeline: [], frames: [] },
        })),
      ),
    sourceActivity: () =>
      answer("source_activity", null, () =>
        sources().map((source, index) => ({
          source: source.id,
          hour: Math.floor(Date.now() / 3_600_000) * 3_600_000,
          hours: Array.from({ length: 168 }, (_, hour) => Math.max(0, Math.round(30 + 32 * Math.sin((hour + index * 5) / 3.8)))),
          minutes: Array.from({ length: 60 }, (_, minute) => (source.state.state === "paused" ? "off" : minute > 53 && source.state.state !== "live" ? "trouble" : "live")),
        })),
      ),
    sourceDiagnosis: (id) => answer("source_diagnosis", { id }, () => diagnosisOf(name(id))),
    sourceCurl: (id) =>
      answer("source_curl", { id }, () => `curl -N -H 'Accept: text/event-stream' -H 'Authorization: <saved, not shown>' 'https://example.com/${encodeURIComponent(name(id))}?token=redacted'`),
    curlRead: (text) => answer("curl_read", { text }, () => readCurl(text)),
    report: () => answer("report", null, () => REPORT.join("\n")),
  };
}

export const steerConnections = {
  /** Ends steps of the test that runs. @param {Partial<Step>[]} steps @param {boolean} [answered] whether the test's own answer is here as soon as its last step */
  steps(steps, answered = true) {
    for (const step of steps) {
      /** @type {Step} */
      const whole = { step: "resolve", ok: true, ms: 12, detail: "", address: step.step === "connect" && step.ok !== false ? "203.0.113.24:443" : null, fix: null, cause: null, ...step };
      probe?.onStep(whole);
      if (answered && (!whole.ok || whole.step === "first_bytes")) probe?.end(whole.ok);
    }
  },

  /** Lets all steps of the test that runs pass. @param {boolean} [https] */
  pass(https = true) {
    /** @type {Step["step"][]} */
    const all = ["resolve", "connect", ...(https ? /** @type {const} */ (["tls"]) : []), "response", "media_type", "first_bytes"];
    steerConnections.steps(all.map((step, at) => ({ step, ms: 8 + 13 * at })));
  },

  /** @param {string} name @param {Partial<Diagnosis>} change */
  setDiagnosis(name, change) {
    diagnoses.set(name, { ...diagnosisOf(name), ...change });
  },
};
