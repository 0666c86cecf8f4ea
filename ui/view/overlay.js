// What lies over the window: the keys there are, and where a link leads before it is opened.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { dateInput } from "../format.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { focusPane } from "./key-actions.js";
import { deleteForm, importForm } from "./settings-dialogs.js";

/** @import { Commands } from "../commands.js" */
/** @import { State } from "../state.js" */

/** Keys by what they are for. @type {[string, [string, string][]][]} */
const SHEET = [
  ["keys.list", [
    ["J ↓", "keys.next"],
    ["K ↑", "keys.previous"],
    ["[ ]", "keys.unread"],
    ["PgDn PgUp", "keys.page"],
    ["Home End", "keys.ends"],
    ["Ctrl ↑", "keys.live_edge"],
    ["G T", "keys.to_time"],
    ["Enter", "keys.open"],
    ["Esc", "keys.back"],
  ]],
  ["keys.event", [
    ["U", "keys.toggle_read"],
    ["P", "keys.pin"],
    ["Del", "keys.delete"],
    ["F", "keys.only_source"],
    ["R", "inbox.make_rule"],
    ["M", "inbox.mute"],
    ["Shift F10", "keys.menu"],
  ]],
  ["keys.window", [
    ["/", "keys.search"],
    ["G I", "nav.inbox"],
    ["G A", "nav.all"],
    ["G Q", "nav.quieted"],
    ["G C", "nav.sources"],
    ["G R", "rules.title"],
    ["Alt ↑ ↓", "keys.move_rule"],
    ["G S", "settings.title"],
    ["G D", "diag.title"],
    ["1 – 9", "keys.source"],
    ["F6", "keys.pane"],
    ["Ctrl ,", "settings.title"],
    ["Ctrl + −", "keys.zoom"],
    ["Ctrl 0", "keys.zoom_reset"],
    ["?", "keys.sheet"],
  ]],
];

/** @param {State} state @param {Commands} act */
export function overlay(state, act) {
  const { overlay: shown } = state;
  return html`<dialog
    id="overlay"
    class="dlg ${shown?.kind === "keys" ? "wide" : ""}"
    aria-labelledby="overlay-title"
    @cancel=${(/** @type {Event} */ event) => {
      event.preventDefault();
      act.closeOverlay();
    }}
    @click=${(/** @type {Event} */ event) => {
      if (event.target === event.currentTarget) act.closeOverlay();
    }}
  >
    ${!shown
      ? nothing
      : shown.kind === "keys"
        ? sheet(state, act)
        : shown.kind === "link"
          ? link(act, shown.url, shown.host)
          : shown.kind === "time"
            ? time(act, shown)
          : shown.kind === "delete"
            ? deleteForm(state, act, shown)
            : importForm(act, shown)}
  </dialog>`;
}

/** The key that goes with others is another one there. */
const IS_MAC = globalThis.navigator?.platform.startsWith("Mac") ?? false;

/** @param {State} state @param {Commands} act */
function sheet({ preferences }, act) {
  const name = (/** @type {string} */ key) => (IS_MAC && key === "Ctrl" ? "⌘" : key);
  return html`<div class="dlg-in">
    <h2 id="overlay-title">${t("keys.title")}</h2>
    <div class="dlg-body keys" tabindex="0">
      ${preferences.single_keys_off ? html`<p class="t12 dim all">${t("keys.off")}</p>` : nothing}
      ${SHEET.map(
        ([title, keys]) => html`<section>
          <h3>${t(title)}</h3>
          <dl>
            ${keys.map(([key, what]) => html`<dt>${key.split(" ").map((one) => html`<kbd>${name(one)}</kbd> `)}</dt><dd>${t(what)}</dd>`)}
          </dl>
        </section>`,
      )}
    </div>
    <div class="dlg-foot"><button class="btn big" autofocus @click=${() => act.closeOverlay()}>${t("action.close")}</button></div>
  </div>`;
}

/** @param {Commands} act @param {{ at: number, wrong: boolean }} asked */
function time(act, { at, wrong }) {
  return html`<form
    class="dlg-in"
    novalidate
    @submit=${(/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const field = /** @type {HTMLInputElement} */ (document.getElementById("time"));
      // Of a minute that is named, its last event is looked for, too.
      void act.toTime(new Date(field.value).getTime() + 59_999);
      requestAnimationFrame(() => document.querySelector("#overlay[open]") ?? focusPane("list"));
    }}
  >
    <h2 id="overlay-title">${t("time.title")}</h2>
    <div class="dlg-body">
      <div class="field">
        <label for="time">${t("time.label")}</label>
        <input id="time" class="input num" type="datetime-local" autofocus value=${dateInput(at)} aria-invalid=${wrong ? "true" : "false"} aria-describedby=${wrong ? "time-wrong" : "time-hint"} />
        ${wrong
          ? html`<p class="wrong" id="time-wrong" role="alert">${icon("triangle-alert")}<span>${t("time.wrong", { example: dateInput(at) })}</span></p>`
          : html`<span class="hint" id="time-hint">${t("time.hint")}</span>`}
      </div>
    </div>
    <div class="dlg-foot">
      <button type="button" class="btn big" @click=${() => act.closeOverlay()}>${t("action.cancel")}</button>
      <button class="btn primary big">${t("time.go")}</button>
    </div>
  </form>`;
}

/** @param {Commands} act @param {string} url @param {string} host */
function link(act, url, host) {
  return html`<div class="dlg-in">
    <h2 id="overlay-title" class="anywhere">${t("link.title", { host })}</h2>
    <div class="dlg-body">
      <p>${t("link.text")}</p>
      <p class="mono anywhere link-url">${url}</p>
    </div>
    <div class="dlg-foot">
      <button class="btn big" @click=${() => act.closeOverlay()}>${t("action.cancel")}</button>
      <button class="btn primary big" autofocus @click=${() => act.follow()}>${t("action.open_link")}</button>
    </div>
  </div>`;
}

/** Opens and closes it, which no template can. @param {State} state */
export function afterOverlay(state) {
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("overlay"));
  if (!dialog) return;
  if (state.overlay && !dialog.open) {
    dialog.showModal();
    /** @type {HTMLElement | null} */ (dialog.querySelector("[autofocus]"))?.focus();
  } else if (!state.overlay && dialog.open) {
    dialog.close();
  }
}
