// The page of all sources: what each is, how it does, what can be done about it.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { repeat } from "/vendor/lit-html/directives/repeat.js";
import { remedyOf, remedyWords } from "../banners.js";
import { age, ago, count, duration, fullTime, size, span } from "../format.js";
import { t } from "../i18n.js";
import { glyph, icon } from "../icons.js";
import { causeWords, fixWords, health, stateWords } from "../words.js";
import { charts, loudness, today } from "./activity.js";
import { banner } from "./banner.js";
import { colourClass } from "./sidebar.js";

/** @import { SourcePulse, SourceView } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { State } from "../state.js" */

/** @param {State} state @param {Commands} act */
export function sources(state, act) {
  return html`<div class="panel">
    <div class="bar flow">
      <button class="ib back" aria-label=${t("action.back_to_sources")} @click=${() => act.pane("side")}>${icon("chevron-left")}</button>
      <h2 class="b" id="panel-title">${t("nav.sources")}</h2>
      <span class="t12 dim num cut grow">${summary(state.sources)}</span>
      <button class="btn" @click=${() => act.openCopy("report")}>${icon("clipboard-copy")}${t("action.copy_report")}</button>
      <button class="btn" @click=${() => act.editSource(null)}>${icon("plus")}${t("action.add_source")}</button>
    </div>
    ${banner(state, act)}
    <div class="panel-body" data-pane tabindex="0" role="region" aria-labelledby="panel-title">
      ${state.sources.length === 0
        ? html`<div class="empty"><p class="m">${t("empty.no_sources")}</p><p class="dim">${t("empty.no_sources.text")}</p></div>`
        : nothing}
      <ul class="cards">${repeat(state.sources, ({ id }) => id, (source) => card(state, act, source))}</ul>
    </div>
  </div>`;
}

/** `2 live, 1 reconnecting`. @param {SourceView[]} sources */
function summary(sources) {
  const of = (/** @type {string} */ kind) => sources.filter((source) => health(source) === kind).length;
  const parts = [
    { many: of("live"), words: t("sources.live", { count: of("live") }) },
    { many: of("wait"), words: t("sources.wait", { count: of("wait") }) },
    { many: of("stop"), words: t("sources.stop", { count: of("stop") }) },
    { many: of("pause"), words: t("sources.off", { count: of("pause") }) },
  ];
  return parts.filter(({ many }) => many > 0).map(({ words }) => words).join(", ");
}

/** Host and path, without the scheme everybody has. @param {string} url */
function place(url) {
  return url.replace(/^https?:\/\//, "").replace(/[?#].*$/, "");
}

/** @param {State} state @param {Commands} act @param {SourceView} source */
function card(state, act, source) {
  const { state: at } = source;
  const troubled = at.state === "stopped" || at.state === "waiting";
  const remedy = at.state === "stopped" ? remedyOf(source) : null;
  const title = `card-${source.id}`;
  return html`<li class="card" aria-labelledby=${title}>
    ${glyph(`h-${health(source)}`)}
    <div class="card-who">
      <h3 class="b cut ${colourClass(state, source.id)}" id=${title}>${source.name}</h3>
      <p class="mono cut dim" title=${source.url}>${place(source.url)}</p>
      ${stateLines(state, source)} ${loudness(act, source)}
    </div>
    <div class="card-how">
      ${facts(state, source, state.connections.pulses[source.id])} ${charts(source, state.connections.activity[source.id])}
    </div>
    <div class="card-do">
      ${troubled
        ? html`<button class="btn ghost" @click=${() => act.retry(source.id)}>${icon("rotate-cw")}${t("action.retry_now")}</button>`
        : nothing}
      ${remedy && remedy.what !== "retry" ? html`<button class="btn ghost" @click=${() => act.remedy(remedy)}>${remedyWords(remedy)}</button>` : nothing}
      ${source.enabled
        ? html`<button class="btn ghost" @click=${() => act.enable(source.id, false)}>${icon("pause")}${t("action.disconnect")}</button>`
        : html`<button class="btn ghost" @click=${() => act.enable(source.id, true)}>${icon("play")}${t("action.connect")}</button>`}
      <button class="btn ghost" @click=${() => act.openTest(source)}>${icon("send")}${t("action.test")}</button>
      <button class="btn ghost" @click=${() => act.showDiagnosis(source.id)}>${t("action.diagnostics")}</button>
      <button class="ib" aria-label=${t("action.edit_source")} title=${t("action.edit_source")} @click=${() => act.editSource(source)}>${icon("pencil")}</button>
      <button class="ib" aria-label=${t("action.remove_source")} title=${t("action.remove_source")} @click=${() => act.askRemove(source.id)}>${icon("trash-2")}</button>
    </div>
  </li>`;
}

/** The state with since when, and for trouble the cause and the way out. @param {State} state @param {SourceView} source */
export function stateLines(state, source) {
  const { state: at } = source;
  switch (at.state) {
    case "stopped":
      return html`<p class="red num" title=${fullTime(at.since)}>${t("state.stopped_since", { ago: ago(at.since, state.now) })} · ${causeWords(at.cause)}</p>
        <p class="t12 dim">${fixWords(at.cause)}</p>`;
    case "waiting": {
      const since = state.troubled[source.id];
      return html`<p class="amber num">${stateWords(source, state.now)}</p>
        <p class="t12 dim">
          ${fixWords(at.cause)}${since === undefined || state.now - since < 5000 ? nothing : html` · <span class="num">${t("state.troubled_for", { span: span(state.now - since) })}</span>`}
        </p>`;
    }
    case "live":
      if (source.silent_since !== null) {
        return html`<p class="amber num" title=${fullTime(source.silent_since)}>${stateWords(source, state.now)}</p>
          <p class="t12 dim">${t("fix.silent")}</p>`;
      }
      return html`<p class="dim num" title=${fullTime(at.since)}>${t("state.live_for", { span: span(state.now - at.since) })}</p>`;
    default:
      return html`<p class="dim num">${stateWords(source, state.now)}</p>`;
  }
}

/** @param {State} state @param {SourceView} source @param {SourcePulse | undefined} pulse */
function facts(state, source, pulse) {
  const fact = (/** @type {string} */ name, /** @type {unknown} */ value) => html`<div><dt>${name}</dt><dd class="num">${value}</dd></div>`;
  const none = t("frame.none");
  const { last_event_at: last } = source;
  const sums = pulse?.sums;
  return html`<dl class="card-facts">
    ${fact(t("card.today"), today(state.connections.activity[source.id], state.now))}
    ${fact(t("card.last_event"), last === null ? none : html`<span title=${fullTime(last)}>${ago(last, state.now)}</span>`)}
    ${fact(t("card.last_byte"), pulse?.last_byte ? age(pulse.last_byte, state.now) : none)}
    ${fact(t("card.received"), sums ? size(sums.bytes) : none)}
    ${fact(t("card.attempts"), sums ? count(sums.attempts) : none)}
    ${fact(t("card.retry"), sums?.retry_ms ? duration(sums.retry_ms) : none)}
    ${fact(t("card.silence"), sums?.longest_silence_ms ? duration(sums.longest_silence_ms) : none)}
    ${fact(t("card.patience"), sums?.patience_ms ? duration(sums.patience_ms) : none)}
  </dl>`;
}
