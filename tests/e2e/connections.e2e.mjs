// What the window says of connections: each step of a test, and what a source lived through.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Key } from "selenium-webdriver";
import { history } from "./app.mjs";
import { claim } from "./claim.mjs";
import { freePort, until } from "./processes.mjs";
import { silent, stream } from "./servers.mjs";

const TOKEN = "tok-7c1f09aa25d4";

/** Pastes a text of several lines. */
async function paste(app, selector, text) {
  const field = await app.find(selector);
  await app.page.executeScript(
    `const data = new DataTransfer();
     data.setData("text/plain", arguments[1]);
     arguments[0].focus();
     arguments[0].dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));`,
    field,
    text,
  );
}

claim("the first run names the step that fails with its fix, and goes green once the URL is right", async (parts) => {
  const { drive, serve } = parts;
  const server = await serve(stream);
  const app = await drive();

  await app.type("#first-url", `http://127.0.0.1:${await freePort()}/events`);
  await app.click(".first .btn.primary");
  await app.find(".steps .bad");
  const [failed] = await app.texts(".steps .bad");
  assert.match(failed, /Connection refused/);
  assert.match(failed, /check that the server runs/);
  assert.equal((await app.texts(".steps .done")).length, 1, "the address was fine");

  server.refuse(401);
  await app.type("#first-url", server.url);
  await app.click(".first .btn.primary");
  await until(async () => /Credentials refused/.test((await app.texts(".steps .bad"))[0]), "the refusal is named");
  server.refuse(0);
  const command = `curl -N '${server.url}?pasted' \\\n  -H 'X-Api-Key: ${TOKEN}'`;
  await paste(app, "#first-url", command);
  await until(async () => (await app.page.executeScript("return document.querySelector('#first-url').value")).endsWith("?pasted"), "the URL is taken over");
  await app.click(".first .btn.primary");
  await app.find(".check .go");
  assert.equal((await app.texts(".steps .done")).length, 5);
  for (const step of await app.texts(".steps .ms")) assert.match(step, /\d (ms|sec)/);
  await app.click(".check .go");
  await app.find(".app");
  await until(() => server.connected === 1, "the app connects");
  assert.equal(server.asked.at(-1)["x-api-key"], TOKEN);
  server.send({ title: "Through" });
  await app.shows(["Through"]);
});

claim("the built-in stream is shown green in a test of its own", async (parts) => {
  const { drive } = parts;
  const app = await drive();

  await app.click(".alt .link");
  await app.find(".app");
  await app.click("#nav-panel");
  await app.click(".card-do .btn:nth-child(2)");
  await until(async () => (await app.texts(".dlg .steps .done")).length === 5, "every step passes");
  assert.deepEqual(await app.texts(".dlg .steps .bad"), []);
});

claim("closing a test that waits ends its connection, and nothing is kept of it", async (parts) => {
  const { dir, drive, serve } = parts;
  const server = await serve(silent);
  await parts.stream();
  const app = await drive();

  await app.click(".nav-h .ib");
  await app.type("#source-url", server.url);
  await app.click(".dlg .test");
  await until(async () => (await app.texts(".dlg .steps .done")).length === 4, "it waits for the first bytes");
  assert.equal(server.connected, 1);
  await app.page.actions().sendKeys(Key.ESCAPE).perform();
  await until(() => server.connected === 0, "the connection is given up");
  assert.ok(!readFileSync(join(dir, "settings.json"), "utf8").includes(server.url));
});

claim("the diagnosis shows tries and frames as they come, and what is copied tells no secret", async (parts) => {
  const { desktop, dir, drive } = parts;
  const server = await parts.stream();
  const app = await drive();
  await until(() => server.connected === 1, "the app connects");
  await app.click(".nav.scroll .nav-i");
  await app.click('.source-head [aria-label="Edit source"]');
  await app.type("#source-url", `${server.url}?topic=a&token=${TOKEN}`);
  await app.click("#source-auth option[value=bearer]");
  await app.type(".auth input", TOKEN);
  await app.click(".dlg .btn.primary");
  await until(() => server.asked.some(({ authorization }) => authorization === `Bearer ${TOKEN}`), "the token is sent");
  server.send({ title: "Paid", secret: TOKEN }, "invoice.paid");
  await app.shows(["Paid"]);

  await app.click("#nav-panel");
  await until(async () => /\d/.test((await app.texts(".card-facts dd"))[2]), "the card counts bytes");
  await app.click(".card-do .btn:nth-child(3)");
  await until(async () => (await app.texts(".frame-text")).some((text) => /event:\s+invoice\.paid/.test(text)), "the frame is shown");
  server.send({ title: "Refunded" }, "charge.refunded");
  await until(async () => /id:\s+2\s+event:\s+charge\.refunded\s+data:/.test((await app.texts(".frame-text"))[0]), "the next one comes by itself, on top");
  server.refuse(503);
  await until(async () => (await app.texts(".attempts .what")).some((text) => /Server error \(503\)/.test(text)), "the failed try is listed with its cause");
  assert.ok((await app.texts(".attempts .what")).length >= 3);

  await app.click(".bar.flow .btn:nth-last-child(2)");
  await app.find("dialog pre");
  const [command] = await app.texts("dialog pre");
  assert.match(command, /^curl -N .*Authorization: <saved, not shown>/);
  assert.ok(!command.includes(TOKEN), command);
  await app.click("dialog .btn.primary");
  await app.find(".toast");
  assert.deepEqual(await app.texts(".toast span"), ["Copied"]);
  await app.click(".bar.flow .btn:last-child");
  await app.find("dialog pre");
  const [report] = await app.texts("dialog pre");
  for (const words of ["source Builds", "query left out", "Authorization", "503", "invoice.paid"]) assert.ok(report.includes(words), `${words} is not in:\n${report}`);
  assert.ok(!report.includes(TOKEN), report);
  await app.click("dialog .btn.primary");
  await until(async () => (await app.texts("dialog pre")).length === 0, "the dialog is closed");

  // What was copied is what was shown.
  await app.click(".side .nav-i");
  await app.click("#search");
  await app.page.actions().keyDown(Key.CONTROL).sendKeys("v").keyUp(Key.CONTROL).perform();
  await until(
    async () => (await app.page.executeScript("return document.querySelector('#search').value")).startsWith("Tidings "),
    "the clipboard holds the report",
  );
  assert.equal((await history(desktop, dir)).length, 2);
});
