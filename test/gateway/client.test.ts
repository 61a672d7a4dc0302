/** The client that docs/gateway.md shows, in Node and in a page. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";
import type { Answer } from "../../src/bus/metrics/answers.js";
import { atEnd, type Message, publish, started, timeOf } from "./kit.js";

const page = readFileSync(join(packageRoot(), "docs/gateway.md"), "utf8");
const script = [...page.matchAll(/^```js\n([\s\S]*?)^```/gm)].map((block) => block[1]!).find((text) => text.includes("function follow"))!;
const executable = [process.env.TICKFORGE_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => path && existsSync(path),
);
const why = executable ? "" : " (skipped: no Chromium found; set TICKFORGE_CHROMIUM to its path)";
const asks = [
  { subscribe: "toxicity", instruments: ["BETA"] },
  { subscribe: "alarms", format: "binary" },
];
/** As both see it: the topic, whether known, ids and times. */
const want = [
  ["toxicity", true, 2, [1], [String(timeOf(1))]],
  ["toxicity", false, 3, [4], [String(timeOf(4))]],
  ["alarms", false, 0, [5, 6], [String(timeOf(5)), String(timeOf(6))]],
];
const plain = ({ topic, known = false, sequence, columns }: Message) => [
  topic,
  known,
  sequence,
  [...columns!.id],
  Array.from(columns!.time, String),
];

/** Files at these paths, and `news`: rows, once so many clients take the topic. */
async function system(files: Record<string, [type: string, text: string]> = {}) {
  const served = Object.entries(files).map(([path, [type, text]]): [string, Answer] => [
    path,
    (_, response) => void response.writeHead(200, { "content-type": type }).end(text),
  ]);
  const { publisher, alarm, gateway, url } = await started({ routes: Object.fromEntries(served) });
  const topics = () => gateway.stats().topics;
  publish(publisher, [0, 0], [1, 1]);
  const news = async (clients: number) => {
    while (topics()[0]!.clients < clients || topics()[1]!.clients < 1) await pause();
    publish(publisher, [2, 3], [1, 4]);
    publish(alarm, [0, 5], [1, 6]);
  };
  while (topics()[0]!.rows < 2) await pause();
  return { url, news };
}
const pause = () => new Promise((resolve) => setTimeout(resolve, 1));

it("reads JSON and frames in Node", async () => {
  const folder = join(packageRoot(), "out", "docs");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `gateway-client-${process.pid}.mjs`);
  writeFileSync(file, script);
  atEnd(() => rmSync(file));
  const { follow } = await import(/* @vite-ignore */ pathToFileURL(file).href);
  const { url, news } = await system();
  const heard: unknown[] = [];
  const socket = await follow(
    `${url.replace("http", "ws")}/ws`,
    asks,
    (rows: Message) => heard.push(plain(rows)),
    () => {},
  );
  atEnd(() => socket.close());
  await news(1);
  while (heard.length < 3) await pause();
  expect(heard).toEqual(want);
});

it.skipIf(!executable)(`reads JSON and frames in a page of Chromium${why}`, async () => {
  const html = `<!doctype html><title>waiting</title><script type="module">
import { follow } from "/client.mjs";
window.heard = [];
const plain = ({ topic, known = false, sequence, columns }) => [topic, known, sequence, [...columns.id], Array.from(columns.time, String)];
await follow(location.origin.replace("http", "ws") + "/ws", ${JSON.stringify(asks)}, (rows) => {
  if (heard.push(plain(rows)) === 3) document.title = "all";
}, () => {});
const events = new EventSource("/events?topic=toxicity&instrument=BETA");
events.onmessage = ({ data, lastEventId }) => { window.event = [JSON.parse(data), lastEventId]; };
</script>`;
  const { url, news } = await system({ "/": ["text/html", html], "/client.mjs": ["text/javascript", script] });
  const browser = await chromium.launch({
    executablePath: executable!,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  atEnd(() => browser.close());
  const tab = await browser.newPage();
  await tab.goto(url);
  await news(2);
  await tab.waitForFunction('document.title === "all" && window.event?.[1] === "3"');
  expect(await tab.evaluate("window.heard")).toEqual(want);
  expect(await tab.evaluate("window.event[0].columns.id")).toEqual([4]);
});
