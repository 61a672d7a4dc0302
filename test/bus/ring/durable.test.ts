/** Places with a name: they keep their rows while nobody reads, and whoever opens them next goes on where the last one stood. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { topic } from "../../../src/bus/frame.js";
import type { DurableSubscription } from "../../../src/bus/ring/durable_subscription.js";
import { cursor, openRegion } from "../../../src/bus/ring/region.js";
import { createRing, openRing, type Ring, RingBus, type RingOptions } from "../../../src/bus/ring/ring.js";
import { codeOf } from "../kit/suite.js";

const columns = { id: { dtype: "f64" } } as const;
const numbers = topic({ name: "numbers", columns, rows: 4, slots: 8, backpressure: "block" });
const evicting = topic({ ...numbers, name: "evicting", backpressure: "evict" });

type Publishing = ReturnType<Ring<typeof columns>["publisher"]>;
/** One batch of rows that say their own numbers; false where the ring is full. */
function commit(publisher: Publishing, rows = 4): boolean {
  const slot = publisher.claim();
  if (!slot) return false;
  for (let i = 0; i < rows; i++) slot.columns.id[i] = publisher.sequence + i;
  publisher.commit(rows);
  return true;
}
const fill = (publisher: Publishing): number => {
  let batches = 0;
  while (commit(publisher)) batches++;
  return batches;
};
/** Numbers of the new rows of all that waits, which must be those that their columns say. */
function drain(reader: DurableSubscription<typeof columns>): number[] {
  const rows: number[] = [];
  for (let batch = reader.read(); batch; batch = reader.read())
    for (let row = batch.from; row < batch.rows; row++) {
      expect(batch.columns.id[row]).toBe(batch.sequence - batch.from + row);
      rows.push(batch.columns.id[row]!);
    }
  return rows;
}
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
function open(of = numbers, options: RingOptions = {}) {
  const ring = createRing(of, options);
  return { ring, publisher: ring.publisher() };
}

describe("a place with a name", () => {
  it("keeps what was read until it is acknowledged, and holds the publisher up", () => {
    const { ring, publisher } = open();
    const reader = ring.durable("engine");
    expect(fill(publisher)).toBe(8);
    const first = reader.read()!;
    expect([first.sequence, first.rows, first.from, first.lost, first.intact()]).toEqual([0, 4, 0, 0, true]);
    expect(drain(reader)).toEqual(range(4, 32));
    expect([reader.sequence, reader.acknowledged, reader.held, reader.waiting]).toEqual([32, 0, 8, 0]);
    expect(publisher.hasRoom).toBe(false);
    // A frame that holds later rows stays.
    reader.acknowledge(3);
    expect([publisher.hasRoom, reader.held, first.rows]).toEqual([false, 8, 4]);
    reader.acknowledge(9);
    expect([fill(publisher), reader.held, reader.waiting, reader.acknowledged]).toEqual([2, 6, 2, 9]);
    expect(codeOf(() => first.rows)).toBe("E_BUS_BATCH");
    expect(ring.stats().subscribers).toEqual([{ consumed: 9, lost: 0, lag: 8 }]);
    expect(codeOf(() => reader.acknowledge(33))).toBe("E_BUS_ROWS");
    publisher.close();
    expect([reader.ended, drain(reader), reader.ended]).toEqual([false, range(32, 40), true]);
  });

  it("waits for its next reader, which goes on at the row that was acknowledged", () => {
    const { ring, publisher } = open();
    const dead = ring.durable("engine");
    fill(publisher);
    drain(dead);
    dead.acknowledge(10);
    // As if its thread had ended: nobody closes it.
    expect(fill(publisher)).toBe(2);
    expect([publisher.evictStalled(-1), publisher.claim()]).toEqual([0, undefined]);
    const reader = openRing(ring.memory, numbers).durable("engine");
    expect([reader.sequence, reader.acknowledged, drain(reader)]).toEqual([10, 10, range(10, 40)]);
    expect(publisher.claim()).toBeUndefined();
    reader.acknowledge(12);
    expect(fill(publisher)).toBe(1);
  });

  it("has one reader: who was replaced is told at its next acknowledgement, and moves nothing", () => {
    const { ring, publisher } = open();
    const old = ring.durable("engine");
    fill(publisher);
    drain(old);
    const reader = ring.durable("engine");
    const refused = () => old.acknowledge(32);
    expect(codeOf(refused)).toBe("E_BUS_FENCED");
    expect(refused).toThrow(/topic 'numbers': the place 'engine' was taken over/);
    expect(codeOf(() => old.read())).toBe("E_BUS_FENCED");
    expect([publisher.hasRoom, drain(reader)]).toEqual([false, range(0, 32)]);
    old.close();
    reader.acknowledge(32);
    expect(ring.places()).toMatchObject([{ sequence: 32, lag: 0 }]);
    // Between its look at the state and its exchange of the position, another may have come.
    const late = ring.durable("engine");
    fill(publisher);
    drain(late);
    const words = new Int32Array(ring.memory as SharedArrayBuffer);
    const state = words.indexOf((late as unknown as { mine: number }).mine);
    ring.durable("engine");
    words[state] = (late as unknown as { mine: number }).mine;
    (late as unknown as { giveBack(until: number): boolean }).giveBack(16);
    expect(publisher.hasRoom).toBe(false);
  });

  it("is left by close and given up by release, of its reader or of the ring", () => {
    const { ring, publisher } = open();
    ring.durable("engine").close();
    fill(publisher);
    expect(publisher.hasRoom).toBe(false);
    const gone = ring.durable("engine");
    gone.read();
    expect([ring.release("other"), ring.release("engine"), ring.release("engine")]).toEqual([false, true, false]);
    expect([publisher.hasRoom, ring.places()]).toEqual([true, []]);
    expect(codeOf(() => gone.acknowledge(4))).toBe("E_BUS_FENCED");
    const reader = ring.durable("engine");
    expect(reader.sequence).toBe(32);
    fill(publisher);
    reader.release();
    expect([publisher.hasRoom, ring.stats().subscribers]).toEqual([true, []]);
    expect(codeOf(() => reader.read())).toBe("E_BUS_CLOSED");
  });

  it("is not taken by a subscriber for whom no other place is left", () => {
    const empty = { enter: () => true, leave: () => {}, alive: () => false };
    const { ring, publisher } = open(numbers, { subscribers: 1, peers: empty });
    ring.durable("engine");
    commit(publisher);
    expect(codeOf(() => ring.subscribe())).toBe("E_BUS_SUBSCRIBERS");
    expect(publisher.evictStalled(1e9)).toBe(0);
    expect(drain(ring.durable("engine"))).toEqual(range(0, 4));
  });
});

describe("a row to begin with", () => {
  const at = (from: number | undefined, batches = 6, of = numbers, options: RingOptions = {}) => {
    const { ring, publisher } = open(of, options);
    for (let i = 0; i < batches; i++) commit(publisher, 4);
    return { ring, publisher, reader: ring.durable("engine", from === undefined ? {} : { from }) };
  };
  it("in the middle of a frame", () => {
    const { reader } = at(6);
    const batch = reader.read()!;
    expect([batch.from, batch.rows, batch.sequence, batch.lost]).toEqual([2, 4, 6, 0]);
    expect([reader.lost, drain(reader)]).toEqual([0, range(8, 24)]);
  });
  it("at the present end where it is left out", () => {
    const { reader, publisher } = at(undefined);
    expect([reader.sequence, reader.read()]).toEqual([24, undefined]);
    commit(publisher);
    expect(drain(reader)).toEqual(range(24, 28));
  });
  it("before all that is held: the rows between are lost, and told", () => {
    const { reader, publisher } = at(5, 20);
    // Of 8 slots the one that may be written to now holds nothing.
    const batch = reader.read()!;
    expect([batch.sequence, batch.from, batch.lost, reader.lost]).toEqual([52, 0, 47, 47]);
    expect(drain(reader)).toEqual(range(56, 80));
    reader.acknowledge(80);
    expect(reader.stats()).toEqual({ consumed: 28, lost: 47, lag: 0 });
    expect(fill(publisher)).toBe(8);
  });
  it("behind the end: rows before it are passed over as they come", () => {
    const { reader, publisher } = at(34);
    expect([reader.sequence, reader.acknowledged, reader.read()]).toEqual([34, 34, undefined]);
    for (let i = 0; i < 20; i++) {
      commit(publisher);
      if (publisher.sequence <= 34) expect([reader.read(), reader.held]).toEqual([undefined, 0]);
    }
    const batch = reader.read()!;
    expect([batch.sequence, batch.from, batch.lost, reader.lost]).toEqual([34, 2, 0, 0]);
  });
  it("of a place that was there: before or after what was acknowledged", () => {
    const { ring, publisher, reader } = at(4);
    drain(reader);
    reader.acknowledge(16);
    expect(drain(ring.durable("engine", { from: 21 }))).toEqual(range(21, 24));
    const back = ring.durable("engine", { from: 2 });
    expect([back.lost, drain(back), back.lost]).toEqual([0, range(2, 24), 0]);
    expect(fill(publisher)).toBe(2);
    expect(codeOf(() => ring.durable("engine", { from: -1 }))).toBe("E_BUS_OPTION");
    expect(codeOf(() => ring.durable("engine", { from: 1.5 }))).toBe("E_BUS_OPTION");
  });
  it("is found by the next where one died while it went back, and holds the publisher up until then", () => {
    const { ring } = at(undefined, 20);
    const publisher = ring.publisher({ takeover: true });
    const { words, reals, cursors } = openRegion(ring.memory, numbers);
    // More than a ring behind, as the publisher may have gone on before it looked.
    words[cursors[0]! + cursor.position]! -= 12;
    reals[(cursors[0]! + cursor.row) >> 1] = -2;
    expect([publisher.claim(), publisher.evictStalled(-1)]).toEqual([undefined, 0]);
    const reader = ring.durable("engine");
    expect([drain(reader), reader.lost]).toEqual([range(52, 80), 0]);
    expect(fill(publisher)).toBe(1);
  });
  it("is safe from a publisher that has not looked for the slowest since", () => {
    const { ring, publisher } = open();
    const other = ring.subscribe();
    for (let i = 0; i < 8; i++) commit(publisher);
    other.poll(() => {});
    // It looks once, and knows of 8 free slots.
    commit(publisher);
    const reader = ring.durable("engine", { from: 0 });
    expect(reader.sequence).toBe(0);
    const first = reader.read()!;
    for (let i = 0; i < 20; i++) {
      commit(publisher);
      other.poll(() => {});
    }
    expect([first.lost, first.columns.id[0]]).toEqual([8, 8]);
    expect(drain(reader).slice(0, 2)).toEqual([12, 13]);
  });
});

it("on a topic that evicts: a laggard loses rows and sees how many, what it had accepted not among them", () => {
  const { ring, publisher } = open(evicting);
  const reader = ring.durable("engine");
  for (let i = 0; i < 4; i++) commit(publisher);
  const [accepted, unsure] = [reader.read()!, reader.read()!];
  expect(accepted.intact()).toBe(true);
  for (let i = 0; i < 9; i++) commit(publisher);
  expect(unsure.intact()).toBe(false);
  const batch = reader.read()!;
  expect([batch.sequence, batch.lost, reader.lost]).toEqual([32, 28, 28]);
  reader.acknowledge(batch.sequence + batch.rows);
  expect(publisher.evictStalled(-1)).toBe(0);
  for (let i = 0; i < 12; i++) commit(publisher);
  const next = ring.durable("engine");
  const first = next.read()!;
  expect([first.sequence - first.lost, first.columns.id[0]]).toEqual([36, first.sequence]);
  // Moved to the newest half: what was read of that stays.
  drain(next);
  next.acknowledge(next.sequence);
  for (let i = 0; i < 8; i++) commit(publisher);
  const read = Array.from({ length: 8 }, () => next.read()!);
  commit(publisher);
  expect([read[3]!.intact(), read[4]!.intact(), read[4]!.columns.id[0]]).toEqual([false, true, read[4]!.sequence]);
});

describe("the number of the first row", () => {
  it.each([["block", numbers] as const, ["evict", evicting] as const])("is counted on from: %s", (_, of) => {
    const bus = new RingBus();
    const ring = bus.ring(of, { firstSequence: 1_000_003 });
    expect([ring.stats().published, ring.observe().read()]).toEqual([1_000_003, undefined]);
    const [subscription, reader] = [ring.subscribe(), bus.durable(of, "engine", { from: 1_000_005 })];
    const publisher = bus.publisher(of);
    expect(publisher.sequence).toBe(1_000_003);
    const observer = ring.observe();
    commit(publisher);
    const seen: number[] = [];
    subscription.poll(({ sequence, lost }) => void seen.push(sequence, lost));
    expect([seen, observer.read()?.sequence, observer.missed]).toEqual([[1_000_003, 0], 1_000_003, 0]);
    expect(drain(reader)).toEqual([1_000_005, 1_000_006]);
    bus.close();
  });
  it.each([-1, 0.5, 2 ** 53])("is a number that rows can have: %s is refused", (firstSequence) => {
    expect(codeOf(() => createRing(numbers, { firstSequence }))).toBe("E_BUS_OPTION");
  });
});

/** What may happen to a reader and its publisher, in any order. */
const step = fc.oneof(
  fc.record({ act: fc.constant("commit" as const), rows: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ act: fc.constant("read" as const), rows: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ act: fc.constant("acknowledge" as const), rows: fc.integer({ min: 0, max: 40 }) }),
  fc.record({ act: fc.constant("die" as const), rows: fc.integer({ min: 0, max: 40 }) }),
  fc.record({ act: fc.constant("replace" as const), rows: fc.constant(0) }),
);

it("whatever happens, every row from the acknowledged one on comes once and in order, across the wrap of ordinals", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), fc.integer({ min: 0, max: 12 }), (steps, short) => {
      const { ring, publisher: first } = open(numbers, { firstOrdinal: 2 ** 28 - 1 - short });
      let publisher = first;
      let reader = ring.durable("engine");
      let next = 0;
      let done = 0;
      const take = (batch: NonNullable<ReturnType<typeof reader.read>>) => {
        expect([batch.sequence, batch.lost]).toEqual([next, 0]);
        for (let row = batch.from; row < batch.rows; row++) expect(batch.columns.id[row]).toBe(next++);
      };
      for (const { act, rows } of steps) {
        if (act === "commit") commit(publisher, rows);
        else if (act === "replace") publisher = ring.publisher({ takeover: true });
        else if (act === "read") {
          for (let i = 0; i < rows; i++) {
            const batch = reader.read();
            if (batch) take(batch);
          }
        } else if (act === "acknowledge") {
          done = Math.max(done, Math.min(next, done + rows));
          reader.acknowledge(done);
        } else {
          // From where it was acknowledged, told or found; or from a row behind that, which a snapshot had too.
          const from = rows % 3 === 0 ? undefined : rows % 3 === 1 ? done : Math.min(publisher.sequence, done + rows);
          reader = ring.durable("engine", from === undefined ? {} : { from });
          done = next = from ?? done;
        }
        expect([reader.sequence, reader.acknowledged]).toEqual([next, done]);
        expect(reader.waiting + reader.held).toBeLessThanOrEqual(8);
      }
      for (let batch = reader.read(); batch; batch = reader.read()) take(batch);
      expect(next).toBe(publisher.sequence);
    }),
  );
});
