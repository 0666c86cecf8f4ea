// A JSON payload as a tree of text nodes: closed below the root but for small members, built as it is opened.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";

/** @typedef {null | boolean | number | string | Json[] | { [key: string]: Json }} Json */

/** Children shown at a time. */
const CHILDREN = 200;
/** A member of the root with no more children than this is open at first. */
const SMALL = 5;
/** Characters of a string shown at first. */
const STRING = 500;
/** Data beyond this is not parsed: the raw text is quicker to read. */
const PARSE_MAX = 2 * 1024 * 1024;

const open = {
  row: -1,
  /** @type {Map<string, boolean>} nodes a person opened or closed, by path */
  nodes: new Map(),
  /** @type {Map<string, number>} how many children are shown where it is more than one page */
  shown: new Map(),
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
    return { value: JSON.parse(data) };
  } catch {
    return null;
  }
}

/** @param {number} row @param {Json} value @param {() => void} schedule */
export function tree(row, value, schedule) {
  if (open.row !== row) {
    open.row = row;
    open.nodes.clear();
    open.shown.clear();
  }
  return html`<ul class="tree">${node(null, value, "", 0, schedule)}</ul>`;
}

/** @param {Json} value */
function summary(value) {
  if (Array.isArray(value)) return t("tree.items", { count: value.length });
  const keys = Object.keys(/** @type {object} */ (value));
  const first = keys.slice(0, 4).join(", ");
  return `{ ${first}${keys.length > 4 ? ", …" : ""} }`;
}

/** @param {string | null} key @param {Json} value @param {string} path @param {number} depth @param {() => void} schedule @returns {unknown} */
function node(key, value, path, depth, schedule) {
  const name = key === null ? nothing : html`<span class="k">${key}</span>: `;
  if (typeof value !== "object" || value === null) {
    return html`<li><span class="line">${name}${scalar(value, path, schedule)}</span></li>`;
  }
  const entries = Array.isArray(value) ? value : Object.keys(value);
  const brackets = Array.isArray(value) ? "[]" : "{}";
  if (entries.length === 0) {
    return html`<li><span class="line">${name}<span class="z">${brackets}</span></span></li>`;
  }
  const isOpen = open.nodes.get(path) ?? (depth === 0 || (depth === 1 && entries.length <= SMALL));
  const toggle = () => {
    open.nodes.set(path, !isOpen);
    schedule();
  };
  return html`<li>
    <button class="line" aria-expanded=${isOpen ? "true" : "false"} @click=${toggle}
      >${icon(isOpen ? "chevron-down" : "chevron-right")}${name}<span class="z">${isOpen ? brackets[0] : summary(value)}</span></button
    >${isOpen
      ? html`<ul>${children(value, path, depth, schedule)}</ul><span class="line z">${brackets[1]}</span>`
      : nothing}
  </li>`;
}

/** @param {Json[] | { [key: string]: Json }} value @param {string} path @param {number} depth @param {() => void} schedule */
function children(value, path, depth, schedule) {
  const shown = open.shown.get(path) ?? CHILDREN;
  /** @type {[string, Json][]} */
  const entries = Object.entries(value);
  const rest = entries.length - shown;
  const more = () => {
    open.shown.set(path, shown + CHILDREN);
    schedule();
  };
  return html`${entries
      .slice(0, shown)
      .map(([key, child]) => node(key, child, `${path}/${key}`, depth + 1, schedule))}
    ${rest > 0 ? html`<li><button class="link" @click=${more}>${t("tree.more", { count: rest })}</button></li>` : nothing}`;
}

/** @param {null | boolean | number | string} value @param {string} path @param {() => void} schedule */
function scalar(value, path, schedule) {
  if (typeof value !== "string") return html`<span class="v">${String(value)}</span>`;
  const text = JSON.stringify(value);
  if (text.length <= STRING || open.nodes.get(path)) return html`<span class="s">${text}</span>`;
  const all = () => {
    open.nodes.set(path, true);
    schedule();
  };
  return html`<span class="s">${text.slice(0, STRING)}…</span> <button class="link" @click=${all}>${t("tree.show_string")}</button>`;
}
