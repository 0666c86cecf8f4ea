// The form of a source: from what the core shows to text fields, and back to what it takes. Pure.

/** @import { CommandError, Dedupe, HeaderInput, Mapping, OptionField, PastedCommand, Preset, SourceId, SourceInput, SourceOptions, SourceToasts, SourceView } from "./wire.d.ts" */

/**
 * @typedef {{ key: number, name: string, value: string, stored: boolean }} HeaderField `stored`: its value is in the secrets store and stays there
 */

/**
 * @typedef {object} OptionFields options as text; empty: not set
 * @property {string} method
 * @property {string} body
 * @property {string} resumeQuery
 * @property {string} idle seconds
 * @property {string} silence minutes
 * @property {string} eventSize KiB
 * @property {Dedupe} dedupe
 * @property {string} caCert
 * @property {string} clientCert
 * @property {string} clientKey
 * @property {string} proxy
 */

/**
 * @typedef {object} SourceFields
 * @property {string} name
 * @property {string} url
 * @property {"none" | "bearer" | "basic"} auth a header that is made, in the place of one that is written
 * @property {string} token
 * @property {string} user
 * @property {string} password
 * @property {HeaderField[]} headers
 * @property {"all" | "only" | "not"} mode
 * @property {string} types
 * @property {boolean} consent
 * @property {Mapping} mapping the form knows the preset; its templates are changed beside samples
 * @property {SourceToasts} toast
 * @property {OptionFields} options
 */

/** @typedef {"name" | "url" | "headers" | "consent" | OptionField} FieldName */

const KIB = 1024;

/** @type {SourceOptions} what a source has that was told nothing else */
export const DEFAULTS = {
  method: "GET",
  body: null,
  resume_query: null,
  idle_timeout_s: null,
  silence_after_s: null,
  max_event_bytes: 1024 * KIB,
  dedupe: "auto",
  ca_cert: null,
  client_cert: null,
  client_key: null,
  proxy: null,
};

/** @type {SourceToasts} */
const TOASTS = { privacy: false, max_urgency: "critical", sound: true, loudness: "rules" };

/** What a source can speak, in the order they are offered. @type {readonly Preset[]} */
export const PRESETS = ["auto", "plain", "ntfy", "mercure", "nchan", "home_assistant", "ci"];

let nextKey = 0;

/** @param {string} [name] @param {string} [value] @param {boolean} [stored] @returns {HeaderField} */
export function headerField(name = "", value = "", stored = false) {
  return { key: nextKey++, name, value, stored };
}

/** @param {SourceOptions} options @returns {OptionFields} */
function optionFields(options) {
  const number = (/** @type {number | null} */ value, unit = 1) => (value === null ? "" : String(value / unit));
  return {
    method: options.method,
    body: options.body ?? "",
    resumeQuery: options.resume_query ?? "",
    idle: number(options.idle_timeout_s),
    silence: number(options.silence_after_s, 60),
    eventSize: number(options.max_event_bytes, KIB),
    dedupe: options.dedupe,
    caCert: options.ca_cert ?? "",
    clientCert: options.client_cert ?? "",
    clientKey: options.client_key ?? "",
    proxy: options.proxy ?? "",
  };
}

/** @param {SourceView | null} source null: a new one @returns {SourceFields} */
export function fieldsOf(source) {
  const filter = source?.events ?? { mode: "all" };
  return {
    name: source?.name ?? "",
    url: source?.url ?? "",
    auth: "none",
    token: "",
    user: "",
    password: "",
    headers: (source?.header_names ?? []).map((name) => headerField(name, "", true)),
    mode: filter.mode,
    types: filter.mode === "all" ? "" : filter.types.join(", "),
    consent: source?.allow_cleartext_secrets ?? false,
    mapping: source?.mapping ?? {},
    toast: source?.toast ?? TOASTS,
    options: optionFields(source?.options ?? DEFAULTS),
  };
}

/** A pasted command in the fields it speaks of. @param {SourceFields} fields @param {PastedCommand} command @returns {SourceFields} */
export function withCommand(fields, command) {
  const pasted = command.headers.map(({ name, value }) => headerField(name, value));
  const isPasted = (/** @type {string} */ name) => pasted.some((one) => one.name.toLowerCase() === name.toLowerCase());
  return {
    ...fields,
    url: command.url,
    headers: [...fields.headers.filter(({ name }) => name !== "" && !isPasted(name)), ...pasted],
    options: { ...fields.options, method: command.method, body: command.body ?? "" },
  };
}

/** Whether a text is meant as a command rather than a URL. @param {string} text */
export function isCommand(text) {
  return /^\s*curl[\s\\]/.test(text);
}

/** Whether anything beyond name, URL and credentials is set. @param {SourceFields} fields */
export function isAdvanced({ headers, mode, mapping, toast, options }) {
  const plain = optionFields(DEFAULTS);
  const names = /** @type {(keyof OptionFields)[]} */ (Object.keys(plain));
  const toasts = /** @type {(keyof SourceToasts)[]} */ (Object.keys(TOASTS));
  const isPlain = (mapping.preset ?? "auto") === "auto" && toasts.every((name) => toast[name] === TOASTS[name]);
  return headers.length > 0 || mode !== "all" || !isPlain || names.some((name) => options[name] !== plain[name]);
}

/** @param {string} text in UTF-8, as RFC 7617 lets it be */
function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** @param {SourceFields} fields @returns {HeaderInput[]} */
function headersOf({ auth, token, user, password, headers }) {
  const written = headers
    .filter(({ name, value, stored }) => name.trim() !== "" || value !== "" || stored)
    .map(({ name, value, stored }) => ({ name: name.trim(), value: stored && value === "" ? null : value }));
  if (auth === "none") return written;
  const value = auth === "bearer" ? `Bearer ${token.trim()}` : `Basic ${base64(`${user}:${password}`)}`;
  return [...written.filter(({ name }) => name.toLowerCase() !== "authorization"), { name: "Authorization", value }];
}

/** @param {OptionField} field @returns {CommandError} a refusal before the core is asked */
const refusal = (field) => ({ code: "invalid_option", message: "", field, detail: null, range: null });

/** @param {string} text @param {OptionField} field @param {number} unit @param {number} least @param {number} most @returns {number | null} */
function numberOf(text, field, unit, least, most) {
  if (text.trim() === "") return null;
  const value = Number(text) * unit;
  if (!(value >= least && value <= most)) throw refusal(field);
  return value;
}

/**
 * @param {SourceFields} fields
 * @returns {SourceInput}
 * @throws {CommandError} for a number that is none or out of range
 */
export function inputOf(fields) {
  const types = [...new Set(fields.types.split(/[,\n]/).map((type) => type.trim()))].filter(Boolean);
  const { options } = fields;
  const text = (/** @type {string} */ value) => (value.trim() === "" ? null : value.trim());
  const bytes = numberOf(options.eventSize, "max_event_bytes", KIB, 1, 16 * KIB * KIB) ?? DEFAULTS.max_event_bytes;
  return {
    name: fields.name.trim(),
    url: fields.url.trim(),
    headers: headersOf(fields),
    events: fields.mode === "all" ? { mode: "all" } : { mode: fields.mode, types },
    mapping: fields.mapping,
    allow_cleartext_secrets: fields.consent,
    toast: fields.toast,
    options: {
      method: options.method,
      body: options.body === "" ? null : options.body,
      resume_query: text(options.resumeQuery),
      idle_timeout_s: numberOf(options.idle, "idle_timeout", 1, 0.1, 86_400),
      silence_after_s: numberOf(options.silence, "silence_after", 60, 1, 30 * 86_400),
      max_event_bytes: Math.round(bytes),
      dedupe: options.dedupe,
      ca_cert: text(options.caCert),
      client_cert: text(options.clientCert),
      client_key: text(options.clientKey),
      proxy: text(options.proxy),
    },
  };
}

/** The field a refusal belongs to; null: it concerns the whole form. @param {CommandError} error @returns {FieldName | null} */
export function fieldOf({ code, field }) {
  switch (code) {
    case "invalid_name":
    case "duplicate_name":
      return "name";
    case "invalid_url":
      return "url";
    case "invalid_header":
      return "headers";
    case "cleartext_secret":
      return "consent";
    case "invalid_option":
      return field === "command" ? "url" : field;
    default:
      return null;
  }
}

/** @import { MappingView } from "./mapping-commands.js" */
/** @typedef {{ kind: "source", id: SourceId | null, consentAsked: boolean, advanced: boolean, seen: string[], leftOut: string[], pasted: boolean, focus: "name" | "url" | "headers", busy: boolean, error: CommandError | null, map?: MappingView | null } & SourceFields} SourceDialog `seen`: event types that came lately; `leftOut`: what of a pasted command was not taken over; `map`: the mapping is looked at */
