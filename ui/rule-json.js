// A rule as text: written for people, read with the place of what is wrong. Pure.

/** @import { Rule } from "./wire.d.ts" */

/** @typedef {{ key: string, values: Record<string, string | number> }} Fault what is wrong, in the words of a key */

const KEYS = ["id", "name", "enabled", "when", "then", "severity", "sound", "sticky", "break_through", "at_most", "active"];

/** The rule without its identity, which nobody needs to see. @param {Rule} rule */
export function ruleText({ id: _, ...rule }) {
  return JSON.stringify(rule, null, 2);
}

/**
 * @param {string} text
 * @param {Rule} before whose identity it keeps
 * @returns {{ rule: Rule, fault: null } | { rule: null, fault: Fault }}
 */
export function readRule(text, before) {
  /** @type {unknown} */
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return { rule: null, fault: { key: "rules.json.syntax", values: lineAt(text, faultAt(text)) } };
  }
  const fault = shapeFault(value);
  if (fault) return { rule: null, fault };
  return { rule: { .../** @type {Rule} */ (value), .../** @type {{ id?: string }} */ (before.id === undefined ? {} : { id: before.id }) }, fault: null };
}

/** @param {unknown} value @returns {Fault | null} */
function shapeFault(value) {
  if (!isObject(value)) return { key: "rules.json.object", values: {} };
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) return { key: "rules.json.unknown", values: { member: unknown } };
  if (typeof value["name"] !== "string") return { key: "rules.json.name", values: {} };
  if (!["notify", "quiet", "drop"].includes(String(value["then"]))) return { key: "rules.json.then", values: {} };
  return value["when"] === undefined ? null : conditionFault(value["when"], "when");
}

/** @param {unknown} value @param {string} place @returns {Fault | null} */
function conditionFault(value, place) {
  const wrong = { key: "rules.json.condition", values: { place } };
  if (!isObject(value)) return wrong;
  const keys = Object.keys(value);
  const [only = ""] = keys;
  if (keys.length === 1 && only === "not") return conditionFault(value["not"], `${place}.not`);
  if (keys.length === 1 && (only === "all" || only === "any")) {
    const list = value[only];
    if (!Array.isArray(list)) return wrong;
    for (const [index, one] of list.entries()) {
      const fault = conditionFault(one, `${place}.${only}[${index}]`);
      if (fault) return fault;
    }
    return null;
  }
  const isTest = typeof value["field"] === "string" && typeof value["op"] === "string" && keys.every((key) => ["field", "op", "value"].includes(key));
  return isTest ? null : wrong;
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {string} text @param {number} at */
function lineAt(text, at) {
  const lines = text.slice(0, at).split("\n");
  return { line: lines.length, column: (lines[lines.length - 1]?.length ?? 0) + 1 };
}

/** One token of JSON, with the blanks before it. */
const TOKEN = /\s*(?:([{}[\],:])|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;

/** Where a text stops being JSON: engines do not agree to say so. @param {string} text @returns {number} */
export function faultAt(text) {
  /** @type {("{" | "[")[]} */
  const open = [];
  let wants = "value";
  TOKEN.lastIndex = 0;
  for (;;) {
    const from = TOKEN.lastIndex;
    const at = from + (/^\s*/.exec(text.slice(from))?.[0].length ?? 0);
    const found = TOKEN.exec(text);
    if (!found) return at;
    const sign = found[1] ?? "value";
    const isText = text[at] === '"';
    const inside = open[open.length - 1];
    if (sign === "{" || sign === "[") {
      if (!wants.startsWith("value")) return at;
      open.push(sign);
      wants = sign === "{" ? "name or end" : "value or end";
    } else if (sign === "}" || sign === "]") {
      const fits = inside === (sign === "}" ? "{" : "[") && wants.endsWith("end");
      if (!fits) return at;
      open.pop();
      wants = open.length > 0 ? "comma or end" : "nothing";
    } else if (sign === ",") {
      if (wants !== "comma or end") return at;
      wants = inside === "{" ? "name" : "value";
    } else if (sign === ":") {
      if (wants !== "colon") return at;
      wants = "value";
    } else if (wants.startsWith("name")) {
      if (!isText) return at;
      wants = "colon";
    } else {
      if (!wants.startsWith("value")) return at;
      wants = open.length > 0 ? "comma or end" : "nothing";
    }
  }
}
