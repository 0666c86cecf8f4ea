// The one banner under the bar of a pane.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { pickBanner } from "../banners.js";
import { glyph, icon } from "../icons.js";

/** @import { Commands } from "../commands.js" */
/** @import { State } from "../state.js" */

/** @param {State} state @param {Commands} act */
export function banner(state, act) {
  const shown = pickBanner(state);
  if (!shown) return nothing;
  const { tone, title, text, button, remedy } = shown;
  const sign =
    tone === "red" ? glyph("h-stop") : tone === "quiet" ? icon("moon") : remedy?.what === "retry" ? glyph("h-wait") : icon("triangle-alert");
  return html`<div class="banner ${tone}">
    ${sign}
    <p><b class="b">${title}</b> <span class="dim">${text}</span></p>
    ${remedy ? html`<button class="btn" @click=${() => act.remedy(remedy)}>${button}</button>` : nothing}
  </div>`;
}
