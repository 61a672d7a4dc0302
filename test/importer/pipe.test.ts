/** File -> importer thread -> ring -> kernel -> buckets: the same memory all the way, the same numbers as a call on whole columns. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { loadAddon } from "../../src/addon/addon.js";
import { bucketVpin, vpin, vpinCdf } from "../../src/index.js";
import type { BucketBlock } from "../../src/studies/tape/buckets.js";
import type { TapeJob, TapeResult } from "../../src/studies/tape/tape.js";
import { plainAlarms } from "../support/alarms.js";
import { binance, built, expectClose, type Row, requireBuilt, tape, temporaryFolder } from "../support/cli.js";

const folder = temporaryFolder();
const rows = tape(50_000);
const path = join(folder, "trades.csv");
writeFileSync(path, binance(rows));

const columnsOf = (of: readonly Row[]) => ({
  time: BigInt64Array.from(of, (r) => BigInt(r.timeUs) * 1000n),
  price: Float64Array.from(of, (r) => r.price),
  size: Float64Array.from(of, (r) => r.size),
  side: Int8Array.from(of, (r) => r.side),
});

const usual = { twice: true, window: 20, history: 300, threshold: 0.99, minHistory: 100, barSeconds: 60, sensitivity: false };

async function run(job: Partial<TapeJob>): Promise<TapeResult> {
  const { Tape } = await built<typeof import("../../src/studies/tape/tape.js")>("studies/tape/tape.js");
  return new Tape({ ...usual, source: { kind: "files", paths: [path], options: {} }, ...job }).run();
}

function expectSame(got: BucketBlock, want: Record<string, ArrayLike<number | bigint>>): void {
  for (const [name, column] of Object.entries(want)) expectClose(got[name as "vpin"], column, name);
}

beforeAll(requireBuilt);

describe("a file on its way to buckets", () => {
  it("is written by the parser where the kernel reads it", async (context) => {
    if (!loadAddon().addon) context.skip("the add-on is not loaded: addresses are not known");
    const { imported, addresses } = await run({ bucketVolume: 100 });
    expect(Object.keys(addresses).sort()).toEqual(["price", "side", "size", "time"]);
    expect(imported.addresses).toMatchObject(addresses);
    for (const address of Object.values(addresses)) expect(address % 64n).toBe(0n);
  });

  it("gives the buckets that a call on whole columns gives", async () => {
    const { buckets, imported, passes } = await run({ bucketVolume: 100 });
    expect(imported.trades).toBe(rows.length);
    expect(passes).toBe(1);
    const want = vpin(columnsOf(rows), { bucketVolume: 100, window: 20, history: 300 });
    expect(want.vpin.length).toBeGreaterThan(500);
    expectSame(buckets, want);
  });

  it("finds the bucket volume by itself: by its trades", async () => {
    const { buckets, bucketVolumes, imported } = await run({});
    const volume = rows.reduce((sum, r) => sum + r.size, 0);
    expect(imported.volumes[0]).toBeCloseTo(volume, 6);
    expect(bucketVolumes[0]! / (volume / 1000)).toBeGreaterThan(3);
    expect(buckets.vpin.length).toBe(Math.floor(volume / bucketVolumes[0]!));
  });

  it("reads a file twice where the ring cannot hold it, and finds the same", async () => {
    const { passes, buckets } = await run({ rowsPerSlot: 128 });
    const once = await run({});
    expect([passes, once.passes]).toEqual([2, 1]);
    const { measures: _, ...wanted } = once.buckets;
    expectSame(buckets, wanted);
  });

  it("a file larger than the ring is read once where its bucket volume is given and nothing asks for bars", async () => {
    const long = { rowsPerSlot: 128, bucketVolume: 100, barSeconds: undefined };
    const passes = await Promise.all(
      [
        {},
        { measures: "roll_spread" },
        { measures: "kyle_lambda" },
        { measures: "kyle_lambda", barSeconds: 5 },
        { classify: "bvc" as const },
      ].map(async (job) => (await run({ ...long, ...job })).passes),
    );
    expect(passes).toEqual([1, 1, 2, 1, 2]);
  });

  it("says so where a source that gives itself once cannot be held", async () => {
    await expect(run({ twice: false, rowsPerSlot: 128 })).rejects.toMatchObject({ code: "E_TWO_PASSES" });
  });

  it("looks at other bucket sizes and windows in the same pass, as if each had been asked for", async () => {
    const { sensitivity } = await run({ bucketVolume: 100, sensitivity: true });
    expect(sensitivity.map(({ bucketVolume, window }) => [bucketVolume, window])).toEqual(
      [50, 100, 200].flatMap((volume) => [10, 20, 40].map((window) => [volume, window])),
    );
    for (const { bucketVolume, window, buckets, alarmRate } of sensitivity) {
      const { vpin: values, cdf } = vpin(columnsOf(rows), { bucketVolume, window, history: 300 });
      const known = cdf.filter((value) => !Number.isNaN(value));
      const alarms = plainAlarms(values, { threshold: 0.99, minHistory: 100, history: 300 });
      expect(buckets).toBe(cdf.length);
      expect(alarmRate).toBeCloseTo(alarms.filter((alarm) => alarm === 1).length / known.length, 12);
    }
    const { buy, sell } = vpin(columnsOf(rows), { bucketVolume: 100, window: 20 });
    expect(vpinCdf(bucketVpin({ buy, sell }, { window: 20 }), { history: 300 }).cdf.length).toBe(buy.length);
  });

  it("keeps instruments apart", async () => {
    const several = join(folder, "several.csv");
    const symbols = ["BTC", "ETH", "SOL"];
    const own = rows.map((row, i) => ({ ...row, symbol: symbols[(i * i + (i >> 3)) % 3]! }));
    const lines = own.map((r) => `${r.timeUs},${r.price},${r.size},${r.side > 0 ? "buy" : "sell"},${r.symbol}`);
    writeFileSync(several, `time,price,size,side,symbol\n${lines.join("\n")}\n`);
    const { buckets, imported } = await run({ source: { kind: "files", paths: [several], options: {} }, bucketVolume: 50 });
    for (const [id, symbol] of imported.symbols.entries()) {
      const mine = own.filter((r) => r.symbol === symbol);
      const want = vpin(columnsOf(mine), { bucketVolume: 50, window: 20, history: 300 });
      expect(imported.counts[id]).toBe(mine.length);
      const at = Array.from(buckets.instrument.keys()).filter((i) => buckets.instrument[i] === id);
      for (const name of ["vpin", "cdf", "buy", "endTime", "lastPrice"] as const) {
        const own = at.map((i) => buckets[name][i]!);
        expectClose(own, want[name], `${symbol} ${name}`);
      }
    }
    expect(imported.symbols.sort()).toEqual(symbols);
  });
});
