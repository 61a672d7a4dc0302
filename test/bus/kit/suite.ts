import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Batch, Bus, Publisher, Subscription } from "../../../src/bus/bus.js";
import { topic } from "../../../src/bus/frame.js";
import { BusError } from "../../../src/core/contract/errors.js";

export const trades = topic({
  name: "trades.TEST",
  columns: { time_ns: { dtype: "i64" }, price: { dtype: "f64" }, side: { dtype: "i8" } },
  rows: 4,
  slots: 4,
  backpressure: "block",
});
const fickle = topic({ ...trades, name: "trades.EVICT", slots: 8, backpressure: "evict" });
const every = topic({
  name: "every.dtype",
  columns: {
    a: { dtype: "u8" },
    b: { dtype: "f64", width: 3 },
    c: { dtype: "i8" },
    d: { dtype: "i64" },
    e: { dtype: "f32", width: 2 },
    f: { dtype: "i32" },
    g: { dtype: "u32" },
  },
  rows: 5,
  slots: 4,
  backpressure: "block",
});

type Trades = typeof trades.columns;
export const rowsFrom = (first: number, rows: number) => ({
  time_ns: BigInt64Array.from({ length: rows }, (_, i) => BigInt(first + i)),
  price: Float64Array.from({ length: rows }, (_, i) => (first + i) * 1.5),
  side: Int8Array.from({ length: rows }, (_, i) => (i % 2 ? 1 : -1)),
});
const idsOf = (batch: Batch<Trades>) => [...batch.columns.time_ns.subarray(0, batch.rows)].map(Number);

export function codeOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    if (!(error instanceof BusError)) throw error;
    expect(error.message).not.toBe("");
    expect(error.hint).toBeTruthy();
    return error.code;
  }
  return undefined;
}

/** Settles as soon as it holds; a transport in memory is given no time to get there. */
async function comes(isRemote: boolean, holds: () => boolean): Promise<void> {
  while (isRemote && !holds()) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(holds()).toBe(true);
}

/**
 * What every transport must do. A transport is one line in conformance.test.ts. `remote`: news travels, so that what one side did is
 * known to the other a little later, and rows that were raised wait for their commit.
 */
export function busSuite(name: string, open: () => Bus | Promise<Bus>, { remote = false }: { remote?: boolean } = {}): void {
  describe(`bus: ${name}`, () => {
    let bus: Bus;
    /** All rows, as room comes; at once where no news must travel. */
    const publishAll = async (publisher: Publisher<Trades>, first: number, rows: number): Promise<void> => {
      for (let done = 0; done < rows; ) {
        const taken = publisher.publish(rowsFrom(first + done, rows - done));
        if (!remote) expect(taken).toBe(rows);
        done += taken;
        if (done < rows) await publisher.room();
      }
    };
    beforeEach(async () => {
      bus = await open();
    });
    afterEach(() => bus.close());

    const pair = async (of = trades): Promise<[Publisher<Trades>, Subscription<Trades>]> => {
      const subscription = bus.subscribe(of);
      await subscription.ready;
      return [bus.publisher(of), subscription];
    };
    /** Reads until `rows` have come; remote transports need more than one look. */
    const ids = async (subscription: Subscription<Trades>, rows: number): Promise<number[]> => {
      const got: number[] = [];
      while (got.length < rows) {
        const handled = subscription.poll((batch) => void got.push(...idsOf(batch)));
        if (handled === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      return got;
    };

    it("delivers every dtype and width to the bit", async () => {
      const subscription = bus.subscribe(every);
      await subscription.ready;
      const publisher = bus.publisher(every);
      const row = fc.record({
        a: fc.integer({ min: 0, max: 255 }),
        b: fc.tuple(fc.double(), fc.double(), fc.double()),
        c: fc.integer({ min: -128, max: 127 }),
        d: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        e: fc.tuple(fc.float(), fc.float()),
        f: fc.integer(),
        g: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 5 }), fc.bigInt({ min: 0n, max: 2n ** 62n }), async (rows, timeNs) => {
          const columns = {
            a: Uint8Array.from(rows, (r) => r.a),
            b: Float64Array.from(rows.flatMap((r) => r.b)),
            c: Int8Array.from(rows, (r) => r.c),
            d: BigInt64Array.from(rows, (r) => r.d),
            e: Float32Array.from(rows.flatMap((r) => r.e)),
            f: Int32Array.from(rows, (r) => r.f),
            g: Uint32Array.from(rows, (r) => r.g),
          };
          if (remote) await publisher.room();
          expect(publisher.publish(columns, timeNs)).toBe(rows.length);
          let seen = 0;
          while (seen === 0) {
            seen = subscription.poll((batch) => {
              expect(batch.rows).toBe(rows.length);
              expect(batch.timeNs).toBe(timeNs);
              expect(Object.keys(batch.columns)).toEqual(Object.keys(columns));
              for (const [name, want] of Object.entries(columns)) {
                const got = batch.columns[name as keyof typeof columns];
                const bytes = new Uint8Array(got.buffer, got.byteOffset, want.byteLength);
                expect(bytes, name).toEqual(new Uint8Array(want.buffer));
              }
            });
            if (seen === 0) await new Promise((resolve) => setTimeout(resolve, 1));
          }
        }),
        { numRuns: 100 },
      );
    });

    it("lets a claimed slot be written in place and keeps each slot's views", async () => {
      const [publisher, subscription] = await pair();
      const views = new Map<number, Float64Array>();
      for (let round = 0; round < 12; round++) {
        if (remote) await publisher.room();
        const slot = publisher.claim()!;
        views.set(slot.index, views.get(slot.index) ?? slot.columns.price);
        expect(slot.columns.price).toBe(views.get(slot.index));
        expect(slot.columns.price.length).toBe(trades.rows);
        slot.columns.time_ns[0] = BigInt(round);
        slot.rows = 1;
        publisher.commit();
        expect(await ids(subscription, 1)).toEqual([round]);
      }
      expect(views.size).toBe(trades.slots);
    });

    it("splits long columns over slots and says how many rows were taken", async () => {
      const [publisher, subscription] = await pair();
      expect(publisher.publish(rowsFrom(0, 21))).toBe(16);
      expect(await ids(subscription, 16)).toEqual([...rowsFrom(0, 16).time_ns].map(Number));
      await publishAll(publisher, 16, 5);
      const sizes: number[] = [];
      while (sizes.length < 2) {
        subscription.poll((batch) => void sizes.push(batch.rows));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      expect(sizes).toEqual([4, 1]);
    });

    it("numbers rows from the start of the topic and stamps the time", async () => {
      const [publisher, subscription] = await pair();
      const before = BigInt(Date.now() - 1000) * 1_000_000n;
      const sequences: number[] = [];
      for (const rows of [3, 1, 4, 2]) {
        publisher.publish(rowsFrom(0, rows));
        while (
          subscription.poll((batch) => {
            sequences.push(batch.sequence);
            expect(batch.lost).toBe(0);
            expect(batch.timeNs).toBeGreaterThan(before);
            expect(batch.timeNs).toBeLessThan(before + 3_600_000_000_000n);
          }) === 0
        )
          await new Promise((resolve) => setTimeout(resolve, 1));
      }
      expect(sequences).toEqual([0, 3, 4, 8]);
    });

    it("block: a full bus is a result, and room comes back when the slowest subscriber has read", async () => {
      const [publisher, fast] = await pair();
      const slow = bus.subscribe(trades);
      await slow.ready;
      for (let i = 0; i < 4; i++) expect(publisher.publish(rowsFrom(i, 1))).toBe(1);
      expect(await ids(fast, 4)).toEqual([0, 1, 2, 3]);
      expect(publisher.claim()).toBeUndefined();
      expect(publisher.publish(rowsFrom(9, 1))).toBe(0);
      expect(publisher.wait(0)).toBe(false);
      expect(bus.stats(trades).full).toBe(2);
      const room = publisher.room();
      while (slow.poll(() => {}, 1) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      await room;
      expect(publisher.publish(rowsFrom(4, 1))).toBe(1);
      expect(publisher.claim()).toBeUndefined();
      expect(await ids(slow, 4)).toEqual([1, 2, 3, 4]);
      expect(await ids(fast, 1)).toEqual([4]);
    });

    it("block: a subscriber that closes holds nobody up", async () => {
      const [publisher, subscription] = await pair();
      expect(publisher.publish(rowsFrom(0, 16))).toBe(16);
      expect(publisher.claim()).toBeUndefined();
      subscription.close();
      if (remote) await publisher.room();
      expect(publisher.publish(rowsFrom(16, 4))).toBe(4);
    });

    it("gives a late subscriber what comes later, and nothing is lost for it", async () => {
      const publisher = bus.publisher(trades);
      publisher.publish(rowsFrom(0, 10));
      const late = bus.subscribe(trades);
      await late.ready;
      publisher.publish(rowsFrom(10, 3));
      expect(await ids(late, 3)).toEqual([10, 11, 12]);
      expect(late.stats()).toEqual({ consumed: 3, lost: 0, lag: 0 });
    });

    it("evict: the publisher never stops, a laggard continues in the newest half and sees the gap", async () => {
      const [publisher, subscription] = await pair(fickle);
      for (let i = 0; i < 11; i++) await publishAll(publisher, 2 * i, 2);
      await comes(remote, () => subscription.stats().lag === 7);
      const seen: [number, number][] = [];
      while (seen.length < 7) {
        subscription.poll((batch) => void seen.push([Number(batch.columns.time_ns[0]), batch.lost]));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      // The ninth batch found the ring full, so places 0 to 3 were given up.
      expect(seen).toEqual([8, 10, 12, 14, 16, 18, 20].map((first, i) => [first, i === 0 ? 8 : 0]));
      expect(subscription.stats()).toEqual({ consumed: 14, lost: 8, lag: 0 });
    });

    // A remote subscriber reads its own copy, which nothing overwrites while a handler runs; the next test overwrites it.
    it.skipIf(remote)("evict: a batch that is overwritten while it is handled says so, and is not counted", async () => {
      const [publisher, subscription] = await pair(fickle);
      publisher.publish(rowsFrom(0, 1));
      let handled = 0;
      while (
        subscription.poll((batch) => {
          expect(batch.intact()).toBe(true);
          for (let i = 1; i < 8; i++) publisher.publish(rowsFrom(i, 1));
          expect(batch.intact()).toBe(true);
          publisher.publish(rowsFrom(8, 1));
          expect(batch.intact()).toBe(false);
          handled++;
        }, 1) === 0 &&
        handled === 0
      )
        await new Promise((resolve) => setTimeout(resolve, 1));
      expect(handled).toBe(1);
      expect(subscription.stats().consumed).toBe(0);
      expect(await ids(subscription, 5)).toEqual([4, 5, 6, 7, 8]);
      expect(subscription.stats()).toEqual({ consumed: 5, lost: 4, lag: 0 });
    });

    it("evict: a batch that is overwritten while a loop holds it says so, and is not counted", async () => {
      const [publisher, subscription] = await pair(fickle);
      await publishAll(publisher, 0, 1);
      for await (const batch of subscription) {
        expect(batch.intact()).toBe(true);
        for (let i = 1; i < 8; i++) await publishAll(publisher, i, 1);
        await comes(remote, () => subscription.stats().lag === 8);
        expect(batch.intact()).toBe(true);
        await publishAll(publisher, 8, 1);
        await comes(remote, () => !batch.intact());
        break;
      }
      const { consumed, lost } = subscription.stats();
      expect([consumed, lost]).toEqual([0, 0]);
      const next = bus.subscribe(fickle);
      await next.ready;
      await publishAll(publisher, 9, 1);
      expect(await ids(next, 1)).toEqual([9]);
    });

    it("abort publishes nothing, nor does a commit of no rows", async () => {
      const [publisher, subscription] = await pair();
      publisher.claim()!.columns.price[0] = 1;
      publisher.abort();
      publisher.claim();
      publisher.commit(0);
      publisher.publish(rowsFrom(5, 1));
      expect(await ids(subscription, 1)).toEqual([5]);
      expect(bus.stats(trades)).toEqual({ published: 1, full: 0, subscribers: [{ consumed: 1, lost: 0, lag: 0 }] });
    });

    it("refuses claims and commits out of turn, and rows that do not fit", () => {
      const publisher = bus.publisher(trades);
      expect(codeOf(() => publisher.commit(1))).toBe("E_BUS_CLAIM");
      publisher.claim();
      expect(codeOf(() => publisher.claim())).toBe("E_BUS_CLAIM");
      expect(codeOf(() => publisher.commit())).toBe("E_BUS_ROWS");
      for (const rows of [-1, 5, 1.5, Number.NaN]) expect(codeOf(() => publisher.commit(rows))).toBe("E_BUS_ROWS");
      publisher.commit(4);
      expect(bus.stats(trades).published).toBe(4);
    });

    it("refuses columns that are not the topic's, by name", () => {
      const publisher = bus.publisher(trades);
      const good = rowsFrom(0, 2);
      const wrong = (columns: object) => {
        try {
          publisher.publish(columns as typeof good);
        } catch (error) {
          return `${(error as BusError).code} ${(error as BusError).column}`;
        }
        return "taken";
      };
      expect(wrong({ ...good, prise: good.price })).toBe("E_BUS_COLUMN prise");
      expect(wrong({ time_ns: good.time_ns, price: good.price })).toBe("E_BUS_COLUMN side");
      expect(wrong({ ...good, price: new Float32Array(2) })).toBe("E_BUS_COLUMN price");
      expect(wrong({ ...good, price: new Float64Array(3) })).toBe("E_BUS_COLUMN price");
      expect(wrong({ ...good, price: [1, 2] })).toBe("E_BUS_COLUMN price");
      expect(bus.stats(trades).published).toBe(0);
    });

    it("has one publisher at a time; the next one goes on with the sequence in a new epoch", async () => {
      const [first, subscription] = await pair();
      expect(codeOf(() => bus.publisher(trades))).toBe("E_BUS_PUBLISHER");
      first.publish(rowsFrom(0, 2));
      await first.close();
      const second = bus.publisher(trades, { producer: 7 });
      second.publish(rowsFrom(2, 2));
      const seen: number[][] = [];
      while (seen.length < 2) {
        subscription.poll(({ sequence, epoch, producer, lost }) => void seen.push([sequence, epoch, producer, lost]));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      expect(seen).toEqual([
        [0, 1, 1, 0],
        [2, 2, 7, 0],
      ]);
    });

    it("refuses the same name with other columns", () => {
      bus.publisher(trades);
      expect(codeOf(() => bus.subscribe({ ...trades, columns: { price: { dtype: "f64" } } }))).toBe("E_BUS_LAYOUT");
      expect(codeOf(() => bus.subscribe({ ...trades, rows: 8 }))).toBe("E_BUS_LAYOUT");
    });

    it("close ends the stream once everything was read", async () => {
      const [publisher, subscription] = await pair();
      publisher.publish(rowsFrom(0, 6));
      await publisher.close();
      expect(codeOf(() => publisher.publish(rowsFrom(0, 1)))).toBe("E_BUS_CLOSED");
      expect(codeOf(() => publisher.claim())).toBe("E_BUS_CLOSED");
      expect(subscription.ended).toBe(false);
      const got: number[] = [];
      for await (const batch of subscription) got.push(...idsOf(batch));
      expect(got).toEqual([0, 1, 2, 3, 4, 5]);
      expect(codeOf(() => subscription.poll(() => {}))).toBe("E_BUS_CLOSED");
    });

    it("for await sleeps until something comes, and wakes for the end", async () => {
      const [publisher, subscription] = await pair();
      const got: number[] = [];
      const reading = (async () => {
        for await (const batch of subscription) got.push(...idsOf(batch));
      })();
      for (let i = 0; i < 20; i++) {
        await new Promise((resolve) => setTimeout(resolve, i % 3));
        if (publisher.publish(rowsFrom(i, 1)) === 0) {
          await publisher.room();
          i--;
        }
      }
      await publisher.close();
      await reading;
      expect(got).toEqual(Array.from({ length: 20 }, (_, i) => i));
    });

    it("for await closes its subscription on break, and ends when that is closed elsewhere", async () => {
      const [publisher, subscription] = await pair();
      publisher.publish(rowsFrom(0, 8));
      for await (const batch of subscription) {
        expect(batch.sequence).toBe(0);
        break;
      }
      expect(codeOf(() => subscription.poll(() => {}))).toBe("E_BUS_CLOSED");
      expect(bus.stats(trades).subscribers).toEqual([]);
      const other = bus.subscribe(trades);
      setTimeout(() => other.close(), 5);
      let batches = 0;
      for await (const _ of other) batches++;
      expect(batches).toBe(0);
    });

    it("a batch is borrowed: it throws once the next is asked for, and after close", async () => {
      const [publisher, subscription] = await pair();
      publisher.publish(rowsFrom(0, 8));
      const kept: Batch<Trades>[] = [];
      while (kept.length < 2) {
        subscription.poll((batch) => void kept.push(batch), 1);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      for (const batch of kept) {
        for (const field of ["rows", "from", "columns", "sequence", "timeNs", "lost", "epoch", "producer"] as const)
          expect(codeOf(() => batch[field])).toBe("E_BUS_BATCH");
        expect(batch.intact()).toBe(false);
      }
      publisher.publish(rowsFrom(8, 1));
      let last: Batch<Trades> | undefined;
      for await (const batch of subscription) {
        last = batch;
        subscription.close();
        expect(codeOf(() => batch.columns)).toBe("E_BUS_BATCH");
      }
      expect(last).toBeDefined();
    });

    it("a batch whose handler throws comes again", async () => {
      const [publisher, subscription] = await pair();
      publisher.publish(rowsFrom(3, 1));
      let thrown = 0;
      while (thrown === 0) {
        try {
          subscription.poll(() => {
            thrown++;
            throw new Error("handler");
          });
        } catch (error) {
          expect((error as Error).message).toBe("handler");
        }
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      expect(await ids(subscription, 1)).toEqual([3]);
    });

    // It would cost a message a row; the next test but one says what happens instead.
    it.skipIf(remote)(
      "rows that are raised one by one are seen by whoever asks for open frames, each once; others get whole frames",
      async () => {
        const open = bus.subscribe(trades, { open: true });
        await open.ready;
        const [publisher, whole] = await pair();
        const seen: number[][] = [];
        const look = () => open.poll((batch) => void seen.push([batch.sequence, batch.from, batch.rows, batch.lost, ...idsOf(batch)]));
        publisher.publish(rowsFrom(0, 2));
        const slot = publisher.claim()!;
        for (const row of [0, 1, 2]) {
          slot.columns.time_ns[row] = BigInt(2 + row);
          publisher.raise(row + 1);
          if (row !== 1) while (look() === 0);
        }
        expect(codeOf(() => publisher.raise(3))).toBe("E_BUS_ROWS");
        expect(codeOf(() => publisher.raise(5))).toBe("E_BUS_ROWS");
        expect(codeOf(() => publisher.commit(2))).toBe("E_BUS_ROWS");
        expect(whole.stats().lag).toBe(1);
        publisher.commit(3);
        expect(look()).toBe(0);
        publisher.claim()!.columns.time_ns.set([5n, 6n]);
        publisher.raise(1);
        publisher.commit(2);
        look();
        publisher.claim()!.columns.time_ns[0] = 7n;
        publisher.raise(1);
        publisher.abort();
        look();
        expect(codeOf(() => publisher.raise(1))).toBe("E_BUS_CLAIM");
        expect(seen).toEqual([
          [0, 0, 2, 0, 0, 1],
          [2, 0, 1, 0, 2],
          [3, 1, 3, 0, 2, 3, 4],
          [5, 0, 2, 0, 5, 6],
          [7, 0, 1, 0, 7],
        ]);
        expect(open.stats()).toEqual({ consumed: 8, lost: 0, lag: 0 });
        expect(await ids(whole, 8)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      },
    );

    it.skipIf(remote)("a raised row wakes a sleeper, and the end of an open frame ends the stream", async () => {
      const open = bus.subscribe(trades, { open: true });
      await open.ready;
      const publisher = bus.publisher(trades);
      const got: number[] = [];
      const reading = (async () => {
        for await (const batch of open) got.push(...idsOf(batch).slice(batch.from));
      })();
      const slot = publisher.claim()!;
      for (let row = 0; row < 3; row++) {
        await new Promise((resolve) => setTimeout(resolve, 3));
        slot.columns.time_ns[row] = BigInt(row);
        publisher.raise(row + 1);
      }
      while (got.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
      await publisher.close();
      await reading;
      expect(got).toEqual([0, 1, 2]);
    });

    it.runIf(remote)("rows that are raised come with their commit", async () => {
      const open = bus.subscribe(trades, { open: true });
      await open.ready;
      const publisher = bus.publisher(trades);
      const slot = publisher.claim()!;
      slot.columns.time_ns.set([0n, 1n]);
      publisher.raise(1);
      publisher.raise(2);
      expect(codeOf(() => publisher.raise(2))).toBe("E_BUS_ROWS");
      expect(codeOf(() => publisher.commit(1))).toBe("E_BUS_ROWS");
      publisher.commit(2);
      publisher.claim()!.columns.time_ns[0] = 2n;
      publisher.raise(1);
      await publisher.close();
      const seen: number[][] = [];
      for await (const batch of open) seen.push([batch.sequence, batch.from, ...idsOf(batch)]);
      expect(seen).toEqual([
        [0, 0, 0, 1],
        [2, 0, 2],
      ]);
    });

    it("poll stops at its limit", async () => {
      const [publisher, subscription] = await pair();
      publisher.publish(rowsFrom(0, 16));
      let handled = 0;
      while (handled < 3) {
        handled += subscription.poll(() => {}, Math.min(2, 3 - handled));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      expect(await ids(subscription, 4)).toEqual([12, 13, 14, 15]);
      expect(subscription.poll(() => {}, 0)).toBe(0);
    });

    it("symbols: ids are dense, stable, and seen by subscribers", async () => {
      const [publisher, subscription] = await pair(topic({ ...trades, symbols: ["BTCUSDT", "ETHUSDT"] }));
      expect(publisher.symbols.add("ETHUSDT")).toBe(1);
      expect(publisher.symbols.add("naïve \u{1F600}")).toBe(2);
      expect(publisher.symbols.add("naïve \u{1F600}")).toBe(2);
      publisher.publish(rowsFrom(0, 1));
      expect(await ids(subscription, 1)).toEqual([0]);
      const { symbols } = subscription;
      expect([symbols.size, symbols.at(0), symbols.at(2), symbols.find("BTCUSDT"), symbols.find("nothing"), symbols.at(3)]).toEqual([
        3,
        "BTCUSDT",
        "naïve \u{1F600}",
        0,
        undefined,
        undefined,
      ]);
    });
  });
}
