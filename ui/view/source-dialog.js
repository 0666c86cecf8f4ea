// The dialogs of a source: add, edit, remove. Values of headers go in and never come back.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { live } from "/vendor/lit-html/directives/live.js";
import { repeat } from "/vendor/lit-html/directives/repeat.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { sourceOf } from "../store.js";
import { errorWords } from "../words.js";

/** @import { Code, CommandError } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { RemoveDialog, SourceDialog, State } from "../store.js" */

/** The field each refusal belongs to; the others stand above the buttons. @type {Partial<Record<Code, "name" | "url" | "headers" | "consent">>} */
const FIELD_OF = {
  invalid_name: "name",
  duplicate_name: "name",
  invalid_url: "url",
  invalid_header: "headers",
  cleartext_secret: "consent",
};

/** @param {Event} event */
const valueOf = (event) => /** @type {HTMLInputElement} */ (event.target).value;

/** @param {State} state @param {Commands} act */
export function sourceDialog(state, act) {
  const { dialog } = state;
  return html`<dialog
    class="dlg"
    aria-labelledby="dialog-title"
    @cancel=${(/** @type {Event} */ event) => {
      event.preventDefault();
      act.closeDialog();
    }}
  >
    ${dialog?.kind === "source" ? sourceForm(act, dialog) : dialog?.kind === "remove" ? removeForm(state, act, dialog) : nothing}
  </dialog>`;
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

/** @param {CommandError | null} error @param {string | undefined} field */
function wrong(error, field) {
  if (!error || FIELD_OF[error.code] !== field) return nothing;
  const id = field ? `wrong-${field}` : "wrong";
  return html`<p class="wrong" id=${id} role="alert">${icon("triangle-alert")}<span>${errorWords(error)}</span></p>`;
}

/** @param {Commands} act @param {SourceDialog} form */
function sourceForm(act, form) {
  const isNew = form.id === null;
  const isDemo = form.url === "tidings:demo";
  const isWrong = (/** @type {string} */ field) =>
    form.error !== null && FIELD_OF[form.error.code] === field;
  return html`<form
    novalidate
    @submit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      void act.saveSource();
    }}
  >
    <h2 id="dialog-title">${isNew ? t("dialog.add") : t("dialog.edit")}</h2>
    <div class="dlg-body">
      <div class="field">
        <label for="source-url">${t("field.url")}</label>
        <input
          id="source-url"
          class="input mono"
          type="url"
          autocomplete="off"
          spellcheck="false"
          placeholder="https://example.com/events"
          ?readonly=${isDemo && !isNew}
          ?data-focus=${form.focus === "url"}
          aria-invalid=${isWrong("url") ? "true" : "false"}
          aria-describedby=${isWrong("url") ? "wrong-url" : nothing}
          .value=${live(form.url)}
          @input=${(/** @type {Event} */ event) => act.sourceForm({ url: valueOf(event) })}
        />
        ${wrong(form.error, "url")}
      </div>
      <div class="field">
        <label for="source-name">${t("field.name")}</label>
        <input
          id="source-name"
          class="input"
          autocomplete="off"
          maxlength="80"
          placeholder=${t("field.name.placeholder")}
          ?data-focus=${form.focus === "name"}
          aria-invalid=${isWrong("name") ? "true" : "false"}
          aria-describedby=${isWrong("name") ? "wrong-name" : nothing}
          .value=${live(form.name)}
          @input=${(/** @type {Event} */ event) => act.sourceForm({ name: valueOf(event) })}
        />
        ${wrong(form.error, "name")}
      </div>
      ${isDemo ? nothing : headersField(act, form)} ${typesField(act, form)}
      ${form.consentAsked
        ? html`<div class="consent">
            ${wrong(form.error, "consent")}
            <label class="tick">
              <input
                type="checkbox"
                .checked=${live(form.consent)}
                @change=${(/** @type {Event} */ event) =>
                  act.sourceForm({ consent: /** @type {HTMLInputElement} */ (event.target).checked })}
              />
              <span>${t("field.consent")}<span class="hint">${t("field.consent.hint")}</span></span>
            </label>
          </div>`
        : nothing}
      ${wrong(form.error, undefined)}
    </div>
    <div class="dlg-foot">
      <button class="btn big" type="button" @click=${() => act.closeDialog()}>${t("action.cancel")}</button>
      <button class="btn primary big" type="submit" ?disabled=${form.busy}>
        ${isNew ? t("action.connect") : t("action.save")}
      </button>
    </div>
  </form>`;
}

/** @param {Commands} act @param {SourceDialog} form */
function headersField(act, form) {
  return html`<fieldset class="field">
    <legend>${t("field.headers")}</legend>
    ${repeat(
      form.headers,
      ({ key }) => key,
      (header, index) => html`<div class="header-row">
        <input
          class="input mono"
          autocomplete="off"
          spellcheck="false"
          aria-label=${t("field.header_name")}
          placeholder="Authorization"
          ?data-focus=${form.focus === "headers" && index === 0}
          .value=${live(header.name)}
          @input=${(/** @type {Event} */ event) => act.editHeader(header.key, { name: valueOf(event), stored: false })}
        />
        <input
          class="input mono"
          type="password"
          autocomplete="off"
          aria-label=${t("field.header_value")}
          placeholder=${header.stored ? t("field.stored") : t("field.value")}
          .value=${live(header.value)}
          @input=${(/** @type {Event} */ event) => act.editHeader(header.key, { value: valueOf(event) })}
        />
        <button
          class="ib"
          type="button"
          aria-label=${t("action.remove_header")}
          title=${t("action.remove_header")}
          @click=${() => act.editHeader(header.key, null)}
        >${icon("x")}</button>
      </div>`,
    )}
    <button
      class="btn ghost"
      type="button"
      ?data-focus=${form.focus === "headers" && form.headers.length === 0}
      @click=${() => act.addHeader()}
    >${icon("plus")}${t("action.add_header")}</button>
    ${wrong(form.error, "headers")}
  </fieldset>`;
}

/** @param {Commands} act @param {SourceDialog} form */
function typesField(act, form) {
  return html`<fieldset class="field">
    <legend>${t("field.types")}</legend>
    <div class="choices">
      ${/** @type {const} */ (["all", "only", "not"]).map(
        (mode) => html`<label class="tick">
          <input
            type="radio"
            name="types"
            value=${mode}
            .checked=${live(form.mode === mode)}
            @change=${() => act.sourceForm({ mode })}
          />
          <span>${t(`field.types.${mode}`)}</span>
        </label>`,
      )}
    </div>
    ${form.mode === "all"
      ? nothing
      : html`<textarea
          class="input mono"
          rows="2"
          spellcheck="false"
          aria-label=${t("field.types.list")}
          placeholder=${t("field.types.list")}
          .value=${live(form.types)}
          @input=${(/** @type {Event} */ event) => act.sourceForm({ types: valueOf(event) })}
        ></textarea>`}
  </fieldset>`;
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
