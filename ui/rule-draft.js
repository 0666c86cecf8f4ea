// A rule while it is edited: its conditions as groups and tests, and what a change makes of it. Pure.
// The rule itself is the only truth: what a form shows is read from it, and every change makes
// another rule, so that sentence, form and JSON cannot disagree.

/** @import { Condition, Operand, Operator, Outcome, Rule, RuleId, Scalar, SourceId, SourceView } from "./wire.d.ts" */

/** @typedef {"all" | "any" | "none" | "some_not"} Mode of a group: each holds, one does, none does, not each does */
/** @typedef {{ mode: Mode, items: Condition[] }} Group */
/** @typedef {{ field: string, op: Operator, not: boolean, value: Operand | undefined }} Test */
/** @typedef {number[]} Place where a condition stands: the numbers of it and of the groups around it */

/** What every event has, in the order they are offered. */
export const FIELDS = /** @type {const} */ (["source", "event", "severity", "title", "body", "url", "tags", "text"]);
/** @type {readonly Mode[]} */
export const MODES = ["all", "any", "none", "some_not"];
/** Comparisons as they are chosen; `not_` says the opposite. */
export const CHOICES = /** @type {const} */ ([
  "is", "is_not", "contains", "not_contains", "starts_with", "not_starts_with", "matches", "not_matches", ">", "<",
  "exists", "not_exists", "in", "not_in",
]);
/** @typedef {(typeof CHOICES)[number] | "not_>" | "not_<"} Choice */

/** Fields whose values are compared as a whole: for them other comparisons are not offered. @type {Record<string, readonly Choice[]>} */
const OFFERED = { severity: ["is", "is_not", ">", "<", "in", "not_in"] };

/** @param {string} field @param {Choice} current @returns {Choice[]} */
export function choicesFor(field, current) {
  const offered = OFFERED[field] ?? CHOICES;
  return offered.includes(current) ? [...offered] : [...offered, current];
}

/** Whether a field is a path into JSON data. @param {string} field */
export const isPath = (field) => field.startsWith("$");

/** The same without doubled negations. @param {Condition} one @returns {Condition} */
function plain(one) {
  return "not" in one && "not" in one.not ? plain(one.not.not) : one;
}

/** A condition as a group of others; null: it is a test. @param {Condition} condition @returns {Group | null} */
export function groupOf(condition) {
  const one = plain(condition);
  if ("all" in one) return { mode: "all", items: one.all };
  if ("any" in one) return { mode: "any", items: one.any };
  if (!("not" in one)) return null;
  if ("all" in one.not) return { mode: "some_not", items: one.not.all };
  if ("any" in one.not) return { mode: "none", items: one.not.any };
  return null;
}

/** @param {Group} group @returns {Condition} */
export function fromGroup({ mode, items }) {
  switch (mode) {
    case "all":
      return { all: items };
    case "any":
      return { any: items };
    case "none":
      return { not: { any: items } };
    case "some_not":
      return { not: { all: items } };
  }
}

/** @param {Condition} condition @returns {Test | null} null: it is a group */
export function testOf(condition) {
  const one = plain(condition);
  if ("field" in one) return { field: one.field, op: one.op, not: false, value: one.value };
  if ("not" in one && "field" in one.not) return { field: one.not.field, op: one.not.op, not: true, value: one.not.value };
  return null;
}

/** @param {Test} test @returns {Condition} */
export function fromTest({ field, op, not, value }) {
  const one = value === undefined ? { field, op } : { field, op, value };
  return not ? { not: one } : one;
}

/** The comparison of a test as one choice. @param {Test} test @returns {Choice} */
export function choiceOf({ op, not }) {
  if (!not) return op;
  if (op === "is") return "is_not";
  return op === "is_not" ? "is" : /** @type {Choice} */ (`not_${op}`);
}

/** A test with another comparison; its value goes along where it can. @param {Test} test @param {Choice} choice @returns {Test} */
export function withChoice(test, choice) {
  const not = choice.startsWith("not_");
  const op = /** @type {Operator} */ (not ? choice.slice(4) : choice);
  const values = valuesOf(test.value);
  if (op === "exists") return { ...test, op, not, value: undefined };
  if (op === "in") return { ...test, op, not, value: values.length > 0 ? values : [""] };
  return { ...test, op, not, value: scalar(op, test.field, String(values[0] ?? "")) };
}

/** A test of another field; a severity is never compared with what is none. @param {Test} test @param {string} field @returns {Test} */
export function withField(test, field) {
  if (field === "severity") {
    const choice = choicesFor("severity", "is").includes(choiceOf(test)) ? choiceOf(test) : "is";
    return withChoice({ ...test, field, value: "high" }, choice);
  }
  const keeps = test.field !== "severity" && test.field !== "source" && field !== "source";
  return withChoice({ ...test, field, value: keeps ? test.value : "" }, choiceOf(test));
}

/** @param {Operand | undefined} value @returns {Scalar[]} */
export function valuesOf(value) {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

/** A number stays a number where numbers are compared. @param {Operator} op @param {string} field @param {string} text @returns {Scalar} */
function scalar(op, field, text) {
  const number = Number(text);
  const isNumber = (op === ">" || op === "<") && field !== "severity" && text !== "" && String(number) === text;
  return isNumber && Number.isFinite(number) ? number : text;
}

/** What a field of text shows of a value: for a list a line for each. @param {Test} test */
export function valueText({ value }) {
  return valuesOf(value).map(String).join("\n");
}

/** A test compared with what was typed. @param {Test} test @param {string} text @returns {Test} */
export function withText(test, text) {
  if (test.op === "in") return { ...test, value: text.split("\n") };
  return { ...test, value: scalar(test.op, test.field, text) };
}

/** What a rule asks, as a group even where it is one test. @param {Rule} rule @returns {Group} */
export function whenOf(rule) {
  const { when } = rule;
  if (when === undefined) return { mode: "all", items: [] };
  return groupOf(when) ?? { mode: "all", items: [when] };
}

/** A group with one of its conditions, however deep, changed; `null` takes it away. @param {Group} group @param {Place} place @param {(one: Condition) => Condition | null} change @returns {Group} */
function changedGroup(group, [at = -1, ...deeper], change) {
  const items = group.items.flatMap((one, index) => {
    if (index !== at) return [one];
    const inner = deeper.length > 0 ? groupOf(one) : null;
    const next = inner ? fromGroup(changedGroup(inner, deeper, change)) : change(one);
    return next === null ? [] : [next];
  });
  return { ...group, items };
}

/** @param {Rule} rule @param {Place} place empty: all of them @param {(one: Condition) => Condition | null} change @returns {Rule} */
export function withCondition(rule, place, change) {
  const group = whenOf(rule);
  const when = place.length === 0 ? change(fromGroup(group)) : fromGroup(changedGroup(group, place, change));
  return { ...rule, when: when ?? { all: [] } };
}

/** Adds to the group at a place. @param {Rule} rule @param {Place} place @param {Condition} added @returns {Rule} */
export function withAdded(rule, place, added) {
  return withCondition(rule, place, (one) => {
    const group = groupOf(one);
    return group && fromGroup({ ...group, items: [...group.items, added] });
  });
}

/** The rule with another outcome: what cannot stand with it goes. @param {Rule} rule @param {Outcome} then @returns {Rule} */
export function withOutcome(rule, then) {
  const { sound, sticky, break_through, at_most, severity, ...rest } = rule;
  if (then === "notify") return { ...rule, then };
  return then === "drop" || severity === undefined ? { ...rest, then } : { ...rest, severity, then };
}

/** Members over others; what is undefined is left out. @template {object} T @param {T} one @param {Partial<T>} patch @returns {T} */
export function merged(one, patch) {
  const members = Object.entries({ ...one, ...patch }).filter(([, value]) => value !== undefined);
  return /** @type {T} */ (Object.fromEntries(members));
}

/** The rule with some parts set. @param {Rule} rule @param {Partial<Rule>} patch @returns {Rule} */
export function patched(rule, patch) {
  return merged(rule, patch);
}

/** As the core takes it: without empty lines of lists, and with a name that has no space around it. @param {Rule} rule @returns {Rule} */
export function cleaned(rule) {
  /** @param {Condition} one @returns {Condition} */
  const clean = (one) => {
    const group = groupOf(one);
    if (group) return fromGroup({ ...group, items: group.items.map(clean) });
    const test = /** @type {Test} */ (testOf(one));
    if (test.op !== "in" || !Array.isArray(test.value)) return one;
    return fromTest({ ...test, value: test.value.filter((value) => String(value).trim() !== "") });
  };
  const name = rule.name.trim();
  return rule.when === undefined ? { ...rule, name } : { ...rule, name, when: clean(rule.when) };
}

/**
 * What is wrong with a rule before the core is asked, and where: `name`, `at_most.count`.
 * @param {Rule} rule
 * @returns {{ part: string, key: string } | null}
 */
export function problemOf(rule) {
  if (rule.name.trim() === "") return { part: "name", key: "rules.wrong.name" };
  const within = (/** @type {number} */ value, /** @type {number} */ most) => Number.isInteger(value) && value >= 1 && value <= most;
  if (rule.at_most && !within(rule.at_most.count, 1000)) return { part: "at_most.count", key: "rules.wrong.count" };
  if (rule.at_most && !within(rule.at_most.seconds, 31 * 86_400)) return { part: "at_most.seconds", key: "rules.wrong.seconds" };
  return emptyValue(whenOf(rule), "");
}

/** The first test that compares with nothing. @param {Group} group @param {string} place @returns {{ part: string, key: string } | null} */
function emptyValue({ items }, place) {
  for (const [index, one] of items.entries()) {
    const here = place === "" ? String(index) : `${place}.${index}`;
    const group = groupOf(one);
    if (group) {
      const inside = emptyValue(group, here);
      if (inside) return inside;
      continue;
    }
    const test = /** @type {Test} */ (testOf(one));
    const needs = test.op !== "exists" && test.op !== "is" && test.op !== "is_not";
    if (needs && valuesOf(test.value).every((value) => String(value).trim() === "")) {
      return { part: here, key: "rules.wrong.empty" };
    }
    const wantsNumber = (test.op === ">" || test.op === "<") && test.field !== "severity";
    if (wantsNumber && !Number.isFinite(Number(test.value))) {
      return { part: here, key: "rules.wrong.number" };
    }
  }
  return null;
}

/**
 * Where in the form a place of the core's stands: `rules[2].when.all[1]` is rule 2, part `1`.
 * @param {string} place
 * @returns {{ index: number, part: string } | null}
 */
export function formPlace(place) {
  const [, index = "", rest = ""] = /^rules\[(\d+)\]\.?(.*)$/.exec(place) ?? [];
  if (index === "") return null;
  if (rest === "when" || !rest.startsWith("when")) return { index: Number(index), part: rest === "when" ? "0" : rest };
  const part = [...rest.matchAll(/\[(\d+)\]/g)].map(([, number]) => number).join(".");
  return { index: Number(index), part: part === "" ? "0" : part };
}

/** The one source a rule is about, where it says so. @param {Rule} rule @param {SourceView[]} sources @returns {SourceId | null} */
export function sourceAsked(rule, sources) {
  const { mode, items } = whenOf(rule);
  if (mode !== "all") return null;
  for (const one of items) {
    const test = testOf(one);
    if (test?.field !== "source" || choiceOf(test) !== "is") continue;
    const wanted = String(valuesOf(test.value)[0] ?? "").toLowerCase();
    return sources.find(({ id, name }) => id === wanted || name.toLowerCase() === wanted)?.id ?? null;
  }
  return null;
}

/** @param {Rule[]} a @param {Rule[]} b */
export function sameRules(a, b) {
  return a === b || JSON.stringify(a.map(sorted)) === JSON.stringify(b.map(sorted));
}

/** Members in one order, defaults left out: what was switched off and on again is as it was. @param {Rule} rule */
function sorted(rule) {
  const isDefault = (/** @type {string} */ key, /** @type {unknown} */ value) =>
    (key === "enabled" && value === true) || (key === "sound" && value === "default") ||
    ((key === "sticky" || key === "break_through") && value === false) || (key === "when" && JSON.stringify(value) === '{"all":[]}');
  const members = Object.entries(rule).filter(([key, value]) => value !== undefined && !isDefault(key, value));
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A list with one rule moved. @param {Rule[]} rules @param {RuleId} id @param {number} to */
export function moved(rules, id, to) {
  const rule = rules.find((one) => one.id === id);
  if (!rule) return rules;
  const others = rules.filter((one) => one !== rule);
  const place = Math.max(0, Math.min(others.length, to));
  return rules[place] === rule ? rules : [...others.slice(0, place), rule, ...others.slice(place)];
}
