/** What all bars have in common: trades in, bar columns out; and how a trade is poured into bars of equal measure. */
import { counter, type Done, type Outputs } from "../../../core/contract/contract.js";
import { risingTimes, spread } from "../../parts/sample.js";
import { emittedState, mostBuckets, pour } from "./bucket.js";

export const barInputs = {
  time: { dtype: "i64", shape: ["trade"], check: { ascending: "lastTime" }, unit: "ns UTC", doc: "time of each trade, never falling" },
  price: { dtype: "real", shape: ["trade"], check: { above: 0 }, unit: "price", doc: "price of each trade, > 0" },
  size: { dtype: "real", shape: ["trade"], check: { min: 0 }, unit: "volume", doc: "traded volume, >= 0" },
  side: {
    dtype: "i8",
    shape: ["trade"],
    optional: true,
    check: { min: -1, max: 1 },
    unit: "sign",
    doc: "+1 buyer-initiated, -1 seller-initiated, 0 unknown",
  },
} as const;

export const barOutputs = {
  first: { dtype: "real", shape: ["bar"], unit: "price", doc: "price of the first trade" },
  last: { dtype: "real", shape: ["bar"], unit: "price", doc: "price of the last trade" },
  high: { dtype: "real", shape: ["bar"], unit: "price", doc: "highest price" },
  low: { dtype: "real", shape: ["bar"], unit: "price", doc: "lowest price" },
  volume: { dtype: "real", shape: ["bar"], unit: "volume", doc: "sum of the sizes" },
  signedVolume: { dtype: "real", shape: ["bar"], optional: "side", unit: "volume", doc: "sum of side * size" },
  trades: { dtype: "f64", shape: ["bar"], unit: "trades", doc: "number of trades" },
  startTime: { dtype: "i64", shape: ["bar"], unit: "ns UTC", doc: "time of the first trade" },
  endTime: { dtype: "i64", shape: ["bar"], unit: "ns UTC", doc: "time of the last trade" },
  endIndex: { dtype: "f64", shape: ["bar"], unit: "row", doc: "the bar's last trade, counted from the first row of the tape" },
} as const;

export const barCompare = {
  first: { f64: { exact: true }, f32: { exact: true } },
  last: { f64: { exact: true }, f32: { exact: true } },
  high: { f64: { exact: true }, f32: { exact: true } },
  low: { f64: { exact: true }, f32: { exact: true } },
  volume: { f64: { relative: 1e-12, floor: 0 }, f32: { relative: 2e-7, floor: 0 } },
  // Buys and sells cancel: the error is that of the sums, whose terms reach 1e3.
  signedVolume: { f64: { relative: 1e-12, floor: 1e3 }, f32: { relative: 2e-7, floor: 1 } },
  trades: { f64: { exact: true }, f32: { exact: true } },
  startTime: { f64: { exact: true }, f32: { exact: true } },
  endTime: { f64: { exact: true }, f32: { exact: true } },
  endIndex: { f64: { exact: true }, f32: { exact: true } },
} as const;

/** State of bars that end with a trade; `trades` is 0 where no bar is open. */
export const barState = {
  lastTime: { dtype: "i64", shape: [1], init: -(2n ** 63n), unit: "ns UTC", doc: "time of the last trade" },
  rows: counter("row", "trades taken so far"),
  trades: counter("trades", "trades in the open bar, 0 where none is open"),
  startTime: { dtype: "i64", shape: [1], unit: "ns UTC", doc: "time of the open bar's first trade" },
  prices: { dtype: "f64", shape: [4], unit: "price", doc: "the open bar's first, last, high, low" },
  volumes: { dtype: "f64", shape: [2], unit: "volume", doc: "the open bar's volume, signed volume" },
} as const;

/** Bars of equal measure know besides how full the open one is. */
export const pouredState = {
  ...barState,
  fill: { dtype: "f64", shape: [2], check: {}, unit: "measure", doc: "measure in the open bar: sum and its rounding error" },
  emitted: emittedState("bar", "bars of the next trade that are already out"),
} as const;

type RealView = Float64Array | Float32Array;
export interface BarCall {
  in: { time: BigInt64Array; price: RealView; size: RealView; side?: Int8Array | undefined };
  state: Outputs<typeof barState>;
  out: { [K in keyof Outputs<typeof barOutputs>]?: Outputs<typeof barOutputs>[K] | undefined };
}

/** Opens a bar with trade i where none is open; it holds nothing yet. */
export function openBar({ in: { time, price }, state }: BarCall, i: number): void {
  if (state.trades[0]! > 0) return;
  state.startTime[0] = time[i]!;
  state.prices.fill(price[i]!);
  state.volumes.fill(0);
}

/** Adds trade i with this much of its volume to the open bar. */
export function addToBar({ in: { price, side }, state: { prices, volumes, trades } }: BarCall, i: number, volume: number): void {
  prices.set([price[i]!, Math.max(prices[2]!, price[i]!), Math.min(prices[3]!, price[i]!)], 1);
  volumes[0]! += volume;
  if (side) volumes[1]! += side[i]! * volume;
  trades[0]!++;
}

/** Writes the open bar, which ends with trade i, and closes it. */
export function emitBar({ in: { time, side }, state, out }: BarCall, i: number, produced: number): void {
  out.first![produced] = state.prices[0]!;
  out.last![produced] = state.prices[1]!;
  out.high![produced] = state.prices[2]!;
  out.low![produced] = state.prices[3]!;
  out.volume![produced] = state.volumes[0]!;
  if (side) out.signedVolume![produced] = state.volumes[1]!;
  out.trades![produced] = state.trades[0]!;
  out.startTime![produced] = state.startTime[0]!;
  out.endTime![produced] = time[i]!;
  out.endIndex![produced] = state.rows[0]!;
  state.trades[0] = 0;
}

/** Pours trades into bars of `capacity`; one unit of trade i's volume measures `unit(i)`. */
export function pourIntoBars(call: BarCall & { state: Outputs<typeof pouredState> }, capacity: number, unit: (i: number) => number): Done {
  const { in: ins, state, out } = call;
  const room = out.first!.length;
  let produced = 0;
  for (let i = 0; i < ins.price.length; i++) {
    const poured = pour(state.fill[0]!, state.fill[1]!, unit(i) * ins.size[i]!, capacity);
    if (poured.filled > mostBuckets) return { consumed: i, produced, refused: { code: "tooMany", input: "size", row: i } };
    for (; state.emitted[0]! < poured.filled; state.emitted[0]!++) {
      if (produced === room) return { consumed: i, produced };
      openBar(call, i);
      addToBar(call, i, (state.emitted[0] === 0 ? poured.used : capacity) / unit(i));
      emitBar(call, i, produced++);
    }
    openBar(call, i);
    if (poured.filled === 0 || poured.sum > 0) addToBar(call, i, poured.filled === 0 ? ins.size[i]! : poured.sum / unit(i));
    state.fill.set([poured.sum, poured.error]);
    state.emitted[0] = 0;
    state.lastTime[0] = ins.time[i]!;
    state.rows[0]!++;
  }
  return { consumed: ins.price.length, produced };
}

/** Trades at wandering prices, silent for a while; `even` sizes where the trades of a bar are told. */
export function sampleTrades(trade: number, random: () => number, without: ReadonlySet<string>, even?: (price: number) => number) {
  const silent = (i: number) => i > 0.4 * trade && i < 0.5 * trade;
  let price = 100;
  const prices = Float64Array.from({ length: trade }, (_, i) => (silent(i) ? price : (price *= 1 + 0.02 * (random() - 0.499))));
  return {
    time: risingTimes(trade, random),
    price: prices,
    size: prices.map((p, i) => (even ? (0.5 + random()) * even(p) : silent(i) ? 0 : spread(random))),
    side: without.has("side") ? undefined : Int8Array.from({ length: trade }, () => [1, 1, -1, 0][Math.floor(4 * random())]!),
  };
}
