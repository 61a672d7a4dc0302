/** Random books and strategies under all terms at once: each run holds itself to its invariants, adds up, and is the same to the bit. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { install } from "../../../src/backends/index.js";
import { selfTrades } from "../../../src/backtest/costs/self_trade.js";
import { backtest } from "../../../src/backtest/run/backtest.js";
import type { BacktestOptions } from "../../../src/backtest/run/options.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { kindsOfMarket, randomMarket, write } from "./kit/random_market.js";
import { restless } from "./kit/restless.js";

install();
const folder = mkdtempSync(join(tmpdir(), "all-terms-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const path = () => join(folder, `${files++}.tfr`);

const runs = process.env.TICKFORGE_DEEP === undefined ? 24 : 2000;

function termsOf(seed: number, exact: boolean, tick: number, lot: number, end: bigint): BacktestOptions {
  const random = seeded(seed + 90_000);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(of.length * random())]!;
  const measured = { edges: [0, 1e6, 2e7], counts: [3, 1] };
  return {
    ...{
      capital: 1e6,
      barSeconds: 0.1,
      fees: { maker: -0.0001, taker: 0.0004 },
      queue: exact ? "exact" : pick(["risk_averse", "power"] as const),
    },
    latency: { seed, entry: pick([0, measured]), answer: pick([1_000_000, measured]), feed: pick([0, 3_000_000, measured]) },
    costs: {
      selfTrade: selfTrades[seed % selfTrades.length]!,
      funding: { time: BigInt64Array.of(end / 3n, end / 2n, end), rate: Float64Array.of(0.01, -0.02, 0.03) },
      borrow: { short: 0.5, long: 0.1 },
      impact: { dailyVolatility: 0.5, dailyVolume: 1000, coefficient: 5 },
    },
    instruments: { ABC: { tick, lot } },
    ...(random() < 0.5 && { margin: { priceRange: 0.3, everySeconds: 0.05 }, capital: pick([50, 1000, 1e5]) }),
    ...(random() < 0.3 && { from: end / 4n }),
  };
}

describe("all terms at once", () => {
  it.each(Array.from({ length: runs }, (_, i) => i + 1))("book and strategy %i", async (seed) => {
    const kind = seed % 6 === 2 ? "orders" : kindsOfMarket[seed % 2]!;
    const market = randomMarket(seed, kind, 300);
    const written = write(market, path);
    const run = async () => {
      const { strategy, told } = restless(seed, { feed: 0n, answer: 0n });
      return { result: await backtest(strategy, written, termsOf(seed, kind === "orders", market.tick, market.lot, market.end)), told };
    };
    const { result } = await run();
    const { spread, inventory, impact, fees, funding, borrow, profit } = result.money;
    expect(spread + inventory + impact + fees + funding + borrow).toBe(profit);
    expect(Math.abs(result.course.equity.at(-1)! - profit)).toBeLessThanOrEqual(
      1e-9 * Math.max(1, result.measures.turnover * result.capital),
    );
    expect(impact).toBeLessThanOrEqual(0);
    expect(borrow).toBeLessThanOrEqual(0);
    expect((await run()).result).toEqual(result);
  });
});
