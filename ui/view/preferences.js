// The menu of the moon, and the language select of the first run.
import { html } from "/vendor/lit-html/lit-html.js";
import { live } from "/vendor/lit-html/directives/live.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";

/** @import { Language } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { State } from "../state.js" */

/** @param {State} state @param {Commands} act @param {string} id */
export function languageSelect(state, act, id) {
  return html`<span class="select">
    <select
      id=${id}
      aria-label=${t("settings.language")}
      .value=${live(state.preferences.language)}
      @change=${(/** @type {Event} */ event) =>
        act.prefer({ language: /** @type {Language} */ (/** @type {HTMLSelectElement} */ (event.target).value) })}
    >
      <option value="system">${t("settings.language.system")}</option>
      <option value="en" lang="en">English</option>
      <option value="ko" lang="ko">한국어</option>
    </select>
    ${icon("chevron-down")}
  </span>`;
}

/** How long notifications wait. @param {State} state @param {Commands} act */
export function quietMenu(state, act) {
  const { toasts_paused: paused } = state.preferences;
  const isQuiet = state.quiet.reason !== null;
  const choice = (/** @type {string} */ words, /** @type {() => void} */ run) =>
    html`<li><button class="menu-i" popovertarget="quiet-menu" popovertargetaction="hide" @click=${run}>${words}</button></li>`;
  const minutes = (/** @type {number} */ wanted) => () => act.snooze({ kind: "minutes", minutes: wanted });
  return html`<div id="quiet-menu" class="menu quiet" popover role="dialog" aria-label=${t("quiet.title")}>
    <h2 class="b t12 dim">${t("quiet.title")}</h2>
    <ul>
      ${choice(t("quiet.half_hour"), minutes(30))} ${choice(t("quiet.hour"), minutes(60))}
      ${choice(t("quiet.tomorrow"), () => act.snooze({ kind: "tomorrow" }))}
      ${isQuiet || paused
        ? choice(t("action.resume"), () => act.remedy({ what: "resume" }))
        : choice(t("nav.pause"), () => act.prefer({ toasts_paused: true }))}
      ${choice(t("quiet.more"), () => act.showSettings("quiet"))}
    </ul>
  </div>`;
}
