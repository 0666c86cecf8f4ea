// How the core in memory says no.

/** @import { CommandError } from "../../ui/wire.d.ts" */

/** @param {CommandError["code"]} code @param {string} message @returns {CommandError} */
export const refusal = (code, message) => ({ code, message, detail: null, range: null, field: null });
