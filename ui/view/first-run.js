// The first screen: one field, one button, then every step of the connection, and a notification
// to see that it reaches the person.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { live } from "/vendor/lit-html/directives/live.js";
import { remedyFor } from "../banners.js";
import { hasPassed, isStream } from "../connections.js";
import { t } from "../i18n.js";
import { icon, mark } from "../icons.js";
import { errorWords } from "../words.js";
import { checklist } from "./checklist.js";
import { languageSelect } from "./preferences.js";
import { sourceDialog } from "./source-dialog.js";
import { consentBox, leftOutNote, takeCommand } from "./source-field.js";

/** @import { Commands } from "../commands.js" */
/** @import { Probe } from "../connections.js" */
/** @import { FirstRun, State } from "../state.js" */

/** @param {State} state @param {Commands} act */
export function firstRun(state, act) {
  const first = state.firstRun;
  if (!first) return nothing;
  const { probe } = state.connections;
  const isWrong = first.error !== null && first.error.code !== "cleartext_secret";
  const shown = state.dialog ? null : probe;
  return html`<main class="first ${shown ? "shows-check" : ""}">
      <div class="corner">${languageSelect(state, act, "first-language")}</div>
      <div class="col">
        ${mark("logo")}
        <h1>${t("first.title")}</h1>
        <p class="lede">${t("first.lede")}</p>
        <form
          class="field"
          novalidate
          @submit=${(/** @type {Event} */ event) => {
            event.preventDefault();
            if (first.busy) act.cancelConnect();
            else void act.connect();
          }}
        >
          <label for="first-url">${t("field.url")}</label>
          <div class="in">
            <input
              id="first-url"
              class="input mono"
              type="url"
              inputmode="url"
              autocomplete="off"
              spellcheck="false"
              placeholder="https://example.com/events"
              aria-describedby=${isWrong ? "first-error first-hint" : "first-hint"}
              aria-invalid=${isWrong ? "true" : "false"}
              .value=${live(first.url)}
              @input=${(/** @type {InputEvent} */ event) =>
                act.firstRunForm({ url: /** @type {HTMLInputElement} */ (event.target).value })}
              @paste=${(/** @type {ClipboardEvent} */ event) => takeCommand(event, act.firstRunPaste)}
            />
            <button class="btn ${first.busy ? "" : "primary"} big" type="submit" ?disabled=${!first.busy && hasPassed(probe)}>
              ${first.busy ? t("action.cancel") : t("action.connect")}
            </button>
          </div>
          ${isWrong && first.error
            ? html`<p class="wrong" id="first-error" role="alert">${icon("triangle-alert")}<span>${errorWords(first.error)}</span></p>`
            : nothing}
          ${first.pasted
            ? html`<p class="note" id="first-hint">${icon("lock")}<span>${t("curl.found")}</span></p>`
            : html`<p class="note" id="first-hint"><span>${t("curl.hint")}</span></p>`}
          ${leftOutNote(first.leftOut)}
          ${first.consentAsked ? consentBox(first.error, first.consent, (consent) => act.firstRunForm({ consent })) : nothing}
        </form>
        ${shown && !shown.error ? progress(state, act, first, shown) : nothing}
        <p class="alt">
          <span>${t("first.nothing_at_hand")}</span>
          <button class="link" ?disabled=${first.busy} @click=${() => act.demo()}>${t("action.demo")}</button>
        </p>
      </div>
    </main>
    ${sourceDialog(state, act)}`;
}

/** @param {State} state @param {Commands} act @param {FirstRun} first @param {Probe} probe */
function progress(state, act, first, probe) {
  const failed = probe.steps.find(({ ok }) => !ok);
  const passed = hasPassed(probe);
  return html`<section class="check" aria-label=${t("first.connection")}>
    ${checklist(probe, state.now)} ${passed ? toastTest(act, first) : nothing}
    <div class="check-foot">
      ${failed && remedyFor(failed.cause ?? "internal") === "headers"
        ? html`<button class="btn" @click=${() => act.editSource(null, "headers")}>${icon("key-round")}${t("action.add_credentials")}</button>`
        : nothing}
      ${failed ? html`<button class="btn" @click=${() => act.connect()}>${icon("rotate-cw")}${t("action.try_again")}</button>` : nothing}
      <span class="grow"></span>
      ${failed ? html`<button class="btn" @click=${() => act.connectAnyway()}>${t("action.add_anyway")}</button>` : nothing}
      ${!failed && isStream(probe)
        ? html`<button class="btn primary go" @click=${() => act.connectAnyway()} ?disabled=${passed && first.busy}>${t("action.continue")}</button>`
        : nothing}
    </div>
  </section>`;
}

/** @param {Commands} act @param {FirstRun} first */
function toastTest(act, first) {
  const send = html`<button class="btn" ?disabled=${first.toast === "sending"} @click=${() => act.firstToast()}>
    ${icon("bell")}${first.toast === "none" || first.toast === "sending" ? t("first.toast") : t("first.toast_again")}
  </button>`;
  return html`<div class="toast-test" role="status">
    ${first.toast === "none" || first.toast === "sending" ? html`<p>${t("first.toast_why")}</p>${send}` : nothing}
    ${first.toast === "sent"
      ? html`<p>${t("first.toast_asked")}</p>
          <span class="pair">
            <button class="btn" @click=${() => act.toastSeen("seen")}>${t("first.toast_yes")}</button>
            <button class="btn" @click=${() => act.toastSeen("unseen")}>${t("first.toast_no")}</button>
          </span>`
      : nothing}
    ${first.toast === "seen" ? html`<p class="ok">${icon("circle-check")}<span>${t("first.toast_seen")}</span></p>` : nothing}
    ${first.toast === "unseen"
      ? html`<div>
            ${first.toastError ? html`<p class="wrong">${icon("triangle-alert")}<span>${errorWords(first.toastError)}</span></p>` : nothing}
            <p>${t(`oshelp.${system()}`)}</p>
          </div>
          ${send}`
      : nothing}
  </div>`;
}

/** Whose settings to name. @returns {"mac" | "windows" | "linux"} */
function system() {
  const { userAgent } = navigator;
  return /Mac OS/.test(userAgent) ? "mac" : /Windows/.test(userAgent) ? "windows" : "linux";
}
