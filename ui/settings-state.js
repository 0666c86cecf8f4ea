// What the pages of settings and diagnostics know beyond the preferences: what was just saved or
// refused and at which row, the figures of the history, an export that runs. Pure.

/** @import { About, CommandError, Weekday, ExportFormat, ExportProgress, HistoryCheck, HistoryFigures, ImportPlan, QuietHours, QuietRow, TestAnswer } from "./wire.d.ts" */

/** A refusal by the core, or one of the window's own with words of its own. @typedef {CommandError | { key: string }} Wrong */

/**
 * @typedef {object} SettingsPage
 * @property {Record<string, Wrong>} errors what was refused, by row
 * @property {number} saving how many rows are being saved
 * @property {boolean} saved whether the last one was
 * @property {string} section the heading in sight
 * @property {boolean | null} autostart null: not known yet
 * @property {QuietHours | null} hours as they stand in the form, until they are saved
 * @property {HistoryFigures | null} figures
 * @property {About | null} about
 * @property {TestAnswer | null} answer of the notification service to the last test
 * @property {boolean} shown whether only what the list shows is exported
 * @property {ExportFormat} format
 * @property {ExportProgress | null} exporting
 * @property {{ path: string, secrets_left_out: number } | null} exported the settings
 * @property {ImportPlan | null} imported
 * @property {HistoryCheck | "running" | null} check
 */

/** @type {SettingsPage} */
export const noSettings = {
  errors: {},
  saving: 0,
  saved: false,
  section: "general",
  autostart: null,
  hours: null,
  figures: null,
  about: null,
  answer: null,
  shown: false,
  format: "jsonl",
  exporting: null,
  exported: null,
  imported: null,
  check: null,
};

/** The headings of the page, in their order. */
export const SECTIONS = /** @type {const} */ (["general", "notifications", "quiet", "history", "looks", "advanced"]);

/** @type {Weekday[]} */
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** What a new row begins with: every night. @returns {QuietRow} */
export function newHours() {
  return { days: [...DAYS], from: "22:00", to: "07:00" };
}

/**
 * A time of the day as people type it: `7:30`, `0730`, `7`, `07.30`.
 * @param {string} text
 * @returns {string | null} `07:30`
 */
export function timeOfDay(text) {
  const [, hour = "", minute = "00"] = text.trim().match(/^(\d{1,2})(?:[:.]?(\d{2}))?$/) ?? [];
  if (hour === "" || Number(hour) > 23 || Number(minute) > 59) return null;
  return `${hour.padStart(2, "0")}:${minute}`;
}

/**
 * A limit as people type it: digits, with or without signs between thousands; nothing is no limit.
 * @param {string} text
 * @returns {number | null | undefined} null: no limit; undefined: no number
 */
export function limit(text) {
  const digits = text.replace(/[\s,.'’]/g, "");
  if (digits === "") return null;
  const value = Number(digits);
  return /^\d{1,9}$/.test(digits) && value > 0 ? value : undefined;
}

/** Minutes of the day. @param {string} time `07:30` */
function minutes(time) {
  const [hour = "0", minute = "0"] = time.split(":");
  return Number(hour) * 60 + Number(minute);
}

/** Whether a row ends on the day after it begins. @param {QuietRow} row */
export function wraps({ from, to }) {
  return minutes(to) <= minutes(from);
}

/** The parts of a day a row covers, in minutes: one, or two where it goes over midnight. @param {QuietRow} row @returns {[number, number][]} */
export function spansOf(row) {
  const [from, to] = [minutes(row.from), minutes(row.to)];
  if (!wraps(row)) return [[from, to]];
  const late = /** @type {[number, number]} */ ([from, 24 * 60]);
  return to === 0 ? [late] : [[0, to], late];
}

