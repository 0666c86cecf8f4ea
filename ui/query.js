// The query as the search field helps to write it: its words, its chips, what could come next.
// What a query finds, only the core decides. Pure.

/**
 * @typedef {{ start: number, end: number, key: string, value: string, negated: boolean }} Chip
 * @typedef {{ text: string, start: number, end: number }} Suggestion `text` takes the place from `start` to `end`
 */

/** Keys a query takes, in the order they are offered; those with few values name them. */
export const KEYS = /** @type {const} */ (["source", "level", "is", "after", "before", "event", "rule"]);
/** @type {Record<string, string[]>} */
const VALUES = {
  level: ["critical", "high", "normal", "low"],
  is: ["unread", "pinned", "quiet"],
  after: ["2h", "today", "yesterday", "7d"],
  before: ["2h", "today", "yesterday", "7d"],
};
const MOST = 8;

/** Parts of a query: quoted or not, with the place of each. @param {string} text */
function parts(text) {
  return [...text.matchAll(/(?:[^\s"]|"[^"]*"?)+/g)].map((match) => ({
    raw: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** The parts of a query that stand as chips: a known key with a value. @param {string} text @returns {Chip[]} */
export function chips(text) {
  return parts(text).flatMap(({ raw, start, end }) => {
    const [, minus = "", key = "", value = ""] = /^(-?)([a-z]+|\$[^:]*):(.+)$/s.exec(raw) ?? [];
    const isKnown = key.startsWith("$") || KEYS.some((one) => one === key);
    return isKnown ? [{ start, end, key, value: value.replaceAll('"', ""), negated: minus !== "" }] : [];
  });
}

/** The query without one of its parts. @param {string} text @param {{ start: number, end: number }} part */
export function without(text, { start, end }) {
  return `${text.slice(0, start).trimEnd()} ${text.slice(end).trimStart()}`.trim();
}

/** A value as a query takes it. @param {string} value */
export function quoted(value) {
  return /[\s":()]/.test(value) || value === "" ? `"${value.replaceAll('"', " ").trim()}"` : value;
}

/** The query with one more part, unless it has it. @param {string} text @param {string} part */
export function withPart(text, part) {
  return parts(text).some(({ raw }) => raw === part) ? text : `${text.trim()} ${part}`.trim();
}

/** The query as it is asked while it is written: without a key that has no value yet. @param {string} text */
export function settledQuery(text) {
  return text.trim().replace(/(^|\s)-?[a-z]+:$/, "").trim();
}

/** The query for all time and all sources. @param {string} text */
export function widened(text) {
  return chips(text)
    .filter(({ key }) => key === "after" || key === "before" || key === "source")
    .reverse()
    .reduce((rest, chip) => without(rest, chip), text);
}

/**
 * What could stand where the caret is: keys while a key is written, then its values.
 * @param {string} text
 * @param {number} caret
 * @param {{ sources: string[], rules: string[], events: string[] }} known
 * @returns {Suggestion[]}
 */
export function suggestions(text, caret, known) {
  const part = parts(text).find(({ start, end }) => start <= caret && caret <= end);
  const start = part?.start ?? caret;
  const end = part?.end ?? caret;
  const written = text.slice(start, caret);
  const [, minus = "", rest = ""] = /^(-?)(.*)$/s.exec(written) ?? [];
  const colon = rest.indexOf(":");
  if (colon < 0) {
    // One letter begins more words than keys: nothing lies over what was found so far.
    if (rest.length < 2 && text.trim() !== "") return [];
    return KEYS.filter((key) => key.startsWith(rest.toLowerCase())).map((key) => ({ text: `${minus}${key}:`, start, end }));
  }
  const key = rest.slice(0, colon);
  const begun = rest.slice(colon + 1).replaceAll('"', "").toLowerCase();
  const values =
    key === "source" ? known.sources : key === "rule" ? known.rules : key === "event" ? known.events : (VALUES[key] ?? []);
  return values
    .filter((value) => value.toLowerCase().startsWith(begun) && value.toLowerCase() !== begun)
    .slice(0, MOST)
    .map((value) => ({ text: `${minus}${key}:${quoted(value)} `, start, end }));
}
