import { kernel } from "../../../core/call/kernel.js";
import { counter } from "../../../core/contract/contract.js";
import { spread } from "../../parts/sample.js";
import { confidenceParam, quantileParam, tailParam } from "../parts/portfolios.js";
import { descending, tailRisk } from "../parts/tail.js";

/** VaR and ES of the last returns of one series: a new return gives new ones. */
export const rollingHistoricalRisk = kernel({
  name: "rolling_historical_risk",
  rows: "day",
  doc: "VaR and ES of the last `window` returns, this one among them, each equally likely; quantiles and tails as in historical_risk.",
  source: "Hyndman & Fan (1996), Am. Stat. 50(4), type 7; Rockafellar & Uryasev (2002), J. Bank. Finance 26(7), proposition 8",
  inputs: {
    returns: {
      dtype: "real",
      shape: ["day"],
      check: {},
      unit: "ratio or currency",
      doc: "return, or profit and loss, of each day. NaN is refused",
    },
  },
  params: {
    confidence: confidenceParam,
    window: { type: "i32", min: 2, max: 1_000_000, default: 250, unit: "days", doc: "returns looked back on" },
    quantile: quantileParam,
    tail: tailParam,
  },
  state: {
    losses: { dtype: "f64", shape: ["window"], unit: "of returns", doc: "ring of the last losses" },
    falling: { dtype: "f64", shape: ["window"], unit: "of returns", doc: "the same, worst first" },
    days: counter("days", "days so far"),
  },
  outputs: {
    var: { dtype: "real", shape: ["day"], unit: "of returns", doc: "value at risk; a loss is positive. NaN for the first window - 1 days" },
    es: { dtype: "real", shape: ["day"], unit: "of returns", doc: "expected shortfall; NaN for the first window - 1 days" },
  },
  compare: {
    var: { f64: { relative: 1e-14, floor: 1e-6 }, f32: { relative: 1.2e-7, floor: 1e-6 } },
    es: { f64: { relative: 1e-12, floor: 1e-6 }, f32: { relative: 1.2e-7, floor: 1e-6 } },
  },
  cost: ({ day = 0 }, { window, confidence }) => ({ flops: day * (30 + window * (1 - confidence)), bytes: day * (24 + 4 * window) }),
  reference({ in: { returns }, params: { confidence, window, quantile, tail }, state: { losses, falling, days }, out }) {
    for (let i = 0; i < returns.length; i++) {
      losses[days[0]! % window] = -returns[i]!;
      const count = Math.min(++days[0]!, window);
      falling.set(descending(losses.subarray(0, count)));
      const full = tailRisk(falling, confidence, quantile, tail);
      out.var[i] = count === window ? full.risk : Number.NaN;
      out.es[i] = count === window ? full.shortfall : Number.NaN;
    }
  },
  sample: ({ day = 0 }, random) => ({
    returns: Float64Array.from({ length: day }, (_, i) => {
      const size = 1e-3 * spread(random);
      return i > 0.3 * day && i < 0.5 * day ? 0 : i % 9 === 4 ? -0.01 : (random() < 0.45 ? -1 : 1) * size;
    }),
  }),
  golden: [
    {
      source: "numpy 2.4.6: -quantile(r[i - 4:i + 1], 0.1), and the worst of each five, since 0.1 * 5 < 1",
      inputs: { returns: [0.01, -0.02, 0.005, -0.04, 0.03, 0.0, -0.01, 0.02, -0.05, 0.04] },
      options: { window: 5, confidence: 0.9 },
      outputs: {
        var: [Number.NaN, Number.NaN, Number.NaN, Number.NaN, 0.032, 0.032, 0.028, 0.028, 0.034, 0.034],
        es: [Number.NaN, Number.NaN, Number.NaN, Number.NaN, 0.04, 0.04, 0.04, 0.04, 0.05, 0.05],
      },
      relative: 1e-15,
    },
  ],
  parity: [
    ...[0, 1, 7, 64].map((day) => ({ dims: { day }, options: { window: 5 } })),
    { dims: { day: 1_003 }, options: { window: 100 } },
    { dims: { day: 1_003 }, options: { window: 100, quantile: "order", tail: "beyond" } },
    { dims: { day: 603 }, options: { window: 2 } },
    { dims: { day: 303 }, options: { window: 50, quantile: "median_unbiased" } },
    { dims: { day: 303 }, options: { window: 52, quantile: "higher", tail: "beyond" } },
    { dims: { day: 603 }, options: { window: 250, confidence: 0.51, tail: "beyond" } },
    { dims: { day: 100 }, options: { window: 1_000 } },
  ],
  bench: [
    { dims: { day: 10_000 }, options: { confidence: 0.99 }, label: "window 250" },
    { dims: { day: 10_000 }, options: { confidence: 0.975, window: 2_500 }, label: "window 2500" },
  ],
  example: { confidence: 0.95 },
});
