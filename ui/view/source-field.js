// The parts of a form about a source: a field with its hint and what is wrong with it, a choice,
// the consent, what a pasted command left out.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { live } from "/vendor/lit-html/directives/live.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { fieldOf, isCommand } from "../source-form.js";
import { errorWords } from "../words.js";

/** @import { CommandError } from "../wire.d.ts" */
/** @import { FieldName } from "../source-form.js" */

/** @param {Event} event */
export const valueOf = (event) => /** @type {HTMLInputElement} */ (event.target).value;

/** @param {CommandError | null} error @param {FieldName | null} field */
export function wrong(error, field) {
  if (!error || fieldOf(error) !== field) return nothing;
  const id = field ? `wrong-${field}` : "wrong";
  return html`<p class="wrong" id=${id} role="alert">${icon("triangle-alert")}<span>${errorWords(error)}</span></p>`;
}

/**
 * @typedef {object} Field
 * @property {FieldName} id its refusals stand below it
 * @property {string} [name] where one refusal concerns several fields: whose this is
 * @property {string} label
 * @property {string} value
 * @property {(value: string) => void} change
 * @property {CommandError | null} error
 * @property {string} [hint]
 * @property {string} [type]
 * @property {string} [placeholder]
 * @property {string} [unit] what stands behind the field
 * @property {number} [most] characters
 * @property {number} [rows] more than one line
 * @property {boolean} [mono]
 * @property {boolean} [readonly]
 * @property {boolean} [focus]
 * @property {(event: ClipboardEvent) => void} [paste]
 */

/** @param {Field} one */
export function field(one) {
  const { id, name = id, label, value, change, error, hint = "", unit = "", mono = false } = one;
  const input = `source-${name.replaceAll("_", "-")}`;
  const isWrong = error !== null && fieldOf(error) === id;
  const described = [isWrong ? `wrong-${id}` : "", hint ? `${input}-hint` : ""].filter(Boolean).join(" ");
  const onInput = (/** @type {Event} */ event) => change(valueOf(event));
  return html`<div class="field">
    <label for=${input}>${label}</label>
    ${one.rows
      ? html`<textarea
          id=${input}
          class="input ${mono ? "mono" : ""}"
          rows=${one.rows}
          spellcheck="false"
          aria-invalid=${isWrong ? "true" : "false"}
          aria-describedby=${described || nothing}
          .value=${live(value)}
          @input=${onInput}
        ></textarea>`
      : html`<span class="in">
          <input
            id=${input}
            class="input ${mono ? "mono" : ""}"
            type=${one.type ?? "text"}
            autocomplete="off"
            spellcheck="false"
            maxlength=${one.most ?? nothing}
            placeholder=${one.placeholder ?? nothing}
            inputmode=${unit ? "decimal" : nothing}
            ?readonly=${one.readonly ?? false}
            ?data-focus=${one.focus ?? false}
            aria-invalid=${isWrong ? "true" : "false"}
            aria-describedby=${described || nothing}
            .value=${live(value)}
            @input=${onInput}
            @paste=${one.paste ?? (() => {})}
          />
          ${unit ? html`<span class="unit">${unit}</span>` : nothing}
        </span>`}
    ${hint ? html`<p class="hint" id="${input}-hint">${hint}</p>` : nothing} ${name === id ? wrong(error, id) : nothing}
  </div>`;
}

/**
 * @template {string} T
 * @param {{ id: string, label: string, value: T, choices: { value: T, words: string }[], change: (value: T) => void, hint?: string }} one
 */
export function choice({ id, label, value, choices, change, hint = "" }) {
  return html`<div class="field">
    <label for="source-${id}">${label}</label>
    <span class="select">
      <select
        id="source-${id}"
        aria-describedby=${hint ? `source-${id}-hint` : nothing}
        .value=${live(value)}
        @change=${(/** @type {Event} */ event) => change(/** @type {T} */ (valueOf(event)))}
      >
        ${choices.map((one) => html`<option value=${one.value} ?selected=${one.value === value}>${one.words}</option>`)}
      </select>
      ${icon("chevron-down")}
    </span>
    ${hint ? html`<p class="hint" id="source-${id}-hint">${hint}</p>` : nothing}
  </div>`;
}

/** A pasted command is read as it was copied: a field of one line would join its lines. @param {ClipboardEvent} event @param {(text: string) => unknown} take */
export function takeCommand(event, take) {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!isCommand(text)) return;
  event.preventDefault();
  void take(text);
}

/** The question whether secrets may travel unencrypted. @param {CommandError | null} error @param {boolean} consent @param {(consent: boolean) => void} answer */
export function consentBox(error, consent, answer, isAsked = true) {
  return html`<div class=${isAsked ? "consent" : ""}>
    ${error?.code === "cleartext_secret" ? wrong(error, "consent") : nothing}
    <label class="tick">
      <input
        type="checkbox"
        .checked=${live(consent)}
        @change=${(/** @type {Event} */ event) => answer(/** @type {HTMLInputElement} */ (event.target).checked)}
      />
      <span>${t("field.consent")}<span class="hint">${t("field.consent.hint")}</span></span>
    </label>
  </div>`;
}

/** What of a pasted command was not taken over. @param {string[]} leftOut English sentences of the core */
export function leftOutNote(leftOut) {
  if (leftOut.length === 0) return nothing;
  return html`<div class="note amber">
    ${icon("triangle-alert")}<span>${t("curl.left_out")}<span class="hint" lang="en">${leftOut.join("; ")}</span></span>
  </div>`;
}
