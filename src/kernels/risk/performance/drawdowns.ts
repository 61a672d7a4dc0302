import { kernel } from "../../../core/call/kernel.js";
import {
  compoundedParam,
  deepest,
  fallsOf,
  performanceInput,
  performanceParams,
  samplePerformance,
  seriesOf,
} from "../parts/performance.js";

const exact = { f64: { exact: true }, f32: { exact: true } } as const;
const place = (doc: string) =>
  ({ dtype: "i32", shape: ["portfolios", "count"], unit: "place of the path", doc: `${doc}; -1 where there is none` }) as const;

/** The worst falls of portfolios, with their dates. */
export const drawdowns = kernel({
  name: "drawdowns",
  rows: "day",
  doc:
    "The deepest falls below an earlier high of the path, compounded from 1 or summed from 0, deepest first; of equals the earlier one. None overlaps " +
    "another. A place of the path is 0 before the first return and d + 1 after return d: the row of its price.",
  source: "the table of pyfolio 0.9.2 (timeseries.gen_drawdown_table), by one walk along the path",
  inputs: { returns: performanceInput },
  params: {
    portfolios: performanceParams.portfolios,
    count: { type: "i32", min: 1, max: 100_000, default: 10, doc: "falls that are kept of each portfolio" },
    compounded: compoundedParam,
  },
  outputs: {
    depth: {
      dtype: "real",
      shape: ["portfolios", "count"],
      unit: "ratio",
      doc: "0.2 is a fall by 20 %, or by 0.2 of a sum; 0 where there are no more falls",
    },
    peak: place("the last day of the high before it"),
    trough: place("its lowest day"),
    recovery: place("where that high is reached again"),
  },
  // The falls of as many portfolios as walk side by side: many, unless many falls of each are kept.
  workspace: true,
  compare: {
    depth: { f64: { relative: 1e-15, floor: 1e-3 }, f32: { relative: 1.2e-7, floor: 1e-3 } },
    peak: exact,
    trough: exact,
    recovery: exact,
  },
  cost: ({ day = 0 }, { portfolios }) => ({ flops: 6 * day * portfolios, bytes: 8 * day * portfolios }),
  reference({ in: { returns }, params: { portfolios, count, compounded }, out }) {
    out.depth.fill(0);
    for (const places of [out.peak, out.trough, out.recovery]) places.fill(-1);
    for (let p = 0; p < portfolios; p++)
      for (const [i, fall] of deepest(fallsOf(seriesOf(returns, portfolios, p), compounded).falls)
        .slice(0, count)
        .entries()) {
        out.depth[p * count + i] = fall.depth;
        out.peak[p * count + i] = fall.peak;
        out.trough[p * count + i] = fall.trough;
        out.recovery[p * count + i] = fall.recovery;
      }
  },
  sample: ({ day = 0 }, random, { portfolios }) => ({ returns: samplePerformance(day, portfolios, random).returns }),
  golden: [
    {
      source:
        "hand calculation: path 1, 1.1, 0.88, 1.1, 1.045, 1.1495, 1.1495, 0.57475: falls by 20 %, 5 % and 50 %, the last not recovered",
      inputs: { returns: [0.1, -0.2, 0.25, -0.05, 0.1, 0, -0.5] },
      options: { count: 4 },
      outputs: { depth: [0.5, 0.2, 0.05, 0], peak: [6, 1, 3, -1], trough: [7, 2, 4, -1], recovery: [-1, 3, 5, -1] },
      relative: 1e-14,
    },
    {
      source: "hand calculation: the sums 0.25, 0, 0.5, 0.25, 0.5, 0: falls by 0.25, 0.25 and 0.5, of equals the earlier one first",
      inputs: { returns: [0.25, -0.25, 0.5, -0.25, 0.25, -0.5] },
      options: { count: 4, compounded: "no" },
      outputs: { depth: [0.5, 0.25, 0.25, 0], peak: [5, 1, 3, -1], trough: [6, 2, 4, -1], recovery: [-1, 3, 5, -1] },
      relative: 0,
    },
  ],
  parity: [
    { dims: { day: 0 } },
    { dims: { day: 1 } },
    { dims: { day: 7 }, options: { portfolios: 3, count: 2 } },
    { dims: { day: 1_003 }, options: { portfolios: 19 } },
    { dims: { day: 303 }, options: { portfolios: 9, compounded: "no" } },
  ],
  bench: [{ dims: { day: 2_500 }, options: { portfolios: 1_000 } }],
});
