// The small settings menu, and the language select it shares with the first run.
import { html } from "/vendor/lit-html/lit-html.js";
import { live } from "/vendor/lit-html/directives/live.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";

/** @import { Language, Theme } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { State } from "../store.js" */

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
  const isSnoozed = state.quiet.reason === "snoozed";
  const choice = (/** @type {string} */ words, /** @type {() => void} */ run) =>
    html`<li><button class="menu-i" popovertarget="quiet-menu" popovertargetaction="hide" @click=${run}>${words}</button></li>`;
  const minutes = (/** @type {number} */ wanted) => () => act.snooze({ kind: "minutes", minutes: wanted });
  return html`<div id="quiet-menu" class="menu quiet" popover role="dialog" aria-label=${t("quiet.title")}>
    <h2 class="b t12 dim">${t("quiet.title")}</h2>
    <ul>
      ${choice(t("quiet.half_hour"), minutes(30))} ${choice(t("quiet.hour"), minutes(60))}
      ${choice(t("quiet.tomorrow"), () => act.snooze({ kind: "tomorrow" }))}
      ${isSnoozed || paused
        ? choice(t("action.resume"), () => act.remedy({ what: "resume" }))
        : choice(t("nav.pause"), () => act.prefer({ toasts_paused: true }))}
    </ul>
  </div>`;
}

/** @param {State} state @param {Commands} act */
export function settingsMenu(state, act) {
  return html`<div id="settings-menu" class="menu" popover role="dialog" aria-label=${t("settings.title")}
    @toggle=${(/** @type {Event} */ event) => {
      const menu = /** @type {HTMLElement} */ (event.target);
      const box = menu.querySelector("#menu-autostart");
      if (menu.matches(":popover-open") && box) void act.autostart(/** @type {HTMLInputElement} */ (box));
    }}>
    <div class="set">
      <label for="menu-theme">${t("settings.theme")}</label>
      <span class="select">
        <select
          id="menu-theme"
          .value=${live(state.preferences.theme)}
          @change=${(/** @type {Event} */ event) =>
            act.prefer({ theme: /** @type {Theme} */ (/** @type {HTMLSelectElement} */ (event.target).value) })}
        >
          <option value="system">${t("settings.theme.system")}</option>
          <option value="light">${t("settings.theme.light")}</option>
          <option value="dark">${t("settings.theme.dark")}</option>
        </select>
        ${icon("chevron-down")}
      </span>
    </div>
    <div class="set">
      <label for="menu-language">${t("settings.language")}</label>
      ${languageSelect(state, act, "menu-language")}
    </div>
    <div class="set">
      <label for="menu-density">${t("settings.density")}</label>
      <span class="select">
        <select
          id="menu-density"
          .value=${live(state.preferences.compact ? "compact" : "comfortable")}
          @change=${(/** @type {Event} */ event) =>
            act.prefer({ compact: /** @type {HTMLSelectElement} */ (event.target).value === "compact" })}
        >
          <option value="comfortable">${t("settings.density.comfortable")}</option>
          <option value="compact">${t("settings.density.compact")}</option>
        </select>
        ${icon("chevron-down")}
      </span>
    </div>
    <label class="set tick">
      <span class="grow">${t("settings.single_keys")}</span>
      <input
        type="checkbox"
        .checked=${live(!state.preferences.single_keys_off)}
        @change=${(/** @type {Event} */ event) =>
          act.prefer({ single_keys_off: !(/** @type {HTMLInputElement} */ (event.target).checked) })}
      />
    </label>
    <div class="set">
      <span>${t("keys.title")}</span>
      <button
        class="btn"
        @click=${() => {
          document.getElementById("settings-menu")?.hidePopover();
          act.keySheet();
        }}
      >${t("action.show")}</button>
    </div>
    <div class="set">
      <label for="menu-autostart">${t("settings.autostart")}</label>
      <input
        id="menu-autostart"
        type="checkbox"
        @change=${(/** @type {Event} */ event) => {
          const box = /** @type {HTMLInputElement} */ (event.target);
          void act.autostart(box, box.checked);
        }}
      />
    </div>
    <div class="set">
      <span>${t("settings.toasts")}</span>
      <button class="btn" id="menu-test-toast" @click=${() => act.testToast()}>${t("action.test_toast")}</button>
    </div>
    <p class="t11 dim3 num">${t("settings.version", { version: state.version })}</p>
  </div>`;
}
