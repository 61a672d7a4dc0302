import { kernel } from "../../../core/call/kernel.js";
import {
  benchmarkInput,
  compareAll,
  goldenBenchmark,
  goldenSeries,
  goldenSource,
  performanceInput,
  performanceParams,
  relativeOf,
  relativeOutputs,
  samplePerformance,
  seriesOf,
} from "../parts/performance.js";

const outputs = relativeOutputs(["portfolios"], {});

/** How portfolios did beside a benchmark. */
export const relativePerformance = kernel({
  name: "relative_performance",
  rows: "day",
  doc: "Beta, alpha, correlation, up and down capture, tracking error and information ratio of many portfolios against one benchmark.",
  source:
    "Jensen (1968), J. Finance 23(2), eq. 8; Grinold & Kahn (1999), Active Portfolio Management, ch. 5; conventions of empyrical 0.5.5",
  inputs: { returns: performanceInput, benchmark: benchmarkInput },
  params: performanceParams,
  outputs,
  needs: () => ({ day: 2 }),
  workspace: true,
  compare: compareAll(outputs),
  cost: ({ day = 0 }, { portfolios }) => ({ flops: 20 * day * portfolios, bytes: 8 * day * (portfolios + 1) }),
  reference({ in: { returns, benchmark }, params, out }) {
    for (let p = 0; p < params.portfolios; p++) {
      const measures = relativeOf(seriesOf(returns, params.portfolios, p), Float64Array.from(benchmark), params);
      for (const [name, value] of Object.entries(measures)) out[name as keyof typeof measures][p] = value;
    }
  },
  sample: ({ day = 0 }, random, { portfolios }) => samplePerformance(day, portfolios, random),
  golden: [
    {
      source: goldenSource,
      inputs: { returns: goldenSeries, benchmark: goldenBenchmark },
      options: { riskFreeRate: 0.0252 },
      outputs: {
        beta: [-0.22673192771084333],
        alpha: [0.09858319344445943],
        correlation: [-0.2007995420568251],
        upCapture: [-0.057794779038822755],
        downCapture: [-6.123125023479131],
        trackingError: [0.47777785633074293],
        informationRatio: [1.8143997016887707],
      },
      relative: 1e-12,
    },
    {
      source: goldenSource,
      inputs: { returns: goldenBenchmark, benchmark: goldenSeries },
      options: { riskFreeRate: 0.0252 },
      outputs: {
        beta: [-0.17783316402466395],
        alpha: [-0.4448748285329708],
        correlation: [-0.2007995420568251],
        upCapture: [-0.016559170039230794],
        downCapture: [-0.012340201391012199],
        trackingError: [0.47777785633074293],
        informationRatio: [-1.8143997016887707],
      },
      relative: 1e-12,
    },
  ],
  parity: [
    { dims: { day: 2 } },
    { dims: { day: 7 }, options: { portfolios: 3 } },
    { dims: { day: 252 }, options: { portfolios: 8, riskFreeRate: 0.03 } },
    { dims: { day: 1_003 }, options: { portfolios: 19, periodsPerYear: 12 } },
  ],
  bench: [{ dims: { day: 2_500 }, options: { portfolios: 1_000 } }],
  example: { periodsPerYear: 252 },
});
