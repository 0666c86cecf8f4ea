// Which page stands in the place of list and detail: sources, rules, settings, diagnostics.
import { t } from "../i18n.js";

/** @import { Commands } from "../commands.js" */
/** @import { State } from "../state.js" */

/** The name of the open page; null: the list is there. @param {State} state */
export function panelTitle(state) {
  const { panel } = state.connections;
  if (!panel) return null;
  if (panel.kind === "rules") return t("rules.title");
  if (panel.kind === "settings") return t("settings.title");
  return t(panel.kind === "sources" ? "nav.sources" : "diag.title");
}

/** Whether the rules and the selected one take turns in one column. */
const isNarrow = () => matchMedia("(max-width: 899px)").matches;

/** Whether a key was one of a page. @param {KeyboardEvent} event @param {State} state @param {Commands} act */
export function panelKey(event, state, act) {
  const { panel } = state.connections;
  if (!panel || event.code !== "Escape" || event.isComposing || event.keyCode === 229) return false;
  if (panel.kind === "diagnostics" && panel.back) act.showSources();
  else if (panel.kind === "rules" && state.rules.selected !== null && isNarrow()) act.selectRule(null);
  else act.closePanel();
  return true;
}
