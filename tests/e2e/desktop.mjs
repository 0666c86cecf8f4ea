// A desktop of its own for each test: screen, message bus, window manager, notification service.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { directory, end, firstLine, run, start, until } from "./processes.mjs";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const SHOTS = join(ROOT, "target/screenshots");

/** No service is started by the bus itself: what answers is what the test has started. */
const BUS = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

/** Every notification is written down by a script, and stays until it is clicked. */
const dunstrc = (script) => `[global]
  idle_threshold = 0
  always_run_script = true
  notification_limit = 0
  sort = no
  markup = full
  mouse_left_click = do_action, close_current
[urgency_low]
  timeout = 0
[urgency_normal]
  timeout = 0
[urgency_critical]
  timeout = 0
[written_down]
  summary = "*"
  script = ${script}
`;

/** One JSON line for each notification, appended whole. */
const SCRIPT = `#!/usr/bin/env node
const { appendFileSync } = require("node:fs");
const { DUNST_APP_NAME: app, DUNST_SUMMARY: summary, DUNST_BODY: body, DUNST_URGENCY: urgency } = process.env;
appendFileSync(process.env.TOASTS, JSON.stringify({ app, summary, body, urgency: urgency.toLowerCase() }) + "\\n");
`;

export class Desktop {
  /** What a program needs to be on this desktop. @type {NodeJS.ProcessEnv} */
  env;
  #bus;
  #busRules;
  #rules;
  #toasts;
  #programs = [];

  /** @param {{ size?: string }} [options] */
  static async start({ size = "1280x800" } = {}) {
    const desktop = new Desktop();
    const dir = directory();
    const path = (name, content, mode) => {
      writeFileSync(join(dir, name), content, { mode });
      return join(dir, name);
    };
    desktop.#toasts = path("toasts.jsonl", "");

    const screen = start("Xvfb", ["-displayfd", "3", "-screen", "0", `${size}x24`, "-nolisten", "tcp"], {
      stdio: ["ignore", "ignore", "ignore", "pipe"],
    });
    desktop.#busRules = path("bus.conf", BUS);
    const bus = start("dbus-daemon", ["--config-file", desktop.#busRules, "--nofork", "--print-address=1"]);
    desktop.#bus = bus;
    desktop.#programs.push(screen, bus);
    const [display, address] = await Promise.all([firstLine(screen, screen.stdio[3]), firstLine(bus, bus.stdout)]);

    const {
      WAYLAND_DISPLAY: _1, LC_ALL: _2, LC_MESSAGES: _3, LANGUAGE: _6, TIDINGS_LOG: _4, TIDINGS_DATA_DIR: _5, ...env
    } = process.env;
    for (const name of ["home", "config", "data", "cache", "runtime"]) mkdirSync(join(dir, name), { mode: 0o700 });
    desktop.env = {
      ...env,
      DISPLAY: `:${display}`,
      // As a session names it: without the bus's own number, which another bus does not have.
      DBUS_SESSION_BUS_ADDRESS: address.replace(/,guid=.*/, ""),
      LANG: "C.UTF-8",
      HOME: join(dir, "home"),
      XDG_CONFIG_HOME: join(dir, "config"),
      XDG_DATA_HOME: join(dir, "data"),
      XDG_CACHE_HOME: join(dir, "cache"),
      XDG_RUNTIME_DIR: join(dir, "runtime"),
      GDK_BACKEND: "x11",
      NO_AT_BRIDGE: "1",
      no_proxy: "127.0.0.1,localhost",
    };
    desktop.#start("openbox", []);
    desktop.#rules = path("dunstrc", dunstrc(path("written-down", SCRIPT, 0o755)));
    await desktop.#notifications();
    return desktop;
  }

  async #notifications() {
    this.#start("dunst", ["-conf", this.#rules], { TOASTS: this.#toasts });
    await until(
      async () => (await this.run("dunstctl", ["count", "displayed"])).code === 0,
      "the notification service answers",
    );
  }

  /** Ends the message bus as a crash does; what cannot live without it ends, too. */
  async killBus() {
    await end(this.#bus);
  }

  /** Starts another bus at the same address, and the notification service on it. */
  async restartBus() {
    const address = this.env.DBUS_SESSION_BUS_ADDRESS;
    this.#bus = this.#start("dbus-daemon", ["--config-file", this.#busRules, "--nofork", `--address=${address}`]);
    await this.#notifications();
  }

  #start(command, args, env = {}) {
    const program = start(command, args, { env: { ...this.env, ...env }, stdio: "ignore" });
    this.#programs.push(program);
    return program;
  }

  /** Runs a program on this desktop to its end. */
  run(command, args) {
    return run(command, args, { env: this.env });
  }

  /** Starts a panel that shows tray icons. */
  async trayHost() {
    // The bus starts nothing by itself, so the panel's settings service is started beside it.
    const settings = readdirSync("/usr/lib")
      .map((arch) => `/usr/lib/${arch}/xfce4/xfconf/xfconfd`)
      .find((path) => existsSync(path));
    this.#start(settings, []);
    this.#start("xfce4-panel", ["--disable-wm-check"]);
    await until(async () => (await this.#trayItems()) !== null, "a tray is there", 15);
  }

  async #trayItems() {
    const watcher = ["org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"];
    const { code, stdout } = await this.#ask(...watcher, "org.freedesktop.DBus.Properties.Get",
      "org.kde.StatusNotifierWatcher", "RegisteredStatusNotifierItems");
    return code === 0 ? [...stdout.matchAll(/'(:[\d.]+)(\/[^']+)'/g)].map(([, owner, path]) => ({ owner, path })) : null;
  }

  #ask(owner, path, method, ...words) {
    return this.run("gdbus", ["call", "--session", "--dest", owner, "--object-path", path, "--method", method, "--", ...words]);
  }

  /** What the one tray icon says beside itself. */
  async trayLabel() {
    const items = await until(async () => {
      const there = await this.#trayItems();
      return there?.length ? there : null;
    }, "an icon is in the tray");
    const { owner, path } = items[0];
    const { stdout } = await this.#ask(owner, path, "org.freedesktop.DBus.Properties.Get", "org.kde.StatusNotifierItem", "XAyatanaLabel");
    return /'(.*)'/.exec(stdout)?.[1] ?? "";
  }

  /** The menu of the one tray icon: labels, whether they are ticked, and how to choose one. */
  async trayMenu() {
    const items = await until(async () => {
      const there = await this.#trayItems();
      return there?.length ? there : null;
    }, "an icon is in the tray");
    const { owner, path } = items[0];
    const menu = `${path}/Menu`;
    const { stdout } = await this.#ask(owner, menu, "com.canonical.dbusmenu.GetLayout", "0", "-1", "[]");
    return [...stdout.matchAll(/<\((\d+), \{([^}]*)\}/g)]
      .map(([, id, properties]) => ({
        label: /'label': <'([^']*)'>/.exec(properties)?.[1],
        ticked: /'toggle-state': <1>/.test(properties),
        choose: () => this.#ask(owner, menu, "com.canonical.dbusmenu.Event", id, "clicked", "<''>", "0"),
      }))
      .filter(({ label }) => label);
  }

  /** Every notification so far, in the order they came. */
  toasts() {
    const lines = readFileSync(this.#toasts, "utf8").split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line));
  }

  /** The notification with this title, once it is there. */
  toast(summary) {
    return until(() => this.toasts().find((toast) => toast.summary === summary), `a toast says ${summary}`);
  }

  /** Clicks the oldest notification on the screen; dunst 1.9 finds no other. */
  async clickToast() {
    const { code, stderr } = await this.run("dunstctl", ["action", "0"]);
    if (code !== 0) throw new Error(`the toast cannot be clicked: ${stderr}`);
  }

  /** Clicks the toasts on the screen with the mouse, in their middle. */
  async clickWithMouse() {
    const place = await until(async () => {
      const { stdout } = await this.run("xdotool", ["search", "--onlyvisible", "--class", "Dunst"]);
      const [window] = stdout.split("\n").filter(Boolean);
      if (!window) return null;
      const { stdout: shell } = await this.run("xdotool", ["getwindowgeometry", "--shell", window]);
      return Object.fromEntries(shell.split("\n").filter(Boolean).map((line) => line.split("=")));
    }, "a toast is on the screen");
    const middle = (at, size) => String(Number(at) + Math.floor(Number(size) / 2));
    const to = [middle(place.X, place.WIDTH), middle(place.Y, place.HEIGHT)];
    await this.run("xdotool", ["mousemove", ...to, "sleep", "0.3", "click", "1"]);
  }

  /** The app's windows on the screen. */
  async windows() {
    const { stdout } = await this.run("xdotool", ["search", "--onlyvisible", "--name", "Tidings$"]);
    return stdout.split("\n").filter(Boolean);
  }

  /** The title of the app's window, in which the page counts what is unread. */
  async title() {
    const [window] = await this.windows();
    return window ? (await this.run("xdotool", ["getwindowname", window])).stdout.trim() : "";
  }

  /** Closes the window as a person does. */
  async closeWindow() {
    await this.#untilNone((window) => ["windowactivate", "--sync", window, "key", "--clearmodifiers", "alt+F4"]);
  }

  async minimiseWindow() {
    await this.#untilNone((window) => ["windowminimize", window]);
  }

  /** The window manager may not know a new window yet: it is asked until it has done it. */
  async #untilNone(how) {
    await until(async () => (await this.windows()).length > 0, "there is a window");
    await until(async () => {
      const [window] = await this.windows();
      if (window) await this.run("xdotool", how(window));
      return !window;
    }, "the window is gone from the screen");
  }

  /** Writes what the screen shows of the app's window, without its frame. @param {string} file */
  async portrait(file) {
    const [window] = await this.windows();
    const { code, stderr } = await this.run("import", ["-window", window, "-strip", file]);
    if (code !== 0) throw new Error(`no picture of the window: ${stderr}`);
  }

  /** A picture of the whole screen. @param {string} name */
  async shot(name) {
    mkdirSync(SHOTS, { recursive: true });
    const file = join(SHOTS, `${name}.png`);
    await this.run("import", ["-window", "root", file]);
    return file;
  }

  async end() {
    for (const program of this.#programs.reverse()) await end(program);
  }
}
