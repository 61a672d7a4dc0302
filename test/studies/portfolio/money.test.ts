/** The money of a walk is all accounted for, whatever becomes of the assets. */
import { describe, expect, it } from "vitest";
import "../../../src/index.js";
import { Account } from "../../../src/studies/portfolio/account.js";
import { objectives } from "../../../src/studies/portfolio/objectives.js";
import { walkForward } from "../../../src/studies/portfolio/walk_forward.js";
import { changed, madePrices } from "./made_prices.js";

const names = objectives.map(({ name }) => name);
const given = { window: 60, costs: 0.002, periodsPerYear: 252, splits: "keep" } as const;

describe("the money", () => {
  it("is what shares at their prices come to, with costs taken by hand", async () => {
    const prices = madePrices(140, 4);
    const { portfolios, first } = await walkForward(prices, { ...given, objective: ["inverse_volatility"], rebalance: 15 });
    const priceOf = (date: number, a: number) => prices.price[date * 4 + a]!;
    for (const { turns, value } of portfolios) {
      let [cash, shares] = [1, new Float64Array(4)];
      for (let date = first; date < 140; date++) {
        const before = cash + shares.reduce((sum, n, a) => sum + n * priceOf(date, a), 0);
        const turn = turns.find(({ traded }) => traded === date);
        if (turn) {
          // By bisection: the value after costs that the costs of reaching it leave.
          const costOf = (after: number) =>
            0.002 * turn.weights.reduce((sum, w, a) => sum + Math.abs(w * after - shares[a]! * priceOf(date, a)), 0);
          let [low, high] = [0.9 * before, before];
          for (let i = 0; i < 100; i++) {
            const middle = (low + high) / 2;
            if (before - costOf(middle) > middle) low = middle;
            else high = middle;
          }
          expect(turn.cost * before).toBeCloseTo(costOf(low), 14);
          shares = Float64Array.from(turn.weights, (w, a) => (w * low) / priceOf(date, a));
          cash = 0;
        }
        const after = cash + shares.reduce((sum, n, a) => sum + n * priceOf(date, a), 0);
        if (date === first) expect(value[0]).toBe(1);
        else expect(value[date - first]! / after).toBeCloseTo(1, 12);
      }
    }
  });

  it("start, gains and costs sum to the end, and every account to what it holds", async () => {
    const prices = changed(madePrices(500, 12), (p, d, a) =>
      (a === 5 && d > 200) || (a === 6 && d > 100 && d < 150) || (a === 7 && d % 9 === 0) ? Number.NaN : p,
    );
    const { portfolios, first } = await walkForward(prices, { ...given, objective: names, delistingReturn: -0.3 });
    for (const { ledger, value, paidOut } of portfolios) {
      expect(Math.abs(ledger.start + ledger.gains - ledger.costs - ledger.end)).toBeLessThan(1e-12);
      expect(ledger.difference).toBeLessThan(1e-12);
      expect(ledger.end).toBe(value.at(-1));
      expect(ledger.costs).toBeGreaterThan(0.001);
      expect(ledger.delistings).toBeCloseTo(-0.3 * paidOut.reduce((sum, { share, at }) => sum + share * value[at - first - 1]!, 0), 12);
    }
  });

  it("that goes another way stops the run", () => {
    const account = new Account(2);
    account.trade(Float64Array.of(0.5, 0.5), () => true, 0.001);
    account.drift(Float64Array.of(0.1, -0.1));
    expect(account.settle().difference).toBeLessThan(1e-15);
    account.cash += 1e-6;
    expect(() => account.settle()).toThrowError(expect.objectContaining({ code: "E_LEDGER" }));
    account.cash -= 1e-6;
    account.held[0]! += 1e-6;
    account.held[1]! -= 1e-6;
    expect(() => account.settle()).toThrowError(expect.objectContaining({ code: "E_LEDGER" }));
  });

  it("of an asset whose prices end is paid out 21 dates later, less what delisting takes, and told", async () => {
    const prices = changed(madePrices(300, 5), (p, d, a) => (a === 2 && d > 200 ? Number.NaN : p));
    const run = (delistingReturn: number) =>
      walkForward(prices, { ...given, costs: 0, objective: ["equal_weight"], rebalance: 500, delistingReturn });
    const [kept, lost] = [await run(0), await run(-0.3)];
    const [one, two] = [kept.portfolios[0]!, lost.portfolios[0]!];
    const worth = prices.price[200 * 5 + 2]! / prices.price[kept.first * 5 + 2]! / 5;
    const before = one.value[220 - kept.first]!;
    expect(one.paidOut).toEqual([{ asset: 2, last: 200, at: 221, share: expect.closeTo(worth / before, 12) }]);
    expect(one.ledger).toMatchObject({ cash: expect.closeTo(worth, 12), delistings: 0 });
    expect(two.ledger).toMatchObject({ cash: expect.closeTo(0.7 * worth, 12), delistings: expect.closeTo(-0.3 * worth, 12) });
    expect(one.value[221 - kept.first]! - two.value[221 - kept.first]!).toBeCloseTo(0.3 * worth, 12);
    expect(kept.universe.stays).toEqual([{ asset: 2, from: 0, to: 200, gone: true }]);
  });

  it("of an asset in a halt stays at its last price and is not traded; its return comes with the next price", async () => {
    const prices = changed(madePrices(300, 5), (p, d, a) => (a === 2 && d >= 95 && d < 110 ? Number.NaN : p));
    const { portfolios, first, universe } = await walkForward(prices, { ...given, objective: ["equal_weight"], rebalance: 10, delay: 0 });
    const { turns, value } = portfolios[0]!;
    expect(universe).toMatchObject({ carried: 15, stays: [] });
    const during = turns.filter(({ traded }) => traded >= 95 && traded < 110);
    expect(during.length).toBe(1);
    expect([...during[0]!.assets]).toEqual([0, 1, 3, 4]);
    // A fifth until the prices end, five dates after the weights were set.
    expect(during[0]!.locked).toBeCloseTo(0.2, 1);
    const jump = prices.price[110 * 5 + 2]! / prices.price[94 * 5 + 2]! - 1;
    const others = [0, 1, 3, 4].map((a) => prices.price[110 * 5 + a]! / prices.price[109 * 5 + a]! - 1);
    const share = (value[110 - first]! / value[109 - first]! - 1 - others.reduce((a, b) => a + b) / 5) / jump;
    expect(share).toBeCloseTo(0.2, 1);
  });

  it("at the end of the file in an asset without a price on the last date is said", async () => {
    const prices = changed(madePrices(300, 5), (p, d, a) => (a === 2 && d > 290 ? Number.NaN : p));
    const { portfolios, universe } = await walkForward(prices, { ...given, objective: ["equal_weight"], rebalance: 500 });
    expect(portfolios[0]!.ledger.unpriced / portfolios[0]!.ledger.end).toBeCloseTo(0.2, 1);
    expect(universe.stays).toEqual([{ asset: 2, from: 0, to: 290, gone: false }]);
  });
});
