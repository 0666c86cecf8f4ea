// What a person sets in the window holds for window and toasts, and after the next start.
import assert from "node:assert/strict";
import { history } from "./app.mjs";
import { claim } from "./claim.mjs";
import { until } from "./processes.mjs";

const inbox = async (app) => (await app.texts(".side .nav .name"))[0];

claim("the language chosen in the window is the language of window and toasts, after a restart too", async (parts) => {
  const { desktop, drive } = parts;
  await parts.stream();
  const app = await drive();
  assert.equal(await inbox(app), "Inbox");

  await app.choose("set-language", "ko");

  await until(async () => (await inbox(app)) === "받은 알림", "the window speaks Korean");
  await app.end("SIGTERM");
  const again = await drive();
  assert.equal(await inbox(again), "받은 알림");
  assert.equal(await again.page.executeScript("return document.documentElement.lang"), "ko");
  await again.click("#nav-settings");
  await again.click("#set-test");
  const toast = await desktop.toast("Tidings 알림이 잘 도착합니다");
  assert.match(toast.body, /^테스트 알림입니다\./);
});

claim("while toasts are paused events are received and kept, and no toast is shown", async (parts) => {
  const { desktop, dir, drive } = parts;
  const server = await parts.stream();
  const app = await drive();
  await until(() => server.connected === 1, "the app connects");
  const deliveries = async () => (await history(desktop, dir)).map(({ title, delivery }) => [title, delivery.outcome]);

  await app.click('[role="switch"]');
  await app.find(".banner.quiet");
  server.send({ title: "Unheard", level: "critical" });
  await app.shows(["Unheard"]);
  await until(async () => (await deliveries())[0]?.[1] === "paused", "its delivery is known");
  await app.click(".banner .btn");
  await until(async () => (await app.texts(".banner")).length === 0, "the banner goes");
  server.send({ title: "Heard" });
  await desktop.toast("Heard");

  assert.deepEqual(desktop.toasts().map(({ summary }) => summary), ["Heard"]);
  await until(async () => (await deliveries())[1]?.[1] === "shown", "the second is shown");
  assert.deepEqual(await deliveries(), [["Unheard", "paused"], ["Heard", "shown"]]);
});
