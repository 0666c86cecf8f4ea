// The query as the search field helps to write it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chips, quoted, settledQuery, suggestions, widened, without, withPart } from "../../ui/query.js";

const known = { sources: ["prod-api", "staging CI"], rules: ["Errors"], events: ["deploy"] };
/** @param {string} text @param {number} [caret] */
const offered = (text, caret = text.length) => suggestions(text, caret, known).map((one) => one.text);

test("known_keys_with_a_value_stand_as_chips", () => {
  const text = 'deploy -level:low source:"staging CI" http://x colour:red $.host:web-3';

  assert.deepEqual(chips(text).map(({ key, value, negated }) => [key, value, negated]), [
    ["level", "low", true],
    ["source", "staging CI", false],
    ["$.host", "web-3", false],
  ]);
});

test("a_chip_is_taken_out_and_the_rest_stays", () => {
  const text = 'a level:high "b c"';
  const [chip] = chips(text);
  assert.ok(chip);

  assert.equal(without(text, chip), 'a "b c"');
  assert.equal(widened('x source:"staging CI" after:2h level:high'), "x level:high");
});

test("keys_are_offered_then_their_values_and_names_with_spaces_are_quoted", () => {
  assert.deepEqual(offered("so"), ["source:"]);
  assert.deepEqual(offered("-so"), ["-source:"]);
  assert.deepEqual(offered("deploy source:sta"), ['source:"staging CI" ']);
  assert.deepEqual(offered("is:"), ["is:unread ", "is:pinned ", "is:quiet "]);
  assert.deepEqual(offered("deploy "), []);
  assert.deepEqual(offered("deploy e"), []);
  assert.ok(offered("").includes("level:"));
});

test("a_filter_is_added_once_and_a_key_without_its_value_is_not_asked_yet", () => {
  assert.equal(withPart("a", "level:high"), "a level:high");
  assert.equal(withPart("a level:high", "level:high"), "a level:high");
  assert.equal(quoted("web-3"), "web-3");
  assert.equal(quoted("two words"), '"two words"');
  assert.equal(settledQuery("deploy source:"), "deploy");
  assert.equal(settledQuery("deploy source:x "), "deploy source:x");
});
