// The search field: what is looked for as text and as chips, what could come next, what is wrong.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { live } from "/vendor/lit-html/directives/live.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { chips, suggestions, without } from "../query.js";
import { errorWords } from "../words.js";

/** @import { Commands } from "../commands.js" */
/** @import { Suggestion } from "../query.js" */
/** @import { State } from "../state.js" */

/** What the open list of suggestions shows; the field keeps the focus. */
const menu = { open: false, at: -1 };

/** @returns {HTMLInputElement | null} */
const field = () => /** @type {HTMLInputElement | null} */ (document.getElementById("search"));

/** At once where the field is in sight, so that no typed letter is lost; else after it is. */
export function focusSearch() {
  const focus = () => field()?.focus();
  focus();
  requestAnimationFrame(focus);
}

/** @param {State} state @returns {Suggestion[]} */
function offered(state) {
  const input = field();
  if (!menu.open || !input || document.activeElement !== input) return [];
  const rules = [state.detail?.rule ?? "", ...state.rules.saved.map(({ name }) => name)].filter((name) => name !== "");
  // What stands in the field now: keys come faster than frames.
  return suggestions(input.value, input.selectionStart ?? input.value.length, {
    sources: state.sources.map(({ name }) => name),
    rules: [...new Set(rules)],
    events: [...new Set(state.list.rows.map(({ event }) => event))],
  });
}

/** @param {State} state @param {Commands} act @param {Suggestion} chosen */
function take(state, act, { text, start, end }) {
  const input = field();
  const before = input?.value ?? state.searchText;
  const next = `${before.slice(0, start)}${text}${before.slice(end).trimStart()}`;
  menu.at = -1;
  menu.open = text.endsWith(":");
  const caret = start + text.length;
  if (input) input.value = next;
  input?.setSelectionRange(caret, caret);
  act.search(next);
}

/** @param {State} state @param {Commands} act @param {() => void} schedule @param {KeyboardEvent} press */
function onKey(state, act, schedule, press) {
  if (press.isComposing || press.keyCode === 229) return;
  const all = offered(state);
  if (press.code === "ArrowDown" || press.code === "ArrowUp") {
    if (all.length === 0) {
      menu.open = true;
    } else {
      const by = press.code === "ArrowDown" ? 1 : -1;
      menu.at = (menu.at + by + all.length + (menu.at < 0 && by < 0 ? 1 : 0)) % all.length;
    }
    press.preventDefault();
    schedule();
    return;
  }
  const chosen = all[menu.at] ?? (press.code === "Tab" && all.length === 1 ? all[0] : undefined);
  if ((press.code === "Enter" || press.code === "Tab") && chosen) {
    press.preventDefault();
    press.stopPropagation();
    take(state, act, chosen);
  } else if (press.code === "Enter") {
    press.stopPropagation();
    menu.open = false;
    act.searchNow(field()?.value ?? state.searchText);
    document.querySelector(/** @type {"div"} */ (".rows"))?.focus({ preventScroll: true });
  } else if (press.code === "Escape" && all.length > 0) {
    press.stopPropagation();
    menu.open = false;
    menu.at = -1;
    schedule();
  }
}

/** @param {State} state @param {Commands} act @param {() => void} schedule */
export function searchBar(state, act, schedule) {
  const read = (/** @type {Event} */ event) => {
    menu.open = true;
    menu.at = -1;
    act.search(/** @type {HTMLInputElement} */ (event.target).value);
  };
  const all = offered(state);
  const wrong = state.queryError;
  return html`<div class="bar wide ${state.searching ? "open" : ""}" role="search">
      <div class="search ${wrong ? "bad" : ""}">
        ${icon("search")}
        <input
          id="search"
          type="search"
          role="combobox"
          autocomplete="off"
          spellcheck="false"
          maxlength="2000"
          placeholder=${t("search.placeholder")}
          aria-label=${t("search.label")}
          aria-autocomplete="list"
          aria-controls="suggestions"
          aria-expanded=${all.length > 0 ? "true" : "false"}
          aria-activedescendant=${all[menu.at] ? `suggestion-${menu.at}` : nothing}
          aria-invalid=${wrong ? "true" : "false"}
          aria-describedby=${wrong ? "query-error" : nothing}
          .value=${live(state.searchText)}
          @input=${(/** @type {InputEvent} */ event) => {
            if (!event.isComposing) read(event);
          }}
          @compositionend=${read}
          @keydown=${(/** @type {KeyboardEvent} */ press) => onKey(state, act, schedule, press)}
          @focus=${() => { menu.open = true; menu.at = -1; void act.knowRules(); schedule(); }}
          @click=${schedule}
          @blur=${() => { menu.open = false; schedule(); }}
        />
        ${state.searchText === ""
          ? html`<kbd aria-hidden="true">/</kbd>`
          : html`<button class="ib tiny" aria-label=${t("search.clear")} @click=${() => { act.search(""); focusSearch(); }}>${icon("x")}</button>`}
      </div>
      <button class="ib" aria-label=${t("action.read_all")} title=${t("action.read_all")} ?disabled=${!canReadAll(state)} @click=${() => act.readAll()}>${icon("check-check")}</button>
    </div>
    <ul id="suggestions" class="suggest ${all.length > 0 ? "" : "none"}" role="listbox" aria-label=${t("search.suggestions")}>
      ${all.map(
        (one, index) => html`<li
          id=${`suggestion-${index}`}
          role="option"
          class=${index === menu.at ? "on" : ""}
          aria-selected=${index === menu.at ? "true" : "false"}
          @pointerdown=${(/** @type {PointerEvent} */ press) => {
            press.preventDefault();
            take(state, act, one);
          }}
        ><b class="mono">${one.text}</b><span>${hint(one.text)}</span></li>`,
      )}
    </ul>
    ${found(state, act)}`;
}

/** What a key of the query asks for, in words. @param {string} text */
function hint(text) {
  const key = /^-?([a-z]+):$/.exec(text)?.[1];
  return key ? t(`query.${key}`) : "";
}

/** @param {State} state */
function canReadAll(state) {
  const { view, query, sources, counts } = state;
  if (query !== "" || view.kind === "quieted") return false;
  return view.kind === "source" ? sources.some(({ id, unread }) => id === view.id && unread > 0) : counts.unread > 0;
}

/** What was looked for as chips, what is wrong with it, how much was found. @param {State} state @param {Commands} act */
function found(state, act) {
  const { searchText, query, list, queryError } = state;
  const all = chips(searchText);
  if (query === "" && all.length === 0 && !queryError) return nothing;
  return html`<div class="found">
    ${queryError ? wrongPart(query, queryError) : nothing}
    ${all.length === 0
      ? nothing
      : html`<ul class="chips" aria-label=${t("search.filters")}>
          ${all.map((chip) => html`<li class="chip ${chip.negated ? "not" : ""}">
            <span class="cut"><span class="dim">${chip.negated ? "-" : ""}${chip.key}:</span>${chip.value}</span>
            <button class="ib tiny" aria-label=${t("search.remove_filter", { filter: `${chip.key}:${chip.value}` })} @click=${() => { act.searchNow(without(searchText, chip)); focusSearch(); }}>${icon("x")}</button>
          </li>`)}
        </ul>`}
    ${queryError || query === "" || list.loading === "first"
      ? nothing
      : html`<p class="t12 dim3 num" role="status">${t(list.more || list.newer ? "search.found_more" : "search.found", { count: list.rows.length })}${list.bounded === null
          ? nothing
          : html` · ${t("search.bounded", { count: list.bounded })}`}</p>`}
  </div>`;
}

/** @param {string} text @param {import("../wire.d.ts").CommandError} error */
function wrongPart(text, error) {
  const [start, end] = error.range ?? [0, 0];
  return html`<p id="query-error" class="wrong" role="alert">
    ${icon("triangle-alert")}<span>${errorWords(error)}${end > start
      ? html` <span class="at mono">${text.slice(Math.max(0, start - 12), start)}<u>${text.slice(start, end)}</u></span>`
      : nothing}</span>
  </p>`;
}
