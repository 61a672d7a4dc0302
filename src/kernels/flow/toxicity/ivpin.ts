import { kernel } from "../../../core/call/kernel.js";
import { counter } from "../../../core/contract/contract.js";
import { keep, sum } from "../../parts/window.js";
import { drawnPeriods } from "../parts/informed_sample.js";
import { splitStarts } from "../parts/informed_starts.js";
import {
  type Estimate,
  estimateClose,
  estimateOutputs,
  grid,
  InformedTrading,
  type Periods,
  parameterClose,
} from "../parts/informed_trading.js";

const unknown = (rows: number): number[] => new Array<number>(rows).fill(Number.NaN);

/** Volume-synchronized probability of informed trading by maximum likelihood, with the time that each bucket took. */
export const ivpin = kernel({
  name: "ivpin",
  rows: "bucket",
  doc:
    "Probability of informed trading of volume buckets by maximum likelihood over the last `window` of them. Buckets have no news, bad news or good " +
    "news; given how long a bucket took, its buys and sells are Poisson counts, more of them on the side of the news. Volumes count as trades of size " +
    "1: give lots. With many lots a bucket the likelihood has many local maxima. It is maximized from a 5 x 5 grid of alpha and delta, later from the maximum " +
    "of the bucket before (rounded to 10 bits and kept off the borders); and from 18 splits of the window into fast and slow buckets, by all volume, buys " +
    "or sells over duration. The best is kept: no method can tell that there is no better one, and `converged` says that a maximum was reached, not that. " +
    "Durations: endTime - startTime of volume_buckets, from the trade that began a bucket to the one that filled it, without the time that the market was " +
    "closed; a print that fills several buckets gives all but the first no time, which `leastDuration` raises. PINstimation deals the length of each time " +
    "bar out by volume instead.",
  source: "Ke & Lin (2017), Critical Finance Review 6(2), likelihood of footnote 8, moments of eq. 3 for the starting values, eq. 19",
  inputs: {
    buy: {
      dtype: "real",
      shape: ["bucket"],
      check: { min: 0, max: 1e15 },
      unit: "lots",
      doc: "buyer-initiated volume of each bucket, >= 0",
    },
    sell: {
      dtype: "real",
      shape: ["bucket"],
      check: { min: 0, max: 1e15 },
      unit: "lots",
      doc: "seller-initiated volume of each bucket, >= 0",
    },
    duration: {
      dtype: "real",
      shape: ["bucket"],
      check: { min: 0, max: 1e15 },
      unit: "time",
      doc: "how long each bucket took, in any unit of time, >= 0",
    },
  },
  params: {
    window: { type: "i32", min: 5, max: 10_000, default: 50, unit: "buckets", doc: "buckets of one estimate" },
    leastDuration: {
      type: "f64",
      min: 0,
      max: 1e15,
      default: 0,
      unit: "time",
      doc: "shorter durations are raised to it: the resolution of the clock. At 0 a bucket with volume that took no time, which has no likelihood, makes its windows NaN",
    },
    start: {
      type: "enum",
      values: ["previous", "grid"],
      default: "previous",
      doc: "beside the splits, begin at the maximum of the bucket before where there was one, else with the grid; or with the grid for every bucket",
    },
  },
  state: {
    terms: { dtype: "f64", shape: [3, "window"], unit: "mixed", doc: "rings of buys, sells and durations" },
    rows: counter("buckets", "buckets so far"),
    start: { dtype: "f64", shape: [5], unit: "1", doc: "starting value for the next bucket, in 1024ths; 0: none" },
  },
  outputs: {
    ivpin: {
      dtype: "real",
      shape: ["bucket"],
      unit: "ratio in [0, 1]",
      doc: "alpha mu / (epsilonBuy + epsilonSell + mu): buckets with news times the informed share of their volume; 0 where news cannot be told from chance; NaN for the first `window` - 1 buckets, without volume, and where a bucket with volume took no time",
    },
    ...estimateOutputs("bucket", "lots / time"),
  },
  compare: { ivpin: parameterClose, ...estimateClose },
  workspace: true,
  cost: ({ bucket = 0 }, { window }) => ({ flops: 50_000 * bucket * window, bytes: 69 * bucket }),
  reference({ in: { buy, sell, duration }, params: { window, leastDuration, start: how }, state: { terms, rows, start }, out }) {
    for (let i = 0; i < buy.length; i++) {
      keep(terms, rows[0]!, window, buy[i]!, sell[i]!, Math.max(duration[i]!, leastDuration));
      rows[0]!++;
      const [buys, sells, time] = [0, 1, 2].map((k) => terms.subarray(k * window, (k + 1) * window)) as [
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      const found = rows[0]! < window ? undefined : estimate({ buy: buys, sell: sells, time }, start, how === "grid");
      for (const key of ["alpha", "delta", "mu", "epsilonBuy", "epsilonSell", "logLikelihood"] as const)
        out[key][i] = found?.[key] ?? Number.NaN;
      out.ivpin[i] = found
        ? found.alpha === 0
          ? 0
          : (found.alpha * found.mu) / (found.epsilonBuy + found.epsilonSell + found.mu)
        : Number.NaN;
      out.converged[i] = found?.converged ? 1 : 0;
    }
    return undefined;
  },
  sample: ({ bucket = 0, lots = 100 }, random) => {
    const { buy, sell, time } = drawnPeriods(bucket, lots, random, () => 0.2 + 3 * random() ** 3);
    return { buy, sell, duration: time.map((t, i) => (i > 0.6 * bucket && i < 0.6 * bucket + 2 ? 0 : t)) };
  },
  golden: [
    ...[
      { window: 12, values: [0.322512674, 0.75274134, 0.55495293, 25.0021694, 19.4524526, 13.9001903, 2357.3676732824533] },
      { window: 8, values: [0.319481055, 0.7545659, 0.66571218, 24.3277224, 19.2655963, 13.8650798, 1589.5170104710378], from: 4 },
    ].map(({ window, values, from = 0 }) => ({
      source:
        "scipy 1.17.1 on the mixture as written, with durations: best of 125 minimize(method='L-BFGS-B', ftol=1e-15), then Nelder-Mead(xatol=1e-13, fatol=1e-13), numpy 2.4.6" +
        (from ? "; the last of windows of 8" : ""),
      inputs: {
        buy: [21, 90, 9, 70, 15, 24, 130, 13, 52, 7, 41, 20].slice(from),
        sell: [15, 28, 22, 20, 31, 17, 44, 30, 14, 5, 75, 41].slice(from),
        duration: [1, 2, 0.5, 1.5, 0.8, 1.2, 3, 0.7, 1, 0.4, 2.2, 1.1].slice(from),
      },
      options: { window },
      outputs: Object.fromEntries(
        ["ivpin", "alpha", "delta", "mu", "epsilonBuy", "epsilonSell", "logLikelihood"].map((key, k) => [
          key,
          [...unknown(window - 1), values[k]!],
        ]),
      ),
      relative: 2e-7,
    })),
    {
      source: "hand calculation: equal rates are no news, 2 x 100 trades in 10 units of time; a bucket that took no time has no likelihood",
      inputs: { buy: [10, 20, 30, 30, 10, 10], sell: [10, 20, 30, 30, 10, 10], duration: [1, 2, 3, 3, 1, 0] },
      options: { window: 5 },
      outputs: {
        ivpin: [...unknown(4), 0, Number.NaN],
        alpha: [...unknown(4), 0, Number.NaN],
        mu: unknown(6),
        epsilonBuy: [...unknown(4), 10, Number.NaN],
        epsilonSell: [...unknown(4), 10, Number.NaN],
        converged: [0, 0, 0, 0, 1, 0],
      },
      relative: 1e-14,
    },
  ],
  parity: [
    ...[0, 1, 7, 64].map((bucket) => ({ dims: { bucket, lots: 50 }, options: { window: 5 } })),
    { dims: { bucket: 100, lots: 20 } },
    { dims: { bucket: 100, lots: 20 }, options: { leastDuration: 0.25 } },
    { dims: { bucket: 80, lots: 1 }, options: { window: 21 } },
    { dims: { bucket: 80, lots: 1e5 }, options: { window: 21 } },
    { dims: { bucket: 64, lots: 3000 }, options: { window: 27, start: "grid" } },
  ],
  bench: [
    { dims: { bucket: 110 }, options: { leastDuration: 0.1 }, label: "61 windows" },
    { dims: { bucket: 110 }, options: { leastDuration: 0.1, start: "grid" }, label: "61 windows, the grid for each" },
  ],
});

/** `start` holds the starting value of the next bucket: tangents of half angles, and roots of rates over that of the mean volume of a bucket. */
function estimate(periods: Periods, start: Float64Array, alwaysGrid: boolean): Estimate | undefined {
  const model = new InformedTrading(periods);
  const known = start[0]! > 0 && !alwaysGrid;
  const scale = [1, 1, model.root, model.root, model.root];
  const first = () => (known ? [scale.map((s, k) => s * start[k]!)] : gridOf(model, periods));
  const found = model.possible ? model.estimate([...first(), ...splitStarts(model, periods)]) : undefined;
  start.set(found?.at ? found.at.map((x, k) => rounded(k < 2 ? folded(x) : Math.abs(x) / scale[k]!, k < 2)) : [0, 0, 0, 0, 0]);
  return found;
}

/** w and 1 / w are tangents of halves of angles with the same sine. */
const folded = (w: number): number => Math.min(Math.abs(w), 1 / Math.abs(w));
const rounded = (x: number, angle: boolean): number => Math.round(1024 * Math.min(Math.max(x, 1 / 16), angle ? 15 / 16 : 1e12)) / 1024;

/** alpha mu is the mean imbalance, epsilon half of the rest. */
function gridOf(model: InformedTrading, { buy, sell }: Periods): number[][] {
  const imbalance = sum(buy.map((b, i) => Math.abs(b - sell[i]!))) / model.duration;
  const epsilon = (model.buys + model.sells) / model.duration / 2 - imbalance / 2;
  const least = (model.buys + model.sells) / model.duration / 20;
  return grid.flatMap((alpha) =>
    grid.map((delta) =>
      model.coordinates(alpha, delta, Math.max(imbalance / alpha, least), Math.max(epsilon, least), Math.max(epsilon, least)),
    ),
  );
}
