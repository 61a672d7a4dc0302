/** Rebalancing: money is accounted for, cash is never negative, trades are lots and not below their minimum, and no single lot would help. */
import { describe, expect, it } from "vitest";
import { rebalance } from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";

const f = (...values: number[]) => Float64Array.from(values);
const runs = Number(process.env.TICKFORGE_PROPERTY_RUNS ?? 400);

/** Prices in quarters and whole lots, so that sums of money are exact. */
function account(seed: number) {
  const random = seeded(seed);
  const assets = 1 + Math.floor(random() * 8);
  const pick = (of: () => number) => Float64Array.from({ length: assets }, of);
  const raw = pick(() => (random() < 0.2 ? 0 : random()));
  const sum = raw.reduce((a, b) => a + b) || 1;
  const invested = random() < 0.5 ? 1 : random();
  return {
    assets,
    reserve: random() < 0.3 ? 100 : 0,
    inputs: {
      held: pick(() => Math.floor(random() * 40) * (random() < 0.1 ? -1 : 1)),
      target: raw.map((x) => (x / sum) * invested),
      cash: f(Math.floor(random() * 4000) / 4),
      price: pick(() => Math.ceil(random() * 400) / 4),
      lot: pick(() => [1, 1, 5, 10][Math.floor(random() * 4)]!),
      minimumTrade: pick(() => (random() < 0.3 ? 200 : 0)),
    },
  };
}

describe.each(["native", "reference"])("on %s", (backend) => {
  it("every unit of money is accounted for, exactly where prices and lots are; limits hold", () => {
    for (let seed = 1; seed <= runs; seed++) {
      const { assets, reserve, inputs } = account(seed);
      const found = rebalance(inputs, { assets, reserve }, { backend });
      const what = `seed ${seed}`;
      let money = found.cash[0]!;
      for (const [i, units] of found.trade.entries()) {
        money += units * inputs.price[i]!;
        expect(Math.abs(units % inputs.lot[i]!), what).toBe(0);
        expect(units === 0 || Math.abs(units) * inputs.price[i]! >= inputs.minimumTrade[i]!, what).toBe(true);
        expect(found.position[i], what).toBe(inputs.held[i]! + units);
        if (inputs.held[i]! >= 0 && units < 0) expect(found.position[i], what).toBeGreaterThanOrEqual(0);
      }
      expect(money, what).toBe(inputs.cash[0]);
      expect(found.cost[0], what).toBe(0);
      expect(found.cash[0], what).toBeGreaterThanOrEqual(found.bought[0] === 0 || Number.isNaN(found.bought[0]) ? 0 : reserve);
    }
  });

  it("with costs cash stays above 0 to the last bit, and what was paid is what is gone", () => {
    for (let seed = 1; seed <= runs; seed++) {
      const { assets, inputs } = account(seed);
      const costRate = inputs.price.map((_, i) => 0.0005 * (1 + i));
      const lot = inputs.lot.map((units, i) => (i % 2 ? 0 : units));
      const found = rebalance({ ...inputs, lot, costRate }, { assets }, { backend });
      const cost = found.trade.reduce((sum, units, i) => sum + Math.abs(units) * inputs.price[i]! * costRate[i]!, 0);
      const money = found.trade.reduce((sum, units, i) => sum + units * inputs.price[i]!, 0);
      expect(found.cash[0], `seed ${seed}`).toBeGreaterThanOrEqual(0);
      expect(found.cost[0]).toBeCloseTo(cost, 9);
      expect(found.cash[0]! + money + found.cost[0]!).toBeCloseTo(inputs.cash[0]!, 8);
    }
  });

  it("one lot more of a purchase is no nearer to the target", () => {
    for (let seed = 1; seed <= runs; seed++) {
      const { assets, inputs } = account(seed);
      const { minimumTrade: _, ...free } = inputs;
      const found = rebalance(free, { assets }, { backend });
      if (found.bought[0] !== 1) continue;
      const { held, target, price, lot, cash } = free;
      const worth = held.reduce((sum, units, i) => sum + units * price[i]!, cash[0]!);
      const targetCash = worth * (1 - target.reduce((a, b) => a + b));
      const off = (change: number, at: number) =>
        found.trade.reduce(
          (sum, units, i) => sum + Math.abs((held[i]! + units + (i === at ? change : 0)) * price[i]! - target[i]! * worth),
          0,
        ) + Math.abs(found.cash[0]! - change * (at < 0 ? 0 : price[at]!) - targetCash);
      for (let i = 0; i < assets; i++)
        if (found.trade[i]! > 0 && found.cash[0]! - lot[i]! * price[i]! >= 0)
          expect(off(lot[i]!, i), `seed ${seed}`).toBeGreaterThanOrEqual(off(0, -1) - 1e-6);
    }
  });

  it("fractions and no limits: the target to rounding, costs found together with what they leave", () => {
    const inputs = {
      held: f(10, 0, 5),
      target: f(0.2, 0.5, 0.3),
      cash: f(123.45),
      price: f(7, 11, 13),
      lot: f(0, 0, 0),
      costRate: f(0.01, 0.002, 0),
    };
    const found = rebalance(inputs, { assets: 3 }, { backend });
    for (const [i, weight] of found.weights.entries()) expect(weight).toBeCloseTo(inputs.target[i]!, 9);
    expect(found.cash[0]).toBeGreaterThanOrEqual(0);
    expect(found.cash[0]).toBeLessThan(1e-9);
    expect(found.worth[0]! + found.cost[0]!).toBeCloseTo(123.45 + 70 + 65, 10);
  });

  it("an account that is worth nothing, or less, does not trade", () => {
    const found = rebalance({ held: f(-10, 0), target: f(0.5, 0.5), cash: f(5), price: f(1, 1) }, { assets: 2 }, { backend });
    expect([...found.trade, found.bought[0], found.cash[0]]).toEqual([0, 0, Number.NaN, 5]);
    expect([...rebalance({ held: f(0), target: f(1), cash: f(0), price: f(1) }, { assets: 1 }, { backend }).weights]).toEqual([Number.NaN]);
  });

  it.each([
    ["a price of 0", { price: f(1, 0) }, /'price' row 1 is 0, expected a number > 0/],
    ["a target that is NaN", { target: f(Number.NaN, 0) }, /'target' row 0, column 0 is NaN/],
    ["debt", { cash: f(-1) }, /'cash' row 0 is -1, expected a number >= 0/],
  ])("refuses %s", (_, wrong, message) => {
    const inputs = { held: f(1, 1), target: f(0.5, 0.5), cash: f(1), price: f(1, 1), ...wrong };
    expect(() => rebalance(inputs, { assets: 2 }, { backend })).toThrow(message);
  });
});
