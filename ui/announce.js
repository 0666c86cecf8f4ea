// What a screen reader is told about the feed: at most one sentence in five seconds.
import { QUIET } from "./banners.js";
import { t } from "./i18n.js";

/** @import { SourceId, Update } from "./wire.d.ts" */
/** @import { State } from "./state.js" */

const PAUSE = 5000;
/** How long what a server sends again is waited for: it is told how much that was once the server paused. */
const REPLAY = 1000;

/** @param {(sentence: string) => void} say */
export function announcer(say) {
  /** @type {Map<SourceId, number>} new events not told yet */
  const fresh = new Map();
  /** @type {Set<SourceId>} sources that are back, and may be sending again what was missed */
  const replaying = new Set();
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
    const count = [...fresh.values()].reduce((sum, one) => sum + one, 0);
    if (count > 0) parts.push(t("announce.rows", { count }));
    if (critical > 0) parts.push(t("announce.critical", { count: critical }));
    fresh.clear();
    replaying.clear();
    critical = 0;
    changes.clear();
    if (parts.length === 0) return;
    say(parts.join(", "));
    timer = setTimeout(flush, PAUSE);
  }

  function soon() {
    const isNews = fresh.size > 0 || changes.size > 0;
    if (timer === null && isNews) timer = setTimeout(flush, replaying.size > 0 ? REPLAY : 300);
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
      for (const { source } of update.rows) fresh.set(source, (fresh.get(source) ?? 0) + 1);
      critical += update.rows.filter(({ severity }) => severity === "critical").length;
    }
    for (const source of after.sources) {
      const { id, name } = source;
      const old = before.sources.find((one) => one.id === id)?.state.state;
      const { state } = source.state;
      if (old === undefined || old === state) continue;
      if (state === "live") {
        const wasTold = find(id);
        if (wasTold) replaying.add(id);
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
    const outages = updates.flatMap((update) => (update.kind === "outage" ? [update.outage] : []));
    for (const { source: id, replayed } of outages) {
      replaying.add(id);
      const name = after.sources.find((source) => source.id === id)?.name;
      const all = fresh.get(id) ?? 0;
      const missed = Math.min(replayed, all);
      if (missed === 0 || name === undefined) continue;
      // Those are no news of now: they are told with the connection that brought them.
      changes.set(id, t("announce.missed", { name, count: missed }));
      if (missed < all) fresh.set(id, all - missed);
      else fresh.delete(id);
    }
    soon();
  };
}
