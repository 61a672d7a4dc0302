/** Reading a topic where the hub reads it: every batch once, and the last rows as of that batch. */
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { Publisher } from "../../../src/bus/bus.js";
import { topic } from "../../../src/bus/frame.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { RingBus } from "../../../src/bus/ring/ring.js";
import { Hub } from "../../../src/bus/routing/hub.js";
import type { Followed } from "../../../src/bus/routing/hub_upstream.js";
import { Places } from "../../../src/bus/routing/places.js";

const columns = { instrument: { dtype: "u32" }, id: { dtype: "f64" } } as const;
const quotes = topic({ name: "quotes", columns, rows: 4, slots: 4, backpressure: "evict", symbols: ["A", "B", "C"] });
const close: (() => unknown)[] = [];
afterEach(() => {
  for (const one of close.splice(0).reverse()) one();
});
const publish = (publisher: Publisher<typeof columns>, ...rows: (readonly [number, number])[]) =>
  publisher.publish({ instrument: Uint32Array.from(rows, ([of]) => of), id: Float64Array.from(rows, ([, id]) => id) });

function followed(bus: MemoryBus | RingBus) {
  const publisher = bus.publisher(quotes);
  const hub = new Hub(bus);
  const seen: { ids: number[]; sequence: number; lost: number; of: Record<number, number[]> }[] = [];
  const take = ({ rows, columns: of, places, sequence, lost }: Followed<typeof columns>) => {
    const ids = [...of.id.subarray(0, rows)];
    const split = Object.fromEntries([...places].map(([id, at]) => [id, [...at].map((row) => of.id[row]!)]));
    seen.push({ ids, sequence, lost, of: split });
  };
  const failures: unknown[] = [];
  const following = hub.follow(quotes, { batch: take, failed: (error) => failures.push(error) });
  close.push(
    () => bus.close(),
    () => hub.close(),
  );
  const lastOf = (instrument?: string) => {
    const { columns: of, rows } = following.last(instrument);
    return [...rows].map((row) => of.id[row]!);
  };
  return { publisher, hub, bus, seen, failures, following, lastOf };
}
const until = async (done: () => boolean) => {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 1));
};

describe.each([
  ["memory", () => new MemoryBus()],
  ["ring", () => new RingBus()],
] as const)("a follower on %s", (_, make) => {
  it("gets every batch with the topic's own numbers, its rows by instrument, and the last rows as of it", async () => {
    const { publisher, seen, lastOf, following, hub } = followed(make());
    expect(following.column).toBe("instrument");
    publish(publisher, [0, 1], [1, 2], [0, 3]);
    await until(() => seen.length === 1);
    expect(seen[0]).toEqual({ ids: [1, 2, 3], sequence: 0, lost: 0, of: { 0: [1, 3], 1: [2] } });
    expect([lastOf("A"), lastOf("B"), lastOf("C"), lastOf()]).toEqual([[3], [2], [], [3, 2]]);
    publish(publisher, [1, 4]);
    await until(() => seen.length === 2);
    expect([seen[1]!.sequence, lastOf("B")]).toEqual([3, [4]]);
    const { hits, misses, opened } = hub.stats();
    expect([hits, misses, opened]).toEqual([4, 1, 1]);
  });

  it("goes on when a publisher opens the topic again, without losing a row", async () => {
    const { bus, publisher, seen } = followed(make());
    publish(publisher, [0, 1]);
    publisher.close();
    await until(() => seen.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const again = bus.publisher(quotes);
    publish(again, [0, 2]);
    await until(() => seen.length === 2);
    expect(seen.map(({ ids, lost }) => [ids, lost])).toEqual([
      [[1], 0],
      [[2], 0],
    ]);
  });

  it("leaves with its last follower, and is told where reading fails", async () => {
    const { hub, bus, following, failures, publisher, seen } = followed(make());
    const asker = hub.subscribe(quotes, { instrument: "A" });
    following.close();
    publish(publisher, [0, 1]);
    expect(hub.stats().upstreams).toBe(1);
    asker.close();
    expect([hub.stats().upstreams, bus.stats(quotes).subscribers, seen]).toEqual([0, [], []]);
    const error = new Error("gone");
    const broken = new Hub({ subscribe: (of) => Object.assign(bus.subscribe(of), { arrival: () => Promise.reject(error) }) });
    broken.follow(quotes, { batch: () => {}, failed: (why) => failures.push(why) });
    await until(() => failures.length > 0);
    broken.close();
    expect(failures).toEqual([error]);
  });
});

describe("rows by instrument", () => {
  it("are those of a plain sort, whatever the ids, batch after batch", () => {
    const id = fc.oneof(fc.nat(5), fc.nat(200), fc.constantFrom(65_535, 65_536, 2 ** 31, 2 ** 32 - 1));
    const places = new Places(64);
    fc.assert(
      fc.property(fc.array(id, { maxLength: 64 }), (given) => {
        const want = new Map<number, number[]>();
        for (const [row, one] of given.entries()) want.set(one, [...(want.get(one) ?? []), row]);
        const got = [...places.sort(Uint32Array.from(given), given.length)].map(([one, rows]) => [one, [...rows]]);
        expect(got).toEqual([...want]);
      }),
    );
  });
});

describe("askers that come late", () => {
  it("are hits where last rows were known, misses where not, nothing where they asked for none", () => {
    const bus = new MemoryBus();
    const [publisher, hub] = [bus.publisher(quotes), new Hub(bus)];
    const first = hub.subscribe(quotes, { instrument: "A" });
    publish(publisher, [0, 1]);
    first.poll(() => {});
    for (const instrument of ["A", "A", "B"]) hub.subscribe(quotes, { instrument });
    hub.subscribe(quotes, { instrument: "A", known: false });
    const { hits, misses } = hub.stats();
    expect([hits, misses]).toEqual([2, 2]);
  });
});
