/** Where a volume bucket closes: decimal sizes against exact integers, the same for every split, backend and mix of instruments. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openState } from "../../../src/core/state/state.js";
import { volumeBuckets, vpin } from "../../../src/index.js";

const backends = ["reference", "native"] as const;
const runs = { numRuns: 60 };

/** Lots of 10^-decimals and how many of them fill a bucket; from many trades a bucket to many buckets a trade. */
const tape = fc
  .record({
    decimals: fc.integer({ min: 0, max: 4 }),
    perBucket: fc.integer({ min: 1, max: 400 }),
    spread: fc.constantFrom(1, 7, 100, 1000, 50_000),
    rows: fc.integer({ min: 0, max: 1500 }),
    seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  })
  .map(({ decimals, perBucket, spread, rows, seed }) => {
    let state = seed;
    const random = () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      return (state >>> 8) / 2 ** 23;
    };
    const lots = Array.from({ length: rows }, () => {
      const draw = random();
      if (draw < 0.05) return 0;
      return Math.ceil(random() * spread * (draw > 0.995 ? 3 * perBucket : 1)) * (draw < 0.5 ? -1 : 1);
    });
    return { lots, decimals, bucket: Math.max(1, Math.round(perBucket * spread * (0.5 + random()) * 0.5)) };
  });
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });

/** Trade that closes each bucket, and lots bought in it, in exact integers. */
function exact(lots: readonly number[], bucket: number): { endIndex: number[]; buy: bigint[]; left: bigint } {
  const capacity = BigInt(bucket);
  const endIndex: number[] = [];
  const buy: bigint[] = [];
  let filled = 0n;
  let bought = 0n;
  lots.forEach((lot, i) => {
    let volume = BigInt(Math.abs(lot));
    while (filled + volume >= capacity) {
      const used = capacity - filled;
      buy.push(bought + (lot > 0 ? used : 0n));
      endIndex.push(i);
      volume -= used;
      filled = bought = 0n;
    }
    filled += volume;
    bought += lot > 0 ? volume : 0n;
  });
  return { endIndex, buy, left: filled };
}

/** Buckets of a tape in pieces, and the volume that is left over. */
function inPieces(size: Float64Array, bucketVolume: number, at: readonly number[], backend: string) {
  const options = { bucketVolume };
  const block = new Uint8Array(volumeBuckets.stateBytes(options));
  const stream = volumeBuckets.stream(options, { backend, state: block });
  const found = { endIndex: [] as number[], buy: [] as number[], sell: [] as number[] };
  const edges = [0, ...at.map((x) => Math.floor(x * size.length)).sort((a, b) => a - b), size.length];
  for (let i = 1; i < edges.length; i++) {
    stream.pushBatch({ size: size.slice(edges[i - 1], edges[i]) });
    stream.poll();
    for (const key of ["endIndex", "buy", "sell"] as const) found[key].push(...stream.results[key]);
  }
  const [sum, error] = openState(volumeBuckets.contract as never, options, block).bucket as Float64Array;
  return { ...found, left: sum! + error! };
}

describe("borders of volume buckets", () => {
  for (const backend of backends)
    it(`${backend}: decimal sizes close buckets where exact integers do, for every split`, () => {
      fc.assert(
        fc.property(tape, cuts, ({ lots, decimals, bucket }, at) => {
          const one = 10 ** decimals;
          const want = exact(lots, bucket);
          const got = inPieces(
            Float64Array.from(lots, (lot) => lot / one),
            bucket / one,
            at,
            backend,
          );
          expect(got.endIndex).toEqual(want.endIndex);
          for (const [i, buy] of want.buy.entries())
            expect(Math.abs(got.buy[i]! - Number(buy) / one)).toBeLessThanOrEqual((1e-11 * bucket) / one);
          expect(Math.abs(got.left - Number(want.left) / one)).toBeLessThanOrEqual((1e-11 * bucket) / one);
        }),
        runs,
      );
    });

  it("integer lots give exact buckets, and leave the exact remainder, whatever the split", () => {
    fc.assert(
      fc.property(tape, cuts, ({ lots, bucket }, at) => {
        const want = exact(lots, bucket);
        const buy = want.buy.map(Number);
        for (const backend of backends)
          expect(inPieces(Float64Array.from(lots), bucket, at, backend)).toEqual({
            endIndex: want.endIndex,
            buy,
            sell: buy.map((bought) => bucket - bought),
            left: Number(want.left),
          });
      }),
      runs,
    );
  });

  it("vpin.stream is one call: to the bit with integer lots, with decimal ones to the error that the page states, times and trades exactly", () => {
    const bound = 1e-12; // that of the contract's `compare`
    expect([vpin.contract.compare.vpin.f64.relative, vpin.contract.compare.imbalance.f64.relative]).toEqual([bound, bound]);
    fc.assert(
      fc.property(tape, cuts, fc.constantFrom(...backends), ({ lots, bucket, decimals }, at, backend) => {
        for (const one of [1, 10 ** decimals]) {
          const columns = {
            time: BigInt64Array.from(lots, (_, i) => BigInt(i)),
            price: new Float64Array(lots.length).fill(1),
            size: Float64Array.from(lots, (lot) => Math.abs(lot) / one),
            side: Int8Array.from(lots, Math.sign),
          };
          const options = { bucketVolume: bucket / one, window: 3, history: 20 };
          const want = vpin(columns, options, { backend });
          const stream = vpin.stream(options, { backend });
          const parts = ["vpin", "cdf", "imbalance", "buy", "endIndex", "endTime"] as const;
          const got = Object.fromEntries(parts.map((key) => [key, [] as (number | bigint)[]])) as Record<(typeof parts)[number], number[]>;
          const edges = [0, ...at.map((cut) => Math.round(cut * lots.length)).sort((a, b) => a - b), lots.length];
          for (let k = 1; k < edges.length; k++) {
            const cut = <V extends { subarray(from: number, to: number): V }>(view: V) => view.subarray(edges[k - 1]!, edges[k]);
            stream.pushBatch({ time: cut(columns.time), price: cut(columns.price), size: cut(columns.size), side: cut(columns.side) });
            stream.poll();
            for (const key of parts) got[key].push(...(stream.results[key] as Float64Array));
          }
          for (const key of one === 1 ? parts : (["endIndex", "endTime", "cdf"] as const)) expect(got[key], key).toEqual([...want[key]]);
          got.vpin.forEach((value, i) => {
            if (!Number.isNaN(value)) expect(Math.abs(value - want.vpin[i]!)).toBeLessThanOrEqual(bound * Math.max(value, 1e-2));
            expect(Math.abs(got.imbalance[i]! - want.imbalance[i]!)).toBeLessThanOrEqual(bound);
          });
        }
      }),
      runs,
    );
  });

  it("volume is conserved: buckets and remainder are the tape", () => {
    fc.assert(
      fc.property(tape, ({ lots, bucket }) => {
        const size = Float64Array.from(lots, (lot, i) => lot * (1 + Math.sin(i) / 3));
        const got = inPieces(size, bucket, [], "native");
        const total = size.reduce((sum, x) => sum + Math.abs(x), 0);
        expect(Math.abs(got.buy.length * bucket + got.left - total)).toBeLessThanOrEqual(1e-12 * Math.max(total, bucket));
      }),
      runs,
    );
  });

  it("a power of two scales sizes, bucket volume and results, and changes no bit", () => {
    fc.assert(
      fc.property(tape, fc.integer({ min: -60, max: 60 }), ({ lots, bucket }, power) => {
        const size = Float64Array.from(lots, (lot, i) => lot * (1 + Math.sin(i) / 3));
        const once = inPieces(size, bucket, [], "native");
        const scaled = inPieces(
          size.map((x) => x * 2 ** power),
          bucket * 2 ** power,
          [],
          "native",
        );
        expect(scaled.endIndex).toEqual(once.endIndex);
        expect(scaled.buy.map((x) => x / 2 ** power)).toEqual(once.buy);
        expect(scaled.sell.map((x) => x / 2 ** power)).toEqual(once.sell);
      }),
      runs,
    );
  });

  it("one print fills many buckets, and the small trades around it stay where they belong", () => {
    const size = Float64Array.from({ length: 400 }, (_, i) => (i === 200 ? 1000 : 1));
    for (const backend of backends) {
      const got = inPieces(size, 4, [], backend);
      expect(got.endIndex.filter((row) => row === 200).length).toBe(250);
      expect(got.endIndex.length).toBe(349);
      expect(got.left).toBe(3);
    }
  });
});

describe("instruments on one tape", () => {
  const names = ["vpin", "imbalance", "buy", "sell", "lastPrice"] as const;
  const columns = (rows: readonly { lot: number; id: number }[]) => ({
    time: BigInt64Array.from(rows, (_, i) => BigInt(i)),
    price: new Float64Array(rows.length).fill(10),
    size: Float64Array.from(rows, ({ lot }) => Math.abs(lot)),
    side: Int8Array.from(rows, ({ lot }) => Math.sign(lot)),
    instrument: Uint32Array.from(rows, ({ id }) => id),
  });

  it("each has the buckets that it has alone, however the others lie between", () => {
    fc.assert(
      fc.property(fc.array(tape, { minLength: 3, maxLength: 3 }), fc.integer({ min: 1, max: 80 }), (tapes, stretch) => {
        const bucketVolumes = Float64Array.from(tapes, ({ bucket }) => bucket);
        const left = tapes.map(({ lots }) => [...lots]);
        const rows: { lot: number; id: number }[] = [];
        for (let turn = 0; left.some((lots) => lots.length > 0); turn++) {
          const length = 1 + ((turn * 7919) % stretch);
          for (const lot of left[turn % 3]!.splice(0, length)) rows.push({ lot, id: turn % 3 });
        }
        const options = { window: 3, history: 5, instruments: 3 };
        const all = vpin({ ...columns(rows), bucketVolumes }, options, { backend: "native" });
        tapes.forEach(({ lots, bucket }, id) => {
          const { instrument: _, ...own } = columns(lots.map((lot) => ({ lot, id: 0 })));
          const alone = vpin(own, { window: 3, history: 5, bucketVolume: bucket }, { backend: "reference" });
          const mine = [...all.instrument.keys()].filter((i) => all.instrument[i] === id);
          expect(mine.length).toBe(alone.buy.length);
          for (const name of names.slice(1)) expect(mine.map((i) => all[name][i])).toEqual([...alone[name]]);
          mine.forEach((i, k) => {
            if (Number.isNaN(alone.vpin[k]!)) expect(all.vpin[i]).toBeNaN();
            else expect(Math.abs(all.vpin[i]! - alone.vpin[k]!)).toBeLessThanOrEqual(1e-12);
          });
        });
      }),
      { numRuns: 40 },
    );
  });
});
