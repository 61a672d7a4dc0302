import { kernel } from "../../../core/call/kernel.js";
import { counter } from "../../../core/contract/contract.js";

/** Where each VPIN value stands among the ones before it: point in time, no look-ahead. */
export const vpinCdf = kernel({
  name: "vpin_cdf",
  rows: "bucket",
  doc: "Share of the last `history` earlier values that are not above the current one.",
  source: "Easley, Lopez de Prado & O'Hara (2012), Rev. Financ. Stud. 25(5), section 3.1: empirical CDF of VPIN",
  inputs: { vpin: { dtype: "real", shape: ["bucket"], unit: "ratio in [0, 1]", doc: "VPIN of each bucket; NaN is passed over" } },
  params: { history: { type: "i32", min: 1, max: 100_000_000, default: 1000, doc: "earlier values looked back on" } },
  state: {
    earlier: { dtype: "f64", shape: ["history"], unit: "ratio", doc: "ring of earlier values" },
    seen: counter("bucket", "values that were not NaN"),
  },
  outputs: {
    cdf: {
      dtype: "real",
      shape: ["bucket"],
      unit: "ratio in [0, 1]",
      doc: "NaN where the value is NaN or the first; values within 1e-12 are equal",
    },
  },
  compare: { cdf: { f64: { relative: 1e-15, floor: 1 }, f32: { relative: 1e-7, floor: 1 } } },
  cost: ({ bucket = 0 }, { history }) => ({ flops: bucket * history, bytes: 16 * bucket }),
  reference({ in: { vpin }, params: { history }, state: { earlier, seen }, out: { cdf } }) {
    for (let i = 0; i < vpin.length; i++) {
      const count = Math.min(seen[0]!, history);
      let below = 0;
      for (let k = 0; k < count; k++) if (earlier[k]! <= vpin[i]! + 1e-12) below++;
      cdf[i] = Number.isNaN(vpin[i]!) ? Number.NaN : below / count;
      if (!Number.isNaN(vpin[i]!)) earlier[seen[0]!++ % history] = vpin[i]!;
    }
  },
  sample: ({ bucket = 0 }, random) => ({
    vpin: Float64Array.from({ length: bucket }, (_, i) =>
      i < 0.1 * bucket ? Number.NaN : i < 0.3 * bucket ? 0.25 : Math.round(50 * random()) / 50,
    ),
  }),
  golden: [
    {
      source: "hand calculation of the ranks",
      inputs: { vpin: [Number.NaN, 0.2, 0.4, 0.3, 0.3, Number.NaN, 0.1] },
      options: { history: 3 },
      outputs: { cdf: [Number.NaN, Number.NaN, 1, 0.5, 2 / 3, Number.NaN, 0] },
      relative: 1e-15,
    },
  ],
  parity: [
    { dims: { bucket: 0 } },
    { dims: { bucket: 1 } },
    { dims: { bucket: 7 }, options: { history: 3 } },
    { dims: { bucket: 1_003 }, options: { history: 100 } },
    { dims: { bucket: 1_003 } },
  ],
  bench: [{ dims: { bucket: 100_000 } }],
});
