// Small controls of the rule editor: a choice, a line of text with suggestions, a tick, a mistake.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { live } from "/vendor/lit-html/directives/live.js";
import { icon } from "../icons.js";

/** @typedef {{ value: string, words: string }} Choice */

/** @param {Event} event */
export const valueOf = (event) => /** @type {HTMLInputElement} */ (event.target).value;

/**
 * @param {object} one
 * @param {string} one.label
 * @param {string} one.value
 * @param {Choice[]} one.choices
 * @param {{ label: string, choices: Choice[] }[]} [one.groups] in the place of choices
 * @param {(value: string) => void} one.change
 * @param {string} [one.id]
 * @param {string} [one.kind] a class
 */
export function select({ label, value, choices, groups = [], change, id, kind = "" }) {
  const option = (/** @type {Choice} */ one) => html`<option value=${one.value} ?selected=${one.value === value}>${one.words}</option>`;
  return html`<span class="select ${kind}">
    <select
      id=${id ?? nothing}
      aria-label=${label}
      .value=${live(value)}
      @change=${(/** @type {Event} */ event) => change(valueOf(event))}
    >
      ${choices.map(option)} ${groups.map((group) => html`<optgroup label=${group.label}>${group.choices.map(option)}</optgroup>`)}
    </select>
    ${icon("chevron-down")}
  </span>`;
}

/**
 * @param {object} one
 * @param {string} one.id
 * @param {string} one.label
 * @param {string} one.value
 * @param {(value: string) => void} one.change
 * @param {string[]} [one.offered] what could be meant
 * @param {boolean} [one.wrong]
 * @param {string} [one.type]
 * @param {string} [one.placeholder]
 * @param {boolean} [one.mono]
 * @param {boolean} [one.lines] a line for each of several values
 * @param {number} [one.most] characters
 */
export function text({ id, label, value, change, offered = [], wrong = false, type = "text", placeholder, mono = false, lines = false, most }) {
  const described = wrong ? `${id}-wrong` : nothing;
  const input = (/** @type {Event} */ event) => change(valueOf(event));
  if (lines) {
    return html`<textarea
      id=${id} class="input r-lines ${mono ? "mono" : ""}" rows=${Math.min(6, Math.max(2, value.split("\n").length))}
      aria-label=${label} aria-invalid=${wrong ? "true" : "false"} aria-describedby=${described} spellcheck="false"
      .value=${live(value)} @input=${input}
    ></textarea>`;
  }
  return html`<input
      id=${id} class="input ${mono ? "mono" : ""} ${type === "number" ? "num" : ""}" type=${type === "number" ? "text" : type}
      inputmode=${type === "number" ? "numeric" : nothing} maxlength=${most ?? nothing} placeholder=${placeholder ?? nothing}
      aria-label=${label} aria-invalid=${wrong ? "true" : "false"} aria-describedby=${described}
      autocomplete="off" spellcheck="false" list=${offered.length > 0 ? `${id}-list` : nothing}
      .value=${live(type === "number" ? asTyped(id, value) : value)} @input=${input}
    />${offered.length > 0 ? html`<datalist id="${id}-list">${offered.map((one) => html`<option value=${one}></option>`)}</datalist>` : nothing}`;
}

/** A number as it stands in its field, where it is the same: `1.` may become `1.5`. @param {string} id @param {string} value */
function asTyped(id, value) {
  const typed = /** @type {HTMLInputElement | null} */ (document.getElementById(id))?.value ?? "";
  return typed.trim() !== "" && Number(typed) === Number(value) ? typed : value;
}

/** @param {string} words @param {boolean} checked @param {(checked: boolean) => void} change @param {string} id */
export function tick(words, checked, change, id) {
  return html`<label class="tick">
    <input id=${id} type="checkbox" .checked=${live(checked)} @change=${(/** @type {Event} */ event) => change(/** @type {HTMLInputElement} */ (event.target).checked)} />
    <span>${words}</span>
  </label>`;
}

/** What is wrong, under its field. @param {string | null} words @param {string} id of the field */
export function wrong(words, id) {
  return words === null ? nothing : html`<p class="wrong" id="${id}-wrong" role="alert">${icon("triangle-alert")}<span>${words}</span></p>`;
}
