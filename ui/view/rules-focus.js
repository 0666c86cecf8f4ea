// Where the focus goes once the rules are drawn anew.

/** @type {string[]} */
let wanted = [];

/** Puts the focus there after the next frame: on the first of these that is there. @param {string[]} selectors */
export function wantFocus(...selectors) {
  wanted = selectors;
}

/** Does what was wanted, if it is there. */
export function giveFocus() {
  if (wanted.length === 0) return;
  const there = wanted.map((one) => /** @type {HTMLElement | null} */ (document.querySelector(one)));
  const found = there.find((one) => one?.checkVisibility());
  wanted = [];
  found?.focus();
  if (found instanceof HTMLInputElement && found.id === "rule-name") found.select();
}
