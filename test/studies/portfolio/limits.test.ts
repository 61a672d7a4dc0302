/** Limits of all weights together: short positions, turnover, costs in the objective; and what they rest on. */
import { describe, expect, it } from "vitest";
import "../../../src/index.js";
import { minimumVariance } from "../../../src/kernels/portfolio/mean_variance/minimum_variance.js";
import { estimateAt } from "../../../src/studies/portfolio/estimate.js";
import { marketOf } from "../../../src/studies/portfolio/market.js";
import { riskModelNamed } from "../../../src/studies/portfolio/risk_models.js";
import { walkForward } from "../../../src/studies/portfolio/walk_forward.js";
import { changed, madePrices } from "./made_prices.js";

const prices = madePrices(300, 8);
const options = { window: 60, rebalance: 20, periodsPerYear: 252, delay: 0, costs: 0.001 } as const;
const both = ["minimum_variance", "mean_variance"];
const shorts = (weights: Float64Array) => weights.reduce((sum, w) => sum - Math.min(0, w), 0);
const main = async (more: Parameters<typeof walkForward>[1], of = prices) => (await walkForward(of, { ...options, ...more })).portfolios;

describe("max-short", () => {
  it("is held, is used, and leaves less risk than weights above 0 do; the money adds up", async () => {
    const [short, spread] = await main({ objective: both, maxShort: 0.3 });
    const [long] = await main({ objective: both });
    for (const { turns } of [short!, spread!])
      for (const { weights } of turns) {
        expect(shorts(weights)).toBeLessThan(0.3 + 1e-9);
        expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
      }
    expect(Math.max(...spread!.turns.map(({ weights }) => shorts(weights)))).toBeCloseTo(0.3, 8);
    short!.turns.forEach(({ forecast }, i) => void expect(forecast).toBeLessThan(long!.turns[i]!.forecast + 1e-12));
    const { gains, costs, end, difference } = short!.ledger;
    expect(1 + gains - costs).toBeCloseTo(end, 12);
    expect(difference).toBeLessThan(1e-13);
  });

  it("earns what its weights do, those below 0 the other way round", async () => {
    const [, one] = await main({ objective: both, maxShort: 0.5, costs: 0 });
    for (const { traded, assets, weights } of one!.turns) {
      const earned = weights.reduce((sum, w, i) => {
        const a = assets[i]!;
        return sum + w * (prices.price[(traded + 1) * 8 + a]! / prices.price[traded * 8 + a]! - 1);
      }, 0);
      expect(one!.returns[traded - 60]).toBeCloseTo(earned, 12);
    }
  });

  it("that loses everything ends the run, by date and asset", async () => {
    const [short] = await main({ objective: "mean_variance", maxShort: 0.5 });
    const { traded, assets, weights } = short!.turns[3]!;
    const sold = assets[weights.indexOf(Math.min(...weights))]!;
    const squeezed = changed(prices, (p, d, a) => (a === sold && d > traded + 3 ? 50 * p : p));
    await expect(main({ objective: "mean_variance", maxShort: 0.5, splits: "keep" }, squeezed)).rejects.toMatchObject({
      ...{
        code: "E_RUINED",
        message: expect.stringMatching(new RegExp(`^mean_variance is worth nothing on 2015-.*by A${sold} \\(price times 5`)),
      },
    });
  });
});

describe("max-turnover", () => {
  it("is held at each rebalance but the first, and binds", async () => {
    for (const { turns, troubles } of (await main({ objective: both, maxTurnover: 0.03 })).slice(0, 2)) {
      expect(troubles).toEqual([]);
      expect(turns[0]!.turnover).toBeCloseTo(0.5, 2);
      const later = turns.slice(1).map(({ turnover }) => turnover);
      expect(Math.max(...later)).toBeLessThan(0.0301); // costs come on top
      expect(Math.max(...later)).toBeGreaterThan(0.0299);
    }
  });

  it("invests cash of an asset that has left all the same", async () => {
    const gone = changed(prices, (p, d, a) => (a === 0 && d > 130 ? Number.NaN : p));
    const [one] = await main({ objective: "minimum_variance", maxTurnover: 0.01 }, gone);
    expect(one!.troubles).toEqual([]);
    expect(one!.paidOut.length).toBe(1);
    expect(one!.ledger.cash).toBeCloseTo(0, 12);
  });
});

describe("a turnover too small for the bounds", () => {
  it("is passed by as little as a doubling or more allow, and told; what was held does not drift on", async () => {
    // One asset triples: with at most 20 % of each, a tenth has to be sold.
    const tripled = changed(prices, (p, d, a) => (a === 0 && d >= 125 ? 3 * p : p));
    const [one] = await main({ objective: "minimum_variance", maxTurnover: 0.02, maxWeight: 0.2, splits: "keep" }, tripled);
    expect(one!.troubles.length).toBeGreaterThan(0);
    expect(one!.troubles[0]).toMatchObject({ held: "its weights all the same" });
    expect(one!.troubles[0]!.what).toMatch(/^a turnover of 2% does not bring it back between its bounds: up to (4|8|16|32)% was allowed$/);
    for (const { weights } of one!.turns) expect(Math.max(...weights)).toBeLessThan(0.2 + 1e-8);
  });
});

describe("cost-aware", () => {
  it("trades nothing where that costs more than it gains, less the dearer it is", async () => {
    const turnover = async (costs: number) =>
      (await main({ objective: "mean_variance", costs, costAware: true }))[0]!.measures.annualTurnover;
    const [dear, middle, cheap] = [await turnover(0.1), await turnover(0.01), await turnover(0.0001)];
    expect(dear).toBeLessThan(1e-8);
    expect(middle).toBeGreaterThan(1e-3);
    expect(cheap).toBeGreaterThan(2 * middle);
  });
});

describe("what the limits rest on is known at the decision", () => {
  it.each([{ maxShort: 0.3 }, { maxTurnover: 0.05 }, { costAware: true }])("%o", async (limit) => {
    const given = { ...limit, objective: "mean_variance", delay: 2, splits: "keep" } as const;
    const bits = (of: Awaited<ReturnType<typeof main>>, date: number) =>
      of[0]!.turns.filter(({ decided }) => decided <= date).map(({ weights }) => Buffer.from(weights.slice().buffer).toString("hex"));
    const one = await main(given);
    const date = one[0]!.turns[5]!.decided;
    const shaken = changed(prices, (p, d, a) => (d > date ? p * (1.2 + 0.1 * Math.sin(d * (a + 1))) : p));
    const two = await main(given, shaken);
    expect(bits(two, date).length).toBe(6);
    expect(bits(two, date)).toEqual(bits(one, date));
    expect(bits(two, 299)).not.toEqual(bits(one, 299));
  });
});

describe("a walk that starts each solver where the last ended", () => {
  it("finds what the solver finds alone", async () => {
    const [one] = await main({ objective: "minimum_variance" });
    const market = marketOf(prices, true);
    for (const { decided, weights } of one!.turns) {
      const { ports } = riskModelNamed("ledoit_wolf", 8).of(estimateAt(market, decided, 60), { factors: 3 });
      const alone = minimumVariance(ports, { assets: 8 }).weights;
      expect(Math.max(...weights.map((w, i) => Math.abs(w - alone[i]!)))).toBeLessThan(1e-6);
    }
  });
});
