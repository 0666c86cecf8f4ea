// Why an event rang or did not: what the rules decided and what became of its toast, in words.
import { html, nothing } from "/vendor/lit-html/lit-html.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { sourceOf } from "../store.js";
import { foldedWords, lookedWords } from "../trace.js";

/** @import { Delivery, EventDetail, Looked, Matched, SourceView, Trace } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { IconName } from "../icons.js" */
/** @import { State } from "../state.js" */

/** @type {Record<Delivery, IconName>} */
const DELIVERY_ICONS = {
  pending: "clock",
  shown: "bell",
  digest: "layers",
  held: "moon",
  quiet: "bell-off",
  rate_capped: "bell-off",
  refused: "triangle-alert",
  paused: "bell-off",
};
/** Those that a person was told of at once, in a toast of its own or a summary. */
const SEEN = new Set(["shown", "digest", "pending"]);

/** @param {State} state @param {Commands} act @param {EventDetail} event */
export function why(state, act, event) {
  const decided = ruleOf(event);
  const name = sourceOf(state, event.source)?.name ?? t("source.removed");
  const title = SEEN.has(event.delivery) ? "why.title" : "why.title_not";
  return html`<section class="why" aria-labelledby="why-title">
    <div class="why-h">
      <h3 id="why-title">${t(title)}</h3>
      ${decided ? html`<button class="link" @click=${() => act.editRuleNamed(decided.name)}>${t("rules.edit")}</button>` : nothing}
    </div>
    <ol>
      <li>${icon("radio")}<span>${t("why.event")} <code>${event.event}</code> · ${name}</span></li>
      ${rules(state, event, event.trace)}
      <li class="hit">
        ${icon(DELIVERY_ICONS[event.delivery])}
        <span>${t(`delivery.${event.delivery}`)}${event.delivery_cause === null ? nothing : html` <span class="dim">· ${t(`delivery.why.${event.delivery_cause}`)}</span>`}${event.delivery_detail === null ? nothing : html` <span class="dim">· ${event.delivery_detail}</span>`}</span>
      </li>
      ${event.replayed ? html`<li>${icon("rotate-cw")}<span>${t("why.replayed")}</span></li>` : nothing}
      ${event.truncated ? html`<li>${icon("triangle-alert")}<span>${t("why.truncated")}</span></li>` : nothing}
    </ol>
  </section>`;
}

/** The rule that decided, if one did. @param {EventDetail} event @returns {Matched | null} */
function ruleOf({ trace, rule }) {
  return trace?.rule ?? (rule === null ? null : { place: 0, name: rule });
}

/** @param {State} state @param {EventDetail} event @param {Trace | null} trace */
function rules({ sources }, event, trace) {
  const decided = ruleOf(event);
  const passed = trace?.passed ?? [];
  return html`${passed.map(
      ({ place, name, failed }) => html`<li>
        ${icon("minus")}<span class="dim">${t("why.passed", { place })} <b class="m">${name}</b>${failed ? html`: <code>${lookedWords(failed, sources, true)}</code>` : html` · ${t("why.not_active")}`}</span>
      </li>`,
    )}
    ${trace?.more ? html`<li>${icon("minus")}<span class="dim">${t("why.more", { count: trace.more })}</span></li>` : nothing}
    ${decided === null && trace?.loudness ? nothing : html`<li class=${decided ? "hit" : ""}>
      ${icon("list-filter")}
      <span>${decided === null
        ? t("why.no_rule")
        : html`${decided.place > 0 ? t("why.rule_place", { place: decided.place }) : t("why.rule")} <b class="b">${decided.name}</b>${because(decided.because ?? [], sources)} → ${t(`outcome.${ruled(event, trace)}`)}`}</span>
    </li>`}
    ${trace?.loudness ? html`<li class="hit">${icon(trace.loudness === "muted" ? "bell-off" : "bell")}<span>${t(`why.loudness.${trace.loudness}`)}</span></li>` : nothing}
    ${trace?.folded ? html`<li class="hit">${icon("layers")}<span>${foldedWords(trace.folded)}</span></li>` : nothing}`;
}

/** @param {Looked[]} tests @param {SourceView[]} sources */
function because(tests, sources) {
  return tests.length === 0 ? nothing : html`: ${tests.map((one, index) => html`${index > 0 ? ", " : ""}<code>${lookedWords(one, sources)}</code>`)}`;
}

/** What the rules wanted, whatever the source's loudness made of it. @param {EventDetail} event @param {Trace | null} trace */
function ruled(event, trace) {
  if (trace?.loudness) return trace.loudness === "all" ? "quiet" : "notify";
  return trace?.outcome ?? (event.delivery === "quiet" ? "quiet" : "notify");
}
