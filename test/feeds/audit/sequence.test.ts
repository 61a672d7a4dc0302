import { describe, expect, it } from "vitest";
import { Sequence } from "../../../src/feeds/audit/sequence.js";
import { Spread } from "../../../src/feeds/audit/spread.js";
import { seeded } from "../../../src/kernels/parts/sample.js";

const taken = (ids: readonly (number | readonly [number, number])[]) => {
  const of = new Sequence();
  for (const id of ids) {
    const [from, to] = typeof id === "number" ? [id, id] : id;
    of.take(BigInt(from), BigInt(to), false);
  }
  return of;
};

describe("ids that follow each other", () => {
  it("what is missing, double and late", () => {
    expect(taken([5, 6, 9, 9, 7, 12])).toMatchObject({ count: 5, gaps: 2, missing: 3n, duplicates: 1, late: 1, first: 5n, last: 12n });
    expect(taken([5, 6, 9, 9, 7, 12]).holes).toEqual([
      { from: 8n, to: 8n },
      { from: 10n, to: 11n },
    ]);
  });
  it("messages that stand for several", () => {
    expect(
      taken([
        [1, 10],
        [11, 20],
        [31, 40],
        [25, 27],
        [1, 5],
      ]),
    ).toMatchObject({ gaps: 2, missing: 7n, late: 1, duplicates: 1 });
  });
  it("what was told to come again is no double", () => {
    const of = taken([1, 2, 3]);
    expect(of.take(2n, 2n, true)).toBe(false);
    expect(of.duplicates).toBe(0);
  });
  it("any order of ids, some left out and some twice, adds up", () => {
    const random = seeded(5);
    for (let round = 0; round < 200; round++) {
      const ids = Array.from({ length: 60 }, (_, i) => i).filter(() => random() < 0.8);
      const shuffled = ids
        .flatMap((id) => (random() < 0.1 ? [id, id] : [id]))
        .map((id) => ({ id, at: id + 8 * random() }))
        .sort((a, b) => a.at - b.at);
      const of = taken(shuffled.map(({ id }) => id));
      const first = shuffled[0]!.id;
      const after = ids.filter((id) => id >= first);
      // What comes late from before the first that was seen cannot be told from a double.
      expect(Number(of.missing)).toBe(Math.max(...ids) - first + 1 - after.length);
      expect(of.count).toBe(after.length);
      expect(of.holes.reduce((sum, { from, to }) => sum + Number(to - from) + 1, 0)).toBe(Number(of.missing));
      expect(of.gaps).toBe(of.holes.length);
    }
  });
});

describe("quantiles of a stream", () => {
  it("are those of all numbers where there are few, and near them where there are many", () => {
    const few = new Spread();
    for (const value of [5, 1, 4, 2, 3]) few.add(value);
    expect([few.min, few.quantile(0.5), few.max]).toEqual([1, 3, 5]);
    const many = new Spread();
    const random = seeded(1);
    for (let i = 0; i < 300_000; i++) many.add(random());
    expect(many.quantile(0.5)).toBeCloseTo(0.5, 1);
    expect(many.quantile(0.99)).toBeCloseTo(0.99, 1);
    expect(many.count).toBe(300_000);
    expect(new Spread().quantile(0.5)).toBeNaN();
  });
});
