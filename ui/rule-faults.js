// What is wrong with the rules, where in the form, and in which words. Pure.
import { sentence } from "./format.js";
import { language, t } from "./i18n.js";
import { formPlace, groupOf, isPath, problemOf, testOf, whenOf } from "./rule-draft.js";
import { errorWords } from "./words.js";

/** @import { CommandError, Rule } from "./wire.d.ts" */
/** @import { Place, Test } from "./rule-draft.js" */
/** @import { RulesState } from "./rules-state.js" */

/** @typedef {{ part: string, words: string }} RuleFault `part`: a field of the form, or the numbers of a condition: `1.0` */

/** What is wrong with this rule; null: nothing that is known. @param {RulesState} state @param {Rule} rule @returns {RuleFault | null} */
export function faultOf(state, rule) {
  const problem = problemOf(rule);
  if (problem) return { part: problem.part, words: t(problem.key) };
  const error = state.wrong ?? state.error;
  const place = error?.place ? formPlace(error.place) : null;
  if (!error || !place || state.rules[place.index]?.id !== rule.id) return null;
  return { part: place.part, words: coreWords(error, testAt(rule, place.part)) };
}

/** What keeps the rules from being saved, where the form of the selected one does not say it. @param {RulesState} state @returns {string | null} */
export function faultElsewhere(state) {
  for (const rule of state.rules) {
    const fault = rule.id === state.selected ? null : faultOf(state, rule);
    if (fault) return `${rule.name || "?"}: ${fault.words}`;
  }
  const error = state.error ?? state.wrong;
  return error && !error.place ? errorWords(error) : null;
}

/** @param {Rule} rule @param {string} part @returns {Test | null} */
function testAt(rule, part) {
  /** @type {Place} */
  const place = /^\d+(\.\d+)*$/.test(part) ? part.split(".").map(Number) : [];
  let items = whenOf(rule).items;
  let found = null;
  for (const at of place) {
    const one = items[at];
    if (!one) return null;
    items = groupOf(one)?.items ?? [];
    found = testOf(one);
  }
  return found;
}

/** English has the core's own sentence, without the place that the form shows. @param {CommandError} error @param {Test | null} test */
function coreWords({ message, place = "" }, test) {
  const inside = `${place.replace(/^rules\[\d+\]\.?/, "")}: `;
  const at = message.indexOf(inside);
  if (language() === "en") return sentence(at < 0 ? message : message.slice(at + inside.length));
  if (test?.op === "matches") return t("rules.wrong.matches");
  return t(test && isPath(test.field) ? "rules.wrong.path" : "rules.wrong.part");
}
