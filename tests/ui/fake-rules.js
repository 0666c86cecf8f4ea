// The part of the core in memory that keeps rules.
import { kept } from "./fake-events.js";
import { refusal } from "./fake-refusal.js";

/** @import { backend } from "../../ui/backend.js" */
/** @import { RuleList } from "../../ui/wire.d.ts" */

/** @type {RuleList} */
let ruleList = { generation: 0, rules: [] };

/**
 * @param {object} core
 * @param {<T>(command: string, request: unknown, run: () => T) => Promise<T>} core.answer
 * @returns {Pick<typeof backend, "rulesGet" | "rulesSet" | "rulesPreview" | "ruleDraft" | "mappingPreview" | "eventTypes" | "fieldsSeen">}
 */
export function rules({ answer }) {
  return {
    rulesGet: () => answer("rules_get", null, () => ruleList),

    rulesSet: (list) =>
      answer("rules_set", list, () => {
        if (list.generation !== ruleList.generation) {
          throw refusal("outdated", "the rules were changed meanwhile; look at them again, then save");
        }
        ruleList = { generation: list.generation + 1, rules: list.rules };
        return ruleList;
      }),

    rulesPreview: (request) =>
      answer("rules_preview", request, () => ({
        looked_at: kept.rows.length,
        would_notify: kept.rows.length,
        now_notify: kept.rows.length,
        dropped: 0,
        newly_loud_count: 0,
        newly_loud: [],
        newly_quiet_count: 0,
        newly_quiet: [],
        per_day: [],
        rules: [],
      })),

    ruleDraft: (request) =>
      answer("rule_draft", request, () => ({ id: `rule-${request.row}`, name: "Like this", then: request.then })),

    mappingPreview: (request) => answer("mapping_preview", request, () => []),

    eventTypes: (id) => answer("event_types", { id }, () => []),

    fieldsSeen: (source) => answer("fields_seen", { source }, () => []),
  };
}
