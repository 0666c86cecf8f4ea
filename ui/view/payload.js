// What the server sent: as a tree, as it came, and what was around it.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { count, fullTime, size, utf8Length } from "../format.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { parsed, tree } from "./json-tree.js";

/** @import { EventDetail } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { State, Tab } from "../state.js" */

/** Text beyond this many characters is shown in part first. */
const LARGE = 256 * 1024;
const PART = 64 * 1024;

/** @type {number | null} the row whose large text is shown in full */
let shownInFull = null;

/** @param {State} state @param {Commands} act @param {EventDetail} event @param {() => void} schedule */
export function payload(state, act, event, schedule) {
  const isLarge = event.data.length > LARGE && shownInFull !== event.row;
  const json = isLarge ? null : parsed(event.row, event.data);
  /** @type {Tab[]} */
  const tabs = json ? ["pretty", "raw", "frame"] : ["raw", "frame"];
  const tab = tabs.includes(state.tab) ? state.tab : (tabs[0] ?? "raw");
  const move = (/** @type {KeyboardEvent} */ press) => {
    const by = press.code === "ArrowRight" ? 1 : press.code === "ArrowLeft" ? -1 : 0;
    const next = tabs[tabs.indexOf(tab) + by];
    if (by === 0 || !next) return;
    press.preventDefault();
    act.tab(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return html`<div class="tabs">
      <div role="tablist" aria-label=${t("payload.label")} @keydown=${move}>
        ${tabs.map(
          (one) => html`<button
            id=${`tab-${one}`}
            role="tab"
            class=${one === tab ? "on" : ""}
            aria-selected=${one === tab ? "true" : "false"}
            aria-controls="payload"
            tabindex=${one === tab ? 0 : -1}
            @click=${() => act.tab(one)}
          >${t(`payload.${one}`)}</button>`,
        )}
      </div>
      <span class="grow"></span>
      ${tab === "raw"
        ? html`<button class="ib mini" aria-label=${t("payload.wrap")} title=${t("payload.wrap")} aria-pressed=${state.wrap ? "true" : "false"} @click=${() => act.wrap(!state.wrap)}>${icon("wrap-text")}</button>
            <button class="ib mini" aria-label=${t("action.copy_payload")} title=${t("action.copy_payload")} @click=${() => act.copyText(event.data, t("notice.copied"))}>${icon("copy")}</button>`
        : nothing}
      <span class="meta">${size(utf8Length(event.data))}</span>
    </div>
    <div id="payload" class="payload" role="tabpanel" tabindex=${tab === "pretty" ? -1 : 0} aria-labelledby=${`tab-${tab}`}>
      ${tab === "pretty" && json
        ? tree(event.row, json.value, act, schedule)
        : tab === "frame"
          ? frameTab(event)
          : html`<pre class="raw ${state.wrap ? "" : "long"}">${clipped(event, event.data, schedule)}</pre>`}
    </div>`;
}

/** @param {EventDetail} event */
function frameTab(event) {
  const none = html`<span class="dim3">${t("frame.none")}</span>`;
  const yes = (/** @type {boolean} */ is) => t(is ? "frame.yes" : "frame.no");
  return html`<dl class="facts">
    <dt>${t("frame.event")}</dt>
    <dd class="mono">${event.event}</dd>
    <dt>${t("frame.id")}</dt>
    <dd class="mono">${event.own_id === null || event.own_id === "" ? none : event.own_id}</dd>
    <dt>${t("frame.received")}</dt>
    <dd class="num">${fullTime(event.received_at)}</dd>
    <dt>${t("frame.size")}</dt>
    <dd class="num">${t("frame.bytes", { count: utf8Length(event.data) })}</dd>
    <dt>${t("frame.replayed")}</dt>
    <dd>${yes(event.replayed)}</dd>
    <dt>${t("frame.truncated")}</dt>
    <dd>${yes(event.truncated)}</dd>
    <dt>${t("frame.row")}</dt>
    <dd class="num">${count(event.row)}</dd>
  </dl>`;
}

/** Long text in part, with a way to see all of it. @param {EventDetail} event @param {string} text @param {() => void} schedule */
export function clipped(event, text, schedule) {
  if (text.length <= LARGE || shownInFull === event.row) return text;
  const showAll = () => {
    shownInFull = event.row;
    schedule();
  };
  return html`${text.slice(0, PART)}… <button class="link" @click=${showAll}>${t("payload.show_all", { size: size(utf8Length(text)) })}</button>`;
}
