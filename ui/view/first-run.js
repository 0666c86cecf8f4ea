// The first screen: one field, one button, and then what becomes of the connection, in words.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { live } from "/vendor/lit-html/directives/live.js";
import { remedyFor } from "../banners.js";
import { count, secondsLeft } from "../format.js";
import { t } from "../i18n.js";
import { icon, mark } from "../icons.js";
import { sourceOf } from "../store.js";
import { causeWords, errorWords, fixWords } from "../words.js";
import { languageSelect } from "./preferences.js";
import { sourceDialog } from "./source-dialog.js";

/** @import { SourceView } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { State } from "../store.js" */

/** @param {State} state @param {Commands} act */
export function firstRun(state, act) {
  const first = state.firstRun;
  if (!first) return nothing;
  const source = first.source ? sourceOf(state, first.source) : undefined;
  const isLive = source?.state.state === "live";
  return html`<main class="first">
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
            void act.connect();
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
              aria-describedby=${first.error ? "first-error" : nothing}
              aria-invalid=${first.error ? "true" : "false"}
              .value=${live(first.url)}
              @input=${(/** @type {InputEvent} */ event) =>
                act.firstRunUrl(/** @type {HTMLInputElement} */ (event.target).value)}
            />
            <button class="btn primary big" type="submit" ?disabled=${first.busy || isLive}>
              ${t("action.connect")}
            </button>
          </div>
          ${first.error
            ? html`<p class="wrong" id="first-error" role="alert">${icon("triangle-alert")}<span>${errorWords(first.error)}</span></p>`
            : nothing}
        </form>
        ${source ? progress(state, act, source) : nothing}
        <p class="alt">
          <span>${t("first.nothing_at_hand")}</span>
          <button class="link" ?disabled=${first.busy} @click=${() => act.demo()}>${t("action.demo")}</button>
        </p>
      </div>
    </main>
    ${sourceDialog(state, act)}`;
}

/** @param {State} state @param {Commands} act @param {SourceView} source */
function progress(state, act, source) {
  const { state: at } = source;
  const fix =
    at.state === "stopped" && remedyFor(at.cause.code) === "headers"
      ? html`<button class="btn" @click=${() => act.editSource(source, "headers")}>${t("action.change_headers")}</button>`
      : at.state === "stopped" || at.state === "waiting"
        ? html`<button class="btn" @click=${() => act.retry(source.id)}>${icon("rotate-cw")}${t("action.retry_now")}</button>`
        : nothing;
  return html`<section class="check" aria-label=${t("first.connection")}>
    <div role="status"><ol>${steps(source, state.now)}</ol></div>
    <div class="check-foot">
      ${fix}
      <span class="grow"></span>
      <button class="btn" @click=${() => act.enter()}>${t("action.continue")}</button>
    </div>
  </section>`;
}

/** @param {SourceView} source @param {number} now */
function steps(source, now) {
  const { state } = source;
  const host = html`<span class="sub mono cut">${source.url}</span>`;
  switch (state.state) {
    case "paused":
    case "connecting":
      return html`<li class="now">${icon("loader-circle")}<b class="m">${t("state.connecting")}</b>${host}</li>`;
    case "live":
      return html`<li class="done">${icon("circle-check")}<b class="m">${t("first.connected")}</b>${host}</li>
        <li class="now">${icon("radio")}<span>${source.last_event_at === null ? t("state.first_event") : t("first.receiving")}</span></li>`;
    case "waiting": {
      const left = secondsLeft(state.until, now);
      return html`<li class="warn">${icon("triangle-alert")}<b class="m">${causeWords(state.cause)}</b>
        <span class="sub">${fixWords(state.cause)}</span>
        <span class="sub num" aria-live="off">${left > 0 ? t("state.next_try", { seconds: count(left) }) : t("state.trying")}</span></li>`;
    }
    case "stopped":
      return html`<li class="bad">${icon("triangle-alert")}<b class="m">${causeWords(state.cause)}</b>
        <span class="sub">${fixWords(state.cause)}</span></li>`;
  }
}
