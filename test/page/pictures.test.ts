/**
 * The main views as pictures, held against those of `pictures/`: charts closely, whole views loosely, for fonts are other ones elsewhere.
 * After a change that is meant: TICKFORGE_PICTURES=renew npx vitest run --project all test/page/pictures.test.ts, and look at each.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pixelmatch from "pixelmatch";
import type { Browser, Page as Tab } from "playwright-core";
import { PNG } from "pngjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EngineLine, Status, TopicLine } from "../../src/page/series/wire.js";
import type { Page } from "../../src/page/server/start_page.js";
import { built, requireBuilt, temporaryFolder } from "../support/cli.js";
import { hasChromium, launch, why } from "./chromium.js";
import { instruments, market, portfolioTopics, record, recorded, second, solves, topics, trades } from "./kit.js";

const kept = join(import.meta.dirname, "pictures");
const renew = process.env.TICKFORGE_PICTURES === "renew";
/** Shares of the pixels that may differ: of a chart without its words, and of a view with all of them. */
const MOST = { chart: 0.004, view: 0.04 };
/** Slow waves, a step, and a spike of one second. */
const price = (i: number) => 100 + 10 * Math.sin(i / 300) + 3 * Math.sin(i / 17) + (i > 2500 ? 8 : 0) + (i === 1234 ? 25 : 0);

const views = [
  ["market_light", "light", "view=market"],
  ["market_dark", "dark", "view=market"],
  ["minute_light", "light", "view=market&from=1768177230000&to=1768177290000"],
  ["risk_light", "light", "view=risk"],
  ["alarms_dark", "dark", "view=alarms"],
  ["portfolio_dark", "dark", "view=portfolio&from=1768176000000&to=1768176039000"],
  ["data_light", "light", "view=data&topic=toxicity"],
  ["system_light", "light", "view=system"],
] as const;

describe.skipIf(!hasChromium)(`pictures in Chromium${why}`, () => {
  const folder = temporaryFolder();
  let browser: Browser;
  let page: Page;
  let running: Page;
  beforeAll(async () => {
    requireBuilt();
    const { startPage } = await built<typeof import("../../src/page/server/start_page.js")>("page/server/start_page.js");
    const { trades: path } = recorded(join(folder, "seen"), 4000, [20, 21, 150, 300], price);
    const risk = record(join(folder, "seen", "risk.tfr"), topics.risk, losses(4000), instruments);
    const weights = record(join(folder, "seen", "weights.tfr"), portfolioTopics.weights, solves(0, 40), instruments);
    const recordings = [path, path.replace("trades", "toxicity"), risk, weights];
    const options = { host: "127.0.0.1", port: 0, token: undefined, reserved: [] };
    page = await startPage({ of: { recordings }, options });
    const { job, publishers } = market();
    running = await startPage({ of: { live: job }, options });
    publishers.trades.publish(trades(0, 60));
    running.hear(status);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await page?.close(false);
    await running?.close(false);
  });

  async function take(scheme: "light" | "dark", address: string): Promise<{ view: PNG; charts: Box[] }> {
    const tab = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: scheme, reducedMotion: "reduce" });
    await tab.goto(`${address.includes("system") ? running.url : page.url}#${address}`);
    const rows = tab.getByRole("row", { name: address.includes("system") ? /^toxicity failed/ : /2026-01-12/ });
    const there = hasCharts(address) ? tab.getByRole("img", { name: /lies between/ }) : rows;
    await there.first().waitFor();
    await still(tab);
    const charts = await Promise.all(
      (await tab.locator(".u-over").all()).map(async (one) => {
        const { x, y, width, height } = (await one.boundingBox())!;
        return { left: Math.ceil(x), top: Math.ceil(y), width: Math.floor(width) - 1, height: Math.floor(height) - 1 };
      }),
    );
    const view = PNG.sync.read(await tab.screenshot({ animations: "disabled" }));
    await tab.close();
    return { view, charts: charts.filter(({ top, height }) => top + height < 800) };
  }

  it.each(views)("%s looks as it did", async (name, scheme, address) => {
    const { view, charts } = await take(scheme, address);
    const file = join(kept, `${name}.png`);
    if (renew) {
      mkdirSync(kept, { recursive: true });
      writeFileSync(file, PNG.sync.write(view, { colorType: 2, filterType: 0, deflateLevel: 9, deflateStrategy: 0 }));
    }
    const before = PNG.sync.read(readFileSync(file));
    const seen = join(folder, `${name}.png`);
    writeFileSync(seen, PNG.sync.write(view));
    const differing = (box: Box) => {
      const count = pixelmatch(cut(before, box), cut(view, box), undefined, box.width, box.height, { threshold: 0.1 });
      return count / (box.width * box.height);
    };
    expect(differing({ left: 0, top: 0, width: 1280, height: 800 }), name).toBeLessThan(MOST.view);
    for (const [i, box] of charts.entries()) expect(differing(box), `${name}, chart ${i}`).toBeLessThan(MOST.chart);
    expect(charts.length > 0).toBe(hasCharts(address));
  });
});

const hasCharts = (address: string): boolean => /view=(market|risk|portfolio)/.test(address);

/** Two buses, three engines, of which one failed: what stays while it is looked at. */
const engine = (name: string, runner: string, takes: number, gives: number, more: Partial<EngineLine> = {}): EngineLine => ({
  ...{ name, engine: name, state: "running", place: "thread", runner, pid: 4711, takenPerSecond: takes, givenPerSecond: gives, lag: 0 },
  ...{ p99Us: 64, latencies: [0, 0, 9, 1], work: { calls: 800, timed: 100, timedMs: 20 }, restarts: 0, memoryBytes: 2 ** 25 },
  ...{ refused: 0, lost: 0, stale: [], ...more },
});
const wire = (name: string, bus: string, giver: string, takers: string[], rowsPerSecond: number): TopicLine => ({
  ...{ name, bus, giver, takers, rows: 120_000, rowsPerSecond, full: 0, backpressure: "block", missed: 0 },
});
const status: Status = {
  ...{ state: "running", seconds: 125, score: 67 },
  engines: [
    engine("market_data", "market_data", 0, 9000),
    engine("toxicity", "toxicity", 9000, 40, {
      state: "failed",
      place: "process",
      restarts: 2,
      lag: 4,
      why: "its process ended with code 1",
    }),
    engine("gateway", "gateway", 40, 0),
  ],
  topics: [wire("trades", "market", "market_data", ["toxicity"], 9000), wire("toxicity", "compute", "toxicity", ["gateway"], 40)],
  buses: ["market", "compute"].map((name) => ({ name, topics: 1, latencies: [0, 0, 9, 1] })),
};

/** A row a second and instrument: losses that reach the value at risk now and then, which an alarm says. */
function losses(seconds: number) {
  const rows = 2 * seconds;
  const real = (of: (second: number, instrument: number) => number) => Float64Array.from({ length: rows }, (_, i) => of(i >> 1, i % 2));
  const limit = (i: number, which: number) => 0.02 + 0.005 * Math.sin(i / 400 + which) + (i > 2500 ? 0.01 : 0);
  return {
    ...{
      time: BigInt64Array.from({ length: rows }, (_, i) => second(i >> 1)),
      instrument: Uint32Array.from({ length: rows }, (_, i) => i % 2),
    },
    ...{
      price: real((i) => price(i)),
      loss: real((i) => 0.03 * Math.sin(i / 9) * Math.sin(i / 500)),
      var: real(limit),
      es: real((i, which) => 1.3 * limit(i, which)),
    },
    ...{ volatility: real((i, which) => limit(i, which) / 2), alarm: new Uint8Array(rows).map((_, i) => Number(i >= 3000 && i < 3200)) },
  };
}

interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}
function cut(from: PNG, { left, top, width, height }: Box): Uint8Array {
  const to = new PNG({ width, height });
  PNG.bitblt(from, to, left, top, width, height, 0, 0);
  return to.data;
}
/** Two pictures one after the other are the same. */
async function still(tab: Tab): Promise<void> {
  for (let before: Buffer | undefined, i = 0; i < 40; i++) {
    const now = await tab.screenshot({ animations: "disabled" });
    if (before?.equals(now)) return;
    before = now;
    await tab.waitForTimeout(250);
  }
  throw new Error("the page does not come to rest");
}
