// What the window knows of connections beyond their state: the test that runs, the page that is
// open, the numbers and frames on it. Pure.

/** @import { CommandError, Diagnosis, FrameKind, Millis, RawFrame, SourceActivity, SourceId, SourcePulse, Step, StepName } from "./wire.d.ts" */

/**
 * @typedef {object} Probe one test of a connection
 * @property {number} run
 * @property {boolean} https whether a step for TLS is to come
 * @property {Step[]} steps those that ended
 * @property {boolean} running
 * @property {Millis} since when the step that runs began
 * @property {CommandError | null} error why there was nothing to test
 */

/**
 * A page in the place of list and detail. Diagnostics without a source are those of the app alone;
 * `back` is whether they were opened from the page of sources.
 * @typedef {{ kind: "sources" } | { kind: "rules" } | { kind: "settings" } | { kind: "diagnostics", id: SourceId | null, back: boolean }} Panel
 */
/** @typedef {"all" | FrameKind} FrameFilter */

/**
 * @typedef {object} Connections
 * @property {Panel | null} panel
 * @property {Probe | null} probe
 * @property {Record<SourceId, SourcePulse>} pulses
 * @property {Record<SourceId, SourceActivity>} activity
 * @property {{ id: SourceId, seen: Diagnosis } | null} diagnosis
 * @property {FrameFilter} show which frames
 * @property {RawFrame[] | null} held the frames as they were when they were paused
 */

/**
 * @typedef {{ what: "panel", panel: Panel | null }
 *   | { what: "probe", probe: Probe | null }
 *   | { what: "step", run: number, step: Step, now: Millis }
 *   | { what: "end", run: number, error: CommandError | null }
 *   | { what: "pulses", pulses: SourcePulse[] }
 *   | { what: "activity", activity: SourceActivity[] }
 *   | { what: "diagnosis", id: SourceId, seen: Diagnosis }
 *   | { what: "show", show: FrameFilter }
 *   | { what: "hold", hold: boolean }} Change
 */

/** @type {Connections} */
export const noConnections = { panel: null, probe: null, pulses: {}, activity: {}, diagnosis: null, show: "all", held: null };

/** @param {Connections} state @param {Change} change @returns {Connections} */
export function connect(state, change) {
  const { probe, diagnosis, panel } = state;
  switch (change.what) {
    case "panel":
      return { ...state, panel: change.panel, diagnosis: null, show: "all", held: null };
    case "probe":
      return { ...state, probe: change.probe };
    case "step":
      return probe?.run === change.run
        ? { ...state, probe: { ...probe, steps: [...probe.steps, change.step], since: change.now } }
        : state;
    case "end":
      return probe?.run === change.run
        ? { ...state, probe: { ...probe, running: false, error: change.error } }
        : state;
    case "pulses":
      return { ...state, pulses: Object.fromEntries(change.pulses.map((pulse) => [pulse.source, pulse])) };
    case "activity":
      return { ...state, activity: Object.fromEntries(change.activity.map((one) => [one.source, one])) };
    case "diagnosis":
      return panel?.kind === "diagnostics" && panel.id === change.id
        ? { ...state, diagnosis: { id: change.id, seen: change.seen } }
        : state;
    case "show":
      return { ...state, show: change.show };
    case "hold":
      return { ...state, held: change.hold ? (diagnosis?.seen.frames ?? []) : null };
  }
}

/** The steps of a test in their order, done or not. @param {Probe} probe @returns {StepName[]} */
export function plannedSteps({ https, steps }) {
  const secure = https || steps.some(({ step }) => step === "tls");
  return ["resolve", "connect", ...(secure ? /** @type {const} */ (["tls"]) : []), "response", "media_type", "first_bytes"];
}

/** Whether every step of a test passed. @param {Probe | null} probe */
export function hasPassed(probe) {
  const last = probe?.steps[probe.steps.length - 1];
  return last?.step === "first_bytes" && last.ok;
}

/** Whether the answer is a stream, though nothing may have come on it yet. @param {Probe | null} probe */
export function isStream(probe) {
  return probe?.steps.some(({ step, ok }) => step === "media_type" && ok) ?? false;
}

/** Whether a test of this URL meets TLS. @param {string} url as a person typed it */
export function mayEncrypt(url) {
  return !/^\s*(http:|tidings:|localhost\b|127\.|\[::1\])/i.test(url);
}

/** The frames a page shows, newest first: a reconnection time may stand in any of them. @param {Connections} state @returns {RawFrame[]} */
export function shownFrames({ diagnosis, held, show }) {
  const frames = held ?? diagnosis?.seen.frames ?? [];
  return frames.filter(({ kind, retry_ms }) => show === "all" || kind === show || (show === "retry" && retry_ms !== null)).reverse();
}
