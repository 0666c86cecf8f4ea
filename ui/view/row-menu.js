// The menu of one row: what can be done with its event without opening it.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { quoted } from "../query.js";
import { sourceOf } from "../store.js";

/** @import { Row, RowId } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { IconName } from "../icons.js" */
/** @import { State } from "../state.js" */

/** Space to the edges of the window. Pixels. */
const EDGE = 8;

/** Of which row it is, and where it was asked for; null: it is closed. @type {{ row: RowId, x: number, y: number } | null} */
let asked = null;

/** @returns {HTMLElement | null} */
const popover = () => document.getElementById("row-menu");

/** @returns {RowId | null} the row whose menu is open */
export const menuRow = () => asked?.row ?? null;

/**
 * @param {RowId} row
 * @param {{ x: number, y: number } | null} at the pointer; null: a key asked
 * @param {() => void} schedule
 */
export function openRowMenu(row, at, schedule) {
  const box = document.getElementById(`row-${row}`)?.getBoundingClientRect();
  asked = { row, x: at?.x ?? (box?.left ?? 0) + 40, y: at?.y ?? (box?.bottom ?? 0) - EDGE };
  schedule();
}

/** @param {State} state @param {Commands} act @param {() => void} schedule */
export function rowMenu(state, act, schedule) {
  const row = state.list.rows.find((one) => one.row === asked?.row);
  if (!row) asked = null;
  return html`<div
    id="row-menu"
    class="menu row-menu"
    popover="manual"
    role="menu"
    aria-label=${row ? t("menu.label", { title: row.title }) : nothing}
    @keydown=${(/** @type {KeyboardEvent} */ press) => onKey(press, schedule)}
    @mousedown=${(/** @type {Event} */ event) => event.preventDefault() /* the focus stays, in every engine */}
    @focusout=${(/** @type {FocusEvent} */ event) => {
      if (!popover()?.contains(/** @type {Node | null} */ (event.relatedTarget))) close(schedule);
    }}
  >
    ${row ? items(state, act, row, schedule) : nothing}
  </div>`;
}

/** @param {State} state @param {Commands} act @param {Row} row @param {() => void} schedule */
function items(state, act, row, schedule) {
  const source = sourceOf(state, row.source);
  const isHere = state.view.kind === "source" && state.view.id === row.source;
  const isMuted = source?.toast.loudness === "muted";
  /** @param {IconName} sign @param {string} words @param {string} key @param {() => void} run */
  const item = (sign, words, key, run) => html`<button
    class="menu-i"
    role="menuitem"
    tabindex="-1"
    @pointermove=${(/** @type {Event} */ event) => /** @type {HTMLElement} */ (event.currentTarget).focus()}
    @click=${() => {
      close(schedule);
      run();
    }}
  >${icon(sign)}<span class="grow cut">${words}</span>${key && !state.preferences.single_keys_off ? html`<kbd aria-hidden="true">${key}</kbd>` : nothing}</button>`;
  return html`
    ${item(row.read ? "mail" : "mail-open", t(row.read ? "action.mark_unread" : "action.mark_read"), "U", () => act.toggleRead(row.row))}
    ${item("pin", t(row.pinned ? "action.unpin" : "action.pin"), "P", () => act.togglePin(row.row))}
    ${item("copy", t("action.copy_payload"), "", () => act.copyPayload(row.row))}
    <hr />
    ${source && !isHere ? item("list-filter", t("menu.only_source", { name: source.name }), "F", () => act.show({ kind: "source", id: source.id })) : nothing}
    ${item("list-filter", t("menu.only_event", { event: row.event }), "", () => act.filterBy(`event:${quoted(row.event)}`))}
    ${item("split", t("inbox.make_rule"), "R", () => act.makeRule(undefined, row.row))}
    ${source ? item("bell-off", t(isMuted ? "inbox.unmute" : "inbox.mute"), "M", () => act.mute(source.id)) : nothing}
    <hr />
    ${item("trash-2", t("action.delete"), "Del", () => act.remove(row.row))}
  `;
}

/** Closes it; the focus goes back to the list. @param {() => void} schedule */
function close(schedule) {
  if (!asked) return;
  asked = null;
  const menu = popover();
  if (menu?.contains(document.activeElement)) document.getElementById("rows")?.focus({ preventScroll: true });
  menu?.hidePopover();
  schedule();
}

/** @param {KeyboardEvent} press @param {() => void} schedule */
function onKey(press, schedule) {
  const all = /** @type {HTMLElement[]} */ ([...(popover()?.querySelectorAll("[role=menuitem]") ?? [])]);
  const at = all.findIndex((one) => one === document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[press.code];
  // What closes it is no step back for the window.
  press.stopPropagation();
  if (press.code === "Tab" || press.code === "Escape") close(schedule);
  else if (to === undefined) return;
  else all.at(to % all.length)?.focus();
  press.preventDefault();
}

/** Opens it where it was asked for, which no template can; without its row it goes. */
export function afterRowMenu() {
  const menu = popover();
  const isOpen = menu?.matches(":popover-open");
  if (!menu || !asked) {
    if (isOpen) menu?.hidePopover();
    return;
  }
  if (!isOpen) {
    menu.showPopover();
    /** @type {HTMLElement | null} */ (menu.querySelector("[role=menuitem]"))?.focus();
  }
  const left = Math.min(asked.x, innerWidth - menu.offsetWidth - EDGE);
  const top = Math.min(asked.y, innerHeight - menu.offsetHeight - EDGE);
  menu.style.setProperty("left", `${Math.max(EDGE, left)}px`);
  menu.style.setProperty("top", `${Math.max(EDGE, top)}px`);
}
