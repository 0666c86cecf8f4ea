// examples/react in a real browser, built, with the real server of examples/nestjs.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { directory, freePort, Program, root, until } from './support/programs.mjs';
import { nestjs } from './support/servers.mjs';
import { Tail } from './support/tail.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

let browser;
before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking'],
  });
});
after(() => browser?.close());

/** The page and its server; `seed` events are in the log before the page is built. */
async function start(t, { seed = 0, colorScheme = 'light', keep = 10_000 } = {}) {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const server = await nestjs(t, { CORS_ORIGIN: url, KEEP: String(keep) });
  for (const n of numbers(1, seed)) await server.publish({ type: 'seed', text: `body ${n}` });

  const [vite, dist] = [join(root, 'examples/react/node_modules/vite/bin/vite.js'), directory(t)];
  const options = { cwd: join(root, 'examples/react'), env: { ...process.env, VITE_SERVER: server.url } };
  const build = new Program(t, process.execPath, [vite, 'build', '--outDir', dist, '--logLevel', 'error'], options);
  assert.equal((await build.ended)[0], 0);
  new Program(t, process.execPath, [vite, 'preview', '--outDir', dist, '--port', String(port)], options);
  await until(() => fetch(url).catch(() => false), 'page');

  const context = await browser.newContext({ colorScheme });
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const errors = [];
  page.on('pageerror', (error) => errors.push(error));
  t.after(() => assert.deepEqual(errors, []));
  return { server, page, url };
}

const ids = (page) => page.locator('.events li').evaluateAll((items) => items.map((item) => Number(item.dataset.id)));
const connected = (page) => page.getByRole('status').getByText('Live').waitFor();

/** Waits until exactly the events `from` to `to` are shown, newest first, and stay so. */
async function shows(page, from, to) {
  await until(async () => (await ids(page))[0] === to && (await ids(page)).length >= to - from + 1, `event ${to} on the page`);
  await setTimeout(300);
  assert.deepEqual(await ids(page), numbers(from, to).reverse());
}

/** The server loses its events, and starts again. */
async function forget(server) {
  await server.kill();
  rmSync(dirname(server.database), { recursive: true });
  await server.start();
}

/** The next streams are refused, as by a proxy: with 503 a browser gives up. */
async function refuse(page, server) {
  await page.route('**/events?untyped=true', (route) => route.fulfill({ status: 503, body: '' }));
  const refused = page.waitForResponse((response) => response.status() === 503);
  await server.kill();
  await server.start();
  await refused;
}

async function violations(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

test('the page shows the newest events, follows live ones of every type and publishes', async (t) => {
  const { server, page, url } = await start(t, { seed: 120 });
  const tail = new Tail(t, server.stream);
  await tail.live();
  await page.goto(url);
  await connected(page);
  await shows(page, 21, 120);

  await server.publish({ type: 'never.heard.of', text: '여러 줄\n둘째 줄' });
  await shows(page, 21, 121);
  await page.getByLabel('Title').fill('결제 ₩120,000 😀');
  await page.getByLabel('Level').selectOption('critical');
  await page.getByLabel('Link').fill('https://example.com/42');
  await page.getByRole('button', { name: 'Publish' }).click();
  await shows(page, 21, 122);

  const first = page.locator('.events li').first();
  assert.equal(await first.locator('h3').innerText(), '결제 ₩120,000 😀');
  assert.equal(await first.locator('a').getAttribute('href'), 'https://example.com/42');
  assert.equal(await page.locator('.events li').nth(1).locator('.body').innerText(), '여러 줄\n둘째 줄');
  assert.equal(await page.getByLabel('Title').inputValue(), '');
  const printed = await tail.first(2);
  assert.equal(JSON.parse(printed[1].data).title, '결제 ₩120,000 😀');
});

test('nothing is missing and nothing comes twice while history and stream are joined', async (t) => {
  const { server, page, url } = await start(t, { seed: 150 });
  // The history is asked for, then answered late; meanwhile events are posted.
  await page.route('**/api/events?*', async (route) => {
    const answer = await route.fetch();
    await setTimeout(1000);
    await route.fulfill({ response: answer });
  });
  const asked = page.waitForResponse('**/health');
  let joined = false;
  const joining = (async () => {
    await page.goto(url);
    await connected(page);
    await until(async () => (await page.getByText('Loading…').count()) === 0, 'history');
  })().finally(() => (joined = true));
  let posted = 150;
  while (!joined) posted = (await server.publish({ type: 'message', text: 'live' })).id;
  await joining;
  const { newest } = await (await asked).json();

  const first = (await ids(page)).at(-1);
  await shows(page, first, posted);
  assert.ok(posted > newest, `no event came while the history was loaded: ${newest}`);
  // The 100 before the first that the stream brought, or before the history was asked for.
  assert.ok(first > 50 && first <= newest - 99, `began at ${first}, asked for at ${newest}`);
});

test('a choice made while the history loads cancels the older request', async (t) => {
  const { page, url } = await start(t, { seed: 60 });
  const held = [];
  await page.route('**/api/events?*', (route) => (held.length === 0 ? void held.push(route) : route.continue()));
  const cancelled = page.waitForEvent('requestfailed', (request) => request.url().includes('/api/events?'));
  await page.goto(url);
  await until(() => held.length === 1, 'request for the history');

  await page.getByLabel('Load the newest').selectOption('20');

  assert.match((await cancelled).failure().errorText, /ERR_ABORTED/);
  await shows(page, 41, 60);
  assert.equal(await page.getByRole('alert').count(), 0);
});

test('after a restart of the server the page shows what was posted meanwhile, once', async (t) => {
  const { server, page, url } = await start(t, { seed: 10 });
  await page.goto(url);
  await connected(page);
  await shows(page, 1, 10);

  await server.kill();
  await page.getByRole('status').getByText('Not connected').waitFor();
  await page.getByLabel('Title').fill('nobody listens');
  await page.getByRole('button', { name: 'Publish' }).click();
  await page.getByRole('alert').getByText('The server cannot be reached').waitFor();
  await server.start();
  for (const n of numbers(1, 30)) await server.publish({ type: 'message', text: `meanwhile ${n}` });
  await connected(page);
  await shows(page, 1, 40);

  await page.getByRole('button', { name: 'Publish' }).click();
  await shows(page, 1, 41);
  assert.equal(await page.getByRole('alert').count(), 0);
});

test('a stream that was refused is joined again from the last event', async (t) => {
  const { server, page, url } = await start(t, { seed: 10 });
  await page.goto(url);
  await connected(page);
  await shows(page, 1, 10);

  await refuse(page, server);
  for (const n of numbers(1, 150)) await server.publish({ type: 'message', text: `meanwhile ${n}` });
  await page.unroute('**/events?untyped=true');

  await connected(page);
  await shows(page, 1, 160);
});

test('no event is left out when history and stream failed after the first live events', async (t) => {
  const { server, page, url } = await start(t, { seed: 10 });
  await page.route('**/api/events?*', (route) => route.abort());
  await page.goto(url);
  await page.getByRole('alert').getByText('The history could not be loaded').waitFor();
  for (let n = 0; n < 2; n++) await server.publish({ type: 'message', text: 'live' });
  await shows(page, 11, 12);

  await refuse(page, server);
  for (const n of numbers(1, 150)) await server.publish({ type: 'message', text: `meanwhile ${n}` });
  await page.unroute('**/api/events?*');
  await page.unroute('**/events?untyped=true');

  await shows(page, 1, 162);
});

test('the page says which events the server no longer had when it came back', async (t) => {
  const { server, page, url } = await start(t, { seed: 5, keep: 5 });
  await page.goto(url);
  await connected(page);
  await shows(page, 1, 5);
  const missing = (text) => page.getByRole('alert').getByText(`The server no longer had the events ${text}.`).waitFor();

  // The browser gives up, and the page joins history and stream again.
  await refuse(page, server);
  for (let n = 0; n < 20; n++) await server.publish({ type: 'message', text: 'meanwhile' });
  await page.unroute('**/events?untyped=true');
  await missing('6 to 20');

  // The browser resumes, and the server sends a gap event.
  await connected(page);
  await server.kill();
  const other = await nestjs(t, { DATABASE: server.database, KEEP: '5' });
  for (let n = 0; n < 20; n++) await other.publish({ type: 'message', text: 'meanwhile' });
  await other.kill();
  await server.start();
  await missing('26 to 40');
  await until(async () => (await ids(page))[0] === 45, 'newest event');
  assert.deepEqual(await ids(page), [...numbers(41, 45), ...numbers(21, 25), ...numbers(1, 5)].sort((a, b) => b - a));
});

for (const [how, lose] of [
  ['resumed', (page, server) => forget(server)],
  ['refused', async (page, server) => {
    await refuse(page, server);
    await forget(server);
    await page.unroute('**/events?untyped=true');
  }],
]) {
  test(`a stream that is ${how} by a server without its events begins anew on the page, too`, async (t) => {
    const { server, page, url } = await start(t, { seed: 10 });
    await page.goto(url);
    await connected(page);
    await shows(page, 1, 10);

    await lose(page, server);

    await page.getByRole('alert').getByText('The server began a new history.').waitFor();
    await server.publish({ type: 'message', text: 'new' });
    await shows(page, 1, 1);
  });
}

test('a server that takes a request and does not answer is said not to', async (t) => {
  const { page, url } = await start(t);
  await page.route('**/health', () => {});
  await page.goto(url);

  await page.getByRole('alert').getByText('The server does not answer.').waitFor();
});

test('what is wrong with an event is shown as the server says it', async (t) => {
  const { page, url } = await start(t);
  await page.goto(url);
  await connected(page);

  await page.getByLabel('Title').fill('x');
  await page.getByLabel('Type').fill('gap');
  await page.getByRole('button', { name: 'Publish' }).click();

  await page.getByRole('alert').getByText('type: is "gap"; send').waitFor();
  assert.deepEqual(await ids(page), []);
});

test('a history that cannot be loaded can be asked for again', async (t) => {
  const { page, url } = await start(t, { seed: 3 });
  await page.route('**/api/events?*', (route) => route.abort());
  await page.goto(url);
  await page.getByRole('alert').getByText('The server cannot be reached').waitFor();
  await page.unroute('**/api/events?*');

  await page.getByRole('button', { name: 'Try again' }).click();

  await shows(page, 1, 3);
  assert.equal(await page.getByRole('alert').count(), 0);
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing, in ${colorScheme}, with events and errors`, async (t) => {
    const { server, page, url } = await start(t, { colorScheme });
    await page.route('**/api/events?*', (route) => route.abort());
    await page.goto(url);
    await connected(page);
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    assert.deepEqual(await violations(page), []);
    await page.unroute('**/api/events?*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('No event yet').waitFor();
    assert.deepEqual(await violations(page), []);
    for (const level of ['low', 'normal', 'high', 'critical']) {
      await page.getByLabel('Title').fill(`a ${level} event`);
      await page.getByLabel('Level').selectOption(level);
      await page.getByLabel('Link').fill('https://example.com/');
      await page.getByRole('button', { name: 'Publish' }).click();
      await page.getByRole('heading', { name: `a ${level} event` }).waitFor();
    }
    await page.getByLabel('Title').fill('x');
    await page.getByLabel('Type').fill('gap');
    await page.getByRole('button', { name: 'Publish' }).click();
    await page.getByRole('alert').waitFor();
    assert.deepEqual(await violations(page), []);
    await forget(server);
    await page.getByText('The server began a new history.').waitFor();
    assert.deepEqual(await violations(page), []);
    await server.kill();
    await page.getByRole('status').getByText('Not connected').waitFor();
    assert.deepEqual(await violations(page), []);
  });
}
