// The settings few people need: carrying all of them elsewhere, where secrets are kept, the end.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { setting } from "./settings-parts.js";

/** @import { Commands } from "../commands.js" */
/** @import { State } from "../state.js" */

/** @param {State} state @param {Commands} act */
export function advanced(state, act) {
  const { exported, imported } = state.settings;
  const added = imported?.sources.filter((one) => !one.already_there && one.refused === null).length ?? 0;
  return [
    setting(state, {
      id: "transfer",
      title: t("transfer.title"),
      effect: html`<span class="anywhere">${exported ? t("transfer.done", { path: exported.path }) : t("transfer.text")}</span>`,
      below: html`<div class="pair">
        <button class="btn" id="set-export" @click=${() => act.exportSettings(false)}>${icon("download")}${t("export.downloads")}</button>
        <button class="btn" @click=${() => act.exportSettings(true)}>${t("export.as")}</button>
      </div>`,
    }),
    setting(state, {
      id: "import",
      title: t("import.title"),
      effect: imported ? t("import.done", { count: added }) : t("import.text"),
      control: filePicker(act),
    }),
    secrets(state, act),
    setting(state, {
      id: "delete",
      title: t("delete.title"),
      effect: t("delete.text"),
      control: html`<button class="btn danger" id="set-delete" @click=${() => act.askDelete("all")}>${icon("trash-2")}${t("delete.do")}</button>`,
    }),
  ];
}

/** The system's own dialog comes with the field; the label is its button. @param {Commands} act */
function filePicker(act) {
  return html`<span class="picker">
    <input
      class="vh"
      id="set-import"
      type="file"
      accept=".json,application/json"
      @change=${(/** @type {Event} */ event) => {
        const input = /** @type {HTMLInputElement} */ (event.target);
        const file = input.files?.[0];
        if (file) void act.importSettings(file);
        // The same file may be chosen again.
        input.value = "";
      }}
    />
    <label class="btn" for="set-import">${icon("upload")}${t("import.do")}</label>
  </span>`;
}

/** @param {State} state @param {Commands} act */
function secrets(state, act) {
  const isSession = state.troubles.some(({ kind }) => kind === "secrets_for_session");
  const isSilent = state.troubles.some(({ kind }) => kind === "keychain_unavailable");
  const at = isSession ? "session" : isSilent ? "silent" : (state.settings.about?.secrets ?? "none");
  return setting(state, {
    id: "secrets",
    title: t("secrets.title"),
    effect: t(`secrets.at.${at}`),
    control: isSession
      ? html`<button class="btn" @click=${() => act.keepSecretsHere()}>${t("action.keep_secrets")}</button>`
      : isSilent
        ? html`<button class="btn danger" @click=${() => act.askDelete("keychain")}>${t("action.give_up_keychain")}</button>`
        : nothing,
  });
}
