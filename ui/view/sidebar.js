// The left pane: Inbox, All, every source with its health, and what concerns the whole app.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { repeat } from "/vendor/lit-html/directives/repeat.js";
import { count, secondsLeft } from "../format.js";
import { t } from "../i18n.js";
import { glyph, icon, mark } from "../icons.js";
import { unreadTotal } from "../store.js";
import { health, stateWords } from "../words.js";
import { settingsMenu } from "./preferences.js";

/** @import { SourceView } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { IconName } from "../icons.js" */
/** @import { State, View } from "../store.js" */

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
  return html`<nav class="side" aria-label="Tidings">
    <div class="bar">
      ${mark("mark")}<span class="brand grow">Tidings</span>
    </div>
    <div class="nav">
      ${place(state, act, { kind: "inbox" }, "inbox", t("nav.inbox"), unread)}
      ${place(state, act, { kind: "all" }, "layers", t("nav.all"), 0)}
    </div>
    <div class="nav-h">
      <h2 class="grow" id="nav-sources">${t("nav.sources")}</h2>
      <button class="ib mini" aria-label=${t("action.add_source")} title=${t("action.add_source")} @click=${() => act.editSource(null)}>${icon("plus")}</button>
    </div>
    <div class="nav scroll" role="group" aria-labelledby="nav-sources">
      ${repeat(state.sources, ({ id }) => id, (source) => sourceItem(state, act, source))}
      ${state.sources.length === 0 ? html`<p class="nav-empty">${t("nav.no_sources")}</p>` : nothing}
    </div>
    <div class="foot">
      <button
        class="nav-i"
        role="switch"
        aria-checked=${paused ? "true" : "false"}
        aria-label=${t("nav.pause")}
        title=${t("nav.pause")}
        @click=${() => act.prefer({ toasts_paused: !paused })}
      >
        ${icon(paused ? "bell-off" : "bell")}<span class="name">${t("nav.pause")}</span><span class="sw ${paused ? "on" : ""}"></span>
      </button>
      <button class="nav-i" popovertarget="settings-menu" aria-label=${t("settings.title")} title=${t("settings.title")}>
        ${icon("settings")}<span class="name">${t("settings.title")}</span>
      </button>
      ${settingsMenu(state, act)}
    </div>
  </nav>`;
}

/** @param {State} state @param {Commands} act @param {View} view @param {IconName} glyphName @param {string} name @param {number} unread */
function place(state, act, view, glyphName, name, unread) {
  const label = unread > 0 ? `${name}, ${t("count.unread", { count: unread })}` : name;
  return html`<button
    class="nav-i"
    aria-current=${state.view.kind === view.kind ? "page" : nothing}
    aria-label=${label}
    title=${label}
    @click=${() => act.show(view)}
  >
    ${icon(glyphName)}<span class="name">${name}</span>${unread > 0 ? html`<span class="n new">${count(unread)}</span>` : nothing}
  </button>`;
}

/** @param {State} state @param {Commands} act @param {SourceView} source */
function sourceItem(state, act, source) {
  const { view } = state;
  const isHere = view.kind === "source" && view.id === source.id;
  const words = stateWords(source, state.now);
  const unread = source.unread > 0 ? `, ${t("count.unread", { count: source.unread })}` : "";
  return html`<button
    class="nav-i"
    aria-current=${isHere ? "page" : nothing}
    aria-label=${`${source.name}, ${words}${unread}`}
    title=${`${source.name} · ${words}`}
    @click=${() => act.show({ kind: "source", id: source.id })}
  >
    ${glyph(`h-${health(source)}`)}
    <span class="initial ${colourClass(state, source.id)}">${[...source.name][0]}</span>
    <span class="name">${source.name}</span>${badge(source, state.now)}
  </button>`;
}

/** What stands at the right edge: the countdown or status of trouble, else the unread. @param {SourceView} source @param {number} now */
function badge(source, now) {
  const { state } = source;
  if (state.state === "waiting") {
    const left = secondsLeft(state.until, now);
    return html`<span class="n amber">${left > 0 ? t("count.seconds", { seconds: count(left) }) : "…"}</span>`;
  }
  if (state.state === "stopped" && state.cause.status !== null) {
    return html`<span class="n red">${state.cause.status}</span>`;
  }
  return source.unread > 0 ? html`<span class="n new">${count(source.unread)}</span>` : nothing;
}
