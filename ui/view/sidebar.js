// The left pane: Inbox, All, Quieted, the sources with their health, and what concerns the whole app.
import { html, nothing, svg } from "/vendor/lit-html/lit-html.js";
import { repeat } from "/vendor/lit-html/directives/repeat.js";
import { count, secondsLeft } from "../format.js";
import { t } from "../i18n.js";
import { glyph, icon, mark } from "../icons.js";
import { unreadTotal } from "../store.js";
import { health, stateWords } from "../words.js";
import { quietMenu } from "./preferences.js";

/** @import { SourceView } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { IconName } from "../icons.js" */
/** @import { State, View } from "../state.js" */

export const COLOUR_CLASSES = ["c-plum", "c-teal", "c-bronze", "c-moss", "c-cyan", "c-pink"];

/** @param {State} state @param {string} id @returns {string} the class with the colour of a source */
export function colourClass(state, id) {
  const colour = state.colours[id];
  return colour === undefined ? "dim3" : (COLOUR_CLASSES[colour] ?? "dim3");
}

/** @param {State} state @param {Commands} act */
export function sidebar(state, act) {
  const unread = unreadTotal(state);
  const paused = state.preferences.toasts_paused;
  const isQuiet = paused || state.quiet.reason !== null;
  return html`<nav class="side" aria-label="Tidings">
    <div class="bar">
      ${mark("mark")}<span class="brand grow">Tidings</span>
      <button
        class="ib moon ${isQuiet ? "on" : ""}"
        popovertarget="quiet-menu"
        aria-label=${t(isQuiet ? "quiet.on" : "quiet.title")}
        title=${t(isQuiet ? "quiet.on" : "quiet.title")}
      >${icon("moon")}</button>
      ${quietMenu(state, act)}
    </div>
    <div class="nav">
      ${place(state, act, { kind: "inbox" }, "inbox", t("nav.inbox"), unread)}
      ${place(state, act, { kind: "all" }, "layers", t("nav.all"), 0)}
      ${place(state, act, { kind: "quieted" }, "bell-off", t("nav.quieted"), 0, state.counts.quiet)}
    </div>
    <div class="nav-h">
      <h2 class="vh" id="nav-sources">${t("nav.sources")}</h2>
      <button
        class="nav-i"
        id="nav-panel"
        aria-current=${state.connections.panel?.kind === "sources" ? "page" : nothing}
        title=${t("nav.sources")}
        @click=${() => act.showSources()}
      >
        ${icon("radio")}<span class="name">${t("nav.sources")}</span>
      </button>
      <button class="ib mini" aria-label=${t("action.add_source")} title=${t("action.add_source")} @click=${() => act.editSource(null)}>${icon("plus")}</button>
    </div>
    <div class="nav scroll" role="group" aria-labelledby="nav-sources">
      ${repeat(state.sources, ({ id }) => id, (source) => sourceItem(state, act, source))}
      ${state.sources.length === 0 ? html`<p class="nav-empty">${t("nav.no_sources")}</p>` : nothing}
    </div>
    ${pulse(state)}
    <div class="foot">
      <button
        class="nav-i"
        aria-current=${state.connections.panel?.kind === "rules" ? "page" : nothing}
        title=${t("rules.title")}
        @click=${() => act.openRules()}
      >
        ${icon("split")}<span class="name">${t("rules.title")}</span>
      </button>
      <button
        class="nav-i"
        role="switch"
        aria-checked=${paused ? "true" : "false"}
        title=${t("nav.pause")}
        @click=${() => act.prefer({ toasts_paused: !paused })}
      >
        ${icon(paused ? "bell-off" : "bell")}<span class="name">${t("nav.pause")}</span><span class="sw ${paused ? "on" : ""}"></span>
      </button>
      ${page(state, "settings", "settings", t("settings.title"), () => act.showSettings())}
      ${page(state, "diagnostics", "activity", t("diag.title"), () => act.showDiagnosis())}
    </div>
  </nav>`;
}

/** How the last hour was, minute by minute. @param {State} state */
function pulse({ pulse: minutes, sources }) {
  if (minutes.length === 0 || sources.length === 0) return nothing;
  const peak = Math.max(4, ...minutes);
  const all = minutes.reduce((sum, one) => sum + one, 0);
  return html`<div class="minutes" role="group" aria-label=${`${t("pulse.hour")}: ${t("pulse.events", { count: all })}`}>
    <svg viewBox="0 0 60 20" preserveAspectRatio="none" aria-hidden="true">
      ${minutes.map((events, at) => {
        const tall = events === 0 ? 1 : Math.max(3, (20 * events) / peak);
        return svg`<rect class=${at < 56 ? "bar" : "now"} x=${at + 0.15} y=${20 - tall} width="0.7" height=${tall}></rect>`;
      })}
    </svg>
    <p aria-hidden="true"><span>${t("pulse.hour")}</span><span>${t("pulse.events", { count: all })}</span></p>
  </div>`;
}

/** @param {State} state @param {"settings" | "diagnostics"} kind @param {IconName} glyphName @param {string} name @param {() => void} open */
function page(state, kind, glyphName, name, open) {
  const isHere = state.connections.panel?.kind === kind;
  return html`<button class="nav-i" id="nav-${kind}" aria-current=${isHere ? "page" : nothing} title=${name} @click=${open}>
    ${icon(glyphName)}<span class="name">${name}</span>
  </button>`;
}

/** @param {State} state @param {Commands} act @param {View} view @param {IconName} glyphName @param {string} name @param {number} unread @param {number} [all] */
function place(state, act, view, glyphName, name, unread, all = 0) {
  return html`<button
    class="nav-i"
    aria-current=${state.view.kind === view.kind && !state.connections.panel ? "page" : nothing}
    title=${name}
    @click=${() => act.show(view)}
  >
    ${icon(glyphName)}<span class="name">${name}</span>${unreadBadge(unread)}${all > 0 ? html`<span class="n">${count(all)}</span>` : nothing}
  </button>`;
}

/** @param {State} state @param {Commands} act @param {SourceView} source */
function sourceItem(state, act, source) {
  const { view } = state;
  const { panel } = state.connections;
  const isHere = !panel && view.kind === "source" && view.id === source.id;
  const words = stateWords(source, state.now);
  return html`<button
    class="nav-i"
    aria-current=${isHere ? "page" : nothing}
    title=${`${source.name} · ${words}`}
    @click=${() => act.show({ kind: "source", id: source.id })}
  >
    ${glyph(`h-${health(source)}`)}
    <span class="initial ${colourClass(state, source.id)}" aria-hidden="true">${[...source.name][0]}</span>
    <span class="name">${source.name}</span><span class="vh">, ${words}</span>${source.toast.loudness === "muted"
      ? html`<span class="muted">${icon("bell-off")}<span class="vh">, ${t("loudness.muted")}</span></span>`
      : nothing}${cleartext(source)}${badge(source, state.now)}
  </button>`;
}

/** The consent to send header values in the clear stays visible. @param {SourceView} source */
function cleartext(source) {
  const isOpen = source.allow_cleartext_secrets && source.header_names.length > 0 && source.url.startsWith("http:");
  if (!isOpen) return nothing;
  return html`<span class="n amber" title=${t("cleartext.allowed")}>${icon("triangle-alert")}</span
    ><span class="vh">, ${t("cleartext.allowed")}</span>`;
}

/** @param {number} unread */
function unreadBadge(unread) {
  if (unread === 0) return nothing;
  return html`<span class="n new" aria-hidden="true">${count(unread)}</span
    ><span class="vh">, ${t("count.unread", { count: unread })}</span>`;
}

/** What stands at the right edge: the countdown or status of trouble, else silence and the unread. @param {SourceView} source @param {number} now */
function badge(source, now) {
  const { state } = source;
  if (state.state === "waiting") {
    const left = secondsLeft(state.until, now);
    return html`<span class="n amber" aria-hidden="true">${left > 0 ? t("count.seconds", { seconds: count(left) }) : "…"}</span>`;
  }
  if (state.state === "stopped" && state.cause.status !== null) {
    return html`<span class="n red" aria-hidden="true">${state.cause.status}</span>`;
  }
  const silent = source.silent_since === null ? nothing : html`<span class="n amber" aria-hidden="true">${icon("clock")}</span>`;
  return html`${silent}${unreadBadge(source.unread)}`;
}
