// States, causes and errors in words. Pure.
import { count, secondsLeft, sentence, span } from "./format.js";
import { language, t } from "./i18n.js";

/** @import { Cause, CommandError, Millis, SourceView } from "./wire.d.ts" */

/** Why a connection ended, in a few words. @param {Cause} cause */
export function causeWords(cause) {
  const words = t(`cause.${cause.code}`);
  return cause.status === null ? words : `${words} (${cause.status})`;
}

/** What a person can do about it. @param {Cause} cause */
export function fixWords(cause) {
  return t(`fix.${cause.code}`);
}

/**
 * A refusal in words. English has the core's own sentence, which names the fault; other
 * languages have one sentence per code.
 * @param {CommandError} error
 */
export function errorWords(error) {
  const own = language() === "en" ? sentence(error.message) : "";
  return own || t(`error.${error.code}`);
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
