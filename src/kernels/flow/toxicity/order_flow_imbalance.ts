import { kernel } from "../../../core/call/kernel.js";
import { counter } from "../../../core/contract/contract.js";
import { keep, sum, windowBench, windowSizes } from "../../parts/window.js";
import { sampleBook } from "../parts/trade_sign.js";

/** Pressure of orders at the best quotes; trade_imbalance is that of trades. */
export const orderFlowImbalance = kernel({
  name: "order_flow_imbalance",
  rows: "quote",
  doc:
    "Sum over the last `window` updates of the best quotes of what each adds to demand less what it adds to supply: the bid's volume " +
    "where the bid did not fall, less the volume before where it did not rise; the ask's with the opposite sign and sense.",
  source: "Cont, Kukanov & Stoikov (2014), J. Financial Econometrics 12(1), section 2: e_n and OFI",
  inputs: {
    bid: { dtype: "real", shape: ["quote"], check: { above: 0 }, unit: "price", doc: "best bid, > 0" },
    bidSize: { dtype: "real", shape: ["quote"], check: { min: 0 }, unit: "volume", doc: "volume at the best bid, >= 0" },
    ask: { dtype: "real", shape: ["quote"], check: { above: 0 }, unit: "price", doc: "best ask, > 0" },
    askSize: { dtype: "real", shape: ["quote"], check: { min: 0 }, unit: "volume", doc: "volume at the best ask, >= 0" },
  },
  params: { window: { type: "i32", min: 1, max: 1_000_000, default: 1, unit: "updates", doc: "updates summed; 1 gives e_n itself" } },
  state: {
    terms: { dtype: "f64", shape: ["window"], unit: "volume", doc: "ring of e_n" },
    rows: counter("updates", "updates so far"),
    last: { dtype: "f64", shape: [4], unit: "mixed", doc: "bid, bidSize, ask, askSize of the last update" },
  },
  outputs: {
    imbalance: {
      dtype: "real",
      shape: ["quote"],
      unit: "volume",
      doc: "> 0: demand grew; NaN for the first `window` updates: the first of them changes nothing",
    },
  },
  // Demand and supply cancel: the error is that of the sums, whose terms reach 1e3.
  compare: { imbalance: { f64: { relative: 1e-12, floor: 1e3 }, f32: { relative: 1.2e-7, floor: 1 } } },
  cost: ({ quote = 0 }) => ({ flops: 8 * quote, bytes: 40 * quote }),
  reference({ in: { bid, bidSize, ask, askSize }, params: { window }, state: { terms, rows, last }, out: { imbalance } }) {
    for (let i = 0; i < bid.length; i++) {
      const demand = (bid[i]! >= last[0]! ? bidSize[i]! : 0) - (bid[i]! <= last[0]! ? last[1]! : 0);
      const supply = (ask[i]! <= last[2]! ? askSize[i]! : 0) - (ask[i]! >= last[2]! ? last[3]! : 0);
      keep(terms, rows[0]!, window, rows[0] === 0 ? 0 : demand - supply);
      rows[0]!++;
      last.set([bid[i]!, bidSize[i]!, ask[i]!, askSize[i]!]);
      imbalance[i] = rows[0]! > window ? sum(terms) : Number.NaN;
    }
  },
  sample: ({ quote = 0 }, random) => sampleBook(quote, random),
  golden: [
    {
      source: "hand calculation of e_n: sizes change, bid up, bid down, ask down, ask up, both up",
      inputs: {
        bid: [10, 10, 10.5, 10, 10, 10, 10.5],
        bidSize: [5, 7, 2, 9, 9, 9, 4],
        ask: [11, 11, 11, 11, 10.5, 11, 11.5],
        askSize: [6, 1, 1, 1, 3, 8, 2],
      },
      outputs: { imbalance: [Number.NaN, 7, 2, -2, -3, 3, 12] },
      relative: 0,
    },
    {
      source: "the same added over two updates",
      inputs: {
        bid: [10, 10, 10.5, 10, 10, 10, 10.5],
        bidSize: [5, 7, 2, 9, 9, 9, 4],
        ask: [11, 11, 11, 11, 10.5, 11, 11.5],
        askSize: [6, 1, 1, 1, 3, 8, 2],
      },
      options: { window: 2 },
      outputs: { imbalance: [Number.NaN, Number.NaN, 9, 0, -5, 0, 15] },
      relative: 0,
    },
  ],
  parity: windowSizes("quote", 1),
  bench: windowBench("quote"),
});
