import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { Batch, Publisher } from "../../../src/bus/bus.js";
import { topic } from "../../../src/bus/frame.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { RingBus } from "../../../src/bus/ring/ring.js";
import { Batcher, type BatcherOptions, idleConsumers } from "../../../src/bus/routing/batcher.js";
import type { Alarm } from "../../../src/bus/routing/loop_alarm.js";
import { codeOf } from "../kit/suite.js";

const BUDGET = 200;
const prices = topic({
  name: "prices",
  columns: { id: { dtype: "f64" }, pair: { dtype: "i32", width: 2 } },
  rows: 256,
  slots: 4,
  backpressure: "block",
});
type Prices = typeof prices.columns;

/** A clock that the test turns; the alarm rings on its way. */
class Clock {
  nowUs = 0;
  /** What a thread does that does not return to its event loop. */
  stalled = false;
  private at = Number.POSITIVE_INFINITY;
  private ring = () => {};
  readonly alarm = (ring: () => void): Alarm => {
    this.ring = ring;
    const set = (us: number) => (this.at = this.nowUs + us);
    return { set, hold: () => {}, clear: () => (this.at = Number.POSITIVE_INFINITY) };
  };
  pass(us: number): void {
    const until = this.nowUs + us;
    while (!this.stalled && this.at <= until) {
      this.nowUs = Math.max(this.nowUs, this.at);
      this.at = Number.POSITIVE_INFINITY;
      this.ring();
    }
    this.nowUs = until;
  }
}

let bus = new MemoryBus();
afterEach(() => {
  bus.close();
  bus = new MemoryBus();
});

function setUp(options: BatcherOptions = {}, of = prices) {
  const clock = new Clock();
  const subscription = bus.subscribe(of, { open: options.open ?? false });
  const publisher = bus.publisher(of);
  const commits: { rows: number; atUs: number }[] = [];
  const commit = publisher.commit.bind(publisher);
  publisher.commit = (rows) => {
    commits.push({ rows: rows!, atUs: clock.nowUs });
    commit(rows);
  };
  const write = (columns: Batch<Prices>["columns"], row: number, id: number) => {
    if (id < 0) throw new Error("no such id");
    columns.id[row] = id;
    columns.pair.set([id, -id], 2 * row);
  };
  const batcher = new Batcher<Prices, number>(publisher, write, {
    budgetUs: BUDGET,
    nowUs: () => clock.nowUs,
    alarm: clock.alarm,
    ...options,
  });
  const seen: number[] = [];
  const read = (limit?: number) =>
    subscription.poll(({ columns, from, rows }) => {
      for (let row = from; row < rows; row++) {
        seen.push(columns.id[row]!);
        expect(columns.pair[2 * row]! + columns.pair[2 * row + 1]!).toBe(0);
      }
    }, limit);
  return { clock, publisher, batcher, commits, seen, read };
}
const count = (to: number) => Array.from({ length: to }, (_, i) => i);

describe("batcher", () => {
  it("commits each row of a slow stream at once, and fills slots at a high rate", () => {
    const { clock, batcher, commits, read, seen } = setUp();
    for (let id = 0; id < 20; id++) {
      clock.pass(1000);
      batcher.push(id);
      read();
    }
    expect(commits.map(({ rows }) => rows)).toEqual(Array(20).fill(1));
    for (let id = 20; id < 20_000; id++) {
      if (id % 5 === 0) clock.pass(1);
      batcher.push(id);
      read();
    }
    expect(commits.at(-1)!.rows).toBe(256);
    expect(batcher.stats().rowsPerSecond / 5e6).toBeCloseTo(1, 1);
    batcher.close();
    read();
    expect(seen).toEqual(count(20_000));
  });

  it("follows the rate down: what was expected and did not come is not waited for", () => {
    const { clock, batcher, commits, read } = setUp();
    for (let id = 0; id < 400; id++) {
      clock.pass(2);
      batcher.push(id);
      read();
    }
    batcher.flush();
    const busy = batcher.stats().threshold;
    expect(busy).toBeGreaterThan(30);
    clock.pass(50_000);
    const pushedAt = clock.nowUs;
    batcher.push(400);
    expect(batcher.stats().threshold).toBe(1);
    expect(commits.at(-1)).toEqual({ rows: 1, atUs: pushedAt });
  });

  it("a row that waits is committed at its deadline, by the alarm, by poll, or by the next push", () => {
    for (const how of ["alarm", "poll", "push"]) {
      const { clock, batcher, commits, read } = setUp();
      for (let id = 0; id < 2000; id++) {
        clock.pass(1);
        batcher.push(id);
        read();
      }
      batcher.flush();
      const start = clock.nowUs;
      batcher.push(2000);
      expect(batcher.stats().waiting).toBe(1);
      clock.stalled = how !== "alarm";
      clock.pass(BUDGET);
      if (how === "poll") batcher.poll();
      for (let id = 2001; how === "push" && batcher.stats().waiting > 0; id++) batcher.push(id);
      expect(commits.at(-1)!.atUs).toBe(start + BUDGET);
      expect(batcher.stats().causes.deadline).toBe(1);
      expect(batcher.stats().waiting).toBe(0);
      batcher.close();
      bus.close();
      bus = new MemoryBus();
    }
  });

  it("an urgent row takes those before it along; flush and close commit what waits", () => {
    const { clock, batcher, commits, read, seen } = setUp();
    for (let id = 0; id < 1000; id++) {
      clock.pass(1);
      batcher.push(id);
      read();
    }
    batcher.flush();
    commits.length = 0;
    batcher.push(1000);
    batcher.push(1001);
    batcher.push(1002, true);
    expect(commits.map(({ rows }) => rows)).toEqual([3]);
    batcher.push(1003);
    expect([batcher.flush(), batcher.flush()]).toEqual([1, 0]);
    batcher.push(1004);
    batcher.close();
    batcher.close();
    expect(commits.map(({ rows }) => rows)).toEqual([3, 1, 1]);
    expect(batcher.stats().causes).toMatchObject({ urgent: 1, asked: 3 });
    read();
    expect(seen).toEqual(count(1005));
    expect(codeOf(() => batcher.push(1))).toBe("E_BUS_CLOSED");
    expect(codeOf(() => batcher.flush())).toBe("E_BUS_CLOSED");
  });

  it("commits at once while consumers have nothing to do, and gathers while they are busy", () => {
    const { clock, batcher, commits, read } = setUp({ idle: idleConsumers(bus, prices) });
    for (let id = 0; id < 400; id++) {
      clock.pass(25);
      batcher.push(id);
      read();
    }
    expect(commits.every(({ rows }) => rows === 1)).toBe(true);
    expect(batcher.stats().threshold).toBeGreaterThan(2);
    clock.pass(25);
    for (let id = 400; id < 402; id++) batcher.push(id);
    expect(batcher.stats().waiting).toBe(1);
    read();
    clock.pass(25);
    batcher.push(402);
    expect(batcher.stats().waiting).toBe(0);
    expect(batcher.stats().causes.idle).toBeGreaterThan(300);
  });

  it("nobody is idle where nobody subscribes", () => {
    expect(idleConsumers(bus, prices)()).toBe(false);
  });

  it("a full bus is an answer: nothing is taken, nothing accepted is lost, and refusals are counted", () => {
    const { batcher, read, seen } = setUp();
    let accepted = 0;
    while (batcher.push(accepted, true)) accepted++;
    expect(accepted).toBe(prices.slots);
    expect(batcher.push(99)).toBe(false);
    expect(batcher.stats()).toMatchObject({ rows: 4, full: 2, waiting: 0 });
    expect(bus.stats(prices).full).toBe(2);
    read(1);
    expect(batcher.push(accepted, true)).toBe(true);
    read();
    expect(seen).toEqual(count(5));
  });

  it("open: each row is seen before its batch is committed", () => {
    const { clock, batcher, seen, read } = setUp({ open: true });
    for (let id = 0; id < 1000; id++) {
      clock.pass(1);
      batcher.push(id);
      read();
      expect(seen.length).toBe(id + 1);
    }
    expect(batcher.stats().batches).toBeLessThan(500);
    expect(seen).toEqual(count(1000));
  });

  it("a writer that throws leaves no row, and the batcher goes on", () => {
    const { batcher, read, seen, publisher } = setUp();
    expect(() => batcher.push(-1)).toThrow("no such id");
    batcher.push(0, true);
    expect(() => batcher.push(-1)).toThrow("no such id");
    batcher.close();
    expect(publisher.claim()).toBeDefined();
    publisher.abort();
    read();
    expect(seen).toEqual([0]);
  });

  it("tells the next caller when the alarm could not commit", () => {
    const { clock, batcher, publisher, read } = setUp();
    for (let id = 0; id < 1000; id++) {
      clock.pass(1);
      batcher.push(id);
      read();
    }
    batcher.flush();
    batcher.push(1000);
    publisher.close();
    clock.pass(BUDGET);
    expect(codeOf(() => batcher.push(1001))).toBe("E_BUS_CLAIM");
    expect(codeOf(() => batcher.push(1001))).toBe("E_BUS_CLOSED");
    batcher.close();
  });

  it("refuses options out of range, by name", () => {
    const publisher = bus.publisher(prices);
    const make = (options: BatcherOptions) => codeOf(() => new Batcher(publisher as Publisher, () => {}, options));
    for (const budgetUs of [0, -1, Number.NaN, 1e9]) expect(make({ budgetUs })).toBe("E_BUS_OPTION");
    for (const rows of [0, 1.5, 257]) expect(make({ rows })).toBe("E_BUS_OPTION");
    expect(make({ rows: 256, budgetUs: 1 })).toBeUndefined();
  });

  it("every accepted row arrives once, in order, and is committed within the budget, whatever comes when", () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ push: fc.integer({ min: 1, max: 400 }), everyUs: fc.constantFrom(0, 0.03, 0.5, 3, 40, 199, 700) }),
      },
      { weight: 2, arbitrary: fc.record({ read: fc.integer({ min: 1, max: 6 }) }) },
      { weight: 1, arbitrary: fc.record({ urgent: fc.constant(true) }) },
      { weight: 1, arbitrary: fc.record({ flush: fc.constant(true) }) },
      { weight: 1, arbitrary: fc.record({ passUs: fc.integer({ min: 0, max: 5000 }) }) },
    );
    const options = fc.record({
      rows: fc.integer({ min: 1, max: 256 }),
      open: fc.boolean(),
      asks: fc.boolean(),
      budgetUs: fc.constantFrom(1, 50, 200, 3000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), options, (steps, { asks, ...given }) => {
        bus.close();
        bus = new MemoryBus();
        const { clock, batcher, commits, seen, read } = setUp({ ...given, ...(asks ? { idle: idleConsumers(bus, prices) } : {}) });
        const pushedUs: number[] = [];
        let refused = 0;
        const push = (urgent?: boolean) => {
          if (batcher.push(pushedUs.length, urgent)) pushedUs.push(clock.nowUs);
          else refused++;
        };
        for (const one of steps) {
          if ("push" in one)
            for (let i = 0; i < one.push; i++) {
              clock.pass(one.everyUs);
              push();
            }
          else if ("read" in one) read(one.read);
          else if ("passUs" in one) clock.pass(one.passUs);
          else if ("urgent" in one) push(true);
          else batcher.flush();
        }
        clock.pass(given.budgetUs);
        expect(batcher.stats()).toMatchObject({ waiting: 0, rows: pushedUs.length, full: refused });
        read();
        expect(seen).toEqual(pushedUs.map((_, id) => id));
        let row = 0;
        for (const { rows, atUs } of commits) {
          expect(rows).toBeLessThanOrEqual(given.rows);
          for (const until = row + rows; row < until; row++) expect(atUs - pushedUs[row]!).toBeLessThanOrEqual(given.budgetUs + 1e-6);
        }
        expect(row).toBe(pushedUs.length);
        batcher.close();
      }),
      { numRuns: 300 },
    );
  });
});

describe("batcher on the event loop", () => {
  const write = (columns: { id: Float64Array }, row: number, id: number) => void (columns.id[row] = id);
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

  it("the rows that wait come by themselves", async () => {
    const ring = new RingBus();
    const subscription = ring.subscribe(prices);
    const publisher = ring.publisher(prices);
    for (const budgetUs of [300, 5000]) {
      const batcher = new Batcher(publisher, write, { budgetUs });
      let [last, seen] = [0, 0];
      const read = () => subscription.poll((batch) => void (seen = batch.columns.id[batch.rows - 1]!));
      // Until the rate is so high that a row waits for others.
      while (batcher.stats().waiting === 0) {
        if (batcher.push(last + 1)) last++;
        read();
      }
      while (seen !== last) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        read();
      }
      expect(batcher.stats()).toMatchObject({ waiting: 0, rows: last, causes: { asked: 0 } });
      expect(batcher.stats().causes.deadline).toBeGreaterThan(0);
      batcher.close();
    }
    ring.close();
  });

  it("holds Node only while rows wait", () => {
    const publisher = bus.publisher(prices);
    const batcher = new Batcher(publisher, write, {
      budgetUs: 50_000_000,
      nowUs: (() => {
        let us = 0;
        return () => us++;
      })(),
    });
    const before = timers();
    for (let id = 0; batcher.stats().waiting === 0; id++) batcher.push(id);
    expect(timers()).toBe(before + 1);
    batcher.flush();
    expect(timers()).toBe(before);
    batcher.push(0);
    expect(timers()).toBe(before + 1);
    batcher.close();
    expect(timers()).toBe(before);
  });
});
