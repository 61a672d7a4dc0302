import { kernel } from "../../../core/call/kernel.js";
import { counter, flagCheck } from "../../../core/contract/contract.js";
import { risingTimes, spread } from "../../parts/sample.js";
import { emittedState, mostBuckets, pour } from "../parts/bucket.js";

/** Trades or bars cut into buckets of equal volume. */
export const volumeBuckets = kernel({
  name: "volume_buckets",
  rows: "trade",
  produces: "bucket",
  doc: "Buckets of equal volume; a trade that crosses a border is split, and one print may fill many. The unfinished last bucket stays in the state.",
  source: "Easley, Lopez de Prado & O'Hara (2012), Rev. Financ. Stud. 25(5), section 2 (volume time)",
  inputs: {
    size: {
      dtype: "real",
      shape: ["trade"],
      check: {},
      unit: "volume",
      doc: "traded volume, signed by the aggressor (+ buyer, - seller); with buyFraction it is >= 0",
    },
    buyFraction: {
      dtype: "real",
      shape: ["trade"],
      optional: true,
      check: { min: 0, max: 1 },
      unit: "ratio",
      doc: "buyer-initiated share of each row, instead of the sign",
    },
    time: {
      dtype: "i64",
      shape: ["trade"],
      optional: true,
      check: { ascending: "lastTime" },
      unit: "ns UTC",
      doc: "time of each trade, never falling",
    },
    price: { dtype: "real", shape: ["trade"], optional: true, check: { above: 0 }, unit: "price", doc: "price of each trade, > 0" },
  },
  params: {
    bucketVolume: {
      type: "f64",
      above: 0,
      doc: "volume of a bucket; integer lots are exact below 2^40, and the same to the bit for every split of the tape",
    },
  },
  state: {
    bucket: {
      dtype: "f64",
      shape: [4],
      places: { 0: {}, 1: {}, 2: {}, 3: flagCheck },
      unit: "volume",
      doc: "volume so far (sum, its rounding error), buyer-initiated part, whether a trade has begun it",
    },
    startTime: { dtype: "i64", shape: [1], unit: "ns UTC", doc: "time of the trade that began the bucket" },
    lastTime: { dtype: "i64", shape: [1], init: -(2n ** 63n), unit: "ns UTC", doc: "time of the last trade" },
    rows: counter("row", "trades taken so far"),
    emitted: emittedState("bucket", "buckets of the next trade that are already out"),
  },
  outputs: {
    buy: { dtype: "real", shape: ["bucket"], unit: "volume", doc: "buyer-initiated volume" },
    sell: { dtype: "real", shape: ["bucket"], unit: "volume", doc: "seller-initiated volume: bucketVolume - buy" },
    endIndex: { dtype: "f64", shape: ["bucket"], unit: "row", doc: "trade that filled the bucket, counted from the first row of the tape" },
    startTime: { dtype: "i64", shape: ["bucket"], optional: "time", unit: "ns UTC", doc: "time of the trade that began the bucket" },
    endTime: { dtype: "i64", shape: ["bucket"], optional: "time", unit: "ns UTC", doc: "time of the trade that filled it" },
    lastPrice: { dtype: "real", shape: ["bucket"], optional: "price", unit: "price", doc: "price of the trade that filled it" },
  },
  compare: {
    buy: { f64: { relative: 1e-12, floor: 1 }, f32: { relative: 2e-6, floor: 1 } },
    sell: { f64: { relative: 1e-12, floor: 1 }, f32: { relative: 2e-6, floor: 1 } },
    endIndex: { f64: { exact: true }, f32: { exact: true } },
    startTime: { f64: { exact: true }, f32: { exact: true } },
    endTime: { f64: { exact: true }, f32: { exact: true } },
    lastPrice: { f64: { exact: true }, f32: { exact: true } },
  },
  refuse: ({ bucketVolume }) =>
    bucketVolume < 2 ** -900 || bucketVolume > 2 ** 900 ? "bucketVolume is outside 2^-900 .. 2^900" : undefined,
  cost: ({ trade = 0 }) => ({ flops: 8 * trade, bytes: 8 * trade }),
  reference({ in: { size, buyFraction, time, price }, params: { bucketVolume }, state, out }) {
    const { bucket, startTime, lastTime, rows, emitted } = state;
    let produced = 0;
    for (let i = 0; i < size.length; i++) {
      const volume = Math.abs(size[i]!);
      const fraction = buyFraction ? buyFraction[i]! : size[i]! > 0 ? 1 : 0;
      if (buyFraction && size[i]! < 0) return { consumed: i, produced, refused: { code: "badValue", input: "size", row: i } };
      if (volume > 0) {
        const started = bucket[3]! > 0;
        const begun = started ? startTime[0]! : (time?.[i] ?? 0n);
        const poured = pour(bucket[0]!, bucket[1]!, volume, bucketVolume);
        if (poured.filled > mostBuckets) return { consumed: i, produced, refused: { code: "tooMany", input: "size", row: i } };
        while (emitted[0]! < poured.filled) {
          if (produced === out.buy.length) return { consumed: i, produced };
          const first = emitted[0] === 0;
          const buy = first ? Math.min(bucket[2]! + fraction * poured.used, bucketVolume) : fraction * bucketVolume;
          out.buy[produced] = buy;
          out.sell[produced] = bucketVolume - buy;
          out.endIndex[produced] = rows[0]!;
          if (time) out.startTime![produced] = first ? begun : time[i]!;
          if (time) out.endTime![produced] = time[i]!;
          if (price) out.lastPrice![produced] = price[i]!;
          produced++;
          emitted[0]!++;
        }
        bucket[0] = poured.sum;
        bucket[1] = poured.error;
        bucket[2] = poured.filled > 0 ? fraction * poured.sum : bucket[2]! + fraction * volume;
        bucket[3] = poured.sum > 0 ? 1 : 0;
        startTime[0] = poured.filled > 0 ? (time?.[i] ?? 0n) : begun;
        emitted[0] = 0;
      }
      if (time) lastTime[0] = time[i]!;
      rows[0]!++;
    }
    return { consumed: size.length, produced };
  },
  sample({ trade = 0, perBucket = 0 }, random, { bucketVolume }, without) {
    const silent = (i: number) => i > 0.4 * trade && i < 0.5 * trade;
    const even = () => ((0.5 + random()) * bucketVolume) / perBucket;
    const size = new Float64Array(trade);
    for (let i = 0; i < trade; i++)
      size[i] = (random() < 0.6 ? 1 : -1) * (perBucket > 0 ? even() : silent(i) ? 0 : (bucketVolume / 1000) * spread(random));
    const buyFraction = without.has("buyFraction") ? undefined : size.map((s) => (s > 0 ? 1 - 0.3 * random() : 0.2 * random()));
    return {
      size: buyFraction ? size.map(Math.abs) : size,
      buyFraction,
      time: without.has("time") ? undefined : risingTimes(trade, random),
      price: without.has("price") ? undefined : Float64Array.from({ length: trade }, () => 100 + random()),
    };
  },
  example: { bucketVolume: 1000 },
  golden: [
    {
      source: "hand calculation: 30 + 90 cross the border at 100, 20 go on; 250 fill two more and leave 70",
      inputs: { size: [30, -90, 250], time: [1n, 2n, 3n], price: [10, 11, 12] },
      options: { bucketVolume: 100 },
      outputs: {
        buy: [30, 80, 100],
        sell: [70, 20, 0],
        endIndex: [1, 2, 2],
        startTime: [1n, 2n, 3n],
        endTime: [2n, 3n, 3n],
        lastPrice: [11, 12, 12],
      },
      relative: 1e-15,
    },
    {
      source: "decimal arithmetic: ten trades of 0.7 are 7 buckets of 1, the last closed by the tenth trade",
      inputs: { size: [0.7, 0.7, 0.7, 0.7, 0.7, -0.7, 0.7, 0.7, 0.7, 0.7] },
      options: { bucketVolume: 1 },
      outputs: { buy: [1, 1, 1, 0.5, 0.8, 1, 1], sell: [0, 0, 0, 0.5, 0.2, 0, 0], endIndex: [1, 2, 4, 5, 7, 8, 9] },
      relative: 1e-12,
    },
  ],
  parity: [
    { dims: { trade: 0 } },
    { dims: { trade: 1 } },
    { dims: { trade: 7 }, options: { bucketVolume: 3 } },
    { dims: { trade: 1_003 } },
    { dims: { trade: 1_003 }, without: ["time", "price"] },
    { dims: { trade: 1_003 }, without: ["buyFraction"] },
    { dims: { trade: 20_011 }, options: { bucketVolume: 50_000 } },
  ],
  bench: [
    {
      dims: { trade: 10_000_000, perBucket: 2000 },
      options: { bucketVolume: 2000 },
      label: "2000 trades a bucket",
      without: ["buyFraction", "time", "price"],
    },
    {
      dims: { trade: 10_000_000, perBucket: 200 },
      options: { bucketVolume: 200 },
      label: "200 trades a bucket",
      without: ["buyFraction", "time", "price"],
    },
    {
      dims: { trade: 10_000_000, perBucket: 10 },
      options: { bucketVolume: 10 },
      label: "10 trades a bucket",
      without: ["buyFraction", "time", "price"],
    },
  ],
});
