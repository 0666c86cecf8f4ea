// The key map.
import assert from "node:assert/strict";
import { test } from "node:test";
import { keyAction, zoomStep } from "../../ui/keys.js";

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

test("a_place_is_two_keys_and_a_source_its_number", () => {
  assert.equal(keyAction(press("KeyG"), "none"), "prefix");
  assert.equal(keyAction(press("KeyQ"), "none", { prefixed: true }), "goQuieted");
  assert.equal(keyAction(press("KeyS"), "none", { prefixed: true }), "settings");
  assert.equal(keyAction(press("KeyD"), "control", { prefixed: true }), "goDiagnostics");
  assert.equal(keyAction(press("KeyC"), "none", { prefixed: true }), "goSources");
  assert.equal(keyAction(press("KeyQ"), "none"), null);
  assert.equal(keyAction(press("Digit3"), "none"), "source 3");
  assert.equal(keyAction(press("Slash", { shiftKey: true }), "none"), "keySheet");
  assert.equal(keyAction(press("F6", { shiftKey: true }), "text"), "previousPane");
  assert.equal(keyAction(press("Comma", { ctrlKey: true }), "text"), "settings");
});

test("shortcuts_of_a_single_key_can_be_off_and_all_others_stay", () => {
  const off = { single: false };

  for (const code of ["KeyJ", "KeyU", "KeyP", "KeyG", "Slash", "Digit1", "BracketLeft"]) {
    assert.equal(keyAction(press(code), "none", off), null, code);
  }
  assert.equal(keyAction(press("ArrowDown"), "none", off), "next");
  assert.equal(keyAction(press("Delete"), "none", off), "remove");
  assert.equal(keyAction(press("KeyF", { ctrlKey: true }), "none", off), "search");
});

test("a_zoom_is_asked_for_by_the_sign_on_the_key_or_by_its_place", () => {
  const held = { ctrlKey: true };
  assert.equal(zoomStep(press("Equal", { ...held, key: "=" })), "in");
  assert.equal(zoomStep(press("BracketRight", { ...held, key: "+" })), "in");
  assert.equal(zoomStep(press("Digit6", { ...held, key: "-" })), "out");
  assert.equal(zoomStep(press("Digit0", { metaKey: true, key: "0" })), "reset");
  assert.equal(zoomStep(press("Equal", { key: "=" })), null);
  assert.equal(zoomStep(press("Minus", { ...held, altKey: true, key: "-" })), null);
});

test("the_menu_of_a_row_is_asked_for_by_its_key_or_by_shift_f10_where_no_control_has_the_focus", () => {
  assert.equal(keyAction(press("ContextMenu"), "none"), "menu");
  assert.equal(keyAction(press("F10", { shiftKey: true }), "none"), "menu");
  assert.equal(keyAction(press("F10"), "none"), null);
  assert.equal(keyAction(press("ContextMenu"), "text"), null);
  assert.equal(keyAction(press("KeyT"), "none", { prefixed: true }), "goToTime");
});
