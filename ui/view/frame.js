// The window once there is a source: sidebar, list, detail; and what stands above them.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { afterChecklist } from "./checklist.js";
import { detail } from "./detail.js";
import { afterList, list, viewTitle } from "./list.js";
import { panelTitle, panelView } from "./panel.js";
import { sidebar } from "./sidebar.js";
import { afterDialog, sourceDialog } from "./source-dialog.js";

/** @import { Commands } from "../commands.js" */
/** @import { State } from "../store.js" */

/** @param {State} state @param {Commands} act @param {() => void} schedule */
export function frame(state, act, schedule) {
  const title = panelTitle(state);
  return html`<div class="app show-${state.pane} ${title === null ? "" : "paged"}">
      ${sidebar(state, act)}
      <main>
        <h1 class="vh">${title ?? viewTitle(state)}</h1>
        ${title === null ? [list(state, act, schedule), detail(state, act, schedule)] : panelView(state, act)}
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
  afterChecklist(state.connections.probe);
}
