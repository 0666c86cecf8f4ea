// What is asked before something ends for good, or comes in from a file.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { live } from "/vendor/lit-html/directives/live.js";
import { language, t } from "../i18n.js";
import { icon } from "../icons.js";
import { errorWords } from "../words.js";

/** @import { ImportedSource } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { DeleteOverlay, ImportOverlay, State } from "../state.js" */

/** @param {State} state @param {Commands} act @param {DeleteOverlay} form */
export function deleteForm(state, act, form) {
  const { counts, sources } = state;
  const { ask, goes, stays, go } = {
    all: {
      ask: t("delete.ask"),
      stays: t("delete.stays"),
      go: t("delete.go"),
      goes: [
        t("delete.sources", { count: sources.length }),
        form.rules === null ? null : t("delete.rules", { count: form.rules }),
        t("delete.events", { count: counts.stored }),
        t("delete.preferences"),
        t("delete.copies"),
      ],
    },
    history: {
      ask: t("history.clear.ask"),
      stays: t("history.clear.stays"),
      go: t("history.clear.go"),
      goes: [t("delete.events", { count: counts.stored }), counts.pinned > 0 ? t("delete.pinned", { count: counts.pinned }) : null],
    },
    keychain: {
      ask: t("keychain.ask"),
      stays: t("keychain.stays"),
      go: t("keychain.go"),
      goes: [t("keychain.values")],
    },
  }[form.what];
  return html`<form
    class="dlg-in"
    novalidate
    @submit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      void act.deleteNow();
    }}
  >
    <h2 id="overlay-title">${ask}</h2>
    <div class="dlg-body">
      <p>${t("delete.goes")}</p>
      <ul class="goes num">${goes.map((line) => (line === null ? nothing : html`<li>${line}</li>`))}</ul>
      <p class="t12 dim">${stays}</p>
      <label class="tick">
        <input id="delete-sure" type="checkbox" autofocus .checked=${live(form.sure)} @change=${(/** @type {Event} */ event) => act.sureToDelete(/** @type {HTMLInputElement} */ (event.target).checked)} />
        <span>${t("delete.sure")}</span>
      </label>
      ${form.error ? html`<p class="wrong" role="alert">${icon("triangle-alert")}<span>${errorWords(form.error)}</span></p>` : nothing}
    </div>
    <div class="dlg-foot">
      <button class="btn big" type="button" @click=${() => act.closeOverlay()}>${t("action.cancel")}</button>
      <button class="btn danger big" id="delete-go" type="submit" ?disabled=${!form.sure || form.busy}>
        ${go}
      </button>
    </div>
  </form>`;
}

/** @param {Commands} act @param {ImportOverlay} form */
export function importForm(act, form) {
  const { sources, rules, preferences, secrets_dropped: dropped } = form.plan;
  const brings = rules > 0 || preferences || sources.some((one) => !one.already_there && one.refused === null);
  return html`<div class="dlg-in">
    <h2 id="overlay-title">${t("import.ask")}</h2>
    <div class="dlg-body" tabindex="0" role="region" aria-labelledby="overlay-title">
      <p>${t(brings ? "import.disabled" : "import.nothing")}</p>
      ${sources.length === 0 ? nothing : html`<ul class="incoming">${sources.map(incoming)}</ul>`}
      <ul class="goes num">
        ${rules > 0 ? html`<li>${t("import.rules", { count: rules })}</li>` : nothing}
        ${preferences ? html`<li>${t("import.preferences")}</li>` : nothing}
        ${dropped > 0 ? html`<li>${t("import.dropped", { count: dropped })}</li>` : nothing}
      </ul>
      ${form.error ? html`<p class="wrong" role="alert">${icon("triangle-alert")}<span>${errorWords(form.error)}</span></p>` : nothing}
    </div>
    <div class="dlg-foot">
      <button class="btn big" autofocus @click=${() => act.closeOverlay()}>${t("action.cancel")}</button>
      <button class="btn primary big" id="import-go" ?disabled=${!brings || form.busy} @click=${() => act.applyImport()}>${t("import.go")}</button>
    </div>
  </div>`;
}

/** The core's own words for what is wrong are English. @param {ImportedSource} source */
function incoming({ name, url, reach, already_there: isThere, renamed_to: renamed, refused }) {
  const what = refused !== null ? "import.refused" : isThere ? "import.there" : renamed ? "import.renamed" : "import.new";
  return html`<li>
    <p class="b anywhere">${name}</p>
    ${url === "" ? nothing : html`<p class="mono dim anywhere">${url}</p>`}
    <p class="t12 ${refused !== null ? "amber" : "dim"} anywhere">
      ${t(what, { name: renamed ?? "" })}${refused !== null && language() === "en" ? `: ${refused}` : nothing}${refused === null && !isThere ? html` · ${t(`reach.${reach}`)}` : nothing}
    </p>
  </li>`;
}
