import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { topic } from "../../../src/bus/frame.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { type Gap, GapDetector, type GapOptions, type Numbered } from "../../../src/bus/routing/gap_detector.js";
import { codeOf } from "../kit/suite.js";

const frame = (sequence: number, rows: number, epoch = 1, producer = 1): Numbered => ({ producer, epoch, sequence, rows });

/** Sequence numbers taken, in order, negative where late, and gaps, as they come. */
function watched(options: GapOptions = {}) {
  const seen: (number | Gap)[] = [];
  const detector = new GapDetector({ onGap: (gap) => seen.push(gap), ...options });
  const offer = (batch: Numbered) =>
    detector.offer(batch, (from, to, late) => {
      for (let row = from; row < to; row++) {
        const sequence = batch.sequence - (batch.from ?? 0) + row;
        seen.push(late ? -sequence : sequence);
      }
    });
  return { detector, offer, seen };
}

describe("gap detector", () => {
  it("takes what is new: a repeated batch is dropped, of a partly seen one the rest is taken", () => {
    const { detector, offer, seen } = watched();
    expect([frame(10, 3), frame(10, 3), frame(11, 4), frame(13, 2), frame(12, 1), frame(15, 0), frame(15, 1)].map(offer)).toEqual([
      3, 0, 2, 0, 0, 0, 1,
    ]);
    expect(seen).toEqual([10, 11, 12, 13, 14, 15]);
    expect(detector.stats()).toEqual({ taken: 6, duplicates: 8, late: 0, stale: 0, missing: 0, gaps: 0, restarts: 0 });
  });

  it("says which rows did not come, and drops them when they come after younger ones", () => {
    const { detector, offer, seen } = watched();
    [frame(0, 2), frame(5, 2), frame(2, 3), frame(3, 5)].map(offer);
    expect(seen).toEqual([0, 1, { producer: 1, epoch: 1, from: 2, to: 5 }, 5, 6, 7]);
    expect(detector.stats()).toEqual({ taken: 5, duplicates: 2, late: 5, stale: 0, missing: 3, gaps: 1, restarts: 0 });
  });

  it("fill: takes late rows once, however they are cut", () => {
    const { detector, offer, seen } = watched({ fill: true });
    [frame(1, 1), frame(4, 1), frame(8, 2), frame(3, 6), frame(2, 7), frame(0, 12)].map(offer);
    expect(seen.filter((one) => typeof one === "number")).toEqual([1, 4, 8, 9, -3, -5, -6, -7, -2, 10, 11]);
    expect(detector.missing(1)).toEqual([]);
    expect(detector.stats()).toMatchObject({ taken: 6, late: 5, missing: 0, gaps: 2 });
  });

  it("rows that are replayed while the gap is told come in order", () => {
    const taken: [number, boolean][] = [];
    const detector: GapDetector = new GapDetector({
      fill: true,
      onGap: ({ from, to }) => detector.offer(frame(from - 1, to - from + 2), (a, b) => taken.push([from - 1 + a, a < b])),
    });
    for (const one of [frame(0, 2), frame(5, 2)]) detector.offer(one, (a) => taken.push([one.sequence + a, true]));
    expect(taken.map(([sequence]) => sequence)).toEqual([0, 2, 5, 6]);
    expect(detector.stats()).toEqual({ taken: 4, duplicates: 1, late: 3, stale: 0, missing: 0, gaps: 1, restarts: 0 });
  });

  it("a growing frame is read in pieces", () => {
    const { offer, seen } = watched();
    offer({ ...frame(7, 2), from: 0 });
    offer({ ...frame(9, 5), from: 2 });
    expect(seen).toEqual([7, 8, 9, 10, 11]);
  });

  it("a producer that starts again goes on; what its predecessor writes after that is dropped", () => {
    const restarts: unknown[] = [];
    const { detector, offer, seen } = watched({ onRestart: (restart) => restarts.push(restart), fill: true });
    // The predecessor's rows 4 and 5 came late, its rows from 6 on were written after the takeover at 6.
    [frame(0, 3), frame(3, 1), frame(6, 2, 2), frame(4, 4, 1), frame(8, 2, 1), frame(8, 1, 2), frame(6, 3, 2)].map(offer);
    expect(seen).toEqual([0, 1, 2, 3, { producer: 1, epoch: 2, from: 4, to: 6 }, 6, 7, -4, -5, 8]);
    expect(restarts).toEqual([{ producer: 1, epoch: 2, sequence: 6 }]);
    expect(detector.stats()).toEqual({ taken: 7, duplicates: 3, late: 2, stale: 4, missing: 0, gaps: 1, restarts: 1 });
  });

  it("a successor that sends the tail once more repeats nothing", () => {
    const { offer, seen } = watched();
    [frame(0, 10), frame(6, 4, 2), frame(10, 2, 2)].map(offer);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it("anew: a later epoch counts from 0", () => {
    const { detector, offer, seen } = watched({ restarts: "anew" });
    [frame(0, 3), frame(1, 2, 2), frame(3, 1, 1), frame(3, 1, 2)].map(offer);
    expect(seen).toEqual([0, 1, 2, { producer: 1, epoch: 2, from: 0, to: 1 }, 1, 2, 3]);
    expect(detector.stats()).toMatchObject({ stale: 1, restarts: 1, gaps: 1 });
  });

  it("rows come again when taking them failed; the gap is told once", () => {
    const { detector, offer, seen } = watched();
    offer(frame(0, 1));
    for (let i = 0; i < 2; i++)
      expect(() =>
        detector.offer(frame(2, 2), () => {
          throw new Error("no");
        }),
      ).toThrow("no");
    offer(frame(2, 2));
    expect(seen).toEqual([0, { producer: 1, epoch: 1, from: 1, to: 2 }, 2, 3]);
  });

  it("keeps bounded memory: the oldest gap, and the producer not heard for longest, are forgotten", () => {
    const { detector, offer, seen } = watched({ fill: true, ranges: 2, producers: 2 });
    [frame(0, 1), frame(2, 1), frame(4, 1), frame(6, 1), frame(1, 1), frame(3, 1)].map(offer);
    expect(detector.missing(1)).toEqual([{ from: 5, to: 6 }]);
    expect(seen.at(-1)).toBe(-3);
    [frame(0, 1, 1, 2), frame(7, 1), frame(0, 1, 1, 3)].map(offer);
    expect(offer(frame(8, 1))).toBe(1);
    expect(offer(frame(0, 1, 1, 2))).toBe(1);
    detector.forget(1);
    expect(offer(frame(0, 1))).toBe(1);
    for (const options of [{ producers: 0 }, { ranges: 1.5 }]) expect(codeOf(() => new GapDetector(options))).toBe("E_BUS_OPTION");
  });

  it("reads the batches of a bus: a laggard sees its gap, a change of publisher none", () => {
    const bus = new MemoryBus();
    const of = topic({ name: "t", columns: { id: { dtype: "f64" } }, rows: 2, slots: 4, backpressure: "evict" });
    const subscription = bus.subscribe(of);
    const { offer, seen } = watched();
    const publish = (first: number, rows: number) => {
      const publisher = bus.publisher(of, { producer: 3 });
      publisher.publish({ id: Float64Array.from({ length: rows }, (_, i) => first + i) });
      publisher.close();
    };
    publish(0, 3);
    subscription.poll(offer);
    publish(3, 2);
    subscription.poll(offer);
    publish(5, 16);
    subscription.poll(offer);
    const gap = { producer: 3, epoch: 3, from: 5, to: 13 };
    expect(seen.slice(0, 8)).toEqual([0, 1, 2, 3, 4, gap, 13, 14]);
    bus.close();
  });
});

/** One row at a time, with sets: the same rules, slow and plain. */
class Naive {
  readonly sources = new Map<number, { epoch: number; base: number; next: number; missing: Set<number> }>();
  readonly seen: (number | Gap)[] = [];
  readonly counts = { taken: 0, duplicates: 0, late: 0, stale: 0 };
  constructor(private readonly fill: boolean) {}

  offer({ producer, epoch, sequence, rows }: Numbered): void {
    if (!this.sources.has(producer)) this.sources.set(producer, { epoch, base: sequence, next: sequence, missing: new Set() });
    const source = this.sources.get(producer)!;
    if (epoch > source.epoch) Object.assign(source, { epoch, base: sequence });
    if (epoch === source.epoch) source.base = Math.min(source.base, sequence);
    for (let row = sequence; row < sequence + rows; row++) {
      if (epoch < source.epoch && row >= source.base) {
        this.counts.stale++;
      } else if (row >= source.next) {
        if (row > source.next) this.seen.push({ producer, epoch, from: source.next, to: row });
        for (; source.next < row; source.next++) source.missing.add(source.next);
        source.next++;
        this.seen.push(row);
        this.counts.taken++;
      } else if (source.missing.has(row)) {
        this.counts.late++;
        if (!this.fill) continue;
        source.missing.delete(row);
        this.seen.push(-row);
      } else this.counts.duplicates++;
    }
  }
}

/** What a channel may do to the frames of a producer: lose, repeat, delay, and replay any stretch, cut anew. */
const channel = fc.record({
  producer: fc.integer({ min: 1, max: 3 }),
  rows: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 25 }),
  restartsAt: fc.array(fc.nat(24), { maxLength: 3 }),
  fate: fc.array(fc.record({ lost: fc.boolean(), copies: fc.integer({ min: 1, max: 3 }), delay: fc.nat(6) }), {
    minLength: 25,
    maxLength: 25,
  }),
  replays: fc.array(fc.record({ at: fc.nat(25), from: fc.nat(80), rows: fc.integer({ min: 1, max: 20 }) }), { maxLength: 4 }),
});
type Channel = typeof channel extends fc.Arbitrary<infer T> ? T : never;

function arrivals({ producer, rows, restartsAt, fate, replays }: Channel): { at: number; batch: Numbered }[] {
  let [sequence, epoch] = [0, 1];
  const sent = rows.map((count, i) => {
    if (restartsAt.includes(i)) epoch++;
    const batch = frame(sequence, count, epoch, producer);
    sequence += count;
    return batch;
  });
  const out = sent.flatMap((batch, i) => {
    const { lost, copies, delay } = fate[i]!;
    return lost ? [] : Array.from({ length: copies }, (_, copy) => ({ at: i + (copy + 1) * (delay / 2), batch }));
  });
  for (const { at, from, rows: count } of replays) {
    const source = sent.findLast((batch) => batch.sequence <= from);
    if (source && from < sequence) out.push({ at, batch: frame(from, Math.min(count, sequence - from), source.epoch, producer) });
  }
  return out;
}

describe("gap detector on any channel", () => {
  for (const fill of [false, true])
    it(`${fill ? "fill" : "in order"}: as the row by row model says, each row once, gaps and rows together cover everything`, () => {
      fc.assert(
        fc.property(fc.array(channel, { minLength: 1, maxLength: 3 }), (channels) => {
          const own = channels.filter((one, i) => channels.findIndex(({ producer }) => producer === one.producer) === i);
          const batches = own.flatMap(arrivals).sort((a, b) => a.at - b.at);
          const { detector, offer, seen } = watched({ fill, ranges: 1000 });
          const naive = new Naive(fill);
          for (const { batch } of batches) {
            offer(batch);
            naive.offer(batch);
          }
          expect(seen).toEqual(naive.seen);
          expect(detector.stats()).toMatchObject(naive.counts);
          const { taken, duplicates, late, stale } = detector.stats();
          expect(taken + duplicates + late + stale).toBe(batches.reduce((sum, { batch }) => sum + batch.rows, 0));
          for (const { producer } of own) {
            const source = naive.sources.get(producer);
            const missing = detector.missing(producer).flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i));
            expect(missing).toEqual([...(source?.missing ?? [])].sort((a, b) => a - b));
          }
          if (own.length > 1) return;
          const numbers = seen.filter((one) => typeof one === "number").map(Math.abs);
          expect(new Set(numbers).size).toBe(numbers.length);
          if (!fill) expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
          const covered = new Set([...numbers, ...[...(naive.sources.get(own[0]!.producer)?.missing ?? [])]]);
          if (numbers.length > 0) expect(covered.size).toBe(Math.max(...numbers) - Math.min(...covered) + 1);
        }),
        { numRuns: 500 },
      );
    });
});
