// Which one banner stands under the bar of a pane: the most severe state that lasts. Pure.
import { count, rowMoment, secondsLeft } from "./format.js";
import { t } from "./i18n.js";
import { causeWords, fixWords } from "./words.js";

/** @import { CauseCode, SourceId, SourceView, Trouble } from "./wire.d.ts" */
/** @import { State } from "./state.js" */

/** A connection that comes back within this time is nobody's business. Milliseconds. */
export const QUIET = 10_000;

/** Where events go is in trouble: no source is as severe. @type {Trouble["kind"][]} */
const STORAGE = ["history_unavailable", "history_damaged", "disk_full", "history_in_memory", "history_read_only", "history_protected"];

/**
 * @typedef {{ what: "retry", ids: SourceId[] }
 *   | { what: "edit", id: SourceId, focus: "url" | "headers" }
 *   | { what: "resume" }
 *   | { what: "test" }
 *   | { what: "keep_secrets" }
 *   | { what: "free_space" }
 *   | { what: "give_up_keychain" }
 *   | { what: "dismiss", kind: Trouble["kind"] }} Remedy
 * @typedef {{ tone: "red" | "amber" | "quiet", title: string, text: string, button: string, remedy: Remedy | null }} Banner
 */

/**
 * What helps against a cause: other credentials, another URL, or simply another try.
 * @param {CauseCode} code
 * @returns {"headers" | "url" | "retry"}
 */
export function remedyFor(code) {
  switch (code) {
    case "unauthorized":
    case "forbidden":
    case "cleartext_secret":
      return "headers";
    case "server_stop":
    case "internal":
    case "content_encoding":
    case "protocol":
      return "retry";
    default:
      return "url";
  }
}

/** @param {SourceView} source @returns {Remedy} */
export function remedyOf(source) {
  const code = source.state.state === "stopped" ? source.state.cause.code : "internal";
  const help = remedyFor(code);
  return help === "retry"
    ? { what: "retry", ids: [source.id] }
    : { what: "edit", id: source.id, focus: help };
}

/** @param {Remedy} remedy @returns {string} the words of its button */
export function remedyWords(remedy) {
  switch (remedy.what) {
    case "retry":
      return t("action.retry");
    case "edit":
      return remedy.focus === "headers" ? t("action.change_headers") : t("action.check_url");
    case "resume":
      return t("action.resume");
    case "test":
      return t("action.test_toast");
    case "keep_secrets":
      return t("action.keep_secrets");
    case "free_space":
      return t("action.free_space");
    case "give_up_keychain":
      return t("action.give_up_keychain");
    case "dismiss":
      return t("action.dismiss");
  }
}

/** @param {Trouble} trouble @returns {Banner} */
function troubleBanner(trouble) {
  const copies =
    trouble.kind === "settings_lost"
      ? trouble.copies.join(", ")
      : trouble.kind === "history_salvaged"
        ? trouble.copy
        : "";
  const saved = trouble.kind === "history_salvaged" ? trouble.events : 0;
  /** @type {Remedy | null} */
  const remedy =
    trouble.kind === "toasts_unavailable"
      ? { what: "test" }
      : trouble.kind === "settings_lost" || trouble.kind === "history_salvaged"
        ? { what: "dismiss", kind: trouble.kind }
        : trouble.kind === "secrets_for_session"
          ? { what: "keep_secrets" }
          : trouble.kind === "disk_full"
            ? { what: "free_space" }
            : trouble.kind === "keychain_unavailable"
              ? { what: "give_up_keychain" }
              : null;
  return {
    tone: "amber",
    title: t(`trouble.${trouble.kind}`),
    text: t(`trouble.${trouble.kind}.text`, { copies, count: saved }),
    button: remedy ? remedyWords(remedy) : "",
    remedy,
  };
}

/** @param {SourceView[]} stopped @returns {Banner | null} */
function stoppedBanner(stopped) {
  const [source] = stopped;
  if (source?.state.state !== "stopped") return null;
  const { cause } = source.state;
  const others = stopped.length - 1;
  const remedy = remedyOf(source);
  return {
    tone: "red",
    title: `${source.name} · ${causeWords(cause)}`,
    text: others > 0 ? t("banner.others", { count: others }) : fixWords(cause),
    button: remedyWords(remedy),
    remedy,
  };
}

/** @param {State} state @param {SourceView[]} troubled @returns {Banner | null} */
function reconnectingBanner(state, troubled) {
  const [source] = troubled;
  if (!source) return null;
  const dues = troubled.flatMap(({ state: at }) => (at.state === "waiting" ? [at.until] : []));
  const left = dues.length === 0 ? 0 : secondsLeft(Math.min(...dues), state.now);
  return {
    tone: "amber",
    title:
      troubled.length === 1
        ? t("banner.reconnecting", { name: source.name })
        : t("banner.reconnecting_many", { count: troubled.length }),
    text: left > 0 ? t("banner.next_try", { seconds: count(left) }) : t("banner.trying"),
    button: t("action.retry_now"),
    remedy: { what: "retry", ids: troubled.map(({ id }) => id) },
  };
}

/**
 * @param {State} state
 * @returns {Banner | null}
 */
export function pickBanner(state) {
  const { view, connections } = state;
  const one = view.kind === "source" && !connections.panel ? view.id : null;
  const concerns = state.sources.filter(({ id }) => one === null || id === one);
  const troubles = state.troubles.filter(({ kind }) => !state.dismissed.includes(kind));
  const [storage] = STORAGE.flatMap((kind) => troubles.find((trouble) => trouble.kind === kind) ?? []);
  if (storage) return troubleBanner(storage);

  const stopped = stoppedBanner(concerns.filter((source) => source.state.state === "stopped"));
  if (stopped) return stopped;
  if (troubles[0]) return troubleBanner(troubles[0]);

  const lasting = concerns.filter(({ id, state: { state: at } }) => {
    const since = state.troubled[id];
    return since !== undefined && state.now - since >= QUIET && (at === "waiting" || at === "connecting");
  });
  const reconnecting = reconnectingBanner(state, lasting);
  if (reconnecting) return reconnecting;

  return quietBanner(state);
}

/** @param {State} state @returns {Banner | null} */
function quietBanner({ quiet, preferences, now }) {
  const reason = preferences.toasts_paused ? "paused" : quiet.reason;
  if (reason === null) return null;
  const until = quiet.until === null ? "" : rowMoment(quiet.until, now);
  const isTimed = reason !== "paused" && until !== "";
  const held = quiet.held > 0 ? t("banner.held", { count: quiet.held }) : t("banner.paused.text");
  const through = reason === "paused" || !preferences.quiet_hours.critical_through ? "" : t("banner.through");
  return {
    tone: "quiet",
    title: isTimed ? t("banner.quiet_until", { time: until }) : t(reason === "hours" ? "banner.quiet" : "banner.paused"),
    text: [held, through].filter(Boolean).join(" · "),
    button: t("action.resume"),
    remedy: { what: "resume" },
  };
}
