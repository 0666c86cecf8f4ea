// The rules screen: the rules in their order on the left, the selected one and what all of them
// would do on the right. Nothing is in force until it is saved.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { repeat } from "/vendor/lit-html/directives/repeat.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { faultElsewhere } from "../rule-faults.js";
import { detailsOf, sentenceOf } from "../rule-sentence.js";
import { TEMPLATES } from "../rule-templates.js";
import { canSave, isDirty, selectedRule } from "../rules-state.js";
import { errorWords } from "../words.js";
import { banner } from "./banner.js";
import { ruleEditor } from "./rule-editor.js";
import { rulePreview } from "./rule-preview.js";
import { giveFocus, wantFocus } from "./rules-focus.js";

/** @import { Rule } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { State } from "../state.js" */

/** @param {State} state @param {Commands} act */
export function rules(state, act) {
  const rule = selectedRule(state.rules);
  const { phase, error } = state.rules;
  return html`<div class="panel rules-page ${rule ? "has-rule" : ""}">
    <div class="bar flow">
      <button class="ib back" aria-label=${t("action.back_to_sources")} @click=${() => act.pane("side")}>${icon("chevron-left")}</button>
      <h2 class="b" id="panel-title">${t("rules.title")}</h2>
      <span class="t12 dim3 grow r-first">${t("rules.first_wins")}</span>
      <button class="btn ghost" popovertarget="rule-templates">${t("rules.start")}${icon("chevron-down")}</button>
      <button class="btn" id="rules-new" @click=${() => create(act)}>${icon("plus")}${t("rules.new")}</button>
      ${templateMenu(act)}
    </div>
    ${banner(state, act)}
    ${phase === "failed" && error
      ? html`<div class="empty"><p class="b">${errorWords(error)}</p><button class="btn" @click=${() => act.loadRules()}>${t("action.retry_now")}</button></div>`
      : phase === "ready" || state.rules.generation !== -1
        ? html`<div class="rules-cols">${list(state, act)} ${editor(state, act, rule)}</div>
            ${foot(state, act)}`
        : nothing}
  </div>`;
}

/** @param {Commands} act */
function create(act) {
  act.newRule();
  wantFocus("#rule-name");
}

/** @param {Commands} act */
function templates(act) {
  return TEMPLATES.map(
    (one) => html`<li><button
      class="menu-i" popovertarget="rule-templates" popovertargetaction="hide"
      @click=${() => {
        act.addTemplate(one);
        wantFocus("#rule-name");
      }}
    >${t(`rules.template.${one}`)}</button></li>`,
  );
}

/** @param {Commands} act */
function templateMenu(act) {
  return html`<div id="rule-templates" class="menu templates" popover role="dialog" aria-label=${t("rules.start")}><ul>${templates(act)}</ul></div>`;
}

/** @param {State} state @param {Commands} act */
function list(state, act) {
  const { rules: all } = state.rules;
  return html`<div class="r-side">
    ${all.length === 0
      ? html`<div class="r-none"><p class="m">${t("rules.none")}</p><p class="dim t12">${t("rules.none.text")}</p><ul class="r-starts">${TEMPLATES.map(
          (one) => html`<li><button class="btn" @click=${() => { act.addTemplate(one); wantFocus("#rule-name"); }}>${icon("plus")}${t(`rules.template.${one}`)}</button></li>`,
        )}</ul></div>`
      : nothing}
    <ol class="r-list" aria-label=${t("rules.list")} @keydown=${(/** @type {KeyboardEvent} */ press) => onKey(press, state, act)}>
      ${repeat(all, ({ id }) => id, (rule, index) => item(state, act, rule, index))}
    </ol>
    <div class="r-i else"><span class="no" aria-hidden="true">–</span><div><p class="m dim">${t("rules.else")}</p><p class="t12 dim3">${t("rules.else.text")}</p></div></div>
    ${all.length > 1 ? html`<p class="r-hint t11 dim3" id="rules-move">${t("rules.move_hint")}</p>` : nothing}
  </div>`;
}

/** @param {State} state @param {Commands} act @param {Rule} rule @param {number} index */
function item(state, act, rule, index) {
  const { rules: all, selected, drag, saved } = state.rules;
  const id = rule.id ?? "";
  const isOn = rule.enabled !== false;
  const to = drag?.to ?? -1;
  const edge = drag && drag.id !== id && to === index ? (all.findIndex((one) => one.id === drag.id) > index ? "drop-before" : "drop-after") : "";
  const hits = hitWords(state, rule, saved.some((one) => one.id === id), isOn);
  return html`<li class="r-i ${selected === id ? "sel" : ""} ${isOn ? "" : "off"} ${drag?.id === id ? "dragged" : ""} ${edge}" data-rule=${id}>
    <span class="no grip" aria-hidden="true" @pointerdown=${(/** @type {PointerEvent} */ event) => startDrag(event, act, id)}><span class="n">${index + 1}</span>${icon("grip-vertical")}</span>
    <button
      class="r-pick" data-pick=${id} aria-current=${selected === id ? "true" : nothing} aria-describedby=${all.length > 1 ? "rules-move" : nothing}
      @click=${() => act.selectRule(id)}
    >
      <span class="vh">${t("rules.place", { place: index + 1, all: all.length })}: </span>
      <span class="b r-name">${rule.name}</span>
      <span class="r-sentence">${sentenceOf(rule, state.sources)}</span>
      ${detailsOf(rule).length > 0 ? html`<span class="r-details">${detailsOf(rule).join(" · ")}</span>` : nothing}
      <span class="r-hits num">${hits}</span>
    </button>
    <button
      class="r-sw" role="switch" aria-checked=${isOn ? "true" : "false"} aria-label=${t("rules.on_label", { name: rule.name })}
      @click=${() => act.patchRule(rule, { enabled: !isOn })}
    ><span class="sw ${isOn ? "on" : ""}"></span></button>
  </li>`;
}

/** @param {State} state @param {Rule} rule @param {boolean} isSaved @param {boolean} isOn */
function hitWords({ rules: { hits, saved } }, rule, isSaved, isOn) {
  if (!isSaved) return t("rules.unsaved");
  const known = saved.find(({ id }) => id === rule.id);
  if (!isOn) return t("rules.off");
  if (known?.then === "drop") return t("rules.hits.dropped");
  return t("rules.hits", { count: hits[rule.id ?? ""] ?? 0 });
}

/** @param {KeyboardEvent} press @param {State} state @param {Commands} act */
function onKey(press, state, act) {
  if (press.isComposing || press.ctrlKey || press.metaKey || press.shiftKey) return;
  const by = press.code === "ArrowDown" ? 1 : press.code === "ArrowUp" ? -1 : 0;
  const id = /** @type {HTMLElement} */ (press.target).dataset["pick"];
  if (by === 0 || id === undefined) return;
  press.preventDefault();
  press.stopPropagation();
  if (press.altKey) {
    act.shiftRule(id, by);
    wantFocus(`[data-pick="${id}"]`);
    return;
  }
  const { rules: all } = state.rules;
  const next = all[all.findIndex((one) => one.id === id) + by]?.id;
  if (next !== undefined) /** @type {HTMLElement | null} */ (document.querySelector(`[data-pick="${next}"]`))?.focus();
}

/** Moves a rule with the pointer: where it would go is shown, and it goes there when it is let go. @param {PointerEvent} event @param {Commands} act @param {string} id */
function startDrag(event, act, id) {
  if (event.button !== 0) return;
  event.preventDefault();
  const ends = new AbortController();
  const { signal } = ends;
  let to = -1;
  const end = (/** @type {boolean} */ isDone) => {
    ends.abort();
    act.dragRule(null);
    if (isDone && to >= 0) act.moveRule(id, to);
  };
  addEventListener("pointermove", (move) => {
    const rows = [...document.querySelectorAll(".r-i[data-rule]")];
    const under = rows.findIndex((row) => move.clientY < row.getBoundingClientRect().bottom);
    to = under < 0 ? rows.length - 1 : under;
    act.dragRule({ id, to });
  }, { signal });
  addEventListener("pointerup", () => end(true), { signal });
  addEventListener("pointercancel", () => end(false), { signal });
  addEventListener("keydown", (press) => {
    if (press.code !== "Escape") return;
    press.stopPropagation();
    end(false);
  }, { signal, capture: true });
}

/** @param {State} state @param {Commands} act @param {Rule | null} rule */
function editor(state, act, rule) {
  return html`<section class="r-ed" tabindex="-1" aria-label=${rule ? rule.name || t("rules.name") : nothing}>
    ${rule ? ruleEditor(state, act, rule) : html`<p class="r-choose dim3">${t("rules.select")}</p>`} ${rulePreview(state, act)}
  </section>`;
}

/** @param {State} state @param {Commands} act */
function foot(state, act) {
  const { error, busy } = state.rules;
  const dirty = isDirty(state.rules);
  const elsewhere = faultElsewhere(state.rules);
  return html`<div class="r-foot">
    <p class="grow t12 ${elsewhere ? "red" : "dim"}" role=${elsewhere ? "alert" : nothing}>${elsewhere ?? t(dirty ? "rules.foot.dirty" : "rules.foot.clean")}</p>
    ${error?.code === "outdated" ? html`<button class="btn" @click=${() => act.loadRules()}>${t("rules.reload")}</button>` : nothing}
    <button class="btn" id="rules-discard" ?disabled=${!dirty || busy} @click=${() => { act.discardRules(); wantFocus(".r-pick[aria-current]", ".r-pick", "#rules-new"); }}>${t("rules.discard")}</button>
    <button class="btn primary" id="rules-save" ?disabled=${!canSave(state.rules)} @click=${() => act.saveRules()}>${t("rules.save")}</button>
  </div>`;
}

/** The question before changes are lost, or events. @param {State} state @param {Commands} act */
export function rulesAsk(state, act) {
  const { ask } = state.rules;
  const what = ask?.what ?? "leave";
  return html`<dialog
    id="rules-ask" class="dlg" aria-labelledby="rules-ask-title"
    @cancel=${(/** @type {Event} */ event) => {
      event.preventDefault();
      void act.answerRules(false);
    }}
  >
    ${ask
      ? html`<div class="dlg-in">
          <h2 id="rules-ask-title">${t(`rules.${what}.title`)}</h2>
          <div class="dlg-body">
            <p>${t(`rules.${what}.text`)}</p>
            ${ask.what === "drop" ? html`<ul class="r-names">${ask.names.map((name) => html`<li class="anywhere b">${name}</li>`)}</ul>` : nothing}
          </div>
          <div class="dlg-foot">
            <button class="btn big" data-stay @click=${() => act.answerRules(false)}>${t("rules.leave.stay")}</button>
            <button class="btn danger big" @click=${() => act.answerRules(true)}>${t(ask.what === "drop" ? "rules.drop.confirm" : "rules.leave.discard")}</button>
          </div>
        </div>`
      : nothing}
  </dialog>`;
}

/** Where the focus goes once the rules are there. @type {"list" | "rule" | null} */
let entering = null;

/** The keyboard starts at the list. */
export function focusRules() {
  entering = "list";
}

/** What no template can do: read the rules, open the question, put the focus. @param {State} state @param {Commands} act */
export function afterRules(state, act) {
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("rules-ask"));
  if (state.rules.ask && dialog && !dialog.open) {
    dialog.showModal();
    /** @type {HTMLElement | null} */ (dialog.querySelector("[data-stay]"))?.focus();
  } else if (!state.rules.ask && dialog?.open) {
    dialog.close();
  }
  giveFocus();
  if (state.connections.panel?.kind !== "rules") return;
  const { phase, waiting } = state.rules;
  if (waiting) entering = "rule";
  if (phase === "none") void act.loadRules();
  if (phase !== "ready") return;
  if (entering === "rule") focusFirst("#rule-name");
  else if (entering === "list") focusFirst(".r-pick[aria-current]", ".r-pick", "#rule-name", "#rules-new");
  entering = null;
}

/** @param {string[]} selectors */
function focusFirst(...selectors) {
  wantFocus(...selectors);
  giveFocus();
}
