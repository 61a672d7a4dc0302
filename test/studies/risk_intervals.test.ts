/** Intervals of the measures of a history: each holds its value, or says why it does not. */
import { expect, it } from "vitest";
import { seeded } from "../../src/kernels/parts/sample.js";
import { metricsOf } from "../../src/studies/risk/risk_intervals.js";
import "../../src/index.js";

it("says it beside each interval that does not hold its value, and beside no other", async () => {
  // Falls that are made good at once, every 25 days: blocks drawn anew put several in a row before they are made good.
  const random = seeded(3);
  const returns = Float64Array.from({ length: 1_000 }, (_, i) => (i % 25 === 0 ? -0.1 : i % 25 === 1 ? 0.112 : 0.001 * (random() - 0.5)));
  const { metrics } = await metricsOf(returns, { periodsPerYear: 252, riskFreeRate: 0, confidence: 0.95 });
  const out = metrics.filter(({ value, low, high }) => value < low || value > high);
  expect(out.map(({ name }) => name)).toContain("longest drawdown");
  expect(metrics.filter(({ note }) => note !== undefined)).toEqual(out);
  expect(out.find(({ name }) => name === "longest drawdown")!.note).toBe(
    "not about the value: shuffled blocks of 20 periods give more than was",
  );
});
