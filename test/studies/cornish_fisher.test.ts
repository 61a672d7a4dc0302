/** What is said beside the numbers of the Cornish-Fisher expansion: of each of the four cases. */
import { describe, expect, it } from "vitest";
import type { RiskResult } from "../../src/analysis/risk.js";
import { seeded } from "../../src/kernels/parts/sample.js";
import { riskRemarks } from "../../src/report/risk/risk_remarks.js";
import { cornishFisher } from "../../src/studies/risk/cornish_fisher.js";
import { backtest } from "../../src/studies/risk/risk_backtest.js";

const of = (count: number, value: number) => Array.from({ length: count }, () => value);
const among = (calm: number, ...others: number[]) =>
  Float64Array.from([...others, ...Array.from({ length: calm }, (_, i) => 0.01 * ((i % 5) - 2))]);

describe("Cornish-Fisher forecasts", () => {
  it("within the domain are given without a word", () => {
    const inside = cornishFisher(among(100, -0.06, 0.06, -0.055, 0.055, -0.05, 0.05), 0.95);
    expect(inside).toEqual({ var: expect.any(Number), es: expect.any(Number) });
    expect(inside.es).toBeGreaterThan(inside.var);
  });

  it("are given with a remark where the transform falls near the median alone", () => {
    const { refused, remark } = cornishFisher(Float64Array.from([-0.096, ...of(2, 0.055), ...of(20, 0.0025), ...of(17, 0.0114)]), 0.95);
    expect(refused).toBeUndefined();
    expect(remark).toMatch(/^skewness -2\.6\d, excess kurtosis \d+\.\d\d: outside the domain of the expansion, in order beyond the VaR$/);
  });

  it("are refused where ES lies below VaR, where the transform falls in the tail, and where nothing moves", () => {
    expect(cornishFisher(among(60, -0.3), 0.95).refused).toMatch(
      /^skewness -\d\.\d\d, .* outside the domain of the expansion, ES below VaR$/,
    );
    expect(cornishFisher(Float64Array.of(-1, 1, -1, 1, -1, 1), 0.95).refused).toMatch(/quantiles beyond the VaR out of order$/);
    expect(cornishFisher(new Float64Array(9), 0.95).refused).toBe("all returns are alike: they have no skewness");
  });

  it("that are not to be trusted are counted in a back-test and told", async () => {
    const random = seeded(5);
    const bell = () => 0.01 * (random() + random() + random() + random() + random() + random() - 3);
    const returns = Float64Array.from({ length: 460 }, (_, day) => (day === 20 ? -0.3 : bell()));
    const estimate = (part: Float64Array, confidence: number) => {
      const { refused, ...made } = cornishFisher(part, confidence);
      return { ...made, untrusted: refused !== undefined };
    };
    const found = await backtest(returns, 50, 0.95, "cornish_fisher", estimate);
    const windows = Array.from({ length: 410 }, (_, day) => cornishFisher(returns.slice(day, day + 50), 0.95).refused);
    const untrusted = windows.filter((refused) => refused !== undefined).length;
    expect(untrusted).toBeGreaterThanOrEqual(21); // the 21 that hold the crash of day 20 among them
    expect(windows.slice(0, 21)).not.toContain(undefined);
    expect(found.untrusted).toBe(untrusted);
    const told = { backtests: [found], method: "cornish_fisher", excluded: [], missing: { how: "none" }, splits: [], perhaps: [] };
    expect(riskRemarks(told as unknown as RiskResult).at(-1)).toBe(
      `back-test of cornish_fisher: forecasts outside the domain of the expansion, in the tests all the same: ${untrusted} of 410 at 95%`,
    );
  });
});
