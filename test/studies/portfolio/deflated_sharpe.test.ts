/** The deflated Sharpe ratio against the example of its paper. */
import { describe, expect, it } from "vitest";
import "../../../src/index.js";
import { luckiestSharpe, momentsOf, probabilisticSharpe } from "../../../src/studies/portfolio/deflated_sharpe.js";

describe("Bailey & Lopez de Prado (2014), the numerical example", () => {
  // Sharpe ratio 2.5 a year over 1,250 days of 250 a year, 100 trials whose ratios have a variance of 1/2 a year.
  const own = { count: 1250, sharpe: 2.5 / Math.sqrt(250), skewness: -3, kurtosis: 10 };

  it("the luckiest of 100 trials has 0.1132 a day, and 0.9004 is the probability of the best to be above it", () => {
    const luckiest = luckiestSharpe(0.5 / 250, 100);
    expect(luckiest).toBeCloseTo(0.1132, 4);
    expect(probabilisticSharpe(own, luckiest)).toBeCloseTo(0.9004, 4);
  });

  it("46 trials would have been few enough for 95 %, 88 where returns are normal", () => {
    expect(probabilisticSharpe(own, luckiestSharpe(0.5 / 250, 46))).toBeCloseTo(0.9505, 4);
    expect(probabilisticSharpe({ ...own, skewness: 0, kurtosis: 3 }, luckiestSharpe(0.5 / 250, 88))).toBeCloseTo(0.9505, 4);
  });
});

describe("by hand", () => {
  it("of one trial the luckiest is nobody", () => expect(luckiestSharpe(1, 1)).toBe(0));

  it("moments of 1, 2, 6: mean 3, squares 14, cubes 18, fourth powers 98", () => {
    const { sharpe, skewness, kurtosis, count } = momentsOf(Float64Array.of(1, 2, 6));
    expect(count).toBe(3);
    expect(sharpe).toBeCloseTo(3 / Math.sqrt(7), 14);
    expect(skewness).toBeCloseTo(6 / (14 / 3) ** 1.5, 14);
    expect(kurtosis).toBeCloseTo(98 / 3 / (14 / 3) ** 2, 14);
  });

  it("is NaN where the moments leave no variance of the estimate", () => {
    expect(probabilisticSharpe({ count: 10, sharpe: 1, skewness: 3, kurtosis: 3 }, 0)).toBeNaN();
  });
});
