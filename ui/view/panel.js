// The pages that stand in the place of list and detail: the sources, one source's diagnosis, the rules.
import { nothing } from "/vendor/lit-html/lit-html.js";
import { t } from "../i18n.js";
import { sourceOf } from "../store.js";
import { diagnosis } from "./diagnosis.js";
import { rules } from "./rules.js";
import { sources } from "./sources.js";

/** @import { Commands } from "../commands.js" */
/** @import { State } from "../store.js" */

/** The name of the open page; null: the list is there. @param {State} state */
export function panelTitle(state) {
  const { panel } = state.connections;
  if (!panel) return null;
  if (panel.kind === "rules") return t("rules.title");
  return panel.kind === "sources" ? t("nav.sources") : (sourceOf(state, panel.id)?.name ?? "");
}

/** @param {State} state @param {Commands} act */
export function panelView(state, act) {
  const { panel } = state.connections;
  if (!panel) return nothing;
  if (panel.kind === "rules") return rules(state, act);
  if (panel.kind === "sources") return sources(state, act);
  const source = sourceOf(state, panel.id);
  return source ? diagnosis(state, act, source) : sources(state, act);
}

/** Whether the rules and the selected one take turns in one column. */
const isNarrow = () => matchMedia("(max-width: 899px)").matches;

/** Whether a key was one of a page. @param {KeyboardEvent} event @param {State} state @param {Commands} act */
export function panelKey(event, state, act) {
  const { panel } = state.connections;
  if (!panel || event.code !== "Escape" || event.isComposing) return false;
  if (panel.kind === "diagnosis") act.showSources();
  else if (panel.kind === "rules" && state.rules.selected !== null && isNarrow()) act.selectRule(null);
  else act.closePanel();
  return true;
}
