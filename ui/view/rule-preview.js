// What the rules would do to the events there are: counts, a strip of days, and the events.
import { html, nothing, svg } from "/vendor/lit-html/lit-html.js";
import { repeat } from "/vendor/lit-html/directives/repeat.js";
import { fullTime, rowTime } from "../format.js";
import { language, t } from "../i18n.js";
import { glyph, icon } from "../icons.js";
import { problemIn, shownRows } from "../rules-state.js";
import { sourceOf } from "../store.js";
import { select } from "./rule-parts.js";
import { colourClass } from "./sidebar.js";

/** @import { JudgedRow, PreviewDay, RulePreview } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { State } from "../state.js" */

const LASTS = [100, 1000, 10_000, 100_000];
const STRIP = { height: 26, step: 23, width: 8 };

/** @param {State} state @param {Commands} act */
export function rulePreview(state, act) {
  const { preview, last, wrong, fault } = state.rules;
  const isStale = preview !== null && (wrong !== null || fault !== null || problemIn(state.rules) !== null);
  return html`<section class="prev" aria-labelledby="prev-title">
    <h2 class="vh" id="prev-title">${t("rules.preview")}</h2>
    <header>
      <div class="prev-words">
        ${preview === null
          ? html`<p class="dim">${t("rules.preview.wait")}</p>`
          : preview.looked_at === 0
            ? html`<p class="dim">${t("rules.preview.none")}</p>`
            : html`<p class="big">${t("rules.preview.would", { notify: preview.would_notify, count: preview.looked_at })}</p>
                <p class="t12 dim num">${t("rules.preview.now", { count: preview.now_notify, day: preview.would_per_day })}${preview.dropped > 0 ? html` · ${t("rules.preview.dropped", { count: preview.dropped })}` : nothing}</p>`}
        ${isStale ? html`<p class="t12 amber">${t("rules.preview.stale")}</p>` : nothing}
      </div>
      ${preview && preview.looked_at > 0 ? strip(preview.per_day) : nothing}
      <div class="prev-tools">
        ${select({
          id: "prev-last",
          label: t("rules.preview.last"),
          value: String(last),
          choices: LASTS.map((value) => ({ value: String(value), words: t("rules.preview.last.n", { last: value }) })),
          change: (value) => act.previewLast(Number(value)),
        })}
        <span class="grow"></span>
        ${preview ? toggle(state, act, preview) : nothing}
      </div>
    </header>
    ${preview && preview.looked_at > 0
      ? html`<div class="prev-list" tabindex="0" role="region" aria-label=${t("rules.preview.show")}>${list(state, shownRows(shownNow(state), preview, state.rules.selected))}</div>`
      : nothing}
  </section>`;
}

/** The weekday of `2026-11-23`. @param {string} date @param {"narrow" | "long"} weekday */
function dayName(date, weekday) {
  return new Intl.DateTimeFormat(language(), { weekday }).format(new Date(`${date}T12:00:00`));
}

/** Two bars a day: under the saved rules, and under these. @param {PreviewDay[]} days */
function strip(days) {
  const most = Math.max(1, ...days.flatMap(({ would_notify: would, now_notify: now }) => [would, now]));
  const { height, step, width } = STRIP;
  const told = days.map(({ date, would_notify, now_notify }) => t("rules.preview.day", { day: dayName(date, "long"), notify: would_notify, now: now_notify }));
  const bar = (/** @type {number} */ value, /** @type {number} */ x, /** @type {string} */ kind) => {
    const tall = value === 0 ? 0 : Math.max(1.5, (value / most) * height);
    return svg`<rect class=${kind} x=${x} y=${28 - tall} width=${width} height=${tall} rx="1.5"></rect>`;
  };
  return html`<figure class="week">
    <svg viewBox="0 0 156 40" role="img" aria-label="${t("rules.preview.days")}: ${told.join("; ")}">
      <line class="base" x1="0" y1="28.5" x2="156" y2="28.5"></line>
      ${days.map(({ date, would_notify, now_notify }, index) => svg`${bar(now_notify, index * step, "f-bar")}${bar(would_notify, index * step + 9, "f-accent")}<text x=${index * step + 8.5} y="39" text-anchor="middle">${dayName(date, "narrow")}</text>`)}
    </svg>
    <figcaption class="t11 dim3" aria-hidden="true">
      <span><svg viewBox="0 0 8 8"><rect class="f-bar" width="8" height="8" rx="2"></rect></svg>${t("rules.preview.saved")}</span>
      <span><svg viewBox="0 0 8 8"><rect class="f-accent" width="8" height="8" rx="2"></rect></svg>${t("rules.preview.draft")}</span>
    </figcaption>
  </figure>`;
}

/** Without a rule there is nothing that it matches. @param {State} state */
const shownNow = ({ rules: { show, selected } }) => (selected === null && show === "matched" ? "all" : show);

/** @param {State} state @param {Commands} act @param {RulePreview} preview */
function toggle(state, act, preview) {
  const { selected } = state.rules;
  const show = shownNow(state);
  const changed = preview.newly_loud_count + preview.newly_quiet_count;
  const matched = preview.rules.find(({ id }) => id === selected)?.matched ?? 0;
  const words = { matched: t("rules.preview.matched", { matched }), changed: t("rules.preview.changed", { changed }), all: t("rules.preview.all") };
  return html`<div class="seg" role="group" aria-label=${t("rules.preview.show")}>
    ${(selected === null ? /** @type {const} */ (["changed", "all"]) : /** @type {const} */ (["matched", "changed", "all"])).map(
      (one) => html`<button class="seg-i num" type="button" aria-pressed=${show === one ? "true" : "false"} @click=${() => act.previewShow(one)}>${words[one]}</button>`,
    )}
  </div>`;
}

/** @param {State} state @param {ReturnType<typeof shownRows>} shown */
function list(state, { show, rows, all }) {
  if (rows.length === 0) return html`<p class="prev-none dim3">${t(show === "matched" ? "rules.preview.empty.matched" : "rules.preview.empty.changed")}</p>`;
  return html`<ul class="p-rows">
      ${repeat(rows, ({ row }) => row.row, ({ row, would, now }) => html`<li>
        ${glyph(`sev-${row.severity}`)}
        <span class="p-text">
          <span class="p-src m cut ${colourClass(state, row.source)}">${sourceOf(state, row.source)?.name ?? t("source.removed")}</span>
          <span class="p-ttl cut">${row.title}<span class="dim3">${row.preview === "" ? "" : `  ${row.preview}`}</span></span>
        </span>
        ${badge(would, now)}
        <span class="time num dim3" title=${fullTime(row.received_at)}>${rowTime(row.received_at, state.now)}</span>
      </li>`)}
    </ul>
    ${all > rows.length ? html`<p class="prev-none t12 dim3">${t("rules.preview.first", { count: rows.length })}</p>` : nothing}`;
}

/** @param {JudgedRow["would"]} would @param {JudgedRow["now"]} now */
function badge(would, now) {
  if (would === "notify" && now !== "notify") return html`<span class="tag loud">${icon("volume-2")}${t("rules.preview.loud")}</span>`;
  if (would === "drop") return html`<span class="tag quiet">${icon("trash-2")}${t("rules.preview.drop")}</span>`;
  if (would !== "notify" && now === "notify") return html`<span class="tag quiet">${icon("bell-off")}${t("rules.preview.quiet")}</span>`;
  return html`<span class="tag">${icon(would === "notify" ? "bell" : "bell-off")}${t(would === "notify" ? "rules.preview.notify" : "rules.preview.stays")}</span>`;
}
