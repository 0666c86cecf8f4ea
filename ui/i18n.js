// Words in the person's language. Pure: the language is set from outside.
import { en, ko } from "./i18n/catalogues.js";

/** @import { Language } from "./wire.d.ts" */
/** @typedef {"en" | "ko"} Spoken */
/** @typedef {keyof typeof en} Key */

/** @type {Record<Spoken, Record<string, string>>} */
const catalogues = { en, ko };

/** @type {Spoken} */
let spoken = "en";
let plurals = new Intl.PluralRules("en");
let numbers = new Intl.NumberFormat("en");

/**
 * Which language to speak: the chosen one, else the system's where there are words, else English.
 * @param {Language} chosen
 * @param {string} system a BCP 47 tag
 * @returns {Spoken}
 */
export function resolveLanguage(chosen, system) {
  if (chosen !== "system") return chosen;
  return /^ko\b/i.test(system) ? "ko" : "en";
}

/** @param {Spoken} language */
export function setLanguage(language) {
  spoken = language;
  plurals = new Intl.PluralRules(language);
  numbers = new Intl.NumberFormat(language);
}

/** @returns {Spoken} */
export function language() {
  return spoken;
}

/**
 * The words of a key with `{name}` filled in. With `count`, the form `key.one` or `key.other`
 * is taken and `{count}` is written as the language writes numbers.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  const catalogue = catalogues[spoken];
  const form =
    typeof values.count === "number" ? `${key}.${plurals.select(values.count)}` : key;
  const text = catalogue[form] ?? catalogue[`${key}.other`] ?? catalogue[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? numbers.format(value) : value;
  });
}
