import { kernel } from "../../../core/call/kernel.js";
import { assetsParam } from "../../parts/matrix.js";

const period = (doc: string) => ({ dtype: "i32", shape: ["count"], unit: "row of returns", doc }) as const;

/** The worst stretches of one's own history, as stress scenarios. */
export const worstPeriods = kernel({
  name: "worst_periods",
  rows: "day",
  doc:
    "The `count` worst stretches of `horizon` days for a portfolio held through each, worst first: which days, the loss, and what every asset " +
    "returned, to be used as a scenario. Returns are simple ones and compound over the stretch. Stretches do not overlap: after the worst, the " +
    "worst of those that share no day with it, and so on; of equal ones the earlier. Where there are not as many, rows are -1 and numbers NaN.",
  source: "the definition; historical scenarios as in Jorion, Value at Risk, chapter 14",
  inputs: {
    returns: {
      dtype: "f64",
      shape: ["day", "assets"],
      check: { min: -1 },
      unit: "ratio",
      doc: "simple return of each asset on each day, oldest first, >= -1. NaN is refused",
    },
    weights: { dtype: "f64", shape: ["assets"], check: {}, unit: "ratio or currency", doc: "held in each asset, negative where sold" },
  },
  params: {
    assets: assetsParam,
    horizon: { type: "i32", min: 1, max: 100_000, default: 1, unit: "days", doc: "rows of a stretch: 5 for weeks of daily returns" },
    count: { type: "i32", min: 1, max: 100_000, default: 10, unit: "stretches", doc: "how many are looked for" },
  },
  outputs: {
    start: period("first row of each stretch, -1 where there is none"),
    end: period("last row of each stretch, -1 where there is none"),
    loss: { dtype: "f64", shape: ["count"], unit: "of weights", doc: "what the portfolio lost, below 0 where it gained" },
    scenario: { dtype: "f64", shape: ["count", "assets"], unit: "ratio", doc: "return of each asset over the stretch" },
  },
  compare: {
    start: { f64: { exact: true }, f32: { exact: true } },
    end: { f64: { exact: true }, f32: { exact: true } },
    loss: { f64: { relative: 1e-12, floor: 1e-2 }, f32: { relative: 1e-12, floor: 1e-2 } },
    scenario: { f64: { relative: 1e-12, floor: 1e-2 }, f32: { relative: 1e-12, floor: 1e-2 } },
  },
  workspace: true,
  cost: ({ day = 0 }, { assets, horizon, count }) => ({ flops: day * (assets * (horizon + 2) + count), bytes: 8 * day * assets }),
  reference({ in: { returns, weights }, params: { assets, horizon, count }, out, dims: { day = 0 } }) {
    const over = (start: number, j: number) => {
      let grown = 1;
      for (let t = start; t < start + horizon; t++) grown *= 1 + returns[t * assets + j]!;
      return grown - 1;
    };
    const losses = Array.from({ length: Math.max(0, day - horizon + 1) }, (_, start) => {
      let loss = 0;
      for (let j = 0; j < assets; j++) loss -= weights[j]! * over(start, j);
      return { start, loss };
    });
    let open = losses.sort((a, b) => b.loss - a.loss || a.start - b.start);
    for (let k = 0; k < count; k++) {
      const worst = open[0];
      out.start[k] = worst ? worst.start : -1;
      out.end[k] = worst ? worst.start + horizon - 1 : -1;
      out.loss[k] = worst ? worst.loss : Number.NaN;
      for (let j = 0; j < assets; j++) out.scenario[k * assets + j] = worst ? over(worst.start, j) : Number.NaN;
      open = open.filter(({ start }) => Math.abs(start - worst!.start) >= horizon);
    }
  },
  sample: ({ day = 0 }, random, { assets }) => ({
    returns: Float64Array.from({ length: day * assets }, (_, i) => {
      const t = Math.floor(i / assets);
      return t > 0.4 * day && t < 0.6 * day ? 0 : 0.08 * (random() - 0.47) ** 3 * 10 ** (2 * random());
    }),
    weights: Float64Array.from({ length: assets }, () => random() - 0.3),
  }),
  golden: [
    {
      source:
        "hand calculation: two days at a time lose 1 - 0.9 0.8 = 0.28, then, without sharing a day with these, 1 - 0.95 0.96 = 0.088; a third is " +
        "1 - 1.1 1 = -0.1",
      inputs: { returns: [0.1, 0, -0.1, -0.2, 0.05, -0.05, -0.04], weights: [1] },
      options: { assets: 1, horizon: 2, count: 4 },
      outputs: {
        start: [2, 5, 0, -1],
        end: [3, 6, 1, -1],
        loss: [0.28, 0.088, -0.1, Number.NaN],
        scenario: [-0.28, -0.088, 0.1, Number.NaN],
      },
      relative: 1e-14,
    },
  ],
  parity: [
    { dims: { day: 0 } },
    { dims: { day: 3 }, options: { horizon: 5 } },
    { dims: { day: 303 } },
    { dims: { day: 303 }, options: { assets: 7, horizon: 5, count: 30 } },
    { dims: { day: 211 }, options: { assets: 1, horizon: 20, count: 20 } },
  ],
  bench: [{ dims: { day: 5_000 }, options: { assets: 20, horizon: 5 } }],
  example: { assets: 3 },
});
