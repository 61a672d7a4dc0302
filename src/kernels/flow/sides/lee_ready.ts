import { kernel } from "../../../core/call/kernel.js";
import { signCheck } from "../../../core/contract/contract.js";
import { middleDoc, roundingOf, sampleTapes, sideOfMid, tickSign } from "../parts/trade_sign.js";

const tapes = {
  time: [100n, 200n, 200n, 300n, 400n, 500n, 500n, 600n, 700n, 800n, 900n],
  price: [10, 10.1, 10.05, 10.05, 10.04, 10.05, 10.03, 10.02, 10.02, 10.03, 10.5],
  quoteTime: [200n, 200n, 300n, 401n, 500n, 500n, 650n, 800n],
  bid: [10, 10.02, 10.04, 10, 10.02, 10.04, 10.01, 10.02],
  ask: [10.1, 10.08, 10.06, 10.1, 10.08, 10.08, 10.05, 10.04],
};

/** Trade signs from a tape of trades and a tape of quotes. */
export const leeReady = kernel({
  name: "lee_ready",
  rows: "trade",
  doc:
    "Quote rule, and at the middle of the spread or without a quote the tick test. The quote in force is the last one at or before the " +
    "trade's time - `lag`, of several at one time the last. Streams take trades in pieces; each piece comes with the quotes (the whole " +
    "tape as `fixed`, or those later than the quote in force at the last trade). Quotes on the trades' own rows are for `quote_rule` and " +
    "`tick_rule`: docs/quotes.md. Locked and crossed quotes are used as they are. " +
    middleDoc,
  source: "Lee & Ready (1991), J. Finance 46(2), section III; lag 5 s there, 0 here: quotes and trades have had one clock since the 2000s",
  inputs: {
    time: { dtype: "i64", shape: ["trade"], check: { ascending: "lastTime" }, unit: "ns UTC", doc: "time of each trade, never falling" },
    price: { dtype: "real", shape: ["trade"], check: { above: 0 }, unit: "price", doc: "price of each trade, > 0" },
    quoteTime: {
      dtype: "i64",
      shape: ["quote"],
      unit: "ns UTC",
      doc: "time from which each quote is in force; a fall before the last one used is refused",
    },
    bid: { dtype: "real", shape: ["quote"], unit: "price", doc: "best bid; NaN or <= 0: no quote from here on" },
    ask: { dtype: "real", shape: ["quote"], unit: "price", doc: "best ask; NaN or <= 0: no quote from here on" },
  },
  params: {
    lag: { type: "f64", min: 0, max: 3.6e12, default: 0, unit: "ns", doc: "what a quote must be older than a trade, rounded to ns" },
  },
  state: {
    lastTime: { dtype: "i64", shape: [1], init: -(2n ** 63n), unit: "ns UTC", doc: "time of the last trade" },
    lastPrice: { dtype: "f64", shape: [1], unit: "price", doc: "price of the last trade, 0 before there is one" },
    lastSide: { dtype: "i8", shape: [1], check: signCheck, unit: "sign", doc: "tick test's sign of the last trade" },
    quote: { dtype: "f64", shape: [2], unit: "price", doc: "bid and ask in force at the last trade, 0 before there are any" },
  },
  outputs: { side: { dtype: "i8", shape: ["trade"], unit: "sign", doc: "+1 buyer-initiated, -1 seller-initiated, 0 unknown" } },
  compare: { side: { f64: { exact: true }, f32: { exact: true } } },
  cost: ({ trade = 0, quote = 0 }) => ({ flops: 8 * trade + quote, bytes: 17 * trade + 24 * quote }),
  reference({ in: { time, price, quoteTime, bid, ask }, params, state, out: { side } }) {
    const lag = BigInt(Math.floor(params.lag + 0.5));
    const limit = time.length > 0 ? time[time.length - 1]! - lag : -(2n ** 63n);
    for (let q = 1; q < quoteTime.length && quoteTime[q - 1]! <= limit; q++)
      if (quoteTime[q]! < quoteTime[q - 1]!)
        return { consumed: 0, produced: 0, refused: { code: "backwards", input: "quoteTime", row: q } };
    const rounding = roundingOf(price);
    let next = 0;
    for (let i = 0; i < time.length; i++) {
      for (; next < quoteTime.length && quoteTime[next]! <= time[i]! - lag; next++) state.quote.set([bid[next]!, ask[next]!]);
      const byTick = tickSign(price[i]!, state.lastPrice, state.lastSide);
      side[i] = sideOfMid(price[i]!, state.quote[0]!, state.quote[1]!, rounding) || byTick;
      state.lastTime[0] = time[i]!;
    }
    return { consumed: time.length, produced: 0 };
  },
  sample: ({ trade = 0, perTrade = 0 }, random) => sampleTapes(trade, Math.round(trade * perTrade), random),
  golden: [
    {
      source: "pandas 1.5.3 merge_asof, sign(price - middle) rounded to 9 decimals, zeros from diff().sign().ffill()",
      inputs: tapes,
      outputs: { side: [0, 1, -1, -1, -1, -1, -1, -1, -1, 1, 1] },
      relative: 0,
    },
    {
      source: "the same with merge_asof on time - 100",
      inputs: tapes,
      options: { lag: 100 },
      outputs: { side: [0, 1, -1, -1, -1, 1, -1, -1, -1, 1, 1] },
      relative: 0,
    },
  ],
  parity: [
    { dims: { trade: 0, perTrade: 1 } },
    { dims: { trade: 1, perTrade: 3 } },
    { dims: { trade: 7, perTrade: 0 } },
    { dims: { trade: 64, perTrade: 2 } },
    { dims: { trade: 1_003, perTrade: 0.01 } },
    { dims: { trade: 1_003, perTrade: 1.5 }, options: { lag: 3e6 } },
    { dims: { trade: 1_003, perTrade: 40 } },
    { dims: { trade: 1_003, perTrade: 3 }, options: { lag: 1e12 } },
    { dims: { trade: 40_009, perTrade: 2 }, options: { lag: 5e6 } },
  ],
  bench: [
    { dims: { trade: 1_000_000, perTrade: 2 }, label: "2 quotes a trade" },
    { dims: { trade: 1_000_000, perTrade: 20 }, label: "20 quotes a trade" },
  ],
});
