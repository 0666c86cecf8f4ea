// A JSON payload as a tree of text nodes: closed below the root but for small members, built as it
// is opened. Arrows move in it; the line that has the focus or the pointer offers what can be done.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { hostOf } from "../inbox-commands.js";
import { quoted } from "../query.js";

/** @import { Commands } from "../commands.js" */
/** @typedef {null | boolean | number | string | Figure | Json[] | { [key: string]: Json }} Json */
/** @typedef {{ act: Commands, schedule: () => void}} Tools */

/** Children shown at a time. */
const CHILDREN = 200;
/** A member of the root with no more children than this is open at first. */
const SMALL = 5;
/** Characters of a string shown at first. */
const STRING = 500;
/** Characters of a value that can be looked for. */
const FILTER = 200;
/** Data beyond this is not parsed: the raw text is quicker to read. */
const PARSE_MAX = 2 * 1024 * 1024;

const open = {
  row: -1,
  /** @type {Map<string, boolean>} nodes a person opened or closed, by path */
  nodes: new Map(),
  /** @type {Map<string, number>} how many children are shown where it is more than one page */
  shown: new Map(),
  /** The line that can be reached by Tab. */
  active: "$",
  /** The line under the pointer. */
  hover: "",
};

/** @type {{ row: number, json: { value: Json } | null }} */
let last = { row: -1, json: null };

/** The payload, where it is a JSON object or array. @param {number} row @param {string} data */
export function parsed(row, data) {
  if (last.row !== row) last = { row, json: parse(data) };
  return last.json;
}

/** @param {string} data @returns {{ value: Json } | null} */
function parse(data) {
  if (data.length > PARSE_MAX || !/^\s*[{[]/.test(data)) return null;
  try {
    return { value: JSON.parse(data, asWritten) };
  } catch {
    return null;
  }
}

/** A number as the server wrote it, where it reads otherwise once it is one: `1.0`, or too large. */
class Figure {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
}

/** Keeps the text of numbers. @param {string} _key @param {Json} value @param {{ source?: string }} [context] which older engines lack */
function asWritten(_key, value, context) {
  const text = context?.source;
  return typeof value === "number" && text !== undefined && text !== String(value) ? new Figure(text) : value;
}

/** A number is looked for where the core keeps every digit of it: whole ones of 64 bits, others of 15 digits. @param {string} text */
function isExact(text) {
  return /^-?\d{1,18}$/.test(text) || (!/e/i.test(text) && text.replace(/\D/g, "").length <= 15);
}

/** The JSONPath (RFC 9535) of a child. @param {string} path @param {string} key @param {boolean} inArray */
export function childPath(path, key, inArray) {
  if (inArray) return `${path}[${key}]`;
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? `${path}.${key}` : `${path}['${key.replace(/[\\']/g, "\\$&")}']`;
}

/** @param {number} row @param {Json} value @param {Commands} act @param {() => void} schedule */
export function tree(row, value, act, schedule) {
  if (open.row !== row) {
    Object.assign(open, { row, active: "$", hover: "" });
    open.nodes.clear();
    open.shown.clear();
  }
  const hover = (/** @type {string} */ path) => {
    if (open.hover === path) return;
    open.hover = path;
    schedule();
  };
  const lineOf = (/** @type {Event} */ event) =>
    /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[role=treeitem]"));
  return html`<ul
    class="tree"
    role="tree"
    aria-label=${t("payload.label")}
    @pointermove=${(/** @type {Event} */ event) => hover(lineOf(event)?.dataset["path"] ?? "")}
    @pointerleave=${() => hover("")}
    @focusin=${(/** @type {Event} */ event) => {
      const path = lineOf(event)?.dataset["path"] ?? "$";
      if (open.active === path) return;
      open.active = path;
      schedule();
    }}
    @keydown=${(/** @type {KeyboardEvent} */ press) => onKey(press)}
  >${node(null, value, "$", 0, { act, schedule })}</ul>`;
}

/** @param {KeyboardEvent} press */
function onKey(press) {
  const item = /** @type {HTMLElement} */ (press.target);
  if (item.getAttribute("role") !== "treeitem") return;
  const root = /** @type {HTMLElement} */ (press.currentTarget);
  const all = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("[role=treeitem]")]);
  const at = all.indexOf(item);
  const expanded = item.getAttribute("aria-expanded");
  const toggle = () => /** @type {HTMLElement | null} */ (item.querySelector(":scope > .line"))?.click();
  /** @type {HTMLElement | null | undefined} */
  let to;
  switch (press.code) {
    case "ArrowDown":
      to = all[at + 1];
      break;
    case "ArrowUp":
      to = all[at - 1];
      break;
    case "Home":
      to = all[0];
      break;
    case "End":
      to = all[all.length - 1];
      break;
    case "ArrowRight":
      if (expanded === "false") toggle();
      else if (expanded === "true") to = all[at + 1];
      break;
    case "ArrowLeft":
      if (expanded === "true") toggle();
      else to = item.parentElement?.closest("[role=treeitem]");
      break;
    case "Enter":
    case "Space":
      if (expanded !== null) toggle();
      break;
    default:
      return;
  }
  press.preventDefault();
  press.stopPropagation();
  to?.focus();
}

/** @param {Json} value */
function summary(value) {
  if (Array.isArray(value)) return t("tree.items", { count: value.length });
  const keys = Object.keys(/** @type {object} */ (value));
  const first = keys.slice(0, 4).map((key) => (key.length > 40 ? `${key.slice(0, 40)}…` : key)).join(", ");
  return `{ ${first}${keys.length > 4 ? ", …" : ""} }`;
}

/** @param {string | null} key @param {Json} value @param {string} path @param {number} depth @param {Tools} tools @returns {unknown} */
function node(key, value, path, depth, tools) {
  const name = key === null ? nothing : html`<span class="k">${key}</span>: `;
  const tab = open.active === path ? 0 : -1;
  if (typeof value !== "object" || value === null || value instanceof Figure) {
    return html`<li role="treeitem" data-path=${path} tabindex=${tab} aria-selected="false">
      <span class="line">${name}${scalar(value, path, tools)}${offers(value, path, tools)}</span>
    </li>`;
  }
  const entries = Array.isArray(value) ? value : Object.keys(value);
  const brackets = Array.isArray(value) ? "[]" : "{}";
  if (entries.length === 0) {
    return html`<li role="treeitem" data-path=${path} tabindex=${tab} aria-selected="false">
      <span class="line">${name}<span class="z">${brackets}</span>${offers(null, path, tools)}</span>
    </li>`;
  }
  const isOpen = open.nodes.get(path) ?? (depth === 0 || (depth === 1 && entries.length <= SMALL));
  const toggle = (/** @type {Event} */ event) => {
    if (/** @type {Element} */ (event.target).closest("button")) return;
    open.nodes.set(path, !isOpen);
    tools.schedule();
  };
  return html`<li role="treeitem" data-path=${path} tabindex=${tab} aria-selected="false" aria-expanded=${isOpen ? "true" : "false"}>
    <span class="line opens" @click=${toggle}
      >${icon(isOpen ? "chevron-down" : "chevron-right")}${name}<span class="z">${isOpen ? brackets[0] : summary(value)}</span>${depth === 0 ? nothing : offers(null, path, tools)}</span
    >${isOpen
      ? html`<ul role="group">${children(value, path, depth, tools)}</ul><span class="line z" aria-hidden="true">${brackets[1]}</span>`
      : nothing}
  </li>`;
}

/** @param {Json[] | { [key: string]: Json }} value @param {string} path @param {number} depth @param {Tools} tools */
function children(value, path, depth, tools) {
  const shown = open.shown.get(path) ?? CHILDREN;
  /** @type {[string, Json][]} */
  const entries = Object.entries(value);
  const rest = entries.length - shown;
  const more = () => {
    open.shown.set(path, shown + CHILDREN);
    tools.schedule();
  };
  return html`${entries
      .slice(0, shown)
      .map(([key, child]) => node(key, child, childPath(path, key, Array.isArray(value)), depth + 1, tools))}
    ${rest > 0 ? html`<li role="none"><button class="link" @click=${more}>${t("tree.more", { count: rest })}</button></li>` : nothing}`;
}

/** @param {null | boolean | number | string | Figure} value @param {string} path @param {Tools} tools */
function scalar(value, path, tools) {
  if (value instanceof Figure) return html`<span class="v">${value.text}</span>`;
  if (typeof value !== "string") return html`<span class="v">${String(value)}</span>`;
  const text = JSON.stringify(value);
  const host = text.length <= STRING ? hostOf(value) : "";
  const shown = text.length <= STRING || open.nodes.get(path) ? text : `${text.slice(0, STRING)}…`;
  const all = () => {
    open.nodes.set(path, true);
    tools.schedule();
  };
  return html`<span class="s">${shown}</span>${shown.length < text.length
      ? html` <button class="link" @click=${all}>${t("tree.show_string")}</button>`
      : nothing}${host === ""
      ? nothing
      : html` <button class="link out" title=${value} @click=${() => tools.act.askLink(value)}>${icon("external-link")}${t("action.open_link")}</button>`}`;
}

/** What can be done with a line: only where it is looked at, so that Tab passes the others by. @param {null | boolean | number | string | Figure} value @param {string} path @param {Tools} tools */
function offers(value, path, { act }) {
  if (path !== open.active && path !== open.hover) return nothing;
  const text = value === null ? "" : value instanceof Figure ? value.text : String(value);
  const isSure = value instanceof Figure ? isExact(text) : !Number.isInteger(value) || Number.isSafeInteger(value);
  const canAsk = text !== "" && text.length <= FILTER && !path.includes("'") && !text.includes('"') && !/\s{2}|\n/.test(text);
  const tab = path === open.active ? 0 : -1;
  return html`<span class="offers">
    ${canAsk && isSure
      ? html`<button class="btn" tabindex=${tab} @click=${() => act.filterBy(`${path}:${quoted(text)}`)}>${icon("list-filter")}${t("tree.filter")}</button>`
      : nothing}
    ${canAsk
      ? html`<button class="btn" tabindex=${tab} @click=${() => act.makeRule(path)}>${icon("split")}${t("tree.rule")}</button>`
      : nothing}
    <button class="btn" tabindex=${tab} @click=${() => act.copyText(path, t("notice.copied"))}>${icon("copy")}${t("tree.copy_path")}</button>
  </span>`;
}
