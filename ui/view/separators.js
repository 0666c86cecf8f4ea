// The lines between the panes, which a pointer drags and arrows move.
import { html } from "/vendor/lit-html/lit-html.js";
import { t } from "../i18n.js";

/** @import { Commands } from "../commands.js" */
/** @import { State } from "../state.js" */

/** Pixels: what each pane may be, and is at first. */
const LIMITS = {
  side: { min: 168, max: 320, first: 216, label: "frame.side_width" },
  list: { min: 280, max: 640, first: 400, label: "frame.list_width" },
};
/** What the detail keeps at least. */
const DETAIL_MIN = 320;
const STEP = 16;

/** @typedef {keyof typeof LIMITS} Line */

/** @type {{ line: Line, offset: number, width: number } | null} */
let drag = null;

/** The width of a pane as it is wanted. @param {State} state @param {Line} line */
function wanted(state, line) {
  if (drag?.line === line) return drag.width;
  const { min, max, first } = LIMITS[line];
  const set = line === "side" ? state.preferences.side_width : state.preferences.list_width;
  return Math.min(max, Math.max(min, set ?? first));
}

/** What fits: the detail keeps its least width. @param {Line} line @param {number} width @param {State} state */
function fitting(line, width, state) {
  const { min, max } = LIMITS[line];
  const rail = innerWidth < 900;
  const others = line === "side" ? wanted(state, "list") : rail ? 52 : wanted(state, "side");
  return Math.round(Math.max(min, Math.min(max, width, innerWidth - others - DETAIL_MIN)));
}

/** @param {Commands} act @param {Line} line @param {number} width */
function keep(act, line, width) {
  void act.prefer(line === "side" ? { side_width: width } : { list_width: width });
}

/** @param {State} state @param {Commands} act @param {() => void} schedule @param {Line} line */
export function separator(state, act, schedule, line) {
  const { min, max, first, label } = LIMITS[line];
  const width = fitting(line, wanted(state, line), state);
  const onKey = (/** @type {KeyboardEvent} */ press) => {
    const by = press.code === "ArrowRight" ? STEP : press.code === "ArrowLeft" ? -STEP : 0;
    const to = press.code === "Home" ? min : press.code === "End" ? max : press.code === "Enter" ? first : width + by;
    if (to === width && by === 0) return;
    press.preventDefault();
    press.stopPropagation();
    keep(act, line, fitting(line, to, state));
  };
  return html`<div
    class="line-${line} ${drag?.line === line ? "drag" : ""}"
    role="separator"
    tabindex="0"
    aria-orientation="vertical"
    aria-label=${t(label)}
    aria-valuemin=${min}
    aria-valuemax=${max}
    aria-valuenow=${width}
    @keydown=${onKey}
    @dblclick=${() => keep(act, line, first)}
    @pointerdown=${(/** @type {PointerEvent} */ press) => {
      if (press.button !== 0) return;
      press.preventDefault();
      const element = /** @type {HTMLElement} */ (press.currentTarget);
      element.setPointerCapture(press.pointerId);
      drag = { line, offset: press.clientX - width, width };
      schedule();
    }}
    @pointermove=${(/** @type {PointerEvent} */ move) => {
      if (drag?.line !== line) return;
      drag.width = fitting(line, move.clientX - drag.offset, state);
      schedule();
    }}
    @pointercancel=${() => {
      drag = null;
      schedule();
    }}
    @pointerup=${() => {
      if (drag?.line === line && drag.width !== width) keep(act, line, drag.width);
      else if (drag?.line === line) keep(act, line, width);
      drag = null;
      schedule();
    }}
  ></div>`;
}

/** Gives the panes their widths, which no template may set. @param {State} state */
export function afterSeparators(state) {
  const app = /** @type {HTMLElement | null} */ (document.querySelector(".app"));
  app?.style.setProperty("--side", `${fitting("side", wanted(state, "side"), state)}px`);
  app?.style.setProperty("--list", `${fitting("list", wanted(state, "list"), state)}px`);
}
