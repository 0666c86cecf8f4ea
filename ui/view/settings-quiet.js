// When notifications wait: for a while from now on, and every week.
import { html, nothing, svg } from "/vendor/lit-html/lit-html.js";
import { dayName, rowMoment } from "../format.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { DAYS, limit, spansOf, timeOfDay, wraps } from "../settings-state.js";
import { onOff, refused, setting } from "./settings-parts.js";

/** @import { QuietRow } from "../wire.d.ts" */
/** @import { Commands } from "../commands.js" */
/** @import { State } from "../state.js" */

/** Most rows the core takes. */
const ROWS_MAX = 20;

/** @param {State} state @param {Commands} act */
export function quietSettings(state, act) {
  const hours = state.settings.hours ?? state.preferences.quiet_hours;
  return [
    snooze(state, act),
    setting(state, {
      id: "hours",
      title: t("hours.title"),
      effect: hoursEffect(state, hours.enabled),
      control: onOff("hours", hours.enabled, (on) => void act.hours({ enabled: on })),
    }),
    html`<ul class="hours">${hours.rows.map((row, at) => hoursRow(state, act, row, at))}</ul>
      <div class="opt">
        <button class="btn" id="hours-add" ?disabled=${hours.rows.length >= ROWS_MAX} @click=${() => act.addHours()}>${icon("plus")}${t("hours.add")}</button>
        <span class="t12 dim3 zone">${zone(state.now)}</span>
      </div>`,
    setting(state, {
      id: "through",
      title: t("hours.through"),
      effect: t(hours.critical_through ? "hours.through.on" : "hours.through.off"),
      control: onOff("through", hours.critical_through, (on) => void act.hours({ critical_through: on })),
    }),
  ];
}

/** @param {State} state @param {boolean} enabled */
function hoursEffect({ quiet, preferences, now }, enabled) {
  if (!enabled) return t("hours.off");
  const early = preferences.hours_off_until;
  if (early && Date.parse(early) > now) return t("hours.ended", { time: rowMoment(Date.parse(early), now) });
  if (quiet.reason !== "hours") return t("hours.on");
  return quiet.until === null ? t("hours.always") : t("hours.now", { time: rowMoment(quiet.until, now) });
}

/** Where the clock of the quiet hours stands: `Asia/Seoul, GMT+9`. @param {number} now */
function zone(now) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const parts = new Intl.DateTimeFormat("en", { timeZoneName: "shortOffset" }).formatToParts(now);
  const offset = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
  return t("hours.zone", { zone: [timeZone, offset].filter(Boolean).join(", ") });
}

/** @param {State} state @param {Commands} act */
function snooze(state, act) {
  const { quiet, preferences, now } = state;
  const isOn = quiet.reason !== null && !preferences.toasts_paused;
  const time = quiet.until === null ? "" : rowMoment(quiet.until, now);
  const effect =
    quiet.reason === "snoozed" ? t("snooze.on", { time }) : isOn ? t("snooze.hours") : preferences.toasts_paused ? t("settings.pause.on") : t("snooze.off");
  const minutes = (/** @type {number} */ wanted) => () => act.snoozeHere({ kind: "minutes", minutes: wanted });
  return setting(state, {
    id: "snooze",
    title: t("quiet.title"),
    effect,
    control: isOn ? html`<button class="btn" id="set-resume" @click=${() => act.snoozeHere({ kind: "off" })}>${t("action.resume")}</button>` : nothing,
    below: html`<div class="pair" role="group" aria-labelledby="name-snooze">
      <button class="btn" @click=${minutes(30)}>${t("quiet.half_hour")}</button>
      <button class="btn" @click=${minutes(60)}>${t("quiet.hour")}</button>
      <button class="btn" @click=${() => act.snoozeHere({ kind: "tomorrow" })}>${t("quiet.tomorrow")}</button>
      ${custom(state, act)}
    </div>`,
  });
}

/** @param {State} state @param {Commands} act */
function custom(state, act) {
  return html`<form
    class="amount"
    novalidate
    @submit=${(/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const form = /** @type {HTMLFormElement} */ (event.currentTarget);
      const data = new FormData(form);
      const wanted = limit(String(data.get("amount")));
      const minutes = (wanted ?? 0) * Number(data.get("unit"));
      if (minutes < 1 || minutes > 31 * 24 * 60) act.mark("snooze", { key: "snooze.no_number" });
      else void act.snoozeHere({ kind: "minutes", minutes });
    }}
  >
    <input class="input num short" name="amount" id="snooze-amount" inputmode="numeric" autocomplete="off" .defaultValue=${"2"} aria-label=${t("snooze.amount")} />
    <span class="select">
      <select name="unit" id="snooze-unit" aria-label=${t("snooze.unit")}>
        <option value="1">${t("snooze.minutes")}</option>
        <option value="60" selected>${t("snooze.hours_unit")}</option>
        <option value="1440">${t("snooze.days")}</option>
      </select>
      ${icon("chevron-down")}
    </span>
    <button class="btn">${t("snooze.custom")}</button>
  </form>`;
}

/** @param {State} state @param {Commands} act @param {QuietRow} row @param {number} at */
function hoursRow(state, act, row, at) {
  const name = `hours-${at}`;
  const isWrong = state.settings.errors[name] !== undefined;
  const isWhole = row.from === row.to;
  const time = (/** @type {"from" | "to"} */ which) => html`<input
    class="input num short"
    id="${name}-${which}"
    inputmode="numeric"
    autocomplete="off"
    maxlength="5"
    aria-label=${t(`hours.${which}`)}
    aria-invalid=${isWrong ? "true" : nothing}
    .value=${row[which]}
    @change=${(/** @type {Event} */ event) => {
      const input = /** @type {HTMLInputElement} */ (event.target);
      const wanted = timeOfDay(input.value);
      act.mark(name, wanted === null ? { key: "hours.no_time" } : null);
      if (wanted === null) return;
      input.value = wanted;
      act.hoursRow(at, { [which]: wanted });
    }}
  />`;
  return html`<li><div class="hours-row" role="group" aria-label=${t("hours.row", { count: at + 1 })}>
    <div class="days" role="group" aria-label=${t("hours.days")}>
      ${DAYS.map(
        (day, index) => html`<button
          class="day-i"
          aria-pressed=${row.days.includes(day) ? "true" : "false"}
          aria-label=${dayName(index, "long")}
          title=${dayName(index, "long")}
          @click=${() => act.hoursDay(at, day)}
        >${dayName(index, "narrow")}</button>`,
      )}
    </div>
    <div class="times">${time("from")}<span class="dim">–</span>${time("to")}</div>
    <div class="span">
      ${bar(row)}
      <p class="t11 dim3">${isWhole ? t("hours.whole") : wraps(row) && row.to !== "00:00" ? t("hours.wraps") : nothing}</p>
    </div>
    <button class="ib" aria-label=${t("hours.remove")} title=${t("hours.remove")} @click=${() => remove(act, at)}>${icon("x")}</button>
    ${row.days.length === 0 ? html`<p class="wrong" role="alert">${icon("triangle-alert")}<span>${t("hours.no_day")}</span></p>` : nothing}
    ${refused(state, name)}
  </div></li>`;
}

/** The focus goes where the next row may be added. @param {Commands} act @param {number} at */
function remove(act, at) {
  act.hoursRow(at, null);
  act.mark(`hours-${at}`, null);
  document.getElementById("hours-add")?.focus();
}

/** A day from 0 to 24 with what a row covers. The times beside it say the same. @param {QuietRow} row */
function bar(row) {
  return html`<svg class="day-bar" viewBox="0 0 1440 8" preserveAspectRatio="none" aria-hidden="true">
      <rect class="rest" width="1440" height="8"></rect>
      ${spansOf(row).map(([from, to]) => svg`<rect class="held" x=${from} width=${to - from} height="8"></rect>`)}
    </svg>
    <p class="ticks num" aria-hidden="true">${[0, 6, 12, 18, 24].map((hour) => html`<span>${hour}</span>`)}</p>`;
}
