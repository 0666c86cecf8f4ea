// What a person can ask for about sources: the first one, the forms, tests, pages, copies.
import { t } from "./i18n.js";
import { copyText } from "./copy.js";
import { mayEncrypt } from "./connections.js";
import { fieldOf, fieldsOf, headerField, inputOf, isAdvanced, isCommand, withCommand } from "./source-form.js";

/** @import { CommandError, SourceId, SourceInput, SourceView } from "./wire.d.ts" */
/** @import { backend as Backend } from "./backend.js" */
/** @import { Change, FrameFilter, Panel } from "./connections.js" */
/** @import { HeaderField, SourceDialog } from "./source-form.js" */
/** @import { SettingsPage } from "./settings-state.js" */
/** @import { Action, CopyDialog, FirstRun, RemoveDialog, State, View } from "./state.js" */

/** How long a test waits for the first bytes. Milliseconds. */
const PATIENCE = 30_000;
/** How often numbers and frames are read while somebody looks at them. Milliseconds. */
const LOOK = 1000;
/** How often charts are. Milliseconds. */
const LOOK_AT_CHARTS = 20_000;

/**
 * @param {object} parts
 * @param {typeof Backend} parts.backend
 * @param {() => State} parts.state
 * @param {(action: Action) => void} parts.dispatch
 * @param {() => number} parts.now
 * @param {(text: string, bad?: boolean) => void} parts.notify
 * @param {(error: unknown) => void} parts.fail
 * @param {(view: View) => void} parts.show
 * @param {() => Promise<void>} parts.reload
 * @param {(change: Partial<SettingsPage>) => void} parts.patchSettings
 * @param {() => Promise<void>} parts.readAround
 */
export function createSourceCommands({ backend, state, dispatch, now, notify, fail, show, reload, patchSettings, readAround }) {
  let run = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let looking;
  /** When the charts were read. */
  let charted = -Infinity;

  /** @param {Change} change */
  const change = (change) => dispatch({ type: "connections", change });
  /** @param {Partial<FirstRun>} patch */
  const first = (patch) => dispatch({ type: "firstRun", patch });
  /** @param {unknown} reason @returns {CommandError} */
  const asError = (reason) => /** @type {CommandError} */ (reason);

  /**
   * Tests a connection; what was tested before is over.
   * @param {SourceId | null} id whose stored header values count
   * @param {SourceInput} input
   * @returns {Promise<{ passed: boolean | null, error: CommandError | null, over: boolean }>} null: ended early or refused; over: nobody asks any more
   */
  async function probe(id, input) {
    run += 1;
    const mine = run;
    change({ what: "probe", probe: { run: mine, https: mayEncrypt(input.url), steps: [], running: true, since: now(), error: null } });
    try {
      const passed = await backend.sourceProbe({ id, source: input, patience_ms: PATIENCE }, (step) =>
        change({ what: "step", run: mine, step, now: now() }),
      );
      change({ what: "end", run: mine, error: null });
      return { passed: mine === run ? passed : null, error: null, over: mine !== run };
    } catch (reason) {
      const error = asError(reason);
      change({ what: "end", run: mine, error });
      return { passed: null, error: mine === run ? error : null, over: mine !== run };
    }
  }

  /** Ends the test that runs and forgets what it found: its answer, still to come, changes nothing. */
  function endProbe() {
    const { probe: current } = state().connections;
    if (!current) return;
    run += 1;
    change({ what: "probe", probe: null });
    if (state().firstRun?.busy) first({ busy: false });
    if (current.running) backend.sourceProbeEnd().catch(fail);
  }

  /** Reads what the open page shows, now and every second while it is open and in sight. */
  async function look() {
    clearTimeout(looking);
    const { panel } = state().connections;
    if (!panel || panel.kind === "rules") return;
    if (!document.hidden) {
      try {
        if (panel.kind === "sources") {
          if (now() - charted >= LOOK_AT_CHARTS) {
            charted = now();
            change({ what: "activity", activity: await backend.sourceActivity() });
          }
          change({ what: "pulses", pulses: await backend.sourcePulses() });
        }
        if (panel.kind === "diagnostics" && panel.id) {
          change({ what: "diagnosis", id: panel.id, seen: await backend.sourceDiagnosis(panel.id) });
        }
        if (panel.kind === "diagnostics" || panel.kind === "settings") {
          patchSettings({ figures: await backend.historyFigures().catch(() => null) });
        }
      } catch (error) {
        // A source that was removed meanwhile has nothing to show.
        if (asError(error).code === "not_found") openPanel({ kind: "sources" });
        else fail(error);
      }
    }
    clearTimeout(looking);
    if (state().connections.panel) looking = setTimeout(() => void look(), LOOK);
  }

  /** @param {Panel | null} panel */
  function openPanel(panel) {
    change({ what: "panel", panel });
    dispatch({ type: "pane", pane: "list" });
    charted = -Infinity;
    void look();
  }

  /** @param {FirstRun} form @returns {SourceInput} */
  function firstInput({ fields, url, consent }) {
    return inputOf({ ...fields, url, consent });
  }

  /** Adds the source of the first run, or changes the one it added. @param {FirstRun} form */
  async function addFirst(form) {
    const input = firstInput(form);
    const source = form.source ? await backend.sourceEdit(form.source, input) : await backend.sourceAdd(input);
    dispatch({ type: "source", source, now: now() });
    first({ source: source.id });
  }

  /** @param {CommandError} error */
  function refuseFirst(error) {
    const consentAsked = state().firstRun?.consentAsked || error.code === "cleartext_secret";
    first({ busy: false, error, consentAsked });
  }

  /** @param {CommandError} error */
  function refuseForm(error) {
    const { dialog } = state();
    if (dialog?.kind !== "source") return;
    const field = fieldOf(error);
    const consentAsked = dialog.consentAsked || field === "consent";
    const advanced = dialog.advanced || !["name", "url", "consent", null].includes(field);
    dispatch({ type: "sourceForm", patch: { busy: false, error, consentAsked, advanced } });
  }

  const commands = {
    // --- the first run ---

    /** @param {Partial<Pick<FirstRun, "url" | "consent">>} patch */
    firstRunForm(patch) {
      endProbe();
      first({ ...patch, error: null });
    },

    /** @param {string} text */
    async firstRunPaste(text) {
      const before = state().firstRun;
      if (!before) return;
      endProbe();
      try {
        const command = await backend.curlRead(text);
        const fields = withCommand(before.fields, command);
        first({ fields, url: command.url, pasted: command.headers.length > 0, leftOut: command.warnings, error: null });
      } catch (error) {
        first({ url: text, error: asError(error) });
      }
    },

    async connect() {
      const { firstRun } = state();
      if (!firstRun || firstRun.busy) return;
      if (isCommand(firstRun.url)) {
        await commands.firstRunPaste(firstRun.url);
        if (state().firstRun?.error) return;
      }
      const form = state().firstRun;
      if (!form) return;
      first({ busy: true, error: null });
      const { passed, error, over } = await probe(form.source, firstInput(form));
      if (over) return;
      if (error) return refuseFirst(error);
      try {
        if (passed) await addFirst(form);
        first({ busy: false });
      } catch (reason) {
        refuseFirst(asError(reason));
      }
    },

    /** Goes on without waiting for what the test still does, or in spite of what it found. */
    async connectAnyway() {
      const { firstRun } = state();
      if (!firstRun) return;
      const { running } = state().connections.probe ?? {};
      try {
        if (!firstRun.source || running) await addFirst(firstRun);
        commands.enter();
      } catch (reason) {
        refuseFirst(asError(reason));
      }
    },

    cancelConnect() {
      endProbe();
      first({ busy: false });
    },

    async demo() {
      endProbe();
      first({ busy: true, error: null });
      try {
        const source = await backend.demoStart();
        dispatch({ type: "source", source, now: now() });
        dispatch({ type: "enter" });
      } catch (error) {
        fail(error);
        first({ busy: false });
      }
    },

    async firstToast() {
      first({ toast: "sending", toastError: null });
      try {
        await backend.toastTest();
        first({ toast: "sent" });
      } catch (error) {
        first({ toast: "unseen", toastError: asError(error) });
      }
    },

    /** @param {FirstRun["toast"]} toast */
    toastSeen(toast) {
      first({ toast });
    },

    enter() {
      endProbe();
      dispatch({ type: "enter" });
    },

    // --- forms ---

    /** @param {SourceView | null} source null: a new one @param {SourceDialog["focus"]} [focus] */
    editSource(source, focus = source ? "name" : "url") {
      const { firstRun } = state();
      const started = firstRun && !source ? { ...firstRun.fields, url: firstRun.url } : fieldsOf(source);
      endProbe();
      dispatch({
        type: "dialog",
        dialog: {
          kind: "source",
          id: source?.id ?? null,
          ...started,
          consentAsked: started.consent,
          advanced: focus === "headers" || isAdvanced(started),
          seen: [],
          leftOut: [],
          pasted: false,
          focus,
          busy: false,
          error: null,
        },
      });
      if (!source) return;
      backend.eventTypes(source.id).then(
        (types) => {
          const { dialog } = state();
          const isSame = dialog?.kind === "source" && dialog.id === source.id;
          if (isSame) dispatch({ type: "sourceForm", patch: { seen: types.map(({ event }) => event) } });
        },
        // Suggestions only: the form works without them.
        () => {},
      );
    },

    /** @param {Partial<SourceDialog>} patch */
    sourceForm(patch) {
      if (!("advanced" in patch)) endProbe();
      dispatch({ type: "sourceForm", patch });
    },

    /**
     * Changes a part of the form as it is now, not as it was last drawn.
     * @template {"options" | "toast" | "mapping"} P
     * @param {P} part
     * @param {Partial<SourceDialog[P]>} patch
     */
    sourcePart(part, patch) {
      const { dialog } = state();
      if (dialog?.kind !== "source") return;
      commands.sourceForm({ [part]: { ...dialog[part], ...patch } });
    },

    /** @param {string} text */
    async pasteSource(text) {
      try {
        const command = await backend.curlRead(text);
        const { dialog } = state();
        if (dialog?.kind !== "source") return;
        const fields = withCommand(dialog, command);
        const pasted = command.headers.length > 0;
        commands.sourceForm({ ...fields, pasted, leftOut: command.warnings, error: null });
        dispatch({ type: "sourceForm", patch: { advanced: isAdvanced(fields) } });
      } catch (error) {
        dispatch({ type: "sourceForm", patch: { url: text } });
        refuseForm(asError(error));
      }
    },

    /** Changes one header as the form is now, not as it was last drawn. @param {number} key @param {Partial<HeaderField> | null} patch none: removes it */
    editHeader(key, patch) {
      const { dialog } = state();
      if (dialog?.kind !== "source") return;
      const headers = dialog.headers.flatMap((one) => (one.key !== key ? [one] : patch ? [{ ...one, ...patch }] : []));
      commands.sourceForm({ headers });
    },

    addHeader() {
      const { dialog } = state();
      if (dialog?.kind !== "source") return;
      commands.sourceForm({ headers: [...dialog.headers, headerField()] });
    },

    /** Adds an event type to those the form names. @param {string} type */
    addType(type) {
      const { dialog } = state();
      if (dialog?.kind !== "source") return;
      const types = dialog.types.trim();
      const joint = types === "" || /[,\n]$/.test(types) ? "" : ",";
      commands.sourceForm({ types: `${types}${joint}${types === "" ? "" : " "}${type}` });
    },

    async testSource() {
      const { dialog } = state();
      if (dialog?.kind !== "source" || dialog.busy) return;
      if (isCommand(dialog.url)) await commands.pasteSource(dialog.url);
      const form = state().dialog;
      if (form?.kind !== "source") return;
      dispatch({ type: "sourceForm", patch: { error: null } });
      try {
        const { error } = await probe(form.id, inputOf(form));
        if (error) refuseForm(error);
      } catch (reason) {
        refuseForm(asError(reason));
      }
    },

    async saveSource() {
      const { dialog } = state();
      if (dialog?.kind !== "source" || dialog.busy) return;
      dispatch({ type: "sourceForm", patch: { busy: true, error: null } });
      try {
        const input = inputOf(dialog);
        const source = dialog.id ? await backend.sourceEdit(dialog.id, input) : await backend.sourceAdd(input);
        endProbe();
        dispatch({ type: "source", source, now: now() });
        dispatch({ type: "dialog", dialog: null });
        if (state().firstRun) dispatch({ type: "enter" });
        if (!dialog.id) show({ kind: "source", id: source.id });
      } catch (reason) {
        refuseForm(asError(reason));
      }
    },

    /** @param {SourceId} id */
    askRemove(id) {
      dispatch({ type: "dialog", dialog: { kind: "remove", id, keep: true, busy: false, error: null } });
    },

    /** @param {Partial<RemoveDialog>} patch */
    removeForm(patch) {
      dispatch({ type: "removeForm", patch });
    },

    async removeSource() {
      const { dialog } = state();
      if (dialog?.kind !== "remove" || dialog.busy) return;
      dispatch({ type: "removeForm", patch: { busy: true, error: null } });
      const { ticket } = state().list;
      try {
        await backend.sourceRemove(dialog.id, dialog.keep);
        dispatch({ type: "dialog", dialog: null });
        dispatch({ type: "sourceRemoved", id: dialog.id, keep: dialog.keep });
        const { panel } = state().connections;
        if (panel?.kind === "diagnostics" && panel.id === dialog.id) openPanel({ kind: "sources" });
        if (state().list.ticket !== ticket) await reload();
      } catch (error) {
        dispatch({ type: "removeForm", patch: { busy: false, error: asError(error) } });
      }
    },

    closeDialog() {
      endProbe();
      dispatch({ type: "dialog", dialog: null });
    },

    // --- what runs ---

    /** @param {SourceId} id @param {boolean} enabled */
    enable(id, enabled) {
      backend.sourceEnable(id, enabled).catch(fail);
    },

    /** @param {SourceId} id */
    retry(id) {
      backend.sourceRetry(id).catch(fail);
    },

    /** Tests a source as it is. @param {SourceView} source */
    async openTest(source) {
      dispatch({ type: "dialog", dialog: { kind: "test", id: source.id, error: null } });
      await probe(source.id, inputOf(fieldsOf(source)));
    },

    stopTest() {
      endProbe();
    },

    // --- pages and what is copied from them ---

    showSources: () => openPanel({ kind: "sources" }),

    /** @param {SourceId | null} [id] left out: the one that needs a person most */
    showDiagnosis(id) {
      const { sources } = state();
      const troubled = (/** @type {string} */ at) => sources.find((source) => source.state.state === at);
      const first = troubled("stopped") ?? troubled("waiting") ?? sources[0];
      const { panel } = state().connections;
      const back = id !== undefined && (panel?.kind === "sources" || (panel?.kind === "diagnostics" && panel.back));
      openPanel({ kind: "diagnostics", id: id === undefined ? (first?.id ?? null) : id, back });
      void readAround();
    },

    /** @param {string} [section] the heading to begin at */
    showSettings(section = "general") {
      patchSettings({ errors: {}, saved: false, hours: null, exporting: null, exported: null, imported: null, answer: null, section });
      openPanel({ kind: "settings" });
      void readAround();
      if (section === "general") return;
      // Once the page is there.
      requestAnimationFrame(() => requestAnimationFrame(() => document.getElementById(`set-${section}`)?.scrollIntoView()));
    },

    closePanel: () => openPanel(null),

    /** @param {FrameFilter} filter */
    showFrames: (filter) => change({ what: "show", show: filter }),

    /** @param {boolean} hold */
    holdFrames: (hold) => change({ what: "hold", hold }),

    /** @param {CopyDialog["what"]} what @param {SourceId} [id] */
    async openCopy(what, id) {
      try {
        const text = what === "curl" && id ? await backend.sourceCurl(id) : await backend.report();
        dispatch({ type: "dialog", dialog: { kind: "copy", what, text, error: null } });
      } catch (error) {
        fail(error);
      }
    },

    async copy() {
      const { dialog } = state();
      if (dialog?.kind !== "copy") return;
      const isCopied = await copyText(dialog.text);
      dispatch({ type: "dialog", dialog: null });
      notify(isCopied ? t("notice.copied") : t("notice.not_copied"), !isCopied);
    },
  };
  return commands;
}
