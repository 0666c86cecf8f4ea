// What a person asks of the system around the app: to keep secrets, to start with the session.
import { t } from "./i18n.js";

/** @import { backend as Backend } from "./backend.js" */

/**
 * @param {typeof Backend} backend
 * @param {(words: string) => void} notify
 * @param {(error: unknown) => void} fail
 */
export const systemCommands = (backend, notify, fail) => ({
  async keepSecrets() {
    try {
      await backend.secretsKeepInFile();
      notify(t("notice.secrets_kept"));
    } catch (error) {
      fail(error);
    }
  },

  /**
   * Makes a box show whether the app starts with the session, or makes it so.
   * @param {HTMLInputElement} box
   * @param {boolean} [enabled]
   */
  async autostart(box, enabled) {
    try {
      const now = enabled === undefined ? backend.autostartGet() : backend.autostartSet(enabled);
      box.checked = (await now).enabled;
    } catch (error) {
      if (enabled !== undefined) box.checked = !enabled;
      fail(error);
    }
  },
});
