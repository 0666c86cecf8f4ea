// States, causes and errors in words. Pure.
import { count, secondsLeft, sentence, span } from "./format.js";
import { language, t } from "./i18n.js";

/** @import { Cause, CauseCode, CommandError, Millis, SourceView } from "./wire.d.ts" */

/** Why a connection ended, in a few words. @param {Cause} cause */
export function causeWords(cause) {
  const words = t(`cause.${cause.code}`);
  return cause.status === null ? words : `${words} (${cause.status})`;
}

/** What a person can do about it. @param {Cause} cause */
export function fixWords(cause) {
  return t(`fix.${cause.code}`);
}

/** Causes after which a source helps itself, while a test is over. @type {Set<CauseCode>} */
const HELPED = new Set(["broken", "closed", "idle", "server_error", "internal"]);

/** What a person can do after a test ended with this cause. @param {CauseCode} code */
export function testFixWords(code) {
  return HELPED.has(code) ? t(`testfix.${code}`) : t(`fix.${code}`);
}

/**
 * A refusal in words. English has the core's own sentence, which names the fault; other
 * languages have one sentence per code.
 * @param {CommandError} error
 */
export function errorWords(error) {
  const own = language() === "en" ? sentence(error.message) : "";
  return own || (error.field ? t(`option.${error.field}`) : t(`error.${error.code}`));
}

/** @param {SourceView} source @param {Millis} now */
export function stateWords(source, now) {
  const { state } = source;
  switch (state.state) {
    case "paused":
      return t("state.paused");
    case "connecting":
      return t("state.connecting");
    case "live":
      if (source.silent_since !== null) return t("state.silent_for", { span: span(now - source.silent_since) });
      return source.last_event_at === null
        ? t("state.first_event")
        : t("state.live_for", { span: span(now - state.since) });
    case "waiting": {
      const left = secondsLeft(state.until, now);
      const next = left > 0 ? t("state.next_try", { seconds: count(left) }) : t("state.trying");
      return `${next} · ${causeWords(state.cause)}`;
    }
    case "stopped":
      return `${t("state.stopped")} · ${causeWords(state.cause)}`;
  }
}

/** @param {SourceView} source @returns {"live" | "wait" | "stop" | "pause"} the shape of its glyph */
export function health(source) {
  switch (source.state.state) {
    case "live":
      return "live";
    case "connecting":
    case "waiting":
      return "wait";
    case "stopped":
      return "stop";
    case "paused":
      return "pause";
  }
}
