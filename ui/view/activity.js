// How loud a source is, to be chosen; and charts of what it did: the connection of the last hour,
// the events of each hour of a day and a week. Each chart says in words what it shows.
import { html, nothing, svg } from "/vendor/lit-html/lit-html.js";
import { clock, count, dayOf, rowMoment } from "../format.js";
import { t } from "../i18n.js";

/** @import { Health, Loudness, SourceActivity, SourceView } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */

const HOUR = 3_600_000;
/** @type {readonly Loudness[]} */
const LOUDNESS = ["all", "rules", "muted"];

/** @param {Commands} act @param {SourceView} source */
export function loudness(act, source) {
  const now = source.toast.loudness;
  return html`<div class="loud">
    <div class="seg" role="radiogroup" aria-label=${t("loudness.label", { name: source.name })}>
      ${LOUDNESS.map(
        (one) => html`<label class="seg-i ${one === now ? "on" : ""}" title=${t(`loudness.${one}.hint`)}>
          <input
            class="vh"
            type="radio"
            name=${`loudness-${source.id}`}
            .checked=${one === now}
            @change=${() => act.setLoudness(source.id, one)}
          />${t(`loudness.${one}`)}
        </label>`,
      )}
    </div>
  </div>`;
}

/** Events since midnight. @param {SourceActivity | undefined} activity @param {number} now */
export function today(activity, now) {
  if (!activity) return t("frame.none");
  const { hours, hour } = activity;
  const since = hours.filter((_, index) => dayOf(hour - (hours.length - 1 - index) * HOUR) === dayOf(now));
  return count(since.reduce((sum, one) => sum + one, 0));
}

/** @param {SourceView} source @param {SourceActivity | undefined} activity */
export function charts(source, activity) {
  if (!activity) return html`<div class="charts"></div>`;
  return html`<div class="charts">
    ${strip(source, activity.minutes)} ${bars(activity, 24, "day")} ${bars(activity, activity.hours.length, "week")}
  </div>`;
}

/** @param {SourceView} source @param {Health[]} minutes */
function strip(source, minutes) {
  const of = (/** @type {Health} */ health) => minutes.filter((one) => one === health).length;
  const words = t("chart.strip", { live: count(of("live")), trouble: count(of("trouble")), off: count(of("off")) });
  const tone = source.state.state === "stopped" ? "stop" : "wait";
  return html`<figure class="hour">
    <figcaption><span>${t("chart.hour")}</span><span class="num">${t("chart.now")}</span></figcaption>
    <svg class="strip" viewBox=${`0 0 ${minutes.length} 12`} preserveAspectRatio="none" role="img" aria-label=${words}>
      ${minutes.map((health, at) => {
        const [top, tall] = health === "trouble" ? [0, 12] : health === "live" ? [6, 6] : [10, 2];
        return svg`<rect class=${health === "trouble" ? tone : health} x=${at + 0.1} y=${top} width="0.8" height=${tall}></rect>`;
      })}
    </svg>
  </figure>`;
}

/** @param {SourceActivity} activity @param {number} last @param {"day" | "week"} span */
function bars({ hours, hour }, last, span) {
  const shown = hours.slice(-last);
  const peak = Math.max(...shown);
  const all = shown.reduce((sum, one) => sum + one, 0);
  const at = hour - (shown.length - 1 - shown.indexOf(peak)) * HOUR;
  const when = span === "day" ? clock(at) : rowMoment(at, hour);
  const words = all === 0 ? t("chart.none") : t("chart.words", { all: count(all), peak: count(peak), when, current: count(shown[shown.length - 1] ?? 0) });
  return html`<figure>
    <figcaption><span>${t(`chart.${span}`)}</span>${peak > 0 ? html`<span class="num">${t("chart.peak", { peak: count(peak) })}</span>` : nothing}</figcaption>
    <svg class="bars" viewBox=${`0 0 ${shown.length} 36`} preserveAspectRatio="none" role="img" aria-label=${`${t(`chart.${span}`)}: ${words}`}>
      <rect class="base" x="0" y="35" width=${shown.length} height="1"></rect>
      ${shown.map((events, index) => {
        const tall = events === 0 ? 0 : Math.max(1.5, (34 * events) / peak);
        const isNow = index === shown.length - 1;
        return tall === 0 ? nothing : svg`<rect class=${isNow ? "now" : "bar"} x=${index + 0.12} y=${36 - tall} width="0.76" height=${tall}></rect>`;
      })}
    </svg>
  </figure>`;
}
