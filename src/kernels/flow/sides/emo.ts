import { kernel } from "../../../core/call/kernel.js";
import { signCheck } from "../../../core/contract/contract.js";
import { sampleQuotedTrades, tickSign } from "../parts/trade_sign.js";

/** Trade signs from the quote's two sides, elsewhere from price changes. */
export const emo = kernel({
  name: "emo",
  rows: "trade",
  doc:
    "+1 at the ask, -1 at the bid, elsewhere the tick test: the sign of the last price change that was not zero, 0 until there is one. " +
    "A locked quote (bid = ask) and an absent one leave the trade to the tick test.",
  source: "Ellis, Michaely & O'Hara (2000), J. Financial and Quantitative Analysis 35(4)",
  inputs: {
    price: { dtype: "real", shape: ["trade"], check: { above: 0 }, unit: "price", doc: "price of each trade, > 0" },
    bid: { dtype: "real", shape: ["trade"], unit: "price", doc: "best bid in force at the trade; NaN: no quote" },
    ask: { dtype: "real", shape: ["trade"], unit: "price", doc: "best ask in force at the trade; NaN: no quote" },
  },
  params: {},
  state: {
    lastPrice: { dtype: "f64", shape: [1], unit: "price", doc: "price of the last trade, 0 before there is one" },
    lastSide: { dtype: "i8", shape: [1], check: signCheck, unit: "sign", doc: "tick test's sign of the last trade" },
  },
  outputs: { side: { dtype: "i8", shape: ["trade"], unit: "sign", doc: "+1 buyer-initiated, -1 seller-initiated, 0 unknown" } },
  compare: { side: { f64: { exact: true }, f32: { exact: true } } },
  cost: ({ trade = 0 }) => ({ flops: 5 * trade, bytes: 25 * trade }),
  reference({ in: { price, bid, ask }, state: { lastPrice, lastSide }, out: { side } }) {
    for (let i = 0; i < price.length; i++) {
      const byTick = tickSign(price[i]!, lastPrice, lastSide);
      const atAsk = price[i] === ask[i];
      const atBid = price[i] === bid[i];
      side[i] = atAsk === atBid ? byTick : atAsk ? 1 : -1;
    }
  },
  sample: ({ trade = 0 }, random) => sampleQuotedTrades(trade, random),
  golden: [
    {
      source:
        "hand calculation: inside before any change, at ask, at bid, inside up and down, outside, locked up, no quote, at bid, half a quote, locked down",
      inputs: {
        price: [10.5, 11, 10, 10.5, 10.25, 12, 12, 12, 11, 11, 10.5],
        bid: [10, 10, 10, 10, 10, 10, 12, Number.NaN, 11, Number.NaN, 10.5],
        ask: [11, 11, 11, 11, 11, 11, 12, 12.5, 12, 11, 10.5],
      },
      outputs: { side: [0, 1, -1, 1, -1, 1, 1, 1, -1, 1, -1] },
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
