// Where the focus goes once the rules are drawn anew.

/** @type {string | null} */
let wanted = null;

/** Puts the focus there after the next frame; a selector. @param {string} selector */
export function wantFocus(selector) {
  wanted = selector;
}

/** Does what was wanted, if it is there. */
export function giveFocus() {
  if (wanted === null) return;
  const found = /** @type {HTMLElement | null} */ (document.querySelector(wanted));
  wanted = null;
  found?.focus();
  if (found instanceof HTMLInputElement && found.id === "rule-name") found.select();
}
