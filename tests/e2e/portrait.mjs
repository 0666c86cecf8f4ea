// The pictures in the README (`npm run portrait`): the real app, with what four servers send it on
// an ordinary day.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { App } from "./app.mjs";
import { camera } from "./camera.mjs";
import { Desktop, ROOT } from "./desktop.mjs";
import { directory, endAll, until } from "./processes.mjs";
import { stream } from "./servers.mjs";

const SOURCES = ["prod-api", "billing", "staging CI", "home assistant"];
const DEPLOY = {
  level: "critical",
  host: "web-3",
  title: "Deploy failed on web-3",
  body: "npm run build exited with code 1 after 2 m 14 s. web-3 was rolled back to 5f21c9e; web-1 and web-2 still run the previous release.",
  exit_code: 1,
  rolled_back: true,
  url: "https://ci.acme.dev/runs/4818",
  commit: { sha: "5f21c9e", author: "김서연", branch: "main" },
};
/** Oldest first. @type {[number, string, object][]} */
const EVENTS = [
  [3, "message", { title: "세탁이 끝났습니다", body: "다용도실 · 1시간 12분" }],
  [0, "alert", { title: "Disk 94 % full on db-1", body: "/var/lib/postgresql · 11 GB left", level: "high" }],
  [2, "build", { title: "Build 4817 passed", body: "main · 5f21c9e · 6 m 02 s", level: "low" }],
  [1, "invoice", { title: "정기 결제 승인", body: "₩49,000 · Pro 요금제 · 김서연" }],
  [0, "alert", { title: "p95 latency above 800 ms", body: "GET /v1/orders · 912 ms", level: "high" }],
  [3, "message", { title: "현관문이 열렸습니다", body: "거실 카메라 · 움직임 감지" }],
  [2, "build", { title: "E2E suite is flaky", body: "3 of 212 retried · checkout.spec.ts", level: "high" }],
  [1, "invoice", { title: "Invoice paid", body: "₩120,000 · 한빛물산 · INV-20418" }],
  [0, "deploy", DEPLOY],
];

const desktop = await Desktop.start({ size: "1800x900" }); // toasts lie beside the window
const app = await App.drive(desktop, join(directory(), "tidings"));
const { ask, dress, resize, still } = camera(() => app.page);
const servers = [];
try {
  const ids = [];
  for (const name of SOURCES) {
    const server = await stream();
    servers.push(server);
    const { id } = await ask("source_add", { name, url: server.url, headers: [], events: { mode: "all" }, allow_cleartext_secrets: false });
    ids.push(id);
  }
  await until(() => servers.every(({ connected }) => connected === 1), "all connect");
  const rules = [
    { name: "Builds that pass", when: { all: [{ field: "source", op: "is", value: ids[2] }, { field: "severity", op: "<", value: "normal" }] }, then: "quiet" },
    { name: "Failed deploys", when: { all: [{ field: "event", op: "is", value: "deploy" }, { field: "$.exit_code", op: ">", value: 0 }] }, then: "notify" },
  ];
  await ask("rules_set", { ...(await ask("rules_get")), rules });
  await app.page.navigate().refresh(); // past the first screen
  await app.find(".app");
  await resize([1080, 720]);
  for (const [index, type, data] of EVENTS) {
    servers[index].send(data, type);
    await until(async () => (await app.titles())[0] === data.title || data.level === "low", `the list shows ${data.title}`);
  }
  await app.click(".row");
  await app.find(".payload .tree");
  await sleep(1500); // read after a second
  for (const [name, language, theme] of [["window", "en", "light"], ["window-ko-dark", "ko", "dark"]]) {
    await dress({ language, theme });
    await still();
    await desktop.portrait(join(ROOT, "docs", `${name}.png`));
  }
} catch (error) {
  console.error(error, `see ${await desktop.shot("e2e-portrait")}`);
  process.exitCode = 1;
} finally {
  for (const server of servers) await server.end();
  await endAll();
}
