import { kernel } from "../../../core/call/kernel.js";
import { chiSquareSurvival } from "../../parts/special.js";
import {
  backtestInputs,
  countCompare,
  hitsOf,
  hitsOutput,
  pValueOutput,
  sampleBacktest,
  statisticOutput,
  total,
} from "../parts/backtest.js";
import { confidenceParam } from "../parts/portfolios.js";
import { tailProbability } from "../parts/tail.js";

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

/** Columns at right angles to each other that span the same space; those that others already span are left out. */
function orthogonal(columns: readonly (readonly number[])[]): number[][] {
  const basis: number[][] = [];
  for (const column of columns) {
    let rest = [...column];
    for (let pass = 0; pass < 2; pass++)
      for (const other of basis) {
        const share = dot(rest, other) / dot(other, other);
        rest = rest.map((x, i) => x - share * other[i]!);
      }
    if (dot(rest, rest) > 1e-12 * dot(column, column)) basis.push(rest);
  }
  return basis;
}

const losses = [
  0.4, -1.2, 2.6, 0.3, -0.8, 1.9, 2.2, -0.1, 0.7, -2.4, 3.1, 1.2, -0.6, 0.9, 2.05, -1.5, 0.2, 1.1, -0.3, 2.9, -0.7, 0.5, 1.4, -2.2, 0.8,
  2.3, -0.9, 0.1, 1.7, -0.4,
];
const rising = losses.map((_, t) => 1.6 + 0.02 * t + [0, 0.1, -0.1, 0.2, 0, -0.2][t % 6]!);

/** Can a hit be foretold from the hits before, or from the VaR itself? */
export const dynamicQuantile = kernel({
  name: "dynamic_quantile",
  rows: "day",
  doc:
    "Out-of-sample dynamic quantile test: hits minus alpha regressed on a constant, the VaR of the day and the hits of `lags` days before, with " +
    "`lagged` squares also the squared loss of the day before. The squared length of the fit over alpha (1 - alpha) is chi-square; its degrees of " +
    "freedom are the columns that others do not span (to 1e-6 of their length): a constant VaR, or no hits, take some away.",
  source: "Engle & Manganelli (2004), J. Bus. Econ. Stat. 22(4), section 5; with squares as BacktestVaR of the R package GAS",
  inputs: backtestInputs,
  params: {
    confidence: confidenceParam,
    lags: { type: "i32", min: 0, max: 20, default: 4, unit: "days", doc: "days before whose hits are taken" },
    squares: { type: "enum", values: ["none", "lagged"], default: "none", doc: "whether the squared loss of the day before is a column" },
  },
  outputs: {
    hits: { ...hitsOutput, doc: "days, after the first `lags`, whose loss was above the VaR" },
    statistic: statisticOutput,
    degrees: { dtype: "real", shape: [1], unit: "1", doc: "degrees of freedom" },
    pValue: pValueOutput,
  },
  needs: ({ lags }) => ({ day: 2 * lags + 4 }),
  compare: {
    hits: countCompare,
    statistic: { f64: { relative: 1e-8, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } },
    degrees: countCompare,
    pValue: { f64: { relative: 1e-7, floor: 1e-300 }, f32: { relative: 1e-6, floor: 1e-30 } },
  },
  cost: ({ day = 0 }, { lags }) => ({ flops: day * (lags + 3) * (lags + 5), bytes: 16 * day }),
  reference({ in: { loss, var: risk }, params: { confidence, lags, squares }, out }) {
    const alpha = tailProbability(confidence);
    const all = hitsOf(loss, risk).map((hit) => hit - alpha);
    const start = Math.max(lags, squares === "lagged" ? 1 : 0);
    const hits = all.slice(start);
    const columns = [hits.map(() => 1), Array.from(risk).slice(start)];
    for (let lag = 1; lag <= lags; lag++) columns.push(all.slice(start - lag, all.length - lag));
    if (squares === "lagged") columns.push(Array.from(loss.slice(start - 1, -1), (x) => x * x));
    const basis = orthogonal(columns);
    const statistic = total(basis.map((column) => dot(column, hits) ** 2 / dot(column, column))) / (alpha * (1 - alpha));
    out.hits[0] = Math.round(total(hits) + alpha * hits.length);
    out.statistic[0] = statistic;
    out.degrees[0] = basis.length;
    out.pValue[0] = chiSquareSurvival(statistic, basis.length);
  },
  sample: ({ day = 0, rate = 1 }, random) => sampleBacktest(day, random, rate),
  golden: (
    [
      ["rising", "none", 6, 19.18620003844214, 6, 0.003860458130794067],
      ["rising", "lagged", 6, 24.697088349350057, 7, 0.0008585363689111184],
      ["constant", "none", 5, 23.259259259259277, 5, 0.000301135340388353],
      ["never reached", "none", 0, 2.8888888888888897, 1, 0.08919241849208544],
    ] as const
  ).map(([kind, squares, hits, statistic, degrees, pValue]) => ({
    source: `numpy 2.4.6: H X pinv(X'X) X'H / (tau (1 - tau)) with the columns of DQOOStest in the R package GAS, matrix_rank, scipy 1.17.1 chi2.sf (VaR ${kind}, ${squares})`,
    inputs: { loss: losses, var: kind === "rising" ? rising : losses.map(() => (kind === "constant" ? 2 : 9)) },
    options: { confidence: 0.9, squares },
    outputs: { hits: [hits], statistic: [statistic], degrees: [degrees], pValue: [pValue] },
    relative: 1e-11,
  })),
  parity: [
    { dims: { day: 12 } },
    { dims: { day: 13 }, options: { squares: "lagged" } },
    { dims: { day: 250 } },
    { dims: { day: 250, rate: 0.6 }, options: { lags: 0 } },
    { dims: { day: 1_003, rate: 0.8 }, options: { lags: 10 } },
    { dims: { day: 1_003, rate: 5 } },
    { dims: { day: 10_003, rate: 0.7 }, options: { squares: "lagged" } },
  ],
  bench: [{ dims: { day: 1_000_000 } }, { dims: { day: 250 }, label: "a year" }],
  example: { confidence: 0.95 },
});
