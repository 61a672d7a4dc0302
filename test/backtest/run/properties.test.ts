/** Of random markets and strategies: what must hold of every run, and that nothing but the past decides what happens. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BacktestResult } from "../../../src/analysis/backtest.js";
import { install } from "../../../src/backends/index.js";
import { backtest } from "../../../src/backtest/run/backtest.js";
import type { BacktestOptions } from "../../../src/backtest/run/options.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { type Cut, kindsOfMarket, lastMid, type RandomMarket, randomMarket, write } from "./kit/random_market.js";
import { restless, type Told } from "./kit/restless.js";

install();

/** TICKFORGE_DEEP=1: all 10,000, and TICKFORGE_SEEDS=2001-4000 for a part of them. */
const deep = process.env.TICKFORGE_DEEP !== undefined;
const [first, last] = (process.env.TICKFORGE_SEEDS ?? (deep ? "1-10000" : "1-200")).split("-").map(Number) as [number, number];
const seeds = Array.from({ length: last - first + 1 }, (_, i) => first + i);

let folder: string;
let files = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "properties-"));
});
afterEach(() => rmSync(folder, { recursive: true }));
const path = () => join(folder, `${files++}.tfr`);
const clear = () => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
};

interface Case {
  readonly market: RandomMarket;
  readonly options: BacktestOptions;
  readonly terms: { readonly [of in "entry" | "answer" | "feed"]: bigint };
}
function caseOf(seed: number): Case {
  const random = seeded(seed + 50_000);
  // Orders by id have large tables, and take three times as long.
  const kind = seed % 6 === 2 ? "orders" : kindsOfMarket[seed % 2]!;
  const market = randomMarket(seed, kind, 200 + Math.floor(200 * random()));
  const delay = () => [0, 1, 3_000_000, 20_000_000][Math.floor(4 * random())]!;
  const latency = { entry: delay(), answer: delay(), feed: delay() };
  const queue = kind === "orders" && random() < 0.7 ? "exact" : random() < 0.5 ? "power" : "risk_averse";
  const options = {
    ...{ queue, latency, fees: { maker: -0.0001, taker: 0.0004 }, capital: 1e6, barSeconds: 0.1 },
    ...(queue === "power" && { power: 1 + Math.floor(4 * random()) }),
    // Deduced grids make a run begin anew.
    ...(random() < 0.8 && { instruments: { ABC: { tick: market.tick, lot: market.lot } } }),
    ...(random() < 0.2 && { costs: { orderRate: [{ most: 5, seconds: 0.2 }] } }),
  } as BacktestOptions;
  return { market, options, terms: { feed: BigInt(latency.feed), answer: BigInt(latency.answer), entry: BigInt(latency.entry) } };
}

async function runOf(seed: number, { market, options, terms }: Case, how: Cut & { quiet?: boolean } = {}) {
  const { strategy, told } = restless(seed, { ...terms, ...(how.quiet && { quiet: true }) });
  const result = await backtest(strategy, write(market, path, how), options);
  clear();
  return { result, told };
}

/** The accounts of a run, from its fills and the recorded rows alone. */
function balanced({ market, terms }: Case, result: BacktestResult, told: Told, where: string): void {
  const { fills, money } = result;
  let [position, cash, fees, spread] = [0, 0, 0, 0];
  for (let i = 0; i < fills.time.length; i++) {
    const [side, price, size] = [fills.side[i]!, fills.price[i]!, fills.size[i]!];
    position += Math.round((side * size) / market.lot);
    cash -= side * price * size;
    fees += price * size * (fills.maker[i] === 1 ? -0.0001 : 0.0004);
    if (!Number.isNaN(fills.midFilled[i]!)) spread += side * (fills.midFilled[i]! - price) * size;
    const inTime = fills.decided[i]! + terms.entry <= fills.arrived[i]! && fills.arrived[i]! <= fills.time[i]!;
    expect(inTime && fills.time[i]! + terms.answer <= fills.told[i]!, `${where}: fill ${i} in its time`).toBe(true);
  }
  const mid = lastMid(market);
  const worth = position === 0 ? 0 : position * market.lot * mid;
  const scale = 1 + Math.abs(cash) + Math.abs(worth);
  expect(told.wrong, where).toEqual([]);
  expect(Math.abs(money.profit - (cash - fees + worth)) / scale, `${where}: profit ${money.profit}`).toBeLessThan(1e-9);
  expect(Math.abs(money.fees + fees) / scale, where).toBeLessThan(1e-9);
  expect(Math.abs(money.spread - spread) / scale, where).toBeLessThan(1e-9);
  const sum = money.spread + money.inventory + money.impact + money.fees + money.funding + money.borrow;
  expect(Math.abs(sum - money.profit) / scale, where).toBeLessThan(1e-9);
  expect(result.course.position.at(-1)! / market.lot, where).toBeCloseTo(position, 6);
  expect(result.returns.reduce((all, one) => all + one, 0) * 1e6, where).toBeCloseTo(money.profit, 3);
  // What was told is what happened, but for answers on their way at the end.
  const counted = told.fills.length;
  expect(counted <= fills.time.length, where).toBe(true);
  expect(told.fills.map(({ happened, size }) => [happened, size])).toEqual(
    Array.from({ length: counted }, (_, i) => [fills.time[i], fills.size[i]]),
  );
}

describe(`random books and strategies, seeds ${first} to ${last}`, { timeout: 3_600_000 }, () => {
  it("fills give position and cash, money balances, nothing is filled or told early", async () => {
    const seen = { fills: 0, makers: 0, sent: 0 };
    for (const seed of seeds) {
      const one = caseOf(seed);
      const { result, told } = await runOf(seed, one);
      balanced(one, result, told, `seed ${seed}`);
      expect(result.orders.submitted, `seed ${seed}`).toBe(told.sent);
      seen.fills += result.fills.time.length;
      seen.makers += result.fills.maker.filter((made) => made === 1).length;
      seen.sent += told.sent;
    }
    expect(Math.min(seen.fills - seen.makers, seen.makers, seen.sent / 4), JSON.stringify(seen)).toBeGreaterThan(seeds.length);
  });

  it("the same bits whatever frames and files rows come in, and by the reference; who does not trade changes nothing", async () => {
    const before = process.env.TICKFORGE_BACKEND;
    for (const seed of seeds.filter((seed) => seed % (deep ? 5 : 9) === 2)) {
      const one = caseOf(seed);
      const whole = await runOf(seed, one);
      const same = async (what: string, run: ReturnType<typeof runOf>) => {
        const { result, told } = await run;
        expect(told.lines, `seed ${seed}, ${what}`).toEqual(whole.told.lines);
        expect(result.hash, `seed ${seed}, ${what}`).toBe(whole.result.hash);
        expect(result.course, `seed ${seed}, ${what}`).toEqual(whole.result.course);
      };
      await same("cut", runOf(seed, one, { frame: 1 + (seed % 37), files: 1 + (seed % 4) }));
      try {
        process.env.TICKFORGE_BACKEND = "reference";
        await same("reference", runOf(seed, one));
      } finally {
        if (before === undefined) delete process.env.TICKFORGE_BACKEND;
        else process.env.TICKFORGE_BACKEND = before;
      }
      const quiet = await runOf(seed, one, { quiet: true });
      expect([quiet.result.money.profit, quiet.result.fills.time.length, quiet.told.wrong], `seed ${seed}`).toEqual([0, 0, []]);
      expect(quiet.result.course.mid, `seed ${seed}: the market is the same`).toEqual(whole.result.course.mid);
    }
  });

  it("what comes later changes nothing of what was seen, told and done before", async () => {
    let lines = 0;
    for (const seed of seeds.filter((seed) => seed % (deep ? 5 : 9) === 1)) {
      const one = caseOf(seed);
      // A grid that is deduced is that of all rows.
      const options = { ...one.options, instruments: { ABC: { tick: one.market.tick, lot: one.market.lot } } };
      const whole = await runOf(seed, { ...one, options });
      const start = whole.result.start;
      const until = start + ((one.market.end - start) * BigInt(1 + (seed % 9))) / 10n;
      const part = await runOf(seed, { ...one, options }, { until });
      const earlier = (told: Told) =>
        told.lines.filter((line) => !line.includes(" end ") && BigInt(line.split(" ", 1)[0]!) < part.result.end);
      expect(earlier(part.told), `seed ${seed}`).toEqual(earlier(whole.told));
      lines += earlier(part.told).length;
    }
    expect(lines).toBeGreaterThan(seeds.length);
  });
});
