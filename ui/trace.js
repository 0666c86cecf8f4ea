// What the rules looked at before they decided about an event, in sentences. Pure.
import { t } from "./i18n.js";
import { choiceOf } from "./rule-draft.js";
import { testWords } from "./rule-sentence.js";

/** @import { Folded, Looked, SourceView } from "./wire.d.ts" */

/** Signs that say a comparison shorter than words, and the same in every language. @type {Record<string, string>} */
const SIGNS = { is: "=", is_not: "≠", ">": ">", "<": "<", matches: "~", in: "∈" };

/**
 * One test as it was made: `level = error`, or a clause where no sign says it.
 * @param {Looked} looked
 * @param {SourceView[]} sources
 * @param {boolean} [withSeen] whether to tell what was there instead
 */
export function lookedWords({ field, op, value, seen, negated = false }, sources, withSeen = false) {
  const test = { field, op, not: negated, value };
  const sign = SIGNS[choiceOf(test)];
  const words = sign ? `${field} ${sign} ${value ?? ""}` : t("why.case", { clause: testWords(test, sources) });
  if (!withSeen) return words;
  return seen === undefined ? `${words} (${t("why.nothing_there")})` : `${words} (${t("why.seen", { seen })})`;
}

/** Why it did not ring although its rule would let it. @param {Folded} folded */
export function foldedWords(folded) {
  if (folded.because === "duplicate") return t("why.duplicate", { count: folded.seconds });
  const { count, seconds, key } = folded;
  return key === undefined
    ? t("why.limit", { limit: count, count: seconds })
    : t("why.limit_key", { limit: count, count: seconds, key });
}
