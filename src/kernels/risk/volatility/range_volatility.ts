import { kernel } from "../../../core/call/kernel.js";
import { counter } from "../../../core/contract/contract.js";
import { spread } from "../../parts/sample.js";
import { keep, logReturn, sum } from "../../parts/window.js";

const { LN2, sqrt } = Math;
const price = (which: string) =>
  ({ dtype: "real", shape: ["bar"], check: { above: 0 }, unit: "price", doc: `${which} price of each bar, > 0` }) as const;

/** Sample variance (ddof 1), about the mean. */
function variance(values: Float64Array): number {
  const mean = sum(values) / values.length;
  return sum(values.map((x) => (x - mean) ** 2)) / (values.length - 1);
}

/** Yang & Zhang's weight of the opening-to-closing variance (eq. 10, alpha = 1.34). */
const weight = (window: number) => 0.34 / (1.34 + (window + 1) / (window - 1));

/** Variance per bar over a window, from the ring of overnight returns, opening-to-closing returns and terms of the ranges. */
function windowVariance(estimator: string, overnight: Float64Array, session: Float64Array, ranges: Float64Array): number {
  const window = ranges.length;
  const range = sum(ranges) / window;
  if (estimator !== "yang_zhang") return range;
  return variance(overnight) + weight(window) * variance(session) + (1 - weight(window)) * range;
}

/** What one bar adds to the mean over the window. */
function rangeTerm(estimator: string, open: number, high: number, low: number, close: number): number {
  const range = logReturn(low, high) ** 2;
  if (estimator === "parkinson") return range / (4 * LN2);
  if (estimator === "garman_klass") return 0.5 * range - (2 * LN2 - 1) * logReturn(open, close) ** 2;
  return logReturn(close, high) * logReturn(open, high) + logReturn(close, low) * logReturn(open, low);
}

const bars = {
  open: [100, 101.5, 101, 103, 102.5, 99, 98.25, 100],
  high: [102, 102.25, 103.5, 103, 102.75, 99.5, 101, 104.5],
  low: [99.5, 100.5, 101, 101.75, 98, 97, 98, 99.75],
  close: [101.25, 100.75, 103.25, 102, 98.5, 98, 100.5, 104],
};

/** Volatility from the opening, high, low and closing prices of bars. */
export const rangeVolatility = kernel({
  name: "range_volatility",
  rows: "bar",
  doc: "Annual volatility over the last `window` bars from their price ranges: Parkinson, Garman-Klass, Rogers-Satchell or Yang-Zhang. `yang_zhang` alone counts the jump from one bar's close to the next bar's open, and needs one bar more.",
  source:
    "Parkinson (1980), J. Business 53(1), eq. 10; Garman & Klass (1980), J. Business 53(1), the estimator of their eq. 20 without jumps; Rogers & Satchell (1991), Ann. Appl. Probab. 1(4), eq. 2; Yang & Zhang (2000), J. Business 73(3), eq. 7 to 10",
  inputs: { open: price("first"), high: price("highest"), low: price("lowest"), close: price("last") },
  params: {
    estimator: {
      type: "enum",
      values: ["parkinson", "garman_klass", "rogers_satchell", "yang_zhang"],
      default: "yang_zhang",
      doc: "formula; only `rogers_satchell` and `yang_zhang` are unbiased where prices drift",
    },
    window: { type: "i32", min: 2, max: 1_000_000, default: 20, unit: "bars", doc: "bars averaged" },
    periodsPerYear: {
      type: "f64",
      above: 0,
      unit: "bars/year",
      doc: "bars in a year (252 for daily bars); 1 gives the volatility per bar",
    },
  },
  state: {
    terms: { dtype: "f64", shape: [3, "window"], unit: "return, return^2", doc: "ring of overnight return, session return, range term" },
    rows: counter("bars", "bars so far"),
    lastClose: { dtype: "f64", shape: [1], unit: "price", doc: "close of the last bar, 0 before there is one" },
  },
  outputs: {
    volatility: {
      dtype: "real",
      shape: ["bar"],
      unit: "return per sqrt(year)",
      doc: "NaN for the first window - 1 bars (`yang_zhang`: window bars). A bar whose high lies below its open or close, or whose low above, is refused",
    },
  },
  // The variances subtract squares of means from mean squares; the root halves the digits of what is left when bars do not move.
  compare: { volatility: { f64: { relative: 1e-11, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } } },
  cost: ({ bar = 0 }) => ({ flops: 130 * bar, bytes: 40 * bar }),
  reference({ in: { open, high, low, close }, params: { estimator, window, periodsPerYear }, state, out: { volatility } }) {
    const [overnight, session, ranges] = [0, 1, 2].map((k) => state.terms.subarray(k * window, (k + 1) * window));
    const warm = estimator === "yang_zhang" ? window : window - 1;
    for (let i = 0; i < close.length; i++) {
      const [o, h, l, c] = [open[i]!, high[i]!, low[i]!, close[i]!];
      if (h < Math.max(o, c)) return { consumed: i, produced: 0, refused: { code: "badValue", input: "high", row: i } };
      if (l > Math.min(o, c)) return { consumed: i, produced: 0, refused: { code: "badValue", input: "low", row: i } };
      const jump = state.rows[0] === 0 ? 0 : logReturn(state.lastClose[0]!, o);
      keep(state.terms, state.rows[0]!, window, jump, logReturn(o, c), rangeTerm(estimator, o, h, l, c));
      state.lastClose[0] = c;
      volatility[i] = state.rows[0]! < warm ? Number.NaN : sqrt(periodsPerYear * windowVariance(estimator, overnight!, session!, ranges!));
      state.rows[0]!++;
    }
    return undefined;
  },
  sample({ bar = 0 }, random) {
    const flat = (i: number) => i > 0.4 * bar && i < 0.5 * bar;
    let last = 400;
    const open = new Float64Array(bar);
    const close = open.map((_, i) => {
      open[i] = flat(i) ? last : last * (1 + 0.004 * (random() - 0.48));
      last = flat(i) ? last : open[i]! * (1 + 2e-5 * (random() - 0.5) * spread(random));
      return last;
    });
    const wider = (i: number, up: number) => (flat(i) ? 1 : 1 + up * 0.003 * random());
    return {
      open,
      close,
      high: open.map((o, i) => Math.max(o, close[i]!) * wider(i, 1)),
      low: open.map((o, i) => Math.min(o, close[i]!) * wider(i, -0.7)),
    };
  },
  golden: [
    {
      source: "hand calculation: high / low = e in every bar, so 1 / (4 log 2) per bar",
      inputs: { open: [1, 1], high: [Math.E, Math.E], low: [1, 1], close: [1, 1] },
      options: { estimator: "parkinson", window: 2, periodsPerYear: 4 * Math.LN2 },
      outputs: { volatility: [Number.NaN, 1] },
      relative: 1e-15,
    },
    ...[
      ["parkinson", Number.NaN, 0.19425836057422496, 0.2732181590884595, 0.287384926720952, 0.29944068086510883, 0.36803667147821223],
      ["garman_klass", Number.NaN, 0.18190387568683777, 0.22238060577193317, 0.24350207866710522, 0.26160622729994504, 0.311113245471978],
      ["rogers_satchell", Number.NaN, 0.16949969340360463, 0.18679961588393, 0.2109464916257361, 0.2311867746615454, 0.2672815791087261],
      ["yang_zhang", Number.NaN, Number.NaN, 0.22696508140569546, 0.24639154437784083, 0.2627028203142968, 0.3227195525836632],
    ].map(([estimator, ...volatility]) => ({
      source: "the formulas in numpy 2.4.6, var(ddof=1)",
      inputs: bars,
      options: { estimator: String(estimator), window: 4, periodsPerYear: 252 },
      outputs: { volatility: [Number.NaN, Number.NaN, ...volatility.map(Number)] },
      relative: 1e-12,
    })),
  ],
  example: { periodsPerYear: 252 },
  parity: [
    ...[0, 1, 7, 64, 1_003].map((bar) => ({ dims: { bar }, options: { window: 5, periodsPerYear: 252 } })),
    ...["parkinson", "garman_klass", "rogers_satchell"].map((estimator) => ({
      dims: { bar: 1_003 },
      options: { estimator, window: 20, periodsPerYear: 365 },
    })),
    { dims: { bar: 1_003 }, options: { window: 2, periodsPerYear: 1 } },
    { dims: { bar: 5_003 }, options: { window: 700, periodsPerYear: 252 } },
  ],
  bench: [
    { dims: { bar: 1_000_000 }, options: { periodsPerYear: 252 }, label: "yang_zhang" },
    { dims: { bar: 1_000_000 }, options: { estimator: "parkinson", periodsPerYear: 252 }, label: "parkinson" },
  ],
});
