// The settings on one page: six headings; each row saves itself and says what it does now.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { SECTIONS } from "../settings-state.js";
import { advanced } from "./settings-advanced.js";
import { banner } from "./banner.js";
import { historySettings } from "./settings-history.js";
import { choose, onOff, setting } from "./settings-parts.js";
import { quietSettings } from "./settings-quiet.js";

/** @import { Language, Theme } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { State } from "../state.js" */

/** @param {State} state @param {Commands} act */
export function settingsPage(state, act) {
  const bodies = { general, notifications, quiet: quietSettings, history: historySettings, looks, advanced };
  const { saving, saved, section: here } = state.settings;
  return html`<div class="panel">
    <div class="bar flow">
      <button class="ib back" aria-label=${t("action.back_to_sources")} @click=${() => act.pane("side")}>${icon("chevron-left")}</button>
      <h2 class="b grow" id="panel-title">${t("settings.title")}</h2>
      ${saving > 0
        ? html`<span class="t12 dim">${t("settings.saving")}</span>`
        : saved
          ? html`<span class="saved t12 dim">${icon("check-check")}${t("settings.saved")}</span>`
          : nothing}
    </div>
    ${banner(state, act)}
    <div class="panel-body settings" data-pane tabindex="0" role="region" aria-labelledby="panel-title" @scroll=${(/** @type {Event} */ event) => follow(event, act)}>
      <nav class="headings" aria-label=${t("settings.headings")}>
        ${SECTIONS.map(
          (name) => html`<button class="nav-i" aria-current=${name === here ? "true" : nothing} @click=${() => jump(name, act)}>
            <span class="name">${t(`settings.h.${name}`)}</span>
          </button>`,
        )}
      </nav>
      <div class="column">
        ${SECTIONS.map(
          (name) => html`<section aria-labelledby="set-${name}">
            <h3 class="set-h" id="set-${name}" tabindex="-1">${t(`settings.h.${name}`)}</h3>
            ${bodies[name](state, act)}
          </section>`,
        )}
      </div>
    </div>
  </div>`;
}

/** @param {string} section @param {Commands} act */
function jump(section, act) {
  const heading = document.getElementById(`set-${section}`);
  heading?.scrollIntoView();
  heading?.focus({ preventScroll: true });
  // The last ones cannot come to the top.
  requestAnimationFrame(() => requestAnimationFrame(() => act.inSection(section)));
}

/** The heading in sight is the one the reader is at. @param {Event} event @param {Commands} act */
function follow(event, act) {
  const body = /** @type {HTMLElement} */ (event.currentTarget);
  const top = body.getBoundingClientRect().top + 80;
  const passed = SECTIONS.filter((name) => (document.getElementById(`set-${name}`)?.getBoundingClientRect().top ?? Infinity) < top);
  const isEnd = body.scrollTop + body.clientHeight >= body.scrollHeight - 2 && body.scrollTop > 0;
  const here = isEnd ? SECTIONS[SECTIONS.length - 1] : passed[passed.length - 1];
  if (here) act.inSection(here);
}

/** @param {State} state @param {Commands} act */
function general(state, act) {
  const { autostart } = state.settings;
  const single = !state.preferences.single_keys_off;
  return [
    setting(state, {
      id: "autostart",
      title: t("settings.autostart"),
      effect: t(autostart ? "settings.autostart.on" : "settings.autostart.off"),
      control: onOff("autostart", autostart === true, (on) => void act.setAutostart(on), autostart === null),
    }),
    setting(state, {
      id: "keys",
      title: t("settings.single_keys"),
      effect: t(single ? "settings.single_keys.on" : "settings.single_keys.off"),
      control: onOff("keys", single, (on) => void act.set("keys", { single_keys_off: !on })),
    }),
    setting(state, {
      id: "sheet",
      title: t("keys.title"),
      effect: t("settings.sheet"),
      control: html`<button class="btn" aria-describedby="name-sheet" @click=${() => act.keySheet()}>${t("action.show")}</button>`,
    }),
  ];
}

/** @param {State} state @param {Commands} act */
function notifications(state, act) {
  const { toasts_paused: paused } = state.preferences;
  const { answer } = state.settings;
  const gone = state.troubles.some(({ kind }) => kind === "toasts_unavailable");
  const said = answer ? [answer.server, answer.version].filter(Boolean).join(" ") : null;
  return [
    setting(state, {
      id: "pause",
      title: t("nav.pause"),
      effect: t(paused ? "settings.pause.on" : "settings.pause.off"),
      control: onOff("pause", paused, (on) => void act.set("pause", { toasts_paused: on })),
    }),
    setting(state, {
      id: "test",
      title: t("settings.test"),
      effect: said ? t("settings.test.answer", { server: said }) : t(gone ? "settings.test.gone" : "settings.test.text"),
      control: html`<button class="btn" id="set-test" aria-describedby="effect-test" @click=${() => act.tryToast()}>${icon("send")}${t("action.test_toast")}</button>`,
    }),
    setting(state, {
      id: "each",
      title: t("settings.each"),
      effect: t("settings.each.text"),
      control: html`<button class="btn" @click=${() => act.showSources()}>${t("nav.sources")}</button>`,
    }),
  ];
}

/** @param {State} state @param {Commands} act */
function looks(state, act) {
  const { language, theme, compact } = state.preferences;
  return [
    setting(state, {
      id: "language",
      title: t("settings.language"),
      effect: t("settings.language.text"),
      field: "set-language",
      control: choose(
        "set-language",
        language,
        [["system", t("settings.language.system")], ["en", "English", "en"], ["ko", "한국어", "ko"]],
        (value) => void act.set("language", { language: /** @type {Language} */ (value) }),
      ),
    }),
    setting(state, {
      id: "theme",
      title: t("settings.theme"),
      effect: t(`settings.theme.${theme}.text`),
      field: "set-theme",
      control: choose(
        "set-theme",
        theme,
        [["system", t("settings.theme.system")], ["light", t("settings.theme.light")], ["dark", t("settings.theme.dark")]],
        (value) => void act.set("theme", { theme: /** @type {Theme} */ (value) }),
      ),
    }),
    setting(state, {
      id: "density",
      title: t("settings.density"),
      effect: t(compact ? "settings.density.compact.text" : "settings.density.comfortable.text"),
      field: "set-density",
      control: choose(
        "set-density",
        compact ? "compact" : "comfortable",
        [["comfortable", t("settings.density.comfortable")], ["compact", t("settings.density.compact")]],
        (value) => void act.set("density", { compact: value === "compact" }),
      ),
    }),
  ];
}
