// What the rules looked at before they decided about an event, in sentences. Pure.
import { t } from "./i18n.js";

/** @import { Folded, Looked } from "./wire.d.ts" */

/** Signs that say a comparison shorter than words, and the same in every language. @type {Record<string, string>} */
const SIGNS = { is: "=", is_not: "≠", ">": ">", "<": "<", matches: "~", in: "∈" };

/** One test as it was made: `level = error`. @param {Looked} looked @param {boolean} [withSeen] whether to tell what was there instead */
export function lookedWords({ field, op, value, seen, negated }, withSeen = false) {
  const sign = SIGNS[op] ?? t(`op.${op}`);
  const test = [negated ? t("op.not") : "", field, sign, value ?? ""].filter(Boolean).join(" ");
  if (!withSeen) return test;
  return seen === undefined ? `${test} (${t("why.nothing_there")})` : `${test} (${t("why.seen", { seen })})`;
}

/** Why it did not ring although its rule would let it. @param {Folded} folded */
export function foldedWords(folded) {
  if (folded.because === "duplicate") return t("why.duplicate", { count: folded.seconds });
  const { count, seconds, key } = folded;
  return key === undefined
    ? t("why.limit", { limit: count, count: seconds })
    : t("why.limit_key", { limit: count, count: seconds, key });
}
