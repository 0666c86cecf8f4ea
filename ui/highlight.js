// Where the words of a search occur in a line. Pure.

/**
 * The text in pieces; `hit` marks those a searched word matches.
 * @param {string} text
 * @param {string} query
 * @returns {{ text: string, hit: boolean }[]}
 */
export function pieces(text, query) {
  const words = query.split(/\s+/).filter(Boolean).map((word) => word.toLowerCase());
  if (words.length === 0) return [{ text, hit: false }];
  const lower = text.toLowerCase();
  // Some letters change their length in lower case; then positions do not carry over.
  if (lower.length !== text.length) return [{ text, hit: false }];
  /** @type {{ text: string, hit: boolean }[]} */
  const found = [];
  let at = 0;
  while (at < text.length) {
    let start = text.length;
    let length = 0;
    for (const word of words) {
      const index = lower.indexOf(word, at);
      if (index >= 0 && (index < start || (index === start && word.length > length))) {
        start = index;
        length = word.length;
      }
    }
    if (start > at) found.push({ text: text.slice(at, start), hit: false });
    if (length === 0) break;
    found.push({ text: text.slice(start, start + length), hit: true });
    at = start + length;
  }
  return found;
}
