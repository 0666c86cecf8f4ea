// How a source connects: credentials in plain sight, every other option behind "Advanced".
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { live } from "/vendor/lit-html/directives/live.js";
import { repeat } from "/vendor/lit-html/directives/repeat.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { PRESETS } from "../source-form.js";
import { wantFocus } from "./rules-focus.js";
import { choice, consentBox, field, valueOf, wrong } from "./source-field.js";

/** @import { Commands } from "../commands.js" */
/** @import { OptionFields, SourceDialog } from "../source-form.js" */

/** @param {Commands} act @param {SourceDialog} form */
export function credentials(act, form) {
  const secret = (/** @type {"token" | "user" | "password"} */ name) => html`<input
    class="input mono"
    type=${name === "user" ? "text" : "password"}
    autocomplete="off"
    spellcheck="false"
    aria-label=${t(`auth.${name}`)}
    placeholder=${t(`auth.${name}`)}
    .value=${live(form[name])}
    @input=${(/** @type {Event} */ event) => act.sourceForm({ [name]: valueOf(event) })}
  />`;
  const isStored = form.auth === "none" && form.headers.some(({ name, stored }) => stored && name.toLowerCase() === "authorization");
  return html`<div class="auth">
    ${choice({
      id: "auth",
      label: t("auth.label"),
      value: form.auth,
      choices: [
        { value: "none", words: isStored ? t("auth.stored") : t("auth.none") },
        { value: "bearer", words: t("auth.bearer") },
        { value: "basic", words: t("auth.basic") },
      ],
      change: (auth) => act.sourceForm({ auth }),
    })}
    ${form.auth === "bearer" ? secret("token") : nothing}
    ${form.auth === "basic" ? html`<span class="two">${secret("user")}${secret("password")}</span>` : nothing}
    ${form.auth === "none" ? nothing : html`<p class="hint">${t("auth.hint")}</p>`}
  </div>`;
}

/** @param {Commands} act @param {SourceDialog} form @param {boolean} isDemo */
export function options(act, form, isDemo) {
  return html`<details
    class="more"
    .open=${live(form.advanced)}
    @toggle=${(/** @type {Event} */ event) => {
      const advanced = /** @type {HTMLDetailsElement} */ (event.target).open;
      if (advanced !== form.advanced) act.sourceForm({ advanced });
    }}
  >
    <summary>${icon("chevron-right")}${t("field.advanced")}</summary>
    <div class="more-body">
      ${isDemo ? nothing : headersField(act, form)} ${typesField(act, form)} ${reading(act, form)} ${silence(act, form)}
      ${toasts(act, form)}
      ${isDemo ? nothing : [request(act, form), stream(act, form), security(act, form)]}
    </div>
  </details>`;
}

/** @param {Commands} act @param {SourceDialog} form @param {keyof OptionFields} name */
const bound = (act, form, name) => ({
  value: form.options[name],
  change: (/** @type {string} */ value) => act.sourcePart("options", { [name]: value }),
  error: form.error,
});

/** @param {Commands} act @param {SourceDialog} form */
function silence(act, form) {
  return field({
    id: "silence_after", label: t("field.silence"), unit: t("unit.minutes"), hint: t("field.silence.hint"), placeholder: t("field.off"),
    ...bound(act, form, "silence"),
  });
}

/** @param {Commands} act @param {SourceDialog} form */
function reading(act, form) {
  return html`${choice({
    id: "preset",
    label: t("field.preset"),
    value: form.mapping.preset ?? "auto",
    choices: PRESETS.map((value) => ({ value, words: t(`preset.${value}`) })),
    change: (preset) => act.sourcePart("mapping", { preset }),
    hint: t("field.preset.hint"),
  })}
  <div class="field">
    <button
      class="btn" id="map-open" type="button"
      @click=${() => {
        void act.openMapping();
        wantFocus("#source-map-preset");
      }}
    >${t("mapping.open")}</button>
  </div>`;
}

/** @param {Commands} act @param {SourceDialog} form */
function toasts(act, form) {
  const { toast } = form;
  const tick = (/** @type {"privacy" | "sound"} */ name) => html`<label class="tick">
    <input
      type="checkbox"
      name=${name}
      .checked=${live(toast[name])}
      @change=${(/** @type {Event} */ event) =>
        act.sourcePart("toast", { [name]: /** @type {HTMLInputElement} */ (event.target).checked })}
    />
    <span>${t(`field.toast.${name}`)}</span>
  </label>`;
  return html`<fieldset class="field">
      <legend>${t("field.toast")}</legend>
      ${tick("privacy")} ${tick("sound")}
    </fieldset>
    ${choice({
      id: "max_urgency",
      label: t("field.max_urgency"),
      value: toast.max_urgency,
      choices: /** @type {const} */ (["critical", "high", "normal", "low"]).map((value) => ({ value, words: t(`severity.${value}`) })),
      change: (max_urgency) => act.sourcePart("toast", { max_urgency }),
    })}`;
}

/** @param {Commands} act @param {SourceDialog} form */
function request(act, form) {
  const methods = ["GET", "POST", "REPORT"].includes(form.options.method) ? ["GET", "POST", "REPORT"] : ["GET", "POST", "REPORT", form.options.method];
  return html`<div>
      ${choice({
        id: "method",
        label: t("field.method"),
        value: form.options.method,
        choices: methods.map((method) => ({ value: method, words: method })),
        change: (method) => act.sourcePart("options", { method }),
      })}
      ${wrong(form.error, "method")}
    </div>
    ${form.options.method === "GET" && form.options.body === ""
      ? nothing
      : field({ id: "body", label: t("field.body"), hint: t("field.body.hint"), rows: 3, mono: true, ...bound(act, form, "body") })}
    ${field({
      id: "resume_query", label: t("field.resume"), hint: t("field.resume.hint"), placeholder: "Last-Event-ID", mono: true,
      ...bound(act, form, "resumeQuery"),
    })}`;
}

/** @param {Commands} act @param {SourceDialog} form */
function stream(act, form) {
  return html`${field({
      id: "idle_timeout", label: t("field.idle"), unit: t("unit.seconds"), hint: t("field.idle.hint"), placeholder: t("field.learned"),
      ...bound(act, form, "idle"),
    })}
    ${field({
      id: "max_event_bytes", label: t("field.event_size"), unit: "KiB", hint: t("field.event_size.hint"),
      ...bound(act, form, "eventSize"),
    })}
    ${choice({
      id: "dedupe",
      label: t("field.dedupe"),
      value: form.options.dedupe,
      choices: /** @type {const} */ (["auto", "always", "never"]).map((value) => ({ value, words: t(`dedupe.${value}`) })),
      change: (dedupe) => act.sourcePart("options", { dedupe }),
      hint: t("field.dedupe.hint"),
    })}`;
}

/** @param {Commands} act @param {SourceDialog} form */
function security(act, form) {
  const path = "/etc/ssl/example.pem";
  return html`${field({
      id: "ca_cert", label: t("field.ca_cert"), hint: t("field.path.hint"), placeholder: path, mono: true, ...bound(act, form, "caCert"),
    })}
    <div>
      <div class="pair-fields">
        ${field({ id: "client_cert", label: t("field.client_cert"), mono: true, ...bound(act, form, "clientCert"), name: "client-cert" })}
        ${field({ id: "client_cert", label: t("field.client_key"), mono: true, ...bound(act, form, "clientKey"), name: "client-key" })}
      </div>
      ${wrong(form.error, "client_cert")}
    </div>
    ${field({
      id: "proxy", label: t("field.proxy"), placeholder: "http://proxy.example.com:3128", mono: true, type: "url", ...bound(act, form, "proxy"),
    })}
    ${form.consentAsked ? nothing : consentBox(null, form.consent, (consent) => act.sourceForm({ consent }), false)}`;
}

/** @param {Commands} act @param {SourceDialog} form */
function headersField(act, form) {
  return html`<fieldset class="field">
    <legend>${t("field.headers")}</legend>
    ${repeat(
      form.headers,
      ({ key }) => key,
      (header, index) => html`<div class="header-row">
        <input
          class="input mono"
          autocomplete="off"
          spellcheck="false"
          aria-label=${t("field.header_name")}
          placeholder="Authorization"
          ?data-focus=${form.focus === "headers" && index === 0}
          .value=${live(header.name)}
          @input=${(/** @type {Event} */ event) => act.editHeader(header.key, { name: valueOf(event), stored: false })}
        />
        <input
          class="input mono"
          type="password"
          autocomplete="off"
          aria-label=${t("field.header_value")}
          placeholder=${header.stored ? t("field.stored") : t("field.value")}
          .value=${live(header.value)}
          @input=${(/** @type {Event} */ event) => act.editHeader(header.key, { value: valueOf(event) })}
        />
        <button
          class="ib"
          type="button"
          aria-label=${t("action.remove_header")}
          title=${t("action.remove_header")}
          @click=${() => act.editHeader(header.key, null)}
        >${icon("x")}</button>
      </div>`,
    )}
    <button
      class="btn ghost"
      type="button"
      ?data-focus=${form.focus === "headers" && form.headers.length === 0}
      @click=${() => act.addHeader()}
    >${icon("plus")}${t("action.add_header")}</button>
    ${wrong(form.error, "headers")}
  </fieldset>`;
}

/** @param {Commands} act @param {SourceDialog} form */
function typesField(act, form) {
  const named = new Set(form.types.split(/[,\n]/).map((type) => type.trim()));
  const others = form.seen.filter((type) => !named.has(type));
  return html`<fieldset class="field">
    <legend>${t("field.types")}</legend>
    <div class="choices">
      ${/** @type {const} */ (["all", "only", "not"]).map(
        (mode) => html`<label class="tick">
          <input
            type="radio"
            name="types"
            value=${mode}
            .checked=${live(form.mode === mode)}
            @change=${() => act.sourceForm({ mode })}
          />
          <span>${t(`field.types.${mode}`)}</span>
        </label>`,
      )}
    </div>
    ${form.mode === "all"
      ? nothing
      : html`<textarea
            class="input mono types"
            rows="2"
            spellcheck="false"
            aria-label=${t("field.types.list")}
            placeholder=${t("field.types.list")}
            .value=${live(form.types)}
            @input=${(/** @type {Event} */ event) => act.sourceForm({ types: valueOf(event) })}
          ></textarea>
          ${others.length > 0
            ? html`<div class="chips" role="group" aria-label=${t("field.types.seen")}>
                <span class="hint">${t("field.types.seen")}</span>
                ${others.map((type) => html`<button class="chip mono" type="button" @click=${() => act.addType(type)}>${icon("plus")}<span class="cut">${type}</span></button>`)}
              </div>`
            : nothing}`}
  </fieldset>`;
}
