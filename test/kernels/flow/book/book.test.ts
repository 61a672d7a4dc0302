/** Books against maps of levels: whole, and bounded in depth, where what is told as sure must be the whole book's. */
import { describe, expect, it } from "vitest";
import { book, orderBook } from "../../../../src/index.js";
import { seeded } from "../../../../src/kernels/parts/sample.js";

const flagged = (flags: Uint8Array | undefined, i: number) => flags?.[i] ?? 2;

/** Levels of each side of each instrument, kept in maps. */
class Maps {
  private readonly sides = new Map<string, Map<number, number>>();

  private of(instrument: number, side: number): Map<number, number> {
    const key = `${instrument} ${side}`;
    if (!this.sides.has(key)) this.sides.set(key, new Map());
    return this.sides.get(key)!;
  }

  clear(instrument: number): void {
    for (const side of [1, -1]) this.of(instrument, side).clear();
  }

  set(instrument: number, side: number, price: number, size: number): void {
    if (size === 0) this.of(instrument, side).delete(price);
    else this.of(instrument, side).set(price, size);
  }

  best(instrument: number, side: number, count: number): number[][] {
    return [...this.of(instrument, side)].sort(([a], [b]) => side * (b - a)).slice(0, count);
  }
}

const levels = 6;
const cases = [
  { depth: 10_000, instruments: 1, without: [] },
  { depth: 10_000, instruments: 5, without: ["sequence"] },
  { depth: 7, instruments: 1, without: ["sequence", "instrument"] },
  { depth: 16, instruments: 3, without: ["sequence"] },
];

describe("book", () => {
  for (const { depth, instruments, without } of cases)
    it(`depth ${depth}, ${instruments} instruments: what is told as sure is the whole book's`, () => {
      const rows = 4_000;
      const inputs = book.contract.sample({ change: rows }, seeded(depth), { depth, instruments }, new Set(without));
      const { side, price, size, flags, sequence, instrument } = inputs;
      for (const backend of ["native", "reference"] as const) {
        const out = book(inputs as never, { depth, instruments, levels }, { backend });
        const maps = new Maps();
        const last = new Float64Array(instruments).fill(-1);
        const seen = new Set<number>();
        let short = 0;
        for (let i = 0; i < rows; i++) {
          const id = instrument?.[i] ?? 0;
          const flag = flagged(flags, i);
          if (flag & 1) maps.clear(id);
          if (flag & 1) last[id] = -1;
          const old = sequence !== undefined && sequence[i]! <= last[id]!;
          if (!old && side[i] !== 0) maps.set(id, side[i]!, price[i]!, size[i]!);
          if (!old && flag & 2 && sequence) last[id] = sequence[i]!;
          seen.add(out.outcome[i]!);
          expect(out.outcome[i] === 7, `row ${i}`).toBe(old);
          if (!(flag & 2)) {
            expect(out.bid[i * levels], `row ${i} is inside an event`).toBeNaN();
            continue;
          }
          const told = [
            { way: 1, sure: out.bids[i]!, prices: out.bid, sizes: out.bidSize },
            { way: -1, sure: out.asks[i]!, prices: out.ask, sizes: out.askSize },
          ];
          for (const { way, sure, prices, sizes } of told) {
            const want = maps.best(id, way, Math.min(sure, levels));
            expect(
              want.map((_, k) => [prices[i * levels + k], sizes[i * levels + k]]),
              `row ${i}, side ${way}`,
            ).toEqual(want);
            if (depth > rows) expect(sure, `row ${i}`).toBe(maps.best(id, way, Number.POSITIVE_INFINITY).length);
            else if (sure < Math.min(depth, maps.best(id, way, depth).length)) short++;
          }
          const [bid, ask] = [maps.best(id, 1, 1)[0]?.[0] ?? Number.NaN, maps.best(id, -1, 1)[0]?.[0] ?? Number.NaN];
          if (out.bids[i]! > 0 && out.asks[i]! > 0) expect(out.crossed[i], `row ${i}`).toBe(bid > ask ? 2 : bid === ask ? 1 : 0);
        }
        const bounded = depth < rows;
        expect([1, 2, 3, 4].every((outcome) => seen.has(outcome))).toBe(true);
        expect([5, 6].every((outcome) => seen.has(outcome) === bounded)).toBe(true);
        expect(short > 0).toBe(bounded);
        expect(seen.has(7)).toBe(sequence !== undefined);
        if (instruments === 1) expect(out.crossed).toContain(2);
      }
    });

  it("levels that a venue sends again are sure: nothing lies beyond", () => {
    const rows = {
      side: Int8Array.of(1, 1, 1, 1, 1),
      price: Float64Array.of(10, 9, 11, 11, 9),
      size: Float64Array.of(1, 2, 3, 0, 4),
    };
    expect([...book(rows, { depth: 2, beyond: "sent_again" }).bids]).toEqual([1, 2, 2, 1, 2]);
    expect([...book(rows, { depth: 2, beyond: "unknown" }).bids]).toEqual([1, 2, 2, 1, 1]);
  });

  it("refuses prices off the ticks, sizes below 0 and ids that are none, by row", () => {
    const rows = { side: Int8Array.of(1, -1), price: Float64Array.of(10, 10.5), size: Float64Array.of(1, 1) };
    expect(() => book(rows)).toThrow(expect.objectContaining({ code: "E_BAD_VALUE", port: "price", row: 1 }));
    expect(() => book({ ...rows, price: Float64Array.of(10, 11), size: Float64Array.of(1, -1) })).toThrow(
      expect.objectContaining({ code: "E_BAD_VALUE", port: "size", row: 1 }),
    );
    expect(() => book({ ...rows, price: Float64Array.of(10, 11) }, { instruments: 2 })).toThrow(
      expect.objectContaining({ code: "E_OPTIONS" }),
    );
  });
});

describe("order_book", () => {
  for (const { instruments, orders } of [
    { instruments: 1, orders: 200 },
    { instruments: 4, orders: 60 },
  ])
    it(`${instruments} instruments, ${orders} orders remembered: levels are the sums of orders in maps`, () => {
      const rows = 4_000;
      const inputs = orderBook.contract.sample({ change: rows }, seeded(orders), { instruments, orders }, new Set());
      const backend = instruments > 1 ? "reference" : "native";
      const out = orderBook(inputs as never, { instruments, orders, depth: 5_000, levels }, { backend });
      const { action, order, side, price, size, flags, instrument } = inputs;
      const maps = new Maps();
      const sums = new Map<string, number>();
      const resting = new Map<string, { id: number; side: number; price: number; left: number }>();
      const seen = new Set<number>();
      const change = (id: number, way: number, at: number, by: number) => {
        const key = `${id} ${way} ${at}`;
        const now = Math.max(0, (sums.get(key) ?? 0) + by);
        sums.set(key, now);
        maps.set(id, way, at, now);
      };
      for (let i = 0; i < rows; i++) {
        const id = instrument![i]!;
        const key = `${id} ${order[i]}`;
        if (flagged(flags, i) & 1) {
          maps.clear(id);
          for (const of of [resting, sums]) for (const name of of.keys()) if (name.startsWith(`${id} `)) of.delete(name);
        }
        const own = resting.get(key);
        seen.add(out.found[i]!);
        if (action[i] === 1 && side[i] !== 0 && size[i]! > 0 && !own) {
          change(id, side[i]!, price[i]!, size[i]!);
          if (resting.size < orders) resting.set(key, { id, side: side[i]!, price: price[i]!, left: size[i]! });
          expect(out.found[i], `row ${i}`).toBe(resting.has(key) ? 1 : 6);
        } else if (action[i] === 2 || action[i] === 3) {
          const part = own ? (action[i] === 3 ? own.left : Math.min(own.left, size[i]!)) : size[i]!;
          if (own) change(id, own.side, own.price, -part);
          else if (side[i] !== 0) change(id, side[i]!, price[i]!, -part);
          if (own) own.left -= part;
          expect(out.rest[i], `row ${i}`).toBe(own?.left ?? 0);
          if (own?.left === 0) resting.delete(key);
        }
        if (!(flagged(flags, i) & 2)) continue;
        for (const [way, prices, sizes] of [
          [1, out.bid, out.bidSize],
          [-1, out.ask, out.askSize],
        ] as const) {
          const want = maps.best(id, way, levels);
          expect(
            want.map((_, k) => [prices[i * levels + k], sizes[i * levels + k]]),
            `row ${i}, side ${way}`,
          ).toEqual(want);
        }
      }
      expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    });
});
