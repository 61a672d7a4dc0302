import { kernel } from "../../../core/call/kernel.js";
import {
  benchmarkInput,
  compareAll,
  compoundedParam,
  drawdownConfidence,
  goldenBenchmark,
  goldenSeries,
  goldenSource,
  measureOutputs,
  measuresOf,
  performanceInput,
  performanceParams,
  relativeOf,
  relativeOutputs,
  samplePerformance,
  seriesOf,
} from "../parts/performance.js";

const shape = ["day", "portfolios"];
const outputs = { ...measureOutputs(shape), ...relativeOutputs(shape, { optional: "benchmark" }) };
const warmUp: number[] = Array(19).fill(Number.NaN);

/** Every measure of performance over the last periods. */
export const rollingPerformance = kernel({
  name: "rolling_performance",
  rows: "day",
  doc:
    "The measures of performance_measures over the last `window` returns, this one among them, and those of relative_performance where there is a " +
    "benchmark; NaN for the first window - 1 periods. Each window is computed afresh: its drawdowns begin with it, and nothing drifts.",
  source: "empyrical 0.5.5 (roll_*, aggregate over windows of the same functions)",
  inputs: { returns: performanceInput, benchmark: { ...benchmarkInput, optional: true } },
  params: {
    ...performanceParams,
    confidence: drawdownConfidence,
    compounded: compoundedParam,
    window: { type: "i32", min: 2, max: 1_000_000, default: 126, unit: "periods", doc: "returns looked back on" },
  },
  outputs,
  workspace: true,
  compare: compareAll(outputs),
  cost: ({ day = 0 }, { portfolios, window }) => ({ flops: 80 * day * portfolios * window, bytes: 8 * day * portfolios * 12 }),
  reference({ in: { returns, benchmark }, params, out }) {
    const { portfolios, window } = params;
    const days = returns.length / portfolios;
    for (const view of Object.values(out)) view?.fill(Number.NaN);
    for (let p = 0; p < portfolios; p++)
      for (let last = window - 1; last < days; last++) {
        const from = last - window + 1;
        const series = seriesOf(returns, portfolios, p, from, window);
        const { worst: _, ...own } = measuresOf(series, params);
        const other = benchmark ? relativeOf(series, Float64Array.from(benchmark.subarray(from, last + 1)), params) : {};
        for (const [name, value] of Object.entries({ ...own, ...other })) out[name as keyof typeof outputs]![last * portfolios + p] = value;
      }
  },
  sample: ({ day = 0 }, random, { portfolios }) => samplePerformance(day, portfolios, random),
  golden: [
    {
      source: `${goldenSource}, on each window of 20`,
      inputs: { returns: goldenSeries, benchmark: goldenBenchmark },
      options: { riskFreeRate: 0.0252, confidence: 0.9, window: 20 },
      outputs: {
        annualReturn: [
          ...warmUp,
          -0.613027066487867,
          -0.40607128708669693,
          -0.12787269835540116,
          0.012968221171703487,
          0.6873796334375941,
          0.3485908497996508,
        ],
        annualVolatility: [
          ...warmUp,
          0.29050098287722126,
          0.3380964203798736,
          0.32008112458529864,
          0.32503999753876445,
          0.34330609328150663,
          0.33617363934352995,
        ],
        sharpe: [
          ...warmUp,
          -3.209627694767814,
          -1.4534315372161577,
          -0.3542851836293771,
          0.11629338015698229,
          1.614885406491749,
          0.9744963960878311,
        ],
        sortino: [
          ...warmUp,
          -3.794970806077672,
          -2.000052181581476,
          -0.516556391280458,
          0.17218546376015315,
          2.547328967608488,
          1.5052398444959252,
        ],
        calmar: [
          ...warmUp,
          -7.108832655533259,
          -4.708915778637099,
          -1.7599204399372563,
          0.17848248925095123,
          9.460451546280387,
          4.797679016926678,
        ],
        omega: [...warmUp, 0.6, 0.7891891891891891, 0.9419354838709677, 1.0193548387096774, 1.2995234853641937, 1.1769911504424782],
        tailRatio: [
          ...warmUp,
          0.6719492868462759,
          0.8272583201267834,
          0.940540540540541,
          0.940540540540541,
          1.2144144144144149,
          1.2144144144144149,
        ],
        maxDrawdown: [
          ...warmUp,
          0.08623456145232351,
          0.08623456145232355,
          0.07265822673209023,
          0.07265822673209031,
          0.07265822673209024,
          0.07265822673209033,
        ],
        cdar: [
          ...warmUp,
          0.08490605042184463,
          0.08490605042184463,
          0.07130997725488486,
          0.07130997725488492,
          0.0713099772548848,
          0.07130997725488492,
        ],
        stability: [
          ...warmUp,
          0.6792556254288449,
          0.4317881792435519,
          0.24975568407905996,
          0.0580169518989836,
          0.00832823568910402,
          0.1744523523631345,
        ],
        ulcerIndex: [
          ...warmUp,
          0.058856725938955176,
          0.05954955674920431,
          0.04673061892754422,
          0.04680328685159385,
          0.046769088724419,
          0.04676908872441904,
        ],
        beta: [
          ...warmUp,
          -0.11021906524204621,
          -0.26731453599781,
          -0.21357357944819777,
          -0.23777670292577008,
          -0.29198880020059337,
          -0.3409468943973386,
        ],
        alpha: [
          ...warmUp,
          -0.6375937308151867,
          -0.5364128067988791,
          -0.2975273036447619,
          -0.04790302799604551,
          0.5930844820152092,
          0.2732409309703696,
        ],
        correlation: [
          ...warmUp,
          -0.11311205097837608,
          -0.24611909336531973,
          -0.20557144423356224,
          -0.1856988878840294,
          -0.21428186837683463,
          -0.25933504177688604,
        ],
        upCapture: [
          ...warmUp,
          -0.07028832190325388,
          -0.07028832190325388,
          -0.06851060754374302,
          -0.054216497601641114,
          -0.054216497601641114,
          -0.06320249320608186,
        ],
        downCapture: [
          ...warmUp,
          -0.21728897624193036,
          -2.158196803747475,
          -2.158196803747475,
          -2.2302818194532565,
          -10.618479405975204,
          -10.618479405975204,
        ],
        trackingError: [
          ...warmUp,
          0.4391608265532655,
          0.5128505784236512,
          0.4877648268538738,
          0.44803486706423107,
          0.4673347498539485,
          0.4722106131355952,
        ],
        informationRatio: [
          ...warmUp,
          -0.45905733801953263,
          1.0564480626410344,
          2.0665696755989753,
          0.899929960009556,
          1.8333753273596016,
          1.227418410084672,
        ],
      },
      relative: 1e-12,
    },
  ],
  parity: [
    { dims: { day: 0 } },
    { dims: { day: 3 }, options: { window: 5 } },
    { dims: { day: 7 }, options: { window: 2 } },
    { dims: { day: 203 }, options: { window: 30, portfolios: 3, riskFreeRate: 0.02 } },
    { dims: { day: 103 }, options: { window: 25, compounded: "no" }, without: ["benchmark"] },
    { dims: { day: 203 }, options: { window: 63, portfolios: 2, confidence: 0.8 }, without: ["benchmark"] },
  ],
  bench: [{ dims: { day: 2_500 }, options: { portfolios: 10 } }],
  example: { periodsPerYear: 252 },
});
