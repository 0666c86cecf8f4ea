// Which key means what. Matches on `event.code`, so a Korean or French layout changes nothing.

/** @typedef {"next" | "previous" | "first" | "last" | "pageDown" | "pageUp" | "open" | "back" | "toggleRead" | "search" | "liveEdge"} KeyAction */

/** @type {Record<string, KeyAction>} */
const PLAIN = {
  KeyJ: "next",
  ArrowDown: "next",
  KeyK: "previous",
  ArrowUp: "previous",
  Home: "first",
  End: "last",
  PageDown: "pageDown",
  PageUp: "pageUp",
  Enter: "open",
  NumpadEnter: "open",
  ArrowRight: "open",
  Escape: "back",
  ArrowLeft: "back",
  KeyU: "toggleRead",
  Slash: "search",
};

/** Keys that a focused control uses itself. */
const CONTROL_KEYS = new Set([
  "ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End", "PageDown", "PageUp",
  "Enter", "NumpadEnter", "Space",
]);

/**
 * @typedef {object} KeyPress
 * @property {string} code
 * @property {boolean} isComposing an input method is at work: the key is not ours
 * @property {number} [keyCode] 229 while composing, where `isComposing` comes late
 * @property {boolean} ctrlKey
 * @property {boolean} metaKey
 * @property {boolean} altKey
 * @property {boolean} shiftKey
 */

/**
 * What a key press asks for, or null.
 * @param {KeyPress} press
 * @param {"text" | "control" | "none"} focus what holds the focus: a text field, another control, or neither
 * @returns {KeyAction | null}
 */
export function keyAction(press, focus) {
  if (press.isComposing || press.keyCode === 229 || press.altKey) return null;
  if (press.ctrlKey || press.metaKey) {
    if (press.code === "ArrowUp" && focus !== "text") return "liveEdge";
    return press.code === "KeyF" && !press.shiftKey ? "search" : null;
  }
  if (press.code === "Escape") return "back";
  if (press.shiftKey || focus === "text") return null;
  if (focus === "control" && CONTROL_KEYS.has(press.code)) return null;
  return PLAIN[press.code] ?? null;
}
