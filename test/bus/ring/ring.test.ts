import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { topic } from "../../../src/bus/frame.js";
import type { Wake } from "../../../src/bus/ring/bell.js";
import { createRing, openRing, RingBus } from "../../../src/bus/ring/ring.js";
import { codeOf, rowsFrom, trades } from "../kit/suite.js";
import { stream } from "./worker.js";
import { bundleWorker, type Job, start } from "./workers.js";

const said = (worker: import("node:worker_threads").Worker, kind: string) =>
  new Promise<any>((resolve) => worker.on("message", (message) => message.kind === kind && resolve(message)));

describe("a ring between threads", () => {
  let bundle: Awaited<ReturnType<typeof bundleWorker>>;
  beforeAll(async () => {
    bundle = await bundleWorker();
  });
  afterAll(() => bundle.remove());

  const open = (of: typeof stream) => {
    const ring = createRing(of, { firstOrdinal: 0x7fff_fff0 });
    const memory = ring.memory as SharedArrayBuffer;
    return { ring, memory, run: (job: Omit<Job, "memory">) => start(bundle.file, { ...job, memory }) };
  };

  it("block: every consumer gets every row once, in order and whole", async () => {
    const rows = 2_000_000;
    const { ring, run } = open(stream);
    const consumers = [run({ role: "consume", rows, sleep: true }), run({ role: "iterate", rows })];
    await Promise.all(consumers.map((one) => one.started));
    const producer = run({ role: "produce", rows });
    for (const { done } of consumers)
      expect(await done).toMatchObject({ rows, lost: 0, duplicated: 0, reordered: 0, corrupt: 0, taken: 0 });
    await producer.done;
    expect(ring.stats().published).toBe(rows);
  });

  it("for await in a thread stays alive by itself and reads to the end", async () => {
    const rows = 200_000;
    const { run } = open(stream);
    const consumer = run({ role: "iterate", rows });
    await consumer.started;
    // Long enough for a thread with nothing else to do to end, if nothing held it.
    await new Promise((resolve) => setTimeout(resolve, 200));
    run({ role: "produce", rows });
    expect(await consumer.done).toMatchObject({ rows, duplicated: 0, reordered: 0, corrupt: 0 });
  });

  it("a subscriber may join and leave at any moment, and misses nothing in between", async () => {
    const rows = 1_000_000;
    const { ring, run } = open({ ...stream, slots: 2 });
    const producer = run({ role: "produce", rows });
    await producer.started;
    let joined = 0;
    const wrong: number[][] = [];
    while (ring.stats().published < rows) {
      const subscription = ring.subscribe();
      let expected = -1;
      for (let i = 0; i < 20; i++)
        subscription.poll(({ sequence, lost, rows: count, columns: { id } }) => {
          if (lost !== 0 || (expected >= 0 && sequence !== expected)) wrong.push([sequence, lost, expected]);
          if (id[0] !== sequence || id[count - 1] !== sequence + count - 1) wrong.push([sequence, id[0]!, id[count - 1]!]);
          expected = sequence + count;
        });
      subscription.close();
      joined++;
    }
    expect(wrong).toEqual([]);
    expect(joined).toBeGreaterThan(0);
    await producer.done;
  });

  it("evict: what is handed over intact is whole and in order, and every row is either read or counted as lost", async () => {
    const rows = 3_000_000;
    const { run } = open({ ...stream, slots: 4, backpressure: "evict" });
    const consumers = [run({ role: "consume", rows }), run({ role: "iterate", rows })];
    await Promise.all(consumers.map((one) => one.started));
    await run({ role: "produce", rows }).done;
    for (const { done } of consumers) {
      const got = await done;
      expect(got).toMatchObject({ duplicated: 0, reordered: 0, corrupt: 0 });
      // The newest half is never evicted, so the last row always comes and no loss stays unknown.
      expect(got.rows + got.lost).toBe(rows);
      expect(got.rows).toBeGreaterThan(0);
    }
  });

  it("a publisher that begins while a subscriber looks has not ended", () => {
    const { load } = Atomics;
    for (let looks = 0; looks < 4; looks++) {
      const ring = createRing(stream);
      const subscription = ring.subscribe();
      let left = looks;
      const spy = vi.spyOn(Atomics, "load").mockImplementation(((words: Int32Array, index: number) => {
        const value = load(words, index);
        if (left-- === 0) ring.publisher();
        return value;
      }) as typeof load);
      const { ended } = subscription;
      spy.mockRestore();
      expect(ended, `begun after look ${looks + 1}`).toBe(false);
    }
  });

  it("wakes a sleeping consumer and a sleeping producer without losing a wake", async () => {
    const rows = 100_000;
    const { run } = open({ ...stream, slots: 2 });
    const consumer = run({ role: "consume", rows, sleep: true });
    await consumer.started;
    const producer = run({ role: "produce", rows });
    expect(await consumer.done).toMatchObject({ rows, lost: 0, duplicated: 0, reordered: 0, corrupt: 0 });
    await producer.done;
  });

  it("a terminated consumer holds the producer up until it is evicted", async () => {
    const { ring, run } = open(stream);
    const publisher = ring.publisher();
    const consumer = run({ role: "stall", rows: 0, sleep: true });
    await consumer.started;
    const stalled = said(consumer.worker, "stalled");
    const batch = { id: new Float64Array(64), mix: new Int32Array(128), sum: new Uint32Array(64) };
    publisher.publish(batch);
    await stalled;
    await consumer.worker.terminate();
    while (publisher.publish(batch) > 0);
    expect(ring.stats().subscribers.length).toBe(1);
    expect(publisher.evictStalled(3_600_000)).toBe(0);
    expect(publisher.wait(20)).toBe(false);
    while (publisher.evictStalled(50) === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(ring.stats().subscribers.length).toBe(0);
    expect(publisher.publish(batch)).toBe(64);
  });

  it("a consumer that was only slow learns that its batch is void, and comes back with the gap counted", async () => {
    const { ring, run } = open(stream);
    const publisher = ring.publisher();
    const consumer = run({ role: "hold", rows: 400, sleep: true });
    await consumer.started;
    const [stalled, after] = [said(consumer.worker, "stalled"), said(consumer.worker, "after")];
    const batch = { id: new Float64Array(1), mix: new Int32Array(2), sum: new Uint32Array(1) };
    publisher.publish(batch);
    await stalled;
    while (publisher.evictStalled(50) === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    for (let i = 0; i < 40; i++) expect(publisher.publish(batch)).toBe(1);
    expect(await after).toMatchObject({ intact: false });
    while (ring.stats().subscribers.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(publisher.publish(batch)).toBe(1);
    publisher.close();
    expect(await consumer.done).toMatchObject({ lost: 41 });
  });

  it("one that was evicted and comes back when all is over learns what it missed before it ends", async () => {
    const ring = createRing(stream);
    const [polls, iterates] = [ring.subscribe(), ring.subscribe()];
    const publisher = ring.publisher();
    const batch = { id: new Float64Array(2), mix: new Int32Array(4), sum: new Uint32Array(2) };
    expect(publisher.evictStalled(Number.NEGATIVE_INFINITY)).toBe(2);
    for (let i = 0; i < 40; i++) expect(publisher.publish(batch)).toBe(2);
    publisher.close();
    expect(polls.ended).toBe(false);
    expect(polls.poll(() => {})).toBe(0);
    expect([polls.ended, polls.stats().lost]).toEqual([true, 80]);
    for await (const { rows } of iterates) throw new Error(`${rows} rows came`);
    expect(iterates.stats().lost).toBe(80);
  });

  it("a publisher that died is replaced, and can commit no more if it did not", async () => {
    const { ring, memory } = open(stream);
    const subscription = ring.subscribe();
    const dead = ring.publisher();
    const batch = { id: new Float64Array(2), mix: new Int32Array(4), sum: new Uint32Array(2) };
    dead.publish(batch);
    const other = openRing(memory, stream);
    expect(codeOf(() => other.publisher())).toBe("E_BUS_PUBLISHER");
    dead.claim();
    const heir = other.publisher({ takeover: true, producer: 9 });
    expect(codeOf(() => dead.commit(1))).toBe("E_BUS_FENCED");
    heir.publish(batch);
    dead.close();
    const seen: number[][] = [];
    subscription.poll(({ sequence, producer, epoch }) => void seen.push([sequence, producer, epoch]));
    expect(seen).toEqual([
      [0, 1, 1],
      [2, 9, 2],
    ]);
    expect(subscription.ended).toBe(false);
    heir.close();
    expect(subscription.ended).toBe(true);
  });
});

describe("a ring's memory", () => {
  it("opens from the memory alone, with the topic and its symbols", () => {
    const of = topic({ ...trades, symbols: ["A", "B"] });
    const ring = createRing(of);
    const other = openRing<typeof trades.columns>(ring.memory);
    const { symbols: _, ...plain } = of;
    expect(other.topic).toEqual(plain);
    const subscription = other.subscribe();
    const publisher = ring.publisher();
    publisher.symbols.add("C");
    publisher.publish(rowsFrom(0, 2));
    expect([0, 1, 2, 3].map((id) => subscription.symbols.at(id))).toEqual(["A", "B", "C", undefined]);
    expect(subscription.poll((batch) => expect(batch.columns.price[1]).toBe(1.5))).toBe(1);
    const bus = new RingBus().attach([ring.memory]);
    expect(bus.stats(trades).published).toBe(2);
    expect(bus.memories()).toEqual([ring.memory]);
  });

  it("refuses memory that is no ring, of another version, cut short, or of another topic", () => {
    const { memory } = createRing(trades);
    const changed = (change: (words: Int32Array) => void) => {
      const copy = memory.slice(0);
      change(new Int32Array(copy));
      return copy;
    };
    expect(codeOf(() => openRing(changed(() => {})))).toBeUndefined();
    expect(codeOf(() => openRing(new SharedArrayBuffer(0)))).toBe("E_BUS_MAGIC");
    expect(codeOf(() => openRing(new SharedArrayBuffer(4096)))).toBe("E_BUS_MAGIC");
    expect(codeOf(() => openRing(changed((words) => (words[1] = 99))))).toBe("E_BUS_VERSION");
    expect(codeOf(() => openRing(changed((words) => (words[16] = -1))))).toBe("E_BUS_REGION");
    expect(codeOf(() => openRing(memory.slice(0, memory.byteLength - 256)))).toBe("E_BUS_MEMORY");
    expect(() => openRing(memory, { ...trades, rows: 8 })).toThrow("rows per slot are 4, expected 8");
    const swapped = { price: { dtype: "f64" }, time_ns: { dtype: "i64" }, side: { dtype: "i8" } } as const;
    expect(() => openRing(memory, { ...trades, columns: swapped })).toThrow("column 0 is 'time_ns' i64, expected 'price' f64");
    const wide = { ...trades.columns, side: { dtype: "i8", width: 2 } } as const;
    expect(() => openRing(memory, { ...trades, columns: wide })).toThrow("column 2 is 'side' i8, expected 'side' i8 x 2");
    expect(codeOf(() => createRing(trades, { allocate: () => new ArrayBuffer(100) }))).toBe("E_BUS_MEMORY");
  });

  it("puts every column on a 64-byte and every cursor on a 128-byte boundary of the real address", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 64 }), fc.string({ minLength: 1, maxLength: 40 }), (eighths, name) => {
        const base = 0x7f00_0000_1000n + BigInt(eighths * 8);
        const ring = createRing({ ...trades, name }, { addressOf: () => base, dictionaryBytes: 1000, subscribers: 3 });
        const slot = ring.publisher().claim()!;
        for (const view of Object.values(slot.columns)) expect((base + BigInt(view.byteOffset)) % 64n).toBe(0n);
        expect((base + BigInt(slot.bytes.byteOffset)) % 128n).toBe(0n);
      }),
    );
  });

  it("says when the dictionary or the table of subscribers is full", () => {
    const ring = createRing(trades, { dictionaryBytes: 32, subscribers: 2 });
    const publisher = ring.publisher();
    expect(publisher.symbols.add("12345")).toBe(0);
    expect(codeOf(() => publisher.symbols.add("123456789012345"))).toBe("E_BUS_DICTIONARY");
    expect(publisher.symbols.add("67890123456")).toBe(1);
    expect(codeOf(() => publisher.symbols.add("x"))).toBe("E_BUS_DICTIONARY");
    expect([publisher.symbols.size, publisher.symbols.at(1)]).toEqual([2, "67890123456"]);
    const first = ring.subscribe();
    ring.subscribe();
    expect(codeOf(() => ring.subscribe())).toBe("E_BUS_SUBSCRIBERS");
    first.close();
    expect(codeOf(() => ring.subscribe())).toBeUndefined();
  });

  it("runs over memory that is not shared, with another way to sleep", async () => {
    const notified: number[] = [];
    let wakeUp: (() => void) | undefined;
    const wake: Wake = {
      wait: () => {},
      notify: (_, index) => {
        notified.push(index);
        wakeUp?.();
      },
      arrival: () => new Promise<void>((resolve) => (wakeUp = resolve)),
    };
    const ring = createRing(trades, { allocate: (bytes) => new ArrayBuffer(bytes), wake });
    const [publisher, subscription] = [ring.publisher(), ring.subscribe()];
    publisher.publish(rowsFrom(0, 1));
    expect(notified).toEqual([]);
    const iterator = subscription[Symbol.asyncIterator]();
    expect((await iterator.next()).done).toBe(false);
    const second = iterator.next();
    await new Promise((resolve) => setTimeout(resolve, 5));
    publisher.publish(rowsFrom(1, 1));
    expect(notified.length).toBe(1);
    expect((await second).done).toBe(false);
  });
});
