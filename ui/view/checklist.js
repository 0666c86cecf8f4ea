// A test of a connection as a list of its steps: what passed and in what time, what runs, what
// failed with its cause and the way out.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { plannedSteps } from "../connections.js";
import { duration, sentence } from "../format.js";
import { language, t } from "../i18n.js";
import { icon } from "../icons.js";
import { testFixWords } from "../words.js";

/** @import { Step, StepName } from "../wire.d.ts" */
/** @import { Probe } from "../connections.js" */

/** Shown while a step takes longer than one expects. Milliseconds. */
const SLOW = 1500;
/** A test that waited this long for the first bytes saw none. Milliseconds. */
const SILENT = 29_000;

/** @param {Probe} probe @param {number} now */
export function checklist(probe, now) {
  if (probe.error) return nothing;
  const failed = probe.steps.find(({ ok }) => !ok);
  const at = probe.steps.length;
  // What would have come after a failure is no news.
  const planned = plannedSteps(probe).slice(0, failed ? at : undefined);
  return html`<div role="status" aria-atomic="false"><ol class="steps" aria-label=${t("check.label")}>
    ${planned.map((name, index) => {
      const step = probe.steps.find((one) => one.step === name);
      if (step?.ok) return done(step);
      if (step) return bad(step);
      return index === at && probe.running ? running(name, now - probe.since) : pending(name);
    })}
  </ol></div>`;
}

let broughtIntoSight = "";

/** Brings a test into sight when it begins, and what follows from it when it ends. @param {Probe | null} probe */
export function afterChecklist(probe) {
  const now = probe ? `${probe.run} ${probe.running}` : "";
  if (now === broughtIntoSight) return;
  broughtIntoSight = now;
  document.querySelector(".check-foot, .tested")?.scrollIntoView({ block: "nearest" });
}

/** @param {Step} step */
function done(step) {
  const silent = step.step === "first_bytes" && step.ms >= SILENT;
  return html`<li class=${silent ? "calm" : "done"}>
    ${icon(silent ? "clock" : "circle-check")}
    <span>${silent ? t("step.first_bytes.none") : t(`step.${step.step}`)}${step.address === null ? nothing : html` <span class="mono dim3 anywhere">${step.address}</span>`}</span>
    <span class="ms num">${duration(step.ms)}</span>
  </li>`;
}

/** @param {Step} step */
function bad(step) {
  const code = step.cause ?? "internal";
  // The core's own sentence names host, status or file; it is English. Of a port where nobody
  // listens it has no more to say.
  const detail = language() === "en" && code !== "refused" ? sentence(step.detail) : "";
  return html`<li class="bad">
    ${icon("triangle-alert")}
    <b class="m">${t(`cause.${code}`)}</b>
    <span class="ms num">${duration(step.ms)}</span>
    <span class="sub">${testFixWords(code)}</span>
    ${detail ? html`<span class="sub dim3">${detail}</span>` : nothing}
  </li>`;
}

/** @param {StepName} name @param {number} lasted */
function running(name, lasted) {
  return html`<li class="now">
    ${icon("loader-circle")}<b class="m">${t(`step.${name}.now`)}</b>
    <span class="ms num" aria-hidden="true">${lasted >= SLOW ? duration(Math.floor(lasted / 1000) * 1000) : nothing}</span>
    ${name === "first_bytes" && lasted >= SLOW ? html`<span class="sub">${t("step.first_bytes.rare")}</span>` : nothing}
  </li>`;
}

/** @param {StepName} name */
function pending(name) {
  return html`<li class="later">${icon("circle")}<span>${t(`step.${name}`)}</span></li>`;
}
