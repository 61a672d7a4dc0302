import { kernel } from "../../../core/call/kernel.js";
import { middleDoc, roundingOf, sampleQuotedTrades, sideOfMid } from "../parts/trade_sign.js";

/** Trade signs from the quote in force. */
export const quoteRule = kernel({
  name: "quote_rule",
  rows: "trade",
  doc:
    "Sign of price - (bid + ask) / 2: +1 buyer-initiated, -1 seller-initiated, 0 at the middle and where there is no quote. " +
    `${middleDoc} Locked and crossed quotes are used as they are.`,
  source: "Lee & Ready (1991), J. Finance 46(2), section III: comparison with the middle of the spread",
  inputs: {
    price: { dtype: "real", shape: ["trade"], check: { above: 0 }, unit: "price", doc: "price of each trade, > 0" },
    bid: { dtype: "real", shape: ["trade"], unit: "price", doc: "best bid in force at the trade; NaN or <= 0: no quote" },
    ask: { dtype: "real", shape: ["trade"], unit: "price", doc: "best ask in force at the trade; NaN or <= 0: no quote" },
  },
  params: {},
  state: {},
  outputs: { side: { dtype: "i8", shape: ["trade"], unit: "sign", doc: "+1 buyer-initiated, -1 seller-initiated, 0 unknown" } },
  compare: { side: { f64: { exact: true }, f32: { exact: true } } },
  cost: ({ trade = 0 }) => ({ flops: 6 * trade, bytes: 25 * trade }),
  reference({ in: { price, bid, ask }, out: { side } }) {
    const rounding = roundingOf(price);
    for (let i = 0; i < price.length; i++) side[i] = sideOfMid(price[i]!, bid[i]!, ask[i]!, rounding);
  },
  sample: ({ trade = 0 }, random) => sampleQuotedTrades(trade, random),
  golden: [
    {
      source: "decimal arithmetic: middles 10.05, 0.15, 20.1 (locked), 5 (crossed) and quotes that are not there",
      inputs: {
        price: [10.05, 10.06, 10.04, 0.15, 0.1500001, 20.1, 20.11, 5.005, 4.99, 7, 7, 7],
        bid: [10.04, 10.04, 10.04, 0.1, 0.1, 20.1, 20.1, 5.01, 5.01, Number.NaN, 6.5, 0],
        ask: [10.06, 10.06, 10.06, 0.2, 0.2, 20.1, 20.1, 4.99, 4.99, 6.5, Number.NaN, 6.5],
      },
      outputs: { side: [0, 1, -1, 0, 1, 0, 1, 1, -1, 0, 0, 0] },
      relative: 0,
    },
  ],
  parity: [
    { dims: { trade: 0 } },
    { dims: { trade: 1 } },
    { dims: { trade: 7 } },
    { dims: { trade: 64 } },
    { dims: { trade: 1_003 } },
    { dims: { trade: 40_009 } },
  ],
  bench: [{ dims: { trade: 1_000_000 } }],
});
