// Starts the window: one state, one render per frame, keys and clocks.
import { render } from "/vendor/lit-html/lit-html.js";
import { backend } from "./backend.js";
import { createCommands } from "./commands.js";
import { resolveLanguage, setLanguage } from "./i18n.js";
import { sprite } from "./icons.js";
import { keyAction, zoomStep } from "./keys.js";
import { initial } from "./state.js";
import { reduce, unreadTotal } from "./store.js";
import { afterFrame, frame } from "./view/frame.js";
import { runKey } from "./view/key-actions.js";
import { later, readLater } from "./view/later.js";
import { loading } from "./view/loading.js";
import { panelKey } from "./view/panel.js";
import { isHeld, toTop } from "./view/rows.js";

/** @import { Action, State } from "./state.js" */

/** How often times in words are written anew where nothing counts down. */
const CALM_TICK = 15_000;

let state = { ...initial, systemLanguage: navigator.language, now: Date.now() };
let isScheduled = false;

/** @param {string} id @returns {HTMLElement} */
function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no #${id} in the page`);
  return found;
}
const root = element("app");
const live = element("live");

/** @param {Action} action */
function dispatch(action) {
  const next = reduce(state, action);
  if (next === state) return;
  state = next;
  schedule();
}

function schedule() {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    draw();
  });
}

const act = createCommands({
  backend,
  state: () => state,
  dispatch,
  isHeld: () => isHeld(state),
  now: () => Date.now(),
  say: (sentence) => {
    live.textContent = sentence;
  },
});

/** @param {State} current */
function dress(current) {
  const page = document.documentElement;
  const language = resolveLanguage(current.preferences.language, current.systemLanguage);
  setLanguage(language);
  page.lang = language;
  const { theme } = current.preferences;
  if (theme === "system") delete page.dataset["theme"];
  else page.dataset["theme"] = theme;
}

/** @param {State} current */
function entitle(current) {
  const unread = unreadTotal(current);
  document.title = unread > 0 ? `(${unread}) Tidings` : "Tidings";
}

let isDrawn = false;

/** When the first list was on the screen, for measurements; what can wait is read then. */
function markDrawn() {
  if (isDrawn) return;
  isDrawn = true;
  requestAnimationFrame(() => {
    performance.mark("drawn");
    void readLater(schedule);
  });
}

function draw() {
  dress(state);
  const view =
    state.phase !== "ready"
      ? loading(state, act)
      : state.firstRun
        ? later()?.firstRun(state, act)
        : frame(state, act, schedule);
  render(view, root);
  if (state.phase === "ready" && state.list.loading !== "first") markDrawn();
  // What it counts is there to be seen.
  if (isDrawn) entitle(state);
  afterFrame(state, act, schedule);
}

/** @returns {"text" | "control" | "none"} */
function focusKind() {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || focused === document.body) return "none";
  if (focused.matches("input, textarea, select, [contenteditable]")) return "text";
  if (focused.matches("button, a, summary, [role=tab], [role=treeitem], [role=separator]")) return "control";
  return "none";
}

/** Whether a key leads from a page to somewhere else; the others belong to the list. @param {string} action */
function leavesPanel(action) {
  return /^(go[A-Z].*|source \d|keySheet|settings|search|nextPane|previousPane)$/.test(action);
}

/** When `g` was pressed, which begins a shortcut of two keys. */
let prefixAt = -Infinity;
const PREFIX_FOR = 1200;

document.addEventListener("keydown", (event) => {
  const zoom = zoomStep(event);
  if (zoom) {
    event.preventDefault();
    void act.zoom(zoom);
    return;
  }
  if (state.phase !== "ready" || state.firstRun || state.dialog || state.overlay) return;
  if (document.querySelector(":popover-open, dialog:modal")) return;
  if (panelKey(event, state, act)) {
    event.preventDefault();
    return;
  }
  const prefixed = performance.now() - prefixAt < PREFIX_FOR;
  const action = keyAction(event, focusKind(), { single: !state.preferences.single_keys_off, prefixed });
  prefixAt = action === "prefix" ? performance.now() : -Infinity;
  if (action === null || action === "prefix") return;
  if (state.connections.panel && !leavesPanel(action)) return;
  if (action === "liveEdge" || action === "first") toTop();
  if (runKey(action, () => state, act, schedule)) event.preventDefault();
});

// The browser's own menu leads back, forth and to a page that is fetched anew.
document.addEventListener("contextmenu", (event) => {
  if (!(event.target instanceof Element && event.target.matches("input, textarea"))) event.preventDefault();
});

let lastTick = 0;
setInterval(() => {
  const isCounting =
    state.list.waiting > 0 ||
    state.firstRun !== null ||
    state.connections.panel !== null ||
    state.connections.probe?.running ||
    state.sources.some(({ state: at }) => at.state === "waiting" || at.state === "connecting");
  if (document.hidden || (!isCounting && Date.now() - lastTick < CALM_TICK)) return;
  lastTick = Date.now();
  act.tick();
}, 1000);

render(sprite, element("sprite"));
draw();
void act.refresh();
addEventListener("resize", schedule);
document.addEventListener("visibilitychange", () => act.tick());
