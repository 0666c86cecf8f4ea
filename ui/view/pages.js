// The pages that stand in the place of list and detail, the dialogs, the first run.
import { nothing } from "/vendor/lit-html/lit-html.js";
import { diagnostics } from "./diagnostics.js";
import { rules } from "./rules.js";
import { settingsPage } from "./settings.js";
import { sources } from "./sources.js";

export { afterChecklist } from "./checklist.js";
export { firstRun } from "./first-run.js";
export { afterOverlay, overlay } from "./overlay.js";
export { afterRules, focusRules, rulesAsk } from "./rules.js";
export { afterDialog, sourceDialog } from "./source-dialog.js";

/** @import { Commands } from "../commands.js" */
/** @import { State } from "../state.js" */

/** @param {State} state @param {Commands} act */
export function panelView(state, act) {
  const { panel } = state.connections;
  if (!panel) return nothing;
  if (panel.kind === "rules") return rules(state, act);
  if (panel.kind === "sources") return sources(state, act);
  if (panel.kind === "settings") return settingsPage(state, act);
  return diagnostics(state, act, panel);
}
