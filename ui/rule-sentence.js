// A rule in words. Each comparison is a whole clause of its language, and so is each outcome: what
// is put together is clauses, never halves of them. Pure.
import { choiceOf, groupOf, isPath, testOf, valuesOf, whenOf } from "./rule-draft.js";
import { language, t } from "./i18n.js";

/** @import { ActiveHours, AtMost, Condition, Rule, SourceView, Weekday } from "./wire.d.ts" */
/** @import { Group, Test } from "./rule-draft.js" */

/** @type {readonly Weekday[]} */
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/** Signs are no letters of a key. @type {Record<string, string>} */
const KEYS = { ">": "above", "<": "below", "not_>": "not_above", "not_<": "not_below" };
/** Values of a list that a sentence tells. */
const TOLD = 5;

/** The name of a field; a path is its own. @param {string} field */
export function fieldWords(field) {
  return isPath(field) ? field : t(`rules.field.${field}`);
}

/** @param {string} choice */
export function choiceWords(choice) {
  return t(`rules.op.${KEYS[choice] ?? choice}`);
}

/** What a rule is about and does, in one sentence. @param {Rule} rule @param {SourceView[]} sources */
export function sentenceOf(rule, sources) {
  const group = whenOf(rule);
  const outcome = rule.then;
  if (group.items.length === 0 && group.mode === "all") return t(`rules.always.${outcome}`);
  return t(`rules.sentence.${outcome}`, { when: groupWords(group, sources) });
}

/** What else it says, each a phrase of its own. @param {Rule} rule */
export function detailsOf(rule) {
  const { severity, sound, sticky, break_through, at_most, active } = rule;
  return [
    severity ? t("rules.detail.severity", { severity: severityWord(severity) }) : "",
    sound === "silent" ? t("rules.detail.silent") : typeof sound === "object" ? t("rules.detail.sound", { sound: sound.named }) : "",
    sticky ? t("rules.detail.sticky") : "",
    break_through ? t("rules.detail.break_through") : "",
    at_most ? limitWords(at_most) : "",
    active ? hoursWords(active) : "",
  ].filter(Boolean);
}

/** @param {Group} group @param {SourceView[]} sources @returns {string} */
function groupWords({ mode, items }, sources) {
  const isAny = mode === "any" || mode === "none";
  const clauses = items.map((one) => clauseOf(one, sources, items.length > 1));
  const [first = t(isAny ? "rules.clause.never" : "rules.clause.always"), ...others] = clauses;
  const joined = others.reduce((all, one) => t(isAny ? "rules.clause.or" : "rules.clause.and", { all, one }), first);
  return mode === "none" || mode === "some_not" ? t("rules.clause.not", { clause: joined }) : joined;
}

/** @param {Condition} condition @param {SourceView[]} sources @param {boolean} among whether others stand beside it @returns {string} */
function clauseOf(condition, sources, among) {
  const group = groupOf(condition);
  if (group) {
    const words = groupWords(group, sources);
    return among && group.items.length > 1 ? t("rules.clause.group", { clause: words }) : words;
  }
  const test = testOf(condition);
  return test ? testWords(test, sources) : "";
}

/** One test as a clause. @param {Test} test @param {SourceView[]} sources */
export function testWords(test, sources) {
  const choice = choiceOf(test);
  const values = valuesOf(test.value).map((value) => valueWords(test.field, String(value), sources)).filter((value) => value !== "");
  const told = values.slice(0, TOLD).join(", ");
  const value = values.length > TOLD ? t("rules.clause.more", { values: told, count: values.length - TOLD }) : told;
  const subject = isPath(test.field) ? t("rules.subject.path", { path: test.field }) : t(`rules.subject.${test.field}`);
  return t(`rules.clause.${KEYS[choice] ?? choice}`, { subject, value });
}

/** A value as a person knows it: the name of a source, a severity in words. @param {string} field @param {string} value @param {SourceView[]} sources */
export function valueWords(field, value, sources) {
  if (field === "source") return sources.find(({ id }) => id === value)?.name ?? value;
  const isSeverity = field === "severity" && ["low", "normal", "high", "critical"].includes(value.toLowerCase());
  return isSeverity ? severityWord(value.toLowerCase()) : value;
}

/** Within a sentence. @param {string} severity */
const severityWord = (severity) => t(`severity.${severity}`).toLocaleLowerCase(language());

/** @param {AtMost} limit */
function limitWords({ count, seconds, per }) {
  const words = { limit: count, span: spanWords(seconds) };
  return per === undefined ? t("rules.detail.limit", words) : t("rules.detail.limit_per", { ...words, per: fieldWords(per) });
}

/** `5 minutes`. @param {number} seconds */
function spanWords(seconds) {
  const { amount, unit } = spanOf(seconds);
  const name = { 1: "second", 60: "minute", 3600: "hour", 86_400: "day" }[unit];
  return new Intl.NumberFormat(language(), { style: "unit", unit: name ?? "second", unitDisplay: "long" }).format(amount);
}

/** A period in the largest unit that divides it. @param {number} seconds */
export function spanOf(seconds) {
  const unit = [86_400, 3600, 60].find((one) => seconds > 0 && seconds % one === 0) ?? 1;
  return { amount: seconds / unit, unit };
}

/** @param {ActiveHours} hours */
function hoursWords({ days = [], from, to, time_zone }) {
  const parts = [
    days.length > 0 && days.length < 7 ? WEEKDAYS.filter((day) => days.includes(day)).map(dayName).join(", ") : "",
    from !== undefined || to !== undefined ? `${from ?? "00:00"}–${to ?? "24:00"}` : "",
    time_zone ?? "",
  ];
  return t("rules.detail.active", { hours: parts.filter(Boolean).join(" ") || t("rules.hours.always") });
}

/** `Mon`. @param {Weekday} day */
export function dayName(day) {
  // The first of January 2024 was a Monday.
  const at = new Date(2024, 0, 1 + WEEKDAYS.indexOf(day));
  return new Intl.DateTimeFormat(language(), { weekday: "short" }).format(at);
}
