// The part of the core in memory that keeps rules. `?rules` starts with some.
import { kept } from "./fake-events.js";
import { check, preview } from "./fake-judge.js";
import { refusal } from "./fake-refusal.js";

/** @import { backend } from "../../ui/backend.js" */
/** @import { MappedEvent, Rule, RuleList } from "../../ui/wire.d.ts" */

/** @type {RuleList} */
let ruleList = { generation: 0, rules: [] };

/** @returns {Rule[]} */
function staged() {
  const id = (/** @type {number} */ at) => `00000000-0000-4000-8000-00000000000${at}`;
  const source = (/** @type {number} */ at) => kept.sources[at]?.id ?? "";
  return [
    { id: id(1), name: "Heartbeats", when: { field: "event", op: "in", value: ["ping", "heartbeat"] }, then: "drop" },
    {
      id: id(2),
      name: "Errors from prod",
      when: { all: [{ field: "source", op: "is", value: source(0) }, { field: "$.level", op: "in", value: ["error", "fatal"] }, { not: { field: "title", op: "contains", value: "flaky" } }] },
      then: "notify",
      severity: "critical",
      sound: { named: "message-new-instant" },
      at_most: { count: 1, seconds: 300, per: "$.host" },
    },
    { id: id(3), name: "Paid invoices", when: { all: [{ field: "source", op: "is", value: source(1) }, { any: [{ field: "title", op: "starts_with", value: "Invoice" }, { field: "title", op: "contains", value: "결제" }] }] }, then: "notify" },
    { id: id(4), name: "Passing builds", when: { all: [{ field: "title", op: "matches", value: "^Build \\d+ passed" }] }, then: "quiet", severity: "low" },
    { id: id(5), name: "밤에는 현관만", when: { all: [{ field: "source", op: "is", value: source(3) }, { field: "text", op: "contains", value: "현관" }] }, then: "notify", break_through: true, active: { days: ["sat", "sun"], from: "22:00", to: "07:00" } },
    { id: id(6), name: "Slow queries", enabled: false, when: { all: [{ field: "$.duration_ms", op: ">", value: 800 }] }, then: "notify" },
  ];
}

/**
 * @param {object} core
 * @param {<T>(command: string, request: unknown, run: () => T) => Promise<T>} core.answer
 * @returns {Pick<typeof backend, "rulesGet" | "rulesSet" | "ruleHits" | "rulesPreview" | "ruleDraft" | "mappingPreview" | "eventTypes" | "fieldsSeen">}
 */
export function rules({ answer }) {
  if (new URLSearchParams(location.search).has("rules")) ruleList = { generation: 0, rules: staged() };
  return {
    rulesGet: () => answer("rules_get", null, () => ruleList),

    rulesSet: (list) =>
      answer("rules_set", list, () => {
        if (list.generation !== ruleList.generation) {
          throw refusal("outdated", "the rules were changed meanwhile; look at them again, then save");
        }
        check(list.rules);
        ruleList = { generation: list.generation + 1, rules: list.rules };
        return ruleList;
      }),

    ruleHits: () =>
      answer("rule_hits", null, () =>
        ruleList.rules.map(({ id = "" }, at) => ({ id, hits: [0, 52, 214, 163, 9, 0][at] ?? 1 })).filter(({ hits }) => hits > 0),
      ),

    rulesPreview: (request) => answer("rules_preview", request, () => preview(request, ruleList.rules)),

    ruleDraft: (request) =>
      answer("rule_draft", request, () => {
        const row = kept.rows.find((one) => one.row === request.row);
        if (!row) throw refusal("not_found", "this event was deleted");
        /** @type {import("../../ui/wire.d.ts").Condition[]} */
        const all = [{ field: "source", op: "is", value: row.source }, { field: "title", op: "is", value: row.title }];
        return { id: crypto.randomUUID(), name: row.title, enabled: true, when: { all }, then: request.then };
      }),

    mappingPreview: (request) =>
      answer("mapping_preview", request, () => {
        if (/\{[^}]*$/.test(request.mapping.title ?? "")) {
          throw { ...refusal("invalid_mapping", "mapping title: a { is never closed; write {{ for a brace"), place: "title" };
        }
        return kept.rows.filter(({ source }) => source === request.source).slice(0, request.last).map(
          /** @returns {MappedEvent} */
          (row) => ({
            row: row.row,
            received_at: row.received_at,
            event: row.event,
            kept: true,
            title: (request.mapping.title ?? "{title}").replaceAll("{title}", row.title).replaceAll("{event}", row.event).replaceAll("{$.title}", row.title),
            body: row.preview,
            severity: row.severity,
            url: kept.details.get(row.row)?.url ?? null,
            tags: request.mapping.preset === "ntfy" ? ["warning", "skull"] : [],
          }),
        );
      }),

    eventTypes: (id) =>
      answer("event_types", { id }, () =>
        [...new Set(kept.rows.filter(({ source }) => source === id).map(({ event }) => event))].map((event) => ({
          event, stored: 1, last_seen: kept.now,
        })),
      ),

    fieldsSeen: (source) =>
      answer("fields_seen", { source }, () => [
        { path: "$.level", events: 12, samples: ["error", "info", "fatal"] },
        { path: "$.host", events: 12, samples: ["web-3", "web-1", "db-1"] },
        { path: "$.duration_ms", events: 4, samples: ["134218", "912"] },
        { path: "$.commit.author.name", events: 2, samples: ["김서연"] },
        { path: "$.tail[*]", events: 1, samples: ["line 0", "line 1"] },
      ]),
  };
}
