// Before the first snapshot: nothing for a moment, or why there is none.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { t } from "../i18n.js";
import { mark } from "../icons.js";
import { errorWords } from "../words.js";

/** @import { Commands } from "../commands.js" */
/** @import { State } from "../state.js" */

/** @param {State} state @param {Commands} act */
export function loading(state, act) {
  return html`<main class="first" aria-label="Tidings">
    ${state.failure
      ? html`<div class="col">
          ${mark("logo")}
          <h1>${t("failed.title")}</h1>
          <p class="lede">${errorWords(state.failure)}</p>
          <p class="alt">
            <button class="btn primary big" @click=${() => act.refresh()}>${t("action.try_again")}</button>
          </p>
        </div>`
      : nothing}
  </main>`;
}
