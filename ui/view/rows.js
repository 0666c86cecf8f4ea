// The rows of the list, of which only those in sight are drawn, and the list's own scroll bar:
// its thumb reaches every row there is, though few are in memory. What the reader looks at never
// moves: rows come in at the live edge only, or wait behind the pill.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { repeat } from "/vendor/lit-html/directives/repeat.js";
import { clock, dayHeading, dayOf, fullTime, rowMoment, rowTime } from "../format.js";
import { pieces } from "../highlight.js";
import { t } from "../i18n.js";
import { glyph, icon } from "../icons.js";
import { anchored, COMPACT_HEIGHT, dayAt, elements, itemOf, layout, reveal, ROW_HEIGHT, slice, thumb, topRow } from "../listing.js";
import { fractionOf } from "../rows.js";
import { sourceOf } from "../store.js";
import { menuRow, openRowMenu } from "./row-menu.js";
import { colourClass } from "./sidebar.js";

/** @import { OutageView } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { Item, Layout, RowItem } from "../listing.js" */
/** @import { List } from "../rows.js" */
/** @import { State } from "../state.js" */

/** A row stays where it is this long after the pointer moved over the list. Milliseconds. */
const POINTER_HOLD = 3000;
/** Older or newer rows are read when the edge comes this near. Pixels. */
const NEAR = 800;

const viewport = { top: 0, height: 720 };
let lastPointer = -Infinity;
let drawnTicket = -1;
/** @type {{ list: List, compact: boolean, layout: Layout } | null} */
let drawn = null;
/** @type {Map<number, number>} which element each row in sight has */
let drawnIn = new Map();
/** @type {number | null} the row a key selected, to be brought into sight */
let toReveal = null;
/** @type {{ grip: number, fraction: number } | null} the thumb is being dragged */
let drag = null;
/** @type {ResizeObserver | null} */
let observer = null;
/** @type {Element | null} */
let observed = null;

/** @returns {HTMLElement | null} */
export const scroller = () => document.querySelector(".rows");

/** Whether rows must not come in now. @param {State} state */
export function isHeld(state) {
  return (
    (viewport.top > 0 && drawnTicket === state.list.ticket) ||
    drag !== null ||
    menuRow() !== null ||
    performance.now() - lastPointer < POINTER_HOLD ||
    (state.selected !== null && state.list.rows.some(({ row }) => row === state.selected))
  );
}

/** Back to the live edge. */
export function toTop() {
  viewport.top = 0;
  lastPointer = -Infinity;
}

/** The menu of the selected row, brought into sight. @param {State} state @param {() => void} schedule @returns {boolean} */
export function toRowMenu({ selected, list }, schedule) {
  if (selected === null || !list.rows.some(({ row }) => row === selected)) return false;
  bringIntoSight(selected);
  openRowMenu(selected, null, schedule);
  return true;
}

/** When the first row in sight came. @param {State} state */
export function timeInSight({ now }) {
  const first = drawn && topRow(drawn.layout, viewport.top);
  return first?.row.received_at ?? now;
}

/** Brings a row into sight at the next frame. @param {number} row */
export function bringIntoSight(row) {
  toReveal = row;
}

/** @param {List} a @param {List} b */
function isSameList(a, b) {
  return a.rows === b.rows && a.more === b.more && a.newer === b.newer && a.outages === b.outages;
}

/** The layout of this state; what the reader sees keeps its place. @param {State} state */
function place(state) {
  const { list } = state;
  const { compact } = state.preferences;
  const before = drawn;
  if (!before || !isSameList(before.list, list) || before.compact !== compact) {
    const { rows, more, newer, outages } = list;
    const rowHeight = compact ? COMPACT_HEIGHT : ROW_HEIGHT;
    drawn = { list, compact, layout: layout(rows, more, { outages, rowHeight, newer }) };
    const grewAbove = before !== null && before.list.newer && before.list.rows[0] !== rows[0];
    if (drawnTicket === list.ticket && before && (viewport.top > 0 || grewAbove)) {
      viewport.top = anchored(before.layout, drawn.layout, viewport.top);
    }
  }
  const { layout: placed } = /** @type {NonNullable<typeof drawn>} */ (drawn);
  if (drawnTicket !== list.ticket) {
    drawnTicket = list.ticket;
    viewport.top = list.opens === "bottom" ? placed.height : 0;
  }
  if (toReveal !== null) {
    const item = itemOf(placed, toReveal);
    if (item) viewport.top = reveal(item, viewport.top, viewport.height);
    toReveal = null;
  }
  viewport.top = Math.max(0, Math.min(viewport.top, placed.height - viewport.height));
  return placed;
}

/** Whether every row of the view is in memory. @param {List} list */
const isWhole = (list) => !list.more && !list.newer;

/** @param {State} state @param {Commands} act @param {() => void} schedule @param {string} title */
export function rows(state, act, schedule, title) {
  const placed = place(state);
  const { items, before, after } = slice(placed, viewport.top, viewport.height);
  const day = dayAt(placed, viewport.top);
  const { selected, list } = state;
  const isDrawn = items.some((item) => item.kind === "row" && item.row.row === selected);
  drawnIn = elements(drawnIn, items.flatMap((item) => (item.kind === "row" ? item.row.row : [])));
  const setSize = isWhole(list) ? list.rows.length : -1;
  return html`
    ${day ? topDay(state, act, day) : nothing}
    <div class="rows-at">
      <div
        class="rows ${state.preferences.compact ? "compact" : ""}"
        id="rows"
        role="listbox"
        tabindex="0"
        aria-label=${title}
        aria-activedescendant=${isDrawn && selected !== null ? `row-${selected}` : nothing}
        data-before=${before}
        data-after=${after}
        @scroll=${() => onScroll(schedule)}
        @pointermove=${onPointer}
        @wheel=${onPointer}
        @contextmenu=${(/** @type {MouseEvent} */ event) => {
          const at = /** @type {Element} */ (event.target).closest("[role=option]");
          if (at) openRowMenu(Number(at.id.slice("row-".length)), event, schedule);
        }}
        @pointerleave=${() => {
          lastPointer = -Infinity;
        }}
      >
        <div class="pad" role="presentation"></div>
        ${repeat(items, keyOf, (item) =>
          item.kind === "row"
            ? row(state, act, item, setSize)
            : item.kind === "day"
              ? html`<div class="day" role="presentation">${dayWords(item, state.now)}</div>`
              : html`<div class="outage" role="presentation" title=${outageWords(state, item.outage)}><span>${outageWords(state, item.outage)}</span></div>`,
        )}
        <div class="pad" role="presentation"></div>
      </div>
      ${scrollBar(state, act, schedule, placed)}
    </div>`;
}

/** @param {Item} item */
function keyOf(item) {
  if (item.kind === "row") return drawnIn.get(item.row.row);
  return item.kind === "day" ? `day-${item.at}` : `outage-${item.outage.source}-${item.outage.started_at}`;
}

/** The day in sight, and the way to another. @param {State} state @param {Commands} act @param {{ at: number, unread: number | null }} day */
function topDay(state, act, { at, unread }) {
  const words = dayHeading(at, state.now);
  return html`<div class="day top">
    <button class="to-time" aria-haspopup="dialog" aria-label=${`${words}: ${t("time.title")}`} title=${t("time.title")} @click=${() => act.askTime(timeInSight(state))}>
      ${words}${icon("chevron-down")}</button
    >${unreadWords(unread)}
  </div>`;
}

/** @param {number | null} unread */
const unreadWords = (unread) => (unread ? html`<span class="n num" aria-hidden="true">${t("count.unread", { count: unread })}</span>` : nothing);

/** @param {{ at: number, unread: number | null }} day @param {number} now */
function dayWords({ at, unread }, now) {
  return html`<span>${dayHeading(at, now)}</span>${unreadWords(unread)}`;
}

/** @param {State} state @param {OutageView} outage */
function outageWords(state, { source, started_at, ended_at, replayed }) {
  const name = sourceOf(state, source)?.name ?? t("source.removed");
  const values = { name, from: rowMoment(started_at, state.now), to: dayOf(started_at) === dayOf(ended_at) ? clock(ended_at) : rowMoment(ended_at, state.now) };
  return replayed > 0 ? t("outage.replayed", { ...values, count: replayed }) : t("outage.nothing", values);
}

/** @param {State} state @param {Commands} act @param {RowItem} item @param {number} setSize */
function row(state, act, { row: one, position }, setSize) {
  const isSelected = state.selected === one.row;
  const name = sourceOf(state, one.source)?.name ?? t("source.removed");
  const { delivery, severity } = one;
  return html`<div
    id=${`row-${one.row}`}
    class="row ${severity} ${one.read ? "" : "unread"} ${isSelected ? "sel" : ""} ${menuRow() === one.row ? "asked" : ""}"
    role="option"
    aria-selected=${isSelected ? "true" : "false"}
    aria-posinset=${setSize < 0 ? nothing : position + 1}
    aria-setsize=${setSize}
    @click=${() => {
      // The release of the button that opened the menu is a click in some engines.
      if (menuRow() === null) act.select(one.row, "detail");
    }}
  >
    <span class="lead">${glyph(`sev-${severity}`)}${one.read ? nothing : html`<span class="dot"></span>`}</span>
    <div class="l1">
      <span class="src cut ${colourClass(state, one.source)}">${name}</span>
      ${one.pinned ? html`<span class="sign pin">${icon("pin")}<span class="vh">${t("row.pinned")}</span></span>` : nothing}
      ${delivery === "held" || delivery === "paused" ? html`<span class="sign">${icon("moon")}<span class="vh">${t("row.held")}</span></span>` : nothing}
      ${delivery === "quiet" ? html`<span class="sign">${icon("bell-off")}<span class="vh">${t("row.quiet")}</span></span>` : nothing}
      ${severity === "critical" || severity === "high" ? html`<span class="vh">${t(`severity.${severity}`)}</span>` : nothing}
      ${one.read ? nothing : html`<span class="vh">${t("row.unread")}</span>`}
      <time class="time" title=${fullTime(one.received_at)}>${rowTime(one.received_at, state.now)}</time>
    </div>
    <div class="l2">
      <span class="ttl">${marked(one.title, one.marks?.title)}</span>${one.preview === "" ? nothing : html`<span class="pre">${marked(one.preview, one.marks?.preview)}</span>`}
    </div>
  </div>`;
}

/** @param {string} text @param {[number, number][] | undefined} marks */
function marked(text, marks) {
  if (!marks || marks.length === 0) return text;
  return pieces(text, marks).map((piece) => (piece.hit ? html`<mark>${piece.text}</mark>` : piece.text));
}

// --- the scroll bar ---

/** Where the thumb is: its part of all rows, and its place from 0 to 1. @param {List} list @param {Layout} placed */
function position(list, placed) {
  const room = placed.height - viewport.height;
  if (isWhole(list)) {
    return { shown: viewport.height / Math.max(1, placed.height), fraction: room > 0 ? viewport.top / room : 0 };
  }
  const all = Math.max(1, list.newest - list.oldest + 1);
  if (!list.more && viewport.top >= room - 1) return { shown: 10 / all, fraction: 1 };
  const first = topRow(placed, viewport.top);
  return { shown: 10 / all, fraction: first ? fractionOf(list, first.row.row) : 0 };
}

/** @param {State} state @param {Commands} act @param {() => void} schedule @param {Layout} placed */
function scrollBar(state, act, schedule, placed) {
  const { list } = state;
  if (isWhole(list) && placed.height <= viewport.height) return nothing;
  const { shown, fraction } = drag ? { ...position(list, placed), fraction: drag.fraction } : position(list, placed);
  const first = topRow(placed, viewport.top);
  const where = first ? `${dayHeading(first.row.received_at, state.now)}, ${clock(first.row.received_at)}` : "";
  const end = () => {
    drag = null;
    schedule();
  };
  return html`<div
    class="bar-track ${drag ? "drag" : ""}"
    role="scrollbar"
    aria-controls="rows"
    aria-orientation="vertical"
    aria-label=${t("list.scroll")}
    aria-valuemin="0"
    aria-valuemax="100"
    aria-valuenow=${Math.round(fraction * 100)}
    aria-valuetext=${where}
    data-shown=${shown}
    data-fraction=${fraction}
    @pointerdown=${(/** @type {PointerEvent} */ press) => grab(press, list, act, schedule)}
    @pointermove=${(/** @type {PointerEvent} */ move) => {
      if (drag) dragTo(move, list, act, schedule);
    }}
    @pointerup=${end}
    @pointercancel=${end}
  >
    <div class="thumb"></div>
    ${drag ? html`<div class="bubble num">${where}</div>` : nothing}
  </div>`;
}

/** @param {PointerEvent} press @param {List} list @param {Commands} act @param {() => void} schedule */
function grab(press, list, act, schedule) {
  if (press.button !== 0) return;
  press.preventDefault();
  const track = /** @type {HTMLElement} */ (press.currentTarget);
  track.setPointerCapture(press.pointerId);
  const box = track.querySelector(".thumb")?.getBoundingClientRect();
  const isOnThumb = box !== undefined && press.clientY >= box.top && press.clientY <= box.bottom;
  drag = { grip: isOnThumb ? press.clientY - box.top : (box?.height ?? 0) / 2, fraction: Number(track.dataset["fraction"]) };
  if (!isOnThumb) dragTo(press, list, act, schedule);
  schedule();
}

/** @param {PointerEvent} move @param {List} list @param {Commands} act @param {() => void} schedule */
function dragTo(move, list, act, schedule) {
  if (!drag) return;
  const track = /** @type {HTMLElement} */ (move.currentTarget);
  const { top, height } = track.getBoundingClientRect();
  const size = thumb(height, Number(track.dataset["shown"]), 0).height;
  const fraction = Math.min(1, Math.max(0, (move.clientY - drag.grip - top) / Math.max(1, height - size)));
  if (fraction === drag.fraction) return;
  drag.fraction = fraction;
  if (isWhole(list)) viewport.top = fraction * ((drawn?.layout.height ?? 0) - viewport.height);
  else void act.jump(fraction);
  schedule();
}

// --- what no template may set ---

/** @param {() => void} schedule */
function onScroll(schedule) {
  const element = scroller();
  if (!element || Math.abs(element.scrollTop - viewport.top) < 1) return;
  viewport.top = element.scrollTop;
  schedule();
}

function onPointer() {
  lastPointer = performance.now();
}

/** Sizes and scroll position; reads on where an edge is near. @param {Commands} act @param {() => void} schedule */
export function afterRows(act, schedule) {
  const element = scroller();
  if (!element || element.clientHeight === 0) return;
  if (element !== observed) {
    observer?.disconnect();
    observer = new ResizeObserver(schedule);
    observer.observe(element);
    observed = element;
  }
  const pads = /** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll(".pad"));
  pads[0]?.style.setProperty("height", `${element.dataset["before"]}px`);
  pads[1]?.style.setProperty("height", `${element.dataset["after"]}px`);
  if (Math.abs(element.scrollTop - viewport.top) >= 1) element.scrollTop = viewport.top;
  if (element.clientHeight !== viewport.height) {
    viewport.height = element.clientHeight;
    schedule();
  }
  const track = /** @type {HTMLElement | null} */ (document.querySelector(".bar-track"));
  if (track) {
    const at = thumb(viewport.height, Number(track.dataset["shown"]), Number(track.dataset["fraction"]));
    const knob = /** @type {HTMLElement | null} */ (track.querySelector(".thumb"));
    knob?.style.setProperty("height", `${at.height}px`);
    knob?.style.setProperty("transform", `translateY(${at.top}px)`);
    const bubble = /** @type {HTMLElement | null} */ (track.querySelector(".bubble"));
    bubble?.style.setProperty("transform", `translateY(${Math.max(0, at.top + at.height / 2 - 14)}px)`);
  }
  if (drag) return;
  const height = drawn?.layout.height ?? 0;
  if (height - viewport.top - viewport.height < NEAR) act.older();
  if (viewport.top < NEAR) act.newer();
}
