import { kernel } from "../../../core/call/kernel.js";
import type { Golden } from "../../../core/contract/contract.js";
import { sampleTapes } from "../parts/trade_sign.js";

const tape = {
  time: [100n, 200n, 200n, 300n, 400n, 500n, 500n, 600n, 700n, 800n, 900n],
  quoteTime: [200n, 200n, 300n, 401n, 500n, 500n, 650n, 800n],
};
const mostQuotes = 2 ** 31 - 1;
const merged = (options: Golden["options"] & object, index: number[], call: string): Golden => ({
  source: `pandas 1.5.3, merge_asof(left, right, on="t", ${call})["index"].fillna(-1)`,
  inputs: tape,
  options,
  outputs: { index },
  relative: 0,
});

/** Which quote each trade met: indices for `gather`. */
export const asofJoin = kernel({
  name: "asof_join",
  rows: "trade",
  doc:
    "As-of join of two tapes: `backward` the last quote at or before each trade's time, of several at one time the last; `forward` the first " +
    "at or after it, of several the first. A quote counts from its time + `lag` on. The index points into the caller's own quotes, so it " +
    "has no stream: call it on each piece of trades with the quotes from the one in force on; `lee_ready` streams with the quote in its state. `gather(column, index)` takes the columns: docs/quotes.md.",
  source:
    "pandas merge_asof and kdb+ aj; lag 5 s in Lee & Ready (1991), J. Finance 46(2); quotes strictly before the trade in Holden & Jacobsen " +
    "(2014), J. Finance 69(4)",
  inputs: {
    time: { dtype: "i64", shape: ["trade"], check: { ascending: "" }, unit: "ns UTC", doc: "time of each trade, never falling" },
    quoteTime: {
      dtype: "i64",
      shape: ["quote"],
      check: { ascending: "" },
      expects: "a join with fewer than 2^31 quotes: an index is an i32",
      unit: "ns UTC",
      doc: "time of each quote, never falling; fewer than 2^31 of them",
    },
  },
  params: {
    direction: { type: "enum", values: ["backward", "forward"], default: "backward", doc: "the quote before a trade, or the one after it" },
    exact: {
      type: "enum",
      values: ["yes", "no"],
      default: "yes",
      doc: "whether a quote at a trade's very time is one of those it may get",
    },
    lag: { type: "f64", min: 0, max: 3.6e12, default: 0, unit: "ns", doc: "added to the time of each quote, rounded to ns" },
    tolerance: {
      type: "f64",
      min: 0,
      max: 2 ** 53,
      default: 0,
      unit: "ns",
      doc: "quotes further than this from the trade, their lag added, are none, rounded to ns; 0: any distance will do",
    },
  },
  outputs: { index: { dtype: "i32", shape: ["trade"], unit: "row of the quotes", doc: "-1 where there is no such quote" } },
  compare: { index: { f64: { exact: true }, f32: { exact: true } } },
  cost: ({ trade = 0, quote = 0 }) => ({ flops: trade + quote, bytes: 12 * trade + 8 * quote }),
  reference({ in: { time, quoteTime }, params: { direction, exact, lag, tolerance }, out: { index } }) {
    if (quoteTime.length > mostQuotes)
      return { consumed: 0, produced: 0, refused: { code: "badValue", input: "quoteTime", row: mostQuotes } };
    const later = BigInt(Math.floor(lag + 0.5));
    const furthest = BigInt(Math.floor(tolerance + 0.5));
    const backward = direction === "backward";
    const withEqual = backward === (exact === "yes"); // whether quotes at a trade's time are passed with those before it
    let passed = 0;
    for (let i = 0; i < time.length; i++) {
      const isPassed = (from: bigint) => from < time[i]! || (withEqual && from === time[i]);
      while (passed < quoteTime.length && isPassed(quoteTime[passed]! + later)) passed++;
      const found = backward ? passed - 1 : passed;
      const quoted = quoteTime[found];
      const apart = quoted === undefined ? 0n : time[i]! - quoted - later;
      const far = furthest > 0n && (backward ? apart : -apart) > furthest;
      index[i] = quoted === undefined || far ? -1 : found;
    }
    return undefined;
  },
  sample: ({ trade = 0, perTrade = 0 }, random) => {
    const { time, quoteTime } = sampleTapes(trade, Math.round(trade * perTrade), random);
    return { time, quoteTime };
  },
  golden: [
    merged({}, [-1, 1, 1, 2, 2, 5, 5, 5, 6, 7, 7], 'direction="backward"'),
    merged({ exact: "no" }, [-1, -1, -1, 1, 2, 3, 3, 5, 6, 6, 7], "allow_exact_matches=False"),
    merged({ direction: "forward" }, [0, 0, 0, 2, 3, 4, 4, 6, 7, 7, -1], 'direction="forward"'),
    merged({ direction: "forward", exact: "no" }, [0, 2, 2, 3, 3, 6, 6, 6, 7, -1, -1], 'direction="forward", allow_exact_matches=False'),
    merged({ tolerance: 99 }, [-1, 1, 1, 2, -1, 5, 5, -1, 6, 7, -1], "tolerance=99"),
    merged({ lag: 100, tolerance: 50 }, [-1, -1, -1, 1, 2, -1, -1, 5, -1, 6, 7], "tolerance=50, right.t + 100"),
    merged({ lag: 100, exact: "no" }, [-1, -1, -1, -1, 1, 2, 2, 3, 5, 6, 6], "allow_exact_matches=False, right.t + 100"),
    merged(
      { direction: "forward", exact: "no", lag: 100, tolerance: 100 },
      [-1, 0, 0, 2, -1, 3, 3, -1, 6, 7, -1],
      'direction="forward", allow_exact_matches=False, tolerance=100, right.t + 100',
    ),
  ],
  parity: [
    { dims: { trade: 0, perTrade: 1 } },
    { dims: { trade: 1, perTrade: 3 } },
    { dims: { trade: 7, perTrade: 0 } },
    { dims: { trade: 64, perTrade: 2 }, options: { exact: "no" } },
    { dims: { trade: 1_003, perTrade: 0.01 }, options: { direction: "forward" } },
    { dims: { trade: 1_003, perTrade: 1.5 }, options: { lag: 3e6, tolerance: 2e7 } },
    { dims: { trade: 1_003, perTrade: 1.5 }, options: { direction: "forward", exact: "no", lag: 3e6, tolerance: 2e7 } },
    { dims: { trade: 1_003, perTrade: 40 }, options: { exact: "no", tolerance: 1e6 } },
    { dims: { trade: 1_003, perTrade: 3 }, options: { lag: 1e12 } },
    { dims: { trade: 40_009, perTrade: 2 }, options: { lag: 5e6 } },
    { dims: { trade: 40_009, perTrade: 2 }, options: { direction: "forward" } },
  ],
  bench: [
    { dims: { trade: 1_000_000, perTrade: 2 }, label: "2 quotes a trade" },
    { dims: { trade: 1_000_000, perTrade: 20 }, label: "20 quotes a trade" },
  ],
});
