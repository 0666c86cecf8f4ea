// Which key means what. Matches on `event.code`, so a Korean or French layout changes nothing.

/**
 * @typedef {"next" | "previous" | "first" | "last" | "pageDown" | "pageUp" | "open" | "back"
 *   | "toggleRead" | "pin" | "remove" | "makeRule" | "mute" | "onlySource" | "search" | "liveEdge" | "previousUnread"
 *   | "nextUnread" | "goInbox" | "goAll" | "goQuieted" | "goSources" | "goRules" | "goDiagnostics" | "goToTime" | "menu" | "keySheet" | "settings"
 *   | "nextPane" | "previousPane" | "prefix" | `source ${number}`} KeyAction
 */

/** Keys that are no letter, digit or sign: they always work. @type {Record<string, KeyAction>} */
const PLAIN = {
  ArrowDown: "next",
  ArrowUp: "previous",
  Home: "first",
  End: "last",
  PageDown: "pageDown",
  PageUp: "pageUp",
  Enter: "open",
  NumpadEnter: "open",
  ArrowRight: "open",
  ArrowLeft: "back",
  Delete: "remove",
};

/** Shortcuts of a single key, which can be switched off (WCAG 2.1.4). @type {Record<string, KeyAction>} */
const SINGLE = {
  KeyJ: "next",
  KeyK: "previous",
  KeyU: "toggleRead",
  KeyP: "pin",
  KeyF: "onlySource",
  KeyM: "mute",
  KeyR: "makeRule",
  KeyG: "prefix",
  Slash: "search",
  BracketLeft: "previousUnread",
  BracketRight: "nextUnread",
};

/** What follows `g`. @type {Record<string, KeyAction>} */
const PLACES = { KeyI: "goInbox", KeyA: "goAll", KeyQ: "goQuieted", KeyC: "goSources", KeyR: "goRules", KeyS: "settings", KeyD: "goDiagnostics", KeyT: "goToTime" };

/** Keys that a focused control uses itself. */
const CONTROL_KEYS = new Set([
  "ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End", "PageDown", "PageUp",
  "Enter", "NumpadEnter", "Space", "Delete",
]);

/**
 * @typedef {object} KeyPress
 * @property {string} code
 * @property {string} [key] only for signs, which lie elsewhere on other layouts
 * @property {boolean} isComposing an input method is at work: the key is not ours
 * @property {number} [keyCode] 229 while composing, where `isComposing` comes late
 * @property {boolean} ctrlKey
 * @property {boolean} metaKey
 * @property {boolean} altKey
 * @property {boolean} shiftKey
 */

/** @typedef {"in" | "out" | "reset"} ZoomStep */

/** By code, but for signs that lie elsewhere on other layouts. @type {Record<string, ZoomStep>} */
const ZOOM = {
  Equal: "in", NumpadAdd: "in", "+": "in", "=": "in",
  Minus: "out", NumpadSubtract: "out", "-": "out",
  Digit0: "reset", Numpad0: "reset",
};

/** Whether a key press asks for another size, wherever the focus is. @param {KeyPress} press @returns {ZoomStep | null} */
export function zoomStep({ code, key = "", ctrlKey, metaKey, altKey }) {
  if (!(ctrlKey || metaKey) || altKey) return null;
  return ZOOM[key] ?? ZOOM[code] ?? null;
}

/**
 * What a key press asks for, or null.
 * @param {KeyPress} press
 * @param {"text" | "control" | "none"} focus what holds the focus: a text field, another control, or neither
 * @param {{ single?: boolean, prefixed?: boolean }} [mode] whether shortcuts of a single key are on; whether `g` came before
 * @returns {KeyAction | null}
 */
export function keyAction(press, focus, { single = true, prefixed = false } = {}) {
  if (press.isComposing || press.keyCode === 229 || press.altKey) return null;
  const { code } = press;
  if (code === "F6" && !press.ctrlKey && !press.metaKey) return press.shiftKey ? "previousPane" : "nextPane";
  if (press.ctrlKey || press.metaKey) {
    if (code === "ArrowUp" && focus !== "text") return "liveEdge";
    if (code === "Comma") return "settings";
    return code === "KeyF" && !press.shiftKey ? "search" : null;
  }
  if (code === "Escape") return "back";
  if (focus === "text") return null;
  if (code === "ContextMenu" || (code === "F10" && press.shiftKey)) return focus === "none" ? "menu" : null;
  if (single && (press.key === "?" || (code === "Slash" && press.shiftKey))) return "keySheet";
  if (single && press.key === "/") return "search";
  if (press.shiftKey) return null;
  if (focus === "control" && CONTROL_KEYS.has(code)) return null;
  const plain = PLAIN[code];
  if (plain || !single) return plain ?? null;
  if (prefixed && PLACES[code]) return PLACES[code] ?? null;
  const digit = /^Digit([1-9])$/.exec(code)?.[1];
  return digit ? `source ${Number(digit)}` : (SINGLE[code] ?? null);
}
