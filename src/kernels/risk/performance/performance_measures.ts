import { kernel } from "../../../core/call/kernel.js";
import {
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
  samplePerformance,
  seriesOf,
} from "../parts/performance.js";

const outputs = measureOutputs(["portfolios"]);
const place = (doc: string) => ({ dtype: "i32", shape: ["portfolios"], unit: "place of the path", doc }) as const;
const exact = { f64: { exact: true }, f32: { exact: true } } as const;

/** How portfolios did, and how far they fell. */
export const performanceMeasures = kernel({
  name: "performance_measures",
  rows: "day",
  doc:
    "Return, volatility, Sharpe, Sortino, Calmar and Omega ratio, tail ratio, maximum drawdown and its dates, conditional drawdown at risk, " +
    "stability and ulcer index of many portfolios at once. A place of the path is 0 before the first return and d + 1 after return d: the row of its price.",
  source:
    "Sharpe (1994), J. Portf. Manag. 21(1); Sortino & Price (1994), J. Invest. 3(3); Keating & Shadwick (2002), J. Perform. Meas. 6(3); " +
    "Chekhlov, Uryasev & Zabarankin (2005), Int. J. Theor. Appl. Finance 8(1), def. 3.2; Martin & McCann (1989), The Investor's Guide to Fidelity Funds (ulcer index); conventions of empyrical 0.5.5",
  inputs: { returns: performanceInput },
  params: { ...performanceParams, confidence: drawdownConfidence, compounded: compoundedParam },
  outputs: {
    ...outputs,
    peak: place("the high before the deepest fall; -1 where there is none"),
    trough: place("where the deepest fall ends; -1 where there is none"),
    recovery: place("where that high is reached again; -1 where it is not"),
  },
  needs: () => ({ day: 2 }),
  workspace: true,
  compare: { ...compareAll(outputs), peak: exact, trough: exact, recovery: exact },
  cost: ({ day = 0 }, { portfolios }) => ({ flops: 60 * day * portfolios, bytes: 8 * day * portfolios }),
  reference({ in: { returns }, params, out }) {
    for (let p = 0; p < params.portfolios; p++) {
      const { worst, ...measures } = measuresOf(seriesOf(returns, params.portfolios, p), params);
      for (const [name, value] of Object.entries(measures)) out[name as keyof typeof measures][p] = value;
      out.peak[p] = worst.peak;
      out.trough[p] = worst.trough;
      out.recovery[p] = worst.recovery;
    }
  },
  sample: ({ day = 0 }, random, { portfolios }) => ({ returns: samplePerformance(day, portfolios, random).returns }),
  golden: [
    {
      source: goldenSource,
      inputs: { returns: goldenSeries.flatMap((r, d) => [r, goldenBenchmark[d]!]) },
      options: { portfolios: 2, riskFreeRate: 0.0252, confidence: 0.9 },
      outputs: {
        annualReturn: [0.23469692432179268, -0.4760482745462954],
        annualVolatility: [0.32660232699722147, 0.2892472990366548],
        sharpe: [0.7252857080899351, -2.1780670108181837],
        sortino: [1.0777914624848224, -2.5436342069814284],
        calmar: [2.7216109222234466, -4.53553788124471],
        omega: [1.126276195593767, 0.6937775600195982],
        tailRatio: [1.0397350993377477, 0.5731707317073169],
        maxDrawdown: [0.08623456145232351, 0.10495960721987205],
        cdar: [0.08337998953383954, 0.09612844178986975],
        stability: [0.00534128069658599, 0.4834820070487847],
        ulcerIndex: [0.054157200814869313, 0.07181417047603274],
        peak: [1, 2],
        trough: [10, 15],
        recovery: [24, -1],
      },
      relative: 1e-12,
    },
    {
      source: "hand calculation: a path that only rises has no drawdown, and ratios to it are undefined; one that stands still has none",
      inputs: { returns: [0.5, 0, 0.5, 0] },
      options: { portfolios: 2, periodsPerYear: 1 },
      outputs: {
        annualReturn: [0.5, 0],
        annualVolatility: [0, 0],
        sharpe: [Number.NaN, Number.NaN],
        sortino: [Number.NaN, Number.NaN],
        calmar: [Number.NaN, Number.NaN],
        omega: [Number.NaN, Number.NaN],
        tailRatio: [1, Number.NaN],
        maxDrawdown: [0, 0],
        cdar: [0, 0],
        stability: [1, Number.NaN],
        ulcerIndex: [0, 0],
        peak: [-1, -1],
        trough: [-1, -1],
        recovery: [-1, -1],
      },
      relative: 1e-14,
    },
    {
      source: "numpy 2.4.6 on the formulas of Riskfolio-Lib 7 (RiskFunctions.py: MDD_Abs, CDaR_Abs, UCI_Abs)",
      inputs: { returns: goldenSeries.flatMap((r, d) => [r, goldenBenchmark[d]!]) },
      options: { portfolios: 2, periodsPerYear: 252, confidence: 0.9, compounded: "no" },
      outputs: {
        maxDrawdown: [0.08800000000000008, 0.1080000000000001],
        cdar: [0.08440000000000007, 0.09820000000000009],
        ulcerIndex: [0.053972215074054586, 0.07220747883702912],
        trough: [10, 15],
      },
      relative: 1e-12,
    },
  ],
  parity: [
    { dims: { day: 2 } },
    { dims: { day: 7 }, options: { portfolios: 3 } },
    { dims: { day: 252 }, options: { portfolios: 8, riskFreeRate: 0.03 } },
    { dims: { day: 1_003 }, options: { portfolios: 19, confidence: 0.99 } },
    { dims: { day: 252 }, options: { portfolios: 9, compounded: "no" } },
    { dims: { day: 53 }, options: { portfolios: 101, periodsPerYear: 52, confidence: 0.6 } },
  ],
  bench: [{ dims: { day: 2_500 }, options: { portfolios: 1_000 } }],
  example: { periodsPerYear: 252 },
});
