// What a person says about what rings: how loud a source is, and a rule made of one event.
import { t } from "./i18n.js";
import { fieldsOf, inputOf } from "./source-form.js";
import { sourceOf } from "./store.js";

/** @import { Loudness, RowId, SourceId } from "./wire.d.ts" */
/** @import { backend as Backend } from "./backend.js" */
/** @import { Action, State } from "./state.js" */

/**
 * @param {object} parts
 * @param {typeof Backend} parts.backend
 * @param {() => State} parts.state
 * @param {(action: Action) => void} parts.dispatch
 * @param {() => number} parts.now
 * @param {(error: unknown) => void} parts.fail
 * @param {(text: string, undo: () => Promise<unknown>) => void} parts.offerUndo
 */
export function ringCommands({ backend, state, dispatch, now, fail, offerUndo }) {
  /** Shown at once; as it was where it is refused. @param {SourceId} id @param {Loudness} loudness @returns {Promise<boolean>} whether it was saved */
  async function setLoudness(id, loudness) {
    const before = sourceOf(state(), id);
    if (!before || before.toast.loudness === loudness) return false;
    const source = { ...before, toast: { ...before.toast, loudness } };
    dispatch({ type: "source", source, now: now() });
    try {
      dispatch({ type: "source", source: await backend.sourceEdit(id, inputOf(fieldsOf(source))), now: now() });
      return true;
    } catch (error) {
      dispatch({ type: "source", source: before, now: now() });
      fail(error);
      return false;
    }
  }

  return {
    setLoudness,

    /** Mutes a source, or lets the rules decide again. @param {SourceId} id */
    async mute(id) {
      const source = sourceOf(state(), id);
      if (!source) return;
      const { loudness } = source.toast;
      const next = loudness === "muted" ? "rules" : "muted";
      if (!(await setLoudness(id, next))) return;
      offerUndo(t(`loudness.is.${next}`, { name: source.name }), () => setLoudness(id, loudness));
    },

    /** Opens the rules with a draft about events like one. @param {string} [field] a path or field that it shall be about @param {RowId | null} [row] */
    async makeRule(field, row = state().selected) {
      if (row === null) return;
      try {
        const draft = await backend.ruleDraft({ row, then: "quiet", ...(field === undefined ? {} : { field }) });
        dispatch({ type: "rules/open", draft });
      } catch (error) {
        fail(error);
      }
    },
  };
}
