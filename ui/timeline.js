// The stretches of a source's last day: live, trying again, stopped, switched off. Pure.

/** @import { Attempt, Millis, SourceState } from "./wire.d.ts" */

/** @typedef {{ kind: "live" | "wait" | "stop" | "off", from: Millis, to: Millis }} Stretch */

const DAY = 86_400_000;

/**
 * What is known of the last 24 hours, oldest first, without holes.
 * @param {Attempt[]} timeline oldest first
 * @param {SourceState} state
 * @param {Millis} now
 * @returns {Stretch[]}
 */
export function stretches(timeline, state, now) {
  const since = now - DAY;
  /** @type {Stretch[]} */
  const all = [];
  const add = (/** @type {Stretch["kind"]} */ kind, /** @type {Millis} */ from, /** @type {Millis} */ to) => {
    const stretch = { kind, from: Math.max(from, since), to: Math.min(to, now) };
    if (stretch.to <= stretch.from) return;
    const last = all[all.length - 1];
    if (last?.kind === kind && last.to === stretch.from) last.to = stretch.to;
    else all.push(stretch);
  };
  timeline.forEach((attempt, index) => {
    const next = timeline[index + 1]?.started ?? null;
    const end = attempt.ended ?? now;
    add("wait", attempt.started, attempt.live ?? end);
    if (attempt.live !== null) add("live", attempt.live, end);
    if (attempt.ended === null) return;
    if (next !== null) add(attempt.cause ? "wait" : "off", end, next);
    else add(state.state === "stopped" ? "stop" : state.state === "paused" ? "off" : "wait", end, now);
  });
  return all;
}

/** How much of the time that is known it was live, 0 to 1; none where nothing is known. @param {Stretch[]} all */
export function liveShare(all) {
  const sum = (/** @type {Stretch[]} */ some) => some.reduce((ms, { from, to }) => ms + to - from, 0);
  const known = sum(all.filter(({ kind }) => kind !== "off"));
  return known === 0 ? null : sum(all.filter(({ kind }) => kind === "live")) / known;
}
