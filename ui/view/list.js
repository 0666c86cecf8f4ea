// The middle pane: what is looked at, what is looked for, and its rows.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { count } from "../format.js";
import { t } from "../i18n.js";
import { glyph, icon } from "../icons.js";
import { sourceOf, unreadTotal } from "../store.js";
import { errorWords, health, stateWords } from "../words.js";
import { banner } from "./banner.js";
import { empty } from "./empty.js";
import { rowMenu } from "./row-menu.js";
import { rows, toTop } from "./rows.js";
import { focusSearch, searchBar } from "./search.js";
import { colourClass } from "./sidebar.js";

/** @import { SourceView } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { State } from "../state.js" */

/** @param {State} state */
export function viewTitle({ view, sources }) {
  switch (view.kind) {
    case "inbox":
      return t("nav.inbox");
    case "all":
      return t("nav.all");
    case "quieted":
      return t("nav.quieted");
    case "source":
      return sources.find(({ id }) => id === view.id)?.name ?? "";
  }
}

/** @param {State} state @param {Commands} act @param {() => void} schedule */
export function list(state, act, schedule) {
  const { view } = state;
  const source = view.kind === "source" ? sourceOf(state, view.id) : undefined;
  const title = viewTitle(state);
  return html`<section class="list" tabindex="-1" aria-label=${title}>
    ${narrowBar(state, act, title)} ${searchBar(state, act, schedule)}
    ${source ? sourceHead(state, act, source) : nothing} ${banner(state, act)}
    ${pill(state, act)}
    ${state.list.rows.length === 0 ? empty(state, act, source) : rows(state, act, schedule, title)}
    ${state.list.rows.length === 0 ? nothing : stuck(state, act)} ${rowMenu(state, act, schedule)}
  </section>`;
}

/** @param {State} state @param {Commands} act @param {string} title */
function narrowBar(state, act, title) {
  const { sources } = state;
  const liveCount = sources.filter((source) => source.state.state === "live").length;
  const worst = sources.some((one) => health(one) === "stop") ? "stop" : sources.some((one) => health(one) === "wait") ? "wait" : "live";
  const { view } = state;
  const unread =
    view.kind === "source" ? (sourceOf(state, view.id)?.unread ?? 0) : view.kind === "quieted" ? 0 : unreadTotal(state);
  return html`<div class="bar narrow">
    <button class="ib" aria-label=${t("action.back_to_sources")} @click=${() => act.pane("side")}>${icon("chevron-left")}</button>
    <span class="b cut" aria-hidden="true">${title}</span>
    ${unread > 0 ? html`<span class="t12 dim3 num">${count(unread)}</span>` : nothing}
    <span class="grow"></span>
    ${state.preferences.toasts_paused || state.quiet.reason !== null ? html`<span class="moon on" title=${t("quiet.on")}>${icon("moon")}<span class="vh">${t("quiet.on")}</span></span>` : nothing}
    ${sources.length > 0 ? html`<span class="health">${glyph(`h-${worst}`)}${t("count.live", { live: count(liveCount), all: count(sources.length) })}</span>` : nothing}
    <button
      class="ib"
      aria-label=${t("search.label")}
      aria-expanded=${state.searching ? "true" : "false"}
      @click=${() => {
        act.searching(!state.searching);
        if (state.query !== "") act.search("");
        else if (!state.searching) focusSearch();
      }}
    >${icon("search")}</button>
  </div>`;
}

/** @param {State} state @param {Commands} act @param {SourceView} source */
function sourceHead(state, act, source) {
  const { state: at } = source.state;
  const isSilent = at === "live" && source.silent_since !== null;
  const tone = at === "stopped" ? "red" : at === "waiting" || isSilent ? "amber" : "dim";
  return html`<div class="source-head">
    ${glyph(`h-${health(source)}`)}
    <div class="grow">
      <h2 class="cut m ${colourClass(state, source.id)}">${source.name}</h2>
      <p class="t12 num cut ${tone}" title=${stateWords(source, state.now)}>${stateWords(source, state.now)}</p>
    </div>
    ${at === "waiting" || at === "stopped"
      ? html`<button class="ib" aria-label=${t("action.retry_now")} title=${t("action.retry_now")} @click=${() => act.retry(source.id)}>${icon("rotate-cw")}</button>`
      : nothing}
    ${source.enabled
      ? html`<button class="ib" aria-label=${t("action.disconnect")} title=${t("action.disconnect")} @click=${() => act.enable(source.id, false)}>${icon("pause")}</button>`
      : html`<button class="ib" aria-label=${t("action.connect")} title=${t("action.connect")} @click=${() => act.enable(source.id, true)}>${icon("play")}</button>`}
    <button class="ib" aria-label=${t("action.edit_source")} title=${t("action.edit_source")} @click=${() => act.editSource(source)}>${icon("pencil")}</button>
    <button class="ib" aria-label=${t("action.remove_source")} title=${t("action.remove_source")} @click=${() => act.askRemove(source.id)}>${icon("trash-2")}</button>
  </div>`;
}

/** Rows are here, and the history could not be read on. @param {State} state @param {Commands} act */
function stuck({ list: { error } }, act) {
  if (!error) return nothing;
  return html`<div class="stuck" role="status">
    ${icon("triangle-alert")}
    <p class="grow"><b class="b">${t("list.stuck")}</b> <span class="dim">${errorWords(error)}</span></p>
    <button class="btn" @click=${() => act.refresh()}>${t("action.try_again")}</button>
  </div>`;
}

/** @param {State} state @param {Commands} act */
function pill(state, act) {
  const { waiting } = state.list;
  if (waiting === 0) return nothing;
  return html`<div class="pill-at"><button
    class="pill"
    @click=${() => {
      toTop();
      void act.toNewest();
    }}
  >${icon("arrow-up")}${t("count.new", { count: waiting })}</button></div>`;
}

