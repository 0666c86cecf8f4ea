// The window once there is a source: sidebar, list, detail; and what stands above them.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { detail } from "./detail.js";
import { enterPage, focusedPane, focusPage, focusPane } from "./key-actions.js";
import { later } from "./later.js";
import { list, viewTitle } from "./list.js";
import { panelTitle } from "./panel.js";
import { afterRowMenu } from "./row-menu.js";
import { afterRows } from "./rows.js";
import { afterSeparators, separator } from "./separators.js";
import { sidebar } from "./sidebar.js";

/** @import { Commands } from "../commands.js" */
/** @import { Pane, State } from "../state.js" */

/** @param {State} state @param {Commands} act @param {() => void} schedule */
export function frame(state, act, schedule) {
  const title = panelTitle(state);
  const pages = later();
  return html`<div class="app show-${state.pane} ${title === null ? "" : "paged"}">
      ${sidebar(state, act)}
      <main>
        ${separator(state, act, schedule, "side")}
        <h1 class="vh">${title ?? viewTitle(state)}</h1>
        ${title === null
          ? [list(state, act, schedule), separator(state, act, schedule, "list"), detail(state, act, schedule)]
          : pages?.panelView(state, act)}
      </main>
    </div>
    ${pages?.sourceDialog(state, act)} ${pages?.overlay(state, act)} ${pages?.rulesAsk(state, act)}
    ${state.notice
      ? html`<div class="toast ${state.notice.bad ? "bad" : ""}" role="status">
          ${state.notice.bad ? icon("triangle-alert") : icon("circle-check")}
          <span>${state.notice.text}</span>
          ${state.notice.undo ? html`<button class="btn ghost" @click=${() => act.undo()}>${t("action.undo")}</button>` : nothing}
          <button class="ib" aria-label=${t("action.dismiss")} @click=${() => act.dismissNotice()}>${icon("x")}</button>
        </div>`
      : nothing}`;
}

/** @type {Pane | null} which pane holds the focus, or held it when its element went */
let held = null;
/** Whether it was a page that held it. */
let wasInPage = false;
document.addEventListener("focusin", () => {
  held = focusedPane();
  wasInPage = document.activeElement?.closest(".panel") !== null;
});

/** What no template can set: sizes, scroll positions, open dialogs, a focus that lost its element. @param {State} state @param {Commands} act @param {() => void} schedule */
export function afterFrame(state, act, schedule) {
  afterSeparators(state);
  afterRows(act, schedule);
  afterRowMenu();
  enterPage(state);
  const pages = later();
  pages?.afterDialog(state);
  pages?.afterChecklist(state.connections.probe);
  pages?.afterOverlay(state);
  pages?.afterRules(state, act);
  const focused = document.activeElement;
  // Whoever came to a list before its rows did belongs to the rows.
  if (focused?.classList.contains("list")) focusPane("list");
  const isLost = (!focused || focused === document.body) && document.hasFocus();
  if (!isLost || (held && focusPane(held))) return;
  if (wasInPage && state.connections.panel && focusPage()) return;
  if (held) focusPane("list");
}
