import { kernel } from "../../../core/call/kernel.js";
import { counter } from "../../../core/contract/contract.js";
import { spread } from "../../parts/sample.js";
import { keep, sum, windowBench, windowSizes } from "../../parts/window.js";

/** How one-sided trading was, from trades; order_flow_imbalance is that of quotes. */
export const tradeImbalance = kernel({
  name: "trade_imbalance",
  rows: "trade",
  doc: "Buyer-initiated less seller-initiated volume over all volume of the last `window` trades.",
  source: "Chordia, Roll & Subrahmanyam (2002), J. Financial Economics 65(1): order imbalance scaled by volume",
  inputs: {
    size: { dtype: "real", shape: ["trade"], check: { min: 0 }, unit: "volume", doc: "traded volume, >= 0" },
    side: {
      dtype: "i8",
      shape: ["trade"],
      check: { min: -1, max: 1 },
      unit: "sign",
      doc: "+1 buyer-initiated, -1 seller-initiated, 0 unknown",
    },
  },
  params: { window: { type: "i32", min: 1, max: 1_000_000, default: 100, unit: "trades", doc: "trades taken" } },
  state: {
    terms: { dtype: "f64", shape: [2, "window"], unit: "volume", doc: "rings of signed volumes and volumes" },
    rows: counter("trades", "trades so far"),
  },
  outputs: {
    imbalance: {
      dtype: "real",
      shape: ["trade"],
      unit: "ratio in [-1, 1]",
      doc: "NaN for the first window - 1 trades and where the volume is 0",
    },
  },
  // Buys and sells cancel; the quotient's error is that of the volume it is divided by.
  compare: { imbalance: { f64: { relative: 1e-12, floor: 1 }, f32: { relative: 1.2e-7, floor: 1 } } },
  cost: ({ trade = 0 }) => ({ flops: 8 * trade, bytes: 17 * trade }),
  reference({ in: { size, side }, params: { window }, state: { terms, rows }, out: { imbalance } }) {
    for (let i = 0; i < size.length; i++) {
      keep(terms, rows[0]!, window, side[i]! * size[i]!, size[i]!);
      rows[0]!++;
      const ratio = sum(terms.subarray(0, window)) / sum(terms.subarray(window));
      imbalance[i] = rows[0]! >= window ? ratio : Number.NaN;
    }
  },
  sample: ({ trade = 0 }, random) => ({
    size: Float64Array.from({ length: trade }, (_, i) => (i > 0.4 * trade && i < 0.5 * trade ? 0 : spread(random))),
    side: Int8Array.from({ length: trade }, () => [1, 1, -1, 0][Math.floor(4 * random())]!),
  }),
  golden: [
    {
      source: "pandas 1.5.3 (side * size).rolling(3).sum() / size.rolling(3).sum()",
      inputs: { size: [1, 2, 0, 4, 8, 0, 0, 0, 5], side: [1, -1, 1, 1, -1, 1, -1, 0, 0] },
      options: { window: 3 },
      outputs: {
        imbalance: [
          Number.NaN,
          Number.NaN,
          -0.3333333333333333,
          0.3333333333333333,
          -0.3333333333333333,
          -0.3333333333333333,
          -1.0,
          Number.NaN,
          0.0,
        ],
      },
      relative: 1e-15,
    },
  ],
  parity: windowSizes("trade", 1),
  bench: windowBench("trade"),
});
