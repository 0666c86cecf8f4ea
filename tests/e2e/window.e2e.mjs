// The window comes and goes; the app stays.
import assert from "node:assert/strict";
import { App, history } from "./app.mjs";
import { claim } from "./claim.mjs";
import { childrenOf, until } from "./processes.mjs";

const hasPage = (app) => childrenOf(app.pid).includes("WebKitWebProcess");
const opened = (app) => until(() => hasPage(app), "a web process runs", 15);
const closed = (app) => until(() => !hasPage(app), "the web process is gone", 5);

claim("closing the window ends its web process while events go on arriving, and a second start opens it again", async (parts) => {
  const { desktop, dir, start } = parts;
  const server = await parts.stream();
  await desktop.trayHost();
  const app = await start();
  await opened(app);
  await until(() => server.connected === 1, "the app connects");

  await desktop.closeWindow();
  await closed(app);
  assert.match((await desktop.toast("Tidings keeps running")).body, /icon in the tray/);
  server.send({ title: "While closed" });
  await desktop.toast("While closed");

  const second = await App.again(desktop, dir);
  assert.equal(second.code, 0, second.stderr);
  await opened(app);
  await until(async () => (await desktop.windows()).length === 1, "the window is on the screen");
  await until(async () => (await desktop.title()) === "(1) Tidings", "the page has what came meanwhile", 20);
  assert.deepEqual((await history(desktop, dir)).map(({ title }) => title), ["While closed"]);
  assert.equal(server.asked.length, 1, "the connection was never given up");
});

claim("a second start brings the one window there is to the front", async (parts) => {
  const { desktop, dir, start } = parts;
  await parts.stream();
  const app = await start();
  await opened(app);
  await desktop.minimiseWindow();

  assert.equal((await App.again(desktop, dir)).code, 0);

  await until(async () => (await desktop.windows()).length === 1, "the window is back");
  assert.equal(childrenOf(app.pid).filter((name) => name === "WebKitWebProcess").length, 1);
});

claim("a click on a toast opens the window that was closed, at its event", async (parts) => {
  const { desktop, dir, start } = parts;
  const server = await parts.stream();
  const app = await start(["--hidden"]);
  await until(() => server.connected === 1, "the app connects");
  assert.equal(hasPage(app), false, "nothing is shown before it is asked for");
  for (const title of ["Deploy failed", "Deploy started"]) {
    server.send({ title });
    await desktop.toast(title);
  }

  await desktop.clickToast();

  await opened(app);
  await until(async () => (await desktop.windows()).length === 1, "the window is on the screen");
  // An event that is looked at for a second counts as read.
  const read = async () => (await history(desktop, dir)).filter((event) => event.read).map(({ title }) => title);
  await until(async () => (await read()).length > 0, "an event is looked at");
  assert.deepEqual(await read(), ["Deploy failed"]);
});

claim("a click on a toast shows its event in the window that is open", async (parts) => {
  const { desktop, drive } = parts;
  const server = await parts.stream();
  const app = await drive();
  await until(() => server.connected === 1, "the app connects");
  server.send({ title: "Deploy failed", body: "exit code 1 on web-3" });
  await desktop.toast("Deploy failed");
  server.send({ title: "Deploy started", body: "of 5f21c9e" });
  await desktop.toast("Deploy started");
  assert.deepEqual(await app.texts("#detail-title"), []);

  await desktop.clickToast();

  await until(async () => (await app.texts(".d-msg"))[0] === "exit code 1 on web-3", "the detail shows the event");
  assert.deepEqual(await app.texts("#detail-title"), ["Deploy failed"]);
});

claim("SIGTERM ends the app with success within three seconds, and nothing sent is lost or doubled", async (parts) => {
  const { desktop, dir, start } = parts;
  const server = await parts.stream();
  const app = await start();
  await opened(app);
  await until(() => server.connected === 1, "the app connects");
  const sent = Array.from({ length: 200 }, (_, index) => `Event ${index + 1}`);
  for (const title of sent) server.send({ title });
  // What a stream has brought is stored in groups: some are still on their way.
  await until(async () => (await history(desktop, dir)).length > 0, "the first are stored");

  const { code, seconds } = await app.end("SIGTERM");

  assert.equal(code, 0, app.stderr);
  assert.ok(seconds < 3, `it took ${seconds} s`);
  const stored = async () => (await history(desktop, dir)).map(({ title }) => title);
  const kept = await stored();
  assert.deepEqual(kept, sent.slice(0, kept.length), "what it had received has no holes");
  await start();
  await until(async () => (await stored()).length >= sent.length, "the next start asks for the rest");
  assert.deepEqual(await stored(), sent);
});

claim("without a tray closing minimises the window, and says so once", async (parts) => {
  const { desktop, dir, start } = parts;
  const server = await parts.stream();
  const app = await start();
  await opened(app);

  for (const time of ["first", "second"]) {
    await desktop.closeWindow();
    assert.match((await desktop.toast("Tidings keeps running")).body, /minimised/, time);
    assert.ok(hasPage(app), "the window is still there");
    assert.equal((await App.again(desktop, dir)).code, 0);
    await until(async () => (await desktop.windows()).length === 1, "a second start brings it back");
  }

  server.send({ title: "Later" });
  await desktop.toast("Later");
  assert.equal(desktop.toasts().filter(({ summary }) => summary === "Tidings keeps running").length, 1);
});

claim("f28 a web process that is killed starts anew and shows what came meanwhile", async (parts) => {
  const { desktop, start } = parts;
  const server = await parts.stream();
  const app = await start();
  await opened(app);
  const process = async () => {
    const { stdout } = await desktop.run("pgrep", ["-P", String(app.pid), "-f", "WebKitWebProcess"]);
    return stdout.trim();
  };
  await until(() => server.connected === 1, "the app connects");
  server.send({ title: "Before" });
  await until(async () => /1/.test(await desktop.title()), "the page is drawn and counts", 20);
  const before = await process();

  await desktop.run("kill", ["-9", before]);
  server.send({ title: "While the page was gone" });

  await until(async () => ![before, ""].includes(await process()), "another web process runs", 20);
  await until(async () => /2/.test(await desktop.title()), "the page counts what came meanwhile", 20);
  assert.equal(server.asked.length, 1, "the connection was never given up");
});
