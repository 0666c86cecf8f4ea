// The key map.
import assert from "node:assert/strict";
import { test } from "node:test";
import { keyAction } from "../../ui/keys.js";

/** @param {string} code @param {Partial<import("../../ui/keys.js").KeyPress>} [change] */
const press = (code, change) => ({ code, isComposing: false, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...change });

test("keys_mean_the_same_on_every_layout", () => {
  assert.equal(keyAction(press("KeyJ"), "none"), "next");
  assert.equal(keyAction(press("KeyK"), "none"), "previous");
  assert.equal(keyAction(press("KeyU"), "none"), "toggleRead");
  assert.equal(keyAction(press("Slash"), "none"), "search");
  assert.equal(keyAction(press("Enter"), "none"), "open");
  assert.equal(keyAction(press("Escape"), "text"), "back");
});

test("a_key_that_an_input_method_uses_is_not_ours", () => {
  assert.equal(keyAction(press("KeyJ", { isComposing: true }), "none"), null);
  assert.equal(keyAction(press("Escape", { keyCode: 229 }), "text"), null);
});

test("a_focused_field_or_control_keeps_its_own_keys", () => {
  assert.equal(keyAction(press("KeyJ"), "text"), null);
  assert.equal(keyAction(press("Enter"), "control"), null);
  assert.equal(keyAction(press("ArrowDown"), "control"), null);
  assert.equal(keyAction(press("KeyJ"), "control"), "next");
});

test("with_a_modifier_a_key_is_left_to_the_system", () => {
  assert.equal(keyAction(press("KeyU", { ctrlKey: true }), "none"), null);
  assert.equal(keyAction(press("KeyJ", { altKey: true }), "none"), null);
  assert.equal(keyAction(press("ArrowUp", { metaKey: true }), "none"), "liveEdge");
  assert.equal(keyAction(press("KeyF", { ctrlKey: true }), "text"), "search");
});
