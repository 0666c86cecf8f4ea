// What went on: one source's tries and frames, the history's file, the versions of what is at work.
import { html, nothing, svg } from "/vendor/lit-html/lit-html.js";
import { clock, duration, percent } from "../format.js";
import { t } from "../i18n.js";
import { glyph, icon } from "../icons.js";
import { sourceOf } from "../store.js";
import { liveShare, stretches } from "../timeline.js";
import { health } from "../words.js";
import { banner } from "./banner.js";
import { attempts, counters, frames } from "./diagnosis.js";
import { figures } from "./settings-history.js";
import { choose, refused } from "./settings-parts.js";
import { colourClass } from "./sidebar.js";
import { stateLines } from "./sources.js";

/** @import { Diagnosis, SourceId, SourceView } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { State } from "../state.js" */

/** @param {State} state @param {Commands} act @param {{ id: SourceId | null, back: boolean }} panel */
export function diagnostics(state, act, { id, back }) {
  const source = (id === null ? null : sourceOf(state, id)) ?? null;
  const { diagnosis: known } = state.connections;
  const seen = source && known?.id === source.id ? known.seen : null;
  const at = source?.state.state;
  return html`<div class="panel">
    <div class="bar flow">
      ${back
        ? html`<button class="ib" aria-label=${t("action.all_sources")} title=${t("action.all_sources")} @click=${() => act.showSources()}>${icon("chevron-left")}</button>`
        : html`<button class="ib back" aria-label=${t("action.back_to_sources")} @click=${() => act.pane("side")}>${icon("chevron-left")}</button>`}
      <h2 class="b" id="panel-title">${t("diag.title")}</h2>
      <span class="which grow">
        ${source ? glyph(`h-${health(source)}`) : nothing}
        ${choose(
          "diag-source",
          source?.id ?? "",
          [...state.sources.map(({ id, name }) => /** @type {[string, string]} */ ([id, name])), ["", t("diag.app")]],
          (id) => act.showDiagnosis(id === "" ? null : id),
          t("diag.source"),
        )}
      </span>
      ${source && (at === "waiting" || at === "stopped")
        ? html`<button class="btn" @click=${() => act.retry(source.id)}>${icon("rotate-cw")}${t("action.retry_now")}</button>`
        : nothing}
      ${source
        ? html`<button class="btn" @click=${() => act.openTest(source)}>${icon("send")}${t("action.test")}</button>
            <button class="btn" @click=${() => act.openCopy("curl", source.id)}>${icon("copy")}${t("action.copy_curl")}</button>`
        : nothing}
      <button class="btn" @click=${() => act.openCopy("report")}>${icon("clipboard-copy")}${t("action.copy_report")}</button>
    </div>
    ${banner(state, act)}
    <div class="diag ${source ? "" : "whole"}">
      <div class="diag-main" data-pane tabindex="0" role="region" aria-labelledby="panel-title">
        ${source
          ? html`<h3 class="b cut ${colourClass(state, source.id)}">${source.name}</h3>
              <div class="diag-state">${stateLines(state, source)}</div>
              ${seen ? [strip(seen, source, state.now), counters(seen), attempts(seen, state.now)] : nothing}`
          : nothing}
        ${store(state, act)} ${versions(state)}
      </div>
      ${source ? frames(state.connections, act) : nothing}
    </div>
  </div>`;
}

/** Its last day as a strip: what lasts is low and soft, trouble is high and strong. @param {Diagnosis} seen @param {SourceView} source @param {number} now */
function strip(seen, source, now) {
  const all = stretches(seen.timeline, source.state, now);
  const since = all[0]?.from;
  if (since === undefined) return nothing;
  const share = liveShare(all);
  const whole = Math.max(1, now - since);
  const place = (/** @type {number} */ at) => ((at - since) / whole) * 1000;
  const cell = (/** @type {typeof all[number]} */ { kind, from, to }) => {
    const isSoft = kind === "live" || kind === "off";
    return svg`<rect class=${`k-${kind}`} x=${place(from)} width=${Math.max(2, place(to) - place(from))} y=${isSoft ? 8 : 0} height=${isSoft ? 12 : 20}></rect>`;
  };
  const kinds = /** @type {const} */ (["live", "wait", "stop", "off"]);
  const shown = kinds.filter((kind) => all.some((one) => one.kind === kind));
  return html`<div class="day-strip">
    <div class="day-strip-head">
      <h4 class="b t12">${t("diag.day")}</h4>
      ${share === null ? nothing : html`<span class="t12 dim num">${t("diag.share", { percent: percent(share) })}</span>`}
      <span class="grow"></span>
      ${shown.map((kind) => html`<span class="key t11 dim"><i class="k-${kind}"></i>${t(`diag.kind.${kind}`)}</span>`)}
    </div>
    <svg viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true">${all.filter(({ kind }) => kind === "live" || kind === "off").map(cell)}${all.filter(({ kind }) => kind === "wait" || kind === "stop").map(cell)}</svg>
    <p class="day-ends t11 dim3 num"><span>${clock(since)}</span><span>${t("diag.now")}</span></p>
  </div>`;
}

/** The history's file. @param {State} state @param {Commands} act */
function store(state, act) {
  const { check } = state.settings;
  const concerns = state.troubles.filter(({ kind }) => kind.startsWith("history_") || kind === "disk_full");
  const words =
    check === null
      ? t("diag.unchecked")
      : check === "running"
        ? t("diag.checking")
        : check.findings.length === 0
          ? t("diag.sound", { time: duration(check.ms) })
          : t("diag.unsound");
  return html`<section class="diag-part" aria-labelledby="diag-store">
    <h3 class="b" id="diag-store">${t("diag.store")}</h3>
    <dl class="facts">
      <dt>${t("history.size")}</dt><dd>${figures(state)}</dd>
      <dt>${t("diag.integrity")}</dt>
      <dd>
        ${words}
        ${check !== null && check !== "running" ? check.findings.map((line) => html`<p class="mono amber anywhere">${line}</p>`) : nothing}
        ${refused(state, "check")}
      </dd>
      <dt>${t("diag.troubles")}</dt>
      <dd>
        ${concerns.length === 0 ? t("diag.no_troubles") : concerns.map(({ kind }) => html`<p class="amber">${t(`trouble.${kind}`)}</p>`)}
      </dd>
    </dl>
    <button class="btn" id="diag-check" ?disabled=${check === "running"} @click=${() => act.checkHistory()}>${t("diag.check")}</button>
  </section>`;
}

/** @param {State} state */
function versions(state) {
  const { about } = state.settings;
  const service = about?.notifications ? [about.notifications.server, about.notifications.version].filter(Boolean).join(" ") : t("diag.no_service");
  const none = t("frame.none");
  return html`<section class="diag-part" aria-labelledby="diag-versions">
    <h3 class="b" id="diag-versions">${t("diag.versions")}</h3>
    <dl class="facts num">
      <dt>Tidings</dt><dd>${state.version}</dd>
      <dt>${t("diag.webview")}</dt><dd>${about?.webview ?? none}</dd>
      <dt>${t("diag.service")}</dt><dd class="anywhere">${about ? service : none}</dd>
      <dt>${t("diag.system")}</dt><dd>${about?.system ?? none}</dd>
    </dl>
  </section>`;
}
