import { kernel } from "../../../core/call/kernel.js";
import { sampleTapes } from "../parts/trade_sign.js";

/** What of the effective spread was left to who stood on the other side, some time later. */
export const realizedSpread = kernel({
  name: "realized_spread",
  rows: "trade",
  doc:
    "2 side (price - middle), the middle that of the quote in force `horizon` after the trade, of several at one time the last; `relative`: " +
    "over that middle. It looks ahead, so it is a call on whole tapes and has no stream.",
  source: "Huang & Stoll (1996), J. Financial Economics 41(3); horizon 5 minutes as there",
  inputs: {
    time: { dtype: "i64", shape: ["trade"], check: { ascending: "" }, unit: "ns UTC", doc: "time of each trade, never falling" },
    price: { dtype: "real", shape: ["trade"], check: { above: 0 }, unit: "price", doc: "price of each trade, > 0" },
    side: {
      dtype: "i8",
      shape: ["trade"],
      check: { min: -1, max: 1 },
      unit: "sign",
      doc: "+1 buyer-initiated, -1 seller-initiated, 0 unknown",
    },
    quoteTime: {
      dtype: "i64",
      shape: ["quote"],
      check: { ascending: "" },
      unit: "ns UTC",
      doc: "time from which each quote is in force, never falling",
    },
    bid: { dtype: "real", shape: ["quote"], unit: "price", doc: "best bid; NaN or <= 0: no quote from here on" },
    ask: { dtype: "real", shape: ["quote"], unit: "price", doc: "best ask; NaN or <= 0: no quote from here on" },
  },
  params: {
    horizon: { type: "f64", min: 0, max: 8.64e13, default: 3e11, unit: "ns", doc: "time from the trade to the quote, rounded to ns" },
    unit: { type: "enum", values: ["price", "relative"], default: "price", doc: "in units of price, or as a share of the middle" },
  },
  outputs: {
    spread: {
      dtype: "real",
      shape: ["trade"],
      unit: "price, or ratio",
      doc: "NaN where the side is 0, where there is no quote then, and where the tape of quotes ends before",
    },
  },
  compare: { spread: { f64: { exact: true }, f32: { exact: true } } },
  cost: ({ trade = 0, quote = 0 }) => ({ flops: 8 * trade + quote, bytes: 25 * trade + 24 * quote }),
  reference({ in: { time, price, side, quoteTime, bid, ask }, params: { horizon, unit }, out: { spread } }) {
    let next = 0;
    for (let i = 0; i < time.length; i++) {
      const then = time[i]! + BigInt(Math.floor(horizon + 0.5));
      while (next < quoteTime.length && quoteTime[next]! <= then) next++;
      const known = next > 0 && then <= quoteTime[quoteTime.length - 1]! && bid[next - 1]! > 0 && ask[next - 1]! > 0 && side[i] !== 0;
      const sides = bid[next - 1]! + ask[next - 1]!;
      const distance = side[i]! * (2 * price[i]! - sides);
      spread[i] = known ? distance / (unit === "relative" ? sides / 2 : 1) : Number.NaN;
    }
  },
  sample: ({ trade = 0, perTrade = 0 }, random) => ({
    ...sampleTapes(trade, Math.round(trade * perTrade), random),
    side: Int8Array.from({ length: trade }, () => [1, 1, -1, 0][Math.floor(4 * random())]!),
  }),
  golden: [
    {
      source: "hand calculation: before any quote, on a quote's time, between two, side unknown, no quote, at and past the tape's end",
      inputs: {
        time: [0n, 5n, 12n, 12n, 21n, 30n, 31n],
        price: [10, 11, 10, 10, 9, 12, 12],
        side: [1, 1, -1, 0, -1, 1, 1],
        quoteTime: [15n, 15n, 20n, 30n, 40n],
        bid: [8, 9, 10, Number.NaN, 11],
        ask: [9, 10, 11, 12, 12],
      },
      options: { horizon: 10 },
      outputs: { spread: [Number.NaN, 3, 1, Number.NaN, Number.NaN, 1, Number.NaN] },
      relative: 0,
    },
    {
      source: "the same over the middle",
      inputs: { time: [0n, 1n], price: [11, 9], side: [1, -1], quoteTime: [0n, 2n], bid: [9, 7], ask: [11, 9] },
      options: { horizon: 1, unit: "relative" },
      outputs: { spread: [0.2, -0.25] },
      relative: 1e-15,
    },
  ],
  parity: [
    { dims: { trade: 0, perTrade: 1 } },
    { dims: { trade: 1, perTrade: 3 } },
    { dims: { trade: 7, perTrade: 0 } },
    { dims: { trade: 64, perTrade: 2 }, options: { horizon: 1e7 } },
    { dims: { trade: 1_003, perTrade: 0.01 }, options: { horizon: 1e8 } },
    { dims: { trade: 1_003, perTrade: 40 }, options: { horizon: 0, unit: "relative" } },
    { dims: { trade: 40_009, perTrade: 2 }, options: { horizon: 1e9 } },
  ],
  bench: [{ dims: { trade: 1_000_000, perTrade: 2 }, options: { horizon: 1e9 }, label: "2 quotes a trade" }],
});
