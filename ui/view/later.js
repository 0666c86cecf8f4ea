// What nobody sees in the first frame is read right after it: the list stands there sooner.

/** @type {typeof import("./pages.js") | null} */
let pages = null;

/** Pages and dialogs, once they are there. */
export const later = () => pages;

/** @param {() => void} then */
export async function readLater(then) {
  pages = await import("./pages.js");
  then();
}
