// The part of the core in memory that keeps events: pages, a small query language, undo.
import { refusal } from "./fake-refusal.js";

/** @import { backend } from "../../ui/backend.js" */
/** @import { Delivery, EventDetail, OutageView, Page, PageRequest, Row, Severity, SourceView, Undoable, Update } from "../../ui/wire.d.ts" */

const MINUTE = 60_000;

/** What the core keeps; `rows` are newest first. @type {{ now: number, sources: SourceView[], rows: Row[], outages: OutageView[], bounded: number | null, details: Map<number, Partial<EventDetail>> }} */
export const kept = { now: Date.now(), sources: [], rows: [], outages: [], bounded: null, details: new Map() };

/** @param {SourceView} source @param {string} title @param {string} preview @param {{ severity?: Severity, ago?: number, read?: boolean, delivery?: Delivery, event?: string }} [more] @returns {Row} */
function makeRow(source, title, preview, more = {}) {
  const received_at = kept.now - (more.ago ?? 0) * MINUTE;
  source.last_event_at = Math.max(source.last_event_at ?? 0, received_at);
  if (!more.read) source.unread += 1;
  return {
    row: (kept.rows[0]?.row ?? 0) + 1,
    source: source.id,
    event: more.event ?? "message",
    title,
    preview,
    severity: more.severity ?? "normal",
    received_at,
    read: more.read ?? false,
    pinned: false,
    delivery: more.delivery ?? "shown",
    marks: null,
  };
}

/** @param {Parameters<typeof makeRow>} values */
export function put(...values) {
  const row = makeRow(...values);
  kept.rows = [row, ...kept.rows];
  return row;
}

/** @param {PageRequest} request @returns {Page} */
export function makePage(request) {
  const { words, keys } = parse(request.query ?? "");
  const marks = (/** @type {string} */ text) =>
    words.flatMap((word) => {
      const at = text.toLowerCase().indexOf(word);
      return at < 0 ? [] : [/** @type {[number, number]} */ ([at, at + word.length])];
    }).sort(([a], [b]) => a - b);
  const all = kept.rows.filter(
    (row) =>
      (request.source === null || row.source === request.source) &&
      (!request.unread || !row.read) &&
      (!request.quiet || row.delivery === "quiet") &&
      (!request.pinned || row.pinned) &&
      keys.every((holds) => holds(row)) &&
      words.every((word) => `${row.title} ${row.preview}`.toLowerCase().includes(word)),
  );
  const { at = null, after = null, limit } = request;
  const before = at === null ? request.before : (kept.rows.find((row) => row.received_at <= at)?.row ?? 0) + 1;
  const older = all.filter((row) => before === null || row.row < before);
  const above = all.filter((row) => after !== null && row.row > after);
  const found = after === null ? older.slice(0, limit) : above.slice(-limit);
  const [first, last] = [found[0]?.row ?? 0, found.at(-1)?.row ?? 0];
  const [newest, oldest] = [kept.rows[0], kept.rows.at(-1)];
  return {
    rows: words.length === 0 ? found : found.map((row) => ({ ...row, marks: { title: marks(row.title), preview: marks(row.preview) } })),
    more: all.some((row) => row.row < last),
    newer: all.some((row) => row.row > first),
    outages: kept.outages.filter(({ first_row }) => first_row >= last && first_row <= first),
    bounded: request.query?.includes("$") ? kept.bounded : null,
    span: newest && oldest ? [oldest.row, newest.row] : null,
  };
}

/** Words and a few keys; enough for the window, not the core's language. @param {string} query */
function parse(query) {
  /** @type {string[]} */
  const words = [];
  /** @type {((row: Row) => boolean)[]} */
  const keys = [];
  for (const match of query.matchAll(/(?:[^\s"]|"[^"]*"?)+/g)) {
    const [, key = "", quoted = ""] = /^([a-z]+|\$[^:]*):(.*)$/s.exec(match[0]) ?? [];
    const value = quoted.replaceAll('"', "");
    if (key === "") words.push(match[0].replaceAll('"', "").toLowerCase());
    else if (key === "source") keys.push((row) => kept.sources.find(({ name }) => name === value)?.id === row.source);
    else if (key === "event") keys.push((row) => row.event === value);
    else if (key === "level") keys.push((row) => row.severity === value);
    else if (key === "is") keys.push((row) => (value === "unread" ? !row.read : value === "pinned" ? row.pinned : row.delivery === "quiet"));
    else if (key.startsWith("$")) keys.push((row) => (kept.details.get(row.row)?.data ?? "").includes(value));
    else if (key === "after") keys.push((row) => row.received_at > kept.now - 120 * MINUTE);
    else {
      const start = match.index;
      throw { ...refusal("query_key", `there is no key ${key}:; source:, level:, is:, after: and others can be used`), range: [start, start + key.length] };
    }
  }
  return { words, keys };
}

export const counts = () => ({
  stored: kept.rows.length,
  unread: kept.rows.filter((row) => !row.read).length,
  quiet: kept.rows.filter((row) => row.delivery === "quiet").length,
  pinned: kept.rows.filter((row) => row.pinned).length,
});

/** What can be taken back: puts things as they were. @type {Map<number, () => void>} */
const undos = new Map();

/** @param {number} count @param {() => void} back @returns {Undoable} */
function undoable(count, back) {
  if (count === 0) return { count, undo: null };
  const undo = undos.size + 1;
  undos.set(undo, back);
  return { count, undo };
}

/**
 * @param {object} core
 * @param {<T>(command: string, request: unknown, run: () => T) => Promise<T>} core.answer
 * @param {(update: Update) => void} core.emit
 * @returns {Pick<typeof backend, "historyPage" | "historyGet" | "historyMarkRead" | "historyPin" | "historyDelete" | "historyUndo" | "historyClear" | "historyFigures">}
 */
export function history({ answer, emit }) {
  return {
    historyPage: (request) =>
      answer("history_page", request, () => makePage(request)),

    historyGet: (row) =>
      answer("history_get", { row }, () => {
        const found = kept.rows.find((one) => one.row === row);
        if (!found) throw refusal("not_found", "no such event");
        return {
          ...found,
          full_title: found.title,
          body: found.preview,
          data: `${found.title}\n${found.preview}`,
          own_id: null,
          url: null,
          replayed: false,
          truncated: false,
          tags: [], rule: null, trace: null, delivery_cause: null, delivery_detail: null, link: null,
          ...kept.details.get(row),
        };
      }),

    historyMarkRead: (request) =>
      answer("history_mark_read", request, () => {
        const changed = kept.rows.filter(
          (row) =>
            row.read !== request.read &&
            (request.rows ? request.rows.includes(row.row) : request.source === null || request.source === row.source),
        );
        const mark = (/** @type {boolean} */ read) => {
          for (const row of changed) {
            row.read = read;
            const source = kept.sources.find((one) => one.id === row.source);
            if (source) source.unread += read ? -1 : 1;
          }
          emit({ kind: "read", rows: changed.map((row) => row.row), read });
          for (const source of kept.sources) emit({ kind: "source", source });
          emit({ kind: "counts", counts: counts() });
        };
        mark(request.read);
        return undoable(changed.length, () => mark(!request.read));
      }),

    historyPin: (ids, pinned) =>
      answer("history_pin", { rows: ids, pinned }, () => {
        for (const row of kept.rows) if (ids.includes(row.row)) row.pinned = pinned;
        emit({ kind: "pinned", rows: ids, pinned });
        emit({ kind: "counts", counts: counts() });
      }),

    historyDelete: (ids) =>
      answer("history_delete", { rows: ids }, () => {
        const gone = kept.rows.filter((row) => ids.includes(row.row));
        kept.rows = kept.rows.filter((row) => !ids.includes(row.row));
        emit({ kind: "deleted", rows: ids });
        emit({ kind: "counts", counts: counts() });
        return undoable(gone.length, () => {
          kept.rows = [...kept.rows, ...gone].sort((a, b) => b.row - a.row);
          emit({ kind: "restored" });
          emit({ kind: "counts", counts: counts() });
        });
      }),

    historyUndo: (undo) =>
      answer("history_undo", { undo }, () => {
        const back = undos.get(undo);
        if (!back) throw refusal("undo_expired", "it is too late to take this back");
        undos.delete(undo);
        back();
      }),

    historyClear: () =>
      answer("history_clear", null, () => {
        kept.rows = [];
        emit({ kind: "deleted", rows: null });
        emit({ kind: "counts", counts: counts() });
      }),

    historyFigures: () =>
      answer("history_figures", null, () => ({
        bytes: kept.rows.length * 500,
        counts: counts(),
        oldest: kept.rows.at(-1)?.received_at ?? null,
      })),
  };
}
