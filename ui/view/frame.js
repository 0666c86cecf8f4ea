// The window once there is a source: sidebar, list, detail; and what stands above them.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { detail } from "./detail.js";
import { afterList, list, viewTitle } from "./list.js";
import { sidebar } from "./sidebar.js";
import { afterDialog, sourceDialog } from "./source-dialog.js";

/** @import { Commands } from "../commands.js" */
/** @import { State } from "../store.js" */

/** @param {State} state @param {Commands} act @param {() => void} schedule */
export function frame(state, act, schedule) {
  return html`<div class="app show-${state.pane}">
      ${sidebar(state, act)}
      <main>
        <h1 class="vh">${viewTitle(state)}</h1>
        ${list(state, act, schedule)} ${detail(state, act, schedule)}
      </main>
    </div>
    ${sourceDialog(state, act)}
    ${state.notice
      ? html`<div class="toast ${state.notice.bad ? "bad" : ""}" role="status">
          ${state.notice.bad ? icon("triangle-alert") : icon("circle-check")}
          <span>${state.notice.text}</span>
          <button class="ib" aria-label=${t("action.dismiss")} @click=${() => act.dismissNotice()}>${icon("x")}</button>
        </div>`
      : nothing}`;
}

/** What no template can set: sizes, scroll positions, open dialogs. @param {State} state @param {Commands} act @param {() => void} schedule */
export function afterFrame(state, act, schedule) {
  afterList(state, act, schedule);
  afterDialog(state);
}
