// What Tidings is for: from a server's event to the window, the toast and the history.
import assert from "node:assert/strict";
import { history } from "./app.mjs";
import { claim } from "./claim.mjs";
import { until } from "./processes.mjs";
import { nest } from "./servers.mjs";

claim("an event reaches window and toast, and what comes while the app is killed arrives once, in order", async ({
  desktop,
  dir,
  drive,
}) => {
  const server = await nest();
  const first = await drive();
  await first.connectFirst(server.url);
  await server.post({ title: "Invoice paid", body: "₩120,000 from Hana", level: "high" });

  await first.shows(["Invoice paid"]);
  const toast = await desktop.toast("Invoice paid");
  assert.equal(toast.app, "Tidings");
  assert.match(toast.body, /₩120,000 from Hana/);

  await first.end("SIGKILL");
  await server.post({ title: "Second, while away" });
  await server.post({ title: "Third, while away" });
  const again = await drive();

  await again.shows(["Third, while away", "Second, while away", "Invoice paid"]);
  const titles = ["Invoice paid", "Second, while away", "Third, while away"];
  await until(async () => (await history(desktop, dir)).length === titles.length, "the history holds three");
  assert.deepEqual((await history(desktop, dir)).map(({ title }) => title), titles);
});

claim("a server that is killed is shown as a lost connection, and nothing it stores afterwards is missed", async ({
  desktop,
  dir,
  drive,
}) => {
  const server = await nest();
  const app = await drive({ TIDINGS_LOG: "info" });
  await app.connectFirst(server.url);
  await server.post({ title: "Before" });
  await app.shows(["Before"]);

  await server.end();
  await until(() => /connection ended/.test(app.stderr), "the loss is noticed");
  assert.match(app.stderr, /connection ended code=(Broken|Closed)/);
  await app.find(".side .n.amber");
  await server.again();
  for (const title of ["First after", "Second after"]) await server.post({ title });

  await app.shows(["Second after", "First after", "Before"]);
  await until(async () => (await app.texts(".side .n.amber")).length === 0, "it is connected again");
  assert.deepEqual((await history(desktop, dir)).map(({ title }) => title), ["Before", "First after", "Second after"]);
});
