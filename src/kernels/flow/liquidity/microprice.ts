import { kernel } from "../../../core/call/kernel.js";
import { sampleBook } from "../parts/trade_sign.js";

/** Middle of the spread weighted by the volume on the other side. */
export const microprice = kernel({
  name: "microprice",
  rows: "quote",
  doc:
    "(bid askSize + ask bidSize) / (bidSize + askSize): the price leans towards the side with less volume. Stoikov's (2018) micro-price, " +
    "a fitted expectation of later middles, is another thing.",
  source: "Gatheral & Oomen (2010), Finance and Stochastics 14(2), section 2: micro-price",
  inputs: {
    bid: { dtype: "real", shape: ["quote"], unit: "price", doc: "best bid; NaN where there is none" },
    bidSize: { dtype: "real", shape: ["quote"], check: { min: 0 }, unit: "volume", doc: "volume at the best bid, >= 0" },
    ask: { dtype: "real", shape: ["quote"], unit: "price", doc: "best ask; NaN where there is none" },
    askSize: { dtype: "real", shape: ["quote"], check: { min: 0 }, unit: "volume", doc: "volume at the best ask, >= 0" },
  },
  params: {},
  state: {},
  outputs: { price: { dtype: "real", shape: ["quote"], unit: "price", doc: "NaN where a side is NaN or both volumes are 0" } },
  compare: { price: { f64: { exact: true }, f32: { exact: true } } },
  cost: ({ quote = 0 }) => ({ flops: 5 * quote, bytes: 40 * quote }),
  reference({ in: { bid, bidSize, ask, askSize }, out: { price } }) {
    for (let i = 0; i < bid.length; i++) {
      const share = bidSize[i]! / (bidSize[i]! + askSize[i]!);
      price[i] = bid[i]! + (ask[i]! - bid[i]!) * share;
    }
  },
  sample: ({ quote = 0 }, random) => sampleBook(quote, random),
  golden: [
    {
      source: "hand calculation of (bid askSize + ask bidSize) / (bidSize + askSize)",
      inputs: {
        bid: [10, 10, 10, 99.5, 10, 10],
        bidSize: [1, 3, 0, 20, 0, 2],
        ask: [11, 11, 11, 100, 11, Number.NaN],
        askSize: [1, 1, 5, 60, 0, 2],
      },
      outputs: { price: [10.5, 10.75, 10, 99.625, Number.NaN, Number.NaN] },
      relative: 1e-15,
    },
  ],
  parity: [0, 1, 7, 64, 1_003, 40_009].map((quote) => ({ dims: { quote } })),
  bench: [{ dims: { quote: 1_000_000 } }],
});
