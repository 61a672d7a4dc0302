import { kernel } from "../../../core/call/kernel.js";
import { spread } from "../../parts/sample.js";

const eight = [0.01, -0.02, 0.015, 0, -0.04, 0.03, 0.005, -0.012] as const;

/** Mean squares below it count as 0: after a long silence they would reach numbers that processors are slow with. */
const nothing = 1e-300;

/** Exponentially weighted volatility of one series, as RiskMetrics forecasts it. */
export const ewmaVolatility = kernel({
  name: "ewma_volatility",
  rows: "day",
  doc:
    "Annual volatility forecast for the day after each row: the root of the exponentially weighted mean of squared returns, about 0, decay^age " +
    "being the weight of a return and the one of this row the newest. `decay` or `halfLife` sets the decay, exactly one of them. Start " +
    "`normalized` divides by the sum of the weights; start `first` lets the first row stand for all before it: v_1 = r_1^2, " +
    "v_t = decay v_(t-1) + (1 - decay) r_t^2. Weighted sums below 1e-300 count as 0.",
  source: "J.P. Morgan (1996), RiskMetrics Technical Document, 4th ed., eq. 5.3; weights as pandas.DataFrame.ewm(adjust=...)",
  inputs: {
    returns: {
      dtype: "real",
      shape: ["day"],
      check: {},
      unit: "ratio or currency",
      doc: "return of each day, oldest first. NaN is refused",
    },
  },
  params: {
    decay: {
      type: "f64",
      min: 0,
      max: 0.999999999,
      default: 0,
      doc: "weight of a row over that of the next one, 0.94 for RiskMetrics' daily returns; 0: set by halfLife",
    },
    halfLife: { type: "f64", min: 0, max: 1e8, default: 0, unit: "days", doc: "age at which a row counts half; 0: set by decay" },
    start: { type: "enum", values: ["normalized", "first"], default: "normalized", doc: "how the first rows are weighted" },
    periodsPerYear: {
      type: "f64",
      above: 0,
      unit: "days/year",
      doc: "rows in a year (252 for daily returns); 1 gives the volatility per row",
    },
  },
  state: {
    sum: { dtype: "f64", shape: [1], unit: "return^2", doc: "weighted sum of squared returns" },
    weight: { dtype: "f64", shape: [1], unit: "ratio", doc: "sum of the weights, 0 before the first row" },
  },
  outputs: {
    volatility: { dtype: "real", shape: ["day"], unit: "return per sqrt(year)", doc: "0 while all returns are 0; there is no warm-up" },
  },
  refuse: ({ decay, halfLife }) => (decay > 0 === halfLife > 0 ? "give decay or halfLife, exactly one of them" : undefined),
  compare: { volatility: { f64: { relative: 1e-13, floor: 0 }, f32: { relative: 1.2e-7, floor: 1e-30 } } },
  cost: ({ day = 0 }) => ({ flops: 8 * day, bytes: 16 * day }),
  reference({ in: { returns }, params: { decay, halfLife, start, periodsPerYear }, state: { sum, weight }, out: { volatility } }) {
    const lambda = decay > 0 ? decay : 2 ** (-1 / halfLife);
    for (let i = 0; i < returns.length; i++) {
      const fresh = start === "first" && weight[0] === 0 ? 1 : 1 - lambda;
      const next = lambda * sum[0]! + fresh * returns[i]! ** 2;
      sum[0] = next < nothing ? 0 : next;
      weight[0] = lambda * weight[0]! + fresh;
      volatility[i] = Math.sqrt((periodsPerYear * sum[0]) / (start === "first" ? 1 : weight[0]));
    }
    return undefined;
  },
  sample: ({ day = 0 }, random) => ({
    returns: Float64Array.from({ length: day }, (_, i) =>
      i < 3 || (i > 0.4 * day && i < 0.5 * day) ? 0 : (random() < 0.4 ? -1 : 1) * 1e-2 * spread(random),
    ),
  }),
  golden: [
    {
      source: "numpy 2.4.6: sqrt(252 (w r^2).sum() / w.sum()), w = 0.94 ** age",
      inputs: { returns: eight },
      options: { decay: 0.94 },
      outputs: {
        volatility: [
          0.15874507866387544, 0.2533161506200275, 0.24804000061270845, 0.21139369565873622, 0.3542959979554849, 0.38094475989656557,
          0.34846010845597203, 0.32915193025318823,
        ],
      },
      relative: 1e-14,
      floor: 0,
    },
    {
      source: "numpy 2.4.6: sqrt(252 (w r^2).sum()), w = 0.06 0.94 ** age but for the first, 0.94 ** age",
      inputs: { returns: eight },
      options: { decay: 0.94, start: "first" },
      outputs: {
        volatility: [
          0.15874507866387544, 0.17244129435839897, 0.17707015558811712, 0.17167588531881817, 0.22780749114987422, 0.24978085964012542,
          0.2429507134626413, 0.24012668785806804,
        ],
      },
      relative: 1e-14,
      floor: 0,
    },
    {
      source: "hand calculation: half-life 1 halves the square of 0.2 each day, first: 0.04, 0.02, 0.01",
      inputs: { returns: [0.2, 0, 0] },
      options: { decay: 0, halfLife: 1, start: "first", periodsPerYear: 1 },
      outputs: { volatility: [0.2, Math.SQRT1_2 * 0.2, 0.1] },
      relative: 1e-15,
    },
  ],
  parity: [
    ...[0, 1, 7, 1_003].map((day) => ({ dims: { day } })),
    { dims: { day: 1_003 }, options: { decay: 0, halfLife: 11.5, start: "first" } },
    { dims: { day: 3_001 }, options: { decay: 0.999, periodsPerYear: 1 } },
  ],
  bench: [{ dims: { day: 1_000_000 } }],
  example: { decay: 0.94, periodsPerYear: 252 },
});
