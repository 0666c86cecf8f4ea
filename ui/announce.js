// What a screen reader is told about the feed: at most one sentence in five seconds.
import { t } from "./i18n.js";

/** @import { Update } from "./wire.d.ts" */
/** @import { State } from "./store.js" */

const PAUSE = 5000;

/** @param {(sentence: string) => void} say */
export function announcer(say) {
  let rows = 0;
  let critical = 0;
  /** @type {Map<string, string>} the last word on each source */
  const changes = new Map();
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
      const old = before.sources.find(({ id }) => id === source.id)?.state.state;
      const { state } = source.state;
      if (old === undefined || old === state) continue;
      const { name } = source;
      if (state === "live") changes.set(source.id, t("announce.live", { name }));
      else if (state === "stopped") changes.set(source.id, t("announce.stopped", { name }));
      else if (old === "live" && state !== "paused") changes.set(source.id, t("announce.lost", { name }));
    }
    if (timer === null && (rows > 0 || changes.size > 0)) timer = setTimeout(flush, 300);
  };
}
