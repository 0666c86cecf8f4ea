// Finds text a person cannot read: cut off without a sign, or lying on other text. It runs in the
// page, in a test browser and in the real app alike.

/** @returns {string[]} one line for each fault */
export function spilled() {
  /** @type {string[]} */
  const found = [];
  const layers = ".toast, .pill, dialog, [popover], .suggest, .offers, .bubble";
  const inSight = (/** @type {Element} */ element) =>
    element.checkVisibility({ visibilityProperty: true }) && !element.closest(".vh, .sprite");
  const told = (/** @type {Element} */ element) => `${element.className || element.tagName}: ${element.textContent?.trim().slice(0, 60)}`;

  /** The part of a box that its ancestors let be seen. @param {Element} element @param {DOMRect} box */
  const visible = (element, box) => {
    let { left, top, right, bottom } = box;
    for (let up = /** @type {Element | null} */ (element); up && up !== document.body; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (style.overflowX === "visible" && style.overflowY === "visible") continue;
      const edge = up.getBoundingClientRect();
      [left, top] = [Math.max(left, edge.left), Math.max(top, edge.top)];
      [right, bottom] = [Math.min(right, edge.right), Math.min(bottom, edge.bottom)];
    }
    return { left, top, right: Math.min(right, innerWidth), bottom: Math.min(bottom, innerHeight) };
  };

  /** @type {{ element: Element, layer: Element | null, left: number, top: number, right: number, bottom: number }[]} */
  const lines = [];
  const modal = [...document.querySelectorAll("dialog")].find((dialog) => dialog.matches(":modal"));
  for (const element of (modal ?? document.body).querySelectorAll("*")) {
    if (!(element instanceof HTMLElement) || !inSight(element)) continue;
    const texts = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
    for (const text of texts) {
      const range = document.createRange();
      range.selectNodeContents(text);
      for (const box of range.getClientRects()) {
        const part = visible(element, box);
        // Letters are lower than their line: half of what is between two lines may be shared.
        if (part.right - part.left > 2 && part.bottom - part.top > 6) lines.push({ element, layer: element.closest(layers), ...part });
      }
    }
    if (texts.length === 0 && !element.matches(".bar, .banner, .row, .day, .outage, .source-head, .set, .dlg-foot, .nav-i, .tabs, .found")) continue;
    const style = getComputedStyle(element);
    if (style.clipPath !== "none" || style.display === "inline") continue;
    const scrolls = /auto|scroll/.test(style.overflowX + style.overflowY);
    const signed = style.textOverflow === "ellipsis" && style.overflowX === "hidden";
    if (scrolls || (signed && element.scrollHeight <= element.clientHeight + 2)) continue;
    if (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1) {
      found.push(`cut off: ${told(element)} ${element.scrollWidth}x${element.scrollHeight} in ${element.clientWidth}x${element.clientHeight}`);
    }
  }
  for (const [index, a] of lines.entries()) {
    for (const b of lines.slice(index + 1)) {
      if (a.layer !== b.layer || a.element === b.element) continue;
      const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (width > 2 && height > 6) found.push(`overlap: ${told(a.element)} | ${told(b.element)}`);
    }
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push("the page is wider than the window");
  return found;
}
