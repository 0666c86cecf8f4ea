// What a person can ask for about the mapping of a source, inside its form: nothing is in force
// until the form is saved.

/** @import { CommandError, FieldSeen, MappedEvent, Mapping } from "./wire.d.ts" */
/** @import { backend as Backend } from "./backend.js" */
/** @import { Action, State } from "./state.js" */

/** @typedef {"title" | "body" | "severity" | "url" | "tags"} MappedField */
/** @typedef {{ events: MappedEvent[] | null, fields: FieldSeen[], error: CommandError | null, ticket: number }} MappingView `events`: the last as they would read; null: not known yet */

/** What a mapping fills, in the order of an event. @type {readonly MappedField[]} */
export const MAPPED = ["title", "body", "severity", "url", "tags"];
/** Events of a sample. */
const SAMPLE = 8;
/** A sample waits this long for the next change. Milliseconds. */
const PAUSE = 150;

/** A mapping with a field changed; an empty one is left out. @param {Mapping} mapping @param {Partial<Mapping>} patch @returns {Mapping} */
export function withMapping(mapping, patch) {
  const members = Object.entries({ ...mapping, ...patch }).filter(([, value]) => value !== undefined && value !== "");
  return /** @type {Mapping} */ (Object.fromEntries(members));
}

/**
 * @param {object} parts
 * @param {typeof Backend} parts.backend
 * @param {() => State} parts.state
 * @param {(action: Action) => void} parts.dispatch
 * @param {(name: string, delay: number, run: () => void) => void} parts.later
 */
export function createMappingCommands({ backend, state, dispatch, later }) {
  let tickets = 0;

  const form = () => {
    const { dialog } = state();
    return dialog?.kind === "source" ? dialog : null;
  };

  /** @param {number} ticket @param {Partial<MappingView>} patch */
  function answer(ticket, patch) {
    const map = form()?.map;
    if (map?.ticket === ticket) dispatch({ type: "sourceForm", patch: { map: { ...map, ...patch } } });
  }

  /** Reads the last events anew, once nothing has changed for a moment. */
  function sample(pause = PAUSE) {
    const map = form()?.map;
    if (!map) return;
    tickets += 1;
    const ticket = tickets;
    dispatch({ type: "sourceForm", patch: { map: { ...map, ticket } } });
    later("mapping", pause, async () => {
      const now = form();
      if (!now?.map || now.id === null || now.map.ticket !== ticket) return;
      try {
        const events = await backend.mappingPreview({ source: now.id, mapping: now.mapping, last: SAMPLE });
        answer(ticket, { events, error: null });
      } catch (error) {
        answer(ticket, { error: /** @type {CommandError} */ (error) });
      }
    });
  }

  return {
    async openMapping() {
      const now = form();
      if (!now) return;
      dispatch({ type: "sourceForm", patch: { error: null, map: { events: null, fields: [], error: null, ticket: 0 } } });
      sample(0);
      if (now.id === null) return;
      try {
        const fields = await backend.fieldsSeen(now.id);
        const map = form()?.map;
        if (map) dispatch({ type: "sourceForm", patch: { map: { ...map, fields } } });
      } catch {
        // They are offered for convenience only.
      }
    },

    closeMapping() {
      dispatch({ type: "sourceForm", patch: { map: null } });
    },

    /** @param {Partial<Mapping>} patch */
    editMapping(patch) {
      const now = form();
      if (!now) return;
      dispatch({ type: "sourceForm", patch: { mapping: withMapping(now.mapping, patch), error: null } });
      sample();
    },
  };
}
