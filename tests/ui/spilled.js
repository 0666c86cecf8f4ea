// Finds what a person cannot read or reach: text and controls cut off without a sign, running out
// of their box, or lying on other text. It runs in the page, in a test browser and in the real app
// alike.

/** @returns {string[]} one line for each fault */
export function spilled() {
  /** @typedef {{ left: number, top: number, right: number, bottom: number }} Box */
  /** @type {string[]} */
  const found = [];
  const layers = ".toast, .pill, dialog, [popover], .suggest, .offers, .bubble";
  const controls = "button, input, select, textarea, summary, svg";
  const isUnseen = (/** @type {Element | null} */ element) => {
    for (let up = element; up; up = up.parentElement) if (getComputedStyle(up).clipPath !== "none") return true;
    return false;
  };
  const inSight = (/** @type {Element} */ element) =>
    element.checkVisibility({ visibilityProperty: true }) && !element.closest(".vh, .sprite") && !isUnseen(element);
  const told = (/** @type {Element} */ element) =>
    `${element.getAttribute("class") || element.tagName}: ${(element.textContent?.trim() || element.getAttribute("aria-label") || "").slice(0, 60)}`;
  const isOver = (/** @type {Element} */ element) => element.matches(":popover-open, :modal") || getComputedStyle(element).position === "fixed";

  /**
   * The part of a box that its ancestors and the window let be seen, and who cuts it off where no
   * scrolling and no ellipsis leads to the rest.
   * @param {Element} element @param {Box} box @returns {Box & { by: string }}
   */
  const visible = (element, box) => {
    let { left, top, right, bottom } = box;
    let by = "";
    const clip = (/** @type {Box} */ edge, /** @type {boolean} */ across, /** @type {boolean} */ down, /** @type {string} */ who) => {
      if (across && right > left && (edge.left - left > 2 || right - edge.right > 2)) by ||= who;
      if (down && bottom > top && (edge.top - top > 2 || bottom - edge.bottom > 2)) by ||= who;
    };
    // An ancestor without a position does not hold what is placed absolutely.
    let isFree = false;
    for (let up = /** @type {Element | null} */ (element); up && up !== document.body; up = up.parentElement) {
      const style = getComputedStyle(up);
      const holds = !isFree || style.position !== "static";
      if (holds && (style.overflowX !== "visible" || style.overflowY !== "visible")) {
        const edge = up.getBoundingClientRect();
        const cuts = (/** @type {string} */ overflow) => /hidden|clip/.test(overflow) && style.webkitLineClamp === "none";
        clip(edge, cuts(style.overflowX) && style.textOverflow !== "ellipsis", cuts(style.overflowY), `.${[...up.classList].join(".") || up.tagName}`);
        [left, top] = [Math.max(left, edge.left), Math.max(top, edge.top)];
        [right, bottom] = [Math.min(right, edge.right), Math.min(bottom, edge.bottom)];
      }
      if (isOver(up)) break;
      if (holds) isFree = style.position === "absolute";
    }
    clip({ left: 0, top: 0, right: innerWidth, bottom: innerHeight }, true, true, "the window");
    return { left, top, right: Math.min(right, innerWidth), bottom: Math.min(bottom, innerHeight), by };
  };

  /** @type {({ element: Element, layer: Element | null } & Box)[]} */
  const lines = [];
  const modal = [...document.querySelectorAll("dialog")].find((dialog) => dialog.matches(":modal"));
  for (const element of (modal ?? document.body).querySelectorAll("*")) {
    if (!inSight(element)) continue;
    if (element.matches(controls)) {
      const { by } = visible(element, element.getBoundingClientRect());
      if (by) found.push(`cut off by ${by}: ${told(element)}`);
      if (element.matches("select")) lines.push({ element, layer: element.closest(layers), ...visible(element, element.getBoundingClientRect()) });
    }
    if (!(element instanceof HTMLElement)) continue;
    for (const text of element.childNodes) {
      if (text.nodeType !== Node.TEXT_NODE || !text.textContent?.trim()) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      for (const box of range.getClientRects()) {
        const { by, ...part } = visible(element, box);
        if (by) found.push(`cut off by ${by}: ${told(element)}`);
        // Letters are lower than their line: half of what is between two lines may be shared.
        if (part.right - part.left > 2 && part.bottom - part.top > 6) lines.push({ element, layer: element.closest(layers), ...part });
      }
    }
    const style = getComputedStyle(element);
    if (style.display === "inline" || style.overflowX !== "visible" || style.overflowY !== "visible") continue;
    // A box without a size is a place to hang a layer on.
    if (element.clientWidth === 0 || element.clientHeight === 0) continue;
    // Signs drawn by a style and layers may lie beyond the box on purpose; what is in its flow may not.
    const holdsText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
    const { right, bottom } = element.getBoundingClientRect();
    const scrolls = element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;
    const isBeyond = holdsText
      ? scrolls
      : [...element.children].some((child) => {
          const { display, position } = getComputedStyle(child);
          if (!/static|relative/.test(position) || !inSight(child)) return false;
          // The box of inline text holds the spaces that hang where a line ends.
          if (display === "inline") return scrolls;
          const box = child.getBoundingClientRect();
          return box.right > right + 1 || box.bottom > bottom + 1;
        });
    if (isBeyond) found.push(`runs out: ${told(element)} ${element.scrollWidth}x${element.scrollHeight} in ${element.clientWidth}x${element.clientHeight}`);
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
  return [...new Set(found)];
}
