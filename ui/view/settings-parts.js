// What the rows of the settings page are made of: a title, what it does now, and its control.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { live } from "/vendor/lit-html/directives/live.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { limit } from "../settings-state.js";
import { errorWords } from "../words.js";

/** @import { Commands } from "../commands.js" */
/** @import { Wrong } from "../settings-state.js" */
/** @import { State } from "../state.js" */

/** What was refused at a row. @param {State} state @param {string} row */
export function refused(state, row) {
  const wrong = state.settings.errors[row];
  return wrong ? html`<p class="wrong" role="alert" id="wrong-${row}">${icon("triangle-alert")}<span>${wrongWords(wrong)}</span></p>` : nothing;
}

/** @param {Wrong} wrong */
function wrongWords(wrong) {
  return "key" in wrong ? t(wrong.key) : errorWords(wrong);
}

/**
 * @param {State} state
 * @param {object} row
 * @param {string} row.id
 * @param {string} row.title
 * @param {unknown} row.effect what it does now, as a sentence
 * @param {unknown} [row.control]
 * @param {unknown} [row.below] what needs the whole width
 * @param {string} [row.field] the id of its control, where that is a field with a label
 */
export function setting(state, { id, title, effect, control = nothing, below = nothing, field }) {
  const name = field ? html`<label id="name-${id}" for=${field}>${title}</label>` : html`<span id="name-${id}">${title}</span>`;
  return html`<div class="opt">
    <div class="opt-what">
      <p class="m">${name}</p>
      <p class="t12 dim" id="effect-${id}">${effect}</p>
      ${refused(state, id)}
    </div>
    <div class="opt-do">${control}</div>
    ${below === nothing ? nothing : html`<div class="opt-below">${below}</div>`}
  </div>`;
}

/** A switch, named and described by its row. @param {string} id @param {boolean} on @param {(on: boolean) => void} change @param {boolean} [disabled] */
export function onOff(id, on, change, disabled = false) {
  return html`<button
    class="onoff"
    id="set-${id}"
    role="switch"
    aria-checked=${on ? "true" : "false"}
    aria-labelledby="name-${id}"
    aria-describedby="effect-${id}"
    ?disabled=${disabled}
    @click=${() => change(!on)}
  ><span class="sw ${on ? "on" : ""}"></span></button>`;
}

/**
 * @param {string} id
 * @param {string} value
 * @param {[string, string, string?][]} choices value, words, and their language where it is another
 * @param {(value: string) => void} change
 * @param {string} [label]
 */
export function choose(id, value, choices, change, label) {
  return html`<span class="select">
    <select
      id=${id}
      aria-label=${label ?? nothing}
      .value=${live(value)}
      @change=${(/** @type {Event} */ event) => change(/** @type {HTMLSelectElement} */ (event.target).value)}
    >
      ${choices.map(([one, words, lang]) => html`<option value=${one} lang=${lang ?? nothing} ?selected=${one === value}>${words}</option>`)}
    </select>
    ${icon("chevron-down")}
  </span>`;
}

/**
 * A number with its unit; empty means no limit.
 * @param {State} state
 * @param {Commands} act
 * @param {object} field
 * @param {string} field.row where a refusal is said
 * @param {string} [field.id] where a row has several
 * @param {number | undefined} field.value
 * @param {string} field.unit
 * @param {string} [field.label] where no label stands before it
 * @param {(value: number | null) => void} field.change
 */
export function number(state, act, { row, id = row, value, unit, label, change }) {
  const isWrong = state.settings.errors[row] !== undefined;
  return html`<span class="amount">
    <input
      class="input num"
      id="set-${id}"
      inputmode="numeric"
      autocomplete="off"
      aria-label=${label ?? nothing}
      aria-invalid=${isWrong ? "true" : nothing}
      aria-describedby=${label ? nothing : `effect-${row}`}
      placeholder=${t("keep.unlimited")}
      .value=${value === undefined ? "" : String(value)}
      @change=${(/** @type {Event} */ event) => {
        const input = /** @type {HTMLInputElement} */ (event.target);
        const wanted = limit(input.value);
        if (wanted === undefined) return act.mark(row, { key: "keep.no_number" });
        input.value = String(wanted ?? "");
        change(wanted);
      }}
    />
    <span class="unit">${unit}</span>
  </span>`;
}
