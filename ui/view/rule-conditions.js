// The conditions of a rule: a line for each test, a box for each group.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { choiceOf, choicesFor, FIELDS, fromGroup, fromTest, groupOf, isPath, MODES, testOf, valuesOf, valueText, whenOf, withAdded, withChoice, withCondition, withField, withText } from "../rule-draft.js";
import { choiceWords, fieldWords } from "../rule-sentence.js";
import { select, text, wrong } from "./rule-parts.js";
import { wantFocus } from "./rules-focus.js";

/** @import { Condition, Rule, Severity } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { Choice, Group, Mode, Place, Test } from "../rule-draft.js" */
/** @import { RuleFault } from "../rule-faults.js" */
/** @import { State } from "../state.js" */

/** @typedef {{ state: State, act: Commands, rule: Rule, fault: RuleFault | null }} Tools */
/** @typedef {(test: Test) => Test} Edit of a test as it is now */

/** Groups inside groups that can be added; deeper ones are shown all the same. */
const DEPTH = 2;
/** Paths that are offered. */
const PATHS = 60;
const SEVERITIES = /** @type {const} */ (["low", "normal", "high", "critical"]);
const OTHER = "other";

/** @param {Tools} tools */
export function conditions(tools) {
  const group = whenOf(tools.rule);
  const isOne = group.items.length === 1 && group.mode === "all";
  return html`<div class="r-when" role="group" aria-label=${t("rules.when")}>
    ${isOne
      ? nothing
      : html`<div class="r-line">
          <span class="kw" aria-hidden="true">${t("rules.when")}</span>
          <div class="r-ctl">
            ${group.items.length === 0 && group.mode === "all" ? html`<span class="r-always">${t("rules.every_event")}</span>` : modeSelect(tools, [], group)}
            ${group.items.length === 0 ? adders(tools, []) : nothing}
          </div>
        </div>`}
    ${items(tools, [], group, isOne ? t("rules.when") : "")}
    ${group.items.length > 0 ? html`<div class="r-line"><span class="kw"></span><div class="r-ctl">${adders(tools, [])}</div></div>` : nothing}
  </div>`;
}

/** @param {Tools} tools @param {Place} place @param {Group} group @param {string} [first] what stands before the first @returns {unknown} */
function items(tools, place, group, first = "") {
  const joint = t(group.mode === "any" || group.mode === "none" ? "rules.or" : "rules.and");
  return group.items.map((one, index) => {
    const here = [...place, index];
    const inner = groupOf(one);
    const body = inner ? box(tools, here, inner) : line(tools, here, /** @type {Test} */ (testOf(one)));
    return html`<div class="r-line"><span class="kw" aria-hidden="true">${index > 0 ? joint : first}</span>${body}</div>`;
  });
}

/** @param {Place} place */
const nameOf = (place) => place.map((at) => at + 1).join(".");
/** @param {Place} place */
const idOf = (place) => `c-${place.join("-")}`;

/** @param {Tools} tools @param {Place} place @param {Group} group */
function modeSelect({ act, rule }, place, group) {
  return select({
    label: t("rules.mode"),
    value: group.mode,
    choices: MODES.map((value) => ({ value, words: t(`rules.mode.${value}`) })),
    change: (mode) => act.editRule(rule, (now) => withCondition(now, place, (one) => fromGroup({ items: groupOf(one)?.items ?? [], mode: /** @type {Mode} */ (mode) }))),
  });
}

/** @param {Tools} tools @param {Place} place of the group that gets more */
function adders({ act, rule }, place) {
  /** @param {Condition} added @param {string} focus */
  const add = (added, focus) => {
    const group = place.length === 0 ? whenOf(rule) : null;
    const at = [...place, group?.items.length ?? countAt(rule, place)];
    act.editRule(rule, (now) => withAdded(now, place, added));
    wantFocus(`#${idOf(at)}${focus}`);
  };
  const test = /** @type {const} */ ({ field: "title", op: "contains", value: "" });
  return html`<button
      class="btn ghost" type="button" id="add-${idOf(place)}" aria-label=${t("rules.add_condition.label")}
      @click=${() => add(test, "-field")}
    >${icon("plus")}${t("rules.add_condition")}</button>
    ${place.length < DEPTH
      ? html`<button
          class="btn ghost" type="button" aria-label=${t("rules.add_group.label")}
          @click=${() => add({ any: [test, test] }, "-0-field")}
        >${icon("plus")}${t("rules.add_group")}</button>`
      : nothing}`;
}

/** @param {Rule} rule @param {Place} place */
function countAt(rule, place) {
  let group = whenOf(rule);
  for (const at of place) {
    const one = group.items[at];
    group = (one && groupOf(one)) ?? { mode: "all", items: [] };
  }
  return group.items.length;
}

/** @param {Tools} tools @param {Place} place @param {string} words */
function remover({ act, rule }, place, words) {
  return html`<button
    class="ib" type="button" aria-label=${words} title=${words}
    @click=${() => {
      act.editRule(rule, (now) => withCondition(now, place, () => null));
      wantFocus(`#add-${idOf(place.slice(0, -1))}`);
    }}
  >${icon("x")}</button>`;
}

/** @param {Tools} tools @param {Place} place @param {Group} group */
function box(tools, place, group) {
  return html`<div class="r-box" role="group" aria-label="${t("rules.group")} ${nameOf(place)}">
    <div class="r-ctl">${modeSelect(tools, place, group)}<span class="grow"></span>${remover(tools, place, t("rules.remove_group"))}</div>
    ${items(tools, place, group)}
    <div class="r-ctl">${adders(tools, place)}</div>
  </div>`;
}

/** @param {Tools} tools @param {Place} place @param {Test} test */
function line(tools, place, test) {
  const { act, rule, state, fault } = tools;
  const id = idOf(place);
  const key = place.join(".");
  const words = fault?.part === key ? fault.words : null;
  /** @param {Edit} edit */
  const put = (edit) => act.editRule(rule, (now) => withCondition(now, place, (one) => fromTest(edit(testOf(one) ?? test))));
  const seen = state.rules.fields.slice(0, PATHS).map(({ path }) => path);
  const isOther = isPath(test.field) && (state.rules.typing === key || !seen.includes(test.field));
  const choice = choiceOf(test);
  const common = [...FIELDS].map((value) => ({ value, words: fieldWords(value) }));
  return html`<div class="r-cond" role="group" aria-label=${t("rules.condition", { place: nameOf(place) })}>
    <div class="r-ctl">
      ${select({
        id: `${id}-field`,
        label: t("rules.field"),
        value: isOther ? OTHER : test.field,
        kind: isPath(test.field) && !isOther ? "field path" : "field",
        choices: FIELDS.includes(/** @type {any} */ (test.field)) || isPath(test.field) ? [] : [{ value: test.field, words: test.field }],
        groups: [
          { label: t("rules.fields.common"), choices: common },
          { label: t("rules.fields.seen"), choices: [...seen.map((value) => ({ value, words: value })), { value: OTHER, words: t("rules.fields.own") }] },
        ],
        change: (field) => {
          act.typePath(field === OTHER ? key : null);
          put((now) => withField(now, field === OTHER ? (isPath(now.field) ? now.field : "$.") : field));
          if (field === OTHER) wantFocus(`#${id}-path`);
        },
      })}
      ${isOther
        ? text({ id: `${id}-path`, label: t("rules.path"), value: test.field, mono: true, offered: seen, wrong: words !== null, change: (field) => put((now) => ({ ...now, field: field.startsWith("$") ? field : `$${field}` })) })
        : nothing}
      ${select({
        id: `${id}-op`,
        kind: "op",
        label: t("rules.op"),
        value: choice,
        choices: choicesFor(test.field, choice).map((value) => ({ value, words: choiceWords(value) })),
        change: (value) => put((now) => withChoice(now, /** @type {Choice} */ (value))),
      })}
      ${value(tools, id, test, put, words !== null)} ${remover(tools, place, t("rules.remove_condition"))}
    </div>
    ${wrong(words, `${id}-value`)}
  </div>`;
}

/** @param {Tools} tools @param {string} id @param {Test} test @param {(edit: Edit) => void} put @param {boolean} isWrong */
function value({ state }, id, test, put, isWrong) {
  if (test.op === "exists") return nothing;
  const one = String(valuesOf(test.value)[0] ?? "");
  const isWhole = test.op === "is" || test.op === "is_not";
  if (test.field === "severity" && test.op !== "in") {
    return select({
      id: `${id}-value`,
      kind: "value",
      label: t("rules.value"),
      value: one,
      choices: SEVERITIES.map((severity) => ({ value: severity, words: t(`severity.${severity}`) })),
      change: (severity) => put((now) => ({ ...now, value: /** @type {Severity} */ (severity) })),
    });
  }
  if (test.field === "source" && isWhole) {
    const known = state.sources.find(({ id: source, name }) => source === one || name.toLowerCase() === one.toLowerCase());
    const choices = state.sources.map(({ id: source, name }) => ({ value: source, words: name }));
    return select({
      id: `${id}-value`,
      kind: "value",
      label: t("rules.value"),
      value: known?.id ?? one,
      choices: known ? choices : [{ value: one, words: one || t("rules.value.choose") }, ...choices],
      change: (source) => put((now) => ({ ...now, value: source })),
    });
  }
  const isList = test.op === "in";
  return text({
    id: `${id}-value`,
    label: t(isList ? "rules.value.list" : "rules.value"),
    value: test.field === "source" ? sourceNames(state, valueText(test)) : valueText(test),
    lines: isList,
    mono: test.op === "matches" || isPath(test.field),
    offered: isList ? [] : offered(state, test.field),
    wrong: isWrong,
    most: isList ? undefined : 1000,
    change: (typed) => put((now) => withText(now, typed)),
  });
}

/** Identities of sources as their names: both are taken. @param {State} state @param {string} lines */
function sourceNames({ sources }, lines) {
  return lines.split("\n").map((line) => sources.find(({ id }) => id === line)?.name ?? line).join("\n");
}

/** @param {State} state @param {string} field @returns {string[]} */
function offered({ rules: { fields, types }, sources }, field) {
  if (field === "event") return types.map(({ event }) => event);
  if (field === "source") return sources.map(({ name }) => name);
  return fields.find(({ path }) => path === field)?.samples ?? [];
}
