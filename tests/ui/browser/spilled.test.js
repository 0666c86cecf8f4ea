// The look for text and controls nobody can read or reach finds what it must, and nothing else.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { spilled } from "../spilled.js";
import { launch } from "./window.js";

const chrome = await launch();
after(() => chrome.close());

/** What is found on a page with this body. @param {string} body @returns {Promise<string[]>} */
async function faults(body) {
  const page = await chrome.newPage({ viewport: { width: 300, height: 200 } });
  await page.setContent(`<!doctype html><style>
    body { margin: 0; height: 200px; overflow: hidden; font: 13px/20px sans-serif }
    .box { width: 100px; height: 60px; position: relative }
    .hides { overflow: hidden }
    .one { white-space: nowrap }
    .ends { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
  </style><body>${body}`);
  const found = await page.evaluate(spilled);
  await page.close();
  return found;
}

/** @type {[name: string, body: string, found: RegExp][]} */
const FAULTS = [
  ["a_text_cut_by_what_holds_it", `<div class="box hides one"><p>${"word ".repeat(20)}</p></div>`, /cut off by .box.hides/],
  ["a_text_cut_below", `<div class="box hides"><p>${"word ".repeat(40)}</p></div>`, /cut off by .box.hides/],
  ["a_button_past_an_edge", `<div class="box hides"><button style="position: relative; left: 90px">Go</button></div>`, /cut off by .box.hides: BUTTON: Go/],
  ["a_button_of_a_sign_only", `<div class="box hides"><button aria-label="Close" style="margin-left: 90px; width: 24px; height: 24px"></button></div>`, /cut off by .box.hides: BUTTON: Close/],
  ["a_field_past_the_window", `<input style="position: absolute; left: 280px">`, /cut off by the window/],
  ["a_text_below_the_window", `<p style="position: absolute; top: 190px">below</p>`, /cut off by the window/],
  ["a_layer_past_the_window", `<p style="position: fixed; left: 290px; white-space: nowrap">a layer</p>`, /cut off by the window/],
  ["a_text_that_runs_out_of_its_box", `<div class="box one">${"word ".repeat(10)}</div>`, /runs out: box one/],
  ["a_row_that_runs_out_of_its_box", `<div class="box" style="display: flex"><button style="flex: none; width: 140px">Go</button></div>`, /runs out: box/],
  ["a_text_cut_in_what_scrolls_only_down", `<div class="box one" style="overflow: hidden auto"><p>${"word ".repeat(20)}</p></div>`, /cut off by .box.one/],
  ["a_second_line_under_an_ellipsis", `<div class="ends" style="height: 24px; white-space: normal; width: 100px">${"word ".repeat(20)}</div>`, /cut off by .ends/],
  ["a_text_under_a_choice", `<p style="position: absolute; top: 10px">one</p><select style="position: absolute; top: 22px"><option>two</select>`, /overlap/],
  ["texts_on_each_other", `<p style="position: absolute; top: 20px">one</p><p style="position: absolute; top: 22px">two</p>`, /overlap/],
];

/** @type {[name: string, body: string][]} */
const SOUND = [
  ["a_text_that_ends_with_a_sign", `<div class="box"><p class="ends">${"word ".repeat(20)}</p></div>`],
  ["what_scrolling_leads_to", `<div class="box" style="overflow: auto"><p>${"word ".repeat(40)}</p><button>Go</button></div>`],
  ["words_for_a_screen_reader_alone", `<div class="box hides"><p style="position: absolute; left: 200px; clip-path: inset(50%)">unseen</p></div>`],
  ["a_layer_over_what_would_cut_it", `<div class="hides" style="width: 60px"><p style="position: absolute; left: 80px">over it</p></div>`],
  ["a_layer_hung_on_a_place_without_a_size", `<div style="position: relative; height: 0"><p style="position: absolute">over it</p></div>`],
  ["what_is_not_shown", `<div class="box hides"><p hidden class="one">${"word ".repeat(20)}</p></div>`],
];

for (const [name, body, fault] of FAULTS) {
  test(`${name}_is_found`, async () => {
    assert.match((await faults(body)).join("\n"), fault);
  });
}

for (const [name, body] of SOUND) {
  test(`${name}_is_no_fault`, async () => {
    assert.deepEqual(await faults(body), []);
  });
}
