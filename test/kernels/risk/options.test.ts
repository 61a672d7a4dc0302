/** Option kernels: limits, put-call parity, and what they refuse. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blackScholes, impliedVolatility } from "../../../src/index.js";
import table from "../../fixtures/implied_volatility.json" with { type: "json" };

const column = (...values: number[]) => Float64Array.from(values);
const both = ["reference", "native"];
const option = (changed: Partial<Record<"spot" | "strike" | "expiry" | "volatility" | "rate", number>>, call: number) => {
  const { spot = 100, strike = 100, expiry = 1, volatility = 0.2, rate = 0 } = changed;
  return {
    ...{ spot: column(spot), strike: column(strike), expiry: column(expiry), volatility: column(volatility), rate: column(rate) },
    call: Uint8Array.of(call),
  };
};

describe("black_scholes", () => {
  it.each(both)("%s: without volatility the discounted intrinsic value, and no sensitivity to what cannot happen", (backend) => {
    const inside = blackScholes(option({ strike: 90, volatility: 0, rate: 0.05 }, 1), {}, { backend });
    expect(inside.price[0]).toBeCloseTo(100 - 90 * Math.exp(-0.05), 12);
    expect([inside.delta[0], inside.gamma[0], inside.vega[0], inside.vanna[0], inside.volga[0]]).toEqual([1, 0, 0, 0, 0]);
    const outside = blackScholes(option({ strike: 110, expiry: 0 }, 1), {}, { backend });
    expect([...Object.values(outside)].map((values) => Math.abs(values[0]!))).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it.each(both)("%s: at expiry and at the money delta is a half, gamma and decay are infinite", (backend) => {
    const at = blackScholes(option({ expiry: 0 }, 1), {}, { backend });
    expect([at.price[0], at.delta[0], at.gamma[0], at.theta[0]]).toEqual([0, 0.5, Infinity, -Infinity]);
  });

  it("a call less a put is the forward, and their curvatures are equal", () => {
    const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(
        number(1, 1e4),
        number(0.3, 3),
        number(0.01, 20),
        number(0.02, 2),
        number(-0.02, 0.2),
        (spot, share, expiry, volatility, rate) => {
          const terms = { spot, strike: spot * share, expiry, volatility, rate };
          const [call, put] = [blackScholes(option(terms, 1)), blackScholes(option(terms, 0))];
          const forward = spot - terms.strike * Math.exp(-rate * expiry);
          expect(Math.abs(call.price[0]! - put.price[0]! - forward)).toBeLessThan(1e-13 * (spot + terms.strike));
          expect(call.gamma[0]).toBe(put.gamma[0]);
          expect(call.vega[0]).toBe(put.vega[0]);
        },
      ),
    );
  });

  it("names an expired option, a negative strike and a volatility in percent", () => {
    for (const backend of both) {
      expect(() => blackScholes(option({ expiry: -0.1 }, 1), {}, { backend })).toThrow(/'expiry'.*0.*-0\.1/s);
      expect(() => blackScholes(option({ strike: -5 }, 1), {}, { backend })).toThrow(/'strike'.*-5/s);
      expect(() => blackScholes(option({ volatility: 20 }, 1), {}, { backend })).toThrow(/'volatility'.*20/s);
      expect(() => blackScholes(option({}, 2), {}, { backend })).toThrow(/'call'.*2/s);
    }
  });
});

describe("implied_volatility", () => {
  const columnOf = (at: number) => Float64Array.from(table.rows, (row) => row[at]!);
  const [spot, strike, expiry, rate, dividendYield, , price, volatility, vega] = Array.from({ length: 9 }, (_, at) => columnOf(at));
  const options = {
    ...{ spot: spot!, strike: strike!, expiry: expiry!, rate: rate!, dividendYield: dividendYield!, price: price! },
    call: Uint8Array.from(columnOf(5)),
  };
  const ulp = (x: number) => 2 ** (Math.floor(Math.log2(x)) - 52);

  it.each(both)(
    "%s: 300 prices of 50 digits, within the larger of 1e-12 and 5 units in the last place of the price over vega",
    (backend) => {
      const got = impliedVolatility(options, {}, { backend }).volatility;
      // Where rounding the price moves the volatility by a hundredth of itself, it may as well be beyond the bound.
      const told = got.map((_, i) => ((5 * ulp(price![i]!)) / vega![i]! < 0.01 * volatility![i]! ? 1 : 0));
      expect(told.filter(Boolean).length).toBeGreaterThan(250);
      const off = got.map((v, i) => (told[i] ? Math.abs(v - volatility![i]!) / Math.max(1e-12, (5 * ulp(price![i]!)) / vega![i]!) : 0));
      const worst = off.reduce((most, x, i) => (x > off[most]! || Number.isNaN(x) ? i : most), 0);
      expect(off[worst], `row ${worst}: got ${got[worst]}, want ${volatility![worst]}`).toBeLessThanOrEqual(1);
    },
  );

  it.each(both)("%s: bounds", (backend) => {
    const at = (spot: number, strike: number, price: number, call: number, expiry = 1) =>
      impliedVolatility(
        { spot: column(spot), strike: column(strike), expiry: column(expiry), price: column(price), call: Uint8Array.of(call) },
        {},
        { backend },
      ).volatility[0];
    expect(at(100, 90, 10, 1)).toBe(0);
    expect(at(100, 110, 0, 1)).toBe(0);
    expect(at(100, 90, 9.99, 1)).toBeNaN();
    expect(at(100, 90, 100, 1)).toBeNaN();
    expect(at(100, 90, 90, 0)).toBeNaN();
    expect(at(100, 90, 95, 1, 0)).toBeNaN();
    expect(() => at(100, 90, -1, 1)).toThrow(/'price'.*-1/s);
  });

  it.each(both)("%s: far inside the money, near the bound and above 10, what the price says", (backend) => {
    const of = (spot: number, strike: number, price: number, call: number, expiry = 1) =>
      impliedVolatility(
        { spot: column(spot), strike: column(strike), expiry: column(expiry), price: column(price), call: Uint8Array.of(call) },
        {},
        { backend },
      ).volatility[0]!;
    // A put of strike 1e12 on an asset at 1 and its call by parity: the price holds 1e12 to 1.2e-4 and so the volatility to 1e-3.
    for (const [spot, strike, call] of [
      [1, 1e12, 0],
      [1e12, 1, 1],
    ] as const) {
      const price = blackScholes(option({ spot, strike, volatility: 8 }, call), {}, { backend }).price[0]!;
      expect(Math.abs(of(spot, strike, price, call) - 8)).toBeLessThan(2e-3);
    }
    // Missing 2 F(-5.2) of the spot to the bound, F from mpmath 1.3.0.
    expect(of(100, 100, 100 * (1 - 2 * 9.964426316933481e-8), 1)).toBeCloseTo(10.4, 9);
    expect(of(100, 100, 100 * (1 - 2 * 9.964426316933481e-8), 1, 0.01)).toBeCloseTo(104, 8);
    // The rounding of an intrinsic value, above and below it, is no volatility.
    for (const strike of [1e-6, 1e-3, 1, 33, 50, 90]) expect([strike, of(100, strike, 100 - strike, 1)]).toEqual([strike, 0]);
    for (const spot of [1e6, 1e9, 1e12, 1e15]) expect([spot, of(spot, 1, spot - 1, 1)]).toEqual([spot, 0]);
    // Products of the prices that no number holds.
    for (const size of [1e-200, 1e200]) expect(of(size, size, 0.38292492254802624 * size, 1)).toBeCloseTo(1, 14);
  });

  it.each(both)("%s: gives back the volatility of a price from far in the tail to most of the bound", (backend) => {
    for (const share of [1e-4, 0.5, 1, 2, 100])
      for (const v of [0.005, 0.1, 1, 3]) {
        const price = blackScholes(option({ strike: 100 * (1 + share * 0.03 * v), volatility: v, expiry: 0.5 }, 1)).price;
        const asked = { ...option({ strike: 100 * (1 + share * 0.03 * v), expiry: 0.5 }, 1), price };
        const { spot, strike, expiry, rate, call } = asked;
        const got = impliedVolatility({ spot, strike, expiry, rate, call, price }, {}, { backend }).volatility[0]!;
        expect(Math.abs(got / v - 1), `${share} ${v} ${price[0]}`).toBeLessThan(1e-10);
      }
  });
});
