import { kernel } from "../../../core/call/kernel.js";
import { countCheck, counter, flagCheck, signCheck } from "../../../core/contract/contract.js";
import { risingTimes, spread } from "../../parts/sample.js";
import { emittedState, mostBuckets, plus, pour } from "../parts/bucket.js";

/** Two VPIN values nearer than this are equal where they are ranked: sums in another order differ in the last bits. */
const tie = 1e-12;

/** Trades in, finished volume buckets with VPIN out; one instrument or many, told apart by an id column. */
export const vpin = kernel({
  name: "vpin",
  rows: "trade",
  produces: "bucket",
  doc: "Volume-synchronized probability of informed trading, computed from trades as each volume bucket fills, with its rank among earlier values.",
  source: "Easley, Lopez de Prado & O'Hara (2012), Rev. Financ. Stud. 25(5), eq. 5 and section 3.1 (empirical CDF)",
  inputs: {
    time: { dtype: "i64", shape: ["trade"], check: { ascending: "lastTime" }, unit: "ns UTC", doc: "time of each trade, never falling" },
    price: { dtype: "real", shape: ["trade"], check: { above: 0 }, unit: "price", doc: "price of each trade, > 0" },
    size: {
      dtype: "real",
      shape: ["trade"],
      check: { min: 0 },
      unit: "volume",
      doc: "traded volume, >= 0; sums carry their rounding errors, so that every split of the tape gives the same buckets",
    },
    side: {
      dtype: "i8",
      shape: ["trade"],
      optional: true,
      check: { min: -1, max: 1 },
      unit: "sign",
      doc: "+1 buyer was the aggressor, -1 seller, 0 unknown (half to each)",
    },
    instrument: {
      dtype: "u32",
      shape: ["trade"],
      optional: true,
      check: { below: "instruments" },
      unit: "id",
      doc: "instrument of each trade; 0 for all when left out",
    },
    buyFraction: {
      dtype: "real",
      shape: ["trade"],
      optional: true,
      check: { min: 0, max: 1 },
      unit: "ratio",
      doc: "buyer-initiated share of each trade or bar, instead of side",
    },
    bucketVolumes: {
      dtype: "f64",
      shape: ["instruments"],
      optional: true,
      check: { above: 0 },
      unit: "volume",
      doc: "volume of a bucket of each instrument, instead of bucketVolume",
    },
  },
  params: {
    bucketVolume: { type: "f64", min: 0, default: 0, doc: "volume of a bucket; needed where bucketVolumes is not given" },
    window: { type: "i32", min: 1, max: 1_000_000, default: 50, doc: "buckets averaged" },
    history: {
      type: "i32",
      min: 0,
      max: 100_000_000,
      default: 1000,
      doc: "earlier VPIN values that cdf ranks the current one among; 0: no cdf",
    },
    instruments: { type: "i32", min: 1, max: 1_000_000, default: 1, doc: "instruments; ids are 0 to instruments - 1" },
    classify: {
      type: "enum",
      values: ["given", "tick_rule"],
      default: "given",
      doc: "given: by side or buyFraction; tick_rule: by the last price change",
    },
  },
  state: {
    hot: {
      dtype: "f64",
      shape: ["instruments", 8],
      places: { 0: {}, 1: {}, 2: {}, 3: flagCheck, 4: { min: 0 }, 5: signCheck, 6: countCheck },
      unit: "mixed",
      doc: "volume so far (sum, its rounding error), its buyer-initiated part, whether a trade has begun the bucket, last price, last sign, buckets filled, rounding error of the buyer-initiated part",
    },
    imbalances: { dtype: "f64", shape: ["instruments", "window"], unit: "ratio", doc: "ring of |buy - sell| / bucket volume" },
    earlier: { dtype: "f64", shape: ["instruments", "history"], unit: "ratio", doc: "ring of VPIN values" },
    startTime: { dtype: "i64", shape: ["instruments"], unit: "ns UTC", doc: "time of the trade that began the bucket" },
    lastTime: { dtype: "i64", shape: [1], init: -(2n ** 63n), unit: "ns UTC", doc: "time of the last trade" },
    rows: counter("row", "trades taken so far"),
    emitted: emittedState("bucket", "buckets of the next trade that are already out"),
  },
  outputs: {
    vpin: { dtype: "real", shape: ["bucket"], unit: "ratio in [0, 1]", doc: "NaN for an instrument's first window - 1 buckets" },
    cdf: {
      dtype: "real",
      shape: ["bucket"],
      unit: "ratio in [0, 1]",
      doc: "share of the instrument's earlier values <= this one (ties within 1e-12); NaN without earlier ones",
    },
    imbalance: { dtype: "real", shape: ["bucket"], unit: "ratio in [-1, 1]", doc: "(buy - sell) / bucket volume" },
    buy: { dtype: "real", shape: ["bucket"], unit: "volume", doc: "buyer-initiated volume" },
    sell: { dtype: "real", shape: ["bucket"], unit: "volume", doc: "seller-initiated volume" },
    startTime: { dtype: "i64", shape: ["bucket"], unit: "ns UTC", doc: "time of the trade that began the bucket" },
    endTime: { dtype: "i64", shape: ["bucket"], unit: "ns UTC", doc: "time of the trade that filled it" },
    endIndex: { dtype: "f64", shape: ["bucket"], unit: "row", doc: "trade that filled it, counted from the first row of the tape" },
    lastPrice: { dtype: "real", shape: ["bucket"], unit: "price", doc: "price of the trade that filled it" },
    instrument: { dtype: "u32", shape: ["bucket"], unit: "id", doc: "whose bucket it is" },
  },
  compare: {
    vpin: { f64: { relative: 1e-12, floor: 1e-2 }, f32: { relative: 2e-6, floor: 1e-2 } },
    cdf: { f64: { relative: 1e-15, floor: 1 }, f32: { relative: 1e-7, floor: 1 } },
    imbalance: { f64: { relative: 1e-12, floor: 1 }, f32: { relative: 2e-6, floor: 1 } },
    buy: { f64: { relative: 1e-12, floor: 1 }, f32: { relative: 2e-6, floor: 1 } },
    sell: { f64: { relative: 1e-12, floor: 1 }, f32: { relative: 2e-6, floor: 1 } },
    startTime: { f64: { exact: true }, f32: { exact: true } },
    endTime: { f64: { exact: true }, f32: { exact: true } },
    endIndex: { f64: { exact: true }, f32: { exact: true } },
    lastPrice: { f64: { exact: true }, f32: { exact: true } },
    instrument: { f64: { exact: true }, f32: { exact: true } },
  },
  refuse({ bucketVolume, classify, instruments }, _how, given) {
    if (given === undefined) return undefined;
    if (bucketVolume !== 0 && !(bucketVolume >= 2 ** -900 && bucketVolume <= 2 ** 900)) return "bucketVolume is outside 2^-900 .. 2^900";
    if (bucketVolume === 0 && !given.has("bucketVolumes")) return "bucketVolume is missing: give one for all, or the column bucketVolumes";
    if (bucketVolume > 0 && given.has("bucketVolumes")) return "bucketVolume and bucketVolumes are both given: give one";
    if (instruments > 1 && !given.has("instrument")) return "instruments > 1 needs the column instrument";
    if (classify === "tick_rule") return undefined;
    if (given.has("side") === given.has("buyFraction"))
      return "classify 'given' needs side or buyFraction, one of them; or use classify: 'tick_rule'";
    return undefined;
  },
  cost: ({ trade = 0 }) => ({ flops: 10 * trade, bytes: 17 * trade }),
  reference({ in: { time, price, size, side, instrument, buyFraction, bucketVolumes }, params, state, out }) {
    const { bucketVolume, window, history, classify } = params;
    const { imbalances, earlier, startTime, lastTime, rows, emitted } = state;
    let produced = 0;
    for (let i = 0; i < size.length; i++) {
      const id = instrument ? instrument[i]! : 0;
      const capacity = bucketVolumes ? bucketVolumes[id]! : bucketVolume;
      const hot = state.hot.subarray(8 * id, 8 * id + 8);
      const change = Math.sign(price[i]! - hot[4]!);
      const sign = classify === "given" ? (side?.[i] ?? 0) : hot[4] === 0 ? 0 : change || hot[5]!;
      const fraction = classify === "given" && buyFraction ? buyFraction[i]! : (1 + sign) / 2;
      if (size[i]! > 0) {
        const begun = hot[3]! > 0 ? startTime[id]! : time[i]!;
        const poured = pour(hot[0]!, hot[1]!, size[i]!, capacity);
        if (poured.filled > mostBuckets) return { consumed: i, produced, refused: { code: "tooMany", input: "size", row: i } };
        for (; emitted[0]! < poured.filled; emitted[0]!++, produced++) {
          if (produced === out.vpin.length) return { consumed: i, produced };
          const first = emitted[0] === 0;
          const [bought, lost] = plus(hot[2]!, hot[7]!, fraction * poured.used);
          const buy = Math.min(first ? bought + lost : fraction * capacity, capacity);
          const imbalance = (2 * buy - capacity) / capacity;
          const filled = hot[6]!++;
          imbalances[id * window + (filled % window)] = Math.abs(imbalance);
          let sum = 0;
          for (let k = 0; k < window; k++) sum += imbalances[id * window + k]!;
          const value = filled + 1 < window ? Number.NaN : sum / window;
          const count = Math.min(Math.max(filled + 1 - window, 0), history);
          let below = 0;
          for (let k = 0; k < count; k++) if (earlier[id * history + k]! <= value + tie) below++;
          if (filled + 1 >= window && history > 0) earlier[id * history + ((filled + 1 - window) % history)] = value;
          out.vpin[produced] = value;
          out.cdf[produced] = below / count;
          out.imbalance[produced] = imbalance;
          out.buy[produced] = buy;
          out.sell[produced] = capacity - buy;
          out.startTime[produced] = first ? begun : time[i]!;
          out.endTime[produced] = time[i]!;
          out.endIndex[produced] = rows[0]!;
          out.lastPrice[produced] = price[i]!;
          out.instrument[produced] = id;
        }
        hot[0] = poured.sum;
        hot[1] = poured.error;
        const [bought, lost] = poured.filled > 0 ? [fraction * poured.sum, 0] : plus(hot[2]!, hot[7]!, fraction * size[i]!);
        hot[2] = bought;
        hot[7] = lost;
        hot[3] = poured.sum > 0 ? 1 : 0;
        startTime[id] = poured.filled > 0 ? time[i]! : begun;
        emitted[0] = 0;
      }
      if (classify === "tick_rule") hot[4] = price[i]!;
      if (classify === "tick_rule") hot[5] = sign;
      lastTime[0] = time[i]!;
      rows[0]!++;
    }
    return { consumed: size.length, produced };
  },
  sample({ trade = 0, perBucket = 0 }, random, { bucketVolume, instruments }, without) {
    const silent = (i: number) => i > 0.4 * trade && i < 0.45 * trade;
    const capacity = bucketVolume || 1000;
    const even = () => ((0.5 + random()) * capacity) / perBucket;
    const column = <T>(key: string, make: () => T) => (without.has(key) ? undefined : make());
    return {
      time: risingTimes(trade, random),
      price: Float64Array.from({ length: trade }, (_, i) => (silent(i) ? 100 : 100 + Math.round(8 * random()) / 8)),
      size: Float64Array.from({ length: trade }, (_, i) => (perBucket > 0 ? even() : silent(i) ? 0 : (capacity / 300) * spread(random))),
      side: column("side", () => Int8Array.from({ length: trade }, () => (random() < 0.55 ? 1 : random() < 0.9 ? -1 : 0))),
      instrument: column("instrument", () => Uint32Array.from({ length: trade }, () => Math.floor(random() * instruments))),
      buyFraction: column("buyFraction", () => Float64Array.from({ length: trade }, () => random() ** 2)),
      bucketVolumes: column("bucketVolumes", () => Float64Array.from({ length: instruments }, (_, i) => 1000 + 10 * i)),
    };
  },
  golden: [
    {
      source: "hand calculation of eq. 5: imbalances 0.6, -0.2, 0.7, 0, -1 over windows of 2; ranks among earlier values",
      inputs: {
        time: [1n, 2n, 3n, 4n, 5n, 6n, 7n],
        price: [10, 10, 11, 11, 12, 12, 13],
        size: [8, 2, 4, 6, 7, 13, 10],
        side: [1, -1, 1, -1, 1, 0, -1],
      },
      options: { bucketVolume: 10, window: 2, history: 2 },
      outputs: {
        vpin: [Number.NaN, 0.4, 0.45, 0.35, 0.5],
        cdf: [Number.NaN, Number.NaN, 1, 0, 1],
        imbalance: [0.6, -0.2, 0.7, 0, -1],
        buy: [8, 4, 8.5, 5, 0],
        sell: [2, 6, 1.5, 5, 10],
        startTime: [1n, 3n, 5n, 6n, 7n],
        endTime: [2n, 4n, 6n, 6n, 7n],
        endIndex: [1, 3, 5, 5, 6],
        lastPrice: [10, 11, 12, 12, 13],
        instrument: [0, 0, 0, 0, 0],
      },
      relative: 1e-15,
    },
    {
      source: "hand calculation: tick rule signs 0, 0, +, +, -, -, +; two instruments that do not disturb each other",
      inputs: {
        time: [1n, 2n, 3n, 4n, 5n, 6n],
        price: [10, 50, 11, 50, 11, 49],
        size: [4, 1, 6, 1, 10, 8],
        instrument: [0, 1, 0, 1, 0, 1],
      },
      options: { bucketVolume: 10, window: 1, instruments: 2, classify: "tick_rule" },
      outputs: {
        vpin: [0.6, 1, 0.8],
        cdf: [Number.NaN, 1, Number.NaN],
        imbalance: [0.6, 1, -0.8],
        buy: [8, 10, 1],
        sell: [2, 0, 9],
        endIndex: [2, 4, 5],
        startTime: [1n, 5n, 2n],
        endTime: [3n, 5n, 6n],
        lastPrice: [11, 11, 49],
        instrument: [0, 0, 1],
      },
      relative: 1e-15,
    },
  ],
  parity: [
    { dims: { trade: 0 }, options: { bucketVolume: 1000 }, without: ["instrument", "buyFraction", "bucketVolumes"] },
    { dims: { trade: 1 }, options: { bucketVolume: 1000 }, without: ["instrument", "buyFraction", "bucketVolumes"] },
    {
      dims: { trade: 1_003 },
      options: { bucketVolume: 1000, window: 5, history: 20 },
      without: ["instrument", "buyFraction", "bucketVolumes"],
    },
    { dims: { trade: 5_003 }, options: { window: 3, history: 7, instruments: 9 }, without: ["buyFraction"] },
    { dims: { trade: 5_003 }, options: { bucketVolume: 50_000, window: 7, instruments: 2 }, without: ["side", "bucketVolumes"] },
    {
      dims: { trade: 5_003 },
      options: { bucketVolume: 300, window: 50, classify: "tick_rule" },
      without: ["side", "instrument", "buyFraction", "bucketVolumes"],
    },
    {
      dims: { trade: 20_011, perBucket: 500 },
      options: { bucketVolume: 0.7, window: 2, history: 0 },
      without: ["instrument", "buyFraction", "bucketVolumes"],
    },
  ],
  bench: [
    {
      dims: { trade: 4_000_000, perBucket: 200 },
      options: { bucketVolume: 200 },
      label: "1 instrument, 200 trades a bucket",
      without: ["buyFraction", "bucketVolumes"],
    },
    {
      dims: { trade: 4_000_000, perBucket: 200 },
      options: { bucketVolume: 200, instruments: 5000, history: 0 },
      label: "5,000 instruments at random, 200 trades a bucket, no cdf",
      without: ["buyFraction", "bucketVolumes"],
    },
  ],
});
