/** One upstream subscription, many askers: against a plain model, over every transport, between processes and on Redis. */
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { Bus, Publisher, Topic } from "../../../src/bus/bus.js";
import { topic } from "../../../src/bus/frame.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { RedisBus } from "../../../src/bus/redis/redis_bus.js";
import { RingBus } from "../../../src/bus/ring/ring.js";
import { Hub } from "../../../src/bus/routing/hub.js";
import type { HubBatch, HubSubscription } from "../../../src/bus/routing/hub_subscription.js";
import { SharedBus } from "../../../src/bus/shared/shared_bus.js";
import { sharedFolder } from "../kit/folder.js";
import { flow } from "../kit/process.js";
import { bundleScript, Processes } from "../kit/processes.js";
import { redisServer, startRedis, whyNoRedis } from "../kit/redis_server.js";
import { codeOf } from "../kit/suite.js";

const columns = { instrument: { dtype: "u32" }, id: { dtype: "f64" }, pair: { dtype: "i32", width: 2 } } as const;
const names = ["A", "B", "C"] as const;
const quotes = topic({ name: "quotes", columns, rows: 4, slots: 4, backpressure: "block", symbols: names });
const fresh: typeof quotes = { ...quotes, backpressure: "evict" };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const rowsFor = (rows: readonly (readonly [instrument: number, id: number])[]) => ({
  instrument: Uint32Array.from(rows, ([instrument]) => instrument),
  id: Float64Array.from(rows, ([, id]) => id),
  pair: Int32Array.from(rows.flatMap(([, id]) => [id, ~id])),
});
const publish = (publisher: Publisher<typeof columns>, ...rows: (readonly [number, number])[]) => publisher.publish(rowsFor(rows));
/** Ids of a batch, each checked against its other column. */
function idsOf({ columns: of, rows, from }: HubBatch<typeof columns>): number[] {
  const ids = [...of.id.subarray(from, rows)];
  expect([...of.pair.subarray(2 * from, 2 * rows)]).toEqual(ids.flatMap((id) => [id, ~id]));
  return ids;
}
const pollAll = (subscription: HubSubscription<typeof columns>) => {
  const got: { ids: number[]; known: boolean; lost: number; missed: number; sequence: number }[] = [];
  subscription.poll((batch) => {
    const { known, lost, missed, sequence } = batch;
    got.push({ ids: idsOf(batch), known, lost, missed, sequence });
  });
  return got;
};
const flat = (got: { ids: number[] }[]) => got.flatMap(({ ids }) => ids);

function memoryHub(of: Topic<typeof columns> = quotes, options?: ConstructorParameters<typeof Hub>[1]) {
  const bus = new MemoryBus();
  return { bus, publisher: bus.publisher(of), hub: new Hub(bus, options) };
}

describe("askers share one subscription", () => {
  it("each gets the rows of its instrument, or all; what it saved is counted", () => {
    const { bus, publisher, hub } = memoryHub();
    const askers = ["A", "A", "B", undefined].map((instrument) => hub.subscribe(quotes, instrument === undefined ? {} : { instrument }));
    expect(bus.stats(quotes).subscribers).toHaveLength(1);
    publish(publisher, [0, 1], [1, 2], [0, 3], [2, 4]);
    expect(askers.map((asker) => flat(pollAll(asker)))).toEqual([[1, 3], [1, 3], [2], [1, 2, 3, 4]]);
    const { heldBytes, ...stats } = hub.stats();
    expect(stats).toEqual({
      ...{ upstreams: 1, askers: 4, instruments: 3, asked: 4, opened: 1, rows: 4, bytes: 4 * 20, missed: 0, hits: 0, misses: 4 },
      saved: { subscriptions: 3, rows: 12, bytes: 12 * 20 },
    });
    // Three lanes of four slots, a table of last rows: bounded whatever comes.
    for (let i = 0; i < 1000; i++) {
      publish(publisher, [i % 3, i]);
      for (const asker of askers) asker.poll(() => {});
    }
    expect(hub.stats().heldBytes).toBe(heldBytes);
  });

  it("an instrument by its number, and a symbol that comes later", () => {
    const { publisher, hub } = memoryHub();
    const [late, byId] = [hub.subscribe(quotes, { instrument: "LATE" }), hub.subscribe(quotes, { instrument: 1 })];
    publish(publisher, [1, 10]);
    const id = publisher.symbols.add("LATE");
    publish(publisher, [id, 11], [1, 12]);
    expect([flat(pollAll(late)), flat(pollAll(byId))]).toEqual([[11], [10, 12]]);
    expect(late.symbols.at(id)).toBe("LATE");
  });

  it("topics of one instrument each need no column", () => {
    const bus = new MemoryBus();
    const only = topic({ name: "prices.X", columns: { price: { dtype: "f64" } }, rows: 2, slots: 2, backpressure: "block" });
    const [publisher, hub] = [bus.publisher(only), new Hub(bus)];
    const first = hub.subscribe(only);
    publisher.publish({ price: Float64Array.of(7) });
    first.poll(() => {});
    const seen: unknown[] = [];
    hub.subscribe(only).poll(({ known, columns: { price } }) => seen.push(known, price[0]));
    expect(seen).toEqual([true, 7]);
    expect(codeOf(() => hub.subscribe(only, { instrument: "X" }))).toBe("E_BUS_OPTION");
  });

  it("wrong options, another layout and a closed hub are named", () => {
    const { hub, bus } = memoryHub();
    for (const wrong of [{ keep: 0 }, { keep: 1.5 }, { lingerMs: -1 }, { instruments: 0 }])
      expect(codeOf(() => new Hub(bus, wrong))).toBe("E_BUS_OPTION");
    expect(codeOf(() => new Hub(bus, { keep: 5 }).subscribe(quotes))).toBe("E_BUS_OPTION");
    expect(codeOf(() => new Hub(bus, { column: "id" }).subscribe(quotes))).toBe("E_BUS_OPTION");
    const asker = hub.subscribe(quotes);
    expect(codeOf(() => hub.subscribe({ ...quotes, rows: 8 }))).toBe("E_BUS_LAYOUT");
    hub.close();
    expect(codeOf(() => asker.poll(() => {}))).toBe("E_BUS_CLOSED");
    expect(codeOf(() => hub.subscribe(quotes))).toBe("E_BUS_CLOSED");
    expect(bus.stats(quotes).subscribers).toHaveLength(0);
  });
});

describe("who joins late", () => {
  it("first gets the last rows, marked, then what follows: no gap, no duplicate, numbers that go on", () => {
    const { publisher, hub } = memoryHub(quotes, { keep: 3 });
    const early = hub.subscribe(quotes, { instrument: "A" });
    for (let i = 0; i < 5; i++) {
      publish(publisher, [0, i], [1, 100 + i]);
      pollAll(early);
    }
    // Published, and not read by the hub yet: it is news to who joins now.
    publish(publisher, [0, 5]);
    const late = hub.subscribe(quotes, { instrument: "A" });
    publish(publisher, [0, 6]);
    expect(pollAll(late)).toEqual([
      { ids: [2, 3, 4], known: true, lost: 0, missed: 0, sequence: 2 },
      { ids: [5], known: false, lost: 0, missed: 0, sequence: 5 },
      { ids: [6], known: false, lost: 0, missed: 0, sequence: 6 },
    ]);
    expect(pollAll(late)).toEqual([]);
    const whole = pollAll(hub.subscribe(quotes));
    expect(whole.map(({ ids, known }) => [known, ids])).toEqual([
      [true, [102, 103, 104, 4]],
      [true, [5, 6]],
    ]);
    expect(pollAll(hub.subscribe(quotes, { instrument: "A", known: false }))).toEqual([]);
  });

  it("what it was lent is no longer valid when it asks for more; a handler that throws gets it again", () => {
    const { publisher, hub } = memoryHub();
    hub.subscribe(quotes).poll(() => {});
    publish(publisher, [0, 1]);
    hub.subscribe(quotes).poll(() => {});
    const late = hub.subscribe(quotes);
    expect(() =>
      late.poll(() => {
        throw new Error("not now");
      }),
    ).toThrow("not now");
    let kept: HubBatch<typeof columns> | undefined;
    late.poll((batch) => void (kept = batch));
    expect(kept!.known).toBe(true);
    expect(codeOf(() => kept!.columns)).toBe("E_BUS_BATCH");
  });
});

describe("a slow asker", () => {
  it("holds the publisher where the topic says block, and nobody else once it reads or leaves", () => {
    const { publisher, hub } = memoryHub();
    const [fast, slow] = [hub.subscribe(quotes, { instrument: "A" }), hub.subscribe(quotes, { instrument: "B" })];
    let next = 0;
    const got: number[] = [];
    // Four slots of its lane and four upstream.
    for (; publish(publisher, [0, next], [1, next]) > 0; next++) got.push(...flat(pollAll(fast)));
    expect([next, got]).toEqual([8, [0, 1, 2, 3]]);
    expect(fast.wait(5)).toBe(false);
    expect(flat(pollAll(slow))).toEqual([0, 1, 2, 3]);
    expect(flat(pollAll(fast))).toEqual([4, 5, 6, 7]);
    slow.close();
    publish(publisher, [0, 8]);
    expect(flat(pollAll(fast))).toEqual([8]);
  });

  it("loses its own place where the topic says evict, and sees what it lost", () => {
    const { publisher, hub } = memoryHub(fresh);
    const [fast, slow] = [hub.subscribe(fresh), hub.subscribe(fresh, { instrument: "A" })];
    const got: number[] = [];
    for (let i = 0; i < 10; i++) {
      expect(publish(publisher, [0, i])).toBe(1);
      got.push(...flat(pollAll(fast)));
    }
    expect(got).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(pollAll(slow).map(({ ids, lost, missed, sequence }) => [ids, lost, missed, sequence])).toEqual([
      [[6], 6, 0, 6],
      [[7], 0, 0, 7],
      [[8], 0, 0, 8],
      [[9], 0, 0, 9],
    ]);
  });

  it("is none while it reads: it takes from upstream no more than it has room for", () => {
    const { publisher, hub } = memoryHub(fresh);
    const [one, other] = [hub.subscribe(fresh), hub.subscribe(fresh)];
    for (let i = 0; i < 3; i++) publish(publisher, [0, i]);
    other.poll(() => {});
    for (let i = 3; i < 6; i++) publish(publisher, [0, i]);
    expect([pollAll(one), pollAll(one)].map(flat)).toEqual([
      [0, 1, 2, 3],
      [4, 5],
    ]);
  });

  it("rows that the hub itself was too slow for are told to everybody, with the next row of each", () => {
    const { publisher, hub } = memoryHub(fresh);
    const [a, b] = [hub.subscribe(fresh, { instrument: "A" }), hub.subscribe(fresh, { instrument: "B" })];
    for (let i = 0; i < 10; i++) publish(publisher, [0, i]);
    publish(publisher, [1, 10]);
    const lossOf = (asker: typeof a) => pollAll(asker).map(({ ids, lost, missed }) => [ids, lost, missed]);
    expect(lossOf(a)).toEqual([
      [[8], 0, 8],
      [[9], 0, 0],
    ]);
    expect(lossOf(b)).toEqual([[[10], 0, 8]]);
    expect(hub.stats()).toMatchObject({ rows: 3, missed: 8 });
  });
});

describe("the upstream subscription", () => {
  it("ends when the last asker leaves, and what was known with it", () => {
    const { bus, publisher, hub } = memoryHub();
    const askers = [hub.subscribe(quotes), hub.subscribe(quotes, { instrument: "A" })];
    publish(publisher, [0, 1]);
    for (const asker of askers) asker.poll(() => {});
    for (const asker of askers) {
      expect(bus.stats(quotes).subscribers).toHaveLength(1);
      asker.close();
      asker.close();
    }
    expect(bus.stats(quotes).subscribers).toHaveLength(0);
    expect(pollAll(hub.subscribe(quotes))).toEqual([]);
    expect(hub.stats()).toMatchObject({ asked: 3, opened: 2, saved: { subscriptions: 1 } });
  });

  it("lingers where it should, and reads on meanwhile: the next asker gets what came in between", async () => {
    const { bus, publisher, hub } = memoryHub(quotes, { lingerMs: 500 });
    hub.subscribe(quotes).close();
    for (let i = 0; i < 20; i++) {
      expect(publish(publisher, [0, i])).toBe(1);
      await pause(0);
    }
    const late = hub.subscribe(quotes, { instrument: "A" });
    expect(pollAll(late)).toMatchObject([{ ids: [19], known: true, sequence: 19 }]);
    await pause(600);
    expect(bus.stats(quotes).subscribers).toHaveLength(1);
    late.close();
    expect(hub.stats().saved.rows).toBe(-20);
    await expect.poll(() => bus.stats(quotes).subscribers.length).toBe(0);
    expect(hub.stats().upstreams).toBe(0);
  });

  it("can be held before anybody asks, and given back", async () => {
    const { bus, publisher, hub } = memoryHub();
    hub.hold(quotes);
    publish(publisher, [2, 5]);
    await pause(0);
    const asker = hub.subscribe(quotes, { instrument: "C" });
    expect(pollAll(asker)).toMatchObject([{ ids: [5], known: true }]);
    asker.close();
    expect(bus.stats(quotes).subscribers).toHaveLength(1);
    hub.release(quotes);
    expect(bus.stats(quotes).subscribers).toHaveLength(0);
  });

  it("forgets who was silent longest where there are more instruments than it keeps", () => {
    const { publisher, hub } = memoryHub(quotes, { instruments: 2 });
    const first = hub.subscribe(quotes);
    for (const row of [
      [0, 1],
      [1, 2],
      [0, 3],
      [2, 4],
    ] as const)
      publish(publisher, row);
    first.poll(() => {});
    expect(hub.stats().instruments).toBe(2);
    expect(pollAll(hub.subscribe(quotes))).toMatchObject([{ ids: [3, 4], known: true }]);
    expect(pollAll(hub.subscribe(quotes, { instrument: "B" }))).toEqual([]);
  });
});

/** What an asker has got, and rows of the topic that the hub was past when it joined. */
class Asked {
  readonly known: number[] = [];
  readonly live: number[] = [];
  lost = 0;
  missed = 0;
  private expected = -1;
  constructor(
    readonly subscription: HubSubscription<typeof columns>,
    readonly instrument: number | undefined,
    readonly position: number,
    readonly shouldKnow: readonly number[],
  ) {}
  poll(limit?: number): number {
    return this.subscription.poll((batch) => {
      const ids = idsOf(batch);
      if (batch.known) expect(this.live).toEqual([]);
      (batch.known ? this.known : this.live).push(...ids);
      if (this.expected >= 0) expect(batch.sequence).toBe(this.expected + batch.lost);
      this.expected = batch.sequence + ids.length;
      this.lost += batch.lost;
      this.missed += batch.missed;
    }, limit);
  }
}
const of = (log: readonly number[], instrument: number | undefined, from = 0) =>
  log.flatMap((of, id) => (id >= from && (instrument === undefined || of === instrument) ? [id] : []));

type Step =
  | { readonly publish: number[] }
  | { readonly join: number | undefined }
  | { readonly leave: number }
  | { readonly poll: number; readonly limit: number };
const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ publish: fc.array(fc.nat(2), { minLength: 1, maxLength: 4 }) }) },
    { weight: 2, arbitrary: fc.record({ join: fc.option(fc.nat(2), { nil: undefined }) }) },
    { weight: 1, arbitrary: fc.record({ leave: fc.nat(9) }) },
    { weight: 4, arbitrary: fc.record({ poll: fc.nat(9), limit: fc.constantFrom(1, 2, 100) }) },
  ),
  { maxLength: 80, size: "max" },
) as fc.Arbitrary<Step[]>;

describe("random joins, leaves, publications and reads", () => {
  it.each([quotes, fresh])("$backpressure: against a plain model", (of_) => {
    fc.assert(
      fc.property(steps, fc.constantFrom(1, 2), (run, keep) => check(run, of_, keep)),
      { numRuns: 200 },
    );
  });
});

/** The model is a list of the rows published, their ids being their places in it, and of those that the hub has read. */
function check(run: readonly Step[], on: Topic<typeof columns>, keep: number): void {
  const { bus, publisher, hub } = memoryHub(on, { keep });
  const log: number[] = [];
  const askers: Asked[] = [];
  const model = { asked: 0, opened: 0, wanted: 0 };
  let position = 0;
  let read: number[] = [];
  const act = (poll: () => number) => {
    const [before, present] = [hub.stats(), askers.length];
    const handled = poll();
    const [rows, missed] = [hub.stats().rows - before.rows, hub.stats().missed - before.missed];
    // Rows that were taken away are the oldest.
    read.push(...Array.from({ length: rows }, (_, i) => position + missed + i));
    position += rows + missed;
    model.wanted += rows * present;
    return handled;
  };
  const lastOf = (instrument: number) => read.filter((id) => log[id] === instrument).slice(-keep);
  const join = (instrument: number | undefined) => {
    if (askers.length === 0) {
      [position, read] = [log.length, []];
      model.opened++;
    }
    model.asked++;
    const shouldKnow = instrument === undefined ? [0, 1, 2].flatMap(lastOf) : lastOf(instrument);
    const subscription = hub.subscribe(on, instrument === undefined ? {} : { instrument: names[instrument]! });
    askers.push(new Asked(subscription, instrument, position, shouldKnow));
  };
  for (const step of run) {
    if ("publish" in step) {
      const taken = publish(publisher, ...step.publish.map((instrument, i) => [instrument, log.length + i] as const));
      log.push(...step.publish.slice(0, taken));
    } else if ("join" in step) join(step.join);
    else if (askers.length > 0) {
      const at = ("leave" in step ? step.leave : step.poll) % askers.length;
      if ("poll" in step) act(() => askers[at]!.poll(step.limit));
      else askers.splice(at, 1)[0]!.subscription.close();
    }
    expect([hub.stats().askers, bus.stats(on).subscribers.length]).toEqual([askers.length, Math.min(1, askers.length)]);
    for (const { live, instrument, position: from } of askers) {
      const should = of(log, instrument, from);
      if (on.backpressure === "block") expect(live).toEqual(should.slice(0, live.length));
      else expect(live).toEqual(should.filter((id) => live.includes(id)));
    }
  }
  while (askers.some((asker) => act(() => asker.poll()) > 0));
  for (const { live, known, shouldKnow, instrument, position: from, lost, missed } of askers) {
    expect(known.toSorted((a, b) => a - b)).toEqual(shouldKnow.toSorted((a, b) => a - b));
    if (on.backpressure === "block") expect(live).toEqual(of(log, instrument, from));
    else if (instrument === undefined) expect(live.length + lost + missed).toBe(log.length - from);
  }
  const { asked, opened, rows, saved } = hub.stats();
  expect({ asked, opened, wanted: saved.rows + rows, subscriptions: saved.subscriptions }).toEqual({
    ...model,
    subscriptions: model.asked - model.opened,
  });
}

describe.each([
  ["memory", () => new MemoryBus()],
  ["ring", () => new RingBus()],
  ["shared", () => new SharedBus({ folder: shared() })],
] as [string, () => Bus][])("over %s", (_, makeBus) => {
  it("askers in an event loop get every row, and end with the topic", async () => {
    const bus = makeBus();
    const publisher = bus.publisher(quotes);
    const hub = new Hub(bus);
    const read = async (asker: HubSubscription<typeof columns>) => {
      const ids: number[] = [];
      for await (const batch of asker) ids.push(...idsOf(batch));
      return ids;
    };
    const readers = ["A", "B", undefined].map((instrument) => read(hub.subscribe(quotes, instrument === undefined ? {} : { instrument })));
    for (let i = 0; i < 200; ) {
      if (publish(publisher, [i % 2, i]) > 0) i++;
      else await publisher.room();
    }
    publisher.close();
    const all = Array.from({ length: 200 }, (_, i) => i);
    expect(await Promise.all(readers)).toEqual([all.filter((i) => i % 2 === 0), all.filter((i) => i % 2 === 1), all]);
    expect(hub.stats()).toMatchObject({ upstreams: 0, askers: 0, opened: 1, asked: 3, rows: 200, saved: { subscriptions: 2, rows: 400 } });
    await bus.close();
  });

  it("a thread that polls: wait is true when there is something for it, and false in time", () => {
    const bus = makeBus();
    const publisher = bus.publisher(quotes);
    const asker = new Hub(bus).subscribe(quotes, { instrument: "B" });
    publish(publisher, [0, 1]);
    expect(asker.wait(20)).toBe(false);
    publish(publisher, [1, 2]);
    expect(asker.wait(20)).toBe(true);
    expect(flat(pollAll(asker))).toEqual([2]);
    publisher.close();
    expect([asker.wait(20), asker.ended]).toEqual([true, true]);
    void bus.close();
  });
});

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
function shared(): string {
  const { folder, remove } = sharedFolder();
  ends.push(remove);
  return folder;
}

it("between processes: another one publishes, eight askers here take one place in its ring", async () => {
  const script = await bundleScript("../kit/process.ts");
  const processes = new Processes();
  const folder = shared();
  const bus = new SharedBus({ folder });
  ends.push(
    () => script.remove(),
    () => bus.close(),
    () => processes.end(),
  );
  const rows = 20_000;
  const hub = new Hub(bus, { instruments: 16 });
  const askers = Array.from({ length: 8 }, () => hub.subscribe(flow));
  processes.start(script.file, { role: "publish", folder, rows });
  expect(bus.stats(flow).subscribers).toHaveLength(1);
  const sums = await Promise.all(
    askers.map(async (asker) => {
      let next = 0;
      for await (const batch of asker)
        for (let i = batch.from; i < batch.rows; i++)
          if (batch.columns.id[i] !== next++) return `row ${next - 1} is ${batch.columns.id[i]}`;
      return next;
    }),
  );
  expect(sums).toEqual(askers.map(() => rows));
  expect(hub.stats()).toMatchObject({ instruments: 0, opened: 1, saved: { subscriptions: 7, rows: 7 * rows } });
});

it.skipIf(!redisServer)(
  redisServer ? "on Redis: ten askers are one subscriber there, gone with the last" : `skipped: ${whyNoRedis}`,
  async () => {
    const server = await startRedis();
    const [here, there] = [new RedisBus({ url: server.socket }), new RedisBus({ url: server.socket })];
    ends.push(
      () => server.stop(),
      () => Promise.all([here.close(), there.close()]),
    );
    const publisher = there.publisher(quotes);
    await publisher.ready;
    const hub = new Hub(here);
    const askers = Array.from({ length: 10 }, (_, i) => hub.subscribe(quotes, { instrument: names[i % 3]! }));
    await Promise.all(askers.map(({ ready }) => ready));
    expect((await there.look(quotes)).subscribers).toHaveLength(1);
    const got = askers.map(async (asker) => {
      const ids: number[] = [];
      for await (const batch of asker) ids.push(...idsOf(batch));
      return ids;
    });
    for (let i = 0; i < 300; ) {
      if (publish(publisher, [i % 3, i], [i % 3, i + 1], [i % 3, i + 2]) > 0) i += 3;
      else await publisher.room();
    }
    // It is read from the start: whoever does not read holds the others up, as the topic wants it.
    const late = hub.subscribe(quotes, { instrument: "A" });
    const seen = (async () => {
      let [known, rows] = [false, 0];
      for await (const batch of late) [known, rows] = [known || batch.known, rows + batch.rows];
      return known || rows > 0;
    })();
    await publisher.close();
    const all = Array.from({ length: 300 }, (_, i) => i);
    const mine = (instrument: number) => all.filter((id) => (id - (id % 3)) % 3 === instrument);
    expect((await Promise.all(got))[0]).toEqual(mine(0));
    expect(await seen).toBe(true);
    await expect.poll(async () => (await there.look(quotes)).subscribers.length).toBe(0);
  },
);
