// The right side of the rules screen: one rule as a sentence to be built, or as JSON.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { live } from "/vendor/lit-html/directives/live.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { FIELDS, isPath, merged, patched, withOutcome } from "../rule-draft.js";
import { faultOf } from "../rule-faults.js";
import { dayName, detailsOf, fieldWords, sentenceOf, spanOf, WEEKDAYS } from "../rule-sentence.js";
import { conditions } from "./rule-conditions.js";
import { select, text, tick, valueOf, wrong } from "./rule-parts.js";
import { wantFocus } from "./rules-focus.js";

/** @import { ActiveHours, AtMost, Outcome, Rule, Severity, Sound } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { RuleFault } from "../rule-faults.js" */
/** @import { State } from "../state.js" */

/** @typedef {{ state: State, act: Commands, rule: Rule, fault: RuleFault | null }} Tools */

const SEVERITIES = /** @type {const} */ (["critical", "high", "normal", "low"]);
const UNITS = [[1, "rules.unit.second"], [60, "rules.unit.minute"], [3600, "rules.unit.hour"], [86_400, "rules.unit.day"]];

/** @param {State} state @param {Commands} act @param {Rule} rule */
export function ruleEditor(state, act, rule) {
  const tools = { state, act, rule, fault: faultOf(state.rules, rule) };
  const isText = state.rules.text !== null;
  return html`<div class="r-form">
    ${head(tools, isText)} ${isText ? json(tools, state.rules.text ?? "") : form(tools)}
  </div>`;
}

/** @param {Tools} tools @param {boolean} isText */
function head({ state, act, rule, fault }, isText) {
  const { rules } = state.rules;
  const id = rule.id ?? "";
  const at = rules.indexOf(rule);
  const sign = (/** @type {import("../icons.js").IconName} */ name, /** @type {string} */ words, /** @type {() => void} */ run, off = false) =>
    html`<button class="ib" type="button" aria-label=${words} title=${words} ?disabled=${off} @click=${run}>${icon(name)}</button>`;
  return html`<div class="r-head">
      <button class="ib r-back" type="button" aria-label=${t("rules.back")} title=${t("rules.back")} @click=${() => { act.selectRule(null); wantFocus(`[data-pick="${id}"]`); }}>${icon("chevron-left")}</button>
      ${text({ id: "rule-name", label: t("rules.name"), value: rule.name, most: 80, wrong: fault?.part === "name", change: (name) => act.patchRule(rule, { name }) })}
      <span class="r-acts">
        ${sign("arrow-up", t("rules.up"), () => act.shiftRule(id, -1), at === 0)}
        ${sign("arrow-down", t("rules.down"), () => act.shiftRule(id, 1), at === rules.length - 1)}
        ${sign("copy", t("rules.duplicate"), () => { act.duplicateRule(id); wantFocus("#rule-name"); })}
        ${sign("trash-2", t("rules.delete"), () => { act.deleteRule(id); wantFocus(".r-pick[aria-current]", "#rules-new"); })}
        <button class="btn ghost" type="button" id="rule-advanced" aria-pressed=${isText ? "true" : "false"} @click=${() => act.showRuleText(!isText)}>
          ${t("rules.advanced")}
        </button>
      </span>
    </div>
    ${wrong(fault?.part === "name" ? fault.words : null, "rule-name")}
    <p class="r-said">${sentenceOf(rule, state.sources)}${detailsOf(rule).map((one) => html` <span class="dim3">·</span> ${one}`)}</p>`;
}

/** @param {Tools} tools @param {string} written */
function json({ state, act, fault }, written) {
  const { fault: unread } = state.rules;
  const words = unread ? t(unread.key, unread.values) : (fault?.words ?? null);
  return html`<div class="r-json">
    <textarea
      id="rule-json" class="input mono" rows="14" spellcheck="false" aria-label=${t("rules.json.label")}
      aria-invalid=${words ? "true" : "false"} aria-describedby=${words ? "rule-json-wrong" : nothing}
      .value=${live(written)}
      @input=${(/** @type {Event} */ event) => act.editRuleText(valueOf(event))}
    ></textarea>
    ${wrong(words, "rule-json")}
  </div>`;
}

/** @param {Tools} tools */
function form(tools) {
  const { rule, fault } = tools;
  const known = ["name", "at_most.count", "at_most.seconds", "at_most.per", "sound", "active"];
  const stray = fault && !known.includes(fault.part) && !/^\d/.test(fault.part) ? fault.words : null;
  return html`${conditions(tools)} ${outcome(tools)} ${rule.then === "notify" ? limit(tools) : nothing} ${hours(tools)}
    ${wrong(stray, "rule")}`;
}

/** @param {string} kw @param {unknown} controls */
const line = (kw, controls) => html`<div class="r-line"><span class="kw" aria-hidden="true">${kw}</span><div class="r-cond"><div class="r-ctl">${controls}</div></div></div>`;

/** @param {Tools} tools */
function outcome({ act, rule, fault }) {
  const sound = typeof rule.sound === "object" ? "named" : (rule.sound ?? "default");
  const named = typeof rule.sound === "object" ? rule.sound.named : "";
  /** @param {string} kind @returns {Sound | undefined} */
  const soundOf = (kind) => (kind === "named" ? { named: "message-new-instant" } : kind === "silent" ? "silent" : undefined);
  return html`${line(
      t("rules.then"),
      html`${select({
        id: "rule-then",
        label: t("rules.outcome"),
        value: rule.then,
        choices: /** @type {const} */ (["notify", "quiet", "drop"]).map((value) => ({ value, words: t(`rules.outcome.${value}`) })),
        change: (then) => act.editRule(rule, (now) => withOutcome(now, /** @type {Outcome} */ (then))),
      })}
      ${rule.then === "drop"
        ? nothing
        : select({
            id: "rule-severity",
            label: t("rules.severity"),
            value: rule.severity ?? "",
            choices: [{ value: "", words: t("rules.severity.own") }, ...SEVERITIES.map((value) => ({ value, words: detailsOf({ name: "", then: "quiet", severity: value })[0] ?? "" }))],
            change: (severity) => act.patchRule(rule, { severity: severity === "" ? undefined : /** @type {Severity} */ (severity) }),
          })}
      ${rule.then === "notify"
        ? html`${select({
              id: "rule-sound",
              label: t("rules.sound"),
              value: sound,
              choices: /** @type {const} */ (["default", "silent", "named"]).map((value) => ({ value, words: t(`rules.sound.${value}`) })),
              change: (kind) => act.patchRule(rule, { sound: soundOf(kind) }),
            })}
            ${sound === "named"
              ? text({ id: "rule-sound-name", label: t("rules.sound.name"), value: named, mono: true, most: 64, wrong: fault?.part === "sound", change: (name) => act.patchRule(rule, { sound: { named: name } }) })
              : nothing}`
        : nothing}`,
    )}
    ${line(
      "",
      html`${rule.then === "notify"
          ? html`${tick(t("rules.sticky"), rule.sticky ?? false, (on) => act.patchRule(rule, { sticky: on || undefined }), "rule-sticky")}
              ${tick(t("rules.break_through"), rule.break_through ?? false, (on) => act.patchRule(rule, { break_through: on || undefined }), "rule-break")}
              ${tick(t("rules.limit"), rule.at_most !== undefined, (on) => act.patchRule(rule, { at_most: on ? { count: 1, seconds: 300 } : undefined }), "rule-limit")}`
          : nothing}
        ${tick(t("rules.hours"), rule.active !== undefined, (on) => act.patchRule(rule, { active: on ? { days: ["mon", "tue", "wed", "thu", "fri"], from: "09:00", to: "18:00" } : undefined }), "rule-hours")}
        ${wrong(fault?.part === "sound" ? fault.words : null, "rule-sound-name")}`,
    )}`;
}

/** A field for a number: what is none is kept as such, and refused. @param {string} typed */
const numberOf = (typed) => (typed.trim() === "" ? NaN : Number(typed));
/** @param {number} value */
const numberText = (value) => (Number.isFinite(value) ? String(value) : "");

/** @param {Tools} tools */
function limit({ state, act, rule, fault }) {
  const { at_most: most } = rule;
  if (!most) return nothing;
  /** @param {(now: AtMost) => Partial<AtMost>} edit */
  const put = (edit) => act.editRule(rule, (now) => patched(now, { at_most: merged(now.at_most ?? most, edit(now.at_most ?? most)) }));
  const unit = state.rules.unit ?? spanOf(most.seconds).unit;
  const is = (/** @type {string} */ part) => fault?.part === part;
  const keys = [...FIELDS.filter((field) => field !== "text").map((value) => ({ value, words: fieldWords(value) }))];
  const seen = state.rules.fields.slice(0, 60).map(({ path }) => path);
  const paths = most.per !== undefined && isPath(most.per) && !seen.includes(most.per) ? [most.per, ...seen] : seen;
  return html`<div class="r-line"><span class="kw" aria-hidden="true">${t("rules.limit.at_most")}</span><div class="r-cond"><div class="r-ctl">
      ${text({ id: "rule-count", label: t("rules.limit.count"), value: numberText(most.count), type: "number", wrong: is("at_most.count"), change: (typed) => put(() => ({ count: numberOf(typed) })) })}
      <span aria-hidden="true">${t("rules.limit.in")}</span>
      ${text({ id: "rule-amount", label: t("rules.limit.amount"), value: numberText(most.seconds / unit), type: "number", wrong: is("at_most.seconds"), change: (typed) => { act.keepUnit(unit); put(() => ({ seconds: numberOf(typed) * unit })); } })}
      ${select({
        id: "rule-unit",
        label: t("rules.limit.unit"),
        value: String(unit),
        choices: UNITS.map(([value, key]) => ({ value: String(value), words: t(String(key)) })),
        change: (next) => {
          act.keepUnit(Number(next));
          put((now) => ({ seconds: (now.seconds / unit) * Number(next) }));
        },
      })}
      <span aria-hidden="true">${t("rules.limit.per")}</span>
      ${select({
        id: "rule-per",
        label: t("rules.limit.per"),
        value: most.per ?? "",
        choices: [{ value: "", words: t("rules.limit.all") }, ...keys, ...paths.map((value) => ({ value, words: value }))],
        change: (per) => put(() => ({ per: per === "" ? undefined : per })),
      })}
    </div>
    ${wrong(is("at_most.count") ? (fault?.words ?? null) : null, "rule-count")}
    ${wrong(is("at_most.seconds") ? (fault?.words ?? null) : null, "rule-amount")}
    ${wrong(is("at_most.per") ? (fault?.words ?? null) : null, "rule-per")}
    </div></div>`;
}

/** @param {Tools} tools */
function hours({ act, rule, fault }) {
  const { active } = rule;
  if (!active) return nothing;
  /** @param {(now: ActiveHours) => ActiveHours} edit */
  const put = (edit) => act.editRule(rule, (now) => patched(now, { active: merged(now.active ?? active, edit(now.active ?? active)) }));
  const days = active.days ?? [];
  const time = (/** @type {"from" | "to"} */ end) => html`<label class="r-time">${t(`rules.hours.${end}`)}
    ${text({ id: `rule-${end}`, label: t(`rules.hours.${end}`), value: active[end] ?? "", type: "number", placeholder: end === "from" ? "00:00" : "24:00", wrong: fault?.part === "active", change: (typed) => put(() => ({ [end]: typed || undefined })) })}
  </label>`;
  return html`<div class="r-line"><span class="kw"></span><div class="r-cond">
      <div class="r-ctl">
        <span class="r-days" role="group" aria-label=${t("rules.hours.days")}>${WEEKDAYS.map(
          (day) => html`<button
            class="r-day" type="button" aria-pressed=${days.includes(day) ? "true" : "false"}
            @click=${() => put(({ days: now = [] }) => ({ days: now.includes(day) ? now.filter((one) => one !== day) : WEEKDAYS.filter((one) => one === day || now.includes(one)) }))}
          >${dayName(day)}</button>`,
        )}</span>
        ${time("from")} ${time("to")}
      </div>
      <p class="hint">${t("rules.hours.hint")}</p>
      ${wrong(fault?.part === "active" ? fault.words : null, "rule-hours")}
    </div></div>`;
}
