// The real app: started bare or under WebDriver, looked at, and ended in various ways.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Builder, By, Capabilities, until as appears } from "selenium-webdriver";
import { ROOT } from "./desktop.mjs";
import { collect, end, freePort, isRunning, start, until } from "./processes.mjs";

export { By };

const DRIVER = join(ROOT, "target/tools/bin/tauri-driver");
const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
export const CLI = process.env.TIDINGS_CLI ?? join(TARGET, "debug/tidings-cli");
/** The debug build, unless another is named. */
export const APP = process.env.TIDINGS_APP ?? join(TARGET, "debug/tidings");

for (const [file, how] of [
  [APP, "cargo build --workspace"],
  [CLI, "cargo build --workspace"],
  [DRIVER, "scripts/setup test"],
]) {
  if (!existsSync(file)) throw new Error(`${file} is missing; run: ${how}`);
}

export class App {
  /** @type {import("selenium-webdriver").WebDriver} only where it was started with `driven` */
  page;
  #program;
  #stderr;
  #dir;
  #ended = false;

  /** Starts the app as a person does. */
  static async start(desktop, dir, args = [], env = {}) {
    const app = new App();
    app.#dir = dir;
    app.#program = start(APP, ["--data-dir", dir, ...args], { env: { ...desktop.env, ...env } });
    app.#stderr = collect(app.#program.stderr);
    app.#program.stdout.resume();
    await app.#receives();
    return app;
  }

  /** Starts the app so that its window can be driven. It ends with the driver. */
  static async drive(desktop, dir, env = {}, args = ["--data-dir", dir]) {
    const app = new App();
    app.#dir = dir;
    const [port, native] = [await freePort(), await freePort()];
    const ports = ["--port", String(port), "--native-port", String(native)];
    app.#program = start(DRIVER, ports, { env: { ...desktop.env, ...env } });
    // The app's own words come this way, too.
    app.#stderr = collect(app.#program.stderr);
    app.#program.stdout.resume();
    const server = `http://127.0.0.1:${port}`;
    await until(async () => (await fetch(`${server}/status`).catch(() => null))?.ok, "the driver answers");
    const wanted = new Capabilities({ "tauri:options": { application: APP, args } });
    wanted.setBrowserName("wry");
    app.page = await new Builder().withCapabilities(wanted).usingServer(server).build();
    await app.page.manage().setTimeouts({ implicit: 0, script: 10_000 });
    await app.find(".app, .first .col");
    await app.#watch();
    return app;
  }

  /** Starts the app a second time and waits for that one's end. */
  static again(desktop, dir, args = []) {
    return desktop.run(APP, ["--data-dir", dir, ...args]);
  }

  /** The lock of the data directory is signed once the app runs. */
  #receives() {
    return until(() => this.pid !== null && isRunning(this.pid), `the app runs; it said: ${this.stderr}`);
  }

  /** What it and the driver said on stderr. */
  get stderr() {
    return this.#stderr.text;
  }

  /** The number of its process, null before it runs. @type {number | null} */
  get pid() {
    try {
      return Number.parseInt(readFileSync(join(this.#dir, "tidings.lock"), "utf8"), 10) || null;
    } catch {
      return null;
    }
  }

  /** Ends the app with a signal, and what drove it; how long that took and the exit code, where it was started bare. */
  async end(signal) {
    await this.untroubled();
    const { pid } = this;
    const began = performance.now();
    if (pid !== null && isRunning(pid)) process.kill(pid, signal);
    await until(() => pid === null || !isRunning(pid), `the app ends with ${signal}`, 5);
    const seconds = (performance.now() - began) / 1000;
    // A program's exit is told a moment after its end.
    if (!this.page) await until(() => this.#program.exitCode !== null || this.#program.signalCode !== null, "it exits");
    const { exitCode: code } = this.#program;
    this.#ended = true;
    await end(this.#program);
    return { code, seconds };
  }

  // --- the window, where it is driven ---

  /** An element, once it is there and shown. @param {string} selector */
  async find(selector) {
    const element = await this.page.wait(appears.elementLocated(By.css(selector)), 10_000);
    return this.page.wait(appears.elementIsVisible(element), 10_000);
  }

  /** @param {string} selector */
  async click(selector) {
    await (await this.find(selector)).click();
  }

  /** Replaces what is in a field. @param {string} selector @param {string} text */
  async type(selector, text) {
    const field = await this.find(selector);
    // The driver's own clearing tells the page nothing: the next frame may fill it again.
    await this.page.executeScript(
      "const [field] = arguments; field.value = ''; field.dispatchEvent(new InputEvent('input', { bubbles: true }))",
      field,
    );
    if (text !== "") await field.sendKeys(text);
    await this.drawn();
  }

  /** Waits for the next frame to be drawn: a person is slower. */
  async drawn() {
    await this.page.executeAsyncScript("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))");
  }

  /** Chooses on the page of settings. @param {string} id of the select @param {string} value */
  async choose(id, value) {
    await this.click("#nav-settings");
    await this.click(`#${id} option[value="${value}"]`);
  }

  /** Presses keys, as many as there are. @param {...string} keys */
  async press(...keys) {
    await this.page.actions().sendKeys(...keys).perform();
  }

  /** Asks the core past the page: "done", or why not. @returns {Promise<string>} */
  call(command, request) {
    return this.page.executeAsyncScript(
      `const done = arguments[arguments.length - 1];
       window.__TAURI_INTERNALS__.invoke(arguments[0], arguments[1]).then(() => done("done"), (error) => done(String(error.message ?? error)));`,
      command,
      request,
    );
  }

  /** From now on writes down what a page must not do; `trouble` tells. */
  #watch() {
    return this.page.executeScript(`
      window.seen = [];
      addEventListener("securitypolicyviolation", (event) => seen.push("blocked " + event.violatedDirective + " " + event.blockedURI));
      addEventListener("error", (event) => seen.push("error " + event.message));
      addEventListener("unhandledrejection", (event) => seen.push("rejected " + event.reason));
      for (const level of ["error", "warn"]) {
        const said = console[level];
        console[level] = (...words) => { seen.push(level + " " + words.join(" ")); said(...words); };
      }
      window.alert = (words) => seen.push("alert " + words);
    `);
  }

  /** Broken policies, errors and alerts since the page was drawn. @returns {Promise<string[]>} */
  trouble() {
    return this.page.executeScript("return window.seen ?? []");
  }

  /** Throws where the page did what it must not, whatever else is claimed. */
  async untroubled() {
    if (this.page && !this.#ended && this.pid !== null && isRunning(this.pid)) assert.deepEqual(await this.trouble(), []);
  }

  /** The text of all elements, in the order of the page. @param {string} selector @returns {Promise<string[]>} */
  texts(selector) {
    return this.page.executeScript(
      "return [...document.querySelectorAll(arguments[0])].map((element) => element.textContent.trim())",
      selector,
    );
  }

  /** Titles in the list, from the top. */
  titles() {
    return this.texts(".row .ttl");
  }

  /** Waits until the list holds exactly these titles, from the top. */
  async shows(titles) {
    let seen;
    await until(
      async () => JSON.stringify((seen = await this.titles())) === JSON.stringify(titles),
      `the list shows ${titles.join(", ")}`,
    ).catch((error) => {
      throw new Error(`${error.message}; it shows ${JSON.stringify(seen)}`);
    });
  }

  /** From the first screen to the inbox. @param {string} url */
  async connectFirst(url) {
    await this.type("#first-url", url);
    await this.click(".first .btn.primary");
    await this.click(".check .go");
    await this.find(".app");
    // What a server sends before that is nobody's.
    await this.find(".nav.scroll .h-live");
  }
}

/** What `tidings-cli` answers for a data directory. */
export async function cli(desktop, dir, ...args) {
  const { code, stdout, stderr } = await desktop.run(CLI, [...args, "--data-dir", dir]);
  if (code !== 0) throw new Error(`tidings-cli ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** The events of a data directory, oldest first. */
export async function history(desktop, dir) {
  const lines = await cli(desktop, dir, "history", "--json", "--oldest-first", "--limit", "500");
  return lines.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}
