// The part of the core in memory that judges events: enough of its language for the window's tests.
import { kept } from "./fake-events.js";
import { refusal } from "./fake-refusal.js";

/** @import { Condition, JudgedRow, Outcome, PreviewDay, Row, Rule, RulePreview, RulePreviewRequest } from "../../ui/wire.d.ts" */

const SEVERITIES = ["low", "normal", "high", "critical"];
const DAY = 86_400_000;

/** @param {Row} row @param {string} field @returns {string[]} */
function values(row, field) {
  const detail = kept.details.get(row.row);
  const source = kept.sources.find(({ id }) => id === row.source);
  switch (field) {
    case "source":
      return [row.source, source?.name ?? ""];
    case "event":
      return [row.event];
    case "severity":
      return [row.severity];
    case "title":
      return [row.title];
    case "body":
      return [detail?.body ?? row.preview];
    case "url":
      return detail?.url ? [detail.url] : [];
    case "tags":
      return detail?.tags ?? [];
    case "text":
      return [`${row.title} ${row.preview} ${detail?.data ?? ""}`];
  }
  try {
    const found = field.slice(2).split(".").reduce((json, name) => json[name], JSON.parse(detail?.data ?? "{}"));
    return found === undefined || found === null ? [] : [String(found)];
  } catch {
    return [];
  }
}

/** @param {Condition} one @param {Row} row @returns {boolean} */
function holds(one, row) {
  if ("all" in one) return one.all.every((inner) => holds(inner, row));
  if ("any" in one) return one.any.some((inner) => holds(inner, row));
  if ("not" in one) return !holds(one.not, row);
  const list = values(row, one.field).map((text) => text.toLowerCase());
  const wanted = (Array.isArray(one.value) ? one.value : [one.value ?? ""]).map((value) => String(value).toLowerCase());
  const [first = ""] = wanted;
  const rank = (/** @type {string} */ text) => (one.field === "severity" ? SEVERITIES.indexOf(text) : Number(text));
  switch (one.op) {
    case "is":
      return list.includes(first);
    case "is_not":
      return !list.includes(first);
    case "in":
      return list.some((text) => wanted.includes(text));
    case "contains":
      return list.some((text) => text.includes(first));
    case "starts_with":
      return list.some((text) => text.startsWith(first));
    case "matches":
      return values(row, one.field).some((text) => new RegExp(String(one.value)).test(text));
    case ">":
      return list.some((text) => rank(text) > rank(first));
    case "<":
      return list.some((text) => rank(text) < rank(first));
    case "exists":
      return list.some((text) => text.trim() !== "");
  }
}

/** Refuses what the core would: a pattern that is none. @param {Rule[]} rules */
export function check(rules) {
  const walk = (/** @type {Condition} */ one, /** @type {string} */ place, /** @type {string} */ name) => {
    if ("all" in one) return one.all.forEach((inner, at) => walk(inner, `${place}.all[${at}]`, name));
    if ("any" in one) return one.any.forEach((inner, at) => walk(inner, `${place}.any[${at}]`, name));
    if ("not" in one) return walk(one.not, `${place}.not`, name);
    if (one.op !== "matches") return;
    try {
      new RegExp(String(one.value));
    } catch {
      throw { ...refusal("invalid_rule", `rule ${name}: ${place.replace(/^rules\[\d+\]\./, "")}: ${one.value} is no regular expression: unclosed group`), place };
    }
  };
  for (const [at, { when, name }] of rules.entries()) if (when) walk(when, `rules[${at}].when`, name);
}

/** @param {Rule[]} rules @param {Row} row @returns {{ rule: Rule | undefined, outcome: Outcome }} */
function judge(rules, row) {
  const rule = rules.find((one) => one.enabled !== false && (one.when === undefined || holds(one.when, row)));
  return { rule, outcome: rule?.then ?? "notify" };
}

/** @param {RulePreviewRequest} request @param {Rule[]} inForce @returns {RulePreview} */
export function preview({ rules, last, rule: asked }, inForce) {
  check(rules);
  const rows = kept.rows.slice(0, last);
  const dayOf = (/** @type {number} */ at) => new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  /** @type {PreviewDay[]} */
  const per_day = [6, 5, 4, 3, 2, 1, 0].map((ago) => ({ date: dayOf(kept.now - ago * DAY), events: 0, would_notify: 0, now_notify: 0 }));
  const hits = new Map(rules.map((one) => [one, 0]));
  /** @type {JudgedRow[]} */
  const matched = [];
  const all = rows.map((row) => {
    const { rule, outcome: would } = judge(rules, row);
    const { outcome: now } = judge(inForce, row);
    if (rule) hits.set(rule, (hits.get(rule) ?? 0) + 1);
    if (rule && rule.id === asked) matched.push({ row, would, now });
    const day = per_day.find(({ date }) => date === dayOf(row.received_at));
    if (day) {
      day.events += 1;
      day.would_notify += Number(would === "notify");
      day.now_notify += Number(now === "notify");
    }
    return { row, would, now };
  });
  const loud = all.filter(({ would, now }) => would === "notify" && now !== "notify");
  const quiet = all.filter(({ would, now }) => would !== "notify" && now === "notify");
  const count = (/** @type {(one: JudgedRow) => boolean} */ is) => all.filter(is).length;
  return {
    looked_at: all.length,
    would_notify: count(({ would }) => would === "notify"),
    now_notify: count(({ now }) => now === "notify"),
    would_per_day: per_day.reduce((all, day) => all + day.would_notify, 0),
    dropped: count(({ would }) => would === "drop"),
    newly_loud_count: loud.length,
    newly_loud: loud.slice(0, 50).map(({ row }) => row),
    newly_quiet_count: quiet.length,
    newly_quiet: quiet.slice(0, 50).map(({ row }) => row),
    matched_rows: matched.slice(0, 50),
    newest_rows: all.slice(0, 50),
    per_day,
    rules: rules.map((one) => ({ id: one.id ?? "", matched: hits.get(one) ?? 0, last_7_days: hits.get(one) ?? 0 })),
  };
}
