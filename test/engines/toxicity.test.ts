/** The streaming engine against its kernels called on whole columns, whatever the batches. */
import { describe, expect, it } from "vitest";
import { addressOf, loadAddon } from "../../src/addon/addon.js";
import type { Batch } from "../../src/bus/bus.js";
import { MemoryBus } from "../../src/bus/memory_bus.js";
import { minHistoryOf } from "../../src/engines/alarms.js";
import { ToxicityEngine, type ToxicityOptions, toxicityTopic } from "../../src/engines/toxicity_engine.js";
import { tradesTopic } from "../../src/engines/trades.js";
import { kyleLambda, realizedVariance, rollSpread, tickRule, timeBars, tradeImbalance, vpin } from "../../src/index.js";
import { plainAlarms } from "../support/alarms.js";
import { expectClose, tape } from "../support/cli.js";

const rows = tape(20_000, 11);
interface Trades {
  time: BigInt64Array;
  price: Float64Array;
  size: Float64Array;
  side: Int8Array;
}

const whole: Trades = {
  time: BigInt64Array.from(rows, (r) => BigInt(r.timeUs) * 1000n),
  price: Float64Array.from(rows, (r) => r.price),
  size: Float64Array.from(rows, (r) => r.size),
  side: Int8Array.from(rows, (r) => r.side as number),
};
const measures = "trade_imbalance:300,roll_spread:200,kyle_lambda:20,realized_variance:15";
const usual: ToxicityOptions = { bucketVolumes: Float64Array.of(40), window: 20, history: 300, measures, barSeconds: 10 };
type Found = Record<string, (number | bigint)[]>;

interface Run {
  trades?: Trades;
  instrument?: Uint32Array;
  rowsPerSlot?: number;
  resultRows?: number;
  options?: Partial<ToxicityOptions>;
}

/** Everything that comes out of the engine's topic. */
function run({ trades = whole, instrument, rowsPerSlot = 777, resultRows = 64, options = {} }: Run = {}) {
  const bus = new MemoryBus();
  const all = { ...usual, ...options };
  const publisher = bus.publisher(tradesTopic({ slots: 4, rows: rowsPerSlot }));
  const input = bus.subscribe(tradesTopic({ slots: 4, rows: rowsPerSlot }));
  const topic = toxicityTopic({ measures: all.measures, rows: resultRows });
  const results = bus.subscribe(topic);
  const engine = new ToxicityEngine(all, bus.publisher(topic));
  const found: Found = {};
  let partly = 0;
  const slots: Batch["columns"][] = [];
  const keep = ({ columns, rows: count }: Batch) => {
    for (const [name, column] of Object.entries(columns)) (found[name] ??= []).push(...(column.subarray(0, count) as Float64Array));
  };
  for (let from = 0; from < trades.time.length; from += rowsPerSlot) {
    const part = Object.fromEntries(Object.entries(trades).map(([name, column]) => [name, column.slice(from, from + rowsPerSlot)]));
    const ids = instrument?.slice(from, from + rowsPerSlot) ?? new Uint32Array(part.time!.length);
    publisher.publish({ ...part, instrument: ids } as never);
    input.poll((batch) => {
      slots[batch.slot] = batch.columns;
      for (let at = batch.from; at < batch.rows; ) {
        at = engine.take(batch, at);
        if (at < batch.rows) partly++;
        results.poll(keep);
      }
    });
  }
  return { found, engine, partly, slots };
}

const nothing = Number.NaN;

/** Values of bars as they were known when a trade came: of the last bar that a later trade had closed. */
function known(bars: ArrayLike<number>, endIndex: Float64Array, trades: readonly number[]): number[] {
  return trades.map((trade) => {
    const later = endIndex.findIndex((end) => end >= trade);
    const last = (later < 0 ? endIndex.length : later) - 1;
    return last < 0 ? nothing : bars[last]!;
  });
}

function wanted(of: Trades, bucketVolume = 40): Found {
  const buckets = vpin(of, { bucketVolume, window: 20, history: 300 });
  const at = [...buckets.endIndex];
  const bars = timeBars(of, { interval: 10 });
  const pick = (column: Float64Array) => at.map((trade) => column[trade]!);
  return {
    ...Object.fromEntries(Object.entries(buckets).map(([name, column]) => [name, [...column]])),
    trade_imbalance: pick(tradeImbalance({ size: of.size, side: of.side }, { window: 300 }).imbalance),
    roll_spread: pick(rollSpread({ price: of.price }, { window: 200 }).spread),
    kyle_lambda: known(kyleLambda({ price: bars.last, signedVolume: bars.signedVolume }, { window: 20 }).lambda, bars.endIndex, at),
    realized_variance: known(realizedVariance({ price: bars.last }, { window: 15 }).variance, bars.endIndex, at),
  };
}

function expectSame(found: Found, want: Found): void {
  for (const [name, column] of Object.entries(want)) expectClose(found[name] as number[], column as number[], name);
}

describe("one pass over the same batches", () => {
  const want = wanted(whole);
  for (const rowsPerSlot of [64, 777, 16_384])
    it(`gives what each kernel gives on whole columns, in batches of ${rowsPerSlot}`, () => {
      expect(want.kyle_lambda!.filter((value) => !Number.isNaN(value)).length).toBeGreaterThan(100);
      expectSame(run({ rowsPerSlot }).found, want);
    });

  it("raises the alarm where enough values came before and lie below", () => {
    for (const [threshold, minHistory] of [
      [0.8, undefined],
      [0.8, 1],
      [0.9, 300],
      [1, 20],
    ] as const) {
      const { found } = run({ options: { threshold, minHistory } });
      expect(found.alarm).toEqual(plainAlarms(found.vpin as number[], { threshold, minHistory: minHistory ?? 100, history: 300 }));
      expect(found.alarm).toContain(1);
    }
  });

  it("gives no alarm for a VPIN that never moves, nor for one that equals the highest before", () => {
    const same = { ...whole, side: whole.side.map(() => 1 as never) };
    const { found } = run({ trades: same, options: { minHistory: 1 } });
    expect([found.cdf!.at(-1), found.vpin!.at(-1)]).toEqual([1, 1]);
    expect(found.alarm).not.toContain(1);
  });

  it("counts the values of each instrument by itself, and goes on counting from its state", () => {
    const ids = Uint32Array.from(whole.time, (_, i) => (i * i + (i >> 3)) % 3);
    const options = { bucketVolumes: Float64Array.of(40, 40, 40), threshold: 0.7, minHistory: 30 };
    const state = new ArrayBuffer(ToxicityEngine.stateBytes({ ...usual, ...options }));
    const half = (from: number, to: number) => ({
      trades: Object.fromEntries(Object.entries(whole).map(([name, column]) => [name, column.slice(from, to)])) as never as Trades,
      instrument: ids.slice(from, to),
      options: { ...options, state },
    });
    const first = run(half(0, 9000)).found;
    const second = run(half(9000, 20_000)).found;
    const all = Object.fromEntries(Object.keys(first).map((name) => [name, [...first[name]!, ...second[name]!]])) as Record<
      string,
      number[]
    >;
    for (const id of [0, 1, 2]) {
      const own = (name: string) => all[name]!.filter((_, i) => all.instrument![i] === id);
      expect(own("alarm"), `instrument ${id}`).toEqual(plainAlarms(own("vpin"), { threshold: 0.7, minHistory: 30, history: 300 }));
    }
    expect(second.alarm).toContain(1);
  });

  it("refuses a history that is too short for any alarm, and waits for 100 values where nothing is said", () => {
    expect([1000, 100, 40].map((history) => minHistoryOf(history))).toEqual([100, 100, 40]);
    expect(() => run({ options: { minHistory: 301 } })).toThrow(/minHistory is 301, more than the 300 values that are ranked/);
    expect(() => run({ options: { minHistory: 0 } })).toThrow(/minHistory is 0, expected a whole number of at least 1/);
  });

  it("reads the slot where it lies: no kernel has a copy", (context) => {
    if (!loadAddon().addon) context.skip("the add-on is not loaded: addresses are not known");
    const { engine, slots } = run({ rowsPerSlot: 16_384 });
    const { time, price, size, side } = slots[0] as unknown as Trades;
    const address = { time: addressOf(time)!, price: addressOf(price)!, size: addressOf(size)!, side: addressOf(side)! };
    expect(engine.addresses).toMatchObject({
      ...address,
      ...Object.fromEntries(Object.entries(address).map(([port, where]) => [`time_bars.${port}`, where])),
      "trade_imbalance.size": address.size,
      "trade_imbalance.side": address.side,
      "roll_spread.price": address.price,
    });
    expect(Object.keys(engine.addresses)).toContain("kyle_lambda.signedVolume");
  });

  it("stops where the results are full, and goes on after they were drained", () => {
    const { partly, found } = run({ resultRows: 3, rowsPerSlot: 16_384 });
    expect(partly).toBeGreaterThan(10);
    expectSame(found, want);
  });

  it("goes on from the state of another engine", () => {
    const options = { ...usual, state: new SharedArrayBuffer(ToxicityEngine.stateBytes(usual)) };
    const cut = 10_101;
    const part = (from: number, to?: number) =>
      Object.fromEntries(Object.entries(whole).map(([name, column]) => [name, column.slice(from, to)])) as Trades;
    const first = run({ trades: part(0, cut), options }).found;
    const second = run({ trades: part(cut), options }).found;
    expectSame(Object.fromEntries(Object.keys(first).map((name) => [name, [...first[name]!, ...second[name]!]])), want);
  });

  it("measures without a side by the tick rule", () => {
    const { found } = run({ options: { classify: "tick_rule" } });
    const side = tickRule({ price: whole.price }).side;
    const { trade_imbalance, kyle_lambda } = wanted({ ...whole, side });
    const { side: _, ...sideless } = whole;
    const own = vpin(sideless, { bucketVolume: 40, window: 20, history: 300, classify: "tick_rule" });
    expectSame(found, { trade_imbalance: trade_imbalance!, kyle_lambda: kyle_lambda!, vpin: [...own.vpin] });
  });

  it("keeps instruments apart", () => {
    const instrument = Uint32Array.from(rows, (_, i) => ((i * i + (i >> 3)) % 3 === 0 ? 1 : 0));
    const { found } = run({ instrument, options: { bucketVolumes: Float64Array.of(40, 25) } });
    for (const id of [0, 1]) {
      const at = [...rows.keys()].filter((i) => instrument[i] === id);
      const own = {
        time: BigInt64Array.from(at, (i) => whole.time[i]!),
        price: Float64Array.from(at, (i) => whole.price[i]!),
        size: Float64Array.from(at, (i) => whole.size[i]!),
        side: Int8Array.from(at, (i) => whole.side[i]!),
      };
      const mine = [...found.instrument!.keys()].filter((i) => found.instrument![i] === id);
      const { endIndex, instrument: _, ...want } = wanted(own, [40, 25][id]!);
      for (const name of Object.keys(want)) expectClose(mine.map((i) => found[name]![i]) as number[], want[name] as number[], name);
      expect(mine.map((i) => found.endIndex![i])).toEqual(endIndex!.map((i) => at[Number(i)]));
    }
  });

  it("names the trade of the tape in an error", () => {
    const price = whole.price.slice();
    price[5000] = -1;
    expect(() => run({ trades: { ...whole, price } })).toThrow(/of trade 5,001/);
  });
});

describe("sessions", () => {
  const day = 86_400_000_000_000n;
  const open = 1_768_203_000_000_000_000n; // 2026-01-12 09:30 in Lisbon
  const session = "07:30-16:00@Europe/Lisbon";
  /** Three days of the same length; prices double overnight. */
  const length = 2_500;
  const days = [0, 1, 2].map((d) => ({
    time: whole.time.slice(0, length).map((t) => t - whole.time[0]! + open + BigInt(d) * day),
    price: whole.price.slice(d * length, (d + 1) * length).map((p) => p * 2 ** d),
    size: whole.size.slice(d * length, (d + 1) * length),
    side: whole.side.slice(d * length, (d + 1) * length),
  }));
  const joined = (name: keyof Trades) => days.flatMap((one) => [...(one[name] as Float64Array)]);
  const trades = {
    time: BigInt64Array.from(joined("time") as unknown as bigint[]),
    price: Float64Array.from(joined("price")),
    size: Float64Array.from(joined("size")),
    side: Int8Array.from(joined("side")),
  };
  const window = 15;

  /** Squared returns of each day from its own first price, by hand. */
  function variances(): { values: number[]; endIndex: Float64Array } {
    const squares: number[] = [];
    const ends: number[] = [];
    days.forEach((one, d) => {
      const bars = timeBars(one, { interval: 10, last: "emit" });
      let before = d === 0 ? nothing : one.price[0]!;
      bars.last.forEach((price, k) => {
        squares.push(Math.log(price / before) ** 2);
        ends.push(bars.endIndex[k]! + d * length);
        before = price;
      });
    });
    const values = squares.map((_, k) => (k < window ? nothing : squares.slice(k - window + 1, k + 1).reduce((a, b) => a + b, 0)));
    return { values, endIndex: Float64Array.from(ends) };
  }

  for (const rowsPerSlot of [100, 16_384])
    it(`end the open bar, and no change is measured across the night, in batches of ${rowsPerSlot}`, () => {
      const { found } = run({ trades, rowsPerSlot, options: { session } });
      const { values, endIndex } = variances();
      expectSame(found, { realized_variance: known(values, endIndex, found.endIndex as number[]) });
      const open = run({ trades, options: {} }).found;
      expect(Math.max(...(open.realized_variance as number[]).filter((v) => v > 0))).toBeGreaterThan(0.4);
    });

  it("end the open bar at a break inside of it", () => {
    const at = (minutes: number) => 1_768_208_400_000_000_000n + BigInt(minutes) * 60_000_000_000n; // 09:00 UTC
    const trades = {
      time: BigInt64Array.from([5, 10, 45, 50, 65].map(at)),
      price: Float64Array.of(100, 110, 200, 220, 230),
      size: new Float64Array(5).fill(1),
      side: new Int8Array(5).fill(1),
    };
    const options = { bucketVolumes: Float64Array.of(1), measures: "realized_variance:1", barSeconds: 3600 };
    const { found } = run({ trades, options: { ...options, session: "08:00-09:20,09:40-17:00@UTC" } });
    expect(found.realized_variance!.slice(0, 4)).toEqual([nothing, nothing, nothing, nothing]);
    expect(found.realized_variance![4]).toBeCloseTo(Math.log(220 / 200) ** 2, 12);
    expect(run({ trades, options }).found.realized_variance).toEqual(Array(5).fill(nothing));
  });

  it("leave buckets as they are", () => {
    const { found } = run({ trades, options: { session } });
    const { vpin: values, endTime, buy } = vpin(trades, { bucketVolume: 40, window: 20, history: 300 });
    expectSame(found, { vpin: [...values], endTime: [...endTime], buy: [...buy] });
  });
});

describe("wrong measures", () => {
  for (const [text, what] of [
    ["kyle_lamda", /no measure is called 'kyle_lamda'/],
    ["kyle_lambda,kyle_lambda:5", /named twice/],
    ["kyle_lambda:1", /window of kyle_lambda is '1', expected 2 to 1000000 bars/],
    ["kyle_lambda:x", /window of kyle_lambda is 'x'/],
    ["corwin_schultz_spread:5", /has no window/],
    ["", /no measure is called ''/],
    ["toString", /no measure is called 'toString'/],
  ] as const)
    it(`'${text}' is refused`, () => expect(() => toxicityTopic({ measures: text })).toThrow(what));
  it("vpin, cdf and imbalance are there anyway, and may be named", () => {
    expect(Object.keys(toxicityTopic({ measures: "vpin,cdf,imbalance,signed_jump" }).columns).slice(-2)).toEqual([
      "instrument",
      "signed_jump",
    ]);
  });
});
