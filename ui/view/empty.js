// What stands where there are no rows: why there are none, and what would bring some.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { repeat } from "/vendor/lit-html/directives/repeat.js";
import { clockSeconds } from "../format.js";
import { t } from "../i18n.js";
import { glyph, icon } from "../icons.js";
import { widened } from "../query.js";
import { sample } from "../sample.js";
import { errorWords, stateWords } from "../words.js";

/** @import { SourceView } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { State } from "../state.js" */

/** @param {State} state @param {Commands} act @param {SourceView | undefined} source */
export function empty(state, act, source) {
  const { list: content, view, query, sources } = state;
  if (content.error) {
    return html`<div class="empty">
      <p class="b">${t("empty.failed")}</p>
      <p class="dim">${errorWords(content.error)}</p>
      <button class="btn" @click=${() => act.refresh()}>${t("action.try_again")}</button>
    </div>`;
  }
  if (state.queryError) return html`<div class="empty"></div>`;
  if (content.loading === "first") return html`<div class="empty" aria-busy="true"></div>`;
  if (query !== "") {
    const wider = widened(query);
    const isNarrow = view.kind === "source" || view.kind === "quieted" || wider !== query;
    return html`<div class="empty">
      <p class="b">${t("empty.search", { query })}</p>
      <p class="pair">
        ${isNarrow && wider !== ""
          ? html`<button class="btn primary" @click=${() => act.searchNow(wider, { kind: "all" })}>${t("search.wider")}</button>`
          : nothing}
        <button class="btn" @click=${() => act.search("")}>${t("search.clear")}</button>
      </p>
    </div>`;
  }
  if (sources.length === 0) {
    return html`<div class="empty">
      <p class="b">${t("empty.no_sources")}</p>
      <p class="dim">${t("empty.no_sources.text")}</p>
      <p class="pair">
        <button class="btn primary" @click=${() => act.editSource(null)}>${t("action.add_source")}</button>
        <button class="btn" @click=${() => act.demo()}>${t("action.demo")}</button>
      </p>
    </div>`;
  }
  const waitsFor = source ? [source] : sources;
  if (waitsFor.every(({ last_event_at: at }) => at === null)) return waiting(state, act, waitsFor);
  if (view.kind === "quieted") {
    return html`<div class="empty">
      <p class="b">${t("empty.quieted")}</p>
      <p class="dim">${t("empty.quieted.text")}</p>
    </div>`;
  }
  if (view.kind === "inbox") {
    return html`<div class="empty">
      <p class="b">${t("empty.inbox")}</p>
      <p class="dim">${t("empty.inbox.text")}</p>
      <button class="btn" @click=${() => act.show({ kind: "all" })}>${t("action.show_all")}</button>
    </div>`;
  }
  return html`<div class="empty"><p class="b">${t("empty.nothing")}</p></div>`;
}

/** Connected, and nothing came yet: each sign of life is a beat, drawn anew. @param {State} state @param {Commands} act @param {SourceView[]} sources */
function waiting(state, act, sources) {
  const connected = sources.find((source) => source.state.state === "live");
  const [first] = sources;
  if (!connected) {
    return html`<div class="empty">
      <p class="b">${t("empty.nothing")}</p>
      ${first ? html`<p class="dim num">${first.name} · ${stateWords(first, state.now)}</p>` : nothing}
    </div>`;
  }
  const at = connected.state.state === "live" ? connected.state.last_byte : 0;
  return html`<div class="empty">
    ${repeat([at], (byte) => byte, () => html`<span class="pulse">${glyph("h-live")}</span>`)}
    <p class="b">${t("empty.connected", { name: connected.name })}</p>
    <p class="dim">${t("state.first_event")}</p>
    <p class="t12 dim3 num">${t("empty.last_byte", { time: clockSeconds(at) })}</p>
    ${sendOne(act, connected)}
  </div>`;
}

/** A command that brings the first event, or one that shows what the server sends. @param {Commands} act @param {SourceView} source */
function sendOne(act, source) {
  const command = sample(source);
  if (command !== null) {
    return html`<p class="t12 dim">${t("sample.send")}</p>
      <div class="sample">
        <code>${command}</code>
        <button class="ib mini" aria-label=${t("action.copy")} title=${t("action.copy")} @click=${() => act.copyText(command, t("notice.copied"))}>${icon("copy")}</button>
      </div>`;
  }
  if (!/^https?:/.test(source.url)) return nothing;
  return html`<p class="t12 dim">${t("sample.look")}</p>
    <button class="btn" @click=${() => act.openCopy("curl", source.id)}>${icon("clipboard-copy")}${t("action.copy_curl")}</button>`;
}
