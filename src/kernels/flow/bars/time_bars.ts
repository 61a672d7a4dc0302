import { kernel } from "../../../core/call/kernel.js";
import { counter } from "../../../core/contract/contract.js";
import { risingTimes, spread } from "../../parts/sample.js";
import { barCompare, barInputs, barOutputs } from "../parts/bars.js";

const day = 86_400_000_000_000n;
/** Of a cell that would end past all times of 64 bits: it has what is left of them. */
const noEnd = 2n ** 63n - 1n;
const least = (...times: bigint[]) => times.reduce((a, b) => (b < a ? b : a));

/** End of the grid cell that holds `time`: cells are counted from midnight UTC, the last of a day ends with it. */
function endOfCell(time: bigint, interval: bigint): bigint {
  const ofDay = ((time % day) + day) % day;
  return least(time - (ofDay % interval) + interval, time - ofDay + day, noEnd);
}

const dateOf = (time: bigint): bigint => time - (((time % day) + day) % day);
/** Where the next empty cell before the trade at `time` begins, on its date or that of the trade before; the cells up to `end` are out. */
function nextEmpty(end: bigint, lastTime: bigint, time: bigint, interval: bigint): bigint | undefined {
  const date = dateOf(time);
  const begin = end < date && dateOf(end) !== dateOf(lastTime) ? date : end;
  const ends = endOfCell(begin, interval);
  return begin < time && ends <= time && ends !== noEnd ? begin : undefined;
}

/** Trades gathered into bars of equal time. */
export const timeBars = kernel({
  name: "time_bars",
  rows: "trade",
  produces: "bar",
  doc:
    "Bars of `interval` seconds, aligned to midnight UTC. A bar is out when a trade at or past its end arrives; the unfinished one stays " +
    "in the state, or comes last with `last: emit`, which ends the tape and is refused for streams. Bars without trades do not exist, or " +
    "with `empty: emit` fill the grid between the first trade and the last on dates with trades: of no volume, at the last price.",
  source: "grid as pandas.DataFrame.resample(origin='start_day', closed='left')",
  inputs: barInputs,
  params: {
    interval: { type: "f64", min: 1e-3, max: 86_400, default: 60, unit: "s", doc: "length of a bar, rounded to ns" },
    last: { type: "enum", values: ["keep", "emit"], default: "keep", doc: "what becomes of the unfinished last bar" },
    empty: { type: "enum", values: ["skip", "emit"], default: "skip", doc: "what becomes of bars without trades, on dates that have some" },
  },
  state: {
    lastTime: { dtype: "i64", shape: [1], init: -(2n ** 63n), unit: "ns UTC", doc: "time of the last trade" },
    rows: counter("row", "trades taken so far"),
    trades: counter("trades", "trades in the open bar, 0 where none is open"),
    end: { dtype: "i64", shape: [1], unit: "ns UTC", doc: "end of the open bar on the grid: the first time past it" },
    startTime: { dtype: "i64", shape: [1], unit: "ns UTC", doc: "time of the open bar's first trade" },
    prices: { dtype: "f64", shape: [4], unit: "price", doc: "the open bar's first, last, high, low" },
    volumes: { dtype: "f64", shape: [2], unit: "volume", doc: "the open bar's volume, signed volume" },
  },
  outputs: barOutputs,
  compare: barCompare,
  refuse: ({ last }, how) =>
    last === "emit" && how === "stream" ? "last 'emit' ends the tape; a stream keeps its unfinished bar" : undefined,
  oneRun: ({ last }) => last === "emit",
  cost: ({ trade = 0 }) => ({ flops: 5 * trade, bytes: 24 * trade }),
  reference({ in: { time, price, size, side }, params, state, out }) {
    const interval = BigInt(Math.floor(params.interval * 1e9 + 0.5));
    const { prices, volumes } = state;
    let produced = 0;
    const emit = () => {
      out.first[produced] = prices[0]!;
      out.last[produced] = prices[1]!;
      out.high[produced] = prices[2]!;
      out.low[produced] = prices[3]!;
      out.volume[produced] = volumes[0]!;
      if (side) out.signedVolume![produced] = volumes[1]!;
      out.trades[produced] = state.trades[0]!;
      out.startTime[produced] = state.startTime[0]!;
      out.endTime[produced] = state.lastTime[0]!;
      out.endIndex[produced] = state.rows[0]! - 1;
      state.trades[0] = 0;
      produced++;
    };
    const emitEmpty = (begin: bigint) => {
      state.end[0] = endOfCell(begin, interval);
      for (const column of [out.first, out.last, out.high, out.low]) column[produced] = prices[1]!;
      out.volume[produced] = out.trades[produced] = 0;
      if (side) out.signedVolume![produced] = 0;
      out.startTime[produced] = begin;
      out.endTime[produced] = state.end[0]! - 1n;
      out.endIndex[produced] = state.rows[0]! - 1;
      produced++;
    };
    for (let i = 0; i < price.length; i++) {
      if (state.trades[0]! > 0 && time[i]! >= state.end[0]! && state.end[0] !== noEnd) {
        if (produced === out.first.length) return { consumed: i, produced };
        emit();
      }
      while (params.empty === "emit" && state.trades[0] === 0 && state.rows[0]! > 0) {
        const begin = nextEmpty(state.end[0]!, state.lastTime[0]!, time[i]!, interval);
        if (begin === undefined) break;
        if (produced === out.first.length) return { consumed: i, produced };
        emitEmpty(begin);
      }
      // The last row is taken only when there is room for its bar.
      const ending = params.last === "emit" && i === price.length - 1;
      if (ending && produced === out.first.length) return { consumed: i, produced };
      if (state.trades[0] === 0) {
        state.end[0] = endOfCell(time[i]!, interval);
        state.startTime[0] = time[i]!;
        prices.set([price[i]!, price[i]!, price[i]!, price[i]!]);
        volumes.fill(0);
      }
      prices.set([price[i]!, Math.max(prices[2]!, price[i]!), Math.min(prices[3]!, price[i]!)], 1);
      volumes[0]! += size[i]!;
      if (side) volumes[1]! += side[i]! * size[i]!;
      state.trades[0]!++;
      state.lastTime[0] = time[i]!;
      state.rows[0]!++;
      if (!ending) continue;
      emit();
      state.rows[0] = 0;
      state.lastTime[0] = -(2n ** 63n);
    }
    return { consumed: price.length, produced };
  },
  sample({ trade = 0, perBar = 0 }, random, { interval }, without) {
    const silent = (i: number) => i > 0.4 * trade && i < 0.5 * trade;
    let price = 100;
    const pace = perBar > 0 ? BigInt(Math.round((interval * 1e9) / perBar)) : 0n;
    let now = 1_700_000_000_000_000_000n;
    return {
      time: perBar > 0 ? BigInt64Array.from({ length: trade }, () => (now += pace)) : risingTimes(trade, random),
      price: Float64Array.from({ length: trade }, (_, i) => (silent(i) ? price : (price *= 1 + 0.02 * (random() - 0.499)))),
      size: Float64Array.from({ length: trade }, (_, i) => (silent(i) ? 0 : spread(random))),
      side: without.has("side") ? undefined : Int8Array.from({ length: trade }, () => [1, 1, -1, 0][Math.floor(4 * random())]!),
    };
  },
  golden: [
    {
      source: "pandas 1.5.3 resample('60s'), empty bars dropped; two trades lie 1 ns before a border, two on one",
      inputs: {
        time: [
          -7_500_000_000n,
          -1n,
          0n,
          59_999_999_999n,
          60_000_000_000n,
          60_000_000_000n,
          200_000_000_000n,
          419_000_000_000n,
          420_000_000_000n,
          450_000_000_000n,
        ].map((t) => t + 1_699_920_000_000_000_000n),
        price: [10, 9, 10, 11.5, 11, 12, 10.5, 10.25, 10.75, 10.5],
        size: [1, 2, 3, 4, 0, 5, 6, 7, 8, 9],
        side: [1, -1, 1, 1, 1, -1, 0, -1, 1, 1],
      },
      options: { last: "emit" },
      outputs: {
        first: [10, 10, 11, 10.5, 10.25, 10.75],
        last: [9, 11.5, 12, 10.5, 10.25, 10.5],
        high: [10, 11.5, 12, 10.5, 10.25, 10.75],
        low: [9, 10, 11, 10.5, 10.25, 10.5],
        volume: [3, 7, 5, 6, 7, 17],
        signedVolume: [-1, 7, -5, 0, -7, 17],
        trades: [2, 2, 2, 1, 1, 2],
        startTime: [-7_500_000_000n, 0n, 60_000_000_000n, 200_000_000_000n, 419_000_000_000n, 420_000_000_000n].map(
          (t) => t + 1_699_920_000_000_000_000n,
        ),
        endTime: [-1n, 59_999_999_999n, 60_000_000_000n, 200_000_000_000n, 419_000_000_000n, 450_000_000_000n].map(
          (t) => t + 1_699_920_000_000_000_000n,
        ),
        endIndex: [1, 3, 5, 6, 7, 9],
      },
      relative: 1e-15,
    },
    {
      source:
        "hand calculation: 7-hour bars begin anew at midnight (21:00 to 24:00 is a short bar), also before 1970; the last bar is kept",
      inputs: {
        time: [-3_600_000_000_000n, 0n, 25_199_999_999_999n, 25_200_000_000_000n, 75_600_000_000_000n, 86_400_000_000_000n],
        price: [3, 4, 2, 5, 6, 7],
        size: [1, 2, 4, 8, 16, 32],
      },
      options: { interval: 25_200 },
      outputs: {
        first: [3, 4, 5, 6],
        last: [3, 2, 5, 6],
        high: [3, 4, 5, 6],
        low: [3, 2, 5, 6],
        volume: [1, 6, 8, 16],
        trades: [1, 2, 1, 1],
        startTime: [-3_600_000_000_000n, 0n, 25_200_000_000_000n, 75_600_000_000_000n],
        endTime: [-3_600_000_000_000n, 25_199_999_999_999n, 25_200_000_000_000n, 75_600_000_000_000n],
        endIndex: [0, 2, 3, 4],
      },
      relative: 0,
    },
    {
      source:
        "hand calculation: bars of 7 hours at 0, 7, 14 and 21 h of each date with a trade, from the first trade's to the last; the " +
        "date between has none",
      inputs: {
        time: [28_800_000_000_000n, 32_400_000_000_000n, 226_800_000_000_000n, 230_400_000_000_000n],
        price: [3, 4, 2, 5],
        size: [1, 2, 4, 8],
        side: [1, 1, -1, 1],
      },
      options: { interval: 25_200, empty: "emit", last: "emit" },
      outputs: {
        first: [3, 4, 4, 4, 4, 2],
        last: [4, 4, 4, 4, 4, 5],
        high: [4, 4, 4, 4, 4, 5],
        low: [3, 4, 4, 4, 4, 2],
        volume: [3, 0, 0, 0, 0, 12],
        signedVolume: [3, 0, 0, 0, 0, 4],
        trades: [2, 0, 0, 0, 0, 2],
        startTime: [
          28_800_000_000_000n,
          50_400_000_000_000n,
          75_600_000_000_000n,
          172_800_000_000_000n,
          198_000_000_000_000n,
          226_800_000_000_000n,
        ],
        endTime: [
          32_400_000_000_000n,
          75_599_999_999_999n,
          86_399_999_999_999n,
          197_999_999_999_999n,
          223_199_999_999_999n,
          230_400_000_000_000n,
        ],
        endIndex: [1, 1, 1, 1, 1, 3],
      },
      relative: 0,
    },
  ],
  parity: [
    { dims: { trade: 0 }, options: { interval: 1, empty: "emit" } },
    { dims: { trade: 1_003 }, options: { interval: 0.001, empty: "emit" } },
    { dims: { trade: 1_003, perBar: 0.2 }, options: { interval: 7, empty: "emit", last: "emit" }, without: ["side"] },
    { dims: { trade: 29, perBar: 0.0137 }, options: { interval: 3_600, empty: "emit" } },
    ...[0, 1, 7, 1_003, 40_009].flatMap((trade) => [
      { dims: { trade }, options: { interval: 1 } },
      { dims: { trade }, options: { interval: 0.02, last: "emit" }, without: ["side"] },
    ]),
    { dims: { trade: 1_003 }, options: { interval: 86_400 } },
    { dims: { trade: 5_003, perBar: 1 }, options: { interval: 0.7 } },
    { dims: { trade: 5_003, perBar: 1_500 }, options: { interval: 60, last: "emit" } },
  ],
  bench: [
    { dims: { trade: 1_000_000, perBar: 1_000 }, label: "1000 trades a bar" },
    { dims: { trade: 1_000_000, perBar: 10 }, label: "10 trades a bar" },
  ],
});
