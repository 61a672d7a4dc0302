/** What a user sees on bad days: killed engines and systems, tabs that nobody looks at, clocks that are set, pages that do not read. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Status, Told } from "../../src/page/series/wire.js";
import type { Page } from "../../src/page/server/start_page.js";
import { built, mainFile, requireBuilt, temporaryFolder } from "../support/cli.js";
import { between } from "./between.js";
import { asksOf, chart, hasChromium, launch, why } from "./chromium.js";
import { buckets, market, trades } from "./kit.js";

const deep = Boolean(process.env.TICKFORGE_DEEP);
/** Of the deep forms, of which one takes ten minutes. */
const patience = deep ? 900_000 : 120_000;
const options = { host: "127.0.0.1", port: 0, token: undefined, reserved: [] };
const status: Status = {
  ...{ state: "running", seconds: 5, engines: [], buses: [] },
  topics: ["trades", "toxicity"].map((name) => ({
    ...{ name, bus: "main", giver: "feed", takers: [], rows: 1, rowsPerSecond: 1, full: 0, backpressure: "evict", missed: 0 },
  })),
};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** As a tab behind others: not visible, and no picture is asked of it. */
const sight = `
  let away = false; const held = []; const ask = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (run) => away ? held.push(run) : ask(run);
  Object.defineProperty(document, "hidden", { get: () => away });
  window.away = (now) => { away = now; document.dispatchEvent(new Event("visibilitychange")); if (!now) held.splice(0).forEach((run) => ask(run)); };
`;

let startPage: typeof import("../../src/page/server/start_page.js").startPage;
const pages: Page[] = [];
beforeAll(async () => {
  requireBuilt();
  ({ startPage } = await built<typeof import("../../src/page/server/start_page.js")>("page/server/start_page.js"));
});
afterAll(async () => {
  for (const page of pages) await page.close(false);
});
async function live(port = 0) {
  const of = market();
  const page = await startPage({ of: { live: of.job }, options: { ...options, port } });
  pages.push(page);
  page.hear(status);
  return { page, ...of.publishers };
}

describe.skipIf(!hasChromium)(`on a bad day, in Chromium${why}`, () => {
  let browser: Browser;
  const folder = temporaryFolder();
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  it("asks for no lines while nobody sees it, and has all of them as soon as somebody does", { timeout: patience }, async () => {
    const { page, trades: to } = await live();
    to.publish(trades(0, 60));
    const tab = await browser.newPage();
    await tab.addInitScript(sight);
    let frames = 0;
    tab.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => (frames += Number(typeof payload !== "string"))));
    await tab.goto(page.url);
    await chart(tab, /^Price: ALPHA, .* last 159;/).waitFor();
    await tab.evaluate("away(true)");
    await pause(200);
    const before = frames;
    const rounds = deep ? 1200 : 8;
    for (let i = 0; i < rounds; i++) {
      to.publish(trades(60 + i, 1));
      await pause(deep ? 500 : 50);
    }
    expect(frames - before).toBe(0);
    await tab.evaluate("away(false)");
    await chart(tab, new RegExp(`^Price: ALPHA, .* last ${(159 + rounds).toLocaleString("en-US")};`)).waitFor();
    expect(await tab.getByText(/^Nothing new for/).count()).toBe(0);
    await tab.context().close();
  });

  it("goes on where the clock is set by a day, forth and back, and says so; and that it was too slow", async () => {
    const { page, trades: to } = await live();
    to.publish(trades(0, 60));
    const tab = await browser.newPage();
    await tab.goto(page.url);
    await chart(tab, /^Price: ALPHA, .* last 159;/).waitFor();
    to.publish(trades(86_400, 20));
    await chart(tab, /^Price: ALPHA, .* to 2026-01-13 00:00:19 UTC/).waitFor();
    to.publish(trades(60, 40));
    await chart(tab, /^Price: ALPHA, 2026-01-11 .* 2026-01-12 00:01:39 UTC: price lies between 100 and 199, last 199;/).waitFor();
    await tab.getByText(/^The time of rows went back by 23 h/).waitFor();
    const slow = tab.getByText(/^This page was too slow for rows of trades/);
    for (let i = 0; (await slow.count()) === 0; i++) {
      for (let k = 0; k < 2000; k++) to.publish(trades(100 + i, 1));
      await pause(100);
    }
    await tab.context().close();
  });

  it("keeps the rows that it shows where the last of its connection is long in closing", async () => {
    const { page, trades: to } = await live();
    to.publish(trades(0, 60));
    const through = await between(page.url, 1500);
    const tab = await browser.newPage();
    await tab.goto(`${through.url}#view=data`);
    const row = tab.getByRole("cell", { name: "159" }).first();
    await row.waitFor();
    expect(await asksOf(tab, "rows"), "twice a second, not with every picture").toBeLessThan(10);
    await page.close(true);
    await tab.getByText(/^The system has ended. This is what was seen of it/).waitFor();
    expect(await row.isVisible()).toBe(true);
    through.close();
    await tab.context().close();
  });

  it("has the rows of an alarm that were lost on their way with the next connection", async () => {
    const { page, trades: to, toxicity } = await live();
    to.publish(trades(0, 60));
    toxicity.publish(buckets(0, 6, [5]));
    const through = await between(page.url);
    const tab = await browser.newPage();
    await tab.goto(`${through.url}#view=alarms`);
    const alarm = tab.getByRole("button", { name: "2026-01-12 00:00:59.000" });
    await alarm.waitFor();
    through.deaf = true;
    await alarm.click();
    await tab.getByText("asking for its rows").waitFor();
    through.cut();
    await tab.getByText("The connection was lost.").waitFor();
    through.deaf = false;
    await tab.getByText("10 trades of that bucket").waitFor();
    through.close();
    await tab.context().close();
  });

  it("asks a server that was begun anew for the rows that are held: their numbers are of other rows there", async () => {
    const { page, trades: to } = await live();
    to.publish(trades(0, 60));
    const tab = await browser.newPage();
    await tab.goto(`${page.url}#view=data`);
    await tab.getByRole("cell", { name: "159" }).first().waitFor();
    await tab.getByRole("button", { name: "pause" }).click();
    await tab.getByText(/, held$/).waitFor();
    await page.close(false);
    const again = await live(Number(new URL(page.url).port));
    again.trades.publish(trades(500, 60));
    await tab.getByText(/^Connected again after .* Its server was begun anew/).waitFor();
    await tab.getByRole("cell", { name: "659" }).first().waitFor();
    await tab.getByText(/, held$/).waitFor();
    expect(await tab.getByRole("cell", { name: "159" }).count()).toBe(0);
    await tab.context().close();
  });

  it("shows an engine that was killed as begun again, a system that was killed as gone, and what it is when it is there again", async () => {
    const engines = {
      market_data: { options: { speed: 300, prices: "none", quotes: false } },
      toxicity: { options: { bucketVolume: 50 }, place: "process" },
    };
    const file = join(folder, "system.json");
    writeFileSync(file, JSON.stringify({ instruments: ["ALPHA"], engines }));
    const children: ChildProcess[] = [];
    const up = async (port: string) => {
      const child = spawn(process.execPath, [mainFile, "up", file, "--folder", join(folder, "state"), "--page", port]);
      children.push(child);
      let [said, url] = ["", undefined as string | undefined];
      for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (data) => (said += data));
      while (!(url = /http:\/\/127\.0\.0\.1:\d+\//.exec(said)?.[0])) {
        if (child.exitCode !== null) throw new Error(said);
        await pause(20);
      }
      return { child, url };
    };
    try {
      const { child, url } = await up("0");
      const tab = await browser.newPage();
      await tab.goto(`${url}#view=system`);
      const row = tab.getByRole("row", { name: /^toxicity running/ });
      await row.first().waitFor();
      process.kill(Number(await row.first().locator("td").nth(3).textContent()), "SIGKILL");
      await tab.getByText(/^running for .* 2 engines, 1 restarts?$/).waitFor();
      await tab.goto(`${url}#view=market`);
      const label = () => chart(tab, /^VPIN and its rank: ALPHA/).getAttribute("aria-label", { timeout: 20_000 });
      const before = await label();
      await expect.poll(label, { timeout: 20_000 }).not.toBe(before);

      // Its connection stands, and nothing comes over it.
      child.kill("SIGSTOP");
      await tab.getByText(/^The server has said nothing for \d+ s, though the connection stands/).waitFor();
      child.kill("SIGCONT");
      await tab.getByText(/^The server has said nothing/).waitFor({ state: "hidden" });

      child.kill("SIGKILL");
      await once(child, "exit");
      await tab.getByText(/^Disconnected for/).waitFor();
      await up(new URL(url).port);
      await tab.getByText(/^Connected again after .* Its server was begun anew/).waitFor();
      const again = await label();
      await expect.poll(label, { timeout: 20_000 }).not.toBe(again);
      await tab.context().close();
    } finally {
      for (const child of children) {
        child.kill("SIGINT");
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      }
    }
  });
});

describe("a page that does not read", () => {
  it("keeps none of nineteen others from the newest, and gets it when it reads again", { timeout: patience }, async () => {
    const { page, trades: to } = await live();
    to.publish(trades(0, 60));
    const clients = Array.from({ length: 20 }, () => {
      const socket = new WebSocket(`${page.url.replace("http", "ws")}ws`);
      const seen = { socket, frames: 0, last: 0, skipped: 0 };
      socket.on("open", () => socket.send('{"kind":"view","view":{"number":1,"length":0,"columns":8000,"series":[0]}}'));
      socket.on("message", (data: Buffer, binary) => {
        if (!binary) {
          const told = JSON.parse(String(data)) as Told;
          if (told.kind === "status") seen.skipped = told.skipped;
          return;
        }
        seen.frames++;
        // The columns follow the header of 64 bytes; the last is that of the highest values.
        const rows = data.readUInt32LE(16);
        const high = 64 + 64 * Math.ceil((4 * rows) / 64) + 2 * 64 * Math.ceil((8 * rows) / 64);
        seen.last = data.readDoubleLE(high + 8 * (rows - 1));
      });
      return seen;
    });
    const [stalled, ...others] = clients as [(typeof clients)[0], ...typeof clients];
    await expect.poll(() => clients.every(({ last }) => last === 159), { timeout: 20_000 }).toBe(true);
    stalled.socket.pause();
    const rounds = deep ? 4000 : 20;
    for (let i = 0; i < rounds; i++) {
      to.publish(trades(60 + i, 1));
      await pause(25);
    }
    const newest = 159 + rounds;
    await expect.poll(() => others.every(({ last }) => last === newest), { timeout: 20_000 }).toBe(true);
    expect(stalled.last).toBe(159);
    stalled.socket.resume();
    await expect.poll(() => stalled.last, { timeout: 20_000 }).toBe(newest);
    expect(others.map(({ skipped }) => skipped)).toEqual(others.map(() => 0));
    for (const { socket } of clients) socket.terminate();
  });
});
