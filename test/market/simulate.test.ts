import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { DataError } from "../../src/core/contract/errors.js";
import { Random } from "../../src/market/random.js";
import { type SimulateOptions, simulate, type TapeBatch } from "../../src/market/simulate.js";

const columns = ["time", "price", "size", "side", "instrument"] as const;

function digest(batches: Iterable<TapeBatch>): string {
  const hashes = columns.map(() => createHash("sha256"));
  for (const batch of batches)
    columns.forEach(
      (name, i) => void hashes[i]!.update(new Uint8Array(batch[name].buffer, batch[name].byteOffset, batch[name].byteLength)),
    );
  return hashes.map((hash) => hash.digest("hex")).join(" ");
}
const rows = (options: SimulateOptions) =>
  [...simulate(options).batches()].flatMap((b) =>
    Array.from(b.time, (time, i) => ({ time, price: b.price[i]!, size: b.size[i]!, side: b.side[i]!, instrument: b.instrument[i]! })),
  );

describe("random numbers", () => {
  it("are those of xoshiro128** 1.1", () => {
    // The first outputs of the authors' C code from the state 1, 2, 3, 4.
    const random = new Random([1, 2, 3, 4]);
    expect(Array.from({ length: 10 }, () => random.uint32())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it("have the moments they should, and streams of their own", () => {
    const random = Random.fromSeed(3);
    const draw = (next: () => number) => Array.from({ length: 40_000 }, next);
    const mean = (of: number[]) => of.reduce((a, b) => a + b) / of.length;
    const [uniform, exponential, normal] = [draw(() => random.uniform()), draw(() => random.exponential()), draw(() => random.normal())];
    expect(uniform.every((u) => u > 0 && u < 1)).toBe(true);
    expect(mean(uniform)).toBeCloseTo(0.5, 2);
    expect(mean(exponential)).toBeCloseTo(1, 1);
    expect(mean(normal.map((z) => z * z))).toBeCloseTo(1, 1);
    expect(Random.fromSeed(3, 1).uint32()).not.toBe(Random.fromSeed(3, 0).uint32());
    expect(Random.fromSeed(3 + 2 ** 32).uint32()).not.toBe(Random.fromSeed(3).uint32());
  });
});

describe("a simulated tape", () => {
  const options = { seed: 7, days: 1, tradesPerDay: 20_000 };

  it("is the same to the byte for the same seed, and another for another", () => {
    expect(digest(simulate(options).batches())).toBe(digest(simulate(options).batches()));
    expect(digest(simulate(options).batches())).not.toBe(digest(simulate({ ...options, seed: 8 }).batches()));
    const tape = simulate(options);
    expect(digest(tape.batches())).toBe(digest(tape.batches()));
  });

  it("does not depend on how it is cut", () => {
    const whole = digest(simulate(options).batches(1_000_000));
    for (const size of [1, 7, 4096]) expect(digest(simulate(options).batches(size))).toBe(whole);
  });

  it("yields batches of the size asked for, the last one shorter", () => {
    const sizes = [...simulate(options).batches(1000)].map((b) => b.time.length);
    expect(sizes.slice(0, -1).every((n) => n === 1000)).toBe(true);
    expect(sizes.at(-1)).toBeLessThanOrEqual(1000);
  });

  it("has times that never go back, inside the days asked for", () => {
    const tape = rows(options);
    const start = 1_767_571_200_000_000_000n;
    expect(tape.every((row, i) => i === 0 || row.time >= tape[i - 1]!.time)).toBe(true);
    expect(tape[0]!.time).toBeGreaterThanOrEqual(start);
    expect(tape.at(-1)!.time).toBeLessThan(start + 86_400_000_000_000n);
  });

  it("has decimal prices and sizes, sizes over decades, both sides, one instrument", () => {
    const tape = rows(options);
    expect(tape.every((row) => Number(row.price.toFixed(2)) === row.price && Number(row.size.toFixed(3)) === row.size)).toBe(true);
    expect(tape.every((row) => row.price > 0 && row.size >= 0.001 && Math.abs(row.side) === 1 && row.instrument === 0)).toBe(true);
    const sizes = tape.map((row) => row.size).sort((a, b) => a - b);
    expect(Math.log10(sizes.at(-1)! / sizes[0]!)).toBeGreaterThan(3.5);
    const buys = tape.filter((row) => row.side > 0).length / tape.length;
    expect(buys).toBeGreaterThan(0.3);
    expect(buys).toBeLessThan(0.7);
  });

  it("is one-sided in its informed episodes, on the side told, and the price goes there", () => {
    const many = { seed: 5, days: 6, tradesPerDay: 20_000, episodesPerDay: 3, dailyVolatility: 0.005 };
    const { episodes } = simulate(many);
    const tape = rows(many);
    expect(episodes).toHaveLength(18);
    expect(new Set(episodes.map((e) => e.side)).size).toBe(2);
    const imbalance = (of: typeof tape) => of.reduce((sum, row) => sum + row.side, 0) / of.length;
    const outside: number[] = [];
    // A wait that reaches over a border goes on beyond it; the border itself brings no trade.
    const borders = new Set(episodes.flatMap((e) => [e.startTime, e.endTime]));
    expect(tape.filter((row) => borders.has(row.time))).toEqual([]);
    for (const [i, e] of episodes.entries()) {
      if (i) expect(e.startTime).toBeGreaterThan(episodes[i - 1]!.endTime);
      const inside = tape.filter((row) => row.time >= e.startTime && row.time < e.endTime);
      const before = tape.filter((row) => row.time < e.startTime && row.time >= e.startTime - (e.endTime - e.startTime));
      expect(imbalance(inside) * e.side).toBeGreaterThan(0.45);
      if (before.length > 50) outside.push(Math.abs(imbalance(before)));
      expect((inside.at(-1)!.price / inside[0]!.price - 1) * e.side).toBeGreaterThan(0.005);
    }
    expect(outside.length).toBeGreaterThan(10);
    expect(outside.reduce((a, b) => a + b) / outside.length).toBeLessThan(0.15);
  });

  it("has as many trades as its rates say", () => {
    const quiet = rows({ ...options, days: 4, episodesPerDay: 0 });
    // Poisson with mean 80,000: five standard deviations are 1,414.
    expect(Math.abs(quiet.length - 80_000)).toBeLessThan(1414);
  });

  it("refuses options that make no sense, with the option's name", () => {
    const refused = (options: Partial<SimulateOptions>) => {
      try {
        simulate({ seed: 1, ...options });
      } catch (error) {
        return error instanceof DataError ? [error.code, error.option] : error;
      }
      return undefined;
    };
    expect(refused({ seed: -1 })).toEqual(["E_OPTION_RANGE", "seed"]);
    expect(refused({ seed: 0.5 })).toEqual(["E_OPTION_RANGE", "seed"]);
    expect(refused({ days: 0 })).toEqual(["E_OPTION_RANGE", "days"]);
    expect(refused({ tradesPerDay: Number.NaN })).toEqual(["E_OPTION_RANGE", "tradesPerDay"]);
    expect(refused({ episodesPerDay: 100 })).toEqual(["E_OPTION_RANGE", "episodesPerDay"]);
    expect(() => [...simulate({ seed: 1 }).batches(0)]).toThrow(/'rows' is 0/);
  });
});
