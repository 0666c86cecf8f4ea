// The settings about the history: how large it is, how much of it is kept, its way out, its end.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { count, fullTime, rowTime, size } from "../format.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { viewTitle } from "./list.js";
import { choose, number, refused, setting } from "./settings-parts.js";
import { colourClass } from "./sidebar.js";

/** @import { ExportFormat, Retention, SourceView } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { State } from "../state.js" */

/** @param {State} state @param {Commands} act */
export function historySettings(state, act) {
  const { retention } = state.preferences;
  const keep = (/** @type {keyof Retention} */ name) => {
    const value = retention[name];
    return setting(state, {
      id: `keep-${name}`,
      title: t(`keep.${name}`),
      effect: value === undefined ? t(`keep.${name}.all`) : t(`keep.${name}.some`, { count: value }),
      field: `set-keep-${name}`,
      control: number(state, act, { row: `keep-${name}`, value, unit: t(`keep.${name}.unit`), change: (wanted) => act.retain(name, wanted) }),
    });
  };
  return [
    setting(state, { id: "figures", title: t("history.size"), effect: figures(state) }),
    keep("days"),
    keep("events"),
    keep("megabytes"),
    bySource(state, act),
    exportRow(state, act),
    setting(state, {
      id: "clear",
      title: t("history.clear"),
      effect: t("history.clear.text"),
      control: html`<button class="btn danger" id="set-clear" @click=${() => act.askDelete("history")}>${icon("trash-2")}${t("history.clear.do")}</button>`,
    }),
  ];
}

/** A source that brings much may be kept for less long than the others. @param {State} state @param {Commands} act */
function bySource(state, act) {
  if (state.sources.length === 0) return nothing;
  const limited = state.sources.filter(({ retention }) => Object.keys(retention).length > 0).length;
  const one = (/** @type {SourceView} */ source) => {
    const row = `keep-${source.id}`;
    const field = (/** @type {keyof Retention} */ name) =>
      number(state, act, {
        row,
        id: `${row}-${name}`,
        value: source.retention[name],
        unit: t(`keep.${name}.unit`),
        label: `${source.name} · ${t(`keep.${name}`)}`,
        change: (wanted) => void act.retainOf(source, name, wanted),
      });
    return html`<li>
      <p class="m cut ${colourClass(state, source.id)}">${source.name}</p>
      <div class="pair">${field("days")} ${field("events")} ${field("megabytes")}</div>
      ${refused(state, row)}
    </li>`;
  };
  return html`<details class="opt more each">
    <summary>
      ${icon("chevron-right")}
      <span class="opt-what"><span class="m">${t("keep.each")}</span><span class="hint">${limited === 0 ? t("keep.each.none") : t("keep.each.some", { count: limited })}</span></span>
    </summary>
    <ul>${state.sources.map(one)}</ul>
  </details>`;
}

/** `412 MB, 1,034,221 events, oldest 3 Mar`. @param {State} state */
export function figures({ settings: { figures: seen }, counts, now }) {
  if (!seen) return t("history.unknown");
  const parts = [size(seen.bytes), t("history.events", { count: counts.stored })];
  const oldest = seen.oldest === null ? nothing : html`, <span title=${fullTime(seen.oldest)}>${t("history.oldest", { date: rowTime(seen.oldest, now) })}</span>`;
  return html`<span class="num">${parts.join(", ")}${oldest}</span>`;
}

/** @param {State} state @param {Commands} act */
function exportRow(state, act) {
  const { shown, format, exporting } = state.settings;
  const isRunning = exporting !== null && !exporting.done;
  const list = [viewTitle(state), state.query].filter(Boolean).join(" · ");
  const effect = !exporting
    ? t("export.text")
    : exporting.cancelled
      ? t("export.cancelled")
      : exporting.done
        ? t("export.done", { count: exporting.events, path: exporting.path })
        : t("export.running", { count: exporting.events, percent: count(exporting.percent) });
  return setting(state, {
    id: "export",
    title: t("export.title"),
    effect: html`<span class="anywhere">${effect}</span>`,
    below: html`${isRunning
        ? html`<div class="pair">
            <progress max="100" .value=${exporting.percent} aria-label=${t("export.title")}></progress>
            <button class="btn" id="export-cancel" @click=${() => act.cancelExport()}>${t("action.cancel")}</button>
          </div>`
        : html`<div class="pair">
            ${choose(
              "export-what",
              shown ? "shown" : "all",
              [["all", t("export.all")], ["shown", t("export.shown", { list })]],
              (value) => act.exportForm({ shown: value === "shown" }),
              t("export.what"),
            )}
            ${choose(
              "export-format",
              format,
              [["jsonl", "JSON Lines"], ["csv", "CSV"]],
              (value) => act.exportForm({ format: /** @type {ExportFormat} */ (value) }),
              t("export.format"),
            )}
            <button class="btn" id="export-go" @click=${() => act.exportHistory(false)}>${icon("download")}${t("export.downloads")}</button>
            <button class="btn" id="export-as" @click=${() => act.exportHistory(true)}>${t("export.as")}</button>
          </div>`}`,
  });
}
