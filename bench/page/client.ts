/** Who looks at a page: programs on its socket, and a tab of Chromium. */
import { existsSync } from "node:fs";
import { type Browser, type CDPSession, chromium, type Page as Tab } from "playwright-core";
import { WebSocket } from "ws";
import type { Told, View } from "../../src/page/series/wire.js";

export interface Client {
  readonly socket: WebSocket;
  bytes: number;
  /** Milliseconds between frames. */
  readonly gaps: number[];
  series: number;
  /** Resolves with the milliseconds to the next frame. */
  seek(span: readonly [number, number]): Promise<number>;
  close(): void;
}
const COLUMNS = 1000;

/** One that shows all series that there are. */
export function connect(url: string): Promise<Client> {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}ws`, { perMessageDeflate: false });
  let number = 0;
  let last = 0;
  let arrived: (() => void) | undefined;
  const ids: number[] = [];
  const ask = (more: Partial<View>) =>
    socket.send(JSON.stringify({ kind: "view", view: { number: ++number, length: 600_000, columns: COLUMNS, series: ids, ...more } }));
  const client: Client = {
    ...{ socket, bytes: 0, gaps: [], series: 0 },
    seek(span) {
      const from = performance.now();
      const done = new Promise<number>((resolve) => (arrived = () => resolve(performance.now() - from)));
      ask({ span });
      return done;
    },
    close: () => socket.terminate(),
  };
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", (data: Buffer, binary) => {
      client.bytes += data.length;
      if (!binary) {
        const told = JSON.parse(String(data)) as Told;
        if (told.kind !== "series") return;
        for (const { id } of told.series) ids.push(id);
        client.series = ids.length;
        ask({});
        return resolve(client);
      }
      const now = performance.now();
      if (last > 0) client.gaps.push(now - last);
      last = now;
      // Words of the header: the view that the frame is for.
      if (data.readUInt32LE(4 * 13) === number) arrived?.();
    });
  });
}

const places = [process.env.TICKFORGE_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export async function browse(): Promise<Browser> {
  const executablePath = places.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error("no Chromium found: set TICKFORGE_CHROMIUM to its path");
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
}

/** In the tab, before the page: each frame's milliseconds from the first of its callbacks to behind its painting, and when each price was seen. */
const watch = `
  window.frames60 = []; window.seen = new Map();
  const { port1, port2 } = new MessageChannel();
  let begun;
  port2.onmessage = () => {
    const now = performance.now();
    frames60.push(now - begun);
    begun = undefined;
    const label = document.querySelector("[role=img]")?.getAttribute("aria-label") ?? "";
    const last = Number(/last (?:[\\d,]+ to )?([\\d,]+)[;.]/.exec(label)?.[1].replace(/[^\\d]/g, ""));
    if (last && !seen.has(last)) seen.set(last, performance.timeOrigin + now);
  };
  const ask = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (run) => ask((time) => {
    if (begun === undefined) { begun = performance.now(); port1.postMessage(0); }
    run(time);
  });
`;
export interface Watched {
  readonly tab: Tab;
  readonly devtools: CDPSession;
  /** Milliseconds of each frame since it was asked before. */
  frames(): Promise<number[]>;
  /** When this price was first on the screen, by this process's clock. */
  seen(): Promise<Map<number, number>>;
  /** Processor seconds of the tab's main thread, bytes of its heap. */
  metrics(): Promise<Record<string, number>>;
  close(): Promise<void>;
}
export async function openTab(browser: Browser, url: string, viewport = { width: 1600, height: 1000 }): Promise<Watched> {
  const context = await browser.newContext({ viewport });
  const tab = await context.newPage();
  await tab.addInitScript(watch);
  await tab.goto(url);
  const devtools = await context.newCDPSession(tab);
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  return {
    ...{ tab, devtools },
    frames: () => tab.evaluate("frames60.splice(0)"),
    async seen() {
      const all = await tab.evaluate<[number, number][]>("[...seen]");
      const offset = await clock(tab);
      return new Map(all.map(([price, at]) => [price, at - offset]));
    },
    async metrics() {
      const { metrics } = await devtools.send("Performance.getMetrics");
      return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
    },
    close: () => context.close(),
  };
}
/** How far the tab's clock is ahead, by the quickest of some answers. */
async function clock(tab: Tab): Promise<number> {
  let [best, offset] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < 20; i++) {
    const from = performance.timeOrigin + performance.now();
    const there = await tab.evaluate<number>("performance.timeOrigin + performance.now()");
    const to = performance.timeOrigin + performance.now();
    if (to - from < best) [best, offset] = [to - from, there - (from + to) / 2];
  }
  return offset;
}
