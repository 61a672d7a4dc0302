/** Tapes without a side: the chain of streams against the same kernels called on whole columns. */
import { describe, expect, it } from "vitest";
import { MemoryBus } from "../../src/bus/memory_bus.js";
import { tradesTopic } from "../../src/engines/trades.js";
import { bulkVolumeClassification, timeBars, vpin } from "../../src/index.js";
import { BarsToxicity } from "../../src/studies/tape/bars.js";
import { plainAlarms } from "../support/alarms.js";
import { expectClose, tape } from "../support/cli.js";

const rows = tape(30_000, 3);
const columns = {
  time: BigInt64Array.from(rows, (r) => BigInt(r.timeUs) * 1000n),
  price: Float64Array.from(rows, (r) => r.price),
  size: Float64Array.from(rows, (r) => r.size),
};
const options = { window: 20, history: 300, barSeconds: 10, threshold: 0.9, minHistory: 20 };

function want(of: typeof columns, bucketVolume: number, { barSeconds, empty }: { barSeconds: number; empty?: "emit" } = options) {
  const bars = timeBars(of, { interval: barSeconds, last: "emit", empty: empty ?? "skip" });
  const { buyFraction } = bulkVolumeClassification({ last: bars.last }, { sigma: "ewma", halfLife: 86_400 / barSeconds });
  const found = vpin({ time: bars.endTime, price: bars.last, size: bars.volume, buyFraction }, { bucketVolume, window: 20, history: 300 });
  return { ...found, alarm: plainAlarms(found.vpin, options), endIndex: found.endIndex.map((bar) => bars.endIndex[bar]!) };
}

function run(instrument: Uint32Array, bucketVolumes: Float64Array, other: { barSeconds?: number; empty?: "emit" } = {}): BarsToxicity {
  const bus = new MemoryBus();
  const publisher = bus.publisher(tradesTopic({ slots: 4, rows: 777 }));
  const subscription = bus.subscribe(tradesTopic({ slots: 4, rows: 777 }));
  const engine = new BarsToxicity({ ...options, ...other, bucketVolumes });
  for (let from = 0; from < rows.length; from += 777) {
    const cut = <V extends Float64Array | BigInt64Array | Uint32Array | Int8Array>(view: V) => view.slice(from, from + 777) as V;
    const [time, price, size] = [cut(columns.time), cut(columns.price), cut(columns.size)];
    publisher.publish({ time, price, size, side: new Int8Array(size.length), instrument: cut(instrument) });
    subscription.poll((batch) => engine.take(batch));
  }
  engine.finish();
  return engine;
}

describe("buckets of a tape without a side", () => {
  it("are those of bars, bulk classification and vpin in a row", () => {
    const found = run(new Uint32Array(rows.length), Float64Array.of(100)).buckets.view();
    const wanted = want(columns, 100);
    expect(wanted.vpin.length).toBeGreaterThan(300);
    for (const name of ["vpin", "cdf", "imbalance", "buy", "startTime", "endTime", "endIndex", "lastPrice"] as const)
      expectClose(found[name], wanted[name], name);
  });

  it("with bars without trades, many more of them than trades in a batch", () => {
    const other = { barSeconds: 0.1, empty: "emit" } as const;
    const found = run(new Uint32Array(rows.length), Float64Array.of(100), other).buckets.view();
    const wanted = want(columns, 100, other);
    for (const name of ["vpin", "cdf", "buy", "startTime", "endTime", "endIndex", "lastPrice"] as const)
      expectClose(found[name], wanted[name], name);
    expect(wanted.vpin).not.toEqual(want(columns, 100, { barSeconds: 0.1 }).vpin);
  });

  it("of several instruments are those of each by itself, in order of closing", () => {
    const instrument = Uint32Array.from(rows, (_, i) => (i % 3 === 0 ? 1 : 0));
    const found = run(instrument, Float64Array.of(100, 30)).buckets.view();
    for (const id of [0, 1]) {
      const at = Array.from(rows.keys()).filter((i) => instrument[i] === id);
      const own = {
        time: BigInt64Array.from(at, (i) => columns.time[i]!),
        price: Float64Array.from(at, (i) => columns.price[i]!),
        size: Float64Array.from(at, (i) => columns.size[i]!),
      };
      const wanted = want(own, [100, 30][id]!);
      const mine = Array.from(found.instrument.keys()).filter((i) => found.instrument[i] === id);
      const vpinOf = Float64Array.from(mine, (i) => found.vpin[i]!);
      expectClose(vpinOf, wanted.vpin, "vpin");
      expect(mine.map((i) => found.endIndex[i])).toEqual(Array.from(wanted.endIndex, (row) => at[row]));
    }
    expect(found.endTime.every((time, i) => i === 0 || time >= found.endTime[i - 1]!)).toBe(true);
  });
});
