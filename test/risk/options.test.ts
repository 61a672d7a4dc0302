/** Option kernels: limits, put-call parity, and what they refuse. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blackScholes } from "../../src/index.js";

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
