// What the rules screen knows, and what each change makes of it. Pure.
import { cleaned, moved, problemOf, sameRules } from "./rule-draft.js";
import { readRule, ruleText } from "./rule-json.js";

/** @import { CommandError, EventTypeSeen, FieldSeen, JudgedRow, Rule, RuleCount, RuleId, RuleList, RulePreview } from "./wire.d.ts" */
/** @import { Fault } from "./rule-json.js" */
/** @import { Action } from "./state.js" */

/** @typedef {"matched" | "changed" | "all"} Shown which rows of a preview */
/** @typedef {{ what: "leave", action: Action } | { what: "drop", names: string[] }} Ask a question that stands open */

/**
 * @typedef {object} RulesState
 * @property {"none" | "loading" | "ready" | "failed"} phase
 * @property {number} generation of the rules that were read
 * @property {Rule[]} saved
 * @property {Rule[]} rules as they would be
 * @property {Rule | null} waiting a rule out of an event, until the others are read
 * @property {RuleId | null} selected
 * @property {string | null} text the selected rule as JSON; null: the form is there
 * @property {Fault | null} fault what is wrong with that text
 * @property {string | null} typing the test whose path is being typed
 * @property {number | null} unit the unit a period is being written in; null: the one it divides by
 * @property {Record<RuleId, number>} hits
 * @property {FieldSeen[]} fields
 * @property {EventTypeSeen[]} types
 * @property {number} last how many events a preview looks at
 * @property {Shown} show
 * @property {RulePreview | null} preview the last that could be made
 * @property {number} ticket of the preview that is awaited
 * @property {CommandError | null} wrong why the rules cannot be tried
 * @property {{ id: RuleId, to: number } | null} drag
 * @property {Ask | null} ask
 * @property {boolean} busy
 * @property {CommandError | null} error why they were not read or saved
 */

/**
 * @typedef {{ what: "loading" }
 *   | { what: "loaded", list: RuleList }
 *   | { what: "failed", error: CommandError }
 *   | { what: "hits", counts: RuleCount[] }
 *   | { what: "seen", fields: FieldSeen[], types: EventTypeSeen[] }
 *   | { what: "select", id: RuleId | null }
 *   | { what: "rule", rule: Rule }
 *   | { what: "rules", rules: Rule[], selected?: RuleId | null }
 *   | { what: "move", id: RuleId, to: number }
 *   | { what: "text", text: string | null }
 *   | { what: "typing", typing: string | null }
 *   | { what: "unit", unit: number }
 *   | { what: "last", last: number }
 *   | { what: "show", show: Shown }
 *   | { what: "trying", ticket: number }
 *   | { what: "tried", ticket: number, preview: RulePreview }
 *   | { what: "untried", ticket: number, error: CommandError }
 *   | { what: "drag", drag: RulesState["drag"] }
 *   | { what: "ask", ask: Ask | null }
 *   | { what: "saving" }
 *   | { what: "saved", list: RuleList }
 *   | { what: "unsaved", error: CommandError }
 *   | { what: "discard" }
 *   | { what: "forget" }} RulesChange
 */

/** @type {RulesState} */
export const noRules = {
  phase: "none",
  generation: -1,
  saved: [],
  rules: [],
  waiting: null,
  selected: null,
  text: null,
  fault: null,
  typing: null,
  unit: null,
  hits: {},
  fields: [],
  types: [],
  last: 1000,
  show: "matched",
  preview: null,
  ticket: 0,
  wrong: null,
  drag: null,
  ask: null,
  busy: false,
  error: null,
};

/** @param {RulesState} state @returns {Rule | null} */
export function selectedRule({ rules, selected }) {
  return rules.find(({ id }) => id === selected) ?? null;
}

/** Whether something would be lost. @param {RulesState} state */
export function isDirty({ phase, rules, saved, fault }) {
  return phase === "ready" && (fault !== null || !sameRules(rules, saved));
}

/** The first rule that cannot be used, and what of it. @param {RulesState} state @returns {{ id: RuleId | undefined, part: string, key: string } | null} */
export function problemIn({ rules }) {
  for (const rule of rules) {
    const problem = problemOf(rule);
    if (problem) return { id: rule.id, ...problem };
  }
  return null;
}

/** Whether the rules can be saved as they are. @param {RulesState} state */
export function canSave(state) {
  return isDirty(state) && !state.busy && state.fault === null && state.wrong === null && problemIn(state) === null;
}

/** The rules as the core is to take them. @param {RulesState} state */
export function toSave({ rules }) {
  return rules.map(cleaned);
}

/** Names of rules that begin to drop events. @param {RulesState} state */
export function newDrops({ rules, saved }) {
  const drops = (/** @type {Rule} */ { then, enabled }) => then === "drop" && enabled !== false;
  const before = new Set(saved.filter(drops).map(({ id }) => id));
  return rules.filter((rule) => drops(rule) && !before.has(rule.id)).map(({ name }) => name);
}

/**
 * The events to show, newest first, and how many there are of their kind.
 * @param {Shown} show @param {RulePreview} preview @param {RuleId | null} asked the rule whose events are named
 * @returns {{ show: Shown, rows: JudgedRow[], all: number }}
 */
export function shownRows(show, preview, asked) {
  const { matched_rows: matched, newest_rows: newest, newly_loud: loud, newly_quiet: quiet } = preview;
  if (show === "matched") return { show, rows: matched, all: preview.rules.find(({ id }) => id === asked)?.matched ?? matched.length };
  if (show === "all") return { show, rows: newest, all: preview.looked_at };
  const judged = new Map([...matched, ...newest].map((one) => [one.row.row, one]));
  const rows = [
    ...loud.map((row) => judged.get(row.row) ?? { row, would: /** @type {const} */ ("notify"), now: /** @type {const} */ ("quiet") }),
    ...quiet.map((row) => judged.get(row.row) ?? { row, would: /** @type {const} */ ("quiet"), now: /** @type {const} */ ("notify") }),
  ];
  return { show, rows: rows.sort((a, b) => b.row.row - a.row.row), all: preview.newly_loud_count + preview.newly_quiet_count };
}

/** Puts a rule out of an event before all others: the first that matches decides. @param {RulesState} state @param {Rule} rule @returns {RulesState} */
function withDraft(state, rule) {
  const own = { ...rule, id: rule.id ?? crypto.randomUUID() };
  const others = state.rules.filter(({ id }) => id !== own.id);
  return selected({ ...state, waiting: null, rules: [own, ...others], show: "changed" }, own.id);
}

/** @param {RulesState} state @param {RuleId | null} id @returns {RulesState} */
function selected(state, id) {
  return { ...state, selected: id, text: null, fault: null, typing: null, unit: null };
}

/** Opens the screen, maybe with a rule out of an event. @param {RulesState} state @param {Rule | null} draft @returns {RulesState} */
export function opened(state, draft) {
  // What was not changed here may have been changed elsewhere: it is read again.
  if (!isDirty(state)) return { ...state, phase: state.phase === "loading" ? "loading" : "none", waiting: draft ?? state.waiting };
  return draft === null ? state : withDraft(state, draft);
}

/** @param {RulesState} state @param {RuleList} list @returns {RulesState} */
function loaded(state, list) {
  const next = {
    ...state,
    phase: /** @type {const} */ ("ready"),
    generation: list.generation,
    saved: list.rules,
    rules: list.rules,
    busy: false,
    error: null,
    wrong: null,
  };
  const still = list.rules.some(({ id }) => id === state.selected) ? state.selected : null;
  return state.waiting ? withDraft(next, state.waiting) : selected(next, still);
}

/** @param {RulesState} state @param {RulesChange} change @returns {RulesState} */
export function changeRules(state, change) {
  switch (change.what) {
    case "loading":
      return { ...state, phase: "loading", error: null };
    case "loaded":
      return loaded(state, change.list);
    case "failed":
      return { ...state, phase: "failed", error: change.error };
    case "hits":
      return { ...state, hits: Object.fromEntries(change.counts.map(({ id, hits }) => [id, hits])) };
    case "seen":
      return { ...state, fields: change.fields, types: change.types };
    case "select":
      return change.id === state.selected ? state : selected(state, change.id);
    case "rule":
      return { ...state, rules: state.rules.map((one) => (one.id === change.rule.id ? change.rule : one)), error: null };
    case "rules": {
      const next = { ...state, rules: change.rules, error: null };
      return change.selected === undefined ? next : selected(next, change.selected);
    }
    case "move":
      return { ...state, rules: moved(state.rules, change.id, change.to), drag: null, error: null };
    case "text":
      return written(state, change.text);
    case "typing":
      return { ...state, typing: change.typing };
    case "unit":
      return { ...state, unit: change.unit };
    case "last":
      return { ...state, last: change.last };
    case "show":
      return { ...state, show: change.show };
    case "trying":
      return { ...state, ticket: change.ticket };
    case "tried":
      return change.ticket === state.ticket ? { ...state, preview: change.preview, wrong: null } : state;
    case "untried":
      return change.ticket === state.ticket ? { ...state, wrong: change.error } : state;
    case "drag":
      return { ...state, drag: change.drag };
    case "ask":
      return { ...state, ask: change.ask };
    case "saving":
      return { ...state, busy: true, error: null, ask: null };
    case "saved":
      return { ...state, generation: change.list.generation, saved: change.list.rules, rules: change.list.rules, busy: false, error: null };
    case "unsaved":
      return { ...state, busy: false, error: change.error };
    case "discard": {
      const still = state.saved.some(({ id }) => id === state.selected) ? state.selected : null;
      return selected({ ...state, rules: state.saved, wrong: null, error: null, ask: null }, still);
    }
    case "forget":
      return { ...noRules, last: state.last, show: state.show };
  }
}

/** The selected rule as text: shown, typed, or closed again. @param {RulesState} state @param {string | null} text @returns {RulesState} */
function written(state, text) {
  const rule = selectedRule(state);
  if (!rule || text === null) return { ...state, text: null, fault: null };
  const { rule: read, fault } = readRule(text, rule);
  if (!read) return { ...state, text, fault };
  const same = ruleText(read) === ruleText(rule);
  return { ...state, text, fault: null, rules: same ? state.rules : state.rules.map((one) => (one === rule ? read : one)), error: null };
}
