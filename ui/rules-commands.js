// What a person can ask for about rules. Nothing is in force until it is saved.
import { t } from "./i18n.js";
import { formPlace, patched, sourceAsked } from "./rule-draft.js";
import { ruleText } from "./rule-json.js";
import { blankRule, fromTemplate } from "./rule-templates.js";
import { canSave, isDirty, newDrops, problemIn, selectedRule, toSave } from "./rules-state.js";

/** @import { CommandError, Rule, RuleId } from "./wire.d.ts" */
/** @import { backend as Backend } from "./backend.js" */
/** @import { Template } from "./rule-templates.js" */
/** @import { RulesChange, Shown } from "./rules-state.js" */
/** @import { Action, State } from "./state.js" */

/** A preview waits this long for the next change. Milliseconds. */
const PAUSE = 150;
/** Sources whose event types are offered where a rule names none. */
const SOURCES = 10;

/**
 * @param {object} parts
 * @param {typeof Backend} parts.backend
 * @param {() => State} parts.state
 * @param {(action: Action) => void} parts.dispatch
 * @param {(name: string, delay: number, run: () => void) => void} parts.later
 * @param {(text: string, bad?: boolean) => void} parts.notify
 * @param {(sentence: string) => void} parts.say
 * @param {() => Promise<void>} parts.reload reads the list of events anew
 * @param {(row: number) => Promise<void>} parts.loadDetail
 */
export function createRulesCommands({ backend, state, dispatch, later, notify, say, reload, loadDetail }) {
  let tickets = 0;
  /** @type {string | null} whose fields were read last */
  let seenOf = null;

  /** @param {RulesChange} change */
  const change = (change) => dispatch({ type: "rules", change });
  const rules = () => state().rules;
  const asError = (/** @type {unknown} */ reason) => /** @type {CommandError} */ (reason);

  /** Tries the rules once nothing has changed for a moment; an answer that was overtaken is dropped. */
  function preview(pause = PAUSE) {
    tickets += 1;
    const ticket = tickets;
    change({ what: "trying", ticket });
    later("rules-preview", pause, async () => {
      const { phase, fault, last, selected } = rules();
      // What cannot be read keeps what was found last.
      if (phase !== "ready" || fault || problemIn(rules())) return;
      try {
        const request = { rules: toSave(rules()), last, ...(selected === null ? {} : { rule: selected }) };
        const found = await backend.rulesPreview(request);
        change({ what: "tried", ticket, preview: found });
        announce();
      } catch (error) {
        change({ what: "untried", ticket, error: asError(error) });
      }
    });
  }

  /** Says what a preview found, once the person has paused. */
  function announce() {
    later("rules-say", 1500, () => {
      const { preview: found } = rules();
      if (!found || state().connections.panel?.kind !== "rules") return;
      say(t("rules.preview.announce", { notify: found.would_notify, loud: found.newly_loud_count, quiet: found.newly_quiet_count }));
    });
  }

  /** Reads which fields and event types there are to choose from. */
  async function look() {
    const rule = selectedRule(rules());
    const { sources } = state();
    const source = rule ? sourceAsked(rule, sources) : null;
    const of = source ?? "";
    if (seenOf === of) return;
    seenOf = of;
    try {
      const asked = source ? [source] : sources.slice(0, SOURCES).map(({ id }) => id);
      const [fields, ...types] = await Promise.all([backend.fieldsSeen(source), ...asked.map((id) => backend.eventTypes(id))]);
      const known = new Map(types.flat().map((one) => [one.event, one]));
      if (seenOf === of) change({ what: "seen", fields, types: [...known.values()] });
    } catch {
      // They are offered for convenience only; whatever is typed works without them.
      seenOf = null;
    }
  }

  async function readHits() {
    try {
      change({ what: "hits", counts: await backend.ruleHits() });
    } catch {
      // A list without its counts is still the list.
    }
  }

  /** @param {Rule[]} list @param {RuleId | null} [selected] */
  function put(list, selected) {
    change(selected === undefined ? { what: "rules", rules: list } : { what: "rules", rules: list, selected });
    preview();
    void look();
  }

  /** @param {RuleId} id */
  const placeOf = (id) => rules().rules.findIndex((one) => one.id === id);

  async function save() {
    change({ what: "saving" });
    try {
      const list = await backend.rulesSet({ generation: rules().generation, rules: toSave(rules()) });
      change({ what: "saved", list });
      if (rules().text !== null) openText();
      notify(t("rules.saved"));
      preview(0);
      void readHits();
    } catch (error) {
      const refused = asError(error);
      change({ what: "unsaved", error: refused });
      const place = refused.place ? formPlace(refused.place) : null;
      const at = place ? rules().rules[place.index] : undefined;
      if (at?.id) change({ what: "select", id: at.id });
    }
  }

  function openText() {
    const rule = selectedRule(rules());
    if (rule) change({ what: "text", text: ruleText(rule) });
  }

  const commands = {
    /** Shows the rules; with a draft, that one in front of them. @param {Rule | null} [draft] */
    openRules(draft = null) {
      dispatch({ type: "rules/open", draft });
    },

    async loadRules() {
      change({ what: "loading" });
      seenOf = null;
      try {
        change({ what: "loaded", list: await backend.rulesGet() });
        preview(0);
        void look();
        void readHits();
      } catch (error) {
        change({ what: "failed", error: asError(error) });
      }
    },

    /** Shows the rule that decided about an event, where it still has that name. @param {string} name */
    async editRuleNamed(name) {
      commands.openRules();
      if (rules().phase !== "ready") await commands.loadRules();
      const rule = rules().rules.find((one) => one.name === name);
      if (rule?.id) commands.selectRule(rule.id);
      else if (rules().phase === "ready") notify(t("rules.gone"), true);
    },

    /** Reads the rules for what only names them; those that are being changed stay. */
    async knowRules() {
      if (isDirty(rules()) || rules().phase === "loading") return;
      try {
        const list = await backend.rulesGet();
        if (!isDirty(rules()) && rules().phase !== "loading") change({ what: "loaded", list });
      } catch {
        // The rules screen says so.
      }
    },

    /** @param {RuleId | null} id */
    selectRule(id) {
      change({ what: "select", id });
      preview(0);
      void look();
    },

    newRule() {
      const rule = blankRule();
      put([...rules().rules, rule], rule.id ?? null);
      say(t("rules.added", { name: rule.name, place: rules().rules.length }));
    },

    /** @param {Template} template */
    addTemplate(template) {
      const { first, rules: added } = fromTemplate(template);
      const [one] = added;
      put(first ? [...added, ...rules().rules] : [...rules().rules, ...added], one?.id ?? null);
      say(t("rules.added", { name: one?.name ?? "", place: placeOf(one?.id ?? "") + 1 }));
    },

    /** @param {RuleId} id */
    duplicateRule(id) {
      const at = placeOf(id);
      const rule = rules().rules[at];
      if (!rule) return;
      const copy = { ...rule, id: crypto.randomUUID(), name: [...t("rules.copy_of", { name: rule.name })].slice(0, 80).join("") };
      put([...rules().rules.slice(0, at + 1), copy, ...rules().rules.slice(at + 1)], copy.id);
      say(t("rules.added", { name: copy.name, place: at + 2 }));
    },

    /** @param {RuleId} id */
    deleteRule(id) {
      const at = placeOf(id);
      const rule = rules().rules[at];
      if (!rule) return;
      const left = rules().rules.filter((one) => one.id !== id);
      put(left, left[Math.min(at, left.length - 1)]?.id ?? null);
      say(t("rules.deleted", { name: rule.name }));
    },

    /** @param {RuleId} id @param {number} to */
    moveRule(id, to) {
      const before = placeOf(id);
      change({ what: "move", id, to });
      const place = placeOf(id);
      const rule = rules().rules[place];
      if (!rule || before === place) return;
      preview();
      say(t("rules.moved", { name: rule.name, place: place + 1, all: rules().rules.length }));
    },

    /** @param {RuleId} id @param {1 | -1} by */
    shiftRule(id, by) {
      commands.moveRule(id, placeOf(id) + by);
    },

    /** @param {import("./rules-state.js").RulesState["drag"]} drag */
    dragRule(drag) {
      change({ what: "drag", drag });
    },

    /** Changes a rule as it is now, not as it was last drawn. @param {Rule} drawn @param {(rule: Rule) => Rule} edit */
    editRule({ id }, edit) {
      const rule = rules().rules.find((one) => one.id === id);
      if (!rule) return;
      change({ what: "rule", rule: edit(rule) });
      preview();
      void look();
    },

    /** @param {Rule} rule @param {Partial<Rule>} patch */
    patchRule(rule, patch) {
      commands.editRule(rule, (now) => patched(now, patch));
    },

    /** @param {boolean} isText */
    showRuleText(isText) {
      if (isText) openText();
      else {
        change({ what: "text", text: null });
        preview();
      }
    },

    /** @param {string} text */
    editRuleText(text) {
      change({ what: "text", text });
      preview();
      void look();
    },

    /** @param {string | null} typing */
    typePath(typing) {
      change({ what: "typing", typing });
    },

    /** A period stays in its unit while it is written. @param {number} unit seconds */
    keepUnit(unit) {
      change({ what: "unit", unit });
    },

    /** @param {number} last */
    previewLast(last) {
      change({ what: "last", last });
      preview(0);
    },

    /** @param {Shown} show */
    previewShow(show) {
      change({ what: "show", show });
    },

    saveRules() {
      if (!canSave(rules())) return;
      const names = newDrops(rules());
      if (names.length > 0) change({ what: "ask", ask: { what: "drop", names } });
      else void save();
    },

    discardRules() {
      change({ what: "discard" });
      preview(0);
    },

    /** Goes on after a question, or back to what was being done. @param {boolean} yes */
    async answerRules(yes) {
      const { ask } = rules();
      if (!ask) return;
      if (!yes) return change({ what: "ask", ask: null });
      if (ask.what === "drop") return void save();
      const { ticket } = state().list;
      change({ what: "forget" });
      dispatch(ask.action);
      if (state().list.ticket !== ticket) await reload();
      const { selected, detail } = state();
      if (selected !== null && detail === null) await loadDetail(selected);
    },
  };
  return commands;
}
