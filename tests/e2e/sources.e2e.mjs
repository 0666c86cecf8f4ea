// What a person does to a source in the window.
import assert from "node:assert/strict";
import { claim } from "./claim.mjs";
import { until } from "./processes.mjs";

claim("unread events of a removed source stay counted where its history is kept, after a restart too", async (parts) => {
  const { drive } = parts;
  const server = await parts.stream();
  const app = await drive();
  await until(() => server.connected === 1, "the app connects");
  for (const title of ["One", "Two"]) server.send({ title });
  await app.shows(["Two", "One"]);

  await app.click(".side .nav.scroll .nav-i");
  await app.click('.source-head [aria-label="Remove source"]');
  await app.click(".dlg .danger");
  await until(async () => (await app.texts(".side .nav.scroll .name")).length === 0, "it is gone from the sidebar");
  const counted = async (app) => (await app.texts(".side .nav .n"))[0];
  await until(async () => (await counted(app)) === "2", "the inbox still counts them");
  assert.equal(server.connected, 0, "the connection is given up");
  await app.end("SIGTERM");

  const again = await drive();
  await again.shows(["Two", "One"]);
  assert.equal(await counted(again), "2");
  assert.deepEqual(await again.texts(".row .src"), ["Removed source", "Removed source"]);
});
