/** A walk knows nothing of what comes after a date. */
import { describe, expect, it } from "vitest";
import "../../../src/index.js";
import type { WalkForwardResult } from "../../../src/analysis/walk_forward.js";
import { objectives } from "../../../src/studies/portfolio/objectives.js";
import { riskModels } from "../../../src/studies/portfolio/risk_models.js";
import { walkForward } from "../../../src/studies/portfolio/walk_forward.js";
import { changed, madePrices } from "./made_prices.js";

const names = objectives.map(({ name }) => name);
const bits = (values: Float64Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("hex");
const given = { window: 60, costs: 0.002, periodsPerYear: 252, splits: "keep", factors: 3 } as const;

/** What was decided up to a date, and the values up to it. */
const until = ({ portfolios, first }: WalkForwardResult, date: number) =>
  portfolios.map(({ name, value, turns, troubles }) => ({
    name,
    value: bits(value.slice(0, date - first + 1)),
    turns: turns.filter(({ decided }) => decided <= date).map(({ assets, weights }) => `${[...assets]} ${bits(weights)}`),
    troubles: troubles.filter(({ decided }) => decided <= date),
  }));
/** Every price after the date is another. */
const shaken = (prices: ReturnType<typeof madePrices>, date: number) =>
  changed(prices, (p, d, a) => (d > date ? p * (1.5 + Math.sin(d * (a + 1))) : p));

/** One asset is listed late, one leaves, one has holes. */
const prices = changed(madePrices(400, 8), (p, d, a) =>
  (a === 1 && d < 90) || (a === 2 && d > 330) || (a === 3 && d % 37 === 5) ? Number.NaN : p,
);

describe("prices changed after a date change nothing before it, to the bit", () => {
  it.each(riskModels.map(({ name }) => name))("%s", async (riskModel) => {
    const options = { ...given, objective: names, riskModel };
    const one = await walkForward(prices, options);
    // The very last date that a decision knows, and others.
    const decided = one.portfolios[0]!.turns.map((turn) => turn.decided).filter((_, i) => i % 4 === 1);
    expect(decided.length).toBeGreaterThan(2);
    for (const date of [...decided, 201, 340]) {
      const two = await walkForward(shaken(prices, date), options);
      expect(until(one, date)).toEqual(until(two, date));
      expect(until(one, 399)).not.toEqual(until(two, 399));
    }
  });

  it("nor do prices that end, or begin, after it", async () => {
    const options = { ...given, objective: names };
    const one = await walkForward(prices, options);
    const ended = changed(prices, (p, d, a) => (d > 263 && a > 4 ? Number.NaN : p));
    const begun = changed(prices, (p, d, a) => (d > 263 && a === 2 ? 10 + (d % 7) : p));
    for (const other of [ended, begun]) expect(until(await walkForward(other, options), 263)).toEqual(until(one, 263));
  });

  it("and one that is known a date too early would be seen", async () => {
    const options = { ...given, objective: ["inverse_volatility"], rebalance: 1 } as const;
    const [one, two] = [await walkForward(prices, options), await walkForward(shaken(prices, 263), options)];
    expect(until(one, 264)[0]!.turns).not.toEqual(until(two, 264)[0]!.turns);
    expect(until(one, 264)[0]!.turns.slice(0, -1)).toEqual(until(two, 264)[0]!.turns.slice(0, -1));
  });
});

describe("a split that later prices settle", () => {
  const split = changed(madePrices(400, 8), (p, d, a) => (a === 0 && d >= 255 ? p / 2 : p));
  const options = { ...given, splits: "auto", objective: names, rebalance: 1 } as const;
  const weights = (of: WalkForwardResult, date: number) => until(of, date).map(({ turns }) => turns);

  it("weights rest on prices up to their date all the same", async () => {
    const one = await walkForward(split, options);
    expect(one.universe.splits.map(({ asset, as }) => `${asset} ${as}`)).toEqual(["A0 2 for 1"]);
    for (const date of [255, 256, 259, 262, 276])
      expect(weights(one, date)).toEqual(weights(await walkForward(shaken(split, date), options), date));
  });

  it("is left out of estimates from its first date on, and of the returns", async () => {
    const plain = madePrices(400, 8);
    const jumpless = changed(plain, (p, d, a) => (a === 0 && d >= 255 ? (p / plain.price[255 * 8]!) * plain.price[254 * 8]! : p));
    const [one, two] = [await walkForward(split, options), await walkForward(jumpless, options)];
    for (const [i, { value, turns }] of one.portfolios.entries()) {
      const other = two.portfolios[i]!;
      expect(Math.max(...value.map((v, t) => Math.abs(v / other.value[t]! - 1)))).toBeLessThan(1e-12);
      for (const [k, turn] of turns.entries())
        expect(Math.max(...turn.weights.map((w, a) => Math.abs(w - other.turns[k]!.weights[a]!)))).toBeLessThan(1e-12);
    }
    const kept = await walkForward(split, { ...options, splits: "keep" });
    expect(kept.portfolios[0]!.measures.maxDrawdown).toBeGreaterThan(one.portfolios[0]!.measures.maxDrawdown + 0.02);
  });
});
