// Rules to start from: a new one, and those that many people want. Pure.
import { t } from "./i18n.js";

/** @import { Rule } from "./wire.d.ts" */

/** @typedef {"errors" | "heartbeats" | "duplicates" | "hours"} Template */

/** @type {readonly Template[]} */
export const TEMPLATES = ["errors", "heartbeats", "duplicates", "hours"];

/** Event types that servers send to show that they live. */
const HEARTBEATS = ["heartbeat", "ping", "keepalive", "keep-alive", "keep_alive"];
const WORKDAYS = /** @type {const} */ (["mon", "tue", "wed", "thu", "fri"]);

/** @param {Omit<Rule, "id" | "enabled">} rule @returns {Rule} */
export function newRule(rule) {
  return { id: crypto.randomUUID(), enabled: true, ...rule };
}

/** A rule with a condition to change. @returns {Rule} */
export function blankRule() {
  return newRule({ name: t("rules.new_name"), when: { all: [{ field: "severity", op: "is", value: "high" }] }, then: "notify" });
}

/**
 * The rules of a template, and whether they belong before all others.
 * @param {Template} template
 * @returns {{ first: boolean, rules: Rule[] }}
 */
export function fromTemplate(template) {
  switch (template) {
    case "errors":
      return {
        first: false,
        rules: [newRule({ name: t("rules.template.errors"), when: { all: [{ field: "severity", op: "<", value: "high" }] }, then: "quiet" })],
      };
    case "heartbeats":
      return {
        first: true,
        rules: [newRule({ name: t("rules.template.heartbeats"), when: { all: [{ field: "event", op: "in", value: HEARTBEATS }] }, then: "quiet" })],
      };
    case "duplicates":
      return {
        first: false,
        rules: [newRule({ name: t("rules.template.duplicates"), then: "notify", at_most: { count: 1, seconds: 300, per: "title" } })],
      };
    case "hours":
      return {
        first: false,
        rules: [
          newRule({ name: t("rules.template.hours"), then: "notify", active: { days: [...WORKDAYS], from: "09:00", to: "18:00" } }),
          newRule({ name: t("rules.template.hours.outside"), then: "quiet" }),
        ],
      };
  }
}
