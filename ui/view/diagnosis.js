// The parts of a page about what one source lived through: its tries with their causes, its counts, its last raw frames.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { shownFrames } from "../connections.js";
import { clockSeconds, count, dayHeading, dayOf, duration, fullTime, size, span } from "../format.js";
import { t } from "../i18n.js";
import { glyph, icon } from "../icons.js";
import { causeWords } from "../words.js";

/** @import { Attempt, Diagnosis, RawFrame } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { Connections, FrameFilter } from "../connections.js" */

/** @param {Diagnosis} seen */
export function counters(seen) {
  const fact = (/** @type {string} */ name, /** @type {unknown} */ value) => html`<div><dt>${name}</dt><dd class="num">${value}</dd></div>`;
  const none = t("frame.none");
  return html`<dl class="sums">
    ${fact(t("card.attempts"), count(seen.attempts))} ${fact(t("card.events"), count(seen.events))}
    ${fact(t("card.received"), size(seen.bytes))} ${fact(t("card.duplicates"), count(seen.duplicates))}
    ${fact(t("card.truncated"), count(seen.truncated))} ${fact(t("card.retry"), seen.retry_ms === null ? none : duration(seen.retry_ms))}
    ${fact(t("card.silence"), seen.longest_silence_ms === 0 ? none : duration(seen.longest_silence_ms))}
    ${fact(t("card.patience"), seen.patience_ms === null ? none : duration(seen.patience_ms))}
  </dl>`;
}

/** @param {Diagnosis} seen @param {number} now */
export function attempts(seen, now) {
  const newest = [...seen.timeline].reverse();
  return html`<div class="attempts">
    <h3 class="b" id="attempts-title">${t("diag.attempts")} <span class="t12 dim3 num">${t("diag.since_start")}</span></h3>
    <table aria-labelledby="attempts-title">
      <thead>
        <tr><th scope="col">${t("diag.time")}</th><th scope="col">${t("diag.what")}</th><th scope="col" class="r">${t("diag.took")}</th><th scope="col" class="r">${t("diag.lived")}</th><th scope="col" class="r wide-only">${t("card.events")}</th></tr>
      </thead>
      <tbody>
        ${newest.map((attempt, index) => {
          const before = newest[index - 1];
          const isNewDay = dayOf(attempt.started) !== dayOf(before?.started ?? now);
          return html`${isNewDay ? html`<tr class="day-row"><th scope="colgroup" colspan="5">${dayHeading(attempt.started, now)}</th></tr>` : nothing}${attemptRow(attempt, now)}`;
        })}
      </tbody>
    </table>
  </div>`;
}

/** @param {Attempt} attempt @param {number} now */
function attemptRow(attempt, now) {
  const { started, live, ended, cause } = attempt;
  const sign = ended === null ? (live === null ? "h-wait" : "h-live") : cause ? "h-wait" : "h-pause";
  const what =
    ended === null ? (live === null ? t("state.connecting") : t("diag.live")) : cause ? causeWords(cause) : t("diag.by_hand");
  const tookUntil = live ?? ended;
  return html`<tr>
    <td class="num" title=${fullTime(started)}>${clockSeconds(started)}</td>
    <td class="what">${glyph(sign)}<span>${what}</span></td>
    <td class="num r">${tookUntil === null ? nothing : duration(tookUntil - started)}</td>
    <td class="num r">${live === null ? nothing : span((ended ?? now) - live)}</td>
    <td class="num r wide-only">${live === null ? nothing : count(attempt.events)}</td>
  </tr>`;
}

/** @param {Connections} connections @param {Commands} act */
export function frames(connections, act) {
  const shown = shownFrames(connections);
  const isHeld = connections.held !== null;
  const choice = (/** @type {FrameFilter} */ filter) => html`<button
    class="seg-i"
    aria-pressed=${connections.show === filter ? "true" : "false"}
    @click=${() => act.showFrames(filter)}
  >${t(`frames.${filter}`)}</button>`;
  return html`<div class="frames">
    <div class="frames-head">
      <h3 class="b" id="frames-title">${t("frames.title")}</h3>
      <span class="t12 dim3 grow cut">${isHeld ? t("frames.paused") : t("frames.last")}</span>
      <button class="btn" aria-pressed=${isHeld ? "true" : "false"} @click=${() => act.holdFrames(!isHeld)}>
        ${icon(isHeld ? "play" : "pause")}${isHeld ? t("frames.resume") : t("frames.pause")}
      </button>
      <div class="seg" role="group" aria-label=${t("frames.kinds")}>${choice("all")}${choice("event")}${choice("comment")}${choice("id")}${choice("retry")}</div>
    </div>
    <div class="frames-body" data-pane tabindex="0" role="region" aria-labelledby="frames-title">
      ${shown.length === 0 ? html`<p class="dim3 t12 none">${t("frames.empty")}</p>` : nothing}
      <ol>${shown.map(frame)}</ol>
    </div>
  </div>`;
}

/** @param {RawFrame} one */
function frame({ at, kind, event, id, retry_ms, size: bytes, data }) {
  const line = (/** @type {string} */ name, /** @type {string} */ value, mark = "") => html`<div><span class="dim3">${name}:</span> <span class="text ${mark}">${value}</span></div>`;
  const isCut = new TextEncoder().encode(data).length < bytes;
  return html`<li class="frame">
    <span class="num dim3" title=${fullTime(at)}>${clockSeconds(at)}</span>
    <div class="frame-text">
      ${id === null ? nothing : line("id", id)} ${event === null || event === "message" ? nothing : line("event", event, "hit")}
      ${retry_ms === null ? nothing : line("retry", String(retry_ms))}
      ${kind === "comment" ? html`<div class="dim text">: ${data}</div>` : nothing}
      ${kind === "event" ? data.split("\n").map((text) => line("data", text)) : nothing}
      ${isCut ? html`<div class="dim3">${t("frames.cut")}</div>` : nothing}
    </div>
    <span class="num dim3 r">${size(bytes)}</span>
  </li>`;
}
