// Times, spans and sizes as the language writes them. Pure: now is a parameter.
import { language, t } from "./i18n.js";

/** @import { Millis } from "./wire.d.ts" */

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {Intl.DateTimeFormatOptions} options */
function dateFormat(options) {
  const key = language() + JSON.stringify(options);
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(language(), options);
    formats.set(key, format);
  }
  return format;
}

/** @type {Intl.DateTimeFormatOptions} */
const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

/**
 * The local calendar day as a number that equals for two moments of the same day.
 * @param {Millis} at
 * @returns {number}
 */
export function dayOf(at) {
  const date = new Date(at);
  return date.getFullYear() * 10000 + (date.getMonth() + 1) * 100 + date.getDate();
}

/** @param {Millis} at @param {Millis} now */
function daysAgo(at, now) {
  const midnight = (/** @type {Millis} */ time) => new Date(time).setHours(0, 0, 0, 0);
  return Math.round((midnight(now) - midnight(at)) / 86_400_000);
}

/** `14:02`. @param {Millis} at */
export function clock(at) {
  return dateFormat(CLOCK).format(at);
}

/** `14:02:11`. @param {Millis} at */
export function clockSeconds(at) {
  return dateFormat({ ...CLOCK, second: "2-digit" }).format(at);
}

/** `14:02` today, `Nov 21` before, with the year where it is another. @param {Millis} at @param {Millis} now */
export function rowTime(at, now) {
  if (dayOf(at) === dayOf(now)) return clock(at);
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  /** @type {Intl.DateTimeFormatOptions} */
  const options = sameYear
    ? { month: "short", day: "numeric" }
    : { year: "numeric", month: "short", day: "numeric" };
  return dateFormat(options).format(at);
}

/** A moment: `14:02` today, with the day of the week where that is enough, with the date else. @param {Millis} at @param {Millis} now */
export function rowMoment(at, now) {
  const days = Math.abs(daysAgo(at, now));
  if (days === 0) return clock(at);
  return `${days > 6 ? rowTime(at, now) : dateFormat({ weekday: "short" }).format(at)} ${clock(at)}`;
}

/** The heading of a day. @param {Millis} at @param {Millis} now */
export function dayHeading(at, now) {
  const days = daysAgo(at, now);
  if (days === 0) return t("day.today");
  if (days === 1) return t("day.yesterday");
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { weekday: "long", month: "long", day: "numeric" };
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return dateFormat(sameYear ? options : { ...options, year: "numeric" }).format(at);
}

/** Date and time in full, to the second. @param {Millis} at */
export function fullTime(at) {
  return dateFormat({ dateStyle: "full", timeStyle: "medium" }).format(at);
}

/** `3 min ago`. @param {Millis} at @param {Millis} now */
export function ago(at, now) {
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  const relative = new Intl.RelativeTimeFormat(language(), { numeric: "auto", style: "short" });
  if (seconds < 45) return t("time.now");
  if (seconds < 3600) return relative.format(-Math.max(1, Math.round(seconds / 60)), "minute");
  if (seconds < 86_400) return relative.format(-Math.round(seconds / 3600), "hour");
  return relative.format(-daysAgo(at, now), "day");
}

/** `4s ago`, to the second below a minute. @param {Millis} at @param {Millis} now */
export function age(at, now) {
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  if (seconds >= 60) return ago(at, now);
  return new Intl.RelativeTimeFormat(language(), { numeric: "always", style: "short" }).format(-seconds, "second");
}

/** `96 ms`, `2.4 sec`. @param {number} millis */
export function duration(millis) {
  const [value, unit] = millis < 1000 ? [Math.round(millis), "millisecond"] : [millis / 1000, "second"];
  if (millis >= 60_000) return span(millis);
  return new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 }).format(value);
}

/** A span in its largest unit: `47 min`. @param {number} millis */
export function span(millis) {
  const seconds = Math.max(0, Math.floor(millis / 1000));
  const [value, unit] =
    seconds < 60
      ? [seconds, "second"]
      : seconds < 3600
        ? [Math.floor(seconds / 60), "minute"]
        : seconds < 86_400
          ? [Math.floor(seconds / 3600), "hour"]
          : [Math.floor(seconds / 86_400), "day"];
  return new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: "short" }).format(
    value,
  );
}

/** Seconds until a moment, never negative. @param {Millis} until @param {Millis} now */
export function secondsLeft(until, now) {
  return Math.max(0, Math.ceil((until - now) / 1000));
}

/** A moment to the minute, as fields for date and time take it: `2026-11-23T14:02`. @param {Millis} at */
export function dateInput(at) {
  const date = new Date(at);
  const local = new Date(at - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** @param {number} value */
export function count(value) {
  return new Intl.NumberFormat(language()).format(value);
}

/** `97.2%`. @param {number} share from 0 to 1 */
export function percent(share) {
  // Not all of it is never rounded up to all of it.
  const floored = Math.floor(share * 1000) / 1000;
  return new Intl.NumberFormat(language(), { style: "percent", maximumFractionDigits: 1 }).format(floored);
}

/** A day of the week. @param {number} index 0 is Monday @param {"long" | "narrow"} weekday */
export function dayName(index, weekday) {
  // The first of January 2024 was a Monday.
  return dateFormat({ weekday }).format(new Date(2024, 0, 1 + index));
}

/** `1.4 kB`. @param {number} bytes */
export function size(bytes) {
  const [value, unit] =
    bytes < 1000
      ? [bytes, "byte"]
      : bytes < 1_000_000
        ? [bytes / 1000, "kilobyte"]
        : [bytes / 1_000_000, "megabyte"];
  return new Intl.NumberFormat(language(), {
    style: "unit",
    unit,
    unitDisplay: unit === "byte" ? "long" : "short",
    maximumFractionDigits: 1,
  }).format(value);
}

/** @param {string} text @returns {number} its size in UTF-8 */
export function utf8Length(text) {
  return new TextEncoder().encode(text).length;
}

/** An English sentence of the core as a sentence: capital letter, full stop. @param {string} text */
export function sentence(text) {
  const trimmed = text.trim();
  if (trimmed === "") return "";
  const end = /[.!?]$/.test(trimmed) ? "" : ".";
  return trimmed.charAt(0).toUpperCase() + trimmed.slice(1) + end;
}
