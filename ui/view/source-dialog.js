// The dialogs about sources: add and edit, remove, test, and what is shown before it is copied.
// Values of headers go in and never come back.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { live } from "/vendor/lit-html/directives/live.js";
import { hasPassed } from "../connections.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { fieldOf } from "../source-form.js";
import { sourceOf } from "../store.js";
import { errorWords } from "../words.js";
import { checklist } from "./checklist.js";
import { closeMap, mappingForm } from "./mapping.js";
import { consentBox, field, leftOutNote, takeCommand, wrong } from "./source-field.js";
import { credentials, options } from "./source-options.js";

/** @import { CommandError } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { MappingView } from "../mapping-commands.js" */
/** @import { SourceDialog } from "../source-form.js" */
/** @import { CopyDialog, RemoveDialog, State, TestDialog } from "../state.js" */

/** @param {State} state @param {Commands} act */
export function sourceDialog(state, act) {
  return html`<dialog
    class="dlg ${state.dialog?.kind === "copy" || mapOf(state.dialog) ? "wide" : ""}"
    aria-labelledby="dialog-title"
    @cancel=${(/** @type {Event} */ event) => {
      event.preventDefault();
      if (mapOf(state.dialog)) closeMap(act);
      else act.closeDialog();
    }}
  >
    ${content(state, act)}
  </dialog>`;
}

/** The mapping, while it is looked at; a refusal of something else leads back to the form. @param {State["dialog"]} dialog */
function mapOf(dialog) {
  if (dialog?.kind !== "source" || !dialog.map) return null;
  return dialog.error && dialog.error.code !== "invalid_mapping" ? null : dialog.map;
}

/** @param {State} state @param {Commands} act */
function content(state, act) {
  const { dialog } = state;
  switch (dialog?.kind) {
    case "source":
      return mapOf(dialog) ? mappingForm(act, dialog, /** @type {MappingView} */ (dialog.map)) : sourceForm(state, act, dialog);
    case "remove":
      return removeForm(state, act, dialog);
    case "test":
      return testForm(state, act, dialog);
    case "copy":
      return copyForm(act, dialog);
    case undefined:
      return nothing;
  }
}

/** @type {CommandError | null} the refusal brought into sight last */
let seenError = null;

/** Opens and closes the element as the state says; closing gives the focus back. @param {State} state */
export function afterDialog(state) {
  const element = document.querySelector("dialog");
  if (!element) return;
  if (state.dialog && !element.open) {
    element.showModal();
    /** @type {HTMLElement | null} */ (element.querySelector("[data-focus]"))?.focus();
  } else if (!state.dialog && element.open) {
    element.close();
  }
  const error = state.dialog?.error ?? null;
  if (error && error !== seenError) {
    element.querySelector("[role=alert]")?.parentElement?.scrollIntoView({ block: "nearest" });
  }
  seenError = error;
}

/** @param {State} state @param {Commands} act @param {SourceDialog} form */
function sourceForm(state, act, form) {
  const isNew = form.id === null;
  const isDemo = form.url === "tidings:demo";
  const { probe } = state.connections;
  return html`<form
    novalidate
    @submit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      void act.saveSource();
    }}
  >
    <h2 id="dialog-title">${isNew ? t("dialog.add") : t("dialog.edit")}</h2>
    <div class="dlg-body">
      ${field({
        id: "url",
        label: t("field.url"),
        value: form.url,
        change: (url) => act.sourceForm({ url }),
        error: form.error,
        mono: true,
        type: "url",
        placeholder: "https://example.com/events",
        readonly: isDemo && !isNew,
        focus: form.focus === "url",
        paste: (event) => takeCommand(event, act.pasteSource),
        hint: isDemo ? "" : form.pasted ? t("curl.found") : isNew ? t("curl.hint") : "",
      })}
      ${leftOutNote(form.leftOut)}
      ${field({
        id: "name",
        label: t("field.name"),
        value: form.name,
        change: (name) => act.sourceForm({ name }),
        error: form.error,
        most: 80,
        placeholder: t("field.name.placeholder"),
        focus: form.focus === "name",
      })}
      ${isDemo ? nothing : credentials(act, form)} ${options(act, form, isDemo)}
      ${form.consentAsked ? consentBox(form.error, form.consent, (consent) => act.sourceForm({ consent })) : nothing}
      ${form.error && fieldOf(form.error) === null ? wrong(form.error, null) : nothing}
      ${probe && !probe.error ? html`<div class="tested">${checklist(probe, state.now)}</div>` : nothing}
    </div>
    <div class="dlg-foot">
      <button class="btn big test" type="button" ?disabled=${form.busy} @click=${() => (probe?.running ? act.stopTest() : act.testSource())}>
        ${icon(probe?.running ? "x" : "send")}${probe?.running ? t("action.stop_test") : t("action.test_connection")}
      </button>
      <span class="grow"></span>
      <button class="btn big" type="button" @click=${() => act.closeDialog()}>${t("action.cancel")}</button>
      <button class="btn primary big" type="submit" ?disabled=${form.busy}>
        ${isNew ? t("action.connect") : t("action.save")}
      </button>
    </div>
  </form>`;
}

/** @param {State} state @param {Commands} act @param {TestDialog} form */
function testForm(state, act, form) {
  const source = sourceOf(state, form.id);
  const { probe } = state.connections;
  const failed = probe?.steps.some(({ ok }) => !ok) ?? false;
  return html`<div class="dlg-column">
    <h2 id="dialog-title" class="anywhere">${t("dialog.test", { name: source?.name ?? "" })}</h2>
    <div class="dlg-body" tabindex="0" role="region" aria-labelledby="dialog-title">
      <p class="mono dim anywhere">${source?.url}</p>
      ${probe?.error ? html`<p class="wrong" role="alert">${icon("triangle-alert")}<span>${errorWords(probe.error)}</span></p>` : nothing}
      ${probe ? html`<div class="tested">${checklist(probe, state.now)}</div>` : nothing}
      ${hasPassed(probe) ? html`<p class="t12 dim">${t("check.passed")}</p>` : nothing}
    </div>
    <div class="dlg-foot">
      ${source && probe && !probe.running
        ? html`<button class="btn big" @click=${() => act.openTest(source)}>${icon("rotate-cw")}${t("action.test_again")}</button>`
        : nothing}
      ${source && failed ? html`<button class="btn big" @click=${() => act.editSource(source, "url")}>${icon("pencil")}${t("action.edit_source")}</button>` : nothing}
      <span class="grow"></span>
      <button class="btn big" data-focus @click=${() => act.closeDialog()}>${t("action.close")}</button>
    </div>
  </div>`;
}

/** @param {Commands} act @param {CopyDialog} form */
function copyForm(act, form) {
  return html`<div class="dlg-column">
    <h2 id="dialog-title">${t(`copy.${form.what}`)}</h2>
    <div class="dlg-body">
      <p class="t12 dim">${t(`copy.${form.what}.text`)}</p>
      <pre class="raw shown" tabindex="0" role="region" aria-labelledby="dialog-title">${form.text}</pre>
    </div>
    <div class="dlg-foot">
      <button class="btn big" @click=${() => act.closeDialog()}>${t("action.cancel")}</button>
      <button class="btn primary big" data-focus @click=${() => act.copy()}>${icon("copy")}${t("action.copy")}</button>
    </div>
  </div>`;
}

/** @param {State} state @param {Commands} act @param {RemoveDialog} form */
function removeForm(state, act, form) {
  const name = sourceOf(state, form.id)?.name ?? "";
  const choice = (/** @type {boolean} */ keep, /** @type {string} */ key) =>
    html`<label class="tick">
      <input type="radio" name="keep" ?data-focus=${keep} .checked=${live(form.keep === keep)} @change=${() => act.removeForm({ keep })} />
      <span>${t(key)}<span class="hint">${t(`${key}.hint`)}</span></span>
    </label>`;
  return html`<form
    novalidate
    @submit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      void act.removeSource();
    }}
  >
    <h2 id="dialog-title" class="anywhere">${t("dialog.remove", { name })}</h2>
    <div class="dlg-body">
      <fieldset class="field">
        <legend class="vh">${t("remove.history")}</legend>
        ${choice(true, "remove.keep")} ${choice(false, "remove.delete")}
      </fieldset>
      ${form.error ? html`<p class="wrong" role="alert">${icon("triangle-alert")}<span>${errorWords(form.error)}</span></p>` : nothing}
    </div>
    <div class="dlg-foot">
      <button class="btn big" type="button" @click=${() => act.closeDialog()}>${t("action.cancel")}</button>
      <button class="btn danger big" type="submit" ?disabled=${form.busy}>${t("action.remove_source")}</button>
    </div>
  </form>`;
}
