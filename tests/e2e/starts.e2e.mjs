// Starts that find another one, no screen, or words nobody knows: each ends in words, or runs.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { APP, App, CLI } from "./app.mjs";
import { claim } from "./claim.mjs";
import { isRunning, run, start as launch, until } from "./processes.mjs";

/** Whether an app on this bus has the name a second start asks. */
async function hasName(desktop) {
  const bus = ["--dest", "org.freedesktop.DBus", "--object-path", "/", "--method", "org.freedesktop.DBus.ListNames"];
  return /'dev\.tidings\.desktop\.at/.test((await desktop.run("gdbus", ["call", "--session", ...bus])).stdout);
}

claim("f21 the lock decides who runs: a first that hangs is told of, and one with no more than its name stops nobody", async (parts) => {
  const { desktop, dir, start } = parts;
  const { pid: hung } = await start(["--hidden"]);
  await until(() => hasName(desktop), "it can be asked");
  process.kill(hung, "SIGSTOP");

  const began = performance.now();
  const refused = await App.again(desktop, dir, ["--hidden"]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, new RegExp(`the desktop app \\(pid ${hung}\\) holds ${dir}; quit it`));
  assert.ok(performance.now() - began < 12_000, "it does not wait for ever");

  renameSync(dir, `${dir}-elsewhere`);
  const app = await start(["--hidden"]);
  assert.notEqual(app.pid, hung);
  process.kill(hung, "SIGKILL");
  await until(() => !isRunning(hung), "the one that hung is gone");
  await until(async () => (await App.again(desktop, dir)).code === 0, "a second start is heard");
  await until(async () => (await desktop.windows()).length === 1, "the window is on the screen");
});

claim("f21 a second start is heard by each name of the directory, and on the next bus", async (parts) => {
  const { desktop, dir, start } = parts;
  const app = await start(["--hidden"]);
  await until(() => hasName(desktop), "it can be asked");
  await desktop.killBus();
  await desktop.restartBus();
  await until(() => hasName(desktop), "it can be asked again", 20);

  assert.equal((await App.again(desktop, `${dir}/../tidings/`)).code, 0);

  await until(async () => (await desktop.windows()).length === 1, "the window is on the screen");
  assert.ok(isRunning(app.pid));
});

claim("a start from the desktop that cannot run says why on the screen", async (parts) => {
  const { desktop, dir } = parts;
  const receiver = launch(CLI, ["run", "--data-dir", dir], { env: desktop.env });
  await until(() => existsSync(join(dir, "tidings.lock")) && readFileSync(join(dir, "tidings.lock"), "utf8"), "it holds the directory");

  const refused = App.again(desktop, dir);
  await until(async () => (await desktop.windows()).length === 1, "a dialog is on the screen");
  await desktop.shot("refused");
  await until(async () => {
    const [dialog] = await desktop.windows();
    if (dialog) await desktop.run("xdotool", ["windowactivate", "--sync", dialog, "key", "Return"]);
    return !dialog;
  }, "the dialog closes");

  const { code, stderr } = await refused;
  assert.equal(code, 1);
  assert.match(stderr, /^tidings: .*tidings-cli \(pid \d+\) holds /m);
  assert.ok(receiver.exitCode === null, "the other one goes on");
});

claim("without a screen, and in the background without a tray, the app says so in words", async (parts) => {
  const { desktop, dir, start } = parts;

  const blind = await run(APP, ["--data-dir", dir], { env: { ...desktop.env, DISPLAY: ":4711" } });
  assert.equal(blind.code, 1);
  assert.match(blind.stderr, /^tidings: there is no screen to show the window on.*tidings-cli run$/m);
  assert.doesNotMatch(blind.stderr, /panicked/);
  assert.ok(!existsSync(dir), "nothing was made");

  const app = await start(["--hidden"]);
  await until(() => /nobody shows tray icons here/.test(app.stderr), "it says how to get the window");
});

claim("b67 b68 words nobody knows, no text or far too many, are refused or read, never a crash", async (parts) => {
  const { desktop } = parts;
  const inShell = (script) => run("sh", ["-c", script, APP], { env: desktop.env });

  for (const script of [
    'exec "$0" "$(printf "\\377\\376")"',
    'exec "$0" --hidden "--data-dir=$(printf "\\377")"',
    'exec "$0" tidings:add?url=https://example.com',
    'exec "$0" $(seq 20000)',
  ]) {
    const { code, stderr } = await inShell(script);
    assert.equal(code, 2, script);
    assert.match(stderr, /^tidings: .* is no option of tidings;.*Usage: tidings/s, script);
  }
  const many = await inShell('exec "$0" $(yes -- --hidden | head -20000) --version');
  assert.match(many.stdout, /^tidings \d/);
});

claim("a demo does not start with the session: its directory is gone by then", async (parts) => {
  const { desktop, dir, drive } = parts;
  mkdirSync(dir);
  const app = await drive({ TMPDIR: dir }, ["--demo"]);

  const answer = await app.call("autostart_set", { request: { enabled: true } });

  assert.match(answer, /this is a demo/);
  assert.ok(!existsSync(join(desktop.env.XDG_CONFIG_HOME, "autostart/Tidings.desktop")));
});

claim("a directory named as it is seen from here starts with the session by its whole name", async (parts) => {
  const { desktop, dir, drive } = parts;
  const app = await drive({}, ["--data-dir", `${dir}/./`]);

  assert.equal(await app.call("autostart_set", { request: { enabled: true } }), "done");

  const entry = readFileSync(join(desktop.env.XDG_CONFIG_HOME, "autostart/Tidings.desktop"), "utf8");
  assert.match(entry, new RegExp(`^Exec=\\S+ --hidden --data-dir ${dir}/?$`, "m"));
});

claim("size and place of the window are those it had when the app ended", async (parts) => {
  const { desktop } = parts;
  const window = async () => until(async () => (await desktop.windows())[0], "the window is on the screen", 15);
  const size = async () => {
    const { stdout } = await desktop.run("xdotool", ["getwindowgeometry", "--shell", await window()]);
    return /WIDTH=(\d+)\nHEIGHT=(\d+)/.exec(stdout)?.slice(1).join("x");
  };
  // Without a directory of its own: that is when the window is remembered.
  const begin = () => launch(APP, [], { env: desktop.env, stdio: "ignore" });
  const first = begin();
  assert.equal(await size(), "1080x720");

  await desktop.run("xdotool", ["windowsize", "--sync", await window(), "900", "600"]);
  await until(async () => (await size()) === "900x600", "the window is smaller");
  // A person is slower than the program, which hears of it a moment later.
  await sleep(1000);
  first.kill("SIGTERM");
  await until(() => first.exitCode !== null, "the app ends");

  begin();
  await until(async () => (await size()) === "900x600", "the next window is as small");
});
