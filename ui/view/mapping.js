// How the events of a source are read: a preset, five fields, and what they make of the last events.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { live } from "/vendor/lit-html/directives/live.js";
import { repeat } from "/vendor/lit-html/directives/repeat.js";
import { sentence } from "../format.js";
import { language, t } from "../i18n.js";
import { glyph, icon } from "../icons.js";
import { MAPPED } from "../mapping-commands.js";
import { PRESETS } from "../source-form.js";
import { wrong } from "./rule-parts.js";
import { wantFocus } from "./rules-focus.js";
import { choice, valueOf } from "./source-field.js";

/** @import { CommandError, MappedEvent } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { MappedField, MappingView } from "../mapping-commands.js" */
/** @import { SourceDialog } from "../source-form.js" */

/** Back to the form, to where the mapping was opened. @param {Commands} act */
export function closeMap(act) {
  act.closeMapping();
  wantFocus("#map-open");
}

/** Paths that are offered. */
const OFFERED = 16;
/** The field a path goes into. @type {MappedField} */
let lastField = "title";

/** @param {Commands} act @param {SourceDialog} form @param {MappingView} map */
export function mappingForm(act, form, map) {
  const error = map.error ?? form.error;
  return html`<form
    novalidate
    @submit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      void act.saveSource();
    }}
  >
    <h2 id="dialog-title">${t("mapping.title")}</h2>
    <div class="dlg-body map-cols">
      <div class="map-fields">
        ${choice({
          id: "map-preset",
          label: t("field.preset"),
          value: form.mapping.preset ?? "auto",
          choices: PRESETS.map((value) => ({ value, words: t(`preset.${value}`) })),
          change: (preset) => act.editMapping({ preset }),
        })}
        ${MAPPED.map((name) => field(act, form, name, error))}
        <p class="hint">${t("mapping.hint")}</p>
        ${map.fields.length > 0
          ? html`<div class="chips" role="group" aria-label=${t("mapping.fields")}>
              <span class="hint">${t("mapping.fields")}</span>
              ${map.fields.slice(0, OFFERED).map(({ path, samples }) => html`<button
                class="chip mono" type="button" title=${samples.join(", ")}
                @click=${() => act.editMapping({ [lastField]: `${form.mapping[lastField] ?? ""}{${path}}` })}
              ><span class="cut">${path}</span></button>`)}
            </div>`
          : nothing}
      </div>
      <div class="map-sample">
        <h3>${t("mapping.sample")}</h3>
        ${error && map.events ? html`<p class="hint">${t("mapping.sample.stale")}</p>` : nothing}
        ${form.id === null ? html`<p class="dim3">${t("mapping.sample.new")}</p>` : sample(map.events)}
      </div>
    </div>
    <div class="dlg-foot">
      <button class="btn big" type="button" @click=${() => closeMap(act)}>${icon("chevron-left")}${t("mapping.back")}</button>
      <span class="grow"></span>
      <button class="btn primary big" type="submit" ?disabled=${form.busy || error !== null}>${form.id === null ? t("action.connect") : t("action.save")}</button>
    </div>
  </form>`;
}

/** @param {Commands} act @param {SourceDialog} form @param {MappedField} name @param {CommandError | null} error */
function field(act, form, name, error) {
  const id = `map-${name}`;
  const isWrong = error?.place === name;
  return html`<div class="field">
    <label for=${id}>${t(`mapping.field.${name}`)}</label>
    <input
      id=${id} class="input mono" autocomplete="off" spellcheck="false"
      aria-invalid=${isWrong ? "true" : "false"} aria-describedby=${isWrong ? `${id}-wrong` : nothing}
      .value=${live(form.mapping[name] ?? "")}
      @focus=${() => {
        lastField = name;
      }}
      @input=${(/** @type {Event} */ event) => act.editMapping({ [name]: valueOf(event) })}
    />
    ${wrong(isWrong && error ? wrongWords(error) : null, id)}
  </div>`;
}

/** English has the core's own sentence, without the name of the field it stands under. @param {CommandError} error */
function wrongWords({ message }) {
  return language() === "en" ? sentence(message.replace(/^mapping \w+: /, "")) : t("mapping.wrong");
}

/** @param {MappedEvent[] | null} events */
function sample(events) {
  if (events === null) return nothing;
  if (events.length === 0) return html`<p class="dim3">${t("mapping.sample.none")}</p>`;
  return html`<ul>${repeat(events, ({ row }) => row, (event) => html`<li>
    ${glyph(`sev-${event.severity}`)}
    <div>
      ${event.kept ? html`<p class="m">${event.title}</p>` : html`<p class="dim3">${t("mapping.sample.skipped")}</p>`}
      ${event.body === "" ? nothing : html`<p>${event.body}</p>`}
      <p class="meta t12">${[event.event, t(`severity.${event.severity}`), event.url ?? "", event.tags.map((tag) => `#${tag}`).join(" ")].filter(Boolean).join(" · ")}</p>
    </div>
  </li>`)}</ul>`;
}
