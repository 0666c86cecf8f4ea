// The right pane: one event in full, why it rang or did not, and its payload.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { ago, clockSeconds, dayOf, fullTime, rowTime } from "../format.js";
import { t } from "../i18n.js";
import { glyph, icon } from "../icons.js";
import { sourceOf } from "../store.js";
import { errorWords } from "../words.js";
import { banner } from "./banner.js";
import { clipped, payload } from "./payload.js";
import { colourClass } from "./sidebar.js";
import { why } from "./why.js";

/** @import { EventDetail, Row } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { IconName } from "../icons.js" */
/** @import { State } from "../state.js" */

/** Whether no other pane is in sight. */
const isAlone = () => matchMedia("(max-width: 639px)").matches;

/** @param {State} state @param {Commands} act @param {() => void} schedule */
export function detail(state, act, schedule) {
  const { selected, detail: event, detailError } = state;
  const known = event ?? state.list.rows.find(({ row }) => row === selected);
  return html`<section class="detail" aria-label=${t("detail.label")}>
    <div class="bar">
      <button class="ib back" aria-label=${t("action.back_to_list")} @click=${() => act.pane("list")}>${icon("chevron-left")}</button>
      ${known ? actions(state, act, known, event) : nothing}
    </div>
    ${isAlone() ? banner(state, act) : nothing}
    ${detailError
      ? html`<div class="empty"><p class="b">${errorWords(detailError)}</p></div>`
      : known
        ? html`<div class="d-body">
            ${head(state, known, event)} ${event ? content(state, act, event, schedule) : nothing}
          </div>`
        : html`<div class="empty"><p class="dim3">${t("detail.none")}</p></div>`}
  </section>`;
}

/** @param {IconName} sign @param {string} words @param {() => void} run @param {boolean} [pressed] */
function action(sign, words, run, pressed) {
  return html`<button
    class="ib"
    aria-label=${words}
    title=${words}
    aria-pressed=${pressed === undefined ? nothing : pressed ? "true" : "false"}
    @click=${run}
  >${icon(sign)}</button>`;
}

/** @param {State} state @param {Commands} act @param {Row} row @param {EventDetail | null} event */
function actions(state, act, row, event) {
  const source = sourceOf(state, row.source);
  const isHere = state.view.kind === "source" && state.view.id === row.source;
  return html`${event?.link
      ? html`<button class="btn ghost link-btn" title=${event.link.url} @click=${() => act.openLink()}>
          ${icon("external-link")}<span class="cut">${event.link.host}</span>
        </button>`
      : nothing}
    <span class="grow"></span>
    ${action(row.read ? "mail" : "mail-open", t(row.read ? "action.mark_unread" : "action.mark_read"), () => act.toggleRead())}
    ${action("pin", t(row.pinned ? "action.unpin" : "action.pin"), () => act.togglePin(), row.pinned)}
    ${event ? action("copy", t("action.copy_payload"), () => act.copyText(event.data, t("notice.copied"))) : nothing}
    ${action("split", t("inbox.make_rule"), () => act.makeRule())}
    ${source ? action("bell-off", t(source.toast.loudness === "muted" ? "inbox.unmute" : "inbox.mute"), () => act.mute(source.id), source.toast.loudness === "muted") : nothing}
    ${source && !isHere ? action("list-filter", t("action.only_source"), () => act.show({ kind: "source", id: source.id })) : nothing}
    ${action("trash-2", t("action.delete"), () => act.remove())}`;
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
    ${event.tags.length === 0 ? nothing : html`<p class="d-tags">${event.tags.map((tag) => html`<span class="chip">${tag}</span>`)}</p>`}
    ${why(state, act, event)} ${payload(state, act, event, schedule)}`;
}
