// A line of text in the pieces a search has marked. Pure.

/**
 * The text in pieces; `hit` tells those that were found.
 * @param {string} text
 * @param {[number, number][]} marks start and end of each, rising
 * @returns {{ text: string, hit: boolean }[]}
 */
export function pieces(text, marks) {
  /** @type {{ text: string, hit: boolean }[]} */
  const found = [];
  let at = 0;
  for (const [start, end] of marks) {
    if (start < at || end <= start || start >= text.length) continue;
    if (start > at) found.push({ text: text.slice(at, start), hit: false });
    found.push({ text: text.slice(start, end), hit: true });
    at = end;
  }
  if (at < text.length) found.push({ text: text.slice(at), hit: false });
  return found;
}
