// The right pane: one event in full, what became of its toast, and its payload.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { ago, clockSeconds, count, dayOf, fullTime, rowTime, size, utf8Length } from "../format.js";
import { t } from "../i18n.js";
import { glyph, icon } from "../icons.js";
import { sourceOf } from "../store.js";
import { errorWords } from "../words.js";
import { parsed, tree } from "./json-tree.js";
import { colourClass } from "./sidebar.js";

/** @import { Delivery, EventDetail, Row } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { IconName } from "../icons.js" */
/** @import { State, Tab } from "../store.js" */

/** Text beyond this many characters is shown in part first. */
const LARGE = 256 * 1024;
const PART = 64 * 1024;

/** @type {number | null} the row whose large text is shown in full */
let shownInFull = null;

/** @type {Record<Delivery, IconName>} */
const DELIVERY_ICONS = {
  pending: "clock",
  shown: "bell",
  digest: "layers",
  held: "moon",
  quiet: "bell-off",
  rate_capped: "bell-off",
  refused: "triangle-alert",
  paused: "bell-off",
};

/** @param {State} state @param {Commands} act @param {() => void} schedule */
export function detail(state, act, schedule) {
  const { selected, detail: event, detailError } = state;
  const known = event ?? state.list.rows.find(({ row }) => row === selected);
  return html`<section class="detail" aria-label=${t("detail.label")}>
    <div class="bar">
      <button class="ib back" aria-label=${t("action.back_to_list")} @click=${() => act.pane("list")}>${icon("chevron-left")}</button>
      ${known ? actions(state, act, known) : nothing}
    </div>
    ${detailError
      ? html`<div class="empty"><p class="b">${errorWords(detailError)}</p></div>`
      : known
        ? html`<div class="d-body">
            ${head(state, known, event)} ${event ? content(state, act, event, schedule) : nothing}
          </div>`
        : html`<div class="empty"><p class="dim3">${t("detail.none")}</p></div>`}
  </section>`;
}

/** @param {State} state @param {Commands} act @param {Row} row */
function actions(state, act, row) {
  const source = sourceOf(state, row.source);
  const isHere = state.view.kind === "source" && state.view.id === row.source;
  return html`<button class="btn ghost" @click=${() => act.toggleRead()}>
      ${icon(row.read ? "mail" : "mail-open")}${row.read ? t("action.mark_unread") : t("action.mark_read")}
    </button>
    ${source && !isHere
      ? html`<button class="btn ghost" @click=${() => act.show({ kind: "source", id: source.id })}>${icon("radio")}${t("action.only_source")}</button>`
      : nothing}`;
}

/** @param {State} state @param {Row} row @param {EventDetail | null} event */
function head(state, row, event) {
  const name = sourceOf(state, row.source)?.name ?? t("source.removed");
  const at = row.received_at;
  const isToday = dayOf(at) === dayOf(state.now);
  const time = isToday ? clockSeconds(at) : `${rowTime(at, state.now)}, ${clockSeconds(at)}`;
  return html`<header class="d-title">
    ${glyph(`sev-${row.severity}`)}
    <h2 id="detail-title" tabindex="-1">${event?.full_title ?? row.title}</h2>
    <p title=${fullTime(at)}>
      <span class="m ${colourClass(state, row.source)}">${name}</span> · ${t(`severity.${row.severity}`)} · ${time} · ${ago(at, state.now)}
    </p>
  </header>`;
}

/** @param {State} state @param {Commands} act @param {EventDetail} event @param {() => void} schedule */
function content(state, act, event, schedule) {
  return html`${event.body === "" ? nothing : html`<p class="d-msg">${clipped(event, event.body, schedule)}</p>`}
    ${event.url === null ? nothing : html`<p class="d-url"><span class="t12 dim3">${t("detail.link")}</span> <span class="mono">${event.url}</span></p>`}
    ${why(state, event)} ${payload(state, act, event, schedule)}`;
}

/** @param {State} state @param {EventDetail} event */
function why(state, event) {
  const name = sourceOf(state, event.source)?.name ?? t("source.removed");
  return html`<section class="why" aria-labelledby="why-title">
    <h3 id="why-title">${t("why.title")}</h3>
    <ol>
      <li>${icon("radio")}<span>${t("why.event")} <code>${event.event}</code> · ${name}</span></li>
      <li class="hit">
        ${icon(DELIVERY_ICONS[event.delivery])}
        <span>${t(`delivery.${event.delivery}`)}${event.delivery_cause === null ? nothing : html` <span class="dim">· ${t(`delivery.why.${event.delivery_cause}`)}</span>`}${event.delivery_detail === null ? nothing : html` <span class="dim">· ${event.delivery_detail}</span>`}</span>
      </li>
      ${event.replayed ? html`<li>${icon("rotate-cw")}<span>${t("why.replayed")}</span></li>` : nothing}
      ${event.truncated ? html`<li>${icon("triangle-alert")}<span>${t("why.truncated")}</span></li>` : nothing}
    </ol>
  </section>`;
}

/** @param {State} state @param {Commands} act @param {EventDetail} event @param {() => void} schedule */
function payload(state, act, event, schedule) {
  const json = parsed(event.row, event.data);
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
      <span class="meta">${size(utf8Length(event.data))}</span>
    </div>
    <div id="payload" class="payload" role="tabpanel" tabindex="0" aria-labelledby=${`tab-${tab}`}>
      ${tab === "pretty" && json
        ? tree(event.row, json.value, schedule)
        : tab === "frame"
          ? frameTab(event)
          : html`<pre class="raw">${clipped(event, event.data, schedule)}</pre>`}
    </div>`;
}

/** @param {EventDetail} event */
function frameTab(event) {
  const none = html`<span class="dim3">${t("frame.none")}</span>`;
  return html`<dl class="facts">
    <dt>${t("frame.event")}</dt>
    <dd class="mono">${event.event}</dd>
    <dt>${t("frame.id")}</dt>
    <dd class="mono">${event.own_id === null || event.own_id === "" ? none : event.own_id}</dd>
    <dt>${t("frame.received")}</dt>
    <dd class="num">${fullTime(event.received_at)}</dd>
    <dt>${t("frame.size")}</dt>
    <dd class="num">${t("frame.bytes", { count: utf8Length(event.data) })}</dd>
    <dt>${t("frame.row")}</dt>
    <dd class="num">${count(event.row)}</dd>
  </dl>`;
}

/** Long text in part, with a way to see all of it. @param {EventDetail} event @param {string} text @param {() => void} schedule */
function clipped(event, text, schedule) {
  if (text.length <= LARGE || shownInFull === event.row) return text;
  const showAll = () => {
    shownInFull = event.row;
    schedule();
  };
  return html`${text.slice(0, PART)}… <button class="link" @click=${showAll}>${t("payload.show_all", { size: size(utf8Length(text)) })}</button>`;
}
