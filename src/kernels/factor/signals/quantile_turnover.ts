import { kernel } from "../../../core/call/kernel.js";
import { counter } from "../../../core/contract/contract.js";
import { assetsParam } from "../parts/panel.js";

/** How much of each quantile is new. */
export const quantileTurnover = kernel({
  name: "quantile_turnover",
  rows: "date",
  doc:
    "Share of each quantile's assets that were not in it `period` dates before. NaN for the first `period` dates and for an empty " +
    "quantile; where it was empty before, all are new.",
  source: "alphalens-reloaded, performance.quantile_turnover",
  inputs: {
    quantile: {
      dtype: "i32",
      shape: ["date", "assets"],
      check: { min: 0 },
      unit: "group",
      doc: "group of each asset from 1 on, 0 = none, as quantile_returns gives it; groups above `quantiles` are passed over",
    },
  },
  params: {
    assets: assetsParam,
    quantiles: { type: "i32", min: 1, max: 100, default: 5, doc: "groups" },
    period: { type: "i32", min: 1, max: 10_000, default: 1, unit: "dates", doc: "dates looked back" },
  },
  state: {
    ring: { dtype: "i32", shape: ["period", "assets"], unit: "group", doc: "groups of the last dates" },
    dates: counter("dates", "dates so far"),
  },
  outputs: { turnover: { dtype: "f64", shape: ["date", "quantiles"], unit: "share", doc: "new members over members" } },
  compare: { turnover: { f64: { relative: 1e-15, floor: 0 }, f32: { relative: 1e-15, floor: 0 } } },
  cost: ({ date = 0 }, { assets }) => ({ flops: 2 * date * assets, bytes: 12 * date * assets }),
  reference({ in: { quantile }, params: { assets, quantiles, period }, state: { ring, dates }, out: { turnover } }) {
    for (let t = 0; t * assets < quantile.length; t++) {
      const slot = (dates[0]! % period) * assets;
      const known = dates[0]!++ >= period;
      const own = quantile.subarray(t * assets, (t + 1) * assets);
      const before = ring.slice(slot, slot + assets);
      for (let q = 1; q <= quantiles; q++) {
        const members = own.filter((x) => x === q).length;
        const fresh = own.filter((x, i) => x === q && before[i] !== q).length;
        turnover[t * quantiles + q - 1] = known ? fresh / members : Number.NaN;
      }
      ring.set(own, slot);
    }
  },
  sample: ({ date = 0 }, random, { assets, quantiles }) => ({
    quantile: Int32Array.from({ length: date * assets }, (_, k) =>
      k % 4 === 1 ? 1 + (k % quantiles) : Math.floor(random() ** 2 * (quantiles + 2)),
    ),
  }),
  golden: [
    {
      source: "hand: four assets, two groups; the last one leaves group 2, then group 2 is empty",
      inputs: { quantile: [1, 1, 2, 2, 1, 2, 2, 0, 1, 1, 1, 1] },
      options: { assets: 4, quantiles: 2 },
      outputs: { turnover: [Number.NaN, Number.NaN, 0, 0.5, 0.75, Number.NaN] },
      relative: 1e-15,
    },
  ],
  parity: [
    { dims: { date: 0 }, options: { assets: 4 } },
    { dims: { date: 7 }, options: { assets: 1, quantiles: 1 } },
    { dims: { date: 40 }, options: { assets: 37, period: 3 } },
    { dims: { date: 20 }, options: { assets: 101, quantiles: 10 } },
  ],
  bench: [{ dims: { date: 100 }, options: { assets: 3_000 } }],
  example: { assets: 6 },
});
