// The middle pane: the history as a list of which only the rows in sight are drawn. What the
// reader looks at never moves: rows come in at the live edge only, or wait behind the pill.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { live } from "/vendor/lit-html/directives/live.js";
import { repeat } from "/vendor/lit-html/directives/repeat.js";
import { clockSeconds, count, dayHeading, fullTime, rowTime } from "../format.js";
import { pieces } from "../highlight.js";
import { t } from "../i18n.js";
import { glyph, icon } from "../icons.js";
import { anchored, dayAt, itemOf, layout, reveal, slice } from "../listing.js";
import { sourceOf, unreadTotal } from "../store.js";
import { errorWords, health, stateWords } from "../words.js";
import { banner } from "./banner.js";
import { colourClass } from "./sidebar.js";

/** @import { Row, SourceView } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { KeyAction } from "../keys.js" */
/** @import { Layout, RowItem } from "../listing.js" */
/** @import { State } from "../store.js" */

/** A row stays where it is this long after the pointer moved over the list. Milliseconds. */
const POINTER_HOLD = 3000;
/** Older or newer rows are read when the edge comes this near. Pixels. */
const NEAR = 800;

const viewport = { top: 0, height: 720 };
let lastPointer = -Infinity;
let drawnTicket = -1;
/** @type {{ rows: Row[], more: boolean, layout: Layout } | null} */
let drawn = null;
/** @type {number | null} the row a key selected, to be brought into sight */
let toReveal = null;
/** @type {ResizeObserver | null} */
let observer = null;
/** @type {Element | null} */
let observed = null;

/** @returns {HTMLElement | null} */
const scroller = () => document.querySelector(".rows");

/** Whether rows must not come in now. @param {State} state */
export function isHeld(state) {
  return (
    viewport.top > 0 ||
    performance.now() - lastPointer < POINTER_HOLD ||
    (state.selected !== null && state.list.rows.some(({ row }) => row === state.selected))
  );
}

/** Back to the live edge. */
export function toTop() {
  viewport.top = 0;
  lastPointer = -Infinity;
}

/** The layout of this state; what the reader sees keeps its place. @param {State} state */
function place(state) {
  const { rows, more, ticket } = state.list;
  const before = drawn;
  if (!drawn || drawn.rows !== rows || drawn.more !== more) {
    drawn = { rows, more, layout: layout(rows, more) };
    if (drawnTicket === ticket && before && viewport.top > 0) {
      viewport.top = anchored(before.layout, drawn.layout, viewport.top);
    }
  }
  if (drawnTicket !== ticket) {
    drawnTicket = ticket;
    viewport.top = 0;
  }
  if (toReveal !== null) {
    const item = itemOf(drawn.layout, toReveal);
    if (item) viewport.top = reveal(item, viewport.top, viewport.height);
    toReveal = null;
  }
  viewport.top = Math.max(0, Math.min(viewport.top, drawn.layout.height - viewport.height));
  return drawn.layout;
}

/** @param {State} state */
export function viewTitle({ view, sources }) {
  switch (view.kind) {
    case "inbox":
      return t("nav.inbox");
    case "all":
      return t("nav.all");
    case "source":
      return sources.find(({ id }) => id === view.id)?.name ?? "";
  }
}

/** @param {State} state @param {Commands} act @param {() => void} schedule */
export function list(state, act, schedule) {
  const { view } = state;
  const source = view.kind === "source" ? sourceOf(state, view.id) : undefined;
  const title = viewTitle(state);
  return html`<section class="list" aria-label=${title}>
    ${narrowBar(state, act, title)} ${searchBar(state, act)}
    ${source ? sourceHead(state, act, source) : nothing} ${banner(state, act)}
    ${pill(state, act)}
    ${state.list.rows.length === 0 ? empty(state, act, source) : rows(state, act, schedule, title)}
  </section>`;
}

/** @param {State} state @param {Commands} act @param {string} title */
function narrowBar(state, act, title) {
  const { sources } = state;
  const liveCount = sources.filter((source) => source.state.state === "live").length;
  const worst = sources.some((one) => health(one) === "stop") ? "stop" : sources.some((one) => health(one) === "wait") ? "wait" : "live";
  const unread = state.view.kind === "source" ? (sourceOf(state, state.view.id)?.unread ?? 0) : unreadTotal(state);
  return html`<div class="bar narrow">
    <button class="ib" aria-label=${t("action.back_to_sources")} @click=${() => act.pane("side")}>${icon("chevron-left")}</button>
    <span class="b cut" aria-hidden="true">${title}</span>
    ${unread > 0 ? html`<span class="t12 dim3 num">${count(unread)}</span>` : nothing}
    <span class="grow"></span>
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

/** @param {State} state @param {Commands} act */
function searchBar(state, act) {
  const unread = state.view.kind === "source" ? (sourceOf(state, state.view.id)?.unread ?? 0) : unreadTotal(state);
  const read = (/** @type {Event} */ event) => act.search(/** @type {HTMLInputElement} */ (event.target).value);
  return html`<div class="bar wide ${state.searching ? "open" : ""}" role="search">
    <div class="search">
      ${icon("search")}
      <input
        id="search"
        type="search"
        autocomplete="off"
        spellcheck="false"
        placeholder=${t("search.placeholder")}
        aria-label=${t("search.label")}
        .value=${live(state.searchText)}
        @input=${(/** @type {InputEvent} */ event) => {
          if (!event.isComposing) read(event);
        }}
        @compositionend=${read}
      />
      ${state.searchText === ""
        ? html`<kbd aria-hidden="true">/</kbd>`
        : html`<button class="ib tiny" aria-label=${t("search.clear")} @click=${() => { act.search(""); focusSearch(); }}>${icon("x")}</button>`}
    </div>
    <button class="ib" aria-label=${t("action.read_all")} title=${t("action.read_all")} ?disabled=${unread === 0} @click=${() => act.readAll()}>${icon("check-check")}</button>
  </div>`;
}

/** @param {State} state @param {Commands} act @param {SourceView} source */
function sourceHead(state, act, source) {
  const { state: at } = source.state;
  const tone = at === "stopped" ? "red" : at === "waiting" ? "amber" : "dim";
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

/** @param {State} state @param {Commands} act @param {() => void} schedule @param {string} title */
function rows(state, act, schedule, title) {
  const placed = place(state);
  const { items, before, after } = slice(placed, viewport.top, viewport.height);
  const day = dayAt(placed, viewport.top);
  const { selected } = state;
  const isDrawn = items.some((item) => item.kind === "row" && item.row.row === selected);
  const setSize = state.list.more || state.list.cut.length > 0 ? -1 : state.list.rows.length;
  return html`
    ${day ? html`<div class="day top" aria-hidden="true">${dayWords(day, state.now)}</div>` : nothing}
    <div
      class="rows"
      role="listbox"
      tabindex="0"
      aria-label=${title}
      aria-activedescendant=${isDrawn && selected !== null ? `row-${selected}` : nothing}
      data-before=${before}
      data-after=${after}
      @scroll=${() => onScroll(schedule)}
      @pointermove=${onPointer}
      @wheel=${onPointer}
      @pointerleave=${() => {
        lastPointer = -Infinity;
      }}
    >
      <div class="pad" role="presentation"></div>
      ${repeat(
        items,
        (item) => (item.kind === "row" ? item.row.row : `day-${item.at}`),
        (item) =>
          item.kind === "row"
            ? row(state, act, item, setSize)
            : html`<div class="day" role="presentation">${dayWords(item, state.now)}</div>`,
      )}
      <div class="pad" role="presentation"></div>
    </div>`;
}

/** @param {{ at: number, unread: number | null }} day @param {number} now */
function dayWords({ at, unread }, now) {
  return html`<span>${dayHeading(at, now)}</span>${unread
      ? html`<span class="n num">${t("count.unread", { count: unread })}</span>`
      : nothing}`;
}

/** @param {State} state @param {Commands} act @param {RowItem} item @param {number} setSize */
function row(state, act, { row: one, position }, setSize) {
  const isSelected = state.selected === one.row;
  const name = sourceOf(state, one.source)?.name ?? t("source.removed");
  const marked = (/** @type {string} */ text) =>
    state.query === ""
      ? text
      : pieces(text, state.query).map((piece) => (piece.hit ? html`<mark>${piece.text}</mark>` : piece.text));
  return html`<div
    id=${`row-${one.row}`}
    class="row ${one.severity} ${one.read ? "" : "unread"} ${isSelected ? "sel" : ""}"
    role="option"
    aria-selected=${isSelected ? "true" : "false"}
    aria-posinset=${position + 1}
    aria-setsize=${setSize}
    @click=${() => act.select(one.row, "detail")}
  >
    <span class="lead">${glyph(`sev-${one.severity}`)}${one.read ? nothing : html`<span class="dot"></span>`}</span>
    <div class="l1">
      <span class="src cut ${colourClass(state, one.source)}">${name}</span>
      ${one.delivery === "held" || one.delivery === "paused" ? html`<span class="held">${icon("moon")}</span>` : nothing}
      ${one.severity === "critical" || one.severity === "high" ? html`<span class="vh">${t(`severity.${one.severity}`)}</span>` : nothing}
      ${one.read ? nothing : html`<span class="vh">${t("row.unread")}</span>`}
      <time class="time" title=${fullTime(one.received_at)}>${rowTime(one.received_at, state.now)}</time>
    </div>
    <div class="l2">
      <span class="ttl">${marked(one.title)}</span>${one.preview === "" ? nothing : html`<span class="pre">${marked(one.preview)}</span>`}
    </div>
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
      act.release();
    }}
  >${icon("arrow-up")}${t("count.new", { count: waiting })}</button></div>`;
}

/** @param {State} state @param {Commands} act @param {SourceView | undefined} source */
function empty(state, act, source) {
  const { list: content, view, query, sources } = state;
  if (content.error) {
    return html`<div class="empty">
      <p class="b">${t("empty.failed")}</p>
      <p class="dim">${errorWords(content.error)}</p>
      <button class="btn" @click=${() => act.refresh()}>${t("action.try_again")}</button>
    </div>`;
  }
  if (content.loading === "first") return html`<div class="empty" aria-busy="true"></div>`;
  if (query !== "") {
    return html`<div class="empty">
      <p class="b">${t("empty.search", { query })}</p>
      <button class="btn" @click=${() => act.search("")}>${t("search.clear")}</button>
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
  if (waitsFor.every(({ last_event_at: at }) => at === null)) return waiting(state, waitsFor);
  if (view.kind === "inbox") {
    return html`<div class="empty">
      <p class="b">${t("empty.inbox")}</p>
      <p class="dim">${t("empty.inbox.text")}</p>
      <button class="btn" @click=${() => act.show({ kind: "all" })}>${t("action.show_all")}</button>
    </div>`;
  }
  return html`<div class="empty"><p class="b">${t("empty.nothing")}</p></div>`;
}

/** Connected, and nothing came yet. @param {State} state @param {SourceView[]} sources */
function waiting(state, sources) {
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
    ${glyph("h-live")}
    <p class="b">${t("empty.connected", { name: connected.name })}</p>
    <p class="dim">${t("state.first_event")}</p>
    <p class="t12 dim3 num">${t("empty.last_byte", { time: clockSeconds(at) })}</p>
  </div>`;
}

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

/** At once where the field is in sight, so that no typed letter is lost; else after it is. */
function focusSearch() {
  const focus = () => document.getElementById("search")?.focus();
  focus();
  requestAnimationFrame(focus);
}

/** Sizes and scroll position, which no template may set; reads on where an edge is near. @param {State} state @param {Commands} act @param {() => void} schedule */
export function afterList(state, act, schedule) {
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
  const height = drawn?.layout.height ?? 0;
  if (height - viewport.top - viewport.height < NEAR) act.older();
  if (viewport.top < NEAR) act.newer();
}

/** @param {State} state @param {number} by */
function selectBy(state, by) {
  const { rows: known } = state.list;
  const at = known.findIndex(({ row }) => row === state.selected);
  const to = at < 0 ? 0 : Math.max(0, Math.min(known.length - 1, at + by));
  return known[to]?.row ?? null;
}

/**
 * What a key does in the frame.
 * @param {KeyAction} action
 * @param {State} state
 * @param {Commands} act
 * @returns {boolean} whether it did anything
 */
export function listKey(action, state, act) {
  const moves = { next: 1, previous: -1, pageDown: 8, pageUp: -8, first: -Infinity, last: Infinity };
  switch (action) {
    case "next":
    case "previous":
    case "pageDown":
    case "pageUp":
    case "first":
    case "last": {
      const to = selectBy(state, moves[action]);
      if (to === null || state.pane === "side") return false;
      toReveal = to;
      act.select(to, state.pane);
      if (document.activeElement === document.body) scroller()?.focus({ preventScroll: true });
      return true;
    }
    case "open": {
      const row = state.selected ?? state.list.rows[0]?.row;
      if (row === undefined || document.activeElement?.closest(".detail")) return false;
      act.select(row, "detail");
      requestAnimationFrame(() => document.getElementById("detail-title")?.focus());
      return true;
    }
    case "back":
      if (document.activeElement?.id === "search" || state.searching || state.query !== "") {
        act.search("");
        act.searching(false);
      } else if (state.pane === "detail" && document.activeElement?.closest(".detail")) {
        act.pane("list");
      } else if (state.selected !== null) {
        act.deselect();
      }
      requestAnimationFrame(() => scroller()?.focus({ preventScroll: true }));
      return true;
    case "toggleRead":
      act.toggleRead();
      return state.selected !== null;
    case "search":
      act.pane("list");
      act.searching(true);
      focusSearch();
      return true;
    case "liveEdge":
      return false;
  }
}
