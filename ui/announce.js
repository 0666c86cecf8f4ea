// What a screen reader is told about the feed: at most one sentence in five seconds.
import { QUIET } from "./banners.js";
import { t } from "./i18n.js";

/** @import { SourceId, Update } from "./wire.d.ts" */
/** @import { State } from "./state.js" */

const PAUSE = 5000;

/** @param {(sentence: string) => void} say */
export function announcer(say) {
  let rows = 0;
  let critical = 0;
  /** @type {Map<SourceId, string>} the last word on each source */
  const changes = new Map();
  /** @type {Map<SourceId, ReturnType<typeof setTimeout> | "said">} sources that were live and are not: not told yet, or told */
  const lost = new Map();
  /** @type {ReturnType<typeof setTimeout> | null} */
  let timer = null;

  function flush() {
    timer = null;
    const parts = [...changes.values()];
    if (rows > 0) parts.push(t("announce.rows", { count: rows }));
    if (critical > 0) parts.push(t("announce.critical", { count: critical }));
    rows = 0;
    critical = 0;
    changes.clear();
    if (parts.length === 0) return;
    say(parts.join(", "));
    timer = setTimeout(flush, PAUSE);
  }

  function soon() {
    if (timer === null && (rows > 0 || changes.size > 0)) timer = setTimeout(flush, 300);
  }

  /** A connection that comes back at once is nobody's business. @param {SourceId} id @param {string} name */
  function lose(id, name) {
    if (lost.has(id)) return;
    const wait = setTimeout(() => {
      lost.set(id, "said");
      changes.set(id, t("announce.lost", { name }));
      soon();
    }, QUIET);
    lost.set(id, wait);
  }

  /** @param {SourceId} id @returns {boolean | null} whether its loss was told; null: it was not lost */
  function find(id) {
    const known = lost.get(id);
    lost.delete(id);
    if (known === undefined || known === "said") return known === "said" || null;
    clearTimeout(known);
    return false;
  }

  /**
   * @param {State} before
   * @param {State} after
   * @param {Update[]} updates
   */
  return function hear(before, after, updates) {
    for (const update of updates) {
      if (update.kind !== "rows") continue;
      rows += update.rows.length;
      critical += update.rows.filter(({ severity }) => severity === "critical").length;
    }
    for (const source of after.sources) {
      const { id, name } = source;
      const old = before.sources.find((one) => one.id === id)?.state.state;
      const { state } = source.state;
      if (old === undefined || old === state) continue;
      if (state === "live") {
        const wasTold = find(id);
        if (wasTold !== false) changes.set(id, t(wasTold ? "announce.back" : "announce.live", { name }));
      } else if (state === "stopped") {
        find(id);
        changes.set(id, t("announce.stopped", { name }));
      } else if (state === "paused") {
        find(id);
      } else if (old === "live") {
        lose(id, name);
      }
    }
    for (const id of [...lost.keys()]) {
      if (!after.sources.some((source) => source.id === id)) find(id);
    }
    soon();
  };
}
