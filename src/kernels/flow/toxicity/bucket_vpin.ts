import { kernel } from "../../../core/call/kernel.js";
import { spread } from "../../parts/sample.js";

/** Volume-synchronized probability of informed trading from buckets that are already filled. */
export const bucketVpin = kernel({
  name: "bucket_vpin",
  rows: "bucket",
  doc: "Share of the volume of the last `window` volume buckets that was one-sided.",
  source: "Easley, Lopez de Prado & O'Hara (2012), Rev. Financ. Stud. 25(5), eq. 5",
  inputs: {
    buy: { dtype: "real", shape: ["bucket"], check: { min: 0 }, unit: "volume", doc: "buyer-initiated volume of each bucket, >= 0" },
    sell: { dtype: "real", shape: ["bucket"], check: { min: 0 }, unit: "volume", doc: "seller-initiated volume of each bucket, >= 0" },
  },
  params: { window: { type: "i32", min: 1, default: 50, doc: "buckets averaged" } },
  outputs: {
    vpin: {
      dtype: "real",
      shape: ["bucket"],
      unit: "ratio in [0, 1]",
      doc: "NaN for the first window - 1 buckets and where the window's volume is 0",
    },
  },
  compare: { vpin: { f64: { relative: 1e-12, floor: 1e-3 }, f32: { relative: 2e-5, floor: 1e-3 } } },
  cost: ({ bucket = 0 }) => ({ flops: 6 * bucket, bytes: 24 * bucket }),
  reference({ in: { buy, sell }, params: { window }, out: { vpin } }) {
    for (let i = 0; i < buy.length; i++) {
      let imbalance = 0;
      let volume = 0;
      for (let j = i - window + 1; j <= i; j++) {
        imbalance += Math.abs(buy[j]! - sell[j]!);
        volume += buy[j]! + sell[j]!;
      }
      vpin[i] = i < window - 1 ? Number.NaN : imbalance / volume;
    }
  },
  sample({ bucket = 0 }, random) {
    const silent = (i: number) => i > 0.4 * bucket && i < 0.5 * bucket;
    return {
      buy: Float64Array.from({ length: bucket }, (_, i) => (silent(i) ? 0 : 1.3 * spread(random))),
      sell: Float64Array.from({ length: bucket }, (_, i) => (silent(i) ? 0 : spread(random))),
    };
  },
  golden: [
    {
      // Hand calculation: windows {9:1, 6:4}, {6:4, 5:5}, {5:5, 0:10}: (8+2)/20, (2+0)/20, (0+10)/20.
      source: "hand calculation of eq. 5",
      inputs: { buy: [9, 6, 5, 0], sell: [1, 4, 5, 10] },
      options: { window: 2 },
      outputs: { vpin: [Number.NaN, 0.5, 0.1, 0.5] },
      relative: 1e-15,
    },
  ],
  parity: [
    { dims: { bucket: 0 } },
    { dims: { bucket: 1 } },
    { dims: { bucket: 7 }, options: { window: 3 } },
    { dims: { bucket: 1_003 } },
    { dims: { bucket: 1_003 }, options: { window: 1 } },
  ],
  bench: [{ dims: { bucket: 1_000_000 } }],
});
