// A rule while it is edited: form, JSON, sentence, and what the screen makes of changes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setLanguage } from "../../ui/i18n.js";
import { choiceOf, choicesFor, CHOICES, cleaned, formPlace, fromGroup, fromTest, groupOf, moved, patched, problemOf, sameRules, sourceAsked, testOf, whenOf, withAdded, withChoice, withCondition, withField, withOutcome, withText } from "../../ui/rule-draft.js";
import { faultElsewhere, faultOf } from "../../ui/rule-faults.js";
import { faultAt, readRule, ruleText } from "../../ui/rule-json.js";
import { detailsOf, sentenceOf } from "../../ui/rule-sentence.js";
import { fromTemplate, TEMPLATES } from "../../ui/rule-templates.js";
import { canSave, changeRules, isDirty, newDrops, noRules, opened, shownRows } from "../../ui/rules-state.js";
import { initial } from "../../ui/state.js";
import { reduce } from "../../ui/store.js";
import { withMapping } from "../../ui/mapping-commands.js";
import { row, source } from "./samples.js";

/** @import { Condition, Rule, RulePreview } from "../../ui/wire.d.ts" */
/** @import { Choice, Test } from "../../ui/rule-draft.js" */

setLanguage("en");
const is = (/** @type {string} */ field, /** @type {string} */ value) => /** @type {Condition} */ ({ field, op: "is", value });
/** @param {Partial<Rule>} change @returns {Rule} */
const rule = (change) => ({ id: "r1", name: "one", then: "notify", ...change });
/** @param {Condition} one @returns {Test} */
const tested = (one) => /** @type {Test} */ (testOf(one));

test("a_condition_read_into_the_form_and_written_again_means_the_same", () => {
  /** @type {Condition[]} */
  const all = [
    { all: [] }, { any: [is("event", "a")] }, { not: { any: [is("event", "a")] } }, { not: { all: [is("event", "a"), is("title", "b")] } },
    { all: [{ not: { any: [{ not: is("event", "a") }] } }] },
  ];
  for (const one of all) {
    const group = groupOf(one);
    assert.ok(group, JSON.stringify(one));
    assert.deepEqual(fromGroup(group), one);
  }
  for (const one of [is("event", "a"), { not: is("event", "a") }, { field: "url", op: /** @type {const} */ ("exists") }]) {
    assert.deepEqual(fromTest(tested(one)), one);
  }
  assert.deepEqual(tested({ not: { not: is("event", "a") } }), tested(is("event", "a")));
});

test("every_comparison_can_be_chosen_for_every_field_and_says_what_was_chosen", () => {
  const start = tested(is("title", "80"));
  for (const choice of CHOICES) assert.equal(choiceOf(withChoice(start, choice)), choice);
  assert.equal(choiceOf(tested({ not: is("title", "x") })), "is_not");
  assert.deepEqual(choicesFor("severity", "matches").slice(-1), ["matches"]);
  assert.equal(withChoice(start, ">").value, 80);
  assert.equal(withText(withChoice(start, ">"), "8.").value, "8.");
  assert.deepEqual(withText(withChoice(start, "in"), "a\nb\n").value, ["a", "b", ""]);
  assert.equal(withChoice(start, "exists").value, undefined);
  assert.deepEqual(withField(tested({ field: "title", op: "contains", value: "x" }), "severity"), { field: "severity", op: "is", not: false, value: "high" });
  assert.equal(withField(tested(is("$.a", "x")), "$.b").value, "x");
});

test("a_change_deep_inside_leaves_everything_else_as_it_was", () => {
  const before = rule({ when: { all: [is("event", "a"), { any: [is("title", "b"), is("title", "c")] }] } });

  const changed = withCondition(before, [1, 0], () => is("title", "x"));
  const gone = withCondition(before, [1, 1], () => null);
  const added = withAdded(before, [1], is("body", "d"));

  assert.deepEqual(changed.when, { all: [is("event", "a"), { any: [is("title", "x"), is("title", "c")] }] });
  assert.deepEqual(gone.when, { all: [is("event", "a"), { any: [is("title", "b")] }] });
  assert.deepEqual(added.when, { all: [is("event", "a"), { any: [is("title", "b"), is("title", "c"), is("body", "d")] }] });
  assert.deepEqual(whenOf(withAdded(rule({ when: is("event", "a") }), [], is("title", "b"))).items.length, 2);
});

test("what_cannot_stand_with_an_outcome_goes_with_it", () => {
  const loud = rule({ severity: "high", sound: "silent", sticky: true, break_through: true, at_most: { count: 1, seconds: 60 } });

  assert.deepEqual(withOutcome(loud, "quiet"), rule({ then: "quiet", severity: "high" }));
  assert.deepEqual(withOutcome(loud, "drop"), rule({ then: "drop" }));
  assert.deepEqual(patched(loud, { sound: undefined }).sound, undefined);
});

test("a_mistake_is_known_before_the_core_is_asked_and_has_its_place", () => {
  const at = (/** @type {Partial<Rule>} */ change) => problemOf(rule(change))?.part;

  assert.equal(at({}), undefined);
  assert.equal(at({ name: " " }), "name");
  assert.equal(at({ at_most: { count: NaN, seconds: 60 } }), "at_most.count");
  assert.equal(at({ at_most: { count: 1, seconds: 0 } }), "at_most.seconds");
  assert.equal(at({ when: { all: [is("event", ""), { any: [{ field: "title", op: "contains", value: " " }] }] } }), "1.0");
  assert.equal(at({ when: { field: "$.n", op: ">", value: "many" } }), "0");
  assert.deepEqual(formPlace("rules[2].when.all[1].not.any[0]"), { index: 2, part: "1.0" });
  assert.deepEqual(formPlace("rules[0].when"), { index: 0, part: "0" });
  assert.deepEqual(formPlace("rules[0].at_most.per"), { index: 0, part: "at_most.per" });
});

test("a_refusal_of_the_core_stands_at_its_condition_in_either_language", () => {
  const pattern = rule({ when: { all: [is("event", "a"), { field: "title", op: "matches", value: "(" }] } });
  const wrong = { code: /** @type {const} */ ("invalid_rule"), message: "rule one: when.all[1]: ( is no regular expression: unclosed group", place: "rules[1].when.all[1]", detail: null, field: null, range: null };
  const state = { ...noRules, rules: [rule({ id: "r0" }), pattern], selected: "r0", wrong };

  assert.deepEqual(faultOf(state, pattern), { part: "1", words: "( is no regular expression: unclosed group." });
  assert.equal(faultOf(state, rule({ id: "r0" })), null);
  assert.match(faultElsewhere(state) ?? "", /^one: \(/);
  setLanguage("ko");
  assert.equal(faultOf(state, pattern)?.words, "사용할 수 없는 정규식입니다.");
  setLanguage("en");
});

test("a_list_loses_its_empty_lines_when_it_is_saved", () => {
  const listed = cleaned(rule({ name: " one ", when: { not: { any: [{ field: "event", op: "in", value: ["a", "", " "] }] } } }));

  assert.deepEqual(listed, rule({ when: { not: { any: [{ field: "event", op: "in", value: ["a"] }] } } }));
});

test("json_says_where_it_is_wrong_and_keeps_the_identity", () => {
  const before = rule({});
  const fault = (/** @type {string} */ text) => readRule(text, before).fault;

  assert.deepEqual(readRule(ruleText(before), before).rule, before);
  assert.deepEqual(fault('{\n  "name": "a",\n}'), { key: "rules.json.syntax", values: { line: 3, column: 1 } });
  assert.deepEqual(fault('{"name": "a" "then": 1}')?.values, { line: 1, column: 14 });
  assert.equal(faultAt("[1, 2"), 6 - 1);
  assert.equal(fault("[]")?.key, "rules.json.object");
  assert.deepEqual(fault('{"name":"a","than":"quiet"}')?.values, { member: "than" });
  assert.equal(fault('{"name":"a","then":"ring"}')?.key, "rules.json.then");
  assert.deepEqual(fault('{"name":"a","then":"quiet","when":{"all":[{"field":"x"}]}}')?.values, { place: "when.all[0]" });
});

test("a_rule_is_one_whole_sentence_in_either_language", () => {
  const sources = [source("s1", { name: "prod-api" })];
  const one = rule({ when: { all: [is("source", "s1"), { not: { field: "title", op: "contains", value: "flaky" } }, { any: [is("severity", "critical"), { field: "$.level", op: "in", value: ["error", "fatal"] }] }] }, severity: "critical", at_most: { count: 2, seconds: 300, per: "$.host" } });

  assert.equal(sentenceOf(one, sources), "When source is prod-api and title does not contain “flaky” and (severity is critical or $.level is one of (error, fatal)), notify");
  assert.deepEqual(detailsOf(one), ["as critical", "at most 2 in 5 minutes for each $.host"]);
  assert.equal(sentenceOf(rule({ then: "drop" }), []), "Always drop");
  setLanguage("ko");
  assert.equal(sentenceOf(one, sources), "소스가 “prod-api”인, 제목이 “flaky” 문구를 포함하지 않은, (심각도가 “긴급”인 이벤트 또는 $.level 값이 목록(error, fatal)에 있는) 이벤트는 알립니다");
  assert.deepEqual(detailsOf(one), ["심각도 긴급", "$.host별 5분에 최대 2회"]);
  setLanguage("en");
});

test("no_choice_is_without_words_and_no_template_without_a_mistake", () => {
  const words = CHOICES.map((choice) => sentenceOf(rule({ when: fromTest(withChoice(tested(is("title", "1")), /** @type {Choice} */ (choice))) }), []));

  assert.equal(new Set(words).size, CHOICES.length);
  for (const sentence of words) assert.doesNotMatch(sentence, /rules\.|[{}]/);
  for (const template of TEMPLATES) {
    for (const made of fromTemplate(template).rules) assert.equal(problemOf(made), null, template);
  }
});

test("moving_keeps_every_rule_and_says_when_nothing_moves", () => {
  const [a, b, c] = [rule({ id: "a" }), rule({ id: "b" }), rule({ id: "c" })];

  assert.deepEqual(moved([a, b, c], "a", 2), [b, c, a]);
  assert.deepEqual(moved([a, b, c], "c", 0), [c, a, b]);
  assert.deepEqual(moved([a, b, c], "c", 9), [a, b, c]);
  assert.equal(sourceAsked(rule({ when: { all: [is("source", "PROD")] } }), [source("s1", { name: "prod" })]), "s1");
});

test("nothing_is_dirty_that_reads_the_same_as_what_is_saved", () => {
  const saved = [rule({ enabled: true })];

  assert.ok(sameRules(saved, [rule({ enabled: true, sound: "default", when: { all: [] } })]));
  assert.ok(!sameRules(saved, [rule({ enabled: false })]));
  assert.ok(!sameRules([rule({ id: "a" }), rule({ id: "b" })], [rule({ id: "b" }), rule({ id: "a" })]));
});

/** @param {Rule[]} rules */
const loaded = (rules) => changeRules(noRules, { what: "loaded", list: { generation: 1, rules } });

test("a_stale_preview_never_shows_and_a_wrong_rule_keeps_the_last_good_one", () => {
  const preview = (/** @type {number} */ would_notify) => /** @type {RulePreview} */ (/** @type {unknown} */ ({ would_notify }));
  const error = { code: /** @type {const} */ ("invalid_rule"), message: "", place: "rules[0].when", detail: null, field: null, range: null };
  let state = changeRules(loaded([rule({})]), { what: "trying", ticket: 1 });
  state = changeRules(state, { what: "trying", ticket: 2 });

  state = changeRules(state, { what: "tried", ticket: 2, preview: preview(2) });
  state = changeRules(state, { what: "tried", ticket: 1, preview: preview(1) });
  assert.equal(state.preview?.would_notify, 2);

  state = changeRules(state, { what: "rule", rule: rule({ then: "quiet" }) });
  assert.ok(canSave(state));
  state = changeRules(state, { what: "trying", ticket: 3 });
  state = changeRules(state, { what: "untried", ticket: 3, error });
  assert.equal(state.preview?.would_notify, 2);
  assert.ok(!canSave(state));
});

test("a_rule_out_of_an_event_stands_first_even_before_the_others_are_read", () => {
  const draft = rule({ id: "d", name: "draft" });
  const early = changeRules(opened(noRules, draft), { what: "loaded", list: { generation: 3, rules: [rule({})] } });

  assert.deepEqual(early.rules.map(({ id }) => id), ["d", "r1"]);
  assert.equal(early.selected, "d");
  assert.ok(isDirty(early));
  assert.deepEqual(newDrops(changeRules(early, { what: "rule", rule: { ...draft, then: "drop" } })), ["draft"]);
});

test("a_saved_rule_that_is_off_begins_to_drop_when_it_is_switched_on", () => {
  const off = rule({ id: "d", name: "draft", then: "drop", enabled: false });
  const state = changeRules(opened(noRules, null), { what: "loaded", list: { generation: 3, rules: [off] } });

  assert.deepEqual(newDrops(state), []);
  assert.deepEqual(newDrops(changeRules(state, { what: "rule", rule: { ...off, enabled: true } })), ["draft"]);
});

test("changed_rules_are_not_left_without_a_question_and_what_the_feed_brings_is_not_held_up", () => {
  let state = reduce({ ...initial, phase: "ready" }, { type: "rules/open", draft: null });
  state = reduce(state, { type: "rules", change: { what: "loaded", list: { generation: 1, rules: [rule({})] } } });
  assert.equal(reduce(state, { type: "view", view: { kind: "all" } }).connections.panel, null);

  state = reduce(state, { type: "rules", change: { what: "rule", rule: rule({ then: "quiet" }) } });
  const asked = reduce(state, { type: "view", view: { kind: "all" } });
  assert.equal(asked.connections.panel?.kind, "rules");
  assert.equal(asked.rules.ask?.what, "leave");
  assert.deepEqual(asked.list, state.list);
  assert.equal(reduce(state, { type: "tick", now: 5 }).now, 5);
});

test("json_being_typed_changes_the_rule_only_while_it_can_be_read", () => {
  let state = changeRules(loaded([rule({})]), { what: "select", id: "r1" });
  state = changeRules(state, { what: "text", text: '{"name":"two","then":"quiet"' });
  assert.equal(state.rules[0]?.name, "one");
  assert.ok(state.fault && isDirty(state) && !canSave(state));

  state = changeRules(state, { what: "text", text: '{"name":"two","then":"quiet"}' });
  assert.deepEqual(state.rules[0], { name: "two", then: "quiet", id: "r1" });
  assert.ok(canSave(state));
  assert.ok(!isDirty(changeRules(state, { what: "discard" })));
});

test("the_rows_of_a_preview_are_the_changed_ones_newest_first", () => {
  const preview = /** @type {RulePreview} */ (/** @type {unknown} */ ({
    looked_at: 3, matched_rows: [], newest_rows: [{ row: row(3), would: "drop", now: "notify" }], newly_loud: [row(1)], newly_loud_count: 1, newly_quiet: [row(3), row(2)], newly_quiet_count: 2, rules: [],
  }));
  const { rows, all } = shownRows("changed", preview, null);

  assert.deepEqual(rows.map((one) => [one.row.row, one.would]), [[3, "drop"], [2, "quiet"], [1, "notify"]]);
  assert.equal(all, 3);
});

test("a_mapping_forgets_fields_that_were_emptied", () => {
  assert.deepEqual(withMapping({ preset: "ntfy", title: "a" }, { title: "", body: "{data}" }), { preset: "ntfy", body: "{data}" });
});
