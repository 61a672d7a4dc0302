import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Cache, type CacheOptions, ENTRY_BYTES, sizeOf } from "../../../src/bus/cache/cache.js";
import { Frequency, hashOf } from "../../../src/bus/cache/frequency.js";
import { callKey, contentHash } from "../../../src/bus/cache/key.js";
import { codeOf } from "../kit/suite.js";

const cost = (key: string, bytes: number) => bytes + 2 * key.length + ENTRY_BYTES;

describe("cache", () => {
  it("answers an equal call without computing it again", () => {
    const cache = new Cache<Float64Array>({ bytes: 10_000 });
    const computed: string[] = [];
    const call = (key: string) =>
      cache.call(key, () => {
        computed.push(key);
        return new Float64Array(10);
      });
    const first = call("a");
    expect(call("a")).toBe(first);
    expect(cache.get("a")).toBe(first);
    expect(cache.get("b")).toBeUndefined();
    call("b");
    expect(computed).toEqual(["a", "b"]);
    expect(cache.stats()).toEqual({
      hits: 2,
      misses: 3,
      shared: 0,
      evictions: 0,
      expirations: 0,
      refused: 0,
      entries: 2,
      bytes: 2 * cost("a", 80),
    });
  });

  it("a result is as old as allowed and not older; memory of old ones is given back", () => {
    let now = 0;
    const cache = new Cache<number>({ bytes: 10_000, ttlMs: 100, nowMs: () => now });
    cache.set("a", 1);
    now = 60;
    cache.set("b", 2);
    now = 99.9;
    expect(cache.get("a")).toBe(1);
    now = 100;
    expect(cache.get("a")).toBeUndefined();
    expect(cache.get("b")).toBe(2);
    cache.set("b", 3);
    now = 199;
    expect(cache.get("b")).toBe(3);
    now = 200;
    expect(cache.stats()).toMatchObject({ expirations: 2, evictions: 0, entries: 0, bytes: 0 });
  });

  it("refuses what is larger than itself, and drops what it had under that key", () => {
    const cache = new Cache<Uint8Array>({ bytes: 2000 });
    expect(cache.set("a", new Uint8Array(1000))).toBe(true);
    expect(cache.set("a", new Uint8Array(5000))).toBe(false);
    expect(cache.set("b", new Uint8Array(1), Number.NaN)).toBe(false);
    expect(cache.get("a")).toBeUndefined();
    expect(cache.stats()).toMatchObject({ refused: 2, entries: 0, bytes: 0, evictions: 0 });
    for (const options of [{ bytes: 0 }, { bytes: Number.NaN }, { bytes: 1, ttlMs: 0 }])
      expect(codeOf(() => new Cache(options))).toBe("E_BUS_OPTION");
  });

  it("keeps what is asked for often through a scan, where the least recently used would be lost, and follows a change", () => {
    const cache = new Cache<number>({ bytes: 100 * cost("000", 8) });
    const lru = new Map<string, true>();
    const hits = { cache: 0, lru: 0 };
    const ask = (id: number) => {
      const key = String(id).padStart(3, "0");
      if (lru.delete(key)) hits.lru++;
      else if (lru.size >= 100) lru.delete(lru.keys().next().value!);
      lru.set(key, true);
      if (cache.get(key) !== undefined) hits.cache++;
      else cache.set(key, id);
    };
    for (let round = 0; round < 40; round++) {
      for (let hot = 0; hot < 60; hot++) ask(hot);
      for (let scan = 0; scan < 100; scan++) ask(100 + ((round * 100 + scan) % 900));
    }
    expect(hits.lru).toBe(0);
    expect(hits.cache).toBeGreaterThan(39 * 60 * 0.9);
    for (let round = 0; round < 20; round++) for (let hot = 200; hot < 260; hot++) ask(hot);
    hits.cache = 0;
    for (let hot = 200; hot < 260; hot++) ask(hot);
    expect(hits.cache).toBeGreaterThan(55);
    const { bytes, entries } = cache.stats();
    expect([bytes <= 100 * cost("000", 8), entries > 95]).toEqual([true, true]);
  });

  it("knows the bytes of plain results", () => {
    expect(sizeOf(new Float32Array(10))).toBe(40);
    expect(sizeOf({ vpin: new Float64Array(4), name: "abc", at: 1 })).toBe(3 * 8 + 32 + 6 + 8);
    expect(sizeOf([new ArrayBuffer(16), null])).toBe(16 + 16 + 8);
  });
});

describe("single flight", () => {
  const pending = () => {
    const flights: { resolve(value: string): void; reject(error: Error): void }[] = [];
    const compute = () => new Promise<string>((resolve, reject) => flights.push({ resolve, reject }));
    return { flights, compute };
  };

  it("equal calls that come together are computed once", async () => {
    const cache = new Cache<string>({ bytes: 10_000 });
    const { flights, compute } = pending();
    const answers = [cache.share("a", compute), cache.share("b", compute), cache.share("a", compute), cache.share("a", compute)];
    await Promise.resolve();
    expect(flights.length).toBe(2);
    flights[1]!.resolve("of b");
    flights[0]!.resolve("of a");
    expect(await Promise.all(answers)).toEqual(["of a", "of b", "of a", "of a"]);
    expect(await cache.share("a", compute)).toBe("of a");
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 2, shared: 2, entries: 2 });
  });

  it("a failure reaches all who wait and is not kept", async () => {
    const cache = new Cache<string>({ bytes: 10_000 });
    const { flights, compute } = pending();
    const answers = Promise.allSettled([cache.share("a", compute), cache.share("a", compute)]);
    await Promise.resolve();
    flights[0]!.reject(new Error("no"));
    expect((await answers).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    const thrown = () => {
      throw new Error("at once");
    };
    await expect(cache.share("a", thrown)).rejects.toThrow("at once");
    expect(await cache.share("a", () => "now")).toBe("now");
    expect(cache.get("a")).toBe("now");
  });

  it("a result that was set, deleted or cleared meanwhile is not replaced by the older one", async () => {
    for (const meanwhile of ["set", "delete", "clear"] as const) {
      const cache = new Cache<string>({ bytes: 10_000 });
      const { flights, compute } = pending();
      const old = cache.share("a", compute);
      await Promise.resolve();
      if (meanwhile === "set") cache.set("a", "newer");
      else if (meanwhile === "delete") cache.delete("a");
      else cache.clear();
      const next = meanwhile === "set" ? undefined : cache.share("a", compute);
      await Promise.resolve();
      flights[0]!.resolve("older");
      expect(await old).toBe("older");
      expect(cache.get("a")).toBe(meanwhile === "set" ? "newer" : undefined);
      flights[1]?.resolve("newer");
      await next;
      expect(cache.get("a")).toBe("newer");
    }
  });
});

/** The same policy on plain arrays, oldest first. */
class Naive {
  readonly counts = { hits: 0, misses: 0, evictions: 0, expirations: 0, refused: 0 };
  window: Item[] = [];
  probation: Item[] = [];
  kept: Item[] = [];
  private readonly frequency = new Frequency();
  constructor(
    private readonly bytes: number,
    private readonly ttlMs: number,
  ) {}
  get all(): Item[] {
    return [...this.window, ...this.probation, ...this.kept];
  }
  private take(item: Item): void {
    for (const list of ["window", "probation", "kept"] as const) this[list] = this[list].filter((one) => one !== item);
  }
  expire(now: number): void {
    for (const item of this.all)
      if (item.at + this.ttlMs <= now) {
        this.take(item);
        this.counts.expirations++;
      }
  }
  delete(key: string): void {
    for (const item of this.all) if (item.key === key) this.take(item);
  }
  get(key: string, now: number): number | undefined {
    this.frequency.note(hashOf(key));
    const item = this.all.find((one) => one.key === key);
    if (item && item.at + this.ttlMs <= now) {
      this.take(item);
      this.counts.expirations++;
    } else if (item) {
      this.counts.hits++;
      const list = this.window.includes(item) ? "window" : "kept";
      this.take(item);
      this[list].push(item);
      while (sum(this.kept) > Math.floor((this.bytes - Math.floor(this.bytes / 100)) * 0.8)) this.probation.push(this.kept.shift()!);
      return item.value;
    }
    this.counts.misses++;
    return undefined;
  }
  set(key: string, value: number, size: number, now: number): void {
    this.delete(key);
    this.expire(now);
    const windowBytes = Math.floor(this.bytes / 100);
    const item = { key, value, bytes: cost(key, size), at: now };
    if (item.bytes > this.bytes - windowBytes) {
      this.counts.refused++;
      return;
    }
    this.window.push(item);
    this.frequency.hold(this.all.length);
    while (sum(this.window) > windowBytes) {
      const candidate = this.window.shift()!;
      const room = this.bytes - windowBytes - candidate.bytes;
      const main = [...this.probation, ...this.kept];
      let go = 0;
      while (sum(main.slice(go)) > room) go++;
      const fame = (items: Item[]) => items.reduce((total, one) => total + this.frequency.of(hashOf(one.key)), 0);
      if (go > 0 && fame([candidate]) <= fame(main.slice(0, go))) this.counts.evictions++;
      else {
        for (const victim of main.slice(0, go)) this.take(victim);
        this.counts.evictions += go;
        this.probation.push(candidate);
      }
    }
  }
}
type Item = { key: string; value: number; bytes: number; at: number };
const sum = (items: Item[]) => items.reduce((total, { bytes }) => total + bytes, 0);

describe("cache and naive model", () => {
  const key = fc.oneof(fc.nat(12), fc.nat(300)).map((n) => `k${n}`);
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant("fetch" as const), key, size: fc.nat(900), passMs: fc.nat(3) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("get" as const), key, size: fc.constant(0), passMs: fc.nat(2) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("set" as const), key, size: fc.nat(6000), passMs: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const), key, size: fc.constant(0), passMs: fc.nat(40) }) },
  );
  it("hold the same, count the same, whatever is asked; bytes are never above the bound", () => {
    const options = fc.record({ bytes: fc.constantFrom(400, 4000, 50_000), ttlMs: fc.constantFrom(20, 200, Number.POSITIVE_INFINITY) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: "max" }), options, (steps, { bytes, ttlMs }) => {
        let now = 0;
        const given: CacheOptions<number> = { bytes, ttlMs, nowMs: () => now };
        const cache = new Cache<number>(given);
        const naive = new Naive(bytes, ttlMs);
        let value = 0;
        for (const one of steps) {
          now += one.passMs;
          if (one.do === "fetch" || one.do === "get") {
            const got = cache.get(one.key);
            expect(got).toBe(naive.get(one.key, now));
            if (got !== undefined || one.do === "get") continue;
          }
          if (one.do === "delete") {
            cache.delete(one.key);
            naive.delete(one.key);
          } else {
            cache.set(one.key, ++value, one.size);
            naive.set(one.key, value, one.size, now);
          }
          const stats = cache.stats();
          naive.expire(now);
          expect(stats).toMatchObject({ ...naive.counts, entries: naive.all.length, bytes: sum(naive.all) });
          expect(stats.bytes).toBeLessThanOrEqual(bytes);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("the sketch is never below the true count, and forgets", () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 150 }), (keys) => {
        const frequency = new Frequency(16);
        const counts = new Map<string, number>();
        for (const one of keys) {
          frequency.note(hashOf(one));
          counts.set(one, Math.min(15, (counts.get(one) ?? 0) + 1));
        }
        for (const [one, count] of counts) expect(frequency.of(hashOf(one))).toBeGreaterThanOrEqual(count);
      }),
    );
    const frequency = new Frequency(512);
    for (let i = 0; i < 15; i++) frequency.note(hashOf("hot"));
    for (let i = 0; i < 5120; i++) frequency.note(hashOf(`cold ${i % 200}`));
    expect(frequency.of(hashOf("hot"))).toBeLessThan(12);
    const grown = new Frequency(16);
    grown.hold(3000);
    for (let i = 0; i < 1000; i++) grown.note(hashOf(`trades.BTCUSDT/1/${i}`));
    const over = Array.from({ length: 1000 }, (_, i) => grown.of(hashOf(`trades.BTCUSDT/1/${i}`))).filter((count) => count > 1);
    expect(over.length).toBeLessThan(30);
  });
});

describe("key of a call", () => {
  it("hashes bytes as MurmurHash3_x86_128 does", () => {
    // From mmh3 5 (Python), hash_bytes(x, 0, x64arch=False), as four little-endian words.
    const hex = (of: ArrayBufferView) =>
      contentHash(of)
        .split(".")
        .map((word) => (Number(word) >>> 0).toString(16).padStart(8, "0"))
        .join("");
    const text = (of: string) => hex(new TextEncoder().encode(of));
    expect(text("")).toBe("0".repeat(32));
    expect(text("a")).toBe("a794933c5556b01b5556b01b5556b01b");
    expect(text("hello, world")).toBe("8b21605cb9b98a1e93273a83eb5957c7");
    expect(text("The quick brown fox jumps over the lazy dog")).toBe("2f1583c3ecee2c675d7bf66ce5e91d2c");
    expect(hex(Uint8Array.from({ length: 31 }, (_, i) => i + 1))).toBe("5c3ec2e2e5005fc5067a8f344fcbe20a");
    expect(hex(Float64Array.of(1, 2.5, -3, Number.POSITIVE_INFINITY, 1e300))).toBe("108a8100cd3551b60dd295cb8a717730");
  });

  it("reads the bytes of the view alone, wherever they lie", () => {
    const bytes = Uint8Array.from({ length: 64 }, (_, i) => i);
    for (let from = 0; from < 20; from++)
      expect(contentHash(bytes.subarray(from, from + 33))).toBe(contentHash(bytes.slice(from, from + 33)));
  });

  it("is equal for equal calls, and for no others", () => {
    const price = Float64Array.of(1, 2, 3);
    const base = callKey("vpin", { window: 50, rule: "tick" }, { price, size: price });
    expect(callKey("vpin", { rule: "tick", window: 50, seed: undefined }, { size: price.slice(), price: price.slice() })).toBe(base);
    const others = [
      callKey("bars", { window: 50, rule: "tick" }, { price, size: price }),
      callKey("vpin", { window: 51, rule: "tick" }, { price, size: price }),
      callKey("vpin", { window: "50", rule: "tick" }, { price, size: price }),
      callKey("vpin", { window: 50n, rule: "tick" }, { price, size: price }),
      callKey("vpin", { window: 50, rule: 'tick"|seed="1' }, { price, size: price }),
      callKey("vpin", { window: 50 }, { price, size: price }),
      callKey("vpin", { window: 50, rule: "tick" }, { price, size: Float64Array.of(1, 2, -3) }),
      callKey("vpin", { window: 50, rule: "tick" }, { price, size: new Int8Array(price.buffer) }),
      callKey("vpin", { window: 50, rule: "tick" }, { price }),
      callKey("vpin", { window: 50, rule: "tick" }, "trades/1/1024"),
      callKey("vpin", { window: 50, rule: "tick" }, 1024),
      callKey("vpin", { window: 0 }, 1),
      callKey("vpin", { window: -0 }, 1),
    ];
    expect(new Set([base, ...others]).size).toBe(others.length + 1);
  });
});
